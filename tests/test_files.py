from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from composite.codebook.tables import TIME
from composite.errors import CompositeError
from composite.files import hash_bytes, hash_table, make_folder, write_table, write_whole

LAWS = settings(deadline=None, derandomize=True, max_examples=100)
FRAMES = st.lists(st.tuples(st.text(), st.integers(-(2**40), 2**40), st.floats(allow_infinity=False)), max_size=6).map(
    lambda rows: pd.DataFrame(rows, columns=["text", "count", "share"])
)


@pytest.fixture
def table() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "text": pd.Series(["Ракосел 🚓", None, 'a,"b"\nc'], dtype="str"),
            "share": [1 / 3, 0.1 + 0.2, float("nan")],
            "published": pd.Series(pd.to_datetime(["2013-03-22T14:05:06Z", None, "2013-01-01T00:00:00Z"])).astype(TIME),
        }
    )


def fail(*args: object, **options: object) -> None:
    raise OSError(28, "No space left on device")


def interrupt(*args: object, **options: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("content", ["Ракосел 🚓\nžluť", b"\x00\xff\r\n", "", b""])
def test_a_file_holds_all_that_was_written_and_no_other_file_is_left(content, tmp_path):
    path = write_whole(tmp_path / "a.txt", content)
    assert path.read_bytes() == (content.encode() if isinstance(content, str) else content)
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]


def test_a_file_replaces_the_old_one_and_its_folders_are_made(tmp_path):
    for content in ("old and longer", "new"):
        path = write_whole(tmp_path / "a" / "b" / "c.txt", content)
    assert path.read_text() == "new"


@pytest.mark.parametrize("step", ["fdopen", "chmod", "replace"])
@pytest.mark.parametrize(("accident", "error"), [(fail, CompositeError), (interrupt, KeyboardInterrupt)])
def test_a_write_that_fails_at_any_step_leaves_the_old_file_and_nothing_else(
    step, accident, error, tmp_path, monkeypatch
):
    write_whole(tmp_path / "a.txt", "old")
    monkeypatch.setattr(os, step, accident)
    with pytest.raises(error):
        write_whole(tmp_path / "a.txt", "new")
    monkeypatch.undo()
    assert (tmp_path / "a.txt").read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]


def test_a_full_disk_is_named_with_the_file_and_the_cure(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(
        CompositeError, match=r"cannot write '.*a.txt' \(No space left on device\): choose another place"
    ):
        write_whole(tmp_path / "a.txt", "new")


def test_a_file_cannot_take_the_place_of_a_folder(tmp_path):
    (tmp_path / "a.txt").mkdir()
    with pytest.raises(CompositeError, match="cannot write"):
        write_whole(tmp_path / "a.txt", "new")
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]


def test_a_name_as_long_as_the_disk_allows_can_be_written_and_a_longer_one_is_refused(tmp_path):
    assert write_whole(tmp_path / ("x" * 255), "a").read_text() == "a"
    with pytest.raises(CompositeError, match="cannot write"):
        write_whole(tmp_path / ("x" * 256), "a")


