from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.metrics import average_precision_score, f1_score, precision_score, recall_score

import composite as cp
from composite.codebook.themes import THEME_KEYS
from composite.errors import CompositeError
from composite.themes.quality import (
    SCORES,
    _bound_scores,
    find_unequal_languages,
    measure_by_language,
    measure_quality,
)
from composite.themes.spread import bound_share, find_wilson, leave_out_precision

KEYS = list(THEME_KEYS)
Study = Callable[..., tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]]


@pytest.fixture
def eight(make_study: Study) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Eight posts; of `voice`, three of four labelled right and three of five found; no other theme occurs."""
    labels, _, codes = make_study(("GB",), agencies=2, posts=4)
    labels[KEYS] = 0.1
    codes[KEYS] = 0
    codes["voice"] = [1, 1, 1, 0, 0, 0, 1, 1]
    labels["voice"] = [0.9, 0.8, 0.5, 0.7, 0.2, 0.1, 0.4, 0.3]
    return labels, codes.assign(primary=np.where(codes["voice"] == 1, "voice", "none"))


def test_an_example_worked_by_hand(eight: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    row = measure_quality(*eight).set_index("theme").loc["voice"]
    assert (row["n_coded"], row["n_positive"]) == (8, 5)
    assert row["precision"] == pytest.approx(3 / 4)
    assert row["recall"] == pytest.approx(3 / 5)
    assert row["f1"] == pytest.approx(2 / 3)
    # by probability: 1 1 0 1 1 1 0 0; a step at each coded post
    assert row["average_precision"] == pytest.approx((1 + 1 + 3 / 4 + 4 / 5 + 5 / 6) / 5)


def test_a_theme_that_was_never_coded_has_no_recall_and_no_average_precision(
    eight: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    labels, codings = eight
    labels["efficiency"] = [0.6] + [0.1] * 7
    table = measure_quality(labels, codings).set_index("theme")
    assert table.loc["efficiency", ["recall", "average_precision"]].isna().all()
    assert table.loc["efficiency", "precision"] == 0
    assert table.loc["human_side", ["precision", "recall", "f1", "average_precision"]].isna().all()
    assert (table.drop("voice")["n_positive"] == 0).all()


def test_a_theme_that_was_coded_and_never_labelled_has_no_precision(eight: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    labels, codings = eight
    table = measure_quality(labels.assign(voice=0.2), codings).set_index("theme")
    assert np.isnan(table.loc["voice", "precision"])
    assert table.loc["voice", "recall"] == 0
    assert table.loc["voice", "average_precision"] == pytest.approx(5 / 8)


@pytest.mark.parametrize("seed", range(3))
def test_measures_are_those_of_scikit_learn(make_study: Study, seed: int) -> None:
    labels, codings, _ = make_study(seed=seed)
    table = measure_quality(labels, codings)
    chances = labels.set_index("post_id").loc[codings["post_id"], KEYS].to_numpy()
    codes = codings[KEYS].to_numpy()
    for measure, column in ((precision_score, "precision"), (recall_score, "recall"), (f1_score, "f1")):
        np.testing.assert_allclose(table[column], measure(codes, chances >= 0.5, average=None))
    np.testing.assert_allclose(
        table["average_precision"], [average_precision_score(codes[:, k], chances[:, k]) for k in range(9)]
    )
    assert (table["n_positive"] == codes.sum(axis=0)).all()


def test_the_order_of_rows_does_not_matter(make_study: Study) -> None:
    labels, codings, _ = make_study()
    mixed = measure_quality(labels.sample(frac=1, random_state=1), codings.sample(frac=1, random_state=2))
    pd.testing.assert_frame_equal(mixed, measure_quality(labels, codings))


def test_there_is_one_row_a_theme_in_the_order_of_the_codebook(make_study: Study) -> None:
    labels, codings, _ = make_study()
    table = measure_quality(labels, codings)
    assert table["theme"].tolist() == KEYS
    assert cp.check_table("quality", table) is table


def test_posts_that_were_not_coded_do_not_count(make_study: Study) -> None:
    labels, codings, _ = make_study()
    only = labels[labels["post_id"].isin(codings["post_id"])]
    pd.testing.assert_frame_equal(measure_quality(only, codings), measure_quality(labels, codings))


def test_labels_equal_to_the_codes_are_perfect(make_study: Study) -> None:
    labels, codings, codes = make_study()
    labels[KEYS] = codes[KEYS].astype(float)
    table = measure_quality(labels, codings)
    assert (table[["precision", "recall", "f1", "average_precision"]] == 1).all(axis=None)


def test_the_coder_can_be_chosen(make_study: Study) -> None:
    labels, codings, _ = make_study()
    other = codings.assign(coder="ben", **dict.fromkeys(KEYS, 0), primary="none")
    both = pd.concat([codings, other], ignore_index=True)
    pd.testing.assert_frame_equal(measure_quality(labels, both), measure_quality(labels, codings))
    assert (measure_quality(labels, both, coder="ben")["n_positive"] == 0).all()


def test_a_table_from_invented_posts_says_so(make_study: Study) -> None:
    labels, codings, _ = make_study()
    assert measure_quality(labels, codings)["corpus"].isna().all()
    labels.loc[0, "corpus"] = "illustrative"
    assert (measure_quality(labels, codings)["corpus"] == "illustrative").all()


def test_codings_of_posts_that_have_no_label_are_an_error(make_study: Study) -> None:
    labels, codings, _ = make_study()
    with pytest.raises(CompositeError, match="coding of posts that are not here"):
        measure_quality(labels[labels["post_id"] != codings["post_id"].iloc[0]], codings)
    with pytest.raises(CompositeError, match="there are no codings"):
        measure_quality(labels, codings.iloc[:0])


# intervals


def _draw(seed: int, *, agencies: int, posts: int, share: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Codes, probabilities and agencies of posts; agencies differ in how much they use and how well they are read."""
    rng = np.random.default_rng(seed)
    agency = np.repeat(np.arange(agencies), posts)
    use, lift = rng.normal(0, 0.5, (2, agencies))
    code = rng.random(len(agency)) < 1 / (1 + np.exp(-(np.log(share / (1 - share)) + use[agency])))
    chance = 1 / (1 + np.exp(-(np.where(code, 0.6, -2.2) + lift[agency] + rng.normal(0, 1.2, len(agency)))))
    return code, chance, agency


