"""The answer of a county to new jobs: five per cent more labour demand in one county from 2021 on, over twenty years.

``python -m calibration.validation.job_shock`` runs it for counties of all sizes, one at a time, prints the table and
writes it and the figure into the chapter on markets (`docs/model/markets.md`, `docs/gallery/job_shock.png`).
"""

import argparse
import os
from concurrent.futures import ProcessPoolExecutor
from functools import partial

import matplotlib as mpl
import numpy as np

from calibration.validation.measures import counties
from sim.kernels import tally
from sim.model.model import SettlementModel
from sim.storage.atomic import write_text
from sim.storage.paths import ROOT

PAGE, PICTURE = ROOT / "docs" / "model" / "markets.md", ROOT / "docs" / "gallery" / "job_shock.png"
BEGIN, END = "<!-- job shock: made by `python -m calibration.validation.job_shock` -->", "<!-- job shock ends -->"
COLUMNS = ("residents, %", "wages, %", "unemployment, points", "vacancy of homes, points", "jobs, %")
YEARS = 20


def answers(scale: float, number: int, seed: int, workers: int) -> np.ndarray:
    """Return (counties, years + 1, 5) the answers of single counties in per cent, see `counties.answer`."""
    model = SettlementModel("baseline", scale=scale, rng=seed, until=2021)
    places = counties.shocked_counties(model.world, model.counts.by_place(tally.RESIDENTS), number)
    one = partial(counties.answer, scale=scale, years=YEARS, seed=seed)
    with ProcessPoolExecutor(workers) as pool:
        return 100 * np.stack(list(pool.map(one, places)))


def table(found: np.ndarray) -> str:
    """Return the means over counties, with their standard errors, after the years of `counties.AFTER`."""
    mean, error = found.mean(0), found.std(0, ddof=1) / np.sqrt(len(found))
    out = [f"| years after | {' | '.join(COLUMNS)} |", "|---" * (len(COLUMNS) + 1) + "|"]
    for year in counties.AFTER:
        cells = (f"{m:+.1f} ({e:.1f})" for m, e in zip(mean[year], error[year], strict=True))
        out.append(f"| {year} | {' | '.join(cells)} |")
    return "\n".join(out)


def draw(found: np.ndarray) -> None:
    """Draw the means and single counties."""
    mpl.use("Agg")
    import matplotlib.pyplot as plt

    fig, axes = plt.subplots(1, len(COLUMNS), figsize=(15, 3), layout="constrained")
    for i, (name, ax) in enumerate(zip(COLUMNS, axes, strict=True)):
        ax.plot(found[:, :, i].T, color="0.8", linewidth=0.8)
        ax.plot(found[:, :, i].mean(0), color="C0", linewidth=2)
        ax.axhline(0, color="black", linewidth=0.6)
        ax.set(title=name, xlabel="years after the shock")
    fig.savefig(PICTURE, dpi=110)
    plt.close(fig)


def main() -> None:
    """Run, print, draw, write."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--scale", type=float, default=0.02)
    asked.add_argument("--counties", type=int, default=10)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--workers", type=int, default=min(2, os.cpu_count() or 1))
    given = asked.parse_args()
    found = answers(given.scale, given.counties, given.seed, given.workers)
    told = table(found)
    print(told)
    draw(found)
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    note = f"""Means of {given.counties} counties of all sizes, each shocked alone, scale {given.scale:g}, central draw;
standard errors over counties in brackets."""
    write_text(PAGE, f"{before}{BEGIN}\n{note}\n\n{told}\n{END}{after}")


if __name__ == "__main__":
    main()
