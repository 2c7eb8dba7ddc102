"""Agreement of coders: laws, known truth, and NLTK's agreement as the outside reference."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nltk.metrics.agreement import AnnotationTask
from nltk.metrics.distance import binary_distance, masi_distance
from scipy import stats

from composite.codebook.themes import THEME_KEYS
from composite.errors import CompositeError
from composite.themes.agreement import count_confusions, measure_agreement


def make_codings(codes: dict[str, np.ndarray], keep: float = 1, seed: int = 0) -> pd.DataFrame:
    """Table `codings` of some coders' (n, 9) codes, of which each is kept with the probability `keep`."""
    parts = []
    for coder, table in codes.items():
        frame = pd.DataFrame(table, columns=THEME_KEYS).astype("int64")
        frame["primary"] = [next((k for k, v in zip(THEME_KEYS, row, strict=True) if v), "none") for row in table]
        frame["post_id"] = [f"p{number}" for number in range(len(table))]
        frame["coder"] = coder
        parts.append(frame.assign(sampling_probability=1.0))
    whole = pd.concat(parts, ignore_index=True)
    whole = whole.astype({"post_id": "str", "coder": "str", "primary": "str"})
    return whole.sample(frac=keep, random_state=seed).reset_index(drop=True)


def draw_codes(seed: int, posts: int, coders: int = 3, noise: float = 0.2) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    truth = rng.random((posts, 9)) < rng.uniform(0.05, 0.5, 9)
    return {
        f"coder {number}": np.where(rng.random((posts, 9)) < noise, rng.random((posts, 9)) < 0.3, truth).astype(int)
        for number in range(coders)
    }


def find_alpha(table: pd.DataFrame, theme: str, group: str = "all") -> float:
    return float(table.loc[(table["theme"] == theme) & (table["group"] == group), "alpha"].iloc[0])


# outside reference


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), posts=st.integers(4, 40), coders=st.integers(2, 4), keep=st.sampled_from([0.6, 1]))
def test_alpha_of_themes_and_of_sets_is_nltks(seed: int, posts: int, coders: int, keep: float) -> None:
    codings = make_codings(draw_codes(seed, posts, coders), keep, seed)
    if not codings["post_id"].duplicated().any():
        return
    table = measure_agreement(codings, resamples=0)
    for theme in THEME_KEYS:
        task = AnnotationTask(
            [(r["coder"], r["post_id"], r[theme]) for r in codings.to_dict("records")], distance=binary_distance
        )
        alpha = find_alpha(table, theme)
        # NLTK calls codes that are all alike agreement of 1; nothing could be disagreed on, so ours is missing
        assert np.isnan(alpha) or alpha == pytest.approx(task.alpha(), abs=1e-9)
    sets = [
        (r["coder"], r["post_id"], frozenset(k for k in THEME_KEYS if r[k]) or frozenset({"none"}))
        for r in codings.to_dict("records")
    ]
    if not np.isnan(find_alpha(table, "set")):
        expected = AnnotationTask(sets, distance=masi_distance).alpha()
        assert find_alpha(table, "set") == pytest.approx(expected, abs=1e-9)


def test_alpha_is_that_of_nltks_own_example() -> None:
    # Artstein & Poesio (2008), table 1, which NLTK's documentation uses: 100 items, 20 / 20 / 60
    both, neither, mixed = 20, 70, 10
    one = np.zeros((100, 9), dtype=int)
    two = np.zeros((100, 9), dtype=int)
    one[:both, 0] = two[:both, 0] = 1
    one[both : both + mixed, 0] = 1
    assert both + neither + mixed == 100
    data = [("1", str(n), c) for n, c in enumerate(one[:, 0])] + [("2", str(n), c) for n, c in enumerate(two[:, 0])]
    table = measure_agreement(make_codings({"1": one, "2": two}), resamples=0)
    assert find_alpha(table, THEME_KEYS[0]) == pytest.approx(AnnotationTask(data).alpha(), abs=1e-12)
    assert table["agreement"].iloc[0] == pytest.approx(0.9)


# laws


