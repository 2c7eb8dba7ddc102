"""Bytes of a file → its records, one by one, each with its line: the only place that knows file formats.

Every record comes out, as a dictionary of strings or as the reason why it could not be one. Nothing is skipped in
silence: records that are yielded, good and bad, are all that the file holds.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from composite.errors import CompositeError, count, nearest
from composite.posts.lines import WRONG_ENCODING as WRONG_ENCODING
from composite.posts.lines import bad_text, check_encoding, read_lines
from composite.posts.streams import DAMAGED, GZIP, Source, open_file
from composite.posts.text import clean_text

FORMATS = (".csv", ".tsv", ".jsonl", ".ndjson", ".parquet")
DELIMITERS = ",;\t|"
# longest record in lines and characters: a quote that is never closed must not swallow the file
MAX_LINES, MAX_CHARACTERS = 500, 200_000
ROWS = 10_000  # of a Parquet file at one time


@dataclass(frozen=True, slots=True)
class Record:
    """One record of a file.

    Attributes
    ----------
    line : int
        Where it starts, from 1 (row, in Parquet).
    fields : dict of str to object, or None
        Its columns; None if it cannot be read.
    reason, value : str
        Why not, and the start of what was found.
    """

    line: int
    fields: dict[str, Any] | None
    reason: str = ""
    value: str = ""


def file_format(path: Path) -> str:
    """The ending that tells the format of `path`, without `.gz`.

    Raises
    ------
    CompositeError
        If it is none that can be read.
    """
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes and suffixes[-1] == ".gz":
        suffixes.pop()
    ending = suffixes[-1] if suffixes else ""
    if ending not in FORMATS:
        raise CompositeError(
            f"cannot tell the format of {path.name!r}: {nearest(ending or path.name, FORMATS)} (each also with .gz)"
        )
    return ending


def read_records(
    file: Path | Source, *, is_record: Callable[[dict[str, Any]], bool], encoding: str = "utf-8"
) -> Iterator[Record]:
    """Every record of a file, in order.

    Parameters
    ----------
    file : Path or Source
        A file in one of `FORMATS`, or that gzipped; a `Source` without such an ending is taken for CSV.
    is_record : callable
        Whether some fields look like a record of their own; it tells where a quote was never closed.
    encoding : str
        Of text files. A byte-order mark of UTF-16 goes before it.

    Raises
    ------
    CompositeError
        If the file is empty, binary, cannot be opened or has no header, or the encoding is unknown.
    """
    check_encoding(encoding)
    if isinstance(file, Path):
        file_format(file)
    source = open_file(file) if isinstance(file, Path) else file
    if source.ending == ".parquet":
        yield from _read_parquet(source)
        return
    lines = read_lines(source, encoding)
    if source.ending in (".jsonl", ".ndjson"):
        yield from read_jsonl(lines)
    else:
        yield from _read_delimited(source.name, lines, "\t" if source.ending == ".tsv" else None, is_record)


def show(text: str) -> str:
    """The start of a text, as the table `rejected` can hold it."""
    return clean_text(text.encode("utf-8", "replace").decode())[:80]


def read_jsonl(lines: Iterator[str]) -> Iterator[Record]:
    """The object that stands in each line, or why there is none."""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        reason = bad_text(line)
        fields: Any = None
        if not reason:
            try:
                fields = json.loads(line)
            except (ValueError, RecursionError) as error:
                reason = f"not valid JSON: {str(error)[:60]}"
            else:
                if not isinstance(fields, dict):
                    reason, fields = "not a JSON object", None
        yield Record(number, fields, reason, show(line) if reason else "")


@contextmanager
def open_parquet(source: Source) -> Iterator[Any]:
    """A `pyarrow.parquet.ParquetFile` of a file; what goes wrong while it is read is an error of ours.

    Raises
    ------
    CompositeError
        If it is not a Parquet file, or one that is damaged.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with source.opener() as stream:
            zipped = stream.peek(2)[:2] == GZIP
            # a file that can only be read from its start, such as one in an archive, is read whole
            plain = stream.seekable() and not zipped
            # without pre_buffer=False, all that was read of the file stays in memory
            table = pq.ParquetFile(stream if plain else pa.BufferReader(source.read_whole()), pre_buffer=False)
            _check_names(source.name, table.schema_arrow.names)
            yield table
    except CompositeError:
        raise
    except (pa.ArrowException, OverflowError, *DAMAGED) as error:
        raise CompositeError(f"{source.name!r} is not a Parquet file that can be read ({str(error)[:80]})") from error


