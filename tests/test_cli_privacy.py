"""`composite fetch`, `composite share` and the options that mask people, as a user meets them."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

import composite as cp
from composite import cli, terminal

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """A function that runs the command with some words: its exit code, and what it printed on both streams."""
    monkeypatch.setattr(terminal.err, "_width", 1000, raising=False)

    def call(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["composite", *map(str, words)])
        code = 0
        try:
            cli.main()
        except SystemExit as stop:
            code = int(stop.code or 0)
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    return call


@pytest.fixture
def posts(tmp_path: Path) -> Path:
    """Posts of two agencies that speak to and of citizens, and a row that cannot be read."""
    rows = [
        {"post_id": f"p{i}", "country": "GB", "agency": f"force {i % 2}", "account": f"Force{i % 2}", "text": text}
        for i, text in enumerate(
            ["Thanks @jo_b, call 101", "@Force1 @jo_b saw it", "Mail pat@example.org", "See www.police.example/x"] * 3
        )
    ]
    rows.append({**rows[0], "text": "again @sam_k"})
    pd.DataFrame(rows).to_csv(tmp_path / "posts.csv", index=False)
    return tmp_path / "posts.csv"


def test_a_sheet_for_coders_is_masked_and_police_accounts_lines_and_kept_domains_stay(
    run: Run, posts: Path, tmp_path: Path
) -> None:
    options = ["--mask", "--mask-key", tmp_path / "key", "--mask-keep", "police.example", "--stratum", "country"]
    code, _, err = run("sample", posts, "--n", 12, "--out", tmp_path / "sheet.csv", *options)
    assert code == 0, err
    assert "people are masked in 9 posts; names in the text are not" in err
    sheet = (tmp_path / "sheet.csv").read_text("utf-8")
    assert "jo_b" not in sheet
    assert "pat@" not in sheet
    for kept in ("@Force1", "call 101", "www.police.example/x"):
        assert kept in sheet
    key = (tmp_path / "key").read_text().strip()
    mask = cp.mask_text("@jo_b", key=bytes.fromhex(key))
    assert mask in sheet
    aside = (tmp_path / "sheet.rejected.csv").read_text("utf-8")
    assert "sam_k" not in aside
    for path in tmp_path.iterdir():
        if path.name != "key":
            assert key not in path.read_text("utf-8")
    assert key not in err


def test_without_a_key_file_no_key_is_left_behind(run: Run, posts: Path, tmp_path: Path) -> None:
    code, _, err = run("label", posts, "--out", tmp_path / "labels.csv", "--mask")
    assert code == 0, err
    assert {path.name for path in tmp_path.iterdir()} == {"posts.csv", "labels.csv", "labels.rejected.csv"}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--mask-key", "key"], "--mask-key goes with --mask"),
        (["--mask-keep", "x.example"], "--mask-keep goes with --mask"),
        (["--mask", "--mask-handles"], "leave --mask-handles out"),
    ],
)
def test_options_of_masking_that_do_not_go_together_are_errors(
    run: Run, posts: Path, tmp_path: Path, options: list[str], message: str
) -> None:
    code, _, err = run("label", posts, "--out", tmp_path / "labels.csv", *options)
    assert code == 1
    assert message in err
    if "--mask" not in options:
        code, _, err = run("label", posts, "--out", tmp_path / "labels", *options)
        assert code == 1
        assert message in err


def test_masks_in_a_folder_of_labels_are_refused_with_what_to_do_and_the_labels_can_be_shared(
    run: Run, posts: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "labels"
    code, _, err = run("label", posts, "--out", folder, "--mask")
    assert code == 1
    assert "--mask goes with labels in one file (--out labels.parquet)" in err
    assert "leave it out, and keep the folder 'rejected' to yourself" in err
    assert not folder.exists()
    code, _, err = run("label", posts, "--out", folder)
    assert code == 0, err
    assert (folder / "rejected").is_dir()
    key = ("--key", tmp_path / "key")
    code, _, err = run("share", folder, "--out", tmp_path / "of_folder", *key)
    assert code == 0, err
    run("label", posts, "--out", tmp_path / "labels.parquet")
    run("share", tmp_path / "labels.parquet", "--out", tmp_path / "of_file", *key)
    for file in (tmp_path / "of_file").iterdir():
        assert (tmp_path / "of_folder" / file.name).read_bytes() == file.read_bytes()


def test_posts_of_a_package_may_be_exports_whose_accounts_say_the_country(run: Run, tmp_path: Path) -> None:
    fixtures = Path(__file__).parent / "posts" / "fixtures"
    shutil.copytree(fixtures / "telegram", tmp_path / "exports")
    options = ("--accounts", fixtures / "accounts.csv")
    code, _, err = run("label", tmp_path / "exports", "--out", tmp_path / "labels.parquet", *options)
    assert code == 0, err
    posts = ("--posts", tmp_path / "exports", *options)
    code, _, err = run("share", tmp_path / "labels.parquet", *posts, "--out", tmp_path / "package")
    assert code == 0, err
    assert "recognised: telegram" in err
    assert (tmp_path / "package" / "keys.csv").is_file()


@pytest.mark.filterwarnings("ignore:this classifier learned from")
def test_posts_that_the_classifier_knows_only_unmasked_are_told(run: Run, tmp_path: Path) -> None:
    lines = (cp.CORPUS / "posts.csv").read_text("utf-8").splitlines(keepends=True)
    (tmp_path / "few.csv").write_text("".join(lines[:80]), "utf-8")
    code, _, err = run("label", tmp_path / "few.csv", "--out", tmp_path / "labels.parquet", "--mask")
    assert code == 0, err
    assert "trained the classifier that ships, which no longer knows them" in err


def test_labels_become_a_package_with_its_notes(run: Run, posts: Path, tmp_path: Path) -> None:
    run("label", posts, "--out", tmp_path / "labels.parquet")
    code, out, err = run("share", tmp_path / "labels.parquet", "--posts", posts, "--out", tmp_path / "p.zip")
    assert code == 0, err
    assert f"5 files: {tmp_path / 'p.zip'}" in out
    assert "No licence was chosen" in err
    with zipfile.ZipFile(tmp_path / "p.zip") as archive:
        assert archive.testzip() is None
        assert "jo_b" not in "".join(archive.read(name).decode() for name in archive.namelist())


def test_a_source_that_is_not_there_is_an_error(run: Run, tmp_path: Path) -> None:
    code, _, err = run("share", tmp_path / "none", "--out", tmp_path / "p.zip")
    assert code == 1
    assert "name a report of `composite study`" in err


def test_fetch_lists_every_corpus_with_its_licence_and_flaws(run: Run, tmp_path: Path) -> None:
    code, out, _ = run("fetch", "--list", "--to", tmp_path)
    assert code == 0
    for name, corpus in cp.CORPORA.items():
        assert name in out
        assert corpus.cite in out
        assert all(flaw in out for flaw in corpus.flaws)
    assert out.count("licence: none stated") == len(cp.CORPORA)
    assert f"0 of {len(cp.CORPORA['capitals'].files)} files fetched" in out


def test_fetch_without_a_name_or_with_an_unknown_one_is_an_error(run: Run, tmp_path: Path) -> None:
    assert "name a corpus (capitals, " in run("fetch")[2]
    assert "did you mean 'canada'" in run("fetch", "canda", "--to", tmp_path)[2]


def test_fetch_without_a_network_says_what_is_missing_and_ends_with_one(run: Run, tmp_path: Path) -> None:
    code, _, err = run("fetch", "berlin", "--to", tmp_path, "--address", "http://127.0.0.1:9", "--retries", 0)
    assert code == 1
    assert "polizeiberlin_tweets.csv" in err
    assert "Traceback" not in err
