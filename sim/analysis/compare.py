"""Baseline beside reform: differences paired by parameter draw and seed, with intervals, noise and shares of growth."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from sim.analysis.noise_flags import MARKS, mark, noise_flag
from sim.errors import UserError
from sim.messages import joined, say
from sim.policy.area_names import Asked, in_order, named, rows_of
from sim.results.areas import PREFECTURES, PROVINCE, By, is_county
from sim.results.derived import BASE_YEAR, available, levels
from sim.results.headline import HEADLINE
from sim.results.indicator_names import UNITS, Lang, interval_text, show, unit_of
from sim.results.inputs import runs_differ
from sim.results.reader import Result
from sim.results.writer import plain

MIN_DRAWS = 20
MIN_SEEDS = 3
QUANTILES = (0.05, 0.95)
COLUMNS = ["baseline", "reform", "difference", "low", "high", "interval", "noise", "below_noise", "mark",
           "base_low", "base_high", "reform_low", "reform_high"]  # fmt: skip


@dataclass(frozen=True, eq=False)
class Comparison:
    """Two runs of the same households under two scenarios.

    What tables hold: `baseline`, `reform` and `difference` are means over the parameter draws (1, 2, ...), so that
    differences, steps and places add up, and over the seeds of the central draw (draw 0) with fewer than 20 of them;
    `low` and `high` hold 90 % of the paired differences over draws, and are missing with fewer than 20; `noise` is the
    standard deviation over seeds of the central difference, and is missing with fewer than 3 seeds. `below_noise` marks
    differences smaller than that.

    Parameters
    ----------
    base
        The run compared with.
    reform
        The run with the policy.
    anyway
        Whether to compare runs that differ in more than their scenario.

    Raises
    ------
    UserError
        If anything but the scenario differs (`sim.results.inputs`), or if no run of the one has its pair in the other.
    """

    base: Result
    reform: Result
    anyway: bool = False

    def __post_init__(self) -> None:
        if self.unlike and not self.anyway:
            raise UserError(
                "{base} and {reform} cannot be compared, for not only the scenario differs: {unlike}; run both "
                "again with the same, or pass --anyway (anyway=True).",
                base=self.base.name,
                reform=self.reform.name,
                unlike=joined(self.unlike, "; "),
            )

    @cached_property
    def unlike(self) -> list[str]:
        """What differs between the two besides the scenario; empty if nothing does."""
        return runs_differ(self.base.manifest, self.reform.manifest)

    @cached_property
    def pairs(self) -> list[tuple[int, int]]:
        """Draws and seeds (draw, seed) that both runs hold: those that are compared."""
        ours, theirs = ({*one.members} for one in (self.base, self.reform))
        return sorted(ours & theirs)

    @property
    def pairing(self) -> str:
        """Say which runs are compared, and which have no pair in the other; empty if all have."""
        left = {one.name: len({*one.members} - {*self.pairs}) for one in (self.base, self.reform)}
        if not self.pairs or not any(left.values()):
            return ""
        seeds = ", ".join(str(seed) for draw, seed in self.pairs if draw == 0)
        draws = len({draw for draw, _ in self.pairs if draw > 0})
        without = joined(
            (say("{count} of {name}", count=count, name=name) for name, count in left.items() if count), " and "
        )
        return say(
            "Compared are seeds {seeds} and {draws} draws that both hold; {without} have no pair.",
            seeds=seeds or say("none"),
            draws=draws,
            without=without,
        )

    def first_pair(self, table: str) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return the rows of a table that only some runs of a scenario keep, for the first draw and seed of both.

        Parameters
        ----------
        table
            flows, ages, households or schools.

        Raises
        ------
        UserError
            If the two keep it of different seeds, which would be no comparison.
        """
        frames = [getattr(one, table) for one in (self.base, self.reform)]
        kept = [{*zip(frame["draw"], frame["seed"], strict=True)} for frame in frames]
        both = sorted(kept[0] & kept[1])
        if not both:
            told = joined(
                (
                    say("of seed {seeds} in {name}", seeds=joined(sorted({str(seed) for _, seed in held})), name=name)
                    for held, name in zip(kept, self.names, strict=True)
                ),
                " and ",
            )
            raise UserError(
                "The {table} are kept {told}, so they cannot be paired; run both with the same --seed.",
                table=table,
                told=told,
            )
        draw, seed = both[0]
        one, other = (frame[(frame["draw"] == draw) & (frame["seed"] == seed)] for frame in frames)
        return one, other

    @property
    def names(self) -> tuple[str, str]:
        """Names of the two scenarios."""
        return self.base.name, self.reform.name

    def table(
        self,
        indicator: str | None = None,
        by: By | None = None,
        year: int = 2028,
        zone: str = "all",
        place: Asked | None = None,
    ) -> pd.DataFrame:
        """Return levels, paired differences, their intervals and noise, one row an area (and indicator).

        Parameters
        ----------
        indicator
            An indicator, also a derived one such as `urban_share`; all if None.
        by
            province, prefecture, place or group; the province if None, or the level of the areas named.
        year
            The year compared.
        zone
            urban, rural or all.
        place
            Areas by name or code, one or several; all of the level if None.

        Returns
        -------
        DataFrame
            Columns indicator, year, place (group for groups), name_en, name_zh, kind, baseline, reform, difference,
            low, high, interval, noise, below_noise, mark (as `sim.analysis.noise_flags.LEGEND` says), base_low,
            base_high, reform_low, reform_high.
        """
        return named(rows_of(lambda level: self._table(indicator, level, year, zone), by, place), kind=True)

    def _table(self, indicator: str | None, by: By, year: int, zone: str) -> pd.DataFrame:
        """Return what `table` does of all areas of a level, without names."""
        if indicator is not None:
            table = self.rows(indicator, by, year, zone)
            if table.empty:
                raise UserError(self._why_empty(indicator, by, year, zone))
            return table
        both = [name for name in available(self.base) if name in set(available(self.reform))]
        tables = [table for table in (self.rows(name, by, year, zone) for name in both) if not table.empty]
        if not tables:
            raise UserError(self._why_empty("residents", by, year, zone))
        return pd.concat(tables, ignore_index=True)

    def headline(self, lang: Lang = "en", year: int = 2028) -> pd.DataFrame:
        """Return the outcomes of the projection, one row each; those a run does not hold are left out.

        Returns
        -------
        DataFrame
            Columns key, title, unit, indicator, then those of `table`.
        """
        runs = pd.DataFrame({
            "baseline": _headline_runs(self.base, year), "reform": _headline_runs(self.reform, year)
        }).dropna()  # fmt: skip
        if runs.empty:
            self._unpaired()
        table = summarise(runs.assign(difference=runs["reform"] - runs["baseline"]))
        table["mark"] = [MARKS[flag].strip() for flag in noise_flag(table)]
        rows = []
        for outcome in HEADLINE:
            if outcome.key in table.index:
                numbers, unit = table.loc[outcome.key].to_dict(), unit_of(outcome.indicator)
                numbers["interval"] = interval_text(numbers["low"], numbers["high"], unit, lang)
                rows.append({
                    "key": outcome.key, "title": outcome.title(lang),
                    "unit": UNITS[unit].zh if lang == "zh" else UNITS[unit].en, "indicator": outcome.indicator,
                    "area": outcome.area, "zone": outcome.zone, "year": year,
                    **{name: numbers[name] for name in COLUMNS},
                })  # fmt: skip
        return pd.DataFrame(rows)

    def text(self, lang: Lang = "en", year: int = 2028) -> pd.DataFrame:
        """Return the headline table written out for people: handy units, signs, dashes for what is missing."""
        rows = []
        for row in self.headline(lang, year).to_dict(orient="records"):
            unit = unit_of(row["indicator"])
            rows.append(
                {
                    "outcome": row["title"],
                    "unit": UNITS[unit].shown(lang)[0],
                    "baseline": show(row["baseline"], unit, lang),
                    "reform": show(row["reform"], unit, lang),
                    "difference": show(row["difference"], unit, lang, signed=True) + mark(row),
                    "interval": interval_text(row["low"], row["high"], unit, lang),
                    "noise": show(row["noise"], unit, lang),
                }
            )
        return pd.DataFrame(rows)

    def rows(self, indicator: str, by: By = "province", year: int = 2028, zone: str = "all") -> pd.DataFrame:
        """Return what `table` does, but an empty frame if either run lacks the indicator."""
        base = levels(self.base, indicator, by, [year], zone)
        reform = levels(self.reform, indicator, by, [year], zone)
        runs = pd.DataFrame({"baseline": base, "reform": reform}).dropna()
        if runs.empty and not (base.empty or reform.empty):
            self._unpaired()
        if runs.empty:
            return pd.DataFrame()
        runs["difference"] = runs["reform"] - runs["baseline"]
        table = summarise(runs).rename_axis("group" if by == "group" else "place").reset_index()
        table["indicator"], table["year"] = indicator, year
        table["mark"] = [MARKS[flag].strip() for flag in noise_flag(table)]
        unit = unit_of(indicator)
        ends = zip(table["low"], table["high"], strict=True)
        table["interval"] = [interval_text(low, high, unit) for low, high in ends]
        if by != "group":
            table = in_order(table)
        return table[["indicator", "year", "group" if by == "group" else "place", *COLUMNS]]

    def _unpaired(self) -> None:
        raise UserError(
            "{base} and {reform} share no draw and seed, so they cannot be paired.",
            base=self.base.name,
            reform=self.reform.name,
        )

    def _why_empty(self, indicator: str, by: By, year: int, zone: str) -> str:
        """Say why a table has no rows."""
        known = available(self.base)
        if indicator not in known:
            return say(
                "There is no indicator '{indicator}'; there are {known}.", indicator=indicator, known=joined(known)
            )
        if year not in self.base.years:
            return say(
                "The runs hold no year {year}: they go from {first} to {last}.",
                year=year,
                first=self.base.years[0],
                last=self.base.years[-1],
            )
        return say("The runs hold no '{indicator}' by {by} for zone '{zone}'.", indicator=indicator, by=by, zone=zone)


