"""Figures of networks and words: ties of themes, communities of agencies, who mentions whom, words of a theme."""

from __future__ import annotations

from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import SymmetricalLogLocator

from composite.codebook.countries import COUNTRY, COUNTRY_CODES, LANGUAGES
from composite.codebook.themes import THEME, THEME_KEYS, THEMES
from composite.errors import CompositeError
from composite.report.drawing import GREY, INK, STYLE, draw_heat, mark_illustrative, need_table, new_figure

MOST_WORDS = 5
MOST_NAMED = 6


@mpl.rc_context(STYLE)
def draw_theme_ties(edges: pd.DataFrame) -> Figure:
    """Heat map of the correlations of themes within agencies, with intervals; bold where told apart from none.

    Parameters
    ----------
    edges : DataFrame
        Table `edges` with the network of themes.
    """
    need_table(edges, "edges", "network", "source", "target")
    part = edges[edges["network"] == "themes"].sort_values(["source", "target"])
    if part.empty:
        raise CompositeError("the table 'edges' has no network of themes: link_themes(...).edges has")
    place = {key: number for number, key in enumerate(THEME_KEYS)}
    grid = np.full((9, 9), np.nan)
    cells = {}
    for row in part.itertuples():
        one, two = sorted((place[row.source], place[row.target]))
        grid[two, one] = row.weight
        cells[two, one] = row
    known = np.abs(grid[~np.isnan(grid)])
    top = max(0.1, float(known.max())) if len(known) else 0.1
    figure = new_figure(10.5, 6)
    axes = figure.subplots()
    sns.heatmap(
        pd.DataFrame(grid)[1:].iloc[:, :-1],
        ax=axes,
        cmap=sns.diverging_palette(250, 350, s=75, l=45, as_cmap=True),
        vmin=-top,
        vmax=top,
        linewidths=1,
        mask=np.isnan(grid)[1:, :-1],
        cbar_kws={"label": "correlation within agencies", "shrink": 0.7},
    )
    for (two, one), row in cells.items():
        if np.isnan(row.weight):
            axes.text(one + 0.5, two - 0.5, "–", ha="center", va="center", color=GREY)
            continue
        told = row.p_adjusted < 0.05
        ink = "white" if abs(row.weight) > 0.6 * top else INK
        style: dict[str, Any] = {
            "ha": "center",
            "va": "center",
            "color": ink,
            "fontweight": "bold" if told else "normal",
        }
        axes.text(one + 0.5, two - 0.62, _write_signed(row.weight), fontsize=9, **style)
        if not np.isnan(row.low):
            span = f"{_write_signed(row.low)} to {_write_signed(row.high)}"
            axes.text(one + 0.5, two - 0.26, span, fontsize=6.5, **style)
    axes.set_xticklabels([THEME[key].short.replace(" ", "\n", 1) for key in THEME_KEYS[:-1]], rotation=0, fontsize=8)
    axes.set_yticklabels([THEME[key].short for key in THEME_KEYS[1:]], rotation=0)
    axes.tick_params(length=0)
    return mark_illustrative(figure, part)


def _write_signed(value: float) -> str:
    """A correlation to two digits with its sign.

    >>> _write_signed(-0.123), _write_signed(0.004)
    ('−.12', '0')
    """
    rounded = f"{value:+.2f}"
    return "0" if float(rounded) == 0 else rounded.replace("-", "−").replace("0.", ".")


@mpl.rc_context(STYLE)
def draw_communities(communities: pd.DataFrame) -> Figure:
    """Heat map of the mean use of the nine themes by communities of like agencies, largest first.

    Parameters
    ----------
    communities : DataFrame
        Table `communities`.
    """
    need_table(communities, "communities", "node")
    rows, pieces = [], []
    for number, part in communities.groupby("community", sort=True):
        count = part["country"].value_counts()
        order = sorted(count.index, key=lambda code: (-count[code], COUNTRY_CODES.index(code)))
        most = ", ".join(f"{code} {count[code]}" for code in order[:4]) + (", …" if len(order) > 4 else "")
        name = f"{number}: {len(part):,} agencies\n{most}\nstability {part['stability'].mean():.2f}"
        rows.append(name)
        pieces += [(name, key, float(np.average(part[key], weights=part["n_posts"]))) for key in THEME_KEYS]
    table = pd.DataFrame(pieces, columns=["community", "theme", "share"]).assign(low=np.nan, high=np.nan)
    figure = draw_heat(table, rows, rows, "community")
    # the colour bar is the last of the axes; what it shows here are probabilities
    figure.axes[-1].set_ylabel("mean probability of the theme (%)")
    return mark_illustrative(figure, communities)


