from __future__ import annotations

import numpy as np
import pandas as pd
import prince
import pytest

import composite as cp
from composite.codebook.themes import THEME_KEYS
from composite.errors import CompositeError

KEYS = list(THEME_KEYS)


def _differ(labels: pd.DataFrame, truth: pd.DataFrame, shares: dict[str, list[float]], seed: int = 0) -> tuple:
    """All posts coded, with the shares of the nine themes given by country."""
    chance = np.array([shares[code] for code in labels["country"]])
    codes = (np.random.default_rng(seed).random((len(labels), 9)) < chance).astype("int64")
    table = pd.DataFrame(codes, columns=KEYS)
    return labels.assign(**table.astype(float)), truth.assign(**table)


@pytest.fixture(scope="module")
def two_camps(make_study) -> tuple[pd.DataFrame, pd.DataFrame]:
    labels, _, truth = make_study(("BE", "NL", "DE", "GB"), agencies=8, posts=30)
    one, two = [0.6, 0.5, 0.1, 0.1, 0.3, 0.3, 0.1, 0.1, 0.2], [0.1, 0.1, 0.6, 0.5, 0.3, 0.1, 0.4, 0.1, 0.2]
    return _differ(labels, truth, {"BE": one, "NL": one, "DE": two, "GB": two})


def test_distances_between_camps_are_larger_than_within(two_camps) -> None:
    table = cp.compare_profiles(*two_camps).set_index(["country", "reference"])
    for pair in (("BE", "NL"), ("DE", "GB")):
        assert table.loc[pair, "low"] == 0
        assert table.loc[pair, "distance"] < 0.06
    for pair in (("BE", "DE"), ("BE", "GB"), ("DE", "NL"), ("NL", "GB")):
        row = table.loc[pair] if pair in table.index else table.loc[pair[::-1]]
        assert row["low"] > 0.15
    assert ((table["low"] <= table["distance"]) & (table["distance"] <= table["high"])).all()


def test_intervals_of_distances_hold_the_true_one_as_often_as_they_say(make_study) -> None:
    labels, _, truth = make_study(("DE", "GB"), agencies=7, posts=25)
    one, two = [0.3] * 9, [0.3, 0.4, 0.5, 0.2, 0.3, 0.3, 0.1, 0.3, 0.3]
    true = float(np.sqrt(np.mean(np.subtract(one, two) ** 2)))
    rows = [
        cp.compare_profiles(*_differ(labels, truth, {"DE": one, "GB": two}, seed), resamples=399).iloc[0]
        for seed in range(40)
    ]
    assert np.mean([row["low"] <= true <= row["high"] for row in rows]) >= 0.92
    assert np.mean([row["distance"] for row in rows]) == pytest.approx(true, abs=0.015)


def test_identical_countries_are_no_distance_apart(make_study) -> None:
    labels, _, truth = make_study(("DE",), agencies=6)
    copy = labels.assign(country="GB", post_id=labels["post_id"] + "b")
    codings = pd.concat([truth, truth.assign(post_id=truth["post_id"] + "b")])
    row = cp.compare_profiles(pd.concat([labels, copy]), codings).iloc[0]
    assert row["distance"] == 0
    assert row["low"] == 0


def test_groups_are_the_camps_and_resamples_form_them_too(two_camps) -> None:
    groups = cp.group_profiles(*two_camps, resamples=199).set_index("members")
    assert set(groups.index) == {"BE NL", "DE GB", "BE DE NL GB"}
    assert (groups["support"] > 0.95).all()
    assert groups.loc["BE DE NL GB", "height"] == groups["height"].max()


def test_the_map_is_princes_with_its_own_signs(two_camps) -> None:
    chart = cp.map_profiles(*two_camps, resamples=199)
    shares = cp.estimate_shares(*two_camps).query("method == 'corrected'")
    wide = shares.pivot(index="country", columns="theme", values="share")
    codes = ["BE", "DE", "NL", "GB"]
    theirs = prince.CA(n_components=2, engine="scipy").fit(wide.loc[codes, KEYS])
    expected = theirs.row_coordinates(wide.loc[codes, KEYS])
    ours = chart[chart["kind"] == "country"].set_index("name").loc[codes]
    np.testing.assert_allclose(ours[["x", "y"]].abs(), expected.abs(), atol=1e-6)
    assert chart["x_inertia"].iloc[0] > 0.8
    assert np.sign(ours["x"]["BE"]) == np.sign(ours["x"]["NL"]) != np.sign(ours["x"]["DE"])
    for axis in "xy":
        assert ((chart[f"{axis}_low"] <= chart[axis]) & (chart[axis] <= chart[f"{axis}_high"])).all()
    themes = chart[chart["kind"] == "theme"]
    assert themes["x"].iloc[themes["x"].abs().argmax()] > 0


@pytest.mark.parametrize("function", [cp.compare_profiles, cp.map_profiles, cp.group_profiles])
def test_the_order_of_rows_changes_nothing_in_profiles(two_camps, function) -> None:
    labels, codings = two_camps
    two = function(labels.sample(frac=1, random_state=1), codings.sample(frac=1, random_state=2), resamples=99)
    pd.testing.assert_frame_equal(function(labels, codings, resamples=99), two)


def test_two_countries_have_no_map_and_no_groups(make_study) -> None:
    labels, codings, _ = make_study()
    with pytest.raises(CompositeError, match="a map needs three countries"):
        cp.map_profiles(labels, codings)
    with pytest.raises(CompositeError, match="groups need three countries, and there are 2"):
        cp.group_profiles(labels, codings)


def test_a_theme_that_is_never_coded_is_not_on_the_map(two_camps) -> None:
    labels, codings = two_camps
    chart = cp.map_profiles(labels.assign(voice=0.0), codings.assign(voice=0), resamples=99)
    assert "voice" not in set(chart["name"])
    assert (chart["kind"] == "theme").sum() == 8
