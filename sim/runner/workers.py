"""Where work is done: in this process, in worker processes of this machine, or on a Dask cluster.

Each gives the same results; they come in the order in which they are finished. Only a few tasks are under way at a
time, so that the memory of this process does not grow with their number.
"""

import multiprocessing
import os
import signal
import threading
import traceback
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, suppress
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

from sim.errors import UserError
from sim.messages import say

TRIES = 4  # of a task whose worker is lost, before it is given up
PATIENCE = 300  # seconds for a first worker to join a cluster
ONE_AT_A_TIME = threading.Lock()  # Numba's threads serve one task of a process at a time


def _lost(how: str) -> UserError:
    """Tell that a worker was lost too often."""
    return UserError(
        "A worker was lost {tries} times over the same run ({how}); most often memory ran out: use fewer --workers or "
        "a smaller --scale, and go on with --resume.",
        tries=TRIES,
        how=how,
    )


def each[Item, Answer](
    task: Callable[[Item], Answer],
    items: Sequence[Item],
    workers: int = 1,
    threads: int | None = None,
    cluster: str | None = None,
) -> Iterator[Answer]:
    """Carry out `task(item)` for each item.

    Parameters
    ----------
    task
        A function of a module, so that other processes find it.
    items
        What to work on.
    workers
        Processes of this machine; with one, the work is done in this process.
    threads
        Numba threads a worker; None shares the cores out.
    cluster
        Address of a Dask scheduler, whose workers are used instead.

    Yields
    ------
    object
        What `task` makes of each item, as they are finished.

    Raises
    ------
    UserError
        If the cluster cannot be reached, or one item's worker is lost again and again.
    """
    if cluster:
        yield from _on_cluster(task, items, threads, cluster)
    elif workers <= 1 or len(items) <= 1:
        if threads:
            use_threads(threads)
        yield from map(task, items)
    else:
        share = threads or max((os.cpu_count() or 1) // workers, 1)
        yield from _in_processes(task, items, min(workers, len(items)), share)


def apart[Item, Answer](task: Callable[[Item], Answer], item: Item) -> Answer:
    """Return the result of `task(item)` from a process of its own, whose memory is free again afterwards."""
    return next(_in_processes(task, [item], 1, 1))


def use_threads(threads: int) -> None:
    """Let Numba use so many threads in this process, as far as the machine has them."""
    import numba

    numba.set_num_threads(min(threads, numba.config.NUMBA_NUM_THREADS))  # type: ignore[attr-defined]  # set when it is imported


# Worker processes of this machine


def _in_processes[Item, Answer](
    task: Callable[[Item], Answer], items: Sequence[Item], workers: int, threads: int
) -> Iterator[Answer]:
    """Carry out the task; a worker that dies is noticed at once by its pipe, and its item goes to a new one."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["sim.model.model"])
    waiting = deque((item, TRIES) for item in items)
    at_work: dict[Connection, tuple[BaseProcess, Item, int]] = {}

    def begin() -> None:
        here, there = context.Pipe()
        process = context.Process(target=_serve, args=(there, task, threads), daemon=True)
        process.start()
        there.close()
        give(here, process)

    def give(pipe: Connection, process: BaseProcess) -> None:
        if not waiting:
            pipe.close()
            process.join()
            return
        item, tries = waiting.popleft()
        at_work[pipe] = process, item, tries
        with suppress(OSError):  # a worker already dead is noticed below
            pipe.send(item)

    try:
        for _ in range(workers):
            begin()
        while at_work:
            for pipe in [pipe for pipe in wait(list(at_work)) if isinstance(pipe, Connection)]:
                process, item, tries = at_work.pop(pipe)
                try:
                    result, error = pipe.recv()
                except (EOFError, OSError):
                    pipe.close()
                    process.join()
                    if tries == 1:
                        raise _lost(say("left with {code}", code=process.exitcode)) from None
                    waiting.append((item, tries - 1))
                    begin()
                    continue
                if error is not None:
                    raise error
                give(pipe, process)
                yield result
    finally:
        for process, *_ in at_work.values():
            process.terminate()
        for pipe, (process, *_) in at_work.items():
            process.join()
            pipe.close()


def _serve[Item, Answer](pipe: Connection, task: Callable[[Item], Answer], threads: int) -> None:
    """Live as a worker process: one item after the other until the parent closes the pipe or is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    use_threads(threads)
    while True:
        try:
            item = pipe.recv()
        except (EOFError, OSError):
            return
        try:
            answer: tuple[Answer | None, Exception | None] = task(item), None
        except Exception as error:
            error.add_note(traceback.format_exc())
            answer = None, error
        pipe.send(answer)


def _leave_with_parent() -> None:
    if parent := multiprocessing.parent_process():
        wait([parent.sentinel])
    os._exit(1)


# A Dask cluster


def _on_cluster[Item, Answer](
    task: Callable[[Item], Answer], items: Sequence[Item], threads: int | None, address: str
) -> Iterator[Answer]:
    try:
        from distributed import Client, KilledWorker, as_completed
        from distributed.client import FutureCancelledError
    except ImportError:
        raise UserError("--cluster needs Dask: install luohu with its extra, `pip install 'luohu[cluster]'`.") from None
    with ExitStack() as stack:
        try:
            client = stack.enter_context(Client(address, timeout=10, set_as_default=False))
        except (OSError, ValueError, TimeoutError) as error:
            reason = str(error).splitlines()[0][:120] if str(error) else type(error).__name__
            raise UserError(
                "No Dask scheduler answers at {address} ({reason}); is it running?", address=address, reason=reason
            ) from None
        try:
            client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError:
            raise UserError(
                "No worker has joined the scheduler at {address} within {seconds} seconds.",
                address=address,
                seconds=PATIENCE,
            ) from None
        waiting = deque(items)
        under_way = as_completed(loop=client.loop)

        def give() -> None:
            if waiting:
                future = client.submit(_on_dask_worker, task, waiting.popleft(), threads, pure=False, retries=TRIES - 1)
                under_way.add(future)

        for _ in range(min(len(waiting), 2 * max(sum(client.ncores().values()), 1))):
            give()
        for future in under_way:
            try:
                result = future.result()
            except KilledWorker:
                raise _lost(say("on the cluster")) from None
            except FutureCancelledError:
                raise UserError(
                    "The scheduler at {address} is gone; --resume goes on with what is done.", address=address
                ) from None
            future.release()
            give()
            yield result


def _on_dask_worker[Item, Answer](task: Callable[[Item], Answer], item: Item, threads: int | None) -> Answer:
    from distributed import get_worker

    with ONE_AT_A_TIME:
        use_threads(threads or get_worker().state.nthreads)
        return task(item)
