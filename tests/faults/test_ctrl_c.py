"""Ctrl-C waits while rules run, and comes afterwards."""

import os
import signal
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from sim.errors import ctrl_c_waits
from sim.model.schedule import Process


def press():
    os.kill(os.getpid(), signal.SIGINT)


def test_ctrl_c_comes_after_the_block_not_within():
    done = []
    with pytest.raises(KeyboardInterrupt), ctrl_c_waits():
        press()
        done.append(1)
    assert done and signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_second_one_does_not_wait():
    done = []
    with pytest.raises(KeyboardInterrupt), ctrl_c_waits():
        press()
        press()
        done.append(1)
    assert not done and signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_an_error_of_the_block_is_told_all_the_same():
    with pytest.raises(ZeroDivisionError), ctrl_c_waits():
        raise ZeroDivisionError
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_where_ctrl_c_is_ignored_it_stays_so():
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with ctrl_c_waits():
            press()
            assert signal.getsignal(signal.SIGINT) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


def test_other_threads_leave_it_alone():
    def inside():
        with ctrl_c_waits():
            return signal.getsignal(signal.SIGINT), threading.current_thread() is threading.main_thread()

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(inside).result() == (signal.default_int_handler, False)


def test_the_years_processes_are_not_cut_off(small_model):
    """A process that the user interrupts is carried out whole; then the year stops."""
    done = []

    def process(model):
        press()
        done.append(model.year)

    with pytest.raises(KeyboardInterrupt):
        small_model.carry_out(Process(process, "", "", "", ""))
    assert done == [small_model.year]
