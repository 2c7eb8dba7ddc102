from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import composite as cp
from composite.codebook.tables import TIME
from composite.codebook.themes import THEME_KEYS
from composite.errors import CompositeError

KEYS = list(THEME_KEYS)


@pytest.fixture(scope="module")
def steady(make_study) -> tuple[pd.DataFrame, pd.DataFrame]:
    labels, codings, _ = make_study(("DE", "GB"), agencies=8, posts=40, coded=0.5, seed=1)
    return _scatter(labels, 24), codings


def _scatter(labels: pd.DataFrame, months: int) -> pd.DataFrame:
    """The posts dealt over so many months."""
    days = np.random.default_rng(0).integers(0, 30 * months, len(labels))
    published = pd.Timestamp("2012-01-01", tz="UTC") + pd.to_timedelta(days, unit="D")
    return labels.assign(published=published.astype(TIME))


def _of_theme(labels: pd.DataFrame, truth: pd.DataFrame, share: np.ndarray) -> tuple[pd.DataFrame, pd.DataFrame]:
    truth = truth.assign(voice=(np.random.default_rng(3).random(len(truth)) < share).astype("int64"))
    return labels.assign(voice=0.1 + 0.8 * truth["voice"]), truth


def test_with_a_wide_bandwidth_the_trend_is_the_countrys_corrected_share(steady) -> None:
    trends = cp.estimate_trends(*steady, bandwidth=1e6)
    shares = cp.estimate_shares(*steady).query("method == 'corrected'").set_index(["country", "theme"])["share"]
    expected = shares.loc[list(zip(trends["country"], trends["theme"], strict=True))].to_numpy()
    np.testing.assert_allclose(trends["share"], expected, atol=1e-9)


def test_with_a_narrow_bandwidth_and_all_posts_coded_it_is_the_share_of_the_month(make_study) -> None:
    labels, _, truth = make_study(("DE",), agencies=6, posts=60)
    labels = _scatter(labels, 6)
    trends = cp.estimate_trends(labels, truth, bandwidth=0.05).set_index(["theme", "month"])
    month = labels["published"].dt.strftime("%Y-%m")
    for theme in KEYS:
        expected = truth[theme].groupby(month).mean()
        np.testing.assert_allclose(trends.loc[theme, "share"].loc[expected.index], expected, atol=1e-9)


def test_a_trend_has_a_row_for_every_month_and_lies_in_its_interval(steady) -> None:
    trends = cp.estimate_trends(*steady)
    assert len(trends) == 2 * 9 * 24
    assert trends.groupby(["country", "theme"])["n_posts"].sum().eq(320).all()
    known = trends.dropna(subset=["low"])
    assert ((known["low"] <= known["share"]) & (known["share"] <= known["high"])).all()
    assert known[["low", "high"]].to_numpy().min() >= 0
    assert known[["low", "high"]].to_numpy().max() <= 1


def test_intervals_of_a_flat_trend_hold_the_true_share_about_as_often_as_they_say(make_study) -> None:
    held = []
    for seed in range(12):
        labels, codings, _ = make_study(("DE",), agencies=8, posts=40, coded=0.5, share=0.3, seed=seed)
        trends = cp.estimate_trends(_scatter(labels, 12), codings)
        held.append(((trends["low"] <= 0.3) & (trends["high"] >= 0.3)).mean())
    assert 0.9 < np.mean(held) < 0.995


def test_a_rising_share_gives_a_rising_trend(make_study) -> None:
    labels, codings, truth = make_study(("DE",), agencies=8, posts=80)
    labels = _scatter(labels, 24)
    age = (labels["published"] - labels["published"].min()) / pd.Timedelta(days=720)
    labels, truth = _of_theme(labels, truth, 0.1 + 0.7 * age.to_numpy())
    kept = truth[truth["post_id"].isin(codings["post_id"])].assign(sampling_probability=0.5)
    trend = cp.estimate_trends(labels, kept).query("theme == 'voice'")["share"].to_numpy()
    assert trend[-1] - trend[0] > 0.4
    assert np.corrcoef(trend, np.arange(len(trend)))[0, 1] > 0.95


def test_a_change_of_level_is_found_in_its_month(make_study) -> None:
    labels, _, truth = make_study(("DE",), agencies=12, posts=60)
    labels = _scatter(labels, 24)
    late = (labels["published"] >= "2013-01-01").to_numpy()
    labels, truth = _of_theme(labels, truth, np.where(late, 0.7, 0.2))
    row = cp.find_changes(labels, truth).set_index("theme").loc["voice"]
    assert row["month"] in ("2012-12", "2013-01", "2013-02")
    assert row["difference"] > 0.35
    assert row["p_value"] < 0.005
    assert row["p_adjusted"] < 0.05


def test_where_nothing_changes_five_in_a_hundred_searches_find_a_change(make_study) -> None:
    p_values = []
    for seed in range(14):
        labels, codings, _ = make_study(("DE",), agencies=10, posts=24, coded=0.6, seed=seed)
        table = cp.find_changes(_scatter(labels, 18), codings, resamples=199, seed=seed)
        p_values += table["p_value"].tolist()
    assert len(p_values) == 14 * 9
    # 126 tests: the standard error of the rate is 1.9 points
    assert 0 < (np.array(p_values) < 0.05).mean() < 0.11


def test_a_country_with_few_agencies_has_a_trend_and_no_change(make_study) -> None:
    labels, codings, _ = make_study(("DE",), agencies=3, posts=60)
    labels = _scatter(labels, 24)
    assert (cp.estimate_trends(labels, codings)["inference"] == "posts").all()
    assert cp.find_changes(labels, codings).empty


def test_a_country_without_codings_has_no_trend(make_study) -> None:
    labels, codings, _ = make_study(("DE", "GB"), agencies=5, posts=20)
    german = codings[codings["post_id"].isin(labels.loc[labels["country"] == "DE", "post_id"])]
    trends = cp.estimate_trends(labels, german).query("country == 'GB'")
    assert trends["share"].isna().all()
    assert (trends["inference"] == "descriptive").all()


def test_the_order_of_rows_changes_nothing_in_trends_and_changes(steady) -> None:
    labels, codings = steady
    for function in (cp.estimate_trends, cp.find_changes):
        two = function(labels.sample(frac=1, random_state=1), codings.sample(frac=1, random_state=2))
        pd.testing.assert_frame_equal(function(labels, codings), two)


def test_bad_settings_of_trends_are_errors(steady) -> None:
    labels, codings = steady
    with pytest.raises(CompositeError, match="bandwidth=0: give the months"):
        cp.estimate_trends(labels, codings, bandwidth=0)
    with pytest.raises(CompositeError, match="margin=0: leave a month"):
        cp.find_changes(labels, codings, margin=0)
    undated = labels.assign(published=labels["published"].where(labels.index < 0))
    with pytest.raises(CompositeError, match="no post has a date: trends"):
        cp.estimate_trends(undated, codings)
