"""Recovery: data made by the model from known coefficients, fitted through the same emulator and sampler.

The points of the first wave are evenly spread over what was thought possible, each a run of the model at coefficients
that are known, with all other coefficients and assumptions drawn too. Each in turn is taken for the world: its
summaries, with errors as large as tolerance and discrepancy say, are the targets, and the emulator is made without it.
The truth should lie in 90 % of the 90 % intervals; where an interval is as wide as before, the coefficient cannot be
told. `python -m calibration.validation.recovery` writes `docs/recovery.md`.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from calibration.emulator import gaussian_process, report, space
from calibration.emulator.summary_targets import targets
from sim.model import parameters
from sim.storage import paths

PARTICLES = 9  # power of two
SHARES = (0.05, 0.95)
FAIR = 1.645  # binomial standard errors within which a rate is the proper one


@dataclass(frozen=True)
class Recovery:
    """What came out: names of the coefficients; truth, low and high: (truths, names) positions of the truth and the
    ends of its 90 % interval; spread, spread_sharp: (truths, names) standard deviation of the posterior over that of
    the prior, with the errors of the targets and with errors a tenth as large; ridges: (name, name, mean
    correlation)."""

    names: tuple[str, ...]
    truth: np.ndarray
    low: np.ndarray
    high: np.ndarray
    spread: np.ndarray
    spread_sharp: np.ndarray
    ridges: list[tuple[str, str, float]]

    @property
    def inside(self) -> np.ndarray:
        """(truths, names) whether the interval holds the truth."""
        return (self.low <= self.truth) & (self.truth <= self.high)

    def table(self) -> pd.DataFrame:
        """A row a coefficient: share of truths inside, width kept with the targets' errors and without."""
        return pd.DataFrame({
            "name": self.names, "inside": self.inside.mean(0), "width": self.spread.mean(0),
            "width_sharp": self.spread_sharp.mean(0),
        })  # fmt: skip


def recover(
    positions: np.ndarray, measured: dict[str, np.ndarray], truths: np.ndarray, spread: np.ndarray,
    names: tuple[str, ...], seed: int = 1,
) -> Recovery:  # fmt: skip
    """Refit data made at points of a design.

    Parameters
    ----------
    positions
        (points, names) of the whole design.
    measured
        {summary: (points,)}
    truths
        Which points are taken for the world, one after the other.
    spread
        (summaries,) standard deviations of target and discrepancy.
    names
        Of the coefficients.
    seed
        Of errors and sampler.
    """
    whole = gaussian_process.emulate(positions, measured, seed)
    start = space.candidates(names, PARTICLES, seed)
    rng = np.random.default_rng(seed)
    low, high, width, sharper, together = [], [], [], [], []
    for i in truths:
        others = np.arange(len(positions)) != i
        emulator = gaussian_process.emulate(positions[others], {n: y[others] for n, y in measured.items()}, seed, whole)
        world = np.array([y[i] for y in measured.values()])
        seen = world + spread * rng.standard_normal(len(spread))
        found = gaussian_process.posterior(emulator, seen, spread, start, seed)
        sharp = gaussian_process.posterior(emulator, world, 0.1 * spread, start, seed)
        ends = np.quantile(found, SHARES, axis=0)
        low.append(ends[0])
        high.append(ends[1])
        width.append(found.std(0) / start.std(0))
        sharper.append(sharp.std(0) / start.std(0))
        together.append(np.corrcoef(found.T))
    mean = np.mean(together, axis=0)
    return Recovery(
        names, positions[truths], np.array(low), np.array(high), np.array(width), np.array(sharper),
        report.pairs(mean, names),
    )  # fmt: skip


def of_base(base: int, folder: Path | None = None, seed: int = 1) -> tuple[Recovery, pd.DataFrame]:
    """Recovery from the design points that a calibration left, and these points."""
    design = pd.read_csv((folder or parameters.FITTED) / f"{base}.points.csv")
    names, aims = space.CALIBRATED[base], targets(base)
    measured = {t.name: design[t.name].to_numpy() for t in aims}
    truths = np.flatnonzero(design["wave"] == 1)
    spread = np.array([t.spread for t in aims])
    return recover(design[list(names)].to_numpy(), measured, truths, spread, names, seed), design


def text(base: int, found: Recovery, design: pd.DataFrame) -> str:
    """The chapter of one base year, in Markdown."""
    n = len(found.truth)
    slack = FAIR * float(np.sqrt(0.9 * 0.1 / n))
    rate = float(found.inside.mean())
    lines = [
        f"## Base {base}", "",
        f"{n} truths, the points of the first wave, out of {len(design)} points. Over all coefficients the truth lies "
        f"in {rate:.0%} of the 90 % intervals.", "",
        "| coefficient | truth inside, % | width kept | with errors a tenth |", "|---|---|---|---|",
    ]  # fmt: skip
    for row in found.table().to_dict("records"):
        mark = "" if row["inside"] >= 0.9 - slack else " (too rarely)"
        cells = f"{100 * row['inside']:.0f}{mark} | {row['width']:.2f} | {row['width_sharp']:.2f}"
        lines.append(f"| {row['name']} | {cells} |")
    kept = found.table().set_index("name")
    blind = kept.index[kept["width"] >= report.AS_WIDE].tolist()
    hidden = kept.index[kept["width_sharp"] >= report.AS_WIDE].tolist()
    lines += [
        "",
        f"**Not told by these targets** (interval at least {report.AS_WIDE:.0%} as wide as before): "
        + (", ".join(blind) or "none")
        + ". "
        f"**Nor with errors a tenth as large**: {', '.join(hidden) or 'none'}.",
        "",
        "**Told only together** (mean correlation in the posterior): "
        + ("; ".join(f"{a} and {b} ({r:+.2f})" for a, b, r in found.ridges) or "no pair reaches 0.4 on average")
        + ".",
        "",
    ]
    return "\n".join(lines)


HEAD = """# Recovery

Made with `make recovery`. The points of the first wave of `luohu calibrate` are runs of the model at known
coefficients, evenly spread over the ranges from before, every other coefficient and assumption drawn as well. Each in
turn plays the world: its summaries, with errors as large as the tolerance and discrepancy of each target, are refitted
through the emulator (made without that point) and the sampler that the calibration uses. With {n} truths a proper rate
of 90 % has a standard error of {error:.0f} points. "Width kept" is the standard deviation after over that before: 1
means that nothing was learnt. The last column is for targets whose errors are a tenth as large.

"""


def main() -> None:
    """Write `docs/recovery.md` for the base years that have points."""
    chapters, counts = [], []
    for base in (2020, 2010):
        if (parameters.FITTED / f"{base}.points.csv").exists():
            found, design = of_base(base)
            counts.append(len(found.truth))
            chapters.append(text(base, found, design))
    n = min(counts)
    out = HEAD.format(n=n, error=100 * float(np.sqrt(0.09 / n))) + "\n".join(chapters)
    (paths.ROOT / "docs" / "recovery.md").write_text(out, encoding="utf-8")
    print(out)


if __name__ == "__main__":
    main()
