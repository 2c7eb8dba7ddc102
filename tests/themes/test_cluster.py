"""The same batches on a cluster of two processes, of which one is killed."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import composite as cp
from composite.errors import CompositeError
from composite.themes import cluster
from composite.themes.batches import WORK, label_files
from tests.themes.test_batches import read_parts
from tests.themes.test_labelling import fit_elsewhere, make_posts

distributed = pytest.importorskip("distributed")


@pytest.fixture(scope="module")
def workers() -> Iterator[Any]:
    options = {"processes": True, "threads_per_worker": 1, "dashboard_address": None}
    with distributed.LocalCluster(n_workers=2, **options) as made:
        yield made


def test_with_a_worker_killed_every_post_is_labelled_once_and_the_bytes_are_those_of_one_machine(
    workers: Any, tmp_path: Path
) -> None:
    posts = make_posts(30, 20)
    posts.to_parquet(tmp_path / "posts.parquet")
    model = fit_elsewhere()
    assert len(workers.workers) == 2
    killed = []

    def kill_one(what: str, done: int, total: int) -> None:
        if what == "labelling posts" and done >= 100 and not killed:
            nanny = workers.workers[0]
            nanny.close_gracefully()  # it starts no other one: that would only take time
            killed.append(nanny.pid)
            os.kill(nanny.pid, signal.SIGKILL)

    label_files(
        model,
        tmp_path / "posts.parquet",
        tmp_path / "out",
        size=50,
        scheduler=workers.scheduler_address,
        progress=kill_one,
    )
    assert killed
    assert len(workers.scheduler.workers) == 1
    label_files(model, tmp_path / "posts.parquet", tmp_path / "here", size=50)
    assert read_parts(tmp_path / "out") == read_parts(tmp_path / "here")
    labels = cp.read_table("labels", tmp_path / "out")
    pd.testing.assert_series_equal(labels["post_id"], posts["post_id"])


@pytest.fixture
def threads() -> Iterator[Any]:
    """A cluster in this process, whose workers are there in no time; at first it has none."""
    with start(0) as made:
        yield made


def start(workers: int) -> Any:
    options = {"processes": False, "threads_per_worker": 1, "dashboard_address": ":0", "protocol": "tcp"}
    return distributed.LocalCluster(n_workers=workers, **options)


@pytest.fixture
def posts(tmp_path: Path) -> Path:
    make_posts(20, 20).to_parquet(tmp_path / "posts.parquet")
    return tmp_path / "posts.parquet"


def run(posts: Path, scheduler: str | None, **options: Any) -> Path:
    out = posts.with_name("here" if scheduler is None else "out")
    label_files(fit_elsewhere(), posts, out, size=50, scheduler=scheduler, **options)
    return out


def goes_on(posts: Path, cluster: Any) -> None:
    """The run ends on a cluster with a worker, and gives the bytes of one machine."""
    assert read_parts(run(posts, cluster.scheduler_address)) == read_parts(run(posts, None))


@pytest.mark.parametrize(
    "address", ["tcp://127.0.0.1:9", "not an address", "", "http://127.0.0.1:9", "tls://127.0.0.1:9"]
)
def test_no_scheduler_is_an_error_before_the_posts_are_read_that_says_how_to_start_one(
    address: str, posts: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cluster, "CONNECT", 0.3)
    begun = time.monotonic()
    with pytest.raises(CompositeError, match=r"no Dask scheduler answers at .*: start one with dask scheduler"):
        run(posts, address)
    assert time.monotonic() - begun < 10
    assert not (posts.with_name("out") / WORK).exists()
    assert capfd.readouterr() == ("", "")


def test_a_server_that_is_no_scheduler_is_told_from_one(posts: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "CONNECT", 1.0)
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            with contextlib.suppress(OSError):
                talk, _ = server.accept()
                talk.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n" * 9)
                time.sleep(2)
                talk.close()

        threading.Thread(target=answer, daemon=True).start()
        with pytest.raises(CompositeError, match="no Dask scheduler answers at"):
            run(posts, f"tcp://127.0.0.1:{server.getsockname()[1]}")


def test_a_scheduler_without_workers_is_an_error_and_the_run_goes_on_when_there_are_some(
    threads: Any, posts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "CONNECT", 1.0)
    with pytest.raises(CompositeError, match=r"has no workers: start some with dask worker tcp://.*which goes on"):
        run(posts, threads.scheduler_address)
    threads.scale(1)
    threads.wait_for_workers(1)
    with pytest.raises(CompositeError, match=r"is a Worker of Dask: name the address of its scheduler"):
        run(posts, threads.workers[0].address)
    goes_on(posts, threads)


def test_a_scheduler_or_worker_of_another_version_is_an_error_that_names_both(
    threads: Any, posts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(distributed, "__version__", "1999.1")
        with pytest.raises(CompositeError, match=r"has Dask 20.*, and here is 1999\.1: install the same"):
            run(posts, threads.scheduler_address)
    threads.scale(1)
    threads.wait_for_workers(1)
    with monkeypatch.context() as patch:
        patch.setattr(cluster, "_tell_version", lambda: "0.0")
        with pytest.raises(CompositeError, match=r"worker tcp://.* has composite 0\.0, not .*: install the same"):
            run(posts, threads.scheduler_address)
    with pytest.raises(CompositeError, match=r"a worker has composite .*, not 0\.0: install the same"):
        cluster._make_packed(None, b"", "0.0")  # type: ignore[arg-type]  # one that came later


def stop_at(number: int, do: Any) -> Any:
    """A progress that does something once when so many posts are labelled."""
    done_once = []

    def progress(what: str, done: int, total: int) -> None:
        if what == "labelling posts" and done >= number and not done_once:
            done_once.append(True)
            do()

    return progress


def test_where_all_workers_go_the_run_waits_for_others_and_then_ends_and_goes_on_later(
    threads: Any, posts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads.scale(1)
    threads.wait_for_workers(1)
    monkeypatch.setattr(cluster, "PATIENCE", 1.0)

    def lose() -> None:
        threads.scale(0)
        wait_until(lambda: not threads.scheduler.workers)

    begun = time.monotonic()
    with pytest.raises(CompositeError, match=r"has no workers: start some .*which goes on where it stopped"):
        run(posts, threads.scheduler_address, progress=stop_at(100, lose))
    assert time.monotonic() - begun < 20
    assert 2 <= len(list(posts.with_name("out").glob("part-*"))) < 8
    monkeypatch.setattr(cluster, "PATIENCE", 30.0)
    threads.scale(1)
    threads.wait_for_workers(1)

    def replace() -> None:
        lose()
        threads.scale(1)

    run(posts, threads.scheduler_address, progress=stop_at(250, replace))
    assert read_parts(posts.with_name("out")) == read_parts(run(posts, None))


def test_where_the_scheduler_goes_the_run_ends_and_goes_on_with_another(threads: Any, posts: Path) -> None:
    threads.scale(1)
    threads.wait_for_workers(1)
    begun = time.monotonic()
    with pytest.raises(CompositeError, match=r"the scheduler at 'tcp://.*' is gone: .*which goes on where it stopped"):
        run(posts, threads.scheduler_address, progress=stop_at(100, threads.close))
    assert time.monotonic() - begun < 30
    assert 2 <= len(list(posts.with_name("out").glob("part-*"))) < 8
    with start(1) as other:
        goes_on(posts, other)


def test_workers_that_end_again_and_again_are_not_given_the_same_batch_for_ever(
    posts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lose(*words: Any) -> Iterator[Any]:
        raise cluster._Lost
        yield

    monkeypatch.setattr(cluster, "_run", lose)
    with start(1) as other, pytest.raises(CompositeError, match=r"a batch of posts: its workers ended again and again"):
        run(posts, other.scheduler_address)


def wait_until(true: Any) -> None:
    ends = time.monotonic() + 20
    while not true():
        assert time.monotonic() < ends
        time.sleep(0.05)


def test_without_dask_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "distributed", None)
    make_posts(2, 4).to_parquet(tmp_path / "posts.parquet")
    with pytest.raises(CompositeError, match="the extra 'cluster'"):
        label_files(fit_elsewhere(), tmp_path / "posts.parquet", tmp_path / "out", scheduler="tcp://127.0.0.1:9")
