"""Shares of the old, the young and those of working age, by place and zone."""

from collections.abc import Collection

import pandas as pd

from sim.results.areas import PROVINCE
from sim.results.reader import Result

KEYS = ["year", "place", "zone"]
WORKING = (15, 60)
"""Working age by China's count: 15 to 59."""


def age_shares(ages: pd.DataFrame, places: Collection[int] | None = None) -> pd.DataFrame:
    """Return the make-up of residents by age, for every year, place and zone.

    Parameters
    ----------
    ages
        The table `ages` of a run: year, place, zone, sex, band, persons. It holds the first seed of the central draw,
        so there is no interval.
    places
        Codes wanted; all if None.

    Returns
    -------
    DataFrame
        Columns year, place, zone, residents, share_0_14, share_working (15-59), share_60plus, share_65plus, dependency
        (persons under 15 and from 60 for each of 15-59) and dependency_15_64 (under 15 and from 65 for each of 15-64,
        the usual international count). Missing where nobody lives.

    Examples
    --------
    >>> bands = pd.DataFrame({"year": 2028, "place": 130102, "zone": "all", "sex": "male",
    ...                       "band": ["0", "10-14", "15-19", "60-64", "85+"], "persons": [1.0, 1, 5, 2, 1]})
    >>> age_shares(bands)[["residents", "share_60plus", "dependency"]].to_dict("records")
    [{'residents': 10.0, 'share_60plus': 0.3, 'dependency': 1.0}]
    """
    if places is not None:
        ages = ages[ages["place"].isin(list(places))]
    first = ages["band"].astype(str).str.extract(r"^(\d+)")[0].astype(int)
    ranges = {
        "residents": first >= 0, "young": first < WORKING[0], "working": (first >= WORKING[0]) & (first < WORKING[1]),
        "old60": first >= 60, "old65": first >= 65,
    }  # fmt: skip
    persons = pd.DataFrame({name: ages["persons"].where(inside, 0.0) for name, inside in ranges.items()})
    keys = [ages[key].astype(str) if key == "zone" else ages[key] for key in KEYS]
    total = persons.groupby(keys, sort=True).sum()
    whole = total["residents"].where(total["residents"] > 0)
    out = pd.DataFrame({
        "residents": total["residents"], "share_0_14": total["young"] / whole,
        "share_working": total["working"] / whole, "share_60plus": total["old60"] / whole,
        "share_65plus": total["old65"] / whole,
        "dependency": (total["young"] + total["old60"]) / total["working"].where(total["working"] > 0),
    })  # fmt: skip
    usual = total["working"] + total["old60"] - total["old65"]
    out["dependency_15_64"] = (total["young"] + total["old65"]) / usual.where(usual > 0)
    return out.reset_index()


def provincial(result: Result) -> pd.DataFrame:
    """Return the shares of the whole province by year and zone."""
    return age_shares(result.ages, [PROVINCE])