def test_coders_who_always_agree_have_alpha_one() -> None:
    codes = draw_codes(1, 50)["coder 0"]
    table = measure_agreement(make_codings({"a": codes, "b": codes, "c": codes}))
    assert (table[["agreement", "alpha", "high"]] == 1).all(axis=None)
    # certain it is not: the fewer the posts, the further down the interval goes
    assert table["low"].between(0, 0.95).all()
    few = measure_agreement(make_codings(dict.fromkeys("abc", codes[:10])))
    known = few["alpha"].notna()
    assert (few["low"][known] < table["low"][known]).all()


def test_coders_who_code_at_random_have_alpha_near_zero() -> None:
    rng = np.random.default_rng(5)
    table = measure_agreement(make_codings({name: (rng.random((4000, 9)) < 0.3).astype(int) for name in "ab"}))
    assert table["alpha"].abs().max() < 0.05
    assert ((table["low"] < table["alpha"]) & (table["alpha"] < table["high"])).all()


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_order_of_rows_and_names_of_coders_change_nothing(seed: int) -> None:
    codings = make_codings(draw_codes(seed, 20), 0.8, seed)
    other = codings.sample(frac=1, random_state=seed + 1).replace({"coder": {"coder 0": "z", "coder 2": "a"}})
    first = measure_agreement(codings, resamples=20)
    second = measure_agreement(other.reset_index(drop=True), resamples=20)
    pd.testing.assert_frame_equal(first, second, check_exact=False, rtol=1e-12)


def test_posts_that_one_coder_coded_change_nothing() -> None:
    codings = make_codings(draw_codes(3, 60))
    lone = make_codings({"coder 0": draw_codes(4, 20)["coder 0"]}).assign(post_id=[f"x{n}" for n in range(20)])
    lone["post_id"] = lone["post_id"].astype("str")
    both = pd.concat([codings, lone], ignore_index=True)
    pd.testing.assert_frame_equal(measure_agreement(both), measure_agreement(codings))


def test_the_input_is_not_changed() -> None:
    codings = make_codings(draw_codes(3, 20))
    before = codings.copy()
    measure_agreement(codings)
    count_confusions(codings)
    pd.testing.assert_frame_equal(codings, before)


def test_a_theme_that_nobody_coded_has_no_alpha_and_full_agreement() -> None:
    codes = draw_codes(8, 30)
    for table in codes.values():
        table[:, 4] = 0
    row = measure_agreement(make_codings(codes)).set_index("theme").loc["interaction"]
    assert np.isnan(row["alpha"])
    assert np.isnan(row["low"])
    assert row["agreement"] == 1
    assert row["n_positive"] == 0


# known truth


def test_bootstrap_intervals_cover_the_alpha_of_the_population() -> None:
    population = draw_codes(0, 20_000, coders=2)
    truth = measure_agreement(make_codings(population), resamples=0).set_index("theme")["alpha"]
    covered = []
    for seed in range(60):
        rows = np.random.default_rng(seed).integers(0, 20_000, 150)
        table = measure_agreement(make_codings({k: v[rows] for k, v in population.items()}), resamples=200, seed=seed)
        table = table.set_index("theme")
        covered.append(((table["low"] <= truth) & (truth <= table["high"])).to_numpy())
    assert 0.9 < np.mean(covered) < 0.98


# groups


def test_a_group_is_measured_as_if_it_were_alone() -> None:
    codings = make_codings(draw_codes(2, 60))
    posts = pd.DataFrame({"post_id": [f"p{n}" for n in range(60)], "language": ["nl", "fr"] * 30, "corpus": "c"})
    posts = posts.astype("str")
    table = measure_agreement(codings, posts, by="language", resamples=0)
    assert list(dict.fromkeys(table["group"])) == ["all", "fr", "nl"]
    alone = codings[codings["post_id"].isin(posts.loc[posts["language"] == "nl", "post_id"])]
    alone = measure_agreement(alone.reset_index(drop=True), posts, resamples=0).assign(group="nl")
    found = table[table["group"] == "nl"].reset_index(drop=True)
    pd.testing.assert_frame_equal(found, alone.astype({"group": "str"}))
    assert set(table["corpus"]) == {"c"}


def test_adjudicated_codes_are_no_coders() -> None:
    codes = draw_codes(2, 40)
    without = measure_agreement(make_codings(codes))
    pd.testing.assert_frame_equal(measure_agreement(make_codings({**codes, "adjudicated": codes["coder 0"]})), without)


