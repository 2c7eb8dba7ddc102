"""The command line: exit codes, one message for a user's mistake, files whole or not at all."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
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


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the posts of two countries of the corpus, quick to study."""
    folder = tmp_path_factory.mktemp("small")
    posts = cp.read_posts(cp.CORPUS / "posts.csv")
    posts = posts[posts["country"].isin(["GB", "NL"])].groupby(["country", "agency"]).head(6)
    posts.to_csv(folder / "posts.csv", index=False)
    codings = cp.read_codings(cp.CORPUS / "intended.csv")
    codings[codings["post_id"].isin(posts["post_id"])].to_csv(folder / "coded.csv", index=False)
    return folder


def write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_a_study_ends_with_the_path_of_its_report(run: Run, small: Path, tmp_path: Path) -> None:
    code, out, err = run("study", small / "posts.csv", "--codings", small / "coded.csv", "--out", tmp_path / "r")
    assert code == 0
    assert out.strip() == f"Report: {tmp_path / 'r' / 'index.html'}"
    assert "126 rows: 126 read, 0 set aside" in err
    assert all((tmp_path / "r" / name).is_file() for name in ("index.html", "report.docx", "report.pdf"))


def test_command_and_library_write_the_same_table_behind_a_figure(run: Run, small: Path, tmp_path: Path) -> None:
    words = ["study", small / "posts.csv", "--codings", small / "coded.csv", "--report-format", "html"]
    run(*words, "--out", tmp_path / "command")
    posts, codings = cp.read_posts(small / "posts.csv"), cp.read_codings(small / "coded.csv")
    cp.run_study(posts, codings, formats=("html",), out=tmp_path / "library")
    for name in ("shares", "differences", "cooccurrence"):
        file = Path("figures") / f"{name}.csv"
        assert (tmp_path / "command" / file).read_bytes() == (tmp_path / "library" / file).read_bytes()


def test_only_shows_the_named_figures(run: Run, small: Path, tmp_path: Path) -> None:
    code, _, _ = run(
        "study", small / "posts.csv", "--codings", small / "coded.csv", "--out", tmp_path, "--only", "months"
    )
    assert code == 0
    assert sorted(path.name for path in (tmp_path / "figures").iterdir()) == ["months.csv", "months.png", "months.svg"]


