"""People in the cores of cities (城区), as far as the census lets them be told."""

from typing import Any

import pandas as pd

from sim.results.areas import PREFECTURES, XIONGAN
from sim.results.derived import BASE_YEAR, levels
from sim.results.reader import Result
from sim.world import tables

DISTRICTS = "urban zones of the city's districts"
CORE = "census city core of 2020, with the growth of the county's urban zone since"
NAMES = {DISTRICTS: "市辖区城镇常住人口", CORE: "2020年普查城区人口，按该县级市城镇人口增长推算"}


def city_cores(result: Result) -> pd.DataFrame:
    """Return the residents of city cores by city and year, mean over the seeds of the central draw.

    The census gives people in the core (城区人口) for the 21 county-level cities only: these grow with the urban zone
    of their county. For the eleven prefecture cities the count is of urban residents of their districts (市辖区), which
    is wider than the core where districts have towns of their own. Xiong'an has no district and is left out.

    Returns
    -------
    DataFrame
        Columns city (code of the prefecture or the county-level city), name_zh, name_en, kind (prefecture, county),
        year, persons, measure.
    """
    places = tables.load("places").set_index("place")
    runs = levels(result, "residents", "place", None, "urban")
    central = runs[runs.index.get_level_values("draw") == 0]
    urban: pd.DataFrame = central.groupby(["area", "year"]).mean().unstack("year")
    rows = []
    districts = places[places["kind"] == "district"]
    for code in PREFECTURES:
        members = [place for place in districts.index[districts["prefecture"] == code] if place in urban.index]
        if code == XIONGAN or not members:
            continue
        one = districts.loc[members[0]]
        names = (str(one["prefecture_zh"]), str(one["prefecture_en"]))
        rows += _rows(code, names, "prefecture", urban.loc[members].sum(), DISTRICTS)
    core = tables.load("census2020").set_index("place")["city_proper"].dropna()
    for code in core.index:
        if code in urban.index and BASE_YEAR in urban.columns:
            growth = urban.loc[code] / urban[BASE_YEAR][code]
            names = (str(places["name_zh"][code]), str(places["name_en"][code]))
            rows += _rows(int(code), names, "county", float(core[code]) * growth, CORE)
    return pd.DataFrame(rows, columns=["city", "name_zh", "name_en", "kind", "year", "persons", "measure"])


def _rows(code: int, names: tuple[str, str], kind: str, persons: pd.Series, measure: str) -> list[tuple[Any, ...]]:
    """Return one row a year."""
    return [(code, *names, kind, year, float(value), measure) for year, value in persons.items()]
