"""Campaign days: bursts of a hashtag over agencies, and who took part."""

from __future__ import annotations

import re
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from composite.adoption.multiplicity import adjust_holm
from composite.adoption.shares import check_level
from composite.codebook.contract import check_table, find_corpus
from composite.codebook.countries import COUNTRY_CODES
from composite.errors import CompositeError, nearest

# a letter before # makes it a part of an address; a tag of digits alone is a number
# (the letter is looked for behind the mark, since a text is searched for a mark many times as fast)
HASHTAG = re.compile(r"[#＃](?<![\w&/][#＃])(?=\w*[^\W\d_])(\w+)")
CALLED_UNUSUAL = 0.05


def find_hashtags(posts: pd.DataFrame, *, timezone: str = "UTC") -> pd.DataFrame:
    """One row a post and hashtag in it: `post, hashtag` (lower case, without #), `day`, `country`, `agency`.

    Posts without a date or an agency are passed over; `post` is the position of the post.

    Raises
    ------
    CompositeError
        If the table breaks its contract or the time zone is unknown.
    """
    check_table("posts", posts)
    rows = np.flatnonzero((posts["published"].notna() & posts["agency"].notna()).to_numpy())
    found = [
        sorted({tag.casefold() for tag in HASHTAG.findall(text)}) if "#" in text or "＃" in text else []
        for text in posts["text"].iloc[rows].to_numpy(dtype=object)
    ]
    post = np.repeat(rows, [len(tags) for tags in found])
    table = posts[["country", "agency"]].iloc[post].reset_index(drop=True)
    table.insert(0, "post", post)
    table.insert(1, "hashtag", pd.Series([tag for tags in found for tag in tags], dtype="str"))
    table.insert(2, "day", name_days(posts["published"].iloc[post], timezone).reset_index(drop=True))
    return table


def name_days(times: pd.Series, timezone: str) -> pd.Series:
    """The calendar day of each time as `YYYY-MM-DD`, by the clock of `timezone`."""
    try:
        zone = ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise CompositeError(f"time zone {timezone!r} is not known: write one such as 'Europe/London'") from None
    midnights = times.dt.tz_convert(zone).dt.tz_localize(None).dt.normalize()
    # there are few days beside posts, and writing their names is what takes time
    codes, days = pd.factorize(midnights)
    names = pd.Series(days).dt.strftime("%Y-%m-%d").astype("str").array.take(codes, allow_fill=True)
    return pd.Series(names, index=times.index, name=times.name)


def find_campaigns(posts: pd.DataFrame, *, fewest_agencies: int = 3, timezone: str = "UTC") -> pd.DataFrame:
    """The table `campaigns`: one row a hashtag and day on which unusually many agencies used it, largest first.

    Of the agencies that posted anything that day, k used the hashtag; on all other days together a share of the
    agencies active used it. p is the chance of k or more at that share (with half a use added, so that no hashtag is
    impossible), adjusted by Holm over every hashtag and day on which it occurs. Rows with p below 0.05 and at least
    `fewest_agencies` agencies are kept.

    Parameters
    ----------
    posts : DataFrame
        Table `posts`; posts without a date or an agency are passed over.
    fewest_agencies : int
        Agencies below which no burst is called a campaign.
    timezone : str
        Whose calendar days are meant, such as `Europe/London`.

    Returns
    -------
    DataFrame
        Table `campaigns`, empty if there is none.

    Raises
    ------
    CompositeError
        If no post has a date and an agency, or `fewest_agencies` is below 2.

    Examples
    --------
    >>> import composite as cp
    >>> campaigns = cp.find_campaigns(cp.read_posts(cp.CORPUS / "posts.csv"))
    >>> bool((campaigns["n_agencies"] >= 3).all())
    True
    """
    if fewest_agencies < 2:
        raise CompositeError(f"fewest_agencies={fewest_agencies}: one agency makes no campaign, use 2 or more")
    tags = find_hashtags(posts, timezone=timezone)
    dated = posts[posts["published"].notna() & posts["agency"].notna()]
    if dated.empty:
        raise CompositeError("no post has a date and an agency: campaigns need both")
    active = dated[["country", "agency"]].assign(day=name_days(dated["published"], timezone)).drop_duplicates()
    by_day = active.groupby("day").size()
    counts = (
        tags.assign(unit=tags["country"] + "/" + tags["agency"])
        .groupby(["hashtag", "day"], sort=True)
        .agg(n_posts=("post", "size"), n_agencies=("unit", "nunique"), n_countries=("country", "nunique"))
        .reset_index()
    )
    if counts.empty:
        counts["p_value"] = pd.Series(dtype="float64")
    counts["n_active"] = counts["day"].map(by_day).astype("int64")
    others = counts.groupby("hashtag")["n_agencies"].transform("sum") - counts["n_agencies"]
    chances = int(by_day.sum()) - counts["n_active"]
    counts["usual"] = np.where(chances > 0, others / np.maximum(chances, 1), 0.0)
    smoothed = (others + 0.5) / (chances + 1)
    counts["p_value"] = np.clip(stats.binom.sf(counts["n_agencies"] - 1, counts["n_active"], smoothed), 0, 1)
    counts["p_adjusted"] = adjust_holm(counts["p_value"])
    told = counts[(counts["n_agencies"] >= fewest_agencies) & (counts["p_adjusted"] < CALLED_UNUSUAL)]
    told = told.sort_values(
        ["n_agencies", "n_posts", "hashtag", "day"], ascending=[False, False, True, True], ignore_index=True
    )
    names = ["hashtag", "day", "n_posts", "n_agencies", "n_active", "n_countries", "usual", "p_value", "p_adjusted"]
    table = told[names].astype({"hashtag": "str", "day": "str", "usual": "float64", "p_adjusted": "float64"})
    table["corpus"] = pd.Series([find_corpus(posts)] * len(table), dtype="str")
    return check_table("campaigns", table)


