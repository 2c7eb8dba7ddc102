"""Figures of how themes spread, of posts by month, and of the map of profiles."""

from __future__ import annotations

import matplotlib as mpl
import matplotlib.dates
import numpy as np
import pandas as pd
from matplotlib.lines import Line2D

from composite.codebook.themes import THEMES
from composite.errors import CompositeError
from composite.report.drawing import (
    Sheet,
    exhibit,
    fill,
    make_panels,
    make_theme_panels,
    need_table,
    new_figure,
    order_countries,
    set_numbers,
    set_per_cent,
)
from composite.report.look import accent, area, grey, ink, name_country, name_theme, now, number, pt, say, second
from composite.report.notes import join, note_heights
from composite.report.telling import FEWEST


@exhibit("uptake")
def draw_uptake(curves: pd.DataFrame) -> Sheet:
    """Share of agencies that have adopted a theme by months since their first post, a panel a theme, a line a country.

    A line is level from where fewer than three agencies are left to be seen. Bars beside the ends of the lines are the
    intervals there, highest country first.

    Parameters
    ----------
    curves : DataFrame
        Table `curves`.
    look : Look
    """
    need_table(curves, "curves", "country", "theme", "months")
    codes = order_countries(curves)
    # ten hues cannot be told apart: countries are named at the ends of their lines
    figure = new_figure(8.2)
    seen = curves.loc[curves["n_at_risk"] >= FEWEST, "months"]
    last = max(int(seen.max()) if len(seen) else 0, 1)
    for axes, theme in zip(make_theme_panels(figure, sharex=True, sharey=True), THEMES, strict=True):
        part = curves[curves["theme"] == theme.key]
        edge = now().colours.edge(theme.key)
        ends = []
        for code in codes:
            own = part[(part["country"] == code) & (part["n_at_risk"] >= FEWEST)].sort_values("months")
            if own.empty:
                continue
            end = own.iloc[-1]
            axes.step(
                [*own["months"], last],
                [*own["share"], end["share"]],
                where="post",
                color=edge,
                linewidth=pt(1),
                alpha=0.75,
            )
            ends.append((float(end["share"]), code, float(end["low"]), float(end["high"])))
        _label_ends(axes, sorted(ends, reverse=True), last, edge)
        axes.set_ylim(-0.03, 1.27)
        axes.set_xlim(0, 1.75 * last)
        axes.set_xticks([tick for tick in mpl.ticker.MaxNLocator(4, integer=True).tick_values(0, last) if tick <= last])
        set_per_cent(axes.yaxis, ".0f")
        axes.set_yticks([0, 0.25, 0.5, 0.75, 1])
        axes.grid(axis="y")
    figure.below = say("months since an agency's first post")
    figure.supylabel(say("agencies that have adopted the theme"), fontsize=pt(9))
    figure.feet = (
        join(
            say("Right: intervals at the ends of the lines, with the codes of the countries."),
            say("Lines are level from where fewer than three agencies are left to be seen."),
        )
        if len(seen)
        else say("No lines: no country has three agencies with dated posts."),
    )
    return figure


def _label_ends(axes: mpl.axes.Axes, ends: list[tuple[float, str, float, float]], last: int, colour: str) -> None:
    """Draw the intervals at the ends of the lines side by side, with the codes of their countries above."""
    for place, (share, code, low, high) in enumerate(ends):
        x = last * (1.09 + 0.64 * (place + 0.5) / max(len(ends), 4))
        if not np.isnan(low):
            axes.plot([x, x], [low, high], color=colour, linewidth=pt(0.9), solid_capstyle="butt")
        axes.scatter(x, share, s=area(7), color=colour, zorder=3, linewidth=0)
        height = 1.04 + 0.075 * (place % 3)
        axes.text(x, height, code, fontsize=pt(5.4), color=ink(), ha="center", va="bottom")


@exhibit("profiles")
def draw_profiles(profile_map: pd.DataFrame) -> Sheet:
    """Countries and themes on the map of correspondence analysis, with the intervals of the countries.

    Parameters
    ----------
    profile_map : DataFrame
        Table `profile_map`.
    look : Look
    """
    need_table(profile_map, "profile_map", "kind", "name")
    profile_map = profile_map.sort_values(["kind", "name"], ignore_index=True)
    if not (profile_map["kind"] == "country").any():
        raise CompositeError("the table 'profile_map' has no countries: there is nothing to place on the map")
    figure = new_figure(6.4)
    axes = figure.subplots()
    axes.axhline(0, color=grey(), linewidth=pt(0.6))
    axes.axvline(0, color=grey(), linewidth=pt(0.6))
    texts, lines = [], []
    for row in profile_map.itertuples():
        if row.kind == "country":
            axes.plot([row.x_low, row.x_high], [row.y, row.y], color=accent(), linewidth=pt(0.8), alpha=0.4)
            axes.plot([row.x, row.x], [row.y_low, row.y_high], color=accent(), linewidth=pt(0.8), alpha=0.4)
            axes.scatter(row.x, row.y, s=area(22), color=accent(), zorder=3)
            texts.append((row.x, row.y, name_country(row.name), accent()))
            thin = 0.004
            lines += [(row.x_low, row.x_high, row.y - thin, row.y + thin)] * (row.x_low < row.x_high)
            lines += [(row.x - thin, row.x + thin, row.y_low, row.y_high)] * (row.y_low < row.y_high)
        else:
            axes.scatter(row.x, row.y, s=area(24), marker="^", color=second(), zorder=3)
            texts.append((row.x, row.y, name_theme(row.name, short=True), second()))
    axes.margins(0.06)
    _place_texts(axes, texts, lines, figure.get_size_inches())
    first, second_axis = (number(100 * profile_map[f"{axis}_inertia"].iloc[0], ".0f") for axis in "xy")
    axes.set_xlabel(say("first axis ({share} % of the differences between profiles)", share=first))
    axes.set_ylabel(say("second axis ({share} %)", share=second_axis))
    figure.feet = (say("Lines: intervals along each axis. Towards a theme: more of it than others have."),)
    for axis in (axes.xaxis, axes.yaxis):
        set_numbers(axis, lambda value: number(round(value, 6), "g"))
    figure.handles = (
        Line2D([], [], marker="o", color=accent(), linewidth=pt(0.8), label=say("country"), markersize=pt(5)),
        Line2D([], [], marker="^", color=second(), linestyle="none", label=say("theme"), markersize=pt(5)),
    )
    return figure


