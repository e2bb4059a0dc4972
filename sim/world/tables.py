"""The tables of facts in ``sim/world/data``: what each must look like, and the one way to read them.

Every table is checked when it is loaded. A damaged file is for the user to correct, so the complaint is one sentence
with file, line, column, the bad value and what belongs there.
"""

import difflib
import functools
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pandera.pandas as pa

from sim.errors import UserError
from sim.storage.paths import DATA


@dataclass(frozen=True)
class Table:
    """What a table must look like: its columns, the columns that name a row, and how many rows (0: any)."""

    columns: dict[str, pa.Column]
    key: tuple[str, ...] = ()
    rows: int = 0


# --- kinds of column ------------------------------------------------------------------------------------------------


def whole(low: int | None = 0, high: int | None = None, missing: bool = False, what: str = "") -> pa.Column:
    """Whole numbers from low to high."""
    return pa.Column("Int64" if missing else "int64", _between(low, high), nullable=missing,
                     description=what or "a whole number" + _span(low, high))  # fmt: skip


def real(low: float | None = 0, high: float | None = None, missing: bool = False) -> pa.Column:
    """Numbers from low to high."""
    return pa.Column(float, _between(low, high), nullable=missing, description="a number" + _span(low, high))


def text(*allowed: str, missing: bool = False) -> pa.Column:
    """Text, or one of a few words."""
    if allowed:
        return pa.Column(None, pa.Check.isin(allowed), nullable=missing, description="one of " + ", ".join(allowed))
    return pa.Column(None, nullable=missing, description="text")


def place(outside: bool = False, missing: bool = False) -> pa.Column:
    """A code of ``places.csv``: a county unit of Hebei, or with ``outside`` also Beijing, Tianjin and the rest."""
    what = "a place code of places.csv" if outside else "a Hebei county code of places.csv"
    return pa.Column("Int64" if missing else "int64", nullable=missing, description=what, metadata={"outside": outside})


def members() -> pa.Column:
    """County codes joined by semicolons."""
    return pa.Column(None, pa.Check.str_matches(r"^\d{6}(;\d{6})*$"), nullable=True,
                     description="county codes joined by semicolons")  # fmt: skip


def code() -> pa.Column:
    """A place code, or 130000 for Hebei and 100000 for China."""
    return whole(0, 999999, what="an area code")


def year(low: int = 1990, high: int = 2040) -> pa.Column:
    """A calendar year; ``high`` keeps out figures that are held back for checking the projections."""
    return whole(low, high)


def _between(low: float | None, high: float | None) -> list[pa.Check]:
    checks = [] if low is None else [pa.Check.ge(low)]
    return checks if high is None else [*checks, pa.Check.le(high)]


def _span(low: float | None, high: float | None) -> str:
    if low is None:
        return ""
    return f" from {low:g} to {high:g}" if high is not None else f" of {low:g} or more"


SOURCE = pa.Column(None, metadata={"source": True}, description="a key of sources.csv")
NOTE = {"source": SOURCE, "note": text(missing=True)}
SEX = text("male", "female")
BANDS = ["0", "1-4", *[f"{a}-{a + 4}" for a in range(5, 85, 5)], "85+"]
BAND = text(*BANDS)
COUNT = whole()
SHARE = real(0, 1)
LEVELS = ("none", "preschool", "primary", "junior", "senior", "college", "bachelor")


def _counts(*names: str) -> dict[str, pa.Column]:
    return dict.fromkeys(names, COUNT)


HOUSEHOLDS = ("hh_one_person", "hh_one_generation", "hh_two_generations", "hh_three_generations", "hh_four_generations")
ELSEWHERE = ("elsewhere_same_county", "elsewhere_other_county", "elsewhere_other_province")

# --- the tables -----------------------------------------------------------------------------------------------------

