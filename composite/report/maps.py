"""Figures of campaign days: the map of who took part, participation by country, and what was different."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from composite.codebook.countries import COUNTRY
from composite.codebook.themes import THEMES
from composite.errors import CompositeError
from composite.report.drawing import (
    BLUE,
    GREY,
    INK,
    STYLE,
    WINE,
    mark_illustrative,
    need_table,
    new_figure,
    order_countries,
)

LAND, STUDY, SEA = "#efefec", "#dfe6ec", "white"


@cache
def read_outlines() -> list[tuple[str, list[np.ndarray]]]:
    """Countries of Europe: ISO code (empty beyond the ten) and their outlines as (n, 2) arrays of degrees."""
    shapes = json.loads((Path(__file__).parent / "europe.json").read_text("utf-8"))["features"]
    return [
        (shape["properties"]["code"], [np.array(ring[0]) for ring in shape["geometry"]["coordinates"]])
        for shape in shapes
    ]


@mpl.rc_context(STYLE)
def draw_campaign_map(participants: pd.DataFrame) -> Figure:
    """Map of Europe with the agencies that took part in a campaign day, and those that did not.

    Parameters
    ----------
    participants : DataFrame
        Table `participants` with coordinates; agencies without are counted below the map.

    Raises
    ------
    CompositeError
        If no agency has coordinates.
    """
    need_table(participants, "participants", "agency", "country", "hashtag", "day")
    placed = participants.dropna(subset=["latitude", "longitude"]).sort_values(["took_part", "country", "agency"])
    if placed.empty:
        raise CompositeError("no agency has coordinates: add latitude and longitude to the accounts and list it again")
    figure = new_figure(8, 7.4)
    axes = figure.subplots()
    for code, rings in read_outlines():
        shapes = PolyCollection(rings, facecolor=STUDY if code else LAND, edgecolor=SEA, linewidth=0.7)
        axes.add_collection(shapes)
    marks = ((False, "white", GREY, 16, "did not"), (True, WINE, "white", 30, "took part"))
    for told, face, edge, size, _ in marks:
        part = placed[placed["took_part"] == told]
        axes.scatter(
            part["longitude"], part["latitude"], s=size, facecolor=face, edgecolor=edge, linewidth=0.8, zorder=3 + told
        )
    # a degree of longitude is as long as a degree of latitude at the equator only
    west, east = min(-10.5, placed["longitude"].min() - 1), max(29.5, placed["longitude"].max() + 1)
    south, north = min(36.0, placed["latitude"].min() - 1), max(59.5, placed["latitude"].max() + 1)
    axes.set_xlim(west, east)
    axes.set_ylim(south, north)
    axes.set_aspect(1 / np.cos(np.radians((south + north) / 2)))
    axes.set_axis_off()
    first = participants.iloc[0]
    without = len(participants) - len(placed)
    title = f"#{first['hashtag']}, {first['day']}"
    axes.set_title(title + (f" ({without} agencies without coordinates)" if without else ""), loc="left", color=INK)
    count = participants["took_part"].value_counts()
    handles = [
        Line2D(
            [],
            [],
            marker="o",
            color=edge,
            markerfacecolor=face,
            markersize=np.sqrt(size),
            linestyle="none",
            label=f"{text} ({int(count.get(told, 0)):,})",
        )
        for told, face, edge, size, text in marks[::-1]
    ]
    figure.legend(handles=handles, loc="outside upper right", ncols=2, frameon=False)
    figure.text(0.99, 0.01, "Outlines: Natural Earth", fontsize=7, color=GREY, ha="right")
    return mark_illustrative(figure, participants)


@mpl.rc_context(STYLE)
def draw_participation(participation: pd.DataFrame) -> Figure:
    """Share of each country's agencies that took part in a campaign day, with Wilson's intervals.

    Parameters
    ----------
    participation : DataFrame
        Table `participation`.
    """
    need_table(participation, "participation", "country")
    rows = order_countries(participation)[::-1]
    table = participation.set_index("country")
    figure = new_figure(8.5, 1.2 + 0.36 * len(rows))
    axes = figure.subplots()
    for y, code in enumerate(rows):
        row = table.loc[code]
        axes.plot([row["low"], row["high"]], [y, y], color=BLUE, linewidth=1.4)
        axes.scatter(row["share"], y, s=26, color=BLUE, zorder=3)
    names = [f"{COUNTRY[c].name} ({table.loc[c, 'n_took_part']:,} of {table.loc[c, 'n_agencies']:,})" for c in rows]
    axes.set_yticks(range(len(rows)), names)
    axes.set_xlim(-0.03, 1.03)
    axes.xaxis.set_major_formatter(lambda value, _: f"{100 * value:.3g} %")
    axes.set_xlabel(f"agencies that took part in #{table['hashtag'].iloc[0]} on {table['day'].iloc[0]}")
    axes.grid(axis="x")
    return mark_illustrative(figure, participation)


@mpl.rc_context(STYLE)
def draw_campaign_themes(campaign_themes: pd.DataFrame) -> Figure:
    """Share of each theme on the campaign day and on other days of the same agencies, and the difference.

    Parameters
    ----------
    campaign_themes : DataFrame
        Table `campaign_themes`.
    """
    need_table(campaign_themes, "campaign_themes", "theme")
    table = campaign_themes.set_index("theme")
    figure = new_figure(10.5, 4.2)
    left, right = figure.subplots(1, 2, sharey=True)
    for y, theme in enumerate(THEMES[::-1]):
        row = table.loc[theme.key]
        if np.isnan(row["difference"]):
            continue
        left.plot([row["ordinary"], row["campaign"]], [y, y], color="#c9c9c9", linewidth=1.5, zorder=1)
        left.scatter(row["ordinary"], y, s=24, facecolor="white", edgecolor=theme.colour, zorder=3)
        left.scatter(row["campaign"], y, s=24, color=theme.colour, zorder=3)
        if not np.isnan(row["low"]):
            right.plot([row["low"], row["high"]], [y, y], color=theme.colour, linewidth=1.2)
        face = theme.colour if row["p_adjusted"] < 0.05 else "white"
        right.scatter(row["difference"], y, s=24, facecolor=face, edgecolor=theme.colour, zorder=3)
    left.set_yticks(range(len(THEMES)), [theme.short for theme in THEMES[::-1]])
    left.xaxis.set_major_formatter(lambda value, _: f"{100 * value:.3g} %")
    left.set_title("posts with the theme", loc="left")
    right.axvline(0, color=GREY, linewidth=0.8)
    right.xaxis.set_major_formatter(lambda value, _: f"{100 * value:+.3g}".replace("-", "−") if value else "0")
    right.set_title("difference (percentage points)", loc="left")
    for axes in (left, right):
        axes.grid(axis="x")
    first = table.iloc[0]
    handles = [
        Line2D([], [], marker="o", color=INK, markerfacecolor=face, linestyle="none", label=text)
        for face, text in (
            (INK, f"campaign day ({int(first['n_campaign']):,} posts); difference told apart (Holm)"),
            ("white", f"other days ({int(first['n_ordinary']):,} posts); not told apart"),
        )
    ]
    figure.legend(handles=handles, loc="outside upper right", ncols=2, frameon=False)
    return mark_illustrative(figure, campaign_themes)
