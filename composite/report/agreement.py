"""Figures of coders: how well they agree on each theme, and what they code instead of one another."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure

from composite.codebook.themes import THEME, THEME_KEYS
from composite.errors import CompositeError
from composite.report.drawing import (
    BLUE,
    FEW,
    GREY,
    INK,
    STYLE,
    WINE,
    mark_illustrative,
    need_table,
    new_figure,
    write_per_cent,
)

ROWS = (*THEME_KEYS, "set")
NAMES = {**{key: theme.short for key, theme in THEME.items()}, "set": "Whole set of themes"}
USUAL = (0.667, 0.8)  # Krippendorff's lowest bounds for tentative and for firm conclusions


@mpl.rc_context(STYLE)
def draw_agreement(agreement: pd.DataFrame) -> Figure:
    """Krippendorff's alpha of every theme with its interval, and beside it alpha by group where there are groups.

    Grey: a theme that fewer than 30 codes give, or a cell of so few posts. The dotted lines are 0.667 and 0.8, below
    which Krippendorff advises against any, and against firm, conclusions.

    Parameters
    ----------
    agreement : DataFrame
        Table `agreement`.
    """
    need_table(agreement, "agreement", "group", "theme")
    whole = agreement[agreement["group"] == "all"].set_index("theme").reindex(ROWS)
    if whole["n_posts"].isna().all():
        raise CompositeError("the table 'agreement' has no rows of the group 'all': this figure draws them")
    groups = sorted(set(agreement["group"]) - {"all"})
    figure = new_figure(11.5 if groups else 7.5, 4.6)
    panels = figure.subplots(1, 2 if groups else 1, squeeze=False, width_ratios=[1, 1.5] if groups else [1])[0]
    axes = panels[0]
    axes.xaxis.grid(True)
    for bound in USUAL:
        axes.axvline(bound, color=GREY, linewidth=0.8, linestyle=":")
    for y, (key, row) in enumerate(whole.iterrows()):
        colour = GREY if not row["n_positive"] >= FEW else THEME[key].colour if key in THEME else INK
        if np.isnan(row["alpha"]):
            axes.text(0.02, y, "never coded", va="center", fontsize=8, color=GREY, transform=axes.get_yaxis_transform())
            continue
        axes.plot([row["low"], row["high"]], [y, y], color=colour, linewidth=1.4)
        axes.scatter(row["alpha"], y, s=28, facecolor=colour, edgecolor=colour, zorder=3)
    known = whole["n_positive"].fillna(0).astype(int)
    axes.set_yticks(range(len(ROWS)), [f"{NAMES[key]} ({known[key]:,})" for key in ROWS])
    axes.set_ylim(len(ROWS) - 0.5, -0.5)
    low = float(np.nanmin(whole[["alpha", "low"]].to_numpy(dtype=float), initial=0.5))
    axes.set_xlim(min(0.5, low - 0.05), 1.01)
    axes.set_xlabel("Krippendorff's alpha")
    if groups:
        _draw_groups(panels[1], agreement, groups)
    return mark_illustrative(figure, agreement)


def _draw_groups(axes: mpl.axes.Axes, agreement: pd.DataFrame, groups: list[str]) -> None:
    cells = agreement[agreement["group"] != "all"]
    grid = cells.pivot(index="theme", columns="group", values="alpha").reindex(ROWS)[groups]
    codes = cells.pivot(index="theme", columns="group", values="n_positive").reindex(ROWS)[groups]
    sns.heatmap(
        grid,
        ax=axes,
        cmap=sns.light_palette(BLUE, as_cmap=True),
        vmin=0,
        vmax=1,
        linewidths=1,
        cbar_kws={"label": "alpha", "shrink": 0.7},
    )
    for y, key in enumerate(ROWS):
        for x, group in enumerate(groups):
            value = grid.loc[key, group]
            few = not codes.loc[key, group] >= FEW
            ink = GREY if np.isnan(value) else ("white" if value > 0.6 else INK)
            text = "–" if np.isnan(value) else f"{value:.2f}" + ("*" if few else "")
            axes.text(x + 0.5, y + 0.5, text, ha="center", va="center", fontsize=8, color=ink)
    axes.set_yticks([])
    axes.set_xticklabels(groups, rotation=0)
    axes.set_xlabel("")
    axes.set_ylabel("")
    axes.tick_params(length=0)


@mpl.rc_context(STYLE)
def draw_confusions(confusions: pd.DataFrame) -> Figure:
    """Heat map: of the times that a coder gave the row's theme, in how many another gave the column's instead (%).

    Parameters
    ----------
    confusions : DataFrame
        Table `confusions`.
    """
    need_table(confusions, "confusions", "theme", "other")
    others = [*THEME_KEYS, "none"]
    grid = confusions.pivot(index="theme", columns="other", values="share").reindex(THEME_KEYS, columns=others)
    figure = new_figure(10.5, 5.4)
    axes = figure.subplots()
    sns.heatmap(
        100 * grid,
        ax=axes,
        annot=grid.map(lambda v: "" if np.isnan(v) or v == 0 else write_per_cent(v)),
        fmt="",
        cmap=sns.light_palette(WINE, as_cmap=True),
        vmin=0,
        linewidths=1,
        mask=grid.isna(),
        cbar_kws={"label": "the other coder gave instead (%)", "shrink": 0.7},
    )
    names = [THEME[key].short.replace(" ", "\n", 1) for key in THEME_KEYS] + ["nothing\nelse"]
    axes.set_xticklabels(names, rotation=0, fontsize=8)
    axes.set_yticklabels([THEME[key].short for key in THEME_KEYS], rotation=0)
    axes.set_xlabel("")
    axes.set_ylabel("one coder gave")
    axes.tick_params(length=0)
    return mark_illustrative(figure, confusions)
