"""Figures of audiences: followers by month, unusual growth, reach and concentration."""

from __future__ import annotations

import matplotlib as mpl
import matplotlib.dates
import matplotlib.ticker
import numpy as np
import pandas as pd
from matplotlib.lines import Line2D

from composite.codebook.countries import COUNTRY, COUNTRY_CODES
from composite.report.adoption import make_country_panels, name_panel, set_months
from composite.report.drawing import (
    Sheet,
    exhibit,
    label_countries,
    need_table,
    new_figure,
    order_countries,
    set_numbers,
    set_per_cent,
)
from composite.report.look import accent, area, grey, ink, name_country, number, pt, say, second
from composite.report.notes import join, note_heights


@exhibit("followers")
def draw_followers(followers: pd.DataFrame) -> Sheet:
    """Followers of the accounts of each country by month, a panel a country; dotted where accounts join or leave.

    Parameters
    ----------
    followers : DataFrame
        Table `followers` by country.
    look : Look
    """
    need_table(followers, "followers", "country", "month")
    figure, panels = make_country_panels(followers)
    for axes, code in panels:
        part = followers[followers["country"] == code].sort_values("month")
        when = pd.to_datetime(part["month"])
        axes.plot(when, part["followers"], color=accent(), linewidth=pt(0.9), linestyle=":")
        # drawn through where the same accounts are known at both ends
        same = (part["n_compared"] == part["n_accounts"]) & (part["n_compared"] == part["n_accounts"].shift())
        block = (~same).cumsum().to_numpy()
        for stretch in np.unique(block):
            chosen = block == stretch
            axes.plot(when[chosen], part["followers"][chosen], color=accent(), linewidth=pt(1.4))
        axes.set_title(name_panel(code, f"({number(int(part['n_accounts'].max()), ',')})"), loc="left")
        axes.set_ylim(bottom=0)
        axes.yaxis.set_major_locator(mpl.ticker.MaxNLocator(4))
        set_numbers(axes.yaxis, _write_large)
        axes.grid(axis="y")
        set_months(axes)
    figure.supylabel(say("followers (in brackets: accounts)"), fontsize=pt(9))
    dotted = say("Dotted: accounts joined, or are no longer known; a line that falls there is no loss of followers.")
    figure.feet = (join(dotted, note_heights()),)
    return figure


@exhibit("unusual")
def draw_unusual(unusual: pd.DataFrame) -> Sheet:
    """Growth of followers month by month, a panel a country; months unlike the country's own past are filled.

    Parameters
    ----------
    unusual : DataFrame
        Table `unusual` by country.
    look : Look
    """
    need_table(unusual, "unusual", "country", "month")
    figure, panels = make_country_panels(unusual)
    for axes, code in panels:
        part = unusual[unusual["country"] == code].sort_values("month")
        when = pd.to_datetime(part["month"])
        axes.axhline(0, color=grey(), linewidth=pt(0.8))
        axes.plot(when, part["growth"], color="#c9d3de", linewidth=pt(1), zorder=1)
        for told, face in ((False, "white"), (True, second())):
            chosen = (part["unusual"] == told).to_numpy()
            edge = second() if told else accent()
            axes.scatter(when[chosen], part["growth"][chosen], s=area(14), facecolor=face, edgecolor=edge, zorder=3)
        axes.set_title(name_panel(code), loc="left")
        set_per_cent(axes.yaxis, ticks=4)
        axes.grid(axis="y")
        set_months(axes)
    figure.supylabel(say("growth against the month before"), fontsize=pt(9))
    figure.feet = (note_heights(),)
    handles = [
        Line2D(
            [], [], marker="o", color=edge, markerfacecolor=face, linestyle="none", markersize=pt(5), label=say(text)
        )
        for edge, face, text in (
            (second(), second(), "unusual"),
            (accent(), "white", "as usual, or too short a past to say"),
        )
    ]
    figure.handles = tuple(handles)
    return figure


