"""`luohu warm` leaves nothing for a run to compile."""

from sim.cli import render
from sim.kernels import code_cache
from sim.runner import warm


def test_a_second_time_there_is_nothing_to_compile():
    warm.warm(workers=1)
    kept = {file.name: file.stat().st_mtime_ns for file in code_cache.folder().iterdir()}
    again = warm.warm(workers=1)
    assert again.compiled == 0
    assert again.entries > 40
    assert {file.name: file.stat().st_mtime_ns for file in code_cache.folder().iterdir()} == kept


def test_a_run_says_why_it_is_silent_at_first(monkeypatch, capsys):
    for there in (True, False):
        monkeypatch.setattr(warm, "compiled", lambda there=there: there)
        for quiet in (True, False):
            with render.progress_bar("run", quiet):
                pass
            assert ("Compiling the rules" in capsys.readouterr().err) == (not there and not quiet)
