"""Text → numbers: hashed word and character n-grams, as a sparse matrix to train on.

`composite.themes.tokens` says what the features are and why, and `composite.themes.scoring` sums weights over the same
features without a matrix. To train a model of them:

>>> texts = ["Witnesses, please call 101", "Road closed", "Please call us", "The road is closed"]
>>> ngrams = Ngrams(bits=20)
>>> counted = count_features(texts, ngrams)
>>> kept = find_frequent(counted, 2)
>>> masses = weigh_rare(counted, kept)
>>> X = make_matrix(counted, kept, masses)
>>> X.shape == (4, len(kept))
True

Then `fit_logistic(X, chances)` (`composite.themes.logistic`) on codes, and
`HashedScorer.build(ngrams, kept, masses, weights, intercepts)`, whose `score(texts)` gives X @ weights + intercepts.
`ThemeClassifier` does just this.

**The matrix.** With the values v of the occurrences of n-grams in a post, and w = log((1 + n) / (1 + posts with it)) +
1 for an n-gram among n training posts (as in TF-IDF), the entry of n-gram j is w_j Σ v / √(Σ w² v²): the first sum is
over its occurrences, and the second over the occurrences of all n-grams that are kept. The root is the length of the
vector, but in posts that repeat themselves, and it adds up token by token, as the first sum does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix, vstack

from composite.themes.tokens import LONGEST, UNIT, compile_kernels, count_grams, list_features, list_table, make_table

BATCH = 4_096  # posts whose features are held at a time
# below so many bytes Python is done before numba is loaded
SMALL = 60_000
FINENESS = 16  # squared weights are whole sixteenths


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


@dataclass(frozen=True)
class Counted:
    """The features of n texts, before any weights.

    Attributes
    ----------
    values, squares : (n, 2**bits) sparse matrices of float64
        Sums of the values, and of their squares, over the occurrences of an n-gram in a text, in the same places.
    """

    values: csr_matrix
    squares: csr_matrix


def count_features(
    texts: Sequence[str], ngrams: Ngrams | None = None, *, progress: Callable[[int], None] | None = None
) -> Counted:
    """The features of every text.

    Parameters
    ----------
    texts : sequence of n str
    ngrams : Ngrams, optional
    progress : callable, optional
        Called with the number of texts done.
    """
    chosen = ngrams or Ngrams()
    empty = csr_matrix((0, 1 << chosen.bits))
    values, squares = [empty], [empty]
    for start in range(0, len(texts), BATCH):
        buckets, given, offsets = read_features(encode(texts[start : start + BATCH]), chosen)
        for parts, data in ((values, given / UNIT), (squares, (given / UNIT) ** 2)):
            # sum_duplicates works in place
            part = csr_matrix((data, buckets.astype(np.int32), offsets), shape=(len(offsets) - 1, 1 << chosen.bits))
            part.sum_duplicates()
            parts.append(part)
        if progress:
            progress(min(start + BATCH, len(texts)))
    return Counted(vstack(values, format="csr"), vstack(squares, format="csr"))


def find_frequent(counted: Counted, least: float, worth: np.ndarray | None = None) -> np.ndarray:
    """The buckets that at least `least` texts have, a sorted array of int64; a text counts as many as it is worth."""
    buckets, number = _count_texts(counted, worth)
    return buckets[number >= least]


def weigh_rare(counted: Counted, kept: np.ndarray, worth: np.ndarray | None = None) -> np.ndarray:
    """The squared weight w² of each bucket in `kept`, in sixteenths: an array of int64."""
    buckets, number = _count_texts(counted, worth)
    total = counted.values.shape[0] if worth is None else worth.sum()
    weights = np.log((1 + total) / (1 + number[np.searchsorted(buckets, kept)])) + 1
    return np.maximum(1, np.round(FINENESS * weights**2)).astype(np.int64)


def make_matrix(counted: Counted, kept: np.ndarray, masses: np.ndarray) -> csr_matrix:
    """The matrix to train on, (n, m) float64: rows are texts, columns the m buckets in `kept`, weighted by `masses`."""
    values, squares = keep_columns(counted.values, kept), keep_columns(counted.squares, kept)
    lengths = np.sqrt(squares @ (masses / FINENESS))
    lengths[lengths == 0] = 1
    values.data *= np.sqrt(masses / FINENESS)[values.indices] / np.repeat(lengths, np.diff(values.indptr))
    return values


def _count_texts(counted: Counted, worth: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    """Buckets, sorted, and how many texts have each."""
    rows = None if worth is None else np.repeat(worth, np.diff(counted.values.indptr))
    indices = counted.values.indices
    if len(indices) > counted.values.shape[1] // 4:  # to count in all buckets is then faster than to sort
        number = np.bincount(indices, rows, minlength=counted.values.shape[1])
        there = np.flatnonzero(np.bincount(indices, minlength=len(number)))
        return there, number[there]
    buckets, places = np.unique(indices, return_inverse=True)
    return buckets.astype(np.int64), np.bincount(places, rows, minlength=len(buckets))


def keep_columns(matrix: csr_matrix, kept: np.ndarray) -> csr_matrix:
    """`matrix[:, kept]` of sorted `kept`, without the room that scipy takes for each of 2**bits columns."""
    places = np.searchsorted(kept, matrix.indices)
    there = places < len(kept)
    there[there] = kept[places[there]] == matrix.indices[there]
    ends = np.concatenate([[0], np.cumsum(there)])[matrix.indptr]
    return csr_matrix((matrix.data[there], places[there].astype(np.int32), ends), shape=(matrix.shape[0], len(kept)))


def read_features(encoded: Encoded, ngrams: Ngrams) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Buckets and whole-number values of all features in order, and where the features of each text begin and end."""
    n, length = len(encoded.starts), len(encoded.buffer)
    # a token has at least one byte; a word of m characters has at most (m + 1)(characters - 1) n-grams of them
    most = length * (ngrams.words + 2 * (ngrams.characters - 1)) + n
    offsets = np.zeros(n + 1, dtype=np.int64)
    room: list[Any] = [np.zeros(LONGEST, np.int64), np.zeros(len(ngrams.factors), np.int64)]
    room += [np.zeros(ngrams.words + 1, np.int64), np.empty(most, np.int64), np.empty(most, np.int64)]
    given: list[Any] = [encoded.starts, encoded.ends, ngrams.factors]
    settings = (ngrams.bits, ngrams.words, ngrams.characters)
    if is_small(encoded):
        # the same code, run by Python, for which lists are faster than arrays
        room, given = ([part.tolist() for part in parts] for parts in (room, given))
        arguments: tuple[Any, ...] = (encoded.buffer, list_table(), *given, *settings, *room, offsets)
        number = list_features(*arguments)
    else:
        buffer = np.frombuffer(encoded.buffer, dtype=np.uint8)
        number = compile_kernels().list_features(buffer, make_table(), *given, *settings, *room, offsets)
    return np.array(room[3][:number], np.int64), np.array(room[4][:number], np.int64), offsets


def is_small(encoded: Encoded) -> bool:
    """Whether Python is done with the texts before numba is loaded."""
    return len(encoded.buffer) <= SMALL and not compile_kernels.cache_info().currsize
