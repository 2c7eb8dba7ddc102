"""Findings on accounts, coders, the classifier, the spread of themes, and the public."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from composite.codebook.countries import COUNTRY
from composite.codebook.themes import THEME_KEYS
from composite.report.adoption import FEWEST
from composite.report.agreement import USUAL
from composite.report.content import Finding
from composite.report.country_findings import MOST_NAMED
from composite.report.counts import find_misled
from composite.report.differences import ALPHA
from composite.report.drawing import FEW
from composite.report.sheet import is_illustrative
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
    write_signed,
    write_size,
)

_PLACE = {name: number for number, name in enumerate((*COUNTRY, *THEME_KEYS))}
_POSTS = {
    "corporate": "corporate accounts",
    "neighbourhood": "neighbourhood accounts",
    "officer": "officers' accounts",
    "unit": "units' accounts",
}


def tell_kinds(tables: dict[str, pd.DataFrame], level: float) -> Finding | None:
    """The largest difference between kinds of account, other things equal, that Holm's adjustment leaves."""
    effects = tables.get("effects")
    if effects is None:
        return None
    kinds = effects[(effects["factor"] == "kind") & effects["effect"].notna() & effects["p_adjusted"].notna()]
    if kinds.empty:
        return None
    kinds = kinds.sort_values(["theme", "value"], key=lambda c: c.map(_PLACE) if c.name == "theme" else c)
    told = kinds[kinds["p_adjusted"] < ALPHA]
    row = (told if len(told) else kinds).pipe(lambda part: part.loc[part["effect"].abs().idxmax()])
    same = [name for name in ("country", "time") if name in set(effects["factor"])]
    given = f"With {' and '.join(same)} equal, " if same else ""
    more = "more" if row["effect"] > 0 else "less"
    subject = f"posts of {_POSTS[row['value']]} are {more} often about {name_theme(row['theme'])} than those of "
    subject += f"{_POSTS[row['reference']]}: by {write_size(row['effect'])} ({write_level(level)} interval "
    subject += f"{write_ends(row['low'], row['high'])})"
    if len(told):
        text = f"{given}{subject}. Of {len(kinds)} such differences, {len(told)} can be told apart after Holm's "
        text += "adjustment (tables/effects.csv); this is the largest."
    else:
        text = f"{given}kinds of account cannot be told apart on any theme ({len(kinds)} comparisons after Holm's "
        text += f"adjustment). The largest difference that was seen may be chance: {subject}."
    text = text[0].upper() + text[1:]
    if row["inference"] != "agencies":
        text += " This is said of the posts of the agencies studied only."
    return Finding("kinds", "Who speaks", text)


def tell_trust(tables: dict[str, pd.DataFrame], level: float) -> Finding | None:
    """Whether codes are good enough to trust, and how many shares the classifier's labels would have put wrong."""
    shares = tables["shares"]
    cells = int(((shares["method"] == "corrected") & shares["share"].notna()).sum())
    if not cells:
        text = "The data cannot tell how far the shares are wrong: no post was coded, so errors of the classifier are "
        return Finding("trust", "How far to trust this", text + "counted as facts.")
    return Finding(
        "trust",
        "How far to trust this",
        f"{_tell_agreement(tables.get('agreement'), level)} {_tell_classifier(shares, cells, level)}",
    )


def _tell_agreement(agreement: pd.DataFrame | None, level: float) -> str:
    """How well coders agree on the theme on which they agree least."""
    if agreement is None:
        return "No post was coded twice, so the data cannot tell whether coders agree."
    whole = agreement[(agreement["group"] == "all") & agreement["theme"].isin(THEME_KEYS) & agreement["alpha"].notna()]
    if whole.empty:
        return "No theme was coded often enough to tell whether coders agree."
    tentative, firm = USUAL
    whole = whole.sort_values("theme", key=lambda column: column.map(_PLACE))
    row = whole.loc[whole["alpha"].idxmin()]
    who = (
        "Coders, here language models and not people,"
        if "corpus" in agreement and is_illustrative(agreement)
        else "Coders"
    )
    text = f"{who} agree least on {name_theme(row['theme'])}: Krippendorff's alpha is {row['alpha']:.3f}"
    if pd.isna(row["low"]):
        return f"{text}, and the data do not allow an interval."
    text += f" ({write_level(level)} interval {row['low']:.3f}–{row['high']:.3f}"
    text += f", of {row['n_positive']:,} codes only)" if row["n_positive"] < FEW else ")"
    if (whole["low"] >= firm).all():
        return f"{text}; on every theme the interval lies above {firm:g}, from which on firm conclusions are usual."
    low = list(whole.loc[~(whole["low"] >= tentative), "theme"])
    if not low:
        return f"{text}; the intervals of all themes lie above {tentative:g}, enough for tentative conclusions."
    names = join_names(name_theme(key) for key in low[:MOST_NAMED])
    names += f" and {len(low) - MOST_NAMED} more" if len(low) > MOST_NAMED else ""
    return f"{text}. On {names} the data do not show that codes are good enough for any conclusion ({tentative:g})."


def _tell_classifier(shares: pd.DataFrame, cells: int, level: float) -> str:
    """How many naive shares lie outside the corrected interval, and the one furthest from the corrected share."""
    misled = find_misled(shares[shares["country"].isin(list(COUNTRY))])
    text = (
        f"Counting the classifier's labels without correction would have put {write_of(len(misled), cells, 'shares')} "
    )
    text += f"outside the corrected {write_level(level)} interval"
    if misled.empty:
        return f"{text}."
    row = misled.iloc[0]
    return (
        f"{text}; the furthest off is {name_theme(row['theme'])} in {name_country(row['country'])}: "
        f"{write_share(row['naive'])} by labels, {write_share(row['share'])} corrected "
        f"({write_shares(row['low'], row['high'])})."
    )