@exhibit("reach")
def draw_reach(reach: pd.DataFrame) -> Sheet:
    """Followers per 1,000 inhabitants on a logarithmic scale, a dot an agency, a bar the median with its interval.

    Parameters
    ----------
    reach : DataFrame
        Table `reach` by agency.
    look : Look
    """
    need_table(reach, "reach", "country", "agency")
    rows = order_countries(reach)[::-1]
    figure = new_figure(0.9 + 0.34 * len(rows))
    axes = figure.subplots()
    none = 0
    for y, code in enumerate(rows):
        values = np.sort(reach.loc[reach["country"] == code, "per_1000"].to_numpy())
        none += int((values == 0).sum())
        shown = values[values > 0]
        # dots that would lie on each other stand a little apart, the same way every time
        axes.scatter(
            shown, y + 0.16 * (np.arange(len(shown)) % 3 - 1), s=area(16), color=accent(), alpha=0.55, linewidth=0
        )
        row = reach[reach["country"] == code].iloc[0]
        if row["median"] > 0:
            axes.plot([row["median"]] * 2, [y - 0.34, y + 0.34], color=ink(), linewidth=pt(2))
        if row["median_low"] > 0:
            axes.plot([row["median_low"], row["median_high"]], [y, y], color=ink(), linewidth=pt(1.2))
    axes.set_xscale("log")
    set_numbers(axes.xaxis, lambda value: number(value, ",g"))
    label_countries(axes, rows)
    axes.set_xlabel(say("followers per 1,000 inhabitants"))
    if none:
        figure.feet = (say("{n} agencies without followers are not shown.", n=none),)
    axes.grid(axis="x")
    return figure


@exhibit("concentration")
def draw_concentration(concentration: pd.DataFrame) -> Sheet:
    """Gini coefficient of followers and the share of the accounts with most, by country, with intervals.

    Parameters
    ----------
    concentration : DataFrame
        Table `concentration`.
    look : Look
    """
    need_table(concentration, "concentration", "country")
    table = concentration.set_index("country")
    rows = [code for code in (*COUNTRY_CODES, "all") if code in table.index][::-1]
    figure = new_figure(0.9 + 0.42 * len(rows))
    axes = figure.subplots()
    looks = (
        ("gini", "o", ink(), 0.22, say("Gini coefficient")),
        ("top_tenth", "s", accent(), 0.0, say("share of the top tenth of accounts")),
        ("largest", "^", second(), -0.22, say("share of the largest account")),
    )
    for y, code in enumerate(rows):
        row = table.loc[code]
        for measure, marker, colour, up, _ in looks:
            if f"{measure}_low" in row:
                style = "-" if row["inference"] == "agencies" else ":"
                ends = [row[f"{measure}_low"], row[f"{measure}_high"]]
                axes.plot(ends, [y + up] * 2, color=colour, linewidth=pt(1.1), linestyle=style)
            axes.scatter(row[measure], y + up, marker=marker, s=area(22), color=colour, zorder=3)
    names = [
        f"{name_country(code) if code in COUNTRY else say('All')} "
        f"({say('{n} accounts', n=int(table.loc[code, 'n_accounts']))})"
        for code in rows
    ]
    axes.set_yticks(range(len(rows)), names)
    axes.set_ylim(-0.6, len(rows) - 0.4)
    axes.set_xlim(-0.03, 1.03)
    axes.grid(axis="x")
    axes.set_xlabel(say("0: all accounts have equally many followers; 1: one account has all"))
    set_numbers(axes.xaxis, lambda value: number(value, ".1f"))
    handles = [
        Line2D([], [], marker=marker, color=colour, linestyle="none", markersize=pt(5), label=text)
        for _, marker, colour, _, text in looks
    ]
    figure.handles = tuple(handles)
    return figure


def _write_large(value: float) -> str:
    """A count in thousands or millions, where it is so large."""
    for size, sign in ((1e6, " M"), (1e3, " k")):
        if abs(value) >= size:
            return number(value / size, "g") + sign
    return number(value, "g")
