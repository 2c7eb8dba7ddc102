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
from composite.errors import CompositeError, require_known
from composite.posts.corpus import CORPUS
from composite.posts.read import scan_posts
from composite.posts.text import hash_text
from composite.themes.classifier import ThemeClassifier
from composite.themes.coding import choose_coder, read_codings
from composite.themes.logistic import fit_logistic
from composite.themes.sentences import require_sentences
from composite.themes.storage import load_model
from composite.themes.vectors import Vectors

RELEASED = {
    "ngrams": Path(__file__).with_name("released.npz"),
    "both": Path(__file__).with_name("released-both.npz"),
}
SETTINGS: dict[str, Any] = {"words": 2, "characters": 5, "min_posts": 2, "C": 30.0, "class_weight": "balanced"}
FOLDS = 5
KEYS = list(THEME_KEYS)
Progress = Callable[[str, int, int], None]


def load_classifier(features: str = "ngrams") -> ThemeClassifier:
    """A released `ThemeClassifier` for the nine themes in nine languages: no network, no download, at once.

    It learned from the invented posts that ship and from the codes of real ones; `docs/model-card.md` says how well it
    does in which language and theme, and what not to use it for. Its probabilities are calibrated on posts like those;
    to publish estimates, code a sample of your own posts, with which they are corrected.

    Parameters
    ----------
    features : {"ngrams", "both"}
        `ngrams` needs nothing else and labels hundreds of thousands of posts a second. `both` reads sentences as well,
        errs less, above all in languages with few training posts, labels tens of posts a second, and needs the extra
        `multilingual`.

    Returns
    -------
    ThemeClassifier
        Fitted, with `classes_` the nine keys in the order of the codebook. `cross_fitted_` holds, for the posts that it
        learned from, the probabilities of fits that left their agency out, and `label_posts` uses those for them.

    Raises
    ------
    CompositeError
        If there is no release with such features, if the extra is missing, or if the file of its weights is not the one
        that was released.

    Examples
    --------
    >>> import composite as cp
    >>> model = cp.load_classifier()
    >>> chances = model.predict_proba(["Witnesses wanted: did you see the crash on Mill Lane? Call 101"])
    >>> print(model.classes_[chances.argmax()])
    wisdom_of_crowd
    """
    require_known([features], RELEASED, what="kind of features of a released classifier")
    if features != "ngrams":
        require_sentences()
    return _copy(_load(features))


@cache
def _load(features: str) -> ThemeClassifier:
    return load_model(RELEASED[features], sha256=find_checksum(features))


def find_checksum(features: str = "ngrams") -> str:
    """The SHA-256 of a released classifier's file, as 64 hex digits."""
    return str(json.loads(RELEASED[features].with_suffix(".json").read_text("utf-8"))["sha256"])


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
    *,
    vectors: Vectors | None = None,
    folds: int = FOLDS,
    settings: dict[str, Any] | None = None,
    progress: Progress | None = None,
) -> ThemeClassifier:
    """The released classifier, trained.

    For every fold of agencies, a classifier learns from the other agencies' examples; what it says
    of the fold calibrates it (two numbers a theme), sets its thresholds (the best F1), and is kept in `cross_fitted_`.

    Parameters
    ----------
    examples : DataFrame
        Of `gather_examples`.
    vectors : Vectors, optional
        Knows the sentence vectors of the examples; needed for features that read sentences.
    folds, settings
        Number of folds; options of `ThemeClassifier`.
    progress : callable, optional
        Called with what is done, how many steps are done, and how many there are.
    """
    report = progress or (lambda what, done, total: None)
    options = {**SETTINGS, **(settings or {})}
    texts, codes = examples["text"].tolist(), examples[KEYS].to_numpy(dtype=float)
    scores = np.empty_like(codes)
    split = list(GroupKFold(folds).split(texts, groups=examples["group"]))
    for number, (train, test) in enumerate(split):
        report(f"training without fold {number + 1}", number, folds + 1)
        fitted = _fit(texts, codes, train, vectors, options)
        left_out = [texts[row] for row in test]
        scores[test] = fitted._score(left_out, _look_up(fitted, left_out, vectors))
    report("training on all examples", folds, folds + 1)
    model = _fit(texts, codes, np.arange(len(texts)), vectors, options)
    slope, shift = _calibrate(scores, codes)
    model._rescale(slope, shift)
    chances = 1 / (1 + np.exp(-(scores * slope + shift)))
    model.thresholds_ = find_thresholds(chances, codes)
    keys = examples["key"].tolist()
    model.training_keys_ = frozenset(keys)
    model.cross_fitted_ = {key: list(row) for key, row in zip(keys, chances.round(4).clip(1e-4, 1 - 1e-4), strict=True)}
    report("training on all examples", folds + 1, folds + 1)
    return model


def _fit(
    texts: list[str],
    codes: np.ndarray,
    rows: np.ndarray,
    vectors: Vectors | None,
    options: dict[str, Any],
) -> ThemeClassifier:
    chosen, model = [texts[row] for row in rows], ThemeClassifier(**options)
    model._fit(chosen, codes[rows], vectors=_look_up(model, chosen, vectors))
    model.classes_, model.multilabel_ = np.array(THEME_KEYS, dtype=str), True
    return model


def _look_up(model: ThemeClassifier, texts: list[str], vectors: Vectors | None) -> np.ndarray | None:
    return None if vectors is None or model.features == "ngrams" else vectors.look_up(texts)


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
