"""One group's shares by one method: nine means, how they change without each agency, and what their spread says."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy import sparse

from composite.adoption.pseudo import Outcomes
from composite.codebook.themes import THEME_KEYS
from composite.themes.spread import FEWEST_AGENCIES as FEWEST_AGENCIES

MOST_CLUSTERS = 400  # posts taken one by one are dealt into so many clusters for the bootstrap: bounds the work


@dataclass(frozen=True)
class Clusters:
    """How the shares of a group change when one cluster is left out: all that a bootstrap needs.

    Attributes
    ----------
    first : (G,) array of int
        Position of a cluster's first post among all posts, which names the cluster.
    part : (G,) array
        What each cluster says of the share, as a proportion of all: posts, or weights of its coded posts.
    score : (G, 9) array
        What each adds to the estimate's error: `(1 − part)(share − share without the cluster)`, with sum nought.
    """

    first: np.ndarray
    part: np.ndarray
    score: np.ndarray


@dataclass(frozen=True)
class Alike:
    """Strata of coded posts, and in which of them the codes are all alike, so that they show no spread.

    Attributes
    ----------
    n : (H,) array
        Coded posts of each stratum.
    part : (H,) array
        The proportion of the group's posts that they stand for, less what was itself coded.
    none, all : (H, 9) arrays of bool
        Whether none of them has the theme, or all have.
    """

    n: np.ndarray
    part: np.ndarray
    none: np.ndarray
    all: np.ndarray

    def find_variance(self) -> np.ndarray:
        """The variance that they do not show: by the rule of succession a share of `1/(n + 2)` might differ, (9,)."""
        hidden = self.part**2 * (self.n + 1) / ((self.n + 2) ** 2 * self.n)
        return hidden @ (self.none | self.all)

    def find_reach(self, t: float) -> tuple[np.ndarray, np.ndarray]:
        """How far the share may lie below and above for what they do not show: Wilson's ends for none of n, (9,)."""
        squares = (self.part * t**2 / (self.n + t**2)) ** 2
        return np.sqrt(squares @ self.all), np.sqrt(squares @ self.none)


@dataclass(frozen=True)
class Estimate:
    """One mean for each of nine themes.

    Attributes
    ----------
    share, se : (9,) arrays
    df : float
        Degrees of freedom of the t distribution.
    n : int
        Posts that the mean rests on.
    scale : (9,) array
        How the variance goes with the share: at most `scale · θ(1 − θ)` of it vanishes when the share θ goes to 0 or
        1. The variance of the plain share of the posts counted over `share (1 − share)`; where they are all alike, one
        over their effective number.
    unanimous : (9,) array of bool
        Whether all posts counted are alike: the theme in none of them, or in all.
    inference : str
        `agencies`, `posts` or `descriptive`.
    effective : float
        Effective number of agencies.
    tuning : (9,) array
        The weight λ of the probabilities in a corrected share.
    alike : Alike, optional
        For estimates from codes; its variance is in `se`.
    clusters : Clusters, optional
    """

    share: np.ndarray
    se: np.ndarray
    df: float
    n: int
    scale: np.ndarray
    unanimous: np.ndarray
    inference: str
    effective: float = np.nan
    tuning: np.ndarray = field(default_factory=lambda: np.full(len(THEME_KEYS), np.nan))
    alike: Alike | None = None
    clusters: Clusters | None = None


