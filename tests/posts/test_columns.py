"""A Parquet file that is read by columns gives what it gives row by row: the same posts, rows set aside and notes."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import composite as cp
from composite.codebook.tables import TABLES
from composite.errors import CompositeError
from composite.posts import blocks, records
from composite.posts.batches import Reading, write_batches
from composite.posts.read import scan_posts

NAMES = (*TABLES["posts"].columns, "Likes", "lang", "shares")
TEXTS = (
    "GB",
    "United Kingdom",
    "Narnia",
    "",
    " ",
    "NA",
    "None",
    "@pol",
    "@",
    "en-GB",
    "-x",
    "X",
    "a\u0301",
    "\x00b",
    "é",
)
DATES = ("2013-02-28", "2013-02-30", "28/02/2013", "soon", "2013-02-28T10:00:00+02:00", "1850-01-01", "10000-01-01")
MOMENTS = (datetime(2013, 2, 28, 12, tzinfo=UTC), datetime(1850, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC))
ACCOUNTS = pd.DataFrame(
    [["pol", "twitter", "A", "GB", "corporate", "en"], ["b", "facebook", "B", "DE", "unit", None]],
    columns=["account", "platform", "agency", "country", "kind", "language"],
    dtype="str",
)


KINDS: tuple[tuple[pa.DataType, tuple[Any, ...]], ...] = (
    (pa.string(), (*TEXTS, *DATES)),
    (pa.large_string(), (*TEXTS, "7", "-7", "seven", "1e400")),
    (pa.dictionary(pa.int8(), pa.string()), TEXTS),
    (pa.binary(), (b"GB", b"caf\xe9", b"")),
    (pa.list_(pa.string()), (["GB"], [])),
    (pa.struct({"code": pa.string()}), ({"code": "GB"},)),
    (pa.int64(), (0, -1, 2**60 + 1)),
    (pa.int8(), (0, -1, 100)),
    (pa.uint64(), (0, 2**64 - 1)),
    (pa.float64(), (0.5, -1.0, 1e18, float("nan"), float("inf"))),
    (pa.float32(), (0.1, float("nan"))),
    (pa.bool_(), (True, False)),
    (pa.date32(), (date(2013, 2, 28), date(1850, 1, 1))),
    (pa.decimal128(5, 2), (Decimal("1.50"),)),
    (pa.duration("s"), (timedelta(seconds=5),)),
    (pa.null(), ()),
    *(
        (pa.timestamp(unit, zone), MOMENTS if zone else tuple(moment.replace(tzinfo=None) for moment in MOMENTS))
        for unit in ("s", "ms", "us")
        for zone in ("UTC", "Asia/Tokyo", None)
    ),
    (pa.timestamp("us", "UTC"), (MOMENTS[0], 2**60)),  # a year that no calendar has
    (pa.timestamp("ns", "UTC"), (pd.Timestamp("2013-02-28 12:00:00.123456789", tz="UTC"),)),
)


@st.composite
def make_tables(draw: st.DrawFn) -> pa.Table:
    n = draw(st.integers(1, 7))
    names = draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=9))
    names = [*names, *draw(st.sampled_from([[], ["country"], ["text"], ["country", "text"]]))]
    columns = {}
    for name in dict.fromkeys(names):
        likely = draw(st.integers(0, 3))
        kind, values = KINDS[0] if likely == 0 else draw(st.sampled_from(KINDS))
        cells = st.one_of(st.none(), st.sampled_from(values)) if values else st.none()
        columns[name] = pa.array(draw(st.lists(cells, min_size=n, max_size=n)), kind)
    return pa.table(columns)


def tell(read: Any) -> list[Any]:
    """All that comes of a reading, so that two can be compared."""
    try:
        result = read()
    except CompositeError as error:
        return [str(error)]
    return [
        result.posts.dtypes.to_dict(),
        result.posts.to_dict("records").__repr__(),
        result.rejected.to_dict("records"),
        result.n_rows,
        result.notes,
        result.unmatched.to_dict("records").__repr__(),
    ]


def both_ways(path: Path, monkeypatch: pytest.MonkeyPatch, **options: Any) -> tuple[list[Any], list[Any]]:
    by_columns = tell(lambda: scan_posts(path, **options))
    with monkeypatch.context() as patch:
        patch.setattr(blocks, "open_columns", lambda *_, **__: None)
        return by_columns, tell(lambda: scan_posts(path, **options))


@settings(deadline=None, derandomize=True, max_examples=80)
@given(
    table=make_tables(),
    options=st.fixed_dictionaries(
        {},
        optional={
            "columns": st.sampled_from([{"Likes": "likes"}, {"lang": "language", "shares": "likes"}, {"url": "text"}]),
            "defaults": st.sampled_from([{"country": "GB"}, {"country": "GB", "agency": "A", "language": "en"}]),
            "accounts": st.just(ACCOUNTS),
            "timezone": st.just("Europe/London"),
            "date_format": st.just("%d/%m/%Y"),
            "mask_handles": st.just(True),
        },
    ),
)
def test_by_columns_or_by_rows_the_same_is_read_set_aside_noted_or_refused(table, options, tmp_path_factory):
    path = tmp_path_factory.mktemp("columns") / "posts.parquet"
    pq.write_table(table, path)
    with pytest.MonkeyPatch.context() as monkeypatch:
        by_columns, by_rows = both_ways(path, monkeypatch, **options)
    assert by_columns == by_rows


@pytest.mark.parametrize("size", [1, 2, 3, 5, 100])
def test_blocks_have_their_size_whatever_the_files_are(size, tmp_path, monkeypatch):
    rows = pd.DataFrame(
        {"post_id": [f"p{n}" for n in range(9)], "country": "GB", "text": [f"post {n}" for n in range(9)]}
    )
    monkeypatch.setattr("composite.posts.columns.ROWS", 2)
    rows[:2].to_csv(tmp_path / "a.csv", index=False)
    rows[2:6].to_parquet(tmp_path / "b.parquet")
    (tmp_path / "c.jsonl").write_text("[]\n" + rows[6:7].to_json(orient="records", lines=True))
    rows[7:].to_parquet(tmp_path / "d.parquet")
    (tmp_path / "out").mkdir()
    batches = write_batches(
        [tmp_path], tmp_path / "out", Reading({}, {}), size=size, progress=lambda what, done, total: None
    )
    posts = [batches.read(index) for index in range(batches.number)]
    assert pd.concat(posts)["post_id"].tolist() == rows["post_id"].tolist()
    sizes = [len(part) + len(batches.read_rejected(number)) for number, part in enumerate(posts)]
    assert sum(sizes) == 10
    assert set(sizes[:-1]) <= {size}
    assert [row for n in range(batches.number) for row in batches.read_rejected(n)["line"]] == [1]


def test_our_columns_are_read_by_columns_and_only_these(tmp_path, monkeypatch):
    posts = cp.read_posts(cp.CORPUS / "posts.csv").head(50).assign(other=[[1]] * 50)
    posts.to_parquet(tmp_path / "posts.parquet")
    monkeypatch.setattr(records, "list_rows", lambda batch: pytest.fail("it is read row by row"))
    assert len(cp.read_posts(tmp_path / "posts.parquet")) == 50


_STREAM = """
import resource, sys
from composite.posts.read import scan_posts
from composite.posts.records import open_parquet
from composite.posts.streams import open_file
from pathlib import Path

