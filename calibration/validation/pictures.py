"""Pictures of the population to look at: pyramids, household sizes and one-person households in 2020, 2024 and 2028.

`python calibration/validation/pictures.py OUT.png [SCALE]` draws them and prints the ages that stand out from their
neighbours.
"""

import sys

import matplotlib as mpl
import numpy as np

from sim.kernels import layout
from sim.model.model import SettlementModel

YEARS = (2020, 2024, 2028)
SPIKE = 0.15  # share by which an age may stand out from the mean of the ages two years to either side


def ages(model):
    """(2 sexes, 106) residents of Hebei by single age, millions."""
    state = model.state
    there = layout.relation_of(state.member_bits) != layout.NOBODY
    away = layout.is_absent(state.member_bits).astype(bool)
    place = layout.place_of(np.where(away, state.hukou_location[:, None], state.residence[:, None]))
    here = there & (place < layout.COUNTIES)
    out = np.zeros((2, 106))
    np.add.at(out, (layout.sex_of(state.member_bits[here]), layout.age_of(state.member_bits[here])), 1)
    return out / model.scale / 1e6


def sizes(model):
    """(8,) families in Hebei by the number of members who live at the seat, share."""
    state = model.state
    here = (layout.relation_of(state.member_bits) != layout.NOBODY) & (layout.is_absent(state.member_bits) == 0)
    family = (layout.kind_of(state.flags) == layout.FAMILY) & (state.residence < 2 * layout.COUNTIES) & here.any(1)
    return np.bincount(here.sum(1)[family], minlength=9)[1:9] / family.sum()


def spikes(pyramid):
    """Ages of 2 to 80 whose number stands out from the mean of the ages two years to either side: (sex, age, ratio)."""
    out = []
    for sex, column in zip(("men", "women"), pyramid, strict=True):
        for age in range(2, 81):
            ratio = column[age] / np.mean([column[age - 2], column[age - 1], column[age + 1], column[age + 2]])
            if abs(ratio - 1) > SPIKE:
                out.append((sex, age, round(float(ratio), 2)))
    return out


def draw(path, scale=0.01):
    """Run the baseline and draw; returns what the pictures show, by year."""
    mpl.use("Agg")
    import matplotlib.pyplot as plt

    model = SettlementModel("baseline", scale=scale, rng=1, until=YEARS[-1])
    seen = {}
    while True:
        if model.year in YEARS:
            seen[model.year] = (ages(model), sizes(model))
        if model.year == YEARS[-1]:
            break
        model.step()
    figure, axes = plt.subplots(1, len(YEARS) + 1, figsize=(18, 6))
    for axis, (year, (pyramid, _)) in zip(axes, seen.items(), strict=False):
        axis.barh(np.arange(106), -pyramid[0], height=1.0, label="men")
        axis.barh(np.arange(106), pyramid[1], height=1.0, label="women")
        axis.set(title=f"Residents of Hebei {year}, millions by age", ylim=(0, 100))
        axis.legend()
    for year, (_, share) in seen.items():
        axes[-1].plot(np.arange(1, 9), share, marker="o", label=f"{year}: mean {share @ np.arange(1, 9):.2f}")
    axes[-1].set(title="Families by members at the seat, share")
    axes[-1].legend()
    figure.tight_layout()
    figure.savefig(path, dpi=80)
    return seen


if __name__ == "__main__":
    found = draw(sys.argv[1], float(sys.argv[2]) if len(sys.argv) > 2 else 0.01)
    for year, (pyramid, share) in found.items():
        print(f"{year}: mean size {share @ np.arange(1, 9):.3f}, one-person {share[0]:.3f}; spikes {spikes(pyramid)}")
