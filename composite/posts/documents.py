"""What a file holds, by its content, and the values in a JSON document, however much of it is whole."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from composite.errors import CompositeError
from composite.posts.lines import MOST_CHARACTERS, EmptyFile, choose_encoding
from composite.posts.platforms.feeds import is_feed
from composite.posts.platforms.format import SetAside
from composite.posts.records import show
from composite.posts.streams import ZIP, Source

SPACE = re.compile(r"[\s\ufeff]*")
ASSIGNED = re.compile(r"\s*window\.[\w.]+\s*=\s*")
POSTS_ASSIGNED = re.compile(r"\s*window\.YTD\.(tweets?|community_tweets?)\.part\d+\s*=\s*")
MARKS = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.S)
ENDS = re.compile(r"[,\]}]")
# where an export keeps its posts, behind what it says of their account
LISTS = re.compile(r'"(messages|orderedItems|feed|posts|items|data)"\s*:\s*\[')


def find_kind(source: Source, encoding: str) -> str:
    """What a file is: `archive`, `feed`, `html`, `document` or `lines` (both JSON), `binary`, or `table`.

    Raises
    ------
    CompositeError
        If it cannot be opened.
    """
    if source.ending in (".parquet", ".jsonl", ".ndjson"):
        return "table" if source.ending == ".parquet" else "lines"
    head = source.head()
    if head.startswith(ZIP):
        return "archive"
    if head[257:262] == b"ustar":
        raise CompositeError(f"{source.name!r} is a tar archive: unpack it and name the folder")
    start = head.decode(choose_encoding(head, encoding), "replace").lstrip("\ufeff \t\r\n")
    if start.startswith("<"):
        return "feed" if is_feed(head) or is_feed(source.head(1 << 16)) else "html"
    if start.startswith("[") or ASSIGNED.match(start):
        return "document"
    if start.startswith("{"):
        return "lines" if _has_lines(source, encoding) else "document"
    return "table"


def _has_lines(source: Source, encoding: str) -> bool:
    """Whether the first line is a JSON value by itself and another follows."""
    head = source.head()
    with source.open() as stream:
        name = choose_encoding(head, encoding)
        wide = name.startswith(("utf-16", "utf-32"))
        first = stream.readline(MOST_CHARACTERS) if not wide else b""
        while first and not first.strip():
            first = stream.readline(MOST_CHARACTERS)
        more = b""
        while not more.strip() and (more := stream.readline(1 << 16)):
            pass
    try:
        json.loads(first.decode(name, "replace").lstrip("\ufeff"))
    except (ValueError, RecursionError):
        return False
    return bool(more.strip())


def read_values(source: Source, encoding: str) -> Iterator[tuple[int, Any]]:
    """Values of a JSON document with their numbers: the elements of a list, or the one object with the number 0.

    What is not JSON comes as a `SetAside`; so do broken elements of the list in which an object keeps its posts.

    Raises
    ------
    CompositeError
        If nothing in it can be read, or it has more bytes than are read at once.
    """
    content = source.read_whole()
    if not content.strip():
        raise EmptyFile(f"{source.name!r} is empty: it needs posts")
    text = content.decode(choose_encoding(content[:4], encoding), "replace")
    del content
    begin = found.end() if (found := ASSIGNED.match(text)) else SPACE.match(text).end()  # type: ignore[union-attr]
    if text[begin : begin + 1] == "[":
        yield from enumerate(_read_list(text, begin), 1)
        return
    try:
        yield 0, json.loads(text[begin:])
    except (ValueError, RecursionError) as error:
        kept = LISTS.search(text)
        try:
            around = json.loads(text[begin : kept.start()].rstrip().rstrip(",") + "}") if kept else None
        except (ValueError, RecursionError):
            around = None
        if kept is None or not isinstance(around, dict):
            raise CompositeError(
                f"{source.name!r} is not JSON that can be read ({_say(error)}): is it whole? fetch it again"
            ) from None
        yield 0, {**around, kept[1]: list(_read_list(text, kept.end() - 1))}


def is_posts(source: Source) -> bool:
    """Whether a script of an X archive holds posts, and not likes, messages or deleted posts."""
    head = source.head().decode("utf-8", "replace")
    return not ASSIGNED.match(head) or POSTS_ASSIGNED.match(head) is not None


def _read_list(text: str, begin: int) -> Iterator[Any]:
    """The elements of the list that begins there; one that is broken, or too deep, is passed over as a whole."""
    decoder = json.JSONDecoder()
    place = SPACE.match(text, begin + 1).end()  # type: ignore[union-attr]
    while place < len(text) and text[place] != "]":
        try:
            value, after = decoder.raw_decode(text, place)
        except (ValueError, RecursionError) as error:
            value, after = (
                SetAside(f"not valid JSON: {_say(error)}", show(text[place : place + 200])),
                _skip(text, place),
            )
        yield value
        place = SPACE.match(text, after).end()  # type: ignore[union-attr]
        if text[place : place + 1] == ",":
            place = SPACE.match(text, place + 1).end()  # type: ignore[union-attr]
        elif text[place : place + 1] != "]":
            if place < len(text) or not isinstance(value, SetAside):
                yield SetAside("the list of posts is cut off or broken here: fetch it again", show(text[place:][:200]))
            return


def _skip(text: str, place: int) -> int:
    """Where the value that begins there ends, by its brackets alone; the end of the text, if they never close."""
    if text[place] not in "[{":
        string = MARKS.match(text, place) if text[place] == '"' else None
        ends = ENDS.search(text, string.end() if string else place)
        return ends.start() if ends else len(text)
    depth = 0
    for mark in MARKS.finditer(text, place):
        depth += (mark[0] in "[{") - (mark[0] in "]}")
        if depth == 0:
            return mark.end()
    return len(text)


def _say(error: Exception) -> str:
    return "nested too deeply" if isinstance(error, RecursionError) else str(error)[:60]