def _place_texts(
    axes: mpl.axes.Axes,
    texts: list[tuple[float, float, str, str]],
    lines: list[tuple[float, float, float, float]],
    size: np.ndarray,
) -> None:
    """Write names beside their points, each where it covers least of what is there already."""
    width, height = np.ptp(axes.get_xlim()), np.ptp(axes.get_ylim())
    # of an average letter, and of a line, in the units of the axes; half an inch of margin goes to ticks and labels
    letter, line = pt(5.2) / 72 / (size[0] - 1) * width, pt(9.5) / 72 / (size[1] - 1.2) * height
    taken = [(x - letter, x + letter, y - line / 2, y + line / 2) for x, y, _, _ in texts]
    taken += lines
    for x, y, name, colour in sorted(texts):
        long = letter * len(name)
        spots = [
            (left, left + long, level - line / 2, level + line / 2)
            for level in (y, y + 0.8 * line, y - 0.8 * line, y + 1.5 * line, y - 1.5 * line, y + 2.3 * line)
            for left in (x + 1.3 * letter, x - 1.3 * letter - long, x - long / 2)
            if not (level == y and left == x - long / 2)
        ]
        inside = [
            spot
            for spot in spots
            if spot[0] >= axes.get_xlim()[0]
            and spot[1] <= axes.get_xlim()[1]
            and spot[2] >= axes.get_ylim()[0]
            and spot[3] <= axes.get_ylim()[1]
        ] or spots
        # what is covered, in parts of the name; and a spot further down the list is worse, for a name has to be near
        covered = [
            sum(max(0, min(b, d) - max(a, c)) * max(0, min(f, h) - max(e, g)) for c, d, g, h in taken) / (long * line)
            + 0.025 * step
            for step, (a, b, e, f) in enumerate(inside)
        ]
        chosen = inside[int(np.argmin(covered))]
        taken.append(chosen)
        # the width of the name is an estimate: its end that is nearer to the point stays where it is
        middle = (chosen[2] + chosen[3]) / 2
        side, end = ("left", chosen[0]) if chosen[0] > x else ("right", chosen[1]) if chosen[1] < x else ("center", x)
        axes.annotate(name, (end, middle), fontsize=pt(8), color=colour, va="center", ha=side)


@exhibit("months")
def draw_months(months: pd.DataFrame) -> Sheet:
    """Posts per month, a panel a country; panels share the time and not the height.

    Parameters
    ----------
    months : DataFrame
        Table `months`.
    look : Look
    """
    need_table(months, "months")
    figure, panels = make_country_panels(months)
    for axes, code in panels:
        part = months[months["country"] == code].sort_values("month")
        axes.bar(pd.to_datetime(part["month"]), part["n_posts"], width=25, color=accent())
        axes.set_title(name_panel(code), loc="left")
        axes.set_ylim(bottom=0)
        axes.yaxis.set_major_locator(mpl.ticker.MaxNLocator(4, integer=True))
        set_numbers(axes.yaxis, lambda value: number(value, ",.0f"))
        set_months(axes)
        axes.grid(axis="y")
    figure.supylabel(say("posts per month"), fontsize=pt(9))
    figure.feet = (join(note_heights(), say("Posts without a date are left out.")),)
    return figure


def make_country_panels(table: pd.DataFrame) -> tuple[Sheet, list[tuple[mpl.axes.Axes, str]]]:
    """A figure with a panel a country, which share the time: four across on a page, five on a slide."""
    rows = order_countries(table)
    across = min(5 if now().slide else 4, len(rows))
    figure = new_figure(0.4 + 1.75 * -(-len(rows) // across))
    return figure, list(zip(make_panels(figure, len(rows), across, sharex=True), rows, strict=True))


def name_panel(code: str, note: str = "") -> str:
    """The name of a country over its panel, with a note; in two lines where panels are narrow."""
    name = f"{name_country(code)} {note}".strip()
    return fill(name, 19) if now().slide else name


def set_months(axes: mpl.axes.Axes) -> None:
    """Ticks of a time axis: few, and under every panel."""
    axes.tick_params(labelbottom=True)
    locator = mpl.dates.AutoDateLocator(minticks=2, maxticks=4)
    axes.xaxis.set_major_locator(locator)
    # numbers only: names of months would be those of the machine's language
    form = mpl.dates.ConciseDateFormatter(
        locator,
        formats=["%Y", "%Y-%m", "%m-%d", "%H:%M", "%H:%M", "%S"],
        zero_formats=["", "%Y", "%Y-%m", "%m-%d", "%H:%M", "%H:%M"],
        show_offset=False,
    )
    axes.xaxis.set_major_formatter(form)
