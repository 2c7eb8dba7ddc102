"""How long the networks take: 2,000 accounts and 1 million posts, unless told otherwise.

`python -m benchmarks.networks [--posts N] [--accounts N]` prints the seconds of each and of all,
by the clock and of the processor alone: the two differ where others use the machine.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import numpy as np
import pandas as pd

import composite as cp
from composite.codebook.countries import COUNTRY_CODES
from composite.codebook.tables import TIME
from composite.codebook.themes import THEME_KEYS


def make_tables(posts: int, accounts: int, seed: int = 0) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Labels and posts of `accounts` agencies with an account each, of four ways to use the themes."""
    rng = np.random.default_rng(seed)
    who = rng.integers(0, accounts, posts)
    style = rng.dirichlet(np.ones(len(THEME_KEYS)), 4)[np.arange(accounts) % 4]
    agency = np.array([f"agency {i:05d}" for i in range(accounts)], dtype=object)
    country = np.array([COUNTRY_CODES[i % len(COUNTRY_CODES)] for i in range(accounts)], dtype=object)
    nothing = pd.Series([None] * posts, dtype="str")
    table = pd.DataFrame(
        {
            "post_id": pd.Series(np.arange(posts).astype(str), dtype="str"),
            "country": pd.Series(country[who], dtype="str"),
            "agency": pd.Series(agency[who], dtype="str"),
            "account": pd.Series(np.char.add("acc", who.astype(str)), dtype="str"),
            "kind": nothing,
            "platform": pd.Series(["twitter"] * posts, dtype="str"),
            "published": pd.Series(pd.date_range("2012-01-01", periods=posts, freq="min", tz="UTC")).astype(TIME),
            "language": nothing,
            "corpus": nothing,
        }
    )
    hits = rng.random((posts, len(THEME_KEYS))) < np.clip(2 * style[who], 0.01, 0.9)
    themes = pd.DataFrame(np.where(hits, 0.9, 0.05), columns=list(THEME_KEYS))
    labels = pd.concat([table.drop(columns="platform"), themes], axis=1)
    friend = (who + rng.integers(1, 6, posts)) % accounts
    text = np.where(
        rng.random(posts) < 0.1, np.char.add("thanks @acc", friend.astype(str)), "road closed, avoid the area"
    )
    return labels, table.drop(columns="kind").assign(text=pd.Series(text, dtype="str"))


def main() -> None:
    """Print the seconds that each network takes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=int, default=1_000_000)
    parser.add_argument("--accounts", type=int, default=2_000)
    asked = parser.parse_args()
    labels, posts = make_tables(asked.posts, asked.accounts)
    steps: dict[str, Callable[[], cp.Network]] = {
        "link_themes": lambda: cp.link_themes(labels),
        "link_agencies": lambda: cp.link_agencies(labels),
        "link_mentions": lambda: cp.link_mentions(posts),
    }
    whole = worked = 0.0
    for name, step in steps.items():
        start, begun = time.perf_counter(), time.process_time()
        network = step()
        seconds, busy = time.perf_counter() - start, time.process_time() - begun
        whole, worked = whole + seconds, worked + busy
        size = f"{len(network.nodes):,} nodes, {len(network.edges):,} ties"
        print(f"{name}: {seconds:.1f} s ({busy:.1f} s of processor), {size}", flush=True)
    print(f"all: {whole:.1f} s ({worked:.1f} s of processor) for {asked.posts:,} posts of {asked.accounts:,} accounts")


if __name__ == "__main__":
    main()
