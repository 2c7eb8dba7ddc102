"""Rows as files have them → the table `posts`; rows that cannot be posts are set aside."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pandas as pd

from composite.codebook.countries import find_country
from composite.codebook.tables import TABLES, TIME
from composite.errors import agree, count
from composite.posts.dates import parse_times
from composite.posts.handles import name_platform
from composite.posts.registry import fill_accounts, map_names, no_unmatched, note_accounts
from composite.posts.rows import COLUMNS, COUNTS, NAMES
from composite.posts.text import clean_name, clean_text

NAMING = ("country", "agency", "account", "platform", "published", "text", "reply_to", "url")
TWICE = "duplicate post_id (the first is kept)"
TWICE_NAMELESS = "duplicate post without a post_id (the first is kept)"
NAMELESS = " without a post_id: it is made from agency, account, date and text"
FOREIGN_DATE = "date not in ISO 8601: say its form with --date-format (date_format='%d/%m/%Y %H:%M')"
FOREIGN_COUNTRY = "not one of the ten countries"
# one account, language and platform must not be two because they are written in two ways: en-GB and EN are English
WRITTEN: dict[str, Callable[[str], str]] = {
    "account": lambda name: name.lstrip("@"),
    "language": lambda name: re.split("[-_]", name)[0].lower(),
    "platform": name_platform,
}
WORN = "post_id is a fraction, which has lost digits: write it as text"


@dataclass(frozen=True)
class Built:
    """Posts of some rows.

    Attributes
    ----------
    posts : DataFrame
        Table `posts` with `_file`, `_line` and `_made`: no post_id was given.
    rejected : list of dict
        Rows of the table `rejected`.
    notes : list of str
    unmatched : DataFrame
        Table `unmatched_accounts`.
    n_without_account : int
        Posts of which the table of accounts should say something, and which name no account.
    unread : dict of str to int
        Values that are no counts, by the column of counts.
    """

    posts: pd.DataFrame
    rejected: list[dict[str, Any]]
    notes: list[str]
    unmatched: pd.DataFrame
    n_without_account: int
    unread: dict[str, int]


def build_posts(
    frame: pd.DataFrame,
    *,
    defaults: dict[str, str],
    accounts: pd.DataFrame | None,
    timezone: str,
    date_format: str | None,
) -> Built:
    """Rows as read → the table `posts`, and what is set aside and to be said of it.

    What a file says of a post goes before what the accounts say, and that before the defaults.
    """
    rejected: list[dict[str, Any]] = []
    homeless = "no country" if accounts is None else "no country: its account is not in the table of accounts"

    def set_aside(frame: pd.DataFrame, wrong: Any, reason: str, values: Any) -> pd.DataFrame:
        if not wrong.any():
            return frame
        for file, line, value in zip(frame["_file"][wrong], frame["_line"][wrong], values[wrong], strict=True):
            rejected.append({"file": file, "line": line, "reason": reason, "value": str(value)[:80]})
        return frame[~wrong]

    for name in COLUMNS:
        if name not in frame and (TABLES["posts"].columns[name].required or name in defaults):
            frame[name] = None
    if frame["post_id"].dtype == object:
        lost = frame["post_id"].map(_has_lost_digits).astype(bool)
        frame = set_aside(frame, lost, WORN, frame["post_id"])
    names = [name for name in COLUMNS if name in frame]
    texts = [name for name in names if name not in ("published", *COUNTS)]
    for name in texts:
        if frame[name].dtype == object:  # texts of a Parquet file are clean, and of type str
            clean = clean_name if name in NAMES else clean_text
            values = [clean(_write(v)) or None if v is not None and v == v else None for v in frame[name]]
            frame[name] = pd.Series(values, index=frame.index, dtype="str")
        if name in WRITTEN:
            frame[name] = map_names(frame[name], WRITTEN[name])
    unmatched, lone = no_unmatched(), 0
    if accounts is not None:
        frame, unmatched, lone = fill_accounts(frame, accounts)
    notes = note_accounts(unmatched, lone)
    for name, value in defaults.items():
        frame[name] = frame[name].where(frame[name].notna(), value)
    frame = set_aside(frame, frame["text"].isna(), "empty text", frame["text"].fillna(""))
    codes = map_names(frame["country"], find_country)
    named = frame["country"].notna()
    frame = set_aside(frame.assign(_code=codes), codes.isna() & named, FOREIGN_COUNTRY, frame["country"])
    frame = set_aside(frame, frame["country"].isna(), homeless, frame["post_id"].fillna(""))
    frame["country"] = frame.pop("_code")
    times, wrong = parse_times(frame["published"], timezone=timezone, date_format=date_format)
    # a date in another form is not impossible: the cure is to say the form
    foreign = wrong & (date_format is None)
    foreign[foreign] = ~frame["published"][foreign].astype("str").str.match(r"\s*\d{4}-?\d\d", na=False)
    frame = set_aside(frame.assign(_time=times, _wrong=wrong), foreign, FOREIGN_DATE, frame["published"])
    frame = set_aside(frame, frame.pop("_wrong"), "impossible date", frame["published"])
    frame["published"] = frame.pop("_time").astype(TIME)
    unread = {}
    for name in COUNTS:
        if name in frame:
            numbers = _read_counts(frame[name])
            unread[name] = int(((numbers.isna() & frame[name].notna()) | (numbers < 0)).sum())
            frame[name] = numbers.where(numbers >= 0)
    notes += note_unread(unread)
    unnamed = frame["post_id"].isna()
    if unnamed.any():
        notes.append(f"{count(int(unnamed.sum()), 'post')}{NAMELESS}")
        parts = frame.loc[unnamed, [name for name in NAMING if name in frame]]
        frame.loc[unnamed, "post_id"] = [_make_id(*row) for row in parts.itertuples(index=False)]
        frame["post_id"] = frame["post_id"].astype("str")
    twice = frame["post_id"].duplicated()
    frame = set_aside(frame.assign(_twice=twice), twice & unnamed, TWICE_NAMELESS, frame["text"])
    frame = set_aside(frame, frame.pop("_twice"), TWICE, frame["post_id"])
    notes += note_missing(len(frame), {name: int(frame[name].isna().sum()) for name in ("agency", "published")})
    posts = frame.assign(_made=unnamed[frame.index])[["_file", "_line", "_made", *names]].reset_index(drop=True)
    return Built(posts, rejected, notes, unmatched, lone, unread)


def _has_lost_digits(value: Any) -> bool:
    """Whether a value is a floating-point number beyond which not every whole number can be told from the next."""
    return isinstance(value, float) and value == value and abs(value) >= 2**53


def _write(value: Any) -> str:
    """A value as text; a whole number without a point, since tables with gaps hold whole numbers as fractions.

    >>> _write(7.0), _write(7.5), _write(True)
    ('7', '7.5', 'True')
    """
    if isinstance(value, float | Decimal) and math.isfinite(value) and value == int(value):
        return str(int(value))
    return str(value)


def note_unread(unread: Mapping[str, int]) -> list[str]:
    """Notes on values that are no counts, by the column."""
    names = [name for name in COUNTS if unread.get(name)]
    return [f"{count(unread[name], 'value')} of {name!r} taken as missing: not a count" for name in names]


def note_missing(n: int, missing: Mapping[str, int]) -> list[str]:
    """Notes on how many of n posts lack an agency or a date."""
    meanings = {"agency": ", which every standard error needs", "published": ", and so no month"}
    return [
        f"{missing[name]:,} of {count(n, 'post')} {agree(missing[name], 'has', 'have')} no {name!r}{meaning}"
        for name, meaning in meanings.items()
        if missing[name]
    ]


def _read_counts(values: pd.Series) -> pd.Series:
    """Numbers of what a column of counts holds, missing where it is none or has no end."""
    try:
        numbers = pd.to_numeric(values, errors="coerce").astype("float64")
    except OverflowError:  # JSON writes integers of any length
        short = [None if isinstance(value, int) and abs(value) > 1e300 else value for value in values]
        numbers = pd.to_numeric(pd.Series(short, values.index, dtype=object), errors="coerce").astype("float64")
    return numbers.replace(float("inf"), float("nan"))


def _make_id(*parts: Any) -> str:
    # the last two are left out where a post has none, so that other files' columns do not change its name
    said = [*parts[:6], *(part for part in parts[6:] if part == part and part is not None)]
    return hashlib.sha1("|".join(map(str, said)).encode(), usedforsecurity=False).hexdigest()[:12]
