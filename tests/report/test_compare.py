"""The manifest says what a report was made from; check makes it again; diff says in words what changed."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import composite as cp
from composite import cli, terminal
from composite.codebook.countries import COUNTRY
from composite.files import hash_bytes
from composite.report.changes import describe_changes
from composite.report.compare import _KEYS, Report, compare_tables, list_settings, read_report
from composite.report.figures import FIGURES
from composite.report.manifest import (
    MADE_BY,
    describe_study,
    find_altered,
    find_commit,
    find_seed,
    hash_input,
    hash_source,
    read_manifest,
)

Tables = dict[str, pd.DataFrame]
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a few posts of two countries of the corpus, their codings, and the report of them."""
    folder = tmp_path_factory.mktemp("checked")
    posts = cp.read_posts(cp.CORPUS / "posts.csv")
    posts = posts[posts["country"].isin(["GB", "NL"])].groupby(["country", "agency"]).head(4)
    posts.to_csv(folder / "posts.csv", index=False)
    codings = cp.read_codings(cp.CORPUS / "intended.csv")
    codings[codings["post_id"].isin(posts["post_id"])].to_csv(folder / "coded.csv", index=False)
    coded = cp.read_codings(folder / "coded.csv")
    given = cp.scan_posts(str(folder / "posts.csv")).posts
    cp.run_study(given, coded, out=folder / "report", only=["shares", "ranks"], level=0.9)
    return folder


@pytest.fixture
def report(small: Path, tmp_path: Path) -> Path:
    """A copy of the report, to be changed."""
    return Path(shutil.copytree(small / "report", tmp_path / "report"))


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


def spoil(folder: Path, name: str, row: int, column: str, value: object) -> None:
    file = folder / "tables" / f"{name}.csv"
    table = pd.read_csv(file)
    table[column] = table[column].astype(object)
    table.loc[row, column] = value
    table.to_csv(file, index=False)


def test_the_manifest_has_the_checksum_of_every_file_and_of_every_input(small: Path) -> None:
    folder = small / "report"
    manifest = read_manifest(folder)
    for name, digest in manifest["tables"].items():
        assert hash_bytes((folder / "tables" / f"{name}.csv").read_bytes()) == digest
    assert set(manifest["tables"]) == {path.stem for path in (folder / "tables").iterdir()}
    for name, exhibit in manifest["figures"].items():
        assert exhibit["function"] == f"composite.figures.draw_{name}"
        assert exhibit["table"] == FIGURES[name].table
        assert set(exhibit["files"]) == {f"{name}.csv", f"{name}.png", f"{name}.svg"}
        for file, digest in exhibit["files"].items():
            assert hash_bytes((folder / "figures" / file).read_bytes()) == digest
    assert manifest["inputs"]["posts"] == hash_input("posts", cp.read_posts(small / "posts.csv"))
    assert manifest["inputs"]["codings"] == hash_input("codings", cp.read_codings(small / "coded.csv"))
    assert manifest["inputs"]["audience"] is None
    assert manifest["figures"]["ranks"]["seed"] == 0
    assert manifest["figures"]["shares"]["seed"] is None
    assert manifest["level"] == 0.9
    assert manifest["only"] == ["ranks", "shares"]


def test_the_manifest_has_no_clock_host_or_path(small: Path) -> None:
    text = (small / "report" / "manifest.json").read_text("utf-8")
    assert str(small) not in text
    assert "/tmp" not in text
    assert not re.search(r"\d\d:\d\d:\d\d", text)


def test_the_order_of_rows_changes_no_checksum_of_an_input_and_a_value_does(small: Path) -> None:
    posts = cp.read_posts(small / "posts.csv")
    assert hash_input("posts", posts.sample(frac=1, random_state=1)) == hash_input("posts", posts)
    assert hash_input("posts", posts.assign(text=posts["text"] + "!")) != hash_input("posts", posts)
    assert hash_input("posts", None) is None


def test_every_table_of_an_exhibit_has_a_function_and_keys_that_tell_its_rows_apart(tables: Tables) -> None:
    assert set(MADE_BY) == set(_KEYS) >= {exhibit.table for exhibit in FIGURES.values()}
    for maker, inputs in MADE_BY.values():
        assert callable(getattr(cp, maker))
        assert set(inputs) <= {"posts", "codings", "accounts", "audience", "labels"}
        find_seed(maker)
    for name, table in tables.items():
        keys = [key for key in _KEYS[name] if key in table]
        assert keys
        assert not table.duplicated(keys).any(), name


