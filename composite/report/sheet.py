"""A figure as a sheet: its look, its finding above and its notes below, and how it becomes a file."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from functools import wraps
from typing import Any, Protocol

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.transforms import Bbox

from composite.codebook.tables import ILLUSTRATIVE
from composite.errors import CompositeError, require_known
from composite.report.captions import TITLES
from composite.report.look import (
    SIZES,
    Look,
    grey,
    ink,
    now,
    pt,
    say,
    use,
)
from composite.report.shown import ShownFigure
from composite.report.telling import TELL

FORMATS = ("svg", "png", "pdf")
NOTE = "Illustrative corpus: invented posts of fictional agencies. Not findings about any country."
WARN = "#8a3b12"
MOST_LINES = 5  # of a title
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


class SteadyLayout(ConstrainedLayoutEngine):
    """The constrained layout with places to a millionth of the figure.

    The last digits of its solver depend on where things lie in memory, and with them the bytes of a file.
    """

    def execute(self, fig: Figure) -> None:
        """Place the axes of `fig`."""
        super().execute(fig)
        for axes in fig.axes:
            for original, which in ((True, "original"), (False, "active")):
                corners = axes.get_position(original=original).get_points()
                # `set_position` would take the axes out of the layout
                axes._set_position(Bbox(np.round(corners, 6)), which)  # type: ignore[attr-defined]
        for label in (fig._supxlabel, fig._supylabel):  # type: ignore[attr-defined]
            if label is not None:
                label.set_position(tuple(np.round(label.get_position(), 6)))


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
        # a per cent sign, and a mark that stands apart in French, are not left alone in a line
        text = re.sub(r" (?=[%:;?!»])|(?<=«) ", "\u00a0", text)
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
    _check_title(wrap(title, FontProperties(family=family, size=pt(11), weight="bold")))
    # bands above and below the axes: text, points, and how it looks
    above = [(title, 11, {"fontweight": "bold", "color": ink()}), (under, 8.5, {"color": grey()})]
    feet = [(text, 7.5, {"color": grey()}) for text in sheet.feet if text] + [(note, 8, {"color": WARN})]
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


def _check_title(lines: list[str]) -> None:
    """Nothing; a `CompositeError` if a title leaves no room for its figure."""
    if len(lines) > MOST_LINES:
        raise CompositeError(
            f"the title takes {len(lines)} lines, and a figure has room for {MOST_LINES}: give one of at most "
            f"{sum(map(len, lines[:MOST_LINES]))} characters"
        )


def _write(sheet: Sheet, x: float, y: float, text: str, points: float, **style: Any) -> None:
    sheet.text(x, y, text, fontsize=pt(points), linespacing=1.15, **style).set_in_layout(False)


def new_figure(height: float) -> Sheet:
    """An empty figure, which no global state knows of.

    Parameters
    ----------
    height : float
        Inches that the axes need on a page, in nine-point type; a slide has the height that it has.
    """
    width, fixed, scale = SIZES[now().size]
    sheet = Sheet(figsize=(width, fixed or height * scale), layout=SteadyLayout())
    sheet.look = now()
    return sheet


def is_illustrative(table: pd.DataFrame) -> bool:
    """Whether the table is made from invented posts."""
    return bool((table["corpus"] == ILLUSTRATIVE).any())


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
