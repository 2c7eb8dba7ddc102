from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import composite as cp
from composite.codebook.tables import TIME


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
