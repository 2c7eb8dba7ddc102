"""Files → blocks of so many rows, in order: frames of the good ones, and what is set aside."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, TypeAlias

import pandas as pd

from composite.errors import CompositeError, agree, count
from composite.posts.columns import join_texts, open_columns
from composite.posts.exports import OtherTable, UnknownFormat
from composite.posts.lines import EmptyFile
from composite.posts.platforms.format import Format
from composite.posts.rows import Asked, open_rows
from composite.posts.sources import find_sources
from composite.posts.streams import Source

MOST_NAMED = 12
Part: TypeAlias = list[dict[str, Any]] | pd.DataFrame  # rows, or a frame of good ones


@dataclass(frozen=True)
class Block:
    """Some rows.

    Attributes
    ----------
    frame : DataFrame
        The good ones, for `build_posts`: our columns, `_file` and `_line`.
    rejected : list of dict
        Rows of the table `rejected`.
    n_rows : int
        Both together.
    """

    frame: pd.DataFrame
    rejected: list[dict[str, Any]]
    n_rows: int


def walk_blocks(
    sources: Iterable[str | Path], asked: Asked, notes: list[str], names: list[str], size: int
) -> Iterator[Block]:
    """Every row of all files, `size` in a block and fewer in the last; the names of files read are added to `names`.

    Raises
    ------
    CompositeError
        If a file that was named cannot be read, or none of a folder can.
    """
    parts: list[Part] = []
    n = 0
    for part in _walk_parts(sources, asked, notes, names, size):
        while len(part):
            taken, part = part[: size - n], part[size - n :]
            n += len(taken)
            if parts and isinstance(taken, list) and isinstance(parts[-1], list):
                parts[-1] = parts[-1] + taken
            else:
                parts.append(taken)
            if n == size:
                yield _make_block(parts)
                parts, n = [], 0
    if parts:
        yield _make_block(parts)


def _make_block(parts: list[Part]) -> Block:
    rows = [part for part in parts if isinstance(part, list)]
    return Block(
        frame_parts([frame_rows(part) if isinstance(part, list) else part for part in parts]),
        [row for part in rows for row in part if "reason" in row],
        sum(map(len, parts)),
    )


def frame_parts(frames: list[pd.DataFrame]) -> pd.DataFrame:
    """The frames of some blocks as one, in order."""
    if not frames:
        return frame_rows([])
    whole = pd.concat(frames, ignore_index=True)
    for name in whole.columns[whole.dtypes == "str"] if len(frames) > 1 else ():
        whole[name] = join_texts(whole[name])
    return whole


def frame_rows(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """The good ones of some rows as a frame for `build_posts`."""
    good = [row for row in rows if "reason" not in row]
    found: dict[str, Any] = {}
    for row in good:
        found.update(row)
    names = ["_file", "_line", *(name for name in found if name[0] != "_")]
    # object, since integers beside a missing value would become floats, and long post_ids lose their last digits
    return pd.DataFrame(good, columns=names, dtype=object)


def _walk_parts(
    sources: Iterable[str | Path], asked: Asked, notes: list[str], names: list[str], size: int
) -> Iterator[Part]:
    formats: dict[str, list[str]] = {}
    unknown: list[UnknownFormat] = []
    passed: list[str] = []
    others: list[OtherTable] = []
    unread: list[str] = []
    empty: list[EmptyFile] = []
    void: list[str] = []
    for item, found, named in ((path, *pair) for path in sources for pair in find_sources(path, unread)):
        alone = found.name == Path(item).name and Path(item).expanduser().is_file()
        try:
            parts, form = _open_parts(found, asked, notes, size, alone)
        except EmptyFile as error:
            if alone:
                raise
            empty.append(error)
            void.append(found.name)
            continue
        except UnknownFormat as error:
            # beside posts, a folder or an archive may hold what is none; a file that is named may not
            if isinstance(error, OtherTable) and not alone:
                others.append(error.with_traceback(None))  # which would hold the file open
                continue
            if named:
                raise
            unknown.append(error)
            passed.append(found.name)
            continue
        names.append(found.name)
        yield from parts
        if form is not None:
            formats.setdefault(form.name, []).append(found.name)
    if not names and unknown:
        raise unknown[0] if len(unknown) == 1 else CompositeError(f"{unknown[0]} ({count(len(unknown), 'such file')})")
    if not names and (others or empty):
        raise [*others, *empty][0]
    if void:
        notes.append(f"{count(len(void), 'file')} not read, being empty: {_list(void)}")
    if others:
        told = _list([other.told for other in others])
        kind = agree(len(others), "another table", "other tables")
        notes.append(f"{count(len(others), 'file')} not read, being {kind} than posts: {told}")
    if passed:
        notes.append(f"{count(len(passed), 'file')} not read, being of no known format: {_list(passed)}")
    if unread:
        notes.append(f"{count(len(unread), 'file')} not read, being of no known ending: {_list(unread)}")
    if asked.format is None and formats:
        notes.append("recognised: " + "; ".join(f"{name} ({_list(files)})" for name, files in formats.items()))


def _open_parts(
    source: Source, asked: Asked, notes: list[str], size: int, alone: bool
) -> tuple[Iterator[Part], Format | None]:
    if (columns := open_columns(source, asked, notes, alone=alone)) is not None:
        return columns, None
    rows, form = open_rows(source, asked, notes, alone=alone)
    return iter(lambda: list(islice(rows, size)), []), form


def _list(names: list[str]) -> str:
    more = f" and {len(names) - MOST_NAMED:,} more" if len(names) > MOST_NAMED else ""
    return ", ".join(names[:MOST_NAMED]) + more
