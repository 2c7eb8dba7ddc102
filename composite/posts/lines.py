"""Bytes of a text file → its lines, none of them without end."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator

from composite.errors import CompositeError
from composite.posts.streams import DAMAGED, Source

MOST_CHARACTERS = 50_000_000  # of a line: a page of 500 posts with all that they refer to has some millions
WRONG_ENCODING = "wrong encoding: name the file's with --encoding (encoding=)"
BAD_BYTE = "\udc80"
# lone surrogates, which no file can hold, mark a line that is not as the file has it
CUT_OFF, TOO_LONG = "\udc00", "\udc01"


class EmptyFile(CompositeError):
    """A file without a line."""


def check_encoding(encoding: str) -> str:
    """The name that Python has for an encoding.

    Raises
    ------
    CompositeError
        If it has none.
    """
    try:
        b"ab".decode(encoding, "replace")
    except (LookupError, ValueError):
        raise CompositeError(f"encoding {encoding!r} is not known: such are 'utf-8', 'cp1252', 'cp1251'") from None
    return codecs.lookup(encoding).name


def choose_encoding(head: bytes, encoding: str) -> str:
    """The encoding of a text that begins so: a byte-order mark goes before what is said."""
    encoding = check_encoding(encoding)
    if head[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) and encoding != "utf-32":
        return "utf-16"
    return "utf-8-sig" if encoding == "utf-8" else encoding


def read_lines(source: Source, encoding: str) -> Iterator[str]:
    """Lines of text; bytes that the encoding does not know come as `BAD_BYTE`, so that their record can be named.

    A line that is too long, or where the file is cut off, comes as its beginning behind a mark: see `bad_text`.

    Raises
    ------
    CompositeError
        If the file is empty or no text, or cannot be opened.
    """
    head = source.head()
    if not head.strip():
        raise EmptyFile(f"{source.name!r} is empty: it needs a header line and posts")
    encoding = choose_encoding(head, encoding)
    if not encoding.startswith(("utf-16", "utf-32")) and head.count(b"\0") > max(8, len(head) // 100):
        raise CompositeError(f"{source.name!r} is not a text file, whatever its name says: export it as CSV again")
    # surrogateescape cannot go on after bytes below 128, such as half a pair in UTF-16
    codecs.register_error("composite", lambda error: (BAD_BYTE, error.end))  # type: ignore[attr-defined]
    with source.open() as stream, io.TextIOWrapper(stream, encoding=encoding, errors="composite", newline="\n") as text:
        while True:
            try:
                line = text.readline(MOST_CHARACTERS)
                if len(line) == MOST_CHARACTERS and line[-1] != "\n":
                    line = TOO_LONG + line[:200]
                    while (rest := text.readline(1 << 20)) and rest[-1] != "\n":
                        pass
            except CompositeError:
                raise
            except DAMAGED:
                yield CUT_OFF + "file ends early: truncated or damaged"
                return
            if not line:
                return
            yield line


def bad_text(text: str) -> str:
    """Why `text` cannot be a record, or nothing."""
    if text.startswith(CUT_OFF):
        return "the gzip file is cut off here: fetch or zip it again"
    if text.startswith(TOO_LONG):
        return f"a line of more than {MOST_CHARACTERS:,} characters"
    if BAD_BYTE in text:
        return WRONG_ENCODING
    if "\0" in text:
        return "NUL byte"
    return ""