def test_a_study_without_a_checkout_has_no_commit(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    find_commit.cache_clear()
    monkeypatch.setattr(cp, "__file__", str(tmp_path / "__init__.py"))
    assert find_commit() is None
    find_commit.cache_clear()
    monkeypatch.undo()
    commit = find_commit()
    assert commit is None or re.fullmatch("[0-9a-f]{40}", commit)
    assert len(hash_source()) == 64


def test_a_folder_without_a_manifest_is_refused(tmp_path: Path) -> None:
    with pytest.raises(cp.CompositeError, match="is not the folder of a report"):
        read_manifest(tmp_path)
    for text in ("{", "[]", "{}"):
        (tmp_path / "manifest.json").write_text(text)
        with pytest.raises(cp.CompositeError, match="is not a manifest of a report"):
            read_manifest(tmp_path)


def test_a_table_that_was_altered_is_found_and_not_drawn(report: Path, run: Run) -> None:
    assert find_altered(report) == []
    spoil(report, "ranks", 0, "share", 0.99)
    assert find_altered(report) == ["ranks"]
    code, _, err = run("figures", report, "--only", "ranks")
    assert code == 1
    assert "is not what the study wrote" in err
    code, _, _ = run("figures", report, "--only", "shares", "--format", "svg")
    assert code == 0


def test_a_figure_in_another_look_does_not_take_the_place_of_the_reports(report: Path, run: Run) -> None:
    words = ("figures", report, "--only", "ranks", "--format", "svg")
    before = (report / "figures" / "ranks.svg").read_bytes()
    code, out, _ = run(*words, "--size", "slide", "--language", "de", "--title", "Wer führt?")
    assert code == 0
    assert "ranks.slide.de.svg" in out
    svg = (report / "figures" / "ranks.slide.de.svg").read_text("utf-8")
    assert "Wer führt?" in svg
    assert "Vereinigtes Königreich" in svg
    assert (report / "figures" / "ranks.svg").read_bytes() == before
    code, out, _ = run(*words, "--only", "ranks", "--format", "pdf", "--title", "One", "--out", report / "both")
    assert code == 0
    assert sorted(path.name for path in (report / "both").iterdir()) == ["ranks.pdf", "ranks.svg"]
    brand = report / "brand.toml"
    brand.write_text('voice = "#004488"\n')
    code, _, _ = run(*words, "--colours", brand, "--out", report / "own")
    assert code == 0
    assert "#004488" in (report / "own" / "ranks.svg").read_text("utf-8")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--title", "One for all"], "--title is of one figure"),
        (["--only", "ranks,shares"], "name each by itself: --only ranks --only shares"),
        (["--format", "jpg"], "figure format 'jpg' is not known"),
        (["--size", "slides"], "did you mean 'slide'"),
        (["--language", "nl"], "language of labels 'nl' is not known"),
        (["--colours", "nowhere.toml"], "cannot read the colours"),
    ],
)
def test_a_mistake_in_a_look_is_one_message(report: Path, run: Run, words: list[str], message: str) -> None:
    code, _, err = run("figures", report, *words)
    assert code == 1
    assert message in err


def test_a_report_that_is_made_again_is_the_same(report: Path, small: Path, run: Run) -> None:
    code, out, err = run("check", report, small / "posts.csv", "--codings", small / "coded.csv")
    assert code == 0, err
    assert out.startswith("The same: ")
    assert "not as in the manifest" not in err


def test_a_number_that_differs_is_named_with_its_exhibit(
    report: Path, small: Path, run: Run, tmp_path: Path, made_again: None
) -> None:
    shares = pd.read_csv(report / "tables" / "shares.csv")
    row = shares.iloc[4]
    spoil(report, "shares", 4, "share", 0.987654)
    manifest = json.loads((report / "manifest.json").read_text())
    manifest["packages"]["numpy"] = "1.0"
    (report / "manifest.json").write_text(json.dumps(manifest))
    listed = tmp_path / "cells.csv"
    code, out, err = run("check", report, small / "posts.csv", "--codings", small / "coded.csv", "--out", listed)
    assert code == 1
    line = next(line for line in out.splitlines() if "share:" in line)
    assert line.startswith("figure shares, methods, table shares, ")
    assert cp.figures.FIGURES["shares"].table in line
    assert f", {row['method']}, share: 0.987654 in the report, {row['share']:.6g} made again" in line
    assert "package numpy: 1.0 → " in err
    assert "tables/shares.csv is not what the study wrote" in err
    assert "1 cell differs (shares)" in err
    assert list(pd.read_csv(listed)["new"]) == pytest.approx([row["share"]])


