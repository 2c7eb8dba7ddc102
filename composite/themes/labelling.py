"""Posts → the table of labels; no post is labelled by a model that saw it."""

from __future__ import annotations

import hashlib
import json
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import sklearn
from sklearn.base import clone

from composite.codebook.contract import check_table, is_among
from composite.codebook.themes import THEME_KEYS
from composite.errors import CompositeError, CompositeWarning, count, require_known
from composite.files import write_whole
from composite.posts.text import hash_text
from composite.themes.classifier import ThemeClassifier
from composite.themes.coding import choose_coder
from composite.themes.languages import find_foreign

BATCH = 5_000
FAST = 32_768  # of a classifier by n-grams: enough for every core to score some blocks of `HashedScorer`
Progress = Callable[[str, int, int], None]


def label_posts(
    model: ThemeClassifier,
    posts: pd.DataFrame,
    codings: pd.DataFrame | None = None,
    *,
    accounts: pd.DataFrame | None = None,
    folds: int = 5,
    checkpoint: str | Path | None = None,
    progress: Progress | None = None,
    keys: pd.Series | None = None,
) -> pd.DataFrame:
    """The table `labels`: every post with the probability of each theme.

    With `codings`, the model is trained on them and cross-fitted by agency: agencies are dealt into folds, and the
    posts of a fold are labelled by a clone of the model trained on the coded posts of all other agencies, less any
    post of the same text. Without, the model must be fitted already and must not have been trained on these posts,
    unless it brings cross-fitted probabilities of its own training posts, as the model of `load_classifier` does. Then
    a `CompositeWarning` says so if many posts are in other than the nine languages of the study.

    Parameters
    ----------
    model : ThemeClassifier
        Its themes must be the nine.
    posts : DataFrame
        Table `posts`.
    codings : DataFrame, optional
        Table `codings`; all of its posts must be in `posts`.
    accounts : DataFrame, optional
        Table `accounts`; gives the column `kind`.
    folds : int
        Fewer are used if there are fewer agencies; with one agency, folds are of posts.
    checkpoint : str or Path, optional
        A folder in which finished folds are kept, so that an interrupted run goes on where it stopped.
    progress : callable, optional
        Called with what is done, how many posts are done, and how many there are.
    keys : Series of str, optional
        `hash_text` of every text, if the caller has them.

    Returns
    -------
    DataFrame
        Table `labels`, in the order of `posts`.

    Raises
    ------
    CompositeError
        If the model knows other themes, was trained on some of the posts, or the codings do not fit the posts.

    References
    ----------
    Chernozhukov, V. et al. (2018). Double/debiased machine learning. *Econometrics Journal*, 21(1), C1–C68.
    https://doi.org/10.1111/ectj.12097 (cross-fitting)
    """
    check_table("posts", posts)
    if posts.empty:
        raise CompositeError("there are no posts to label: read some with read_posts")
    posts = posts.reset_index(drop=True)
    report = progress or (lambda what, done, total: None)
    keys = posts["text"].map(hash_text) if keys is None else keys.reset_index(drop=True)
    if codings is not None:
        chances = _cross_fit(model, posts, codings, keys, folds=folds, checkpoint=checkpoint, report=report)
    else:
        chances = _apply(model, posts, report, keys)
    return make_labels(posts, chances, accounts)


def make_labels(posts: pd.DataFrame, chances: np.ndarray, accounts: pd.DataFrame | None) -> pd.DataFrame:
    """The table `labels` of posts and their probabilities, (n, 9)."""
    labels = posts[["post_id", "country", "agency", "account", "platform"]].assign(
        kind=_find_kind(posts, accounts),
        published=posts["published"],
        language=posts["language"],
        corpus=posts["corpus"],
    )
    labels[list(THEME_KEYS)] = chances
    return check_table("labels", labels)


def _apply(model: ThemeClassifier, posts: pd.DataFrame, report: Progress, keys: pd.Series) -> np.ndarray:
    check_fitted(model)
    texts = posts["text"].to_numpy(dtype=object)
    foreign = find_foreign(texts)
    if foreign:
        warnings.warn(foreign, CompositeWarning, stacklevel=3)
    chances, known = predict_unseen(model, posts, report, keys)
    if (mixed := describe_known(known, len(posts))) is not None:
        warnings.warn(mixed, CompositeWarning, stacklevel=3)
    return chances


