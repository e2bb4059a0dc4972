"""Twins: worlds that the model made, published with error, assimilated and projected as Hebei is.

Each twin has coefficients, levels, assumptions and paths of its own, drawn as the prior says, and is run from the
census to 2028. What it says of the figures published since the census, with their errors, is all that its ensemble is
told. If intervals mean what they say, the truth of 2028 lies as far from the ensemble as draws of it do: the mean of
its squared distance in standard deviations is 1. ``python -m calibration.validation.twins`` writes docs/twins.md; a
stopped study goes on where it was.
"""

import argparse
import json
import shutil
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import chi2

from calibration.assimilation import forward, smoother, work
from calibration.assimilation.observation import Figures, shipped
from calibration.assimilation.smoother import Settings, settings_of
from calibration.assimilation.vector import Space
from calibration.validation.measures.rows import Row, markdown
from sim.model import parameters
from sim.results.areas import LANGFANG, PROVINCE
from sim.results.provenance import command_line
from sim.runner import workers
from sim.storage.atomic import write_json, write_text
from sim.storage.paths import ROOT
from sim.world import tables

UNTIL = 2028
NUMBERED = 5000
"""Twins are draws from here on, so that no draw of an ensemble has paths of a twin."""
OUT = ROOT / "docs" / "twins.md"
RESIDENTS, URBAN = 0, 1
CONFIDENCE = 0.95


@dataclass(frozen=True, eq=False)
class Published(Figures):
    """Figures of a twin: the places, years and errors of those published of Hebei, and what was seen of the twin.

    seen : (figures,) on the scale on which a figure is compared.
    """

    seen: np.ndarray

    def observed(self) -> np.ndarray:
        """(figures,) what was published of the twin."""
        return self.seen


def measured(values: np.ndarray, areas: list[int]) -> dict[str, float]:
    """Return what is judged of a run's last year: logs of residents, and the urban share in percent.

    Parameters
    ----------
    values
        (areas, years, measures) of a run.
    areas
        Codes of the first axis.
    """
    last = dict(zip(areas, values[:, -1], strict=True))
    potential = sum(last[int(code)][RESIDENTS] for code in tables.load("potential_counties")["place"])
    return {
        "residents": float(np.log(last[PROVINCE][RESIDENTS])),
        "urban share": float(100 * last[PROVINCE][URBAN] / last[PROVINCE][RESIDENTS]),
        "residents of Langfang": float(np.log(last[LANGFANG][RESIDENTS])),
        "residents of the potential counties": float(np.log(potential)),
    }


def truth_of(twin: int, prior: pd.DataFrame, figures: Figures, settings: Settings, folder: Path) -> np.ndarray:
    """Run a twin and return its values, (areas, years to 2028, measures).

    Its coefficients and levels are those of a row of the prior that its ensemble does not hold.
    """
    draw, rows = NUMBERED + twin, prior[prior["draw"] > settings.draws]
    own = rows.iloc[[(twin - 1) % len(rows)]].assign(draw=draw)
    space = Space(pd.concat([prior, own], ignore_index=True), figures)
    scores = space.prior([draw])[:, 0]
    path = folder / "truth.npy"
    forward.run(forward.Task(
        str(path), draw, settings.seed + draw, settings.scales[-1], UNTIL, space.row(scores, draw), space.scores(scores)
    ))  # fmt: skip
    return np.asarray(np.load(path))


def one(twin: int, settings: Settings, folder: Path) -> dict[str, dict[str, float]]:
    """Make a twin, assimilate what is published of it, project, and compare.

    Parameters
    ----------
    twin
        Its number, from 1.
    settings
        As for `smoother.assimilate`; the prior must have more draws than these.
    folder
        Of its runs.

    Returns
    -------
    dict
        By quantity of `measured`: truth, mean, sd, and z of the truth in the ensemble of 2028.
    """
    folder.mkdir(parents=True, exist_ok=True)
    prior = pd.read_parquet(parameters.before_figures())
    published = shipped().used("fit")
    areas, years = forward.codes(), range(work.BASE + 1, published.last + 1)
    truth = truth_of(twin, prior, published, settings, folder)
    doubt = np.random.default_rng([settings.seed, NUMBERED + twin]).standard_normal(len(published.table))
    seen = published.told(truth[:, : len(years)], areas, years) + published.errors() * doubt
    found = smoother.assimilate(
        prior[prior["draw"] <= settings.draws], Published(published.table, seen), settings, folder
    )
    run = smoother.Work(found.space, settings, folder, 1, None)
    draws = list(range(1, settings.draws + 1))
    values = run.run(len(settings.scales), settings.scales[-1], draws, found.scores, until=UNTIL)
    actual, told = measured(truth, areas), pd.DataFrame([measured(each, areas) for each in values])
    widened = np.sqrt(1 + 1 / len(told))  # the mean of so few draws is itself uncertain
    return {
        name: {"truth": value, "mean": float(told[name].mean()), "sd": float(told[name].std(ddof=1)),
               "z": float((value - told[name].mean()) / (told[name].std(ddof=1) * widened))}
        for name, value in actual.items()
    }  # fmt: skip


