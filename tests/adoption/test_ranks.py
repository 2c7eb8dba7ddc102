from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import composite as cp
from composite.codebook.themes import THEME_KEYS
from composite.errors import CompositeError

ENDS = ["rank_low", "rank_high", "rank_low_one", "rank_high_one"]
KEYS = list(THEME_KEYS)


@pytest.fixture(scope="module")
def far_apart(make_study) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Three countries; one has a theme in nearly every post, and the others seldom."""
    labels, codings, truth = make_study(("DE", "GB", "BE"), agencies=12, posts=20)
    british = (labels["country"] == "GB").to_numpy()
    rng = np.random.default_rng(1)
    truth["voice"] = (rng.random(len(truth)) < np.where(british, 0.95, 0.05)).astype("int64")
    labels["voice"] = np.clip(0.1 + 0.8 * truth["voice"], 0, 1)
    return labels, truth[truth["post_id"].isin(codings["post_id"])].assign(sampling_probability=0.5)


def test_a_country_leads_where_its_share_is_larger_for_certain(far_apart) -> None:
    ranks = cp.rank_countries(*far_apart).set_index(["theme", "country"])
    row = ranks.loc[("voice", "GB")]
    assert row[["rank", *ENDS]].tolist() == [1, 1, 1, 1, 1]
    assert row["leads"]
    assert ranks.loc["voice"].drop("GB")[["rank_low", "rank_high"]].to_numpy().tolist() == [[2, 3], [2, 3]]
    assert ranks["leads"].sum() == 1


def test_countries_that_are_alike_have_one_rank_and_any_may_be_theirs(make_study) -> None:
    labels, _, truth = make_study(("DE",), agencies=6)
    parts = [(labels.assign(country=c, post_id=labels["post_id"] + c), c) for c in ("DE", "GB", "NL")]
    every = pd.concat([part for part, _ in parts], ignore_index=True)
    codings = pd.concat([truth.assign(post_id=truth["post_id"] + c) for _, c in parts], ignore_index=True)
    ranks = cp.rank_countries(every, codings)
    assert (ranks["rank"] == 1).all()
    assert (ranks[["rank_low", "rank_low_one"]] == 1).all(axis=None)
    assert (ranks[["rank_high", "rank_high_one"]] == 3).all(axis=None)
    assert not ranks["leads"].any()


def test_ranks_lie_in_their_intervals_and_those_for_all_rows_are_wider(make_study) -> None:
    labels, codings, _ = make_study(("DE", "GB", "BE", "NL"), agencies=6, seed=3)
    ranks = cp.rank_countries(labels, codings, level=0.5)
    assert (ranks["rank_low"] <= ranks["rank_low_one"]).all()
    assert (ranks["rank_low_one"] <= ranks["rank"]).all()
    assert (ranks["rank"] <= ranks["rank_high_one"]).all()
    assert (ranks["rank_high_one"] <= ranks["rank_high"]).all()
    assert (ranks.groupby("theme")["rank"].min() == 1).all()


def test_ranks_by_share_are_those_of_the_corrected_shares(make_study) -> None:
    labels, codings, _ = make_study(("DE", "GB", "BE"), agencies=5)
    shares = cp.estimate_shares(labels, codings).query("method == 'corrected'")
    expected = shares.set_index(["country", "theme"])["share"].groupby("theme").rank(ascending=False, method="min")
    ranks = cp.rank_countries(labels, codings).set_index(["country", "theme"])["rank"]
    pd.testing.assert_series_equal(ranks.sort_index(), expected.sort_index(), check_names=False, check_dtype=False)


def test_the_order_of_rows_and_the_names_of_countries_change_nothing(make_study) -> None:
    labels, codings, _ = make_study(("DE", "GB", "BE"), agencies=5)
    one = cp.rank_countries(labels, codings)
    pd.testing.assert_frame_equal(one, cp.rank_countries(labels.sample(frac=1, random_state=1), codings))
    swapped = labels.assign(country=labels["country"].map({"DE": "GB", "GB": "BE", "BE": "DE"}).astype("str"))
    two = cp.rank_countries(swapped, codings).set_index(["country", "theme"])
    for old, new in (("DE", "GB"), ("GB", "BE"), ("BE", "DE")):
        pd.testing.assert_frame_equal(one.set_index(["country", "theme"]).loc[old][ENDS], two.loc[new][ENDS])


def test_rank_intervals_hold_the_true_ranks_of_all_rows_in_nineteen_of_twenty_studies(make_study) -> None:
    labels, _, _ = make_study(("DE", "GB", "BE", "NL"), agencies=8, posts=12)
    true = {"DE": 0.2, "GB": 0.3, "BE": 0.4, "NL": 0.5}
    rank = {"DE": 4, "GB": 3, "BE": 2, "NL": 1}
    rng = np.random.default_rng(7)
    held, narrow = [], []
    force = (labels["country"] + labels["agency"]).astype("category").cat.codes.to_numpy()
    share = labels["country"].map(true).to_numpy()
    for _ in range(40):
        base = pd.DataFrame({"share": share, "force": force}).groupby("force")["share"].first().to_numpy()[:, None]
        chance = rng.beta(9 * base, 9 * (1 - base), size=(force.max() + 1, 9))
        truth = (rng.random((len(labels), 9)) < chance[force]).astype("int64")
        codes = pd.DataFrame(truth, columns=KEYS).assign(
            post_id=labels["post_id"], coder="one", primary="none", sampling_probability=1.0
        )
        found = labels.assign(**pd.DataFrame(truth.astype(float), columns=KEYS))
        ranks = cp.rank_countries(found, codes, resamples=399)
        known = ranks["country"].map(rank)
        held.append(((ranks["rank_low"] <= known) & (known <= ranks["rank_high"])).all())
        narrow.append((ranks["rank_high"] - ranks["rank_low"]).mean())
    assert np.mean(held) > 0.86
    assert np.mean(narrow) < 3  # and they say something


def test_one_country_cannot_be_ranked(make_study) -> None:
    labels, codings, _ = make_study(("DE",))
    with pytest.raises(CompositeError, match="needs two countries with codings, and there is DE"):
        cp.rank_countries(labels, codings)


def test_few_agencies_rank_these_agencies_posts_only(make_study) -> None:
    labels, codings, _ = make_study(agencies=3)
    assert (cp.rank_countries(labels, codings)["inference"] == "posts").all()
