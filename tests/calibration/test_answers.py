"""How counties answer to pull: what is put in is found again."""

import numpy as np
import pytest

from calibration.inversion import answers
from sim.kernels import layout
from sim.model.paths import growth_by
from sim.world.places import load_places


def test_answers_and_bends_are_found_again():
    rng = np.random.default_rng(1)
    utils = np.stack([answers.pulled(seed) for seed in range(1, 25)])
    meant = rng.uniform(0.004, 0.03, layout.COUNTIES)
    found = growth_by(utils, meant, 0.9, 0.4) + rng.normal(0.0, 0.003, utils.shape)
    assert answers.bends(found, utils) == pytest.approx([0.9, 0.4], abs=0.03)
    assert answers.answers(found, utils, 0.9, 0.4) == pytest.approx(meant, abs=0.002)


def test_pull_of_a_run_is_about_nothing_in_each_prefecture():
    utils, of = answers.pulled(3), load_places().prefecture[: layout.COUNTIES]
    assert utils.std() == pytest.approx(answers.UTILS, rel=0.15) and (answers.pulled(3) == utils).all()
    assert max(abs(utils[of == one].mean()) for one in np.unique(of) if (of == one).sum() > 1) < 1e-12
