"""Press releases in an RSS or Atom feed."""

from __future__ import annotations

import calendar
import io
import re
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from composite.errors import CompositeError
from composite.posts.platforms.fediverse import find_host
from composite.posts.platforms.format import Format, SetAside, dig, join_texts, language, name_post, string, strip_html

FEED = re.compile(rb"<(?:\w+:)?(?:rss|feed|RDF)[\s>]", re.I)
ENTRY = re.compile(rb"<(?:\w+:)?(?:item|entry)[\s>]", re.I)


def is_feed(content: bytes) -> bool:
    """Whether the start of a file is that of a feed."""
    return FEED.search(content.replace(b"\0", b"")) is not None


def unpack_feed(content: bytes, name: str) -> Iterator[Any]:
    """The entries of a feed, each with the feed itself; what the feed begins and does not end is set aside.

    Raises
    ------
    CompositeError
        If it declares entities, or is no feed.
    """
    # no feed needs entities of its own, and a few lines of them can be made to fill any memory
    if re.search(rb"<!ENTITY", content.replace(b"\0", b""), re.I):
        raise CompositeError(f"{name!r} declares entities, as no feed does that means well: it is not read")
    import feedparser

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            # a stream, since a string may be taken for an address and fetched; pages are cleaned by strip_html
            found = feedparser.parse(io.BytesIO(content), sanitize_html=False, resolve_relative_uris=False)
        except Exception as error:  # of many kinds: it mends what it can, and stumbles where it cannot
            raise CompositeError(
                f"{name!r} is no feed that can be read ({type(error).__name__}): fetch it again"
            ) from None
    for entry in found.entries:
        yield entry, found.feed
    begun = len(ENTRY.findall(content.replace(b"\0", b"")))
    if found.bozo and begun > len(found.entries):
        for _ in range(begun - len(found.entries)):
            yield SetAside("the feed is cut off or broken here: fetch it again", dig(found, "feed", "title"))


def _read_entry(item: Any) -> dict[str, Any]:
    entry, feed = item
    link, site = string(entry.get("link")), string(feed.get("link"))
    identifier = string(entry.get("id")) or link
    host = (find_host(site) or find_host(link) or "").removeprefix("www.")
    if identifier and "://" not in identifier:
        identifier = f"{host}#{identifier}"
    bodies = entry.get("content")
    body = dig(bodies, 0, "value") if isinstance(bodies, list) else None
    return {
        "post_id": name_post("rss", identifier),
        "account": host or string(feed.get("title")),
        "platform": "rss",
        "published": _read_time(entry),
        "language": language(dig(bodies, 0, "language") or feed.get("language")),
        "text": join_texts(strip_html(entry.get("title")), strip_html(body or entry.get("summary"))),
        "url": link,
    }


def _read_time(entry: Any) -> str | None:
    for name in ("published", "updated"):
        parsed = entry.get(f"{name}_parsed")
        if parsed is not None:
            try:
                return datetime.fromtimestamp(calendar.timegm(parsed), UTC).isoformat()
            except (ValueError, OverflowError, OSError):
                return string(entry.get(name))
        if entry.get(name):
            return string(entry.get(name))
    return None


FORMATS = (
    Format(
        name="rss",
        title="RSS and Atom feeds of press releases",
        kind="feed",
        columns=("post_id", "account", "platform", "published", "language", "text", "url"),
        lacks="all counts; `account` is the site's host (police.example); many feeds give only the start of a text",
        how="`curl https://SITE/feed > feed.xml`, again and again, since feeds drop what is old",
        recognise=is_feed,
        read=_read_entry,
    ),
)
