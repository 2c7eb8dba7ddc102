"""The study as one function: what it leaves out it says, and what it was given it leaves as it was."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import composite as cp
from composite.codebook.themes import THEME_KEYS

PAGE = ("html",)


@pytest.fixture(scope="module")
def posts(corpus_posts: pd.DataFrame) -> pd.DataFrame:
    part = corpus_posts[corpus_posts["country"].isin(["GB", "NL"])]
    return part.groupby(["country", "agency"]).head(5).reset_index(drop=True)


@pytest.fixture(scope="module")
def codings(posts: pd.DataFrame) -> pd.DataFrame:
    every = cp.read_codings(cp.CORPUS / "intended.csv")
    return every[every["post_id"].isin(posts["post_id"])].reset_index(drop=True)


@pytest.fixture(scope="module")
def result(posts: pd.DataFrame, codings: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> cp.StudyResult:
    return cp.run_study(posts, codings, out=tmp_path_factory.mktemp("study"))


def test_a_study_gives_every_table_in_its_contract(result: cp.StudyResult) -> None:
    assert set(result.tables) >= {
        "shares",
        "pairs",
        "contrasts",
        "ranks",
        "effects",
        "cooccurrence",
        "months",
        "uptake",
        "curves",
        "quality",
        "languages",
        "edges",
    }
    for name, table in result.tables.items():
        cp.check_table("contrasts" if name == "pairs" else name, table)
        file = result.report.parent / "tables" / f"{name}.csv"
        assert len(pd.read_csv(file)) == len(table)


def test_with_every_post_coded_the_corrected_share_is_the_coded_one(
    result: cp.StudyResult, posts: pd.DataFrame, codings: pd.DataFrame
) -> None:
    truth = codings.merge(posts[["post_id", "country"]], on="post_id").groupby("country")[list(THEME_KEYS)].mean()
    shares = result.tables["shares"]
    for method in ("coded", "corrected"):
        part = shares[shares["method"] == method].pivot(index="country", columns="theme", values="share")
        pd.testing.assert_frame_equal(part[list(THEME_KEYS)], truth, check_names=False)


def test_what_a_study_was_given_is_as_it_was(posts: pd.DataFrame, codings: pd.DataFrame, tmp_path: Path) -> None:
    before = posts.copy(), codings.copy()
    cp.run_study(posts, codings, formats=PAGE, out=tmp_path)
    pd.testing.assert_frame_equal(posts, before[0])
    pd.testing.assert_frame_equal(codings, before[1])


def test_a_study_does_not_depend_on_the_order_of_rows(
    result: cp.StudyResult, posts: pd.DataFrame, codings: pd.DataFrame, tmp_path: Path
) -> None:
    shuffled = cp.run_study(
        posts.sample(frac=1, random_state=1), codings.sample(frac=1, random_state=2), formats=PAGE, out=tmp_path
    )
    for name, table in result.tables.items():
        pd.testing.assert_frame_equal(shuffled.tables[name], table)


def test_posts_without_an_agency_are_left_out_and_the_study_says_so(
    posts: pd.DataFrame, codings: pd.DataFrame, tmp_path: Path
) -> None:
    some = posts.copy()
    some.loc[:2, "agency"] = None
    result = cp.run_study(some, codings, formats=PAGE, out=tmp_path)
    assert len(result.labels) == len(posts) - 3
    assert "3 posts without an agency: left out of the study" in result.notes
    assert "3 posts without an agency" in result.report.read_text("utf-8")


def test_codings_of_other_posts_are_left_out_and_the_study_says_so(
    posts: pd.DataFrame, codings: pd.DataFrame, tmp_path: Path
) -> None:
    stranger = codings.iloc[:1].assign(post_id="elsewhere")
    result = cp.run_study(posts, pd.concat([codings, stranger], ignore_index=True), formats=PAGE, out=tmp_path)
    assert "1 coding of posts outside the study: left out" in result.notes


def test_codings_that_fit_no_post_are_an_error(posts: pd.DataFrame, codings: pd.DataFrame, tmp_path: Path) -> None:
    with pytest.raises(cp.CompositeError, match="none of the codings is of a post in the study"):
        cp.run_study(posts, codings.assign(post_id="x" + codings["post_id"]), formats=PAGE, out=tmp_path)


def test_posts_without_any_agency_are_an_error_with_the_cure(posts: pd.DataFrame, tmp_path: Path) -> None:
    nowhere = posts.assign(agency=pd.Series([None] * len(posts), dtype="str"))
    with pytest.raises(cp.CompositeError, match="--column THEIRS=agency"):
        cp.run_study(nowhere, formats=PAGE, out=tmp_path)


def test_an_unknown_figure_is_named_before_any_work_is_done(posts: pd.DataFrame, tmp_path: Path) -> None:
    with pytest.raises(cp.CompositeError, match="did you mean 'months'"):
        cp.run_study(posts, formats=PAGE, out=tmp_path / "out", only=["month"])
    assert not (tmp_path / "out").exists()


def test_without_codings_everything_is_naive_and_the_study_says_so(posts: pd.DataFrame, tmp_path: Path) -> None:
    result = cp.run_study(posts, formats=PAGE, out=tmp_path)
    assert set(result.tables["shares"]["method"]) == {"naive"}
    assert any("nothing is corrected" in note for note in result.notes)
    assert "quality" not in result.tables


def test_labels_are_kept_beside_the_report(result: cp.StudyResult) -> None:
    kept = cp.read_table("labels", result.report.parent / "labels.parquet")
    pd.testing.assert_frame_equal(kept, result.labels)


def test_the_page_of_invented_posts_says_so_on_every_exhibit(result: cp.StudyResult) -> None:
    page = result.report.read_text("utf-8")
    assert page.count("<figcaption>") == page.count("<strong>Illustrative corpus: invented posts") > 0
    assert "(illustrative corpus)" in page.split("</title>")[0]


def test_codings_that_are_missing_are_said_in_the_report_once(
    posts: pd.DataFrame, codings: pd.DataFrame, tmp_path: Path
) -> None:
    result = cp.run_study(posts, codings.iloc[::2], formats=PAGE, out=tmp_path)
    assert sum("are codings or posts missing?" in note for note in result.notes) == 1
    assert result.report.read_text("utf-8").count("are codings or posts missing?") == 1


def test_a_level_that_is_none_is_an_error_before_any_work_is_done(posts: pd.DataFrame, tmp_path: Path) -> None:
    with pytest.raises(cp.CompositeError, match="level=95 is not between 0 and 1"):
        cp.run_study(posts, formats=PAGE, out=tmp_path / "out", level=95)
    assert not (tmp_path / "out").exists()


def test_figures_that_the_data_do_not_allow_are_an_error_that_says_why(posts: pd.DataFrame, tmp_path: Path) -> None:
    with pytest.raises(cp.CompositeError, match="no agency has 30 posts"):
        cp.run_study(posts, formats=PAGE, out=tmp_path, only=["agencies"])


def test_kinds_of_account_are_compared_where_they_are_known(
    posts: pd.DataFrame, codings: pd.DataFrame, tmp_path: Path
) -> None:
    accounts = cp.read_accounts(cp.CORPUS / "accounts.csv")
    result = cp.run_study(posts, codings, accounts=accounts, formats=PAGE, out=tmp_path)
    assert {"corporate", "officer"} <= set(result.tables["kinds"]["kind"])
    assert (tmp_path / "figures" / "kinds.svg").is_file()


def test_countries_of_which_one_is_coded_are_not_called_one_country(
    posts: pd.DataFrame, codings: pd.DataFrame, tmp_path: Path
) -> None:
    british = codings[codings["post_id"].isin(posts.loc[posts["country"] == "GB", "post_id"])]
    result = cp.run_study(posts, british, formats=PAGE, out=tmp_path)
    assert "fewer than two coded posts in Netherlands: not compared with other countries" in result.notes
    assert "fewer than two countries have enough coded posts: countries are not compared" in result.notes
    assert "contrasts" not in result.tables


def test_a_study_writes_the_report_in_every_format_or_in_those_asked_for(
    result: cp.StudyResult, posts: pd.DataFrame, tmp_path: Path
) -> None:
    folder = result.report.parent
    assert result.report.name == "index.html"
    assert (folder / "report.docx").read_bytes()[:2] == b"PK"
    assert (folder / "report.pdf").read_bytes()[:5] == b"%PDF-"
    (tmp_path / "report.docx").write_text("of an earlier study")
    paper = cp.run_study(posts, only=["months"], formats=("pdf",), out=tmp_path)
    assert paper.report == tmp_path / "report.pdf"
    assert not (tmp_path / "report.docx").exists()
    assert not (tmp_path / "index.html").exists()


def test_a_format_that_is_not_known_is_named_before_any_work_is_done(posts: pd.DataFrame, tmp_path: Path) -> None:
    with pytest.raises(cp.CompositeError, match="format of the report 'docs' is not known: did you mean 'docx'"):
        cp.run_study(posts, out=tmp_path / "out", formats=("docs",))
    assert not (tmp_path / "out").exists()