def study(twins: int, settings: Settings, folder: Path, n_workers: int = 1) -> pd.DataFrame:
    """Compare so many twins, a process each, taking from the folder those that are there; a row a twin and quantity."""
    numbers = range(1, twins + 1)
    missing = [Task(twin, settings, folder) for twin in numbers if not _file(folder, twin).exists()]
    for word in workers.each(_carry_out, missing, n_workers):
        print(word, flush=True)
    return pd.DataFrame([
        {"twin": twin, "quantity": name, **values}
        for twin in numbers
        for name, values in json.loads(_file(folder, twin).read_text(encoding="utf-8")).items()
    ])  # fmt: skip


@dataclass(frozen=True)
class Task:
    """A twin to be made."""

    twin: int
    settings: Settings
    folder: Path


def _file(folder: Path, twin: int) -> Path:
    return folder / f"twin-{twin:03d}.json"


def _carry_out(task: Task) -> str:
    """Make a twin, keep what is found, drop its runs, and say how long it took."""
    began, runs = time.perf_counter(), task.folder / f"twin-{task.twin:03d}"
    write_json(_file(task.folder, task.twin), one(task.twin, task.settings, runs))
    shutil.rmtree(runs)
    return f"twin {task.twin}: {time.perf_counter() - began:.0f} s"


def bounds(twins: int) -> tuple[float, float]:
    """Return between what the mean of so many squared standard normal numbers lies, 95 times in 100."""
    low, high = chi2.ppf(((1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2), twins) / twins
    return float(low), float(high)


def lines(found: pd.DataFrame) -> list[Row]:
    """Return a line a quantity: the mean squared distance of the truth, and how many truths lie within 90 %."""
    rows = []
    for name, part in found.groupby("quantity", sort=False):
        low, high = bounds(len(part))
        mean = float((part["z"] ** 2).mean())
        inside = int((part["z"].abs() < 1.645).sum())
        said = f"{mean:.2f}; mean {part['z'].mean():+.2f}; {inside} of {len(part)} within 1.645"
        rows.append(Row("twins", f"{name}, {UNTIL}: mean of z squared", said, f"{low:.2f} to {high:.2f}",
                        bool(low <= mean <= high)))  # fmt: skip
    return rows


def page(found: pd.DataFrame, settings: Settings) -> str:
    """Return the page of the documentation."""
    twins = found["twin"].nunique()
    return f"""# Twins: intervals put to the test where the truth is known

Made by `python -m calibration.validation.twins` on {date.today()}: {twins} twins, {settings.draws} draws each, agents
per household {", ".join(f"{s:g}" for s in settings.scales)}.

Each twin is a run of the model to {UNTIL} with coefficients, levels, assumptions and paths drawn as the prior says. Its
ensemble is told only what is published of Hebei for 2021-23, with the errors stated there. z is the distance of the
truth of {UNTIL} from the mean of the ensemble in its standard deviations. Where intervals mean what they say, the mean
of z squared is 1; the range wanted is where it lies 95 times in 100 with so many twins.

{markdown(lines(found))}

A twin is made by the model itself: this tests how figures are assimilated, not whether the model is Hebei.
"""


def main() -> None:
    """Make the twins that are missing, print, write the page."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--twins", type=int, default=40)
    asked.add_argument("--draws", type=int, default=50)
    asked.add_argument("--scale", type=float, default=0.005, help="agents per household")
    asked.add_argument("--workers", type=int, default=2)
    asked.add_argument("--work", type=Path, default=ROOT / "results" / "twins")
    asked.add_argument("--overwrite", action="store_true", help="begin anew")
    given = asked.parse_args()
    settings = settings_of(given.draws, given.scale, 3, 1)
    work.begin(given.work, settings, shipped(), not given.overwrite, given.overwrite, command_line())
    for old in given.work.glob("twin-*.json") if given.overwrite else ():
        old.unlink()
    found = study(given.twins, settings, given.work, given.workers)
    print(markdown(lines(found)))
    write_text(OUT, page(found, settings))


if __name__ == "__main__":
    main()
