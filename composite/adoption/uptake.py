"""Use over time: posts by month, and since when each agency uses each theme."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np
import pandas as pd
from scipy import optimize, special

from composite.adoption.campaigns import name_days
from composite.adoption.estimates import estimate_group
from composite.adoption.pseudo import Outcomes, group_posts, make_outcomes
from composite.codebook.contract import check_table, find_corpus
from composite.codebook.tables import TABLES
from composite.codebook.themes import THEME_KEYS
from composite.errors import CompositeError

LEAST, CERTAINTY = 2, 0.9


def count_months(labels: pd.DataFrame) -> pd.DataFrame:
    """The table `months`: one row a country and calendar month from its first dated post to its last, with its posts.

    A month without posts between two with posts counts 0; posts without a date are in no month.

    Parameters
    ----------
    labels : DataFrame
        Table `labels` or `posts`.
    """
    dated = labels.loc[labels["published"].notna(), ["country", "published"]]
    month = name_days(dated["published"], "UTC").str[:7]
    counts = dated.groupby(["country", month]).size()
    rows = []
    for country, found in counts.groupby(level=0):
        seen = found.droplevel(0)
        for period in pd.period_range(seen.index.min(), seen.index.max(), freq="M"):
            rows.append({"country": country, "month": str(period), "n_posts": int(seen.get(str(period), 0))})
    table = pd.DataFrame(rows, columns=["country", "month", "n_posts"])
    table = table.astype({"country": "str", "month": "str", "n_posts": "int64"})
    table["corpus"] = pd.Series([find_corpus(labels)] * len(table), dtype="str")
    return check_table("months", table)


def find_uptake(
    labels: pd.DataFrame,
    codings: pd.DataFrame | None = None,
    *,
    least: int = LEAST,
    certainty: float = CERTAINTY,
    coder: str | None = None,
) -> pd.DataFrame:
    """The table `uptake`: one row an agency and theme, whether the agency has adopted the theme, and in which month.

    **The rule.** An agency has adopted a theme from the first month by whose end it has published at least `least`
    posts with the theme, with a probability of at least `certainty`. A coded post has the theme or not. Any other has
    it with the classifier's probability, recalibrated on the coded posts and moved in each country so that its posts
    with the theme add up to the corrected share; such posts count as independent. How the answer depends on the two
    numbers is told by `vary_uptake`.

    Parameters
    ----------
    labels, codings, coder
        As in `estimate_shares`; posts without a date are left out. Without codings, probabilities are taken as they
        are.
    least : int
        Posts with the theme that make it a use and not an accident.
    certainty : float
        Between 0 and 1.

    Returns
    -------
    DataFrame
        Table `uptake`. An agency whose posts end before it has adopted a theme has no `first_month`: it may adopt the
        theme later. One whose first month is that of its first post may have adopted it before.

    Raises
    ------
    CompositeError
        If `least` is below 1, `certainty` is no probability, or no post has a date.

    Examples
    --------
    >>> import composite as cp
    >>> posts, codings = cp.read_posts(cp.CORPUS / "posts.csv"), cp.read_codings(cp.CORPUS / "codings.csv")
    >>> labels = cp.label_posts(cp.ThemeClassifier(), posts, codings)
    >>> uptake = cp.find_uptake(labels, codings)
    >>> bool((uptake["adopted"] == uptake["first_month"].notna()).all())
    True
    """
    return next(iter(_apply_rules(labels, codings, [(least, certainty)], coder)))


def vary_uptake(
    labels: pd.DataFrame,
    codings: pd.DataFrame | None = None,
    *,
    least: Sequence[int] = (1, 2, 3, 5),
    certainty: Sequence[float] = (0.5, 0.8, 0.9, 0.95),
    coder: str | None = None,
) -> pd.DataFrame:
    """The table `uptake_rules`: one row a rule and theme, how many agencies it finds to have adopted it, and how soon.

    Parameters
    ----------
    labels, codings, coder
        As in `find_uptake`.
    least, certainty : sequences
        All combinations are tried.

    Returns
    -------
    DataFrame
        Table `uptake_rules`; `months` is the median, over the agencies that adopted, of the months since their first
        post.

    Raises
    ------
    CompositeError
        As `find_uptake`.
    """
    rules = list(product(least, certainty))
    parts = []
    for (posts, sure), table in zip(rules, _apply_rules(labels, codings, rules, coder), strict=True):
        groups = table.groupby("theme", sort=False)
        part = groups.agg(n_agencies=("agency", "size"), n_adopted=("adopted", "sum"), corpus=("corpus", "first"))
        part["months"] = table[table["adopted"]].groupby("theme")["months"].median()
        parts.append(part.reset_index().assign(least=posts, certainty=sure))
    table = pd.concat(parts, ignore_index=True)
    table["corpus"] = table["corpus"].astype("str")
    return check_table("uptake_rules", table[list(TABLES["uptake_rules"].columns)])


def _apply_rules(
    labels: pd.DataFrame, codings: pd.DataFrame | None, rules: Sequence[tuple[int, float]], coder: str | None
) -> list[pd.DataFrame]:
    for least, certainty in rules:
        if least < 1:
            raise CompositeError(f"least={least}: a theme is used in 1 post at the least")
        if not 0 < certainty < 1:
            raise CompositeError(f"certainty={certainty} is not between 0 and 1: use 0.9 for 90 %")
    outcomes = make_outcomes(labels, codings, coder=coder)
    dated = outcomes.posts["published"].notna().to_numpy()
    if not dated.any():
        raise CompositeError("no post has a date: uptake needs the column 'published'")
    chances = calibrate(outcomes) if codings is not None else outcomes.chances
    month = name_days(outcomes.posts["published"], "UTC").str[:7].to_numpy(dtype=object)
    published = outcomes.posts["published"].to_numpy()
    agencies: list[tuple[str, str, int, str, int]] = []
    expected: list[np.ndarray] = []
    # for every rule and agency: whether a theme is adopted, in which month, and how many months after the first
    found: list[list[tuple[np.ndarray, np.ndarray, np.ndarray]]] = [[] for _ in rules]
    for (country, agency), rows in group_posts(outcomes.posts, ("country", "agency")):
        rows = rows[dated[rows]]
        if not len(rows):
            continue
        rows = rows[np.argsort(published[rows], kind="stable")]
        months, starts = np.unique(month[rows], return_index=True)
        last = np.append(starts[1:], len(rows)) - 1
        fewer = _count_fewer(chances[rows], last, rules)
        span = _count_between(months[0], months)
        agencies.append((country, agency, len(rows), months[0], int(span[-1]) + 1))
        expected.append(chances[rows].sum(axis=0))
        for place, (least, certainty) in enumerate(rules):
            likely = 1 - fewer[least - 1] >= certainty
            first = likely.argmax(axis=0)
            found[place].append((likely.any(axis=0), months[first], span[first]))
    corpus = find_corpus(outcomes.posts)
    names = pd.DataFrame(agencies, columns=["country", "agency", "n_posts", "start", "months_seen"])
    names = names.loc[names.index.repeat(len(THEME_KEYS))].reset_index(drop=True)
    names = names.assign(theme=THEME_KEYS * len(agencies), expected=np.concatenate(expected), corpus=corpus)
    tables = []
    for parts in found:
        adopted, first_month, span = (np.stack(column) for column in zip(*parts, strict=True))
        table = names.assign(
            adopted=adopted.ravel(),
            first_month=np.where(adopted, first_month, np.array(None, dtype=object)).ravel(),
            months=np.where(adopted, span, np.nan).ravel(),
            breadth=adopted.sum(axis=1).repeat(len(THEME_KEYS)),
        )
        table = table.astype(dict.fromkeys(("country", "agency", "theme", "first_month", "start", "corpus"), "str"))
        tables.append(check_table("uptake", table[list(TABLES["uptake"].columns)]))
    return tables


def _count_between(start: str, months: np.ndarray) -> np.ndarray:
    """Calendar months from `start` to each of `months`."""
    number = np.array([12 * int(name[:4]) + int(name[5:7]) for name in (start, *months)])
    return number[1:] - number[0]


def _count_fewer(chances: np.ndarray, last: np.ndarray, rules: Sequence[tuple[int, float]]) -> np.ndarray:
    """Probabilities of fewer than 1, 2, … posts with the theme up to each month's last post, (most, months, 9).

    From the month in which every theme is adopted by every rule, nothing changes any more: they are 0 there, so that
    the time does not grow with the posts of an agency.
    """
    most = max(least for least, _ in rules)
    exactly = np.zeros((most, chances.shape[1]))
    exactly[0] = 1
    fewer = np.zeros((most, len(last), chances.shape[1]))
    adopted = np.zeros((len(rules), chances.shape[1]), dtype=bool)
    for month, (start, end) in enumerate(zip((0, *(last[:-1] + 1)), last + 1, strict=True)):
        for chance in chances[start:end]:
            exactly[1:] = exactly[1:] * (1 - chance) + exactly[:-1] * chance
            exactly[0] *= 1 - chance
        fewer[:, month] = np.minimum(exactly.cumsum(axis=0), 1)
        adopted |= np.stack([1 - fewer[least - 1, month] >= certainty for least, certainty in rules])
        if adopted.all():
            break
    return fewer


def calibrate(outcomes: Outcomes) -> np.ndarray:
    """The probability of each theme in every post, (n, 9): codes where there are, else recalibrated probabilities.

    One logistic curve a theme is fitted on all coded posts, weighted by `1/π`, with Platt's smoothed targets. Then, in
    each country, its odds are multiplied by the number that makes the posts with the theme add up to the corrected
    share.

    Parameters
    ----------
    outcomes : Outcomes
        With codings.

    References
    ----------
    Platt, J. (1999). Probabilistic outputs for support vector machines. *Advances in Large Margin Classifiers*, 61–74.
    """
    coded = outcomes.weight > 0
    weight = outcomes.weight[coded]
    codes = outcomes.coded[coded] / weight[:, None]
    logits = special.logit(np.clip(outcomes.chances, 1e-4, 1 - 1e-4))
    for theme in range(logits.shape[1]):
        slope, level = _fit_curve(logits[coded, theme], codes[:, theme], weight)
        logits[:, theme] = level + slope * logits[:, theme]
    result = np.empty_like(logits)
    result[coded] = codes
    for _, rows in group_posts(outcomes.posts, "country"):
        open_posts = rows[~coded[rows]]
        if not len(open_posts):
            continue
        agencies = outcomes.posts["agency"].iloc[rows].to_numpy()
        share = estimate_group(outcomes, rows, agencies, "corrected").share
        for theme in range(logits.shape[1]):
            own = logits[open_posts, theme]
            # a country without codings has no corrected share: its posts keep the curve of all countries
            if np.isfinite(share[theme]):
                wanted = (share[theme] * len(rows) - result[rows[coded[rows]], theme].sum()) / len(open_posts)
                own = own + _find_shift(own, float(np.clip(wanted, 1e-6, 1 - 1e-6)))
            result[open_posts, theme] = special.expit(own)
    return result


def _fit_curve(logit: np.ndarray, codes: np.ndarray, weight: np.ndarray) -> tuple[float, float]:
    """Slope and level of the logistic curve of codes on logits; the slope is not negative."""
    found = codes.sum()
    target = np.where(codes == 1, (found + 1) / (found + 2), 1 / (len(codes) - found + 2))
    weight = weight / weight.sum()

    def loss(parameters: np.ndarray) -> tuple[float, np.ndarray]:
        eta = parameters[0] * logit + parameters[1]
        error = weight * (special.expit(eta) - target)
        return float(weight @ (np.logaddexp(0, eta) - target * eta)), np.array([error @ logit, error.sum()])

    start = np.array([1.0, 0.0])
    fit = optimize.minimize(loss, start, jac=True, method="L-BFGS-B", bounds=[(0, 20), (-30, 30)])
    return float(fit.x[0]), float(fit.x[1])


def _find_shift(logit: np.ndarray, mean: float) -> float:
    """What to add to the logits so that the probabilities have this mean."""
    return float(optimize.brentq(lambda by: special.expit(logit + by).mean() - mean, -60, 60))
