"""Bytes of files and of what is packed in them, with limits: nothing is unpacked to disk, and nothing without end."""

from __future__ import annotations

import gzip
import io
import os
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any

from composite.errors import CompositeError, count
from composite.posts.text import clean_text

GIGABYTES, RATIO = "COMPOSITE_MAX_GB", "COMPOSITE_MAX_RATIO"
MOST_GB, MOST_RATIO = 50.0, 200.0  # text packs to a tenth or a thirtieth; only what is made to fill a disk goes beyond
WHOLE_GB = 1.0  # what has to be read at once: a JSON document, a feed
SMALL = 100_000_000  # up to so many bytes no ratio is suspicious
MOST_MEMBERS = 100_000
GZIP, ZIP = b"\x1f\x8b", (b"PK\x03\x04", b"PK\x05\x06")
OFFICE = ("[Content_Types].xml", "META-INF/manifest.xml")
DAMAGED = (EOFError, zlib.error, OSError, zipfile.BadZipFile, RuntimeError, NotImplementedError, ValueError)


def find_limit(name: str, default: float) -> float:
    """A limit, as the environment raises it, or the default.

    Raises
    ------
    CompositeError
        If the environment has something that is no number.
    """
    given = os.environ.get(name, "").strip()
    try:
        limit = float(given) if given else default
    except ValueError:
        limit = 0.0
    if not limit > 0:
        raise CompositeError(f"{name}={given} in the environment is no limit: write a number such as {default:g}")
    return limit


class Meter:
    """Counts the bytes that come out of a packed file, and stops at a limit.

    Parameters
    ----------
    name : str
        What errors call the file.
    packed : callable
        The bytes that have gone into it so far.
    """

    def __init__(self, name: str, packed: Callable[[], int]) -> None:
        self.name, self.packed, self.seen = name, packed, 0

    def count(self, size: int) -> None:
        """Add `size` bytes; an error, if they are too many, or too many for what went in."""
        self.seen += size
        if self.seen <= SMALL:
            return
        most, ratio = find_limit(GIGABYTES, MOST_GB), find_limit(RATIO, MOST_RATIO)
        if self.seen > most * 1e9:
            raise CompositeError(
                f"{self.name!r} unpacks to more than {most:g} GB: if you trust it, raise the limit with {GIGABYTES}=…"
            )
        if self.seen > ratio * max(self.packed(), 1):
            raise CompositeError(
                f"{self.name!r} unpacks to more than {ratio:g} times its size, as bombs do: if you trust it, raise the "
                f"limit with {RATIO}=1000"
            )


class _Metered(io.RawIOBase):
    def __init__(self, stream: Any, meter: Meter, below: IO[bytes] | None = None) -> None:
        self._stream, self._meter, self._below = stream, meter, below

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        size = int(self._stream.readinto(buffer))
        self._meter.count(size)
        return size

    def tell(self) -> int:
        return int(self._stream.tell())

    def close(self) -> None:
        self._stream.close()
        if self._below is not None:
            self._below.close()
        super().close()


