"""How good a forecast of one and two years is: figures are assimilated up to an origin, those after it are scored.

Beside the model stand three simple forecasts of residents, each with an interval from its own errors in the prefectures
of China outside Hebei (`forecast_errors.csv`). Forecasts are of what is published, so they hold its error too. Nothing
later than an origin is in its forecast: the prior knows the census, and paths are put to the figures up to the origin.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import norm

from calibration.assimilation import smoother, work
from calibration.assimilation.observation import DEFAULT_ERROR, MEASURES, Figures
from calibration.assimilation.plausibility import people
from calibration.assimilation.smoother import Settings
from sim.analysis.rolling_origins import pit_counts, summary
from sim.errors import UserError
from sim.model import parameters
from sim.results.areas import PROVINCE, in_hebei
from sim.world import tables
from sim.world.place_names import find

ORIGINS = (2021, 2022)
MODEL = "luohu"
BASELINES = ("no change", "growth since 2020", "last year's growth")
SHARES = (0.05, 0.95)
HALF = 0.5
HEAD = "# What we knew and when"
CSV_HEAD = "origin,year,place,name,measure,by,"
"""How the page and its table begin."""
type Progress = Callable[[float, str], None]


def rolling(
    figures: Figures, settings: Settings, folder: Path, n_workers: int = 1, progress: Progress | None = None,
    origins: Sequence[int] = ORIGINS,
) -> pd.DataFrame:  # fmt: skip
    """Forecast the figures after each origin.

    Parameters
    ----------
    figures
        All that were published; those after an origin are only scored.
    settings, folder, n_workers, progress
        As for `smoother.assimilate`.
    origins
        Last years that are known.

    Returns
    -------
    DataFrame
        A row a figure, origin and forecast: origin, year, place, name, measure, by, published, forecast (median), low,
        high (5 % and 95 %), off (percent), inside, crps (percent of the figure), pit.
    """
    last, rows = figures.last, []
    sample = pd.read_parquet(parameters.before_figures())
    for turn, origin in enumerate(origins):

        def tell(share: float, word: str, turn: int = turn, origin: int = origin) -> None:
            if progress:
                progress((turn + share) / len(origins), f"origin {origin}: {word}")

        known = figures.used("fit", origin)
        found = smoother.assimilate(sample, known, settings, folder / str(origin), n_workers, tell)
        run = smoother.Work(found.space, settings, folder / str(origin), n_workers, None)
        draws = list(range(1, settings.draws + 1))
        values = run.run(len(settings.scales), settings.scales[-1], draws, found.scores, until=last)
        rows += forecasts(figures, values, origin, run.areas, settings.seed)
    return pd.DataFrame(rows)


def forecasts(
    figures: Figures, values: np.ndarray, origin: int, areas: Sequence[int], seed: int
) -> list[dict[Any, Any]]:
    """Score the draws' forecasts and the simple ones of one origin.

    Parameters
    ----------
    figures
        All that were published.
    values
        (draws, areas, years after the census, measures).
    origin, areas, seed
        Last year known, codes of the axis, seed of the error of publication.
    """
    table = figures.table
    later = table[(table["use"] == "fit") & (table["year"] > origin) & table["place"].map(in_hebei)]
    years, rows = range(work.BASE + 1, work.BASE + 1 + values.shape[2]), []
    for index, one in zip(later.index, later.to_dict("records"), strict=True):
        mine = Figures(table.loc[[index]])
        told = np.array([mine.persons(each, areas, years)[0] for each in values])
        key = [seed, origin, int(one["year"]), int(one["place"]), MEASURES.index(str(one["measure"]))]
        noise = np.random.default_rng(key).standard_normal(len(told)) * _known_error(table, one, origin)
        ensemble = np.log(told) + noise
        about = {"origin": origin, "year": int(one["year"]), "place": int(one["place"]),
                 "name": find(int(one["place"])).name_zh, "measure": one["measure"]}  # fmt: skip
        actual = float(np.log(one["value"]))
        low, middle, high = np.quantile(ensemble, (SHARES[0], HALF, SHARES[1]))
        scored = _row(actual, middle, low, high, crps_of(ensemble, actual), float((ensemble < actual).mean()))
        rows.append({**about, "by": MODEL, **scored})
        if one["measure"] == "residents":
            for name in BASELINES:
                middle, spread = simple(name, table, one, origin)
                low, high = norm.ppf(SHARES, middle, spread)
                z = (actual - middle) / spread
                value = spread * (z * (2 * norm.cdf(z) - 1) + 2 * norm.pdf(z) - 1 / np.sqrt(np.pi))
                rows.append({**about, "by": name, **_row(actual, middle, low, high, value, float(norm.cdf(z)))})
    return rows


def _known_error(table: pd.DataFrame, one: dict[Any, Any], origin: int) -> float:
    """Relative standard error of a figure, as of the last one of its kind at the origin."""
    mine = table[(table["place"] == one["place"]) & (table["measure"] == one["measure"]) & (table["year"] <= origin)]
    if mine.empty:
        return DEFAULT_ERROR[str(one["measure"])]
    return float(mine["error"].iloc[-1] / mine["value"].iloc[-1])


def simple(name: str, table: pd.DataFrame, one: dict[Any, Any], origin: int) -> tuple[float, float]:
    """Return mean and standard deviation of a simple forecast of the log of a figure of residents."""
    mine = table[(table["place"] == one["place"]) & (table["measure"] == "residents") & (table["year"] <= origin)]
    known = {int(y): float(np.log(v)) for y, v in zip(mine["year"], mine["value"], strict=True)}
    known[work.BASE] = float(np.log(sum(people(int(code)) for code in str(one["scope"]).split(";"))))
    ahead = int(str(one["year"])) - origin
    yearly = {
        "no change": 0.0,
        "growth since 2020": (known[origin] - known[work.BASE]) / (origin - work.BASE),
        "last year's growth": known[origin] - known[origin - 1],
    }[name]
    sizes = tables.load("forecast_errors").set_index(["baseline", "horizon"])["sd"]
    return known[origin] + yearly * ahead, float(sizes[name, ahead])


def crps_of(ensemble: np.ndarray, actual: float) -> float:
    """Return the continuous ranked probability score of an ensemble, free of its size (fair)."""
    n, ordered = len(ensemble), np.sort(ensemble)
    weight = 2 * np.arange(1, n + 1) - n - 1
    return float(np.abs(ensemble - actual).mean() - (weight * ordered).sum() / (n * (n - 1)))


def _row(actual: float, middle: float, low: float, high: float, crps: float, pit: float) -> dict[Any, Any]:
    return {
        "published": np.exp(actual), "forecast": np.exp(middle), "low": np.exp(low), "high": np.exp(high),
        "off": 100 * np.expm1(middle - actual), "inside": bool(low <= actual <= high), "crps": 100 * crps, "pit": pit,
    }  # fmt: skip


def check_page(file: Path) -> None:
    """See that a page, and the table beside it, may be written: nothing is there, or what an earlier `nowcast` wrote.

    Raises
    ------
    UserError
        If something else is there.
    """
    for there, head in ((file, HEAD), (file.with_suffix(".csv"), CSV_HEAD)):
        try:
            own = not there.exists() or there.read_bytes().startswith(head.encode())
        except OSError:  # a folder, or closed to its user
            own = False
        if not own:
            raise UserError(
                "{file} exists already and is none of luohu's; name another page, such as nowcast.md.", file=there
            )


def page(table: pd.DataFrame, settings: Settings) -> str:
    """Return the page of the documentation: what was known when, and how the forecasts did."""
    scores, pit = summary(table), pit_counts(table)
    own = table[table["by"] == MODEL]
    province = own[own["place"] == PROVINCE][
        ["origin", "year", "measure", "published", "forecast", "low", "high", "inside"]
    ]
    return "\n".join([
        HEAD, "",
        "Made by `luohu nowcast`. Figures published up to an origin are assimilated, those after it are forecast and",
        "scored. Errors, CRPS and widths of 90 % intervals are in percent of residents; CRPS pools a forecast's error",
        "and its honesty, and less is better. Sizes of paths were set with prefectures of all China in view, their",
        "years 2021-23 among them; Hebei's own figures after an origin are in none of its forecasts.", "",
        f"{settings.draws} draws, agents per household {', '.join(f'{s:g}' for s in settings.scales)}.", "",
        "## Residents of the eleven prefectures and of the province", "", _markdown(scores), "",
        "## How often figures fall into each fifth of the forecast (prefectures)", "", _markdown(pit), "",
        "## The province", "", _markdown(province.round({"published": 0, "forecast": 0, "low": 0, "high": 0})), "",
    ])  # fmt: skip


def _markdown(table: pd.DataFrame) -> str:
    heads = [str(column) for column in table.columns]
    cells = [[f"{v:,.0f}" if isinstance(v, float) and abs(v) >= 1000 else str(v) for v in row]
             for row in table.itertuples(index=False)]  # fmt: skip
    return "\n".join("| " + " | ".join(line) + " |" for line in [heads, ["---"] * len(heads), *cells])
