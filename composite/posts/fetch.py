"""Public corpora: a sheet of each, and their files by address and checksum."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import quote

from composite.errors import CompositeError, agree, count, require_known
from composite.files import hash_bytes, make_folder

ADDRESS = "https://raw.githubusercontent.com"
ADDRESS_VARIABLE = "COMPOSITE_CORPORA_ADDRESS"
FOLDER_VARIABLE = "COMPOSITE_CORPORA"
CHUNK = 1 << 16


@dataclass(frozen=True)
class CorpusFile:
    """A file of a public corpus, as it stood at one commit.

    Attributes
    ----------
    name : str
        Name of the local copy.
    path, commit : str
        Where it is in the repository.
    bytes : int
    sha256 : str
    rows : int or None
        Rows with data; None if nobody of this project has counted them.
    """

    name: str
    path: str
    commit: str
    bytes: int
    sha256: str
    rows: int | None


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

    Each file is checked by its SHA-256. One that is there and right is not downloaded again, and a download that breaks
    off or has another checksum is not kept: called again, the function goes on with that file.

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
    make_folder(folder)
    total = sum(part.bytes for part in corpus.files)
    done = 0
    for part in corpus.files:
        bar = _Bar(part, done, total, progress)
        there = is_right(folder / part.name, part)
        if not there:
            url = f"{base}/{corpus.repository}/{part.commit}/{quote(part.path)}"
            try:
                _download(url, part, folder, bar, timeout, retries)
            except CompositeError as error:
                lacking = [p.name for p in corpus.files if not is_right(folder / p.name, p)]
                raise CompositeError(
                    f"{error}. Of corpus {name!r} {count(len(lacking), 'file')} of {len(corpus.files)} "
                    f"{agree(len(lacking), 'is', 'are')} missing: {', '.join(lacking)}. What is there is kept; to "
                    f"go on: {_write_command(name, to)}"
                ) from error
        done += part.bytes
        bar.show(f"{'already here: ' if there else 'fetched '}{part.name}", done)
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
            f"missing or not as it should be, such as {lacking[0]}): run: {_write_command(name, to)}"
        )
    return tuple(folder / part.name for part in CORPORA[name].files)


def find_folder(to: str | Path | None = None) -> Path:
    """The folder of fetched corpora: `to`, or what `COMPOSITE_CORPORA` says, or one in the user's cache."""
    import pooch

    given = to or os.environ.get(FOLDER_VARIABLE)
    return Path(given).expanduser() if given else Path(pooch.os_cache("composite")) / "corpora"


def is_right(path: Path, part: CorpusFile) -> bool:
    """Whether the file at `path` is what the sheet says it is."""
    return path.is_file() and path.stat().st_size == part.bytes and hash_bytes(path.read_bytes()) == part.sha256


def _write_command(name: str, to: str | Path | None) -> str:
    return f"composite fetch {name}" + (f" --to {to}" if to is not None else "")


class _Bar:
    """What pooch tells of a download, handed on; a file that is longer than it should be ends the download."""

    def __init__(self, part: CorpusFile, before: int, total: int, report: Callable[[str, int, int], None] | None):
        self.part, self.before, self.everything, self.report = part, before, total, report
        self.count = 0
        self._total = 0

    @property
    def total(self) -> int:
        return self._total

    @total.setter
    def total(self, value: int) -> None:  # set by pooch as each attempt begins
        self._total, self.count = value, 0

    def update(self, size: int) -> None:
        self.count += size
        if self.count > self.part.bytes + 2 * CHUNK:
            raise CompositeError(f"{self.part.name} is longer than it should be ({count(self.part.bytes, 'byte')})")
        self.show(f"fetching {self.part.name}", self.before + min(self.count, self.part.bytes))

    def show(self, what: str, done: int) -> None:
        if self.report:
            self.report(what, done, self.everything)

    def reset(self) -> None:
        self.count = 0

    def close(self) -> None:
        pass


def _download(url: str, part: CorpusFile, folder: Path, bar: _Bar, timeout: float, retries: int) -> None:
    """Nothing; the file is there and right, or an error says why it is not."""
    import pooch
    import requests

    pooch.get_logger().setLevel("ERROR")
    registry = pooch.create(
        path=folder,
        base_url="",
        registry={part.name: f"sha256:{part.sha256}"},
        urls={part.name: url},
        retry_if_failed=retries,
    )
    downloader = pooch.HTTPDownloader(progressbar=bar, chunk_size=CHUNK, timeout=timeout)
    try:
        registry.fetch(part.name, downloader=downloader)
    except requests.exceptions.Timeout as error:
        raise CompositeError(f"no answer within {timeout:g} seconds from {url}: try again later") from error
    except requests.exceptions.HTTPError as error:
        status = error.response.status_code if error.response is not None else "with an error"
        raise CompositeError(f"{url} answers {status}: the file is not there, or not for everybody") from error
    except requests.exceptions.ConnectionError as error:
        raise CompositeError(f"cannot reach {url}: check that this computer is online") from error
    except requests.exceptions.RequestException as error:
        raise CompositeError(f"the download of {url} broke off: try again") from error
    except CompositeError:
        raise
    except ValueError as error:
        raise CompositeError(
            f"{url} is not the file that it was: its SHA-256 is not {part.sha256[:12]}…, and it was not kept"
        ) from error