BAD = {
    "an empty file": ("empty.csv", b"", "is empty"),
    "a binary file named csv": (
        "photo.csv",
        b"\x89PNG\r\n\x1a\n" + bytes(40) + bytes(range(256)) * 40,
        "not a text file",
    ),
    "a header without rows": ("header.csv", "country,text\n", "no rows"),
    "another delimiter inside one column": ("one.csv", "country~text\nGB~hello\n", "has no column 'country'"),
    "an unknown column": ("names.csv", "contry,text,agency\nGB,hello,A\n", "did you mean 'contry'?"),
    "no country of the ten": ("far.csv", "country,text,agency\nCA,hello,A\n", "not one of the ten countries"),
    "a file of another kind": ("posts.docx", b"PK", "cannot tell the format"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_gives_one_clear_message_and_exit_code_1(run: Run, tmp_path: Path, case: str) -> None:
    name, content, said = BAD[case]
    code, out, err = run("study", write(tmp_path, name, content), "--out", tmp_path / "out")
    assert code == 1
    assert out == ""
    assert err.count("error:") == 1
    assert said in err
    assert "Traceback" not in err
    assert not (tmp_path / "out" / "index.html").exists()


def test_a_missing_path_names_the_nearest_file(run: Run, small: Path) -> None:
    code, _, err = run("study", small / "post.csv")
    assert code == 1
    assert "did you mean 'posts.csv'?" in err


def test_posts_without_agencies_end_in_a_message_that_says_how_to_name_them(run: Run, tmp_path: Path) -> None:
    path = write(tmp_path, "p.csv", "country,text,force\nGB,hello there,A\nNL,hallo daar,B\n")
    code, _, err = run("study", path, "--out", tmp_path / "out")
    assert code == 1
    assert "--column THEIRS=agency" in err


def test_an_output_folder_that_cannot_be_written_is_named(run: Run, small: Path, tmp_path: Path) -> None:
    blocked = write(tmp_path, "file", "x")
    code, _, err = run("study", small / "posts.csv", "--out", blocked / "reports")
    assert code == 1
    assert "cannot write to the folder" in err
    assert "--out" in err


def test_one_country_is_studied_and_the_report_says_that_nothing_is_compared(
    run: Run, small: Path, tmp_path: Path
) -> None:
    posts = pd.read_csv(small / "posts.csv", dtype=str)
    posts[posts["country"] == "GB"].to_csv(tmp_path / "gb.csv", index=False)
    words = ["study", tmp_path / "gb.csv", "--codings", small / "coded.csv", "--report-format", "html"]
    code, _, err = run(*words, "--out", tmp_path / "out")
    assert code == 0
    assert "one country only" in err
    assert "one country only" in (tmp_path / "out" / "index.html").read_text("utf-8")


def test_rows_set_aside_are_written_counted_and_reported(run: Run, small: Path, tmp_path: Path) -> None:
    text = (small / "posts.csv").read_text("utf-8")
    path = write(tmp_path, "p.csv", text + "broken line\n")
    code, _, err = run("study", path, "--codings", small / "coded.csv", "--out", tmp_path / "out")
    assert code == 0
    assert "127 rows: 126 read, 1 set aside (broken line 1)" in err
    assert len(pd.read_csv(tmp_path / "out" / "rejected.csv")) == 1
    assert "1 row set aside" in (tmp_path / "out" / "index.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["study", "--codings", "x.csv"], "goes with posts of your own"),
        (["study", "posts.csv", "--only", "share"], "did you mean 'shares'?"),
        (["study", "posts.csv", "--report-format", "docs"], "did you mean 'docx'?"),
        (["study", "posts.csv", "--column", "published"], "is not of the form"),
        (["study", "posts.csv", "--set", "country=Atlantis"], "'Atlantis'"),
        (["study", "posts.csv", "--column", "a=publishd"], "did you mean 'published'?"),
        (["study", "posts.csv", "--encoding", "klingon"], "encoding 'klingon' is not known"),
        (["study", "posts.csv", "--timezone", "Mars/Olympus"], "time zone 'Mars/Olympus' is not known"),
        (["label", "posts.csv"], "--out labels.parquet"),
        (["label", "posts.csv", "--out", "labels.xlsx"], ".parquet or .csv"),
        (["label", "posts.csv", "--out", "a.csv", "--restart"], "--restart goes with labels in a folder: --out a"),
        (["label", "posts.csv", "--out", "a.csv", "--scheduler", "tcp://x:1"], "--scheduler goes with labels in a"),
        (["label", "posts.csv", "--text", "hello"], "--text labels one post alone"),
        (["label", "posts.csv", "--explain", "hello"], "--explain labels one post alone"),
        (["label", "--text", "hello", "--explain", "hello"], "labels one post alone"),
        (["label", "--explain", " "], "--explain is empty"),
        (["sample"], "name the posts to draw from"),
        (["sample", "posts.csv", "--out", "x.docx"], "end the name in .csv"),
        (["figures", "nowhere"], "there is no folder"),
        (["figures", "nowhere", "--format", "gif"], "figure format 'gif' is not known"),
        (["figures", "nowhere", "--only", "shares"], "there is no folder"),
    ],
)
def test_a_mistake_with_an_option_is_explained(
    run: Run, small: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], said: str
) -> None:
    monkeypatch.chdir(small)
    code, out, err = run(*words)
    assert (code, out) == (1, "")
    assert said in err


@pytest.mark.parametrize("words", [["stduy"], ["study", "--olny", "x"], ["sample", "p.csv", "--n", "many"]])
def test_an_unknown_command_or_option_is_exit_code_2(run: Run, words: list[str]) -> None:
    assert run(*words)[0] == 2


def test_labels_of_posts_go_to_a_file_and_can_be_read_back(run: Run, small: Path, tmp_path: Path) -> None:
    for name in ("labels.parquet", "labels.csv"):
        target = tmp_path / name
        code, _, _ = run("label", small / "posts.csv", "--codings", small / "coded.csv", "--out", target)
        assert code == 0
        assert len(cp.read_table("labels", target)) == 126


def test_labels_in_a_folder_are_those_of_the_library_and_are_kept(run: Run, small: Path, tmp_path: Path) -> None:
    words = ("label", small / "posts.csv", "--codings", small / "coded.csv", "--out")
    code, out, err = run(*words, tmp_path / "labels")
    assert code == 0, err
    assert out.startswith("Labels of 126 posts: ")
    assert "126 rows: 126 labelled, 0 set aside" in err
    assert run(*words, tmp_path / "labels.parquet")[0] == 0
    pd.testing.assert_frame_equal(
        cp.read_table("labels", tmp_path / "labels"), cp.read_table("labels", tmp_path / "labels.parquet")
    )
    assert "of another run: the options of reading" in run(*words, tmp_path / "labels", "--mask-handles")[2]
    assert run(*words, tmp_path / "labels", "--mask-handles", "--restart")[0] == 0


def test_a_sheet_for_coders_has_the_text_the_probability_and_empty_codes(run: Run, small: Path, tmp_path: Path) -> None:
    run("label", small / "posts.csv", "--codings", small / "coded.csv", "--out", tmp_path / "labels.parquet")
    words = ("sample", small / "posts.csv", "--labels", tmp_path / "labels.parquet", "--n", 40, "--seed", 1)
    code, _, _ = run(*words, "--stratum", "country", "--out", tmp_path / "a.csv")
    run(*words, "--stratum", "country", "--out", tmp_path / "b.csv")
    sheet = pd.read_csv(tmp_path / "a.csv")
    assert code == 0
    assert len(sheet) == 40
    assert sheet["voice"].isna().all()
    assert sheet["sampling_probability"].between(0, 1, inclusive="right").all()
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()


