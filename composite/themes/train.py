"""The classifier that is released: loading it, and the recipe by which it was trained."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import precision_recall_curve
from sklearn.model_selection import GroupKFold

from composite.codebook.themes import THEME_KEYS
from composite.errors import CompositeError
from composite.posts.corpus import CORPUS
from composite.posts.read import scan_posts
from composite.posts.text import hash_text
from composite.themes.classifier import ThemeClassifier
from composite.themes.coding import choose_coder, read_codings
from composite.themes.logistic import fit_logistic
from composite.themes.storage import load_model
from composite.themes.teacher import Teacher, fit_chances

RELEASED = Path(__file__).with_name("released.npz")
RECIPE = Path(__file__).with_name("released.json")
SETTINGS: dict[str, Any] = {"words": 2, "characters": 5, "min_posts": 2, "C": 30.0, "class_weight": "balanced"}
FOLDS = 5
POOL_WEIGHT = 0.5  # what a post that the teacher labelled is worth beside a coded one
KEYS = list(THEME_KEYS)
Progress = Callable[[str, int, int], None]


def load_classifier() -> ThemeClassifier:
    """The released `ThemeClassifier` for the nine themes in nine languages: no network, no download, at once.

    It learned from the invented posts that ship and from the codes of real ones; `docs/model-card.md` says how well it
    does in which language and theme, and what not to use it for. Its probabilities are calibrated on posts like those;
    to publish estimates, code a sample of your own posts, with which they are corrected.

    Returns
    -------
    ThemeClassifier
        Fitted, with `classes_` the nine keys in the order of the codebook. `cross_fitted_` holds, for the posts that it
        learned from, the probabilities of fits that left their agency out, and `label_posts` uses those for them.

    Raises
    ------
    CompositeError
        If the file of its weights is not the one that was released.

    Examples
    --------
    >>> import composite as cp
    >>> model = cp.load_classifier()
    >>> chances = model.predict_proba(["Witnesses wanted: did you see the crash on Mill Lane? Call 101"])
    >>> print(model.classes_[chances.argmax()])
    wisdom_of_crowd
    """
    return _copy(_load())


@cache
def _load() -> ThemeClassifier:
    return load_model(RELEASED, sha256=find_checksum())


def find_checksum() -> str:
    """The SHA-256 of the released classifier's file, as 64 hex digits."""
    return str(json.loads(RECIPE.read_text("utf-8"))["sha256"])


def _copy(model: ThemeClassifier) -> ThemeClassifier:
    """A classifier of one's own: what is set on it or fitted again does not change the next one that is loaded."""
    own = ThemeClassifier(**model.get_params())
    own.__dict__.update(model.__dict__, cross_fitted_=dict(model.cross_fitted_))
    return own


def gather_examples(real: pd.DataFrame | None = None) -> pd.DataFrame:
    """What there is to learn from: one row a coded text, by its key.

    Parameters
    ----------
    real : DataFrame, optional
        `text` and `language` of real posts; those whose key is in `codings_real.csv` or `codings_anew.csv` are
        examples.

    Returns
    -------
    DataFrame
        `key, text, language, source` (`study`, `training`, `real`, `anew`), `group` (what is left out together: an
        agency, or a text), and nine columns of 0 and 1.
    """
    study = scan_posts(CORPUS / "posts.csv").posts
    sampled = choose_coder(read_codings(CORPUS / "codings.csv"))
    meant = read_codings(CORPUS / "intended.csv")
    # the writer's intention stands in for codes where none were drawn
    codes = pd.concat([sampled, meant[~meant["post_id"].isin(sampled["post_id"])]])
    parts = [_join(study, codes, "study")]
    training = scan_posts(CORPUS / "training_posts.csv").posts
    parts.append(_join(training, choose_coder(read_codings(CORPUS / "training_codings.csv")), "training"))
    if real is not None:
        keyed = real.assign(post_id=real["text"].map(hash_text)).drop_duplicates("post_id")
        parts.append(_join(keyed, choose_coder(read_codings(CORPUS / "codings_real.csv")), "real"))
        anew = read_codings(CORPUS / "codings_anew.csv")
        parts.append(_join(keyed, choose_coder(anew), "anew"))
        # a post and what was written anew after it are left out together
        original = anew.set_index("post_id")["original"]
        parts[-1]["group"] = parts[-1]["key"].map(original)
        if parts[-1].empty and parts[-2].empty:
            raise CompositeError(
                "none of the real posts has a key of codings_real.csv or codings_anew.csv: give the posts that were "
                "coded, with their text as it was"
            )
    whole = pd.concat(parts).drop_duplicates("key")
    return whole.sort_values("key", ignore_index=True)


