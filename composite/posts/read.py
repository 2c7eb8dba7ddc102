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
from composite.codebook.countries import COUNTRY_CODES, find_country
from composite.errors import CompositeError, CompositeWarning, count, nearest
from composite.files import write_table
from composite.posts.accounts import read_accounts
from composite.posts.build import FOREIGN_COUNTRY, build_posts
from composite.posts.exports import UnknownFormat
from composite.posts.platforms import find_format
from composite.posts.rows import COLUMNS, Asked, read_rows
from composite.posts.sources import find_sources
from composite.posts.text import mask_posts


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
        line = f"{self.n_rows:,} rows: {len(self.posts):,} read, {len(self.rejected):,} set aside"
        if len(self.rejected):
            reasons = Counter(reason.split(":")[0] for reason in self.rejected["reason"])
            line += " (" + ", ".join(f"{reason} {count:,}" for reason, count in reasons.most_common(6)) + ")"
        return line


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
    columns, defaults = dict(columns or {}), dict(defaults or {})
    for ours in (ours for ours, times in Counter(columns.values()).items() if times > 1):
        raise CompositeError(f"two columns are named for {ours!r}: choose one of them")
    for ours in (*columns.values(), *defaults):
        if ours not in COLUMNS:
            raise CompositeError(f"posts have no column {ours!r}: {nearest(ours, COLUMNS)}")
    if "country" in defaults and find_country(defaults["country"]) is None:
        raise CompositeError(f"default country {defaults['country']!r}: {nearest(defaults['country'], COUNTRY_CODES)}")
    if format is not None:
        find_format(format)
    if isinstance(accounts, str | Path):
        accounts = read_accounts(accounts)
    asked = Asked(columns, defaults, format, encoding, accounts is not None)
    sources = [source] if isinstance(source, str | Path) else list(source)
    good: list[dict[str, Any]] = []
    bad: list[dict[str, Any]] = []
    notes: list[str] = []
    names: list[str] = []
    formats: dict[str, list[str]] = {}
    unknown: list[UnknownFormat] = []
    passed: list[str] = []
    for found, named in (pair for item in sources for pair in find_sources(item)):
        try:
            rows, rejected, form = read_rows(found, asked, notes)
        except UnknownFormat as error:
            # beside posts, a folder or an archive may hold what is none; a file that is named may not
            if named:
                raise
            unknown.append(error)
            passed.append(found.name)
            continue
        names.append(found.name)
        good.extend(rows)
        bad.extend(rejected)
        if form is not None:
            formats.setdefault(form.name, []).append(found.name)
    if not names and unknown:
        raise unknown[0] if len(unknown) == 1 else CompositeError(f"{unknown[0]} ({count(len(unknown), 'such file')})")
    if passed:
        notes.append(f"{count(len(passed), 'file')} not read, being of no known format: {_list(passed)}")
    if format is None and formats:
        notes.append("recognised: " + "; ".join(f"{name} ({_list(files)})" for name, files in formats.items()))
    columns_found = ["_file", "_line", *dict.fromkeys(name for row in good for name in row if name[0] != "_")]
    # object, since integers beside a missing value would become floats, and long post_ids lose their last digits
    frame = pd.DataFrame(good, columns=columns_found, dtype=object)
    frame, rejected_rows, more, unmatched = build_posts(
        frame, defaults=defaults, accounts=accounts, timezone=timezone, date_format=date_format
    )
    notes += more
    table = pd.DataFrame([*bad, *rejected_rows], columns=["file", "line", "reason", "value"])
    table = table.sort_values(["file", "line"], kind="stable", ignore_index=True)
    table = table.astype({"file": "str", "line": "int64", "reason": "str", "value": "str"})
    if frame.empty:
        reasons = "; ".join(f"{reason} ({n:,})" for reason, n in Counter(table["reason"]).most_common(3))
        raise CompositeError(
            f"no row of {', '.join(names[:3])} is a post: {reasons or 'it has no rows'}"
            + (f". {more[0]}" if len(unmatched) else "")
        )
    if len(table) > len(frame):
        reason, most = Counter(table["reason"]).most_common(1)[0]
        notes.insert(0, f"more rows were set aside than read, {most:,} of them for one reason: {reason}")
    if (table["reason"] == FOREIGN_COUNTRY).any():
        notes.append(f"countries are written as {', '.join(COUNTRY_CODES)} or by their English names")
    posts = mask_posts(frame) if mask_handles else frame
    return ReadResult(check_table("posts", posts), table, len(good) + len(bad), tuple(notes), unmatched)


def _list(names: list[str]) -> str:
    more = f" and {len(names) - 3:,} more" if len(names) > 3 else ""
    return ", ".join(names[:3]) + more
