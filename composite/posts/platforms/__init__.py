"""Exports of platforms → fields of posts: a module each family, and here the list of all."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from composite.errors import CompositeError, nearest
from composite.posts.platforms import channels, fediverse, feeds, fourcat, meta, x
from composite.posts.platforms.format import Format

FORMATS: dict[str, Format] = {
    form.name: form for family in (x, fediverse, meta, channels, feeds, fourcat) for form in family.FORMATS
}
TABLE = "table"  # a table whose columns are ours, or are named with --column
NAMES = (TABLE, *FORMATS)


def find_format(name: str) -> Format | None:
    """The format of that name; None for a plain table.

    Raises
    ------
    CompositeError
        If there is none of that name.
    """
    if name not in NAMES:
        raise CompositeError(f"format {name!r} is not known: {nearest(name, NAMES)}")
    return FORMATS.get(name)


def recognise(values: Iterable[Any], kind: str, where: str) -> Format | None:
    """The one format of that kind that the first of the values that any knows is of; None if none knows any.

    Raises
    ------
    CompositeError
        If a value fits several.
    """
    for value in values:
        found = [form for form in FORMATS.values() if form.kind == kind and form.recognise(value)]
        if len(found) > 1:
            names = " or ".join(form.name for form in found)
            raise CompositeError(f"{where!r} may be {names}: say which with --format NAME (format=)")
        if found:
            return found[0]
    return None
