"""How long agreement takes: `python -m benchmarks.agreement`, 10,000 posts, 3 coders, 9 themes, 1,000 resamples."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd

from composite.codebook.themes import THEME_KEYS
from composite.themes.agreement import measure_agreement

POSTS, CODERS, RESAMPLES = 10_000, 3, 1_000


def make_codings(seed: int = 0) -> pd.DataFrame:
    """Table `codings` of three coders who change one code in ten."""
    rng = np.random.default_rng(seed)
    truth = rng.random((POSTS, len(THEME_KEYS))) < 0.2
    parts = []
    for coder in range(CODERS):
        again = rng.random(truth.shape) < 0.2
        codes = np.where(rng.random(truth.shape) < 0.1, again, truth).astype("int64")
        frame = pd.DataFrame(codes, columns=list(THEME_KEYS))
        frame["primary"] = np.where(codes.any(axis=1), np.array(THEME_KEYS)[codes.argmax(axis=1)], "none")
        parts.append(
            frame.assign(post_id=[f"p{n}" for n in range(POSTS)], coder=f"coder {coder}", sampling_probability=1.0)
        )
    return pd.concat(parts, ignore_index=True).astype({"post_id": "str", "coder": "str", "primary": "str"})


def main() -> None:
    """Print the seconds that it takes."""
    codings = make_codings()
    start = time.perf_counter()
    measure_agreement(codings, resamples=RESAMPLES)
    seconds = time.perf_counter() - start
    print(f"{POSTS:,} posts x {CODERS} coders x {len(THEME_KEYS)} themes, {RESAMPLES:,} resamples: {seconds:.1f} s")


if __name__ == "__main__":
    main()
