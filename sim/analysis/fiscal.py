"""What a plan costs the public purse, by item, action and year.

Quantities are those of a run with the plan less those of the run compared with (seats, pupils, services), or what each
lever of the plan adds by year and place times the people, homes or jobs it is reckoned on there. Unit costs and their
basis are in ``fiscal_items.csv``, nearly all of them assumptions, at the prices of the year stated there. Land,
interest and bonds are left out: the plan names no sum for them. Levers without an item are named by `uncosted`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

import numpy as np
import pandas as pd

from sim.analysis.compare import MIN_DRAWS, QUANTILES, Comparison, points
from sim.errors import UserError
from sim.messages import joined
from sim.model.parameters import parameters
from sim.policy import load_catalogue
from sim.policy.compile import lever_parts
from sim.policy.levers import Lever
from sim.policy.scenario import Scenario
from sim.results.areas import is_county
from sim.results.reader import Result
from sim.world import base2020, tables

STAGES = ("preschool", "primary", "junior")
NEEDED = (
    *(f"{kind}_{stage}" for kind in ("children", "school_places") for stage in STAGES), "residents", "households",
    "elsewhere_other_county", "elsewhere_other_province", "labour_force", "jobs", "migrant_children", "unemployment",
    "permit_or_hukou_share", "entitlement_index", "school_shortage",
)  # fmt: skip
YEARS_OF_SCHOOL = 3
"""Years at a vocational school."""
CHILD_YEARS = {"children_junior": 3, "migrant_children": 9}
"""Ages that an indicator of children spans, to tell how many are of one age."""
TRAINED = 0.02
"""Log points of wage for each worker trained, as the lever worker_training counts them."""
KEYS = ["key", "action", "year"]
Numbers = Any
"""NumPy arrays of floats."""
TOTAL = "total"


def items() -> pd.DataFrame:
    """Return what is costed, by key: titles, quantity, kind, channels, clause, unit cost with range, source, basis."""
    table = tables.load("fiscal_items").set_index("key")
    return table.assign(basis=table["source"].map(lambda s: "assumption" if s == "assumption" else "sourced"))


def account(base: Result, reform: Result, scenario: Scenario) -> pd.DataFrame:
    """Return quantities and costs of a plan by item, action and year.

    Parameters
    ----------
    base, reform
        Runs without and with the plan, over the same draws and seeds.
    scenario
        The plan of `reform`.

    Returns
    -------
    DataFrame
        Columns key, title_en, title_zh, action (clause of the plan), kind (capital: spent once; yearly: spent as long
        as it lasts), year, quantity (capital: new in the year), unit, cost (yuan; mean over draws, or over the seeds of
        the central draw with fewer than 20), low, high (90 % over draws at the same unit cost, missing with fewer than
        20), cheap, dear (at the low and high unit cost), basis. A cost below zero is money saved. Rows of all actions
        and years add up to the total.

    Raises
    ------
    UserError
        If a run lacks an indicator or the two share no draw and seed.
    """
    pairs = Comparison(base, reform).pairs
    if not pairs:
        raise UserError(
            "{base} and {reform} share no draw and seed, so costs cannot be told.", base=base.name, reform=reform.name
        )
    without, having = _counties(base), _counties(reform)
    found = []
    for draw, seed in pairs:
        book = Book(without[draw, seed], having[draw, seed], scenario, draw)
        found += [{"draw": draw, "seed": seed, **row} for row in book.rows()]
    runs = pd.DataFrame(found)
    costs = items()
    runs["cost"] = runs["quantity"] * runs["key"].map(costs["value"].astype(float))
    drawn = runs[runs["draw"] > 0]
    enough = drawn["draw"].nunique() >= MIN_DRAWS
    shown = drawn if enough else runs[runs["draw"] == 0]
    table = shown.groupby(KEYS, sort=False)[["quantity", "cost"]].mean()
    for name, level in zip(("low", "high"), QUANTILES, strict=True):
        table[name] = drawn.groupby(KEYS)["cost"].quantile(level) if enough else float("nan")
    table = table.reset_index()
    about = costs.loc[table["key"]].reset_index(drop=True)
    for name, column in (("cheap", "low"), ("dear", "high")):
        table[name] = table["quantity"] * about[column].astype(float)
    for name in ("title_en", "title_zh", "kind", "unit", "basis"):
        table[name] = about[name].to_numpy()
    first = ["key", "title_en", "title_zh", "action", "kind", "year", "quantity", "unit", "cost", "low", "high",
             "cheap", "dear", "basis"]  # fmt: skip
    return table[first]


def by_action(table: pd.DataFrame) -> pd.DataFrame:
    """Return costs of an account by action and year, with the sum of each.

    Returns
    -------
    DataFrame
        Rows the actions and `total`, columns the years and `total`; yuan.
    """
    wide = table.pivot_table(index="action", columns="year", values="cost", aggfunc="sum", fill_value=0.0)
    known = load_catalogue().actions
    wide = wide.reindex(sorted(wide.index, key=known.index))
    wide[TOTAL] = wide.sum(axis="columns")
    wide.loc[TOTAL] = wide.sum()
    return wide


def per_person(table: pd.DataFrame, base: Result, reform: Result) -> dict[str, float]:
    """Return what the plan costs for each settled migrant and each seat more, in the last year of the account.

    Returns
    -------
    dict
        `total`: all costs of all years, yuan;
        `settled`: residents from elsewhere with a permit or local hukou, with the plan less without; `cost_settled`:
        all costs up to then for each of them, yuan; `cost_settled_services`: those of services, schools, homes,
        subsidies, insurance and relief (action 二(一)) alone; `seats`: school places more; `cost_seat`: what each
        costs to build; missing where there are none more.
    """
    last = int(table["year"].max())
    without, having = (_settled(_counties(run), last) for run in (base, reform))
    settled = having - without
    built = table[table["key"].isin([f"seat_{stage}" for stage in STAGES])]
    seats = float(built["quantity"].sum())
    of_services = table[table["action"].str.startswith("二(一)")]
    return {
        "total": float(table["cost"].sum()),
        "settled": settled,
        "cost_settled": _each(table, settled),
        "cost_settled_services": _each(of_services, settled),
        "seats": seats,
        "cost_seat": _each(built, seats),
    }


def uncosted(scenario: Scenario) -> list[str]:
    """Name the levers that a scenario sets and no item costs: the plan names no sum, and none is assumed."""
    costed = {channel for channels in items()["channels"].dropna() for channel in channels.split(";")}
    clauses = set(items()["clause"].dropna())
    known = load_catalogue().levers
    return [
        name
        for name, setting in scenario.levers.items()
        if setting.magnitude and known[name].channel not in costed and known[name].clause not in clauses
    ]


def _each(table: pd.DataFrame, many: float) -> float:
    return float(table["cost"].sum() / many) if many > 0 else float("nan")


def _settled(runs: Mapping[tuple[int, int], "Panel"], year: int) -> float:
    """Residents from elsewhere with papers at a year's end, as tables show it."""
    index = pd.MultiIndex.from_tuples([(*member, 0) for member in runs], names=["draw", "seed", "area"])
    found = [float(panel.sum("settled")[panel.years.index(year)]) for panel in runs.values()]
    return float(points(pd.Series(found, index)).iloc[0])