# confusions


def test_confusions_count_what_the_other_coder_gave_instead() -> None:
    one, two = np.zeros((4, 9), dtype=int), np.zeros((4, 9), dtype=int)
    one[0, 2] = 1  # push information; the other: human side
    two[0, 6] = 1
    one[1, 2] = two[1, 2] = 1  # agreed
    one[2, 2] = 1  # the other: nothing
    table = count_confusions(make_codings({"a": one, "b": two})).set_index(["theme", "other"])
    assert table.loc[("push_information", "human_side"), "n"] == 1
    assert table.loc[("push_information", "none"), "n"] == 1
    assert table.loc[("push_information", "human_side"), "share"] == pytest.approx(1 / 4)
    assert table.loc[("human_side", "push_information"), "share"] == 1
    assert table["n"].sum() == 3


def test_coders_who_agree_have_no_confusions() -> None:
    codes = draw_codes(1, 50)["coder 0"]
    assert count_confusions(make_codings({"a": codes, "b": codes}))["n"].sum() == 0


# errors


def test_one_coder_is_an_error_that_says_what_is_needed() -> None:
    with pytest.raises(CompositeError, match="no post was coded by two of the coders"):
        measure_agreement(make_codings({"anna": np.eye(9, dtype=int)}))


def test_an_unknown_coder_or_column_is_named() -> None:
    codings = make_codings(draw_codes(1, 20))
    with pytest.raises(CompositeError, match="'coder 9'"):
        measure_agreement(codings, coders=["coder 0", "coder 9"])
    with pytest.raises(CompositeError, match="pass the table of posts"):
        measure_agreement(codings, by="language")
    posts = pd.DataFrame({"post_id": ["p0"], "language": ["nl"], "corpus": ["c"]}).astype("str")
    with pytest.raises(CompositeError, match="'languages'"):
        measure_agreement(codings, posts, by="languages")


@pytest.mark.parametrize("options", [{"level": 95}, {"level": 0}, {"resamples": -1}])
def test_options_out_of_range_are_named(options: dict[str, float]) -> None:
    with pytest.raises(CompositeError, match=next(iter(options))):
        measure_agreement(make_codings(draw_codes(1, 20)), **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", range(3))
def test_confusions_lie_in_their_intervals_whatever_the_order_of_rows(seed: int) -> None:
    codings = make_codings(draw_codes(seed, 80), keep=0.9)
    table = count_confusions(codings)
    assert ((table["low"] >= 0) & (table["low"] <= table["share"])).all()
    assert ((table["share"] <= table["high"]) & (table["high"] <= 1)).all()
    assert (table["low"] < table["high"]).all()
    pd.testing.assert_frame_equal(table, count_confusions(codings.sample(frac=1, random_state=seed)))
    wider = count_confusions(codings, level=0.99)
    assert (wider["high"] >= table["high"]).all()


def test_what_never_happened_may_happen_as_often_as_wilson_allows() -> None:
    codes = np.zeros((20, 9), dtype=int)
    codes[:, 1] = 1
    table = count_confusions(make_codings({"a": codes, "b": codes})).set_index(["theme", "other"])
    row = table.loc[(THEME_KEYS[1], "none")]
    t = stats.t.ppf(0.975, 19)
    assert (row["n"], row["low"]) == (0, 0)
    assert row["high"] == pytest.approx(t**2 / (20 + t**2))
    assert table.loc[THEME_KEYS[2], ["share", "low", "high"]].isna().all(axis=None)


def test_intervals_of_confusions_hold_the_true_rate_about_as_often_as_they_say() -> None:
    # two coders give the theme independently: with half of the posts each, one in four of them has it from both
    held = []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        codes = {name: np.zeros((120, 9), dtype=int) for name in "ab"}
        for table in codes.values():
            table[:, 0] = rng.random(120) < 0.5
        row = count_confusions(make_codings(codes)).set_index(["theme", "other"]).loc[(THEME_KEYS[0], "none")]
        held.append(row["low"] <= 0.5 <= row["high"])
    assert 0.9 < np.mean(held) <= 1
