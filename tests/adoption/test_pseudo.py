from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from composite.adoption.pseudo import group_posts, make_outcomes, share_outcomes
from composite.codebook.contract import find_corpus
from composite.codebook.themes import THEME_KEYS
from composite.errors import CompositeError

KEYS = list(THEME_KEYS)


@settings(deadline=None, derandomize=True, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10_000))
def test_the_order_of_labels_and_codings_changes_no_bit(make_study, seed: int) -> None:
    labels, codings, _ = make_study(agencies=3, posts=5, seed=3)
    one = make_outcomes(labels, codings)
    two = make_outcomes(labels.sample(frac=1, random_state=seed), codings.sample(frac=1, random_state=seed + 1))
    for name in ("naive", "corrected", "coded", "weight"):
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name))
    pd.testing.assert_frame_equal(one.posts, two.posts)


def test_an_uncoded_post_keeps_its_probability_and_a_coded_one_adds_its_weighted_surprise(make_study) -> None:
    labels, codings, _ = make_study(agencies=1, posts=4, countries=("DE",), coded=0.5, seed=1)
    labels[KEYS] = 0.2
    codings[KEYS] = 1
    codings["sampling_probability"] = 0.25
    outcomes = make_outcomes(labels, codings)
    is_coded = labels["post_id"].isin(codings["post_id"]).to_numpy()
    np.testing.assert_allclose(outcomes.corrected[is_coded], 0.2 + (1 - 0.2) / 0.25)
    np.testing.assert_array_equal(outcomes.corrected[~is_coded], 0.2)
    np.testing.assert_array_equal(outcomes.weight, np.where(is_coded, 4.0, 0.0))
    np.testing.assert_array_equal(outcomes.coded, np.where(is_coded, 4.0, 0.0)[:, None] * np.ones(9))


@pytest.mark.parametrize(("chance", "naive"), [(0.5, 1.0), (0.499, 0.0), (0.0, 0.0), (1.0, 1.0)])
def test_a_probability_of_a_half_counts_as_the_theme(make_study, chance: float, naive: float) -> None:
    labels, _, _ = make_study(agencies=1, posts=2)
    labels[KEYS] = chance
    assert (make_outcomes(labels, None).naive == naive).all()


def test_without_codings_there_is_nothing_but_the_naive_outcome(make_study) -> None:
    labels, _, _ = make_study(agencies=1, posts=2)
    outcomes = make_outcomes(labels, None)
    assert np.isnan(outcomes.corrected).all()
    assert np.isnan(outcomes.coded).all()
    assert not outcomes.weight.any()


def test_inputs_are_left_as_they_were(make_study) -> None:
    labels, codings, _ = make_study(agencies=2, posts=4)
    before = labels.copy(), codings.copy()
    make_outcomes(labels, codings)
    pd.testing.assert_frame_equal(labels, before[0])
    pd.testing.assert_frame_equal(codings, before[1])


def test_no_labels_are_an_error(make_study) -> None:
    labels, _, _ = make_study()
    with pytest.raises(CompositeError, match="no labels: label some posts"):
        make_outcomes(labels.iloc[:0], None)


def test_posts_without_an_agency_are_an_error_that_counts_them(make_study) -> None:
    labels, codings, _ = make_study()
    labels.loc[[3, 5], "agency"] = np.nan
    with pytest.raises(CompositeError, match="2 of 240 posts have no agency"):
        make_outcomes(labels, codings)


def test_codings_of_posts_that_are_not_there_are_an_error_that_names_one(make_study) -> None:
    labels, codings, _ = make_study()
    gone = codings["post_id"].iloc[0]
    with pytest.raises(CompositeError, match=f"1 coding of posts that are not here, such as '{gone}'"):
        make_outcomes(labels[labels["post_id"] != gone], codings)


def test_an_empty_table_of_codings_is_an_error(make_study) -> None:
    labels, codings, _ = make_study()
    with pytest.raises(CompositeError, match="no codings: draw posts"):
        make_outcomes(labels, codings.iloc[:0])


@pytest.mark.parametrize("probability", [0.0, -0.1, 1.5, np.nan])
def test_a_sampling_probability_outside_0_to_1_is_an_error_that_names_the_column(make_study, probability) -> None:
    labels, codings, _ = make_study()
    codings.loc[0, "sampling_probability"] = probability
    with pytest.raises(CompositeError, match="'sampling_probability'"):
        make_outcomes(labels, codings)


@pytest.mark.parametrize("probability", [-0.01, 1.01, np.nan])
def test_a_theme_probability_outside_0_to_1_is_an_error_that_names_the_theme(make_study, probability) -> None:
    labels, codings, _ = make_study()
    labels.loc[0, "voice"] = probability
    with pytest.raises(CompositeError, match="'voice'"):
        make_outcomes(labels, codings)


def test_a_post_that_stands_twice_is_an_error(make_study) -> None:
    labels, codings, _ = make_study()
    with pytest.raises(CompositeError, match=r"'post_id'.*stands more than once"):
        make_outcomes(pd.concat([labels, labels.iloc[:1]]), codings)