@pytest.fixture
def made_again(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the place of the study, a copy of what it made: that it gives the same again is another test's."""
    monkeypatch.setattr(
        cp, "run_study", lambda *given, out, **rest: shutil.copytree(small / "report", out, dirs_exist_ok=True)
    )


def give(small: Path) -> tuple[object, ...]:
    return small / "posts.csv", "--codings", small / "coded.csv"


def test_of_other_data_than_the_reports_check_says_which_and_makes_nothing(
    report: Path, run: Run, small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cp, "run_study", lambda *given, **rest: pytest.fail("nothing is to be made"))
    posts = pd.read_csv(small / "posts.csv")
    posts.iloc[1:].to_csv(tmp_path / "fewer.csv", index=False)
    posts.assign(text=posts["text"] + "!").to_csv(tmp_path / "other.csv", index=False)
    coded = len(pd.read_csv(small / "coded.csv"))
    rows = len(posts)
    codings = ("--codings", small / "coded.csv")
    for words, said in (
        ((tmp_path / "fewer.csv", *codings), f"these posts ({rows - 1} rows) are not its own ({rows} rows)"),
        ((tmp_path / "other.csv", *codings), f"these posts have as many rows as its own ({rows}), but not the same"),
        ((small / "posts.csv",), f"its codings ({coded} rows) were not given: name them with --codings FILE"),
        (
            (*give(small), "--accounts", cp.CORPUS / "accounts.csv"),
            "it was made without accounts: leave out --accounts",
        ),
        ((), "was not made from the corpus that ships: these posts"),
    ):
        code, out, err = run("check", report, *words)
        assert (code, out) == (1, "")
        assert said in err
        assert err.count("error:") == 1
        assert f"composite check {report} POSTS --codings FILE" in err
        assert "composite diff OLD NEW" in err
    manifest = json.loads((report / "manifest.json").read_text())
    del manifest["rows"]  # as older versions wrote it
    (report / "manifest.json").write_text(json.dumps({**manifest, "composite": "0.0.9"}))
    _, _, err = run("check", report, tmp_path / "fewer.csv", *codings)
    assert f"these posts ({rows - 1} rows) are not its own." in err
    assert "It is a report of composite 0.0.9, and this is" in err


def test_a_file_that_was_altered_or_is_missing_is_named(report: Path, run: Run, small: Path, made_again: None) -> None:
    code, _, err = run("check", report, *give(small))
    assert code == 0, err
    figure = pd.read_csv(report / "figures" / "ranks.csv")
    figure.assign(rank=figure["rank"].where(figure.index > 0, 99)).to_csv(report / "figures" / "ranks.csv", index=False)
    (report / "index.html").write_text((report / "index.html").read_text("utf-8") + "<p>99</p>", "utf-8")
    (report / "tables" / "months.csv").unlink()
    code, out, err = run("check", report, *give(small))
    assert code == 1
    assert f"rank: 99 in the report, {figure.loc[0, 'rank']} made again" in out
    assert "figure ranks, table figures/ranks.csv, " in out
    assert "table months, the whole table: none in the report, table made again" in out
    assert "note: figures/ranks.csv is not what the study wrote" in err
    assert "note: tables/months.csv is missing" in err
    assert "error: the report is not what the study makes now: 2 cells differ (months, figures/ranks.csv); " in err
    assert "index.html is missing or was altered" in err


def test_a_word_file_may_be_edited_and_a_report_of_another_version_be_checked(
    report: Path, run: Run, small: Path, made_again: None
) -> None:
    (report / "report.docx").write_bytes(b"edited")
    manifest = json.loads((report / "manifest.json").read_text())
    (report / "manifest.json").write_text(json.dumps({**manifest, "composite": "9.9"}))
    code, out, err = run("check", report, *give(small))
    assert code == 0
    assert out.startswith("The same: ")
    assert "note: report.docx is not what the study wrote" in err
    assert "not as in the manifest: composite: 9.9 → " in err


def test_what_is_no_report_is_one_message(report: Path, run: Run, tmp_path: Path) -> None:
    (report / "tables" / "ranks.csv").write_bytes(b"\xff\xfe")
    for source, broken, said in (
        (tmp_path / "nowhere", None, "is not the folder of a report"),
        (tmp_path, None, "is not the folder of a report"),
        (report, '{"inputs": ', "is not a manifest of a report (Expecting value"),
        (report, "[1]", "is not a manifest of a report (it lacks 'inputs', 'tables', 'figures')"),
        (report, '{"inputs": {}, "tables": [], "figures": {}}', "(it lacks 'tables')"),
        (report, '{"inputs": {}, "tables": {"ranks": "0"}, "figures": {}}', "is not a table of a report"),
    ):
        if broken:
            (source / "manifest.json").write_text(broken)
        for words in (("check", source), ("diff", source, source)):
            code, out, err = run(*words)
            assert (code, out) == (1, "")
            assert said in err
            assert err.count("\n") == 1


def make(tables: Tables, **more: object) -> Report:
    manifest = {"inputs": {}, "tables": {}, "figures": {"shares": {}, "ranks": {}}, "level": 0.95, **more}
    return Report(manifest, tables)


def test_a_table_does_not_differ_from_itself_whatever_the_order_of_rows(tables: Tables) -> None:
    assert compare_tables(tables, tables).empty
    shuffled = {name: table.sample(frac=1, random_state=2) for name, table in tables.items()}
    assert compare_tables(tables, shuffled).empty


def test_every_cell_that_differs_is_found_and_swapping_the_reports_swaps_old_and_new(tables: Tables) -> None:
    rng = np.random.default_rng(0)
    for name in ("shares", "ranks", "contrasts", "curves"):
        table = tables[name].reset_index(drop=True)
        places = rng.choice(len(table), 5, replace=False)
        column = "difference" if name == "contrasts" else "share"
        other = table.copy()
        other.loc[places, column] = other.loc[places, column].fillna(0) + 0.01
        found = compare_tables({name: table}, {name: other})
        assert len(found) == 5
        assert set(found["column"]) == {column}
        back = compare_tables({name: other}, {name: table})
        assert list(back["old"]) == list(found["new"])
        assert list(back["key"]) == list(found["key"])


def test_a_difference_in_the_tenth_digit_is_none_and_one_in_the_fifth_is_one(tables: Tables) -> None:
    shares = tables["shares"]
    for factor, cells in ((1 + 1e-10, 0), (1 + 1e-5, (shares["share"] > 0).sum())):
        found = compare_tables({"shares": shares}, {"shares": shares.assign(share=shares["share"] * factor)})
        assert len(found) == cells


def test_rows_and_tables_that_come_and_go_are_named(tables: Tables) -> None:
    shares = tables["shares"]
    fewer = shares[shares["country"] != "GB"]
    found = compare_tables({"shares": shares, "ranks": tables["ranks"]}, {"shares": fewer})
    assert (found["table"] == "ranks").sum() == 1
    assert (found["column"] == "").all()
    assert found.loc[found["table"] == "shares", "row"].str.startswith("United Kingdom").all()
    lines = describe_changes(make({"shares": shares}), make({"shares": fewer}))
    assert f"Table shares: {len(shares) - len(fewer)} rows removed." in lines


def test_few_changes_are_told_one_by_one_and_many_are_counted(tables: Tables) -> None:
    months = tables["months"].reset_index(drop=True)
    for changed, told in ((1, True), (5, True), (6, False)):
        other = months.assign(n_posts=months["n_posts"] + (months.index < changed))
        (line,) = describe_changes(make({"months": months}), make({"months": other}))
        assert line.startswith(f"Table months: {changed} cell{'s' if changed > 1 else ''} changed")
        assert line.count("→") == (changed if told else 0)
    gone = describe_changes(make({"months": months}), make({"months": months.iloc[1:]}))
    assert gone == [f"Table months: 1 row removed: {COUNTRY[months.loc[0, 'country']].name}, {months.loc[0, 'month']}."]


def test_of_two_like_reports_diff_says_that_nothing_changed(tables: Tables) -> None:
    assert describe_changes(make(tables), make(tables)) == ["Nothing changed."]
    assert describe_changes(make(tables), make(tables, composite="9")) == [
        "Different composite: none → 9.",
        "No number of any table changed.",
    ]


def test_diff_says_figures_leaders_and_the_largest_changes_in_words(tables: Tables) -> None:
    ranks = tables["ranks"].assign(leads=False, rank_low=1, rank_high=3, inference="agencies")
    first = (ranks["country"] == "DE") & (ranks["theme"] == "voice")
    leading = ranks.assign(leads=first, rank_high=ranks["rank_high"].where(~first, 1))
    shares = tables["shares"]
    cell = (shares["country"] == "FR") & (shares["theme"] == "voice") & (shares["method"] == "corrected")
    moved = shares.assign(share=shares["share"].where(~cell, shares["share"] + 0.001))
    gone = shares.assign(share=shares["share"].where(~cell, 0.99))
    old = make({"ranks": ranks, "shares": shares})
    lines = describe_changes(old, make({"ranks": leading, "shares": moved}, figures={"shares": {}, "months": {}}))
    value, low, high = (100 * shares.loc[cell, name].iloc[0] for name in ("share", "low", "high"))
    assert lines[:2] == ["Figures added: months.", "Figures removed: ranks."]
    assert (
        f"France, having a voice: {value:.1f} % → {value + 0.1:.1f} %, within the old interval "
        f"({low:.1f} to {high:.1f} %)."
    ) in lines
    assert "New leader: Germany, having a voice." in lines
    back = describe_changes(make({"ranks": leading}), make({"ranks": ranks}))
    assert "Lost leader: Germany, having a voice." in back
    assert any("outside the old interval" in line for line in describe_changes(old, make({"shares": gone})))


def test_diff_says_what_is_newly_told_apart(tables: Tables) -> None:
    contrasts = tables["contrasts"].assign(p_adjusted=1.0)
    cell = (contrasts["country"] == "DE") & (contrasts["theme"] == "efficiency")
    told = contrasts.assign(p_adjusted=np.where(cell, 0.01, 1.0))
    lines = describe_changes(make({"contrasts": contrasts}), make({"contrasts": told}))
    assert "Newly told apart from the others (Holm): Germany, efficient policing." in lines
    lines = describe_changes(make({"contrasts": told}), make({"contrasts": contrasts}))
    assert "No longer told apart from the others (Holm): Germany, efficient policing." in lines


def test_settings_that_differ_are_listed_in_a_fixed_order() -> None:
    one = {"composite": "1", "inputs": {"posts": "a" * 64, "codings": None}, "packages": {"numpy": "1"}, "level": 0.95}
    two = {"composite": "2", "inputs": {"posts": "b" * 64, "codings": None}, "packages": {"numpy": "2"}, "level": 0.9}
    assert list_settings(one, two) == [
        "composite: 1 → 2",
        "level: 0.95 → 0.9",
        "package numpy: 1 → 2",
        f"input posts: {'a' * 12} → {'b' * 12}",
    ]
    assert list_settings(one, one) == []


def test_the_command_diff_ends_well_whether_anything_changed_or_not(report: Path, small: Path, run: Run) -> None:
    code, out, _ = run("diff", small / "report", report)
    assert (code, out.strip()) == (0, "Nothing changed.")
    spoil(report, "months", 0, "n_posts", 777)
    code, out, err = run("diff", small / "report", report, "--out", report / "cells.csv")
    assert code == 0
    was = pd.read_csv(small / "report" / "tables" / "months.csv").loc[0]
    name = COUNTRY[was["country"]].name
    assert f"Table months: 1 cell changed: {name}, {was['month']}, n_posts {was['n_posts']} → 777." in out
    assert len(pd.read_csv(report / "cells.csv")) == 1
    assert "cells.csv" in err
    code, _, err = run("diff", small, report)
    assert code == 1
    assert "is not the folder of a report" in err


def test_a_report_is_read_whatever_wrote_it(report: Path) -> None:
    spoil(report, "shares", 0, "country", "XX")
    assert "XX" in set(read_report(report).tables["shares"]["country"])


def test_describe_study_is_the_same_twice(small: Path) -> None:
    folder = small / "report"
    tables = read_report(folder).tables
    inputs = {"posts": hash_input("posts", cp.read_posts(small / "posts.csv")), "codings": None, "labels": None}
    rows = dict.fromkeys(inputs)
    texts = {describe_study(folder, inputs, rows, tables, ("shares",), {"level": 0.9}) for _ in range(2)}
    assert len(texts) == 1
