"""A folder of everything that researchers have: posts are read, and all else is named as what it is."""

from __future__ import annotations

import os
import shutil
import zipfile
from pathlib import Path

import pytest

import composite as cp
from composite.codebook.tables import TABLES
from composite.errors import CompositeError
from composite.posts.others import OPTIONS, find_table, resemble_table
from composite.posts.read import scan_posts
from composite.themes.batches import label_files
from tests.themes.test_labelling import fit_elsewhere

POSTS = "post_id,country,agency,text\n1,GB,A,Road closed\n2,DE,B,Straße gesperrt\n"
ACCOUNTS = "account,platform,agency,country\na,x,A,GB\n"
FOLLOWERS = "account,platform,date,followers\na,x,2013-01-01,5\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "posts.csv").write_text(POSTS)
    return tmp_path / "d"


def write_codings(path: Path) -> None:
    shutil.copy(cp.CORPUS / "codings.csv", path)


def test_our_other_tables_in_a_folder_are_named_with_the_option_that_takes_them_and_cost_no_post(folder: Path) -> None:
    alone = scan_posts(folder)
    (folder / "accounts.csv").write_text(ACCOUNTS)
    (folder / "followers.csv").write_text(FOLLOWERS)
    write_codings(folder / "codings.csv")
    result = scan_posts(folder)
    assert result.notes == (
        "3 files not read, being other tables than posts: accounts.csv (for --accounts), codings.csv (for --codings), "
        "followers.csv (for --audience)",
        *alone.notes,
    )
    assert result.posts.equals(alone.posts)
    assert result.n_rows == 2


def test_they_are_passed_over_in_an_archive_and_by_a_glob_too(folder: Path, tmp_path: Path) -> None:
    (folder / "accounts.csv").write_text(ACCOUNTS)
    with zipfile.ZipFile(tmp_path / "d.zip", "w") as archive:
        for file in folder.iterdir():
            archive.write(file, file.name)
    for source, name in ((tmp_path / "d.zip", "d.zip/accounts.csv"), (f"{folder}/*.csv", "accounts.csv")):
        result = scan_posts(source)
        assert len(result.posts) == 2
        assert f"1 file not read, being another table than posts: {name} (for --accounts)" in result.notes


@pytest.mark.parametrize(
    ("name", "option"), [("accounts", "accounts"), ("followers", "audience"), ("codings", "codings")]
)
def test_a_table_that_is_named_as_posts_is_refused_with_the_option_that_takes_it(
    name: str, option: str, tmp_path: Path
) -> None:
    shutil.copy(cp.CORPUS / f"{name}.csv", tmp_path / "a.csv")
    said = rf"'a.csv' is a table '{option}' and not one of posts: give it with --{option} a\.csv \({option}=\)"
    with pytest.raises(CompositeError, match=said):
        scan_posts(tmp_path / "a.csv")
    with pytest.raises(CompositeError, match=said):  # a folder that holds nothing else
        scan_posts(tmp_path)


def test_labels_that_an_earlier_run_left_among_the_posts_are_passed_over(folder: Path) -> None:
    labels = cp.label_posts(fit_elsewhere(), scan_posts(folder).posts)
    labels.to_parquet(folder / "labels.parquet")
    result = scan_posts(folder)
    assert len(result.posts) == 2
    assert "1 file not read, being another table than posts: labels.parquet (labels)" in result.notes


def test_a_sheet_for_coders_takes_no_post_s_place_in_a_folder_and_is_posts_where_it_is_named(folder: Path) -> None:
    posts = scan_posts(folder).posts
    labels = cp.label_posts(fit_elsewhere(), posts)
    sheet = cp.make_coding_sheet(cp.draw_coding_sample(labels, 2, seed=0, strata=(), minimum=1), posts)
    sheet.to_csv(folder / "a.csv", index=False)
    assert scan_posts(folder).rejected.empty
    assert len(scan_posts(folder / "a.csv").posts) == 2


def test_posts_whose_text_is_called_otherwise_are_never_taken_for_accounts(folder: Path) -> None:
    (folder / "more.csv").write_text("account,platform,agency,country,message\na,x,A,GB,Road closed\n")
    with pytest.raises(
        CompositeError, match=r"'more.csv' has no column 'text'.*Is it the table 'accounts'\? Give it with"
    ):
        scan_posts(folder)
    assert len(scan_posts(folder / "more.csv", columns={"message": "text"}).posts) == 1


