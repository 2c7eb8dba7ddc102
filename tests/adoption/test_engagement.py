"""Reposts, likes and replies by theme, and how much the police talk back."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

import composite as cp
from composite.codebook.tables import TIME
from composite.codebook.themes import THEME_KEYS

KEYS = list(THEME_KEYS)


def make_posts(
    seed: int = 0, *, agencies: int = 30, posts: int = 40, slope: float = 0.7, spread: float = 0.4
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Labels and posts; `voice` multiplies reposts by exp(slope), agencies differ, and counts are overdispersed."""
    rng = np.random.default_rng(seed)
    n = agencies * posts
    agency = np.repeat(np.arange(agencies), posts)
    themes = (rng.random((n, 9)) < 0.3).astype(int)
    followers = rng.integers(500, 50_000, agencies)[agency].astype(float)
    mean = np.exp(np.log(followers) - 7 + slope * themes[:, 1] + rng.normal(0, spread, agencies)[agency])
    reposts = rng.poisson(mean * rng.gamma(2, 0.5, n)).astype(float)
    posts_table = pd.DataFrame(
        {
            "post_id": [f"p{i:05d}" for i in range(n)],
            "country": pd.Series(np.where(agency % 2, "GB", "DE"), dtype="str"),
            "agency": [f"agency {a}" for a in agency],
            "account": [f"acc{a}" for a in agency],
            "platform": "twitter",
            "published": pd.date_range("2013-01-01", periods=n, freq="h", tz="UTC").astype(TIME),
            "language": "en",
            "text": "hello",
            "corpus": pd.Series([None] * n, dtype="str"),
            "followers": followers,
            "reposts": reposts,
        }
    )
    labels = posts_table[["post_id", "country", "agency", "account", "published", "language", "corpus"]].copy()
    labels["kind"] = pd.Series([None] * n, dtype="str")
    labels[KEYS] = np.where(themes, 0.9, 0.1)
    return labels, posts_table


def test_a_theme_that_doubles_reposts_is_found_to() -> None:
    found = cp.measure_engagement(*make_posts()).set_index("theme")
    row = found.loc["voice"]
    assert row["ratio"] == pytest.approx(np.exp(0.7), rel=0.15)
    assert row["low"] < np.exp(0.7) < row["high"]
    assert row["p_adjusted"] < 0.05
    assert (found.drop("voice")["p_adjusted"] > 0.05).all()


def test_the_model_is_that_of_statsmodels_glm_with_the_same_dispersion() -> None:
    labels, posts = make_posts(agencies=12)
    found = cp.measure_engagement(labels, posts).set_index("theme")["ratio"]
    x = np.column_stack([np.ones(len(posts)), labels[KEYS] > 0.5, posts["country"] == "GB"]).astype(float)
    offset = np.log(posts["followers"])
    alpha = sm.NegativeBinomial(posts["reposts"], x, offset=offset).fit(disp=0, maxiter=500).params.iloc[-1]
    glm = sm.GLM(posts["reposts"], x, offset=offset, family=sm.families.NegativeBinomial(alpha=alpha)).fit()
    np.testing.assert_allclose(found, np.exp(glm.params.iloc[1:10]), rtol=1e-3)


def test_the_order_of_rows_changes_nothing_and_ten_times_the_followers_change_no_ratio() -> None:
    labels, posts = make_posts(agencies=8)
    one = cp.measure_engagement(labels, posts)
    pd.testing.assert_frame_equal(
        one, cp.measure_engagement(labels.sample(frac=1, random_state=1), posts.sample(frac=1, random_state=2))
    )
    ten = cp.measure_engagement(labels, posts.assign(followers=10 * posts["followers"]))
    np.testing.assert_allclose(one["ratio"], ten["ratio"], rtol=1e-4)


@pytest.mark.slow
def test_intervals_of_a_theme_without_effect_hold_one_nearly_as_often_as_they_say() -> None:
    inside = []
    for seed in range(60):
        found = cp.measure_engagement(*make_posts(seed, agencies=20, posts=20, slope=0))
        inside.append(found["low"].le(1) & found["high"].ge(1))
    assert np.mean(inside) > 0.9


def test_with_codings_only_coded_posts_count() -> None:
    labels, posts = make_posts(agencies=8)
    codes = (labels[KEYS] > 0.5).astype("int64")
    codings = pd.concat([labels[["post_id"]], codes], axis=1).assign(
        coder="adjudicated", primary="none", sampling_probability=1.0
    )
    coded = cp.measure_engagement(labels.assign(**dict.fromkeys(KEYS, 0.2)), posts, codings)
    assert set(coded["method"]) == {"coded"}
    np.testing.assert_allclose(coded["ratio"], cp.measure_engagement(labels, posts)["ratio"])


