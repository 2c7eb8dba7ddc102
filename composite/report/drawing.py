"""The one visual language of the figures: its look, its helpers, and how a figure becomes a file."""

from __future__ import annotations

import io
import re
import textwrap
from collections.abc import Callable
from functools import wraps
from typing import Any, Protocol

import matplotlib as mpl
import matplotlib.ticker
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties

from composite.codebook.contract import check_table
from composite.codebook.countries import COUNTRY_CODES
from composite.codebook.tables import ILLUSTRATIVE
from composite.codebook.themes import THEME_KEYS, THEMES
from composite.errors import CompositeError, require_known
from composite.report.captions import TITLES
from composite.report.look import (
    SIZES,
    Look,
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
from composite.report.shown import ShownFigure
from composite.report.telling import FEW as FEW
from composite.report.telling import TELL
from composite.report.telling import choose_best as choose_best

FORMATS = ("svg", "png", "pdf")
NOTE = "Illustrative corpus: invented posts of fictional agencies. Not findings about any country."
WARN = "#8a3b12"
MOST_ROWS = 12  # of a heat map on a slide: more would be too small to read
HIGHEST = 9.6  # inches that a page has for a figure
# what stands in for the font where it is not installed: as wide, or nearly
FONTS = "Verdana, 'Bitstream Vera Sans', Arial, sans-serif"
# matplotlib's defaults first, so that a user's own settings change nothing; what concerns windows is left alone
_WINDOWS = {"backend", "backend_fallback", "interactive", "toolbar"}
STYLE: Any = {
    **{name: value for name, value in mpl.rcParamsDefault.items() if name not in _WINDOWS},
    "text.parse_math": False,  # a $ in a name is a dollar
    "svg.fonttype": "none",
    "svg.hashsalt": "composite",
    "pdf.fonttype": 42,
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 9.5,
    "axes.axisbelow": True,
    "grid.color": "#e6e6e6",
    "grid.linewidth": 0.7,
    "figure.dpi": 100,
}
_IN_POINTS = re.compile(
    r"font\.size|axes\.(titlesize|linewidth|labelpad|titlepad)|grid\.linewidth|lines\.(linewidth|markersize)|"
    r"patch\.linewidth|[xy]tick\.(major|minor)\.(size|width|pad)|figure\.constrained_layout\.[hw]_pad"
)


class Sheet(ShownFigure):
    """A figure with its look, and with what is to stand above and below its axes."""

    look: Look
    handles: tuple[Any, ...] = ()
    below: str = ""
    feet: tuple[str, ...] = ()


class Draw(Protocol):
    """Table → Figure."""

    __name__: str

    def __call__(self, table: pd.DataFrame, /, *, look: Look = ...) -> Figure:
        """The figure of `table`."""


def make_style(look: Look) -> Any:
    """Settings of matplotlib for a look."""
    scaled = {name: value * look.scale for name, value in STYLE.items() if _IN_POINTS.fullmatch(name)}
    colours = look.colours
    text = dict.fromkeys(("text.color", "axes.labelcolor", "xtick.color", "ytick.color"), colours.ink)
    return {**STYLE, **scaled, **text, "font.family": [colours.font], "axes.edgecolor": colours.grey}


def exhibit(name: str) -> Callable[[Callable[[pd.DataFrame], Sheet]], Draw]:
    """Make a function that draws a table into one of `FIGURES`: with a look, its finding above and its notes below."""

    def wrap(draw: Callable[[pd.DataFrame], Sheet]) -> Draw:
        @wraps(draw)
        def drawn(table: pd.DataFrame, /, *, look: Look = Look()) -> Figure:  # noqa: B008  # frozen
            with use(look), mpl.rc_context(make_style(look)):
                sheet = draw(table)
                title, under = look.title, ""
                if title is None:
                    neutral = say(TITLES[name])
                    title = TELL[name](table) or neutral
                    under = neutral if title != neutral else ""
                return _finish(sheet, title, under, say(NOTE) if is_illustrative(table) else "")

        del drawn.__wrapped__  # the signature is that with the look
        return drawn

    return wrap


def _finish(sheet: Sheet, title: str, under: str, note: str) -> Sheet:
    """The figure with its title, legend and notes, and room for them."""
    canvas = FigureCanvasAgg(sheet)
    width, height = sheet.get_size_inches()
    pad, slide = pt(5) / 72, sheet.look.slide

    def wrap(text: str, font: FontProperties) -> list[str]:
        renderer = canvas.get_renderer()
        lines: list[str] = []
        for word in text.split(" ") if text else []:
            longer = f"{lines[-1]} {word}" if lines else word
            fits = (
                renderer.get_text_width_height_descent(longer, font, False)[0] <= 0.94 * (width - 2 * pad) * sheet.dpi
            )
            if lines and fits:
                lines[-1] = longer
            else:
                lines.append(word)
        return lines

    family = sheet.look.colours.font
    # bands above and below the axes: text, points, and how it looks
    above = [(title, 11, {"fontweight": "bold", "color": ink()}), (under, 8.5, {"color": grey()})]
    feet = [(text, 7.5, {"color": grey()}) for text in sheet.feet] + [(note, 8, {"color": WARN})]
    top: list[Any] = []
    bottom: list[Any] = []
    for bands, texts in ((top, above), (bottom, feet)):
        for text, points, style in texts:
            weight = style.get("fontweight", "normal")
            lines = wrap(text, FontProperties(family=family, size=pt(points), weight=weight))
            if lines:
                bands.append((lines, points, style, len(lines) * pt(points) * 1.25 / 72))
    legend = None
    if sheet.handles:
        for columns in range(len(sheet.handles), 0, -1):
            legend = sheet.legend(
                handles=list(sheet.handles),
                loc="upper left",
                ncols=columns,
                frameon=False,
                borderpad=0,
                borderaxespad=0,
                fontsize=pt(8.5),
                bbox_to_anchor=(0, 1),
            )
            box = legend.get_window_extent(canvas.get_renderer())
            if box.width <= (width - 2 * pad) * sheet.dpi or columns == 1:
                break
            legend.remove()
    legend_high = (box.height / sheet.dpi + 1.5 * pad) if legend else 0.0
    below_high = pt(9) * 1.6 / 72 if sheet.below else 0.0
    over = pad + sum(band[3] for band in top) + legend_high + (pad if top or legend else 0)
    under_high = sum(band[3] for band in bottom) + below_high + pad
    if not slide:
        height = min(height, HIGHEST - over - under_high) + over + under_high
        sheet.set_size_inches(width, height)
    level = height - pad
    for lines, points, style, high in top:
        _write(sheet, pad / width, level / height, "\n".join(lines), points, va="top", **style)
        level -= high
    if legend:
        level -= pad
        legend.set_bbox_to_anchor((pad / width, level / height), transform=sheet.transFigure)
        legend.set_in_layout(False)
    level = pad / 2
    for lines, points, style, high in bottom[::-1]:
        _write(sheet, pad / width, level / height, "\n".join(lines), points, va="bottom", **style)
        level += high
    if sheet.below:
        _write(sheet, 0.5, level / height, sheet.below, 9, va="bottom", ha="center", color=ink())
    engine: Any = sheet.get_layout_engine()
    engine.set(rect=(0, under_high / height, 1, 1 - (over + under_high) / height))
    for axes in sheet.axes:  # ticks are made now, in this look, and not when they are first shown
        axes.get_xticklabels()
        axes.get_yticklabels()
    return sheet


def _write(sheet: Sheet, x: float, y: float, text: str, points: float, **style: Any) -> None:
    sheet.text(x, y, text, fontsize=pt(points), linespacing=1.15, **style).set_in_layout(False)


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


def new_figure(height: float) -> Sheet:
    """An empty figure, which no global state knows of.

    Parameters
    ----------
    height : float
        Inches that the axes need on a page, in nine-point type; a slide has the height that it has.
    """
    width, fixed, scale = SIZES[now().size]
    sheet = Sheet(figsize=(width, fixed or height * scale), layout="constrained")
    sheet.look = now()
    return sheet


def make_panels(sheet: Sheet, number_of_panels: int, across: int, **options: Any) -> list[Axes]:
    """So many axes in rows of `across`; those beyond are not shown."""
    down = -(-number_of_panels // across)
    panels = list(sheet.subplots(down, across, squeeze=False, **options).ravel())
    for axes in panels[number_of_panels:]:
        axes.set_visible(False)
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


def fill(text: str, width: int) -> str:
    """`text` in lines of at most `width` characters, broken at spaces."""
    return textwrap.fill(text, width, break_long_words=False, break_on_hyphens=False)


def is_illustrative(table: pd.DataFrame) -> bool:
    """Whether the table is made from invented posts."""
    return bool((table["corpus"] == ILLUSTRATIVE).any())


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
    sns.heatmap(
        100 * grid,
        ax=axes,
        cmap=sns.light_palette(accent(), as_cmap=True),
        vmin=0,
        vmax=100 * top,
        linewidths=pt(1),
        cbar_kws={"label": say(label), "shrink": 0.7, "pad": 0.015, "aspect": 26},
    )
    cells = shares.set_index([column, "theme"])
    for y, row in enumerate(rows):
        for x, theme in enumerate(THEME_KEYS):
            place: dict[str, Any] = {"x": x + 0.5, "ha": "center", "va": "center"}
            if (row, theme) not in cells.index or np.isnan(cells.loc[(row, theme), "share"]):
                axes.text(y=y + 0.5, s=say("no codes"), fontsize=pt(7), color=grey(), **place)
                continue
            cell = cells.loc[(row, theme)]
            dark = cell["share"] > 0.6 * top
            few = cell.get("method", "naive") != "naive" and cell["n_coded"] < FEW
            colour = "white" if dark else "#6b6b6b" if few else ink()
            style: dict[str, Any] = {"color": colour, "fontstyle": "italic" if few else "normal"}
            axes.text(y=y + 0.34, s=write_per_cent(cell["share"]), fontsize=pt(9.5), **style, **place)
            if not np.isnan(cell["low"]):
                axes.text(y=y + 0.75, s=write_span(cell["low"], cell["high"]), fontsize=pt(7), **style, **place)
    name_columns(axes, THEME_KEYS)
    axes.set_yticks(np.arange(len(names)) + 0.5, names, rotation=0, fontsize=pt(8.5))
    axes.set_xlabel("")
    axes.set_ylabel("")
    axes.tick_params(length=0)
    bar: Any = axes.collections[0].colorbar
    bar.ax.tick_params(labelsize=pt(7.5))
    bar.ax.yaxis.label.set_fontsize(pt(8))
    return figure


def name_columns(axes: Axes, keys: tuple[str, ...], more: tuple[str, ...] = ()) -> None:
    """Write the themes under the columns of a heat map, and what other columns there are."""
    names = [*(fill(name_theme(key, short=True), 12) for key in keys), *more]
    axes.set_xticks(np.arange(len(names)) + 0.5, names, rotation=0, fontsize=pt(7))


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
    look = now()

    def form(value: float, _: int) -> str:
        with use(look):
            return write(value)

    axis.set_major_formatter(form)


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
    look = figure.look if isinstance(figure, Sheet) else Look()
    with use(look), mpl.rc_context(make_style(look)):
        figure.savefig(stream, format=form, dpi=300 if form == "png" else 100, metadata=metadata)
    if form != "svg":
        return stream.getvalue()
    family = re.escape(look.colours.font)
    return re.sub(rf"'{family}'(?=[;\"])", f"'{look.colours.font}', {FONTS}", stream.getvalue().decode()).encode()