@pytest.mark.parametrize("name", [name for name in TABLES if name != "posts" and "text" not in TABLES[name].columns])
def test_every_table_of_ours_is_known_by_its_columns(name: str) -> None:
    columns = list(TABLES[name].columns)
    found = find_table(columns)
    assert found is not None
    assert set(TABLES[found].columns) <= set(columns) or found in (*OPTIONS, "labels")
    assert find_table([*columns, "text"]) is None


def test_posts_are_none_of_our_other_tables() -> None:
    assert resemble_table(TABLES["posts"].columns) is None
    assert find_table(["country", "agency", "message"]) is None


def test_what_is_in_a_folder_and_cannot_be_read_is_named_what_may_be_posts_first(folder: Path) -> None:
    (folder / "sub").mkdir()
    (folder / "sub" / "circle").symlink_to(folder, target_is_directory=True)
    (folder / ".hidden").mkdir()
    (folder / ".hidden" / "posts.csv").write_text(POSTS)
    for name in ("a.jpg", "b.mp4", "posts.xlsx", "posts.sqlite"):
        (folder / name).touch()
    result = scan_posts(folder)
    assert result.n_rows == 2
    names = "circle (a link to a folder), posts.sqlite, posts.xlsx, a.jpg, b.mp4"
    assert f"5 files not read, being of no known ending: {names}" in result.notes


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes")
def test_a_pipe_and_a_link_to_nothing_in_a_folder_do_not_stop_the_reading(folder: Path) -> None:
    os.mkfifo(folder / "pipe.csv")
    (folder / "gone.csv").symlink_to(folder / "nowhere.csv")
    said = "2 files not read, being of no known ending: gone.csv (a link to nothing), pipe.csv (a pipe or a device)"
    assert said in scan_posts(folder).notes


def test_a_folder_below_that_cannot_be_looked_into_is_an_error_and_not_passed_over(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "locked").mkdir()
    scan = os.scandir

    def refuse(path: object) -> object:  # root may look into every folder, whatever its permissions
        if str(path).endswith("locked"):
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)  # type: ignore[call-overload]

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(CompositeError, match=r"cannot look into the folder '.*locked' \(Permission denied\)"):
        scan_posts(folder)


def test_a_file_that_may_not_be_read_is_an_error_that_names_it(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = open

    def refuse(path: object, *words: object, **more: object) -> object:  # root may read every file
        if str(path).endswith("posts.csv"):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path, *words, **more)  # type: ignore[call-overload]

    monkeypatch.setattr("builtins.open", refuse)
    for call in (lambda: scan_posts(folder), lambda: label_files(fit_elsewhere(), folder, tmp_path / "labels")):
        with pytest.raises(CompositeError, match=r"cannot read '.*posts\.csv' \(Permission denied\): change its perm"):
            call()


def test_labels_are_not_written_among_the_posts_that_they_are_of(folder: Path) -> None:
    with pytest.raises(CompositeError, match=r"is in the folder of posts .*: choose another place"):
        label_files(fit_elsewhere(), folder, folder / "labels")
    assert [path.name for path in folder.iterdir()] == ["posts.csv"]


def test_an_empty_file_among_posts_is_named_and_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "posts.csv").write_text(POSTS)
    for name in ("empty.csv", "empty.jsonl", "empty.json"):
        (tmp_path / name).touch()
    result = scan_posts(tmp_path)
    assert result.n_rows == 2
    assert "3 files not read, being empty: empty.csv, empty.json, empty.jsonl" in result.notes
    for path in tmp_path.glob("empty.*"):
        with pytest.raises(CompositeError, match="is empty: it needs"):
            scan_posts(path)


def test_what_is_given_for_all_need_not_be_a_column_of_every_file(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("land,text\nFrance,one\n")
    (tmp_path / "b.csv").write_text("text\ntwo\n")
    result = scan_posts(tmp_path, columns={"land": "country"}, defaults={"country": "DE"})
    assert sorted(result.posts["country"]) == ["DE", "FR"]
    assert "'b.csv' has no column 'land'" in result.notes
    with pytest.raises(CompositeError, match=r"'b\.csv' has no column 'land'"):
        scan_posts(tmp_path, columns={"land": "country"})
