"""How shares move over the months: smoothed trends with intervals over agencies, and changes of level."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from composite.adoption.bootstrap import RESAMPLES
from composite.adoption.estimates import estimate_group
from composite.adoption.pseudo import Outcomes, group_posts, make_outcomes
from composite.adoption.shares import check_level
from composite.codebook.contract import check_table, find_corpus
from composite.codebook.tables import TABLES
from composite.codebook.themes import THEME_KEYS
from composite.errors import CompositeError
from composite.themes.spread import find_wilson

BANDWIDTH = 3.0
MOST_CLUSTERS = 200


@dataclass(frozen=True)
class _Tallies:
    """Sums of a country's dated posts by cluster and month.

    Attributes
    ----------
    months : list of str
        Every calendar month from the first dated post to the last.
    n, coded, weight, squares : (G, T) arrays
        Posts, coded posts, their weights and the squares of these.
    codes : (G, T, 9) array
        Weighted codes (labels, without codings).
    surprise : (G, T, 9) array
        The same less the weighted tuned probabilities of the same posts.
    chances : (G, T, 9) array
        Tuned probabilities of all posts.
    df : float
    inference : str
    """

    months: list[str]
    n: np.ndarray
    coded: np.ndarray
    weight: np.ndarray
    squares: np.ndarray
    codes: np.ndarray
    surprise: np.ndarray
    chances: np.ndarray
    df: float
    inference: str


def estimate_trends(
    labels: pd.DataFrame,
    codings: pd.DataFrame | None = None,
    *,
    bandwidth: float = BANDWIDTH,
    level: float = 0.95,
    coder: str | None = None,
) -> pd.DataFrame:
    """The table `trends`: one row a country, theme and month, the share of the months around it, and its interval.

    The trend is the corrected share (naive, without codings) of the posts of all months, which count less the farther
    they are: by the normal curve whose standard deviation is `bandwidth` months. The classifier's weight is that of the
    country's share. Intervals are for one month each, by the jackknife over agencies, in Wilson's form; they are for
    the smoothed share, which is flatter than the true one where it bends.

    Parameters
    ----------
    labels, codings, level, coder
        As in `estimate_shares`; posts without a date are left out.
    bandwidth : float
        Months.

    Returns
    -------
    DataFrame
        Table `trends`; every month from a country's first dated post to its last, those without posts too. Missing
        where no coded post is near.

    Raises
    ------
    CompositeError
        If no post has a date, or `bandwidth` is not above 0.
    """
    check_level(level)
    if not bandwidth > 0:
        raise CompositeError(f"bandwidth={bandwidth}: give the months over which to smooth, such as 3")
    outcomes = make_outcomes(labels, codings, coder=coder)
    parts = []
    for country, tallies in _tally(outcomes, codings is not None):
        distance = np.subtract.outer(np.arange(len(tallies.months)), np.arange(len(tallies.months)))
        kernel = np.exp(-0.5 * (distance / bandwidth) ** 2)
        share, left_out, kish = _smooth(tallies, kernel)
        number = len(left_out)
        with np.errstate(invalid="ignore", divide="ignore"):
            variance = (number - 1) / number * ((left_out - share) ** 2).sum(axis=0)
            inside = np.clip(share, 0, 1)
            n = np.where(variance > 0, inside * (1 - inside) / variance, np.inf)
            # where hardly a code differs from the others they show no spread, and say no more than their number
            coded = kernel @ tallies.codes.sum(axis=0) / (kernel @ tallies.weight.sum(axis=0))[:, None]
            alike = np.minimum(coded, 1 - coded) * kish[:, None] < 1
            n = np.where(alike | (inside * (1 - inside) == 0), np.minimum(n, kish[:, None]), n)
            n = np.where(n > 0, n, kish[:, None])
            t = float(stats.t.ppf((1 + level) / 2, tallies.df))
            low, high = find_wilson(inside, n, t)
        known = np.isfinite(share) & (tallies.inference != "descriptive") & np.isfinite(low)
        parts.append(
            pd.DataFrame(
                {
                    "country": country,
                    "theme": np.repeat(THEME_KEYS, len(tallies.months)),
                    "month": tallies.months * len(THEME_KEYS),
                    "n_posts": np.tile(tallies.n.sum(axis=0), len(THEME_KEYS)).astype(int),
                    "n_coded": np.tile(tallies.coded.sum(axis=0), len(THEME_KEYS)).astype(int),
                    "share": inside.T.ravel(),
                    "low": np.where(known, low, np.nan).T.ravel(),
                    "high": np.where(known, high, np.nan).T.ravel(),
                    "inference": np.where(known.T.ravel(), tallies.inference, "descriptive"),
                }
            )
        )
    table = pd.concat(parts, ignore_index=True)
    table = table.astype(dict.fromkeys(("country", "theme", "month", "inference"), "str"))
    table["corpus"] = pd.Series([find_corpus(outcomes.posts)] * len(table), dtype="str")
    return check_table("trends", table)


def find_changes(
    labels: pd.DataFrame,
    codings: pd.DataFrame | None = None,
    *,
    margin: int = 6,
    coder: str | None = None,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> pd.DataFrame:
    """The table `changes`: one row a country and theme, the month since which its share differs most from before.

    Every month is tried that leaves `margin` months before and after it. As one was searched for, the difference looks
    large by design: the p-value is that of the largest of all months, by flipping the signs of whole agencies' errors
    under the hypothesis of no change, and is adjusted by Holm over all rows. With few agencies it cannot be small. A
    change of the country's posts may be one of what agencies do, or of which agencies post. Read it as a question.

    Parameters
    ----------
    labels, codings, coder
        As in `estimate_shares`; posts without a date are left out.
    margin : int
        Months on each side, at least 1.
    resamples : int
    seed : int

    Returns
    -------
    DataFrame
        Table `changes`; a country appears if it has five coded agencies (agencies, without codings) and is seen for
        more than twice the margin.

    Raises
    ------
    CompositeError
        If no post has a date, or `margin` is below 1.

    References
    ----------
    Andrews, D. W. K. (1993). Tests for parameter instability and structural change with unknown change point.
    *Econometrica*, 61(4), 821–856. https://doi.org/10.2307/2951764
    """
    if margin < 1:
        raise CompositeError(f"margin={margin}: leave a month on each side at the least")
    outcomes = make_outcomes(labels, codings, coder=coder)
    rows = []
    for country, tallies in _tally(outcomes, codings is not None):
        number = len(tallies.months)
        if tallies.inference != "agencies" or number < 2 * margin:
            continue
        split = np.arange(margin, number - margin + 1)
        after = (np.arange(number)[None] >= split[:, None]).astype(float)  # (S, T)
        before_share, after_share = (_smooth(tallies, side)[0] for side in (1 - after, after))
        share = _smooth(tallies, np.ones((1, number)))[0][0]
        mean_chance = tallies.chances.sum(axis=(0, 1)) / tallies.n.sum()
        error = tallies.surprise - tallies.weight[..., None] * (share - mean_chance)
        rest = tallies.chances - tallies.n[..., None] * mean_chance
        score = np.zeros((len(tallies.n), len(split), len(share)))
        for side, sign in ((after, 1), (1 - after, -1)):
            with np.errstate(divide="ignore", invalid="ignore"):
                weight, posts = (side @ tallies.weight.sum(axis=0))[:, None], (side @ tallies.n.sum(axis=0))[:, None]
                score += sign * (np.einsum("st,gtk->gsk", side, error) / weight)
                score += sign * (np.einsum("st,gtk->gsk", side, rest) / posts)
        flips = np.random.default_rng(seed).choice([-1.0, 1.0], size=(resamples, len(score)))
        for place, theme in enumerate(THEME_KEYS):
            own = score[..., place]
            scale = np.sqrt((own**2).sum(axis=0))
            usable = np.isfinite(scale) & (scale > 0)
            if not usable.any():
                continue
            own, scale = own[:, usable], scale[usable]
            seen = np.abs(own.sum(axis=0)) / scale
            best = int(seen.argmax())
            drawn = np.abs(flips @ own / scale).max(axis=1)
            at = split[usable][best]
            one, two = before_share[usable][best, place], after_share[usable][best, place]
            rows.append(
                {
                    "country": country,
                    "theme": theme,
                    "month": tallies.months[at],
                    "n_months": number,
                    "n_agencies": len(score),
                    "before": float(np.clip(one, 0, 1)),
                    "after": float(np.clip(two, 0, 1)),
                    "difference": float(two - one),
                    "p_value": (1 + int((drawn >= seen[best] * (1 - 1e-9)).sum())) / (1 + resamples),
                }
            )
    table = pd.DataFrame(rows, columns=[c for c in TABLES["changes"].columns if c not in ("p_adjusted", "corpus")])
    table = table.astype({"country": "str", "theme": "str", "month": "str", "n_months": "int64", "n_agencies": "int64"})
    table["p_adjusted"] = np.nan
    if len(table):
        from statsmodels.stats.multitest import multipletests

        table["p_adjusted"] = multipletests(table["p_value"], method="holm")[1]
    table["corpus"] = pd.Series([find_corpus(outcomes.posts)] * len(table), dtype="str")
    numbers = dict.fromkeys(("before", "after", "difference", "p_value", "p_adjusted"), "float64")
    return check_table("changes", table.astype(numbers)[list(TABLES["changes"].columns)])


def _tally(outcomes: Outcomes, corrected: bool) -> Iterator[tuple[str, _Tallies]]:
    """The tallies of every country with dated posts."""
    dated = outcomes.posts["published"].notna().to_numpy()
    if not dated.any():
        raise CompositeError("no post has a date: trends need the column 'published'")
    utc = outcomes.posts["published"].dt.tz_convert("UTC")
    number = (12 * utc.dt.year + utc.dt.month).to_numpy()
    for (country,), every in group_posts(outcomes.posts, "country"):
        rows = every[dated[every]]
        if not len(rows):
            continue
        first, last = int(number[rows].min()), int(number[rows].max())
        months = [f"{(m - 1) // 12:04d}-{(m - 1) % 12 + 1:02d}" for m in range(first, last + 1)]
        agencies = outcomes.posts["agency"].iloc[rows].to_numpy()
        estimate = estimate_group(outcomes, rows, agencies, "corrected" if corrected else "naive")
        cluster = np.unique(agencies, return_inverse=True)[1]
        if estimate.inference != "agencies":
            cluster = np.arange(len(rows)) % min(len(rows), MOST_CLUSTERS)
        weight = outcomes.weight[rows] if corrected else np.ones(len(rows))
        if corrected:
            chances = outcomes.chances[rows] * np.nan_to_num(estimate.tuning)
            values = outcomes.coded[rows] - weight[:, None] * chances
        else:
            chances, values = np.zeros((len(rows), len(THEME_KEYS))), outcomes.naive[rows]
        shape = (int(cluster.max()) + 1, len(months))
        cell = cluster * len(months) + (number[rows].astype(int) - first)

        def add(column: np.ndarray, cell: np.ndarray = cell, shape: tuple[int, int] = shape) -> np.ndarray:
            return np.bincount(cell, weights=column, minlength=shape[0] * shape[1]).reshape(shape)

        yield (
            str(country),
            _Tallies(
                months,
                add(np.ones(len(rows))),
                add((weight > 0).astype(float) if corrected else np.zeros(len(rows))),
                add(weight),
                add(weight**2),
                np.stack(
                    [add(column) for column in (outcomes.coded if corrected else outcomes.naive)[rows].T], axis=-1
                ),
                np.stack([add(column) for column in values.T], axis=-1),
                np.stack([add(column) for column in chances.T], axis=-1),
                estimate.df if estimate.inference != "descriptive" else 1.0,
                estimate.inference,
            ),
        )


def _smooth(tallies: _Tallies, kernel: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Corrected shares with months weighted by each row of `kernel`, without each cluster, and posts they are worth.

    Returns
    -------
    (T, 9), (G, T, 9) and (T,) arrays
    """
    weight, n = tallies.weight @ kernel.T, tallies.n @ kernel.T  # (G, T)
    values, chances = (np.einsum("st,gtk->gsk", kernel, x) for x in (tallies.surprise, tallies.chances))
    # months that are too far count for nothing: what is left of their weight is rounding
    far = weight.sum(axis=0) < 1e-6

    def mean(v: np.ndarray, w: np.ndarray, p: np.ndarray, m: np.ndarray) -> np.ndarray:
        with np.errstate(divide="ignore", invalid="ignore"):
            return v / w[..., None] + p / m[..., None]

    share = mean(values.sum(axis=0), weight.sum(axis=0), chances.sum(axis=0), n.sum(axis=0))
    share[far] = np.nan
    rest = weight.sum(axis=0) - weight
    left_out = mean(values.sum(axis=0) - values, rest, chances.sum(axis=0) - chances, n.sum(axis=0) - n)
    # without a cluster that has nearly all codes near a month there is nothing to estimate it from
    left_out = np.where((rest > 1e-3 * weight.sum(axis=0))[..., None], left_out, np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        kish = weight.sum(axis=0) ** 2 / (tallies.squares.sum(axis=0) @ (kernel**2).T)
    return share, left_out, kish