@pytest.mark.parametrize("write", [make_folder, lambda path: write_whole(path / "a.txt", "a")])
def test_a_folder_that_cannot_be_written_to_is_named_with_the_cure(write: Callable[[Path], object], tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(CompositeError, match=r"cannot write to the folder .*choose another with --out"):
        write(tmp_path / "file" / "folder")


def test_a_folder_without_permission_is_named_with_the_cure(tmp_path, monkeypatch):
    def refuse(*args: object, **options: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("tempfile.TemporaryFile", refuse)
    with pytest.raises(CompositeError, match=r"\(Permission denied\): .*permissions"):
        make_folder(tmp_path)


def test_a_folder_is_made_with_those_above_it_and_left_empty(tmp_path):
    folder = make_folder(tmp_path / "a" / "b")
    assert make_folder(folder).is_dir()
    assert not list(folder.iterdir())


def test_others_may_read_a_file_as_far_as_the_umask_lets_them(tmp_path):
    old = os.umask(0o027)
    try:
        mode = write_whole(tmp_path / "a.txt", "a").stat().st_mode & 0o777
    finally:
        os.umask(old)
    assert mode == 0o640


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_writing_a_table_again_gives_the_same_bytes(ending, table, tmp_path):
    first = write_table(tmp_path / f"a.{ending}", table).read_bytes()
    assert write_table(tmp_path / f"b.{ending}", table.copy()).read_bytes() == first


def test_a_csv_has_unix_line_ends_utc_times_and_ten_digits(table, tmp_path):
    assert write_table(tmp_path / "a.csv", table).read_bytes().decode() == (
        "text,share,published\n"
        "Ракосел 🚓,0.3333333333,2013-03-22T14:05:06Z\n"
        ",0.3,\n"
        '"a,""b""\nc",,2013-01-01T00:00:00Z\n'
    )


def test_a_parquet_file_holds_the_table(table, tmp_path):
    pd.testing.assert_frame_equal(pd.read_parquet(write_table(tmp_path / "a.parquet", table)), table)


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_writing_a_table_leaves_it_as_it_was(ending, table, tmp_path):
    before = table.copy()
    write_table(tmp_path / f"a.{ending}", table)
    pd.testing.assert_frame_equal(table, before)


@pytest.mark.parametrize("name", ["a.xlsx", "a", "a.csv.gz", "a.json"])
def test_a_table_with_another_ending_is_refused_and_nothing_written(name, table, tmp_path):
    with pytest.raises(CompositeError, match=r"end its name in \.csv or \.parquet") as caught:
        write_table(tmp_path / name, table)
    assert repr(name) in str(caught.value)
    assert not list(tmp_path.iterdir())


@LAWS
@given(FRAMES)
def test_equal_tables_have_equal_hashes_and_a_changed_one_another(frame):
    assert hash_table(frame) == hash_table(frame.copy())
    assert hash_table(frame) != hash_table(
        pd.concat([frame, pd.DataFrame({"text": ["x"], "count": [1], "share": [0.5]})])
    )
    assert hash_table(frame) != hash_table(frame.rename(columns={"share": "shore"}))


def test_a_hash_does_not_see_beyond_ten_digits_nor_the_index():
    assert hash_table(pd.DataFrame({"x": [0.1 + 0.2]})) == hash_table(pd.DataFrame({"x": [0.3]}, index=[7]))
    assert hash_table(pd.DataFrame({"x": [0.3]})) != hash_table(pd.DataFrame({"x": [0.300000001]}))


@LAWS
@given(st.binary())
def test_the_hash_of_bytes_is_their_sha_256(data):
    assert hash_bytes(data) == hashlib.new("sha256", data).hexdigest()


def test_the_hash_of_nothing_is_the_one_in_the_standard():
    assert hash_bytes(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@LAWS
@given(FRAMES, st.lists(st.one_of(st.none(), st.text("a,\"\r\n'", max_size=3)), min_size=6, max_size=6))
def test_a_large_table_is_written_as_pandas_writes_a_small_one(frame, more):
    frame = frame.assign(
        more=pd.Series(more[: len(frame)], dtype="str"),
        when=pd.Series(pd.to_datetime(["2013-03-22T14:05:06Z", None] * 3, utc=True)).astype(TIME)[: len(frame)],
        yes=[count > 0 for count in frame["count"]],
    )
    frame["share"] = frame["share"].astype("float64").fillna(float("inf")).where(frame["count"] != 0)
    small = hash_table(frame)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("composite.files.LARGE", 2)
        assert hash_table(frame) == small


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("zone", [None, "UTC", "Europe/London"])
@pytest.mark.parametrize(
    "times",
    [
        ["2013-03-22 14:05:00", "1969-12-31 23:59:59", None],
        ["2013-03-22 14:05:00.123456", "2013-03-22 14:05:00"],
        ["2013-03-22", "2013-03-23"],
        [None, None],
    ],
)
def test_times_of_a_large_table_are_written_as_pandas_writes_them(times, zone, unit, monkeypatch):
    column = pd.Series(pd.to_datetime(times, format="ISO8601", utc=True)).dt.tz_convert(zone).dt.as_unit(unit)
    frame = pd.DataFrame({"name": pd.Series("a", index=column.index, dtype="str"), "time": column})
    small = hash_table(frame)
    monkeypatch.setattr("composite.files.LARGE", len(times))
    assert hash_table(frame) == small
