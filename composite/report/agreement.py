"""Figures of coders: how well they agree on each theme, and what they code instead of one another."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pandas as pd
import seaborn as sns

from composite.codebook.themes import THEME, THEME_KEYS
from composite.errors import CompositeError
from composite.report.drawing import (
    FEW,
    Sheet,
    choose_tone,
    exhibit,
    fill,
    need_table,
    new_figure,
    set_numbers,
    write_ticks,
)
from composite.report.grids import name_columns, name_rows, shade_cells, write_estimate
from composite.report.look import accent, area, grey, ink, name_theme, now, number, pt, say, second
from composite.report.notes import join

ROWS = (*THEME_KEYS, "set")
USUAL = (0.667, 0.8)  # Krippendorff's lowest bounds for tentative and for firm conclusions


def _name_row(key: str) -> str:
    return name_theme(key, short=True) if key in THEME else say("Whole set of themes")


@exhibit("agreement")
def draw_agreement(agreement: pd.DataFrame) -> Sheet:
    """Krippendorff's alpha of every theme with its interval, and beside it alpha by group where there are groups.

    Grey: a theme that fewer than 30 codes give, or a cell of so few posts. The dotted lines are 0.667 and 0.8, below
    which Krippendorff advises against any, and against firm, conclusions.

    Parameters
    ----------
    agreement : DataFrame
        Table `agreement`.
    look : Look
    """
    need_table(agreement, "agreement", "group", "theme")
    whole = agreement[agreement["group"] == "all"].set_index("theme").reindex(ROWS)
    if whole["n_posts"].isna().all():
        raise CompositeError("the table 'agreement' has no rows of the group 'all': this figure draws them")
    groups = sorted(set(agreement["group"]) - {"all"})
    figure = new_figure(4.0)
    panels = figure.subplots(1, 2 if groups else 1, squeeze=False, width_ratios=[1, 1.25] if groups else [1])[0]
    axes = panels[0]
    axes.xaxis.grid(True)
    for bound in USUAL:
        axes.axvline(bound, color=grey(), linewidth=pt(0.8), linestyle=":")
    for y, (key, row) in enumerate(whole.iterrows()):
        colour = grey() if not row["n_positive"] >= FEW else now().colours.edge(key) if key in THEME else ink()
        if np.isnan(row["alpha"]):
            axes.text(
                0.02,
                y,
                say("never coded"),
                va="center",
                fontsize=pt(8),
                color=grey(),
                transform=axes.get_yaxis_transform(),
            )
            continue
        axes.plot([row["low"], row["high"]], [y, y], color=colour, linewidth=pt(1.4))
        axes.scatter(row["alpha"], y, s=area(28), facecolor=colour, edgecolor=colour, zorder=3)
    known = whole["n_positive"].fillna(0).astype(int)
    axes.set_yticks(
        range(len(ROWS)), [f"{_name_row(key)} ({number(known[key], ',')})" for key in ROWS], fontsize=pt(8.5)
    )
    axes.set_ylim(len(ROWS) - 0.5, -0.5)
    low = float(np.nanmin(whole[["alpha", "low"]].to_numpy(dtype=float), initial=0.5))
    axes.set_xlim(min(0.5, low - 0.05), 1.01)
    axes.set_xlabel(say("Krippendorff's alpha"))
    set_numbers(axes.xaxis, lambda value: number(value, ".1f"))
    figure.feet = (
        join(
            say("Dotted: the lowest alpha for tentative and for firm conclusions (Krippendorff)."),
            say("In brackets: codes that give the theme; grey or *: fewer than {few}.", few=FEW),
        ),
    )
    if groups:
        _draw_groups(panels[1], agreement, groups)
    return figure


def _draw_groups(axes: mpl.axes.Axes, agreement: pd.DataFrame, groups: list[str]) -> None:
    cells = agreement[agreement["group"] != "all"]
    grid = cells.pivot(index="theme", columns="group", values="alpha").reindex(ROWS)[groups]
    codes = cells.pivot(index="theme", columns="group", values="n_positive").reindex(ROWS)[groups]
    shades = sns.light_palette(accent(), as_cmap=True)
    sns.heatmap(
        grid,
        ax=axes,
        cmap=shades,
        vmin=0,
        vmax=1,
        linewidths=pt(1),
        cbar_kws={"format": write_ticks(), "label": say("alpha"), "shrink": 0.7, "pad": 0.015},
    )
    for y, key in enumerate(ROWS):
        for x, group in enumerate(groups):
            value = grid.loc[key, group]
            few = not codes.loc[key, group] >= FEW
            tone = grey() if np.isnan(value) else choose_tone(shades(max(0.0, value)))
            text = "–" if np.isnan(value) else number(value, ".2f") + ("*" if few else "")
            axes.text(x + 0.5, y + 0.5, text, ha="center", va="center", fontsize=pt(8), color=tone)
    axes.set_yticks([])
    axes.set_xticklabels(groups, rotation=0)
    axes.set_xlabel("")
    axes.set_ylabel("")
    axes.tick_params(length=0)


@exhibit("confusions")
def draw_confusions(confusions: pd.DataFrame) -> Sheet:
    """Heat map: of the times that a coder gave the row's theme, in how many another gave the column's instead (%).

    Intervals stand below the shares; what never happened is an empty cell.

    Parameters
    ----------
    confusions : DataFrame
        Table `confusions`.
    look : Look
    """
    need_table(confusions, "confusions", "theme", "other")
    others = [*THEME_KEYS, "none"]
    grid = confusions.pivot(index="theme", columns="other", values="share").reindex(THEME_KEYS, columns=others)
    figure = new_figure(4.8)
    axes = figure.subplots()
    top = float(np.nanmax(grid.to_numpy(), initial=0.01))  # where all are 0, 0 is pale
    shades = shade_cells(axes, grid, top, second(), say("the other coder gave instead (%)"))
    for _, cell in confusions[confusions["share"] > 0].sort_values(["theme", "other"]).iterrows():
        x, y = others.index(cell["other"]), THEME_KEYS.index(cell["theme"])
        write_estimate(axes, x, y, cell, ground=shades(cell["share"] / top), few=round(cell["n"] / cell["share"]) < FEW)
    name_rows(axes, [name_theme(key, short=True) for key in THEME_KEYS])
    name_columns(axes, THEME_KEYS, (fill(say("nothing else"), 9),))
    axes.set_xlabel("")
    axes.set_ylabel(say("one coder gave"))
    axes.tick_params(length=0)
    return figure