def estimate_group(
    outcomes: Outcomes, rows: np.ndarray, agencies: np.ndarray, method: str, *, with_clusters: bool = False
) -> Estimate:
    """The nine shares of the posts in `rows` by one method, with their standard errors.

    Parameters
    ----------
    outcomes : Outcomes
    rows : (m,) array of int
        Positions of the group's posts.
    agencies : (m,) array
        The agency of each.
    method : str
        `naive`, `coded` or `corrected`.
    with_clusters : bool
        Whether to give what a bootstrap needs.
    """
    # what is counted: labels of all posts, or codes of those that were coded, by their weight
    weight = outcomes.weight[rows]
    counted, said = (outcomes.naive[rows], np.ones(len(rows))) if method == "naive" else (outcomes.coded[rows], weight)
    n = int((said > 0).sum())
    nothing = np.full(len(THEME_KEYS), np.nan)
    if not n:
        return Estimate(nothing, nothing, np.nan, 0, nothing, np.zeros(len(THEME_KEYS), dtype=bool), "descriptive")
    plain = counted.sum(axis=0) / said.sum()
    found = (counted > 0).sum(axis=0)
    unanimous = (found == 0) | (found == n)
    kish = float(said.sum() ** 2 / (said**2).sum())
    cluster = pd.factorize(agencies, sort=True)[0]
    by_agency = np.bincount(cluster, weights=said)
    effective = float(by_agency.sum() ** 2 / (by_agency**2).sum())
    over_agencies = int((by_agency > 0).sum()) >= FEWEST_AGENCIES
    if not over_agencies:
        cluster = np.arange(len(rows))
    share, left_out, tuning = leave_out(outcomes, rows, cluster, method)
    if not over_agencies and n < 2:
        return Estimate(share, nothing, np.nan, n, nothing, unanimous, "descriptive", effective, tuning)
    variance = _spread(share, left_out)
    counted_variance = variance
    if method == "corrected":
        counted_variance = _spread(*leave_out(outcomes, rows, cluster, "coded")[:2])
    # how much less the posts of few agencies say than independent ones, over all themes, within what is possible
    most = kish / effective if over_agencies else 1.0
    independent = plain * (1 - plain) / kish
    effect = float(np.clip(counted_variance.sum() / independent.sum(), 1, most)) if independent.any() else 1.0
    if over_agencies:
        inference, df = "agencies", find_df(by_agency, np.bincount(cluster, weights=said**2))
    else:
        inference, df = "posts", n - 1.0
    m = kish / effect
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = np.where(unanimous, 1 / m, counted_variance / (plain * (1 - plain)))
    alike = None if method == "naive" else _find_alike(counted, said)
    if alike is not None:
        variance = variance + alike.find_variance()
    # codes that are all alike show no spread of their own, but the next one might differ (rule of succession)
    variance = np.where(unanimous, np.maximum(variance, (m + 1) / (m + 2) ** 2 / m), variance)
    clusters = None
    if with_clusters:
        if not over_agencies:
            # coded posts first, so that they are dealt evenly
            cluster = np.empty(len(rows), dtype=int)
            cluster[np.argsort(said == 0, kind="stable")] = np.arange(len(rows)) % min(n, MOST_CLUSTERS)
            left_out = leave_out(outcomes, rows, cluster, method)[1]
        clusters = _describe_clusters(rows, cluster, said, share, left_out)
    return Estimate(share, np.sqrt(variance), df, n, scale, unanimous, inference, effective, tuning, alike, clusters)


