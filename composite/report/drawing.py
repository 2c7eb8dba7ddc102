"""The one visual language of the figures: its look, its helpers, and how a figure becomes a file."""

from __future__ import annotations

import io
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from composite.codebook.contract import check_table
from composite.codebook.countries import COUNTRY, COUNTRY_CODES
from composite.codebook.tables import ILLUSTRATIVE
from composite.codebook.themes import THEME, THEME_KEYS
from composite.errors import CompositeError, require_known
from composite.report.shown import ShownFigure

FORMATS = ("svg", "png", "pdf")
NOTE = "Illustrative corpus: invented posts of fictional agencies. Not findings about any country."
FEW = 30  # below so many coded posts an estimate is drawn grey
# matplotlib's defaults first, so that a user's own settings change nothing; what concerns windows is left alone
_WINDOWS = {"backend", "backend_fallback", "interactive", "toolbar"}
STYLE: Any = {
    **{name: value for name, value in mpl.rcParamsDefault.items() if name not in _WINDOWS},
    "text.parse_math": False,  # a $ in a name is a dollar
    "svg.fonttype": "none",
    "svg.hashsalt": "composite",
    "pdf.fonttype": 42,
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 10,
    "axes.axisbelow": True,
    "grid.color": "#e6e6e6",
    "grid.linewidth": 0.7,
    "figure.dpi": 100,
}
INK, GREY, BLUE, WINE = "#222222", "#8a8a8a", "#2b5c8a", "#882255"


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


def new_figure(width: float, height: float) -> Figure:
    """An empty figure of this size in inches, which no global state knows of."""
    return ShownFigure(figsize=(width, height), layout="constrained")


def mark_illustrative(figure: Figure, table: pd.DataFrame) -> Figure:
    """`figure` itself; on its face stands that the corpus is illustrative, if that is what `table` is made from."""
    if is_illustrative(table):
        figure.text(0.01, -0.01, NOTE, fontsize=8, color="#8a3b12", va="top", ha="left")
    return figure


def is_illustrative(table: pd.DataFrame) -> bool:
    """Whether the table is made from invented posts."""
    return bool((table["corpus"] == ILLUSTRATIVE).any())


def order_countries(table: pd.DataFrame) -> list[str]:
    """The codes of the countries in `table`, in the one order that all figures have."""
    present = set(table["country"])
    return [code for code in COUNTRY_CODES if code in present]


def choose_best(shares: pd.DataFrame) -> pd.DataFrame:
    """The corrected rows of `shares`, or the naive ones where there are no corrected."""
    method = "corrected" if (shares["method"] == "corrected").any() else "naive"
    return shares[shares["method"] == method]


def write_per_cent(share: float) -> str:
    """A proportion in per cent, to the point below 1 %.

    >>> [write_per_cent(share) for share in (0.314, 0.0951, 0.004, 0.0001, 0)]
    ['31', '10', '0.4', '<0.1', '0']
    """
    per_cent = 100 * share
    if per_cent >= 0.95 or share == 0:
        return f"{per_cent:.0f}"
    return "<0.1" if per_cent < 0.05 else f"{per_cent:.1f}"


def write_points(difference: float) -> str:
    """A difference of proportions in percentage points, with its sign.

    >>> write_points(-0.142), write_points(0.03), write_points(0)
    ('−14.2', '+3', '0')
    """
    points = round(100 * difference, 1)
    return "0" if points == 0 else f"{points:+g}".replace("-", "−")


def draw_heat(shares: pd.DataFrame, rows: list[str], names: list[str], column: str) -> Figure:
    """Heat map of shares with their intervals, a row a value of `column`, a column a theme.

    Parameters
    ----------
    shares : DataFrame
        Rows of one method, with `theme, share, low, high, n_coded` and `column`.
    rows, names : lists of str
        Values of `column` from top to bottom, and what to write beside them.
    column : str
    """
    figure = new_figure(11.5, 1.9 + 0.52 * len(rows))
    axes = figure.subplots()
    grid = shares.pivot(index=column, columns="theme", values="share").reindex(index=rows, columns=THEME_KEYS)
    top = max(0.1, float(np.nanmax(grid.to_numpy()))) if grid.notna().any().any() else 0.1
    sns.heatmap(
        100 * grid,
        ax=axes,
        cmap=sns.light_palette(BLUE, as_cmap=True),
        vmin=0,
        vmax=100 * top,
        linewidths=1,
        cbar_kws={"label": "posts with the theme (%)", "shrink": 0.7},
    )
    cells = shares.set_index([column, "theme"])
    for y, row in enumerate(rows):
        for x, theme in enumerate(THEME_KEYS):
            if (row, theme) not in cells.index or np.isnan(cells.loc[(row, theme), "share"]):
                axes.text(x + 0.5, y + 0.5, "no codes", ha="center", va="center", fontsize=7.5, color=GREY)
                continue
            cell = cells.loc[(row, theme)]
            ink = "white" if cell["share"] > 0.6 * top else INK
            text: dict[str, Any] = {"ha": "center", "va": "center", "color": ink}
            axes.text(x + 0.5, y + 0.36, write_per_cent(cell["share"]), fontsize=9.5, **text)
            if not np.isnan(cell["low"]):
                span = f"{write_per_cent(cell['low'])}–{write_per_cent(cell['high'])}"
                axes.text(x + 0.5, y + 0.74, "<0.1" if span == "<0.1–<0.1" else span, fontsize=7.5, **text)
    axes.set_xticklabels([THEME[key].short.replace(" ", "\n", 1) for key in THEME_KEYS], rotation=0)
    axes.set_yticklabels(names, rotation=0)
    axes.set_xlabel("")
    axes.set_ylabel("")
    axes.tick_params(length=0)
    return figure


def draw_estimate(axes: Axes, row: pd.Series, y: float, *, marker: str, colour: str, few: bool) -> None:
    """Draw a share and its interval at the height `y`; hollow and dotted if it speaks of these agencies only."""
    shown = GREY if few else colour
    hollow = row["inference"] != "agencies"
    if not np.isnan(row["low"]):
        axes.plot([row["low"], row["high"]], [y, y], color=shown, linewidth=1.1, linestyle=":" if hollow else "-")
    face = "white" if hollow and marker != "x" else shown
    edge = None if marker == "x" else shown  # a cross has no face; an edge colour for it would be a warning
    axes.scatter(row["share"], y, marker=marker, s=18, linewidth=1, zorder=3, facecolor=face, edgecolor=edge)


def label_countries(axes: Axes, codes: list[str]) -> None:
    """Write the countries' names up the left side of `axes`."""
    axes.set_yticks(range(len(codes)), [COUNTRY[code].name for code in codes])


def render(figure: Figure, form: str) -> bytes:
    """The bytes of a file that shows `figure`, the same on every run: no date, no program, no random identifiers.

    Parameters
    ----------
    figure : Figure
    form : str
        `svg` (text stays text), `png` (300 dpi) or `pdf` (fonts embedded).

    Raises
    ------
    CompositeError
        If the format is none of these.
    """
    require_known([form], FORMATS, what="figure format")
    stream = io.BytesIO()
    metadata: dict[str, Any] = {"svg": {"Date": None}, "png": {"Software": None}, "pdf": {"CreationDate": None}}[form]
    with mpl.rc_context(STYLE):
        figure.savefig(stream, format=form, dpi=300 if form == "png" else 100, metadata=metadata, bbox_inches="tight")
    return stream.getvalue()
