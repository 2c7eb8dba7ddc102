"""Figures of audiences: followers by month, unusual growth, reach and concentration, and how the public answers."""

from __future__ import annotations

import matplotlib as mpl
import matplotlib.dates
import matplotlib.ticker
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from composite.codebook.countries import COUNTRY, COUNTRY_CODES
from composite.codebook.themes import THEME, THEMES
from composite.report.drawing import (
    BLUE,
    FEW,
    GREY,
    INK,
    STYLE,
    WINE,
    label_countries,
    mark_illustrative,
    need_table,
    new_figure,
    order_countries,
)


def _make_panels(figure: Figure, number: int) -> np.ndarray:
    across = min(5, number)
    panels = figure.subplots(-(-number // across), across, squeeze=False, sharex=True).ravel()
    for axes in panels[number:]:
        axes.set_visible(False)
    return panels


def _set_months(axes: mpl.axes.Axes) -> None:
    axes.tick_params(labelbottom=True)
    locator = mpl.dates.AutoDateLocator(minticks=2, maxticks=4)
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(mpl.dates.ConciseDateFormatter(locator))


@mpl.rc_context(STYLE)
def draw_followers(followers: pd.DataFrame) -> Figure:
    """Followers of the accounts of each country by month, a panel a country; dotted where accounts join or leave.

    Parameters
    ----------
    followers : DataFrame
        Table `followers` by country.
    """
    need_table(followers, "followers", "country", "month")
    rows = order_countries(followers)
    figure = new_figure(11.5, 0.8 + 1.9 * -(-len(rows) // min(5, len(rows))))
    panels = _make_panels(figure, len(rows))
    for axes, code in zip(panels, rows, strict=False):
        part = followers[followers["country"] == code].sort_values("month")
        when = pd.to_datetime(part["month"])
        axes.plot(when, part["followers"], color=BLUE, linewidth=0.9, linestyle=":")
        # drawn through where the same accounts are known at both ends
        same = (part["n_compared"] == part["n_accounts"]) & (part["n_compared"] == part["n_accounts"].shift())
        block = (~same).cumsum().to_numpy()
        for number in np.unique(block):
            chosen = block == number
            axes.plot(when[chosen], part["followers"][chosen], color=BLUE, linewidth=1.4)
        axes.set_title(f"{COUNTRY[code].name} ({int(part['n_accounts'].max()):,})", loc="left")
        axes.set_ylim(bottom=0)
        axes.yaxis.set_major_locator(mpl.ticker.MaxNLocator(4))
        axes.yaxis.set_major_formatter(mpl.ticker.EngFormatter(sep=""))
        axes.grid(axis="y")
        _set_months(axes)
    figure.supylabel("followers (accounts known, at most, in brackets)", fontsize=9)
    return mark_illustrative(figure, followers)


@mpl.rc_context(STYLE)
def draw_unusual(unusual: pd.DataFrame) -> Figure:
    """Growth of followers month by month, a panel a country; months unlike the country's own past are filled.

    Parameters
    ----------
    unusual : DataFrame
        Table `unusual` by country.
    """
    need_table(unusual, "unusual", "country", "month")
    rows = order_countries(unusual)
    figure = new_figure(11.5, 1.1 + 1.9 * -(-len(rows) // min(5, len(rows))))
    panels = _make_panels(figure, len(rows))
    for axes, code in zip(panels, rows, strict=False):
        part = unusual[unusual["country"] == code].sort_values("month")
        when = pd.to_datetime(part["month"])
        axes.axhline(0, color=GREY, linewidth=0.8)
        axes.plot(when, part["growth"], color="#c9d3de", linewidth=1, zorder=1)
        for told, face in ((False, "white"), (True, WINE)):
            chosen = (part["unusual"] == told).to_numpy()
            edge = WINE if told else BLUE
            axes.scatter(when[chosen], part["growth"][chosen], s=14, facecolor=face, edgecolor=edge, zorder=3)
        axes.set_title(COUNTRY[code].name, loc="left")
        axes.yaxis.set_major_locator(mpl.ticker.MaxNLocator(4))
        axes.yaxis.set_major_formatter(lambda value, _: f"{100 * value:.3g} %".replace("-", "−"))
        axes.grid(axis="y")
        _set_months(axes)
    figure.supylabel("growth against the month before", fontsize=9)
    handles = [
        Line2D([], [], marker="o", color=edge, markerfacecolor=face, linestyle="none", label=text)
        for edge, face, text in ((WINE, WINE, "unusual"), (BLUE, "white", "as usual, or too short a past to say"))
    ]
    figure.legend(handles=handles, loc="outside upper right", ncols=2, frameon=False)
    return mark_illustrative(figure, unusual)


@mpl.rc_context(STYLE)
def draw_reach(reach: pd.DataFrame) -> Figure:
    """Followers per 1,000 inhabitants on a logarithmic scale, a dot an agency, a bar the median of its country.

    Parameters
    ----------
    reach : DataFrame
        Table `reach` by agency.
    """
    need_table(reach, "reach", "country", "agency")
    rows = order_countries(reach)[::-1]
    figure = new_figure(9.5, 1.4 + 0.36 * len(rows))
    axes = figure.subplots()
    none = 0
    for y, code in enumerate(rows):
        values = np.sort(reach.loc[reach["country"] == code, "per_1000"].to_numpy())
        none += int((values == 0).sum())
        shown = values[values > 0]
        # dots that would lie on each other stand a little apart, the same way every time
        axes.scatter(shown, y + 0.16 * (np.arange(len(shown)) % 3 - 1), s=16, color=BLUE, alpha=0.55, linewidth=0)
        if len(shown):
            axes.plot([np.median(values)] * 2, [y - 0.34, y + 0.34], color=INK, linewidth=2)
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:,g}")
    label_countries(axes, rows)
    axes.set_ylim(-0.6, len(rows) - 0.4)
    axes.set_xlabel(
        "followers per 1,000 inhabitants" + (f" ({none} agencies without followers not shown)" if none else "")
    )
    axes.grid(axis="x")
    return mark_illustrative(figure, reach)


@mpl.rc_context(STYLE)
def draw_concentration(concentration: pd.DataFrame) -> Figure:
    """Gini coefficient of followers and the share of the accounts with most, by country.

    Parameters
    ----------
    concentration : DataFrame
        Table `concentration`.
    """
    need_table(concentration, "concentration", "country")
    table = concentration.set_index("country")
    rows = [code for code in (*COUNTRY_CODES, "all") if code in table.index][::-1]
    figure = new_figure(9.5, 1.6 + 0.36 * len(rows))
    axes = figure.subplots()
    looks = (
        ("gini", "o", INK, "Gini"),
        ("top_tenth", "s", BLUE, "top tenth of accounts"),
        ("largest", "^", WINE, "largest"),
    )
    for y, code in enumerate(rows):
        for measure, marker, colour, _ in looks:
            axes.scatter(table.loc[code, measure], y, marker=marker, s=28, color=colour, zorder=3)
    names = [
        f"{COUNTRY[code].name if code in COUNTRY else 'All'} ({int(table.loc[code, 'n_accounts']):,} accounts)"
        for code in rows
    ]
    axes.set_yticks(range(len(rows)), names)
    axes.set_xlim(-0.03, 1.03)
    axes.grid()
    axes.set_xlabel("0: all accounts have as many followers; 1: one account has all")
    handles = [
        Line2D([], [], marker=marker, color=colour, linestyle="none", label=text) for _, marker, colour, text in looks
    ]
    figure.legend(handles=handles, loc="outside upper right", ncols=3, frameon=False)
    return mark_illustrative(figure, concentration)


@mpl.rc_context(STYLE)
def draw_engagement(engagement: pd.DataFrame) -> Figure:
    """How many times as often posts with a theme are reposted, liked and replied to, a panel a measure.

    Parameters
    ----------
    engagement : DataFrame
        Table `engagement`.
    """
    need_table(engagement, "engagement", "measure", "theme")
    measures = [name for name in ("reposts", "likes", "replies") if (engagement["measure"] == name).any()]
    figure = new_figure(3.0 + 3.4 * len(measures), 4.4)
    panels = figure.subplots(1, len(measures), squeeze=False, sharey=True).ravel()
    for axes, measure in zip(panels, measures, strict=True):
        part = engagement[engagement["measure"] == measure].set_index("theme")
        axes.axvline(1, color=GREY, linewidth=0.8)
        for y, theme in enumerate(THEMES[::-1]):
            row = part.loc[theme.key]
            if np.isnan(row["ratio"]):
                axes.text(1.03, y, "no estimate", va="center", color=GREY, fontsize=8)
                continue
            colour = GREY if row["n_theme"] < FEW else theme.colour
            if not np.isnan(row["low"]):
                axes.plot([row["low"], row["high"]], [y, y], color=colour, linewidth=1.2)
            face = colour if row["p_adjusted"] < 0.05 else "white"
            axes.scatter(row["ratio"], y, s=24, facecolor=face, edgecolor=colour, zorder=3)
        axes.set_xscale("log")
        axes.xaxis.set_major_locator(mpl.ticker.LogLocator(subs=(1, 2, 5)))
        axes.xaxis.set_minor_locator(mpl.ticker.NullLocator())
        axes.xaxis.set_major_formatter(lambda value, _: f"×{value:g}")
        shown = part[["ratio", "low", "high"]].to_numpy()
        low, high = (np.nanmin(shown), np.nanmax(shown)) if np.isfinite(shown).any() else (1, 1)
        axes.set_xlim(min(low, 0.6) / 1.15, max(high, 1.7) * 1.15)
        axes.set_title(f"{measure} (n = {int(part['n_posts'].max()):,})", loc="left")
        axes.grid(axis="x")
    panels[0].set_yticks(range(len(THEMES)), [THEME[theme.key].short for theme in THEMES[::-1]])
    handles = [
        Line2D([], [], marker="o", color=INK, markerfacecolor=face, linestyle="none", label=text)
        for face, text in ((INK, "told apart after Holm (p < 0.05)"), ("white", "not told apart"))
    ]
    figure.legend(handles=handles, loc="outside upper right", ncols=2, frameon=False)
    return mark_illustrative(figure, engagement)


@mpl.rc_context(STYLE)
def draw_dialogue(dialogue: pd.DataFrame) -> Figure:
    """Share of posts that are replies, by country, with intervals over agencies.

    Parameters
    ----------
    dialogue : DataFrame
        Table `dialogue` by country.
    """
    need_table(dialogue, "dialogue", "country")
    rows = order_countries(dialogue)[::-1]
    table = dialogue.set_index("country")
    figure = new_figure(8.5, 1.2 + 0.36 * len(rows))
    axes = figure.subplots()
    for y, code in enumerate(rows):
        row = table.loc[code]
        if not np.isnan(row["low"]):
            axes.plot([row["low"], row["high"]], [y, y], color=BLUE, linewidth=1.4)
        face = "white" if row["inference"] == "descriptive" else BLUE
        axes.scatter(row["share"], y, s=26, facecolor=face, edgecolor=BLUE, zorder=3)
    axes.set_yticks(
        range(len(rows)), [f"{COUNTRY[code].name} (n = {int(table.loc[code, 'n_posts']):,})" for code in rows]
    )
    axes.set_xlim(left=0)
    axes.xaxis.set_major_formatter(lambda value, _: f"{100 * value:.3g} %")
    axes.set_xlabel("posts that are replies")
    axes.grid(axis="x")
    return mark_illustrative(figure, dialogue)
