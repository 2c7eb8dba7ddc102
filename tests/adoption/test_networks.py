from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import composite as cp
from composite.codebook.themes import THEME_KEYS

KEYS = list(THEME_KEYS)
QUICK = settings(
    deadline=None, derandomize=True, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def _square(table: pd.DataFrame) -> pd.DataFrame:
    return table.pivot(index="theme", columns="other", values="share").loc[KEYS, KEYS]


@QUICK
@given(seed=st.integers(0, 10_000), share=st.floats(0.05, 0.9))
def test_joint_counts_are_symmetric_and_shares_within_bounds(make_study, seed: int, share: float) -> None:
    labels, codings, _ = make_study(agencies=2, posts=10, seed=seed, share=share)
    rng = np.random.default_rng(seed)
    codings["sampling_probability"] = rng.uniform(0.1, 1, len(codings))
    table = cp.measure_cooccurrence(labels, codings)
    weighted = (codings[KEYS].T / codings["sampling_probability"]).sum(axis=1)
    joint = _square(table).mul(weighted, axis=0).fillna(0).to_numpy()
    np.testing.assert_allclose(joint, joint.T, atol=1e-9)
    assert table["share"].dropna().between(0, 1).all()


@QUICK
@given(seed=st.integers(0, 10_000))
def test_the_order_of_rows_changes_no_bit(make_study, seed: int) -> None:
    labels, codings, _ = make_study(agencies=2, posts=10)
    one = cp.measure_cooccurrence(labels, codings)
    two = cp.measure_cooccurrence(
        labels.sample(frac=1, random_state=seed), codings.sample(frac=1, random_state=seed + 1)
    )
    pd.testing.assert_frame_equal(one, two, check_exact=True)


def _tiny(make_study, codes: list[list[str]], probabilities: list[float]) -> tuple[pd.DataFrame, pd.DataFrame]:
    labels, _, truth = make_study(("DE",), agencies=1, posts=len(codes))
    truth[KEYS] = [[int(key in row) for key in KEYS] for row in codes]
    labels[KEYS] = truth[KEYS].astype(float)
    return labels, truth.assign(sampling_probability=probabilities)


def test_posts_count_by_the_inverse_of_their_sampling_probability(make_study) -> None:
    labels, codings = _tiny(make_study, [["voice", "interaction"], ["voice"], ["interaction"]], [0.5, 1.0, 0.25])
    square = _square(cp.measure_cooccurrence(labels, codings))
    assert square.loc["voice", "interaction"] == pytest.approx(2 / (2 + 1))
    assert square.loc["interaction", "voice"] == pytest.approx(2 / (2 + 4))
    assert square.loc["voice", "human_side"] == 0


def test_without_codings_labels_of_at_least_a_half_count_once_each(make_study) -> None:
    labels, _ = _tiny(make_study, [["voice", "interaction"], ["voice"], ["interaction"]], [1.0, 1.0, 1.0])
    labels.loc[1, "interaction"] = 0.5
    labels.loc[2, "voice"] = 0.49
    table = cp.measure_cooccurrence(labels)
    assert (table["method"] == "naive").all()
    square = _square(table)
    assert square.loc["voice", "interaction"] == 1
    assert square.loc["interaction", "voice"] == pytest.approx(2 / 3)


def test_with_codings_the_labels_do_not_matter(make_study) -> None:
    labels, codings, _ = make_study()
    one = cp.measure_cooccurrence(labels, codings)
    two = cp.measure_cooccurrence(labels.assign(**dict.fromkeys(KEYS, 0.9)), codings)
    pd.testing.assert_frame_equal(one, two)
    assert (one["method"] == "coded").all()


def test_a_theme_without_posts_has_a_missing_share_and_a_count_of_nought(make_study) -> None:
    labels, codings = _tiny(make_study, [["voice"], ["voice", "interaction"]], [1.0, 1.0])
    table = cp.measure_cooccurrence(labels, codings)
    empty = table[table["theme"] == "efficiency"]
    assert empty["share"].isna().all()
    assert (empty["n"] == 0).all()
    assert (table.loc[table["theme"] == "voice", "n"] == 2).all()
    assert table.loc[table["theme"] == "voice", "share"].notna().all()


def test_there_is_one_row_for_every_ordered_pair_of_two_themes(make_study) -> None:
    table = cp.measure_cooccurrence(*make_study()[:2])
    assert len(table) == 9 * 8
    assert not table.duplicated(["theme", "other"]).any()
    assert (table["theme"] != table["other"]).all()


@QUICK
@given(seed=st.integers(0, 10_000), share=st.floats(0.02, 0.95))
def test_a_share_of_both_lies_in_its_interval_within_0_and_1(make_study, seed: int, share: float) -> None:
    labels, codings, _ = make_study(agencies=3, posts=8, seed=seed, share=share)
    for table in (cp.measure_cooccurrence(labels, codings), cp.measure_cooccurrence(labels)):
        known = table[table["low"].notna()]
        assert ((known["low"] >= 0) & (known["low"] <= known["share"])).all()
        assert ((known["share"] <= known["high"]) & (known["high"] <= 1)).all()
        assert (known["low"] < known["high"]).all()
        assert (table["low"].isna() == (table["inference"] == "descriptive")).all()
        assert (table.loc[table["n"] > 1, "inference"] != "descriptive").all()
        assert ((table["inference"] == "agencies") == (table["n_agencies"] >= 5)).all()


def test_intervals_of_pairs_are_those_of_coded_shares_of_the_posts_with_the_first(make_study) -> None:
    labels, codings, _ = make_study()
    table = cp.measure_cooccurrence(labels, codings, level=0.9).set_index(["theme", "other"])
    chosen = codings[codings["voice"] == 1]
    mine = labels[labels["post_id"].isin(chosen["post_id"])].assign(kind="officer")
    shares = cp.estimate_shares(mine, chosen, by="kind", level=0.9)
    shares = shares[shares["method"] == "coded"].set_index("theme")
    for other in KEYS:
        if other != "voice":
            row, same = table.loc[("voice", other)], shares.loc[other]
            assert row[["share", "low", "high"]].tolist() == pytest.approx(same[["share", "low", "high"]].tolist())
            assert (row["inference"], row["n_agencies"]) == ("agencies", same["n_agencies_coded"])


def test_intervals_of_pairs_hold_the_true_share_about_as_often_as_they_say(make_study) -> None:
    held = []
    for seed in range(12):
        table = cp.measure_cooccurrence(*make_study(agencies=10, posts=12, share=0.25, seed=seed)[:2])
        held.append(((table["low"] <= 0.25) & (table["high"] >= 0.25)).mean())
    assert np.mean(held) > 0.93


def test_three_times_the_posts_make_narrower_intervals_of_pairs(make_study) -> None:
    few, many = (cp.measure_cooccurrence(*make_study(agencies=10, posts=posts)[:2]) for posts in (10, 30))
    assert (many["high"] - many["low"]).mean() < 0.7 * (few["high"] - few["low"]).mean()