def list_participants(
    posts: pd.DataFrame,
    hashtag: str,
    day: str,
    accounts: pd.DataFrame | None = None,
    *,
    timezone: str = "UTC",
) -> pd.DataFrame:
    """The table `participants`: one row an agency, whether it used the hashtag that day, and where it is.

    Parameters
    ----------
    posts : DataFrame
        Table `posts`. Agencies are those with posts in it, and those of `accounts`.
    hashtag : str
        With or without #, in any case.
    day : str
        `YYYY-MM-DD`.
    accounts : DataFrame, optional
        Table `accounts`, with `latitude` and `longitude` for the map; an agency lies where the mean of its accounts is.
    timezone : str
        As in `find_campaigns`.

    Raises
    ------
    CompositeError
        If nobody used the hashtag that day, or the day is none.
    """
    name, when = hashtag.strip().lstrip("#＃").casefold(), _check_day(day)
    check_table("posts", posts)
    dated = posts[posts["published"].notna() & posts["agency"].notna()]
    that_day = dated[(name_days(dated["published"], timezone) == when).to_numpy()]
    used = find_hashtags(that_day, timezone=timezone)
    used = used[used["hashtag"] == name]
    if used.empty:
        tags = find_hashtags(posts, timezone=timezone)
        days = tags.loc[tags["hashtag"] == name, "day"]
        hint = (
            f"it was used most on {days.value_counts().sort_index().idxmax()}"
            if len(days)
            else nearest(name, sorted(tags["hashtag"].unique())[:5000])
            if len(tags)
            else "no post has a hashtag"
        )
        raise CompositeError(f"nobody used #{name} on {when}: {hint}")
    key = ["country", "agency"]
    units = posts.loc[posts["agency"].notna(), key]
    places = pd.DataFrame(columns=[*key, "latitude", "longitude"]).set_index(key)
    if accounts is not None:
        check_table("accounts", accounts)
        units = pd.concat([units, accounts[key]])
        if {"latitude", "longitude"} <= set(accounts.columns):
            places = accounts.groupby(key)[["latitude", "longitude"]].mean()
    table = units.drop_duplicates().sort_values(key).set_index(key)
    table["hashtag"], table["day"] = name, when
    table["n_posts"] = that_day.groupby(key).size().reindex(table.index, fill_value=0)
    table["n_tagged"] = used.groupby(key).size().reindex(table.index, fill_value=0)
    table["took_part"] = table["n_tagged"] > 0
    for column in ("latitude", "longitude"):
        table[column] = places[column].reindex(table.index).astype("float64")
    table = table.reset_index()
    table = table.astype({"country": "str", "agency": "str", "hashtag": "str", "day": "str"})
    table["corpus"] = pd.Series([find_corpus(posts)] * len(table), dtype="str")
    return check_table("participants", table)


def _check_day(day: str) -> str:
    try:
        return pd.Timestamp(day).strftime("%Y-%m-%d")
    except (ValueError, TypeError):
        raise CompositeError(f"day={day!r} is no day: write it as 2013-03-22") from None


def measure_participation(participants: pd.DataFrame, *, level: float = 0.95) -> pd.DataFrame:
    """The table `participation`: one row a country, how many of its agencies took part in a campaign day.

    The interval is Wilson's, for agencies like these.

    Parameters
    ----------
    participants : DataFrame
        Table `participants`.
    level : float
        Coverage of the intervals.

    Raises
    ------
    CompositeError
        If the table is empty or of several days.
    """
    check_level(level)
    check_table("participants", participants)
    if len(participants[["hashtag", "day"]].drop_duplicates()) != 1:
        raise CompositeError("participation is measured for one campaign day: give the table of list_participants")
    table = (
        participants.assign(active=participants["n_posts"] > 0)
        .groupby("country")
        .agg(
            hashtag=("hashtag", "first"),
            day=("day", "first"),
            n_agencies=("agency", "size"),
            n_active=("active", "sum"),
            n_took_part=("took_part", "sum"),
            n_tagged=("n_tagged", "sum"),
        )
        .reindex([code for code in COUNTRY_CODES if code in set(participants["country"])])
        .reset_index()
    )
    table["share"] = table["n_took_part"] / table["n_agencies"]
    low, high = proportion_confint(
        table["n_took_part"].to_numpy(), table["n_agencies"].to_numpy(), alpha=1 - level, method="wilson"
    )
    table["low"], table["high"] = np.clip(low, 0, table["share"]), np.clip(high, table["share"], 1)
    table["corpus"] = pd.Series([find_corpus(participants)] * len(table), dtype="str")
    return check_table("participation", table.astype({"country": "str"}))
