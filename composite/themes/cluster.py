"""Batches of posts labelled by the workers of a Dask cluster, by the same function as on one machine.

The client reads and writes, the workers label: they need no disk in common with it or each other, the journal has one
writer, and a worker that dies leaves nothing behind. A batch travels inside its task and not as data on a worker, so
that the scheduler can give it to another one.
"""

from __future__ import annotations

import asyncio
import io
import time
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import Any

import pandas as pd

import composite
from composite.errors import CompositeError
from composite.posts.batches import PostBatches
from composite.themes.batches import Labeller, make_part

PATIENCE = 60.0  # seconds without any worker, or any answer, after which the run ends, to be gone on with later
CONNECT = 10.0  # seconds for a scheduler to answer, and again for its first worker to be there
AHEAD = 2  # batches waiting for each thread of the workers: memory of the client and the scheduler is bounded
GO_ON = "run the command again, which goes on where it stopped"
LOSSES = 3  # times that all workers are lost with no batch done between, after which their batches are at fault
_GONE = f"the scheduler at '{{}}' is gone: start it and its workers, and {GO_ON}"
_KILLED = f"the cluster lost a batch of posts: its workers ended again and again. Give them more memory, and {GO_ON}"


def check_scheduler(address: str) -> None:
    """Nothing, if a Dask scheduler of our version answers at `address`; it is asked before posts are read for hours.

    Raises
    ------
    CompositeError
        If Dask is not installed, nothing or something else answers, or it has another version: after `CONNECT` seconds.
    """
    try:
        import distributed
    except ImportError as error:
        raise CompositeError(
            "--scheduler (scheduler=) needs Dask: install it with the extra 'cluster' (pip install "
            "'composite-police[cluster]')"
        ) from error
    try:
        # in a thread of its own, since a notebook has a loop running in this one
        with ThreadPoolExecutor(1) as pool:
            kind, version = pool.submit(lambda: asyncio.run(asyncio.wait_for(_ask(address), CONNECT))).result()
    except Exception as error:  # what answers may be anything, and Dask raises what comes of reading it
        raise CompositeError(
            f"no Dask scheduler answers at {address!r}: start one with dask scheduler, and name its address as "
            f"tcp://host:8786 ({type(error).__name__}{f': {error}'[:100] if str(error) else ''})"
        ) from error
    if kind != "Scheduler":
        raise CompositeError(f"at {address!r} is a {kind} of Dask: name the address of its scheduler")
    if version != distributed.__version__:
        raise CompositeError(
            f"the scheduler at {address!r} has Dask {version}, and here is {distributed.__version__}: install the same "
            "on the scheduler, the workers and here"
        )


async def _ask(address: str) -> tuple[str, str]:
    """What kind of server of Dask is there, and its version: without a client, which stays half open where it fails."""
    from distributed import Security
    from distributed.core import rpc

    server: Any = rpc(address, timeout=CONNECT, connection_args=Security().get_connection_args("client"))
    try:
        kind = (await server.identity())["type"]
        return kind, (await server.versions())["packages"]["distributed"] if kind == "Scheduler" else ""
    finally:
        await server.close_rpc()


def label_on_cluster(
    address: str, labeller: Labeller, batches: PostBatches, todo: list[int]
) -> Iterator[tuple[int, bytes, int]]:
    """Every batch in `todo` as `make_part` gives it, with its number before it, in the order in which they are done.

    Raises
    ------
    CompositeError
        As `check_scheduler`; also if there is no worker, workers have another version of composite or end again and
        again, or all of them, or the scheduler, are gone for `PATIENCE` seconds.
    """
    check_scheduler(address)
    from distributed import Client

    left, losses = list(todo), 0
    with _hush(), _call(address, lambda: Client(address, timeout=CONNECT, set_as_default=False)) as client:
        while left:
            threads = _check_workers(client, address, PATIENCE if losses else CONNECT)
            # on every worker, so that it is not lost with one of them
            shared = _call(address, partial(client.scatter, labeller, broadcast=True, hash=False, timeout=PATIENCE))
            try:
                for done in _run(client, address, shared, batches, left, AHEAD * threads):
                    left.remove(done[0])
                    losses = 0
                    yield done
            except _Lost as error:
                losses += 1
                if losses > LOSSES:
                    raise CompositeError(_KILLED) from error


