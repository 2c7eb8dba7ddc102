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


def weigh_columns(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> tuple[list[float], list[bool]]:
    """The width that each column deserves, as parts of one, and whether its cells are all numbers.

    >>> weigh_columns(["theme", "n"], [["having a voice", "1"], ["community policing", "12"]])
    ([0.8, 0.2], [False, True])
    """
    widths, numeric = [], []
    for place, head in enumerate(heads):
        cells = [row[place] for row in rows]
        word = max((len(word) for text in cells for word in text.split()), default=1)
        title = max((len(word) for word in head.split()), default=1) if len(head) > ONE_LINE else len(head)
        mean = sum(len(cell) for cell in cells) / max(1, len(cells))
        longest = max((len(text) for text in cells), default=1)
        widths.append(max(4.0, 1.1 * title, 1.2 * word, min(longest, SHORT), min(mean, LONG)))
        numeric.append(bool(cells) and all(_NUMBER.match(cell) for cell in cells))
    whole = sum(widths)
    return [round(width / whole, 4) for width in widths], numeric