def _score(code: np.ndarray, chance: np.ndarray) -> dict[str, float]:
    found = chance >= 0.5
    both = (code & found).sum()
    return {
        "precision": both / found.sum(),
        "recall": both / code.sum(),
        "f1": 2 * both / (code.sum() + found.sum()),
        "average_precision": leave_out_precision(code, chance, np.zeros(len(code), dtype=int))[0],
    }


@pytest.mark.parametrize("seed", range(3))
def test_a_score_lies_in_its_interval_within_0_and_1(make_study: Study, seed: int) -> None:
    labels, codings, _ = make_study(share=0.15, posts=40, seed=seed)
    table = measure_quality(labels, codings)
    for name in SCORES:
        low, score, high = (table[f"{name}{end}"] for end in ("_low", "", "_high"))
        assert ((low >= 0) & (low <= score) & (score <= high) & (high <= 1)).all()
        assert (low < high).all()
    assert (table["inference"] == "agencies").all()
    wider = measure_quality(labels, codings, level=0.99)
    assert (wider["recall_low"] <= table["recall_low"]).all()
    assert (wider["f1_high"] >= table["f1_high"]).all()


def test_perfect_labels_of_few_posts_are_not_certain(make_study: Study) -> None:
    labels, _, codes = make_study(("GB",), agencies=5, posts=4)
    labels[KEYS] = codes[KEYS].astype(float)
    table = measure_quality(labels, codes)
    lows = table[[f"{name}_low" for name in SCORES]]
    assert (table[[f"{name}_high" for name in SCORES]] == 1).all(axis=None)
    assert ((lows > 0.1) & (lows < 0.95)).all(axis=None)


