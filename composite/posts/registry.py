"""Accounts of posts → their agency and country, from a table of accounts."""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Callable

import pandas as pd

from composite.codebook.contract import check_table
from composite.errors import CompositeError, count
from composite.posts.handles import name_account, name_platform

FILLED = ("agency", "country")
COMPARED = 100  # unmatched accounts, those with most posts first, for which a near name is looked for
SHOWN = 5


def key_accounts(platforms: pd.Series, accounts: pd.Series) -> pd.Series:
    """What makes two ways to write an account one, a Series of text: missing, where there is no account."""
    pairs = pd.DataFrame({"platform": platforms.array, "account": accounts.array}, index=accounts.index)
    number = pairs.groupby(["platform", "account"], sort=False).ngroup().fillna(-1).to_numpy(dtype=int)
    keys = []
    for platform, account in pairs[number >= 0].drop_duplicates().itertuples(index=False):
        place = name_platform(platform).casefold()
        keys.append(f"{place} {name_account(account, place).casefold()}")
    return pd.Series(pd.array(keys, dtype="str").take(number, allow_fill=True), index=accounts.index)


def map_names(values: pd.Series, function: Callable[[str], str | None]) -> pd.Series:
    """What a function gives of each text, missing where it gives nothing: for names, which stand in many posts."""
    places, names = pd.factorize(values)
    found = pd.array([function(name) or None for name in names], dtype="str")
    return pd.Series(found.take(places, allow_fill=True), index=values.index)


def fill_accounts(posts: pd.DataFrame, accounts: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame, int]:
    """Posts with what the accounts say of those that do not say it themselves, and what they cannot say.

    Parameters
    ----------
    posts : DataFrame of n
        Columns of `posts`, as text; `country` as the file has it.
    accounts : DataFrame
        Table `accounts`.

    Returns
    -------
    posts : DataFrame of n
    unmatched : DataFrame
        Table `unmatched_accounts`.
    n_without_account : int
        Posts that do not say it themselves and name no account.

    Raises
    ------
    CompositeError
        If the accounts name one account twice.
    """
    check_table("accounts", accounts)
    keys = key_accounts(accounts["platform"], accounts["account"])
    twice = keys.duplicated()
    if twice.any():
        where = accounts[twice].iloc[0]
        raise CompositeError(
            f"the accounts name {where['account']!r} on {where['platform']} twice, in another case or form "
            f"({count(int(twice.sum()), 'such row')}): keep one"
        )
    said = accounts.set_axis(pd.Index(keys))
    of_post = key_accounts(posts["platform"], posts["account"])
    filled = posts.copy()
    for name in FILLED:
        filled[name] = posts[name].where(posts[name].notna(), of_post.map(said[name])).astype("str")
    # a post that says its agency and country itself needs no account
    needs = posts["agency"].isna() | posts["country"].isna()
    lost = needs & posts["account"].notna() & ~of_post.isin(set(keys))
    unmatched = _list_unmatched(posts[lost], accounts, keys)
    return filled, unmatched, int((needs & posts["account"].isna()).sum())


def note_accounts(unmatched: pd.DataFrame, n_without_account: int) -> list[str]:
    """Notes on accounts that the table of accounts does not name, and on posts that name no account."""
    notes = []
    if len(unmatched):
        first = [
            f"{row.account} ({row.n_posts:,}{f'; {row.nearest}?' if isinstance(row.nearest, str) else ''})"
            for row in unmatched.head(SHOWN).itertuples()
        ]
        more = f" and {len(unmatched) - SHOWN:,} more" if len(unmatched) > SHOWN else ""
        notes.append(
            f"{count(len(unmatched), 'account')} of {count(int(unmatched['n_posts'].sum()), 'post')} not in the table "
            f"of accounts: {', '.join(first)}{more}"
        )
    if n_without_account:
        notes.append(
            f"{count(n_without_account, 'post')} without an account, so that the table of accounts says nothing of them"
        )
    return notes


def _list_unmatched(posts: pd.DataFrame, accounts: pd.DataFrame, keys: pd.Series) -> pd.DataFrame:
    """Table `unmatched_accounts`: accounts of these posts, those with most posts first."""
    counted = posts.groupby(["account", "platform"], dropna=False).size().rename("n_posts").reset_index()
    counted = counted.sort_values(["n_posts", "account", "platform"], ascending=[False, True, True], ignore_index=True)
    known: dict[str, dict[str, str]] = defaultdict(dict)
    elsewhere: dict[str, str] = {}
    for key, account, platform in zip(keys, accounts["account"], accounts["platform"], strict=True):
        place, name = key.split(" ", 1)
        known[place][name] = account
        elsewhere.setdefault(name, f"{account} on {platform}")
    near: list[str | None] = []
    for row in counted.head(COMPARED).itertuples():
        place = name_platform(row.platform).casefold() if isinstance(row.platform, str) else ""
        name = name_account(row.account, place).casefold()
        close = difflib.get_close_matches(name, known[place], n=1, cutoff=0.75)
        near.append(known[place][close[0]] if close else elsewhere.get(name))
    near += [None] * (len(counted) - len(near))
    table = counted.assign(nearest=pd.Series(near, dtype="str"))[["account", "platform", "n_posts", "nearest"]]
    return check_table(
        "unmatched_accounts", table.astype({"account": "str", "platform": "str", "n_posts": "int64", "nearest": "str"})
    )


def sum_unmatched(tables: list[pd.DataFrame]) -> pd.DataFrame:
    """Table `unmatched_accounts` of posts that were read in parts, from that of each part."""
    whole = pd.concat([no_unmatched(), *tables], ignore_index=True)
    # an account that is rare in one part may have been compared with those that are known in another only
    near = whole.dropna(subset=["nearest"]).drop_duplicates(["account", "platform"])
    summed = whole.groupby(["account", "platform"], dropna=False)["n_posts"].sum().reset_index()
    summed = summed.merge(near[["account", "platform", "nearest"]], on=["account", "platform"], how="left")
    summed = summed.sort_values(["n_posts", "account", "platform"], ascending=[False, True, True], ignore_index=True)
    return summed[list(no_unmatched().columns)].astype(no_unmatched().dtypes)


def no_unmatched() -> pd.DataFrame:
    """Table `unmatched_accounts` without a row."""
    empty = pd.DataFrame(columns=["account", "platform", "n_posts", "nearest"])
    return empty.astype({"account": "str", "platform": "str", "n_posts": "int64", "nearest": "str"})
