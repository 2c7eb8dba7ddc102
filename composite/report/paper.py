"""How figures and tables fit on A4, for Word and PDF alike."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from composite.report.content import Exhibit, Table
from composite.report.pictures import POINTS, Picture

# room for a figure in inches, beside margins, its heading and its caption
PORTRAIT = (6.69, 8.3)
LANDSCAPE = (10.1, 4.9)
LEGIBLE = 0.65  # a figure that is drawn smaller than this has letters below 6 points
GAIN = 1.2  # a page is turned only for figures that are so much larger on it
SHORT, LONG = 14.0, 40.0  # characters: a cell up to the one stays on a line, a column grows up to the other
ONE_LINE = 10  # characters of a head that is not broken
GUTTER = 1.7  # characters that the space between two columns is as wide as
TOGETHER = 30  # rows: a table that is no longer stays on one page
SMALL, SMALLER = 8.5, 7.0  # points, in tables and in wide tables
# what stands on a page beside a figure, in points: a little more than either format needs
PAGE, HEADING, GAPS = 720.0, 36.0, 16.0
LINE, CAPTION, NOTE, ROW = 1.25, 12.2, 11.6, 2.5  # of the type in a cell; a line of a caption, of a note; between rows
LETTERS = 108  # of a caption or a note in a line
LEAST = 0.72  # of its size: a figure is not made smaller than this so that its table stands below it
MANY = 8  # columns: with more, long cells are broken so that heads do not run into each other
_NUMBER = re.compile(r"^(–|[<+−-]?[\d.,]+( ?[%*†])?)$")


@dataclass(frozen=True)
class Place:
    """Where a figure stands: on which page, how wide and how high, in inches, and whether its table is below it."""

    landscape: bool
    width: float
    height: float
    together: bool


def place_exhibit(exhibit: Exhibit, picture: Picture) -> Place:
    """Upright, if the figure can be read so or a turned page would show it hardly larger.

    On an upright page it is made a little smaller where there is then room for its table below it.
    """
    upright, turned = picture.fit(*PORTRAIT), picture.fit(*LANDSCAPE)
    if upright[0] < LEGIBLE * picture.size[0] and turned[0] > GAIN * upright[0]:
        return Place(True, *turned, together=False)
    captions = 2 + (len(exhibit.caption) + len(exhibit.printed.title)) // LETTERS
    room = PAGE - HEADING - GAPS - captions * CAPTION - measure_table(exhibit.printed)
    beside = picture.fit(PORTRAIT[0], max(1.0, room / POINTS))
    together = beside[0] >= LEAST * upright[0]
    return Place(False, *(beside if together else upright), together=together)


def measure_table(table: Table) -> float:
    """How high a table is on an upright page with what stands below it, in points, by and large."""
    heads = [head.name for head in table.head]
    widths, _ = weigh_columns(heads, table.rows)
    size = SMALL if len(heads) <= MANY else SMALLER
    letters = [(POINTS * PORTRAIT[0] * width - 6) / (0.5 * size) for width in widths]
    lines = [max(map(_count_lines, row, letters)) for row in (heads, *table.rows)]
    note = NOTE * (1 + len(table.note) // LETTERS) if table.note else 0.0
    return sum(count * LINE * size + ROW for count in lines) + note


def _count_lines(text: str, room: float) -> int:
    """In how many lines a text stands where each has room for so many letters."""
    lines, filled = 1, 0.0
    for word in text.split():
        width = _measure(word)
        if filled and filled + 0.6 + width > room:
            lines, filled = lines + 1, width
        else:
            filled += width + (0.6 if filled else 0)
    return lines


def _measure(word: str) -> float:
    """How wide a word is, in letters of middling width."""
    return sum(1.5 if letter in "mwMW" else 0.65 if letter in "fijlrtI" else 1 for letter in word)


def weigh_columns(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> tuple[list[float], list[bool]]:
    """The width that each column deserves, as parts of one, and whether its cells are all numbers.

    >>> weigh_columns(["theme", "n"], [["having a voice", "1"], ["community policing", "12"]])
    ([0.7564, 0.2436], [False, True])
    """
    widths, numeric = [], []
    for place, head in enumerate(heads):
        cells = [row[place] for row in rows]
        word = max((_measure(word) for text in cells for word in text.split()), default=1)
        broken = len(head) > ONE_LINE or len(heads) > MANY
        title = max((_measure(word) for word in head.split()), default=1) if broken else _measure(head)
        mean = sum(len(cell) for cell in cells) / max(1, len(cells))
        longest = max((len(text) for text in cells), default=1)
        most = LONG if len(heads) <= MANY else SHORT
        whole_cell = min(longest, SHORT if len(heads) <= MANY else SHORT / 2)
        widths.append(GUTTER + max(4.0, 1.3 * title, 1.2 * word, whole_cell, min(mean, most)))
        numeric.append(bool(cells) and all(_NUMBER.match(cell) for cell in cells))
    whole = sum(widths)
    return [round(width / whole, 4) for width in widths], numeric