def test_two_coders_who_disagree_are_an_error_that_tells_to_adjudicate(make_study) -> None:
    labels, codings, _ = make_study()
    one, two = codings.assign(coder="ada"), codings.assign(coder="bea", voice=1 - codings["voice"])
    both = pd.concat([one, two])
    with pytest.raises(CompositeError, match=r"several coders \(ada, bea\): adjudicate them"):
        make_outcomes(labels, both)
    np.testing.assert_array_equal(
        make_outcomes(labels, both, coder="bea").corrected, make_outcomes(labels, two).corrected
    )
    judged = pd.concat([both, codings.assign(coder="adjudicated")])
    np.testing.assert_array_equal(make_outcomes(labels, judged).corrected, make_outcomes(labels, codings).corrected)


def test_groups_hold_every_post_once_in_the_order_of_their_names(make_study) -> None:
    labels, _, _ = make_study(("NL", "BE"), agencies=2, posts=3)
    posts = make_outcomes(labels, None).posts
    groups = group_posts(posts, ["country", "agency"])
    assert [key for key, _ in groups] == [
        ("BE", "agency 0"),
        ("BE", "agency 1"),
        ("NL", "agency 0"),
        ("NL", "agency 1"),
    ]
    assert sorted(np.concatenate([rows for _, rows in groups])) == list(range(12))
    for (country, agency), rows in groups:
        assert (posts["country"].iloc[rows] == country).all()
        assert (posts["agency"].iloc[rows] == agency).all()


def test_one_name_and_a_list_of_one_name_make_the_same_groups(make_study) -> None:
    posts = make_outcomes(make_study()[0], None).posts
    one, two = group_posts(posts, "country"), group_posts(posts, ["country"])
    assert [key for key, _ in one] == [key for key, _ in two] == [("DE",), ("GB",)]


@pytest.mark.parametrize(
    ("by", "expected"), [("month", ["2013-12", "2014-01"]), ("year", ["2013", "2014"])], ids=["month", "year"]
)
def test_months_and_years_end_at_midnight_utc(make_study, by: str, expected: list[str]) -> None:
    labels, _, _ = make_study(("DE",), agencies=1, posts=2)
    labels["published"] = pd.to_datetime(["2013-12-31T23:59:59Z", "2014-01-01T00:00:00Z"]).astype("datetime64[us, UTC]")
    assert [key for (key,), _ in group_posts(labels, by)] == expected


@pytest.mark.parametrize(
    ("by", "hint"),
    [
        ("contry", "did you mean 'country'"),
        ("Month", "did you mean 'month'"),
        ("agencies", "did you mean 'agency'"),
        ("post_id", "is not a column"),
        ("published", "is not a column"),
        ("zzz", "valid are: country, agency"),
    ],
)
def test_an_unknown_column_is_an_error_with_the_nearest_name(make_study, by: str, hint: str) -> None:
    posts = make_outcomes(make_study()[0], None).posts
    with pytest.raises(CompositeError, match=hint):
        group_posts(posts, by)


def test_a_column_that_some_posts_lack_is_an_error_that_counts_them(make_study) -> None:
    labels, _, _ = make_study(("DE",), agencies=1, posts=4)
    labels["language"] = pd.Series(["de", None, None, "de"], dtype="str")
    with pytest.raises(CompositeError, match=r"2 posts have no 'language': leave them out with labels\[labels\['lang"):
        group_posts(labels, "language")
    assert len(group_posts(labels[labels["language"].notna()], "language")) == 1


def test_grouping_undated_posts_by_month_is_an_error_that_speaks_of_dates(make_study) -> None:
    labels, _, _ = make_study(("DE",), agencies=1, posts=4)
    labels.loc[1, "published"] = pd.NaT
    with pytest.raises(CompositeError, match="have no date, so by='month'"):
        group_posts(labels, "month")


@pytest.mark.parametrize("by", [[], ()])
def test_grouping_by_nothing_is_an_error(make_study, by) -> None:
    with pytest.raises(CompositeError, match="by="):
        group_posts(make_study()[0], by)


@pytest.mark.parametrize(
    ("corpora", "found"),
    [
        ([None, None], None),
        (["b", "a"], "a, b"),
        (["b", None], "b"),
        (["illustrative", "a"], "illustrative"),
    ],
)
def test_one_invented_post_marks_the_whole_table(corpora: list[str | None], found: str | None) -> None:
    assert find_corpus(pd.DataFrame({"corpus": pd.Series(corpora, dtype="str")})) == found


def test_estimates_of_one_study_share_what_they_are_made_from_and_others_do_not(make_study) -> None:
    labels, codings, _ = make_study(agencies=2, posts=5, seed=4)
    alone = make_outcomes(labels, codings)
    with share_outcomes(labels, codings):
        one = make_outcomes(labels, codings)
        assert make_outcomes(labels, codings) is one
        assert make_outcomes(labels, None) is not one
        assert make_outcomes(labels.copy(), codings) is not one
    assert make_outcomes(labels, codings) is not one
    np.testing.assert_array_equal(one.corrected, alone.corrected)
    pd.testing.assert_frame_equal(one.posts, alone.posts)
