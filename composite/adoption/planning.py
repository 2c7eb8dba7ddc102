"""How many more posts to code, and which, for intervals as narrow as wanted."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from composite.adoption.estimates import estimate_group
from composite.adoption.pseudo import group_posts, make_outcomes
from composite.adoption.shares import check_level
from composite.codebook.contract import check_table, find_corpus
from composite.codebook.tables import TABLES
from composite.codebook.themes import THEME_KEYS
from composite.errors import CompositeError, require_known
from composite.themes.coding import predict_primary

BORROWED = 2.0  # posts' worth of the country's spread in the spread of each stratum


def plan_coding(
    labels: pd.DataFrame,
    codings: pd.DataFrame,
    half_width: float,
    *,
    theme: str | None = None,
    level: float = 0.95,
    coder: str | None = None,
) -> pd.DataFrame:
    """The table `plan`: one row a country and predicted theme, how many more of its posts to code.

    The variance of a corrected share has two parts: that of drawing posts to code, which more codes make smaller, and
    that of agencies and posts as they happen to be, which they do not. The first is planned, by Neyman's allocation
    (more from strata with more posts, and whose codes the classifier tells less of), so that the interval of the
    country's corrected share has the wanted half-width; the second sets the floor. Draw the posts at random within each
    row, and give all coded posts of the row the sampling probability `(n_coded + n_more) / n_posts`.

    Parameters
    ----------
    labels, codings, coder
        As in `estimate_shares`.
    half_width : float
        Wanted half-width of the interval, as a proportion: 0.05 for ± 5 percentage points.
    theme : str, optional
        Whose interval; without it, the widest of the nine.
    level : float
        Coverage of the interval.

    Returns
    -------
    DataFrame
        Table `plan`. Where the floor is above the wanted half-width, `reachable` is False: more agencies are needed,
        not more codes, and the plan is for a tenth above the floor. A country with fewer than ten coded posts tells too
        little to plan by: its `half_width` is missing, and the plan brings it to ten.

    Raises
    ------
    CompositeError
        If the half-width is not between 0 and 0.5, or the theme is unknown.

    References
    ----------
    Cochran, W. G. (1977). *Sampling techniques* (3rd ed.), ch. 5. Wiley.
    """
    check_level(level)
    if not 0 < half_width < 0.5:
        raise CompositeError(f"half_width={half_width} is not between 0 and 0.5: use 0.05 for ± 5 percentage points")
    require_known([theme] if theme is not None else [], THEME_KEYS, what="theme")
    outcomes = make_outcomes(labels, codings, coder=coder)
    predicted = predict_primary(pd.DataFrame(outcomes.chances, columns=list(THEME_KEYS))).to_numpy()
    chosen = [THEME_KEYS.index(theme)] if theme is not None else list(range(len(THEME_KEYS)))
    parts = []
    for (country,), rows in group_posts(outcomes.posts, "country"):
        names, stratum = np.unique(predicted[rows], return_inverse=True)
        weight = outcomes.weight[rows]
        coded = weight > 0
        posts = np.bincount(stratum).astype(float)
        before = np.bincount(stratum, weights=coded, minlength=len(names))
        if coded.sum() < min(10, len(rows)):
            wanted = np.minimum(posts, np.ceil(before + (10 - coded.sum()) * posts / posts.sum()))
            now, floor, can = np.nan, np.nan, True
        else:
            agencies = outcomes.posts["agency"].iloc[rows].to_numpy()
            estimate = estimate_group(outcomes, rows, agencies, "corrected")
            codes = outcomes.coded[rows[coded]] / weight[coded, None]
            error = (codes - estimate.tuning * outcomes.chances[rows[coded]])[:, chosen]
            mean = weight[coded] @ error / weight[coded].sum()
            drawn = ((weight * (weight - 1))[coded] @ (error - mean) ** 2) / weight.sum() ** 2
            given = np.maximum(estimate.se[chosen] ** 2 - drawn, 0)
            spread = _find_spread(error, stratum[coded], len(names))
            t = float(stats.t.ppf((1 + level) / 2, estimate.df))
            floor = t * float(np.sqrt(given).max())
            can = floor < half_width
            wanted = _allocate(posts, before, spread, given, (half_width if can else 1.1 * floor) / t)
            now = t * float(np.sqrt(given + _find_variance(posts, wanted, spread)).max())
        parts.append(
            pd.DataFrame(
                {
                    "country": country,
                    "predicted": names,
                    "n_posts": posts.astype(int),
                    "n_coded": before.astype(int),
                    "n_more": (wanted - before).astype(int),
                    "half_width": min(now, 1.0) if now == now else now,
                    "floor": min(floor, 1.0) if floor == floor else floor,
                    "reachable": bool(can),
                }
            )
        )
    table = pd.concat(parts, ignore_index=True).astype({"country": "str", "predicted": "str"})
    table["corpus"] = pd.Series([find_corpus(outcomes.posts)] * len(table), dtype="str")
    return check_table("plan", table[list(TABLES["plan"].columns)])


def _find_spread(error: np.ndarray, stratum: np.ndarray, number: int) -> np.ndarray:
    """Variances of the errors within every stratum, drawn a little towards that of the country, (H, themes)."""
    overall = error.var(axis=0, ddof=1)
    spread = np.empty((number, error.shape[1]))
    for place in range(number):
        own = error[stratum == place]
        squares = ((own - own.mean(axis=0)) ** 2).sum(axis=0) if len(own) else 0.0
        spread[place] = (squares + BORROWED * overall) / (max(len(own) - 1, 0) + BORROWED)
    return spread


def _find_variance(posts: np.ndarray, coded: np.ndarray, spread: np.ndarray) -> np.ndarray:
    """Variances of stratified means with `coded` of `posts` drawn in each stratum, (themes,)."""
    part = posts / posts.sum()
    each = part**2 * (1 - coded / posts) / np.maximum(coded, 0.5)
    return each @ spread


def _allocate(posts: np.ndarray, before: np.ndarray, spread: np.ndarray, given: np.ndarray, se: float) -> np.ndarray:
    """Coded posts of every stratum, no fewer than before, that bring every standard error to `se`; else all."""
    ideal = posts * np.sqrt(spread.mean(axis=1))

    def take(scale: float) -> np.ndarray:
        return np.clip(np.ceil(scale * ideal), np.maximum(before, np.minimum(posts, 1)), posts)

    def is_enough(scale: float) -> bool:
        return bool((given + _find_variance(posts, take(scale), spread) <= se**2).all())

    if is_enough(0):
        return before if (given + _find_variance(posts, before, spread) <= se**2).all() else take(0)
    low, high = 0.0, 1 / np.sqrt(spread.mean(axis=1)).min()
    if not is_enough(high):
        return posts
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if is_enough(middle) else (middle, high)
    return take(high)
