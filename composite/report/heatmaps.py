"""Figures that are grids: themes across, countries, agencies, kinds of account or themes down."""

from __future__ import annotations

import textwrap

import matplotlib as mpl
import matplotlib.dates
import matplotlib.ticker
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure

from composite.codebook.countries import COUNTRY, COUNTRY_CODES
from composite.codebook.tables import KINDS
from composite.codebook.themes import THEME, THEME_KEYS
from composite.report.drawing import (
    FEW,
    GREY,
    INK,
    STYLE,
    WINE,
    choose_best,
    draw_heat,
    mark_illustrative,
    need_table,
    new_figure,
    order_countries,
    write_per_cent,
)


@mpl.rc_context(STYLE)
def draw_shares(shares: pd.DataFrame) -> Figure:
    """Heat map of the corrected shares of nine themes by country, in per cent, with intervals.

    Parameters
    ----------
    shares : DataFrame
        Table `shares` by country. Without corrected rows the naive ones are drawn. A country marked `*` has too few
        coded agencies for an interval over agencies.
    """
    best = choose_best(need_table(shares, "shares", "country", "theme", "method"))
    rows = order_countries(best)
    narrow = set(best.loc[best["inference"] != "agencies", "country"])
    names = [COUNTRY[code].name + (" *" if code in narrow else "") for code in rows]
    return mark_illustrative(draw_heat(best, rows, names, "country"), shares)


@mpl.rc_context(STYLE)
def draw_agencies(shares: pd.DataFrame) -> Figure:
    """Heat map as `draw_shares`, with one row an agency: for tables by `("country", "agency")`."""
    best = choose_best(need_table(shares, "shares", "agency", "country", "theme", "method"))
    best = best.assign(row=best["country"] + " · " + best["agency"])
    place = {code: number for number, code in enumerate(COUNTRY_CODES)}
    order = best.drop_duplicates("row").sort_values(
        ["country", "agency"], key=lambda c: c.map(place) if c.name == "country" else c
    )
    names = [textwrap.fill(row, 44) for row in order["row"]]
    return mark_illustrative(draw_heat(best, list(order["row"]), names, "row"), shares)


@mpl.rc_context(STYLE)
def draw_kinds(kinds: pd.DataFrame) -> Figure:
    """Heat map as `draw_shares`, with one row a kind of account: for tables by `kind`.

    Parameters
    ----------
    kinds : DataFrame
        Table `kinds`.
    """
    best = choose_best(need_table(kinds, "kinds", "kind", "theme", "method"))
    rows = [kind for kind in KINDS if (best["kind"] == kind).any()]
    narrow = set(best.loc[best["inference"] != "agencies", "kind"])
    names = [kind + (" *" if kind in narrow else "") for kind in rows]
    return mark_illustrative(draw_heat(best, rows, names, "kind"), kinds)


@mpl.rc_context(STYLE)
def draw_cooccurrence(cooccurrence: pd.DataFrame) -> Figure:
    """Heat map: of the posts with the row's theme, the per cent that also have the column's.

    Parameters
    ----------
    cooccurrence : DataFrame
        Table `cooccurrence`.
    """
    need_table(cooccurrence, "cooccurrence")
    grid = cooccurrence.pivot(index="theme", columns="other", values="share").reindex(THEME_KEYS, columns=THEME_KEYS)
    counts = cooccurrence.drop_duplicates("theme").set_index("theme")[["n", "effective_n"]]
    figure = new_figure(10.5, 6)
    axes = figure.subplots()
    sns.heatmap(
        100 * grid,
        ax=axes,
        annot=grid.map(lambda v: "" if np.isnan(v) else write_per_cent(v)),
        fmt="",
        cmap=sns.light_palette(WINE, as_cmap=True),
        vmin=0,
        linewidths=1,
        mask=grid.isna(),
        cbar_kws={"label": "also have the other theme (%)", "shrink": 0.7},
    )
    axes.set_xticklabels([THEME[key].short.replace(" ", "\n", 1) for key in THEME_KEYS], rotation=0, fontsize=8)
    names = [
        f"{THEME[str(key)].short} (n = {int(row['n']):,}"
        + (f", worth {row['effective_n']:.0f})" if round(row["effective_n"]) < row["n"] else ")")
        for key, row in counts.loc[list(THEME_KEYS)].iterrows()
    ]
    axes.set_yticklabels(names, rotation=0)
    for label, key in zip(axes.get_yticklabels(), THEME_KEYS, strict=True):
        label.set_color(GREY if counts.loc[key, "effective_n"] < FEW else INK)
    axes.set_xlabel("")
    axes.set_ylabel("of the posts with")
    axes.tick_params(length=0)
    return mark_illustrative(figure, cooccurrence)
