"""Tables of which every line must be right: the registry of accounts, and what else is read whole or not at all."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from composite.codebook.contract import check_table
from composite.codebook.countries import find_country
from composite.errors import CompositeError
from composite.posts.records import WRONG_ENCODING, read_records
from composite.posts.sources import find_files
from composite.posts.text import clean_text


def read_accounts(path: str | Path, *, encoding: str = "utf-8") -> pd.DataFrame:
    """The table `accounts` of a file: which account belongs to which agency, and of what kind it is.

    Raises
    ------
    CompositeError
        If the file cannot be read or breaks the contract of the table.
    """
    frame = read_strings(path, is_record=_is_account, encoding=encoding)
    frame = frame.reset_index(drop=True)
    if "country" in frame:
        known = {name: find_country(name) or name for name in frame["country"].dropna().unique()}
        frame["country"] = frame["country"].map(known)
    if "account" in frame:
        frame["account"] = frame["account"].str.lstrip("@")
    for name in ("kind", "language"):
        if name not in frame:
            frame[name] = pd.Series([None] * len(frame), dtype="str")
    return check_table("accounts", frame)


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
