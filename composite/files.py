"""Files that are written whole or not at all, and their checksums."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from composite.errors import CompositeError

LARGE = 10_000  # rows from which writing a table takes long enough to mind
_FORMULA = re.compile(r"'*[=+\-@\t\r]")


def make_folder(path: str | Path, *, option: str = "--out") -> Path:
    """The folder at `path`, made if it is not there; errors name the option that chooses it.

    Raises
    ------
    CompositeError
        If it cannot be made or written to.
    """
    folder = Path(path)
    if folder.is_file():
        raise CompositeError(f"{str(folder)!r} is a file and not a folder: choose another place with {option}")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise CompositeError(
            f"cannot write to the folder {str(folder)!r} ({error.strerror}): choose another with {option}, "
            "or change its permissions"
        ) from error
    return folder


def write_whole(path: str | Path, content: bytes | str, *, durable: bool = False) -> Path:
    """The path of a file that holds all of `content`; on any failure the old file stays as it was.

    Text is written as UTF-8 with Unix line ends. A file that is `durable` is whole even after the power fails: what a
    later run goes on from.

    Raises
    ------
    CompositeError
        If the file cannot be written.
    """
    target = Path(path)
    data = content.encode("utf-8") if isinstance(content, str) else content
    make_folder(target.parent)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".composite.")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            if durable:
                stream.flush()
                os.fsync(stream.fileno())
        # mkstemp makes files that only their owner reads; a report is for others too
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(name, 0o666 & ~umask)
        os.replace(name, target)
        if durable:
            _sync_folder(target.parent)
    except OSError as error:
        Path(name).unlink(missing_ok=True)
        raise CompositeError(f"cannot write {str(target)!r} ({error.strerror}): choose another place") from error
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return target


def _sync_folder(folder: Path) -> None:
    """See to it that the names of a folder's files are on the disk; some systems cannot open a folder."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def write_table(path: str | Path, table: Any) -> Path:
    """The path of a CSV or Parquet file (by its ending) with the rows of `table`.

    Times are ISO 8601 in UTC; numbers keep ten significant digits, so that equal tables give equal bytes. In CSV, text
    that a spreadsheet would run as a formula is guarded (`guard_text`); our readers take the guard off again.

    Raises
    ------
    CompositeError
        If the ending is neither `.csv` nor `.parquet`, or the file cannot be written.
    """
    target = Path(path)
    if target.suffix == ".csv":
        frame = table.copy()
        for name in frame.columns:
            if str(frame[name].dtype).startswith("datetime64"):
                frame[name] = frame[name].dt.strftime("%Y-%m-%dT%H:%M:%SZ")
        frame = guard_table(frame)
        return write_whole(target, "".join(_format_csv(frame)))
    if target.suffix == ".parquet":
        return write_whole(target, table.to_parquet(index=False))
    raise CompositeError(f"cannot write a table to {target.name!r}: end its name in .csv or .parquet")


def guard_text(text: str) -> str:
    """`text` with an apostrophe before it, if a spreadsheet would run it as a formula: the rule of all our exports.

    Those begin with `=`, `+`, `-`, `@`, a tab or a carriage return. So that the guard can be taken off, one that is
    there already gets another.

    References
    ----------
    OWASP. *CSV injection.* https://owasp.org/www-community/attacks/CSV_Injection

    Examples
    --------
    >>> guard_text("=1+1"), guard_text("@user thanks"), guard_text("2 - 1 = 1")
    ("'=1+1", "'@user thanks", '2 - 1 = 1')
    """
    return f"'{text}" if _FORMULA.match(text) else text


def unguard_text(text: str) -> str:
    """The text that `guard_text` was given.

    >>> unguard_text(guard_text("-5 °C")), unguard_text("'t is koud")
    ('-5 °C', "'t is koud")
    """
    return text[1:] if text[:1] == "'" and _FORMULA.match(text) else text


def guard_table(table: Any) -> Any:
    """A copy of a table in which all text is guarded; numbers stay numbers, also those below 0."""
    return _map_texts(table, guard_text)


