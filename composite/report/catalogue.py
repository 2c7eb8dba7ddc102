"""The messages of the figures in other languages: `catalogue.toml`, by the English text."""

from __future__ import annotations

import tomllib
import warnings
from functools import cache
from pathlib import Path

from composite.errors import CompositeWarning

LANGUAGES = {"en": "English", "de": "German", "fr": "French"}
FILE = Path(__file__).parent / "catalogue.toml"


@cache
def read_catalogue() -> dict[str, dict[str, str]]:
    """English text → language → text."""
    rows = tomllib.loads(FILE.read_text("utf-8"))["message"]
    return {row["en"]: {code: text for code, text in row.items() if code != "en"} for row in rows}


def translate(text: str, language: str) -> str:
    """`text` in the language; where the catalogue lacks it, in English, with a warning.

    >>> translate("Belgium", "de"), translate("Belgium", "en")
    ('Belgien', 'Belgium')
    """
    if language == "en":
        return text
    found = read_catalogue().get(text, {}).get(language)
    if found is None:
        note = f"the catalogue has no {LANGUAGES[language]} for {text!r}: it stays in English"
        warnings.warn(note, CompositeWarning, stacklevel=3)
        return text
    return found
