"""Batches of posts labelled by the workers of a Dask cluster, by the same function as on one machine.

The client reads and writes, the workers label: they need no disk in common with it or each other, the journal has one
writer, and a worker that dies leaves nothing behind. A batch travels inside its task and not as data on a worker, so
that the scheduler can give it to another one.
"""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from typing import Any

import pandas as pd

import composite
from composite.errors import CompositeError
from composite.posts.batches import PostBatches
from composite.themes.batches import Labeller, make_part

PATIENCE = 60.0  # seconds without any worker after which the run ends, to be gone on with later
CONNECT = 10.0
AHEAD = 2  # batches waiting for each thread of the workers: memory of the client and the scheduler is bounded


def label_on_cluster(
    address: str, labeller: Labeller, batches: PostBatches, todo: list[int]
) -> Iterator[tuple[int, bytes, int]]:
    """Every batch in `todo` as `make_part` gives it, with its number before it, in the order in which they are done.

    Raises
    ------
    CompositeError
        If Dask is not installed, there is no scheduler or worker, workers have another version of composite, or all of
        them are gone for a minute.
    """
    try:
        from distributed import Client
    except ImportError as error:
        raise CompositeError(
            "--scheduler (scheduler=) needs Dask: install it with the extra 'cluster' (pip install "
            "'composite-police[cluster]')"
        ) from error
    try:
        client = Client(address, timeout=CONNECT, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise CompositeError(
            f"no Dask scheduler answers at {address!r}: start one with dask scheduler, and name its address as "
            "tcp://host:8786"
        ) from error
    with client:
        threads = _check_workers(client, address)
        # on every worker, so that it is not lost with one of them
        shared = client.scatter(labeller, broadcast=True, hash=False)
        yield from _run(client, shared, batches, todo, AHEAD * threads)


def _check_workers(client: Any, address: str) -> int:
    """The number of threads of the workers, if there are any and all have this version of composite."""
    try:
        client.wait_for_workers(1, timeout=CONNECT)
    except TimeoutError as error:
        raise CompositeError(f"the scheduler at {address!r} has no workers: start some with dask worker") from error
    try:
        versions = client.run(_tell_version)
    except Exception as error:  # Dask raises a worker's own error, or a plain one that holds its text
        raise CompositeError(
            f"a worker of {address!r} cannot run composite ({str(error)[:120]}): install composite "
            f"{composite.__version__} there"
        ) from error
    strange = {worker: told for worker, told in versions.items() if told != composite.__version__}
    if strange:
        worker, told = next(iter(strange.items()))
        raise CompositeError(f"worker {worker} has composite {told}, not {composite.__version__}: install the same")
    return max(1, sum(client.nthreads().values()))


def _tell_version() -> str:
    return composite.__version__


def _run(
    client: Any, labeller: Any, batches: PostBatches, todo: list[int], ahead: int
) -> Iterator[tuple[int, bytes, int]]:
    from distributed import wait

    left = iter(todo)
    running: dict[Any, int] = {}
    alone_since: float | None = None
    while True:
        while len(running) < ahead and (index := next(left, None)) is not None:
            data = _pack(batches.read(index))
            # a name of its own: equal batches are not one task
            task = client.submit(_make_packed, labeller, data, key=f"composite-{time.time_ns()}-{index}", pure=False)
            running[task] = index
        if not running:
            return
        try:
            with client.as_current():
                finished = wait(list(running), timeout=1, return_when="FIRST_COMPLETED").done
        except TimeoutError:
            finished = set()
        if finished or client.scheduler_info(n_workers=-1)["workers"]:
            alone_since = None
        elif alone_since is None:
            alone_since = time.monotonic()
        elif time.monotonic() - alone_since > PATIENCE:
            raise CompositeError(
                "all workers of the cluster are gone: start some, and run the command again, which goes on"
            )
        for task in finished:
            index = running.pop(task)
            yield index, *_get(task)


def _get(task: Any) -> tuple[bytes, int]:
    from concurrent.futures import CancelledError

    from distributed.scheduler import KilledWorker

    try:
        return task.result()
    except (KilledWorker, CancelledError) as error:
        raise CompositeError(
            "the cluster lost a batch of posts: its workers ended again and again. Give them more memory, and run the "
            "command again; it goes on where it stopped"
        ) from error


def _make_packed(labeller: Labeller, data: bytes) -> tuple[bytes, int]:
    return make_part(labeller, pd.read_parquet(io.BytesIO(data)))


def _pack(posts: pd.DataFrame) -> bytes:
    stream = io.BytesIO()
    posts.to_parquet(stream, index=False, compression="zstd")
    return stream.getvalue()