def compare(base: Result, reform: Result, anyway: bool = False) -> Comparison:
    """Pair two runs by parameter draw and seed; with `anyway`, also runs that differ in more than their scenario."""
    return Comparison(base, reform, anyway)


def _headline_runs(result: Result, year: int) -> pd.Series:
    """Return the headline outcomes of every run, indexed by area (the outcome's key), draw, seed, year.

    They are the same in every comparison and language, so they are kept with the result.
    """
    asked = ("headline", year)
    if asked not in result.kept:
        small = result.within({BASE_YEAR, year}, {PROVINCE, *PREFECTURES})
        found = {}
        for outcome in HEADLINE:
            one = levels(small, outcome.indicator, outcome.by, [year], outcome.zone)
            found[outcome.key] = one[one.index.get_level_values("area") == outcome.area].droplevel("area")
        result.kept[asked] = pd.concat(found, names=["area"])
    kept: pd.Series = result.kept[asked]
    return kept


def points(series: pd.Series, key: str = "area") -> pd.Series:
    """Return the values that tables and pictures show: means over draws if there are 20, else of the central draw.

    Parameters
    ----------
    series
        Indexed by draw, seed and `key`.
    key
        Level of the index that values stand for.
    """
    draw = series.index.get_level_values("draw")
    enough = draw[draw > 0].nunique() >= MIN_DRAWS
    return series[draw > 0 if enough else draw == 0].groupby(key).mean()


