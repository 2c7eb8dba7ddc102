"""Figures of campaign days: the map of who took part, participation by country, and what was different."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.collections import PolyCollection
from matplotlib.lines import Line2D

from composite.codebook.themes import THEMES
from composite.errors import CompositeError
from composite.report.drawing import (
    Sheet,
    exhibit,
    label_countries,
    need_table,
    new_figure,
    order_countries,
    set_numbers,
    set_per_cent,
    write_points,
)
from composite.report.look import accent, area, grey, ink, name_theme, now, number, pt, say, second

LAND, STUDY, SEA = "#efefec", "#dfe6ec", "white"


@cache
def read_outlines() -> list[tuple[str, list[np.ndarray]]]:
    """Countries of Europe: ISO code (empty beyond the ten) and their outlines as (n, 2) arrays of degrees."""
    shapes = json.loads((Path(__file__).parent / "europe.json").read_text("utf-8"))["features"]
    return [
        (shape["properties"]["code"], [np.array(ring[0]) for ring in shape["geometry"]["coordinates"]])
        for shape in shapes
    ]


@exhibit("campaign_map")
def draw_campaign_map(participants: pd.DataFrame) -> Sheet:
    """Map of Europe with the agencies that took part in a campaign day, and those that did not.

    Parameters
    ----------
    participants : DataFrame
        Table `participants` with coordinates; agencies without are counted below the map.
    look : Look

    Raises
    ------
    CompositeError
        If no agency has coordinates.
    """
    need_table(participants, "participants", "agency", "country", "hashtag", "day")
    placed = participants.dropna(subset=["latitude", "longitude"]).sort_values(["took_part", "country", "agency"])
    if placed.empty:
        raise CompositeError("no agency has coordinates: add latitude and longitude to the accounts and list it again")
    figure = new_figure(7.6)
    axes = figure.subplots()
    for code, rings in read_outlines():
        shapes = PolyCollection(rings, facecolor=STUDY if code else LAND, edgecolor=SEA, linewidth=pt(0.7))
        axes.add_collection(shapes)
    # a square and a dot: the two are told apart without their colours
    marks = (
        (False, "white", grey(), 14, "s", say("did not")),
        (True, second(), "white", 30, "o", say("took part")),
    )
    for told, face, edge, size, marker, _ in marks:
        part = placed[placed["took_part"] == told]
        axes.scatter(
            part["longitude"],
            part["latitude"],
            s=area(size),
            marker=marker,
            facecolor=face,
            edgecolor=edge,
            linewidth=pt(0.8),
            zorder=3 + told,
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
    axes.set_title(f"#{first['hashtag']}, {first['day']}", loc="left", color=ink())
    count = participants["took_part"].value_counts()
    handles = [
        Line2D(
            [],
            [],
            marker=marker,
            color=edge if edge != "white" else face,
            markerfacecolor=face,
            markersize=pt(np.sqrt(size)),
            linestyle="none",
            label=f"{text} ({number(int(count.get(told, 0)), ',')})",
        )
        for told, face, edge, size, marker, text in marks[::-1]
    ]
    figure.handles = tuple(handles)
    if without:
        figure.feet += (say("{n} agencies without coordinates are not shown.", n=without),)
    figure.feet += (say("Outlines: Natural Earth."),)
    return figure


@exhibit("participation")
def draw_participation(participation: pd.DataFrame) -> Sheet:
    """Share of each country's agencies that took part in a campaign day, with Wilson's intervals.

    Parameters
    ----------
    participation : DataFrame
        Table `participation`.
    look : Look
    """
    need_table(participation, "participation", "country")
    rows = order_countries(participation)[::-1]
    table = participation.set_index("country")
    figure = new_figure(0.9 + 0.34 * len(rows))
    axes = figure.subplots()
    for y, code in enumerate(rows):
        row = table.loc[code]
        axes.plot([row["low"], row["high"]], [y, y], color=accent(), linewidth=pt(1.4))
        axes.scatter(row["share"], y, s=area(26), color=accent(), zorder=3)
    counts = [
        say("({k} of {n})", k=int(table.loc[code, "n_took_part"]), n=int(table.loc[code, "n_agencies"]))
        for code in rows
    ]
    label_countries(axes, rows, counts)
    axes.set_xlim(-0.03, 1.03)
    set_per_cent(axes.xaxis, ".0f")
    said = {"hashtag": table["hashtag"].iloc[0], "day": table["day"].iloc[0]}
    axes.set_xlabel(say("agencies that took part in #{hashtag} on {day}", **said))
    axes.grid(axis="x")
    return figure


@exhibit("campaign_themes")
def draw_campaign_themes(campaign_themes: pd.DataFrame) -> Sheet:
    """Share of each theme on the campaign day and on other days of the same agencies, and the difference.

    Parameters
    ----------
    campaign_themes : DataFrame
        Table `campaign_themes`.
    look : Look
    """
    need_table(campaign_themes, "campaign_themes", "theme")
    table = campaign_themes.set_index("theme")
    figure = new_figure(3.7)
    left, right = figure.subplots(1, 2, sharey=True)
    for y, theme in enumerate(THEMES[::-1]):
        row = table.loc[theme.key]
        if np.isnan(row["difference"]):
            continue
        left.plot([row["ordinary"], row["campaign"]], [y, y], color="#c9c9c9", linewidth=pt(1.5), zorder=1)
        left.scatter(
            row["ordinary"],
            y,
            marker="D",
            s=area(20),
            facecolor="white",
            edgecolor=now().colours.edge(theme.key),
            zorder=3,
        )
        left.scatter(row["campaign"], y, marker="D", s=area(20), color=now().colours.edge(theme.key), zorder=3)
        if not np.isnan(row["low"]):
            right.plot([row["low"], row["high"]], [y, y], color=now().colours.edge(theme.key), linewidth=pt(1.2))
        face = now().colours.edge(theme.key) if row["p_adjusted"] < 0.05 else "white"
        right.scatter(
            row["difference"], y, s=area(24), facecolor=face, edgecolor=now().colours.edge(theme.key), zorder=3
        )
    left.set_yticks(range(len(THEMES)), [name_theme(theme.key, short=True) for theme in THEMES[::-1]])
    set_per_cent(left.xaxis)
    left.set_title(say("posts with the theme"), loc="left")
    right.axvline(0, color=grey(), linewidth=pt(0.8))
    set_numbers(right.xaxis, write_points)
    right.set_title(say("difference (percentage points)"), loc="left")
    for axes in (left, right):
        axes.grid(axis="x")
    first = table.iloc[0]
    handles = [
        Line2D([], [], marker=marker, color=ink(), markerfacecolor=face, linestyle="none", markersize=pt(5), label=text)
        for marker, face, text in (
            ("D", ink(), say("campaign day ({n} posts)", n=int(first["n_campaign"]))),
            ("D", "white", say("other days ({n} posts)", n=int(first["n_ordinary"]))),
            ("o", ink(), say("difference told apart (Holm)")),
            ("o", "white", say("not told apart")),
        )
    ]
    figure.handles = tuple(handles)
    return figure
