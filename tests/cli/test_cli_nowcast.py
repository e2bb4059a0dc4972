"""``luohu nowcast`` and the assimilation of ``luohu calibrate``: what cannot be is refused before any work begins."""

import pytest
from conftest import tree
from test_cli_wrong_input import refused

WRONG = {
    "draws": (["nowcast", "--draws", "2"], ["draws", "8 or more"]),
    "passes": (["nowcast", "--passes", "0"], ["passes", "1 to 20"]),
    "both": (["nowcast", "--resume", "--overwrite"], ["--resume", "--overwrite"]),
    "few": (["calibrate", "--draws", "3"], ["draws", "8 or more"]),
    "moves": (["calibrate", "--passes", "99"], ["passes", "1 to 20"]),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_options(luohu, tmp_path, case):
    command, words = WRONG[case]
    refused(luohu(*command), *words)
    assert tree(tmp_path) == []