def leave_out(
    outcomes: Outcomes, rows: np.ndarray, cluster: np.ndarray, method: str
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The nine shares, the same without each cluster that says something, and the weight of the probabilities.

    The weight is estimated anew without each cluster, so that the jackknife counts what its estimation adds.

    Parameters
    ----------
    outcomes : Outcomes
    rows : (m,) array of int
    cluster : (m,) array of int
        0, 1, …, none left out.
    method : str
        `naive`, `coded` or `corrected`.

    Returns
    -------
    (9,), (G, 9) and (9,) arrays
    """
    weight = outcomes.weight[rows]
    if method == "naive":
        totals, sizes = _sum_by(outcomes.naive[rows], cluster), np.bincount(cluster).astype(float)
    else:
        totals, sizes = _sum_by(outcomes.coded[rows], cluster), np.bincount(cluster, weights=weight)
    if method != "corrected":
        used = sizes > 0
        left_out = _divide(totals.sum(axis=0) - totals[used], (sizes.sum() - sizes[used])[:, None])
        return totals.sum(axis=0) / sizes.sum(), left_out, np.full(totals.shape[1], np.nan)
    chances = outcomes.chances[rows]
    all_chances, posts = _sum_by(chances, cluster), np.bincount(cluster).astype(float)
    coded_chances = _sum_by(weight[:, None] * chances, cluster)
    tuning, tunings = _tune(outcomes, rows, cluster)

    share = _correct(
        totals.sum(axis=0), coded_chances.sum(axis=0), sizes.sum(), all_chances.sum(axis=0), posts.sum(), tuning
    )
    left_out = _correct(
        totals.sum(axis=0) - totals,
        coded_chances.sum(axis=0) - coded_chances,
        (sizes.sum() - sizes)[:, None],
        all_chances.sum(axis=0) - all_chances,
        (posts.sum() - posts)[:, None],
        tunings,
    )
    # without the one cluster that has codes nothing is left to estimate
    return share, np.where(np.isfinite(left_out), left_out, share), tuning


def _correct(
    codes: np.ndarray, chances: np.ndarray, weight: np.ndarray, all_chances: np.ndarray, n: np.ndarray, by: np.ndarray
) -> np.ndarray:
    """The coded share, moved by what the coded posts' probabilities differ from those of all posts."""
    return _divide(codes, weight) + by * (_divide(all_chances, n) - _divide(chances, weight))


def _tune(outcomes: Outcomes, rows: np.ndarray, cluster: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The weight of the probabilities that makes the corrected share most precise, and the same without each cluster.

    Whatever the weight, the corrected share aims at the share that coding all posts would give, and how agencies differ
    enters through that share alone. So the weight has to serve the drawing of posts only: it is the slope of codes on
    probabilities, within strata, with the weights `(1 − π) / π²` of the variance of a weighted mean.
    """
    weight = outcomes.weight[rows]
    number, k = int(cluster.max()) + 1, outcomes.chances.shape[1]
    drawn = np.flatnonzero(weight > 1)  # posts coded for certain add nothing to that variance
    if not len(drawn):
        return np.zeros(k), np.zeros((number, k))
    w = weight[drawn]
    y, p = outcomes.coded[rows[drawn]] / w[:, None], outcomes.chances[rows[drawn]]
    stratum = np.unique(outcomes.stratum[rows[drawn]], return_inverse=True)[1]
    coders, place = np.unique(cluster[drawn], return_inverse=True)
    strata, groups = int(stratum.max()) + 1, len(coders)
    q = (w * (w - 1))[:, None]
    columns = np.column_stack([np.ones(len(w)), q, q * y, q * p, q * y * p, q * p * p])
    sums = _sum_by(columns, place * strata + stratum, groups * strata).reshape(groups, strata, -1)
    total = sums.sum(axis=0)
    slope = _find_slope(total[None], k)[0]
    slopes = np.tile(slope, (number, 1))
    slopes[coders] = _find_slope(total - sums, k)
    return slope, slopes


def _find_slope(sums: np.ndarray, k: int) -> np.ndarray:
    """Slopes of codes on probabilities within strata, between 0 and 1, from sums of (groups, strata, 2 + 4k)."""
    n, q = sums[..., :1], sums[..., 1:2]
    y, p, yp, pp = (sums[..., 2 + i * k : 2 + (i + 1) * k] for i in range(4))
    several = n > 1.5
    with np.errstate(divide="ignore", invalid="ignore"):
        unbiased = np.where(several, n / (n - 1), 0)
        together = np.where(several, (yp - y * p / q) * unbiased, 0).sum(axis=-2)
        spread = np.where(several, (pp - p * p / q) * unbiased, 0).sum(axis=-2)
        least = 1e-12 * np.where(several, pp, 0).sum(axis=-2)
        return np.where(spread > least, np.clip(together / spread, 0, 1), 0)


def _sum_by(values: np.ndarray, index: np.ndarray, number: int | None = None) -> np.ndarray:
    """Sums of the rows of `values` that have one index, (number, columns)."""
    n, number = len(index), int(index.max()) + 1 if number is None else number
    # what np.bincount gives of each column, added in the same order, but in one pass through memory
    return sparse.csc_array((np.ones(n), index, np.arange(n + 1)), shape=(number, n)) @ values


def _divide(one: np.ndarray, two: np.ndarray) -> np.ndarray:
    with np.errstate(divide="ignore", invalid="ignore"):
        return one / two


def _spread(share: np.ndarray, left_out: np.ndarray) -> np.ndarray:
    """CRV3: the jackknife variance of shares from the shares without each cluster, (9,)."""
    return (len(left_out) - 1) / len(left_out) * ((left_out - share) ** 2).sum(axis=0)


def find_df(size: np.ndarray, squares: np.ndarray) -> float:
    """Bell and McCaffrey's degrees of freedom of a jackknife variance by agency, at least 1.

    Those of the chi-square that has the mean and the variance which the jackknife variance has where posts are
    independent, the usual working model. (With correlated posts there are fewer, but the jackknife variance is then too
    large; together they would cover more than they say.)

    Parameters
    ----------
    size : (G,) array
        Sum of the weights of every agency's posts; agencies with none do not count.
    squares : (G,) array
        Sum of their squares.

    References
    ----------
    Bell, R. M., & McCaffrey, D. F. (2002). Bias reduction in standard errors for linear regression with multi-stage
    samples. *Survey Methodology*, 28(2), 169–181.

    Examples
    --------
    >>> round(find_df(np.full(5, 10.0), np.full(5, 10.0)), 6)
    4.0
    """
    part = size[size > 0] / size.sum()
    variance = squares[size > 0] / size.sum() ** 2
    # how the estimates without each agency scatter: row g of `left` turns the agencies' errors into its deviation
    left = (np.eye(len(part)) - part[:, None]) / (1 - part)[:, None]
    scatter = (left * variance) @ left.T
    return max(1.0, float(np.trace(scatter) ** 2 / (scatter**2).sum()))


def _describe_clusters(
    rows: np.ndarray, cluster: np.ndarray, said: np.ndarray, share: np.ndarray, left_out: np.ndarray
) -> Clusters:
    number = int(cluster.max()) + 1
    first = np.full(number, len(said) + int(rows.max()))
    np.minimum.at(first, cluster, rows)
    part = np.bincount(cluster, weights=said) / said.sum()
    if len(left_out) < number:  # clusters that say nothing to a mean of codes
        first, part = first[part > 0], part[part > 0]
    score = (1 - part)[:, None] * (share - left_out)
    return Clusters(first, part, score - part[:, None] * score.sum(axis=0))


def _find_alike(coded: np.ndarray, weight: np.ndarray) -> Alike:
    """Posts of about one probability (to the nearest power of two) as strata, and where their codes are all alike.

    A few posts coded for certain have the theme, and none of the posts that were drawn: the spread of the many that
    these stand for is not seen.
    """
    rows = weight > 0
    _, index, sizes = np.unique(np.round(np.log2(weight[rows])), return_inverse=True, return_counts=True)
    stands_for = np.bincount(index, weights=weight[rows])
    found = _sum_by((coded[rows] > 0).astype(float), index)
    part = stands_for / stands_for.sum() * np.sqrt(1 - np.minimum(sizes / stands_for, 1))
    return Alike(sizes, part, found == 0, found == sizes[:, None])
