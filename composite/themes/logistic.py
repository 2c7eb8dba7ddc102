"""Logistic regression on codes or on probabilities, one theme at a time."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit
from threadpoolctl import threadpool_limits

MEMORY = 10  # steps that L-BFGS remembers


def fit_logistic(
    X: Any,
    chances: np.ndarray,
    *,
    C: float = 10.0,
    class_weight: str | tuple[float, float] | None = None,
    sample_weight: np.ndarray | None = None,
    n_jobs: int = 1,
    progress: Callable[[int], None] | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Weights, an (m, k) array, and k intercepts: for each theme the minimum of ½|w|² + C · cross-entropy.

    A chance p stands for p posts with the theme and 1 − p without. With codes of 0 and 1 this is scikit-learn's
    `LogisticRegression(C=C)`. The penalty spares the intercept, so that rare themes keep their base rate. A theme that
    is certain, or certainly absent, in all posts gets no weights, and its rate by the rule of succession.

    Parameters
    ----------
    X : (n, m) sparse matrix or array
    chances : (n, k) array in [0, 1]
        Codes, or probabilities.
    C : float
        Inverse strength of the penalty.
    class_weight : {"balanced", None} or pair of numbers
        `balanced` lets posts with a theme and posts without weigh alike; a pair weighs posts without it, and with.
    sample_weight : array of n, optional
        How many posts each is worth.
    n_jobs : int
        Themes that are fitted at a time; the result is the same.
    progress : callable, optional
        Called with the number of themes done.

    References
    ----------
    Liu, D. C., & Nocedal, J. (1989). On the limited memory BFGS method for large scale optimization. *Mathematical
    Programming*, 45, 503–528. https://doi.org/10.1007/BF01589116
    """
    n, m = X.shape
    k = chances.shape[1]
    worth = np.ones(n) if sample_weight is None else np.asarray(sample_weight, dtype=float)
    weights, intercepts = np.zeros((m, k)), np.zeros(k)
    turned = X.T.tocsr() if hasattr(X, "tocsr") else X.T
    done = 0

    def fit(column: int) -> None:
        nonlocal done
        weights[:, column], intercepts[column] = _fit_theme(X, turned, chances[:, column], worth, C, class_weight)
        done += 1
        if progress:
            progress(done)

    # one thread each: more make these short sums slower, and their last digits depend on the machine
    with threadpool_limits(1):
        if n_jobs > 1:
            with ThreadPoolExecutor(n_jobs) as pool:
                list(pool.map(fit, range(k)))
        else:
            for column in range(k):
                fit(column)
    return weights, intercepts


def _fit_theme(
    X: Any,
    turned: Any,
    chance: np.ndarray,
    worth: np.ndarray,
    C: float,
    class_weight: str | tuple[float, float] | None,
) -> tuple[np.ndarray, float]:
    total, there = worth.sum(), float(worth @ chance)
    used = chance[worth > 0]
    if not len(used) or (used.min() == used.max() and used.min() in (0, 1)):
        return np.zeros(X.shape[1]), float(np.log((there + 0.5) / (total - there + 0.5)))
    yes, no = worth * chance, worth * (1 - chance)
    if class_weight == "balanced":
        yes, no = yes * (total / (2 * there)), no * (total / (2 * (total - there)))
    elif isinstance(class_weight, tuple):
        yes, no = yes * class_weight[1], no * class_weight[0]

    # the stopping rule is of the mean loss, whatever the number of posts
    mass = yes.sum() + no.sum()

    def lose(point: np.ndarray) -> tuple[float, np.ndarray]:
        w, intercept = point[:-1], point[-1]
        score = X @ w + intercept
        loss = yes @ np.logaddexp(0, -score) + no @ np.logaddexp(0, score)
        rest = (yes + no) * expit(score) - yes
        slope = np.append(turned @ rest + w / C, rest.sum())
        return (loss + w @ w / (2 * C)) / mass, slope / mass

    start = np.zeros(X.shape[1] + 1)
    start[-1] = np.log(yes.sum() / no.sum())
    found = minimize(
        lose,
        start,
        jac=True,
        method="L-BFGS-B",
        options={"maxcor": MEMORY, "maxiter": 1000, "gtol": 1e-5, "ftol": 1e-10},
    )
    return found.x[:-1], float(found.x[-1])
