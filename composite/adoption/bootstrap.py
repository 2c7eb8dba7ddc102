"""The wild cluster bootstrap of the countries' shares: agencies keep their posts, and their errors get new signs.

Everything runs on one row an agency, so its cost does not grow with posts. A bootstrap share is the share plus
`Σ v score` over agencies, with Webb's six-point weights v; its variance is the jackknife's, in closed form.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from composite.adoption.estimates import Estimate
from composite.codebook.themes import THEME_KEYS
from composite.errors import CompositeError

WEBB = np.sqrt(np.array([0.5, 1.0, 1.5, 0.5, 1.0, 1.5])) * np.array([-1, -1, -1, 1, 1, 1])
RESAMPLES = 9_999
BLOCK = 1_024  # resamples worked on at once, so that they stay in the processor's cache


@dataclass(frozen=True)
class _Sums:
    """Sums over one country's clusters in every resample, (9, B) or (1, B), and what does not vary, (9, 1)."""

    score: np.ndarray
    part: np.ndarray
    score_score: np.ndarray
    score_part: np.ndarray
    part_part: np.ndarray
    score_fixed: np.ndarray
    part_fixed: np.ndarray
    part_squared: float
    unseen: np.ndarray
    noise: np.ndarray

    def shift(self, by: np.ndarray, draws: slice) -> tuple[np.ndarray, np.ndarray]:
        """Errors of the bootstrap shares and their variances, if the true shares were lower by `by`, (9, B) each."""
        by = by[:, None]
        error = self.score[:, draws] + by * self.part[:, draws]
        fixed = self.score_fixed[:, draws] + by * self.part_fixed[:, draws]
        variance = self.score_score[:, draws] + by * (2 * self.score_part[:, draws] + by * self.part_part[:, draws])
        variance = np.maximum(variance - error * (2 * fixed - error * self.part_squared), 0)
        if not self.unseen.any():
            return error, variance
        # what agencies cannot show (codes that are all alike) is a normal error of known variance
        return error + self.noise[:, draws], variance + self.unseen


