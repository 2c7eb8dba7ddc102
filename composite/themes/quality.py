"""How well labels agree with codes, theme by theme."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
from sklearn.metrics import average_precision_score, precision_recall_fscore_support

from composite.codebook.contract import check_table, find_corpus, is_among
from composite.codebook.tables import MEASURES
from composite.codebook.themes import THEME_KEYS
from composite.errors import CompositeError
from composite.themes.classifier import THRESHOLD
from composite.themes.coding import choose_coder
from composite.themes.labelling import match_codings
from composite.themes.spread import bound_average_precision, bound_share, find_ends, judge_by

SCORES = ("precision", "recall", "f1", "average_precision")


def measure_quality(
    labels: pd.DataFrame, codings: pd.DataFrame, *, level: float = 0.95, coder: str | None = None
) -> pd.DataFrame:
    """The table `quality`: one row a theme, precision, recall, F1 and average precision on the coded posts.

    Labels must come from models that did not see these posts, as those of `label_posts` do. Posts count alike: the
    figures describe the classifier on posts like those that were coded, not on all posts.

    Intervals are made like those of `measure_by_language`: the jackknife that leaves out one agency at a time gives the
    number of posts that the measure is worth, with which the interval has Wilson's form. So it stays within 0 and 1,
    and a measure of 1 on few posts is not certain. F1 is `2J / (1 + J)` of the share J of posts with code and label
    among those with either, and its interval follows from that of J; average precision is worth no more posts than have
    the theme. Where fewer than five agencies have posts coded (or labelled) with the theme, posts are left out one by
    one, and the row says `inference = "posts"`.

    Parameters
    ----------
    labels, codings, coder
        As in `estimate_shares`.
    level : float
        Coverage of the intervals.

    Returns
    -------
    DataFrame
        Table `quality`; a measure without a base is missing, and so is the interval of one with a single post.

    Raises
    ------
    CompositeError
        If codings are of posts that are not in `labels`.

    References
    ----------
    Boyd, K., Eng, K. H., & Page, C. D. (2013). Area under the precision–recall curve: point estimates and confidence
    intervals. *ECML PKDD*, 451–466. https://doi.org/10.1007/978-3-642-40994-3_29

    Examples
    --------
    >>> import composite as cp
    >>> posts, codings = cp.read_posts(cp.CORPUS / "posts.csv"), cp.read_codings(cp.CORPUS / "codings.csv")
    >>> quality = cp.measure_quality(cp.label_posts(cp.load_classifier(), posts), codings)
    >>> bool((quality["f1_low"] < quality["f1"]).all())
    True
    """
    check_table("labels", labels)
    _check_level(level)
    codes = match_codings(labels, choose_coder(codings, coder)).sort_values("post_id").set_index("post_id")
    codes = codes[list(THEME_KEYS)]
    posts = labels.set_index("post_id").loc[codes.index]
    chances = posts[list(THEME_KEYS)]
    agency = find_agencies(posts)
    precision, recall, f1, _ = precision_recall_fscore_support(
        codes, (chances >= THRESHOLD).astype(int), average=None, zero_division=float("nan")
    )
    table = pd.DataFrame(
        {
            "theme": THEME_KEYS,
            "n_coded": len(codes),
            "n_positive": codes.sum().to_numpy(),
            "n_agencies": [count_agencies(agency[codes[key] == 1]) for key in THEME_KEYS],
            "precision": precision,
            "recall": recall,
            "f1": f1,
            "average_precision": [
                average_precision_score(codes[key], chances[key]) if codes[key].any() else float("nan")
                for key in THEME_KEYS
            ],
        }
    )
    spans = [_bound_scores(codes[key].to_numpy() == 1, chances[key].to_numpy(), agency, level) for key in THEME_KEYS]
    for name in SCORES:
        low, high = np.array([ends[name] for ends, _ in spans]).T
        place = table.columns.get_loc(name)
        # the same number by another way may differ in its last digit
        table.insert(place + 1, f"{name}_low", np.minimum(low, table[name]))
        table.insert(place + 2, f"{name}_high", np.maximum(high, table[name]))
    table["inference"] = pd.Series([inference for _, inference in spans], dtype="str")
    table["corpus"] = pd.Series([find_corpus(labels)] * len(table), dtype="str")
    return check_table("quality", table)


def find_agencies(posts: pd.DataFrame) -> np.ndarray:
    """Country and agency of every post, (n,); empty, where a post has no agency: then nothing is said of agencies."""
    if posts["agency"].isna().any():
        return np.full(len(posts), "", dtype=object)
    return (posts["country"] + "/" + posts["agency"]).to_numpy(dtype=object)


def count_agencies(agency: np.ndarray) -> int:
    """How many agencies there are among those of `find_agencies`."""
    return len(np.unique(agency[agency != ""]))


def _bound_scores(
    code: np.ndarray, chance: np.ndarray, agency: np.ndarray, level: float
) -> tuple[dict[str, tuple[float, float]], str]:
    """The ends of the intervals of a theme's four scores, and what they speak for."""
    found = chance >= THRESHOLD
    bases = {"precision": found, "recall": code, "f1": code | found}
    # a row speaks for agencies only if all of its scores can
    over_agencies = all(judge_by(agency[base]) for base in bases.values() if base.any())
    groups = agency if over_agencies else np.arange(len(code))
    right = (code & found).astype(float)
    ends = {name: bound_share(right[base], groups[base], level) for name, base in bases.items()}
    low, high = (2 * end / (1 + end) for end in ends["f1"])
    ends |= {"f1": (low, high), "average_precision": bound_average_precision(code, chance, groups, level)}
    known = any(not np.isnan(low) for low, _ in ends.values())
    return ends, "descriptive" if not known else "agencies" if over_agencies else "posts"


def _check_level(level: float) -> None:
    if not 0 < level < 1:
        raise CompositeError(f"level={level} is not between 0 and 1: use 0.95 for 95 % intervals")


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
    _check_level(level)
    coded = match_codings(labels, choose_coder(codings, coder)).sort_values("post_id").set_index("post_id")
    posts = labels[is_among(labels["post_id"], codings["post_id"])].set_index("post_id").loc[coded.index]
    if posts["language"].isna().all():
        raise CompositeError("no coded post has a language: fill the column 'language' of the labels")
    weight = 1 / coded["sampling_probability"].to_numpy()
    agency = find_agencies(posts)
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
    over_agencies = judge_by(agency)
    mean = low = high = np.nan
    if len(values):
        mean = float(np.clip(weight @ values / weight.sum(), values.min(), values.max()))
    known = len(values) >= 2
    if known:
        groups = np.unique(agency, return_inverse=True)[1] if over_agencies else np.arange(len(values))
        low, high = find_ends(values, weight, groups, mean, level, is_share=is_share)
    return {
        "n_coded": len(values),
        "n_agencies": count_agencies(agency),
        "value": mean,
        "low": low,
        "high": high,
        "inference": "descriptive" if not known else "agencies" if over_agencies else "posts",
    }


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
