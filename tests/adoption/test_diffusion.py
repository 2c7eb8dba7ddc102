from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from statsmodels.duration.survfunc import SurvfuncRight

import composite as cp
from composite.codebook.themes import THEME_KEYS
from composite.errors import CompositeError

KEYS = list(THEME_KEYS)


def make_uptake(months: np.ndarray, seen: np.ndarray, start: np.ndarray | None = None) -> pd.DataFrame:
    """A table `uptake` of one country from months until adoption (NaN: none), (agencies, 9)."""
    rows = []
    for agency, (row, known) in enumerate(zip(months, seen, strict=True)):
        first = 0 if start is None else int(start[agency])
        for theme, month in zip(KEYS, row, strict=True):
            adopted = not np.isnan(month)
            at = first + int(month) if adopted else 0
            rows.append(
                {
                    "country": "GB",
                    "agency": f"agency {agency:03d}",
                    "theme": theme,
                    "n_posts": 10,
                    "expected": 1.0,
                    "adopted": adopted,
                    "first_month": f"{2010 + at // 12}-{at % 12 + 1:02d}" if adopted else None,
                    "months": month,
                    "start": f"{2010 + first // 12}-{first % 12 + 1:02d}",
                    "months_seen": int(known),
                    "breadth": int((~np.isnan(row)).sum()),
                    "corpus": None,
                }
            )
    table = pd.DataFrame(rows)
    return table.astype(dict.fromkeys(("country", "agency", "theme", "first_month", "start", "corpus"), "str")).astype(
        {"months": "float64"}
    )


@pytest.fixture(scope="module")
def uptake() -> pd.DataFrame:
    rng = np.random.default_rng(4)
    seen = rng.integers(6, 30, size=40)
    months = rng.integers(0, 40, size=(40, 9)).astype(float)
    months[months >= seen[:, None]] = np.nan
    return make_uptake(months, seen)


def test_curves_are_kaplan_and_meiers_of_statsmodels(uptake: pd.DataFrame) -> None:
    curves = cp.estimate_curves(uptake)
    for theme, part in uptake.groupby("theme"):
        time = np.where(part["adopted"], part["months"] + 1, part["months_seen"])
        theirs = SurvfuncRight(time, part["adopted"].astype(int))
        ours = curves[curves["theme"] == theme].set_index("months")
        expected = pd.Series(1 - theirs.surv_prob, index=theirs.surv_times)
        common = ours.index.intersection(expected.index)
        assert len(common) > 5
        np.testing.assert_allclose(ours.loc[common, "share"], expected[common], atol=1e-12)


def test_curves_begin_at_nought_never_fall_and_lie_in_their_intervals(uptake: pd.DataFrame) -> None:
    curves = cp.estimate_curves(uptake)
    for _, part in curves.groupby(["country", "theme"]):
        assert part["months"].iloc[0] == 0
        assert part["share"].iloc[0] == 0
        assert part["share"].is_monotonic_increasing
    assert (curves["low"] <= curves["share"]).all()
    assert (curves["share"] <= curves["high"]).all()


def test_intervals_of_curves_hold_the_truth_about_as_often_as_they_say() -> None:
    rng = np.random.default_rng(1)
    held = []
    for _ in range(30):
        months = rng.geometric(1 / 12, size=(25, 9)).astype(float) - 1
        seen = rng.integers(10, 30, size=25)
        months[months >= seen[:, None]] = np.nan
        curves = cp.estimate_curves(make_uptake(months, seen)).query("months == 8")
        truth = 1 - (11 / 12) ** 8
        held.append(curves["low"].le(truth) & curves["high"].ge(truth))
    assert 0.9 < pd.concat(held).mean() < 0.99


def test_a_theme_that_always_comes_first_precedes_and_its_mirror_follows(uptake: pd.DataFrame) -> None:
    months = np.tile(np.arange(9, dtype=float), (12, 1))
    table = cp.measure_precedence(make_uptake(months, np.full(12, 20)))
    assert (table["share"] == 1).all()
    assert (table["n_agencies"] == 12).all()
    np.testing.assert_allclose(table["p_value"], 2 * 0.5**12)
    backwards = cp.measure_precedence(make_uptake(months[:, ::-1], np.full(12, 20)))
    assert (backwards["share"] == 0).all()
    assert len(table) == 36


def test_agencies_with_both_themes_in_one_month_are_ties_and_those_with_neither_say_nothing() -> None:
    months = np.full((6, 9), np.nan)
    months[:3, :2] = 4
    months[3, 0] = 2
    row = cp.measure_precedence(make_uptake(months, np.full(6, 20))).iloc[0]
    assert (row["n_ties"], row["n_agencies"], row["share"]) == (3, 1, 1.0)
    last = cp.measure_precedence(make_uptake(months, np.full(6, 20))).iloc[-1]
    assert last["n_agencies"] == 0
    assert np.isnan(last["share"])


@pytest.mark.parametrize("model", ["logistic", "bass"])
def test_s_curves_find_the_parameters_that_made_the_data(model: str) -> None:
    rng = np.random.default_rng(3)
    number = 300
    u = rng.random((number, 9))
    ceiling = 0.8
    with np.errstate(invalid="ignore", divide="ignore"):
        inside = u / ceiling
        if model == "logistic":
            time = 3 + np.log(inside / (1 - inside)) / 2.0
        else:
            p, q = 0.1, 1.2
            time = np.log((1 + q / p * inside) / (1 - inside)) / (p + q)
    months = np.where(inside < 1, np.maximum(np.floor(12 * time), 0), np.nan)
    seen = np.full(number, 84)
    months[months >= 84] = np.nan
    growth = cp.fit_growth(make_uptake(months, seen)).query(f"model == '{model}'")
    truth = {"speed": 2.0, "midpoint": 3.0, "innovation": 0.1, "imitation": 1.2, "ceiling": 0.8}
    truth_of = growth["parameter"].map(truth)
    held = (growth["low"] <= truth_of) & (truth_of <= growth["high"])
    assert held.mean() > 0.85
    assert ((growth["value"] - truth_of).abs() / truth_of).max() < 0.5


def test_the_curve_that_made_the_data_fits_better() -> None:
    rng = np.random.default_rng(8)
    time = 3 + np.log(1 / (1 / rng.random((400, 9)) - 1)) / 4.0
    months = np.maximum(np.floor(12 * time), 0)
    months[months >= 84] = np.nan
    growth = cp.fit_growth(make_uptake(months, np.full(400, 84)))
    aic = growth.groupby(["theme", "model"])["aic"].first().unstack()
    assert (aic["logistic"] < aic["bass"]).all()


def test_a_theme_that_few_agencies_adopted_has_no_curve() -> None:
    months = np.full((12, 9), np.nan)
    months[:4] = 3
    growth = cp.fit_growth(make_uptake(months, np.full(12, 20)))
    assert growth["value"].isna().all()
    assert (growth["n_adopted"] == 4).all()


def test_a_level_that_is_none_is_an_error(uptake: pd.DataFrame) -> None:
    with pytest.raises(CompositeError, match="level=95 is not between 0 and 1"):
        cp.estimate_curves(uptake, level=95)


def test_the_corpus_goes_through_all_of_it(corpus_labels: pd.DataFrame, corpus_codings: pd.DataFrame) -> None:
    uptake = cp.find_uptake(corpus_labels, corpus_codings)
    for table in (cp.estimate_curves(uptake), cp.measure_precedence(uptake), cp.fit_growth(uptake)):
        assert (table["corpus"] == "illustrative").all()
