"""The level of 2021-25 fitted again to a user's own figures: births, deaths, residents by place, urban residents.

Four kinds of level, each with what it is fitted to: fertility by year (births of the province), mortality by year
(deaths), villages turning urban in place by year (urban residents of the province), and place effects by year
(residents: of an area on the urban zones of its counties, of the province on Beijing, Tianjin and the rest of China).
A residents figure sets the shifts of all years since the one before it. The model is run a few times at a small scale,
and every round takes the levels towards the figures.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from calibration import targets
from calibration.assimilation.figures import read_figures
from sim.errors import UserError
from sim.model import indicators
from sim.model.model import SettlementModel
from sim.results.areas import PROVINCE, is_county, prefecture_of
from sim.storage.hashing import file_hash
from sim.world.nowcast import NONE, Level
from sim.world.place_names import find
from sim.world.tables import load

BASE = 2020  # the census whose figures are given

SCALE, SEEDS, ROUNDS = 0.005, 3, 6
STEP = 0.7
KEYS = ("place", "year", "measure")
MOST_SHIFT = 1.5
"""Utils; beyond, the figures ask for more than place effects can give."""
FACTORS = (0.3, 3.0)
ASSUMPTION = {"births": "total_fertility_rate", "deaths": "mortality_factor", "urban": "inplace_rate_factor"}
OUTSIDE = (110000, 120000, 0)


def update(
    path: Path, scale: float = SCALE, seeds: int = SEEDS, rounds: int = ROUNDS,
    progress: Callable[[float, str], None] | None = None,
) -> tuple[Level, pd.DataFrame]:  # fmt: skip
    """Fit the level to a file of figures and say how far off the model was before and is after.

    Returns
    -------
    Level
        To be kept with `sim.world.nowcast.save`.
    DataFrame
        Scores: columns measure, use (fit, score, shipped), figures, before, after (mean absolute error, percent).

    Raises
    ------
    UserError
        If the file is wrong, or holds no figure that sets a level.
    """
    figures = read_figures(path)
    if not (figures["use"] == "fit").any():
        raise UserError(
            f"{path} holds no figure that sets a level; add residents of any place, or births, deaths or urban "
            f"residents of {PROVINCE}."
        )
    shipped = _shipped()
    state, last = _State(figures), max(int(figures["year"].max()), 2022)
    before = after = None
    for turn in range(rounds + 1):
        if progress:
            progress(turn / (rounds + 1), f"round {turn + 1} of {rounds + 1}")
        after = _run(state.level({}), last, scale, seeds)
        before = after if before is None else before
        if turn < rounds:
            state.improve(after)
    assert before is not None and after is not None
    scores = score(figures, shipped, before, after)
    about = {
        "file": path.name, "sha256": file_hash(path), "years": _span(figures),
        "fitted": int((figures["use"] == "fit").sum()), "scored": int((figures["use"] == "score").sum()),
        "figures": figures.drop(columns="line").to_dict("records"), "scores": scores.to_dict("records"),
        "scale": scale, "seeds": seeds, "rounds": rounds, "limits": state.limits(), "notes": figures.attrs["notes"],
    }  # fmt: skip
    return state.level(about), scores


def preview(
    path: Path, scale: float = SCALE, seeds: int = SEEDS, progress: Callable[[float, str], None] | None = None,
    level: Level = NONE,
) -> pd.DataFrame:  # fmt: skip
    """Return what `update` would use and how far runs are off now, without fitting.

    Parameters
    ----------
    level
        The level that runs use now.

    Returns
    -------
    DataFrame
        One row a figure: line, year, place, name, measure, value, use (fit, score), run (mean over seeds of runs as
        they are now), off (percent); what counties were called before is in `attrs["notes"]`.

    Raises
    ------
    UserError
        If the file is wrong.
    """
    figures = read_figures(path)
    if progress:
        progress(0.0, "runs as they are now")
    told = _run(level, int(figures["year"].max()), scale, seeds)
    mean = told.stack().to_dict()
    run = [mean[place, year, measure] for place, year, measure in zip(*(figures[c] for c in KEYS), strict=True)]
    out = figures.assign(run=run, off=lambda table: 100 * (table["run"] / table["value"] - 1))
    out.insert(3, "name", [find(int(code)).name_zh for code in out["place"]])
    return out


class _State:
    """Levels on their way to the figures."""

    def __init__(self, figures: pd.DataFrame):
        self.figures = figures[figures["use"] == "fit"]
        self.factors: dict[str, dict[int, float]] = {}
        self.shifts: dict[int, dict[int, float]] = {}
        for measure, name in ASSUMPTION.items():
            years = sorted(self.figures.loc[self.figures["measure"] == measure, "year"])
            if years:
                first = BASE + 1 if measure == "urban" else years[0]
                self.factors[name] = dict.fromkeys(range(first, years[-1] + 1), 1.0)
        counted = self.figures[self.figures["measure"] == "residents"]
        for place in counted["place"].unique():
            last = int(counted.loc[counted["place"] == place, "year"].max())
            self.shifts[int(place)] = dict.fromkeys(range(BASE + 1, last + 1), 0.0)

    def level(self, about: dict) -> Level:
        """Return the levels as the model reads them."""
        codes = [int(code) for code in load("places")["place"]]
        by_place: dict[int, dict[int, float]] = {}
        for area, years in self.shifts.items():
            sign, members = (-1.0, OUTSIDE) if area == PROVINCE else (1.0, _members(area, codes))
            for code in members:
                mine = by_place.setdefault(code, {})
                for year, value in years.items():
                    mine[year] = mine.get(year, 0.0) + sign * value
        after = {str(code): float(np.mean(list(years.values()))) for code, years in by_place.items()}
        for name, years in self.factors.items():
            last = years[max(years)]
            after[name] = last if name == ASSUMPTION["births"] else float(np.mean(list(years.values())))
        return Level(self.factors, by_place, after, about)

    def limits(self) -> list[str]:
        """Say which factors and shifts stand at their limit, so that the figures are not reached."""
        told = []
        for name, years in self.factors.items():
            bound = [str(year) for year, factor in years.items() if factor in FACTORS]
            if bound:
                at = " and ".join(f"x{limit:g}" for limit in FACTORS if limit in years.values())
                told.append(f"{name} stands at its limit ({at}) in {', '.join(bound)}")
        for place, shifts in self.shifts.items():
            bound = [str(year) for year, shift in shifts.items() if abs(shift) == MOST_SHIFT]
            if bound:
                label = find(place).label
                limit = f"{MOST_SHIFT:g} utils"
                told.append(f"the place effect of {label} stands at its limit ({limit}) in {', '.join(bound)}")
        return told

    def improve(self, told: pd.DataFrame) -> None:
        """Take every level a step towards its figures."""
        series = self.figures[["measure", "place"]].drop_duplicates()
        for measure, place in zip(series["measure"], series["place"].astype(int), strict=True):
            rows = self.figures[(self.figures["measure"] == measure) & (self.figures["place"] == place)]
            rows = rows.sort_values("year")
            years, goal = rows["year"].to_numpy(int), rows["value"].to_numpy(float)
            mine = pd.DataFrame(told.xs(place, level="place"))
            if measure == "residents":
                self._shift(place, years, goal, mine)
            elif measure == "urban":
                self._turn(years, goal, mine)
            else:
                held = self.factors[ASSUMPTION[measure]]
                ratio = np.interp(sorted(held), years, goal / mine[measure].loc[years].to_numpy())
                for year, one in zip(sorted(held), ratio, strict=True):
                    held[year] = float(np.clip(held[year] * one, *FACTORS))

    def _shift(self, place: int, years: np.ndarray, goal: np.ndarray, mine: pd.DataFrame) -> None:
        """Shift place effects: what is missing since the figure before, over the people who cross the boundary."""
        missing = np.diff(goal - mine.loc[years, "residents"].to_numpy(), prepend=0.0)
        held, first = self.shifts[place], BASE + 1
        for year, gap in zip(years, missing, strict=True):
            span = list(range(first, year + 1))
            crossing = mine.loc[span, ["moved_in", "moved_out"]].to_numpy().sum()
            step = STEP * gap / max(crossing, 1.0)
            for one in span:
                held[one] = float(np.clip(held[one] + step, -MOST_SHIFT, MOST_SHIFT))
            first = year + 1

    def _turn(self, years: np.ndarray, goal: np.ndarray, mine: pd.DataFrame) -> None:
        """Change how fast villages turn urban: what is missing since the figure before, over those who turned."""
        missing = np.diff(goal - mine.loc[years, "urban"].to_numpy(), prepend=0.0)
        held, first = self.factors[ASSUMPTION["urban"]], BASE + 1
        for year, gap in zip(years, missing, strict=True):
            span = list(range(first, year + 1))
            turned = mine.loc[span, "reclassified"].sum()
            for one in span:
                held[one] = float(np.clip(held[one] * (1 + STEP * gap / max(turned, 1.0)), *FACTORS))
            first = year + 1


def _members(area: int, codes: list[int]) -> list[int]:
    """Return the counties of an area."""
    return [code for code in codes if is_county(code) and area in (code, prefecture_of(code))]


def _run(level: Level, last: int, scale: float, seeds: int) -> pd.DataFrame:
    """Run the baseline and return, by place and year, the mean over seeds of what figures are about."""
    wanted = {("residents", "all"): "residents", ("residents", "urban"): "urban", ("births", "all"): "births",
              ("deaths", "all"): "deaths", ("moved_in", "all"): "moved_in", ("moved_out", "all"): "moved_out",
              ("reclassified", "all"): "reclassified"}  # fmt: skip
    total: list[pd.DataFrame] = []
    for seed in range(1, seeds + 1):
        model = SettlementModel("baseline", scale=scale, rng=seed, until=last, level=level)
        areas = indicators.areas_of(model.world)
        frames = []
        while model.year < last:
            model.step()
            values = indicators.year_values(model, areas)
            table = {name: values[key] for key, name in wanted.items()}
            frames.append(pd.DataFrame(table).assign(place=areas.code, year=model.year))
        total.append(pd.concat(frames).set_index(["place", "year"]))
    return pd.concat(total).groupby(["place", "year"]).mean()


def score(figures: pd.DataFrame, shipped: pd.DataFrame, before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Return mean absolute errors in percent, by measure and use, before and after."""
    every = pd.concat([figures, shipped], ignore_index=True)
    keys = pd.MultiIndex.from_frame(every[["place", "year"]])
    for name, told in (("before", before), ("after", after)):
        model = told.reindex(keys)
        values = [model[measure].iloc[row] for row, measure in enumerate(every["measure"])]
        every[name] = 100 * np.abs(np.array(values) / every["value"] - 1)
    grouped = every.dropna(subset=["before", "after"]).groupby(["use", "measure"])
    out = grouped.agg(figures=("value", "size"), before=("before", "mean"), after=("after", "mean"))
    return out.round(3).reset_index()[["measure", "use", "figures", "before", "after"]]


def _shipped() -> pd.DataFrame:
    """Return the project's own figures of 2021 and 2022 for the province, to see that they still hold."""
    later = targets.read("later")
    later = later[(later["area"] == str(PROVINCE)) & (later["year"] > BASE)]
    later = later[later["measure"].isin(["residents", "urban", "births", "deaths"])]
    return pd.DataFrame({"year": later["year"], "place": PROVINCE, "measure": later["measure"],
                         "value": later["value"].astype(float), "use": "shipped"})  # fmt: skip


def _span(figures: pd.DataFrame) -> str:
    """Return the years of the figures."""
    first, last = int(figures["year"].min()), int(figures["year"].max())
    return str(first) if first == last else f"{first}-{last}"
