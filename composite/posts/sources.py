"""A path, a folder or a glob → the files that it means."""

from __future__ import annotations

import difflib
import glob
import mimetypes
import os
from collections.abc import Iterator
from pathlib import Path

from composite.errors import CompositeError
from composite.posts.records import FORMATS, file_format
from composite.posts.streams import ZIP, Source, list_members, open_file

EXPORTS = (".json", ".js", ".xml", ".rss", ".atom", ".zip")


def find_sources(source: str | Path, passed: list[str]) -> Iterator[tuple[Source, bool]]:
    """The files of posts that `source` names, those in ZIP archives too; and whether each was named as what it is.

    In a folder, those that end in a format that can be read; of an archive, in which much is no post, the same. Names
    of the others are added to `passed`.

    Raises
    ------
    CompositeError
        If there are none, with the nearest name that there is; or an archive cannot be read.
    """
    whole = Path(source).expanduser().is_dir()
    if whole:
        passed += _walk(Path(source).expanduser(), (*FORMATS, *EXPORTS))[1]
    for file in find_files(source, endings=None):
        try:
            with open(file, "rb") as stream:
                packed = stream.read(4) in ZIP
        except OSError as error:
            raise CompositeError(
                f"cannot read {str(file)!r} ({error.strerror}): change its permissions, or leave it out"
            ) from error
        if not packed:
            yield open_file(file), not (whole and file.name.lower().removesuffix(".gz").endswith(EXPORTS))
            continue
        members = 0
        for member in list_members(file):
            if member.ending in (*FORMATS, *EXPORTS[:-1]):
                members += 1
                yield member, member.ending in FORMATS
            else:
                passed.append(member.name)
        if not members:
            raise CompositeError(f"the archive {file.name!r} holds no file ending in {', '.join((*FORMATS, *EXPORTS))}")


def _walk(folder: Path, endings: tuple[str, ...]) -> tuple[list[Path], list[str]]:
    """Files of a folder, and of those below it, that end so, by name; and the names of what else is there.

    What is hidden, as programs hide their own files, does not count. Links to folders are not followed: they may lead
    in a circle.

    Raises
    ------
    CompositeError
        If a folder cannot be looked into.
    """
    files: list[Path] = []
    others: list[str] = []

    def stop(error: OSError) -> None:
        raise CompositeError(
            f"cannot look into the folder {error.filename!r} ({error.strerror}): change its permissions, or move it"
        ) from error

    for place, folders, names in os.walk(folder, onerror=stop):
        folders[:] = [name for name in folders if not name.startswith(".")]
        others += [f"{name} (a link to a folder)" for name in folders if os.path.islink(os.path.join(place, name))]
        for path in (Path(place, name) for name in names if not name.startswith(".")):
            if not path.is_file():
                others.append(f"{path.name} ({'a link to nothing' if path.is_symlink() else 'a pipe or a device'})")
            elif path.name.lower().removesuffix(".gz").endswith(endings):
                files.append(path)
            else:
                others.append(path.name)
    # what is no picture or film may be posts: it is named first
    media = ("image", "video", "audio")
    others.sort(key=lambda name: ((mimetypes.guess_type(name)[0] or "").startswith(media), name))
    return sorted(files), others


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
        known = endings or (*FORMATS, *EXPORTS)
        files, _ = _walk(path, known)
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
