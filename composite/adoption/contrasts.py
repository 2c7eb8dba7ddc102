"""Differences between countries, with p-values and intervals that account for how many there are."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from scipy import stats

from composite.adoption.bootstrap import RESAMPLES, raise_to_t, resample_countries
from composite.adoption.estimates import Estimate, estimate_group
from composite.adoption.pseudo import Outcomes, group_posts, make_outcomes
from composite.adoption.shares import check_level
from composite.codebook.contract import check_table, find_corpus
from composite.codebook.countries import COUNTRY, COUNTRY_CODES
from composite.codebook.tables import TABLES
from composite.codebook.themes import THEME_KEYS
from composite.errors import CompositeError, CompositeWarning, require_known
from composite.themes.quality import find_unequal_languages

AGAINST = ("pairs", "others")


def compare_countries(
    labels: pd.DataFrame,
    codings: pd.DataFrame | None = None,
    *,
    against: str = "pairs",
    level: float = 0.95,
    coder: str | None = None,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> pd.DataFrame:
    """The table `contrasts`: one row a theme and pair of countries, `difference = country − reference`.

    Differences are of corrected shares (of naive ones without codings). Countries share no agencies, so variances add.
    `low` and `high` are for one row each: t with Welch–Satterthwaite degrees of freedom. `low_all` and `high_all` hold
    all differences of the table at once, by the largest of the bootstrap's t-values. p-values are those of the wild
    cluster bootstrap over agencies, with the null imposed and Webb's weights, adjusted over all rows by Holm and by
    Benjamini and Hochberg. A row between countries of which one has fewer than five coded agencies says
    `inference = "posts"`: it speaks of these agencies' posts and not of the countries' police.

    Parameters
    ----------
    labels, codings, level, coder
        As in `estimate_shares`.
    against : str
        `pairs`: every pair of countries. `others`: each country and the mean of the others, all counting alike.
    resamples : int
        Of the bootstrap; no p-value is below `1 / (resamples + 1)`.
    seed : int

    Returns
    -------
    DataFrame
        Table `contrasts`. `classifier` is `unequal` where the countries' languages differ in how well the classifier
        finds the theme (see `measure_by_language`): a naive difference would mislead there.

    Raises
    ------
    CompositeError
        If there are fewer than two countries, or the tables do not fit each other.

    References
    ----------
    Webb, M. D. (2023). Reworking wild bootstrap-based inference for clustered errors. *Canadian Journal of Economics*,
    56(3), 839–858. https://doi.org/10.1111/caje.12661
    Holm, S. (1979). A simple sequentially rejective multiple test procedure. *Scand. J. Statist.*, 6(2), 65–70.
    Benjamini, Y., & Hochberg, Y. (1995). Controlling the false discovery rate. *J. R. Statist. Soc. B*, 57(1), 289–300.
    https://doi.org/10.1111/j.2517-6161.1995.tb02031.x
    """
    require_known([against], AGAINST, what="against")
    check_level(level)
    outcomes = make_outcomes(labels, codings, coder=coder)
    found = estimate_countries(outcomes, "naive" if codings is None else "corrected")
    contrasts = make_contrasts(list(found), against)
    bootstrap = resample_countries(list(found.values()), resamples=resamples, seed=seed)
    parts = [_contrast(contrast, list(found.values()), level) for contrast in contrasts]
    p_values = np.stack([bootstrap.test(contrast.weights) for contrast in contrasts])
    widest = np.full(resamples, -np.inf)
    drawn = bootstrap.draw()
    for contrast, part in zip(contrasts, parts, strict=True):
        flat = bootstrap.studentise(contrast.weights, part["df"].to_numpy(), drawn)
        widest = np.maximum(widest, flat.max(axis=0))
    table = pd.concat(parts, ignore_index=True)
    half = raise_to_t(np.quantile(widest, level, method="higher"), table["df"]) * table["se"]
    table["low_all"] = np.minimum(np.maximum(table["difference"] - half, -1), table["low"])
    table["high_all"] = np.maximum(np.minimum(table["difference"] + half, 1), table["high"])
    table["p_value"] = p_values.ravel()
    # of two countries each is the other's mean of the others: one comparison, told twice
    once = p_values[:1] if len(found) == 2 else p_values
    for name, method in (("p_adjusted", "holm"), ("p_bh", "fdr_bh")):
        table[name] = np.resize(_adjust(once.ravel(), method), len(table))
    table["classifier"] = _mark_unequal(table, labels, codings, coder)
    table["corpus"] = pd.Series([find_corpus(outcomes.posts)] * len(table), dtype="str")
    return check_table("contrasts", table[list(TABLES["contrasts"].columns)])


@dataclass(frozen=True)
class Contrast:
    """A comparison: a country, what it is compared with, and the weights of all countries, (C,)."""

    country: str
    reference: str
    weights: np.ndarray


def make_contrasts(countries: list[str], against: str) -> list[Contrast]:
    """Every pair of countries, or each and the plain mean of the others."""
    unit = np.eye(len(countries))
    if against == "pairs":
        pairs = combinations(range(len(countries)), 2)
        return [Contrast(countries[a], countries[b], unit[a] - unit[b]) for a, b in pairs]
    rest = (1 - unit) / (len(countries) - 1)
    return [Contrast(country, "others", unit[i] - rest[i]) for i, country in enumerate(countries)]


def estimate_countries(outcomes: Outcomes, method: str) -> dict[str, Estimate]:
    """The estimates of all countries that can be compared, with their clusters, in the order of the study.

    Raises
    ------
    CompositeError
        If there are fewer than two.
    """
    found = {}
    for (country,), rows in group_posts(outcomes.posts, "country"):
        agencies = outcomes.posts["agency"].iloc[rows].to_numpy()
        estimate = estimate_group(outcomes, rows, agencies, method, with_clusters=True)
        if estimate.inference != "descriptive":
            found[country] = estimate
    if len(found) < 2:
        raise CompositeError(
            f"a comparison needs two countries with {'posts' if method == 'naive' else 'codings'}, and there is "
            f"{', '.join(found) or 'none'}: estimate_shares describes one"
        )
    for code in COUNTRY_CODES:
        if code not in found and (outcomes.posts["country"] == code).any():
            posts = "posts" if method == "naive" else "coded posts"
            message = f"{COUNTRY[code].name} is not compared: it has fewer than two {posts}"
            warnings.warn(message, CompositeWarning, stacklevel=3)
    return {code: found[code] for code in COUNTRY_CODES if code in found}


def find_welch(weights: np.ndarray, estimates: list[Estimate]) -> tuple[np.ndarray, np.ndarray]:
    """Standard errors of `Σ weight · share` and their Welch–Satterthwaite degrees of freedom, (9,) each."""
    used = np.flatnonzero(weights)
    pieces = np.stack([(weights[i] * estimates[i].se) ** 2 for i in used])
    variance = pieces.sum(axis=0)
    df = variance**2 / sum(piece**2 / estimates[i].df for i, piece in zip(used, pieces, strict=True))
    return np.sqrt(variance), df


def join_inferences(weights: np.ndarray, estimates: list[Estimate]) -> str:
    """What a comparison speaks for: of these agencies' posts only, if one of its countries does."""
    inferences = {estimates[i].inference for i in np.flatnonzero(weights)}
    return next(name for name in ("descriptive", "posts", "agencies") if name in inferences)


