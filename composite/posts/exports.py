"""A file → records whose fields are the columns of `posts`, by the platform's format that its content has."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path, PurePosixPath
from typing import Any

from composite.errors import CompositeError
from composite.posts.documents import find_kind, is_posts, read_values
from composite.posts.lines import read_lines
from composite.posts.others import OPTIONS, find_table
from composite.posts.platforms import FORMATS, NAMES, find_format, recognise
from composite.posts.platforms.feeds import unpack_feed
from composite.posts.platforms.format import Format, SetAside
from composite.posts.records import Record, file_format, read_jsonl, read_records, show
from composite.posts.streams import Source

PEEKED = 20  # the first records may be notices or broken
# columns that no platform has, and that researchers add to its tables
OWN = ("country", "agency", "corpus")
MALFORMED = (AttributeError, KeyError, IndexError, TypeError, ValueError, OverflowError, RecursionError)


class UnknownFormat(CompositeError):
    """The content of a file is of no format that is known."""


class OtherTable(UnknownFormat):
    """A file is a table of ours that is not one of posts.

    Attributes
    ----------
    told : str
        Its name, and what it is for.
    """

    def __init__(self, table: str, source: Source) -> None:
        takes = table in OPTIONS
        self.told = f"{source.name} ({f'for --{table}' if takes else table})"
        super().__init__(
            f"{source.name!r} is a table {table!r} and not one of posts: "
            + (f"give it with --{table} {PurePosixPath(source.name).name} ({table}=)" if takes else "leave it out")
        )


def read_export(
    source: Source,
    *,
    format: str | None,
    columns: dict[str, str],
    is_record: Callable[[dict[str, Any]], bool],
    encoding: str,
    alone: bool = True,
) -> tuple[Format | None, Iterator[tuple[Record, dict[str, Any]]]]:
    """The format of a file, None for a table of our own columns, and its records, each with its fields as they were.

    Parameters
    ----------
    source : Source
    format : str or None
        A name of `NAMES`; None to recognise it.
    columns : dict of str to str
        Names of theirs and ours, which go before what the format knows.
    is_record, encoding
        As in `read_records`.
    alone : bool
        Whether the file itself was named, and not the folder that it is in.

    Raises
    ------
    UnknownFormat
        If nothing tells the format, or it is a table of ours that is not one of posts.
    CompositeError
        If it may be several, or the file cannot be read.
    """
    form = find_format(format) if format else None
    kind = find_kind(source, encoding)
    if kind == "html":
        raise UnknownFormat(
            f"{source.name!r} is a web page or other XML: export the posts as JSON or CSV, or fetch the feed"
        )
    if form is not None and kind == "table" and form.kind != "table":
        kind = "lines"
    if kind == "feed":
        if form is not None and form.kind != "feed":
            raise CompositeError(f"{source.name!r} is a feed, not {form.name}: leave --format out")
        form = FORMATS["rss"]
        return form, _convert(form, enumerate(unpack_feed(source.read_whole(), source.name), 1), columns)
    if kind == "document":
        return _read_document(source, form, format, columns, encoding)
    if kind == "lines":
        records = read_jsonl(read_lines(source, encoding))
    else:
        records = read_records(source, is_record=is_record, encoding=encoding)
    first: list[Record] = []
    # what is read to recognise a format is not read twice
    for record in records:
        first.append(record)
        if record.fields is not None or len(first) == PEEKED:
            break
    records = chain(first, records)
    if format is None:
        seen = [record.fields for record in first if record.fields is not None]
        form = recognise((set(fields) for fields in seen), "table", source.name)
        if form is None and kind == "lines":
            if not seen or not _is_table(seen[0], columns):
                more = [record for _, record in zip(range(PEEKED), records, strict=False)]
                seen, records = [record.fields for record in more if record.fields is not None], chain(more, records)
            form = recognise(seen, "json", source.name)
    if form is None:
        if kind == "table" and format is None:
            file_format(Path(source.name))  # a table that no platform writes is known by its name
        if format is None and (names := next((record.fields for record in first if record.fields), None)):
            table = find_table([columns.get(name, name) for name in names], alone=alone)
            if table is not None:
                raise OtherTable(table, source)
        return None, ((record, record.fields or {}) for record in records)
    if form.kind == "table":
        return form, _convert_rows(form, records, columns)
    return form, _convert(form, _unpack_lines(form, records, source), columns)


def _read_document(
    source: Source, form: Format | None, format: str | None, columns: dict[str, str], encoding: str
) -> tuple[Format | None, Iterator[tuple[Record, dict[str, Any]]]]:
    if format is None and not is_posts(source):
        raise UnknownFormat(f"{source.name!r} holds no posts: those of an X archive are in tweets.js")
    values = read_values(source, encoding)
    first = [item for _, item in zip(range(PEEKED), values, strict=False)]
    if not first:
        raise CompositeError(f"{source.name!r} is an empty list: it holds no posts")
    values = chain(first, values)
    rows = [value for _, value in first if isinstance(value, dict)]
    if format is None:
        form = recognise(rows, "json", source.name)
        if form is None and not (rows and first[0][0] and _is_table(rows[0], columns)):
            raise UnknownFormat(
                f"cannot tell of which format {source.name!r} is: name it with --format NAME (format=), of "
                f"{', '.join(NAMES)}"
            )
    if form is None or form.kind == "table":
        records = (_make_record(number, value) for number, value in values)
        return form, _convert_rows(form, records, columns) if form else ((r, r.fields or {}) for r in records)
    return form, _convert(form, _unpack_values(form, values, source), columns)


def _is_table(fields: dict[str, Any], columns: dict[str, str]) -> bool:
    ours = {columns.get(name, name) for name in fields}
    return "text" in ours and "country" in ours and not any(isinstance(value, dict) for value in fields.values())


def _make_record(number: int, value: Any) -> Record:
    if isinstance(value, SetAside):
        return Record(number, None, value.reason, show(value.value))
    if not isinstance(value, dict):
        return Record(number, None, "not a JSON object", show(str(value)[:200]))
    return Record(number, value)


def _unpack(form: Format, value: Any, owner: str | None) -> Iterator[Any]:
    """The items of a value; one `SetAside` instead, if it is not what the format has."""
    if isinstance(value, SetAside):
        yield value
        return
    try:
        if form.unpack is not None:
            yield from form.unpack(value, owner)
    except SetAside as aside:
        yield aside
    except MALFORMED:
        yield SetAside(f"not as {form.name} has it", str(value)[:200])


def _unpack_lines(form: Format, records: Iterator[Record], source: Source) -> Iterator[tuple[int, Any]]:
    owner = form.owner(source.beside) if form.owner else None
    for record in records:
        if record.fields is None:
            yield record.line, SetAside(record.reason, record.value)
            continue
        for item in _unpack(form, record.fields, owner):
            yield record.line, item


def _unpack_values(form: Format, values: Iterator[tuple[int, Any]], source: Source) -> Iterator[tuple[int, Any]]:
    owner = form.owner(source.beside) if form.owner else None
    for number, value in values:
        # of one object the posts in it are counted, of a list its elements
        for count, item in enumerate(_unpack(form, value, owner), 1):
            yield number or count, item


def _convert(
    form: Format, items: Iterator[tuple[int, Any]], columns: dict[str, str]
) -> Iterator[tuple[Record, dict[str, Any]]]:
    """Records of items; one that is no post is set aside, whatever is wrong with it."""
    for number, item in items:
        raw = item[0] if isinstance(item, tuple) else item
        known = raw if isinstance(raw, dict) else {}
        try:
            if isinstance(raw, SetAside):
                raise raw
            yield Record(number, _with_own(form.read(item), known, columns)), known
        except SetAside as aside:
            yield Record(number, None, aside.reason, show(aside.value[:200])), known
        except MALFORMED:
            yield Record(number, None, f"not as {form.name} has it", show(str(raw)[:200])), known


def _convert_rows(
    form: Format, records: Iterator[Record], columns: dict[str, str]
) -> Iterator[tuple[Record, dict[str, Any]]]:
    for record in records:
        if record.fields is None:
            yield record, {}
        else:
            yield from _convert(form, iter([(record.line, record.fields)]), columns)


def _with_own(row: dict[str, Any], raw: dict[str, Any], columns: dict[str, str]) -> dict[str, Any]:
    """A row with what a researcher added to the table or named of it."""
    row = {name: value for name, value in row.items() if value is not None}
    row |= {name: raw[name] for name in OWN if name in raw and not isinstance(raw[name], dict | list)}
    return row | {ours: raw[theirs] for theirs, ours in columns.items() if theirs in raw}
