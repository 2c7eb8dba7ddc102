"""How long the wild cluster bootstrap takes: `python -m benchmarks.bootstrap [--agencies 100] [--resamples 9999]`.

Prints the seconds on one core that the p-values and the simultaneous intervals of all pairs of ten countries take in
nine themes.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence

import numpy as np
from threadpoolctl import threadpool_limits

from composite.adoption.bootstrap import RESAMPLES, resample_countries
from composite.adoption.contrasts import find_welch, make_contrasts
from composite.adoption.estimates import Clusters, Estimate, find_df
from composite.codebook.countries import COUNTRY_CODES
from composite.codebook.themes import THEME_KEYS


def time_bootstrap(*, agencies: int, resamples: int, seed: int = 0) -> float:
    """Seconds for all pairs of countries and themes, with `agencies` in all."""
    rng = np.random.default_rng(seed)
    estimates = []
    for number, members in enumerate(np.array_split(np.arange(agencies), len(COUNTRY_CODES))):
        size = rng.integers(20, 200, size=len(members)).astype(float)
        part = size / size.sum()
        means = rng.beta(3, 7, size=(len(members), len(THEME_KEYS)))
        share = part @ means
        score = part[:, None] * (means - share)
        se = np.sqrt(((score / (1 - part)[:, None]) ** 2).sum(axis=0) * (1 - 1 / len(members)))
        flat = np.zeros(len(share))
        clusters = Clusters(1000 * number + np.arange(len(members)), part, score)
        df = find_df(size, size)
        estimates.append(Estimate(share, se, df, int(size.sum()), flat, flat > 0, "agencies", clusters=clusters))
    with threadpool_limits(1):
        start = time.perf_counter()
        bootstrap = resample_countries(estimates, resamples=resamples, seed=seed)
        drawn = bootstrap.draw()
        for contrast in make_contrasts(list(COUNTRY_CODES), "pairs"):
            bootstrap.test(contrast.weights)
            bootstrap.studentise(contrast.weights, find_welch(contrast.weights, estimates)[1], drawn)
        return time.perf_counter() - start


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the seconds."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bootstrap", description=main.__doc__)
    parser.add_argument("--agencies", type=int, default=100)
    parser.add_argument("--resamples", type=int, default=RESAMPLES)
    chosen = parser.parse_args(arguments)
    seconds = time_bootstrap(agencies=chosen.agencies, resamples=chosen.resamples)
    print(
        f"{chosen.resamples:,} resamples of {chosen.agencies} agencies, 9 themes, 45 pairs: {seconds:.2f} s on one core"
    )


if __name__ == "__main__":
    main()
