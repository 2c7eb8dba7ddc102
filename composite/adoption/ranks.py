"""Which country leads: ranks of countries, with what the data allow them to be."""

from __future__ import annotations

import numpy as np
import pandas as pd

from composite.adoption.bootstrap import RESAMPLES, raise_to_t, resample_countries
from composite.adoption.contrasts import estimate_countries, find_welch, make_contrasts
from composite.adoption.pseudo import make_outcomes
from composite.adoption.shares import check_level
from composite.codebook.contract import check_table, find_corpus
from composite.codebook.tables import TABLES
from composite.codebook.themes import THEME_KEYS


def rank_countries(
    labels: pd.DataFrame,
    codings: pd.DataFrame | None = None,
    *,
    level: float = 0.95,
    coder: str | None = None,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> pd.DataFrame:
    """The table `ranks`: one row a country and theme, its rank by corrected share and the ranks that the data allow.

    A country stands behind every country whose share is larger for certain, and before every one whose share is smaller
    for certain; all between is open. Certain means that an interval of the difference leaves out 0: `rank_low` and
    `rank_high` come from intervals that hold for all pairs of countries and all themes at once, so that of all such
    statements read off the table together not one is wrong, in `level` of all studies; `rank_low_one` and
    `rank_high_one` from those that hold for the pairs of one country in one theme. A country **leads** only where
    `rank_low` and `rank_high` are both 1.

    Parameters
    ----------
    labels, codings, level, coder, resamples, seed
        As in `compare_countries`.

    Returns
    -------
    DataFrame
        Table `ranks`. Equal shares have one rank, the better. `inference` is `posts` where the country, or one that it
        is ranked with, has fewer than five coded agencies: ranks are then of these agencies' posts.

    Raises
    ------
    CompositeError
        If there are fewer than two countries, or the tables do not fit each other.

    References
    ----------
    Mogstad, M., Romano, J. P., Shaikh, A. M., & Wilhelm, D. (2024). Inference for ranks with applications to mobility
    across neighbourhoods and academic achievement across countries. *Review of Economic Studies*, 91(1), 476–518.
    https://doi.org/10.1093/restud/rdad006

    Examples
    --------
    >>> import composite as cp
    >>> posts, codings = cp.read_posts(cp.CORPUS / "posts.csv"), cp.read_codings(cp.CORPUS / "codings.csv")
    >>> labels = cp.label_posts(cp.ThemeClassifier(), posts, codings)
    >>> ranks = cp.rank_countries(labels, codings)
    >>> bool((ranks["leads"] == (ranks["rank_high"] == 1)).all())
    True
    """
    check_level(level)
    outcomes = make_outcomes(labels, codings, coder=coder)
    found = estimate_countries(outcomes, "naive" if codings is None else "corrected")
    countries, estimates = list(found), list(found.values())
    bootstrap = resample_countries(estimates, resamples=resamples, seed=seed)
    drawn = bootstrap.draw()
    number = len(countries)
    widest = np.full(resamples, -np.inf)
    widest_one = np.full((number, len(THEME_KEYS), resamples), -np.inf)
    seen, freedom = np.zeros((number, number, len(THEME_KEYS))), np.ones((number, number, len(THEME_KEYS)))
    for contrast in make_contrasts(countries, "pairs"):
        a, b = np.flatnonzero(contrast.weights)
        se, df = find_welch(contrast.weights, estimates)
        flat = bootstrap.studentise(contrast.weights, df, drawn)
        widest = np.maximum(widest, flat.max(axis=0))
        for place in (a, b):
            np.maximum(widest_one[place], flat, out=widest_one[place])
        ratio = (estimates[a].share - estimates[b].share) / se
        seen[a, b], seen[b, a] = ratio, -ratio
        freedom[a, b] = freedom[b, a] = df
    shares = np.stack([estimate.share for estimate in estimates])
    ends = {}
    limit = np.quantile(widest_one, level, axis=2, method="higher")[:, None, :]
    for suffix, threshold in (("", np.quantile(widest, level, method="higher")), ("_one", limit)):
        beyond = np.abs(seen) > raise_to_t(threshold, freedom)
        ends["rank_low" + suffix] = 1 + (beyond & (seen < 0)).sum(axis=1)
        ends["rank_high" + suffix] = number - (beyond & (seen > 0)).sum(axis=1)
    inferences = {estimate.inference for estimate in estimates}
    table = pd.DataFrame(
        {
            "country": np.repeat(countries, len(THEME_KEYS)),
            "theme": THEME_KEYS * number,
            "share": np.clip(shares, 0, 1).ravel(),
            "rank": 1 + (shares[:, None] < shares[None]).sum(axis=1).ravel(),
            **{name: values.ravel() for name, values in ends.items()},
            "inference": "posts" if "posts" in inferences else "agencies",
            "corpus": pd.Series([find_corpus(outcomes.posts)] * number * len(THEME_KEYS), dtype="str"),
        }
    ).astype({"country": "str", "theme": "str", "inference": "str"})
    table["leads"] = (table["rank_low"] == 1) & (table["rank_high"] == 1)
    return check_table("ranks", table[list(TABLES["ranks"].columns)])
