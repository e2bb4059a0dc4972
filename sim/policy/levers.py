"""The catalogue of levers: every measure of the plan, its clause, its channel, its range and where that comes from."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from sim.messages import say
from sim.policy.channels import Channel
from sim.policy.dates import Ramp, StartMonth, TargetMonth, month_number
from sim.policy.draws import DeliveryRange
from sim.policy.reading import Document, read_yaml
from sim.policy.schema import Number, Strict, Title, Where
from sim.policy.validation_errors import check, wrong
from sim.storage.paths import CATALOGUE

# A child takes these from its parent unless it says otherwise.
INHERITED = (
    "clause", "words_zh", "basis", "source", "where", "to", "start", "target", "ramp", "announced",
)  # fmt: skip

ACTIONS = {
    "二(一)": ("1 Citizenship", "一 农业转移人口市民化"),
    "二(二)": ("2 Potential areas", "二 潜力地区"),
    "二(三)": ("3 Metropolitan circles", "三 都市圈"),
    "二(四)": ("4 Urban renewal", "四 城市更新和安全韧性"),
    "二(五)": ("5 Funds and land", "五 要素支撑"),
}
"""What the five actions of the plan are called in tables and pictures."""
PLEASANTER = (Channel.AMENITY, Channel.AMENITY_ELDERLY, Channel.FLOOD_RISK)
"""Channels of what living somewhere is worth, bounded together: levers on them only make places pleasanter."""


OneChannel = Annotated[Channel, BeforeValidator(Channel.named)]


class Cap(Strict):
    """The most that all levers of a channel together may reach in a place."""

    max: Number = Field(description="Ceiling of the quantity.")
    base: Number = Field(0.0, description="Where the quantity stands without levers.")
    base_from: str | None = Field(None, description="The assumption that says so, where it is one.")
    shared_with: OneChannel | None = Field(None, description="Another channel that uses up the same ceiling first.")
    source: str


class Lever(Strict):
    """One row of the plan: a lever to set, an outcome to score, a scale on delivery, a set, or an observation."""

    name: str
    parent: str | None = None
    id: str
    clause: str
    words_zh: str
    title: Title
    kind: Literal["lever", "target", "delivery", "set", "observation"] = "lever"
    channel: OneChannel | None = None
    form: Literal["add", "share", "scale", "count", "total"] | None = Field(
        None, description="count: in each place; total: spread evenly over the places; others: as the channel combines."
    )
    unit: str = ""
    low: Number = 0.0
    default: Number = 0.0
    high: Number = 0.0
    hard_min: Number = 0.0
    hard_max: Number = 0.0
    factor: Number = Field(1.0, description="Channel units for one unit of the lever.")
    basis: Literal["data", "literature", "assumption"]
    source: str
    where: Where
    to: Where | None = None
    pairs: Literal["between", "same_prefecture", "inside"] = Field(
        "between", description="Which journeys: between the two ends, within a prefecture, or inside each place."
    )
    start: StartMonth = "2025-01"
    target: TargetMonth = "2028-12"
    ramp: Ramp = "linear"
    announced: bool = Field(False, description="Households count on it before it acts.")
    baseline_by_year: dict[int, Number] = Field({}, description="What is there without the plan, from that year on.")
    elsewhere: list[int] = Field([], description="Places outside Hebei where the national plan does the same.")
    plan_increment: Number | None = Field(None, description="What the plan adds, where that is not the default.")
    part_of: str | None = Field(None, description="A lever that already contains this one.")
    acts_on: list[str] = Field([], description="For a scale on delivery: the clauses whose levers it scales.")
    scored_by: list[str] = Field([], description="Indicators by which an outcome is scored; empty: it cannot be.")
    note: str = ""
    read_zh: str = Field("", description="What a sceptical reader of the plan's sentence asks, and the answer.")

    @model_validator(mode="after")
    def _makes_sense(self) -> "Lever":
        if self.settable and not self.hard_min <= self.low <= self.default <= self.high <= self.hard_max:
            raise ValueError(
                say("'{name}' needs hard_min <= low <= default <= high <= hard_max; put them in order", name=self.name)
            )
        if month_number(self.target) < month_number(self.start):
            raise ValueError(say("'{name}' has its target before its start; put them in order", name=self.name))
        return self

    @property
    def settable(self) -> bool:
        """Whether a scenario may give it a magnitude."""
        return self.channel is not None

    @property
    def role(self) -> str:
        """What it can do: move people, only make places pleasanter, scale delivery, or none of these."""
        if self.channel in PLEASANTER:
            return "makes places pleasanter"
        if self.kind == "lever":
            return "moves people"
        names = {"delivery": "scales delivery", "target": "a promise to be scored", "set": "a set of places"}
        return names.get(self.kind, "an observation")

    @property
    def in_shares(self) -> bool:
        """Whether its size is a share or a chance, which may be written in per cent."""
        return self.unit.startswith(("share", "chance", "fraction"))

    @property
    def on_journeys(self) -> bool:
        """Whether it acts on journeys between places."""
        return self.channel is not None and self.channel.level == "pair"

    @property
    def action(self) -> str:
        """Its clause without the number of the task: 二(一) for 二(一)4."""
        return re.sub(r"\d+$", "", self.clause)

    @property
    def range_text(self) -> str:
        """The stated range and the unit, for a sentence."""
        return say("{low} to {high}, {unit}", low=self.low, high=self.high, unit=say(self.unit))

    @property
    def planned(self) -> float:
        """Magnitude in the plan as written."""
        return self.default if self.plan_increment is None else self.plan_increment

    def at_level(self, level: str) -> float:
        """Magnitude at the low end, as planned, or at the high end."""
        return {"low": self.low, "default": self.planned, "high": self.high}[level]

    def answers_to(self, selector: str) -> bool:
        """Whether a clause, an id or a name means this lever."""
        return selector in (self.name, self.parent, self.id) or within(self.clause, selector)


@dataclass(frozen=True)
class Catalogue:
    """All levers by name, and the caps on channels."""

    levers: dict[str, Lever]
    caps: dict[Channel, Cap]

    @property
    def settable(self) -> dict[str, Lever]:
        """The levers to which a scenario may give a magnitude."""
        return {name: lever for name, lever in self.levers.items() if lever.settable}

    @property
    def actions(self) -> tuple[str, ...]:
        """The actions of the plan that have levers, such as 二(一)."""
        return tuple(dict.fromkeys(lever.action for lever in self.settable.values()))

    @property
    def delivery(self) -> DeliveryRange:
        """What ensembles draw of delivery: the rows of the clause on carrying the plan out."""
        mean, places, actions = (self.levers[name] for name in ("governance", "local_detail", "action_detail"))
        return DeliveryRange(
            (mean.low, mean.default, mean.high), (places.low, places.default, places.high), actions.default
        )

    @property
    def optimism(self) -> float:
        """Correlation of the sizes of an action's levers over draws."""
        return self.levers["optimism"].default

    def selectors(self) -> list[str]:
        """Every word that `only`, `without` and `--clause` understand."""
        clauses = {lever.clause for lever in self.levers.values()}
        actions = {lever.action for lever in self.levers.values()}
        ids = {lever.id for lever in self.levers.values()}
        return sorted(clauses | actions | ids | {"二"}) + list(self.levers)


