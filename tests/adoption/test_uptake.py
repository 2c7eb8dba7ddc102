from __future__ import annotations

from collections.abc import Callable
from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import composite as cp
from composite.adoption.pseudo import make_outcomes
from composite.adoption.uptake import _count_fewer, calibrate
from composite.codebook.tables import TIME
from composite.codebook.themes import THEME_KEYS
from composite.errors import CompositeError

KEYS = list(THEME_KEYS)


@pytest.fixture(scope="module")
def dated(make_study) -> Callable[..., pd.DataFrame]:
    def make(**times: list[str | None]) -> pd.DataFrame:
        labels, _, _ = make_study(("DE",), agencies=1, posts=sum(map(len, times.values())))
        labels["country"] = pd.Series([code for code, found in times.items() for _ in found], dtype="str")
        found = [t for found in times.values() for t in found]
        labels["published"] = pd.to_datetime(found, utc=True, format="ISO8601").astype(TIME)
        return labels

    return make


def _counts(table: pd.DataFrame) -> list[tuple[str, str, int]]:
    return list(table[["country", "month", "n_posts"]].itertuples(index=False, name=None))


DAYS = st.lists(st.datetimes(pd.Timestamp("2009-01-01"), pd.Timestamp("2016-12-31")), min_size=1, max_size=12)


