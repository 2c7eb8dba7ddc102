"""Heat maps: estimates in the cells of a grid, with names that have room."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path

from composite.codebook.themes import THEME_KEYS
from composite.report.colours import measure_contrast
from composite.report.drawing import choose_tone, fill, new_figure, write_per_cent, write_span, write_ticks
from composite.report.look import accent, grey, name_theme, pt, say
from composite.report.notes import note_shares
from composite.report.sheet import Sheet
from composite.report.telling import FEW

PALE = "#636363"  # numbers that rest on little
MOST_ROWS = 12  # of a heat map on a slide: more would be too small to read


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
    shades = shade_cells(axes, grid, top, accent(), say(label))
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


def shade_cells(axes: Axes, grid: pd.DataFrame, top: float, colour: str, label: str) -> mpl.colors.Colormap:
    """Shade a grid of proportions from pale at 0 to `colour` at `top`, with a bar in per cent; the shades of 0 to 1."""
    shades = sns.light_palette(colour, as_cmap=True)
    sns.heatmap(
        100 * grid,
        ax=axes,
        cmap=shades,
        vmin=0,
        vmax=100 * top,
        linewidths=pt(1),
        cbar_kws={"format": write_ticks(), "label": label, "shrink": 0.7, "pad": 0.015, "aspect": 26},
    )
    return shades


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
    size = 7 if len(names) < 10 else 6
    sheet: Any = axes.figure
    rows = max(measure_text(label.get_text(), 8.5) for label in axes.get_yticklabels())
    # beside row names and cells a page has a colour bar, and labels of both
    room = (72 * sheet.get_figwidth() - rows - pt(84)) / len(names)
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
