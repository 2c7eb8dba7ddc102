"""Hold a frame to the contract of its table, and read a table back from a file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

import pandas as pd
import pandera.pandas as pa

from composite.codebook.tables import ILLUSTRATIVE, TABLES, TIME
from composite.errors import CompositeError, count, nearest, require_known
from composite.files import unguard_table

RUN = "run.json"  # beside the parts of a table that is written in parts: of what they are, and whether all are there
_SAID = {
    "isin": "is not among the allowed values",
    "field_uniqueness": "stands more than once",
    "multiple_fields_uniqueness": "stands more than once",
    "not_nullable": "is missing",
    "dtype": "has the wrong type",
}

_trusted: ContextVar[tuple[tuple[str, pd.DataFrame], ...]] = ContextVar("trusted", default=())


@contextmanager
def trust_tables(**tables: pd.DataFrame) -> Iterator[None]:
    """Within it, `check_table` takes these tables as they are: they were checked, and nobody may alter them meanwhile.

    Most steps of a study are of the same posts and labels, and checking a million of them takes a second.
    """
    token = _trusted.set((*_trusted.get(), *tables.items()))
    try:
        yield
    finally:
        _trusted.reset(token)


def check_table(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """`frame` itself, if it keeps the contract of table `name`; more columns than the contract's are allowed.

    Parameters
    ----------
    name : str
        A key of `TABLES`.
    frame : DataFrame

    Raises
    ------
    CompositeError
        Naming the column, the first value at fault and how many there are.
    """
    require_known([name], TABLES, what="table")
    if any(name == known and frame is table for known, table in _trusted.get()):
        return frame
    schema = TABLES[name]
    for column, spec in schema.columns.items():
        if spec.required and column not in frame.columns:
            raise CompositeError(
                f"table {name!r} lacks the column {column!r} ({spec.description}): {nearest(column, frame.columns)}"
            )
    try:
        schema.validate(frame, lazy=True)
    except pa.errors.SchemaErrors as error:
        cases = error.failure_cases
        first = cases.iloc[0]
        cases = cases[(cases["column"] == first["column"]) & (cases["check"] == first["check"])]
        value, check = first["failure_case"], str(first["check"])
        value = value.item() if hasattr(value, "item") else value  # 1.5, not np.float64(1.5)
        said = next((text for start, text in _SAID.items() if check.startswith(start)), f"breaks the rule {check}")
        if check.startswith("dtype"):
            said += f": make it {schema.columns[first['column']].dtype}, with .astype"
        column = first["column"] if isinstance(first["column"], str) else "rows"
        raise CompositeError(
            f"table {name!r}, column {column!r}: {value!r} {said} "
            f"({count(len(cases), 'such case')}); see the data dictionary for what is allowed"
        ) from None
    return frame


def read_table(name: str, path: str | Path) -> pd.DataFrame:
    """The table `name` from a CSV or Parquet file that `composite` wrote, with the types of its contract.

    Parameters
    ----------
    name : str
        A key of `TABLES`.
    path : str or Path
        Ends in `.csv` or `.parquet`, or is a folder of parts that `composite label` wrote.

    Raises
    ------
    CompositeError
        If there is no such table or file, or the file breaks the contract.
    """
    require_known([name], TABLES, what="table")
    file = Path(path)
    if file.is_dir():
        return check_table(name, _read_parts(file))
    if not file.is_file():
        raise CompositeError(f"there is no file {str(path)!r}: check the path")
    try:
        if file.suffix == ".parquet":
            return check_table(name, pd.read_parquet(file))
        kinds = {
            column: "str" if str(spec.dtype).startswith("str") else str(spec.dtype)
            for column, spec in TABLES[name].columns.items()
            if not str(spec.dtype).startswith("datetime64")
        }
        frame = unguard_table(pd.read_csv(file, dtype=kinds, keep_default_na=False, na_values=[""]))
        for column, spec in TABLES[name].columns.items():
            if str(spec.dtype).startswith("datetime64") and column in frame:
                frame[column] = pd.to_datetime(frame[column], utc=True).astype(TIME)
    except (ValueError, OSError) as error:
        raise CompositeError(f"{file.name!r} is not a table {name!r} ({str(error).strip()[:120]})") from error
    return check_table(name, frame)


def _read_parts(folder: Path) -> pd.DataFrame:
    """All parts of a table in their order, if the run that writes them is finished."""
    import pyarrow as pa
    import pyarrow.dataset as ds

    if not (folder / RUN).is_file():
        raise CompositeError(
            f"there is no file {RUN!r} of composite label in the folder {str(folder)!r}: name a folder of labels"
        )
    parts = sorted(str(path) for path in folder.glob("part-*.parquet"))
    try:
        finished = json.loads((folder / RUN).read_text("utf-8"))["finished"]
        if not finished:
            raise CompositeError(
                f"the labels in {str(folder)!r} are not finished: run composite label again, and it goes on"
            )
        if finished["n_parts"] != len(parts):
            raise CompositeError(
                f"{str(folder)!r} has {len(parts):,} of {count(finished['n_parts'], 'part')}: label again with "
                "--restart"
            )
        return ds.dataset(parts).to_table().to_pandas()
    except (pa.ArrowException, OSError, KeyError, TypeError, json.JSONDecodeError) as error:
        raise CompositeError(
            f"the folder {str(folder)!r} holds no labels of composite label ({str(error).strip()[:120]})"
        ) from error


def is_among(values: pd.Series, others: pd.Series) -> pd.Series:
    """Whether each value is one of the others: what `isin` says, but for a million strings in no time."""
    if len(values) < len(others):  # most of the others are none of the values, and an index of them is dear
        others = others[others.isin(values)]
    return pd.Series(pd.Index(others.unique()).get_indexer(values) >= 0, index=values.index)


def find_corpus(posts: pd.DataFrame) -> str | None:
    """The corpus of what `posts` give: `illustrative` if any is invented, else the corpora's names, else None."""
    names = sorted(posts["corpus"].dropna().unique())
    return ILLUSTRATIVE if ILLUSTRATIVE in names else ", ".join(names) or None