@dataclass(frozen=True)
class Panel:
    """Indicators of the counties of one run: arrays (years, counties) by name."""

    years: tuple[int, ...]
    places: tuple[int, ...]
    values: Mapping[str, Numbers]

    def __getitem__(self, name: str) -> Numbers:
        """Give an indicator, or one that follows from others."""
        if name == "nonlocal":
            return self["elsewhere_other_county"] + self["elsewhere_other_province"]
        if name == "settled":
            return np.nan_to_num(self["permit_or_hukou_share"]) * self["nonlocal"]
        if name == "entitled":
            return np.nan_to_num(self["entitlement_index"]) * self["nonlocal"]
        if name == "nonlocal_workers":
            return self["nonlocal"] * self["labour_force"] / np.maximum(self["residents"], 1.0)
        if name == "pupils":
            return sum(self[f"children_{stage}"] for stage in STAGES) - np.nan_to_num(self["school_shortage"])
        return self.values[name]

    def sum(self, name: str) -> Numbers:
        """Add an indicator up over counties, (years,)."""
        return np.asarray(self[name].sum(axis=1))


def _counties(result: Result) -> dict[tuple[int, int], Panel]:
    """Read what accounts need, by run."""
    rows = result.select(NEEDED)
    rows = rows[rows["place"].map(is_county)]
    whole = rows[rows["zone"] == "all"].assign(name=lambda r: r["indicator"].astype(str))
    towns = rows[(rows["zone"] == "urban") & (rows["indicator"] == "households")].assign(name="urban_households")
    wide = pd.concat([whole, towns]).pivot_table(
        index=["draw", "seed", "year", "place"], columns="name", values="value", observed=True
    )
    missing = [name for name in NEEDED if name not in wide]
    if missing:
        raise UserError(
            "{result} holds no {missing} by county; run the scenario again.",
            result=result.name,
            missing=joined(missing),
        )
    out = {}
    for member, run in wide.groupby(["draw", "seed"]):
        draw, seed = cast(tuple[int, int], member)
        grid = run.droplevel(["draw", "seed"]).unstack("place")
        places = tuple(int(code) for code in grid["residents"].columns)
        values = {str(name): grid[name].to_numpy(float) for name in wide.columns}
        out[int(draw), int(seed)] = Panel(tuple(int(year) for year in grid.index), places, values)
    return out


