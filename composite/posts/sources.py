"""A path, a folder or a glob → the files that it means."""

from __future__ import annotations

import difflib
import glob
from collections.abc import Iterator
from pathlib import Path

from composite.errors import CompositeError
from composite.posts.records import FORMATS, file_format
from composite.posts.streams import ZIP, Source, list_members, open_file

EXPORTS = (".json", ".js", ".xml", ".rss", ".atom", ".zip")


def find_sources(source: str | Path) -> Iterator[tuple[Source, bool]]:
    """The files of posts that `source` names, those in ZIP archives too; and whether each was named as what it is.

    In a folder, those that end in a format that can be read; of an archive, in which much is no post, the same.

    Raises
    ------
    CompositeError
        If there are none, with the nearest name that there is; or an archive cannot be read.
    """
    whole = Path(source).expanduser().is_dir()
    for file in find_files(source, endings=None):
        with open(file, "rb") as stream:
            packed = stream.read(4) in ZIP
        if not packed:
            yield open_file(file), not (whole and file.name.lower().removesuffix(".gz").endswith(EXPORTS))
            continue
        members = 0
        for member in list_members(file):
            if member.ending in (*FORMATS, *EXPORTS[:-1]):
                members += 1
                yield member, member.ending in FORMATS
        if not members:
            raise CompositeError(f"the archive {file.name!r} holds no file ending in {', '.join((*FORMATS, *EXPORTS))}")


def find_files(source: str | Path, *, endings: tuple[str, ...] | None = FORMATS) -> list[Path]:
    """The files that `source` names, by name; in a folder those that end in a format that can be read.

    Parameters
    ----------
    source : str or Path
    endings : tuple of str or None
        Of files that can be read; None, if a file that is named may end in anything, as exports of platforms do.

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
        known = endings or (*FORMATS, *EXPORTS)
        files = [p for p in found if p.name.lower().removesuffix(".gz").endswith(known)]
        if not files:
            raise CompositeError(f"the folder {str(source)!r} holds no file ending in {', '.join(known)}")
        return files
    if path.is_file():
        if endings is not None:
            file_format(path)
        return [path]
    if path.exists():
        raise CompositeError(f"{str(source)!r} is a pipe or a device: write it to a file first")
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
