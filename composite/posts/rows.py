"""A file → rows as its records have them, and those that are set aside."""

from __future__ import annotations

import reprlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from composite.codebook.countries import COUNTRY_CODES, find_country
from composite.codebook.tables import TABLES
from composite.errors import CompositeError, count, nearest
from composite.posts.exports import read_export
from composite.posts.others import OPTIONS, resemble_table
from composite.posts.platforms import find_format
from composite.posts.platforms.format import Format
from composite.posts.records import Record
from composite.posts.streams import Source
from composite.posts.text import clean_name, clean_text

COLUMNS = tuple(TABLES["posts"].columns)
NAMES = frozenset({"country", "agency", "account", "platform", "language", "corpus"})  # the same in many posts
COUNTS = ("reposts", "likes", "replies", "followers")
NEEDED = ("country", "text")
# what R, pandas and databases write for a missing value
MISSING = frozenset({"NA", "NaN", "nan", "NULL", "null", "None"})


@dataclass(frozen=True)
class Asked:
    """What is asked of every file.

    Attributes
    ----------
    columns, defaults : dict of str to str
        Names of theirs and ours; values for what the files lack.
    format : str or None
        Of platforms' exports; None to recognise it.
    encoding : str
    accounts : bool
        Whether a table of accounts will give countries.
    """

    columns: dict[str, str]
    defaults: dict[str, str]
    format: str | None
    encoding: str
    accounts: bool


def open_rows(
    source: Source, asked: Asked, notes: list[str], *, alone: bool = True
) -> tuple[Iterator[dict[str, Any]], Format | None]:
    """Every row of a file, in order, and the format that the file has; its notes are there when all rows are read.

    `alone` says whether the file itself was named, and not the folder that it is in.

    A row has our columns, `_file` and `_line`; or, if it is set aside, what a row of the table `rejected` has.

    Raises
    ------
    CompositeError
        If the file cannot be read, or lacks a column that is needed.
    """
    theirs = next((name for name, ours in asked.columns.items() if ours == "country"), "country")

    def is_record(fields: dict[str, Any]) -> bool:
        return find_country(str(fields[theirs])) is not None if theirs in fields else len(fields) >= 5

    form, records = read_export(
        source,
        format=asked.format,
        columns=asked.columns,
        is_record=is_record,
        encoding=asked.encoding,
        alone=alone,
    )
    return _read_rows(source, form, records, asked, notes), form


def _read_rows(
    source: Source,
    form: Format | None,
    records: Iterator[tuple[Record, dict[str, Any]]],
    asked: Asked,
    notes: list[str],
) -> Iterator[dict[str, Any]]:
    found = False
    seen: set[str] = set()
    # an adapter has given what the user's names of columns mean already
    given = {} if form else asked.columns
    ours_of: dict[str, str | None] = {}  # of every name in the file; None, if the column is not used
    file = clean_text(source.name)
    for record, raw in records:
        if record.fields is None:
            yield {"file": file, "line": record.line, "reason": record.reason, "value": record.value}
            continue
        seen.update(raw)
        row: dict[str, Any] = {"_file": file, "_line": record.line}
        wrong = None
        for name, value in record.fields.items():
            if name not in ours_of:
                ours_of[name] = choose_column(name, given)
            ours = ours_of[name]
            if ours is None or value is None:
                continue
            if isinstance(value, bytes):
                try:
                    value = value.decode()
                except UnicodeDecodeError:
                    wrong = {"reason": f"{ours!r} is not UTF-8", "value": reprlib.repr(value)}
            if isinstance(value, list | dict):
                wrong = {"reason": f"{ours!r} is a list or an object", "value": reprlib.repr(value)}
            elif isinstance(value, str):
                value = read_text(value, ours)
            if value is not None and value != "":
                row[ours] = value
        if wrong:
            yield {"file": file, "line": record.line, **wrong}
        else:
            found = True
            yield row
    if found:
        notes += check_columns(source.name, form, seen, asked)


def read_text(value: str, ours: str) -> str | None:
    """The text that a cell of our column `ours` holds; None, if it is empty or stands for a missing value."""
    text = clean_name(value) if ours in NAMES else clean_text(value)
    return None if not text or (ours != "text" and text in MISSING) else text