TABLES: dict[str, Table] = {
    "sources": Table(
        {"key": text(), "citation": text(), "year": whole(1980, 2030, missing=True), "licence": text()}, ("key",)
    ),
    "places": Table(
        {
            "place": whole(0, 999999), "name_zh": text(), "name_en": text(),
            "kind": text("district", "county", "city", "outside"), "prefecture": code(), "prefecture_zh": text(),
            "prefecture_en": text(), "jurisdiction": code(), "lon": real(70, 140), "lat": real(15, 55),
            "area_km2": real(1, 20000, missing=True), **NOTE,
        },
        ("place",), 170,
    ),
    "zone_folds": Table(
        {
            "zone": code(), "name_zh": text(), "host": place(), "host_name": text(), "share": SHARE,
            "population": COUNT, "confidence": text("sourced", "high", "medium", "low"), **NOTE,
        },
        ("zone", "host"),
    ),
    "census2020": Table(
        {
            "place": place(),
            **_counts("residents", "urban", "rural", "male", "female", "households", "household_pop", "group_quarters",
                      *HOUSEHOLDS, "hh_with_65plus", *ELSEWHERE, *[f"edu_{e}_{s}" for s in "mf" for e in LEVELS]),
            "city_proper": whole(missing=True), **NOTE,
        },
        ("place",), 167,
    ),
    "ages2020": Table({"place": place(), "sex": SEX, "band": BAND, "persons": COUNT, "source": SOURCE},
                      ("place", "sex", "band"), 167 * 2 * 19),
    "census2020_shares": Table(
        {
            "place": place(),
            **_counts(*[f"employed_{s}" for s in "AMCPQ"],
                      *[f"tenure_{t}" for t in ("rent", "self_built", "purchased", "inherited", "other")],
                      *[f"{m}_{s}" for m in ("never_married", "married", "divorced", "widowed") for s in "mf"],
                      "households_sampled", "car_households", "lift_households"),
            "housing_m2_per_head": real(5, 200), "rooms_per_household": real(0.5, 20), "source": SOURCE,
        },
        ("place",), 167,
    ),
    "household_sizes": Table(
        {
            "region": code(), "year": year(), "size": whole(1, 10), "households": whole(missing=True), "share": SHARE,
            **NOTE,
        },
        ("region", "year", "size"),
    ),
    "marital_by_age": Table(
        {
            "year": year(), "area": text("all", "urban", "rural"), "sex": SEX, "band": text(),
            "status": text("never_married", "married", "divorced", "widowed"), "share": SHARE, "source": SOURCE,
        },
        ("year", "area", "sex", "band", "status"),
    ),
    "units": Table({"place": place(), "unit": place(), **NOTE}, ("place",), 167),
    "composites": Table({"place": place(), "composite": place(), **NOTE}, ("place",), 167),
    "residents_rebased": Table({"unit": place(), "year": year(2000, 2020), "residents": COUNT, **NOTE},
                               ("unit", "year"), 166 * 3),
    "census2010": Table(
        {
            "code": code(), "name_zh": text(), "prefecture_zh": text(),
            **_counts("residents", "urban", "rural", "male", "female", "households", "household_pop", "age_0_14",
                      "age_15_64", "age_65plus", "registered", *ELSEWHERE, *HOUSEHOLDS),
            "non_agricultural_pct": real(0, 100), "birth_rate": real(0, 60), "death_rate": real(0, 60), **NOTE,
        },
        ("code",), 172,
    ),
    "margins2010": Table(
        {
            "place": place(), "margin": place(), "census2010": members(), "own2010": members(),
            "kind": text("district", "county", "city"), **NOTE,
        },
        ("place",), 167,
    ),
    "census2010_shares": Table(
        {
            "code": code(), "years_schooling": real(3, 20), "households_sampled": COUNT,
            **_counts(*[f"tenure_{t}" for t in ("rent", "self_built", "purchased", "other")]), "source": SOURCE,
        },
        ("code",), 172,
    ),
    "ages_china2010": Table({"band": BAND, "persons": COUNT, "source": SOURCE}, ("band",), 19),
    "house_prices2010": Table({"area": code(), "year": year(2010, 2010), "price": real(), **NOTE}, ("area",), 13),
    "known2010": Table(
        {"key": text(), "value": real(), "low": real(missing=True), "high": real(missing=True), "unit": text(), **NOTE},
        ("key",),
    ),
    "hukou": Table({"place": place(), "year": year(), "registered": COUNT, **NOTE}, ("place", "year")),
    "hukou_urban_share": Table({"year": year(2010, 2022), "share": SHARE, **NOTE}, ("year",)),
    "net_migration": Table(
        {
            "area": text(), "level": text("county", "group", "prefecture", "province"), "members": members(),
            "sex": SEX, "band": BAND, "residual": real(None), "rate_adj": real(-1, 10), **NOTE,
        },
        ("area", "sex", "band"),
    ),
    "province_series": Table(
        {
            "year": year(2000, 2022),
            **{c: whole(missing=True) for c in ("residents", "urban", "births", "deaths")},
            "net_migration": whole(None, missing=True),
            **{c: whole(missing=True) for c in ("residents_first", "urban_first")},
            "source": SOURCE, "sources_other": text(missing=True), "note": text(missing=True),
        },
        ("year",),
    ),
    "prefectures2021": Table(
        {
            "area": text(), "name_zh": text(), "members": members(), "year": year(2021, 2021), "residents": COUNT,
            **{c: whole(missing=True) for c in ("urban", "births", "deaths")}, **NOTE,
        },
        ("area",),
    ),
    "flows": Table(
        {
            "origin": code(), "destination": code(), "period": text(), "persons": COUNT,
            "known": text("exact", "partial", "estimate"), **NOTE,
        },
        ("origin", "destination", "period"),
    ),
    "gross_flows": Table({"place": code(), "period": text(), "direction": text("in", "out"), "persons": COUNT, **NOTE},
                         ("place", "period", "direction")),
    "stocks": Table(
        {
            "hukou_of": whole(0, 999999, missing=True), "living_in": whole(0, 999999, missing=True),
            "year": year(2000, 2020), "class": text(), "value": real(), "unit": text("persons", "share"), **NOTE,
        },
        ("hukou_of", "living_in", "year", "class"),
    ),
    "mortality": Table({"year": year(2010, 2030), "sex": SEX, "age": whole(0, 100), "q": SHARE, "source": SOURCE},
                       ("year", "sex", "age"), 21 * 2 * 101),
    "demography": Table(
        {"key": text(), "value": real(None), "low": real(None, missing=True), "high": real(None, missing=True),
         "unit": text(), **NOTE},
        ("key",),
    ),
    "fertility": Table(
        {
            "year": year(), "age": whole(15, 49), "area": text("all", "city", "town", "rural"), "rate": real(0, 0.5),
            **NOTE,
        },
        ("year", "age", "area"),
    ),
    "wages": Table({"place": place(True), "wage": real(1000, 1e6), "basis": text(), **NOTE}, ("place",), 170),
    "wages_published": Table(
        {"area": text(), "name_zh": text(), "year": year(), "kind": text("non-private", "private"),
         "wage": real(1000, 1e6), **NOTE},
        ("area", "year", "kind"),
    ),
    "gdp": Table({"place": place(), "year": year(), "gdp": real(1), "gdp_per_head": real(1, missing=True), **NOTE},
                 ("place", "year")),
    "house_prices": Table(
        {"place": place(True), "year": year(), "price": real(100, 1e6), "rent": real(0.1, 1e4), **NOTE}, ("place",), 170
    ),
    "rail": Table(
        {"origin": place(True), "destination": place(True), "minutes": whole(1, 2000), "year": year(), **NOTE},
        ("origin", "destination", "year"),
    ),
    "lines": Table(
        {
            "line": text(), "name_en": text(), "status": text("open", "under construction", "in testing 2026"),
            "opened": text(missing=True), "planned": text(missing=True), "construction_start": text(missing=True),
            "length_km": real(missing=True), "speed_kmh": real(missing=True), "stations": text(missing=True), **NOTE,
        },
        ("line",),
    ),
    "pupils": Table({"place": place(), "year": year(), **_counts("primary", "secondary"), **NOTE}, ("place", "year")),
    "schools_province": Table(
        {"key": text(), "region": code(), "year": year(), "value": real(), "unit": text(), **NOTE},
        ("key", "region", "year"),
    ),
    "unit_costs": Table(
        {"key": text(), "title_en": text(), "title_zh": text(), "value": real(), "low": real(), "high": real(),
         "unit": text(), **NOTE},
        ("key",),
    ),
    "hospital_beds": Table({"place": place(), "year": year(), "beds": COUNT, "source": SOURCE}, ("place", "year")),
    "potential_counties": Table(
        {"place": place(), "name_zh": text(), "annex_no": whole(1, 50), **NOTE}, ("place",), 50
    ),
    "sjz_circle": Table(
        {"place": place(), "name_zh": text(), "member": text("yes", "part", "uncertain"), **NOTE}, ("place",)
    ),
    "development_zones": Table(
        {
            "place": place(), "zone": whole(130000, 139999, missing=True), "name_zh": text(),
            "rank": text("national", "provincial", "administrative"), **NOTE,
        },
        ("place", "name_zh"),
    ),
    "adjacency": Table(
        {"place_a": place(), "place_b": place(), "km": real(), "source": SOURCE}, ("place_a", "place_b")
    ),
    "clusters": Table(
        {
            "place": code(), "cluster": text(), "year": year(), "indicator": text(), "value": real(), "unit": text(),
            **NOTE,
        },
        ("place", "cluster", "year", "indicator"),
    ),
    **dict.fromkeys(("parameters", "parameters2010"), Table(
        {
            "name": text(), "symbol": text(missing=True), "value": real(None), "low": real(None, missing=True),
            "high": real(None, missing=True), "unit": text(), "source": SOURCE,
            "status": text("seen", "computed", "memory", "assumption"), "meaning": text(), "note": text(missing=True),
        },
        ("name",),
    )),
}  # fmt: skip


