"""Which themes share posts more often than their use by each agency makes likely."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import sparse

from composite.adoption.multiplicity import adjust_holm
from composite.adoption.networks import Network
from composite.adoption.pseudo import make_outcomes
from composite.adoption.shares import FEWEST_AGENCIES, check_level
from composite.codebook.contract import check_table, find_corpus
from composite.codebook.themes import THEME_KEYS
from composite.errors import CompositeError


def link_themes(
    labels: pd.DataFrame,
    codings: pd.DataFrame | None = None,
    *,
    permutations: int = 999,
    replicates: int = 999,
    level: float = 0.95,
    seed: int = 0,
    coder: str | None = None,
) -> Network:
    """The network of themes: how much more often two themes share a post than their use by each agency makes likely.

    An edge's weight is the correlation of the two themes over posts, within agencies: 0 if an agency's posts with the
    one theme have the other as often as its other posts do. p is by permutation: the posts of an agency exchange their
    codes of one theme, so that every agency keeps its number of posts with each theme. Intervals resample agencies
    (percentiles); with fewer than five there are none.

    Parameters
    ----------
    labels, codings, coder
        As in `estimate_shares`. With codings only codes are used, weighted by the inverse of their probability, since
        errors of a classifier on two themes go together; where these differ within agencies p is an approximation.
    permutations : int
        At least 99.
    replicates : int
        Resamples of agencies.
    level : float
        Coverage of the intervals.
    seed : int

    Returns
    -------
    Network
        Undirected; `nodes` is the table `theme_nodes`, `edges` has all 36 pairs, with p adjusted by Holm. The weight is
        missing where a theme does not vary within any agency.

    Raises
    ------
    CompositeError
        If the tables do not fit each other or there are too few permutations.

    References
    ----------
    Hubert, L. J. (1987). *Assignment methods in combinatorial data analysis*. Marcel Dekker.
    Phipson, B., & Smyth, G. K. (2010). Permutation p-values should never be zero. *Statistical Applications in Genetics
    and Molecular Biology*, 9(1). https://doi.org/10.2202/1544-6115.1585
    """
    check_level(level)
    if permutations < 99 or replicates < 99:
        raise CompositeError("permutations and replicates must be 99 or more: p and intervals are too coarse below")
    outcomes = make_outcomes(labels, codings, coder=coder)
    used = np.ones(len(outcomes.posts), dtype=bool) if codings is None else outcomes.weight > 0
    has = (outcomes.naive if codings is None else outcomes.coded > 0)[used].astype(float)
    weight = np.ones(len(has)) if codings is None else outcomes.weight[used]
    unit = pd.factorize((outcomes.posts["country"] + "/" + outcomes.posts["agency"])[used], sort=True)[0]
    rng = np.random.default_rng(seed)
    pairs = np.triu_indices(len(THEME_KEYS), 1)
    size, single, joint = _tally(has, weight, unit)
    covariance = joint - single[:, :, None] * single[:, None] / size[:, None, None]
    phi = _correlate(covariance.sum(axis=0))[pairs]
    count_extreme = _exchange_counts if _is_even(weight, unit) else _exchange_posts
    p_value = count_extreme(has, weight, unit, covariance.sum(axis=0)[pairs], permutations, rng)
    low, high = np.full((2, len(phi)), np.nan)
    if len(size) >= FEWEST_AGENCIES:
        times = rng.multinomial(len(size), np.full(len(size), 1 / len(size)), size=replicates).astype(float)
        drawn = (times @ covariance.reshape(len(size), -1)).reshape(replicates, *covariance.shape[1:])
        spread = _correlate(drawn)[:, pairs[0], pairs[1]]
        known = ~np.isnan(spread).all(axis=0)
        ends = np.nanquantile(spread[:, known], [(1 - level) / 2, (1 + level) / 2], axis=0)
        low[known], high[known] = ends
    corpus = find_corpus(outcomes.posts)
    expected = (single[:, :, None] * single[:, None] / size[:, None, None]).sum(axis=0)[pairs]
    edges = pd.DataFrame(
        {
            "network": "themes",
            "source": [THEME_KEYS[i] for i in pairs[0]],
            "target": [THEME_KEYS[j] for j in pairs[1]],
            "weight": phi,
            "n": joint.sum(axis=0)[pairs],
            "expected": np.maximum(expected, 0),
            "low": low,
            "high": high,
            "p_value": np.where(np.isnan(phi), np.nan, p_value),
        }
    )
    edges["p_adjusted"] = adjust_holm(edges["p_value"])
    edges["corpus"] = pd.Series([corpus] * len(edges), dtype="str")
    nodes = pd.DataFrame({"node": THEME_KEYS, "n_posts": has.sum(axis=0).astype("int64")})
    nodes["corpus"] = pd.Series([corpus] * len(nodes), dtype="str")
    measures = {
        "posts": float(len(has)),
        "agencies": float(len(size)),
        "ties": float((edges["p_adjusted"] < 0.05).sum()),
    }
    return Network("themes", check_table("theme_nodes", nodes), check_table("edges", edges), False, measures)


def _tally(has: np.ndarray, weight: np.ndarray, unit: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Weighted posts (A,), posts with each theme (A, 9), with each two (A, 9, 9), of A agencies that `unit` numbers."""
    member = sparse.csr_array((weight, (unit, np.arange(len(unit)))))
    joint = np.stack([member @ (has * column[:, None]) for column in has.T], axis=1)
    return member @ np.ones(len(has)), member @ has, joint