def _join(posts: pd.DataFrame, codes: pd.DataFrame, source: str) -> pd.DataFrame:
    found = posts.merge(codes[["post_id", *KEYS]], on="post_id")
    key = found["text"].map(hash_text)
    group = key  # agencies of real posts are few and large: their posts are left out one text at a time
    if "agency" in found:
        group = (found["country"] + "/" + found["agency"]).fillna(key)
    table = pd.DataFrame({"key": key, "text": found["text"], "language": found["language"], "source": source})
    return pd.concat([table.assign(group=group), found[KEYS]], axis=1)


def train_classifier(
    examples: pd.DataFrame,
    pool: list[str] | None = None,
    *,
    teacher: Teacher | None = None,
    folds: int = FOLDS,
    settings: dict[str, Any] | None = None,
    n_jobs: int = 2,
    progress: Progress | None = None,
) -> ThemeClassifier:
    """The released classifier, trained: hashed n-grams that learn codes, and a teacher's probabilities of more posts.

    For every fold of agencies, a teacher and a student learn from the other agencies' examples; what the student says
    of the fold calibrates it (two numbers a theme), sets its thresholds (the best F1), and is kept in `cross_fitted_`.

    Parameters
    ----------
    examples : DataFrame
        Of `gather_examples`.
    pool : list of str, optional
        Posts without codes, for the teacher to label. Without a teacher they are not used.
    teacher : Teacher, optional
        Knows the sentence vectors of examples and pool.
    folds, settings, n_jobs
        Number of folds; options of `ThemeClassifier`; threads.
    progress : callable, optional
        Called with what is done, how many steps are done, and how many there are.
    """
    report = progress or (lambda what, done, total: None)
    options = {**SETTINGS, **(settings or {})}
    texts, codes = examples["text"].tolist(), examples[KEYS].to_numpy(dtype=float)
    pool = pool if pool and teacher is not None else []
    scores = np.empty_like(codes)
    split = list(GroupKFold(folds).split(texts, groups=examples["group"]))
    for number, (train, test) in enumerate(split):
        report(f"training without fold {number + 1}", number, folds + 1)
        student = _fit(texts, codes, train, pool, teacher, options, n_jobs)
        scores[test] = student.decision_function([texts[row] for row in test])
    report("training on all examples", folds, folds + 1)
    model = _fit(texts, codes, np.arange(len(texts)), pool, teacher, options, n_jobs)
    slope, shift = _calibrate(scores, codes)
    model.scorer_ = model.scorer_.rescale(slope, shift)
    chances = 1 / (1 + np.exp(-(scores * slope + shift)))
    model.thresholds_ = find_thresholds(chances, codes)
    keys = examples["key"].tolist()
    model.training_keys_ = frozenset(keys)
    model.cross_fitted_ = {key: list(row) for key, row in zip(keys, chances.round(4), strict=True)}
    report("training on all examples", folds + 1, folds + 1)
    return model


def _fit(
    texts: list[str],
    codes: np.ndarray,
    rows: np.ndarray,
    pool: list[str],
    teacher: Teacher | None,
    options: dict[str, Any],
    n_jobs: int,
) -> ThemeClassifier:
    chosen = [texts[row] for row in rows]
    targets, worth = codes[rows], np.ones(len(rows))
    if pool and teacher is not None:
        taught = teacher.fit(chosen, codes[rows], options, n_jobs=n_jobs).label(pool)
        chosen, targets = chosen + pool, np.vstack([targets, taught])
        worth = np.concatenate([worth, np.full(len(pool), POOL_WEIGHT)])
    return fit_chances(chosen, targets, worth, options)


def _calibrate(scores: np.ndarray, codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Slope and shift of every theme's log-odds with which its probabilities are right on average (Platt 1999)."""
    slope, shift = np.empty(scores.shape[1]), np.empty(scores.shape[1])
    for column in range(scores.shape[1]):
        weights, intercepts = fit_logistic(scores[:, [column]], codes[:, [column]], C=1e4)
        slope[column], shift[column] = weights[0, 0], intercepts[0]
    return slope, shift


def find_thresholds(chances: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """The probability of every theme from which labelling it gives the best F1, an array of k."""
    found = []
    for column in range(chances.shape[1]):
        precision, recall, cuts = precision_recall_curve(codes[:, column], chances[:, column])
        both = precision + recall
        f1 = np.where(both > 0, 2 * precision * recall / np.where(both > 0, both, 1), 0)[:-1]
        # of many cuts that are nearly as good, the middle one: the best one alone is luck
        good = cuts[f1 >= f1.max() - 0.002]
        found.append(float(np.median(good)))
    return np.array(found)
