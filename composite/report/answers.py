"""Figures of how the public answers, and how the police answer the public."""

from __future__ import annotations

import matplotlib as mpl
import matplotlib.dates
import matplotlib.ticker
import numpy as np
import pandas as pd
from matplotlib.lines import Line2D

from composite.codebook.themes import THEMES
from composite.report.drawing import (
    FEW,
    Sheet,
    exhibit,
    need_table,
    new_figure,
    order_countries,
    set_numbers,
    set_per_cent,
)
from composite.report.look import accent, area, grey, ink, name_country, name_theme, now, number, pt, say
from composite.report.notes import join


@exhibit("engagement")
def draw_engagement(engagement: pd.DataFrame) -> Sheet:
    """How many times as often posts with a theme are reposted, liked and replied to, a panel a measure.

    Parameters
    ----------
    engagement : DataFrame
        Table `engagement`.
    look : Look
    """
    need_table(engagement, "engagement", "measure", "theme")
    measures = [name for name in ("reposts", "likes", "replies") if (engagement["measure"] == name).any()]
    figure = new_figure(3.9)
    panels = figure.subplots(1, len(measures), squeeze=False, sharey=True).ravel()
    for axes, measure in zip(panels, measures, strict=True):
        part = engagement[engagement["measure"] == measure].set_index("theme")
        axes.axvline(1, color=grey(), linewidth=pt(0.8))
        for y, theme in enumerate(THEMES[::-1]):
            row = part.loc[theme.key]
            if np.isnan(row["ratio"]):
                axes.text(1.03, y, say("no estimate"), va="center", color=grey(), fontsize=pt(8))
                continue
            colour = grey() if row["n_theme"] < FEW else now().colours.edge(theme.key)
            if not np.isnan(row["low"]):
                axes.plot([row["low"], row["high"]], [y, y], color=colour, linewidth=pt(1.2))
            face = colour if row["p_adjusted"] < 0.05 else "white"
            axes.scatter(row["ratio"], y, s=area(24), facecolor=face, edgecolor=colour, zorder=3)
        axes.set_xscale("log")
        wide = bool(np.nanmax(part["high"].to_numpy(), initial=1) > 8)
        axes.xaxis.set_major_locator(mpl.ticker.LogLocator(subs=(1, 2) if wide else (1, 2, 5)))
        axes.xaxis.set_minor_locator(mpl.ticker.NullLocator())
        set_numbers(axes.xaxis, lambda value: f"×{number(value, 'g')}")
        shown = part[["ratio", "low", "high"]].to_numpy()
        low, high = (np.nanmin(shown), np.nanmax(shown)) if np.isfinite(shown).any() else (1, 1)
        axes.set_xlim(min(low, 0.6) / 1.15, max(high, 1.7) * 1.15)
        axes.set_title(f"{say(measure)} (n = {number(int(part['n_posts'].max()), ',')})", loc="left")
        axes.grid(axis="x")
    panels[0].set_yticks(range(len(THEMES)), [name_theme(theme.key, short=True) for theme in THEMES[::-1]])
    handles = [
        Line2D(
            [], [], marker="o", color=ink(), markerfacecolor=face, linestyle="none", markersize=pt(5), label=say(text)
        )
        for face, text in ((ink(), "told apart after Holm (p < 0.05)"), ("white", "not told apart"))
    ]
    figure.handles = tuple(handles)
    few = bool((engagement["n_theme"] < FEW).any())
    figure.feet = (
        join(
            say("×1: as many as posts without the theme."),
            say("Grey: fewer than {few} posts with the theme.", few=FEW) if few else "",
        ),
    )
    return figure


@exhibit("dialogue")
def draw_dialogue(dialogue: pd.DataFrame) -> Sheet:
    """Share of posts that are replies, by country, with intervals over agencies.

    Parameters
    ----------
    dialogue : DataFrame
        Table `dialogue` by country.
    look : Look
    """
    need_table(dialogue, "dialogue", "country")
    rows = order_countries(dialogue)[::-1]
    table = dialogue.set_index("country")
    figure = new_figure(0.9 + 0.34 * len(rows))
    axes = figure.subplots()
    for y, code in enumerate(rows):
        row = table.loc[code]
        if not np.isnan(row["low"]):
            axes.plot([row["low"], row["high"]], [y, y], color=accent(), linewidth=pt(1.4))
        face = "white" if row["inference"] == "descriptive" else accent()
        axes.scatter(row["share"], y, s=area(26), facecolor=face, edgecolor=accent(), zorder=3)
    axes.set_yticks(
        range(len(rows)),
        [f"{name_country(code)} (n = {number(int(table.loc[code, 'n_posts']), ',')})" for code in rows],
    )
    axes.set_xlim(left=0)
    set_per_cent(axes.xaxis)
    axes.set_xlabel(say("posts that are replies"))
    if (dialogue["inference"] == "descriptive").any():
        figure.feet = (say("Hollow: too few agencies for an interval."),)
    axes.grid(axis="x")
    return figure
