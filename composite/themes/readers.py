"""Sentence vectors → log-odds: small networks of one hidden layer, trained by scikit-learn and averaged."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np

from composite.themes.sentences import LENGTH

READERS = 4  # networks from different starts, whose log-odds are averaged
HIDDEN = 256
EPOCHS = 12
DECAY = 1e-3  # L2 penalty
LARGEST_STEP = 128  # posts that a step of the training looks at
SPREAD = np.sqrt(LENGTH) / 4  # length of the vectors that the networks see


@dataclass(frozen=True)
class SentenceScorer:
    """The log-odds of k themes from sentence vectors: the mean of some networks with one hidden layer.

    Attributes
    ----------
    centre : (384,) ndarray
        Mean of the training posts' vectors, which all vectors have in common and which tells nothing.
    first : (384, m) ndarray of float16
    bias : (m,) ndarray of float16
    second : (m, k) ndarray
        Weights into and out of the m hidden units of all networks together.

    References
    ----------
    Hansen, L. K., & Salamon, P. (1990). Neural network ensembles. *IEEE Transactions on Pattern Analysis and Machine
    Intelligence*, 12(10), 993–1001. https://doi.org/10.1109/34.58871
    """

    centre: np.ndarray
    first: np.ndarray
    bias: np.ndarray
    second: np.ndarray

    @classmethod
    def empty(cls, k: int) -> Self:
        """The scorer of a classifier without sentence vectors."""
        return cls(np.zeros(0), np.zeros((LENGTH, 0), np.float16), np.zeros(0, np.float16), np.zeros((0, k)))

    @classmethod
    def fit(cls, vectors: np.ndarray, codes: np.ndarray, *, worth: np.ndarray) -> tuple[Self, np.ndarray]:
        """The scorer and k intercepts, from (n, 384) vectors, (n, k) codes of 0 and 1, and what each post is worth."""
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.neural_network import MLPClassifier

        centre = np.average(vectors, axis=0, weights=worth)
        units = _centre(vectors, centre)
        k = codes.shape[1]
        # a column more, so that there are always two and in one of them something to tell apart
        targets = np.column_stack([codes, 1 - codes[:, :1]]).astype(int)
        weighed = None if (worth == worth[0]).all() else worth
        parts: list[list[np.ndarray]] = [[], [], []]
        intercepts = np.zeros(k)
        for seed in range(READERS):
            network = MLPClassifier(
                (HIDDEN,),
                alpha=DECAY,
                max_iter=EPOCHS,
                random_state=seed,
                batch_size=min(LARGEST_STEP, len(units), max(8, len(units) // 20)),
            )
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", ConvergenceWarning)  # stopped early on purpose
                network.fit(units, targets, sample_weight=weighed)
            parts[0].append(network.coefs_[0])
            parts[1].append(network.intercepts_[0])
            parts[2].append(network.coefs_[1][:, :k] / READERS)
            intercepts += network.intercepts_[1][:k] / READERS
        first, bias, second = np.hstack(parts[0]), np.concatenate(parts[1]), np.vstack(parts[2])
        return cls(centre, first.astype(np.float16), bias.astype(np.float16), second.astype(float)), intercepts

    def score(self, vectors: np.ndarray) -> np.ndarray:
        """The log-odds, an (n, k) array, without an intercept."""
        hidden = _centre(vectors, self.centre) @ self.first.astype(np.float32) + self.bias.astype(np.float32)
        return np.maximum(hidden, 0).astype(float) @ self.second

    def rescale(self, slope: np.ndarray) -> Self:
        """The scorer whose log-odds are `slope` times these, an array of k."""
        return replace(self, second=self.second * slope)


def balance(codes: np.ndarray, class_weight: Any, worth: np.ndarray) -> np.ndarray:
    """By how much the log-odds of each theme rise when its classes weigh what `fit_logistic` says, an array of k."""
    if class_weight is None:
        return np.zeros(codes.shape[1])
    if class_weight == "balanced":
        with_it = worth @ codes
        # half a post each, so that a theme that all or none have is no error
        return np.log((worth.sum() - with_it + 0.5) / (with_it + 0.5))
    without, with_it = class_weight
    return np.full(codes.shape[1], np.log(with_it / without))


def _centre(vectors: np.ndarray, centre: np.ndarray) -> np.ndarray:
    moved = np.asarray(vectors, dtype=float) - centre
    return (SPREAD * moved / np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-9)).astype(np.float32)
