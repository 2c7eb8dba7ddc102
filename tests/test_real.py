"""The study of real posts, where `../shared/real` is at hand: seven countries, under 2 GB, nothing lost."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

import composite as cp

REAL = Path(__file__).parents[2] / "shared" / "real"
CITIES = ("London", "Berlin", "Paris", "Madrid", "Rome", "Prague", "Amsterdam")

pytestmark = pytest.mark.skipif(not REAL.is_dir(), reason="../shared/real is not here: real posts are not shipped")


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, int]:
    """The folder of the report, what was shown, and the most memory that the command held, in bytes."""
    out = tmp_path_factory.mktemp("real")
    words = ["study", str(REAL / "posts.jsonl.gz"), "--codings", str(REAL / "codings.csv"), "--out", str(out)]
    with open(out / "shown", "w") as shown:
        process = subprocess.Popen([sys.executable, "-m", "composite", *words], stdout=shown, stderr=shown)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    text = (out / "shown").read_text("utf-8")
    assert process.returncode == 0, text
    return out, text, usage.ru_maxrss * 1024


def test_the_study_of_51147_real_posts_loses_none(done: tuple[Path, str, int]) -> None:
    with gzip.open(REAL / "posts.jsonl.gz") as stream:
        lines = sum(1 for line in stream if line.strip())
    labels = cp.read_table("labels", done[0] / "labels.parquet")
    rejected = pd.read_csv(done[0] / "rejected.csv")
    assert len(labels) + len(rejected) == lines == 51_147
    assert f"{lines:,} rows: {len(labels):,} read, {len(rejected):,} set aside" in done[1]


def test_it_stays_under_two_gigabytes(done: tuple[Path, str, int]) -> None:
    assert done[2] < 2e9


def test_seven_cities_stand_beside_each_other_with_their_intervals(done: tuple[Path, str, int]) -> None:
    agencies = cp.read_table("agencies", done[0] / "tables" / "agencies.csv")
    for city in CITIES:
        part = agencies[agencies["agency"].str.startswith(city) & (agencies["method"] == "corrected")]
        assert len(part) == 9, city
        assert part["low"].notna().all()
        assert set(part["inference"]) == {"posts"}


def test_no_text_of_a_real_post_is_in_the_report(done: tuple[Path, str, int]) -> None:
    with gzip.open(REAL / "posts.jsonl.gz", "rt", encoding="utf-8") as stream:
        texts = pd.read_json(stream, lines=True, dtype=False)["text"].drop_duplicates()
    page = (done[0] / "index.html").read_text("utf-8")
    assert not [text for text in texts if len(text) > 40 and text in page]


def test_counting_labels_would_mislead_and_the_report_says_by_how_much(done: tuple[Path, str, int]) -> None:
    shares = cp.read_table("shares", done[0] / "tables" / "shares.csv").set_index(["country", "theme"])
    naive = shares.loc[shares["method"] == "naive", "share"]
    corrected = shares[shares["method"] == "corrected"]
    outside = ((naive < corrected["low"]) | (naive > corrected["high"])).sum()
    assert outside > 0
    assert f"would put {outside} of {len(corrected)} shares outside" in (done[0] / "index.html").read_text("utf-8")