def _read_parquet(source: Source) -> Iterator[Record]:
    with open_parquet(source) as table:
        row = 1
        for batch in table.iter_batches(batch_size=ROWS):
            for fields in list_rows(batch):
                yield Record(row, fields)
                row += 1


def list_rows(batch: Any) -> list[dict[str, Any]]:
    """What `to_pylist` of a `pyarrow.RecordBatch` gives, in half the time where there are times."""
    names = batch.schema.names
    if not names:
        return [{}] * int(batch.num_rows)
    return [dict(zip(names, row, strict=True)) for row in zip(*map(list_values, batch.columns), strict=True)]


def list_values(column: Any) -> list[Any]:
    """What `to_pylist` of a column gives."""
    import pyarrow as pa

    if column.type in (pa.timestamp("us", "UTC"), pa.timestamp("ms", "UTC")) and not column.null_count and len(column):
        zone = column[0].as_py().tzinfo
        times = column.to_numpy(zero_copy_only=False).astype(object)
        # NumPy gives whole numbers for what is beyond the years of a datetime
        if all(type(time) is datetime for time in times):
            return [time.replace(tzinfo=zone) for time in times]
    return list(column.to_pylist())


def _check_names(file: str, names: list[str]) -> None:
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise CompositeError(f"{file!r} has two columns named {twice!r}: rename one of them")


def _find_delimiter(header: str) -> str:
    outside = "".join(header.split('"')[::2])
    return max(DELIMITERS, key=outside.count)


def _read_delimited(
    file: str, lines: Iterator[str], delimiter: str | None, is_record: Callable[[dict[str, Any]], bool]
) -> Iterator[Record]:
    numbered = enumerate(lines, 1)
    header = next((line for _, line in numbered if line.strip()), "")
    delimiter = delimiter or _find_delimiter(header)
    names = [name.strip() for name in _split(header, delimiter) or []]
    if not names or bad_text(header):
        raise CompositeError(f"{file!r} has no header that can be read: save it as CSV in UTF-8")
    _check_names(file, names)

    def fields_of(text: str) -> dict[str, Any] | None:
        values = _split(text, delimiter)
        return dict(zip(names, values, strict=True)) if values and len(values) == len(names) else None

    waiting: list[tuple[int, str]] = []  # lines given back: they followed a quote that was never closed

    def next_line() -> tuple[int, str] | None:
        return waiting.pop() if waiting else next(numbered, None)

    while (item := next_line()) is not None:
        number, line = item
        if not line.strip():
            continue
        taken = [(number, line)]
        text, broken = line, ""
        # a quote inside a field that is not quoted (5" long) is a character like any other
        whole = line.count('"') % 2 and fields_of(line) is not None
        while not whole and text.count('"') % 2:
            following = next_line()
            if following is None or len(taken) >= MAX_LINES or len(text) > MAX_CHARACTERS:
                broken = "a quote is opened and never closed"
                if following is not None:
                    taken.append(following)
                break
            taken.append(following)
            alone = fields_of(following[1])
            if alone is not None and is_record(alone):
                broken = "a quote is opened and never closed"
                break
            text += following[1]
        reason = bad_text(text)
        fields = None if reason or broken else fields_of(text)
        if fields is None and len(taken) > 1:
            # only the first line is at fault; the others are read again as lines of their own
            waiting.extend(reversed(taken[1:]))
            text = line
            reason = bad_text(text) or broken or "a quote is opened and closed in another row"
        if fields is None and not reason:
            values = _split(text, delimiter)
            found = "no fields" if values is None else count(len(values), "field")
            if values is None and len(text) > csv.field_size_limit():
                broken = f"a field is longer than {csv.field_size_limit():,} characters"
            reason = broken or f"broken line: {found} where the header has {len(names)}"
        yield Record(number, fields, reason, show(text) if reason else "")


def _split(text: str, delimiter: str) -> list[str] | None:
    try:
        rows = list(csv.reader(io.StringIO(text.rstrip("\r\n")), delimiter=delimiter, strict=True))
        return rows[0] if len(rows) == 1 else None
    except csv.Error:
        return None
