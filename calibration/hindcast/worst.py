"""The areas that the forecast missed most, with what the tables say about why. A reason is a judgement."""

import numpy as np
import pandas as pd

from calibration.baselines.knowledge import known
from sim.messages import say
from sim.results.areas import BEIJING, XIONGAN_COUNTIES
from sim.world import tables

COLLEGE_AGES, COLLEGE_TOWN = ("15-19", "20-24"), 0.13  # the province has 0.10 in 2020
QUARTERS = 0.12  # of residents in group quarters, twice the province's
NEAR_BEIJING_KM = 70.0
BROKEN = 0.10  # log points by which the pace of 2000-10 changed


def worst(areas: pd.DataFrame, league: str = "blind", n: int = 10) -> pd.DataFrame:
    """The areas with the largest absolute log error, and reasons.

    Parameters
    ----------
    areas
        As in `Evaluation.areas`.
    league
        Whose errors.
    n
        How many.

    Returns
    -------
    Columns area, name_zh, forecast, happened, error (percent), reason.
    """
    order = areas[f"{league}_error"].abs().sort_values(ascending=False).index[:n]
    rows = areas.loc[order]
    return pd.DataFrame({
        "area": rows["area"], "name_zh": rows["name_zh"], "forecast": rows[league], "happened": rows["residents_2020"],
        "error": 100 * np.expm1(rows[f"{league}_error"]),
        "reason": [_reason(row, league) for _, row in rows.iterrows()],
    }).reset_index(drop=True)  # fmt: skip


def _reason(row: pd.Series, league: str) -> str:
    """What sets this area apart, from tables; several are joined."""
    members = [int(code) for code in row["members"].split(";")]
    places = tables.load("places").set_index("place").loc[members]
    census = tables.load("census2020").set_index("place").loc[members]
    too_high = row[f"{league}_error"] > 0
    found: list[str] = []
    folds = tables.load("zone_folds")
    mine = folds[folds["host"].isin(members)]
    share = (mine["population"] * 1.0).sum() / row["residents_2020"]
    if share > 0.03:
        if (mine["confidence"] == "sourced").all():
            told = say("a development zone counted here ({share:.0f} % of residents, host sourced)", share=100 * share)
        else:
            told = say(
                "a development zone counted here ({share:.0f} % of residents, host not sourced)", share=100 * share
            )
        found.append(told)
    was = tables.load("margins2010").set_index("place")["kind"].loc[members]
    annexed = places["name_zh"][(places["kind"] == "district") & (was != "district")]
    if len(annexed):
        found.append(say("{names} became a city district after 2010", names="、".join(annexed)))
    if set(XIONGAN_COUNTIES) & set(members):
        found.append(say("Xiong'an New Area was founded here in 2017"))
    ages = tables.load("ages2020")
    ages = ages[ages["place"].isin(members)]
    young = ages.loc[ages["band"].isin(COLLEGE_AGES), "persons"].sum() / ages["persons"].sum()
    if young > COLLEGE_TOWN and not too_high:
        found.append(say("college town: {share:.0f} % are 15-24", share=100 * young))
    quarters = census["group_quarters"].sum() / census["residents"].sum()
    if quarters > QUARTERS and not too_high:
        found.append(say("{share:.0f} % live in group quarters", share=100 * quarters))
    if _kilometres_to_beijing(places) < NEAR_BEIJING_KM:
        found.append(say("at Beijing's border, where housing and rules of Beijing decide"))
    k = known("composite")
    before = float(k.residents_2000[list(k.areas).index(row["area"])])
    first, then = np.log(row["residents_2010"] / before), np.log(row["residents_2020"] / row["residents_2010"])
    if abs(first - then) > BROKEN:
        found.append(
            say(
                "growth turned: {first:+.0f} log points in 2000-10, {then:+.0f} in 2010-20",
                first=100 * first,
                then=100 * then,
            )
        )
    return "; ".join(found) or say("no reason found in the tables")


def _kilometres_to_beijing(places: pd.DataFrame) -> float:
    """Distance of the nearest member's seat from the centre of Beijing."""
    city = tables.load("places").set_index("place").loc[BEIJING]
    east = (places["lon"] - city["lon"]) * np.cos(np.radians(city["lat"]))
    return float(111.2 * np.sqrt(east**2 + (places["lat"] - city["lat"]) ** 2).min())
