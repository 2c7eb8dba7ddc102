"""The one visual language of the figures: what they draw with."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import matplotlib as mpl
import matplotlib.colors
import matplotlib.ticker
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path

from composite.codebook.contract import check_table
from composite.codebook.countries import COUNTRY_CODES
from composite.codebook.themes import THEME_KEYS, THEMES
from composite.errors import CompositeError, require_known
from composite.report.colours import measure_contrast
from composite.report.look import (
    accent,
    area,
    grey,
    ink,
    name_country,
    name_theme,
    now,
    number,
    pt,
    say,
    use,
)
from composite.report.notes import note_shares
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

PALE = "#636363"  # numbers that rest on little
MOST_ROWS = 12  # of a heat map on a slide: more would be too small to read


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


def draw_heat(
    shares: pd.DataFrame, rows: list[str], names: list[str], column: str, *, label: str = "posts with the theme (%)"
) -> Sheet:
    """Heat map of shares with their intervals, a row a value of `column`, a column a theme; grey below few coded posts.

    Parameters
    ----------
    shares : DataFrame
        Rows of one method, with `theme, share, low, high, n_coded` and `column`.
    rows, names : lists of str
        Values of `column` from top to bottom, and what to write beside them.
    column : str
    label : str
        Of the colour bar.
    """
    figure = new_figure(1.0 + 0.47 * len(rows))
    if figure.look.slide and len(rows) > MOST_ROWS:
        figure.feet += (say("The first {shown} of {all} rows; the table has all.", shown=MOST_ROWS, all=len(rows)),)
        rows, names = rows[:MOST_ROWS], names[:MOST_ROWS]
    axes = figure.subplots()
    grid = shares.pivot(index=column, columns="theme", values="share").reindex(index=rows, columns=THEME_KEYS)
    top = max(0.1, float(np.nanmax(grid.to_numpy()))) if grid.notna().any().any() else 0.1
    shades = sns.light_palette(accent(), as_cmap=True)
    sns.heatmap(
        100 * grid,
        ax=axes,
        cmap=shades,
        vmin=0,
        vmax=100 * top,
        linewidths=pt(1),
        cbar_kws={"format": write_ticks(), "label": say(label), "shrink": 0.7, "pad": 0.015, "aspect": 26},
    )
    cells = shares.set_index([column, "theme"])
    corrected = "method" in shares and (shares["method"] != "naive").any()
    italic = corrected and bool((shares["n_coded"] < FEW).any())
    figure.feet += (note_shares(names, italic=italic),) if "method" in shares else ()
    for y, row in enumerate(rows):
        for x, theme in enumerate(THEME_KEYS):
            place: dict[str, Any] = {"x": x + 0.5, "ha": "center", "va": "center"}
            if (row, theme) not in cells.index or np.isnan(cells.loc[(row, theme), "share"]):
                axes.text(y=y + 0.5, s=say("no codes"), fontsize=pt(7), color=grey(), **place)
                continue
            cell = cells.loc[(row, theme)]
            few = cell.get("method", "naive") != "naive" and cell["n_coded"] < FEW
            write_estimate(axes, x, y, cell, ground=shades(cell["share"] / top), few=few)
    name_rows(axes, names)
    name_columns(axes, THEME_KEYS)
    axes.set_xlabel("")
    axes.set_ylabel("")
    axes.tick_params(length=0)
    bar: Any = axes.collections[0].colorbar
    bar.ax.tick_params(labelsize=pt(7.5))
    bar.ax.yaxis.label.set_fontsize(pt(8))
    return figure


def write_estimate(axes: Axes, x: float, y: float, cell: pd.Series, *, ground: Any, few: bool) -> None:
    """Write a share and its interval into the cell of a heat map in column `x` and row `y`.

    Parameters
    ----------
    axes : Axes
    x, y : float
    cell : Series
        With `share, low, high`.
    ground : colour
        Of the cell.
    few : bool
        Whether it rests on few posts: then it is italic, and grey where that can be read.
    """
    pale = few and measure_contrast(mpl.colors.to_hex(ground), PALE) >= 4.5  # WCAG 2.1, SC 1.4.3
    style: dict[str, Any] = {
        "ha": "center",
        "va": "center",
        "color": PALE if pale else choose_tone(ground),
        "fontstyle": "italic" if few else "normal",
    }
    alone = np.isnan(cell["low"])
    axes.text(x + 0.5, y + (0.5 if alone else 0.34), write_per_cent(cell["share"]), fontsize=pt(9.5), **style)
    if not alone:
        axes.text(x + 0.5, y + 0.75, write_span(cell["low"], cell["high"]), fontsize=pt(7), **style)


def name_columns(axes: Axes, keys: tuple[str, ...], more: tuple[str, ...] = ()) -> None:
    """Write the themes under the columns of a heat map that has its row names, and what other columns there are.

    Names that would run into each other, in languages with long words, stand aslant.
    """
    whole = [name_theme(key, short=True) for key in keys]
    names = [*(fill(name, 10) for name in whole), *more]
    size = 7 if len(names) < 10 else 6.4
    sheet: Any = axes.figure
    rows = max(measure_text(label.get_text(), 8.5) for label in axes.get_yticklabels())
    # beside row names and cells a page has a colour bar, and labels of both
    room = (72 * sheet.get_figwidth() - rows - pt(75)) / len(names)
    widths = [measure_text(name, size) for name in names]
    if all((one + two) / 2 + pt(2) < room for one, two in pairwise(widths)):
        axes.set_xticks(np.arange(len(names)) + 0.5, names, rotation=0, fontsize=pt(size))
        return
    aslant: dict[str, Any] = {"rotation": 30, "ha": "right", "rotation_mode": "anchor"}
    whole += [" ".join(name.split()) for name in more]
    axes.set_xticks(np.arange(len(whole)) + 0.6, whole, fontsize=pt(7), **aslant)


def measure_text(text: str, points: float) -> float:
    """The width of the longest line of `text`, in points of the sheet, at so many points in nine-point type."""
    font = FontProperties(size=pt(points))
    return max(text_to_path.get_text_width_height_descent(line, font, False)[0] for line in text.split("\n"))


def name_rows(axes: Axes, names: list[str]) -> None:
    """Write names beside the rows of a heat map."""
    axes.set_yticks(np.arange(len(names)) + 0.5, names, rotation=0, fontsize=pt(8.5))


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