def test_figures_are_drawn_again_from_the_tables_of_a_report(run: Run, small: Path, tmp_path: Path) -> None:
    run("study", small / "posts.csv", "--codings", small / "coded.csv", "--report-format", "html", "--out", tmp_path)
    first = (tmp_path / "figures" / "shares.svg").read_bytes()
    code, out, _ = run("figures", tmp_path, "--only", "shares", "--format", "svg", "--out", tmp_path / "again")
    assert code == 0
    assert out.strip() == str(tmp_path / "again" / "shares.svg")
    assert (tmp_path / "again" / "shares.svg").read_bytes() == first
    run("figures", tmp_path, "--format", "pdf")
    assert (tmp_path / "figures" / "months.pdf").read_bytes().startswith(b"%PDF")


def test_a_post_is_explained_with_the_numbers_of_the_library(run: Run) -> None:
    text = "Witnesses wanted: did you see the crash on Mill Lane? Call 101 [b]"
    code, out, _ = run("label", "--explain", text)
    drawn = cp.draw_explanation(cp.load_classifier(), text)
    assert code == 0
    for theme, chance in drawn.chances.items():
        assert f"{next(t.label for t in cp.THEMES if t.key == theme)} {chance:.2f}" in out
        best = drawn.table[drawn.table["theme"] == theme].sort_values("contribution").iloc[-1]
        assert f"for: {best['token']} {best['contribution']:+.2f}" in out
    assert text in out


def test_one_text_is_labelled_in_the_terminal(run: Run) -> None:
    code, out, _ = run("label", "--text", "Witnesses wanted: did you see the crash on Mill Lane? Call 101")
    assert code == 0
    assert len(out.strip().splitlines()) == 10
    assert "wisdom of the crowd" in out.splitlines()[1]


def test_the_list_of_figures_names_each_with_its_title(run: Run) -> None:
    _, out, _ = run("figures", "--list")
    for name, exhibit in cp.figures.FIGURES.items():
        assert name in out
        assert exhibit.title in out


def test_the_module_is_the_same_program() -> None:
    done = subprocess.run([sys.executable, "-m", "composite", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == f"composite {cp.__version__}"


def test_a_stop_while_the_program_loads_ends_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Loading:
        def __getattr__(self, name: str) -> object:
            raise KeyboardInterrupt

    from composite.__main__ import main

    monkeypatch.setitem(sys.modules, "composite.cli", Loading())  # type: ignore[arg-type]
    with pytest.raises(SystemExit, match="130"):
        main()
    assert capsys.readouterr().err == "interrupted\n"


def test_a_stop_before_there_is_a_command_ends_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stop() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "app", stop)
    with pytest.raises(SystemExit, match="130"):
        cli.main()
    assert capsys.readouterr().err.startswith("interrupted: no file is half written")


def test_an_interrupted_study_says_so_leaves_no_half_report_and_goes_on(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    tmp_path = tmp_path_factory.mktemp("interrupted")
    # one post that the released classifier does not know, and the study trains a classifier of its own
    file = tmp_path_factory.mktemp("posts") / "posts.csv"
    posts = cp.read_posts(cp.CORPUS / "posts.csv")
    posts.loc[posts.index[-1], "text"] = "A post of which nobody has learnt anything"
    posts.to_csv(file, index=False)
    words = [sys.executable, "-m", "composite", "study", str(file), "--out", str(tmp_path)]
    words += ["--codings", str(cp.CORPUS / "codings.csv"), "--only", "shares", "--report-format", "html"]
    process = subprocess.Popen(
        words,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        # tests that run in the background are deaf to SIGINT, and so would be what they start
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert process.stderr is not None
    seen = []
    for line in process.stderr:
        seen.append(line)
        if line.startswith("labelled fold 1"):
            break
    time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    rest = process.stderr.read()
    process.stderr.close()
    assert process.wait(timeout=60) == 130, (seen, rest)
    assert "interrupted" in rest
    assert "Traceback" not in rest
    assert not (tmp_path / "index.html").exists()
    assert list((tmp_path / ".checkpoint").rglob("fold-0"))
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert "training without fold 1" not in done.stderr
    assert (tmp_path / "index.html").is_file()
    assert not (tmp_path / ".checkpoint").exists()


def test_an_empty_name_of_posts_is_not_the_current_folder(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["composite", "label", "", "--out", "labels.csv"])
    with pytest.raises(SystemExit, match="2"):
        cli.main()
    assert "the name of the file of posts is empty" in capsys.readouterr().err
