"""Tables as texts: how columns are headed and values written wherever a report shows a table."""

from __future__ import annotations

from typing import Any

import pandas as pd

from composite.codebook.countries import COUNTRY
from composite.codebook.tables import TABLES
from composite.codebook.themes import THEME
from composite.report.content import Head

HIDDEN = ("corpus", "df")


def write_heads(name_of_table: str, table: pd.DataFrame) -> tuple[Head, ...]:
    """Column heads; their meaning comes from the contract of the table."""
    meanings = TABLES[name_of_table].columns
    points = {"difference", "low", "high", "low_all", "high_all"} if "difference" in meanings else set()
    per_cent = _list_per_cent(name_of_table)
    heads = []
    for name in (name for name in table.columns if name not in HIDDEN):
        spec = meanings.get(name)
        unit = " (points)" if name in points else " (%)" if name in per_cent else ""
        heads.append(Head(name.replace("_", " ") + unit, spec.description if spec else ""))
    return tuple(heads)


def write_cells(name_of_table: str, table: pd.DataFrame) -> tuple[tuple[str, ...], ...]:
    """The values of a table as texts, row by row, under the heads of `write_heads`."""
    shown = [name for name in table.columns if name not in HIDDEN]
    per_cent = _list_per_cent(name_of_table)
    columns = [[write_value(name, value, name in per_cent) for value in table[name]] for name in shown]
    return tuple(zip(*columns, strict=True))


def write_value(name: str, value: Any, per_cent: bool) -> str:
    """A value of the column `name` as text."""
    if value is None or value != value:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if name in ("theme", "other", "node", "group", "source", "target") and value in THEME:
        return THEME[value].label
    if name == "name" and value in {**THEME, **COUNTRY}:
        return THEME[value].label if value in THEME else COUNTRY[value].name
    if name in ("country", "reference"):
        return COUNTRY[value].name if value in COUNTRY else str(value)
    if name in ("effective_n", "effective_agencies"):
        return f"{value:.1f}"
    if per_cent:
        return f"{100 * value:.1f}".replace("-", "−")
    if name == "tuning":
        return f"{value:.2f}"
    if name.startswith("p_"):
        return "<0.001" if value < 0.001 else f"{value:.3f}"
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}".replace("-", "−")
    return f"{value:,}" if isinstance(value, int) else str(value)


def _list_per_cent(name_of_table: str) -> set[str]:
    """Columns that are shown in per cent: proportions, but for p-values."""
    columns = TABLES[name_of_table].columns
    return {name for name, spec in columns.items() if spec.title.startswith("proportion") and name[:2] != "p_"}
