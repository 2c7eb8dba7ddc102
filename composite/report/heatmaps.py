"""Figures that are grids: themes across, countries, agencies, kinds of account or themes down."""

from __future__ import annotations

import numpy as np
import pandas as pd

from composite.codebook.countries import COUNTRY_CODES
from composite.codebook.tables import KINDS
from composite.codebook.themes import THEME_KEYS
from composite.report.drawing import (
    FEW,
    Sheet,
    choose_best,
    exhibit,
    fill,
    need_table,
    new_figure,
    order_countries,
)
from composite.report.grids import draw_heat, name_columns, name_rows, shade_cells, write_estimate
from composite.report.look import grey, ink, name_country, name_theme, number, say, second


@exhibit("shares")
def draw_shares(shares: pd.DataFrame) -> Sheet:
    """Heat map of the corrected shares of nine themes by country, in per cent, with intervals.

    Parameters
    ----------
    shares : DataFrame
        Table `shares` by country. Without corrected rows the naive ones are drawn. A country marked `*` has too few
        coded agencies for an interval over agencies.
    look : Look
    """
    best = choose_best(need_table(shares, "shares", "country", "theme", "method"))
    rows = order_countries(best)
    narrow = set(best.loc[best["inference"] != "agencies", "country"])
    names = [name_country(code) + (" *" if code in narrow else "") for code in rows]
    return draw_heat(best, rows, names, "country")


@exhibit("agencies")
def draw_agencies(shares: pd.DataFrame) -> Sheet:
    """Heat map as `draw_shares`, with one row an agency: for tables by `("country", "agency")`.

    Parameters
    ----------
    shares : DataFrame
        Table `agencies`.
    look : Look
    """
    best = choose_best(need_table(shares, "shares", "agency", "country", "theme", "method"))
    best = best.assign(row=best["country"] + " · " + best["agency"])
    place = {code: position for position, code in enumerate(COUNTRY_CODES)}
    order = best.drop_duplicates("row").sort_values(
        ["country", "agency"], key=lambda c: c.map(place) if c.name == "country" else c
    )
    return draw_heat(best, list(order["row"]), [fill(row, 32) for row in order["row"]], "row")


@exhibit("kinds")
def draw_kinds(kinds: pd.DataFrame) -> Sheet:
    """Heat map as `draw_shares`, with one row a kind of account: for tables by `kind`.

    Parameters
    ----------
    kinds : DataFrame
        Table `kinds`.
    look : Look
    """
    best = choose_best(need_table(kinds, "kinds", "kind", "theme", "method"))
    rows = [kind for kind in KINDS if (best["kind"] == kind).any()]
    narrow = set(best.loc[best["inference"] != "agencies", "kind"])
    return draw_heat(best, rows, [say(kind) + (" *" if kind in narrow else "") for kind in rows], "kind")


@exhibit("cooccurrence")
def draw_cooccurrence(cooccurrence: pd.DataFrame) -> Sheet:
    """Heat map: of the posts with the row's theme, the per cent that also have the column's, with intervals.

    Parameters
    ----------
    cooccurrence : DataFrame
        Table `cooccurrence`.
    look : Look
    """
    need_table(cooccurrence, "cooccurrence")
    grid = cooccurrence.pivot(index="theme", columns="other", values="share").reindex(THEME_KEYS, columns=THEME_KEYS)
    counts = cooccurrence.drop_duplicates("theme").set_index("theme")[["n", "effective_n"]]
    figure = new_figure(5.2)
    axes = figure.subplots()
    top = float(np.nanmax(grid.to_numpy(), initial=0.01))  # where all are 0, 0 is pale
    shades = shade_cells(axes, grid, top, second(), say("also have the other theme (%)"))
    for _, cell in cooccurrence[cooccurrence["share"].notna()].sort_values(["theme", "other"]).iterrows():
        x, y = THEME_KEYS.index(cell["other"]), THEME_KEYS.index(cell["theme"])
        write_estimate(axes, x, y, cell, ground=shades(cell["share"] / top), few=cell["effective_n"] < FEW)
    narrow = set(cooccurrence.loc[cooccurrence["inference"] == "posts", "theme"])
    names = []
    for key in THEME_KEYS:
        row = counts.loc[key]
        count = say("n = {n}", n=int(row["n"]))
        if round(row["effective_n"]) < row["n"]:
            count = say("n = {n}, worth {worth}", n=int(row["n"]), worth=number(row["effective_n"], ",.0f"))
        names.append(f"{name_theme(key, short=True)}{' *' if key in narrow else ''}\n({count})")
    name_rows(axes, names)
    name_columns(axes, THEME_KEYS)
    for label, key in zip(axes.get_yticklabels(), THEME_KEYS, strict=True):
        label.set_color(grey() if counts.loc[key, "effective_n"] < FEW else ink())
    axes.set_xlabel("")
    axes.set_ylabel(say("of the posts with"))
    axes.tick_params(length=0)
    return figure
