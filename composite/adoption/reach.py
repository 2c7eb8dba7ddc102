"""How far audiences reach: followers per inhabitant, and how few accounts have most of them."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import special, stats

from composite.adoption.audience import LONGEST_GAP, Grid, name_corpus, read_months
from composite.adoption.shares import FEWEST_AGENCIES, check_level
from composite.codebook.contract import check_table
from composite.codebook.countries import COUNTRY_CODES
from composite.errors import CompositeError, require_known


def measure_reach(
    audience: pd.DataFrame,
    accounts: pd.DataFrame,
    *,
    by: str = "agency",
    month: str | None = None,
    longest_gap: float = LONGEST_GAP,
    level: float = 0.95,
) -> pd.DataFrame:
    """The table `reach`: one row an agency or country, its followers per 1,000 inhabitants in one month.

    The followers of an agency's accounts are added up, so a person who follows two of them counts twice. A country's
    inhabitants are those of the agencies whose followers are known. Agencies without a population are left out.

    `followers` and `per_1000` were counted and have no sampling error, hence no interval. `median` is the number of the
    country's middle agency, and its interval is for agencies like these, of which the known ones are seen as a sample:
    two of their numbers between which the median of all such agencies lies with a probability of `level` or more,
    whatever the numbers' distribution. With fewer than six agencies there is none at 95 %. It does not cover what
    followers are worth: who follows twice, machines among them, or the straight line between two counts.

    Parameters
    ----------
    audience : DataFrame
        Table `audience`.
    accounts : DataFrame
        Table `accounts` with the column `population`.
    by : str
        `agency` or `country`.
    month : str, optional
        `YYYY-MM`; the latest of the months in which most accounts are known, if none is named.
    longest_gap : float
        As in `measure_followers`.
    level : float
        Least coverage of the intervals.

    Returns
    -------
    DataFrame
        Table `reach`; all rows of a country have the same `median`.

    Raises
    ------
    CompositeError
        If no agency has a population, an agency has several, or no account is known in the month.

    References
    ----------
    Conover, W. J. (1999). *Practical nonparametric statistics* (3rd ed.), section 3.2. Wiley.
    """
    require_known([by], ("agency", "country"), what="by")
    check_level(level)
    check_table("accounts", accounts)
    if "population" not in accounts or accounts["population"].isna().all():
        raise CompositeError(
            "no account has a population: add the column 'population' (inhabitants served) to accounts"
        )
    served = accounts[accounts["population"].notna()].groupby(["country", "agency"])["population"]
    several = served.nunique()
    if (several > 1).any():
        country, agency = several.index[several > 1][0]
        raise CompositeError(f"{agency!r} ({country}) has several populations: give all its accounts the same")
    grid = read_months(audience, accounts, longest_gap=longest_gap)
    at, name = _choose_month(grid, month)
    known = grid.accounts.assign(followers=grid.followers[:, at]).dropna(subset="followers")
    agencies = known.groupby(["country", "agency"])["followers"].agg(n_accounts="size", followers="sum")
    table = agencies.join(served.first(), how="inner").reset_index()
    if table.empty:
        raise CompositeError(f"no agency with a population has known followers in {name}: choose another month")
    middle = (1000 * table["followers"] / table["population"]).groupby(table["country"]).agg(list)
    if by == "country":
        table = table.groupby("country", as_index=False)[["n_accounts", "followers", "population"]].sum()
    table.insert(table.columns.get_loc("n_accounts"), "month", pd.Series([name] * len(table), dtype="str"))
    table["per_1000"] = 1000 * table["followers"] / table["population"]
    table["n_agencies"] = table["country"].map(middle.map(len)).astype("int64")
    table["median"] = table["country"].map(middle.map(np.median))
    ends = middle.map(lambda values: bound_median(np.array(values), level))
    for number, end in enumerate(("median_low", "median_high")):
        table[end] = table["country"].map(ends.str[number])
    place = {code: number for number, code in enumerate(COUNTRY_CODES)}
    keys = ["country", "agency"] if by == "agency" else ["country"]
    table = table.sort_values(keys, key=lambda c: c.map(place) if c.name == "country" else c, ignore_index=True)
    table["corpus"] = name_corpus(audience, len(table))
    return check_table("reach", table)


def measure_concentration(
    audience: pd.DataFrame,
    accounts: pd.DataFrame | None = None,
    *,
    month: str | None = None,
    longest_gap: float = LONGEST_GAP,
    level: float = 0.95,
) -> pd.DataFrame:
    """The table `concentration`: one row a country, and one for all, how far few accounts have most followers.

    The Gini coefficient is `Σᵢ (2i − n − 1) xᵢ / ((n − 1) Σᵢ xᵢ)` over accounts in rising order, so that it is 1 where
    one of n accounts has all followers.

    The known accounts are seen as some of many like them. The intervals of `gini` and `top_tenth` are jackknife
    intervals on the scale of log odds, which keeps them within 0 and 1: they leave out one agency with its accounts at
    a time, or one account where fewer than five agencies are known. Where sizes differ much they hold the truth less
    often than they say, since the largest accounts are in few samples. `largest` has none: how much more an account
    that was not seen may have, no sample tells (the bootstrap of a maximum fails).

    Parameters
    ----------
    audience, month, longest_gap
        As in `measure_reach`.
    accounts : DataFrame, optional
        Table `accounts`; without it there is the row for all only.
    level : float
        Coverage of the intervals.

    Returns
    -------
    DataFrame
        Table `concentration`; no interval where fewer than five accounts are known, or their sizes do not
        differ; none of `top_tenth` for ten accounts or fewer, of which it is the largest.

    Raises
    ------
    CompositeError
        If no account is known in the month.

    References
    ----------
    Deltas, G. (2003). The small-sample bias of the Gini coefficient. *Review of Economics and Statistics*, 85(1),
    226–234. https://doi.org/10.1162/rest.2003.85.1.226
    Davidson, R. (2009). Reliable inference for the Gini index. *Journal of Econometrics*, 150(1), 30–40.
    https://doi.org/10.1016/j.jeconom.2008.11.004
    Bickel, P. J., & Freedman, D. A. (1981). Some asymptotic theory for the bootstrap. *Annals of Statistics*, 9(6),
    1196–1217. https://doi.org/10.1214/aos/1176345637
    """
    check_level(level)
    grid = read_months(audience, accounts, longest_gap=longest_gap)
    at, name = _choose_month(grid, month)
    values = grid.followers[:, at]
    country = grid.accounts["country"].to_numpy()
    agency = (grid.accounts["country"] + "/" + grid.accounts["agency"]).to_numpy()
    rows = []
    for code in (*COUNTRY_CODES, "all"):
        chosen = np.flatnonzero(~np.isnan(values) & ((country == code) | (code == "all")))
        chosen = chosen[np.argsort(values[chosen], kind="stable")]
        found = values[chosen]
        if not len(found):
            continue
        total, n = found.sum(), len(found)
        top = -(-n // 10)
        agencies = len(pd.unique(agency[chosen][pd.notna(agency[chosen])]))
        over_agencies = agencies >= FEWEST_AGENCIES and bool(pd.notna(agency[chosen]).all())
        groups = pd.factorize(agency[chosen])[0] if over_agencies else np.arange(n)
        (gini_low, gini_high), (top_low, top_high) = _bound_concentration(found, groups, level)
        known = not (np.isnan(gini_low) and np.isnan(top_low))
        rows.append(
            {
                "country": code,
                "month": name,
                "n_accounts": n,
                "followers": total,
                "n_agencies": agencies,
                "gini": find_gini(found),
                "gini_low": gini_low,
                "gini_high": gini_high,
                "top_tenth": found[-top:].sum() / total if total else np.nan,
                "top_tenth_low": top_low,
                "top_tenth_high": top_high,
                "largest": found[-1] / total if total else np.nan,
                "inference": "descriptive" if not known else "agencies" if over_agencies else "accounts",
            }
        )
    table = pd.DataFrame(rows).astype({"country": "str", "month": "str", "inference": "str"})
    table["corpus"] = name_corpus(audience, len(table))
    return check_table("concentration", table)


def find_gini(values: np.ndarray) -> float:
    """The Gini coefficient of n values of 0 or more; missing for one value, or where all are 0.

    >>> find_gini(np.array([5, 5, 5])), find_gini(np.array([0, 0, 9]))
    (0.0, 1.0)
    """
    ordered = np.sort(np.asarray(values, dtype=float))
    n, total = len(ordered), ordered.sum()
    if n < 2 or total == 0:
        return float("nan")
    return float(np.clip(((2 * np.arange(1, n + 1) - n - 1) * ordered).sum() / ((n - 1) * total), 0, 1))


def bound_median(values: np.ndarray, level: float) -> tuple[float, float]:
    """Two of n values between which the median of all like them lies with a probability of `level` or more, or none.

    How many of n are below the true median is binomial with one half, whatever the distribution.

    >>> bound_median(np.arange(1.0, 11.0), 0.95), bound_median(np.arange(5.0), 0.95)
    ((2.0, 9.0), (nan, nan))
    """
    ordered, n = np.sort(values), len(values)
    aside = int(stats.binom.ppf((1 - level) / 2, n, 0.5))
    # so many values may be left aside at each end that as few below the median are rarer than half of 1 − level
    aside -= int(stats.binom.cdf(aside, n, 0.5) > (1 - level) / 2)
    if aside < 0:
        return np.nan, np.nan
    return float(ordered[aside]), float(ordered[n - 1 - aside])


def _bound_concentration(
    values: np.ndarray, groups: np.ndarray, level: float
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Ends of the intervals of the Gini coefficient and the top tenth's share of n values in rising order."""
    nothing = (np.nan, np.nan)
    number = int(groups.max()) + 1
    if number < FEWEST_AGENCIES:
        return nothing, nothing
    part = -(-len(values) // 10) / len(values)  # of the accounts: the same without some of them
    whole = _measure_parts(values, part)
    without = np.array([_measure_parts(values[groups != group], part) for group in range(number)])
    one, two = (_bound_odds(whole[place], without[:, place], level) for place in (0, 1))
    return one, two if len(values) > 10 else nothing  # the top tenth of ten is the largest, of which no sample tells


def _measure_parts(values: np.ndarray, part: float) -> tuple[float, float]:
    """The Gini coefficient, and the share that the largest `part` of the values in rising order have."""
    total = values.sum()
    if not len(values) or total == 0:
        return np.nan, np.nan
    # a fraction of an account counts as that fraction of its followers
    counted = np.clip(part * len(values) - np.arange(len(values))[::-1], 0, 1)
    return find_gini(values), float(counted @ values / total)


def _bound_odds(whole: float, without: np.ndarray, level: float) -> tuple[float, float]:
    """The jackknife interval of a proportion on the scale of log odds, from its values without each of G groups."""
    if not 0 < whole < 1 or not ((without > 0) & (without < 1)).all():
        return np.nan, np.nan
    odds, left = special.logit(whole), special.logit(without)
    se = np.sqrt((len(left) - 1) / len(left) * ((left - odds) ** 2).sum())
    if se < 1e-9:
        return np.nan, np.nan  # equal sizes do not tell how unequal others are
    half = stats.t.ppf((1 + level) / 2, len(left) - 1) * se
    return float(special.expit(odds - half)), float(special.expit(odds + half))


def _choose_month(grid: Grid, month: str | None) -> tuple[int, str]:
    """Position and name of the month asked for, or of the latest one in which most accounts are known."""
    names = list(grid.months.strftime("%Y-%m"))
    known = (~np.isnan(grid.followers)).sum(axis=0)
    if not known.any():
        raise CompositeError("no account has counts on both sides of the beginning of a month: no followers are known")
    if month is None:
        at = int(np.flatnonzero(known == known.max())[-1])
    elif month not in names:
        raise CompositeError(f"month {month!r} is not among those counted: write one of {names[0]} to {names[-1]}")
    else:
        at = names.index(month)
        if not known[at]:
            raise CompositeError(f"no account's followers are known in {month}: choose another month")
    return at, names[at]
