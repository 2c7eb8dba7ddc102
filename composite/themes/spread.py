"""How far a measure of the classifier may lie from the truth: jackknife by agency, intervals in Wilson's form."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import stats

FEWEST_AGENCIES = 5
MOST_GROUPS = 400  # posts left out one by one are dealt into so many groups: bounds the work


def judge_by(agency: np.ndarray) -> bool:
    """Whether there are agencies enough for an interval over agencies."""
    return len(np.unique(agency)) >= FEWEST_AGENCIES


def find_wilson(share: Any, n: Any, t: Any) -> tuple[np.ndarray, np.ndarray]:
    """Ends of Wilson's interval of shares of n posts with the quantile t; numbers or arrays.

    >>> low, high = find_wilson(0.0, 10, 1.96)
    >>> float(low), round(float(high), 3)
    (0.0, 0.278)
    """
    centre = (share + t**2 / (2 * n)) / (1 + t**2 / n)
    spread = t / (1 + t**2 / n) * np.sqrt(share * (1 - share) / n + t**2 / (4 * n**2))
    return np.clip(centre - spread, 0, share), np.clip(centre + spread, share, 1)


def find_ends(
    values: np.ndarray, weight: np.ndarray, groups: np.ndarray, mean: float, level: float, *, is_share: bool = True
) -> tuple[float, float]:
    """Ends of the interval of a weighted mean of n values of 0 to 1, by the jackknife of its G groups.

    Parameters
    ----------
    values, weight : (n,) arrays
    groups : (n,) array of int
        0 … G − 1, none of them empty.
    mean : float
        `Σ weight · value / Σ weight`.
    level : float
    is_share : bool
        Whether values are 0 or 1: then the interval has Wilson's form, else it is mean ± t standard errors.
    """
    size = np.bincount(groups, weights=weight)
    total = np.bincount(groups, weights=weight * values)
    left_out = (total.sum() - total) / (size.sum() - size)
    variance, t = _measure_spread(left_out, mean, size, level)
    if not is_share:
        return mean - t * variance**0.5, mean + t * variance**0.5
    return _bound(mean, variance, t, float(weight.sum() ** 2 / (weight**2).sum()))


def bound_share(values: np.ndarray, groups: np.ndarray, level: float) -> tuple[float, float]:
    """Ends of the interval of the share of ones among n values, missing for fewer than two.

    Parameters
    ----------
    values : (n,) array of 0 and 1
    groups : (n,) array
        Of those that are left out together, the name.
    level : float

    Examples
    --------
    >>> low, high = bound_share(np.ones(10), np.arange(10), 0.95)
    >>> round(low, 2), high
    (0.66, 1.0)
    """
    if len(values) < 2:
        return np.nan, np.nan
    index = np.unique(groups, return_inverse=True)[1]
    return find_ends(values, np.ones(len(values)), index, float(values.mean()), level)


def bound_average_precision(
    code: np.ndarray, chance: np.ndarray, groups: np.ndarray, level: float
) -> tuple[float, float]:
    """Ends of the interval of the average precision on n posts, missing where fewer than two have the theme.

    It has Wilson's form. The posts that it is worth come from the jackknife, and are no more than have the theme.

    Parameters
    ----------
    code : (n,) array of bool
        Which posts have the theme.
    chance : (n,) array
    groups : (n,) array
        Of those that are left out together, the name; a theme of two posts or more is in two groups or more.
    level : float
    """
    positive = int(code.sum())
    if positive < 2:
        return np.nan, np.nan
    index = np.unique(groups, return_inverse=True)[1]
    if index.max() + 1 > MOST_GROUPS and index.max() + 1 == len(code):
        index = np.empty(len(code), dtype=int)
        # posts with the theme first, so that they are dealt evenly
        index[np.argsort(~code, kind="stable")] = np.arange(len(code)) % MOST_GROUPS
    mean, left_out = leave_out_precision(code, chance, index)
    variance, t = _measure_spread(left_out, mean, np.bincount(index, weights=code), level)
    return _bound(mean, variance, t, positive)


def leave_out_precision(code: np.ndarray, chance: np.ndarray, groups: np.ndarray) -> tuple[float, np.ndarray]:
    """The average precision on n posts, and the same without each of G groups, (G,).

    Average precision is the mean, over the posts with the theme, of the precision among the posts that are at least as
    probable. Without the only group that has the theme there is none.

    >>> whole, without = leave_out_precision(np.array([True, False, True]), np.array([0.9, 0.8, 0.7]), np.arange(3))
    >>> round(whole, 3), without.round(3).tolist()
    (0.833, [0.5, 1.0, 1.0])
    """
    order = np.argsort(-chance, kind="stable")
    hit, group, falling = code[order], groups[order], -chance[order]
    last = np.searchsorted(falling, falling[hit], side="right") - 1

    def measure(kept: np.ndarray) -> float:
        precision = np.cumsum(hit & kept)[last] / np.maximum(np.cumsum(kept)[last], 1)
        mine = kept[hit]
        return float(precision[mine].mean()) if mine.any() else np.nan

    whole = measure(np.ones(len(hit), dtype=bool))
    return whole, np.array([measure(group != number) for number in range(int(groups.max()) + 1)])


def _measure_spread(left_out: np.ndarray, mean: float, size: np.ndarray, level: float) -> tuple[float, float]:
    """The jackknife's variance (CRV3), and the quantile of t on the effective number of groups less one."""
    variance = (len(left_out) - 1) / len(left_out) * float(((left_out - mean) ** 2).sum())
    return variance, float(stats.t.ppf((1 + level) / 2, max(1.0, size.sum() ** 2 / (size**2).sum() - 1)))


def _bound(mean: float, variance: float, t: float, most: float) -> tuple[float, float]:
    """Wilson's interval of a share with the posts that its variance is worth, and no more than `most`."""
    n = min(most, mean * (1 - mean) / variance) if variance > 0 and 0 < mean < 1 else most
    low, high = find_wilson(mean, n, t)
    return float(low), float(high)
