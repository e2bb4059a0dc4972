"""What a calibration leaves: the posterior sample, its description for people, and the points it rests on."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from ruamel.yaml import YAML

from calibration.emulator import calibrate
from calibration.emulator.calibrate import Posterior, Settings
from calibration.emulator.summary_targets import targets
from sim.model import parameters
from sim.storage.atomic import replacing, write_text

SHARES = (0.05, 0.5, 0.95)
RIDGE = 0.4  # correlation from which a pair of coefficients is named
AS_WIDE = 0.85  # of the spread before calibration, from which a coefficient is called not identified


def write(folder: Path, found: Posterior, settings: Settings, terms: dict[str, Any]) -> list[Path]:
    """Write `<base>.parquet`, `<base>.yaml` and `<base>.points.csv`; the paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{settings.base}{end}" for end in (".parquet", ".yaml", ".points.csv")]
    calibrate.write_sample(paths[0], found.sample, found.names)
    write_record(paths[1], described(found, settings, terms))
    write_text(paths[2], found.design.round(6).to_csv(index=False))
    return paths


def write_record(path: Path, record: dict[str, Any]) -> None:
    """Write what is said of a calibration."""
    yaml = YAML()
    yaml.width = 120
    yaml.default_flow_style = False
    with replacing(path) as file:
        file.write(b"# Made by `luohu calibrate`; the sample is in the file of the same name that ends in .parquet.\n")
        yaml.dump(record, file)


def described(found: Posterior, settings: Settings, terms: dict[str, Any]) -> dict[str, Any]:
    """Everything that is said of a calibration, as plain values."""
    drawn = found.measured[found.measured["draw"] > 0]
    return {
        "base": settings.base,
        "command": terms["command"],
        "date": terms["date"],
        "scale": settings.scale,
        "seed": settings.seed,
        "evaluations": len(found.design) + int(found.measured["tries"].sum()) + 1,
        "waves": [
            {"points": int((found.design["wave"] == wave).sum()), "not_ruled_out": _short(share)}
            for wave, share in enumerate(found.left, start=1)
        ],
        "draws": len(drawn),
        "accepted_share": _short(drawn["accepted"].mean()),
        "distance": {"median": _short(drawn["implausibility"].median()), "largest": _short(
            drawn["implausibility"].max()), "cut": calibrate.gaussian_process.CUT},
        "parameters": {row.pop("name"): row for row in parameter_table(found, settings.base).to_dict("records")},
        "targets": {row.pop("name"): row for row in target_table(found, settings.base).to_dict("records")},
        "ridges": [
            {"pair": [a, b], "correlation": _short(value)} for a, b, value in ridges(found.particles, found.names)
        ],
        "not_identified": not_identified(found, settings.base),
    }  # fmt: skip


def parameter_table(found: Posterior, base: int) -> pd.DataFrame:
    """Each calibrated coefficient before and after: a row a name, with central value, mean, sd and quantiles of the
    sample, and the triangular range before."""
    return coefficient_table(found.sample, found.names, base)


def coefficient_table(sample: pd.DataFrame, names: tuple[str, ...], base: int) -> pd.DataFrame:
    """The same of a sample, a row a draw."""
    before = parameters.ranges(base).loc[list(names)]
    rows = []
    for name in names:
        drawn = sample.loc[sample["draw"] > 0, name].to_numpy()
        low, mode, high = (float(before.loc[name, c]) for c in ("low", "value", "high"))
        low, high = min(low, mode), max(high, mode)
        rows.append({
            "name": name, "central": _short(sample.loc[sample["draw"] == 0, name].iloc[0]),
            "mean": _short(drawn.mean()), "sd": _short(drawn.std()),
            **{f"q{round(100 * share):02d}": _short(q) for share, q in zip(
                SHARES, np.quantile(drawn, SHARES), strict=True)},
            "prior_value": mode, "prior_low": low, "prior_high": high, "prior_sd": _short(prior_sd(low, mode, high)),
        })  # fmt: skip
    return pd.DataFrame(rows)


def prior_sd(low, mode, high):
    """Standard deviation of a triangular distribution."""
    return float(np.sqrt((low**2 + mode**2 + high**2 - low * mode - low * high - mode * high) / 18))


def target_table(found: Posterior, base: int) -> pd.DataFrame:
    """Each target: value, spread, what the sample gives, and how implausible its mean is."""
    drawn = found.measured[found.measured["draw"] > 0]
    rows = []
    for t in targets(base):
        got, process = drawn[t.name], found.emulator.processes[t.name]
        rows.append({
            "name": t.name, "meaning": t.meaning, "target": _short(t.value), "tolerance": _short(t.tolerance),
            "discrepancy": _short(t.discrepancy), "source": t.source, "fitted": _short(got.mean()),
            "fitted_sd": _short(got.std(ddof=0)), "central": _short(
                found.measured.loc[found.measured["draw"] == 0, t.name].iloc[0]),
            "implausibility": _short(abs(got.mean() - t.value) / t.spread),
            "emulator_r2": _short(process.r2),
        })  # fmt: skip
    return pd.DataFrame(rows)


def ridges(particles: np.ndarray, names: tuple[str, ...]) -> list[tuple[str, str, float]]:
    """Pairs of coefficients that the targets tell only together, the strongest first."""
    return pairs(np.corrcoef(particles.T), names)


def pairs(table: np.ndarray, names: tuple[str, ...]) -> list[tuple[str, str, float]]:
    """The pairs of a correlation matrix that reach `RIDGE`, the strongest first."""
    i, j = np.triu_indices(len(names), 1)
    found = [(names[a], names[b], float(table[a, b])) for a, b in zip(i, j, strict=True)]
    return sorted([p for p in found if abs(p[2]) >= RIDGE], key=lambda p: -abs(p[2]))


def not_identified(found: Posterior, base: int) -> list[str]:
    """Coefficients about as wide after calibration as before."""
    before = parameter_table(found, base)["prior_sd"].to_numpy()
    return [
        n for n, now, then in zip(found.names, found.particles.std(0), before, strict=True) if now >= AS_WIDE * then
    ]


def _short(value):
    return float(f"{float(value):.4g}")
