"""The one visual language of the figures: what they draw with."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from typing import Any

import matplotlib as mpl
import matplotlib.colors
import matplotlib.ticker
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from composite.codebook.contract import check_table
from composite.codebook.countries import COUNTRY_CODES
from composite.codebook.themes import THEMES
from composite.errors import CompositeError, require_known
from composite.report.colours import measure_contrast
from composite.report.look import (
    area,
    grey,
    ink,
    name_country,
    name_theme,
    now,
    number,
    pt,
    use,
)
from composite.report.sheet import FORMATS as FORMATS
from composite.report.sheet import NOTE as NOTE
from composite.report.sheet import Draw as Draw
from composite.report.sheet import Sheet as Sheet
from composite.report.sheet import exhibit as exhibit
from composite.report.sheet import is_illustrative as is_illustrative
from composite.report.sheet import new_figure as new_figure
from composite.report.sheet import render as render
from composite.report.telling import FEW as FEW
from composite.report.telling import choose_best as choose_best


def need_table(table: pd.DataFrame, name: str, *rows: str) -> pd.DataFrame:
    """`table` itself, if it keeps the contract of `name`, has rows, and no two alike in the columns `rows`.

    Raises
    ------
    CompositeError
        If it does not.
    """
    check_table(name, table)
    if table.empty:
        raise CompositeError(f"the table {name!r} is empty: there is nothing to draw")
    require_known(rows, list(table.columns), what="the figure needs the column; column")
    if rows and table.duplicated(list(rows)).any():
        raise CompositeError(
            f"the table {name!r} has several rows of one {' and '.join(rows)}: this figure draws a table by {rows[0]!r}"
        )
    return table


def make_panels(sheet: Sheet, number_of_panels: int, across: int, **options: Any) -> list[Axes]:
    """So many axes in rows of `across`; those beyond are not shown."""
    down = -(-number_of_panels // across)
    panels = list(sheet.subplots(down, across, squeeze=False, **options).ravel())
    for axes in panels[number_of_panels:]:
        axes.set_visible(False)
    for axes in panels[max(0, number_of_panels - across) : number_of_panels]:
        axes.tick_params(labelbottom=True)  # nothing below them has the ticks of a shared axis
    return panels[:number_of_panels]


def make_theme_panels(sheet: Sheet, **options: Any) -> list[Axes]:
    """A panel a theme with its name: three across on a page, five on a slide."""
    across = 5 if sheet.look.slide else 3
    panels = make_panels(sheet, len(THEMES), across, **options)
    engine: Any = sheet.get_layout_engine()
    engine.set(wspace=0.05)  # the last tick of a panel and the first of the next have to stay apart
    for axes, theme in zip(panels, THEMES, strict=True):
        axes.set_title(fill(name_theme(theme.key), 19 if sheet.look.slide else 27), loc="left", color=ink())
    return panels


def choose_tone(ground: Any) -> str:
    """White or the colour of text, whichever is better read on the colour `ground`."""
    ground = mpl.colors.to_hex(ground)
    return "white" if measure_contrast(ground) > measure_contrast(ground, mpl.colors.to_hex(ink())) else ink()


def fill(text: str, width: int) -> str:
    """`text` in lines of at most `width` characters, broken at spaces and hyphens; a longer word stays whole."""
    return textwrap.fill(text, width, break_long_words=False)


def order_countries(table: pd.DataFrame) -> list[str]:
    """The codes of the countries in `table`, in the one order that all figures have."""
    present = set(table["country"])
    return [code for code in COUNTRY_CODES if code in present]


def write_per_cent(share: float) -> str:
    """A proportion in per cent, to the point below 1 %.

    >>> [write_per_cent(share) for share in (0.314, 0.0951, 0.004, 0.0001, 0)]
    ['31', '10', '0.4', '<0.1', '0']
    """
    per_cent = 100 * share
    if per_cent >= 0.95 or share == 0:
        return f"{per_cent:.0f}"
    return "<" + number(0.1, "g") if per_cent < 0.05 else number(per_cent, ".1f")


def write_points(difference: float) -> str:
    """A difference of proportions in percentage points, with its sign.

    >>> write_points(-0.142), write_points(0.03), write_points(0)
    ('−14.2', '+3', '0')
    """
    points = round(100 * difference, 1)
    return "0" if points == 0 else number(points, "+g")


def write_span(low: float, high: float) -> str:
    """An interval of proportions in per cent.

    >>> write_span(0.24, 0.38), write_span(0, 0.0001)
    ('24–38', '0–<0.1')
    """
    one, two = write_per_cent(low), write_per_cent(high)
    return one if one == two and one.startswith("<") else f"{one}–{two}"


def draw_estimate(
    axes: Axes, row: pd.Series, y: float, *, marker: str, colour: str, few: bool, size: float = 18
) -> None:
    """Draw a share and its interval at the height `y`; hollow and dotted if it speaks of these agencies only."""
    shown = grey() if few else colour
    hollow = row["inference"] != "agencies"
    if not np.isnan(row["low"]):
        axes.plot([row["low"], row["high"]], [y, y], color=shown, linewidth=pt(1.1), linestyle=":" if hollow else "-")
    face = "white" if hollow and marker != "x" else shown
    edge = None if marker == "x" else shown  # a cross has no face; an edge colour for it would be a warning
    axes.scatter(
        row["share"], y, marker=marker, s=area(size), linewidth=pt(1), zorder=3, facecolor=face, edgecolor=edge
    )


def label_countries(axes: Axes, codes: list[str], notes: list[str] | None = None) -> None:
    """Write the countries' names up the left side of `axes`, each with its note."""
    names = [name_country(code) for code in codes]
    names = [f"{name} {note}" for name, note in zip(names, notes or [""] * len(names), strict=True)]
    axes.set_yticks(range(len(codes)), [name.strip() for name in names], fontsize=pt(8))
    axes.set_ylim(-0.6, len(codes) - 0.4)


def set_per_cent(axis: Any, form: str = ".3g", ticks: int = 5) -> None:
    """Ticks of an axis of proportions, in per cent."""
    axis.set_major_locator(mpl.ticker.MaxNLocator(ticks, steps=[1, 2, 2.5, 5, 10]))
    look = now()

    def write(value: float, _: int) -> str:
        with use(look):  # ticks are written when the figure is shown, and the look must hold then
            return f"{number(100 * value, form)} %"

    axis.set_major_formatter(write)


def set_numbers(axis: Any, write: Callable[[float], str]) -> None:
    """Ticks of an axis written by `write` in the look of the figure, whenever it is shown."""
    axis.set_major_formatter(write_ticks(write))


def write_ticks(
    write: Callable[[float], str] = lambda value: number(round(value, 6), "g"),
) -> mpl.ticker.FuncFormatter:
    """What writes the ticks of an axis or a colour bar in the look of the figure, whenever it is shown."""
    look = now()

    def form(value: float, _: int) -> str:
        with use(look):
            return write(value)

    return mpl.ticker.FuncFormatter(form)
