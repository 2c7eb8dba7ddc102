"""Which themes go together."""

from __future__ import annotations

import numpy as np
import pandas as pd

from composite.adoption.pseudo import make_outcomes
from composite.codebook.contract import check_table, find_corpus
from composite.codebook.themes import THEME_KEYS


def measure_cooccurrence(
    labels: pd.DataFrame, codings: pd.DataFrame | None = None, *, coder: str | None = None
) -> pd.DataFrame:
    """The table `cooccurrence`: one row an ordered pair of themes, the share of posts with one that have the other too.

    With codings, posts count by the inverse of their sampling probability and only codes are used, since errors of the
    classifier on two themes go together; without, themes with a probability of at least 0.5.

    Parameters
    ----------
    labels, codings, coder
        As in `estimate_shares`.

    Returns
    -------
    DataFrame
        Table `cooccurrence`; the share is missing where no post has `theme`.

    Raises
    ------
    CompositeError
        If the tables do not fit each other.
    """
    outcomes = make_outcomes(labels, codings, coder=coder)
    if codings is None:
        method, has, weight = "naive", outcomes.naive, np.ones(len(outcomes.posts))
    else:
        method, has, weight = "coded", (outcomes.coded > 0).astype(float), outcomes.weight
    both = has.T @ (weight[:, None] * has)
    single = np.diag(both)
    with np.errstate(invalid="ignore"):
        share = np.where(single[:, None] > 0, both / single[:, None], np.nan)
    counts = has.sum(axis=0).astype(int)
    squares = has.T @ weight**2
    effective = np.where(squares > 0, single**2 / np.where(squares > 0, squares, 1), 0.0)  # Kish (1965)
    rows = [
        {
            "theme": one,
            "other": two,
            "method": method,
            "n": counts[i],
            "effective_n": effective[i],
            "share": min(share[i, j], 1.0),
        }
        for i, one in enumerate(THEME_KEYS)
        for j, two in enumerate(THEME_KEYS)
        if i != j
    ]
    table = pd.DataFrame(rows).astype({"n": "int64", "effective_n": "float64", "share": "float64"})
    table["corpus"] = pd.Series([find_corpus(outcomes.posts)] * len(table), dtype="str")
    return check_table("cooccurrence", table)