def unguard_table(table: Any) -> Any:
    """A copy of a table as it was before `guard_table`."""
    return _map_texts(table, unguard_text)


def write_csv_text(table: Any, *, line_end: str = "\n") -> str:
    """The text of a CSV file by RFC 4180, guarded, with ten significant digits.

    >>> import pandas as pd
    >>> print(write_csv_text(pd.DataFrame({"agency": ["=1+1", "a, b"], "gap": [-0.5, 2.0]})))
    agency,gap
    '=1+1,-0.5
    "a, b",2
    <BLANKLINE>
    """
    return str(guard_table(table).to_csv(index=False, float_format="%.10g", lineterminator=line_end))


def _map_texts(table: Any, change: Callable[[str], str]) -> Any:
    changed = {}
    for name in table.columns:
        values = table[name]
        if values.dtype == object or str(values.dtype).startswith("str"):
            found = values.map(lambda value: isinstance(value, str) and _FORMULA.match(value) is not None)
            found = found.fillna(False).astype(bool)
            if found.any():
                changed[name] = values.where(~found, values[found].map(change).reindex(values.index))
    return table.assign(**changed)


def hash_bytes(data: bytes) -> str:
    """The SHA-256 of `data`, as 64 hex digits."""
    return hashlib.sha256(data).hexdigest()


def hash_table(table: Any) -> str:
    """The SHA-256 of a table's CSV text: equal tables, equal hash."""
    digest = hashlib.sha256()
    for text in _format_csv(table):
        digest.update(text.encode())
    return digest.hexdigest()


def _format_csv(table: Any) -> Iterator[str]:
    """What pandas writes with ten significant digits, in blocks of rows: of large tables in half the time."""
    if len(table) < LARGE or len(table.columns) < 2:
        yield str(table.to_csv(index=False, float_format="%.10g", lineterminator="\n"))
        return
    yield str(table.iloc[:0].to_csv(index=False, lineterminator="\n"))
    for start in range(0, len(table), LARGE):
        yield _format_rows(table.iloc[start : start + LARGE])


def _format_rows(table: Any) -> str:
    columns = []
    for name in table.columns:
        values = table[name]
        if str(values.dtype) == "float64":
            texts = ("%.10g\n" * len(values) % tuple(values.tolist())).split("\n")[:-1]
            columns.append(["" if text == "nan" else text for text in texts])
        elif str(values.dtype).startswith("str") and (quoted := _quote_texts(values)) is not None:
            columns.append(quoted)
        elif (times := _format_times(values)) is not None:
            columns.append(times)
        elif str(values.dtype).startswith(("datetime64", "int64", "bool")):
            alone = values.to_frame().to_csv(index=False, header=False, lineterminator="\n")
            columns.append([text if text != '""' else "" for text in alone.split("\n")[:-1]])
        else:
            return str(table.to_csv(index=False, header=False, float_format="%.10g", lineterminator="\n"))
    return "\n".join(map(",".join, zip(*columns, strict=True))) + "\n"


def _quote_texts(values: Any) -> list[str] | None:
    """Texts as pandas writes them; None if one has a carriage return, which versions of Python quote in two ways."""
    texts: list[str] = values.fillna("").tolist()
    together = "\0".join(texts)
    if "\r" in together:
        return None
    if '"' not in together and "," not in together and "\n" not in together:
        return texts
    return [
        '"' + text.replace('"', '""') + '"' if "," in text or '"' in text or "\n" in text else text for text in texts
    ]


def _format_times(values: Any) -> list[str] | None:
    """Times in UTC as pandas writes them, in a tenth of its time; None, if they are no such times of whole seconds."""
    import numpy as np

    if str(values.dtype) not in ("datetime64[us, UTC]", "datetime64[ns, UTC]"):
        return None
    times = values.dt.tz_localize(None).to_numpy()
    seconds = times.astype("datetime64[s]")
    missing = np.isnat(times)
    if not (missing | (seconds == times)).all():
        return None
    texts = [text.replace("T", " ") + "+00:00" for text in np.datetime_as_string(seconds).tolist()]
    return ["" if none else text for text, none in zip(texts, missing.tolist(), strict=True)]
