"""Countries' profiles over all nine themes: how far apart they are, on a map, and in groups."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
from scipy.cluster.hierarchy import linkage

from composite.adoption.bootstrap import WildBootstrap, resample_countries
from composite.adoption.contrasts import estimate_countries, join_inferences, make_contrasts
from composite.adoption.estimates import Estimate
from composite.adoption.pseudo import make_outcomes
from composite.adoption.shares import check_level
from composite.codebook.contract import check_table, find_corpus
from composite.codebook.tables import TABLES
from composite.codebook.themes import THEME_KEYS
from composite.errors import CompositeError, count

RESAMPLES = 1_999


def compare_profiles(
    labels: pd.DataFrame,
    codings: pd.DataFrame | None = None,
    *,
    level: float = 0.95,
    coder: str | None = None,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> pd.DataFrame:
    """The table `profiles`: one row a pair of countries, how far their nine shares are apart.

    The distance is the root of the mean of the squared differences, of corrected shares (naive ones, without codings),
    less what chance adds to the squares. By the triangle inequality the true distance is no farther from the
    estimated one than the estimated differences, as a whole, are from the true ones; how far these are is told by the
    wild cluster bootstrap over agencies. So the interval covers at least as often as it says.

    Parameters
    ----------
    labels, codings, level, coder
        As in `estimate_shares`.
    resamples : int
        Of the bootstrap.
    seed : int

    Returns
    -------
    DataFrame
        Table `profiles`, every pair of countries once. Intervals are for one pair each.

    Raises
    ------
    CompositeError
        If there are fewer than two countries, or the tables do not fit each other.
    """
    check_level(level)
    countries, estimates, bootstrap, corpus = _resample(labels, codings, coder, resamples, seed)
    drawn = bootstrap.draw()
    rows = []
    for contrast in make_contrasts(countries, "pairs"):
        one, two = (int(place) for place in np.flatnonzero(contrast.weights))
        difference = contrast.weights @ bootstrap.share
        variance = bootstrap.se[one] ** 2 + bootstrap.se[two] ** 2
        error = drawn[one][0] - drawn[two][0]
        spread = (drawn[one][1] + drawn[two][1]).sum(axis=0)
        ratio = np.sqrt(np.divide((error**2).sum(axis=0), spread, out=np.zeros(resamples), where=spread > 0))
        reach = float(np.quantile(ratio, level, method="higher") * np.sqrt(variance.mean()))
        plain = float(np.sqrt((difference**2).mean()))
        distance = float(np.sqrt(max(0.0, (difference**2 - variance).mean())))
        rows.append(
            {
                "country": contrast.country,
                "reference": contrast.reference,
                "distance": min(distance, 1.0),
                "low": min(max(0.0, plain - reach), distance),
                "high": min(1.0, plain + reach),
                "inference": join_inferences(contrast.weights, estimates),
            }
        )
    table = pd.DataFrame(rows).astype(dict.fromkeys(("country", "reference", "inference"), "str"))
    table["corpus"] = pd.Series([corpus] * len(table), dtype="str")
    return check_table("profiles", table)


def map_profiles(
    labels: pd.DataFrame,
    codings: pd.DataFrame | None = None,
    *,
    level: float = 0.95,
    coder: str | None = None,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> pd.DataFrame:
    """The table `profile_map`: one row a country or theme, where it lies on the map of correspondence analysis.

    Countries that lie in one direction from the middle have the same themes more than others; a theme lies in the
    direction of the countries that have it more. Only the mix of themes counts, not how many a post has. Intervals come
    from the wild cluster bootstrap over agencies: each resample's profiles are placed on the axes of the estimate.

    Parameters
    ----------
    labels, codings, level, coder, resamples, seed
        As in `compare_profiles`.

    Returns
    -------
    DataFrame
        Table `profile_map`; a theme that no country has is not on it.

    Raises
    ------
    CompositeError
        If fewer than three countries have three themes to be told apart by.

    References
    ----------
    Greenacre, M. (2017). *Correspondence analysis in practice* (3rd ed.). Chapman & Hall.
    """
    import prince  # takes a second to load

    check_level(level)
    countries, _, bootstrap, corpus = _resample(labels, codings, coder, resamples, seed)
    shares = pd.DataFrame(np.clip(bootstrap.share, 0, 1), index=countries, columns=list(THEME_KEYS))
    shares = shares.loc[shares.sum(axis=1) > 0, shares.sum() > 0]
    if min(shares.shape) < 3:
        raise CompositeError(
            f"a map needs three countries and three themes, and there are {count(shares.shape[0], 'profile')} of "
            f"{count(shares.shape[1], 'theme')}: compare_countries describes fewer"
        )
    fitted = prince.CA(n_components=2, n_iter=20, random_state=0, engine="scipy").fit(shares)
    inertia = np.asarray(fitted.eigenvalues_) / fitted.total_inertia_
    points = {"country": fitted.row_coordinates(shares), "theme": fitted.column_coordinates(shares)}
    # an axis has no sign of its own: the theme farthest out lies to the right, and above
    farthest = points["theme"].to_numpy()
    sign = np.sign(farthest[np.abs(farthest).argmax(axis=0), [0, 1]])
    error = np.stack([country[0] for country in bootstrap.draw()])  # (C, 9, B)
    kept = [countries.index(code) for code in shares.index], [THEME_KEYS.index(key) for key in shares.columns]
    drawn = np.clip(shares.to_numpy()[..., None] + error[np.ix_(*kept)], 0, 1)
    singular = np.sqrt(np.asarray(fitted.eigenvalues_))
    ends = (1 - level) / 2, (1 + level) / 2
    rows = []
    for kind, axis, other in (("country", 1, "theme"), ("theme", 0, "country")):
        # a profile lies at the mean of the other kind's points, in standard coordinates, weighted by the profile
        total = drawn.sum(axis=axis, keepdims=True)
        profile = np.divide(drawn, total, out=np.zeros_like(drawn), where=total > 0)
        standard = points[other].to_numpy() / singular
        places = np.einsum("ctb,td->cdb" if kind == "country" else "ctb,cd->tdb", profile, standard)
        low, high = np.quantile(places * sign[:, None], ends, axis=2)
        at = points[kind].to_numpy() * sign
        for place, name in enumerate(points[kind].index):
            spot = {"kind": kind, "name": str(name)}
            for dimension, letter in enumerate("xy"):
                spot[letter] = at[place, dimension]
                spot[f"{letter}_low"] = min(low[place, dimension], at[place, dimension])
                spot[f"{letter}_high"] = max(high[place, dimension], at[place, dimension])
            rows.append({**spot, "x_inertia": inertia[0], "y_inertia": inertia[1]})
    table = pd.DataFrame(rows).astype({"kind": "str", "name": "str"})
    table["corpus"] = pd.Series([corpus] * len(table), dtype="str")
    return check_table("profile_map", table[list(TABLES["profile_map"].columns)])


def group_profiles(
    labels: pd.DataFrame,
    codings: pd.DataFrame | None = None,
    *,
    coder: str | None = None,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> pd.DataFrame:
    """The table `profile_groups`: one row a group of countries with like profiles, and how often resamples form it.

    Countries are joined by average linkage of their distances (as in `compare_profiles`, chance not taken off). The
    support of a group is the share of resamples of agencies in which the same countries, and no others, form one.

    Parameters
    ----------
    labels, codings, coder, resamples, seed
        As in `compare_profiles`.

    Returns
    -------
    DataFrame
        Table `profile_groups`, in the order in which groups join; the last one is all countries.

    Raises
    ------
    CompositeError
        If there are fewer than three countries, or the tables do not fit each other.
    """
    countries, _, bootstrap, corpus = _resample(labels, codings, coder, resamples, seed)
    if len(countries) < 3:
        raise CompositeError(f"groups need three countries, and there are {len(countries)}: use compare_profiles")
    error = np.stack([country[0] for country in bootstrap.draw()])
    found = _join(bootstrap.share)
    seen = dict.fromkeys((members for members, _ in found), 0)
    for draw in range(resamples):
        for members, _ in _join(bootstrap.share + error[..., draw]):
            if members in seen:
                seen[members] += 1
    table = pd.DataFrame(
        {
            "members": [" ".join(countries[i] for i in sorted(members)) for members, _ in found],
            "n_countries": [len(members) for members, _ in found],
            "height": [min(height, 1.0) for _, height in found],
            "support": [seen[members] / resamples for members, _ in found],
        }
    ).astype({"members": "str"})
    table["corpus"] = pd.Series([corpus] * len(table), dtype="str")
    return check_table("profile_groups", table)


def _join(shares: np.ndarray) -> list[tuple[frozenset[int], float]]:
    """The groups of average linkage, with the distances at which they join."""
    distances = [np.sqrt(((shares[a] - shares[b]) ** 2).mean()) for a, b in combinations(range(len(shares)), 2)]
    groups = [frozenset([country]) for country in range(len(shares))]
    found = []
    for one, two, height, _ in linkage(np.array(distances), method="average"):
        groups.append(groups[int(one)] | groups[int(two)])
        found.append((groups[-1], float(height)))
    return found


def _resample(
    labels: pd.DataFrame, codings: pd.DataFrame | None, coder: str | None, resamples: int, seed: int
) -> tuple[list[str], list[Estimate], WildBootstrap, str | None]:
    outcomes = make_outcomes(labels, codings, coder=coder)
    found = estimate_countries(outcomes, "naive" if codings is None else "corrected")
    bootstrap = resample_countries(list(found.values()), resamples=resamples, seed=seed)
    return list(found), list(found.values()), bootstrap, find_corpus(outcomes.posts)
