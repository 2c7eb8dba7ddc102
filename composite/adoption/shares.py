"""Shares of the nine themes by country: naive, coded and corrected side by side, with intervals over agencies."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

from composite.adoption.estimates import FEWEST_AGENCIES as FEWEST_AGENCIES
from composite.adoption.estimates import Estimate, estimate_group
from composite.adoption.pseudo import group_posts, make_outcomes
from composite.codebook.contract import check_table, find_corpus
from composite.codebook.tables import METHODS, TABLES
from composite.codebook.themes import THEME_KEYS
from composite.errors import CompositeError


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
    * `corrected` is the coded share, plus `tuning` times what the mean probability of all posts exceeds that of the
      coded ones, weighted: right on average however wrong the classifier is, and no less precise than `coded`, but for
      chance. `tuning` is the slope of codes on probabilities among the drawn posts, within strata if the codings have a
      column `stratum`, held to 0–1 (PPI++).

    Standard errors are by agency: the jackknife that leaves out one agency at a time (CRV3), with t on Bell and
    McCaffrey's degrees of freedom. With fewer than five agencies (coded ones, for `coded` and `corrected`) there is no
    interval over agencies; the row says `inference = "posts"`, and its interval is for the posts of these agencies
    only. Intervals have Wilson's form with the effective number of posts, so they stay within 0 and 1.

    Parameters
    ----------
    labels : DataFrame
        Table `labels`, every post with an agency.
    codings : DataFrame, optional
        Table `codings`, a probability sample. Without it there are only `naive` rows.
    by : str or sequence of str
        Columns of `labels`, such as `country`, `kind`, `platform` or `language`, and `month` or `year`. Agencies of one
        name in two countries are one group under `agency` and two under `("country", "agency")`.
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
    Angelopoulos, A. N., Duchi, J. C., & Zrnic, T. (2023). PPI++: efficient prediction-powered inference.
    https://doi.org/10.48550/arXiv.2311.01453
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
                        "effective_agencies": estimate.effective,
                        "share": np.clip(estimate.share, 0, 1),
                        "low": low,
                        "high": high,
                        "se": estimate.se,
                        "df": estimate.df if estimate.df > 0 else np.nan,
                        "tuning": estimate.tuning,
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


def find_interval(estimate: Estimate, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Ends of the nine intervals: all shares that a t-test with the variance they would have does not reject.

    The variance at a share θ is `se² + c (θ(1 − θ) − s(1 − s))`, the estimated one carried from the estimate s to θ.
    With `c = se² / s(1 − s)` this is Wilson's interval with the effective sample size `1/c`. Near 0 and 1 that quotient
    runs away (a corrected share also has the classifier's noise, which does not vanish there), so c is at most the
    scale of the posts counted, and no end lies farther out than that of an estimate nearer to one half with the same
    se. Where all posts are alike, the interval is Wilson's for none of them, and reaches at least share ± t se. Where
    the codes of a stratum are alike, its Wilson interval and what the other codes show are added as squares (as in Zou
    and Donner's MOVER). Missing where nothing is known.
    """
    if estimate.inference == "descriptive":
        nothing = np.full_like(estimate.share, np.nan)
        return nothing, nothing
    share = np.clip(estimate.share, 0, 1)
    t = stats.t.ppf((1 + level) / 2, estimate.df)
    high = _find_upper(estimate.share, estimate, t)
    low = 1 - _find_upper(1 - estimate.share, estimate, t)
    if estimate.alike is not None:
        shown = np.maximum(estimate.se**2 - estimate.alike.find_variance(), 0)
        below, above = (
            np.where((reach > 0) & ~estimate.unanimous, np.sqrt(t**2 * shown + reach**2), 0)
            for reach in estimate.alike.find_reach(t)
        )
        low = np.where(below > 0, np.minimum(low, estimate.share - below), low)
        high = np.where(above > 0, np.maximum(high, estimate.share + above), high)
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