@dataclass(frozen=True)
class Source:
    """A file, or a file in an archive.

    Attributes
    ----------
    name : str
        What notes, errors and the table `rejected` call it.
    opener : callable
        Opens it as it is.
    beside : callable
        The content of the file of that name beside it, or None.
    """

    name: str
    opener: Callable[[], io.BufferedReader]
    beside: Callable[[str], bytes | None]

    @property
    def ending(self) -> str:
        """The ending of its name in lower case, without `.gz`."""
        return PurePosixPath(self.name.lower().removesuffix(".gz")).suffix

    def open(self) -> IO[bytes]:
        """Its bytes, unzipped if they are gzipped.

        Raises
        ------
        CompositeError
            If it cannot be opened, or, while it is read, if it unpacks to more than the limits allow.
        """
        try:
            raw = self.opener()
            start = raw.peek(2)[:2]
        except DAMAGED as error:
            why = getattr(error, "strerror", None) or str(error)
            raise CompositeError(f"cannot open {self.name!r} ({why})") from error
        if start != GZIP:
            return raw
        meter = Meter(self.name, raw.tell)
        return io.BufferedReader(_Metered(gzip.GzipFile(fileobj=raw), meter, raw), 1 << 16)

    def head(self, size: int = 4096) -> bytes:
        """Its first bytes, unzipped.

        Raises
        ------
        CompositeError
            If it cannot be opened, or is a gzip file of which not even these can be read.
        """
        with self.open() as stream:
            try:
                return stream.read(size)
            except DAMAGED as error:
                raise self._damaged(error) from None

    def read_whole(self) -> bytes:
        """All of its bytes, unzipped.

        Raises
        ------
        CompositeError
            If they are more than fit in the limit, or it is damaged.
        """
        most = find_limit(GIGABYTES, WHOLE_GB)
        parts: list[bytes] = []
        size = 0
        with self.open() as stream:
            while True:
                try:
                    part = stream.read(1 << 20)
                except DAMAGED as error:
                    raise self._damaged(error) from None
                if not part:
                    return b"".join(parts)
                parts.append(part)
                size += len(part)
                if size > most * 1e9:
                    raise CompositeError(
                        f"{self.name!r} has more than {most:g} GB, and is of a format that is read at once: if you "
                        f"have the memory, raise the limit with {GIGABYTES}=…"
                    )

    def _damaged(self, error: Exception) -> CompositeError:
        if isinstance(error, CompositeError):
            return error
        if isinstance(error, zipfile.BadZipFile):
            return CompositeError(f"{self.name!r} is damaged ({error}): fetch the archive again")
        return CompositeError(f"{self.name!r} is not a whole gzip file: fetch or zip it again")


def _opener(path: Path) -> Callable[[], io.BufferedReader]:
    return lambda: open(path, "rb")


def open_file(path: Path) -> Source:
    """The source of a file on disk. Beside it are the files of its folder, and, in an export that is unpacked, those of
    the folder `personal_information` in one of the folders above.
    """

    def beside(name: str) -> bytes | None:
        above = [place / "personal_information" for place in path.absolute().parents[:4]]
        for folder in (path.parent, *above, *(place / "personal_information" for place in above)):
            for file in (folder / name, folder / f"{name}.gz"):
                if file.is_file() and file.stat().st_size < SMALL:
                    return Source(file.name, _opener(file), lambda name: None).read_whole()
        return None

    return Source(path.name, _opener(path), beside)


def list_members(path: Path) -> Iterator[Source]:
    """The files in a ZIP archive, by name. They are read where they are: no name in an archive is a place on disk.

    Raises
    ------
    CompositeError
        If it is no ZIP archive that can be read, has a password, or holds too many files.
    """
    try:
        archive = zipfile.ZipFile(path)
        infos = sorted(archive.infolist(), key=lambda info: info.filename)
    except DAMAGED as error:
        raise CompositeError(f"{path.name!r} is not a ZIP archive that can be read ({error})") from error
    if len(infos) > MOST_MEMBERS:
        raise CompositeError(f"{path.name!r} holds {count(len(infos), 'file')}: unpack it and name the folder")
    if any(info.filename in OFFICE for info in infos):
        raise CompositeError(f"{path.name!r} is a workbook or a document: save the sheet as CSV in UTF-8")
    size = path.stat().st_size
    meter = Meter(path.name, lambda: size)

    def open_member(info: zipfile.ZipInfo) -> Callable[[], io.BufferedReader]:
        return lambda: io.BufferedReader(_Metered(archive.open(info), meter), 1 << 16)

    def beside(name: str) -> bytes | None:
        for info in infos:
            if PurePosixPath(info.filename).name == name and info.file_size < SMALL:
                return Source(info.filename, open_member(info), lambda name: None).read_whole()
        return None

    with archive:
        for info in infos:
            # a link holds a name and no posts
            if info.filename.endswith("/") or stat.S_ISLNK(info.external_attr >> 16):
                continue
            if info.flag_bits & 1:
                raise CompositeError(f"{path.name!r} has a password: unpack it and name the folder")
            yield Source(f"{path.name}/{clean_text(info.filename)}", open_member(info), beside)
