"""What an adapter is, and the small tools that all adapters share."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

# codes by which platforms say that they do not know the language, or that there is none
NO_LANGUAGE = ("und", "mul", "mis", "zxx", "art", "qam", "qct", "qht", "qme", "qst")
OLD_CODES = {"in": "id", "iw": "he"}
BLOCKS = frozenset(
    (
        *("address", "article", "aside", "blockquote", "dd", "div", "dl", "dt", "figcaption", "figure", "footer"),
        *("h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p", "pre", "section"),
        *("table", "tr", "ul"),
    )
)
UNSEEN = frozenset(("script", "style", "template", "noscript", "head"))


class SetAside(Exception):
    """An item of an export that is no post, or no post that can be read.

    Attributes
    ----------
    reason, value : str
        Why, and the identifier or the value at fault.
    """

    def __init__(self, reason: str, value: Any = "") -> None:
        super().__init__(reason)
        self.reason, self.value = reason, "" if value is None else str(value)


@dataclass(frozen=True)
class Format:
    """A platform's export: how it is recognised, and how it becomes rows of the table `posts`.

    Attributes
    ----------
    name : str
        What `--format` calls it.
    title : str
        What people call it.
    kind : str
        `table` (one row an item), `json` (lines, an array or one object), or `feed`.
    columns : tuple of str
        Columns of `posts` that it can fill.
    lacks : str
        What is missing in it, or differs from what one would think.
    how : str
        How to get such a file.
    recognise : callable
        Whether a set of columns (`table`) or a JSON value (`json`) is of this format.
    unpack : callable
        A JSON value, and the account that the files beside it name → items; a `SetAside` among them is set aside.
    read : callable
        An item → the fields of a post; raises `SetAside` if it is none.
    owner : callable, optional
        The account whose export it is, from the files beside it: a function of name → content.
    """

    name: str
    title: str
    kind: str
    columns: tuple[str, ...]
    lacks: str
    how: str
    recognise: Callable[[Any], bool]
    read: Callable[[Any], dict[str, Any]]
    unpack: Callable[[Any, str | None], Iterator[Any]] | None = None
    owner: Callable[[Callable[[str], bytes | None]], str | None] | None = None


def dig(value: Any, *path: str | int) -> Any:
    """What stands at `path` in nested objects and lists, or None if there is no such place.

    >>> dig({"a": [{"b": 5}]}, "a", 0, "b"), dig({"a": "text"}, "a", "b")
    (5, None)
    """
    for step in path:
        if isinstance(value, dict) and isinstance(step, str):
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int) and -len(value) <= step < len(value):
            value = value[step]
        else:
            return None
    return value


def dicts(value: Any) -> list[dict[str, Any]]:
    """The objects in a list; none, if it is no list."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def string(value: Any) -> str | None:
    """A text or a number as text; anything else, and an empty text, is missing."""
    if isinstance(value, str):
        return value.strip() or None
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def number(value: Any) -> Any:
    """A count as platforms write it, thousands separated by commas; missing, if they say that there is none."""
    if isinstance(value, str):
        value = value.strip().replace(",", "").replace("\u202f", "")
        return None if value.casefold() in ("", "n/a", "na", "none", "null", "nan", "-") else value
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def language(code: Any) -> str | None:
    """A language that a platform gives, as ISO 639 has it; missing, if it says that it does not know.

    >>> language("en-GB"), language("und"), language("iw")
    ('en', None, 'he')
    """
    code = re.split("[-_]", string(code) or "")[0].lower()
    return None if not re.fullmatch("[a-z]{2,3}", code) or code in NO_LANGUAGE else OLD_CODES.get(code, code)


def name_post(platform: str, identifier: Any) -> str | None:
    """A post's identifier that no other platform's can equal: an address is one already.

    >>> name_post("twitter", 12), name_post("mastodon", "https://a.example/1")
    ('twitter:12', 'https://a.example/1')
    """
    text = string(identifier)
    return text if text is None or "://" in text else f"{platform}:{text}"


def from_unix(seconds: Any) -> str | None:
    """ISO 8601 in UTC from seconds since 1970; what is no such number stays as it is, to be set aside as no date."""
    text = string(seconds)
    if text is None:
        return None
    try:
        return datetime.fromtimestamp(float(text), UTC).isoformat()
    except (ValueError, OverflowError, OSError):
        return text


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.unseen = 0

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag in UNSEEN:
            self.unseen += 1
        elif tag == "br":
            self.parts.append("\n")
        elif tag in BLOCKS:
            self.parts.append("\n\n" if tag == "p" else "\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in UNSEEN:
            self.unseen = max(0, self.unseen - 1)
        elif tag in BLOCKS:
            self.parts.append("\n\n" if tag == "p" else "\n")

    def handle_data(self, data: str) -> None:
        if not self.unseen:
            self.parts.append(re.sub(r"[ \t\r\n\f]+", " ", data))


def strip_html(html: Any) -> str:
    """The text that a reader of some HTML sees: paragraphs apart, scripts and styles left out, links with their words.

    >>> strip_html("<p>Found!<br>Thank&nbsp;you &amp; bye</p><script>x()</script>")
    'Found!\\nThank you & bye'
    """
    text = html if isinstance(html, str) else ""
    if "<" not in text and "&" not in text:
        return text.strip()
    parser = _Text()
    parser.feed(text)
    parser.close()
    text = "".join(parser.parts).replace("\u00a0", " ")
    return re.sub(r"\n{3,}", "\n\n", re.sub(r" *\n *", "\n", text)).strip()


def join_texts(*parts: Any) -> str:
    """Texts one below the other, a blank line between; one that another begins with is not said twice."""
    told: list[str] = []
    for part in parts:
        text = string(part)
        if text and text not in told:
            told = [*(() if told and text.startswith(told[-1]) else told), text]
    return "\n\n".join(told)
