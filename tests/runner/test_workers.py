"""Work done in other processes: nothing is lost with a worker, and nobody waits for ever."""

import multiprocessing
import os
import signal
import time

import pytest

from sim.errors import UserError
from sim.runner.workers import apart, each


def double(x):
    return 2 * x


def fail_at_three(x):
    if x == 3:
        raise UserError("three is too many")
    return x


def die_once(item):
    """Leaves a mark and dies where there is none yet."""
    number, mark = item
    if number == 2 and not mark.exists():
        mark.write_text("died")
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def die(_):
    os.kill(os.getpid(), signal.SIGKILL)


def slow(x):
    time.sleep(60)
    return x


def test_here():
    assert list(each(double, [1, 2, 3])) == [2, 4, 6]
    assert list(each(double, [], workers=4)) == []


def test_in_processes():
    assert sorted(each(double, list(range(20)), workers=3, threads=1)) == [2 * x for x in range(20)]


def test_a_mistake_is_told_and_ends_the_work():
    with pytest.raises(UserError, match="three is too many"):
        list(each(fail_at_three, list(range(9)), workers=2, threads=1))


def test_the_item_of_a_lost_worker_is_done_again(tmp_path):
    items = [(i, tmp_path / "mark") for i in range(6)]
    assert sorted(each(die_once, items, workers=2, threads=1)) == [0, 1, 2, 3, 4, 5]
    assert (tmp_path / "mark").exists()


def test_an_item_that_kills_every_worker_is_given_up():
    with pytest.raises(UserError, match="lost 4 times"):
        list(each(die, [1, 2], workers=2, threads=1))


def test_stopping_does_not_wait_for_the_workers():
    others = set(multiprocessing.active_children())
    work = each(slow_after_first, [0, 1, 2], workers=2, threads=1)
    assert next(work) == 0
    at_work = [process for process in multiprocessing.active_children() if process not in others]
    work.close()
    assert [process.exitcode for process in at_work] == [-signal.SIGTERM] * 2  # ended, not waited for to the end


def slow_after_first(x):
    return x if x == 0 else slow(x)


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "nonsense://x"])
def test_no_scheduler_there(address):
    pytest.importorskip("distributed")
    with pytest.raises(UserError, match="No Dask scheduler answers"):
        list(each(double, [1], cluster=address))


def test_work_apart_is_not_done_here():
    assert apart(own_number, None) != os.getpid()


def own_number(_):
    return os.getpid()
