from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import special

import composite as cp
from composite.codebook.themes import THEME_KEYS
from composite.errors import CompositeError, CompositeWarning

KEYS = list(THEME_KEYS)


def _mix(make_study, seed: int = 0, agencies: int = 10) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Three countries and two kinds of account; officers show the human side more, and are more common in Britain."""
    labels, codings, truth = make_study(("DE", "GB", "NL"), agencies=agencies, posts=40, coded=0.5, seed=seed)
    rng = np.random.default_rng(1000 + seed)
    officer = rng.random(len(labels)) < np.where(labels["country"] == "GB", 0.6, 0.25)
    labels["kind"] = pd.Series(np.where(officer, "officer", "corporate"), dtype="str")
    chance = special.expit(-1.5 + 1.4 * officer)
    truth["human_side"] = (rng.random(len(labels)) < chance).astype("int64")
    labels["human_side"] = np.clip(0.3 + 0.3 * truth["human_side"] + rng.normal(0, 0.15, len(labels)), 0.01, 0.99)
    kept = truth[truth["post_id"].isin(codings["post_id"])].assign(sampling_probability=0.5)
    return labels, kept, truth


@pytest.fixture(scope="module")
def mixed(make_study) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    return _mix(make_study)


def test_with_all_posts_coded_effects_are_those_of_statsmodels_gee_on_the_codes(mixed) -> None:
    labels, _, truth = mixed
    effects = cp.explain_themes(labels, truth).set_index(["theme", "factor", "value"])["effect"]
    utc = labels["published"]
    time = (12 * utc.dt.year + utc.dt.month) / 12
    design = pd.DataFrame({"one": 1.0, "officer": (labels["kind"] == "officer").astype(float)})
    for code in ("GB", "NL"):
        design[code] = (labels["country"] == code).astype(float)
    design["time"] = time - time.mean()
    agency = labels["country"] + labels["agency"]
    for theme in ("human_side", "voice"):
        fit = sm.GEE(truth[theme], design, groups=agency, family=sm.families.Binomial()).fit()
        one, two = (fit.predict(design.assign(officer=value)).mean() for value in (1.0, 0.0))
        reference = "officer" if (labels["kind"] == "officer").mean() > 0.5 else "corporate"
        assert reference == "corporate"
        assert effects[theme, "kind", "officer"] == pytest.approx(one - two, abs=2e-3)
        chance = fit.predict(design)
        slope = (fit.params["time"] * chance * (1 - chance)).mean()
        assert effects[theme, "time", "year"] == pytest.approx(slope, abs=2e-3)
        british = fit.predict(design.assign(GB=1.0, NL=0.0)).mean()
        others = [fit.predict(design.assign(GB=0.0, NL=value)).mean() for value in (0.0, 1.0)]
        assert effects[theme, "country", "GB"] == pytest.approx(british - np.mean(others), abs=2e-3)


def test_what_the_kind_of_account_explains_is_not_laid_on_the_country(mixed) -> None:
    labels, codings, _ = mixed
    effects = cp.explain_themes(labels, codings).set_index(["theme", "factor", "value"])
    officer = effects.loc[("human_side", "kind", "officer")]
    assert officer["low"] > 0.1
    assert officer["p_adjusted"] < 0.05
    british = effects.loc[("human_side", "country", "GB")]
    gap = cp.compare_countries(labels, codings, against="others").set_index(["theme", "country"])["difference"]
    # officers are 35 points more common there, and have the theme 29 points more often
    assert gap["human_side", "GB"] - british["effect"] == pytest.approx(0.35 * 0.29, abs=0.03)


def test_intervals_hold_the_true_effect_about_as_often_as_they_say_and_naive_effects_shrink(make_study) -> None:
    rows, naive = [], []
    for seed in range(8):
        labels, codings, _ = _mix(make_study, seed)
        officer = (labels["kind"] == "officer").to_numpy()
        true = special.expit(-0.1) - special.expit(-1.5)
        table = cp.explain_themes(labels, codings).query("theme == 'human_side' and factor == 'kind'").iloc[0]
        rows.append((table["effect"], table["low"] <= true <= table["high"]))
        naive.append(cp.explain_themes(labels).query("theme == 'human_side' and factor == 'kind'")["effect"].iloc[0])
        assert officer.any()
    found = np.array(rows)
    assert found[:, 0].mean() == pytest.approx(true, abs=0.03)
    assert found[:, 1].mean() >= 0.75
    assert np.mean(naive) < true - 0.05


def test_effects_of_countries_add_up_to_nought_and_rows_lie_in_their_intervals(mixed) -> None:
    labels, codings, _ = mixed
    table = cp.explain_themes(labels, codings)
    assert table[table["factor"] == "country"].groupby("theme")["effect"].sum().abs().max() < 1e-9
    assert ((table["low"] <= table["effect"]) & (table["effect"] <= table["high"])).all()
    assert len(table) == 9 * (1 + 3 + 1)


def test_a_theme_that_one_country_never_shows_has_finite_effects(mixed) -> None:
    labels, _, truth = mixed
    truth = truth.assign(voice=truth["voice"].where(labels["country"] != "NL", 0))
    row = cp.explain_themes(labels, truth).set_index(["theme", "value"]).loc[("voice", "NL")]
    assert -0.5 < row["effect"] < -0.1
    assert np.isfinite(row[["low", "high"]].astype(float)).all()


def test_the_order_of_rows_changes_nothing_in_effects(mixed) -> None:
    labels, codings, _ = mixed
    two = cp.explain_themes(labels.sample(frac=1, random_state=1), codings.sample(frac=1, random_state=2))
    pd.testing.assert_frame_equal(cp.explain_themes(labels, codings), two)


def test_posts_without_a_kind_are_left_out_with_a_warning(mixed) -> None:
    labels, codings, _ = mixed
    some = labels.assign(kind=labels["kind"].where(labels.index % 10 > 0))
    with pytest.warns(CompositeWarning, match="120 posts without 'kind' left out"):
        table = cp.explain_themes(some, codings)
    assert (table["n_posts"] == len(labels) - 120).all()


def test_without_kinds_countries_and_time_remain(mixed) -> None:
    labels, codings, _ = mixed
    table = cp.explain_themes(labels.assign(kind=pd.Series([None] * len(labels), dtype="str")), codings)
    assert set(table["factor"]) == {"country", "time"}


def test_where_nothing_differs_nothing_can_be_explained(make_study) -> None:
    labels, codings, _ = make_study(("DE",))
    alike = labels.assign(published=labels["published"].min())
    with pytest.raises(CompositeError, match="nothing could explain a difference"):
        cp.explain_themes(alike, codings)
