"""Shares of the nine themes by country: naive, coded and corrected side by side, with intervals over agencies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from composite.adoption.pseudo import Outcomes, group_posts, make_outcomes
from composite.codebook.contract import check_table, find_corpus
from composite.codebook.tables import METHODS, TABLES
from composite.codebook.themes import THEME_KEYS
from composite.errors import CompositeError

FEWEST_AGENCIES = 5


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
    """

    share: np.ndarray
    se: np.ndarray
    df: float
    n: int
    scale: np.ndarray
    unanimous: np.ndarray
    inference: str


def estimate_shares(
    labels: pd.DataFrame,
    codings: pd.DataFrame | None = None,
    *,
    by: str | Sequence[str] = "country",
    level: float = 0.95,
    coder: str | None = None,
) -> pd.DataFrame:
    """The table `shares`: one row a group, theme and method.

    * `naive` counts the posts whose probability reaches 0.5: what a study without codings reports. Its interval leaves
      the classifier's errors out.
    * `coded` is the weighted share among coded posts, `Σ (R/π) Y / Σ R/π`.
    * `corrected` is the mean of `p + (R/π)(Y − p)` over all posts, unbiased however wrong the classifier is.

    Standard errors are by agency: the jackknife that leaves out one agency at a time (CRV3), with t on the effective
    number of agencies less one. With fewer than five agencies (coded ones, for `coded` and `corrected`) there is no
    interval over agencies; the row says `inference = "posts"`, and its interval is for the posts of these agencies
    only. Intervals have Wilson's form with the effective number of posts, so they stay within 0 and 1.

    Parameters
    ----------
    labels : DataFrame
        Table `labels`, every post with an agency.
    codings : DataFrame, optional
        Table `codings`, a probability sample. Without it there are only `naive` rows.
    by : str or sequence of str
        Columns of `labels`, and `month` or `year`. Agencies of one name in two countries are one group under
        `agency` and two under `("country", "agency")`.
    level : float
        Coverage of the intervals, between 0 and 1.
    coder : str, optional
        Whose codes count, see `choose_coder`.

    Returns
    -------
    DataFrame
        Table `shares`; proportions 0–1, in the order of `by`, themes and methods.

    Raises
    ------
    CompositeError
        If the tables do not fit each other or `by` names no column.

    References
    ----------
    MacKinnon, J. G., Nielsen, M. Ø., & Webb, M. D. (2023). Cluster-robust inference: a guide to empirical practice.
    *Journal of Econometrics*, 232(2), 272–299. https://doi.org/10.1016/j.jeconom.2022.04.001
    Franco, C., Little, R. J. A., Louis, T. A., & Slud, E. V. (2019). Comparative study of confidence intervals for
    proportions in complex sample surveys. *JSSAM*, 7(3), 334–364. https://doi.org/10.1093/jssam/smy019
    Kish, L. (1965). *Survey sampling*. Wiley.

    Examples
    --------
    >>> import composite as cp
    >>> posts, codings = cp.read_posts(cp.CORPUS / "posts.csv"), cp.read_codings(cp.CORPUS / "codings.csv")
    >>> labels = cp.label_posts(cp.ThemeClassifier(), posts, codings)
    >>> shares = cp.estimate_shares(labels, codings)
    >>> shares.query("country == 'GB' and theme == 'interaction'")["method"].tolist()
    ['naive', 'coded', 'corrected']
    """
    check_level(level)
    outcomes = make_outcomes(labels, codings, coder=coder)
    names = [by] if isinstance(by, str) else list(by)
    taken = [name for name in names if name in TABLES["shares"].columns and name not in ("country", "corpus")]
    if taken:
        raise CompositeError(f"by={taken[0]!r} is a column of the result: rename that column of the labels")
    corpus = find_corpus(outcomes.posts)
    methods = METHODS if codings is not None else METHODS[:1]
    tables = []
    for key, rows in group_posts(outcomes.posts, by):
        agencies = outcomes.posts["country"].iloc[rows] + "/" + outcomes.posts["agency"].iloc[rows]
        for method in methods:
            estimate = estimate_group(outcomes, rows, agencies.to_numpy(), method)
            low, high = find_interval(estimate, level)
            tables.append(
                pd.DataFrame(
                    {
                        **dict(zip(names, key, strict=True)),
                        "theme": THEME_KEYS,
                        "method": method,
                        "n_posts": len(rows),
                        "n_agencies": agencies.nunique(),
                        "n_coded": int((outcomes.weight[rows] > 0).sum()),
                        "n_agencies_coded": agencies[outcomes.weight[rows] > 0].nunique(),
                        "share": np.clip(estimate.share, 0, 1),
                        "low": low,
                        "high": high,
                        "se": estimate.se,
                        "df": estimate.df if estimate.df > 0 else np.nan,
                        "inference": estimate.inference,
                    }
                )
            )
    table = pd.concat(tables, ignore_index=True)
    order = {theme: number for number, theme in enumerate((*THEME_KEYS, *METHODS))}
    table = table.sort_values(
        [*names, "theme", "method"],
        key=lambda c: c.map(order) if c.name in ("theme", "method") else c,
        ignore_index=True,
    )
    if "corpus" not in names:
        table["corpus"] = pd.Series([corpus] * len(table), dtype="str")
    return check_table("shares", table)


