"""Figures of networks and words: ties of themes, communities of agencies, who mentions whom, words of a theme."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import SymmetricalLogLocator
from matplotlib.transforms import ScaledTranslation

from composite.codebook.countries import COUNTRY_CODES, LANGUAGES
from composite.codebook.themes import THEME_KEYS, THEMES
from composite.errors import CompositeError
from composite.report.drawing import Sheet, choose_tone, exhibit, fill, need_table, new_figure, set_numbers, write_ticks
from composite.report.grids import draw_heat, name_columns, name_rows
from composite.report.look import accent, area, grey, ink, name_country, name_theme, now, number, pt, say, second
from composite.report.notes import join

MOST_NAMED = 6
MOST_WORDS = 3  # of a theme in a language: the table has more
LINE = 0.145  # inches of a line of words, in nine-point type
SHAPES = "os^vDPX<>*"


@exhibit("theme_ties")
def draw_theme_ties(edges: pd.DataFrame) -> Sheet:
    """Heat map of the correlations of themes within agencies, with intervals; bold where told apart from none.

    Parameters
    ----------
    edges : DataFrame
        Table `edges` with the network of themes.
    look : Look
    """
    need_table(edges, "edges", "network", "source", "target")
    part = edges[edges["network"] == "themes"].sort_values(["source", "target"])
    if part.empty:
        raise CompositeError("the table 'edges' has no network of themes: link_themes(...).edges has")
    place = {key: position for position, key in enumerate(THEME_KEYS)}
    grid = np.full((9, 9), np.nan)
    cells = {}
    for row in part.itertuples():
        one, two = sorted((place[row.source], place[row.target]))
        grid[two, one] = row.weight
        cells[two, one] = row
    known = np.abs(grid[~np.isnan(grid)])
    top = max(0.1, float(known.max())) if len(known) else 0.1
    figure = new_figure(4.6)
    axes = figure.subplots()
    shades = sns.diverging_palette(250, 30, s=75, l=45, as_cmap=True)  # blue and orange: apart in any sight
    sns.heatmap(
        pd.DataFrame(grid)[1:].iloc[:, :-1],
        ax=axes,
        cmap=shades,
        vmin=-top,
        vmax=top,
        linewidths=pt(1),
        mask=np.isnan(grid)[1:, :-1],
        cbar_kws={"format": write_ticks(), "label": say("correlation within agencies"), "shrink": 0.7, "pad": 0.015},
    )
    for (two, one), row in cells.items():
        if np.isnan(row.weight):
            axes.text(one + 0.5, two - 0.5, "–", ha="center", va="center", color=grey())
            continue
        weight = "bold" if row.p_adjusted < 0.05 else "normal"
        style: dict[str, Any] = {
            "ha": "center",
            "va": "center",
            "color": choose_tone(shades(0.5 + row.weight / top / 2)),
        }
        axes.text(one + 0.5, two - 0.62, _write_signed(row.weight), fontsize=pt(9), fontweight=weight, **style)
        if not np.isnan(row.low):
            span = f"{_write_signed(row.low)} … {_write_signed(row.high)}"
            axes.text(one + 0.5, two - 0.26, span, fontsize=pt(6), **style)
    figure.feet = (
        join(
            say("Bold: told apart from chance (Holm)."),
            say("0: as often together as the agencies' use of each makes likely."),
        ),
    )
    name_rows(axes, [name_theme(key, short=True) for key in THEME_KEYS[1:]])
    name_columns(axes, THEME_KEYS[:-1])
    axes.tick_params(length=0)
    return figure


def _write_signed(value: float) -> str:
    """A correlation to two digits with its sign; without the zero before the point where the language leaves it out.

    >>> _write_signed(-0.123), _write_signed(0.004)
    ('−.12', '0')
    """
    if round(value, 2) == 0:
        return "0"
    return re.sub(r"(?<!\d)0(?=\.)", "", number(value, "+.2f"))


@exhibit("communities")
def draw_communities(communities: pd.DataFrame) -> Sheet:
    """Heat map of the mean use of the nine themes by communities of like agencies, largest first.

    Parameters
    ----------
    communities : DataFrame
        Table `communities`.
    look : Look
    """
    need_table(communities, "communities", "node")
    rows, pieces = [], []
    for group, part in communities.groupby("community", sort=True):
        count = part["country"].value_counts()
        order = sorted(count.index, key=lambda code: (-count[code], COUNTRY_CODES.index(code)))
        most = ", ".join(f"{code} {count[code]}" for code in order[:4]) + (", …" if len(order) > 4 else "")
        stable = say("stability {value}", value=number(part["stability"].mean(), ".2f"))
        name = f"{group}: {say('{n} agencies', n=len(part))}\n{most}\n{stable}"
        rows.append(name)
        pieces += [(name, key, float(np.average(part[key], weights=part["n_posts"]))) for key in THEME_KEYS]
    table = pd.DataFrame(pieces, columns=["community", "theme", "share"]).assign(low=np.nan, high=np.nan)
    figure = draw_heat(table, rows, rows, "community", label="mean probability of the theme (%)")
    figure.feet += (say("Stability 1: an agency is always with the same others when its posts are drawn again."),)
    return figure


@exhibit("actors")
def draw_actors(actors: pd.DataFrame) -> Sheet:
    """Accounts by how often they mention others and are mentioned; large ones stand between others.

    Parameters
    ----------
    actors : DataFrame
        Table `actors`.
    look : Look
    """
    need_table(actors, "actors", "node")
    shown = actors[(actors["mentions"] > 0) | (actors["mentioned"] > 0)].sort_values("node")
    if shown.empty:
        raise CompositeError("no account mentions another: there is nothing to draw")
    figure = new_figure(5.4)
    axes = figure.subplots()
    top = max(float(shown["betweenness"].max()), 1e-9)
    handles = []
    for number_of, code in enumerate((*COUNTRY_CODES, "")):
        part = shown[shown["country"].fillna("") == code]
        if part.empty:
            continue
        # a shape a country: ten colours are not told apart
        look: dict[str, Any] = {
            "marker": SHAPES[number_of] if code else ".",
            "color": (accent(), second(), ink())[number_of % 3] if code else grey(),
        }
        size = area(9 + 90 * part["betweenness"] / top)
        # counts are small whole numbers: marks of a country stand on its side of their point
        turn = 2 * np.pi * number_of / (len(COUNTRY_CODES) + 1)
        aside = ScaledTranslation(pt(4.5) / 72 * np.cos(turn), pt(4.5) / 72 * np.sin(turn), figure.dpi_scale_trans)
        place: dict[str, Any] = {"transform": axes.transData + aside, "linewidth": 0, "alpha": 0.6}
        axes.scatter(part["mentions"], part["mentioned"], s=size, **place, **look)
        name = name_country(code) if code else say("others")
        handles.append(Line2D([], [], linestyle="none", label=name, markersize=pt(5), **look))
    figure.handles = tuple(handles)
    brokers = shown[shown["betweenness"] > 0].sort_values(["betweenness", "node"], ascending=[False, True])
    # names beside points would run over other points: numbers there, and the names below
    named = brokers.head(MOST_NAMED).assign(number=[str(n + 1) for n in range(min(MOST_NAMED, len(brokers)))])
    for (x, y), part in named.groupby(["mentions", "mentioned"], sort=True):
        text = ", ".join(part["number"])
        axes.annotate(
            text, (x, y), xytext=(0, pt(11)), textcoords="offset points", ha="center", fontsize=pt(8), fontweight="bold"
        )
    names = zip(named["number"], named["node"], strict=True)
    figure.feet = (
        " · ".join(f"{place} @{name}" for place, name in names),
        say("Large: many shortest paths between others lead over the account. Marks stand on one side of their point."),
    )
    for axis, scale in ((axes.xaxis, axes.set_xscale), (axes.yaxis, axes.set_yscale)):
        scale("symlog", linthresh=1, linscale=0.35)  # none and one are as far apart as one and two
        axis.set_major_locator(SymmetricalLogLocator(base=10, linthresh=1, subs=(1, 2, 3, 5)))
        set_numbers(axis, lambda value: number(value, ",g") if value >= 0 else "")
    axes.set_xlim(-0.3, 1.4 * max(1, shown["mentions"].max()))
    axes.set_ylim(-0.3, 1.4 * max(1, shown["mentioned"].max()))
    axes.set_xlabel(say("mentions of others (posts)"))
    axes.set_ylabel(say("mentioned by others (posts)"))
    axes.grid()
    return figure


@exhibit("keywords")
def draw_keywords(keywords: pd.DataFrame) -> Sheet:
    """The words that mark each theme most clearly, a row a theme, a column a language; darker words are clearer.

    Parameters
    ----------
    keywords : DataFrame
        Table `keywords` by theme.
    look : Look

    Raises
    ------
    CompositeError
        If the table is not by theme.
    """
    need_table(keywords, "keywords", "group", "language", "word")
    if not set(keywords["group"]) <= set(THEME_KEYS):
        raise CompositeError("draw_keywords draws words of themes: give find_keywords(posts, labels, by='theme')")
    languages = [code for code in LANGUAGES if (keywords["language"] == code).any()]
    # a page is too narrow for nine languages beside each other
    across = len(languages) if now().slide else min(5, len(languages))
    blocks = [languages[start : start + across] for start in range(0, len(languages), across)]
    ordered = keywords.sort_values(["z", "word"], ascending=[False, True])
    shown = ordered.groupby(["group", "language"], sort=False).head(MOST_WORDS)
    names = [fill(name_theme(theme.key, short=True), 13 if now().slide else 26) for theme in THEMES]
    lines = [_count_lines(shown[shown["language"].isin(block)], names) for block in blocks]
    heights = [LINE * (1 + sum(block)) + 0.3 for block in lines]
    figure = new_figure(sum(heights))
    panels = figure.subplots(len(blocks), 1, squeeze=False, gridspec_kw={"height_ratios": heights}).ravel()
    figure.feet = (say("Bold: told apart from chance (Holm); grey: not."),)
    for axes, block, room in zip(panels, blocks, lines, strict=True):
        _write_words(axes, shown, block, room)
        axes.set_xlim(-0.1, across)
        axes.set_yticks(np.cumsum(room) - np.array(room) / 2, names, fontsize=pt(8))
        for label, theme in zip(axes.get_yticklabels(), THEMES, strict=True):
            label.set_color(ink() if theme.key in set(keywords["group"]) else grey())
    return figure


def _count_lines(shown: pd.DataFrame, names: list[str]) -> list[float]:
    """How many lines each theme needs: for its name, and for its words in the language that has most."""
    most = shown.groupby(["group", "language"]).size().groupby("group").max()
    return [
        max(1 + name.count("\n"), int(most.get(theme.key, 0))) + 0.4 for theme, name in zip(THEMES, names, strict=True)
    ]


def _write_words(axes: Axes, shown: pd.DataFrame, languages: list[str], room: list[float]) -> None:
    """A table of words: a row a theme, as high as it has lines, a column a language."""
    tops = np.cumsum([0, *room])
    for top, theme in zip(tops[:-1], THEMES, strict=True):
        axes.axhline(top, color="#e6e6e6", linewidth=pt(0.7))
        for x, language in enumerate(languages):
            part = shown[(shown["group"] == theme.key) & (shown["language"] == language)]
            for line, row in enumerate(part.itertuples()):
                told = row.p_adjusted < 0.05
                axes.text(
                    x,
                    top + line + 0.7,
                    row.word if len(row.word) <= 16 else row.word[:15] + "…",
                    fontsize=pt(6.8 if now().slide else 7.8),
                    va="center",
                    color=ink() if told else grey(),
                    fontweight="bold" if told else "normal",
                )
    axes.set_ylim(tops[-1], 0)
    axes.set_xticks([x + 0.3 for x in range(len(languages))], languages)
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    for side in ("bottom", "left"):
        axes.spines[side].set_visible(False)
