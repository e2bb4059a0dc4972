"""What the effect of a plan is split among: its five actions, or the channels that its levers act through."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sim.policy.channels import Channel
from sim.policy.levers import ACTIONS, Lever, load_catalogue
from sim.policy.scenario import Scenario

FAMILIES = {
    "services": ("Hukou, permits and services", "落户、居住证与公共服务"),
    "schools": ("Schools", "学校"),
    "homes": ("Homes and land", "住房与土地"),
    "work": ("Jobs, wages and insurance", "就业、工资与社会保险"),
    "travel": ("Travel", "交通"),
    "living": ("What living there is worth", "宜居与服务设施"),
    "delivery": ("Share delivered", "落实率"),
}
"""Families of channels, in the order of `FIRST_OF`."""
FIRST_OF = {
    "services": Channel.HUKOU_BARRIER_CUT, "schools": Channel.SEATS_GAP_CLOSED, "homes": Channel.RENTAL_HOMES,
    "work": Channel.INSURANCE_OPEN, "travel": Channel.TRAVEL_TIME_CUT, "living": Channel.AMENITY,
    "delivery": Channel.DELIVERY,
}  # fmt: skip
"""The channel with which each family begins; it reaches to the next."""


@dataclass(frozen=True)
class Parts:
    """What an effect is split among.

    Parameters
    ----------
    names
        Name of each part in English and Chinese, by key.
    key_of
        The part to which a lever belongs.
    word
        What stands in the names of scenarios that hold some parts only.
    """

    names: Mapping[str, tuple[str, str]]
    key_of: Callable[[Lever], str]
    word: str

    def acting_in(self, *plans: Scenario) -> "Parts":
        """Return only those parts to which a lever of one of the plans with a size belongs."""
        levers = load_catalogue().levers
        acting = {self.key_of(levers[name]) for plan in plans for name, one in plan.levers.items() if one.magnitude}
        return Parts({key: names for key, names in self.names.items() if key in acting}, self.key_of, self.word)


def family_of(lever: Lever) -> str:
    """Return the family of the channel that a lever acts through.

    Raises
    ------
    ValueError
        If it acts through none.
    """
    order = list(Channel)
    if lever.channel is None:
        raise ValueError(f"{lever.name} has no channel")
    return max((key for key in FIRST_OF if order.index(FIRST_OF[key]) <= order.index(lever.channel)),
               key=lambda key: order.index(FIRST_OF[key]))  # fmt: skip


BY_ACTION = Parts(ACTIONS, lambda lever: lever.action, "actions")
BY_CHANNEL = Parts(FAMILIES, family_of, "channels")
