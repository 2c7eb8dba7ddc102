"""The teacher: n-grams and sentence vectors together, which label posts that nobody coded for the student to learn."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import numpy as np
from scipy.spatial.distance import cdist

from composite.codebook.themes import THEME_KEYS
from composite.files import write_whole
from composite.posts.text import hash_text
from composite.themes.classifier import ThemeClassifier
from composite.themes.logistic import fit_logistic
from composite.themes.sentences import LENGTH, embed_texts

SIZE = 1_200  # landmarks of the kernel
GAMMA = 1.5
BATCH = 512
SHARES = (0.7, 0.6)  # of the n-grams' and of the sentences' log-odds in the teacher's


class Teacher:
    """Log-odds of n-grams and of sentence vectors, added: better than either, and a thousand times slower to ask.

    The vectors are kept in a folder, so that an interrupted training goes on where it stopped. Their part is a logistic
    regression on their likeness to some of the examples (a Gaussian kernel by Nyström's method).

    Parameters
    ----------
    store : Path
        Folder of the vectors.

    References
    ----------
    Hinton, G., Vinyals, O., & Dean, J. (2015). Distilling the knowledge in a neural network. arXiv:1503.02531.
    Williams, C., & Seeger, M. (2001). Using the Nyström method to speed up kernel machines. *NeurIPS 13*.
    """

    def __init__(self, store: Path) -> None:
        self.store = store
        self._vectors: dict[str, np.ndarray] = {}

    def read(self, texts: list[str], progress: Callable[[int], None] | None = None) -> Self:
        """The teacher itself, which now has the vectors of these texts: from the store, or made and stored."""
        for file in sorted(self.store.glob("*.npz")) if self.store.is_dir() else []:
            with np.load(file, allow_pickle=False) as kept:
                self._vectors.update(zip(kept["keys"].tolist(), kept["v"], strict=True))
        wanted = {hash_text(text): text for text in texts}
        lacking = sorted(set(wanted) - set(self._vectors))
        for start in range(0, len(lacking), BATCH):
            keys = lacking[start : start + BATCH]
            # of like length, since a batch takes as long as its longest text
            keys = sorted(keys, key=lambda key: len(wanted[key]))
            vectors = embed_texts([wanted[key] for key in keys]).astype(np.float16)
            _write(self.store / f"{keys[0]}-{len(keys)}.npz", keys, vectors)
            self._vectors.update(zip(keys, vectors, strict=True))
            if progress:
                progress(len(texts) - len(lacking) + start + len(keys))
        return self

    def fit(self, texts: list[str], codes: np.ndarray, options: dict[str, Any], *, n_jobs: int = 1) -> Self:
        """The teacher itself, taught these codes, an (n, k) array of 0 and 1."""
        self._ngrams = fit_chances(texts, codes, None, options)
        vectors = self._look_up(texts)
        self._centre = vectors.mean(axis=0)
        units = self._scale(vectors)
        rows = np.random.default_rng(0).choice(len(units), size=min(SIZE, len(units)), replace=False)
        self._marks = units[np.sort(rows)]
        values, basis = np.linalg.eigh(_compare(self._marks, self._marks))
        self._basis = basis / np.sqrt(np.maximum(values, 1e-9))
        self._weights, self._intercepts = fit_logistic(
            _compare(units, self._marks) @ self._basis, codes, C=10.0, class_weight="balanced", n_jobs=n_jobs
        )
        return self

    def label(self, texts: list[str]) -> np.ndarray:
        """The probability of every theme, an (n, k) array."""
        sentences = _compare(self._scale(self._look_up(texts)), self._marks) @ self._basis @ self._weights
        scores = self._ngrams.decision_function(texts) * SHARES[0] + (sentences + self._intercepts) * SHARES[1]
        return 1 / (1 + np.exp(-scores))

    def _look_up(self, texts: list[str]) -> np.ndarray:
        return np.array([self._vectors[hash_text(text)] for text in texts], dtype=float).reshape(-1, LENGTH)

    def _scale(self, vectors: np.ndarray) -> np.ndarray:
        moved = vectors / np.linalg.norm(vectors, axis=1, keepdims=True) - self._centre
        return moved / np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-9)


def fit_chances(
    texts: list[str], chances: np.ndarray, worth: np.ndarray | None, options: dict[str, Any]
) -> ThemeClassifier:
    """A classifier of the nine themes that learned codes, or the probabilities of a teacher, an (n, 9) array."""
    model = ThemeClassifier(**options)
    model._fit_chances(texts, chances, worth)
    model.classes_, model.multilabel_ = np.array(THEME_KEYS, dtype=str), True
    return model


def _compare(one: np.ndarray, two: np.ndarray) -> np.ndarray:
    return np.exp(-GAMMA * cdist(one, two, "sqeuclidean"))


def _write(path: Path, keys: list[str], vectors: np.ndarray) -> None:
    stream = io.BytesIO()
    np.savez(stream, allow_pickle=False, keys=np.array(keys), v=vectors)
    write_whole(path, stream.getvalue())
