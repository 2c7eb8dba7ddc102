"""A path, a folder or a glob → the files that it means."""

from __future__ import annotations

import difflib
import glob
from pathlib import Path

from composite.errors import CompositeError
from composite.posts.records import FORMATS, file_format


def find_files(source: str | Path) -> list[Path]:
    """The files that `source` names, by name; in a folder those that end in a format that can be read.

    Raises
    ------
    CompositeError
        If there are none, with the nearest name that there is.
    """
    if not str(source).strip():
        raise CompositeError("the name of the file of posts is empty: name a file, a folder or a glob")
    path = Path(source).expanduser()
    if path.is_dir():
        found = sorted(p for p in path.rglob("*") if p.is_file() and not p.name.startswith("."))
        files = [p for p in found if p.name.lower().removesuffix(".gz").endswith(FORMATS)]
        if not files:
            raise CompositeError(f"the folder {str(source)!r} holds no file ending in {', '.join(FORMATS)}")
        return files
    if path.is_file():
        file_format(path)
        return [path]
    if glob.has_magic(str(path)):
        files = sorted(Path(p) for p in glob.glob(str(path), recursive=True) if Path(p).is_file())
        if files:
            return files
        raise CompositeError(f"no file fits {str(source)!r}: check the folder and the ending")
    beside = [p.name for p in path.parent.iterdir() if p.exists()] if path.parent.is_dir() else []
    close = difflib.get_close_matches(path.name, beside, n=1, cutoff=0.75) if len(beside) < 500 else []
    raise CompositeError(
        f"there is no file {str(source)!r}: {f'did you mean {close[0]!r}?' if close else 'check the path'}"
    )
