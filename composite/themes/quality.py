"""How well labels agree with codes, theme by theme."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats
from sklearn.metrics import average_precision_score, precision_recall_fscore_support

from composite.codebook.contract import check_table, find_corpus, is_among
from composite.codebook.tables import MEASURES
from composite.codebook.themes import THEME_KEYS
from composite.errors import CompositeError
from composite.themes.classifier import THRESHOLD
from composite.themes.coding import choose_coder
from composite.themes.labelling import match_codings


def measure_quality(labels: pd.DataFrame, codings: pd.DataFrame, *, coder: str | None = None) -> pd.DataFrame:
    """The table `quality`: one row a theme, precision, recall, F1 and average precision on the coded posts.

    Labels must come from models that did not see these posts, as those of `label_posts` do. Posts count alike: the
    figures describe the classifier on the posts that were coded, not on all posts.

    Parameters
    ----------
    labels, codings, coder
        As in `estimate_shares`.

    Returns
    -------
    DataFrame
        Table `quality`; a measure without a base is missing.

    Raises
    ------
    CompositeError
        If codings are of posts that are not in `labels`.
    """
    check_table("labels", labels)
    codes = match_codings(labels, choose_coder(codings, coder)).set_index("post_id")[list(THEME_KEYS)]
    chances = labels.set_index("post_id").loc[codes.index, list(THEME_KEYS)]
    precision, recall, f1, _ = precision_recall_fscore_support(
        codes, (chances >= THRESHOLD).astype(int), average=None, zero_division=float("nan")
    )
    positive = codes.sum().to_numpy()
    table = pd.DataFrame(
        {
            "theme": THEME_KEYS,
            "n_coded": len(codes),
            "n_positive": positive,
            "precision": precision,
            "recall": recall,
            "f1": f1,
            "average_precision": [
                average_precision_score(codes[key], chances[key]) if codes[key].any() else float("nan")
                for key in THEME_KEYS
            ],
        }
    )
    table["corpus"] = pd.Series([find_corpus(labels)] * len(table), dtype="str")
    return check_table("quality", table)


def measure_by_language(
    labels: pd.DataFrame, codings: pd.DataFrame, *, level: float = 0.95, coder: str | None = None
) -> pd.DataFrame:
    """The table `languages`: one row a language, theme and measure, how well the classifier does in that language.

    * `sensitivity`: of the posts coded with the theme, the share that is labelled with it;
    * `specificity`: of the posts coded without, the share that is not;
    * `calibration`: mean probability less the share coded: above 0, the classifier sees too much of the theme.

    Posts count by `1/π`, so that the measures are those of all posts. Posts of one agency are alike: where five
    agencies or more have posts to judge by, the spread is the jackknife's by agency. Intervals have Wilson's form with
    the effective number of posts (`calibration`: value ± t standard errors). A naive difference between two countries
    mixes what their police do with what the classifier finds in their languages; a corrected one does not.

    Parameters
    ----------
    labels, codings, coder
        As in `estimate_shares`.
    level : float
        Coverage of the intervals.

    Returns
    -------
    DataFrame
        Table `languages`; a measure without a post to judge by is missing.

    Raises
    ------
    CompositeError
        If codings are of posts that are not in `labels`, or no coded post has a language.

    Examples
    --------
    >>> import composite as cp
    >>> posts, codings = cp.read_posts(cp.CORPUS / "posts.csv"), cp.read_codings(cp.CORPUS / "codings.csv")
    >>> labels = cp.label_posts(cp.ThemeClassifier(), posts, codings)
    >>> table = cp.measure_by_language(labels, codings)
    >>> table["measure"].unique().tolist()
    ['sensitivity', 'specificity', 'calibration']
    """
    check_table("labels", labels)
    if not 0 < level < 1:
        raise CompositeError(f"level={level} is not between 0 and 1: use 0.95 for 95 % intervals")
    coded = match_codings(labels, choose_coder(codings, coder)).sort_values("post_id").set_index("post_id")
    posts = labels[is_among(labels["post_id"], codings["post_id"])].set_index("post_id").loc[coded.index]
    if posts["language"].isna().all():
        raise CompositeError("no coded post has a language: fill the column 'language' of the labels")
    weight = 1 / coded["sampling_probability"].to_numpy()
    agency = (posts["country"] + "/" + posts["agency"].fillna("")).to_numpy()
    rows = []
    for language in sorted(posts["language"].dropna().unique()):
        here = (posts["language"] == language).to_numpy()
        for theme in THEME_KEYS:
            code, chance = coded.loc[here, theme].to_numpy() == 1, posts.loc[here, theme].to_numpy()
            found = chance >= THRESHOLD
            judged = {
                "sensitivity": (found[code].astype(float), code),
                "specificity": (1.0 - found[~code], ~code),
                "calibration": (chance - code, np.ones(len(code), dtype=bool)),
            }
            for measure in MEASURES:
                values, base = judged[measure]
                summary = _summarise(values, weight[here][base], agency[here][base], level, measure != "calibration")
                rows.append({"language": language, "theme": theme, "measure": measure, **summary})
    table = pd.DataFrame(rows).astype({"language": "str", "theme": "str", "measure": "str", "inference": "str"})
    table["corpus"] = pd.Series([find_corpus(labels)] * len(table), dtype="str")
    return check_table("languages", table)


def _summarise(
    values: np.ndarray, weight: np.ndarray, agency: np.ndarray, level: float, is_share: bool
) -> dict[str, float | int | str]:
    """A weighted mean with its interval."""
    index = np.unique(agency, return_inverse=True)[1]
    agencies = len(np.unique(index))
    over_agencies = agencies >= 5
    groups = index if over_agencies else np.arange(len(values))
    mean = low = high = np.nan
    if len(values):
        mean = float(np.clip(weight @ values / weight.sum(), values.min(), values.max()))
    known = len(values) >= 2
    if known:
        size = np.bincount(groups, weights=weight)
        total = np.bincount(groups, weights=weight * values)
        left_out = (total.sum() - total) / (size.sum() - size)
        variance = (len(size) - 1) / len(size) * float(((left_out - mean) ** 2).sum())
        t = float(stats.t.ppf((1 + level) / 2, max(1.0, size.sum() ** 2 / (size**2).sum() - 1)))
        low, high = mean - t * variance**0.5, mean + t * variance**0.5
        if is_share:
            kish = float(weight.sum() ** 2 / (weight**2).sum())
            n = kish if (values == values[0]).all() else min(kish, mean * (1 - mean) / variance)
            low, high = (float(end) for end in find_wilson(mean, n, t))
    return {
        "n_coded": len(values),
        "n_agencies": agencies,
        "value": mean,
        "low": low,
        "high": high,
        "inference": "descriptive" if not known else "agencies" if over_agencies else "posts",
    }


def find_wilson(share: Any, n: Any, t: Any) -> tuple[np.ndarray, np.ndarray]:
    """Ends of Wilson's interval of shares of n posts with the quantile t; numbers or arrays.

    >>> low, high = find_wilson(0.0, 10, 1.96)
    >>> float(low), round(float(high), 3)
    (0.0, 0.278)
    """
    centre = (share + t**2 / (2 * n)) / (1 + t**2 / n)
    spread = t / (1 + t**2 / n) * np.sqrt(share * (1 - share) / n + t**2 / (4 * n**2))
    return np.clip(centre - spread, 0, share), np.clip(centre + spread, share, 1)


def find_unequal_languages(
    labels: pd.DataFrame, codings: pd.DataFrame, *, coder: str | None = None
) -> dict[str, set[frozenset[str]]]:
    """The pairs of languages, by theme, in which the classifier's sensitivity or specificity differs beyond chance.

    Beyond chance means that Newcombe's 95 % interval of the difference leaves out 0. It is a caution and not a
    finding: pairs are not adjusted for how many there are. Empty where no coded post has a language.

    References
    ----------
    Newcombe, R. G. (1998). Interval estimation for the difference between independent proportions. *Statistics in
    Medicine*, 17(8), 873–890.
    """
    unequal: dict[str, set[frozenset[str]]] = {theme: set() for theme in THEME_KEYS}
    coded = is_among(labels["post_id"], codings["post_id"])
    if labels.loc[coded, "language"].isna().all():
        return unequal
    table = measure_by_language(labels, codings, coder=coder)
    table = table[(table["measure"] != "calibration") & table["low"].notna()]
    for (theme, _), part in table.groupby(["theme", "measure"]):
        for one, two in combinations(part.itertuples(index=False), 2):
            upper, lower = (one, two) if one.value > two.value else (two, one)
            if upper.value - lower.value > np.hypot(upper.value - upper.low, lower.high - lower.value):
                unequal[theme].add(frozenset((one.language, two.language)))
    return unequal