def points_word(run: Result) -> str:
    """Return the name of the word for what `points` gives of a run, in `sim.report.locale.translations`."""
    return "mean_of_draws" if len([draw for draw in run.draws if draw > 0]) >= MIN_DRAWS else "central_only"


def summarise(runs: pd.DataFrame, keys: Sequence[str] = ("area",)) -> pd.DataFrame:
    """Reduce paired runs to one row an area, or an area and year.

    Parameters
    ----------
    runs
        Columns baseline, reform, difference; indexed by draw, seed, year, area.
    keys
        Levels of the index that rows of the outcome stand for; runs hold a single year if it is not among them.
    """
    rows = list(keys)
    draw = runs.index.get_level_values("draw")
    central = runs[draw == 0].groupby(rows)
    if not len(central):
        raise UserError("There is no central run (draw 0) to compare; run the scenarios again.")
    drawn = runs[draw > 0].groupby([*rows, "draw"]).mean()
    enough = drawn.index.get_level_values("draw").nunique() >= MIN_DRAWS
    table = drawn.groupby(rows).mean() if enough else central.mean()
    ends = drawn.groupby(rows).quantile(np.array(QUANTILES)).unstack() if enough else None
    for column, prefix in (("difference", ""), ("baseline", "base_"), ("reform", "reform_")):
        for name, level in zip(("low", "high"), QUANTILES, strict=True):
            table[prefix + name] = float("nan") if ends is None else ends[column, level]
    seeds = central["difference"].count()
    table["noise"] = central["difference"].std(ddof=1).where(seeds >= MIN_SEEDS)
    table["below_noise"] = table["difference"].abs() < table["noise"]
    return table


