"""Findings that compare countries: what their police post about, who leads, and which of them differ."""

from __future__ import annotations

from typing import Any

import pandas as pd

from composite.codebook.countries import COUNTRY
from composite.codebook.themes import THEME_KEYS
from composite.report.content import Finding
from composite.report.counts import count_tests
from composite.report.differences import ALPHA, find_differences, name_other, sort_contrasts
from composite.report.drawing import choose_best
from composite.report.wording import (
    SPACE,
    join_names,
    list_countries,
    name_country,
    name_theme,
    write_ends,
    write_level,
    write_of,
    write_share,
    write_shares,
    write_size,
)

MOST_NAMED = 3  # names that a sentence lists before it counts
HOME = "GB"  # the COMPOSITE series asks whether its police lead
_PLACE = {name: number for number, name in enumerate((*COUNTRY, *THEME_KEYS))}


def tell_shares(tables: dict[str, pd.DataFrame], level: float) -> Finding | None:
    """The theme with the largest share in most countries, and where its interval lies above all others."""
    best = choose_best(tables["shares"])
    known = best[best["share"].notna() & best["low"].notna() & best["country"].isin(list(COUNTRY))]
    if known.empty:
        return None
    grids = {
        name: known.pivot(index="country", columns="theme", values=name).reindex(
            index=[code for code in COUNTRY if code in set(known["country"])], columns=list(THEME_KEYS)
        )
        for name in ("share", "low", "high")
    }
    top = grids["share"].idxmax(axis=1)
    theme = max(THEME_KEYS, key=lambda key: (int((top == key).sum()), -_PLACE[key]))
    held = list(top.index[top == theme])
    others = grids["high"].drop(columns=theme).max(axis=1)
    sure = [code for code in held if not grids["low"].loc[code, theme] <= others[code]]
    share, low, high = (grids[name][theme][held] for name in ("share", "low", "high"))

    def write(code: str, word: str = "") -> str:
        return f"{write_share(share[code])} in {name_country(code)} ({word}{write_shares(low[code], high[code])})"

    subject = name_theme(theme, start=True)
    if best["method"].iloc[0] == "naive":
        subject = f"By the classifier's labels, whose errors are not corrected, {name_theme(theme)}"
    span = f"{write_level(level)} interval "
    if len(held) == 1:
        where = f"in {write_of(1, len(top), 'countries')}" if len(top) > 1 else "of all themes"
        text = f"{subject} has the largest estimated share of posts {where}: {write(held[0], span)}."
    else:
        least, most = share.idxmin(), share.idxmax()
        text = (
            f"{subject} has the largest estimated share of posts in {write_of(len(held), len(top), 'countries')}, from "
            f"{write(least, span)} to {write(most)}."
        )
    if len(sure) == len(held):
        text += f" {'There' if len(held) == 1 else 'In each of these'} its interval lies above those of all other "
        text += "themes."
    else:
        text += f" {_count_sure(sure, held)} its interval overlaps with that of another theme, so that the two cannot "
        text += "be told apart by their intervals."
    narrow = set(known.loc[known["inference"] == "posts", "country"]) & set(held)
    if narrow:
        text += f" Of {join_names(list_countries(narrow))} this is said of the posts of the agencies studied only."
    return Finding("shares", "What police post about", text)


def _count_sure(sure: list[str], held: list[str]) -> str:
    if not sure:
        return "There" if len(held) == 1 else "In each of these"
    open_ones = list_countries(set(held) - set(sure))
    return f"In {len(sure)} of these its interval lies above those of all other themes; in {join_names(open_ones)}"


def tell_ranks(tables: dict[str, pd.DataFrame], level: float) -> Finding | None:
    """Who leads, where any country does; whether the United Kingdom does; from whom it cannot be told apart."""
    if "ranks" not in tables:
        return None
    ranks = tables["ranks"].sort_values(["theme", "country"], key=lambda column: column.map(_PLACE), ignore_index=True)
    number = ranks["country"].nunique()
    leaders = ranks[ranks["leads"]]
    span = f"at {write_level(level)} for all countries and themes at once"
    if leaders.empty:
        text = (
            "No country can be said to lead on any theme: on each of them, a rank other than the first is open for "
            f"every country ({span})."
        )
    elif len(leaders) == 1:
        row = next(leaders.itertuples())
        name = name_country(row.country, start=True)
        text = f"{name} leads on {name_theme(row.theme)}: no other rank is open ({span})."
    else:
        said = [f"{name_country(row.country)} on {name_theme(row.theme)}" for row in leaders.itertuples()]
        said = [*said[:MOST_NAMED], f"{len(said) - MOST_NAMED} more"] if len(said) > MOST_NAMED else said
        text = f"On {len(leaders)} themes one country leads, with no other rank open ({span}): {join_names(said)}."
    own = ranks[ranks["country"] == HOME]
    shown = ranks if own.empty else own
    if not own.empty:
        leading = int(own["leads"].sum())
        if leading:
            text += f" So British police lead on {leading} of {len(own)} themes."
        elif leaders.empty:
            text += " So the data do not show that British police lead."
        else:
            text += " British police are not shown to lead on any theme."
    text += _tell_standing(shown[~shown["leads"]], number, tables.get("pairs"))
    if (ranks["inference"] == "posts").any():
        text += " These are ranks of the posts of the agencies studied, and not of the countries' police."
    return Finding("ranks", "Which country leads" if own.empty else "Do British police lead?", text)


