"""The same batches on a cluster of two processes, of which one is killed."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import composite as cp
from composite.errors import CompositeError
from composite.themes import cluster
from composite.themes.batches import label_files
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


def test_no_scheduler_is_an_error_at_once_that_says_how_to_start_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "CONNECT", 0.3)
    make_posts(2, 4).to_parquet(tmp_path / "posts.parquet")
    for address in ("tcp://127.0.0.1:9", "not an address"):
        with pytest.raises(CompositeError, match=r"no Dask scheduler answers at .*: start one with dask scheduler"):
            label_files(fit_elsewhere(), tmp_path / "posts.parquet", tmp_path / "out", scheduler=address)


def test_without_dask_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "distributed", None)
    make_posts(2, 4).to_parquet(tmp_path / "posts.parquet")
    with pytest.raises(CompositeError, match="the extra 'cluster'"):
        label_files(fit_elsewhere(), tmp_path / "posts.parquet", tmp_path / "out", scheduler="tcp://127.0.0.1:9")
