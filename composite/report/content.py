"""The report as content: what it says, once, before it becomes a page, a Word file or a PDF.

Every format renders these objects and adds no words of its own but those of a page's furniture, so that all formats say
the same.
"""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass, field
from typing import Any

# characters that XML forbids, and those that turn the direction of the text after them
_UNFIT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True)
class Paragraph:
    """A paragraph; `note` sets a warning apart."""

    text: str
    note: bool = False
    form: str = field(default="paragraph", init=False)


@dataclass(frozen=True)
class Item:
    """An item of a list; `lead` is what stands before it in bold."""

    text: str
    lead: str = ""


@dataclass(frozen=True)
class Bullets:
    """A list, numbered or not."""

    items: tuple[Item, ...]
    numbered: bool = False
    form: str = field(default="bullets", init=False)


@dataclass(frozen=True)
class Head:
    """The head of a column and what the column means."""

    name: str
    meaning: str = ""


@dataclass(frozen=True)
class Table:
    """A table of texts.

    Attributes
    ----------
    title : str
        What the table shows, for its caption.
    head : tuple of Head
    rows : tuple of tuple of str
    note : str
        What stands below it: which rows are left out, and where they are.
    colours : tuple of str
        `#RRGGBB` of each row, where a row has a colour in the figures.
    """

    title: str
    head: tuple[Head, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""
    colours: tuple[str, ...] = ()
    form: str = field(default="table", init=False)


Block = Paragraph | Bullets | Table


@dataclass(frozen=True)
class Section:
    """A part of the report under a heading; `key` names it in addresses."""

    key: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Finding:
    """Something that the data say, or cannot say.

    Attributes
    ----------
    kind : str
        One of `KINDS` in `findings`.
    topic : str
        What it is about, or the question that it answers.
    text : str
        Sentences, each with its uncertainty.
    """

    kind: str
    topic: str
    text: str


@dataclass(frozen=True)
class Exhibit:
    """A figure and the table behind it.

    Attributes
    ----------
    name : str
        Its name in the registry, and that of its files.
    title, caption, note : str
        `note` says that the corpus is illustrative, where it is.
    head, rows
        All of the table.
    printed : Table
        The part of the table that has room on paper.
    finding : str
        What the figure found, in a sentence; nothing where it is not told.
    """

    name: str
    title: str
    caption: str
    note: str
    head: tuple[Head, ...]
    rows: tuple[tuple[str, ...], ...]
    printed: Table
    finding: str = ""

    @property
    def alt(self) -> str:
        """What the figure shows, for those who cannot see it."""
        return f"{self.finding or self.title}. {self.caption}"


@dataclass(frozen=True)
class Content:
    """A whole report.

    Attributes
    ----------
    title, subtitle : str
    illustrative : str
        The note that the corpus is illustrative, or nothing.
    facts : tuple of (str, str)
        What was studied: a name and a value each.
    before, after : tuple of Section
        The sections before and after the figures.
    exhibits : tuple of Exhibit
    closing : str
        The last line.
    version : str
        Of the program.
    browser : dict
        What the page shows of the same tables when a reader sorts, copies and picks; see `prepare_browser`.
    """

    title: str
    subtitle: str
    illustrative: str
    facts: tuple[tuple[str, str], ...]
    before: tuple[Section, ...]
    exhibits: tuple[Exhibit, ...]
    after: tuple[Section, ...]
    closing: str
    version: str
    browser: dict[str, Any]


def clean(thing: Any) -> Any:
    """The same content with every text fit for all formats: characters that XML forbids become U+FFFD.

    >>> clean(Item("a\\x00b\\nc", "d"))
    Item(text='a\ufffdb c', lead='d')
    """
    if isinstance(thing, str):
        return _UNFIT.sub("\ufffd", re.sub(r"[\r\n\t]+", " ", thing))
    if isinstance(thing, tuple):
        return tuple(clean(part) for part in thing)
    if dataclasses.is_dataclass(thing) and not isinstance(thing, type):
        given = {f.name: clean(getattr(thing, f.name)) for f in dataclasses.fields(thing) if f.init}
        return dataclasses.replace(thing, **given)
    return thing