def _tell_standing(rows: pd.DataFrame, number: int, pairs: pd.DataFrame | None) -> str:
    """Where a country is surest to stand high, and from which countries it cannot be told apart there."""
    if rows.empty:
        return ""
    ordered = rows.sort_values(["rank_high", "rank", "rank_low"], kind="stable")
    row = next(ordered.itertuples())
    name, theme = name_country(row.country, start=True), name_theme(row.theme)
    ranks = f"ranks {row.rank_low} to {row.rank_high} are open"
    if row.rank_low == row.rank_high:
        ranks = f"only rank {row.rank_low} is open"
    if row.rank_high < number:
        text = f" {name} is among the {row.rank_high} highest of {number} countries on {theme} ({ranks})"
    elif row.rank == 1:
        text = f" {name} has the largest estimated share of {theme}, but {ranks}"
    else:
        text = f" {name} stands highest on {theme}, at rank {row.rank} by its estimated share, but {ranks}"
    if pairs is None:
        return f"{text}."
    alike = _find_alike(pairs, row.country, row.theme)
    if len(alike) == number - 1 and number > 2:
        return f"{text}: it cannot be told apart from any other country."
    if len(alike) > MOST_NAMED:
        return f"{text}: it cannot be told apart from {len(alike)} other countries."
    return f"{text}: it cannot be told apart from {join_names(list_countries(alike))}." if alike else f"{text}."


def _find_alike(pairs: pd.DataFrame, country: str, theme: str) -> set[str]:
    """Countries whose difference from `country` has an interval, for all pairs at once, that holds 0."""
    part = pairs[(pairs["theme"] == theme) & ((pairs["country"] == country) | (pairs["reference"] == country))]
    part = part[(part["low_all"] <= 0) & (part["high_all"] >= 0)]
    return (set(part["country"]) | set(part["reference"])) - {country}


def tell_contrasts(tables: dict[str, pd.DataFrame], level: float) -> Finding | None:
    """The largest difference that Holm's adjustment leaves, of a country from the others or else from one other."""
    contrasts, pairs = tables.get("contrasts"), tables.get("pairs")
    if contrasts is None or not count_tests(contrasts):
        return None
    tests, two = count_tests(contrasts), contrasts["country"].nunique() == 2
    against = "the two countries" if two else "a country with the mean of the others"
    holm = f"Holm's adjustment, p{SPACE}<{SPACE}{ALPHA:g}"
    told = find_differences(contrasts)
    if told:
        row = next((row for row in told if row.inference == "agencies"), told[0])
        text = (
            f"Of {tests} comparisons of {against}, {len(told)} can be told apart ({holm}). {_say_largest(row, told)}: "
        )
        other = name_other(contrasts, row.country)
    else:
        told = [] if pairs is None or two else find_differences(pairs)
        other = "the other" if two else "the mean of the others"
        text = f"On no theme can a country be told apart from {other} ({tests} comparisons; {holm})"
        if not told:
            return Finding("contrasts", "How countries differ", text + _tell_largest(contrasts, pairs, two, level))
        row = next((row for row in told if row.inference == "agencies"), told[0])
        number = int(pairs["p_value"].notna().sum()) if pairs is not None else 0
        text += f"; of {number} comparisons of two countries, {len(told)} can be. {_say_largest(row, told)}: "
        other = name_country(row.reference)
    if other in {country.name for country in COUNTRY.values()}:
        other = next(name_country(code) for code, country in COUNTRY.items() if country.name == other)
    side = "above" if row.difference > 0 else "below"
    text += f"{name_country(row.country)} lies {write_size(row.difference)} {side} {other} on {name_theme(row.theme)} "
    text += f"({write_level(level)} interval {write_ends(row.low, row.high)} by itself"
    text += f", {write_ends(row.low_all, row.high_all)} with all at once)." if pd.notna(row.low_all) else ")."
    if row.inference != "agencies":
        text += " This is said of the posts of the agencies studied, and not of the countries' police."
    return Finding("contrasts", "How countries differ", text)


def _say_largest(row: Any, told: list[Any]) -> str:
    """What the row is among those told apart: a larger one may speak of the posts of these agencies only."""
    if len(told) == 1:
        return "It is this"
    which = "larger" if len(told) == 2 else "largest"
    return f"The {which} of them" + ("" if row is told[0] else " that speaks of more than these agencies")


def _tell_largest(contrasts: pd.DataFrame, pairs: pd.DataFrame | None, two: bool, level: float) -> str:
    """What was seen though nothing can be told apart."""
    known = sort_contrasts(contrasts[contrasts["difference"].notna() & contrasts["low"].notna()])
    text = "." if two or pairs is None else ", nor any two countries from each other."
    if known.empty:
        return text
    row = known.loc[known["difference"].abs().idxmax()]
    side = "above" if row["difference"] > 0 else "below"
    other = "the other" if two else "the mean of the others"
    return (
        f"{text} The largest difference that was seen may be chance: {name_country(row['country'])} on "
        f"{name_theme(row['theme'])}, {write_size(row['difference'])} {side} {other} ({write_level(level)} interval, "
        f"for this comparison alone, {write_ends(row['low'], row['high'])})."
    )