@mpl.rc_context(STYLE)
def draw_actors(actors: pd.DataFrame) -> Figure:
    """Accounts by how often they mention others and are mentioned; large ones stand between others.

    Parameters
    ----------
    actors : DataFrame
        Table `actors`.
    """
    need_table(actors, "actors", "node")
    shown = actors[(actors["mentions"] > 0) | (actors["mentioned"] > 0)].sort_values("node")
    if shown.empty:
        raise CompositeError("no account mentions another: there is nothing to draw")
    figure = new_figure(9, 5.8)
    axes = figure.subplots()
    top = max(float(shown["betweenness"].max()), 1e-9)
    colours = dict(zip(COUNTRY_CODES, sns.color_palette("tab10", 10).as_hex(), strict=True))
    handles = []
    for code in (*COUNTRY_CODES, ""):
        part = shown[shown["country"].fillna("") == code]
        if part.empty:
            continue
        colour, size = colours.get(code, GREY), 14 + 220 * part["betweenness"] / top
        axes.scatter(part["mentions"], part["mentioned"], s=size, color=colour, alpha=0.6, linewidth=0)
        name = COUNTRY[code].name if code else "others"
        handles.append(Line2D([], [], marker="o", linestyle="none", color=colour, label=name))
    brokers = shown[shown["betweenness"] > 0].sort_values(["betweenness", "node"], ascending=[False, True])
    # names beside points would run over other points: numbers there, and the names outside
    named = brokers.head(MOST_NAMED).assign(number=[str(n + 1) for n in range(min(MOST_NAMED, len(brokers)))])
    for (x, y), part in named.groupby(["mentions", "mentioned"], sort=True):
        text = ", ".join(part["number"])
        axes.annotate(text, (x, y), xytext=(0, 10), textcoords="offset points", ha="center", fontsize=7.5)
    names = zip(named["number"], named["node"], strict=True)
    handles += [Line2D([], [], linestyle="none", label=f"{number}  @{name}") for number, name in names]
    for axis, scale in ((axes.xaxis, axes.set_xscale), (axes.yaxis, axes.set_yscale)):
        scale("symlog", linthresh=1)
        axis.set_major_locator(SymmetricalLogLocator(base=10, linthresh=1, subs=(1, 2, 3, 5)))
        axis.set_major_formatter(lambda value, _: f"{value:,g}" if value >= 0 else "")
    axes.set_xlim(left=-0.2)
    axes.set_ylim(bottom=-0.2)
    axes.margins(0.08)
    axes.set_xlabel("mentions of others (posts)")
    axes.set_ylabel("mentioned by others (posts)")
    axes.grid()
    figure.legend(handles=handles, loc="outside right upper", frameon=False)
    return mark_illustrative(figure, actors)


@mpl.rc_context(STYLE)
def draw_keywords(keywords: pd.DataFrame) -> Figure:
    """The words that mark each theme most clearly, a row a theme, a column a language; darker words are clearer.

    Parameters
    ----------
    keywords : DataFrame
        Table `keywords` by theme.

    Raises
    ------
    CompositeError
        If the table is not by theme.
    """
    need_table(keywords, "keywords", "group", "language", "word")
    if not set(keywords["group"]) <= set(THEME_KEYS):
        raise CompositeError("draw_keywords draws words of themes: give find_keywords(posts, labels, by='theme')")
    languages = [code for code in LANGUAGES if (keywords["language"] == code).any()]
    figure = new_figure(2.2 + 1.35 * len(languages), 10.2)
    axes = figure.subplots()
    ordered = keywords.sort_values(["z", "word"], ascending=[False, True])
    for y, theme in enumerate(THEMES):
        axes.axhline(y - 0.5, color="#e6e6e6", linewidth=0.7)
        for x, language in enumerate(languages):
            part = ordered[(ordered["group"] == theme.key) & (ordered["language"] == language)].head(MOST_WORDS)
            for line, row in enumerate(part.itertuples()):
                told = row.p_adjusted < 0.05
                word = row.word if len(row.word) <= 18 else row.word[:17] + "…"
                axes.text(
                    x,
                    y - 0.36 + 0.18 * line,
                    word,
                    fontsize=7,
                    va="center",
                    color=INK if told else GREY,
                    fontweight="bold" if told else "normal",
                )
    axes.set_xlim(-0.1, len(languages))
    axes.set_ylim(len(THEMES) - 0.5, -0.5)
    axes.set_yticks(range(len(THEMES)), [theme.short.replace(" ", "\n", 1) for theme in THEMES])
    for label, theme in zip(axes.get_yticklabels(), THEMES, strict=True):
        label.set_color(INK if theme.key in set(keywords["group"]) else GREY)
    axes.set_xticks([x + 0.35 for x in range(len(languages))], languages)
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    for side in ("bottom", "left"):
        axes.spines[side].set_visible(False)
    return mark_illustrative(figure, keywords)