def choose_column(name: str, given: Mapping[str, str]) -> str | None:
    """Our column that the column `name` of a file gives; None, if it gives none."""
    ours = given.get(name, name)
    # a column that the user names goes before one that happens to be called so
    return None if ours not in COLUMNS or (name not in given and ours in given.values()) else ours


def table_rejected(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """The table `rejected` of rows set aside, by file and line."""
    table = pd.DataFrame(rows, columns=["file", "line", "reason", "value"])
    table = table.sort_values(["file", "line"], kind="stable", ignore_index=True)
    return table.astype({"file": "str", "line": "int64", "reason": "str", "value": "str"})


def rank_reasons(reasons: Mapping[str, int]) -> list[tuple[str, int]]:
    """Reasons for which rows were set aside and how many were, the most common first, whatever the order they have."""
    return sorted(reasons.items(), key=lambda pair: (-pair[1], pair[0]))


def summarise_rows(n_rows: int, n_posts: int, done: str, reasons: Mapping[str, int]) -> str:
    """Rows, those of which posts came and those set aside, with what their reasons begin with, in one line."""
    line = f"{count(n_rows, 'row')}: {n_posts:,} {done}, {sum(reasons.values()):,} set aside"
    short: Counter[str] = Counter()
    for reason, n in reasons.items():
        short[reason.split(":")[0]] += n
    ranked = rank_reasons(short)
    said = [f"{why} {n:,}" for why, n in ranked[:6]]
    said += [f"other reasons {sum(n for _, n in ranked[6:]):,}"] if len(ranked) > 6 else []
    return line + (f" ({', '.join(said)})" if said else "")


def ask(
    columns: Mapping[str, str] | None,
    defaults: Mapping[str, str] | None,
    format: str | None,
    encoding: str,
    accounts: bool,
) -> Asked:
    """What is asked of every file, if columns and defaults name columns of posts, none twice, and a known country.

    Raises
    ------
    CompositeError
        If they do not, or the format is not known.
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
    return Asked(columns, defaults, format, encoding, accounts)


def check_columns(file: str, form: Format | None, seen: set[str], asked: Asked) -> list[str]:
    """Notes on columns that are not used but may be meant; an error if one that is needed is not there.

    Raises
    ------
    CompositeError
        Naming the column, and the cure.
    """
    columns = asked.columns
    notes = []
    for theirs, ours in columns.items():
        if theirs in seen:
            continue
        # an export needs no names, and what is given for all need not be in every file
        if form is None and ours not in asked.defaults:
            raise CompositeError(f"{file!r} has no column {theirs!r}: {nearest(theirs, sorted(seen))}")
        notes.append(f"{file!r} has no column {theirs!r}")
    got = {columns.get(name, name) for name in seen} | set(asked.defaults)
    if form is not None:
        if "country" not in got and not asked.accounts:
            raise CompositeError(
                f"{file!r} ({form.name}) does not say of which country and agency its accounts are: give a table of "
                "accounts with --accounts FILE (accounts=), or one country for all with --set country=GB "
                "(defaults={'country': 'GB'})"
            )
        return notes
    table = resemble_table(got)
    for ours in NEEDED:
        if ours not in got and not (ours == "country" and asked.accounts):
            raise CompositeError(
                f"{file!r} has no column {ours!r}: {nearest(ours, sorted(seen))}. Name yours with "
                f"columns={{'…': {ours!r}}} (--column …={ours})"
                + (
                    " or give one for all with defaults={'country': 'GB'} (--set country=GB)"
                    if ours == "country"
                    else ""
                )
                + "; `composite formats` lists the exports that are read as they are"
                + (f". Is it the table {table!r}? Give it with --{table}" if table in OPTIONS else "")
            )
    unused = sorted(name for name in seen if columns.get(name, name) not in COLUMNS)
    hints = {name: nearest(name, [ours for ours in COLUMNS if ours not in got]) for name in unused}
    return notes + [
        f"{file!r}: column {name!r} is not used; {hint}" for name, hint in hints.items() if hint.startswith("did")
    ]