def _correlate(covariance: np.ndarray) -> np.ndarray:
    """Correlations of (…, 9, 9) sums of products; missing where a theme does not vary."""
    variance = np.diagonal(covariance, axis1=-2, axis2=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = np.sqrt(variance[..., :, None] * variance[..., None, :])
        return np.where(scale > 1e-9, np.clip(covariance / scale, -1, 1), np.nan)


def _is_even(weight: np.ndarray, unit: np.ndarray) -> bool:
    """Whether all posts of an agency weigh the same."""
    return bool(pd.Series(weight).groupby(unit).nunique().max() == 1)


def _exchange_counts(
    has: np.ndarray, weight: np.ndarray, unit: np.ndarray, seen: np.ndarray, permutations: int, rng: np.random.Generator
) -> np.ndarray:
    """p-values of 36 covariances when posts exchange a theme within agencies that weigh their posts alike.

    The number of an agency's posts with both themes is then hypergeometric, whatever the number of posts: no post needs
    to be moved.
    """
    size = np.bincount(unit)
    each = np.bincount(unit, weights=weight) / size
    single = np.stack([np.bincount(unit, weights=column) for column in has.T], axis=1).astype(int)
    p_value = np.ones(len(seen))
    for place, (i, j) in enumerate(zip(*np.triu_indices(has.shape[1], 1), strict=True)):
        one, two = single[:, i], single[:, j]
        varies = (one > 0) & (one < size) & (two > 0) & (two < size)
        drawn = np.zeros(permutations)
        for agency in np.flatnonzero(varies):
            many = rng.hypergeometric(one[agency], size[agency] - one[agency], two[agency], size=permutations)
            drawn += each[agency] * (many - one[agency] * two[agency] / size[agency])
        # sums of floats in another order are not the same to the last bit
        p_value[place] = (1 + (np.abs(drawn) >= abs(seen[place]) - 1e-9).sum()) / (permutations + 1)
    return p_value


def _exchange_posts(
    has: np.ndarray, weight: np.ndarray, unit: np.ndarray, seen: np.ndarray, permutations: int, rng: np.random.Generator
) -> np.ndarray:
    """The same where posts of an agency weigh differently: codes move between its posts, weights stay."""
    order = np.argsort(unit, kind="stable")
    has, weight, unit = has[order], weight[order], unit[order]
    member = sparse.csr_array((weight, (unit, np.arange(len(unit)))))
    size, single = member @ np.ones(len(has)), member @ has
    pairs = np.triu_indices(has.shape[1], 1)
    extreme = np.zeros(len(seen))
    for _ in range(permutations):
        moved = has[np.lexsort((rng.random(len(has)), unit))]
        drawn = (weight[:, None] * has).T @ moved - single.T @ ((member @ moved) / size[:, None])
        extreme += np.abs(drawn[pairs]) >= np.abs(seen) - 1e-9
    return (1 + extreme) / (permutations + 1)
