from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.model_selection import GroupKFold

import composite as cp
from composite.codebook.themes import THEME_KEYS
from composite.errors import CompositeError, CompositeWarning
from composite.posts import batches
from composite.posts.text import hash_text
from composite.themes.batches import label_files
from composite.themes.classifier import ThemeClassifier
from composite.themes.labelling import deal_folds, deal_groups, label_posts
from tests.themes.test_labelling import KEYS, code, fit_elsewhere, make_posts

FIXTURES = Path(__file__).parents[1] / "posts" / "fixtures"


@pytest.fixture(scope="module")
def model() -> ThemeClassifier:
    return fit_elsewhere()


@pytest.fixture
def messy(tmp_path: Path) -> Path:
    """A folder of files in four forms, with rows that cannot be read and posts that stand twice."""
    folder = tmp_path / "posts"
    folder.mkdir()
    posts = make_posts(7, 6)
    posts["published"] = posts["published"].dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    posts.loc[4, "text"] = "@someone " + posts.loc[4, "text"]
    posts.iloc[:12].to_csv(folder / "a.csv", index=False)
    broken = posts.iloc[10:24].copy()  # two of them are in the file before
    broken.loc[12, "text"] = ""
    broken.loc[13, "country"] = "Atlantis"
    broken.loc[14, "published"] = "9999-99-99"
    broken.to_json(folder / "b.jsonl", orient="records", lines=True)
    with open(folder / "b.jsonl", "a") as stream:
        stream.write('{"half": \n')
    posts.iloc[24:36].to_parquet(folder / "c.parquet", row_group_size=5)
    last = posts.iloc[34:].drop(columns="post_id")
    with gzip.open(folder / "d.csv.gz", "wt") as stream:
        pd.concat([last, last.tail(2)]).to_csv(stream, index=False)
    return folder


