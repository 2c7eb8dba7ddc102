"""Who follows police accounts: followers by account, agency and country in every month, from counts at any dates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from composite.codebook.contract import check_table, find_corpus
from composite.codebook.tables import TIME
from composite.errors import CompositeError, count, require_known

UNITS = {
    "account": ("country", "agency", "account", "platform"),
    "agency": ("country", "agency"),
    "country": ("country",),
}
LONGEST_GAP = 92  # days: with one count a month, two that are missing are bridged


@dataclass(frozen=True)
class Grid:
    """Followers of n accounts at the beginning of m months.

    Attributes
    ----------
    accounts : DataFrame
        The n accounts: `country, agency, account, platform`, the first two missing where they are not known.
    months : DatetimeIndex of m
    followers : (n, m) array
        Missing before an account's first count, after its last, and within long gaps.
    gaps : (n, m) array
        Days between the two counts that a value lies between; 0 if the account was counted at that moment.
    spans : (n, 2) array of int
        Positions of the months of the first and the last count.
    """

    accounts: pd.DataFrame
    months: pd.DatetimeIndex
    followers: np.ndarray
    gaps: np.ndarray
    spans: np.ndarray


def collect_audience(posts: pd.DataFrame) -> pd.DataFrame:
    """The table `audience` of what posts say: the followers that an account had whenever it published.

    Parameters
    ----------
    posts : DataFrame
        Table `posts` with the column `followers`; posts without account, platform, date or followers are passed over,
        and of several at one moment the highest count is taken.

    Raises
    ------
    CompositeError
        If no post has a count of followers.

    Examples
    --------
    >>> import composite as cp
    >>> posts = cp.read_posts(cp.CORPUS / "posts.csv").assign(followers=100.0)
    >>> sorted(cp.collect_audience(posts)["followers"].unique())
    [np.int64(100)]
    """
    check_table("posts", posts)
    needed = ["account", "platform", "published", "followers"]
    if "followers" not in posts or not posts[needed].notna().all(axis=1).any():
        raise CompositeError(
            "no post has account, platform, date and followers: name the column that has the followers "
            "(columns={'…': 'followers'}), or read counts of followers with read_audience"
        )
    counts = posts[posts[needed].notna().all(axis=1)]
    table = pd.DataFrame(
        {
            "account": counts["account"],
            "platform": counts["platform"],
            "date": counts["published"],
            "followers": counts["followers"].astype("int64"),
            "corpus": counts["corpus"],
        }
    )
    table = table.assign(key=table["account"].str.casefold())
    table = table.sort_values(["platform", "key", "date", "followers", "account"])
    last = ~table.duplicated(["platform", "key", "date"], keep="last")
    return check_table("audience", table[last].drop(columns="key").reset_index(drop=True))


def measure_followers(
    audience: pd.DataFrame,
    accounts: pd.DataFrame | None = None,
    *,
    by: str = "account",
    longest_gap: float = LONGEST_GAP,
) -> pd.DataFrame:
    """The table `followers`: one row an account, agency or country and month, its followers and their growth.

    Followers are read at the beginning of each month (00:00 UTC on the 1st), on the straight line between the counts
    before and after; they are never extrapolated. Growth is that of the accounts known in both months, so an account
    that is new or no longer counted makes no growth.

    Parameters
    ----------
    audience : DataFrame
        Table `audience`: counts at any dates. Handles that differ only in case are one account.
    accounts : DataFrame, optional
        Table `accounts`; needed for agencies and countries.
    by : str
        `account`, `agency` or `country`.
    longest_gap : float
        Days between two counts beyond which nothing is read between them.

    Returns
    -------
    DataFrame
        Table `followers`, from the month of each unit's first count to that of its last; a month that lies between no
        two counts has no followers.

    Raises
    ------
    CompositeError
        If there are no counts, an account is counted twice at one moment, or an account is not in `accounts`.

    Examples
    --------
    >>> import composite as cp, pandas as pd
    >>> dates = pd.to_datetime(["2013-01-01", "2013-02-01", "2013-04-01"], utc=True).astype("datetime64[us, UTC]")
    >>> counts = {"account": "BrackwellPol", "platform": "twitter", "date": dates, "followers": [100, 110, 130]}
    >>> cp.measure_followers(pd.DataFrame(counts))[["month", "followers"]].round(1).values.tolist()
    [['2013-01', 100.0], ['2013-02', 110.0], ['2013-03', 119.5], ['2013-04', 130.0]]
    """
    require_known([by], UNITS, what="by")
    if by != "account" and accounts is None:
        raise CompositeError(f"by={by!r} needs the table of accounts: measure_followers(audience, accounts, by={by!r})")
    grid = read_months(audience, accounts, longest_gap=longest_gap)
    names = list(UNITS[by])
    # accounts already stand in an order that the case of their handles does not change
    alone = [[row] for row in range(len(grid.accounts))]
    units = alone if by == "account" else grid.accounts.groupby(names, sort=True).indices.values()
    pieces = [_sum_unit(grid, np.asarray(rows), names) for rows in units]
    table = pd.concat(pieces, ignore_index=True)
    text = dict.fromkeys((*names, "month"), "str")
    table = table.astype({**text, "n_accounts": "int64", "n_compared": "int64"})
    table["corpus"] = name_corpus(audience, len(table))
    return check_table("followers", table)


def name_corpus(audience: pd.DataFrame, length: int) -> pd.Series:
    """The corpus of what counts of followers give, `length` times; missing where the table has no such column."""
    corpus = find_corpus(audience) if "corpus" in audience else None
    return pd.Series([corpus] * length, dtype="str")


def read_months(audience: pd.DataFrame, accounts: pd.DataFrame | None, *, longest_gap: float = LONGEST_GAP) -> Grid:
    """Followers of every account at the beginning of every month between its first count and its last.

    Raises
    ------
    CompositeError
        See `measure_followers`.
    """
    check_table("audience", audience)
    if audience.empty:
        raise CompositeError("there are no counts of followers: read some with read_audience")
    if not longest_gap > 0:
        raise CompositeError(f"longest_gap={longest_gap} is not a number of days above 0")
    table = audience.assign(key=audience["account"].str.casefold()).sort_values(
        ["platform", "key", "date", "followers"]
    )
    twice = table.duplicated(["platform", "key", "date"])
    if twice.any():
        who = table[twice].iloc[0]
        raise CompositeError(
            f"{who['account']!r} is counted twice at {who['date']:%Y-%m-%d %H:%M} "
            f"({count(int(twice.sum()), 'such row')}): keep one of them"
        )
    groups = list(table.groupby(["platform", "key"], sort=True))
    span = (table["date"].min(), table["date"].max())
    months = (
        pd.period_range(*(f"{date:%Y-%m}" for date in span), freq="M").to_timestamp().tz_localize("UTC").astype(TIME)
    )
    at = months.astype("int64").to_numpy()
    values, gaps = np.full((2, len(groups), len(months)), np.nan)
    spans = np.zeros((len(groups), 2), dtype=int)
    for row, (_, part) in enumerate(groups):
        times, seen = part["date"].astype("int64").to_numpy(), part["followers"].to_numpy(dtype=float)
        values[row], gaps[row] = _interpolate(times, seen, at, longest_gap)
        spans[row] = np.searchsorted(at, times[[0, -1]], side="right") - 1
    names = pd.DataFrame(
        {"account": [part["account"].iloc[0] for _, part in groups], "platform": [k[0] for k, _ in groups]}
    )
    return Grid(_place_accounts(names, accounts), months, values, gaps, spans)


def _interpolate(times: np.ndarray, seen: np.ndarray, at: np.ndarray, longest: float) -> tuple[np.ndarray, np.ndarray]:
    """Values on straight lines between counts and the days between these; missing outside and in long gaps."""
    after = np.minimum(np.searchsorted(times, at), len(times) - 1)
    exact = times[after] == at
    before = np.where(exact, after, np.maximum(after - 1, 0))
    gap = (times[after] - times[before]) / 86_400e6  # microseconds
    known = (times[0] <= at) & (at <= times[-1]) & (gap <= longest)
    return np.where(known, np.interp(at, times, seen), np.nan), np.where(known, gap, np.nan)


def _place_accounts(names: pd.DataFrame, accounts: pd.DataFrame | None) -> pd.DataFrame:
    """Accounts with their country and agency; an account that the registry lacks is an error."""
    if accounts is None:
        nothing = pd.Series([None] * len(names), dtype="str")
        return names.assign(country=nothing, agency=nothing)
    check_table("accounts", accounts)
    known = accounts.assign(key=accounts["account"].str.casefold())
    twice = known.duplicated(["key", "platform"])
    if twice.any():
        raise CompositeError(
            f"the accounts name {known.loc[twice, 'account'].iloc[0]!r} twice on one platform: keep one"
        )
    merged = names.assign(key=names["account"].str.casefold()).merge(
        known[["key", "platform", "account", "country", "agency"]],
        on=["key", "platform"],
        how="left",
        suffixes=("_counted", ""),
    )
    strange = merged["agency"].isna()
    if strange.any():
        who = merged.loc[strange, "account_counted"].iloc[0]
        raise CompositeError(
            f"{count(int(strange.sum()), 'account')} with counts of followers not in the table of accounts, such as "
            f"{who!r} on {merged.loc[strange, 'platform'].iloc[0]!r}: add them there, or leave their counts out"
        )
    return merged[["account", "platform", "country", "agency"]]


def _sum_unit(grid: Grid, rows: np.ndarray, names: list[str]) -> pd.DataFrame:
    """Months of one account, agency or country, whose accounts are `rows` of the grid."""
    first, last = grid.spans[rows, 0].min(), grid.spans[rows, 1].max() + 1
    values = grid.followers[rows, first:last]
    known = ~np.isnan(values)
    both = known.copy()
    both[:, 1:] &= known[:, :-1]
    both[:, 0] = False
    filled = np.where(known, values, 0)
    previous = np.zeros_like(filled)
    previous[:, 1:] = filled[:, :-1]
    before, after = (previous * both).sum(axis=0), (filled * both).sum(axis=0)
    compared = both.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        growth = np.where(before > 0, after / before - 1, np.nan)
    gaps = np.where(known, grid.gaps[rows, first:last], -1).max(axis=0)
    return pd.DataFrame(
        {
            **{name: grid.accounts[name].iloc[rows[0]] for name in names},
            "month": grid.months[first:last].strftime("%Y-%m"),
            "n_accounts": known.sum(axis=0),
            "followers": np.where(known.any(axis=0), filled.sum(axis=0), np.nan),
            "gap_days": np.where(gaps >= 0, gaps, np.nan),
            "n_compared": compared,
            "before": np.where(compared > 0, before, np.nan),
            "growth": growth,
        }
    )
