"""How good forecasts have been one and two years after what was known: scores of what `luohu nowcast` writes."""

from itertools import pairwise

import numpy as np
import pandas as pd

from sim.results.areas import PROVINCE

COLUMNS = ("origin", "year", "place", "measure", "by", "off", "low", "high", "inside", "crps")


def summary(table: pd.DataFrame) -> pd.DataFrame:
    """Return by forecast, origin and year: figures, mean absolute error and CRPS in percent, share inside 90 %.

    Rows with the origin `all` hold the prefectures' residents of all origins and years together, those with the place
    `province` the province's.
    """
    residents = _residents(table)
    prefectures = residents[residents["of"] == "prefectures"]
    rows = [
        dict(zip(("of", "by", "origin", "year"), keys, strict=True)) | _scores(part)
        for keys, part in [
            *residents.groupby(["of", "by", "origin", "year"], sort=True),
            *((("prefectures", by, "all", "all"), part) for by, part in prefectures.groupby("by")),
        ]
    ]
    return pd.DataFrame(rows).round({"mae": 3, "crps": 3, "inside": 2, "width": 2})


def by_years_ahead(table: pd.DataFrame) -> pd.DataFrame:
    """Return the scores by years between what was known and what was forecast.

    Parameters
    ----------
    table
        As `luohu nowcast` writes it: a row a figure, origin and forecast, with columns `COLUMNS`.

    Returns
    -------
    DataFrame
        Columns of (prefectures or province), ahead (years), by (luohu or a simple forecast, luohu first), figures, mae,
        crps, inside, width; errors, CRPS and width of the 90 % interval in percent of residents, inside a share.
    """
    residents = _residents(table).assign(ahead=lambda rows: rows["year"] - rows["origin"])
    order = residents["by"].ne("luohu").rename("simple")
    rows = [
        dict(zip(("of", "ahead", "simple", "by"), keys, strict=True)) | _scores(part)
        for keys, part in residents.groupby(["of", "ahead", order, "by"], sort=True)
    ]
    return pd.DataFrame(rows).drop(columns="simple")


def _residents(table: pd.DataFrame) -> pd.DataFrame:
    """Return the forecasts of residents, with what they are of."""
    rows = table[table["measure"] == "residents"]
    return rows.assign(of=rows["place"].eq(PROVINCE).map({True: "province", False: "prefectures"}))


def _scores(part: pd.DataFrame) -> dict[str, float]:
    return {
        "figures": len(part), "mae": part["off"].abs().mean(), "crps": part["crps"].mean(),
        "inside": part["inside"].mean(), "width": (100 * np.log(part["high"] / part["low"])).mean(),
    }  # fmt: skip


def pit_counts(table: pd.DataFrame, bins: int = 5) -> pd.DataFrame:
    """Return how many of the prefectures' residents fall into each fifth of the forecast distribution, by forecast."""
    mine = table[(table["measure"] == "residents") & (table["place"] != PROVINCE)]
    edges = np.linspace(0, 1, bins + 1)
    found = {by: np.histogram(np.clip(part["pit"], 0, 1), edges)[0] for by, part in mine.groupby("by")}
    names = [f"{low:.1f}-{high:.1f}" for low, high in pairwise(edges)]
    return pd.DataFrame(found, index=names).T.rename_axis("by").reset_index()