def within(clause: str, selector: str) -> bool:
    """Whether a clause is the one named or lies in it: 二(一)4 lies in 二(一)."""
    selector = selector.replace("（", "(").replace("）", ")")
    return clause == selector or (clause.startswith(selector) and not selector[-1:].isdigit() and selector != "")


@cache
def load_catalogue(path: Path = CATALOGUE / "levers.yaml") -> Catalogue:
    """Read the catalogue of levers.

    Raises
    ------
    UserError
        When an entry does not fit, with the file and line.
    """
    document = read_yaml(path)
    data: dict[str, Any] = document.data or {}
    caps: dict[Channel, Cap] = {}
    for name, cap in (data.get("caps") or {}).items():
        try:
            caps[Channel.named(name)] = check(Cap, document, cap, ("caps", name))
        except ValueError as error:
            raise wrong(document, ("caps", name), error.args[0]) from None
    levers: dict[str, Lever] = {}
    for name, entry in (data.get("levers") or {}).items():
        _add(levers, document, ("levers", name), dict(entry), None)
    return Catalogue(levers, caps)


def _add(
    levers: dict[str, Lever], document: Document, keys: tuple[Any, ...], entry: dict[str, Any], parent: str | None
) -> None:
    """Add an entry of the catalogue and its children."""
    name = str(keys[-1])
    children = entry.pop("children", {})
    if name in levers:
        raise wrong(document, keys, say("the lever '{name}' stands here twice; rename one", name=name))
    levers[name] = check(Lever, document, {**entry, "name": name, "parent": parent}, keys)
    for child, its_own in children.items():
        inherited = {key: entry[key] for key in INHERITED if key in entry}
        _add(levers, document, (*keys, "children", child), {**inherited, **its_own}, name)
