"""Text → numbers: hashed word and character n-grams, as a sparse matrix to train on.

`composite.themes.tokens` says what the features are and why; `composite.themes.scoring` sums weights over the same
features without building the matrix.

>>> texts = ["Witnesses, please call 101", "Road closed"]
>>> X = make_matrix(texts, Ngrams(bits=20))
>>> X.shape, X.dtype
((2, 1048576), dtype('float64'))

To train: `kept = find_frequent(X, 2)`, then fit on `X[:, kept]` (`composite.themes.logistic.fit_logistic` takes codes
or probabilities), and `HashedScorer.build(ngrams, kept, weights, intercepts, classes)` scores texts with the weights.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix, vstack

from composite.themes.tokens import LONGEST, UNIT, compile_kernels, count_grams, list_features, make_table

BATCH = 4_096  # posts whose features are held at a time
# below so many bytes Python is done before numba is loaded
SMALL = 60_000


@dataclass(frozen=True)
class Ngrams:
    """Which n-grams of a text are features.

    Attributes
    ----------
    words : int
        Longest n-gram of tokens.
    characters : int
        Longest n-gram of characters within a word, from 2; 1 for none.
    bits : int
        Features are hashed to 2**bits buckets, from 6 to 28 bits.
    """

    words: int = 2
    characters: int = 5
    bits: int = 22

    @cached_property
    def factors(self) -> np.ndarray:
        """The value of a character n-gram in a word that has so many of them, an array of int64."""
        number = np.arange(count_grams(LONGEST, self.characters) + 1)
        return np.round(UNIT / np.sqrt(np.maximum(number, 1))).astype(np.int64)


@dataclass(frozen=True)
class Encoded:
    """Texts as one buffer of UTF-8, and where each begins and ends in it."""

    buffer: bytes
    starts: np.ndarray
    ends: np.ndarray


def encode(texts: Sequence[str]) -> Encoded:
    """`texts` one after the other; halves of an emoji are kept, and are spaces to the tokens."""
    joined = "\0".join(texts)
    buffer = joined.encode("utf-8", "surrogatepass")
    marks = np.flatnonzero(np.frombuffer(buffer, dtype=np.uint8) == 0)
    if len(marks) >= max(1, len(texts)):  # a text has a NUL of its own
        return encode([text.replace("\0", " ") for text in texts])
    starts = np.concatenate([[0], marks + 1])[: len(texts)].astype(np.int64)
    ends = np.concatenate([marks, [len(buffer)]])[: len(texts)].astype(np.int64)
    return Encoded(buffer, starts, ends)


def make_matrix(
    texts: Sequence[str], ngrams: Ngrams | None = None, *, progress: Callable[[int], None] | None = None
) -> csr_matrix:
    """The features of every text, an (n, 2**bits) sparse matrix of float64 with sorted columns.

    Parameters
    ----------
    texts : sequence of n str
    ngrams : Ngrams, optional
    progress : callable, optional
        Called with the number of texts done.
    """
    chosen = ngrams or Ngrams()
    parts = []
    for start in range(0, len(texts), BATCH):
        parts.append(_make_part(encode(texts[start : start + BATCH]), chosen))
        if progress:
            progress(min(start + BATCH, len(texts)))
    return vstack(parts, format="csr") if parts else csr_matrix((0, 1 << chosen.bits))


def _make_part(encoded: Encoded, ngrams: Ngrams) -> csr_matrix:
    buckets, values, offsets, sizes = read_features(encoded, ngrams)
    data = values / (UNIT * np.sqrt(np.maximum(sizes, 1)).repeat(np.diff(offsets)))
    matrix = csr_matrix((data, buckets.astype(np.int32), offsets), shape=(len(sizes), 1 << ngrams.bits))
    matrix.sum_duplicates()
    return matrix


def read_features(encoded: Encoded, ngrams: Ngrams) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Buckets and whole-number values of all features in order, the offsets of each text, and its number of tokens."""
    n, length = len(encoded.starts), len(encoded.buffer)
    # a token has at least one byte; a word of m characters has at most (m + 1)(characters - 1) n-grams of them
    most = length * (ngrams.words + 2 * (ngrams.characters - 1)) + n
    offsets, sizes = np.zeros(n + 1, dtype=np.int64), np.zeros(n, dtype=np.int64)
    room: list[Any] = [np.zeros(LONGEST, np.int64), np.zeros(len(ngrams.factors), np.int64)]
    room += [np.zeros(ngrams.words + 1, np.int64), np.empty(most, np.int64), np.empty(most, np.int64)]
    given: list[Any] = [encoded.starts, encoded.ends, make_table(), ngrams.factors]
    settings = (ngrams.bits, ngrams.words, ngrams.characters)
    if is_small(encoded):
        # the same code, run by Python, for which lists are faster than arrays
        room, given = ([part.tolist() for part in parts] for parts in (room, given))
        arguments: tuple[Any, ...] = (encoded.buffer, *given, *settings, *room, offsets, sizes)
        number = list_features(*arguments)
    else:
        buffer = np.frombuffer(encoded.buffer, dtype=np.uint8)
        number = compile_kernels().list_features(buffer, *given, *settings, *room, offsets, sizes)
    return np.array(room[3][:number], np.int64), np.array(room[4][:number], np.int64), offsets, sizes


def is_small(encoded: Encoded) -> bool:
    """Whether Python is done with the texts before numba is loaded."""
    return len(encoded.buffer) <= SMALL and not compile_kernels.cache_info().currsize


def find_frequent(matrix: csr_matrix, least: float, worth: np.ndarray | None = None) -> np.ndarray:
    """The columns that at least `least` rows have, a sorted array of int64; a row counts as many as it is worth."""
    rows = None if worth is None else np.repeat(worth, np.diff(matrix.indptr))
    return np.flatnonzero(np.bincount(matrix.indices, rows, minlength=matrix.shape[1]) >= least)
