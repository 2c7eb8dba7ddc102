"""How a figure is to look: for a page or a slide, in which language, with whose colours and title.

Every `draw_*` takes a `Look`. What it draws with asks `now()` for it, as matplotlib asks for its settings: it holds
while the figure is drawn and no longer.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from composite.codebook.countries import COUNTRY
from composite.codebook.themes import THEME
from composite.errors import require_known
from composite.report.catalogue import LANGUAGES, translate
from composite.report.colours import Colours

# width in inches, height (None: what the content needs), and size of its type against nine points
SIZES: dict[str, tuple[float, float | None, float]] = {"page": (7.1, None, 0.85), "slide": (40 / 3, 7.5, 1.4)}


@dataclass(frozen=True)
class Look:
    """The look of a figure.

    Attributes
    ----------
    size : str
        `page`: as wide as the text of an A4 page and as high as needed, with small type; `slide`: 16:9, with large
        type.
    language : str
        Of the labels: `en`, `de` or `fr`.
    title : str, optional
        What stands above the figure. By default what the table says, in one line; an empty text for none.
    colours : Colours
        See `read_colours`.

    Raises
    ------
    CompositeError
        If there is no such size or language.
    """

    size: str = "page"
    language: str = "en"
    title: str | None = None
    colours: Colours = field(default_factory=Colours)

    def __post_init__(self) -> None:
        require_known([self.size], SIZES, what="size")
        require_known([self.language], LANGUAGES, what="language of labels")

    @property
    def slide(self) -> bool:
        """Whether it is for a slide."""
        return self.size == "slide"

    @property
    def scale(self) -> float:
        """Size of type, marks and lines against those of nine-point type."""
        return SIZES[self.size][2]


_NOW: ContextVar[Look] = ContextVar("look")
_PLAIN = Look()


def now() -> Look:
    """The look in which a figure is being drawn."""
    return _NOW.get(_PLAIN)


@contextmanager
def use(look: Look) -> Iterator[None]:
    """While this lasts, `now()` is `look`."""
    before = _NOW.set(look)
    try:
        yield
    finally:
        _NOW.reset(before)


def pt(points: float) -> float:
    """So many points in nine-point type, in that of the look."""
    return points * now().scale


def area(points: float) -> float:
    """The area of a mark, which grows with the square of the type."""
    return points * now().scale ** 2


def ink() -> str:
    """The colour of text."""
    return now().colours.ink


def grey() -> str:
    """The colour of what rests on little."""
    return now().colours.grey


def accent() -> str:
    """The colour of what has no theme."""
    return now().colours.accent


def second() -> str:
    """The colour of what stands against the accent."""
    return now().colours.second


def say(text: str, **values: object) -> str:
    """A message in the language of the look; `{names}` in it stand for `values`, numbers of which are formatted."""
    filled = {name: number(value, ",") if isinstance(value, int) else value for name, value in values.items()}
    return translate(text, now().language).format(**filled)


def name_country(code: str) -> str:
    """The name of a country in the language of the look."""
    return say(COUNTRY[code].name)


def name_theme(key: str, *, short: bool = False) -> str:
    """The name of a theme in the language of the look."""
    return say(THEME[key].short if short else THEME[key].label)


def number(value: object, form: str) -> str:
    """A number with the signs of the language: a true minus, decimal comma and space in German and French.

    >>> with use(Look(language="de")):
    ...     number(-1234.5, ",.1f")
    '−1.234,5'
    """
    text = format(value, form).replace("-", "−")
    if now().language == "en":
        return text
    thousands = "." if now().language == "de" else "\u00a0"
    return text.translate({ord(","): thousands, ord("."): ","})


def per_cent(share: float, form: str = ".3g") -> str:
    """A proportion in per cent, with the sign.

    >>> per_cent(0.125)
    '12.5 %'
    """
    return f"{number(100 * share, form)} %"
