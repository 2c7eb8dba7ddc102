"""Example posts of every theme in nine languages, for coders: some that have the theme, and some that nearly do."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pandas as pd

from composite.codebook.countries import LANGUAGES
from composite.codebook.themes import THEME_KEYS
from composite.errors import require_known

FILE = Path(__file__).with_name("examples.csv")


def read_examples(theme: str | None = None, language: str | None = None) -> pd.DataFrame:
    """Invented example posts: one row a post that has the theme (`example`) or a near-miss that has not (`near_miss`).

    Parameters
    ----------
    theme : str, optional
        A theme key; all themes by default.
    language : {"en", "de", "nl", "fr", "es", "it", "cs", "ro", "mk"}, optional
        All languages by default.

    Returns
    -------
    DataFrame
        `theme`, `language`, `role` (`example` or `near_miss`), `text`, `themes` (the keys of the themes that the post
        really has, joined by spaces; empty for none).

    Raises
    ------
    CompositeError
        If there is no such theme or language.

    Examples
    --------
    >>> import composite as cp
    >>> cp.read_examples("voice", "en")["role"].tolist()
    ['example', 'example', 'example', 'near_miss', 'near_miss']
    """
    require_known([] if theme is None else [theme], THEME_KEYS, what="theme")
    require_known([] if language is None else [language], LANGUAGES, what="language")
    table = _read()
    if theme is not None:
        table = table[table["theme"] == theme]
    if language is not None:
        table = table[table["language"] == language]
    return table.reset_index(drop=True)


@cache
def _read() -> pd.DataFrame:
    return pd.read_csv(FILE, dtype="str", keep_default_na=False)