def read_parts(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def read_rejected(folder: Path) -> pd.DataFrame:
    files = sorted((folder / "rejected").glob("*.csv"))
    table = pd.concat([cp.read_table("rejected", file) for file in files], ignore_index=True)
    return table.sort_values(["file", "line"], kind="stable", ignore_index=True)


# the same as in memory


@pytest.mark.parametrize(("size", "mask"), [(7, False), (1000, True), (20, True)])
def test_labels_in_batches_are_those_in_memory_whatever_the_size_of_a_batch(
    size: int, mask: bool, messy: Path, model: ThemeClassifier, tmp_path: Path
) -> None:
    read = cp.scan_posts(messy, mask_handles=mask)
    done = label_files(model, messy, tmp_path / "out", size=size, mask_handles=mask)
    pd.testing.assert_frame_equal(
        cp.read_table("labels", tmp_path / "out"), label_posts(model, read.posts), check_exact=True
    )
    pd.testing.assert_frame_equal(read_rejected(tmp_path / "out").fillna({"value": ""}), read.rejected)
    assert (done.n_rows, done.n_posts, done.n_rejected) == (read.n_rows, len(read.posts), len(read.rejected))
    assert done.n_posts + done.n_rejected == done.n_rows
    assert sorted(done.notes) == sorted(read.notes)
    assert done.reasons == read.rejected["reason"].value_counts().to_dict()
    assert done.summary == read.summary.replace(" read, ", " labelled, ")


@pytest.mark.parametrize("size", [7, 1000])
def test_exports_in_batches_are_read_and_told_of_as_in_memory(
    size: int, model: ThemeClassifier, tmp_path: Path
) -> None:
    exports = sorted(path for path in FIXTURES.iterdir() if path.is_dir())
    table = tmp_path / "table.csv"
    table.write_text("country,agency,text,likes\nUK,Met,one,many\nUK,Met,two,-3\n")
    registry = cp.read_accounts(FIXTURES / "accounts.csv").iloc[2:].reset_index(drop=True)
    read = cp.scan_posts([*exports, table], accounts=registry)
    done = label_files(model, [*exports, table], tmp_path / "out", size=size, accounts=registry)
    pd.testing.assert_frame_equal(
        cp.read_table("labels", tmp_path / "out"), label_posts(model, read.posts, accounts=registry), check_exact=True
    )
    assert done.notes == read.notes
    assert any("not a count" in note for note in done.notes)
    assert done.summary == read.summary.replace(" read, ", " labelled, ")
    pd.testing.assert_frame_equal(done.unmatched, read.unmatched)


@pytest.mark.parametrize("agencies", [1, 5])
def test_labels_with_codings_are_those_in_memory(agencies: int, tmp_path: Path) -> None:
    posts = make_posts(agencies, 40 // agencies)
    posts.loc[5, "text"] = posts.loc[20, "text"].upper()  # one text in two agencies
    if agencies > 1:
        posts.loc[[3, 31], "agency"] = None
        posts["agency"] = posts["agency"].astype("str")
    posts.to_parquet(tmp_path / "posts.parquet")
    codings = code(posts.iloc[::2])
    label_files(ThemeClassifier(), tmp_path / "posts.parquet", tmp_path / "out", codings=codings, size=7, folds=3)
    pd.testing.assert_frame_equal(
        cp.read_table("labels", tmp_path / "out"),
        label_posts(ThemeClassifier(), posts, codings, folds=3),
        check_exact=True,
    )


@given(st.dictionaries(st.text(max_size=3), st.integers(1, 9), min_size=2, max_size=12), st.integers(2, 5))
@settings(deadline=None, derandomize=True, max_examples=60)
def test_groups_are_dealt_as_by_scikit_learn(sizes: dict[str, int], folds: int) -> None:
    groups = np.repeat(np.array(list(sizes), dtype=object), list(sizes.values()))
    number = min(folds, len(sizes))
    expected = np.empty(len(groups), dtype=int)
    for index, (_, members) in enumerate(GroupKFold(number).split(groups, groups=groups)):
        expected[members] = index
    fold = deal_groups(pd.Series(sizes), folds)
    assert [fold[group] for group in groups] == expected.tolist()


def test_memory_of_the_search_for_duplicates_is_that_of_a_bucket(
    messy: Path, model: ThemeClassifier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = label_files(model, messy, tmp_path / "one", size=5)
    monkeypatch.setattr(batches, "BUCKET", 3)
    assert label_files(model, messy, tmp_path / "two", size=5).reasons == whole.reasons
    for name in ("part-00000.parquet", "part-00005.parquet"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


# interrupted


def test_stopped_at_any_write_a_run_goes_on_and_gives_the_same_bytes(
    messy: Path, model: ThemeClassifier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    label_files(model, messy, tmp_path / "whole", size=9)
    whole = read_parts(tmp_path / "whole")
    real = os.replace
    left, stops = 0, 0

    def stop(old: str, new: str) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise KeyboardInterrupt
        real(old, new)

    monkeypatch.setattr(os, "replace", stop)
    for _ in range(100):
        left = 4  # the fifth write of every run is stopped
        try:
            label_files(model, messy, tmp_path / "out", size=9)
            break
        except KeyboardInterrupt:
            stops += 1
            with pytest.raises(CompositeError, match="not finished"):
                cp.read_table("labels", tmp_path / "out")
    assert stops > 5
    assert read_parts(tmp_path / "out") == whole


_RUN = """
import sys, time
import composite as cp
def wait(what, done, total): time.sleep(0.2 if what == "labelling posts" else 0)
cp.label_files(cp.load_model(sys.argv[1]), sys.argv[2], sys.argv[3], size=40, progress=wait)
"""


def test_killed_a_run_goes_on_without_repeating_or_losing_a_batch(model: ThemeClassifier, tmp_path: Path) -> None:
    make_posts(12, 40).to_parquet(tmp_path / "posts.parquet")
    out = tmp_path / "out"
    cp.save_model(model, tmp_path / "model.npz")
    process = subprocess.Popen([sys.executable, "-c", _RUN, tmp_path / "model.npz", tmp_path / "posts.parquet", out])
    limit = time.monotonic() + 120
    while len(list(out.glob("part-*"))) < 3:
        assert process.poll() is None
        assert time.monotonic() < limit
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    before = {path: path.stat().st_mtime_ns for path in out.glob("part-*")}
    assert 3 <= len(before) < 12
    (out / ".composite.left").write_bytes(b"half")
    label_files(model, tmp_path / "posts.parquet", out, size=40)
    assert all(path.stat().st_mtime_ns == when for path, when in before.items())
    label_files(model, tmp_path / "posts.parquet", tmp_path / "whole", size=40)
    assert read_parts(out) == read_parts(tmp_path / "whole")
    assert len(cp.read_table("labels", out)) == 480


def test_a_finished_run_writes_nothing_again_and_says_the_same(
    messy: Path, model: ThemeClassifier, tmp_path: Path
) -> None:
    first = label_files(model, messy, tmp_path / "out", size=9)
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*")}
    assert label_files(model, messy, tmp_path / "out", size=9) == first
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*")} == before
    assert not (tmp_path / "out" / ".work").exists()


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda folder, options: (folder / "a.csv").write_text((folder / "b.jsonl").read_text()), r"input \(a\.csv\)"),
        (lambda folder, options: (folder / "a.csv").rename(folder / "z.csv"), r"input \(a\.csv, z\.csv\)"),
        (lambda folder, options: options.update(timezone="Europe/London"), "options of reading"),
        (lambda folder, options: options.update(size=8), "size"),
        (
            lambda folder, options: options.update(
                model=ThemeClassifier().fit(["a b", "c d"], np.eye(9, dtype=int)[:2])
            ),
            "model",
        ),
    ],
    ids=["content", "name", "timezone", "size", "model"],
)
def test_another_input_or_option_is_an_error_that_names_it_and_can_be_started_anew(
    change: Callable[[Path, dict], object], named: str, messy: Path, model: ThemeClassifier, tmp_path: Path
) -> None:
    options = {"model": model, "size": 9}
    label_files(source=messy, out=tmp_path / "out", **options)
    before = read_parts(tmp_path / "out")
    change(messy, options)
    with pytest.raises(CompositeError, match=f"of another run: the {named} is not the same.*--restart"):
        label_files(source=messy, out=tmp_path / "out", **options)
    assert read_parts(tmp_path / "out") == before
    if named != r"input \(a\.csv\)":
        label_files(source=messy, out=tmp_path / "out", restart=True, **options)
        label_files(source=messy, out=tmp_path / "new", **options)
        assert read_parts(tmp_path / "out") == read_parts(tmp_path / "new")


def test_a_folder_with_other_things_in_it_is_refused_and_left_as_it_is(
    messy: Path, model: ThemeClassifier, tmp_path: Path
) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.docx").write_text("mine")
    for restart in (False, True):
        with pytest.raises(CompositeError, match=r"holds other things, such as 'thesis\.docx'"):
            label_files(model, messy, tmp_path / "out", restart=restart)
    assert read_parts(tmp_path / "out") == {"thesis.docx": b"mine"}


# reading the parts


def test_a_folder_that_lacks_a_part_or_is_none_of_ours_is_an_error(
    messy: Path, model: ThemeClassifier, tmp_path: Path
) -> None:
    with pytest.raises(CompositeError, match=r"no file 'run\.json' of composite label in the folder"):
        cp.read_table("labels", messy)
    done = label_files(model, messy, tmp_path / "out", size=9)
    (tmp_path / "out" / "part-00001.parquet").unlink()
    with pytest.raises(CompositeError, match=f"{done.n_parts - 1} of {done.n_parts} parts"):
        cp.read_table("labels", tmp_path / "out")


def test_the_journal_says_what_the_labels_were_made_of(messy: Path, model: ThemeClassifier, tmp_path: Path) -> None:
    done = label_files(model, messy, tmp_path / "out")
    told = json.loads((tmp_path / "out" / "run.json").read_text())
    assert [Path(name).name for name in told["input"]] == ["a.csv", "b.jsonl", "c.parquet", "d.csv.gz"]
    assert told["finished"]["n_posts"] == done.n_posts


# errors and warnings


def test_after_an_error_of_reading_the_mended_call_needs_no_restart(model: ThemeClassifier, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("agency,text\nMet,one\nMet,two\n")
    with pytest.raises(CompositeError, match="no column 'country'"):
        label_files(model, file, tmp_path / "out")
    assert label_files(model, file, tmp_path / "out", defaults={"country": "GB"}).n_posts == 2


def test_files_without_a_post_are_an_error(model: ThemeClassifier, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("country,text\nAtlantis,Road closed\n")
    with pytest.raises(CompositeError, match=r"no row of a\.csv is a post: not one of the ten countries \(1\)"):
        label_files(model, tmp_path / "a.csv", tmp_path / "out")


def test_options_that_cannot_be_are_errors_before_anything_is_written(
    messy: Path, model: ThemeClassifier, tmp_path: Path
) -> None:
    for options, said in (
        ({"size": 0}, "size=0"),
        ({"columns": {"x": "contry"}}, "no column 'contry'"),
        ({"codings": code(make_posts()), "folds": 1}, "at least 2 folds"),
    ):
        with pytest.raises(CompositeError, match=said):
            label_files(model, messy, tmp_path / "out", **options)
    with pytest.raises(CompositeError, match="the model is not fitted"):
        label_files(ThemeClassifier(), messy, tmp_path / "out")
    assert not list(tmp_path.glob("out/part-*"))


def know_some() -> tuple[pd.DataFrame, ThemeClassifier]:
    posts = make_posts(3, 4)
    some = posts.iloc[:5]
    model = ThemeClassifier().fit(some["text"], code(some)[KEYS])
    model.cross_fitted_ = {hash_text(text): [0.25] * 9 for text in some["text"]}
    return posts, model


def test_labels_of_two_kinds_are_warned_of_in_memory_and_in_batches(tmp_path: Path) -> None:
    posts, model = know_some()
    posts.to_parquet(tmp_path / "posts.parquet")
    said = r"learned from 5 of 12 posts: their probabilities are of fits that left them out"
    with pytest.warns(CompositeWarning, match=said):
        labels = label_posts(model, posts)
    for _ in range(2):  # also where nothing is left to do
        with pytest.warns(CompositeWarning, match=said):
            label_files(model, tmp_path / "posts.parquet", tmp_path / "out", size=4)
    pd.testing.assert_frame_equal(cp.read_table("labels", tmp_path / "out"), labels)
    label_posts(model, posts.iloc[:5])  # all known: nothing to say
    label_posts(model, posts.iloc[5:].reset_index(drop=True))


def test_folds_of_posts_are_those_of_their_groups() -> None:
    posts = make_posts(6, 3)
    fold = deal_groups((posts["country"] + "/" + posts["agency"]).value_counts(), 4)
    assert deal_folds(posts, 4).tolist() == [fold[f"GB/{agency}"] for agency in posts["agency"]]


def test_the_nine_themes_are_in_every_part(messy: Path, model: ThemeClassifier, tmp_path: Path) -> None:
    label_files(model, messy, tmp_path / "out", size=9)
    for part in (tmp_path / "out").glob("part-*.parquet"):
        assert set(THEME_KEYS) <= set(pd.read_parquet(part).columns)
