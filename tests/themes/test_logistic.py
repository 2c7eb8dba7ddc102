from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from composite.themes.logistic import fit_logistic

RNG = np.random.default_rng(0)
X = csr_matrix(RNG.normal(size=(120, 12)) * (RNG.random((120, 12)) < 0.4))
CODES = (RNG.random((120, 3)) < 1 / (1 + np.exp(-(X @ RNG.normal(size=(12, 3)) - 1)))).astype(float)


@pytest.mark.parametrize("weight", [None, "balanced", (1.0, 3.0)])
@pytest.mark.parametrize("C", [0.1, 10.0])
def test_codes_give_what_scikit_learn_gives(weight: str | tuple[float, float] | None, C: float) -> None:
    worth = RNG.random(120)
    weights, intercepts = fit_logistic(X, CODES, C=C, class_weight=weight, sample_weight=worth)
    theirs = dict(enumerate(weight)) if isinstance(weight, tuple) else weight
    for column in range(3):
        codes = CODES[:, column]
        share = worth.sum() / 2
        sample = worth
        if weight == "balanced":  # scikit-learn balances numbers of posts, not what they are worth
            sample, theirs = (
                worth * np.where(codes == 1, share / worth[codes == 1].sum(), share / worth[codes == 0].sum()),
                None,
            )
        model = LogisticRegression(C=C, class_weight=theirs, tol=1e-8, max_iter=2000).fit(
            X, codes, sample_weight=sample
        )
        np.testing.assert_allclose(weights[:, column], model.coef_[0], atol=5e-3)
        np.testing.assert_allclose(intercepts[column], model.intercept_[0], atol=5e-3)


def test_a_probability_is_so_many_posts_with_the_theme_and_the_rest_without() -> None:
    chances = RNG.random((120, 2))
    soft = fit_logistic(X, chances, C=2.0)
    twice = csr_matrix(np.vstack([X.toarray(), X.toarray()]))
    for column in range(2):
        worth = np.concatenate([chances[:, column], 1 - chances[:, column]])
        codes = np.repeat([1.0, 0.0], 120)[:, None]
        hard = fit_logistic(twice, codes, C=2.0, sample_weight=worth)
        np.testing.assert_allclose(soft[0][:, column], hard[0][:, 0], atol=1e-3)
        np.testing.assert_allclose(soft[1][column], hard[1][0], atol=1e-3)


def test_threads_change_no_bit_and_progress_counts_themes() -> None:
    done: list[int] = []
    one = fit_logistic(X, CODES, progress=done.append)
    two = fit_logistic(X, CODES, n_jobs=2)
    assert (one[0] == two[0]).all()
    assert (one[1] == two[1]).all()
    assert done == [1, 2, 3]


def test_posts_worth_nothing_are_as_if_they_were_not_there() -> None:
    worth = np.repeat([1.0, 0.0], 60)
    some = fit_logistic(X[:60], CODES[:60])
    np.testing.assert_allclose(fit_logistic(X, CODES, sample_weight=worth)[0], some[0], atol=1e-4)


@pytest.mark.parametrize(("code", "rate"), [(0.0, 0.5 / 121), (1.0, 120.5 / 121)])
def test_a_theme_that_never_or_always_occurs_gets_its_rate_by_the_rule_of_succession(code: float, rate: float) -> None:
    weights, intercepts = fit_logistic(X, np.full((120, 1), code))
    assert not weights.any()
    np.testing.assert_allclose(1 / (1 + np.exp(-intercepts)), rate)


def test_one_probability_for_all_is_learnt_by_the_intercept() -> None:
    weights, intercepts = fit_logistic(X, np.full((120, 1), 0.3))
    np.testing.assert_allclose(weights, 0, atol=1e-6)
    np.testing.assert_allclose(intercepts, np.log(0.3 / 0.7))
