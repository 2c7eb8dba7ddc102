"""`HashedScorer`: weights of hashed n-grams, frozen, and texts → scores without a matrix between."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Self

import numpy as np

from composite.themes.features import BATCH, FINENESS, Encoded, Ngrams, encode, is_small, read_features
from composite.themes.tokens import LANES, MASS, UNIT, compile_kernels, make_table

FINE = 19  # bits of a weight, so that 32 hold the sum over any word: exact to five digits of the largest
SLOTS = 1 << 16  # tokens whose sums are remembered: 4 MB


@dataclass(frozen=True)
class HashedScorer:
    """A linear model of hashed n-grams: `intercept + scale · Σ value · weight / √(Σ value² · mass / FINENESS)`.

    Both sums are over the occurrences of n-grams in a text, and of whole numbers: scores do not depend on batches or
    threads.

    Attributes
    ----------
    ngrams : Ngrams
    buckets : ndarray of m int64
        Buckets that have weights, sorted; all others weigh nothing.
    masses : ndarray of m int64
        Squared weights of rare n-grams (`composite.themes.features.weigh_rare`).
    weights : (m, k) ndarray of int32
        Whole numbers, to be multiplied by `scale`; the weight of rare n-grams is in them.
    scale, intercept : ndarrays of k float64
    """

    ngrams: Ngrams
    buckets: np.ndarray
    masses: np.ndarray
    weights: np.ndarray
    scale: np.ndarray
    intercept: np.ndarray

    @classmethod
    def build(
        cls,
        ngrams: Ngrams,
        buckets: np.ndarray,
        masses: np.ndarray,
        weights: np.ndarray,
        intercept: np.ndarray,
        *,
        bits: int = FINE,
    ) -> Self:
        """The scorer of an (m, k) array of weights of the matrix's columns, in `bits` bits of a theme's largest."""
        whole = np.asarray(weights, dtype=float) * np.sqrt(masses / FINENESS)[:, None]
        return cls._keep(ngrams, np.asarray(buckets, np.int64), np.asarray(masses, np.int64), whole, intercept, bits)

    @classmethod
    def _keep(
        cls,
        ngrams: Ngrams,
        buckets: np.ndarray,
        masses: np.ndarray,
        whole: np.ndarray,
        intercept: np.ndarray,
        bits: int,
    ) -> Self:
        scale = np.abs(whole).max(axis=0, initial=0) / (2 ** (bits - 1) - 1)
        scale[scale == 0] = 1
        return cls(
            ngrams, buckets, masses, np.round(whole / scale).astype(np.int32), scale, np.asarray(intercept, dtype=float)
        )

    def round(self, bits: int) -> Self:
        """The same scorer with weights of fewer bits."""
        return self._keep(self.ngrams, self.buckets, self.masses, self.weights * self.scale, self.intercept, bits)

    def rescale(self, slope: np.ndarray, shift: np.ndarray) -> Self:
        """The scorer whose log-odds are `slope` times these plus `shift`, arrays of k with slopes above 0."""
        return replace(self, scale=self.scale * slope, intercept=self.intercept * slope + shift)

    def __getstate__(self) -> dict[str, Any]:
        names = ("ngrams", "buckets", "masses", "weights", "scale", "intercept")
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
        sums, masses = self._sum_lists(encoded) if is_small(encoded) else self._sum_fused(encoded)
        return self.intercept + sums * self.scale / measure_lengths(masses)[:, None]

    def _sum_lists(self, encoded: Encoded) -> tuple[np.ndarray, np.ndarray]:
        buckets, values, offsets = read_features(encoded, self.ngrams)
        weights, masses = self.find_weights(buckets)
        products = np.column_stack([weights * values[:, None], masses * values**2])
        totals = np.concatenate([np.zeros((1, products.shape[1]), dtype=np.int64), products.cumsum(axis=0)])
        sums = totals[offsets[1:]] - totals[offsets[:-1]]
        return sums[:, :-1], sums[:, -1]

    def find_weights(self, buckets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The weights, (n, k), and masses, (n,), of n buckets, arrays of int64; zero where there are none."""
        if not len(self.buckets):
            return np.zeros((len(buckets), len(self.intercept)), np.int64), np.zeros(len(buckets), np.int64)
        rows = np.minimum(np.searchsorted(self.buckets, buckets), len(self.buckets) - 1)
        there = self.buckets[rows] == buckets
        return np.where(there[:, None], self.weights[rows], 0).astype(np.int64), np.where(there, self.masses[rows], 0)

    def _sum_fused(self, encoded: Encoded) -> tuple[np.ndarray, np.ndarray]:
        places, blocks = self._tables
        n = len(encoded.starts)
        parts = []
        for number, weights in enumerate(blocks):
            # taking from a list and giving back are whole steps, so that no two threads hold one memory
            try:
                memory = self._memories[number].pop()
            except IndexError:
                memory = np.zeros((SLOTS, LANES + 2), dtype=np.int32)
            sums = np.zeros((n, LANES), dtype=np.int64)
            compile_kernels().score_posts(
                np.frombuffer(encoded.buffer, dtype=np.uint8),
                make_table(),
                encoded.starts,
                encoded.ends,
                self.ngrams.factors,
                self.ngrams.bits,
                self.ngrams.words,
                self.ngrams.characters,
                places,
                weights,
                memory,
                sums,
            )
            self._memories[number].append(memory)
            parts.append(sums)
        return np.hstack([part[:, :MASS] for part in parts])[:, : len(self.intercept)], parts[0][:, MASS]

    @cached_property
    def _memories(self) -> list[list[np.ndarray]]:
        return [[] for _ in self._tables[1]]

    @cached_property
    def _tables(self) -> tuple[np.ndarray, list[np.ndarray]]:
        """Which of 64 buckets have weights and from which row on, and the rows, MASS themes at a time."""
        m, k = self.weights.shape
        places = np.zeros((max(1, 1 << self.ngrams.bits - 6), 2), dtype=np.int64)
        np.bitwise_or.at(
            places[:, 0].view(np.uint64), self.buckets >> 6, np.uint64(1) << (self.buckets & 63).astype(np.uint64)
        )
        places[:, 1] = np.searchsorted(self.buckets, np.arange(len(places)) << 6)
        blocks = []
        for start in range(0, k, MASS):
            part = self.weights[:, start : start + MASS]
            # a line of cache each
            block = np.zeros((m, LANES + 2), dtype=np.int32)
            block[:, : part.shape[1]] = part
            block[:, MASS] = self.masses
            blocks.append(block)
        return places, blocks


def measure_lengths(masses: np.ndarray) -> np.ndarray:
    """What the sums of n texts are divided by, from their sums of value² × mass."""
    return UNIT * np.sqrt(np.where(masses > 0, masses / (UNIT * UNIT * FINENESS), 1))


def warm_up() -> None:
    """Compile what large batches of texts need, and keep it for every later run."""
    compile_kernels()
    encoded, nothing = encode(["warm up"]), np.zeros(0, dtype=np.int64)
    scorer = HashedScorer.build(Ngrams(), nothing, nothing, np.zeros((0, 1)), np.zeros(1))
    read_features(encoded, scorer.ngrams)
    scorer._score_part(encoded)
