"""The errors that users see: each says what is wrong, with which value, and how to mend it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable


class CompositeError(ValueError):
    """Bad input to `composite`: the message names the value and the cure."""


class CompositeWarning(UserWarning):
    """Something a reader of the numbers has to know."""


def nearest(value: str, valid: Iterable[str]) -> str:
    """A hint that names the valid name most like `value`, or lists them all.

    >>> nearest("contry", ["country", "text"])
    "did you mean 'country'?"
    >>> nearest("zzz", ["country", "text"])
    'valid are: country, text'
    """
    names = [str(name) for name in valid]
    lowered = {name.lower(): name for name in reversed(names)}
    close = difflib.get_close_matches(str(value).lower(), list(lowered), n=1, cutoff=0.6)
    return f"did you mean {lowered[close[0]]!r}?" if close else f"valid are: {', '.join(names)}"


def count(number: int, noun: str) -> str:
    """A number with its noun.

    >>> count(1, "post"), count(1200, "post"), count(2, "agency")
    ('1 post', '1,200 posts', '2 agencies')
    """
    if number == 1:
        return f"{number:,} {noun}"
    return f"{number:,} {noun[:-1]}ies" if re.search("[^aeiou]y$", noun) else f"{number:,} {noun}s"


def agree(number: int, one: str, more: str) -> str:
    """The form of a verb that goes with a number.

    >>> f"{count(1, 'post')} {agree(1, 'has', 'have')}", f"{count(2, 'post')} {agree(2, 'has', 'have')}"
    ('1 post has', '2 posts have')
    """
    return one if number == 1 else more


def require_known(values: Iterable[str], valid: Iterable[str], *, what: str) -> None:
    """Nothing, if every value is valid; else an error that names the first that is not.

    Raises
    ------
    CompositeError
        With the unknown value and the nearest valid name.
    """
    names = list(valid)
    for value in values:
        if value not in names:
            raise CompositeError(f"{what} {value!r} is not known: {nearest(value, names)}")
