"""Figures that compare countries theme by theme: shares by each method, differences, ranks."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.lines import Line2D

from composite.codebook.themes import THEMES
from composite.errors import CompositeError
from composite.report.drawing import (
    FEW,
    Sheet,
    draw_estimate,
    exhibit,
    label_countries,
    make_theme_panels,
    need_table,
    new_figure,
    order_countries,
    set_numbers,
    set_per_cent,
    write_points,
)
from composite.report.look import accent, area, grey, ink, now, pt, say
from composite.report.notes import note_marks

MARKERS = {"naive": "x", "coded": "s", "corrected": "o"}


@exhibit("methods")
def draw_methods(shares: pd.DataFrame) -> Sheet:
    """Dot plot, a panel a theme: naive, coded and corrected share of every country beside each other.

    Hollow marks are intervals for the posts of these agencies only; grey ones rest on fewer than 30 coded posts. On a
    slide, which has room for two, the coded-only shares are left out.

    Parameters
    ----------
    shares : DataFrame
        Table `shares` by country.
    look : Look
    """
    need_table(shares, "shares", "country", "theme", "method")
    rows = order_countries(shares)[::-1]
    slide = now().slide
    methods = [name for name in MARKERS if (shares["method"] == name).any() and not (slide and name == "coded")]
    figure = new_figure(2.2 + 0.62 * len(rows))
    tones = {"naive": grey(), "coded": accent(), "corrected": ink()}
    gap = 0.5 / max(1, len(methods) - 1)
    for axes, theme in zip(make_theme_panels(figure, sharey=True), THEMES, strict=True):
        part = shares[shares["theme"] == theme.key].set_index(["country", "method"])
        for step, method in enumerate(methods):
            colour = now().colours.edge(theme.key) if method == "corrected" else tones[method]
            for y, code in enumerate(rows):
                if (code, method) not in part.index or np.isnan(part.loc[(code, method), "share"]):
                    continue
                row = part.loc[(code, method)]
                few = method != "naive" and row["n_coded"] < FEW
                height = y + (0.25 - gap * step if len(methods) > 1 else 0)
                draw_estimate(axes, row, height, marker=MARKERS[method], colour=colour, few=few, size=11)
        label_countries(axes, rows)
        set_per_cent(axes.xaxis, ticks=3 if slide else 4)
        axes.set_xlim(left=0)
        axes.grid(axis="x")
    figure.handles = tuple(
        Line2D(
            [], [], marker=MARKERS[m], color=tones[m], linestyle="none", label=say(m.capitalize()), markersize=pt(4.5)
        )
        for m in methods
    )
    figure.below = say("posts with the theme")
    drawn = shares[shares["method"].isin(methods) & shares["share"].notna()]
    few = (drawn["method"] != "naive") & (drawn["n_coded"] < FEW)
    figure.feet = (note_marks(hollow=bool((drawn["inference"] != "agencies").any()), grey=bool(few.any())),)
    return figure


@exhibit("differences")
def draw_differences(contrasts: pd.DataFrame) -> Sheet:
    """Each country's difference from the mean of the others, a panel a theme; filled where Holm leaves p below 0.05.

    Thin lines are intervals that hold for all rows at once, thick ones for each row alone.

    Parameters
    ----------
    contrasts : DataFrame
        Table `contrasts` of `compare_countries(..., against="others")`.
    look : Look
    """
    need_table(contrasts, "contrasts")
    table = contrasts[contrasts["reference"] == "others"]
    if table.empty:
        raise CompositeError("draw_differences draws contrasts with 'others': use compare_countries(against='others')")
    rows = order_countries(table)[::-1]
    figure = new_figure(2.0 + 0.46 * len(rows))
    for axes, theme in zip(make_theme_panels(figure, sharey=True, sharex=True), THEMES, strict=True):
        part = table[table["theme"] == theme.key].set_index("country")
        axes.axvline(0, color=grey(), linewidth=pt(0.8))
        edge = now().colours.edge(theme.key)
        for y, code in enumerate(rows):
            row = part.loc[code]
            if np.isnan(row["difference"]):
                continue
            line = "-" if row["inference"] == "agencies" else ":"
            for low, high, width, alpha in (("low_all", "high_all", 0.9, 1.0), ("low", "high", 4.0, 0.4)):
                if not np.isnan(row[low]):
                    axes.plot(
                        [row[low], row[high]],
                        [y, y],
                        color=edge,
                        linewidth=pt(width),
                        alpha=alpha,
                        linestyle=line if width < 2 else "-",
                        solid_capstyle="butt",
                    )
            face = edge if row["p_adjusted"] < 0.05 else "white"
            axes.scatter(row["difference"], y, s=area(16), facecolor=face, edgecolor=edge, zorder=3, linewidth=pt(1))
        label_countries(axes, rows)
        set_numbers(axes.xaxis, write_points)
        axes.grid(axis="x")
    figure.below = say("difference from the mean of the other countries (percentage points)")
    figure.feet = (note_marks(dotted=bool((table["inference"] != "agencies").any())),)
    figure.handles = (
        *_make_lines(),
        *(
            Line2D(
                [],
                [],
                marker="o",
                color=ink(),
                markerfacecolor=face,
                linestyle="none",
                label=say(text),
                markersize=pt(4.5),
            )
            for face, text in ((ink(), "told apart after Holm (p < 0.05)"), ("white", "not told apart"))
        ),
    )
    return figure


def _make_lines() -> tuple[Line2D, Line2D]:
    return (
        Line2D([], [], color=ink(), linewidth=pt(4), alpha=0.4, label=say("this row alone")),
        Line2D([], [], color=ink(), linewidth=pt(0.9), label=say("all rows at once")),
    )


@exhibit("ranks")
def draw_ranks(ranks: pd.DataFrame) -> Sheet:
    """Rank of every country and the ranks that the data allow, a panel a theme; filled where a country leads.

    Parameters
    ----------
    ranks : DataFrame
        Table `ranks`.
    look : Look
    """
    need_table(ranks, "ranks", "country", "theme")
    rows = order_countries(ranks)[::-1]
    figure = new_figure(2.0 + 0.46 * len(rows))
    for axes, theme in zip(make_theme_panels(figure, sharey=True, sharex=True), THEMES, strict=True):
        part = ranks[ranks["theme"] == theme.key].set_index("country")
        edge = now().colours.edge(theme.key)
        for y, code in enumerate(rows):
            if code not in part.index:
                continue
            row = part.loc[code]
            line = "-" if row["inference"] == "agencies" else ":"
            axes.plot(
                [row["rank_low"], row["rank_high"]], [y, y], color=edge, linewidth=pt(0.9), linestyle=line, zorder=2
            )
            axes.plot(
                [row["rank_low_one"], row["rank_high_one"]],
                [y, y],
                color=edge,
                linewidth=pt(4),
                alpha=0.4,
                solid_capstyle="butt",
            )
            face = edge if row["leads"] else "white"
            axes.scatter(row["rank"], y, s=area(16), facecolor=face, edgecolor=edge, zorder=3, linewidth=pt(1))
        label_countries(axes, rows)
        axes.set_xlim(0.5, len(rows) + 0.5)
        axes.xaxis.set_major_locator(mpl.ticker.MaxNLocator(5, integer=True))
        axes.grid(axis="x")
    figure.below = say("rank by share of posts (1: highest)")
    figure.feet = (note_marks(dotted=bool((ranks["inference"] != "agencies").any())),)
    leads = Line2D([], [], marker="o", color=ink(), linestyle="none", label=say("leads"), markersize=pt(4.5))
    figure.handles = (*_make_lines(), leads)
    return figure
