"""The posterior sample carried over to a base or to ranges that have changed, between two calibrations.

The fitted values of the central draw are found again by inversion; those of the other draws change by as much.
Coefficients stay, but for those whose range in the parameter table has changed since: each draw keeps its place in the
range. Only `luohu calibrate --coefficients` learns them anew. ``python -m calibration.emulator.central`` rewrites the
sample that knows nothing later than the census (`calibration/fitted/2020.prior.parquet`, or ``2020.parquet`` before any
figures were assimilated) and what ``2020.yaml`` says of the coefficients; `luohu calibrate` then makes the sample. With
``--base 2010`` the sample of 2010 is carried over.
"""

import argparse
from collections.abc import Mapping
from typing import Any

import pandas as pd
from ruamel.yaml import YAML
from scipy.stats import triang

from calibration.emulator import evaluations, report
from calibration.emulator.calibrate import write_sample
from calibration.emulator.space import CALIBRATED, coefficients
from calibration.inversion import fit as inversion
from sim.model import parameters
from sim.policy.draws import triangular

POSITIVE = ("mobility", "inplace", "convert")  # fitted values that are changed by a factor
ROUNDS = 24


def in_new_ranges(sample: pd.DataFrame, record: dict[str, Any], base: int = 2020) -> pd.DataFrame:
    """Move the coefficients whose range has changed since the calibration to the same place in the new one.

    Parameters
    ----------
    sample
        A row a draw.
    record
        What was written with it; its ``parameters`` hold the ranges before.
    """
    out, now = sample.copy(), parameters.ranges(base)
    for name, was in record["parameters"].items():
        before = (was["prior_low"], was["prior_value"], was["prior_high"])
        after = tuple(float(now.loc[name, column]) for column in ("low", "value", "high"))
        if before != after:
            low, mode, high = before
            place = triang.cdf(sample[name], (mode - low) / (high - low), low, high - low)
            out[name] = [triangular(float(share), *after) for share in place]
    return out


def recorded(sample: pd.DataFrame, record: dict[str, Any], base: int = 2020) -> dict[str, Any]:
    """Return the record with what it says of coefficients as they are in the sample now."""
    table = report.coefficient_table(sample, tuple(record["parameters"]), base)
    return record | {"parameters": {row.pop("name"): row for row in table.to_dict("records")}}


def invert_again(
    theta: Mapping[str, float], base: int = 2020, scale: float = 0.02, rounds: int = ROUNDS
) -> tuple[dict[str, float], float]:
    """Invert the central draw on the present base.

    Parameters
    ----------
    theta
        Its calibrated coefficients by name.
    base
        Base year.
    scale
        Agents per household.
    rounds
        Iterations, from the values of the present sample.

    Returns
    -------
    tuple
        Fitted values by column of the sample, and the net migration still missed, as a share of gross moves.
    """
    begin = parameters.fitted(0, base)
    model = inversion.before_the_moves(0, begin, scale, base, coefficients(0, base, dict(theta)))
    fit, miss = inversion.invert(model, begin, rounds)
    return parameters.pack(fit), miss


def carried_over(sample: pd.DataFrame, found: Mapping[str, float]) -> pd.DataFrame:
    """Give every draw the change that the central draw (draw 0) has from `sample` to `found`.

    Factors for `POSITIVE`, differences for the others; place effects of Hebei stay within their limits
    (`calibration.inversion.fit.EFFECTS`).
    """
    out, central = sample.copy(), _central(sample)
    low, high = inversion.EFFECTS
    for name, value in found.items():
        old = central[name]
        out[name] = out[name] * (value / old) if name in POSITIVE and old > 0 else out[name] + (value - old)
        if evaluations.of_county(name):
            out[name] = out[name].clip(low, high)
    return out


def _central(sample: pd.DataFrame) -> dict[str, float]:
    """Return the values of the central draw by column."""
    row = sample[sample["draw"] == 0].to_numpy(float)[0]
    return dict(zip(sample.columns, map(float, row), strict=True))


def main() -> None:
    """Carry over the sample of a base."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--scale", type=float, default=0.02)
    asked.add_argument("--base", type=int, choices=sorted(CALIBRATED), default=2020)
    given = asked.parse_args()
    base = given.base
    path = parameters.before_figures(base=base)
    notes = parameters.FITTED / f"{base}.yaml"
    record = YAML(typ="safe").load(notes)
    sample = in_new_ranges(pd.read_parquet(path), record, base)
    central = _central(sample)
    found, miss = invert_again({name: central[name] for name in CALIBRATED[base]}, base, given.scale)
    write_sample(path, carried_over(sample, found), CALIBRATED[base])
    report.write_record(notes, recorded(sample, record, base))
    print(f"central draw inverted at scale {given.scale}: {miss:.1%} of gross moves missed; {path.name} rewritten")


if __name__ == "__main__":
    main()