def tell_uptake(tables: dict[str, pd.DataFrame], level: float) -> Finding | None:
    """The theme that half of a country's agencies had adopted soonest, over countries."""
    curves = tables.get("curves")
    if curves is None or curves.empty:
        return None
    curves = curves[curves["n_agencies"] >= FEWEST].sort_values(["country", "theme", "months"])
    halves = {
        (str(country), str(theme)): tuple(_find_half(part, name) for name in ("share", "high", "low"))
        for (country, theme), part in curves.groupby(["country", "theme"])
    }
    codes = [code for code in COUNTRY if any(country == code for country, _ in halves)]
    if not codes:
        return None
    times = {theme: sorted(halves[code, theme][0] for code in codes if (code, theme) in halves) for theme in THEME_KEYS}
    times = {theme: values for theme, values in times.items() if values}
    theme = min(times, key=lambda key: (times[key][(len(times[key]) - 1) // 2], sum(times[key]), _PLACE[key]))
    reached = [code for code in codes if math.isfinite(halves.get((code, theme), (math.inf,))[0])]
    if not reached:
        text = "In no country had half of the agencies adopted a theme while they were seen, so the data cannot tell "
        return Finding("uptake", "How themes spread", text + "which spread fastest.")
    first, last = (choose(reached, key=lambda code: halves[code, theme][0]) for choose in (min, max))

    def write(code: str) -> str:
        half, early, late = halves[code, theme]
        ends = f"{early:.0f} to {late:.0f}" if math.isfinite(late) else f"{early:.0f} or more"
        return f"{half:.0f} in {name_country(code)} ({write_level(level)} interval {ends})"

    span = write(first) if first == last else f"{write(first)} to {write(last)}"
    sure = [
        code
        for code in reached
        if all(halves[code, theme][2] < halves[code, key][1] for key in times if key != theme and (code, key) in halves)
    ]
    text = (
        f"By the estimates, {name_theme(theme)} spread fastest: half of the agencies "
        f"had adopted it, in {write_of(len(reached), len(codes), 'countries')}, within months of their "
        f"first post that number from {span}. "
    )
    if len(sure) == len(codes):
        text += "In each of them the intervals set it apart from every other theme."
    elif sure:
        text += (
            f"In {join_names(list_countries(sure))} the intervals set it apart from every other theme; elsewhere it "
        )
        text += "cannot be told apart from the next."
    else:
        text += "In no country can it be told apart from the next theme by these intervals."
    return Finding("uptake", "How themes spread", text)


def _find_half(curve: pd.DataFrame, column: str) -> float:
    """The first month in which the column reaches one half; infinite if it never does."""
    months = curve.loc[curve[column] >= 0.5, "months"]
    return float(months.iloc[0]) if len(months) else math.inf


def tell_engagement(tables: dict[str, pd.DataFrame], level: float) -> Finding | None:
    """The theme that goes with the most unusual number of answers."""
    engagement = tables.get("engagement")
    if engagement is None:
        return None
    known = engagement[engagement["ratio"].notna() & engagement["low"].notna() & (engagement["n_theme"] >= FEW)]
    if known.empty:
        return None
    known = known.sort_values(["measure", "theme"], key=lambda c: c.map(_PLACE) if c.name == "theme" else c)
    told = known[known["p_adjusted"] < ALPHA]
    part = told if len(told) else known
    row = part.loc[np.log(part["ratio"]).abs().idxmax()]
    said = f"a post with {name_theme(row['theme'])} has {row['ratio']:.2g} times as many {row['measure']} as one "
    said += f"without it ({write_level(level)} interval {row['low']:.2g}–{row['high']:.2g})"
    if len(told):
        text = f"With other themes, country and followers equal, {said}. Of {len(known)} such ratios, {len(told)} can "
        text += "be told apart from 1 after Holm's adjustment; this is the one furthest from it."
    else:
        text = f"On no theme can the number of answers be told apart from that of posts without it ({len(known)} "
        text += f"ratios after Holm's adjustment). The ratio furthest from 1 may be chance: {said}."
    return Finding("engagement", "What the public answers to", text)


def tell_followers(tables: dict[str, pd.DataFrame], level: float) -> Finding | None:
    """Months in which followers grew unlike in the months before."""
    unusual = tables.get("unusual")
    if unusual is None:
        return None
    judged = unusual[unusual["p_adjusted"].notna()]
    if judged.empty:
        return None
    judged = judged.sort_values(["country", "month"])
    marked = judged[judged["unusual"]]
    about = "These are counts of the accounts that are known, so they have no interval and say nothing of others."
    if marked.empty:
        text = f"In none of {len(judged):,} months of a country can the growth of followers be told apart from chance. "
        return Finding("followers", "How audiences grow", text + about)
    row = marked.loc[marked["z"].abs().idxmax()]
    text = (
        f"In {write_of(len(marked), len(judged), 'months of a country')} followers grew unlike in the months before; "
        f"about one in twenty so marked is expected to be chance. The most unusual: {name_country(row['country'])} in "
        f"{row['month']}, {write_signed(row['growth'])}{SPACE}% where {write_signed(row['usual'])}{SPACE}% was usual. "
    )
    return Finding("followers", "How audiences grow", text + about)
