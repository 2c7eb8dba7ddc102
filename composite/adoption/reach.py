"""How far audiences reach: followers per inhabitant, and how few accounts have most of them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from composite.adoption.audience import LONGEST_GAP, Grid, name_corpus, read_months
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
) -> pd.DataFrame:
    """The table `reach`: one row an agency or country, its followers per 1,000 inhabitants in one month.

    The followers of an agency's accounts are added up, so a person who follows two of them counts twice. A country's
    inhabitants are those of the agencies whose followers are known. Agencies without a population are left out.

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

    Raises
    ------
    CompositeError
        If no agency has a population, an agency has several, or no account is known in the month.
    """
    require_known([by], ("agency", "country"), what="by")
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
    if by == "country":
        table = table.groupby("country", as_index=False)[["n_accounts", "followers", "population"]].sum()
    table.insert(table.columns.get_loc("n_accounts"), "month", pd.Series([name] * len(table), dtype="str"))
    table["per_1000"] = 1000 * table["followers"] / table["population"]
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
) -> pd.DataFrame:
    """The table `concentration`: one row a country, and one for all, how far few accounts have most followers.

    The Gini coefficient is `Σᵢ (2i − n − 1) xᵢ / ((n − 1) Σᵢ xᵢ)` over accounts in rising order, so that it is 1 where
    one of n accounts has all followers. It describes the accounts that are known; there is no interval.

    Parameters
    ----------
    audience, month, longest_gap
        As in `measure_reach`.
    accounts : DataFrame, optional
        Table `accounts`; without it there is the row for all only.

    Raises
    ------
    CompositeError
        If no account is known in the month.

    References
    ----------
    Deltas, G. (2003). The small-sample bias of the Gini coefficient. *Review of Economics and Statistics*, 85(1),
    226–234. https://doi.org/10.1162/rest.2003.85.1.226
    """
    grid = read_months(audience, accounts, longest_gap=longest_gap)
    at, name = _choose_month(grid, month)
    values = grid.followers[:, at]
    country = grid.accounts["country"].to_numpy()
    rows = []
    for code in (*COUNTRY_CODES, "all"):
        found = np.sort(values[~np.isnan(values) & ((country == code) | (code == "all"))])
        if not len(found):
            continue
        total, n = found.sum(), len(found)
        top = -(-n // 10)
        rows.append(
            {
                "country": code,
                "month": name,
                "n_accounts": n,
                "followers": total,
                "gini": find_gini(found),
                "top_tenth": found[-top:].sum() / total if total else np.nan,
                "largest": found[-1] / total if total else np.nan,
            }
        )
    table = pd.DataFrame(rows).astype({"country": "str", "month": "str"})
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
