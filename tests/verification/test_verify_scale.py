"""Rates do not depend on scale: a run of few agents is a sample of the run of all."""

import numpy as np
import pytest

from sim.kernels import layout, tally
from sim.model.model import SettlementModel

SMALL, LARGE = (0.005, 0.01, 0.02), (0.05, 0.2, 1.0)
FAMILY = 3.5  # persons of a family move, convert and turn urban together: variance of their counts over a Poisson's
SURE = 4.0  # standard errors that two scales may lie apart


def rates(scale):
    """{rate: (value, standard error)} of Hebei in 2021."""
    model = SettlementModel("baseline", scale=scale)
    before = model.counts
    model.step()
    ledger, counts, school = model.ledger, model.counts, model.economy.school
    hebei = slice(0, 2 * layout.COUNTIES)
    residents = before.raw[tally.RESIDENTS, hebei].sum()
    households = before.raw[tally.HOUSEHOLDS, hebei].sum()
    moved = ledger.everything()[hebei, hebei].sum()
    turned = ledger.reclassified.sum()

    def share(count, of, together=1.0):
        return count / of, np.sqrt(max(count, 1) * together) / of

    def urban(c):
        return c.raw[tally.RESIDENTS, hebei][1::2].sum() / c.raw[tally.RESIDENTS, hebei].sum()

    crossed = turned + moved + ledger.births.sum() + ledger.deaths.sum()
    admitted, applied = (school[k][:, : layout.COUNTIES].sum() * scale for k in ("admitted", "applicants"))
    part = admitted / applied
    return {
        "births": share(ledger.births[hebei].sum(), residents),
        "deaths": share(ledger.deaths[hebei].sum(), residents),
        "movers, households": share(ledger.households[hebei].sum(), households),
        "conversions": share(ledger.converted[:, hebei].sum(), residents, FAMILY),
        "villages turned": share(turned, residents, FAMILY),
        "urban share, change": (urban(counts) - urban(before), np.sqrt(crossed * FAMILY) / residents),
        "school admission": (part, np.sqrt(part * (1 - part) / applied * 2)),
    }


def apart(one, other):
    """{rate: difference in standard errors} of two scales."""
    return {name: (one[name][0] - other[name][0]) / np.hypot(one[name][1], other[name][1]) for name in one}


@pytest.fixture(scope="module")
def small():
    return [rates(scale) for scale in SMALL]


@pytest.mark.parametrize("pair", [(0, 1), (0, 2), (1, 2)])
def test_small_scales_agree(small, pair):
    far = {name: z for name, z in apart(small[pair[0]], small[pair[1]]).items() if abs(z) > SURE}
    assert not far


def test_errors_shrink_with_scale(small):
    """The bounds are worth something: they are far narrower than the rates at the largest of the scales."""
    for name, (value, error) in small[-1].items():
        assert error < 0.1 * abs(value), name


@pytest.mark.study
@pytest.mark.parametrize("scale", LARGE)
def test_large_scales_agree(small, scale, capsys):
    """The table of docs/performance.md; scale 1 takes minutes and 4 GB."""
    large = rates(scale)
    with capsys.disabled():
        for name, (value, error) in large.items():
            told = "  ".join(f"{one[name][0]:.5f}" for one in small)
            print(f"\n{name:22s} {told}  {scale:g}: {value:.5f} ± {error:.5f}", end="")
    far = {name: z for name, z in apart(small[-1], large).items() if abs(z) > SURE}
    assert not far