def _contrast(contrast: Contrast, estimates: list[Estimate], level: float) -> pd.DataFrame:
    difference = contrast.weights @ np.stack([estimate.share for estimate in estimates])
    se, df = find_welch(contrast.weights, estimates)
    half = stats.t.ppf((1 + level) / 2, df) * se
    return pd.DataFrame(
        {
            "theme": THEME_KEYS,
            "country": contrast.country,
            "reference": contrast.reference,
            "difference": difference,
            "se": se,
            "df": df,
            "low": np.maximum(difference - half, -1),
            "high": np.minimum(difference + half, 1),
            "inference": join_inferences(contrast.weights, estimates),
        }
    )


def _adjust(p_values: np.ndarray, method: str) -> np.ndarray:
    from statsmodels.stats.multitest import multipletests  # takes a second to load

    return multipletests(p_values, method=method)[1]


def _mark_unequal(
    table: pd.DataFrame, labels: pd.DataFrame, codings: pd.DataFrame | None, coder: str | None
) -> pd.Series:
    """Whether the classifier finds the theme as well in the languages of the one country as of the other."""
    if codings is None:
        return pd.Series([None] * len(table), index=table.index, dtype="str")
    unequal = find_unequal_languages(labels, codings, coder=coder)
    known = labels[["country", "language"]].dropna().drop_duplicates()
    spoken = {code: set(part) for code, part in known.groupby("country")["language"]}
    compared = [code for code in COUNTRY_CODES if code in set(table["country"]) | set(table["reference"])]

    def mark(theme: str, one: str, two: str) -> str | None:
        others = [two] if two != "others" else [code for code in compared if code != one]
        if not all(spoken.get(code) for code in (one, *others)):
            return None
        pairs = {frozenset((a, b)) for a in spoken[one] for code in others for b in spoken[code]}
        return "unequal" if pairs & unequal[theme] else "equal"

    rows = table[["theme", "country", "reference"]].itertuples(index=False, name=None)
    return pd.Series([mark(*row) for row in rows], index=table.index, dtype="str")
