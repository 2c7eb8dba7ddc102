"""The tables of the report on paper: of each the rows and columns that have room, with numbers as they are.

A table that is too long or too wide for a page is shown in part, or as a grid of themes; what stands below it says
which part, and where the whole is.
"""

from __future__ import annotations

import pandas as pd

from composite.codebook.countries import COUNTRY
from composite.codebook.themes import THEME, THEME_KEYS
from composite.report.cells import HIDDEN, write_cells, write_heads
from composite.report.content import Head, Table
from composite.report.layouts import LAYOUTS, PLACE, Grid, Part

MOST_COLUMNS = 8
_OTHER_HEADS = {
    "set": "Whole set",
    "none": "Nothing else",
    "reposts": "Reposts",
    "likes": "Likes",
    "replies": "Replies",
}


def print_table(exhibit: str, name_of_table: str, table: pd.DataFrame, title: str) -> Table:
    """The part of `table` that has room on paper, as the layout of the exhibit says."""
    layout = LAYOUTS.get(exhibit) or Part(
        tuple(name for name in table.columns if name not in HIDDEN)[:MOST_COLUMNS], rule="the first rows"
    )
    if isinstance(layout, Grid):
        return _print_grid(layout, exhibit, table, title)
    chosen = layout.choose(table)
    part = chosen[[name for name in layout.columns if name in chosen]].head(layout.most)
    hidden = sum(name not in layout.columns for name in table.columns if name not in HIDDEN)
    said = []
    if len(part) < len(table):
        rule = f" ({layout.rule})" if layout.rule else ""
        every = f"{len(table):,} rows"
        start = f"{len(part):,} of {every} are shown" if len(part) else f"None of the {every} belongs here"
        said.append(f"{start}{rule}.")
    if said or hidden:
        said.append(f"All rows and columns are in figures/{exhibit}.csv.")
    return Table(title, write_heads(name_of_table, part), write_cells(name_of_table, part), " ".join(said))


def _print_grid(layout: Grid, exhibit: str, table: pd.DataFrame, title: str) -> Table:
    chosen = layout.choose(table)
    rows = list(dict.fromkeys(chosen[layout.index]))
    rows = sorted(rows, key=lambda row: PLACE.get(row, -1)) if set(rows) <= set(PLACE) else rows
    present = set(chosen[layout.columns])
    columns = [key for key in (*THEME_KEYS, *_OTHER_HEADS) if key in present]
    cells = {(getattr(row, layout.index), getattr(row, layout.columns)): row for row in chosen.itertuples()}
    texts = tuple(
        (_name(row), *(layout.cell(cells[row, key]) if (row, key) in cells else "–" for key in columns))
        for row in rows[: layout.most]
    )
    names = {**{key: theme.short for key, theme in THEME.items()}, **_OTHER_HEADS}
    heads = (Head(layout.name), *(Head(names[key], THEME[key].label if key in THEME else "") for key in columns))
    left = f" {len(texts):,} of {len(rows):,} rows are shown." if len(texts) < len(rows) else ""
    return Table(title, heads, texts, f"{layout.rule}{left} All numbers are in figures/{exhibit}.csv.")


def _name(row: str) -> str:
    return COUNTRY[row].name if row in COUNTRY else THEME[row].label if row in THEME else row
