"""How much a prefecture's growth wanders, and how far simple forecasts of it are off: sizes behind `paths.csv`.

``python -m calibration.assimilation.sizes FILE`` prints what yearly residents of many prefectures tell. FILE is a CSV
with columns code, year, residents_10k from 2020 on, in one series (earlier figures are as first published, and jump).
The compilation that was used covers 277 prefectures of China and has no licence, so it is not part of the project; its
results are in `paths.csv` and `forecast_errors.csv`.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from sim.results.areas import in_hebei
from sim.world import tables

BREAK = 0.04
"""Log growth in a year beyond which boundaries are the likelier story; the prefecture is left out."""
UTIL = 0.014
"""Log growth a year that one util of pull on a prefecture's towns is worth: 1.2 to 1.6 % in trials at scale 0.01."""
FIRST = 2020


def growth_of(table: pd.DataFrame) -> pd.DataFrame:
    """Return yearly log growth by prefecture, those with breaks left out."""
    wide = table.pivot_table(index="code", columns="year", values="residents_10k").map(np.log)
    growth = wide.diff(axis=1).loc[:, FIRST + 1 :].dropna()
    return growth[(growth.abs() < BREAK).all(axis=1)]


def parts_of(growth: pd.DataFrame) -> dict[str, float]:
    """Split growth into what lasts and noise of single years, by its covariances over prefectures.

    Parameters
    ----------
    growth
        (prefectures, 3 years) log growth.

    Returns
    -------
    dict
        constant, noise: standard deviations a year; walk: root of how much more two neighbouring years have in common
        than two that lie apart, 0 if they have not more.
    """
    covariance = growth.cov().to_numpy()
    one, two = (covariance[0, 1] + covariance[1, 2]) / 2, covariance[0, 2]
    changes = growth.diff(axis=1).iloc[:, 1:].cov().to_numpy()
    return {
        "constant": float(np.sqrt(max((2 * one + two) / 3, 0.0))),
        "noise": float(np.sqrt(max(-changes[0, 1], 0.0))),
        "walk": float(np.sqrt(max(one - two, 0.0))),
    }


def errors_of(growth: pd.DataFrame) -> pd.DataFrame:
    """Return root mean square errors of three simple forecasts by horizon, origins 2021 and 2022."""
    last, rows = int(growth.columns.max()), []
    for horizon in (1, 2):
        for name in ("no change", "growth since 2020", "last year's growth"):
            off = []
            for origin in range(FIRST + 1, last - horizon + 1):
                yearly = {"no change": 0 * growth[origin], "growth since 2020": growth.loc[:, :origin].mean(axis=1)}
                ahead = growth.loc[:, origin + 1 : origin + horizon].sum(axis=1)
                off.append(ahead - yearly.get(name, growth[origin]) * horizon)
            rows.append((name, horizon, float(np.sqrt((pd.concat(off) ** 2).mean()))))
    return pd.DataFrame(rows, columns=["baseline", "horizon", "sd"])


def main() -> None:
    """Print sizes and errors, beside those in the tables."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("file", type=Path)
    growth = growth_of(pd.read_csv(asked.parse_args().file))
    held = tables.load("paths").set_index(["name", "part"])["size"]
    for part, sd in parts_of(growth).items():
        own = held.get(("prefecture", "step" if part == "walk" else part))
        print(f"{part}: {100 * sd:.2f} % a year, {sd / UTIL:.2f} utils; in paths.csv {own:g}")
    outside = growth[[not in_hebei(code) for code in growth.index]]
    both = errors_of(outside).merge(tables.load("forecast_errors"), on=["baseline", "horizon"], suffixes=("", "_held"))
    print(f"{len(growth)} prefectures, {len(outside)} outside Hebei")
    print(both[["baseline", "horizon", "sd", "sd_held"]].round(5).to_string(index=False))


if __name__ == "__main__":
    main()
