"""The wild cluster bootstrap, held to explicit refits and to exact enumeration."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats

import composite.adoption.bootstrap as module
from composite.adoption.bootstrap import WEBB, flatten, raise_to_t, resample_countries
from composite.adoption.estimates import Clusters, Estimate, find_df
from composite.errors import CompositeError

PAIR = np.array([1.0, -1.0])


def make_country(rng: np.random.Generator, sizes: list[int], shares: np.ndarray, first: int = 0) -> tuple:
    """The estimate of a country whose posts are all known, and those posts as (n, 9) with their agencies."""
    agency = np.repeat(np.arange(len(sizes)), sizes)
    posts = (rng.random((len(agency), 9)) < shares[agency]).astype(float)
    part = np.array(sizes) / sum(sizes)
    mean = posts.mean(axis=0)
    score = np.stack([(posts[agency == g] - mean).sum(axis=0) for g in range(len(sizes))]) / sum(sizes)
    left_out = -score / (1 - part)[:, None]
    se = np.sqrt((len(sizes) - 1) / len(sizes) * (left_out**2).sum(axis=0))
    size = np.array(sizes, dtype=float)
    clusters = Clusters(first + np.arange(len(sizes)), part, score)
    nine = np.zeros(9)
    df = find_df(size, size)
    estimate = Estimate(mean, se, df, sum(sizes), nine, nine > 0, "agencies", clusters=clusters)
    return estimate, posts, agency + first


def scatter(rng: np.random.Generator, number: int, share: float, icc: float) -> np.ndarray:
    spread = (1 - icc) / icc
    return rng.beta(share * spread, (1 - share) * spread, size=(number, 9))


def refit(y: np.ndarray, x: np.ndarray, groups: np.ndarray) -> tuple[float, float]:
    """The difference of two means by least squares, and its t-value with the jackknife by cluster within countries."""
    design = sm.add_constant(x)
    fit = sm.OLS(y, design).fit()
    variance = 0.0
    for side in (0, 1):
        names = np.unique(groups[x == side])
        moved = []
        for name in names:
            kept = groups != name
            moved.append(y[kept & (x == side)].mean() - y[x == side].mean())
        variance += (len(names) - 1) / len(names) * np.square(moved).sum()
    return fit.params[1], fit.params[1] / np.sqrt(variance)


def test_the_p_value_is_that_of_refitting_a_regression_on_posts_with_the_null_imposed(monkeypatch) -> None:
    rng = np.random.default_rng(3)
    one = make_country(rng, [9, 4, 6], scatter(rng, 3, 0.4, 0.1))
    two = make_country(rng, [5, 12, 3, 7], scatter(rng, 4, 0.4, 0.1), first=3)
    # every combination of Rademacher signs, in place of draws
    signs = np.array(list(product([-1.0, 1.0], repeat=7))).T
    monkeypatch.setattr(module, "WEBB", np.array([-1.0, 1.0]))

    class Enumerate:
        def integers(self, low, high, size, dtype):
            return ((signs + 1) / 2).astype(dtype)

        def standard_normal(self, size):
            return np.zeros(size)

    monkeypatch.setattr(np.random, "default_rng", lambda seed: Enumerate())
    p_values = resample_countries([one[0], two[0]], resamples=signs.shape[1], seed=0).test(PAIR)
    groups = np.concatenate([one[2], two[2]])
    x = (groups < 3).astype(float)
    for theme in range(9):
        y = np.concatenate([one[1][:, theme], two[1][:, theme]])
        _, seen = refit(y, x, groups)
        residual = y - y.mean()
        with np.errstate(divide="ignore", invalid="ignore"):
            drawn = np.array([refit(y.mean() + residual * v[groups], x, groups)[1] for v in signs.T])
        # where all of a country's agencies move alike the t-value has no bound
        as_far = (np.abs(drawn) >= abs(seen) * (1 - 1e-9)).sum()
        assert p_values[theme] == pytest.approx((1 + as_far) / (1 + signs.shape[1]), abs=1e-12)


def test_webbs_weights_have_mean_nought_and_variance_one() -> None:
    assert WEBB.mean() == pytest.approx(0, abs=1e-12)
    assert (WEBB**2).mean() == pytest.approx(1)
    assert len(set(WEBB.round(9))) == 6


@pytest.mark.parametrize("df", [1.0, 2.5, 8.0, 60.0])
def test_a_flattened_t_value_has_about_the_normal_tail_and_comes_back(df: float) -> None:
    t = np.array([0.5, 2.0, 6.0])
    flat = flatten(t**2, np.array(df))
    np.testing.assert_allclose(raise_to_t(flat, np.array(df)), t)
    tail = 2 * stats.norm.sf(np.sqrt(flat))
    np.testing.assert_allclose(np.log(tail), np.log(2 * stats.t.sf(t, df)), atol=0.35)


def test_where_countries_are_alike_five_in_a_hundred_tests_reject() -> None:
    rng = np.random.default_rng(5)
    p_values = []
    for study in range(120):
        sizes = [np.maximum(3, (rng.dirichlet(np.full(number, 1.5)) * 120).astype(int)) for number in (7, 9)]
        pair = [
            make_country(rng, list(size), scatter(rng, len(size), 0.3, 0.1), first=20 * i)[0]
            for i, size in enumerate(sizes)
        ]
        p_values.append(resample_countries(pair, resamples=399, seed=study).test(PAIR))
    # 1,080 tests: the standard error of the rate is 0.7 points
    assert 0.03 < (np.array(p_values) < 0.05).mean() < 0.08


def test_too_few_resamples_are_an_error() -> None:
    with pytest.raises(CompositeError, match="resamples=10 cannot give"):
        resample_countries([], resamples=10, seed=0)
