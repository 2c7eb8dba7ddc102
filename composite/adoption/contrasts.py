"""Differences between countries, with p-values that account for how many there are."""

from __future__ import annotations

import warnings
from itertools import combinations

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.stats.multitest import multipletests

from composite.adoption.pseudo import group_posts, make_outcomes
from composite.adoption.shares import Estimate, check_level, estimate_group
from composite.codebook.contract import check_table, find_corpus
from composite.codebook.countries import COUNTRY, COUNTRY_CODES
from composite.codebook.themes import THEME_KEYS
from composite.errors import CompositeError, CompositeWarning, require_known

AGAINST = ("pairs", "others")


def compare_countries(
    labels: pd.DataFrame,
    codings: pd.DataFrame | None = None,
    *,
    against: str = "pairs",
    level: float = 0.95,
    coder: str | None = None,
) -> pd.DataFrame:
    """The table `contrasts`: one row a theme and pair of countries, `difference = country − reference`.

    Differences are of corrected shares (of naive ones without codings). Countries share no agencies, so variances add;
    intervals and p-values use t with Welch–Satterthwaite degrees of freedom. Intervals are for one row each; p-values
    are adjusted by Holm over all rows. A row between countries of which one has fewer than five coded agencies says
    `inference = "posts"`: it speaks of these agencies' posts and not of the countries' police.

    Parameters
    ----------
    labels, codings, level, coder
        As in `estimate_shares`.
    against : str
        `pairs`: every pair of countries. `others`: each country and the mean of the others, all counting alike.

    Returns
    -------
    DataFrame
        Table `contrasts`.

    Raises
    ------
    CompositeError
        If there are fewer than two countries, or the tables do not fit each other.

    References
    ----------
    Holm, S. (1979). A simple sequentially rejective multiple test procedure. *Scand. J. Statist.*, 6(2), 65–70.
    """
    require_known([against], AGAINST, what="against")
    check_level(level)
    outcomes = make_outcomes(labels, codings, coder=coder)
    method = "naive" if codings is None else "corrected"
    found = {}
    for (country,), rows in group_posts(outcomes.posts, "country"):
        agencies = outcomes.posts["agency"].iloc[rows].to_numpy()
        estimate = estimate_group(outcomes, rows, agencies, method)
        if estimate.inference != "descriptive":
            found[country] = estimate
    if len(found) < 2:
        raise CompositeError(
            f"a comparison needs two countries with {'codings' if codings is not None else 'posts'}, and there is "
            f"{', '.join(found) or 'none'}: estimate_shares describes one"
        )
    countries = [code for code in COUNTRY_CODES if code in found]
    for code in COUNTRY_CODES:
        if code not in found and (outcomes.posts["country"] == code).any():
            posts = "posts" if codings is None else "coded posts"
            message = f"{COUNTRY[code].name} is not compared: it has fewer than two {posts}"
            warnings.warn(message, CompositeWarning, stacklevel=2)
    if against == "pairs":
        parts = [_contrast(a, b, found[a], [found[b]], level) for a, b in combinations(countries, 2)]
    else:
        parts = [_contrast(a, "others", found[a], [found[b] for b in countries if b != a], level) for a in countries]
    table = pd.concat(parts, ignore_index=True)
    tested = table["p_value"].notna()
    table["p_adjusted"] = np.nan
    if tested.any():
        # of two countries each is the other's mean of the others: one comparison, told twice
        once = tested & (table["country"] == countries[0]) if len(countries) == 2 else tested
        adjusted = multipletests(table.loc[once, "p_value"], method="holm")[1]
        if once.sum() < tested.sum():
            adjusted = table.loc[tested, "theme"].map(dict(zip(table.loc[once, "theme"], adjusted, strict=True)))
        table.loc[tested, "p_adjusted"] = np.asarray(adjusted)
    table["corpus"] = pd.Series([find_corpus(outcomes.posts)] * len(table), dtype="str")
    names = [
        "theme",
        "country",
        "reference",
        "difference",
        "low",
        "high",
        "p_value",
        "p_adjusted",
        "inference",
        "corpus",
    ]
    return check_table("contrasts", table[names])


def _contrast(country: str, reference: str, one: Estimate, others: list[Estimate], level: float) -> pd.DataFrame:
    parts = [one, *others]
    weights = np.array([1.0] + [-1 / len(others)] * len(others))
    difference = sum(w * part.share for w, part in zip(weights, parts, strict=True))
    inferences = {part.inference for part in parts}
    inference = next(name for name in ("descriptive", "posts", "agencies") if name in inferences)
    pieces = np.stack([(w * part.se) ** 2 for w, part in zip(weights, parts, strict=True)])
    variance = pieces.sum(axis=0)
    dfs = np.array([part.df for part in parts])[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        df = variance**2 / (pieces**2 / dfs).sum(axis=0)
        ratio = np.abs(difference) / np.sqrt(variance)
    known = (variance > 0) & np.isfinite(df)
    p_value = np.where(known, 2 * stats.t.sf(np.where(known, ratio, 0), np.where(known, df, 1)), np.nan)
    half = np.where(known, stats.t.ppf((1 + level) / 2, np.where(known, df, 1)) * np.sqrt(variance), np.nan)
    return pd.DataFrame(
        {
            "theme": THEME_KEYS,
            "country": country,
            "reference": reference,
            "difference": difference,
            "low": np.maximum(difference - half, -1),
            "high": np.minimum(difference + half, 1),
            "p_value": p_value,
            "inference": inference,
        }
    )
