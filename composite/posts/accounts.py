"""Tables of which every line must be right: accounts, followers, and what else is read whole or not at all."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from composite.codebook.contract import check_table
from composite.codebook.countries import find_country
from composite.errors import CompositeError, count, nearest
from composite.posts.dates import parse_times
from composite.posts.handles import name_account, name_platform
from composite.posts.records import WRONG_ENCODING, read_records
from composite.posts.sources import find_files
from composite.posts.text import clean_text


def read_accounts(path: str | Path, *, encoding: str = "utf-8") -> pd.DataFrame:
    """The table `accounts` of a file: which account belongs to which agency, and of what kind it is.

    Latitude and longitude of the agency's seat, in degrees, and the population that it serves may be there too.

    Raises
    ------
    CompositeError
        If the file cannot be read or breaks the contract of the table.
    """
    frame = read_strings(path, is_record=_is_account, encoding=encoding)
    lines = list(frame.index)
    frame = frame.reset_index(drop=True)
    if "country" in frame:
        known = {name: find_country(name) or name for name in frame["country"].dropna().unique()}
        frame["country"] = frame["country"].map(known)
    if "account" in frame and "platform" in frame:
        frame["platform"] = frame["platform"].map(name_platform, na_action="ignore")
        pairs = zip(frame["account"], frame["platform"], strict=True)
        frame["account"] = pd.Series([a if pd.isna(a) else name_account(a, p) for a, p in pairs], dtype="str")
    for name in ("kind", "language"):
        if name not in frame:
            frame[name] = pd.Series([None] * len(frame), dtype="str")
    for name in ("latitude", "longitude", "population"):
        if name in frame:
            frame[name] = _read_numbers(frame[name], lines, name, Path(path).name)
    return check_table("accounts", frame)


def read_audience(
    path: str | Path,
    *,
    corpus: str | None = None,
    timezone: str = "UTC",
    date_format: str | None = None,
    encoding: str = "utf-8",
) -> pd.DataFrame:
    """The table `audience` of a file: one row a count of the followers of an account, at any dates.

    Parameters
    ----------
    path : str or Path
        One file in a format of `read_posts` with the columns `account`, `platform`, `date` and `followers`.
    corpus : str, optional
        Name of the corpus, where the file has no such column; `illustrative` marks invented counts.
    timezone, date_format, encoding
        As in `read_posts`.

    Returns
    -------
    DataFrame
        Table `audience`, by platform, account and date.

    Raises
    ------
    CompositeError
        If the file cannot be read, lacks a column, or a date or count in it is none: the line is named.
    """
    frame = read_strings(path, is_record=lambda fields: bool(fields.get("account")), encoding=encoding)
    file, lines = Path(path).name, list(frame.index)
    for name in ("account", "platform", "date", "followers"):
        if name not in frame:
            raise CompositeError(f"{file!r} has no column {name!r}: {nearest(name, frame.columns)}")
        empty = frame[name].isna()
        if empty.any():
            raise CompositeError(
                f"{file}, line {frame.index[empty][0]}: {name!r} is empty: fill it in or drop the line"
            )
    dates, wrong = parse_times(frame["date"], timezone=timezone, date_format=date_format)
    if wrong.any():
        raise CompositeError(
            f"{file}, line {frame.index[wrong][0]}: {frame['date'][wrong].iloc[0]!r} is no date of 1990 to 2100: write "
            "2013-02-28, or say its form with date_format='%d/%m/%Y'"
        )
    numbers = _read_numbers(frame["followers"], lines, "followers", file)
    odd = (numbers < 0) | (numbers % 1 != 0)
    if odd.any():
        raise CompositeError(
            f"{file}, line {frame.index[odd][0]}: {frame['followers'][odd].iloc[0]!r} is no count of followers: write "
            "a whole number of 0 or more"
        )
    table = pd.DataFrame(
        {
            "account": frame["account"].map(name_account).astype("str"),
            "platform": frame["platform"].map(name_platform).astype("str"),
            "date": dates,
            "followers": numbers.astype("int64"),
            "corpus": frame["corpus"]
            if "corpus" in frame
            else pd.Series([corpus] * len(frame), frame.index, dtype="str"),
        }
    )
    twice = table.assign(account=table["account"].str.casefold()).duplicated(["account", "platform", "date"])
    if twice.any():
        who = table[twice].iloc[0]
        raise CompositeError(
            f"{file}, line {table.index[twice][0]}: {who['account']!r} is counted twice at "
            f"{who['date']:%Y-%m-%d %H:%M} ({count(int(twice.sum()), 'such line')}): keep one"
        )
    return check_table("audience", table.sort_values(["platform", "account", "date"], ignore_index=True))


def _read_numbers(values: pd.Series, lines: list[int], name: str, file: str) -> pd.Series:
    """Numbers of strings; the first that is none is an error that names its line."""
    numbers = pd.to_numeric(values, errors="coerce").astype("float64")
    wrong = ((numbers.isna() | numbers.abs().eq(float("inf"))) & values.notna()).to_numpy()
    if wrong.any():
        at = int(wrong.argmax())
        raise CompositeError(f"{file}, line {lines[at]}: {name} {values.iloc[at]!r} is no number: write it as 1234.5")
    return numbers


def _is_account(fields: dict[str, Any]) -> bool:
    return find_country(str(fields.get("country", ""))) is not None


def read_strings(
    path: str | Path, *, is_record: Callable[[dict[str, Any]], bool], encoding: str = "utf-8"
) -> pd.DataFrame:
    """Every column of a table as strings, empty cells missing; the index is the line of the file.

    Parameters
    ----------
    path : str or Path
        One file in a format of `read_posts`.
    is_record, encoding
        See `read_records`.

    Raises
    ------
    CompositeError
        If there is no such file, or a line of it cannot be read.
    """
    file = Path(path).expanduser()
    if file.is_dir():
        raise CompositeError(f"{str(path)!r} is a folder: name the file in it")
    rows, lines = [], []
    for record in read_records(find_files(file)[0], is_record=is_record, encoding=encoding):
        if record.fields is None:
            why = (
                "it is not in UTF-8: save it so, or name its encoding with --encoding (encoding=)"
                if record.reason == WRONG_ENCODING
                else record.reason
            )
            raise CompositeError(f"{file.name}, line {record.line}: {why} ({record.value!r})")
        rows.append({k: None if v is None else clean_text(str(v)) or None for k, v in record.fields.items()})
        lines.append(record.line)
    if not rows:
        raise CompositeError(f"{file.name!r} has a header and no lines")
    return pd.DataFrame(rows, index=lines, dtype="str")
