"""How figures and tables fit on A4, for Word and PDF alike."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from composite.report.pictures import Picture

# room for a figure in inches, beside margins, its heading and its caption
PORTRAIT = (6.69, 7.6)
LANDSCAPE = (10.1, 4.9)
LEGIBLE = 0.65  # a figure that is drawn smaller than this has letters below 6 points
GAIN = 1.2  # a page is turned only for figures that are so much larger on it
SHORT, LONG = 14.0, 40.0  # characters: a cell up to the one stays on a line, a column grows up to the other
ONE_LINE = 10  # characters of a head that is not broken
GUTTER = 1.7  # characters that the space between two columns is as wide as
MANY = 8  # columns: with more, long cells are broken so that heads do not run into each other
_NUMBER = re.compile(r"^(–|[<+−-]?[\d.,]+( ?[%*†])?)$")


@dataclass(frozen=True)
class Place:
    """Where a figure stands: on which page, how wide and how high, in inches."""

    landscape: bool
    width: float
    height: float


def place_figure(picture: Picture) -> Place:
    """Upright, if the figure can be read so or a turned page would show it hardly larger."""
    upright, turned = picture.fit(*PORTRAIT), picture.fit(*LANDSCAPE)
    landscape = upright[0] < LEGIBLE * picture.size[0] and turned[0] > GAIN * upright[0]
    return Place(landscape, *(turned if landscape else upright))


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
