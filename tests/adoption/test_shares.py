from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ppi_py import ppi_mean_ci, ppi_mean_pointestimate
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

import composite as cp
from composite.adoption.estimates import Estimate, estimate_group
from composite.adoption.pseudo import make_outcomes
from composite.adoption.shares import find_interval
from composite.codebook.themes import THEME_KEYS
from composite.errors import CompositeError, CompositeWarning

KEYS = list(THEME_KEYS)
QUICK = settings(
    deadline=None, derandomize=True, max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
NUMBERS = ["share", "low", "high", "se", "df"]


def _of(table: pd.DataFrame, method: str) -> pd.DataFrame:
    return table[table["method"] == method].reset_index(drop=True)


@pytest.fixture(scope="module")
def uneven(make_study) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Agencies of 3 to 27 posts, coded with unequal probabilities; one of them has no coded post."""
    labels, _, truth = make_study(agencies=7, posts=15, seed=8)
    rng = np.random.default_rng(8)
    sizes = [27, 22, 18, 16, 11, 8, 3]
    labels["agency"] = [f"agency {i}" for _ in range(2) for i in rng.permutation(np.repeat(range(7), sizes))]
    chance = np.where(labels["voice"] > 0.5, 0.7, 0.3)
    drawn = (rng.random(len(labels)) < chance) & (labels["agency"] != "agency 5").to_numpy()
    return labels, truth.assign(sampling_probability=chance)[drawn]


# laws


@QUICK
@given(seed=st.integers(0, 10_000))
def test_the_order_of_rows_changes_no_bit(uneven, seed: int) -> None:
    labels, codings = uneven
    two = cp.estimate_shares(labels.sample(frac=1, random_state=seed), codings.sample(frac=1, random_state=seed + 1))
    pd.testing.assert_frame_equal(cp.estimate_shares(labels, codings), two, check_exact=True)


@QUICK
@given(
    seed=st.integers(0, 10_000),
    agencies=st.integers(1, 7),
    posts=st.integers(1, 8),
    coded=st.floats(0.05, 1),
    share=st.sampled_from([0.0, 0.03, 0.4, 1.0]),
    level=st.sampled_from([0.5, 0.9, 0.99]),
)
def test_shares_lie_in_their_intervals_and_all_within_0_and_1(
    make_study, seed: int, agencies: int, posts: int, coded: float, share: float, level: float
) -> None:
    labels, codings, _ = make_study(agencies=agencies, posts=posts, coded=coded, share=share, seed=seed)
    labels[KEYS] = np.random.default_rng(seed).random((len(labels), 9))
    table = cp.estimate_shares(labels, codings, level=level)
    known = table.dropna(subset=["low"])
    assert ((known["low"] >= 0) & (known["low"] <= known["share"])).all()
    assert ((known["share"] <= known["high"]) & (known["high"] <= 1)).all()
    assert (table["low"].isna() == (table["inference"] == "descriptive")).all()
    assert (table["low"].isna() == table["high"].isna()).all()


@pytest.mark.parametrize("agencies", [3, 7])
def test_a_higher_level_gives_a_wider_interval_around_the_same_share(make_study, agencies: int) -> None:
    labels, codings, _ = make_study(agencies=agencies)
    narrow, wide = (cp.estimate_shares(labels, codings, level=level) for level in (0.8, 0.99))
    pd.testing.assert_series_equal(narrow["share"], wide["share"])
    assert (wide["high"] - wide["low"] > narrow["high"] - narrow["low"]).all()
    assert (wide["low"] <= narrow["low"]).all()
    assert (wide["high"] >= narrow["high"]).all()


def test_names_of_agencies_and_posts_do_not_matter(uneven) -> None:
    labels, codings = uneven
    new = {old: f"q{hash_}" for hash_, old in enumerate(labels["post_id"].sample(frac=1, random_state=2))}
    renamed = labels.assign(
        post_id=labels["post_id"].map(new).astype("str"),
        agency=labels["agency"].map(lambda name: f"{9 - int(name[-1])} renamed").astype("str"),
    )
    table = cp.estimate_shares(renamed, codings.assign(post_id=codings["post_id"].map(new).astype("str")))
    pd.testing.assert_frame_equal(table, cp.estimate_shares(labels, codings), rtol=1e-10)


def test_swapping_two_countries_swaps_their_rows(uneven) -> None:
    labels, codings = uneven
    swapped = labels.assign(country=labels["country"].map({"DE": "GB", "GB": "DE"}).astype("str"))
    one, two = cp.estimate_shares(labels, codings), cp.estimate_shares(swapped, codings)
    for code, other in (("DE", "GB"), ("GB", "DE")):
        left = one[one["country"] == code].drop(columns="country").reset_index(drop=True)
        right = two[two["country"] == other].drop(columns="country").reset_index(drop=True)
        pd.testing.assert_frame_equal(left, right)
    assert (
        not one[one["country"] == "DE"]["share"]
        .reset_index(drop=True)
        .equals(one[one["country"] == "GB"]["share"].reset_index(drop=True))
    )


def test_a_country_is_estimated_from_its_own_posts_only(uneven) -> None:
    labels, codings = uneven
    alone = labels[labels["country"] == "DE"]
    table = cp.estimate_shares(alone, codings[codings["post_id"].isin(alone["post_id"])])
    both = cp.estimate_shares(labels, codings).query("country == 'DE'").reset_index(drop=True)
    pd.testing.assert_frame_equal(table, both)


def test_agencies_of_one_name_in_two_countries_are_two_agencies(make_study) -> None:
    labels, codings, _ = make_study(("DE", "GB"), agencies=3)
    labels["period"] = "all"
    one = cp.estimate_shares(labels, codings, by="period")
    assert (one["n_agencies"] == 6).all()
    assert (one["inference"] == "agencies").all()
    distinct = labels.assign(agency=labels["country"] + labels["agency"])
    pd.testing.assert_frame_equal(one, cp.estimate_shares(distinct, codings, by="period"))


def test_inputs_are_left_as_they_were(uneven) -> None:
    before = [frame.copy() for frame in uneven]
    cp.estimate_shares(*uneven)
    for frame, copy in zip(uneven, before, strict=True):
        pd.testing.assert_frame_equal(frame, copy)


# known truth


def test_the_three_estimates_of_a_tiny_example_are_those_worked_out_by_hand(make_study) -> None:
    labels, _, truth = make_study(("DE",), agencies=1, posts=4)
    labels["voice"] = [0.9, 0.6, 0.2, 0.1]
    truth["voice"] = [1, 0, 1, 0]
    codings = truth.assign(sampling_probability=[0.5, 0.8, 1.0, 1.0]).iloc[:2]
    table = cp.estimate_shares(labels, codings).query("theme == 'voice'").set_index("method")["share"]
    assert table["naive"] == pytest.approx(2 / 4)
    # weights of the coded posts are 1 / 0.5 = 2 and 1 / 0.8 = 1.25
    assert table["coded"] == pytest.approx(2 / (2 + 1.25))
    # the slope of codes on probabilities, 1 / 0.3, is held to 1; coded posts have higher probabilities than all, 0.45
    assert table["corrected"] == pytest.approx(2 / 3.25 + 1 * (0.45 - (2 * 0.9 + 1.25 * 0.6) / 3.25))


@QUICK
@given(seed=st.integers(0, 10_000))
def test_with_all_posts_coded_the_corrected_share_is_the_truth_whatever_the_labels(make_study, seed: int) -> None:
    labels, _, truth = make_study(agencies=5, posts=4, seed=seed)
    labels[KEYS] = np.random.default_rng(seed).random((len(labels), 9))
    table = cp.estimate_shares(labels, truth)
    expected = truth[KEYS].groupby(labels["country"]).mean().to_numpy().ravel()
    for method in ("coded", "corrected"):
        np.testing.assert_allclose(_of(table, method)["share"], expected, atol=1e-12)
    np.testing.assert_allclose(_of(table, "coded")["se"], _of(table, "corrected")["se"], atol=1e-12)


def test_with_perfect_labels_the_corrected_share_is_the_mean_of_the_labels(make_study) -> None:
    labels, codings, truth = make_study(coded=0.2)
    labels[KEYS] = truth[KEYS].astype(float)
    table = cp.estimate_shares(labels, codings)
    expected = truth[KEYS].groupby(labels["country"]).mean().to_numpy().ravel()
    np.testing.assert_allclose(_of(table, "corrected")["share"], expected, atol=1e-12)
    np.testing.assert_allclose(_of(table, "naive")["share"], expected, atol=1e-12)
    assert not np.allclose(_of(table, "coded")["share"], expected, atol=0.01)


@pytest.fixture(scope="module")
def terrible(make_study) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Labels that say nearly the opposite of the truth, and the codes of all posts."""
    labels, _, truth = make_study(("DE",), agencies=6, posts=50, share=0.25, seed=11)
    noise = np.random.default_rng(11).uniform(0, 0.3, size=(len(labels), 9))
    labels[KEYS] = np.where(truth[KEYS] == 1, 0.1 + noise, 0.9 - noise)
    return labels, truth


def _sample_again(labels: pd.DataFrame, truth: pd.DataFrame, chance: np.ndarray, repeats: int) -> np.ndarray:
    """Estimated less true shares, (repeats, 9), over samples in which every post is drawn with its chance."""
    rng = np.random.default_rng(5)
    codings = truth.assign(sampling_probability=chance)
    errors = []
    for _ in range(repeats):
        outcomes = make_outcomes(labels, codings[rng.random(len(codings)) < chance])
        estimate = estimate_group(outcomes, np.arange(len(labels)), labels["agency"].to_numpy(), "corrected")
        errors.append(estimate.share - truth[KEYS].mean().to_numpy())
    return np.array(errors)


@pytest.mark.parametrize("design", ["equal", "unequal"])
def test_the_corrected_share_of_a_terrible_classifier_is_unbiased_over_samples(terrible, design: str) -> None:
    labels, truth = terrible
    # rare posts are coded more often: a design that tells on the outcome, as stratifying by label does
    chance = np.full(len(labels), 0.4) if design == "equal" else np.where(truth["voice"] == 1, 0.8, 0.25)
    errors = _sample_again(labels, truth, chance, 150)
    z = errors.mean(axis=0) / (errors.std(axis=0, ddof=1) / np.sqrt(len(errors)))
    assert np.abs(z).max() < 4
    assert np.abs(errors.mean(axis=0)).max() < 0.02


def test_the_naive_share_of_a_terrible_classifier_is_wrong_by_far(terrible) -> None:
    labels, truth = terrible
    naive = cp.estimate_shares(labels)["share"].to_numpy()
    assert np.abs(naive - truth[KEYS].mean().to_numpy()).min() > 0.25


def test_forgetting_unequal_probabilities_would_bias_the_share(terrible) -> None:
    labels, truth = terrible
    chance = np.where(truth["voice"] == 1, 0.8, 0.25)
    drawn = np.random.default_rng(2).random(len(labels)) < chance
    true = truth["voice"].mean()
    for probability, close in ((chance[drawn], True), (chance.mean(), False)):
        codings = truth[drawn].assign(sampling_probability=probability)
        table = cp.estimate_shares(labels, codings).query("theme == 'voice' and method == 'coded'")
        assert (abs(table["share"].iloc[0] - true) < 0.1) == close


def test_a_constant_bias_of_the_labels_moves_the_naive_share_and_not_the_corrected_one(make_study) -> None:
    labels, codings, _ = make_study(posts=40, coded=0.5)
    labels[KEYS] = labels[KEYS].clip(upper=0.75)
    biased = labels.assign(**{key: labels[key] + 0.25 for key in KEYS})
    one, two = cp.estimate_shares(labels, codings), cp.estimate_shares(biased, codings)
    moved = (_of(two, "corrected")["share"] - _of(one, "corrected")["share"]).abs()
    # the sample was drawn over both countries, so a country's weights do not add up to its posts exactly
    assert moved.max() < 0.25 * 0.15
    assert (_of(two, "naive")["share"] - _of(one, "naive")["share"]).min() > 0.2


# outside references and explicit loops


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leaves out the variance that strata with codes that are all alike add to the one that the codes show."""
    monkeypatch.setattr("composite.adoption.estimates.Alike.find_variance", lambda self: np.zeros(9))


@pytest.mark.usefixtures("shown")
@pytest.mark.parametrize("method", ["naive", "coded", "corrected"])
def test_the_standard_error_is_that_of_a_loop_that_leaves_out_one_agency_at_a_time(uneven, method: str) -> None:
    labels, codings = uneven
    table = _of(cp.estimate_shares(labels, codings), method).query("country == 'DE'")
    country = labels[labels["country"] == "DE"]
    shares = []
    for agency in country["agency"].unique():
        rest = country[country["agency"] != agency]
        kept = codings[codings["post_id"].isin(rest["post_id"])]
        if method == "coded" and len(kept) == codings["post_id"].isin(country["post_id"]).sum():
            continue  # this agency has no coded posts: it says nothing to a mean of coded posts
        shares.append(_of(cp.estimate_shares(rest, kept), method)["share"].to_numpy())
    number = len(shares)
    assert number == (6 if method == "coded" else 7)
    expected = np.sqrt((number - 1) / number * ((np.array(shares) - table["share"].to_numpy()) ** 2).sum(axis=0))
    np.testing.assert_allclose(table["se"], expected, atol=1e-10)


@pytest.mark.usefixtures("shown")
def test_the_coded_share_is_a_regression_on_a_constant_refitted_without_each_agency(uneven) -> None:
    labels, codings = uneven
    outcomes = make_outcomes(labels, codings)
    rows = np.flatnonzero(outcomes.posts["country"] == "GB")
    agencies = outcomes.posts["agency"].to_numpy()[rows]
    estimate = estimate_group(outcomes, rows, agencies, "coded")
    weight = outcomes.weight[rows]
    used = weight > 0
    groups = agencies[used]
    for theme in range(9):
        values = outcomes.coded[rows, theme][used] / weight[used]
        fit = sm.WLS(values, np.ones(len(values)), weights=weight[used]).fit()
        refits = [
            sm.WLS(values[groups != g], np.ones((groups != g).sum()), weights=weight[used][groups != g]).fit().params[0]
            for g in np.unique(groups)
        ]
        number = len(refits)
        se = np.sqrt((number - 1) / number * ((np.array(refits) - fit.params[0]) ** 2).sum())
        assert estimate.share[theme] == pytest.approx(fit.params[0], abs=1e-10)
        assert estimate.se[theme] == pytest.approx(se, abs=1e-10)


def test_the_corrected_share_is_statsmodels_regression_of_codes_on_probabilities_at_their_mean(make_study) -> None:
    labels, _, truth = make_study(("DE",), agencies=6, posts=50)
    drawn = np.sort(np.random.default_rng(1).choice(len(labels), 120, replace=False))
    codings = truth.iloc[drawn].assign(sampling_probability=120 / len(labels))
    # probabilities with a slope below 1, so that no bound is met
    labels[KEYS] = 0.02 + 0.88 * truth[KEYS] + np.random.default_rng(2).uniform(0, 0.1, (len(labels), 9))
    labels[KEYS] = np.where(np.random.default_rng(3).random((len(labels), 9)) < 0.1, 1 - labels[KEYS], labels[KEYS])
    table = _of(cp.estimate_shares(labels, codings), "corrected").set_index("theme")
    for theme in KEYS:
        fit = sm.OLS(truth.loc[drawn, theme], sm.add_constant(labels.loc[drawn, theme])).fit()
        assert 0 < fit.params[theme] < 1
        assert table.loc[theme, "tuning"] == pytest.approx(fit.params[theme], abs=1e-9)
        at_mean = fit.predict([1, labels[theme].mean()])[0]
        assert table.loc[theme, "share"] == pytest.approx(at_mean, abs=1e-9)


def test_the_corrected_share_and_its_error_are_those_of_ppi_python_where_its_assumptions_hold(make_study) -> None:
    labels, _, truth = make_study(("DE",), agencies=1, posts=400)
    # the posts that are coded have the probabilities of those that are not, so that each half has the same mean
    labels.loc[200:, KEYS] = labels.loc[:199, KEYS].to_numpy()
    codings = truth.iloc[:200].assign(sampling_probability=0.5)
    table = _of(cp.estimate_shares(labels, codings), "corrected").set_index("theme")
    outcomes = make_outcomes(labels, codings)
    for place, theme in enumerate(KEYS):
        tuning = table.loc[theme, "tuning"]
        y, p, rest = truth[theme][:200].to_numpy(), labels[theme][:200].to_numpy(), labels[theme][200:].to_numpy()
        # ppi-python leaves coded posts out of the mean of probabilities, so its weight is smaller in that proportion
        lam = tuning * len(rest) / len(labels)
        theirs = ppi_mean_pointestimate(y, p, rest, lam=lam)[0]
        assert table.loc[theme, "share"] == pytest.approx(theirs, abs=1e-6)
        low, high = (float(end[0]) for end in ppi_mean_ci(y, p, rest, lam=lam, alpha=0.05))
        error = y - tuning * p
        score = (tuning * (outcomes.chances[:, place] - p.mean())) / len(labels)
        score[:200] += (error - error.mean()) / 200
        assert np.sqrt((score**2).sum()) == pytest.approx((high - low) / 2 / stats.norm.ppf(0.975), abs=1e-6)
        # the jackknife also counts that the weight was estimated
        assert table.loc[theme, "se"] == pytest.approx(np.sqrt((score**2).sum()), rel=0.02)


def test_with_agencies_of_equal_size_the_standard_error_is_that_of_the_mean_of_agency_means(make_study) -> None:
    labels, _, truth = make_study(("DE",), agencies=8, posts=10)
    table = cp.estimate_shares(labels, truth)
    means = truth[KEYS].groupby(labels["agency"]).mean()
    expected = means.std(ddof=1) / np.sqrt(8)
    for method in ("coded", "corrected"):
        np.testing.assert_allclose(_of(table, method)["se"], expected, atol=1e-12)
        np.testing.assert_allclose(_of(table, method)["df"], 7)


def test_degrees_of_freedom_are_bell_and_mccaffreys_from_the_quadratic_form_of_the_jackknife(uneven) -> None:
    labels, codings = uneven
    table = cp.estimate_shares(labels, codings).query("country == 'DE' and theme == 'voice'").set_index("method")
    sizes = labels[labels["country"] == "DE"]["agency"].value_counts().to_numpy(dtype=float)
    assert table.loc["naive", "effective_agencies"] == pytest.approx(sizes.sum() ** 2 / (sizes**2).sum())
    # agencies' totals have variances n; without agency g the mean moves by (n_g mean − total_g) / (N − n_g)
    number = len(sizes)
    moves = (np.outer(sizes, np.ones(number)) / sizes.sum() - np.eye(number)) / (sizes.sum() - sizes)[:, None]
    eigenvalues = np.linalg.eigvals(moves @ np.diag(sizes) @ moves.T).real
    assert table.loc["naive", "df"] == pytest.approx(eigenvalues.sum() ** 2 / (eigenvalues**2).sum())
    coded = codings.merge(labels[["post_id", "agency", "country"]], on="post_id").query("country == 'DE'")
    weights = (1 / coded["sampling_probability"]).groupby(coded["agency"]).sum()
    for method in ("coded", "corrected"):
        assert table.loc[method, "effective_agencies"] == pytest.approx(weights.sum() ** 2 / (weights**2).sum())
        assert 1 < table.loc[method, "df"] < len(weights) - 1


def test_where_one_agency_outweighs_all_others_there_is_one_degree_of_freedom(make_study) -> None:
    labels, _, truth = make_study(("DE",), agencies=1, posts=200)
    labels["agency"] = ["large"] * 195 + [f"small {i}" for i in range(5)]
    table = cp.estimate_shares(labels, truth)
    assert table["df"].between(1, 1.01).all()


def test_a_useless_classifier_has_no_weight_and_a_good_one_has_all(make_study) -> None:
    labels, codings, truth = make_study(("DE",), agencies=6, posts=60)
    opposite = labels.assign(**{key: 1 - labels[key] for key in KEYS})
    coded, corrected = (_of(cp.estimate_shares(opposite, codings), method) for method in ("coded", "corrected"))
    assert (corrected["tuning"] == 0).all()
    np.testing.assert_allclose(corrected[["share", "se"]], coded[["share", "se"]], atol=1e-12)
    perfect = labels.assign(**{key: truth[key].astype(float) for key in KEYS})
    assert _of(cp.estimate_shares(perfect, codings), "corrected")["tuning"].to_numpy() == pytest.approx(1)


@QUICK
@given(seed=st.integers(0, 10_000), noise=st.sampled_from([0.05, 0.3, 1.0]))
def test_the_corrected_share_is_no_less_precise_than_the_coded_one_beyond_chance(make_study, seed, noise) -> None:
    labels, codings, _ = make_study(("DE", "GB"), agencies=8, posts=40, coded=0.4, seed=seed)
    labels[KEYS] = np.clip(labels[KEYS] + np.random.default_rng(seed).normal(0, noise, (len(labels), 9)), 0, 1)
    table = cp.estimate_shares(labels, codings)
    ratio = _of(table, "corrected")["se"] / _of(table, "coded")["se"]
    assert ratio.mean() < 1.03


def test_strata_of_the_sample_tune_within_and_not_between_them(make_study) -> None:
    labels, _, truth = make_study(("DE",), agencies=6, posts=50)
    # between strata codes go with probabilities, and within them they do not
    high = np.arange(len(labels)) % 2 == 0
    rng = np.random.default_rng(0)
    labels[KEYS] = np.where(high, 0.7, 0.1)[:, None] + rng.uniform(0, 0.2, (len(labels), 9))
    truth[KEYS] = (rng.random((len(labels), 9)) < np.where(high, 0.7, 0.1)[:, None]).astype("int64")
    drawn = np.sort(np.concatenate([rng.choice(np.flatnonzero(high == side), 60, replace=False) for side in (0, 1)]))
    codings = truth.iloc[drawn].assign(sampling_probability=0.4)
    blind = _of(cp.estimate_shares(labels, codings), "corrected")
    seeing = _of(cp.estimate_shares(labels, codings.assign(stratum=np.where(high[drawn], "h", "l"))), "corrected")
    assert blind["tuning"].min() > 0.5
    assert seeing["tuning"].mean() < 0.5
    np.testing.assert_allclose(blind["share"], seeing["share"], atol=0.02)


def _estimate(
    share: float, se: float, *, df: float = 1e9, n: int = 40, size: float = 40.0, alike: bool = False
) -> Estimate:
    return Estimate(np.array([share]), np.array([se]), df, n, np.array([1 / size]), np.array([alike]), "agencies")


@pytest.mark.parametrize("n", [12, 60, 500])
@pytest.mark.parametrize("count", [0.0, 0.25, 0.5, 1.0])
@pytest.mark.parametrize("level", [0.8, 0.95])
def test_where_posts_are_independent_and_many_the_interval_is_wilsons(n: int, count: float, level: float) -> None:
    share = round(count * n) / n
    se = np.sqrt(share * (1 - share) / n)
    found = find_interval(_estimate(share, se, n=n, size=float(n), alike=share in (0, 1)), level)
    expected = proportion_confint(round(count * n), n, alpha=1 - level, method="wilson")
    np.testing.assert_allclose(np.array(found).ravel(), expected, atol=1e-6)


def test_independent_posts_of_one_agency_have_wilsons_interval_with_a_t_quantile(make_study) -> None:
    labels, _, truth = make_study(("DE",), agencies=1, posts=200)
    table = _of(cp.estimate_shares(labels, truth), "coded")
    # alpha at which the normal quantile is the t quantile on 199 degrees of freedom
    alpha = 2 * stats.norm.sf(stats.t.ppf(0.975, 199))
    low, high = proportion_confint(truth[KEYS].sum().to_numpy(), 200, alpha=alpha, method="wilson")
    # a variance estimated from 200 posts has divisor 199, Wilson's has 200
    np.testing.assert_allclose(table["low"], low, atol=2e-4)
    np.testing.assert_allclose(table["high"], high, atol=2e-4)


# intervals at the edge


@pytest.mark.parametrize("share", [0.0, 1.0])
@pytest.mark.parametrize("se", [0.0, 0.05])
def test_a_share_at_a_bound_has_wilsons_interval_for_the_effective_number_of_its_posts(share: float, se: float) -> None:
    low, high = (float(end[0]) for end in find_interval(_estimate(share, se, size=30.0, alike=True), 0.95))
    expected = proportion_confint(round(30 * share), 30, method="wilson")
    wald = stats.norm.ppf(0.975) * se
    assert low == pytest.approx(min(expected[0], share - wald) if share else 0, abs=1e-6)
    assert high == pytest.approx(1 if share else max(expected[1], wald), abs=1e-6)


@pytest.mark.parametrize("beyond", [0.01, 0.04, 0.3])
def test_the_interval_of_a_share_beyond_0_or_1_also_reaches_share_plus_or_minus_t_se(beyond: float) -> None:
    t = stats.norm.ppf(0.975)
    for se in (0.001, 0.1, 0.25):
        low, high = (float(end[0]) for end in find_interval(_estimate(-beyond, se, size=50.0), 0.95))
        assert low == 0
        assert high >= min(1, -beyond + t * se) - 1e-9
        mirrored = find_interval(_estimate(1 + beyond, se, size=50.0), 0.95)
        assert float(mirrored[1][0]) == 1
        assert float(mirrored[0][0]) == pytest.approx(1 - high, abs=1e-9)


@pytest.mark.parametrize("share", [0.0001, 0.004, 0.02, 0.1])
@pytest.mark.parametrize("se", [0.005, 0.02])
def test_near_0_the_interval_changes_little_with_the_share_and_does_not_run_away(share: float, se: float) -> None:
    ends = [np.array(find_interval(_estimate(s, se, size=150.0), 0.95)).ravel() for s in (share, share + 1e-4)]
    np.testing.assert_allclose(ends[0], ends[1], atol=2e-3)
    t = stats.norm.ppf(0.975)
    assert share + t * se <= ends[0][1] + 1e-9 <= share + 2 * t * se + t**2 / 150


def test_codes_that_are_all_alike_make_no_estimate_certain_whatever_the_labels_say(make_study) -> None:
    labels, _, truth = make_study(("DE",), agencies=6, posts=50)
    truth["voice"], truth["efficiency"] = 0, 1
    labels["voice"], labels["efficiency"] = 1e-6, 1 - 1e-6
    codings = truth.iloc[::5].assign(sampling_probability=0.2)
    table = cp.estimate_shares(labels, codings).set_index(["theme", "method"])
    rule_of_three = 3 / len(codings)
    for method in ("coded", "corrected"):
        assert table.loc[("voice", method), "high"] > rule_of_three
        assert table.loc[("efficiency", method), "low"] < 1 - rule_of_three
        assert table.loc[("voice", method), "se"] > 1 / (len(codings) + 2) / 2


@pytest.mark.parametrize("share", [0.03, 0.3, 0.5])
def test_intervals_of_a_share_and_of_its_complement_mirror_each_other(share: float) -> None:
    low, high = find_interval(_estimate(share, 0.02, df=4.0), 0.9)
    mirrored = find_interval(_estimate(1 - share, 0.02, df=4.0), 0.9)
    np.testing.assert_allclose([1 - high, 1 - low], mirrored, atol=1e-12)


def test_a_corrected_share_below_nought_is_shown_as_nought_with_an_interval_above_it(make_study) -> None:
    labels, _, truth = make_study(("DE",), agencies=6, posts=20, share=0.0)
    rng = np.random.default_rng(0)
    labels[KEYS] = rng.uniform(0, 0.3, (len(labels), 9))
    labels["voice"] = np.where(np.arange(len(labels)) % 2 == 0, 0.4, 0.0)
    codings = truth.iloc[::2].assign(sampling_probability=0.4)
    row = cp.estimate_shares(labels, codings).query("theme == 'voice' and method == 'corrected'").iloc[0]
    # mean of p is 0.2, and 60 surprises of −0.4 weighted by 2.5 take 0.5 off it
    assert row["share"] == 0
    assert row["low"] == 0
    assert 0 < row["high"] < 1


def test_a_theme_that_no_post_has_is_bounded_from_above_by_the_number_of_posts(make_study) -> None:
    labels, _, truth = make_study(("DE",), agencies=6, posts=10, share=0.0)
    table = _of(cp.estimate_shares(labels, truth), "coded")
    assert (table["share"] == 0).all()
    np.testing.assert_allclose(table["se"], np.sqrt(61 / 62**2 / 60))  # that of the share 1/62 of 60 posts
    t = stats.t.ppf(0.975, 5)
    np.testing.assert_allclose(table["high"], t**2 / (60 + t**2), atol=1e-9)


# what the intervals speak for


@pytest.mark.parametrize(
    ("agencies", "inference"), [(1, "posts"), (2, "posts"), (4, "posts"), (5, "agencies"), (6, "agencies")]
)
def test_five_coded_agencies_are_needed_to_speak_of_agencies(make_study, agencies: int, inference: str) -> None:
    labels, _, truth = make_study(agencies=agencies, posts=6)
    table = cp.estimate_shares(labels, truth)
    assert (table["inference"] == inference).all()
    assert table["low"].notna().all()


def test_agencies_without_coded_posts_do_not_count_towards_the_five(make_study) -> None:
    labels, _, truth = make_study(("DE",), agencies=6, posts=6)
    codings = truth[labels["agency"].isin([f"agency {i}" for i in range(4)])].assign(sampling_probability=24 / 36)
    table = cp.estimate_shares(labels, codings)
    assert (_of(table, "naive")["inference"] == "agencies").all()
    for method in ("coded", "corrected"):
        assert (_of(table, method)["inference"] == "posts").all()
    assert (table["n_agencies"] == 6).all()


def test_without_coded_posts_a_country_has_no_corrected_share_and_no_interval(make_study) -> None:
    labels, codings, _ = make_study()
    codings = codings[codings["post_id"].isin(labels.loc[labels["country"] == "DE", "post_id"])]
    table = cp.estimate_shares(labels, codings).query("country == 'GB'")
    for method in ("coded", "corrected"):
        rows = _of(table, method)
        assert rows[NUMBERS].isna().all(axis=None)
        assert (rows["inference"] == "descriptive").all()
    assert (table["n_coded"] == 0).all()
    assert _of(table, "naive")[NUMBERS].notna().all(axis=None)


def test_one_coded_post_gives_a_share_and_no_interval(make_study) -> None:
    labels, codings, _ = make_study(("DE",))
    table = cp.estimate_shares(labels, codings.iloc[:1].assign(sampling_probability=1 / len(labels)))
    rows = _of(table, "coded")
    np.testing.assert_array_equal(rows["share"], codings[KEYS].iloc[0])
    assert rows[["low", "high", "se", "df"]].isna().all(axis=None)
    assert (rows["inference"] == "descriptive").all()


def test_without_codings_there_are_only_naive_rows(make_study) -> None:
    labels, _, _ = make_study()
    table = cp.estimate_shares(labels)
    assert (table["method"] == "naive").all()
    assert len(table) == 2 * 9
    assert (table["n_coded"] == 0).all()


# groups


@pytest.fixture(scope="module")
def described(make_study) -> tuple[pd.DataFrame, pd.DataFrame]:
    labels, codings, _ = make_study(("DE", "GB"), agencies=5, posts=24)
    labels["kind"] = pd.Series(np.resize(["corporate", "officer"], len(labels)), dtype="str")
    labels["language"] = pd.Series(np.resize(["de", "en", "fr"], len(labels)), dtype="str")
    return labels, codings


@pytest.mark.parametrize(
    "by", ["country", "kind", "language", "month", "year", "agency", "account", ("country", "kind"), ["kind", "month"]]
)
def test_every_group_has_its_counts_and_its_share(described, by) -> None:
    labels, codings = described
    names = [by] if isinstance(by, str) else list(by)
    table = cp.estimate_shares(labels, codings, by=by)
    assert list(table.columns[: len(names)]) == names
    frame = labels.assign(
        month=labels["published"].dt.strftime("%Y-%m"),
        year=labels["published"].dt.strftime("%Y"),
        force=labels["country"] + labels["agency"],
        is_coded=labels["post_id"].isin(codings["post_id"]),
    )
    groups = frame.groupby(names)
    rows = table.query("theme == 'interaction' and method == 'naive'").set_index(names)
    for column, expected in (
        ("n_posts", groups.size()),
        ("n_agencies", groups["force"].nunique()),
        ("n_coded", groups["is_coded"].sum()),
        ("share", groups["interaction"].agg(lambda p: (p >= 0.5).mean())),
    ):
        pd.testing.assert_series_equal(rows[column], expected, check_names=False, check_dtype=False)
    assert len(table) == len(expected) * 9 * 3


def test_rows_stand_in_the_order_of_groups_themes_and_methods(described) -> None:
    table = cp.estimate_shares(*described, by=("country", "kind"))
    assert table["theme"].iloc[: 9 * 3].tolist() == [key for key in KEYS for _ in range(3)]
    assert table["method"].iloc[:3].tolist() == ["naive", "coded", "corrected"]
    groups = table[["country", "kind"]].drop_duplicates()
    assert groups.to_numpy().tolist() == groups.sort_values(["country", "kind"]).to_numpy().tolist()


def test_groups_by_corpus_keep_their_names(described) -> None:
    labels, codings = described
    corpora = pd.Series(np.where(labels.index % 4 == 0, "one", "two"), dtype="str")
    table = cp.estimate_shares(labels.assign(corpus=corpora), codings, by="corpus")
    assert table.groupby("corpus")["n_posts"].first().to_dict() == {"one": 60, "two": 180}


def test_the_corpora_of_all_posts_stand_in_every_row(described) -> None:
    labels, codings = described
    corpora = pd.Series(np.where(labels["country"] == "DE", "illustrative", "other"), dtype="str")
    assert (cp.estimate_shares(labels.assign(corpus=corpora), codings)["corpus"] == "illustrative").all()


def test_an_unknown_column_is_an_error_with_the_nearest_name(described) -> None:
    with pytest.raises(CompositeError, match="by='langauge' is not a column of the labels: did you mean 'language'"):
        cp.estimate_shares(*described, by="langauge")


def test_a_group_that_some_posts_lack_is_an_error_that_says_how_to_leave_them_out(make_study) -> None:
    labels, codings, _ = make_study()
    with pytest.raises(CompositeError, match="240 posts have no 'kind': leave them out with"):
        cp.estimate_shares(labels, codings, by=("country", "kind"))


@pytest.mark.parametrize("level", [0, 1, 95, -0.5, float("nan")])
def test_a_level_that_is_no_proportion_is_an_error(make_study, level: float) -> None:
    labels, codings, _ = make_study()
    with pytest.raises(CompositeError, match=r"level=.* is not between 0 and 1: use 0\.95"):
        cp.estimate_shares(labels, codings, level=level)


def test_two_coders_who_disagree_are_an_error_that_tells_to_adjudicate(make_study: Callable) -> None:
    labels, codings, _ = make_study()
    both = pd.concat([codings.assign(coder="ada"), codings.assign(coder="bea", voice=1 - codings["voice"])])
    with pytest.raises(CompositeError, match="adjudicate them"):
        cp.estimate_shares(labels, both)
    table = cp.estimate_shares(labels, both, coder="ada")
    pd.testing.assert_frame_equal(table, cp.estimate_shares(labels, codings))
    with pytest.raises(CompositeError, match="coder 'adda' is not known: did you mean 'ada'"):
        cp.estimate_shares(labels, both, coder="adda")


def test_codings_that_do_not_stand_for_the_posts_are_noticed(make_study) -> None:
    labels, codings, _ = make_study(agencies=10)
    german = labels["post_id"][labels["country"] == "DE"]
    some = codings[codings["post_id"].isin(german)].iloc[:40]
    with pytest.warns(CompositeWarning, match=r"the 40 codings of Germany stand for about 80 posts, and there are 200"):
        cp.estimate_shares(labels, pd.concat([some, codings[~codings["post_id"].isin(german)]]))
    german = labels.loc[labels["country"] == "DE", "post_id"]
    cp.estimate_shares(labels, codings[codings["post_id"].isin(german)])  # a country without codings is another matter


def test_a_theme_that_only_posts_coded_for_certain_have_is_not_certain_in_the_rest(make_study) -> None:
    labels, _, truth = make_study(("DE",), agencies=1, posts=4000, share=0.0)
    sure = truth.iloc[:100].assign(voice=[1] * 5 + [0] * 95, sampling_probability=1.0)
    drawn = truth.iloc[100::50].assign(sampling_probability=1 / 50)
    table = _of(cp.estimate_shares(labels, pd.concat([sure, drawn])), "corrected").set_index("theme")
    # 78 posts drawn without the theme: by the rule of three up to 3/78 of the posts that they stand for may have it
    assert table.loc["voice", "high"] > 2.5 / 78
    assert table.loc["voice", "share"] < 0.01


def test_with_the_same_se_a_smaller_estimate_has_no_higher_upper_end() -> None:
    for df, size in ((1.12, 3.0), (3.9, 20.0), (60.0, 150.0)):
        shares = (0.3, 0.1, 0.03, 0.01, 0.004, 0.0005, -0.003)
        ends = [float(find_interval(_estimate(s, 0.0139, df=df, size=size), 0.95)[1][0]) for s in shares]
        assert all(one >= two - 2e-3 for one, two in pairwise(ends))


def test_by_must_not_name_a_column_of_the_result(make_study) -> None:
    labels, codings, _ = make_study()
    with pytest.raises(CompositeError, match="by='method' is a column of the result"):
        cp.estimate_shares(labels.assign(method="x"), codings, by="method")
