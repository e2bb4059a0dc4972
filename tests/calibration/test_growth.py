"""Expected growth of draws: what is chance is taken out, and what is written is read again."""

import numpy as np
import pytest

from calibration.inversion import growth as recording
from sim.errors import UserError
from sim.kernels import layout
from sim.model import growth

AGENTS = np.tile(np.linspace(20, 2000, layout.PLACES), (3, 1))


def departures_of(signal, noise, draws=60, years=4, seeds=2):
    """Departures that the draws mean, and as seen under two seeds in small counties; both grow year by year."""
    rng, ramp = np.random.default_rng(1), np.linspace(0, 1, years)[:, None, None]
    meant = signal * rng.standard_normal((draws, 1, 3, layout.PLACES)) * ramp
    chance = noise * rng.standard_normal((seeds, draws, 1, 3, layout.PLACES)) / np.sqrt(AGENTS) * ramp
    return meant, meant + chance


def test_chance_is_taken_out_of_departures():
    meant, seen = departures_of(signal=0.02, noise=1.0)
    before, after = (np.abs(x - meant)[:, -1, :, : layout.COUNTIES] for x in (seen.mean(0), recording.shrunk(seen)))
    small = AGENTS[0, : layout.COUNTIES] < 500
    assert after[..., small].mean() < 0.6 * before[..., small].mean() and after.mean() < before.mean()


def test_large_departures_of_single_draws_in_single_counties_stay():
    meant, seen = departures_of(signal=0.02, noise=1.0)
    rare = np.zeros_like(meant)
    rare[7, :, 1, 20] = np.linspace(0, 1.3, 4)
    found = recording.shrunk(seen + rare)
    assert found[7, -1, 1, 20] == pytest.approx(1.3, abs=0.25)


def test_what_draws_mean_stays_and_so_does_their_mean():
    meant, seen = departures_of(signal=0.02, noise=0.0)
    assert recording.shrunk(seen) == pytest.approx(meant)
    common = np.full((2, 5, 3, 3, layout.PLACES), 0.01)
    assert recording.shrunk(common) == pytest.approx(common[0])


def test_draws_are_read_as_they_were_written(tmp_path, monkeypatch):
    monkeypatch.setattr(growth, "FITTED", tmp_path)
    assert growth.stored(0, 2020, 2028) is None
    rng = np.random.default_rng(2)
    middle, others = rng.normal(0, 0.1, (21, 3, layout.PLACES)), rng.normal(0, 0.02, (2, 9, 3, layout.PLACES))
    recording.write(2020, middle, [1, 5], others)
    assert growth.stored(0, 2020, 2028) == pytest.approx(middle[:9], abs=1e-6)
    own = growth.stored(5, 2020, 2040)
    assert own[:9] == pytest.approx((middle[:9] + others[1]), abs=1e-3)
    assert np.diff(own[9:], axis=0) == pytest.approx(np.diff(middle[9:], axis=0), abs=1e-6)
    assert growth.stored(4, 2020, 2028) == pytest.approx(growth.stored(5, 2020, 2028))  # beyond those fitted: in turn
    held = growth.departures(2020)
    assert held[0].tolist() == [1, 5] and held[1].shape == others.shape


def test_a_damaged_file_is_told_in_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(growth, "FITTED", tmp_path)
    (tmp_path / "2020.growth.npz").write_bytes(b"no archive")
    with pytest.raises(UserError, match="damaged"):
        growth.stored(0, 2020, 2028)
