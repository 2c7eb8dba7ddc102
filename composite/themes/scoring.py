"""`HashedScorer`: weights of hashed n-grams, frozen, and texts → scores without a matrix between."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np

from composite.themes.features import BATCH, Encoded, Ngrams, encode, is_small, read_features
from composite.themes.tokens import LANES, UNIT, compile_kernels, make_table

FINE = 20  # bits of a weight, so that 32 hold the sum over a word: exact to six digits of the largest
SLOTS = 1 << 16  # tokens whose sums are remembered: 4 MB


@dataclass(frozen=True)
class HashedScorer:
    """A linear model of hashed n-grams: `intercept + scale · (sum of value × weight) / (UNIT · √tokens)`.

    The sums are of whole numbers, so scores do not depend on batches, threads or the order of words.

    Attributes
    ----------
    ngrams : Ngrams
    buckets : ndarray of m int64
        Buckets that have weights, sorted; all others weigh nothing.
    weights : (m, k) ndarray of int32
        Whole numbers, to be multiplied by `scale`.
    scale, intercept : ndarrays of k float64
    """

    ngrams: Ngrams
    buckets: np.ndarray
    weights: np.ndarray
    scale: np.ndarray
    intercept: np.ndarray

    @classmethod
    def build(
        cls, ngrams: Ngrams, buckets: np.ndarray, weights: np.ndarray, intercept: np.ndarray, *, bits: int = FINE
    ) -> Self:
        """The scorer of an (m, k) array of weights, rounded to `bits` bits of the largest of each column.

        Buckets whose weights all round to zero are left out.
        """
        weights = np.asarray(weights, dtype=float)
        scale = np.abs(weights).max(axis=0, initial=0) / (2 ** (bits - 1) - 1)
        scale[scale == 0] = 1
        rounded = np.round(weights / scale).astype(np.int32)
        used = rounded.any(axis=1)
        return cls(
            ngrams,
            np.asarray(buckets, dtype=np.int64)[used],
            rounded[used],
            scale,
            np.asarray(intercept, dtype=float),
        )

    def round(self, bits: int) -> Self:
        """The same scorer with weights of fewer bits; buckets whose weights are then all zero are left out."""
        return self.build(self.ngrams, self.buckets, self.weights * self.scale, self.intercept, bits=bits)

    def __getstate__(self) -> dict[str, Any]:
        names = ("ngrams", "buckets", "weights", "scale", "intercept")
        return {name: getattr(self, name) for name in names}

    def score(self, texts: Sequence[str], *, n_jobs: int = 1) -> np.ndarray:
        """The log-odds of every theme, an (n, k) array of float64.

        Parameters
        ----------
        texts : sequence of n str
        n_jobs : int
            Threads; the result is the same to the last bit.
        """
        scores = np.empty((len(texts), len(self.intercept)))
        starts = range(0, len(texts), BATCH)

        def fill(start: int) -> None:
            scores[start : start + BATCH] = self._score_part(encode(texts[start : start + BATCH]))

        if n_jobs > 1 and len(starts) > 1:
            with ThreadPoolExecutor(n_jobs) as pool:
                list(pool.map(fill, starts))
        else:
            for start in starts:
                fill(start)
        return scores

    def _score_part(self, encoded: Encoded) -> np.ndarray:
        sums, sizes = self._sum_lists(encoded) if is_small(encoded) else self._sum_fused(encoded)
        k = len(self.intercept)
        return self.intercept + sums[:, :k] * self.scale / (UNIT * np.sqrt(np.maximum(sizes, 1)))[:, None]

    def _sum_lists(self, encoded: Encoded) -> tuple[np.ndarray, np.ndarray]:
        buckets, values, offsets, sizes = read_features(encoded, self.ngrams)
        products = self.find_weights(buckets) * values[:, None]
        totals = np.concatenate([np.zeros((1, products.shape[1]), dtype=np.int64), products.cumsum(axis=0)])
        return totals[offsets[1:]] - totals[offsets[:-1]], sizes

    def find_weights(self, buckets: np.ndarray) -> np.ndarray:
        """The whole-number weights of n buckets, an (n, k) array of int64; zero where there are none."""
        if not len(self.buckets):
            return np.zeros((len(buckets), len(self.intercept)), dtype=np.int64)
        rows = np.minimum(np.searchsorted(self.buckets, buckets), len(self.buckets) - 1)
        return np.where((self.buckets[rows] == buckets)[:, None], self.weights[rows], 0).astype(np.int64)

    def _sum_fused(self, encoded: Encoded) -> tuple[np.ndarray, np.ndarray]:
        places, blocks = self._tables
        n = len(encoded.starts)
        parts, sizes = [], np.zeros(n, dtype=np.int64)
        for number, weights in enumerate(blocks):
            # taking from a list and giving back are whole steps, so that no two threads hold one memory
            try:
                memory = self._memories[number].pop()
            except IndexError:
                memory = np.zeros((SLOTS, LANES + 2), dtype=np.int32)
            sums = np.zeros((n, LANES), dtype=np.int64)
            compile_kernels().score_posts(
                np.frombuffer(encoded.buffer, dtype=np.uint8),
                encoded.starts,
                encoded.ends,
                make_table(),
                self.ngrams.factors,
                self.ngrams.bits,
                self.ngrams.words,
                self.ngrams.characters,
                places,
                weights,
                memory,
                sums,
                sizes,
            )
            self._memories[number].append(memory)
            parts.append(sums)
        return np.hstack(parts), sizes

    @cached_property
    def _memories(self) -> list[list[np.ndarray]]:
        return [[] for _ in self._tables[1]]

    @cached_property
    def _tables(self) -> tuple[np.ndarray, list[np.ndarray]]:
        """Which of 64 buckets have weights and from which row on, and the rows, LANES themes at a time."""
        m, k = self.weights.shape
        places = np.zeros((max(1, 1 << self.ngrams.bits - 6), 2), dtype=np.int64)
        np.bitwise_or.at(
            places[:, 0].view(np.uint64), self.buckets >> 6, np.uint64(1) << (self.buckets & 63).astype(np.uint64)
        )
        places[:, 1] = np.searchsorted(self.buckets, np.arange(len(places)) << 6)
        blocks = []
        for start in range(0, k, LANES):
            part = self.weights[:, start : start + LANES]
            # a line of cache each
            block = np.zeros((m, LANES + 2), dtype=np.int32)
            block[:, : part.shape[1]] = part
            blocks.append(block)
        return places, blocks
