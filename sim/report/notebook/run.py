"""A run that can show itself, for notebooks."""

import os
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from sim.analysis.age_shares import age_shares
from sim.analysis.city_cores import city_cores
from sim.analysis.compare import MIN_DRAWS, MIN_SEEDS, QUANTILES, points, points_word
from sim.analysis.needs import rental_needs, school_needs
from sim.errors import UserError
from sim.messages import language, retold, say
from sim.policy.area_names import Asked, areas_named, in_order, named, rows_of
from sim.report.figures.fan import fan_chart
from sim.report.figures.maps import county_map
from sim.report.figures.pictures import source_line
from sim.report.figures.pyramid import pyramid
from sim.report.locale.translations import translate
from sim.report.notebook import arguments
from sim.results.areas import PROVINCE, By, is_county, prefecture_of
from sim.results.derived import available, levels
from sim.results.indicator_names import UNITS, Lang, title_of, unit_of
from sim.results.reader import Projection, Result
from sim.results.reader import load as open_results

SHOWN = ("residents", "urban_share", "net_migration", "public_school_share", "children_left_behind", "wage")
"""What a notebook shows of a run that is named and no more."""
NEEDS: tuple[By, ...] = ("province", "prefecture", "place")


class Run(Result):
    """One scenario's run, with tables and pictures.

    Its raw tables are `panel`, `flows`, `households`, `ages`, `groups`, `schools`. The examples below are of a run
    called `run`, as `sim.run("baseline", scale=0.002)["baseline"]` or `sim.load("results/baseline")` give one.

    Examples
    --------
    >>> run.table("urban_share", year=2028).columns.tolist()
    ['indicator', 'year', 'place', 'name_en', 'name_zh', 'kind', 'value', 'low', 'high', 'noise']
    >>> run.map("residents", year=2028).get_title(loc="left")
    'Residents, 2028: Without the plan'
    >>> "urban_share" in run.indicators
    True
    """

    @property
    def indicators(self) -> list[str]:
        """Names that `table`, `map` and `fan` know."""
        return available(self)

    @property
    def last(self) -> int:
        """The last year."""
        return self.years[-1]

    def table(
        self,
        indicator: str | None = None,
        by: By | None = None,
        year: int | None = None,
        zone: str = "all",
        place: Asked | None = None,
    ) -> pd.DataFrame:
        """Return levels with intervals and noise, one row an area (and indicator).

        Parameters
        ----------
        indicator
            An indicator, also a derived one such as `urban_share`; all if None.
        by
            province, prefecture, place or group; the province if None, or the level of the areas named.
        year
            The last of the run if None.
        zone
            urban, rural or all.
        place
            Areas by name or code, one or several, such as ["正定", "Baoding"]; all of the level if None.

        Returns
        -------
        DataFrame
            Columns indicator, year, place (group for groups), name_en, name_zh, kind, value (mean over the draws, of
            the central one with fewer than 20), low and high (90 % of the draws; missing with fewer than 20), noise
            (standard deviation over seeds; missing with fewer than 3).

        Examples
        --------
        >>> table = run.table("residents", by="prefecture", year=2028)
        >>> table["place"].tolist()
        [130100, 131000, 133100]
        >>> run.table("residents", place=["Langfang", "长安区"])["name_en"].tolist()
        ['Langfang', "Chang'an District"]
        """
        by, zone, year = arguments.level_or_none(by), arguments.zone(zone), arguments.year(year, self)
        wanted = self.indicators if indicator is None else [arguments.indicator(indicator, self.indicators)]

        def at(level: By) -> pd.DataFrame:
            tables = [self._levels(name, level, year, zone) for name in wanted]
            tables = [table for table in tables if not table.empty]
            if not tables:
                raise UserError(
                    "{name} holds no '{indicator}' by {level} for zone '{zone}'.",
                    name=self.name,
                    indicator=indicator,
                    level=level,
                    zone=zone,
                )
            return pd.concat(tables, ignore_index=True)

        return named(rows_of(at, by, place), kind=True)

    def map(
        self,
        indicator: str = "residents",
        year: int | None = None,
        zone: str = "all",
        since: int | None = None,
        lang: Lang = "en",
        ax: Axes | None = None,
    ) -> Axes:
        """Colour the counties by an indicator; with `since`, by its change since that year (percent for counts).

        Examples
        --------
        >>> run.map("residents", since=2020, lang="zh").get_title(loc="left")
        '常住人口，2020—2028年：基准情景'
        """
        year, lang = arguments.year(year, self), arguments.language(lang)
        now = self.table(indicator, "place", year, zone).set_index("place")["value"]
        unit, factor, _ = UNITS[unit_of(indicator)].shown(lang)
        diverging, values = False, now * factor
        if since is not None:
            since = arguments.year(since, self, "since")
            before = self.table(indicator, "place", since, zone).set_index("place")["value"]
            shares = unit_of(indicator) in ("share", "index")
            values = (now - before) * factor if shares else (now / before - 1) * 100
            unit = UNITS[unit_of(indicator)].difference(lang) if shares else "%"
            diverging = True
        title = translate("map_of" if since is None else "map_since", lang).format(
            title=title_of(indicator, lang, zone), since=since, year=year, what=self.title(lang)
        )
        return county_map(values, title, lang, ax, diverging, unit, translate(points_word(self), lang),
                          source_line([self], lang))  # fmt: skip

    def fan(
        self,
        indicator: str = "residents",
        by: By | None = None,
        area: int | str = PROVINCE,
        lang: Lang = "en",
        ax: Axes | None = None,
    ) -> Axes:
        """Draw an indicator of one area over the years, with bands of the draws if there are 20.

        The level follows from the area unless it is given.

        Examples
        --------
        >>> run.fan("urban_share").get_ylabel()
        '%'
        """
        indicator, lang = arguments.indicator(indicator, self.indicators), arguments.language(lang)
        by, area = arguments.area(area, by, self)
        return fan_chart([self], indicator, by, area, lang, ax, source=source_line([self], lang))

    def pyramid(
        self,
        years: tuple[int, int] | None = None,
        place: int | str = PROVINCE,
        lang: Lang = "en",
        ax: Axes | None = None,
    ) -> Axes:
        """Draw residents by age and sex: the later year as bars, the earlier as a line.

        Examples
        --------
        >>> len(run.pyramid((2020, 2028)).get_yticklabels())
        18
        """
        ages, lang = self.ages, arguments.language(lang)
        code = arguments.place(place, ages["place"].unique(), f"{self.name}, by age,")
        first, last = _two_years((self.years[0], self.last) if years is None else years)
        chosen = (arguments.year(first, self, "years"), arguments.year(last, self, "years"))
        if missing := sorted(set(chosen) - set(ages["year"])):
            kept = ", ".join(str(one) for one in sorted(set(ages["year"])))
            raise UserError(
                "{name} holds no ages of {missing}; it holds those of {kept}.",
                name=self.name,
                missing=missing[0],
                kept=kept,
            )
        return pyramid(ages, chosen, code, lang, ax, note=self.title(lang), source=source_line([self], lang))

    def moves(
        self,
        start: int | None = None,
        end: int | None = None,
        by: By = "prefecture",
        place: Asked | None = None,
    ) -> pd.DataFrame:
        """Return persons who moved between areas after `start` and until `end`, the most first.

        Of the central draw's first seed. Areas are prefectures (or counties with by="place"), Beijing 110000, Tianjin
        120000, the rest of China 0; moves inside an area are left out. With `place`, only moves from or to these.

        Returns
        -------
        DataFrame
            Columns origin, origin_en, origin_zh, destination, destination_en, destination_zh, persons, back (those who
            moved the other way), net.

        Examples
        --------
        >>> run.moves(place="Langfang").columns.tolist()[-3:]
        ['persons', 'back', 'net']
        """
        by = arguments.level(by, ("prefecture", "place"))
        first = self.years[0] if start is None else arguments.year(start, self, "start")
        last = arguments.year(end, self, "end")
        if first >= last:
            raise UserError(
                "moves are counted after start and until end, and {first} is not before {last}.", first=first, last=last
            )
        flows = self.flows
        flows = flows[(flows["year"] > first) & (flows["year"] <= last)]

        def area(code: int) -> int:
            return prefecture_of(code) if by == "prefecture" and is_county(code) else int(code)

        ends = [flows[name].map(area).rename(name) for name in ("origin", "destination")]
        total = flows["persons"].groupby(ends).sum().reset_index()
        total = total[total["origin"] != total["destination"]]
        back = total.rename(columns={"origin": "destination", "destination": "origin", "persons": "back"})
        out = total.merge(back, how="left", on=["origin", "destination"]).fillna({"back": 0.0})
        out["net"] = out["persons"] - out["back"]
        if place is not None:
            mine = [code for codes in areas_named(place, by).values() for code in codes]
            out = out[out["origin"].isin(mine) | out["destination"].isin(mine)]
        out = out.sort_values("persons", ascending=False, kind="stable", ignore_index=True)
        return named(out, ("origin", "destination"))

    def ageing(self, places: Sequence[int | str] | int | str | None = None) -> pd.DataFrame:
        """Return shares by age and dependency, by year, place and zone (see `sim.analysis.age_shares.age_shares`)."""
        known = self.ages["place"].unique()
        several = places if isinstance(places, Iterable) and not isinstance(places, str) else [places]
        codes = None if places is None else [arguments.place(one, known, self.name) for one in several]
        if codes == []:
            raise UserError("A place is named by its code or name, not by {places!r}.", places=places)
        return named(age_shares(self.ages, codes))

    def cities(self) -> pd.DataFrame:
        """Return people in the cores of cities by year (see `sim.analysis.city_cores.city_cores`)."""
        return city_cores(self)

    def needs(self, by: By | None = None, place: Asked | None = None) -> pd.DataFrame:
        """Return seats and teachers needed by stage and year (see `sim.analysis.needs.school_needs`)."""
        by = arguments.level_or_none(by, NEEDS)
        return named(rows_of(lambda level: school_needs(self, level), by, place, sums=False))

    def rental(self, by: By | None = None, place: Asked | None = None) -> pd.DataFrame:
        """Return guaranteed rental homes and who waits for them (see `sim.analysis.needs.rental_needs`)."""
        by = arguments.level_or_none(by, NEEDS)
        return named(rows_of(lambda level: rental_needs(self, level), by, place, sums=False))

    def life(self, household: int) -> pd.DataFrame:
        """Return the life history of one household of the sample, a row a year.

        Examples
        --------
        >>> run.life(0)["place"].tolist()
        [130102]
        """
        household = arguments.whole("household", household)
        rows = self.households[self.households["household"] == household]
        if rows.empty:
            some = ", ".join(str(one) for one in sorted(self.households["household"].unique())[:5])
            raise UserError(
                "The sample of {name} holds no household {household}; it holds {some} and others.",
                name=self.name,
                household=household,
                some=some,
            )
        dull = [name for name in ("scenario", "draw", "seed") if name in rows]
        rows = rows.drop(columns=dull).sort_values("year", ignore_index=True)
        return named(rows, ("place", "hukou_place"))

    def _levels(self, name: str, by: By, year: int, zone: str) -> pd.DataFrame:
        """Return one indicator's rows of `table`; empty if the run does not hold it."""
        series = levels(self, name, by, [year], zone)
        draw = series.index.get_level_values("draw")
        central = series[draw == 0].groupby("area")
        if not len(central):
            return pd.DataFrame()
        table = pd.DataFrame({"value": points(series)})
        drawn = series[draw > 0].groupby(["area", "draw"]).mean()
        enough = drawn.index.get_level_values("draw").nunique() >= MIN_DRAWS
        for column, level in zip(("low", "high"), QUANTILES, strict=True):
            table[column] = drawn.groupby("area").quantile(level) if enough else float("nan")
        table["noise"] = central.std(ddof=1).where(central.count() >= MIN_SEEDS)
        where = "group" if by == "group" else "place"
        table = table.rename_axis(where).reset_index().assign(indicator=name, year=year)
        if by != "group":
            table = in_order(table)
        return table[["indicator", "year", where, "value", "low", "high", "noise"]]

    def __repr__(self) -> str:
        return f"<Run {self.name}: {self._facts()}>"

    def _facts(self) -> str:
        """Say in a few words what the run is."""
        seeds = self.panel.loc[self.panel["draw"] == 0, "seed"].nunique()
        scale = self.manifest.get("scale")
        one_in = say("1 household in {count:,}, ", count=round(1 / scale)) if scale else ""
        return say("{first}-{last}, {one_in}{draws} draws, {seeds} seeds", first=self.years[0], last=self.last,
                   one_in=one_in, draws=len(self.draws), seeds=seeds).to()  # fmt: skip

    def _repr_html_(self) -> str:
        """Show a run in a notebook: what it is and a few outcomes of its last year."""
        rows, lang = [], language()
        for name in SHOWN:
            table = self._levels(name, "province", self.last, "all") if name in self.indicators else pd.DataFrame()
            if not table.empty:
                unit, factor, decimals = UNITS[unit_of(name)].shown(lang)
                rows.append((title_of(name, lang), f"{table['value'].iloc[0] * factor:,.{decimals}f}", unit))
        cells = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
        warnings = self.manifest.get("warnings") or ()
        notes = "".join(f"<li>{escape(retold(text))}</li>" for text in warnings)
        return (
            f"<p><b>{escape(self.title(lang))}</b> ({escape(self.name)}): {escape(self._facts())}</p>"
            f"<table><thead><tr><th>{self.last}</th><th></th><th></th></tr></thead><tbody>{cells}</tbody></table>"
            + (f"<ul>{notes}</ul>" if notes else "")
        )


class Runs(Projection):
    """Several runs by name."""

    def _repr_html_(self) -> str:
        return "".join(run._repr_html_() for run in self.values() if isinstance(run, Run))


def _two_years(given: Any) -> tuple[Any, Any]:
    """Return the two years of a pyramid."""
    years = tuple(given) if isinstance(given, Iterable) and not isinstance(given, str) else ()
    if len(years) != 2:
        raise UserError("years are two, such as (2020, 2028), not {given!r}.", given=given)
    return years[0], years[1]


def as_run(result: Result) -> Run:
    """Return a result as a run that can show itself."""
    return Run(result.path, result.manifest, result.frames)


def load(path: str | Path) -> Run | Runs:
    """Open a result folder: one run, or a folder that holds several.

    Returns
    -------
    Run, or a mapping from folder name to Run.

    Raises
    ------
    UserError
        If there are no results, or a file of theirs is missing, cut short or not readable.
    """
    if not isinstance(path, str | os.PathLike) or not str(path):
        raise UserError("A result folder is named by its path, not by {path!r}.", path=path)
    opened = open_results(path)
    if isinstance(opened, Projection):
        return Runs(opened.path, {name: as_run(result) for name, result in opened.items()})
    return as_run(opened)
