"""What the tables are written with: a function for each kind of column, and the columns that many tables have."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pandera.pandas as pa

from composite.codebook.countries import COUNTRY_CODES
from composite.codebook.themes import THEME_KEYS

KINDS = ("corporate", "neighbourhood", "officer", "unit")
METHODS = ("naive", "coded", "corrected")
MEASURES = ("sensitivity", "specificity", "calibration")
INFERENCES = ("agencies", "posts", "descriptive")
ILLUSTRATIVE = "illustrative"
TIME = pd.DatetimeTZDtype("us", "UTC")


def _make(
    kind: Any, meaning: str, unit: str, null: bool, required: bool, checks: dict[str, Any], unique: bool = False
) -> pa.Column:
    """A column; in `checks`, a dictionary is the keywords of the pandera check, anything else its only argument."""
    held = [
        getattr(pa.Check, name)(**value) if isinstance(value, dict) else getattr(pa.Check, name)(value)
        for name, value in checks.items()
    ]
    return pa.Column(kind, held, title=unit, description=meaning, nullable=null, required=required, unique=unique)


def text(
    meaning: str, *, unit: str = "text", null: bool = False, required: bool = True, unique: bool = False, **checks: Any
) -> pa.Column:
    """A column of text; `null` where a row, and not `required` where a table, may lack it."""
    return _make(pd.StringDtype(na_value=float("nan")), meaning, unit, null, required, checks, unique)


def number(
    meaning: str, *, unit: str, kind: type = float, null: bool = False, required: bool = True, **checks: Any
) -> pa.Column:
    """A column of numbers in `unit`."""
    return _make(kind, meaning, unit, null, required, checks)


def count(meaning: str, *, required: bool = True, null: bool = False) -> pa.Column:
    """A column of counts: whole numbers, or numbers where some may be missing."""
    return number(meaning, unit="count", kind=float if null else int, null=null, required=required, ge=0)


def rank(meaning: str, *, unit: str = "rank") -> pa.Column:
    """A column of ranks, or of numbers that count from 1."""
    return number(meaning, unit=unit, kind=int, ge=1)


def proportion(meaning: str, *, null: bool = False) -> pa.Column:
    """A column of shares, probabilities and p-values: 0–1, never per cent."""
    limits = {"min_value": 0, "max_value": 1}
    return number(meaning, unit="proportion 0–1", null=null, in_range=limits)


def degrees(meaning: str, most: int) -> pa.Column:
    """A column of latitudes (at `most` 90) or longitudes (180), which a table may lack."""
    limits = {"min_value": -most, "max_value": most}
    return number(meaning, unit="degrees", null=True, required=False, in_range=limits)


def flag(meaning: str) -> pa.Column:
    """A column of yes and no."""
    return _make(bool, meaning, "yes or no", False, True, {})


def time(meaning: str, *, null: bool = False) -> pa.Column:
    """A column of times in UTC."""
    return _make(TIME, meaning, "UTC", null, True, {})


# who and what a row speaks of
COUNTRY = text("country of the study", unit="ISO 3166-1 code", isin=COUNTRY_CODES)
AGENCY = text("police agency")
ACCOUNT = text("handle, without @")
PLATFORM = text("where the account is")
KIND = text("kind of account", null=True, isin=KINDS)
THEME = text("theme", unit="theme key", isin=THEME_KEYS)
LANGUAGE = text("language of the posts", unit="ISO 639-1 code")
MONTH = text("calendar month", unit="YYYY-MM")
DAY = text("calendar day", unit="YYYY-MM-DD")
HASHTAG = text("hashtag in lower case, without #")
CORPUS = text(f"name of the corpus; `{ILLUSTRATIVE}` marks invented posts and all that is made from them", null=True)

# what it rests on
N_POSTS = count("posts")
N_AGENCIES = count("agencies")
INFERENCE = text(
    "what the interval speaks for: all agencies like these; only the posts of these agencies; nothing (no interval)",
    isin=INFERENCES,
)
P_VALUE = proportion("two-sided p of no difference", null=True)
HOLM = proportion("the same after Holm's adjustment over all rows", null=True)


def interval(unit: str = "proportion") -> dict[str, pa.Column]:
    """The columns `low` and `high` of an estimate that may lie beyond 0 and 1: a difference, a rate, a count."""
    return {
        "low": number("lower end of the interval", unit=unit, null=True),
        "high": number("upper end of the interval", unit=unit, null=True),
    }


def span(of: str) -> dict[str, pa.Column]:
    """The columns of the interval of a share that is one of several in its row."""
    return {
        f"{of}_low": proportion(f"lower end of the interval of `{of}`", null=True),
        f"{of}_high": proportion(f"upper end of the interval of `{of}`", null=True),
    }


# of a share
SPAN = {
    "low": proportion("lower end of the interval", null=True),
    "high": proportion("upper end of the interval", null=True),
}