@dataclass(frozen=True)
class Book:
    """The quantities of one run: what the plan adds, by item and action."""

    base: Panel
    reform: Panel
    scenario: Scenario
    draw: int

    def rows(self) -> list[dict[str, Any]]:
        """One row an item, action and year after the first."""
        out = []
        for item in items().reset_index().to_dict("records"):
            for action, amount in self._quantities(item).items():
                per_year = np.diff(amount, prepend=0.0) if item["kind"] == "capital" else amount
                out += [
                    {"key": item["key"], "action": action, "year": year, "quantity": float(value)}
                    for year, value in list(zip(self.reform.years, per_year, strict=True))[1:]
                ]
        return out

    def _quantities(self, item: Mapping[Any, Any]) -> dict[str, Numbers]:
        """What there is of an item by action, (years,): stocks of capital, flows of what is spent yearly."""
        if isinstance(item["clause"], str):
            name = item["quantity"].replace("seats_", "school_places_")
            return {_action(item["clause"]): self.reform.sum(name) - self.base.sum(name)}
        channels = item["channels"].split(";")
        known = load_catalogue().levers
        found: dict[str, Numbers] = {}
        for name, part in self._parts.items():
            if known[name].channel in channels:
                amount = self._amount(item["quantity"], part, known[name])
                found[known[name].action] = found.get(known[name].action, 0.0) + amount
        return found

    @cached_property
    def _parts(self) -> dict[str, Numbers]:
        """What each costed lever adds to its channel, (years, counties)."""
        costed = {channel for channels in items()["channels"].dropna() for channel in channels.split(";")}
        names = [lever.name for lever in load_catalogue().levers.values() if lever.channel in costed]
        return {name: part[:, self._columns] for name, part in self._all_parts(names).items()}

    def _all_parts(self, names: Sequence[str]) -> dict[str, Numbers]:
        return lever_parts(self.scenario, None, self.reform.years, names, self.draw)

    @cached_property
    def _columns(self) -> list[int]:
        codes = _codes()
        return [codes.index(code) for code in self.reform.places]

    def _amount(self, quantity: str, part: Numbers, lever: Lever) -> Numbers:
        """Put a lever's part by county on what it is reckoned on, (years,)."""
        return np.asarray(AMOUNTS[quantity](self, part, lever).sum(axis=1))

    @property
    def sectors(self) -> dict[str, Numbers]:
        """Jobs in industry and in producer and public services, (years, counties), by the shares of the census."""
        shares = tables.load("census2020_shares").set_index("place").loc[list(self.reform.places)]
        all_jobs = shares[[f"employed_{s}" for s in "AMCPQ"]].sum(axis=1)
        return {
            name: self.reform["jobs"] * (shares[f"employed_{letter}"] / all_jobs).to_numpy(float)
            for name, letter in (("industry", "M"), ("producer", "Q"))
        }


