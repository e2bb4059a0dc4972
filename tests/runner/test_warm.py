"""`luohu warm` leaves nothing for a run to compile."""

from sim.kernels import code_cache
from sim.runner import warm


def test_a_second_time_there_is_nothing_to_compile():
    warm.warm(workers=1)
    kept = {file.name: file.stat().st_mtime_ns for file in code_cache.folder().iterdir()}
    again = warm.warm(workers=1)
    assert again.compiled == 0
    assert again.entries > 40
    assert {file.name: file.stat().st_mtime_ns for file in code_cache.folder().iterdir()} == kept
