"""Figures of the comparison: ranks of countries, how themes spread, and the map of profiles."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from composite.codebook.countries import COUNTRY
from composite.codebook.themes import THEME, THEMES
from composite.errors import CompositeError
from composite.report.drawing import (
    BLUE,
    GREY,
    INK,
    STYLE,
    WINE,
    label_countries,
    mark_illustrative,
    need_table,
    new_figure,
    order_countries,
)

FEWEST = 3  # agencies: with fewer left to be seen a curve jumps at every one of them


@mpl.rc_context(STYLE)
def draw_ranks(ranks: pd.DataFrame) -> Figure:
    """Rank of every country and the ranks that the data allow, a panel a theme; filled where a country leads.

    Parameters
    ----------
    ranks : DataFrame
        Table `ranks`.
    """
    need_table(ranks, "ranks", "country", "theme")
    rows = order_countries(ranks)[::-1]
    figure = new_figure(11.5, 2.8 + 0.5 * len(rows))
    panels = figure.subplots(3, 3, sharey=True, sharex=True).ravel()
    for axes, theme in zip(panels, THEMES, strict=True):
        part = ranks[ranks["theme"] == theme.key].set_index("country")
        for y, code in enumerate(rows):
            row = part.loc[code]
            line = "-" if row["inference"] == "agencies" else ":"
            axes.plot([row["rank_low"], row["rank_high"]], [y, y], color=theme.colour, linewidth=1.0, linestyle=line)
            axes.plot(
                [row["rank_low_one"], row["rank_high_one"]],
                [y, y],
                color=theme.colour,
                linewidth=4,
                alpha=0.45,
                solid_capstyle="butt",
            )
            face = theme.colour if row["leads"] else "white"
            axes.scatter(row["rank"], y, s=20, facecolor=face, edgecolor=theme.colour, zorder=3)
        axes.set_title(theme.label, loc="left", color=INK)
        label_countries(axes, rows)
        axes.set_xlim(0.5, len(rows) + 0.5)
        axes.xaxis.set_major_locator(mpl.ticker.MaxNLocator(integer=True))
        axes.grid(axis="x")
    figure.supxlabel("rank by share of posts (1: highest)", fontsize=9)
    handles = [
        Line2D([], [], color=INK, linewidth=4, alpha=0.45, label="this row alone"),
        Line2D([], [], color=INK, linewidth=1, label="all rows at once"),
        Line2D([], [], marker="o", color=INK, linestyle="none", label="leads"),
    ]
    figure.legend(handles=handles, loc="outside upper right", ncols=3, frameon=False)
    return mark_illustrative(figure, ranks)


@mpl.rc_context(STYLE)
def draw_uptake(curves: pd.DataFrame) -> Figure:
    """Share of agencies that have adopted a theme by months since their first post, a panel a theme, a line a country.

    Intervals are not drawn, to keep the lines apart: the table has them. A line is level from where fewer than three
    agencies are left to be seen.

    Parameters
    ----------
    curves : DataFrame
        Table `curves`.
    """
    need_table(curves, "curves", "country", "theme", "months")
    codes = order_countries(curves)
    # ten hues cannot be told apart: countries are named at the ends of their lines
    figure = new_figure(11.5, 8.4)
    panels = figure.subplots(3, 3, sharex=True, sharey=True).ravel()
    last = int(curves.loc[curves["n_at_risk"] >= FEWEST, "months"].max())
    for axes, theme in zip(panels, THEMES, strict=True):
        part = curves[curves["theme"] == theme.key]
        ends = []
        for code in codes:
            own = part[part["country"] == code].sort_values("months")
            own = own[own["n_at_risk"] >= FEWEST]
            if own.empty:
                continue
            months, share = [*own["months"], last], [*own["share"], own["share"].iloc[-1]]
            axes.step(months, share, where="post", color=theme.colour, linewidth=1.1, alpha=0.75)
            ends.append((float(own["share"].iloc[-1]), code))
        _label_ends(axes, ends, last)
        axes.set_title(theme.label, loc="left", color=INK)
        axes.set_ylim(-0.02, 1.02)
        axes.set_xlim(0, 1.16 * max(last, 1))
        axes.yaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f} %")
        axes.grid(axis="y")
    figure.supxlabel("months since an agency's first post", fontsize=9)
    figure.supylabel("agencies that have adopted the theme", fontsize=9)
    return mark_illustrative(figure, curves)


def _label_ends(axes: mpl.axes.Axes, ends: list[tuple[float, str]], last: int) -> None:
    """Write the codes of countries at the ends of their lines, those of one height together."""
    heights: dict[float, list[str]] = {}
    for share, code in sorted(ends):
        near = [height for height in heights if abs(height - share) < 0.055]
        heights.setdefault(near[0] if near else share, []).append(code)
    for height, codes in heights.items():
        text = " ".join(codes) if len(codes) <= 3 else f"{codes[0]} + {len(codes) - 1}"
        axes.annotate(text, (1.02 * last, height), fontsize=6.5, color=INK, va="center")


@mpl.rc_context(STYLE)
def draw_profiles(profile_map: pd.DataFrame) -> Figure:
    """Countries and themes on the map of correspondence analysis, with the intervals of the countries.

    Parameters
    ----------
    profile_map : DataFrame
        Table `profile_map`.
    """
    need_table(profile_map, "profile_map", "kind", "name")
    profile_map = profile_map.sort_values(["kind", "name"], ignore_index=True)
    if not (profile_map["kind"] == "country").any():
        raise CompositeError("the table 'profile_map' has no countries: there is nothing to place on the map")
    figure = new_figure(9.5, 7.2)
    axes = figure.subplots()
    axes.axhline(0, color=GREY, linewidth=0.6)
    axes.axvline(0, color=GREY, linewidth=0.6)
    texts = []
    for row in profile_map.itertuples():
        if row.kind == "country":
            axes.plot([row.x_low, row.x_high], [row.y, row.y], color=BLUE, linewidth=0.8, alpha=0.5)
            axes.plot([row.x, row.x], [row.y_low, row.y_high], color=BLUE, linewidth=0.8, alpha=0.5)
            axes.scatter(row.x, row.y, s=26, color=BLUE, zorder=3)
            texts.append((row.x, row.y, COUNTRY[row.name].name, BLUE))
        else:
            axes.scatter(row.x, row.y, s=26, marker="^", color=WINE, zorder=3)
            texts.append((row.x, row.y, THEME[row.name].short, WINE))
    _place_texts(axes, texts)
    first, second = (100 * profile_map[f"{axis}_inertia"].iloc[0] for axis in "xy")
    axes.set_xlabel(f"first axis ({first:.0f} % of the differences between profiles)")
    axes.set_ylabel(f"second axis ({second:.0f} %)")
    handles = [
        Line2D([], [], marker="o", color=BLUE, linewidth=0.8, label="country"),
        Line2D([], [], marker="^", color=WINE, linestyle="none", label="theme"),
    ]
    figure.legend(handles=handles, loc="outside upper right", ncols=2, frameon=False)
    return mark_illustrative(figure, profile_map)


def _place_texts(axes: mpl.axes.Axes, texts: list[tuple[float, float, str, str]]) -> None:
    """Write names beside their points, each where it covers least of what is there already."""
    width, height = np.ptp(axes.get_xlim()), np.ptp(axes.get_ylim())
    taken = [(x - 0.006 * width, x + 0.006 * width, y - 0.008 * height, y + 0.008 * height) for x, y, _, _ in texts]
    for x, y, name, colour in sorted(texts):
        long, tall = 0.0078 * len(name) * width, 0.013 * height
        spots = [
            (left, left + long, level - tall, level + tall)
            for level in (y + 0.018 * height, y - 0.018 * height, y + 0.034 * height, y - 0.034 * height)
            for left in (x + 0.008 * width, x - 0.008 * width - long, x - long / 2)
        ]
        covered = [
            sum(max(0, min(b, d) - max(a, c)) * max(0, min(f, h) - max(e, g)) for c, d, g, h in taken)
            for a, b, e, f in spots
        ]
        chosen = spots[int(np.argmin(covered))]
        taken.append(chosen)
        axes.annotate(name, (chosen[0], (chosen[2] + chosen[3]) / 2), fontsize=8, color=colour, va="center")
