from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import composite as cp
from composite.codebook.themes import THEME_KEYS
from composite.errors import CompositeError
from composite.themes.coding import predict_primary

KEYS = list(THEME_KEYS)


def _follow(labels: pd.DataFrame, truth: pd.DataFrame, plan: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Codings of a sample drawn as the plan says."""
    rng = np.random.default_rng(seed)
    stratum = labels["country"] + predict_primary(labels)
    parts = []
    for row in plan.itertuples():
        members = np.flatnonzero(stratum == row.country + row.predicted)
        take = row.n_coded + row.n_more
        drawn = rng.choice(members, size=take, replace=False)
        parts.append(truth.iloc[drawn].assign(sampling_probability=take / len(members)))
    return pd.concat([part for part in parts if len(part)])


def test_the_half_width_of_a_plan_is_met_within_15_per_cent(make_study) -> None:
    labels, _, truth = make_study(("DE",), agencies=10, posts=80, share=0.3, seed=3)
    noise = np.random.default_rng(3).normal(0, 0.25, (len(labels), 9))
    labels[KEYS] = np.clip(0.25 + 0.4 * truth[KEYS] + noise, 0.01, 0.99)
    promised, met = [], []
    for seed in range(15):
        rng = np.random.default_rng(seed)
        first = truth.iloc[rng.choice(len(truth), 80, replace=False)].assign(sampling_probability=80 / len(truth))
        plan = cp.plan_coding(labels, first, 0.07, theme="voice")
        promised.append(plan["half_width"].iloc[0])
        codings = _follow(labels, truth, plan, seed)
        row = cp.estimate_shares(labels, codings).query("theme == 'voice' and method == 'corrected'").iloc[0]
        met.append(stats.t.ppf(0.975, row["df"]) * row["se"])
        assert plan["n_more"].sum() > 0
    assert np.mean(met) / np.mean(promised) == pytest.approx(1, abs=0.15)


def test_a_narrower_interval_needs_no_fewer_posts(make_study) -> None:
    labels, codings, _ = make_study(("DE", "GB"), agencies=8, posts=60, coded=0.1)
    more = [cp.plan_coding(labels, codings, width)["n_more"].sum() for width in (0.3, 0.15, 0.1, 0.05)]
    assert more == sorted(more)
    assert more[0] < more[-1]


def test_a_plan_never_asks_for_more_posts_than_there_are_and_never_unmakes_codes(make_study) -> None:
    labels, codings, _ = make_study(("DE", "GB"), agencies=6, posts=30, coded=0.3)
    for width in (0.001, 0.1, 0.49):
        plan = cp.plan_coding(labels, codings, width)
        assert (plan["n_more"] >= 0).all()
        assert (plan["n_coded"] + plan["n_more"] <= plan["n_posts"]).all()
        assert plan["n_posts"].sum() == len(labels)
        assert plan["n_coded"].sum() == len(codings)
        reached = plan[plan["reachable"]]
        assert (reached["half_width"] <= width + 1e-9).all()


def test_what_agencies_scatter_cannot_be_coded_away_and_the_plan_says_so(make_study) -> None:
    labels, codings, truth = make_study(("DE",), agencies=6, posts=60, coded=0.3)
    number = labels["agency"].str[-1].astype(int)
    truth["voice"] = (number % 2).astype("int64")
    labels["voice"] = 0.1 + 0.8 * truth["voice"]
    kept = truth[truth["post_id"].isin(codings["post_id"])].assign(sampling_probability=0.3)
    plan = cp.plan_coding(labels, kept, 0.02, theme="voice")
    assert not plan["reachable"].any()
    assert (plan["floor"] > 0.3).all()
    assert plan["n_more"].sum() < len(labels) - len(kept)


def test_a_country_with_hardly_a_code_is_brought_to_ten_first(make_study) -> None:
    labels, codings, _ = make_study(("DE", "GB"), agencies=6, posts=30, coded=0.3)
    british = labels.loc[labels["country"] == "GB", "post_id"]
    few = pd.concat([codings[~codings["post_id"].isin(british)], codings[codings["post_id"].isin(british)].iloc[:3]])
    few.loc[few["post_id"].isin(british), "sampling_probability"] = 3 / 180
    plan = cp.plan_coding(labels, few, 0.1).query("country == 'GB'")
    assert plan["half_width"].isna().all()
    assert 7 <= plan["n_more"].sum() <= 7 + len(plan)


def test_a_half_width_that_is_none_is_an_error(make_study) -> None:
    labels, codings, _ = make_study()
    with pytest.raises(CompositeError, match=r"half_width=5 is not between 0 and 0\.5"):
        cp.plan_coding(labels, codings, 5)
    with pytest.raises(CompositeError, match="did you mean 'voice'"):
        cp.plan_coding(labels, codings, 0.1, theme="voise")
