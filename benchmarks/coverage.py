"""How often the intervals of `estimate_shares` hold the true share, by simulation.

`python -m benchmarks.coverage [--repeats N] [--seed S]` prints the table of `simulate_coverage` as CSV;
`--markdown` prints the page docs/coverage.md.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from itertools import product

import numpy as np
import pandas as pd

import composite as cp
from composite.codebook.tables import TIME
from composite.codebook.themes import THEME_KEYS

POSTS, CODED = 600, 120  # of a study
BATCH = 50  # studies in one call of estimate_shares: bounds the memory
IID = "corrected, posts as if independent"
DESIGN = ("agencies", "share", "icc", "f1")


def simulate_coverage(
    *,
    agencies: Sequence[int] = (5, 8, 10),
    shares: Sequence[float] = (0.02, 0.1, 0.3, 0.6),
    iccs: Sequence[float] = (0.0, 0.05, 0.2),
    f1s: Sequence[float] = (0.6, 0.75, 0.9),
    posts: int = POSTS,
    coded: int = CODED,
    repeats: int = 50,
    seed: int = 0,
) -> pd.DataFrame:
    """Coverage of 95 % intervals: one row a design and method.

    Each repeat is a study of one country. Its agencies have unequal numbers of posts (Dirichlet 1.5), the shares of its
    agencies are spread around the true share (beta, with intraclass correlation `icc`), and a simple random sample of
    its posts is coded. The nine themes are independent draws, so that a row rests on nine times `repeats` intervals.

    Parameters
    ----------
    agencies, shares, iccs : sequences
        Number of agencies, true shares and intraclass correlations; all combinations are simulated.
    f1s : sequence of float
        The classifier's F1; it finds too little of every theme, see `make_classifier`.
    posts, coded : int
        Posts of a study, roughly, and how many of them are coded.
    repeats : int
        Studies of every combination.
    seed : int

    Returns
    -------
    DataFrame
        `agencies`, `share`, `icc`, `f1`, `method` (those of `estimate_shares`, and the
        corrected share with every post taken for an agency of its own), `bias` (mean estimate less the true share),
        `coverage` (proportion of intervals that hold the true share), `width` (mean).
    """
    rows = []
    for number, share, icc, f1 in product(agencies, shares, iccs, f1s):
        rng = np.random.default_rng([seed, number, *(round(1e6 * x) for x in (share, icc, f1))])
        sensitivity, specificity = make_classifier(f1, share)
        parts = []
        for start in range(0, repeats, BATCH):
            studies = [
                _draw_study(rng, f"study {i}", number, share, icc, sensitivity, specificity, posts, coded)
                for i in range(start, min(start + BATCH, repeats))
            ]
            labels = pd.concat([study[0] for study in studies], ignore_index=True)
            codings = pd.concat([study[1] for study in studies], ignore_index=True)
            parts.append(cp.estimate_shares(labels, codings, by="study"))
            single = cp.estimate_shares(labels.assign(agency=labels["post_id"]), codings, by="study")
            parts.append(single[single["method"] == "corrected"].assign(method=IID))
        found = pd.concat(parts)
        found["bias"] = found["share"] - share
        found["coverage"] = (found["low"] <= share) & (share <= found["high"])
        found["width"] = found["high"] - found["low"]
        means = found.groupby("method", sort=False)[["bias", "coverage", "width"]].mean().reset_index()
        for place, (name, value) in enumerate(zip(DESIGN, (number, share, icc, f1), strict=True)):
            means.insert(place, name, value)
        rows.append(means)
    return pd.concat(rows, ignore_index=True)


def make_classifier(f1: float, share: float) -> tuple[float, float]:
    """Sensitivity and specificity of a classifier with this F1 that labels too few posts: recall is 0.92 F1.

    >>> [round(value, 3) for value in make_classifier(0.75, 0.3)]
    [0.69, 0.936]
    """
    recall = 0.92 * f1
    precision = recall * f1 / (2 * recall - f1)
    return recall, 1 - share * recall * (1 - precision) / precision / (1 - share)


def _draw_study(
    rng: np.random.Generator,
    name: str,
    agencies: int,
    share: float,
    icc: float,
    sensitivity: float,
    specificity: float,
    posts: int,
    coded: int,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    sizes = np.maximum(5, np.round(rng.dirichlet(np.full(agencies, 1.5)) * posts)).astype(int)
    shape = (agencies, len(THEME_KEYS))
    spread = (1 - icc) / icc if icc else 0.0
    chance = rng.beta(share * spread, (1 - share) * spread, size=shape) if icc else np.full(shape, share)
    agency = np.repeat(np.arange(agencies), sizes)
    n = len(agency)
    truth = rng.random((n, len(THEME_KEYS))) < chance[agency]
    found = rng.random(truth.shape) < np.where(truth, sensitivity, 1 - specificity)
    sure = rng.beta(3, 1.5, size=truth.shape) / 2
    labels = pd.DataFrame({"study": name, "post_id": [f"{name}/{i:05d}" for i in range(n)], "country": "GB"})
    labels["agency"] = pd.Series(agency).astype("str")
    labels = labels.assign(account=labels["agency"])
    labels[["kind", "language", "corpus"]] = pd.DataFrame(np.nan, labels.index, range(3)).astype("str")
    labels["published"] = pd.Series(pd.NaT, index=labels.index, dtype=TIME)
    labels[list(THEME_KEYS)] = np.where(found, 0.5 + sure, 0.5 - sure)
    codes = pd.DataFrame(truth.astype("int64"), columns=list(THEME_KEYS)).assign(
        post_id=labels["post_id"], coder="simulated", primary="none", sampling_probability=coded / n
    )
    return labels, codes.iloc[np.sort(rng.choice(n, size=coded, replace=False))]


def write_page(table: pd.DataFrame, *, repeats: int, seed: int) -> str:
    """The page docs/coverage.md: one row a design, coverage by method and the mean width of two."""
    wide = table.pivot(index=list(DESIGN), columns="method", values=["coverage", "width"])
    methods = ("naive", "coded", "corrected", IID)
    lines = [
        f"<!-- Generated by `python -m benchmarks.coverage --markdown --repeats {repeats} --seed {seed}`. -->\n",
        "# Do the intervals cover?\n",
        f"How often 95 % intervals hold the true share: {repeats} simulated studies a row, nine independent themes "
        "each. The posts of unequal agencies (Dirichlet 1.5), whose shares scatter around the true one with intraclass "
        "correlation ICC, are labelled by a classifier that finds too little (recall 0.92 F1); "
        f"{CODED} of about {POSTS} posts are coded. In the last column of coverage every post is taken for an agency "
        "of its own, as studies do that ignore agencies.\n",
        "All designs with one number of agencies together:\n",
        "| agencies | naive | coded | corrected | corrected, agencies ignored | width, coded | width, corrected |",
        "| ---: " * 7 + "|",
    ]
    for agencies, part in wide.groupby(level="agencies"):
        lines.append(_write_row([agencies], part.mean(), methods))
    lines += [
        "\nEach design:\n",
        "| agencies | share | ICC | F1 | naive | coded | corrected | corrected, agencies ignored | width, coded | "
        "width, corrected |",
        "| ---: " * 10 + "|",
    ]
    lines += [_write_row(list(design), row, methods) for design, row in wide.iterrows()]
    return "\n".join(lines) + "\n"


def _write_row(design: list[float], row: pd.Series, methods: tuple[str, ...]) -> str:
    numbers = [f"{row['coverage', method]:.3f}" for method in methods]
    numbers += [f"{row['width', method]:.3f}" for method in ("coded", "corrected")]
    return "| " + " | ".join([*(f"{value:g}" for value in design), *numbers]) + " |"


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table of coverage as CSV, or as the page of the docs."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.coverage", description=main.__doc__)
    parser.add_argument("--repeats", type=int, default=50, help="studies of every design (default 50)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--markdown", action="store_true", help="print the page docs/coverage.md")
    chosen = parser.parse_args(arguments)
    table = simulate_coverage(repeats=chosen.repeats, seed=chosen.seed)
    if chosen.markdown:
        sys.stdout.write(write_page(table, repeats=chosen.repeats, seed=chosen.seed))
        return
    table.to_csv(sys.stdout, index=False, float_format="%.4f", lineterminator="\n")


if __name__ == "__main__":
    main()
