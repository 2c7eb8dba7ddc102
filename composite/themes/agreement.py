"""Agreement of coders: Krippendorff's alpha by theme and for whole sets of themes, with bootstrap intervals."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
from scipy import stats
from scipy.sparse import csr_array

from composite.codebook.contract import check_table, find_corpus
from composite.codebook.themes import THEME_KEYS
from composite.errors import CompositeError, require_known
from composite.themes.coding import ADJUDICATED
from composite.themes.spread import find_ends, find_wilson

ALL = "all"
SET = "set"


def measure_agreement(
    codings: pd.DataFrame,
    posts: pd.DataFrame | None = None,
    *,
    by: str | None = None,
    coders: list[str] | None = None,
    level: float = 0.95,
    resamples: int = 1_000,
    seed: int = 0,
) -> pd.DataFrame:
    """Agreement between coders: one row a theme, and one for the whole sets of themes (`set`), in every group.

    Alpha is 1 − observed / expected disagreement; it is 1 if coders always agree and about 0 if they code at random.
    Themes are nominal (0 or 1); sets are compared by the MASI distance, a post without a theme having the set {none}.
    Posts need not have been coded by all coders; a post with fewer than two codes says nothing and is not counted.

    Parameters
    ----------
    codings : DataFrame
        Table `codings`, of two or more coders. The adjudicated codes are no coder's and are left out, unless `coders`
        names them.
    posts : DataFrame, optional
        Table `posts` or `labels`, for `by` and for the name of the corpus.
    by : str, optional
        A column of `posts`, such as `language`: its values are groups beside the group `all`.
    coders : list of str, optional
        Whose codes to compare; all by default.
    level : float
        Coverage of the intervals.
    resamples : int
        Bootstrap samples of posts (percentile intervals); 0 for no intervals. Where coders never disagreed, the lower
        end is alpha at the most posts on which they may disagree (Wilson).
    seed : int

    Returns
    -------
    DataFrame
        Table `agreement`: `group, theme, n_posts, n_coders, n_positive` (codes that give the theme), `agreement` (share
        of pairs of codes that agree), `alpha`, `low`, `high`. Alpha is missing where all codes are alike: then nothing
        was there to disagree on.

    Raises
    ------
    CompositeError
        If no post has codes of two coders, or `by` lacks posts or is not a column of them.

    References
    ----------
    Krippendorff, K. (2019). *Content analysis* (4th ed.), ch. 12. https://doi.org/10.4135/9781071878781
    Passonneau, R. (2006). Measuring agreement on set-valued items (MASI). *LREC*, 831–836.

    Examples
    --------
    >>> from composite import CORPUS, measure_agreement, read_codings
    >>> codings = read_codings(CORPUS / "codings.csv")
    >>> table = measure_agreement(codings, resamples=0)
    >>> table.loc[table["theme"] == "set", ["n_posts", "n_coders"]].to_numpy().min() >= 2
    np.True_
    """
    check_table("codings", codings)
    _check_level(level)
    if resamples < 0:
        raise CompositeError(f"resamples={resamples}: give 0 for no intervals, or some 1,000")
    chosen = _choose_coders(codings, coders)
    shared = chosen[chosen.groupby("post_id")["coder"].transform("size") > 1]
    if shared.empty:
        raise CompositeError(
            f"no post was coded by two of the coders ({', '.join(sorted(chosen['coder'].unique())) or 'none'}): "
            "agreement needs posts that two or more coded"
        )
    rng = np.random.default_rng(seed)
    rows = [_measure_group(ALL, shared, level, resamples, rng)]
    if by is not None:
        groups = _find_groups(shared, posts, by)
        for name in sorted(groups.dropna().unique()):
            rows.append(_measure_group(name, shared[(groups == name).to_numpy()], level, resamples, rng))
    return check_table("agreement", _mark(pd.concat(rows, ignore_index=True), shared, posts))


def count_confusions(
    codings: pd.DataFrame,
    posts: pd.DataFrame | None = None,
    *,
    coders: list[str] | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """What coders coded instead of one another: one row a theme × other theme.

    For every ordered pair of coders of a post, and every theme that the first gave and the second did not: what the
    second gave that the first did not, or `none`.

    Parameters
    ----------
    codings, posts, coders
        See `measure_agreement`.
    level : float
        Coverage of the intervals.

    Returns
    -------
    DataFrame
        Table `confusions`: `theme`, `other` (theme key or `none`), `n` (cases), `share` (of all times that a coder
        gave the theme, whether the other agreed or not), `low`, `high`: for these coders on posts like these, Wilson's
        with the number of posts that the jackknife by post finds the share worth; missing for fewer than two posts.

    Raises
    ------
    CompositeError
        If a coder is unknown.
    """
    check_table("codings", codings)
    _check_level(level)
    chosen = _choose_coders(codings, coders)
    codes = {coder: part.set_index("post_id")[list(THEME_KEYS)] for coder, part in chosen.groupby("coder")}
    others = [*THEME_KEYS, "none"]
    names = pd.Index(chosen["post_id"].unique()).sort_values()
    # of every post: how often a coder gave a theme, and how often another gave another instead
    given = np.zeros((len(names), len(THEME_KEYS)))
    each = np.zeros((len(names), len(THEME_KEYS), len(others)))
    for one, two in combinations(sorted(codes), 2):
        both = codes[one].index.intersection(codes[two].index)
        place = names.get_indexer(both)
        first, second = (codes[name].loc[both].to_numpy() == 1 for name in (one, two))
        for mine, yours in ((first, second), (second, first)):
            only_mine, only_yours = mine & ~yours, yours & ~mine
            given[place] += mine
            nothing = ~only_yours.any(axis=1, keepdims=True)
            each[place] += only_mine[:, :, None] & np.hstack([only_yours, nothing])[:, None]
    cases, times = each.sum(axis=0).astype(int), given.sum(axis=0)
    shares = np.where(times[:, None] > 0, cases / np.maximum(times[:, None], 1), np.nan)
    low, high = np.full((2, *shares.shape), np.nan)
    for row, weight in enumerate(given.T):
        posts_with = np.flatnonzero(weight)
        if len(posts_with) < 2:
            continue
        weight = weight[posts_with]
        for column, share in enumerate(shares[row]):
            values = each[posts_with, row, column] / weight
            ends = find_ends(values, weight, np.arange(len(weight)), float(share), level)
            low[row, column], high[row, column] = min(ends[0], share), max(ends[1], share)
    table = pd.DataFrame(
        {
            "theme": np.repeat(THEME_KEYS, len(others)),
            "other": others * len(THEME_KEYS),
            "n": cases.ravel(),
            "share": shares.ravel(),
            "low": low.ravel(),
            "high": high.ravel(),
        }
    ).astype({"theme": "str", "other": "str"})
    table = table[table["theme"] != table["other"]].reset_index(drop=True)
    return check_table("confusions", _mark(table, chosen, posts))


def _check_level(level: float) -> None:
    if not 0 < level < 1:
        raise CompositeError(f"level={level}: give the coverage of the intervals as a proportion, such as 0.95")


def _choose_coders(codings: pd.DataFrame, coders: list[str] | None) -> pd.DataFrame:
    known = sorted(codings["coder"].unique())
    if coders is None:
        return codings[codings["coder"] != ADJUDICATED]
    require_known(coders, known, what="coder")
    return codings[codings["coder"].isin(coders)]


def _mark(table: pd.DataFrame, codings: pd.DataFrame, posts: pd.DataFrame | None) -> pd.DataFrame:
    """`table` with the corpus of the coded posts, as far as `posts` tell it."""
    corpus = None if posts is None else find_corpus(posts[posts["post_id"].isin(codings["post_id"])])
    return table.assign(corpus=pd.Series([corpus] * len(table), dtype="str"))


def _find_groups(shared: pd.DataFrame, posts: pd.DataFrame | None, by: str) -> pd.Series:
    if posts is None:
        raise CompositeError(f"by={by!r} is a column of posts: pass the table of posts too")
    require_known([by], list(posts.columns), what="column of posts")
    return shared["post_id"].map(posts.set_index("post_id")[by].astype("str"))


def _measure_group(
    name: str, shared: pd.DataFrame, level: float, resamples: int, rng: np.random.Generator
) -> pd.DataFrame:
    post = pd.factorize(shared["post_id"])[0]
    codes = shared[list(THEME_KEYS)].to_numpy()
    coded = np.bincount(post)
    ordered = np.column_stack([np.bincount(post, weights=column) for column in codes.T]).astype(int)
    rows = [
        {"theme": key, "n_positive": int(codes[:, column].sum())}
        | _describe(np.column_stack([coded - ordered[:, column], ordered[:, column]]), NOMINAL, level, resamples, rng)
        for column, key in enumerate(THEME_KEYS)
    ]
    # a set of themes is a number of nine bits
    sets, which = np.unique(codes @ (1 << np.arange(len(THEME_KEYS))), return_inverse=True)
    counts = np.zeros((len(coded), len(sets)), dtype=int)
    np.add.at(counts, (post, which), 1)
    rows.append(
        {"theme": SET, "n_positive": int(codes.any(axis=1).sum())}
        | _describe(counts, _measure_masi(sets), level, resamples, rng)
    )
    table = pd.DataFrame(rows).assign(group=name, n_posts=len(coded), n_coders=shared["coder"].nunique())
    columns = ["group", "theme", "n_posts", "n_coders", "n_positive", "agreement", "alpha", "low", "high"]
    return table[columns].astype({"group": "str", "theme": "str"})


NOMINAL = np.array([[0.0, 1.0], [1.0, 0.0]])


def _measure_masi(sets: np.ndarray) -> np.ndarray:
    """MASI distance of every two sets, bits of an integer; the empty set is {none}."""
    members = np.array([[number >> bit & 1 for bit in range(len(THEME_KEYS))] for number in sets])
    members = np.column_stack([members, ~members.any(axis=1)]).astype(int)
    size = members.sum(axis=1)
    common = members @ members.T
    union = size[:, None] + size - common
    subset = common == np.minimum(size[:, None], size)
    weight = np.where(common == union, 1.0, np.where(subset, 2 / 3, np.where(common > 0, 1 / 3, 0.0)))
    return 1 - common / union * weight


def _describe(
    counts: np.ndarray, distance: np.ndarray, level: float, resamples: int, rng: np.random.Generator
) -> dict[str, float]:
    """Alpha and its interval; `counts` (posts, values) says how often each value was given to each post."""
    # posts that were coded alike are one pattern: drawing posts anew is drawing how often each pattern comes
    patterns, number = np.unique(counts, axis=0, return_counts=True)
    coders = patterns.sum(axis=1)
    within = ((patterns @ distance) * patterns).sum(axis=1) / (coders - 1)
    same = ((patterns**2).sum(axis=1) - coders) / (coders - 1)  # pairs of like codes, per code
    patterns = csr_array(patterns)  # most sets of themes are given to few posts
    alpha = _find_alpha(number[None, :], patterns, coders, within, distance)[0]
    low = high = np.nan
    if resamples and alpha == 1:
        # no resample disagrees either: what can be said is how often disagreement may be though it was not seen
        totals = number @ patterns
        expected = totals @ distance @ totals / (totals.sum() * (totals.sum() - 1.0))
        often = find_wilson(0.0, number.sum(), stats.norm.ppf((1 + level) / 2))[1]
        low, high = max(-1.0, 1 - float(often) / expected), 1.0
    elif resamples and not np.isnan(alpha):
        total = number.sum()
        drawn = rng.multinomial(total, number / total, size=resamples)
        alphas = _find_alpha(drawn, patterns, coders, within, distance)
        tail = (1 - level) / 2
        if not np.isnan(alphas).all():
            low, high = np.nanquantile(alphas, [tail, 1 - tail])
    return {"agreement": float(number @ same / (number @ coders)), "alpha": alpha, "low": low, "high": high}


def _find_alpha(
    number: np.ndarray, patterns: csr_array, coders: np.ndarray, within: np.ndarray, distance: np.ndarray
) -> np.ndarray:
    """Alpha of every row of `number` (resamples, patterns): how many posts have each pattern."""
    totals = (number @ patterns).astype(float)
    n = number @ coders
    observed = number @ within / n
    expected = np.einsum("ri,ri->r", totals @ distance, totals) / (n * (n - 1.0))
    # where all codes are alike nothing could be disagreed on
    return np.where(expected > 0, 1 - observed / np.where(expected > 0, expected, 1), np.nan)