# --- reading --------------------------------------------------------------------------------------------------------


def load(name: str, folder: Path | None = None) -> pd.DataFrame:
    """Read one table and check it.

    Parameters
    ----------
    name
        Name of the table, as in ``TABLES``: the file without ``.csv``.
    folder
        Where the files lie; the packaged tables by default.

    Returns
    -------
    A copy of its own, with whole numbers as integers and empty cells as missing.

    Raises
    ------
    UserError
        The file is missing or damaged; one sentence says where and how.
    """
    if name not in TABLES:
        raise UserError(f"There is no table named {name}{_nearest(name, TABLES)}.")
    return _load(name, Path(folder or DATA)).copy()


@functools.cache
def _load(name: str, folder: Path) -> pd.DataFrame:
    table, path = TABLES[name], folder / f"{name}.csv"
    try:
        raw = pd.read_csv(path, dtype=str, keep_default_na=False, na_values=[""], skip_blank_lines=False)
    except FileNotFoundError:
        raise UserError(f"{path} is missing; restore it from the package.") from None
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        why = str(error).strip()
        raise UserError(f"{path} cannot be read as a table ({why}); restore it from the package.") from None
    for column in table.columns:
        if column not in raw.columns:
            found = _nearest(column, [c for c in raw.columns if c not in table.columns])
            raise UserError(f"{path}, line 1: the column {column} is missing{found}.")
    frame = pd.DataFrame({c: _parse(raw[c], spec, path) for c, spec in table.columns.items()})
    try:
        pa.DataFrameSchema(table.columns).validate(frame, lazy=True)
    except pa.errors.SchemaErrors as error:
        first = error.failure_cases.dropna(subset=["index"]).sort_values("index", kind="stable").iloc[0]
        raise _bad(path, int(first["index"]), first["column"], raw, table.columns[first["column"]]) from None
    for column, spec in table.columns.items():
        known = _known(spec, folder)
        if known is not None and (strange := frame[column].notna() & ~frame[column].isin(known)).any():
            raise _bad(path, _first(strange), column, raw, spec, known)
    if table.key and (again := frame.duplicated(list(table.key))).any():
        row = _first(again)
        same = (frame[list(table.key)].astype(str) == frame.loc[row, list(table.key)].astype(str)).all(axis=1)
        named = ", ".join(f"{c} {raw[c].iloc[row]}" for c in table.key)
        first_line = _first(same) + 2
        raise UserError(f"{path}, line {row + 2}: repeats the row of line {first_line} ({named}); remove one.")
    if table.rows and len(frame) != table.rows:
        raise UserError(f"{path} has {len(frame)} rows instead of {table.rows}; restore it from the package.")
    return frame