@dataclass(frozen=True)
class WildBootstrap:
    """Bootstrap shares of several countries, drawn together.

    Attributes
    ----------
    share, se : (C, 9) arrays
        Of the countries, as estimated.
    n : (C,) array
        Posts that each country's shares rest on.
    resamples : int
    sums : list of C
    """

    share: np.ndarray
    se: np.ndarray
    n: np.ndarray
    resamples: int
    sums: list[_Sums]

    def test(self, weights: np.ndarray) -> np.ndarray:
        """Two-sided p-values of `Σ weight · share = 0` for every theme, with the null imposed, (9,).

        Parameters
        ----------
        weights : (C,) array
            Of the countries: 1 and −1 for a pair.

        References
        ----------
        Webb, M. D. (2023). Reworking wild bootstrap-based inference for clustered errors. *Canadian Journal of
        Economics*, 56(3), 839–858. https://doi.org/10.1111/caje.12661
        """
        difference = weights @ self.share
        # least squares under the null: countries with fewer posts give way more
        give = weights / self.n
        with np.errstate(divide="ignore", invalid="ignore"):
            seen = (np.abs(difference) / np.sqrt(weights**2 @ self.se**2))[:, None] * (1 - 1e-9)
            as_far = np.zeros(len(THEME_KEYS), dtype=int)
            for start in range(0, self.resamples, BLOCK):
                part = slice(start, start + BLOCK)
                error, variance = 0.0, 0.0
                for country in np.flatnonzero(weights):
                    moved = give[country] / (weights @ give) * difference
                    one, two = self.sums[country].shift(moved, part)
                    error, variance = error + weights[country] * one, variance + weights[country] ** 2 * two
                as_far += (error**2 >= seen**2 * variance).sum(axis=1)
        p_value = (1 + as_far) / (1 + self.resamples)
        return np.where(difference == 0, 1.0, p_value)

    def studentise(
        self, weights: np.ndarray, df: np.ndarray, drawn: Sequence[tuple[np.ndarray, np.ndarray]]
    ) -> np.ndarray:
        """Squares of the bootstrap t-values of `Σ weight · share`, made comparable by `flatten`, (9, B).

        Parameters
        ----------
        weights : (C,) array
        df : (9,) array
            Degrees of freedom.
        drawn : sequence of C
            Of `draw`.
        """
        flat = np.empty((len(THEME_KEYS), self.resamples))
        for start in range(0, self.resamples, BLOCK):
            part = slice(start, start + BLOCK)
            error, variance = 0.0, 0.0
            for country in np.flatnonzero(weights):
                one, two = (values[:, part] for values in drawn[int(country)])
                error, variance = error + weights[country] * one, variance + weights[country] ** 2 * two
            squared = np.divide(error**2, variance, out=np.zeros_like(variance), where=variance > 0)
            flat[:, part] = flatten(squared, df[:, None])
        return flat

    def draw(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """Errors of the bootstrap shares around the estimated ones, and their variances, for every country."""
        return [sums.shift(np.zeros(len(THEME_KEYS)), slice(None)) for sums in self.sums]


def flatten(squared: np.ndarray, df: np.ndarray) -> np.ndarray:
    """Squares of t-values as the squares of the normal deviates with about the same tail (Wallace 1959).

    Few agencies have long tails; so flattened, one threshold serves rows with few and with many.
    """
    return ((8 * df + 1) / (8 * df + 3)) ** 2 * df * np.log1p(squared / df)


def raise_to_t(flat: np.ndarray | float, df: np.ndarray) -> np.ndarray:
    """The t-value whose square `flatten` takes to `flat`."""
    return np.sqrt(df * np.expm1(flat / df * ((8 * df + 3) / (8 * df + 1)) ** 2))


def resample_countries(estimates: Sequence[Estimate], *, resamples: int, seed: int) -> WildBootstrap:
    """Bootstrap shares of countries from their estimates, which must have their clusters.

    The draws belong to the clusters by their first posts and not to the countries' names, so that the order and the
    names of countries and agencies change nothing.

    Raises
    ------
    CompositeError
        If `resamples` is below 99.
    """
    if resamples < 99:
        raise CompositeError(f"resamples={resamples} cannot give a p-value of 0.01: use 9999, or 99 at the least")
    rng = np.random.default_rng(seed)
    clusters = [estimate.clusters for estimate in estimates if estimate.clusters is not None]
    first = np.concatenate([cluster.first for cluster in clusters])
    order = np.argsort(first, kind="stable")
    chosen = np.empty((len(first), resamples), dtype=np.int8)
    chosen[order] = rng.integers(0, len(WEBB), size=(len(first), resamples), dtype=np.int8)
    noise = {}
    for country in sorted(range(len(estimates)), key=lambda i: clusters[i].first.min()):
        noise[country] = rng.standard_normal((len(THEME_KEYS), resamples))
    sums, start = [], 0
    for country, estimate in enumerate(estimates):
        number = len(clusters[country].first)
        sums.append(_sum_up(estimate, WEBB[chosen[start : start + number]], noise[country]))
        start += number
    share, se = (np.stack([getattr(estimate, name) for estimate in estimates]) for name in ("share", "se"))
    return WildBootstrap(share, se, np.array([float(estimate.n) for estimate in estimates]), resamples, sums)


def _sum_up(estimate: Estimate, v: np.ndarray, noise: np.ndarray) -> _Sums:
    assert estimate.clusters is not None
    part, score = estimate.clusters.part, estimate.clusters.score.T
    # the jackknife's variance of a mean: Σ ((score − part · error) / (1 − part))², times (G − 1) / G
    fixed = (len(part) - 1) / len(part) / (1 - part) ** 2
    squares = v**2
    seen = (score**2 @ fixed)[:, None]
    unseen = np.maximum(estimate.se[:, None] ** 2 - seen, 0)
    unseen[unseen < 1e-9 * seen] = 0
    return _Sums(
        score=score @ v,
        part=(part @ v)[None],
        score_score=(fixed * score**2) @ squares,
        score_part=(fixed * score * part) @ squares,
        part_part=((fixed * part**2) @ squares)[None],
        score_fixed=(fixed * score * part) @ v,
        part_fixed=((fixed * part**2) @ v)[None],
        part_squared=float(fixed @ part**2),
        unseen=unseen,
        noise=np.sqrt(unseen) * noise,
    )