@settings(deadline=None, derandomize=True, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(one=DAYS, two=DAYS)
def test_every_dated_post_is_counted_once_and_no_month_is_left_out(dated, one: list, two: list) -> None:
    labels = dated(BE=[str(t) for t in one], NL=[str(t) for t in two])
    table = cp.count_months(labels)
    for code, times in (("BE", one), ("NL", two)):
        found = table[table["country"] == code]
        assert found["n_posts"].sum() == len(times)
        months = [12 * t.year + t.month for t in times]
        assert len(found) == max(months) - min(months) + 1
        assert found["month"].is_monotonic_increasing
        assert found["n_posts"].iloc[[0, -1]].min() > 0
    pd.testing.assert_frame_equal(table, cp.count_months(labels.sample(frac=1, random_state=1)))


def test_a_month_without_posts_between_two_with_posts_counts_nought(dated) -> None:
    labels = dated(DE=["2013-11-05", "2014-02-01", "2014-02-03"])
    assert _counts(cp.count_months(labels)) == [
        ("DE", "2013-11", 1),
        ("DE", "2013-12", 0),
        ("DE", "2014-01", 0),
        ("DE", "2014-02", 2),
    ]


def test_each_country_runs_from_its_own_first_month_to_its_own_last(dated) -> None:
    labels = dated(DE=["2013-01-05"], BE=["2012-12-31", "2013-01-01"])
    assert _counts(cp.count_months(labels)) == [("BE", "2012-12", 1), ("BE", "2013-01", 1), ("DE", "2013-01", 1)]


def test_posts_without_a_date_are_in_no_month(dated) -> None:
    labels = dated(DE=["2013-01-05", None, None])
    assert _counts(cp.count_months(labels)) == [("DE", "2013-01", 1)]


def test_a_country_without_dated_posts_has_no_rows(dated) -> None:
    assert _counts(cp.count_months(dated(DE=["2013-01-05"], NL=[None]))) == [("DE", "2013-01", 1)]
    assert cp.count_months(dated(DE=[None, None])).empty


def test_months_are_those_of_utc(dated) -> None:
    labels = dated(DE=["2014-01-01T00:30:00+02:00", "2013-12-31T23:30:00-02:00"])
    assert _counts(cp.count_months(labels)) == [("DE", "2013-12", 1), ("DE", "2014-01", 1)]


def test_posts_serve_as_well_as_labels(corpus_posts: pd.DataFrame) -> None:
    labels = corpus_posts[["post_id", "country", "published", "corpus"]]
    table = cp.count_months(corpus_posts)
    pd.testing.assert_frame_equal(table, cp.count_months(labels))
    assert table["n_posts"].sum() == corpus_posts["published"].notna().sum()
    assert (table["corpus"] == "illustrative").all()


def test_the_table_of_posts_is_left_as_it_was(dated) -> None:
    labels = dated(DE=["2013-01-05", None])
    before = labels.copy()
    cp.count_months(labels)
    pd.testing.assert_frame_equal(labels, before)


# since when an agency uses a theme


@pytest.fixture(scope="module")
def spread(make_study) -> tuple[pd.DataFrame, pd.DataFrame]:
    labels, codings, _ = make_study(("DE", "GB"), agencies=6, posts=40, coded=0.4, seed=2)
    return labels, codings


def test_with_all_posts_coded_uptake_is_the_month_of_the_second_post_with_the_theme(make_study) -> None:
    labels, _, truth = make_study(("DE",), agencies=4, posts=30, share=0.15)
    uptake = cp.find_uptake(labels, truth, least=2, certainty=0.9).set_index(["agency", "theme"])
    month = labels["published"].dt.strftime("%Y-%m")
    for agency, rows in labels.groupby("agency"):
        for theme in KEYS:
            having = month[rows.index][truth.loc[rows.index, theme] == 1].tolist()
            row = uptake.loc[(agency, theme)]
            assert row["adopted"] == (len(having) >= 2)
            assert row["first_month"] == having[1] if len(having) >= 2 else pd.isna(row["first_month"])
            assert row["expected"] == len(having)


def test_breadth_is_the_number_of_themes_adopted(spread) -> None:
    uptake = cp.find_uptake(*spread)
    counted = uptake.groupby(["country", "agency"])["adopted"].transform("sum")
    pd.testing.assert_series_equal(uptake["breadth"], counted, check_names=False, check_dtype=False)


def test_a_stricter_rule_finds_no_more_adopters_and_none_sooner(spread) -> None:
    rules = cp.vary_uptake(*spread, least=(1, 2, 4), certainty=(0.5, 0.9, 0.99))
    for _, part in rules.groupby(["theme", "certainty"]):
        assert part.sort_values("least")["n_adopted"].is_monotonic_decreasing
    for _, part in rules.groupby(["theme", "least"]):
        assert part.sort_values("certainty")["n_adopted"].is_monotonic_decreasing
    loose, strict = (cp.find_uptake(*spread, least=least, certainty=0.9) for least in (1, 3))
    both = strict["adopted"]
    assert (loose.loc[both, "months"] <= strict.loc[both, "months"]).all()
    same = rules.query("least == 2 and certainty == 0.9").set_index("theme")["n_adopted"]
    found = cp.find_uptake(*spread).groupby("theme")["adopted"].sum()
    pd.testing.assert_series_equal(same.sort_index(), found.sort_index(), check_names=False, check_dtype=False)


def test_recalibrated_probabilities_add_up_to_the_corrected_share_of_every_country(spread) -> None:
    labels, codings = spread
    outcomes = make_outcomes(labels, codings)
    chances = pd.DataFrame(calibrate(outcomes), columns=KEYS)
    shares = cp.estimate_shares(labels, codings).query("method == 'corrected'")
    expected = shares.pivot(index="country", columns="theme", values="share")[KEYS]
    found = chances.groupby(outcomes.posts["country"]).mean()
    np.testing.assert_allclose(found, expected.clip(lower=1e-6), atol=1e-6)
    coded = outcomes.weight > 0
    assert set(np.unique(chances[coded])) == {0.0, 1.0}


def test_the_probability_of_several_posts_is_that_of_enumerating_all_cases() -> None:
    chances = np.array([[0.2], [0.7], [0.5], [0.9]])
    for least in (1, 2, 3):
        fewer = _count_fewer(chances, np.array([1, 3]), [(least, 0.99999)])[least - 1, -1, 0]
        exact = 0.0
        for case in product((0, 1), repeat=4):
            if sum(case) < least:
                exact += np.prod([p if has else 1 - p for has, p in zip(case, chances[:, 0], strict=True)])
        assert fewer == pytest.approx(exact)


@settings(deadline=None, derandomize=True, max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10_000))
def test_the_order_of_rows_changes_nothing_in_uptake(spread, seed: int) -> None:
    labels, codings = spread
    one = cp.find_uptake(labels, codings)
    two = cp.find_uptake(labels.sample(frac=1, random_state=seed), codings.sample(frac=1, random_state=seed))
    pd.testing.assert_frame_equal(one, two)


def test_posts_without_a_date_do_not_count_and_a_study_without_dates_is_an_error(spread) -> None:
    labels, codings = spread
    some = labels.assign(published=labels["published"].where(labels.index % 2 == 0))
    assert (cp.find_uptake(some, codings)["n_posts"] == 20).all()
    with pytest.raises(CompositeError, match="no post has a date: uptake"):
        cp.find_uptake(labels.assign(published=labels["published"].where(labels.index < 0)), codings)


def test_rules_that_make_no_sense_are_errors(spread) -> None:
    with pytest.raises(CompositeError, match="least=0: a theme is used in 1 post"):
        cp.find_uptake(*spread, least=0)
    with pytest.raises(CompositeError, match="certainty=95 is not between 0 and 1"):
        cp.find_uptake(*spread, certainty=95)
