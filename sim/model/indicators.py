"""What a run tells about a year: indicators by area and zone, with moves counted across each area's own boundary."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from sim.agents.attributes import ATTRIBUTES
from sim.kernels import layout, tally
from sim.model.lives import sampled
from sim.policy import load_groups
from sim.processes import labour_market
from sim.results.areas import PREFECTURES, PROVINCE
from sim.results.registry import INDICATORS, ZONES, Indicator
from sim.world.places import Places

STAGES = ("preschool", "primary", "junior")
BAND_NAMES = ["0", "1-4", *[f"{a}-{a + 4}" for a in range(5, 85, 5)], "85+"]


@dataclass(frozen=True)
class Areas:
    """Areas a panel has rows for, and for each which places it holds.

    code: names of the areas; member: (areas, places) bool; outside: areas that are Beijing, Tianjin or the rest of
    China.
    """

    code: list[int] | list[str]
    member: np.ndarray

    @cached_property
    def weight(self) -> np.ndarray:
        """The same as float64, for sums over places."""
        return self.member.astype(float)


def areas_of(world: Places) -> Areas:
    """The 170 places, then prefectures, then the province."""
    hebei = np.arange(layout.PLACES) < layout.COUNTIES
    rows = [np.eye(layout.PLACES, dtype=bool)]
    rows += [((world.prefecture == code) & hebei)[None, :] for code in PREFECTURES]
    return Areas([int(c) for c in world.code] + [*PREFECTURES, PROVINCE], np.concatenate([*rows, hebei[None, :]]))


def province(world: Places) -> Areas:
    """The province alone."""
    return Areas([PROVINCE], (np.arange(len(world.code)) < layout.COUNTIES)[None, :])


def groups_of(world: Places) -> Areas:
    """The named groups of places."""
    groups = load_groups()
    return Areas(list(groups), np.stack([np.isin(world.code, group.places) for group in groups.values()]))


class Year:
    """A model's present year as the entries of `sim.results.registry.INDICATORS` ask for it.

    Parameters
    ----------
    model
        At a year's end.
    areas
        The areas that values are wanted for.

    Attributes
    ----------
    counts, ledger, economy, scale : the model's own; hebei : (places,) 1 for its counties; working (the
    labour force), employed, dwellings, nonlocals : (places,) weights of means, never zero where they divide.
    """

    def __init__(self, model: Any, areas: Areas) -> None:
        self.model, self.areas = model, areas
        self.counts, self.ledger, self.economy, self.scale = model.counts, model.ledger, model.economy, model.scale
        self.hebei = np.arange(layout.PLACES) < layout.COUNTIES
        self.working = np.maximum(self.counts.working * self.economy.activity, 1e-9)
        self.employed = self.working * (1 - self.economy.unemployment)
        self.dwellings = np.maximum(self.economy.dwellings, 1e-9)
        self.nonlocals = self.by_place("NONLOCAL") + model.converted

    def by_zone(self, *kinds: str) -> np.ndarray:
        """(places, 2) persons or households of one or several kinds of `sim.kernels.tally` together."""
        return self.zones_of(self.counts.raw[[getattr(tally, kind) for kind in kinds]].sum(0))

    def by_place(self, kind: str) -> np.ndarray:
        """(places,) persons or households of a kind of `sim.kernels.tally`."""
        return self.counts.by_place(getattr(tally, kind))

    def zones_of(self, agents: np.ndarray) -> np.ndarray:
        """(places, 2) persons of counts of agents by location."""
        return agents.reshape(layout.PLACES, 2) / self.scale

    def counties(self, agents: np.ndarray) -> np.ndarray:
        """(places,) persons of counts of agents by county."""
        out = np.zeros(layout.PLACES)
        out[: layout.COUNTIES] = agents
        return out / self.scale

    def stages(self, name: str) -> np.ndarray:
        """(places,) seats, applicants, admitted or pupils of Hebei's schools, all stages together."""
        return (self.economy.school[name] * self.hebei).sum(0)

    @property
    def empty_seats(self) -> np.ndarray:
        """(places,) public seats without a child."""
        school = self.economy.school
        return (np.maximum(school["seats"] - school["pupils"], 0) * self.hebei).sum(0)

    @property
    def children_without_seat(self) -> np.ndarray:
        """(places,) children of school age in no public school."""
        return (np.maximum(self.counts.children * self.hebei - self.economy.school["pupils"], 0) * self.hebei).sum(0)

    @property
    def jobs(self) -> np.ndarray:
        """(places,) jobs: demand at the pay of the base year."""
        return labour_market.jobs(self.model)

    @property
    def conversions(self) -> np.ndarray:
        """(2, places) people whose hukou moved into the jurisdiction, and from village to town in it."""
        return self.ledger.converted.reshape(2, layout.PLACES, 2).sum(2) / self.scale

    @property
    def with_papers(self) -> np.ndarray:
        """(places,) share with a permit or, by now, local hukou among residents who came without."""
        return (self.by_place("PERMITS") + self.model.converted) / np.maximum(self.nonlocals, 1e-9)

    @property
    def entitled(self) -> np.ndarray:
        """(places,) mean share of local services that they are entitled to."""
        return (self.by_place("ENTITLED") / 1000 + self.model.converted) / np.maximum(self.nonlocals, 1e-9)

    @cached_property
    def moves(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Moves of the year across the boundary of each area; see `crossing`."""
        return crossing(self.model, self.areas)


def year_values(model: Any, areas: Areas) -> dict[tuple[str, str], np.ndarray]:
    """Values of the model's present year, in persons, households, yuan.

    Returns
    -------
    dict
        (areas,) values by (indicator, zone), in the order of `sim.results.registry.columns`.
    """
    year = Year(model, areas)
    out: dict[tuple[str, str], np.ndarray] = {}
    census = model.year == model.start
    for one in INDICATORS.values():
        if one.count:
            nothing = np.full(len(areas.code), np.nan)  # the census counts no events of its year
            values = [nothing] * len(one.zones) if census and one.event else _by_zone(one, year, areas.weight)
            out |= {(one.name, zone): value for zone, value in zip(one.zones, values, strict=True)}
    return out


def _by_zone(one: Indicator, year: Year, weight: np.ndarray) -> list[np.ndarray]:
    """Values of an indicator by area, an array for each of its zones."""
    assert one.count is not None
    values = one.count(year)
    if one.summed != "places":
        return list(values.T) if values.ndim > 1 else [values] * len(one.zones)
    if one.weight:
        w = one.weight(year)
        return [weight @ (values * w) / np.maximum(weight @ w, 1e-9)] * len(one.zones)
    if values.ndim > 1:
        return [weight @ values[:, 0], weight @ values[:, 1], weight @ values.sum(1)]
    return [weight @ values] * len(one.zones)


def year_table(model: Any, areas: Areas) -> np.ndarray:
    """(areas, columns) the same as one array, columns as in `sim.results.registry.columns`."""
    return np.column_stack(list(year_values(model, areas).values()))


def crossing(model: Any, areas: Areas) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Persons moved in and out across each area's own boundary, by zone, and from village to town inside it, net.

    Returns
    -------
    (areas, 3), (areas, 3), (areas,)
    """
    s = model.scale
    everything = model.ledger.everything().reshape(layout.PLACES, 2, layout.PLACES, 2) / s
    kept = model.ledger.within_model().reshape(layout.PLACES, 2, layout.PLACES, 2) / s
    w = areas.weight
    arrivals, departures = everything.sum((0, 1)), everything.sum((2, 3))  # (places, zones)
    arrivals[layout.COUNTIES :] = kept.sum((0, 1))[layout.COUNTIES :]
    departures[layout.COUNTIES :] = kept.sum((2, 3))[layout.COUNTIES :]
    inside_in = np.zeros((len(w), 2))
    inside_out = np.zeros((len(w), 2))
    within = np.zeros(len(w))
    single = areas.member.sum(1) == 1
    own = areas.member.argmax(1)[single]
    block = everything[own, :, own]  # (areas of one place, zones, zones)
    inside_in[single], inside_out[single] = block.sum(1), block.sum(2)
    within[single] = block[:, 0, 1] - block[:, 1, 0]
    for a in np.flatnonzero(~single):
        places = np.flatnonzero(areas.member[a])
        block = everything.take(places, 0).take(places, 2)
        # added up one after the other, as `sum` over all axes but the last does, and in half the time
        inside_in[a] = [block[..., zone].cumsum()[-1] if len(places) else 0.0 for zone in (0, 1)]
        inside_out[a] = block.sum((0, 2, 3))
        within[a] = block[:, 0, :, 1].sum() - block[:, 1, :, 0].sum()
    came, went = w @ arrivals - inside_in, w @ departures - inside_out
    return np.column_stack([came, came.sum(1)]), np.column_stack([went, went.sum(1)]), within


def age_rows(model: Any, areas: Areas) -> pd.DataFrame:
    """Long table of residents by area, zone, sex and census band."""
    ages = model.counts.ages.reshape(layout.PLACES, 2, 2, len(BAND_NAMES)) / model.scale
    by_zone = np.concatenate([ages, ages.sum(1, keepdims=True)], axis=1)
    values = np.tensordot(areas.weight, by_zone, axes=(1, 0))
    index = pd.MultiIndex.from_product(
        [areas.code, ZONES, ("male", "female"), BAND_NAMES], names=["place", "zone", "sex", "band"]
    )
    return pd.DataFrame({"persons": values.ravel()}, index=index).reset_index().assign(year=model.year)


def school_rows(model: Any) -> pd.DataFrame:
    """Seats, applicants, admissions and pupils by county and stage."""
    school = model.economy.school
    place = np.tile(model.world.code[: layout.COUNTIES], len(STAGES))
    out = {"year": model.year, "place": place, "stage": np.repeat(STAGES, layout.COUNTIES)}
    for name in ("seats", "applicants", "admitted", "pupils"):
        out[name] = school[name][:, : layout.COUNTIES].ravel()
    return pd.DataFrame(out)


def flow_rows(model: Any) -> pd.DataFrame:
    """Persons and households moved between places, by kind: decision, wedding, study, arrival, departure."""
    ledger, code = model.ledger, model.world.code
    kinds = {
        "decision": ledger.moved,
        "wedding": ledger.weddings,
        "study": ledger.studies,
        "arrival": ledger.arrived,
        "departure": ledger.left,
    }
    frames = []
    for kind, matrix in kinds.items():
        persons = matrix.reshape(layout.PLACES, 2, layout.PLACES, 2).sum((1, 3))
        households = (
            ledger.households.reshape(layout.PLACES, 2, layout.PLACES, 2).sum((1, 3))
            if kind == "decision"
            else persons * 0
        )
        o, d = np.nonzero(persons)
        frames.append(pd.DataFrame({
            "year": model.year, "origin": code[o], "destination": code[d], "kind": kind,
            "persons": persons[o, d] / model.scale, "households": households[o, d] / model.scale,
        }))  # fmt: skip
    return pd.concat(frames, ignore_index=True)


def life_rows(model: Any) -> pd.DataFrame:
    """This year's state of a fixed sample of households (`sim.model.lives.sampled`)."""
    state, mine = model.state, sampled(model)
    names = ("place", "zone", "hukou_place", "hukou", "size", "children", "left_behind", "mode", "tenure",
             "years_in_place", "head_age", "pupils_public", "pupils_private")  # fmt: skip
    columns = {name: ATTRIBUTES[name].column(model, mine) for name in names}
    table = pd.DataFrame({"household": state.uid[mine].astype(np.int64), "year": model.year, **columns})
    return table.sort_values("household", ignore_index=True)
