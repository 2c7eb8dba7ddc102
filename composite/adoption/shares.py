"""Shares of the nine themes by country: naive, coded and corrected side by side, with intervals over agencies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from composite.adoption.pseudo import Outcomes, find_corpus, group_posts, make_outcomes
from composite.codebook.contract import check_table
from composite.codebook.tables import METHODS
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
    size : float
        Their effective number under unequal sampling, `(Σ w)² / Σ w²` (Kish 1965).
    inference : str
        `agencies`, `posts` or `descriptive`.
    """

    share: np.ndarray
    se: np.ndarray
    df: float
    n: int
    size: float
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
    only. Intervals are Wilson's with the effective sample size `share (1 − share) / se²`, so they stay within 0 and 1.

    Parameters
    ----------
    labels : DataFrame
        Table `labels`, every post with an agency.
    codings : DataFrame, optional
        Table `codings`, a probability sample. Without it there are only `naive` rows.
    by : str or sequence of str
        Columns of `labels`, and `month` or `year`.
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
    Carter, A. V., Schnepel, K. T., & Steigerwald, D. G. (2017). Asymptotic behavior of a t-test robust to cluster
    heterogeneity. *REStat*, 99(4), 698–709. https://doi.org/10.1162/REST_a_00639

    Examples
    --------
    >>> import composite as cp
    >>> posts, codings = cp.read_posts(cp.CORPUS / "posts.csv"), cp.read_codings(cp.CORPUS / "codings.csv")
    >>> labels = cp.label_posts(cp.ThemeClassifier(), posts, codings)
    >>> shares = cp.estimate_shares(labels, codings)
    >>> shares.query("country == 'GB' and theme == 'interaction'")["method"].tolist()
    ['naive', 'coded', 'corrected']
    """
    if not 0 < level < 1:
        raise CompositeError(f"level={level} is not between 0 and 1: use 0.95 for 95 % intervals")
    outcomes = make_outcomes(labels, codings, coder=coder)
    names = [by] if isinstance(by, str) else list(by)
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
    weight = outcomes.weight[rows]
    size = weight if method == "coded" else np.ones(len(rows))
    # how much each agency says: its posts, or for coder-based methods its coded posts by their weight
    said = np.ones(len(rows)) if method == "naive" else weight
    n = int((said > 0).sum())
    kish = float(said.sum() ** 2 / (said**2).sum()) if n else 0.0
    if not n or not size.sum():
        nothing = np.full(len(THEME_KEYS), np.nan)
        return Estimate(nothing, nothing, np.nan, 0, 0.0, "descriptive")
    code, index = np.unique(agencies, return_inverse=True)
    totals = np.stack([np.bincount(index, weights=column, minlength=len(code)) for column in values.T])
    sizes = np.bincount(index, weights=size, minlength=len(code))
    share = totals.sum(axis=1) / sizes.sum()
    speaking = np.bincount(index, weights=said, minlength=len(code))
    present = int((speaking > 0).sum())
    if present >= FEWEST_AGENCIES:
        used = sizes > 0
        left_out = (totals.sum(axis=1, keepdims=True) - totals[:, used]) / (sizes.sum() - sizes[used])
        number = int(used.sum())
        se = np.sqrt((number - 1) / number * ((left_out - share[:, None]) ** 2).sum(axis=1))
        effective = speaking.sum() ** 2 / (speaking**2).sum()
        return Estimate(share, se, max(1.0, effective - 1), n, kish, "agencies")
    if n < 2:
        return Estimate(share, np.full(len(share), np.nan), np.nan, n, kish, "descriptive")
    # linearised mean of the posts: for `coded` a ratio, else a plain mean
    residual = (values - size[:, None] * share) / (sizes.sum() / len(rows))
    return Estimate(share, residual.std(axis=0, ddof=1) / np.sqrt(len(rows)), n - 1.0, n, kish, "posts")


def find_interval(estimate: Estimate, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Ends of the nine Wilson intervals with t quantiles and effective sample sizes; missing where nothing is known.

    A share at 0 or 1 has no variance of its own and is given the effective number of its posts: seeing a theme in none
    of n coded posts bounds its share as in a simple random sample. A corrected share may fall outside 0 to 1 by chance;
    it is shown at the bound, and its interval then also reaches as far as share ± t se.
    """
    if estimate.inference == "descriptive":
        nothing = np.full_like(estimate.share, np.nan)
        return nothing, nothing
    share = np.clip(estimate.share, 0, 1)
    variance = share * (1 - share)
    inside = (variance > 0) & (estimate.se > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        size = np.where(inside, variance / estimate.se**2, estimate.size)
    t = stats.t.ppf((1 + level) / 2, estimate.df)
    middle = (share + t**2 / (2 * size)) / (1 + t**2 / size)
    half = t / (1 + t**2 / size) * np.sqrt(variance / size + t**2 / (4 * size**2))
    low, high = middle - half, middle + half
    outside = estimate.share != share
    low = np.where(outside, np.minimum(low, estimate.share - t * estimate.se), low)
    high = np.where(outside, np.maximum(high, estimate.share + t * estimate.se), high)
    return np.minimum(np.clip(low, 0, 1), share), np.maximum(np.clip(high, 0, 1), share)
