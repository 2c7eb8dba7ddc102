"""Parquet files of our own columns → rows a column at a time: the same as row by row, in a fraction of the time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from composite.posts.dates import is_possible
from composite.posts.others import find_table
from composite.posts.platforms import TABLE, recognise
from composite.posts.records import ROWS, list_values, open_parquet
from composite.posts.rows import COUNTS, NAMES, Asked, check_columns, choose_column, read_text
from composite.posts.streams import Source
from composite.posts.text import clean_text


def open_columns(
    source: Source, asked: Asked, notes: list[str], *, alone: bool = True
) -> Iterator[pd.DataFrame] | None:
    """Every row of a Parquet file, in order, in frames for `build_posts`; its notes are there when all rows are read.

    Texts are clean and of type `str`, and times in UTC where they can be. None, if the file has to be read row by row:
    it is none of Parquet, has the columns of a platform or of another table of ours, or a column of ours has what sets
    rows aside, such as lists or bytes.

    Raises
    ------
    CompositeError
        If the file cannot be read, or may be of several platforms; while it is read, also if a column is missing.
    """
    if source.ending != ".parquet" or asked.format not in (None, TABLE):
        return None
    with open_parquet(source) as table:
        schema = table.schema_arrow
    names = list(schema.names)
    if len(set(names)) < len(names):
        return None
    if asked.format is None and (
        recognise([set(names)], "table", source.name)
        or find_table([asked.columns.get(name, name) for name in names], alone=alone)
    ):
        return None
    ours_of = {name: ours for name in names if (ours := choose_column(name, asked.columns)) is not None}
    if not ours_of or not all(_is_plain(schema.field(name).type) for name in ours_of):
        return None
    return _read_columns(source, names, ours_of, asked, notes)


def _read_columns(
    source: Source, names: list[str], ours_of: dict[str, str], asked: Asked, notes: list[str]
) -> Iterator[pd.DataFrame]:
    file, line = clean_text(source.name), 1
    with open_parquet(source) as table:
        for batch in table.iter_batches(batch_size=ROWS, columns=list(ours_of)):
            found: dict[str, Any] = {"_file": file, "_line": np.arange(line, line + batch.num_rows)}
            for name, ours in ours_of.items():
                if (values := _read_column(ours, batch.column(name))) is not None:
                    found[ours] = values
            yield pd.DataFrame(found)
            line += batch.num_rows
    if line > 1:
        notes += check_columns(source.name, None, set(names), asked)


def _is_plain(kind: Any) -> bool:
    """Whether no value of a type is a list, an object or bytes."""
    from pyarrow import types

    if types.is_dictionary(kind):
        return _is_plain(kind.value_type)
    tests = (types.is_integer, types.is_floating, types.is_boolean, types.is_temporal, types.is_null, types.is_decimal)
    return _is_text(kind) or any(test(kind) for test in tests)


def _is_text(kind: Any) -> bool:
    from pyarrow import types

    return bool(types.is_string(kind) or types.is_large_string(kind))


def _read_column(ours: str, column: Any) -> pd.Series | None:
    """The values of a column, one a row: texts as `read_text` gives them, and all else as it is; None, if none is."""
    import pyarrow as pa
    from pyarrow import types

    if types.is_dictionary(column.type) and not (ours in NAMES and _is_text(column.type.value_type)):
        column = column.dictionary_decode()
    kind = column.type
    if types.is_dictionary(kind) or _is_text(kind):
        texts = _read_texts(ours, column)
        return None if texts.null_count == len(texts) else pd.Series(texts.to_pandas(), dtype="str")
    if column.null_count == len(column):
        return None
    if ours in COUNTS and (types.is_int32(kind) or types.is_int64(kind) or types.is_float64(kind)):
        return pd.Series(column.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False))
    times = _read_times(column) if ours == "published" and types.is_timestamp(kind) and kind.tz is not None else None
    return pd.Series(list_values(column), dtype=object) if times is None else times


def _read_texts(ours: str, column: Any) -> Any:
    import pyarrow as pa

    names = ours in NAMES
    if names and not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    values = (column.dictionary if names else column).to_pylist()
    texts = [None if value is None else read_text(value, ours) for value in values]
    if texts == values and not names:  # most are clean, and stay as they are
        return column.cast(pa.large_string())
    found = pa.array(texts, pa.large_string())
    return found.take(column.indices) if names else found


def join_texts(texts: pd.Series) -> pd.Series:
    """The same texts in one piece of memory: in pieces they are slow, and files of them have other bytes."""
    import pyarrow as pa

    found = pa.array(texts)
    return pd.Series(found.combine_chunks().to_pandas(), dtype="str") if hasattr(found, "combine_chunks") else texts


def _read_times(column: Any) -> pd.Series | None:
    """Times in UTC; None, if one is not between 1990 and 2100."""
    import pyarrow as pa

    try:
        found = column.cast(pa.timestamp("us", column.type.tz), safe=column.type.unit != "ns")
    except pa.ArrowInvalid:  # beyond all that microseconds can count
        return None
    times = pd.Series(found.cast(pa.timestamp("us", "UTC")).to_pandas())
    return times if (times.isna() | is_possible(times)).all() else None