def decompose_urban_growth(result: Result, start: int, end: int) -> pd.DataFrame:
    """Split the growth of the urban population into movers, villages that turned urban, and births less deaths.

    Sums over the urban zones of all counties, where the account closes exactly: moves between counties, and from
    village to town within one, are movers.

    Returns
    -------
    DataFrame
        Rows movers, reclassification, natural_increase, total; columns persons, share, low, high (of persons).
    """
    parts = {
        "movers": {"moved_in": 1, "moved_out": -1, "moved_within": 1},
        "reclassification": {"reclassified": 1},
        "natural_increase": {"births": 1, "deaths": -1},
    }
    years = range(start + 1, end + 1)
    runs = pd.DataFrame()
    for name, part in parts.items():
        runs[name] = sum(sign * _urban_flow(result, one, years) for one, sign in part.items())
    runs["total"] = runs.sum(axis="columns")
    draw = runs.index.get_level_values("draw")
    drawn = runs[draw > 0].groupby("draw").mean()
    point = drawn.mean() if len(drawn) >= MIN_DRAWS else runs[draw == 0].mean()
    table = pd.DataFrame({"persons": point, "share": point / point["total"]})
    for name, level in zip(("low", "high"), QUANTILES, strict=True):
        table[name] = drawn.quantile(level) if len(drawn) >= MIN_DRAWS else float("nan")
    return table.rename_axis("source")


def _urban_flow(result: Result, indicator: str, years: Collection[int]) -> pd.Series:
    """Return a flow into urban zones summed over counties and years, one value a run."""
    flow = levels(result, indicator, "place", years, "urban")
    if flow.empty:  # some flows have no zone of their own
        flow = levels(result, indicator, "place", years, "all")
    if flow.empty:
        raise UserError(
            "{result} holds no '{indicator}' by place, so urban growth cannot be split.",
            result=result.name,
            indicator=indicator,
        )
    area = flow.index.get_level_values("area")
    return flow[[is_county(code) for code in area]].groupby(["draw", "seed"]).sum()


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a table as JSON knows it: a list of objects, null for what is missing."""
    rows: list[dict[str, Any]] = plain(table)
    return rows