def test_four_times_the_agencies_halve_the_intervals() -> None:
    widths = []
    for agencies in (15, 60):
        each = []
        for seed in range(8):
            code, chance, agency = _draw(seed, agencies=agencies, posts=20, share=0.3)
            ends, _ = _bound_scores(code, chance, agency, 0.95)
            each.append([high - low for low, high in (ends[name] for name in SCORES)])
        widths.append(np.mean(each, axis=0))
    assert widths[1] / widths[0] == pytest.approx(np.full(4, 0.5), abs=0.1)


def test_intervals_of_scores_are_about_those_of_a_bootstrap_over_agencies() -> None:
    code, chance, agency = _draw(4, agencies=80, posts=20, share=0.3)
    ends, inference = _bound_scores(code, chance, agency, 0.95)
    assert inference == "agencies"
    rows = [np.flatnonzero(agency == number) for number in range(80)]
    for name in SCORES:

        def measure(chosen: np.ndarray, name: str = name) -> float:
            picked = np.concatenate([rows[number] for number in chosen])
            return _score(code[picked], chance[picked])[name]

        drawn = stats.bootstrap(
            (np.arange(80),), measure, vectorized=False, n_resamples=400, method="percentile", rng=0
        ).confidence_interval
        assert ends[name] == pytest.approx((drawn.low, drawn.high), abs=0.02)