def check_fitted(model: ThemeClassifier) -> None:
    """Nothing, if the model can label posts as it is; else an error.

    Raises
    ------
    CompositeError
        If it is not fitted, knows other themes than the nine, or does not say which texts it learned from.
    """
    if not hasattr(model, "classes_"):
        raise CompositeError("the model is not fitted: call fit, or pass codings= to train it here")
    themes = [str(theme) for theme in model.classes_]
    require_known(themes, THEME_KEYS, what="theme of the model")
    lacking = [key for key in THEME_KEYS if key not in themes]
    if lacking:
        raise CompositeError(f"the model was not trained on {lacking[0]!r}: labels need all nine themes")
    if not hasattr(model, "training_keys_"):
        raise CompositeError(
            f"a {type(model).__name__} does not say which texts it was trained on, as a ThemeClassifier does: "
            "pass codings= to train it here"
        )


def predict_unseen(
    model: ThemeClassifier, posts: pd.DataFrame, report: Progress, keys: pd.Series | None = None
) -> tuple[np.ndarray, int]:
    """The probabilities of posts by fits that did not see them, (n, 9), and how many of them the model learned from.

    Raises
    ------
    CompositeError
        If it learned from some and brings no cross-fitted probabilities of them.
    """
    themes = [str(theme) for theme in model.classes_]
    order = [themes.index(key) for key in THEME_KEYS]
    texts = posts["text"].to_numpy(dtype=object)
    chances = np.empty((len(posts), len(THEME_KEYS)))
    size = _choose_size(model)
    for start in range(0, len(posts), size):
        part = slice(start, start + size)
        chances[part] = model.predict_proba(texts[part])[:, order]
        report("labelling posts", min(start + size, len(posts)), len(posts))
    found = (posts["text"].map(hash_text) if keys is None else keys).to_numpy(dtype=object)
    seen = np.fromiter((key in model.training_keys_ for key in found), dtype=bool, count=len(found))
    if seen.any():
        own = getattr(model, "cross_fitted_", None)
        if own is None:
            raise CompositeError(
                f"{count(int(seen.sum()), 'post')}, such as {posts.loc[seen, 'post_id'].iloc[0]!r}, trained "
                "this model, and it would only repeat their codes: pass codings= to label them cross-fitted by agency"
            )
        chances[seen] = [own[key] for key in found[seen]]
    return chances, int(seen.sum())


def _choose_size(model: Any) -> int:
    return FAST if getattr(model, "features", None) == "ngrams" else BATCH


def describe_known(known: int, n: int) -> str | None:
    """What to know where a model learned from some of n posts and not from others; None if it did from all or none."""
    if known in (0, n):
        return None
    return (
        f"this classifier learned from {known:,} of {count(n, 'post')}: their probabilities are of fits that left them "
        "out, those of the others are of the whole classifier, which is a little better. To correct shares with "
        "codings, use labels of one kind: label_posts(ThemeClassifier(), posts, codings), as run_study does"
    )


def deal_folds(posts: pd.DataFrame, folds: int, keys: pd.Series | None = None) -> np.ndarray:
    """The fold of every post, an array of n int: whole agencies, folds of like size; posts, if there is one agency."""
    if folds < 2:
        raise CompositeError(f"cross-fitting needs at least 2 folds, not {folds}")
    texts = posts["text"].map(hash_text) if keys is None else keys
    groups = name_groups(posts, texts)
    if (groups == groups.iloc[0]).all():
        groups = texts
    return groups.map(deal_groups(groups.value_counts(), folds)).to_numpy(dtype=int)


def name_groups(posts: pd.DataFrame, texts: pd.Series) -> pd.Series:
    """What a post is dealt into a fold with: its agency, or those of the same text (`texts` has the keys)."""
    return posts["country"] + "/" + posts["agency"].fillna(texts)


def deal_groups(sizes: pd.Series, folds: int) -> dict[str, int]:
    """The fold of every group: the largest first, each into the fold that has fewest posts so far.

    It deals as scikit-learn's `GroupKFold` does, but needs no more of the posts than how many there are of each group.

    Parameters
    ----------
    sizes : Series
        Posts of every group, by its name.
    folds : int
        At most.
    """
    number = min(folds, len(sizes))
    if number < 2:
        raise CompositeError("all posts have one text: there is nothing to train on apart from them")
    sizes = sizes.sort_index()
    filled = np.zeros(number)
    fold: dict[str, int] = {}
    for place in np.argsort(sizes.to_numpy(), kind="stable")[::-1]:
        lightest = int(filled.argmin())
        filled[lightest] += sizes.iloc[place]
        fold[sizes.index[place]] = lightest
    return fold


