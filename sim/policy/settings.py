"""How strongly a scenario sets a lever, where and when: one entry, or several for different places."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

from sim.policy.dates import Ramp
from sim.policy.levers import Lever
from sim.policy.schema import Where


@dataclass(frozen=True)
class LeverEntry:
    """A lever in some places.

    Attributes
    ----------
    magnitude
        Strength at the target date, in the lever's unit.
    start, target, ramp
        First month, month by whose end it is whole, and the way between them.
    where, places
        Where it acts, as written and as place codes.
    to, to_places
        The other end of the journeys, for levers on travel time; without it the same places.
    delivered
        Share that is delivered whatever the scenario's delivery; None where that holds.
    entirely
        Whether it is law: delivered whole, and its size as written in every draw.
    drawn
        Whether ensembles draw its size from the stated range; if not it is as written, and delivery is drawn all the
        same.
    note
        Why.
    """

    magnitude: float
    start: str
    target: str
    ramp: Ramp
    where: Where
    places: tuple[int, ...]
    to: Where | None = None
    to_places: tuple[int, ...] = ()
    delivered: float | None = None
    entirely: bool = False
    drawn: bool = True
    note: str = ""

    def within(self, codes: Iterable[int], lever: Lever) -> "LeverEntry | None":
        """Return what the entry does in some of its places; None where it does nothing.

        A total is shared out, and journeys keep their other end.
        """
        asked = set(codes)
        left = tuple(code for code in self.places if code in asked)
        if len(left) == len(self.places):
            return self
        if not left:
            return None
        share = len(left) / len(self.places) if lever.form == "total" else 1.0
        part = replace(self, where=Where.of(left), places=left, magnitude=self.magnitude * share)
        if lever.on_journeys and not self.to_places and lever.pairs != "inside":
            part = replace(part, to=Where.of(self.places), to_places=self.places)
        return part


@dataclass(frozen=True)
class LeverSetting:
    """A lever as a scenario sets it: its entries, no two of which share a place."""

    name: str
    entries: tuple[LeverEntry, ...]

    @cached_property
    def places(self) -> tuple[int, ...]:
        """Codes of all places where it acts."""
        return tuple(dict.fromkeys(code for entry in self.entries for code in entry.places))

    @cached_property
    def magnitude(self) -> float:
        """Its magnitude where that is farthest from zero."""
        return max((entry.magnitude for entry in self.entries), key=abs)

    @property
    def start(self) -> str:
        """Its first month anywhere."""
        return min(entry.start for entry in self.entries)

    @property
    def target(self) -> str:
        """The month by whose end it is whole everywhere."""
        return max(entry.target for entry in self.entries)

    def at(self, magnitude: float) -> "LeverSetting":
        """Return the same lever at one magnitude everywhere."""
        return replace(self, entries=tuple(replace(entry, magnitude=magnitude) for entry in self.entries))

    def exactly(self) -> "LeverSetting":
        """Return the same lever with its size as written in every draw."""
        return replace(self, entries=tuple(replace(entry, drawn=False) for entry in self.entries))

    def times(self, factor: float) -> "LeverSetting":
        """Return the same lever at another strength."""
        return replace(
            self, entries=tuple(replace(entry, magnitude=entry.magnitude * factor) for entry in self.entries)
        )