def test_with_fewer_than_five_agencies_scores_speak_of_these_posts(eight: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    table = measure_quality(*eight).set_index("theme")
    row = table.loc["voice"]
    assert row["inference"] == "posts"
    low, high = find_wilson(0.6, 5, stats.t.ppf(0.975, 4))
    # the jackknife's variance of a mean is p (1 − p) / (n − 1), so five posts are worth four
    assert row["recall_low"] < low
    assert row["recall_high"] > high
    assert table.loc["human_side", "inference"] == "descriptive"
    assert table.filter(regex="_(low|high)$").loc["human_side"].isna().all()


def test_a_theme_that_one_post_has_gets_no_interval_of_recall(eight: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    labels, codings = eight
    codings["efficiency"] = [1] + [0] * 7
    labels["efficiency"] = [0.9, 0.8] + [0.1] * 6
    row = measure_quality(labels, codings).set_index("theme").loc["efficiency"]
    assert row[["recall", "average_precision"]].tolist() == [1, 1]
    assert row[["recall_low", "average_precision_low"]].isna().all()
    assert 0 <= row["precision_low"] < 0.5 < row["precision_high"] <= 1


@pytest.mark.parametrize("seed", range(3))
def test_average_precision_without_a_group_is_that_of_the_other_posts(seed: int) -> None:
    rng = np.random.default_rng(seed)
    code, chance, group = rng.random(60) < 0.3, rng.integers(0, 9, 60) / 9, rng.integers(0, 7, 60)
    whole, without = leave_out_precision(code, chance, group)
    assert whole == pytest.approx(average_precision_score(code, chance))
    for number, value in enumerate(without):
        kept = group != number
        assert value == pytest.approx(average_precision_score(code[kept], chance[kept]))


def test_without_the_only_group_that_has_the_theme_average_precision_is_missing_and_not_0() -> None:
    without = leave_out_precision(np.array([True, False, False]), np.array([0.9, 0.5, 0.4]), np.arange(3))[1]
    assert np.isnan(without).tolist() == [True, False, False]


def test_agencies_that_do_alike_make_an_interval_and_no_error() -> None:
    low, high = bound_share(np.tile([1.0, 0.0], 6), np.repeat(np.arange(6), 2), 0.95)
    assert 0 < low < 0.5 < high < 1


@pytest.mark.slow
@pytest.mark.parametrize(("agencies", "posts", "share"), [(90, 11, 0.02), (90, 11, 0.12), (10, 20, 0.15)])
def test_intervals_of_scores_hold_the_truth_about_as_often_as_they_say(agencies: int, posts: int, share: float) -> None:
    truth = _score(*_draw(99, agencies=20_000, posts=posts, share=share)[:2])
    held = pd.DataFrame(
        [
            {name: low <= truth[name] <= high for name, (low, high) in ends.items() if not np.isnan(low)}
            for ends, _ in (
                _bound_scores(*_draw(seed, agencies=agencies, posts=posts, share=share), 0.95) for seed in range(400)
            )
        ]
    ).astype(float)
    assert held.mean().between(0.91, 1).all()


def test_a_level_beyond_0_and_1_is_an_error(make_study: Study) -> None:
    labels, codings, _ = make_study()
    with pytest.raises(CompositeError, match="level=95"):
        measure_quality(labels, codings, level=95)


# by language


def _two_languages(make_study: Study) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """A classifier that finds a theme in German and hardly ever in English."""
    labels, codings, truth = make_study(("DE", "GB"), agencies=8, posts=30)
    labels["language"] = labels["country"].map({"DE": "de", "GB": "en"}).astype("str")
    german = (labels["language"] == "de").to_numpy()
    labels["voice"] = np.where(german, 0.1 + 0.8 * truth["voice"], 0.2)
    return labels, codings, truth


def test_sensitivity_and_specificity_are_the_rates_among_posts_with_and_without_the_theme(make_study: Study) -> None:
    labels, _, truth = _two_languages(make_study)
    table = measure_by_language(labels, truth).set_index(["language", "theme", "measure"])["value"]
    for language in ("de", "en"):
        here = (labels["language"] == language).to_numpy()
        for theme in KEYS:
            found, has = labels.loc[here, theme] >= 0.5, truth.loc[here, theme] == 1
            assert table[language, theme, "sensitivity"] == pytest.approx(found[has].mean())
            assert table[language, theme, "specificity"] == pytest.approx((~found)[~has].mean())
            excess = labels.loc[here, theme].mean() - has.mean()
            assert table[language, theme, "calibration"] == pytest.approx(excess)


def test_measures_by_language_lie_in_their_intervals(make_study: Study) -> None:
    labels, codings, _ = _two_languages(make_study)
    table = measure_by_language(labels, codings)
    assert ((table["low"] <= table["value"]) & (table["value"] <= table["high"])).all()
    shares = table[table["measure"] != "calibration"]
    assert shares[["low", "high"]].to_numpy().min() >= 0
    assert shares[["low", "high"]].to_numpy().max() <= 1
    assert (table["high"] > table["low"]).all()
    pd.testing.assert_frame_equal(table, measure_by_language(labels.sample(frac=1, random_state=1), codings))


def test_intervals_of_measures_hold_the_truth_at_least_as_often_as_they_say(make_study: Study) -> None:
    held = []
    for seed in range(15):
        labels, codings, truth = make_study(("DE",), agencies=8, posts=40, coded=0.4, seed=seed)
        labels["language"] = pd.Series(["de"] * len(labels), dtype="str")
        rng = np.random.default_rng(1000 + seed)
        found = rng.random((len(labels), 9)) < np.where(truth[KEYS] == 1, 0.7, 0.1)
        labels[KEYS] = np.where(found, 0.8, 0.2)
        table = measure_by_language(labels, codings)
        true = table["measure"].map({"sensitivity": 0.7, "specificity": 0.9})
        rows = table["measure"] != "calibration"
        held.append(((table["low"] <= true) & (true <= table["high"]))[rows].mean())
    assert np.mean(held) > 0.93


def test_languages_in_which_the_classifier_differs_mark_the_contrasts_of_their_countries(make_study: Study) -> None:
    labels, codings, _ = _two_languages(make_study)
    assert find_unequal_languages(labels, codings)["voice"] == {frozenset(("de", "en"))}
    table = cp.compare_countries(labels, codings).set_index("theme")["classifier"]
    assert table["voice"] == "unequal"
    assert (table == "equal").sum() >= 6
    one = labels.assign(language="de")
    assert (cp.compare_countries(one, codings)["classifier"] == "equal").all()
    none = labels.assign(language=pd.Series([None] * len(labels), dtype="str"))
    assert cp.compare_countries(none, codings)["classifier"].isna().all()


def test_codings_without_a_language_cannot_be_measured_by_language(make_study: Study) -> None:
    labels, codings, _ = make_study()
    with pytest.raises(CompositeError, match="no coded post has a language"):
        measure_by_language(labels, codings)