def fit_without(
    model: ThemeClassifier, texts: pd.Series, codes: pd.DataFrame, trains: np.ndarray, folds: int
) -> ThemeClassifier:
    """A clone of the model, trained on the coded posts that `trains` marks.

    Raises
    ------
    CompositeError
        If it marks none.
    """
    if not trains.any():
        raise CompositeError(
            f"all coded posts are of one agency, or of agencies in one of the {folds} folds: code posts of more "
            "agencies, so that none is labelled by a model that saw it"
        )
    return clone(model).fit(texts[trains], codes[trains])


def _cross_fit(
    model: ThemeClassifier,
    posts: pd.DataFrame,
    codings: pd.DataFrame,
    keys: pd.Series,
    *,
    folds: int,
    checkpoint: str | Path | None,
    report: Progress,
) -> np.ndarray:
    coded = match_codings(posts, choose_coder(codings))
    # by post_id, so that the sums of a fit, and so its last digits, do not depend on the order of the posts
    rows = posts.index[posts["post_id"].isin(coded["post_id"])]
    rows = posts.loc[rows].sort_values("post_id").index
    codes = coded.set_index("post_id").loc[posts.loc[rows, "post_id"], list(THEME_KEYS)]
    fold = deal_folds(posts, folds, keys)
    chances = np.empty((len(posts), len(THEME_KEYS)))
    store = Path(checkpoint) / _fingerprint(model, posts, codes, fold) if checkpoint else None
    done = 0
    for index in range(fold.max() + 1):
        members = np.flatnonzero(fold == index)
        kept = store / f"fold-{index}" if store else None
        found = _read_fold(kept) if kept is not None else None
        if found is not None:
            chances[members] = found
        else:
            trains = (fold[rows] != index) & ~is_among(keys[rows], keys[members]).to_numpy()
            report(f"training without fold {index + 1}", done, len(posts))
            fitted = fit_without(model, posts.loc[rows, "text"], codes, trains, fold.max() + 1)
            size = _choose_size(fitted)
            for start in range(0, len(members), size):
                part = members[start : start + size]
                chances[part] = fitted.predict_proba(posts["text"].iloc[part])
                report(f"labelling fold {index + 1}", done + start + len(part), len(posts))
            if kept is not None:
                data = chances[members].tobytes()
                write_whole(kept, hashlib.sha256(data).digest() + data)
        done += len(members)
        report(f"labelled fold {index + 1}", done, len(posts))
    return chances


def match_codings(posts: pd.DataFrame, codings: pd.DataFrame) -> pd.DataFrame:
    """`codings` themselves, if there are any and all are of posts in `posts`, which may be a table of labels.

    Raises
    ------
    CompositeError
        Naming a post that is not there, and the cure.
    """
    if codings.empty:
        raise CompositeError("there are no codings: draw posts with draw_coding_sample and code them")
    strange = codings.loc[~is_among(codings["post_id"], posts["post_id"]), "post_id"]
    if len(strange):
        known = "labels" if THEME_KEYS[0] in posts else "posts"
        raise CompositeError(
            f"{count(len(strange), 'coding')} of posts that are not here, such as {strange.iloc[0]!r}: if those posts "
            f"are outside the study, leave them out with codings[codings['post_id'].isin({known}['post_id'])]"
        )
    return codings


def _find_kind(posts: pd.DataFrame, accounts: pd.DataFrame | None) -> pd.Series:
    if accounts is None:
        return pd.Series([None] * len(posts), dtype="str")
    check_table("accounts", accounts)
    # handles are the same in any case
    kinds = accounts.set_index([accounts["platform"].str.lower(), accounts["account"].str.lower()])["kind"]
    where = pd.MultiIndex.from_arrays([posts["platform"].str.lower(), posts["account"].str.lower()])
    return pd.Series(kinds.reindex(where).to_numpy(), dtype="str")


def _fingerprint(model: ThemeClassifier, posts: pd.DataFrame, codes: pd.DataFrame, fold: np.ndarray) -> str:
    recipe = [type(model).__name__, model.get_params(), sklearn.__version__]
    digest = hashlib.sha256(json.dumps(recipe, sort_keys=True, default=str).encode())
    digest.update(pd.util.hash_pandas_object(posts[["post_id", "text"]], index=False).to_numpy().tobytes())
    digest.update(pd.util.hash_pandas_object(codes).to_numpy().tobytes())
    digest.update(fold.tobytes())
    return digest.hexdigest()[:16]


def _read_fold(path: Path) -> np.ndarray | None:
    """The probabilities of a finished fold; None if it is not finished or its file is not as it was written."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    digest, data = content[:32], content[32:]
    return np.frombuffer(data).reshape(-1, len(THEME_KEYS)) if hashlib.sha256(data).digest() == digest else None
