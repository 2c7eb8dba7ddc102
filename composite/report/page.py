"""What the page needs in a browser: cells that sort, CSV to copy, and the rule that only its own script runs."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import pandas as pd
from markupsafe import Markup

from composite.codebook.themes import THEMES
from composite.files import write_csv_text
from composite.report.cells import HIDDEN, write_cells, write_heads
from composite.report.drawing import NOTE, is_illustrative
from composite.report.figures import FIGURES
from composite.report.picker import describe_pairs

MOST_KEYS = 3
# what could end a script element, and characters that no one sees or that turn the direction of the text after them
_RISKY = re.compile("[<>&\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True)
class Browsed:
    """What a browser needs to sort a table and to copy it.

    Attributes
    ----------
    numeric : tuple of bool
        Of each column that is shown, whether it sorts by number.
    keys : int
        How many columns from the left name the row.
    raw : list of lists of str
        Of each cell that is shown, the number as the CSV file has it; empty where it is missing; None for text, which
        sorts by what is shown.
    csv : str
        The whole table by RFC 4180, with an apostrophe before texts that a spreadsheet would run as a formula.
    """

    numeric: tuple[bool, ...]
    keys: int
    raw: list[list[str | None]]
    csv: str


def browse_table(table: pd.DataFrame) -> Browsed:
    """The cells of a table for a browser, its columns without those of `HIDDEN`.

    >>> browsed = browse_table(pd.DataFrame({"country": ["BE", None], "share": [0.25, None]}))
    >>> browsed.numeric, browsed.raw
    ((False, True), [[None, '0.25'], ['', '']])
    >>> browsed.csv
    'country,share\\r\\nBE,0.25\\r\\n,\\r\\n'
    """
    shown = [name for name in table.columns if name not in HIDDEN]
    numeric = tuple(pd.api.types.is_numeric_dtype(table[name]) and table[name].dtype != bool for name in shown)
    columns = [
        [_write_value(value, number) for value in table[name]] for name, number in zip(shown, numeric, strict=True)
    ]
    keys = next((place for place, number in enumerate(numeric) if number), len(shown))
    return Browsed(
        numeric, min(keys, MOST_KEYS), [list(row) for row in zip(*columns, strict=True)], write_safe_csv(table)
    )


def _write_value(value: Any, number: bool) -> str | None:
    if pd.isna(value):
        return ""
    return f"{value:.10g}" if number and isinstance(value, float) else str(value) if number else None


def write_safe_csv(table: pd.DataFrame) -> str:
    """The text of a CSV file by RFC 4180 in which no cell of text is a formula; numbers as `write_table` has them.

    >>> print(write_safe_csv(pd.DataFrame({"agency": ["=1+1", "a, b"], "gap": [-0.5, 2.0]})))
    agency,gap
    '=1+1,-0.5
    "a, b",2
    <BLANKLINE>
    """
    safe = table.copy()
    for name in safe.columns:
        if pd.api.types.is_datetime64_any_dtype(safe[name]):
            safe[name] = safe[name].dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    return write_csv_text(safe, line_end="\r\n")


def embed_json(content: Any) -> Markup:
    """JSON that may stand within a `<script>` element: no text in it can end the element.

    >>> str(embed_json({"agency": "</script><b>"}))
    '{"agency":"\\\\u003c/script\\\\u003e\\\\u003cb\\\\u003e"}'
    """
    text = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return Markup(_RISKY.sub(lambda match: f"\\u{ord(match[0]):04x}", text))


def prepare_browser(shown: dict[str, pd.DataFrame], tables: dict[str, pd.DataFrame], level: float) -> dict[str, Any]:
    """What a browser needs beside the words: tables that sort, their CSV, and pairs of countries.

    Parameters
    ----------
    shown : dict of str to DataFrame
        Name of each figure → the table that it draws.
    tables : dict of str to DataFrame
        See `StudyResult`.
    level : float
        Coverage of the intervals.

    Returns
    -------
    dict
        `browsed`: name of each figure → `Browsed`; `picker`: see `describe_pairs`; `pairs`: the table of pairs as an
        exhibit, or None; `data`: the CSV of each table and `picker` as JSON for the page's script.
    """
    browsed = {name: browse_table(table) for name, table in shown.items()}
    csv = {FIGURES[name].table: browsed[name].csv for name in shown}
    table = tables.get("pairs")
    pairs: dict[str, Any] | None = None
    if table is not None:
        pairs = {
            "name": "pairs",
            "table": "pairs",
            "title": "Every pair of countries",
            "head": write_heads("contrasts", table),
            "rows": write_cells("contrasts", table),
            "note": NOTE if is_illustrative(table) else "",
            "browsed": browse_table(table),
        }
        csv["pairs"] = pairs["browsed"].csv
    picker = describe_pairs(tables["shares"], table, level)
    data = embed_json({"tables": csv, "picker": picker})
    return {"browsed": browsed, "picker": picker, "pairs": pairs, "data": data}


def read_assets() -> dict[str, Markup]:
    """The page's script and style sheet, and the policy that lets a browser run these two and fetch nothing."""
    room = files("composite.report")
    script = (room / "page.js").read_text("utf-8")
    swatches = "".join(f".swatch-{theme.colour[1:]} {{ background: {theme.colour}; }}\n" for theme in THEMES)
    style = (room / "page.css").read_text("utf-8") + swatches
    return {"script": Markup(script), "style": Markup(style), "policy": Markup(write_policy([script], [style]))}


def write_policy(scripts: Iterable[str], styles: Iterable[str]) -> str:
    """A Content-Security-Policy under which only these scripts and styles have effect, whatever else the page holds."""
    rules = {
        "default-src": "'none'",
        "script-src": " ".join(map(_hash_source, scripts)),
        "style-src": " ".join(map(_hash_source, styles)),
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
        "require-trusted-types-for": "'script'",
        "trusted-types": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def _hash_source(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