def _jobs(sector: str) -> Callable[[Book, Numbers, Lever], Numbers]:
    """Jobs brought: a count in each place, or log points of the sector's demand."""

    def brought(book: Book, part: Numbers, lever: Lever) -> Numbers:
        if str(lever.channel).startswith("jobs"):
            return part
        return book.sectors[sector] * np.expm1(part)

    return brought


def _stepped(base: Callable[[Book], Numbers], each: float = 1.0) -> Callable[[Book, Numbers, Lever], Numbers]:
    """A stock to which each year adds its step of the lever times what there is then."""

    def stock(book: Book, part: Numbers, _: Lever) -> Numbers:
        return np.cumsum(np.diff(part, axis=0, prepend=0.0) * base(book) * each, axis=0)

    return stock


def _pupils(of: str) -> Callable[[Book, Numbers, Lever], Numbers]:
    """Pupils of the years that a school takes, who entered at 15."""

    def pupils(book: Book, part: Numbers, _: Lever) -> Numbers:
        barred = 1 - float(np.float32(base2020.known()["senior_enrolment"]))
        chance = parameters(book.draw)["vocational_barred"] * barred if of != "children_junior" else 1
        entered = part * chance * book.reform[of] / CHILD_YEARS[of]
        return sum(np.pad(entered, ((ago, 0), (0, 0)))[: len(entered)] for ago in range(YEARS_OF_SCHOOL))

    return pupils


def _renters(book: Book, part: Numbers, _: Lever) -> Numbers:
    shares = tables.load("census2020_shares").set_index("place").loc[list(book.reform.places)]
    ways = [f"tenure_{t}" for t in ("rent", "self_built", "purchased", "inherited", "other")]
    renting = (shares["tenure_rent"] / shares[ways].sum(axis=1)).to_numpy(float)
    return part * book.reform["households"] * renting


def _insured(book: Book, part: Numbers, _: Lever) -> Numbers:
    """Workers from elsewhere whom the policy has brought into insurance and who are still in it (equation 5.19)."""
    lapse, share, shares = parameters(book.draw)["insurance_lapse"], np.zeros(part.shape[1]), []
    for enrolled in np.clip(part, 0.0, 1.0):
        share = share * (1 - lapse) + enrolled * (1 - share)
        shares.append(share)
    return np.stack(shares) * book.reform["nonlocal_workers"]


def _relieved(book: Book, part: Numbers, _: Lever) -> Numbers:
    """Workers from elsewhere without work who hold a permit, in full reliefs (equation 5.2)."""
    of = book.reform
    return (
        part * of["nonlocal_workers"] * np.nan_to_num(of["permit_or_hukou_share"]) * np.nan_to_num(of["unemployment"])
    )


AMOUNTS: dict[str, Callable[[Book, Numbers, Lever], Numbers]] = {
    "homes": _stepped(lambda book: book.reform["urban_households"], 1 / 1000),
    "beds": _stepped(lambda book: book.sectors["industry"]),
    "hospital_beds": _stepped(lambda book: book.reform["residents"], 1 / 1000),
    "trained": _stepped(lambda book: book.reform["nonlocal_workers"], 1 / TRAINED),
    "industrial_jobs": _jobs("industry"),
    "producer_jobs": _jobs("producer"),
    "pupils_of_15": _pupils("children_junior"),
    "migrants_of_15": _pupils("migrant_children"),
    "renters": _renters,
    "insured": _insured,
    "relieved": _relieved,
    "industrial": lambda book, part, _: part * book.sectors["industry"],
    "dwellings": lambda book, part, _: part * book.reform["urban_households"],
}
"""How much of an item there is, by county and year, for what a lever adds to its channel."""


def _action(clause: str) -> str:
    return clause.rstrip("0123456789")


def _codes() -> list[int]:
    from sim.policy import as_places

    return list(as_places(None).codes)
