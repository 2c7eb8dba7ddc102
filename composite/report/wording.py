"""How the report writes names, numbers and intervals in sentences."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from composite.adoption.estimates import FEWEST_AGENCIES
from composite.codebook.countries import COUNTRY
from composite.codebook.themes import THEME
from composite.report.drawing import write_per_cent

SPACE = "\u00a0"
WITH_ARTICLE = ("CZ", "NL", "GB")
WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
FEW_AGENCIES = WORDS[FEWEST_AGENCIES]  # with fewer there is no interval over agencies


def name_country(code: str, *, start: bool = False) -> str:
    """The name of a country within a sentence, or at its start.

    >>> name_country("GB"), name_country("GB", start=True), name_country("DE")
    ('the United Kingdom', 'The United Kingdom', 'Germany')
    """
    if code not in WITH_ARTICLE:
        return COUNTRY[code].name
    return f"{'The' if start else 'the'} {COUNTRY[code].name}"


def name_theme(key: str, *, start: bool = False) -> str:
    """The name of a theme within a sentence, or at its start.

    >>> name_theme("it_infrastructure")
    '“supporting police IT infrastructure”'
    """
    label = THEME[key].label
    return f"“{label}”" if start else f"“{label[0].lower()}{label[1:]}”"


def join_names(names: Iterable[str], *, last: str = "and") -> str:
    """Names as a sentence lists them.

    >>> join_names(["a"]), join_names(["a", "b"]), join_names(["a", "b", "c"], last="or")
    ('a', 'a and b', 'a, b or c')
    """
    listed = list(names)
    return f" {last} ".join([", ".join(listed[:-1]), listed[-1]] if len(listed) > 1 else listed)


def list_countries(codes: Iterable[str]) -> list[str]:
    """The names of the countries, with their articles, in the order of the study."""
    given = set(codes)
    return [name_country(code) for code in COUNTRY if code in given]


def write_level(level: float) -> str:
    """The level of an interval.

    >>> write_level(0.95).replace("\\xa0", " ")
    '95 %'
    """
    return f"{100 * level:g}{SPACE}%"


def write_share(share: float) -> str:
    """A proportion as figures have it, with its unit.

    >>> write_share(0.314).replace("\\xa0", " ")
    '31 %'
    """
    return f"{write_per_cent(share)}{SPACE}%"


def write_shares(low: float, high: float) -> str:
    """The ends of an interval of a share.

    >>> write_shares(0.0004, 0.05).replace("\\xa0", " ")
    '<0.1–5 %'
    """
    return f"{write_per_cent(low)}–{write_per_cent(high)}{SPACE}%"


def write_signed(difference: float) -> str:
    """A difference of proportions in percentage points, to one decimal, with its sign.

    >>> write_signed(-0.1421), write_signed(0.03), write_signed(-0.0001)
    ('−14.2', '+3.0', '0.0')
    """
    points = round(100 * difference, 1)
    return "0.0" if points == 0 else f"{points:+.1f}".replace("-", "−")


def write_size(difference: float) -> str:
    """The size of a difference of proportions.

    >>> write_size(-0.1421)
    '14.2 percentage points'
    """
    return f"{abs(100 * difference):.1f} percentage points"


def write_ends(low: float, high: float) -> str:
    """The ends of an interval of a difference, or that there is none."""
    return "none" if pd.isna(low) or pd.isna(high) else f"{write_signed(low)} to {write_signed(high)}"


def write_of(part: int, whole: int, noun: str) -> str:
    """How many of how many.

    >>> write_of(2, 10, "countries"), write_of(10, 10, "countries"), write_of(0, 10, "countries")
    ('2 of 10 countries', 'all 10 countries', 'none of 10 countries')
    """
    if part == whole and whole > 1:
        return f"all {whole:,} {noun}"
    return f"{part:,} of {whole:,} {noun}" if part else f"none of {whole:,} {noun}"
