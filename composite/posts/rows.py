"""A file → rows as its records have them, and those that are set aside."""

from __future__ import annotations

import reprlib
from dataclasses import dataclass
from typing import Any

from composite.codebook.countries import find_country
from composite.codebook.tables import TABLES
from composite.errors import CompositeError, nearest
from composite.posts.exports import read_export
from composite.posts.platforms.format import Format
from composite.posts.streams import Source
from composite.posts.text import clean_text

COLUMNS = tuple(TABLES["posts"].columns)
NEEDED = ("country", "text")
MISSING = ("NA", "NaN", "nan", "NULL", "null", "None")  # what R, pandas and databases write for a missing value


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


def read_rows(
    source: Source, asked: Asked, notes: list[str]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], Format | None]:
    """Rows of a file with `_file` and `_line`, rows of the table `rejected`, and the format that the file has.

    Raises
    ------
    CompositeError
        If the file cannot be read, or lacks a column that is needed.
    """
    columns = asked.columns
    theirs = next((name for name, ours in columns.items() if ours == "country"), "country")

    def is_record(fields: dict[str, Any]) -> bool:
        return find_country(str(fields[theirs])) is not None if theirs in fields else len(fields) >= 5

    good: list[dict[str, Any]] = []
    bad: list[dict[str, Any]] = []
    seen: set[str] = set()
    form, records = read_export(
        source, format=asked.format, columns=columns, is_record=is_record, encoding=asked.encoding
    )
    # an adapter has given what the user's names of columns mean already
    given = {} if form else columns
    file = clean_text(source.name)
    for record, raw in records:
        if record.fields is None:
            bad.append({"file": file, "line": record.line, "reason": record.reason, "value": record.value})
            continue
        seen.update(raw)
        row: dict[str, Any] = {"_file": file, "_line": record.line}
        wrong = None
        for name, value in record.fields.items():
            ours = given.get(name, name)
            # a column that the user names goes before one that happens to be called so
            if ours not in COLUMNS or (name not in given and ours in given.values()):
                continue
            if isinstance(value, bytes):
                try:
                    value = value.decode()
                except UnicodeDecodeError:
                    wrong = {"reason": f"{ours!r} is not UTF-8", "value": reprlib.repr(value)}
            if isinstance(value, list | dict):
                wrong = {"reason": f"{ours!r} is a list or an object", "value": reprlib.repr(value)}
            elif isinstance(value, str):
                value = clean_text(value)
                value = None if ours != "text" and value in MISSING else value
            if value is not None and value != "":
                row[ours] = value
        if wrong:
            bad.append({"file": file, "line": record.line, **wrong})
        else:
            good.append(row)
    if good:
        notes += _check_columns(source.name, form, seen, asked)
    return good, bad, form


def _check_columns(file: str, form: Format | None, seen: set[str], asked: Asked) -> list[str]:
    """Notes on columns that are not used but may be meant; an error if one that is needed is not there."""
    columns = asked.columns
    for theirs in columns:
        if theirs not in seen:
            raise CompositeError(f"{file!r} has no column {theirs!r}: {nearest(theirs, sorted(seen))}")
    got = {columns.get(name, name) for name in seen} | set(asked.defaults)
    if form is not None:
        if "country" not in got and not asked.accounts:
            raise CompositeError(
                f"{file!r} ({form.name}) does not say of which country and agency its accounts are: give a table of "
                "accounts with --accounts FILE (accounts=), or one country for all with --set country=GB "
                "(defaults={'country': 'GB'})"
            )
        return []
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
            )
    unused = sorted(name for name in seen if columns.get(name, name) not in COLUMNS)
    hints = {name: nearest(name, [ours for ours in COLUMNS if ours not in got]) for name in unused}
    return [f"{file!r}: column {name!r} is not used; {hint}" for name, hint in hints.items() if hint.startswith("did")]
