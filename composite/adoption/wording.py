"""Which words mark a theme, a country or a kind of account."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import sparse, stats

from composite.adoption.multiplicity import adjust_holm
from composite.adoption.shares import check_level
from composite.adoption.words import split_words
from composite.codebook.contract import check_table, find_corpus, is_among
from composite.codebook.countries import LANGUAGES
from composite.codebook.themes import THEME_KEYS
from composite.errors import CompositeError, nearest
from composite.themes.classifier import THRESHOLD
from composite.themes.coding import choose_coder

GROUPINGS = ("theme", "country", "kind")
STRANGE = "none of the posts is in `labels`: do their post_id name the same posts?"


def find_keywords(
    posts: pd.DataFrame,
    labels: pd.DataFrame | None = None,
    codings: pd.DataFrame | None = None,
    *,
    by: str = "theme",
    top: int = 20,
    fewest: int = 5,
    fewest_agencies: int = 2,
    prior: float = 500.0,
    level: float = 0.95,
    coder: str | None = None,
) -> pd.DataFrame:
    """The table `keywords`: one row a group, language and word, the words that mark the group most clearly.

    Within each language the words of the group's posts are compared with those of all its other posts, by the log odds
    ratio with an informative Dirichlet prior (Monroe et al. 2008): a word's odds are drawn towards those in all posts
    of the language, the rarer it is the more. Words are ordered by z. The intervals take words as drawn one by one;
    that a word is not one agency's alone is seen to by `fewest_agencies`.

    Parameters
    ----------
    posts : DataFrame
        Table `posts`; those without a language are passed over.
    labels : DataFrame, optional
        Table `labels`, for themes (probability of at least 0.5) and kinds of account.
    codings : DataFrame, optional
        Table `codings`: themes are then those coded, and only coded posts count, all alike.
    by : str
        `theme`, `country` (languages that several countries share) or `kind`.
    top : int
        Words a group and language, at most.
    fewest : int
        Times that a word must occur in the posts of the language.
    fewest_agencies : int
        Agencies of the group that must use it.
    prior : float
        How many words the prior is worth.
    level : float
        Coverage of the intervals.
    coder : str, optional
        Whose codes count, see `choose_coder`.

    Returns
    -------
    DataFrame
        Table `keywords`, words of the group's side only; p adjusted by Holm over all words that were compared for the
        group and language.

    Raises
    ------
    CompositeError
        If labels are needed and not given, no post has a language, or there is nothing to compare.

    References
    ----------
    Monroe, B. L., Colaresi, M. P., & Quinn, K. M. (2008). Fightin' words: lexical feature selection and evaluation for
    identifying the content of political conflict. *Political Analysis*, 16(4), 372–403.
    https://doi.org/10.1093/pan/mpn018

    Examples
    --------
    >>> import composite as cp
    >>> words = cp.find_keywords(cp.read_posts(cp.CORPUS / "posts.csv"), by="country")
    >>> sorted(words["language"].unique())
    ['fr', 'nl']
    """
    check_level(level)
    if by not in GROUPINGS:
        raise CompositeError(f"by={by!r} is not known: {nearest(by, GROUPINGS)}")
    if not prior > 0:
        raise CompositeError(f"prior={prior} is not a number of words above 0")
    frame, member = find_groups(posts, labels, by, None if codings is None else choose_coder(codings, coder))
    unit = pd.factorize(frame["country"] + "/" + frame["agency"], sort=True)[0]
    pieces = []
    for language in [code for code in LANGUAGES if (frame["language"] == code).any()]:
        rows = np.flatnonzero((frame["language"] == language).to_numpy())
        words, counts = _count_words([split_words(text, language) for text in frame["text"].iloc[rows]])
        for group, inside in member.items():
            chosen = inside[rows]
            if len(words) < 2 or not chosen.any() or chosen.all():
                continue
            found = _compare(counts, chosen, unit[rows], prior, level)
            found.insert(0, "word", words)
            found = found[(found["n_group"] + found["n_rest"] >= fewest) & (found["n_agencies"] >= fewest_agencies)]
            if found.empty:
                continue
            found = found.assign(
                p_adjusted=adjust_holm(pd.Series(2 * stats.norm.sf(found["z"].abs()), index=found.index))
            )
            found = found[found["z"] > 0].sort_values(["z", "word"], ascending=[False, True]).head(top)
            pieces.append(found.assign(group=group, language=language))
    if not pieces:
        raise CompositeError(
            "no language is written in two countries by two agencies each: their words cannot be compared"
            if by == "country"
            else f"no word occurs {fewest} times and in posts of {fewest_agencies} agencies of one {by}: too few posts"
        )
    names = [
        "group",
        "language",
        "word",
        "n_group",
        "n_rest",
        "n_agencies",
        "log_odds",
        "low",
        "high",
        "z",
        "p_adjusted",
    ]
    table = pd.concat(pieces, ignore_index=True)[names].astype({"group": "str", "language": "str", "word": "str"})
    table["corpus"] = pd.Series([find_corpus(frame)] * len(table), dtype="str")
    return check_table("keywords", table)


def find_groups(
    posts: pd.DataFrame, labels: pd.DataFrame | None, by: str, codings: pd.DataFrame | None = None
) -> tuple[pd.DataFrame, dict[str, np.ndarray]]:
    """Posts with a language, and of each group which of them are in it."""
    check_table("posts", posts)
    frame = posts[posts["language"].isin(LANGUAGES)]
    if frame.empty:
        raise CompositeError(f"no post has a language among {', '.join(LANGUAGES)}: words are compared within one")
    if by == "theme" and codings is not None and labels is not None:
        check_table("labels", labels)
        return _find_coded(frame, labels, codings)
    frame = frame.sort_values("post_id", ignore_index=True)
    if by == "country":
        return frame, {code: (frame["country"] == code).to_numpy() for code in sorted(frame["country"].unique())}
    if labels is None:
        raise CompositeError(f"by={by!r} needs labels: find_keywords(posts, label_posts(model, posts), by={by!r})")
    check_table("labels", labels)
    frame = frame[is_among(frame["post_id"], labels["post_id"])].reset_index(drop=True)
    if frame.empty:
        raise CompositeError(STRANGE)
    matched = labels.set_index("post_id").loc[frame["post_id"]]
    if by == "theme":
        return frame, {key: (matched[key] >= THRESHOLD).to_numpy() for key in THEME_KEYS}
    if matched["kind"].isna().all():
        raise CompositeError("no label has a kind of account: give accounts to label_posts")
    known = matched["kind"].notna().to_numpy()
    frame, kinds = frame[known].reset_index(drop=True), matched["kind"][known].to_numpy()
    return frame, {kind: kinds == kind for kind in sorted(set(kinds))}


def _find_coded(
    posts: pd.DataFrame, labels: pd.DataFrame, codings: pd.DataFrame
) -> tuple[pd.DataFrame, dict[str, np.ndarray]]:
    """Coded posts, and of each theme which of them have it."""
    labelled = is_among(posts["post_id"], labels["post_id"])
    if not labelled.any():
        raise CompositeError(STRANGE)
    frame = posts[labelled & is_among(posts["post_id"], codings["post_id"])].sort_values("post_id", ignore_index=True)
    coded = codings.set_index("post_id").loc[frame["post_id"]]
    return frame, {key: (coded[key] == 1).to_numpy() for key in THEME_KEYS}


def _count_words(documents: list[list[str]]) -> tuple[np.ndarray, sparse.csr_array]:
    """The words in alphabetical order, and how often each post (row) has each (column)."""
    lengths = [len(words) for words in documents]
    flat = pd.Series([word for words in documents for word in words], dtype="str")
    codes, words = pd.factorize(flat, sort=True)
    place = np.repeat(np.arange(len(documents)), lengths)
    shape = (len(documents), len(words))
    return words.to_numpy(dtype=object), sparse.csr_array((np.ones(len(codes)), (place, codes)), shape=shape)


def _compare(
    counts: sparse.csr_array, inside: np.ndarray, unit: np.ndarray, prior: float, level: float
) -> pd.DataFrame:
    """Log odds ratio of every word between posts inside a group and the others, shrunk to all posts."""
    whole = counts.sum(axis=0)
    group = counts[inside].sum(axis=0)
    rest = whole - group
    alpha = prior * whole / whole.sum()

    def odds(found: np.ndarray) -> np.ndarray:
        return np.log((found + alpha) / (found.sum() + prior - found - alpha))

    ratio = odds(group) - odds(rest)
    se = np.sqrt(1 / (group + alpha) + 1 / (rest + alpha))
    half = stats.norm.ppf((1 + level) / 2) * se
    used = counts[inside].tocoo()
    named = unit[inside][used.coords[0]] >= 0
    pairs = np.unique(np.stack([used.coords[1][named], unit[inside][used.coords[0]][named]]), axis=1)
    return pd.DataFrame(
        {
            "n_group": group.astype("int64"),
            "n_rest": rest.astype("int64"),
            "n_agencies": np.bincount(pairs[0].astype(int), minlength=counts.shape[1]),
            "log_odds": ratio,
            "low": ratio - half,
            "high": ratio + half,
            "z": ratio / se,
        }
    )