def _parse(raw: pd.Series, spec: pa.Column, path: Path) -> pd.Series:
    """Text to numbers, naming the first cell that is none."""
    kind = "" if spec.dtype is None else str(spec.dtype).lower()
    if not kind:
        return raw
    numbers = pd.to_numeric(raw, errors="coerce")
    wrong = numbers.isna() & (raw.notna() | (not spec.nullable))
    if kind == "int64":
        wrong |= numbers.notna() & (numbers % 1 != 0)
    if wrong.any():
        raise _bad(path, _first(wrong), str(raw.name), raw.to_frame(), spec)
    if kind == "int64":
        return numbers.astype("Int64" if spec.nullable else "int64")
    return numbers.astype(float)


def _known(spec: pa.Column, folder: Path) -> set[Any] | None:
    """The codes or keys a column may hold, when another table lists them."""
    meta = spec.metadata or {}
    if "source" in meta:
        return set(_load("sources", folder)["key"])
    if "outside" in meta:
        places = _load("places", folder)
        return set(places["place"] if meta["outside"] else places.loc[places["kind"] != "outside", "place"])
    return None


def _bad(
    path: Path, row: int, column: str, raw: pd.DataFrame, spec: pa.Column, known: set[Any] | None = None
) -> UserError:
    value = raw[column].fillna("").iloc[row]
    shown = f"'{value}'" if value else "an empty cell"
    hint = _nearest(value, known) if known else ""
    return UserError(f"{path}, line {row + 2}, column {column}: {shown} is not {spec.description}{hint}.")


