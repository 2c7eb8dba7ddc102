"""Files that are written whole or not at all, and their checksums."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from pathlib import Path
from typing import Any

from composite.errors import CompositeError


def make_folder(path: str | Path) -> Path:
    """The folder at `path`, made if it is not there.

    Raises
    ------
    CompositeError
        If it cannot be made or written to.
    """
    folder = Path(path)
    if folder.is_file():
        raise CompositeError(f"{str(folder)!r} is a file and not a folder: choose another place with --out")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise CompositeError(
            f"cannot write to the folder {str(folder)!r} ({error.strerror}): choose another with --out, "
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

    Times are ISO 8601 in UTC; numbers keep ten significant digits, so that equal tables give equal bytes.

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
        return write_whole(target, frame.to_csv(index=False, float_format="%.10g", lineterminator="\n"))
    if target.suffix == ".parquet":
        return write_whole(target, table.to_parquet(index=False))
    raise CompositeError(f"cannot write a table to {target.name!r}: end its name in .csv or .parquet")


def hash_bytes(data: bytes) -> str:
    """The SHA-256 of `data`, as 64 hex digits."""
    return hashlib.sha256(data).hexdigest()


def hash_table(table: Any) -> str:
    """The SHA-256 of a table's CSV text: equal tables, equal hash."""
    return hash_bytes(table.to_csv(index=False, float_format="%.10g", lineterminator="\n").encode())
