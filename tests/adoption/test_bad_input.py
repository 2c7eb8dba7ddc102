"""What every estimate of the room makes of bad or extreme input: a right answer, or an error with the cure."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

import composite as cp
from composite.codebook.themes import THEME_KEYS
from composite.errors import CompositeError, CompositeWarning

KEYS = list(THEME_KEYS)
Function = Callable[[pd.DataFrame, pd.DataFrame | None], pd.DataFrame]


def _few(function: Callable) -> Function:
    return lambda labels, codings: function(labels, codings, resamples=99)


COMPARISONS: dict[str, Function] = {
    "compare_countries": _few(cp.compare_countries),
    "compare_profiles": _few(cp.compare_profiles),
    "rank_countries": _few(cp.rank_countries),
    "map_profiles": _few(cp.map_profiles),
    "group_profiles": _few(cp.group_profiles),
}
ESTIMATES: dict[str, Function] = {
    "estimate_shares": cp.estimate_shares,
    "estimate_trends": cp.estimate_trends,
    "explain_themes": cp.explain_themes,
    "find_changes": lambda labels, codings: cp.find_changes(labels, codings, resamples=99, margin=1),
    "find_uptake": cp.find_uptake,
    "vary_uptake": lambda labels, codings: cp.vary_uptake(labels, codings, least=(1, 2), certainty=(0.9,)),
}
FROM_CODES: dict[str, Function] = {
    "measure_by_language": cp.measure_by_language,
    "plan_coding": lambda labels, codings: cp.plan_coding(labels, codings, 0.1),
}
EVERY = {**COMPARISONS, **ESTIMATES, **FROM_CODES}


def over(functions: dict[str, Function]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("function", functions.values(), ids=functions)


@pytest.fixture(scope="module")
def study(make_study) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    labels, codings, truth = make_study(("DE", "GB", "NL"), agencies=5, posts=10)
    language = labels["country"].map({"DE": "de", "GB": "en", "NL": "nl"})
    kinds = np.resize(["corporate", "officer"], len(labels))
    return labels.assign(language=language.astype("str"), kind=pd.Series(kinds, dtype="str")), codings, truth


@over({**COMPARISONS, **ESTIMATES})
def test_without_codings_the_labels_are_counted(study, function: Function) -> None:
    labels, _, _ = study
    assert len(function(labels, None))


@over(EVERY)
def test_an_empty_table_of_codings_is_an_error(study, function: Function) -> None:
    labels, codings, _ = study
    with pytest.raises(CompositeError, match="there are no codings: draw posts with draw_coding_sample"):
        function(labels, codings.iloc[:0])


@over(EVERY)
def test_codings_of_posts_that_are_not_in_the_sample_are_an_error(study, function: Function) -> None:
    labels, codings, _ = study
    strange = codings.assign(post_id=codings["post_id"].where(codings.index > 0, "elsewhere"))
    with pytest.raises(CompositeError, match="1 coding of posts that are not here, such as 'elsewhere'"):
        function(labels, strange)


@over(EVERY)
def test_a_sampling_probability_of_nought_is_an_error(study, function: Function) -> None:
    labels, codings, _ = study
    with pytest.raises(CompositeError, match="'sampling_probability'"):
        function(labels, codings.assign(sampling_probability=0.0))


@over(EVERY)
def test_two_coders_who_disagree_are_an_error_until_one_is_chosen(study, function: Function) -> None:
    labels, codings, _ = study
    both = pd.concat([codings.assign(coder="ada"), codings.assign(coder="bea", voice=1 - codings["voice"])])
    with pytest.raises(CompositeError, match="adjudicate them"):
        function(labels, both)


@over(EVERY)
def test_one_agency_a_country_speaks_of_its_posts_only(study, function: Function) -> None:
    labels, codings, _ = study
    table = function(labels.assign(agency="one"), codings)
    if "inference" in table:
        assert not (table["inference"] == "agencies").any()


@over(COMPARISONS)
def test_one_country_cannot_be_compared_and_the_error_says_so(study, function: Function) -> None:
    labels, codings, _ = study
    german = labels[labels["country"] == "DE"]
    with pytest.raises(CompositeError, match="needs two countries with codings, and there is DE"):
        function(german, codings[codings["post_id"].isin(german["post_id"])])


@over({**ESTIMATES, **FROM_CODES})
def test_one_country_can_be_estimated(study, function: Function) -> None:
    labels, codings, _ = study
    german = labels[labels["country"] == "DE"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CompositeWarning)
        table = function(german, codings[codings["post_id"].isin(german["post_id"])])
    # a country that is seen for a month or two cannot change
    assert len(table) or function is ESTIMATES["find_changes"]


@over(EVERY)
def test_a_theme_that_is_never_coded_has_finite_estimates_or_none(study, function: Function) -> None:
    labels, codings, _ = study
    table = function(labels, codings.assign(efficiency=0))
    if "theme" in table:
        # what is never seen never changes
        assert (table["theme"] == "efficiency").any() == (function is not ESTIMATES["find_changes"])
    numbers = table.select_dtypes("number")
    assert np.isfinite(numbers.fillna(0)).all(axis=None)


@over(EVERY)
def test_with_all_posts_coded_there_is_an_answer_that_does_not_depend_on_the_labels(study, function) -> None:
    labels, _, truth = study
    other = labels.assign(**{key: 1 - labels[key] for key in KEYS})
    one, two = function(labels, truth), function(other, truth)
    told_by_labels = {"naive", "tuning", "classifier", "value", "predicted"}
    if "method" in one:
        one, two = (table[table["method"] != "naive"].reset_index(drop=True) for table in (one, two))
    if "measure" in one or "predicted" in one:  # these are about the classifier
        return
    shared = [column for column in one.columns if column not in told_by_labels - {"value"}]
    pd.testing.assert_frame_equal(one[shared], two[shared], atol=1e-9)


def test_with_all_posts_coded_nothing_is_left_to_plan(study) -> None:
    labels, _, truth = study
    assert (cp.plan_coding(labels, truth, 0.01)["n_more"] == 0).all()


@over(EVERY)
def test_inputs_are_left_as_they_were_by_all(study, function: Function) -> None:
    labels, codings, _ = study
    before = labels.copy(), codings.copy()
    function(labels, codings)
    pd.testing.assert_frame_equal(labels, before[0])
    pd.testing.assert_frame_equal(codings, before[1])