class _Lost(Exception):
    """All workers ended, and with them what they had been given."""


@contextmanager
def _hush() -> Iterator[None]:
    """Nothing of what Dask writes of broken connections, whose tracebacks would stand before the error of ours."""
    import logging

    loggers = [
        logging.getLogger(name) for name in list(logging.root.manager.loggerDict) if name.startswith("distributed")
    ]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


def _call(address: str, do: Callable[[], Any]) -> Any:
    """What `do` gives; an error that says what to do, if the scheduler is gone."""
    try:
        return do()
    except (OSError, RuntimeError) as error:
        raise CompositeError(_GONE.format(address)) from error


def _check_workers(client: Any, address: str, seconds: float) -> int:
    """The number of threads of the workers, if there are any in so many seconds and all have our version."""
    ends = time.monotonic() + seconds
    while not _call(address, partial(_count_workers, client)):
        if time.monotonic() > ends:
            raise CompositeError(
                f"the scheduler at {address!r} has no workers: start some with dask worker {address}, and {GO_ON}"
            )
        time.sleep(0.2)
    try:
        versions = client.run(_tell_version)
    except Exception as error:  # Dask raises a worker's own error, or a plain one that holds its text
        raise CompositeError(
            f"a worker of {address!r} cannot run composite ({str(error)[:120]}): install composite "
            f"{composite.__version__} there, and {GO_ON}"
        ) from error
    for worker, told in versions.items():
        _check_version(f"worker {worker}", told, composite.__version__)
    return max(1, sum(client.nthreads().values()))


def _count_workers(client: Any) -> int:
    return int(client.sync(client.scheduler.identity, callback_timeout=PATIENCE)["n_workers"])


def _tell_version() -> str:
    return composite.__version__


def _check_version(who: str, told: str, version: str) -> None:
    if told != version:
        raise CompositeError(f"{who} has composite {told}, not {version}: install the same, and {GO_ON}")


def _run(
    client: Any, address: str, labeller: Any, batches: PostBatches, todo: list[int], ahead: int
) -> Iterator[tuple[int, bytes, int]]:
    from distributed import wait
    from distributed.scheduler import KilledWorker

    left = iter(tuple(todo))
    running: dict[Any, int] = {}

    def submit(index: int, data: bytes) -> Any:
        # a name of its own: equal batches are not one task
        name = f"composite-{time.time_ns()}-{index}"
        return client.submit(_make_packed, labeller, data, composite.__version__, key=name, pure=False)

    def wait_a_second() -> set[Any]:
        try:
            with client.as_current():
                return set(wait(list(running), timeout=1, return_when="FIRST_COMPLETED").done)
        except TimeoutError:
            _count_workers(client)  # an error, if the scheduler does not answer
            return set()

    while True:
        while len(running) < ahead and (index := next(left, None)) is not None:
            data = _pack(batches.read(index))
            running[_call(address, partial(submit, index, data))] = index
        if not running:
            return
        try:
            for task in _call(address, wait_a_second):
                result = task.result()
                yield running.pop(task), *result
        except CancelledError as error:
            if client.status == "running":
                raise _Lost from error
            raise CompositeError(_GONE.format(address)) from error
        except KilledWorker as error:
            raise CompositeError(_KILLED) from error


def _make_packed(labeller: Labeller, data: bytes, version: str) -> tuple[bytes, int]:
    _check_version("a worker", composite.__version__, version)  # it may have come after the others were asked
    return make_part(labeller, pd.read_parquet(io.BytesIO(data)))


def _pack(posts: pd.DataFrame) -> bytes:
    stream = io.BytesIO()
    posts.to_parquet(stream, index=False, compression="zstd")
    return stream.getvalue()