def test_what_has_no_solution_is_missing_and_warned_of() -> None:
    labels, posts = make_posts(agencies=6, posts=10)
    with pytest.warns(cp.CompositeWarning, match="the model of reposts has no solution: all counts are 0"):
        found = cp.measure_engagement(labels, posts.assign(reposts=0.0))
    assert found["ratio"].isna().all()
    twins = labels.assign(interaction=labels["voice"])
    with pytest.warns(cp.CompositeWarning, match="always occur together"):
        cp.measure_engagement(twins, posts)
    with pytest.warns(cp.CompositeWarning, match="there are 5 posts only"):
        cp.measure_engagement(labels.iloc[:5].assign(**{key: [0.9, 0.1, 0.1, 0.1, 0.1] for key in KEYS[:1]}), posts)


def test_a_theme_that_no_post_has_has_no_ratio_and_the_others_do() -> None:
    labels, posts = make_posts(agencies=6)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = cp.measure_engagement(labels.assign(efficiency=0.1), posts).set_index("theme")
    assert np.isnan(found.loc["efficiency", "ratio"])
    assert np.isnan(found.loc["efficiency", "mean"])
    assert found.drop("efficiency")["ratio"].notna().all()


def test_with_few_agencies_there_is_a_ratio_and_no_interval() -> None:
    found = cp.measure_engagement(*make_posts(agencies=4))
    assert found["ratio"].notna().all()
    assert found["low"].isna().all()


def test_posts_without_followers_or_counts_are_left_out_or_an_error() -> None:
    labels, posts = make_posts(agencies=6)
    some = posts.assign(followers=posts["followers"].where(posts.index % 2 == 0))
    assert set(cp.measure_engagement(labels, some)["n_posts"]) == {len(posts) // 2}
    with pytest.raises(cp.CompositeError, match="no post says how many followers"):
        cp.measure_engagement(labels, posts.drop(columns="followers"))
    with pytest.raises(cp.CompositeError, match="have none of reposts, likes, replies"):
        cp.measure_engagement(labels, posts.drop(columns="reposts"))
    with pytest.raises(cp.CompositeError, match="do their post_id name the same posts"):
        cp.measure_engagement(labels, posts.assign(post_id="x" + posts["post_id"]))


def make_dialogue(shares: list[float], posts: int = 40, seed: int = 0) -> pd.DataFrame:
    _, table = make_posts(seed, agencies=len(shares), posts=posts)
    rng = np.random.default_rng(seed)
    reply = rng.random(len(table)) < np.repeat(shares, posts)
    return table.assign(
        country="GB", reply_to=pd.Series(np.where(reply, "u815", None), dtype="str"), replies=reply.astype(float)
    )


def test_the_share_of_replies_has_an_interval_over_agencies() -> None:
    found = cp.measure_dialogue(make_dialogue([0.1, 0.2, 0.3, 0.1, 0.2, 0.3, 0.4, 0.2])).iloc[0]
    assert found["low"] < found["share"] < found["high"]
    assert found["share"] == found["n_replies"] / found["n_posts"] == found["share_answered"]
    assert found["inference"] == "agencies"


def test_intervals_of_the_share_of_replies_cover() -> None:
    hits = []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        shares = rng.beta(3, 9, 12)
        found = cp.measure_dialogue(make_dialogue(list(shares), posts=20, seed=seed)).iloc[0]
        hits.append(found["low"] <= 0.25 <= found["high"])
    assert np.mean(hits) >= 0.88


def test_nobody_replies_or_few_agencies_post_and_there_is_no_interval() -> None:
    few = cp.measure_dialogue(make_dialogue([0.5, 0.5])).iloc[0]
    assert few["inference"] == "descriptive"
    one = cp.measure_dialogue(make_dialogue([0.0] * 7 + [1.0]), by="agency")
    assert one["share"].tolist() == [0] * 7 + [1]
    with pytest.raises(cp.CompositeError, match="no post says what it replies to"):
        cp.measure_dialogue(make_dialogue([0.0] * 8))


def test_a_reply_to_a_post_in_the_table_is_timed_and_one_to_a_later_post_is_not() -> None:
    table = make_dialogue([0.0] * 5, posts=2).assign(reply_to=None).astype({"reply_to": "str"})
    table.loc[3, "reply_to"], table.loc[4, "reply_to"] = "p00001", "p00009"
    found = cp.measure_dialogue(table).iloc[0]
    assert (found["n_replies"], found["n_timed"], found["median_hours"]) == (2, 1, 2.0)
