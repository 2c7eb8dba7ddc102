"""How fast audiences grow, which months are unusual, and what is usual for accounts of a size."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from composite.adoption.audience import UNITS
from composite.codebook.contract import check_table, find_corpus
from composite.errors import CompositeError, count

FEWEST_PAST, MOST_PAST = 6, 12
FALSE_ALARMS = 0.05
FEWEST_MONTHS, FEWEST_ACCOUNTS = 30, 5


def find_units(followers: pd.DataFrame) -> tuple[list[str], list[str]]:
    """Columns that name a unit of the table `followers`, and those of them that tell one from another.

    Raises
    ------
    CompositeError
        If it breaks its contract, has no rows, or several rows of one unit and month.
    """
    check_table("followers", followers)
    if followers.empty:
        raise CompositeError("the table 'followers' is empty: measure_followers makes one")
    names = [name for name in UNITS["account"] if name in followers]
    key = ["account", "platform"] if "account" in names else names
    if not key or followers.duplicated([*key, "month"]).any():
        raise CompositeError("the table 'followers' has several rows of one unit and month: give it as measured, whole")
    return names, key


def measure_growth(followers: pd.DataFrame) -> pd.DataFrame:
    """The table `growth`: one row an account, agency or country, the compound growth of its followers.

    The growths of single months are chained, `∏(1 + gₜ) − 1`, over the n months whose growth is known; the rate a month
    is `(∏(1 + gₜ))^(1/n) − 1`, and that a year the same with 12/n.

    Parameters
    ----------
    followers : DataFrame
        Table `followers`.

    Raises
    ------
    CompositeError
        If no month's growth is known: that needs counts on both sides of two beginnings of months.

    Examples
    --------
    >>> import composite as cp, pandas as pd
    >>> dates = pd.to_datetime(["2013-01-01", "2013-02-01", "2013-03-01"], utc=True).astype("datetime64[us, UTC]")
    >>> counts = {"account": "BrackwellPol", "platform": "twitter", "date": dates, "followers": [100, 110, 121]}
    >>> cp.measure_growth(cp.measure_followers(pd.DataFrame(counts)))["monthly"].round(3).tolist()
    [0.1]
    """
    names, key = find_units(followers)
    known = followers[followers["growth"].notna()].sort_values([*key, "month"])
    if known.empty:
        raise CompositeError(
            "no month's growth is known: that needs an account with counts before and after the beginnings of two "
            "months, not more than longest_gap days apart"
        )
    rows = []
    for _, part in known.groupby(key, sort=True):
        n, factor = len(part), float((1 + part["growth"]).prod())
        rows.append(
            {
                **part[names].iloc[0],
                "first_month": str(pd.Period(part["month"].iloc[0]) - 1),
                "last_month": part["month"].iloc[-1],
                "n_months": n,
                "followers": part["followers"].iloc[-1],
                "growth": factor - 1,
                "monthly": factor ** (1 / n) - 1,
                "yearly": factor ** (12 / n) - 1,
            }
        )
    table = pd.DataFrame(rows).astype(dict.fromkeys((*names, "first_month", "last_month"), "str"))
    table["corpus"] = pd.Series([find_corpus(followers)] * len(table), dtype="str")
    return check_table("growth", table)


def find_unusual_months(followers: pd.DataFrame, *, past: int = MOST_PAST) -> pd.DataFrame:
    """The table `unusual`: the table `followers` with every month's growth judged by the unit's own past.

    z is the growth less the median of the months before, over 1.4826 times their median absolute deviation (at least
    the spread that counting alone gives). Its p-value is that of a t distribution which simulation matches to medians
    of few months; over all rows p-values are adjusted by Benjamini and Hochberg, so that of the months called unusual
    about one in twenty is expected to be a false alarm.

    Parameters
    ----------
    followers : DataFrame
        Table `followers`.
    past : int
        Months of known growth, at most, by which a month is judged; with fewer than six it is not.

    Raises
    ------
    CompositeError
        If the table is none of `measure_followers`, or `past` is below six.

    References
    ----------
    Leys, C., Ley, C., Klein, O., Bernard, P., & Licata, L. (2013). Detecting outliers: do not use standard deviation
    around the mean, use absolute deviation around the median. *Journal of Experimental Social Psychology*, 49(4),
    764–766. https://doi.org/10.1016/j.jesp.2013.03.013
    Benjamini, Y., & Hochberg, Y. (1995). Controlling the false discovery rate. *Journal of the Royal Statistical
    Society B*, 57(1), 289–300. https://doi.org/10.1111/j.2517-6161.1995.tb02031.x
    """
    _, key = find_units(followers)
    if past < FEWEST_PAST:
        raise CompositeError(f"past={past} is too few months to tell what is usual: use {FEWEST_PAST} or more")
    table = followers.sort_values([*key, "month"], ignore_index=True)
    n_past = np.zeros(len(table), dtype="int64")
    usual, z = np.full((2, len(table)), np.nan)
    for rows in table.groupby(key, sort=True).indices.values():
        known = rows[table["growth"].iloc[rows].notna().to_numpy()]
        growth, before = table["growth"].to_numpy()[known], table["before"].to_numpy()[known]
        for place, row in enumerate(known):
            earlier = growth[max(0, place - past) : place]
            n_past[row] = len(earlier)
            if len(earlier) < FEWEST_PAST:
                continue
            usual[row] = np.median(earlier)
            spread = 1.4826 * np.median(np.abs(earlier - usual[row]))
            # new followers are a count, which varies by its square root at least; MAD is 0 where growth stood still
            counting = np.sqrt(max(1.0, abs(usual[row]) * before[place])) / before[place]
            z[row] = (growth[place] - usual[row]) / max(spread, counting)
    with np.errstate(divide="ignore", invalid="ignore"):
        # fitted to the ratio under normal growth, n = 6 … 24, at p = 0.05 … 0.0001
        p_value = 2 * stats.t.sf(np.abs(z) / (1 + 1.5 / n_past), 0.42 * n_past)
    table["n_past"], table["usual"], table["z"] = n_past, usual, z
    table["p_value"] = np.where(np.isnan(z), np.nan, p_value)
    table["p_adjusted"] = np.nan
    tested = table["p_value"].notna()
    if tested.any():
        table.loc[tested, "p_adjusted"] = stats.false_discovery_control(table.loc[tested, "p_value"])
    table["unusual"] = (table["p_adjusted"] < FALSE_ALARMS).fillna(False)
    return check_table("unusual", table)


@dataclass(frozen=True)
class GrowthJudgement:
    """A month's growth against what is usual for accounts of that size.

    Attributes
    ----------
    growth : float
        What is judged, a proportion: 0.37 for 37 %.
    size : float
        Followers before the growth.
    n_months, n_accounts : int
        Months of known growth it is compared with, and of how many accounts.
    smallest, largest : float
        Followers of these accounts before the growth.
    alike : bool
        Whether they are within a third and three times `size`; else they are the nearest that there are.
    median, low, high : float
        Median growth of these months, and the ends of the middle 90 %.
    n_as_much : int
        Months that grew as much (fell as much, if `growth` is below 0).
    """

    growth: float
    size: float
    n_months: int
    n_accounts: int
    smallest: float
    largest: float
    alike: bool
    median: float
    low: float
    high: float
    n_as_much: int

    @property
    def sentence(self) -> str:
        """The answer in one line."""
        inside = self.low <= self.growth <= self.high
        span = f"{self.smallest:,.0f} to {self.largest:,.0f} followers"
        which = "accounts of that size" if self.alike else "the accounts nearest in size"
        share = self.n_as_much / self.n_months
        return (
            f"{_write_growth(self.growth)} in a month at {self.size:,.0f} followers is "
            f"{'within' if inside else 'outside'} what is usual for {which} ({span}): {_write_growth(self.low)} to "
            f"{_write_growth(self.high)} in nine months of ten, median {_write_growth(self.median)}; "
            f"{self.n_as_much:,} of {count(self.n_months, 'month')} ({100 * share:.1f} %) of "
            f"{count(self.n_accounts, 'account')} {'grew' if self.growth >= 0 else 'fell'} as much"
        )

    def __str__(self) -> str:
        return self.sentence


def _write_growth(growth: float) -> str:
    """A growth in per cent with its sign.

    >>> _write_growth(0.37), _write_growth(-0.004)
    ('+37 %', '−0.4 %')
    """
    return f"{round(100 * growth, 1):+g} %".replace("-", "−")


def judge_growth(followers: pd.DataFrame, growth: float, *, size: float) -> GrowthJudgement:
    """What is usual for accounts of that size, and how many months grew as much; `print` it for one line.

    Compared are months of single accounts that had between a third and three times `size` followers before; where these
    are fewer than 30 months or 5 accounts, the nearest in size.

    Parameters
    ----------
    followers : DataFrame
        Table `followers` by account.
    growth : float
        A month's growth as a proportion: 0.10 for 10 %.
    size : float
        Followers before it.

    Raises
    ------
    CompositeError
        If the table is not by account, no growth is known, or growth or size are impossible.

    Examples
    --------
    >>> import composite as cp, pandas as pd
    >>> dates = pd.date_range("2012-01-01", periods=8, freq="MS", tz="UTC").astype("datetime64[us, UTC]")
    >>> table = pd.concat(pd.DataFrame({"account": f"a{i}", "platform": "twitter", "date": dates,
    ...     "followers": [round(1000 * (1.01 + i / 500) ** m) for m in range(8)]}) for i in range(6))
    >>> print(cp.judge_growth(cp.measure_followers(table), 0.37, size=1100))
    +37 % in a month at 1,100 followers is outside what is usual for accounts of that size (1,000 to 1,126 followers):
    +1 % to +2 % in nine months of ten, median +1.5 %; 0 of 42 months (0.0 %) of 6 accounts grew as much
    """
    find_units(followers)
    if "account" not in followers:
        raise CompositeError("a growth is judged by single accounts: give measure_followers(audience, by='account')")
    if not np.isfinite(growth) or growth < -1:
        raise CompositeError(f"growth={growth} is impossible: write a proportion such as 0.37 for 37 %, not below -1")
    if not (np.isfinite(size) and size > 0):
        raise CompositeError(f"size={size} is not a number of followers above 0")
    known = followers[followers["growth"].notna()].sort_values(["account", "platform", "month"], ignore_index=True)
    if known.empty:
        raise CompositeError(
            "no month's growth is known: followers need counts before and after two beginnings of months"
        )
    known = known.assign(account=known["account"] + " " + known["platform"])
    distance = (np.log(known["before"]) - np.log(size)).abs()
    chosen = known[distance <= np.log(3)]
    alike = len(chosen) >= FEWEST_MONTHS and chosen["account"].nunique() >= FEWEST_ACCOUNTS
    if not alike:
        near = known.loc[distance.sort_values(kind="stable").index]
        accounts = (~near["account"].duplicated()).cumsum().to_numpy()
        enough = (np.arange(1, len(near) + 1) >= FEWEST_MONTHS) & (accounts >= FEWEST_ACCOUNTS)
        chosen = near.iloc[: int(enough.argmax()) + 1] if enough.any() else near
    low, median, high = np.quantile(chosen["growth"], [0.05, 0.5, 0.95])
    as_much = chosen["growth"] >= growth if growth >= 0 else chosen["growth"] <= growth
    return GrowthJudgement(
        growth=float(growth),
        size=float(size),
        n_months=len(chosen),
        n_accounts=chosen["account"].nunique(),
        smallest=float(chosen["before"].min()),
        largest=float(chosen["before"].max()),
        alike=bool(alike),
        median=float(median),
        low=float(low),
        high=float(high),
        n_as_much=int(as_much.sum()),
    )
