"""Public corpora: a sheet of each, and their files by address and checksum."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import quote

from composite.errors import CompositeError, agree, count, require_known
from composite.files import make_folder
from composite.posts.download import CorpusFile, download_file, is_right

ADDRESS = "https://raw.githubusercontent.com"
ADDRESS_VARIABLE = "COMPOSITE_CORPORA_ADDRESS"
FOLDER_VARIABLE = "COMPOSITE_CORPORA"


@dataclass(frozen=True)
class Corpus:
    """The sheet of a public corpus: what a user has to know before using it.

    Attributes
    ----------
    name, title : str
    repository : str
        On GitHub.
    who, when, what, language, columns : str
    countries : tuple of str
        Those of the ten that it has posts of.
    licence : str
        As the repository states it, or `none stated`.
    cite : str
    flaws : tuple of str
    files : tuple of CorpusFile
    """

    name: str
    title: str
    repository: str
    who: str
    when: str
    what: str
    countries: tuple[str, ...]
    language: str
    columns: str
    licence: str
    cite: str
    flaws: tuple[str, ...]
    files: tuple[CorpusFile, ...]


def _read_sheets() -> dict[str, Corpus]:
    sheets = tomllib.loads((files("composite.posts") / "corpora.toml").read_text("utf-8"))
    return {name: _make_corpus(name, sheet) for name, sheet in sheets.items()}


def _make_corpus(name: str, sheet: dict[str, Any]) -> Corpus:
    parts = tuple(CorpusFile(part["path"].rsplit("/", 1)[-1], **{"rows": None, **part}) for part in sheet.pop("files"))
    return Corpus(
        name=name,
        files=parts,
        countries=tuple(sheet.pop("countries")),
        flaws=tuple(sheet.pop("flaws")),
        **sheet,
    )


CORPORA: dict[str, Corpus] = _read_sheets()


def fetch_corpus(
    name: str,
    *,
    to: str | Path | None = None,
    address: str | None = None,
    timeout: float = 30,
    retries: int = 2,
    progress: Callable[[str, int, int], None] | None = None,
) -> tuple[Path, ...]:
    """Paths of the files of a public corpus, in the order of its sheet; what is not here yet is downloaded.

    Each file is checked by its SHA-256. One that is there and right is not downloaded again. Of a download that breaks
    off, what came is kept: the next attempt, or the next call, goes on there if the server can, and else begins that
    file anew. A file with another checksum is not kept.

    Parameters
    ----------
    name : str
        A key of `CORPORA`.
    to : str or Path, optional
        Folder of the corpora, each in a folder of its name. By default the environment variable `COMPOSITE_CORPORA`, or
        else the user's cache.
    address : str, optional
        Where `repository/commit/path` follows. By default the environment variable `COMPOSITE_CORPORA_ADDRESS`, or else
        GitHub's.
    timeout : float
        Seconds without an answer after which an attempt ends.
    retries : int
        More attempts at each file.
    progress : callable, optional
        Called with what is done, how many bytes are done, and how many there are.

    Returns
    -------
    tuple of Path

    Raises
    ------
    CompositeError
        If the corpus is unknown, a file cannot be had or is another than it should be: the file is named.
    """
    require_known([name], CORPORA, what="corpus")
    if timeout <= 0 or retries < 0:
        raise CompositeError(f"timeout {timeout!r} and retries {retries!r}: a time above 0, and 0 retries or more")
    corpus, folder = CORPORA[name], find_folder(to) / name
    base = (address or os.environ.get(ADDRESS_VARIABLE) or ADDRESS).rstrip("/")
    make_folder(folder, option="--to")
    total = sum(part.bytes for part in corpus.files)
    done = 0
    tell = progress or (lambda what, done, total: None)
    for part in corpus.files:
        there = is_right(folder / part.name, part)
        if not there:
            url = f"{base}/{corpus.repository}/{part.commit}/{quote(part.path)}"
            report = partial(_tell_part, tell, part.name, done, total)
            try:
                download_file(url, part, folder, report=report, timeout=timeout, retries=retries)
            except CompositeError as error:
                lacking = [p.name for p in corpus.files if not is_right(folder / p.name, p)]
                raise CompositeError(
                    f"{error}. Of corpus {name!r} {count(len(lacking), 'file')} of {len(corpus.files)} "
                    f"{agree(len(lacking), 'is', 'are')} missing: {', '.join(lacking)}. What is there is kept; to "
                    f"go on: {_write_command(name, to)}"
                ) from error
        done += part.bytes
        tell(f"{'already here: ' if there else 'fetched '}{part.name}", done, total)
    return tuple(folder / part.name for part in corpus.files)


def locate_corpus(name: str, *, to: str | Path | None = None) -> tuple[Path, ...]:
    """Paths of the files of a corpus that was fetched before, each checked; nothing is downloaded.

    Raises
    ------
    CompositeError
        If a file is missing or is another than it should be, with the command that brings it.
    """
    require_known([name], CORPORA, what="corpus")
    folder = find_folder(to) / name
    lacking = [part.name for part in CORPORA[name].files if not is_right(folder / part.name, part)]
    if lacking:
        raise CompositeError(
            f"corpus {name!r} is not in {str(folder)!r} ({len(lacking)} of {count(len(CORPORA[name].files), 'file')} "
            f"missing or damaged, such as {lacking[0]}): run: {_write_command(name, to)}"
        )
    return tuple(folder / part.name for part in CORPORA[name].files)


def find_folder(to: str | Path | None = None) -> Path:
    """The folder of fetched corpora: `to`, or what `COMPOSITE_CORPORA` says, or one in the user's cache."""
    import pooch

    given = to or os.environ.get(FOLDER_VARIABLE)
    return Path(given).expanduser() if given else Path(pooch.os_cache("composite")) / "corpora"


def _tell_part(tell: Callable[[str, int, int], None], name: str, before: int, total: int, size: int) -> None:
    tell(f"fetching {name}", before + size, total)


def _write_command(name: str, to: str | Path | None) -> str:
    return f"composite fetch {name}" + (f" --to {to}" if to is not None else "")
