"""The posterior sample carried over to a base that has changed, between two calibrations.

The fitted values of the central draw are found again by inversion, with its coefficients as they are; those of the
other draws change by as much. Coefficients stay: only `luohu calibrate` finds new ones.
``python -m calibration.emulator.central`` rewrites ``calibration/fitted/2020.parquet``.
"""

import argparse
from collections.abc import Mapping

import pandas as pd

from calibration.emulator import evaluations
from calibration.emulator.calibrate import write_sample
from calibration.emulator.space import CALIBRATED
from calibration.inversion import fit as inversion
from sim.model import parameters

POSITIVE = ("mobility", "inplace", "convert")  # fitted values that are changed by a factor
ROUNDS = 12


def invert_again(base: int = 2020, scale: float = 0.02, rounds: int = ROUNDS) -> tuple[dict[str, float], float]:
    """Invert the central draw on the present base.

    Parameters
    ----------
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
    model = inversion.before_the_moves(0, begin, scale, base)
    fit, miss = inversion.invert(model, begin, rounds)
    return parameters.pack(fit), miss


def carried_over(sample: pd.DataFrame, found: Mapping[str, float]) -> pd.DataFrame:
    """Give every draw the change that the central draw (draw 0) has from `sample` to `found`.

    Factors for `POSITIVE`, differences for the others; place effects of Hebei stay within their limits
    (`calibration.inversion.fit.EFFECTS`).
    """
    out, central = sample.copy(), sample.set_index("draw").loc[0]
    low, high = inversion.EFFECTS
    for name, value in found.items():
        old = float(central[name])
        out[name] = out[name] * (value / old) if name in POSITIVE and old > 0 else out[name] + (value - old)
        if evaluations.of_county(name):
            out[name] = out[name].clip(low, high)
    return out


def main() -> None:
    """Carry over the sample of 2020."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--scale", type=float, default=0.02)
    given = asked.parse_args()
    found, miss = invert_again(scale=given.scale)
    path = parameters.FITTED / "2020.parquet"
    write_sample(path, carried_over(pd.read_parquet(path), found), CALIBRATED[2020])
    print(f"central draw inverted at scale {given.scale}: {miss:.1%} of gross moves missed; {path.name} rewritten")


if __name__ == "__main__":
    main()