def held():
    for line in open("/proc/self/status"):
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024

with open_parquet(open_file(Path(sys.argv[1]))) as table:
    batches = table.iter_batches(batch_size=10_000)
    next(batches)
    before = held()
    for batch in batches:
        del batch
    print(held() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="what a process held at most is read from /proc")
def test_what_was_read_of_a_large_file_does_not_stay_in_memory(tmp_path):
    path = tmp_path / "posts.parquet"
    group = pa.table({"text": ["x" * 400] * 10_000})
    with pq.ParquetWriter(path, group.schema, compression="none", use_dictionary=False) as writer:
        for _ in range(40):
            writer.write_table(group)
    assert path.stat().st_size > 150e6
    done = subprocess.run([sys.executable, "-c", _STREAM, path], capture_output=True, text=True, check=True)
    assert float(done.stdout) < 60


def test_whole_numbers_that_a_table_holds_as_fractions_are_whole_and_worn_ones_are_set_aside(tmp_path: Path) -> None:
    frame = pd.DataFrame({"post_id": [1.0, 2.0, np.nan], "agency": [7.0, np.nan, 8.0], "text": ["a", "b", "c"]})
    frame.assign(country="GB").to_parquet(tmp_path / "fine.parquet")
    posts = cp.scan_posts(tmp_path / "fine.parquet").posts.set_index("text")
    assert list(posts.loc[["a", "b"], "post_id"]) == ["1", "2"]
    assert posts["agency"].dropna().to_dict() == {"a": "7", "c": "8"}
    long = pd.DataFrame({"post_id": [float(2**60), float(2**60 + 1)], "text": ["a", "b"], "country": "GB"})
    long.to_parquet(tmp_path / "long.parquet")
    with pytest.raises(cp.CompositeError, match="post_id is a fraction, which has lost digits"):
        cp.scan_posts(tmp_path / "long.parquet")


def test_a_parquet_file_with_two_columns_of_one_name_is_refused(tmp_path: Path) -> None:
    table = pa.table([["GB"], ["one"], ["two"]], names=["country", "text", "text"])
    pq.write_table(table, tmp_path / "twice.parquet")
    with pytest.raises(cp.CompositeError, match="two columns named 'text': rename one"):
        cp.scan_posts(tmp_path / "twice.parquet")