def _nearest(word: str, words: Iterable[Any]) -> str:
    """The nearest word, or the nearest code among numbers."""
    options = sorted(words)
    if options and not isinstance(options[0], str):
        return f"; nearest is {min(options, key=lambda k: abs(k - float(word)))}"
    near = difflib.get_close_matches(word, options, 1, 0.0)
    return f"; nearest is {near[0]}" if near else ""


def _first(mask: "pd.Series[bool]") -> int:
    return int(mask.to_numpy().argmax())


def contents(folder: Path | None = None) -> pd.DataFrame:
    """Say what is there: one row a table with its rows, first and last year, and how many sources it names."""
    rows = []
    for name in sorted(TABLES):
        frame = load(name, folder)
        years = frame["year"].dropna() if "year" in frame and name != "sources" else pd.Series(dtype=int)
        span = f"{int(years.min())}-{int(years.max())}" if len(years) else ""
        rows.append((name, len(frame), span, frame["source"].nunique() if "source" in frame else None))
    return pd.DataFrame(rows, columns=["table", "rows", "years", "sources"]).astype({"sources": "Int64"})


# --- checks across tables -------------------------------------------------------------------------------------------

PROVINCE_2020 = {
    "residents": 74_610_235,
    "urban": 44_816_486,
    "rural": 29_793_749,
    "male": 37_679_003,
    "female": 36_931_232,
    "households": 25_429_609,
    "household_pop": 69_871_266,
    "elsewhere_same_county": 9_890_013,
    "elsewhere_other_county": 6_730_356,
    "elsewhere_other_province": 3_155_272,
}


def check_all(folder: Path | None = None) -> list[str]:
    """Load every table and see that the totals tie.

    Parameters
    ----------
    folder
        Where the files lie; the packaged tables by default.

    Returns
    -------
    One line for each thing checked.

    Raises
    ------
    UserError
        A table is damaged, or two tables do not agree.
    """
    t = {name: load(name, folder) for name in TABLES}
    done = [f"{len(t)} tables, {sum(map(len, t.values())):,} rows"]

    def tie(what: str, left: pd.Series, right: pd.Series, file: str) -> None:
        if off := [p for p in left.index if left[p] != right[p]]:
            path = Path(folder or DATA) / f"{file}.csv"
            raise UserError(f"{path}: {what} do not tie at {off[0]} ({left[off[0]]} against {right[off[0]]}).")
        done.append(f"{what} tie")

    census, ages = t["census2020"].set_index("place"), t["ages2020"]
    tie("the province totals of 2020", census[list(PROVINCE_2020)].sum(), pd.Series(PROVINCE_2020), "census2020")
    tie("residents and urban plus rural", census["residents"], census["urban"] + census["rural"], "census2020")
    tie("residents and male plus female", census["residents"], census["male"] + census["female"], "census2020")
    tie("residents and people in households plus group quarters", census["residents"],
        census["household_pop"] + census["group_quarters"], "census2020")  # fmt: skip
    tie("households and generations", census["households"], census[list(HOUSEHOLDS[1:])].sum(axis=1), "census2020")
    by_sex = ages.pivot_table(index="place", columns="sex", values="persons", aggfunc="sum")
    for sex in ("male", "female"):
        tie(f"{sex} residents and their ages", census[sex], by_sex[sex], "ages2020")
    units = t["units"].set_index("place")["unit"]
    rebased = t["residents_rebased"].pivot(index="unit", columns="year", values="residents")
    tie("residents of 2020 by unit", census["residents"].groupby(units).sum(), rebased[2020], "residents_rebased")
    tie("the residents of 2010 as enumerated and re-based", t["census2010"][["residents"]].sum(),
        pd.Series({"residents": rebased[2010].sum()}), "census2010")  # fmt: skip
    folds = t["zone_folds"].groupby("zone")["share"].sum().round(9)
    tie("the shares of every development zone", folds, pd.Series(1.0, index=folds.index), "zone_folds")
    return done
