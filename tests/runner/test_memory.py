"""Memory: computed before a run, told when it is much, refused when it is not there."""

import pytest

from sim.errors import UserError
from sim.runner import memory


def test_need_grows_with_scale_workers_and_building():
    assert memory.need(0.2, 8) > memory.need(0.1, 8) > memory.PROGRAM
    assert memory.need(0.1, 8, workers=2) > 1.9 * memory.need(0.1, 8)
    assert memory.need(1.0, 8, cached=False) > memory.need(1.0, 8)


def test_full_scale_fits_the_promise():
    assert memory.need(1.0, 8) < 5e9


def test_largest_scale_is_the_largest():
    for free in (1e9, 2.5e9, 6e9):
        fits = memory.largest_scale(free, 8)
        assert memory.need(fits, 8) <= free
        assert fits == 1.0 or memory.need(fits + 0.001, 8) > free


def test_too_little_is_refused_with_what_fits(monkeypatch):
    monkeypatch.setattr(memory, "available", lambda: 1.5e9)
    with pytest.raises(
        UserError, match=r"Scale 1 needs about \d.* GB .* 1.5 GB are free; the largest scale that fits is 0\."
    ):
        memory.check(1.0, 8)
    assert memory.check(0.01, 8) == ""


def test_much_is_told(monkeypatch):
    monkeypatch.setattr(memory, "available", lambda: 64e9)
    assert memory.check(1.0, 8).startswith("Memory: about ")


def test_the_machine_has_some():
    assert memory.available() > 1e8