def check_level(level: float) -> None:
    """Nothing, if `level` is a coverage between 0 and 1; else an error."""
    if not 0 < level < 1:
        raise CompositeError(f"level={level} is not between 0 and 1: use 0.95 for 95 % intervals")


def estimate_group(outcomes: Outcomes, rows: np.ndarray, agencies: np.ndarray, method: str) -> Estimate:
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
    """
    values = {"naive": outcomes.naive, "coded": outcomes.coded, "corrected": outcomes.corrected}[method][rows]
    # what is counted: labels of all posts, or codes of those that were coded, by their weight
    counted, said = (values, np.ones(len(rows))) if method == "naive" else (outcomes.coded[rows], outcomes.weight[rows])
    size = said if method == "coded" else np.ones(len(rows))
    n = int((said > 0).sum())
    if not n:
        nothing = np.full(len(THEME_KEYS), np.nan)
        return Estimate(nothing, nothing, np.nan, 0, nothing, np.zeros(len(THEME_KEYS), dtype=bool), "descriptive")
    share = values.sum(axis=0) / size.sum()
    plain = counted.sum(axis=0) / said.sum()
    found = (counted > 0).sum(axis=0)
    unanimous = (found == 0) | (found == n)
    kish = float(said.sum() ** 2 / (said**2).sum())
    by_agency = np.bincount(np.unique(agencies, return_inverse=True)[1], weights=said)
    effective = float(by_agency.sum() ** 2 / (by_agency**2).sum())
    if (by_agency > 0).sum() >= FEWEST_AGENCIES:
        inference, df, most = "agencies", max(1.0, effective - 1), kish / effective
        variance = _jackknife(values, size, agencies)
        counted_variance = variance if method != "corrected" else _jackknife(counted, said, agencies)
    elif n >= 2:
        inference, df, most = "posts", n - 1.0, 1.0
        variance = _linearise(values, size)
        counted_variance = variance if method != "corrected" else _linearise(counted, said)
    else:
        nothing = np.full(len(share), np.nan)
        return Estimate(share, nothing, np.nan, n, nothing, unanimous, "descriptive")
    independent = plain * (1 - plain) / kish
    # how much less the posts of few agencies say than independent ones, over all themes, within what is possible
    effect = float(np.clip(counted_variance.sum() / independent.sum(), 1, most)) if independent.any() else 1.0
    m = kish / effect
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = np.where(unanimous, 1 / m, counted_variance / (plain * (1 - plain)))
    if method != "naive":
        variance = variance + _find_hidden(counted, said)
    # codes that are all alike show no spread of their own, but the next one might differ (rule of succession)
    variance = np.where(unanimous, np.maximum(variance, (m + 1) / (m + 2) ** 2 / m), variance)
    return Estimate(share, np.sqrt(variance), df, n, scale, unanimous, inference)


def _find_hidden(coded: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """The variance that codes do not show which are all alike within a stratum of posts, (9,).

    A few posts coded for certain have the theme, and none of the posts that were drawn: the spread of the many that
    these stand for is not seen. Posts of about one probability (to the nearest power of two) are a stratum; by the rule
    of succession a share of `1/(n + 2)` of it might differ.
    """
    rows = weight > 0
    _, index, sizes = np.unique(np.round(np.log2(weight[rows])), return_inverse=True, return_counts=True)
    stands_for = np.bincount(index, weights=weight[rows])
    has = (coded[rows] > 0).astype(float)
    found = np.stack([np.bincount(index, weights=column, minlength=len(sizes)) for column in has.T])
    alike = (found == 0) | (found == sizes)
    part = stands_for / stands_for.sum()
    hidden = part**2 * (sizes + 1) / ((sizes + 2) ** 2 * sizes) * (1 - sizes / stands_for)
    return (alike * hidden).sum(axis=1)


def _linearise(values: np.ndarray, size: np.ndarray) -> np.ndarray:
    """Variances of the ratios `Σ values / Σ size` of independent posts, (9,)."""
    share = values.sum(axis=0) / size.sum()
    residual = (values - size[:, None] * share) / (size.sum() / len(size))
    return residual.var(axis=0, ddof=1) / len(size)


def _jackknife(values: np.ndarray, size: np.ndarray, agencies: np.ndarray) -> np.ndarray:
    """CRV3 variances of the ratios `Σ values / Σ size`, leaving out one agency at a time, (9,)."""
    code, index = np.unique(agencies, return_inverse=True)
    totals = np.stack([np.bincount(index, weights=column, minlength=len(code)) for column in values.T])
    sizes = np.bincount(index, weights=size, minlength=len(code))
    used = sizes > 0
    share = totals.sum(axis=1, keepdims=True) / sizes.sum()
    left_out = (totals.sum(axis=1, keepdims=True) - totals[:, used]) / (sizes.sum() - sizes[used])
    number = int(used.sum())
    return (number - 1) / number * ((left_out - share) ** 2).sum(axis=1)


def find_interval(estimate: Estimate, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Ends of the nine intervals: all shares that a t-test with the variance they would have does not reject.

    The variance at a share θ is `se² + c (θ(1 − θ) − s(1 − s))`, the estimated one carried from the estimate s to θ.
    With `c = se² / s(1 − s)` this is Wilson's interval with the effective sample size `1/c`. Near 0 and 1 that quotient
    runs away (a corrected share also has the classifier's noise, which does not vanish there), so c is at most the
    scale of the posts counted, and no end lies farther out than that of an estimate nearer to one half with the same
    se. Where all posts are alike, the interval is Wilson's for none of them, and reaches at least share ± t se. Missing
    where nothing is known.
    """
    if estimate.inference == "descriptive":
        nothing = np.full_like(estimate.share, np.nan)
        return nothing, nothing
    share = np.clip(estimate.share, 0, 1)
    t = stats.t.ppf((1 + level) / 2, estimate.df)
    high = _find_upper(estimate.share, estimate, t)
    low = 1 - _find_upper(1 - estimate.share, estimate, t)
    return np.minimum(np.clip(low, 0, 1), share), np.maximum(np.clip(high, 0, 1), share)


def _find_upper(estimated: np.ndarray, estimate: Estimate, t: float) -> np.ndarray:
    """Upper ends of the intervals of nine estimates whose variance is that of `estimate`."""
    alike, variance = estimate.unanimous, estimate.se**2
    # the estimate itself first, then others up to one half
    steps = np.linspace(0, 1, 101)[:, None]
    centre = np.where(alike, np.round(np.clip(estimated, 0, 1)), estimated + steps * np.maximum(0.5 - estimated, 0))
    inside = np.clip(centre, 0, 1)
    binomial = np.where(alike, 0, inside * (1 - inside))
    spread = np.where(alike, 0, variance)
    with np.errstate(divide="ignore", invalid="ignore"):
        c = np.where(binomial > 0, np.minimum(spread / binomial, estimate.scale), estimate.scale)
    # the quadratic (θ − centre)² = t² (spread + c (θ(1 − θ) − binomial))
    half = centre + t**2 * c / 2
    root = np.sqrt(np.maximum(half**2 - (1 + t**2 * c) * (centre**2 - t**2 * (spread - c * binomial)), 0))
    high = ((half + root) / (1 + t**2 * c)).min(axis=0)
    return np.where(alike, np.maximum(high, estimated + t * estimate.se), high)
