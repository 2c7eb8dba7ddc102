"""The promise of the intervals, held to simulated truth."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

from benchmarks.coverage import IID, main, make_classifier, simulate_coverage

COLUMNS = ["agencies", "share", "icc", "f1", "method", "bias", "coverage", "width"]


@pytest.fixture(scope="module")
def simulated() -> pd.DataFrame:
    return simulate_coverage(agencies=(5, 8), shares=(0.1, 0.6), iccs=(0.0, 0.2), f1s=(0.75,), repeats=15, seed=1)


def _of(table: pd.DataFrame, method: str) -> pd.DataFrame:
    return table[table["method"] == method].reset_index(drop=True)


def test_corrected_intervals_hold_the_truth_about_as_often_as_they_say(simulated: pd.DataFrame) -> None:
    corrected = _of(simulated, "corrected")
    assert corrected["coverage"].min() > 0.89
    assert corrected["coverage"].mean() > 0.93
    assert corrected["width"].max() < 0.75


def test_the_corrected_share_is_unbiased_where_the_naive_share_is_not(simulated: pd.DataFrame) -> None:
    assert _of(simulated, "corrected")["bias"].abs().max() < 0.03
    for row in _of(simulated, "naive").query("icc == 0").itertuples():
        sensitivity, specificity = make_classifier(row.f1, row.share)
        expected = row.share * sensitivity + (1 - row.share) * (1 - specificity)
        assert row.bias == pytest.approx(expected - row.share, abs=0.015)


@pytest.mark.parametrize("share", [0.02, 0.3, 0.6])
def test_the_simulated_classifier_has_the_f1_that_it_is_said_to_have(share: float) -> None:
    for f1 in (0.6, 0.9):
        sensitivity, specificity = make_classifier(f1, share)
        true, false = share * sensitivity, (1 - share) * (1 - specificity)
        assert 2 * true / (2 * true + false + share * (1 - sensitivity)) == pytest.approx(f1)


def test_naive_intervals_miss_the_truth_when_the_classifier_errs(simulated: pd.DataFrame) -> None:
    assert _of(simulated, "naive").query("icc == 0 and share == 0.6")["coverage"].max() < 0.7


def test_intervals_that_take_posts_of_one_agency_for_independent_are_too_narrow(simulated: pd.DataFrame) -> None:
    assert _of(simulated, IID).query("icc == 0.2")["coverage"].max() < 0.85
    assert (_of(simulated, IID)["width"] < _of(simulated, "corrected")["width"]).all()


def test_the_same_seed_gives_the_same_table_and_another_seed_another() -> None:
    design = {"agencies": (5,), "shares": (0.3,), "iccs": (0.05,), "f1s": (0.75,), "repeats": 3}
    one = simulate_coverage(**design, seed=4)
    pd.testing.assert_frame_equal(one, simulate_coverage(**design, seed=4), check_exact=True)
    assert not one.equals(simulate_coverage(**design, seed=5))


def test_a_design_gives_the_same_rows_whatever_is_simulated_beside_it() -> None:
    design = {"agencies": (5,), "iccs": (0.05,), "f1s": (0.75,), "repeats": 2}
    both = simulate_coverage(**design, shares=(0.1, 0.3)).query("share == 0.3").reset_index(drop=True)
    pd.testing.assert_frame_equal(both, simulate_coverage(**design, shares=(0.3,)), check_exact=True)


def test_the_command_prints_one_tidy_table(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def simulate(*, repeats: int, seed: int) -> pd.DataFrame:
        return simulate_coverage(agencies=(5,), shares=(0.3,), iccs=(0.0,), f1s=(0.75,), repeats=repeats, seed=seed)

    monkeypatch.setitem(main.__globals__, "simulate_coverage", simulate)
    main(["--repeats", "1", "--seed", "3"])
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == ",".join(COLUMNS)
    assert len(lines) == 1 + 4


@pytest.mark.slow
def test_the_page_of_the_docs_is_what_its_command_prints(capsys: pytest.CaptureFixture[str]) -> None:
    page = (Path(__file__).parents[2] / "docs" / "coverage.md").read_text("utf-8")
    command = re.search(r"benchmarks\.coverage (.*?)`", page)
    assert command is not None
    main(command[1].split())
    assert capsys.readouterr().out == page


def test_what_the_method_page_says_of_coverage_is_in_the_table_that_it_links_to() -> None:
    page = (Path(__file__).parents[2] / "docs" / "coverage.md").read_text("utf-8")
    rows = [line.strip("| ").split(" | ") for line in page.splitlines() if re.match(r"\| \d", line)]
    measures = ["naive", "coded", "corrected", "ignored", "width coded", "width corrected"]
    table = pd.DataFrame([row for row in rows if len(row) == 10], columns=["agencies", "share", "icc", "f1", *measures])
    table = table.astype(float)
    together = pd.DataFrame([row for row in rows if len(row) == 7], columns=["agencies", *measures]).astype(float)
    assert len(table) == 108
    assert table["agencies"].min() == 5
    assert table["corrected"].min() >= 0.92
    assert together["corrected"].between(0.95, 0.985).all()
    assert (together["width corrected"] < together["width coded"]).all()
    assert (table["width corrected"] < 1.05 * table["width coded"]).all()
    assert table["naive"].min() < 0.5
    assert table.loc[table["icc"] == 0.2, "ignored"].mean() < 0.8


@pytest.mark.slow
def test_corrected_intervals_cover_in_every_design_of_the_benchmark() -> None:
    table = simulate_coverage(repeats=60, seed=2)
    corrected = _of(table, "corrected")
    assert corrected["coverage"].min() > 0.91
    assert corrected["coverage"].between(0.92, 0.99).mean() > 0.9
    assert corrected["bias"].abs().max() < 0.03
    assert _of(table, "naive")["coverage"].min() < 0.5
