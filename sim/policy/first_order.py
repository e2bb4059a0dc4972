"""What each channel moves first, and which way: the claim that a lever makes before anything answers to it.

What follows later (who comes, what that does to wages and rents) may go either way and is not claimed here.
"""

from dataclasses import dataclass

from sim.messages import Message, either, say
from sim.policy.channels import Channel
from sim.policy.levers import Lever, load_catalogue
from sim.results.indicator_names import title_of


@dataclass(frozen=True)
class FirstOrder:
    """What moves first.

    Attributes
    ----------
    outcome
        An indicator of results, or a name of what the model holds beside them (`worth`: what living in the towns of a
        place is worth to people; `worth_newcomers`: to people from elsewhere; `worth_village`: in its villages;
        `worth_old`: from age 60; `care_cost`: of living apart from kin in need; `worth_school`: of a public place;
        `trained`, `vocational`, `beds`, `insured`, `rooms`, `land`, `minutes`, `order`).
    sign
        1 if more of the channel means more of it, -1 if less, 0 if only who gets it changes.
    words
        The outcome in words, where it is no indicator.
    """

    outcome: str
    sign: int
    words: Message | None = None

    @property
    def said(self) -> Message:
        """The outcome in words."""
        return self.words or either(title_of(self.outcome, "en"), title_of(self.outcome, "zh"))


WORTH = say("What living in its towns is worth")
NEWCOMERS = say("What its towns are worth to people from elsewhere")
MINUTES = say("Minutes of the journey")
INSURED = say("Workers from elsewhere without the loss from limits on insurance")

FIRST: dict[Channel, FirstOrder] = {
    Channel.HUKOU_BARRIER_CUT: FirstOrder("conversions_in", 1),
    Channel.CONVERSION_EASE: FirstOrder("conversions_in", 1),
    Channel.RETURN_HUKOU: FirstOrder("hukou_urban_share", -1),
    Channel.PERMIT_RATE: FirstOrder("permit_or_hukou_share", 1),
    Channel.PERMIT_WAIT: FirstOrder("permit_or_hukou_share", 1),
    Channel.SERVICE_CEILING: FirstOrder("entitlement_index", 1),
    Channel.SERVICE_LADDER: FirstOrder("entitlement_index", 1),
    Channel.SEATS_GAP_CLOSED: FirstOrder("school_places", 1),
    Channel.SEATS_PRESCHOOL: FirstOrder("school_shortage", -1),
    Channel.SEATS_RESPONSE: FirstOrder("school_places", 1),
    Channel.SCHOOL_CLASS_MERGE: FirstOrder("migrant_children_in_public", 1),
    Channel.RENTER_CLASS_MERGE: FirstOrder("order", 0, say("Who is admitted first, not how many")),
    Channel.VOCATIONAL_ACCESS: FirstOrder("vocational", 1, say("Youth at vocational schools")),
    Channel.VOCATIONAL_INTAKE: FirstOrder("vocational", 1, say("Youth at vocational schools")),
    Channel.SCHOOL_QUALITY: FirstOrder("worth_school", 1, say("What a public school place is worth")),
    Channel.RENTAL_HOMES: FirstOrder("rental_homes", 1),
    Channel.DORMITORY_BEDS: FirstOrder("beds", 1, say("Dormitory beds")),
    Channel.RENTAL_ELIGIBILITY: FirstOrder("rental_queue", 1),
    Channel.RENT_SUBSIDY: FirstOrder("worth", 1, WORTH),
    Channel.HOUSING_SUPPLY: FirstOrder("vacancy", 1),
    Channel.DEMOLITION: FirstOrder("vacancy", -1),
    Channel.INFORMAL_RENTAL: FirstOrder("vacancy", -1),
    Channel.LAND_SUPPLY: FirstOrder("land", 1, say("Land for building")),
    Channel.LAND_FOLLOWS_PEOPLE: FirstOrder(
        "land", 1, say("Land for building where residents grow, less where they fall")
    ),
    Channel.LAND_SECURITY: FirstOrder("conversions_in", 1),
    Channel.LAND_INCOME: FirstOrder(
        "worth_village", -1, say("What binds to the village: its land earns wherever one lives")
    ),
    Channel.INSURANCE_OPEN: FirstOrder("worth_newcomers", 1, NEWCOMERS),
    Channel.INSURANCE_ENROLMENT: FirstOrder("insured", 1, INSURED),
    Channel.DEMAND_INDUSTRY: FirstOrder("jobs", 1),
    Channel.DEMAND_SERVICES: FirstOrder("jobs", 1),
    Channel.DEMAND_PRODUCER: FirstOrder("jobs", 1),
    Channel.JOBS_INDUSTRY: FirstOrder("jobs", 1),
    Channel.JOBS_PRODUCER: FirstOrder("jobs", 1),
    Channel.WAGE_SKILLED: FirstOrder("worth", 1, WORTH),
    Channel.WAGE_MOVERS: FirstOrder("worth_newcomers", 1, NEWCOMERS),
    Channel.MATCH_EFFICIENCY: FirstOrder("unemployment", -1),
    Channel.SKILL_UPGRADE: FirstOrder("trained", 1, say("People with senior schooling")),
    Channel.INCOME_FLOOR: FirstOrder("worth_newcomers", 1, NEWCOMERS),
    Channel.TRAVEL_TIME_CUT: FirstOrder("minutes", -1, MINUTES),
    Channel.TRAIN_TIME_CUT: FirstOrder("minutes", -1, MINUTES),
    Channel.TRAVEL_TIME_BEIJING: FirstOrder("minutes", -1, MINUTES),
    Channel.AMENITY: FirstOrder("worth", 1, WORTH),
    Channel.AMENITY_ELDERLY: FirstOrder("worth_old", 1, say("What its towns are worth from age 60")),
    Channel.RURAL_GAP: FirstOrder("worth_village", 1, say("What living in its villages is worth")),
    Channel.HOSPITAL_BEDS: FirstOrder("worth", 1, WORTH),
    Channel.FLOOD_RISK: FirstOrder("worth", 1, WORTH),
    Channel.CARE_TIE: FirstOrder("care_cost", -1, say("Cost of living apart from kin in need")),
    Channel.DELIVERY: FirstOrder("delivery", 1, say("Share of its measures that a place delivers")),
}  # fmt: skip


def direction(lever: Lever) -> int | None:
    """Give which way a lever moves its first outcome within its stated range.

    Returns
    -------
    int or None
        1 up, -1 down, 0 only who gets it; None where the range lies on both sides of nothing, so that it may go
        either way.
    """
    if lever.channel is None:
        raise ValueError(say("{lever} has no channel", lever=lever.name))
    if lever.low < 0 < lever.high:
        return None
    size = 1 if lever.high > 0 else -1
    return size * FIRST[lever.channel].sign


WAYS = {1: say("up"), -1: say("down"), 0: say("changed for whom"), None: say("up or down, the sign is open")}


def told(name: str) -> Message:
    """Say in a line what a lever moves first, and which way."""
    lever = load_catalogue().levers[name]
    if lever.channel is None:
        raise ValueError(say("{name} has no channel", name=name))
    line = say("first moves: {outcome}, {way}", outcome=FIRST[lever.channel].said, way=WAYS[direction(lever)])
    if lever.part_of is None:
        return line
    return say("{line}; nothing on top of {whole}, of which it is a part", line=line, whole=lever.part_of)
