"""What marks mean that a figure's legend does not say: the notes below it, which go wherever the figure goes."""

from __future__ import annotations

from collections.abc import Iterable

from composite.report.look import say
from composite.report.telling import FEW


def note_marks(*, hollow: bool = False, dotted: bool = False, grey: bool = False, italic: bool = False) -> str:
    """What the marks that are in a figure mean.

    >>> note_marks(dotted=True, grey=True)
    'Dotted: these posts only, of too few agencies for more. Grey: fewer than 30 coded posts.'
    """
    return join(
        say("Hollow and dotted: these posts only, of too few agencies for more.") if hollow else "",
        say("Dotted: these posts only, of too few agencies for more.") if dotted else "",
        say("Grey: fewer than {few} coded posts.", few=FEW) if grey else "",
        say("Italic: fewer than {few} coded posts.", few=FEW) if italic else "",
    )


def note_shares(names: Iterable[str], *, italic: bool) -> str:
    """What a reader of a heat map of shares has to know; `names` of rows that end in a star are of too few agencies."""
    star = any(name.endswith(" *") for name in names)
    return join(
        say("A post can have several themes: rows do not sum to 100."),
        note_marks(italic=italic),
        say("*: these posts only, of too few agencies for more.") if star else "",
    )


def note_heights() -> str:
    """That panels are not to be compared by the height of what is in them."""
    return say("Heights differ between panels.")


def join(*notes: str) -> str:
    """The notes that are not empty, as one."""
    return " ".join(filter(None, notes))
