"""A file by its address and checksum, gone on with where an earlier download of it broke off."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from composite.errors import CompositeError, count
from composite.files import hash_bytes

CHUNK = 1 << 13  # bytes that are lost at most where a connection breaks off
RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")


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


def is_right(path: Path, part: CorpusFile) -> bool:
    """Whether the file at `path` is what the sheet says it is."""
    return path.is_file() and path.stat().st_size == part.bytes and hash_bytes(path.read_bytes()) == part.sha256


def download_file(
    url: str, part: CorpusFile, folder: Path, *, report: Callable[[int], None], timeout: float, retries: int
) -> None:
    """Nothing; the file is in the folder and right, or an error says why it is not, and what came of it is kept.

    Parameters
    ----------
    url : str
    part : CorpusFile
    folder : Path
    report : callable
        Called with how many of its bytes are there.
    timeout : float
        Seconds without an answer after which an attempt ends.
    retries : int
        More attempts.

    Raises
    ------
    CompositeError
        If it cannot be had, is another file than it should be, or cannot be written.
    """
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
    downloader = _Downloader(part, folder, report, timeout)
    try:
        registry.fetch(part.name, downloader=downloader)
    except requests.exceptions.RequestException as error:
        raise CompositeError(_explain(error, url, downloader)) from error
    except CompositeError:
        raise
    except OSError as error:
        why = error.strerror or error
        raise CompositeError(
            f"cannot write {part.name!r} to {str(folder)!r} ({why}): choose another folder with --to"
        ) from error
    except ValueError as error:
        raise CompositeError(
            f"{url} is not the file that it was: its SHA-256 is not {part.sha256[:12]}…, and it was not kept. What is "
            "between here and there may change files, as a page to log in does: try again on another network"
        ) from error


def _explain(error: Any, url: str, downloader: _Downloader) -> str:
    """What to say of an error of `requests`, and what to do."""
    from requests import exceptions

    if isinstance(error, exceptions.InvalidURL | exceptions.InvalidSchema | exceptions.MissingSchema):
        return f"{url!r} is no address: one begins with https:// (--address)"
    if isinstance(error, exceptions.HTTPError):
        status = error.response.status_code if error.response is not None else "with an error"
        return f"{url} answers {status}: the file is not there, or not for everybody"
    there = f"{downloader.count_bytes():,} of {count(downloader.part.bytes, 'byte')} are kept"
    if isinstance(error, exceptions.Timeout) or "timed out" in str(error):
        return f"no answer within {downloader.timeout:g} seconds from {url}: try again later; {there}"
    if downloader.answered:
        return f"the download of {url} broke off: try again; {there}"
    return f"cannot reach {url}: check that this computer is online"


class _Downloader:
    """What pooch calls for every attempt: it goes on with the part that an earlier one left, where the server can.

    The part has the checksum in its name, so that it is of no other version of the file. It is hidden, so that it is
    read with no folder of posts.
    """

    def __init__(self, part: CorpusFile, folder: Path, report: Callable[[int], None], timeout: float) -> None:
        self.part, self.report, self.timeout = part, report, timeout
        self.kept = folder / f".{part.name}.{part.sha256[:12]}.part"
        self.answered = False

    def count_bytes(self) -> int:
        """Bytes of the file that are there."""
        return self.kept.stat().st_size if self.kept.is_file() else 0

    def __call__(self, url: str, output_file: str, pooch: Any, check_only: bool = False) -> None:
        begun = self.count_bytes()
        if begun < self.part.bytes:
            self._get(url, begun)
        # what was put together from two answers may be of two files: then it is fetched whole
        if begun and not is_right(self.kept, self.part):
            self.kept.unlink()
            self._get(url, 0)
        os.replace(self.kept, output_file)

    def _get(self, url: str, begun: int) -> None:
        """Write what follows the first bytes, or, where the server cannot tell that apart, the whole."""
        import requests

        # of a packed answer a range would be one of packed bytes
        headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={begun}-"} if begun else {})
        with requests.get(url, headers=headers, stream=True, timeout=self.timeout) as response:
            if begun and response.status_code == 416:
                self.kept.unlink()
                self._get(url, 0)
                return
            response.raise_for_status()
            self.answered = True
            place = RANGE.fullmatch(response.headers.get("Content-Range", ""))
            goes_on = response.status_code == 206 and place is not None and int(place[1]) == begun
            size = begun if goes_on else 0
            with open(self.kept, "ab" if goes_on else "wb") as stream:
                self.report(size)
                for chunk in response.iter_content(CHUNK):
                    stream.write(chunk)
                    size += len(chunk)
                    if size > self.part.bytes:
                        break
                    self.report(size)
        if size > self.part.bytes:
            self.kept.unlink()
            raise CompositeError(f"{self.part.name} is longer than it should be ({count(self.part.bytes, 'byte')})")
        if size < self.part.bytes and "Content-Length" not in response.headers:
            raise requests.exceptions.ChunkedEncodingError("the answer ended early")
