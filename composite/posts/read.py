"""Read posts of any researcher's files into the table of the contract; lose no row."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from composite.codebook.contract import check_table
from composite.codebook.countries import COUNTRY_CODES
from composite.errors import CompositeError, CompositeWarning
from composite.files import write_table
from composite.posts.accounts import read_accounts
from composite.posts.blocks import frame_parts, walk_blocks
from composite.posts.build import FOREIGN_COUNTRY, build_posts
from composite.posts.rows import ask, rank_reasons, summarise_rows, table_rejected
from composite.posts.text import mask_posts

BLOCK = 20_000  # rows that are dictionaries at one time


@dataclass(frozen=True)
class ReadResult:
    """What came out of some files.

    Attributes
    ----------
    posts : DataFrame
        Table `posts`.
    rejected : DataFrame
        Table `rejected`; `len(posts) + len(rejected) == n_rows`.
    n_rows : int
        Rows that the files hold, blank lines aside.
    notes : tuple of str
        What a reader of the numbers has to know: columns not used, values not there.
    unmatched : DataFrame
        Table `unmatched_accounts`: of posts whose agency or country the table of accounts should give and does not.
    """

    posts: pd.DataFrame
    rejected: pd.DataFrame
    n_rows: int
    notes: tuple[str, ...]
    unmatched: pd.DataFrame

    @property
    def summary(self) -> str:
        """Rows read and set aside, with the reasons, in one line."""
        return summarise_rows(self.n_rows, len(self.posts), "read", Counter(self.rejected["reason"]))


def read_posts(
    source: str | Path,
    *,
    columns: Mapping[str, str] | None = None,
    defaults: Mapping[str, str] | None = None,
    rejected: str | Path | None = None,
    timezone: str = "UTC",
    date_format: str | None = None,
    encoding: str = "utf-8",
    format: str | None = None,
    accounts: pd.DataFrame | str | Path | None = None,
    mask_handles: bool = False,
) -> pd.DataFrame:
    """The table `posts` of a file, a folder or a glob; rows that cannot be read are set aside, with a warning.

    Parameters
    ----------
    source : str or Path
        CSV, TSV, JSONL or Parquet, each also gzipped; an export of a platform, recognised by its content (`composite
        formats` lists them), also as the ZIP archive that it comes in; or a folder or a glob of them.
    columns : mapping of str to str, optional
        Other people's names to ours: `{"created_at": "published"}`.
    defaults : mapping of str to str, optional
        Values for columns that the files lack: `{"country": "GB"}`.
    rejected : str or Path, optional
        A `.csv` to which rows set aside are written (table `rejected`). `scan_posts` returns them instead.
    timezone : str
        Where dates without an offset were written, such as `Europe/London`.
    date_format : str, optional
        For dates that are not ISO 8601, such as `%d/%m/%Y %H:%M`.
    encoding : str
        Of text files, such as `cp1252` for Excel's plain CSV.
    format : str, optional
        Of all the files, such as `x-api-v2`, or `table` for a table that only looks like an export; by default each
        file's is recognised.
    accounts : DataFrame, str or Path, optional
        Table `accounts`, or a file of it: gives agency and country where a post has only its account. It goes before
        `defaults`; what a file says of a post goes before it.
    mask_handles : bool
        Replace @handles of all but the accounts in the table with `@user`.

    Returns
    -------
    DataFrame
        Table `posts`, in the order of the files.

    Raises
    ------
    CompositeError
        If nothing can be read: no such file, no posts, no column for the country or the text.

    Examples
    --------
    >>> import composite as cp
    >>> posts = cp.read_posts(cp.CORPUS / "posts.csv")
    >>> posts["country"].nunique()
    10
    """
    result = scan_posts(
        source,
        columns=columns,
        defaults=defaults,
        timezone=timezone,
        date_format=date_format,
        encoding=encoding,
        format=format,
        accounts=accounts,
        mask_handles=mask_handles,
    )
    if rejected is not None:
        write_table(rejected, result.rejected)
    if len(result.rejected):
        where = f"see {rejected}" if rejected else "scan_posts(...).rejected lists them"
        warnings.warn(f"{result.summary}; {where}", CompositeWarning, stacklevel=2)
    for note in result.notes:
        warnings.warn(note, CompositeWarning, stacklevel=2)
    return result.posts


def scan_posts(
    source: str | Path | Iterable[str | Path],
    *,
    columns: Mapping[str, str] | None = None,
    defaults: Mapping[str, str] | None = None,
    timezone: str = "UTC",
    date_format: str | None = None,
    encoding: str = "utf-8",
    format: str | None = None,
    accounts: pd.DataFrame | str | Path | None = None,
    mask_handles: bool = False,
) -> ReadResult:
    """Posts, rows set aside and notes of one or more files, folders or globs; parameters as in `read_posts`.

    Raises
    ------
    CompositeError
        As `read_posts`.
    """
    if isinstance(accounts, str | Path):
        accounts = read_accounts(accounts)
    asked = ask(columns, defaults, format, encoding, accounts is not None)
    sources = [source] if isinstance(source, str | Path) else list(source)
    bad: list[dict[str, Any]] = []
    notes: list[str] = []
    names: list[str] = []
    frames, n_rows = [], 0
    for block in walk_blocks(sources, asked, notes, names, BLOCK):
        n_rows += block.n_rows
        bad += block.rejected
        frames.append(block.frame)
    frame = frame_parts(frames)
    del frames
    built = build_posts(frame, defaults=asked.defaults, accounts=accounts, timezone=timezone, date_format=date_format)
    frame, more = built.posts, built.notes
    notes += more
    table = table_rejected([*bad, *built.rejected])
    if frame.empty:
        reasons = "; ".join(f"{reason} ({n:,})" for reason, n in rank_reasons(Counter(table["reason"]))[:3])
        raise CompositeError(
            f"no row of {', '.join(names[:3])} is a post: {reasons or 'it has no rows'}"
            + (f". {more[0]}" if len(built.unmatched) else "")
        )
    if len(table) > len(frame):
        reason, most = rank_reasons(Counter(table["reason"]))[0]
        notes.insert(0, f"more rows were set aside than read, {most:,} of them for one reason: {reason}")
    if (table["reason"] == FOREIGN_COUNTRY).any():
        notes.append(f"countries are written as {', '.join(COUNTRY_CODES)} or by their English names")
    posts = frame.drop(columns=["_file", "_line", "_made"])
    posts = mask_posts(posts) if mask_handles else posts
    return ReadResult(check_table("posts", posts), table, n_rows, tuple(notes), built.unmatched)
