"""Which countries differ, in sentences: what Holm's adjustment leaves, and no more."""

from __future__ import annotations

from typing import Any

import pandas as pd

from composite.codebook.countries import COUNTRY
from composite.codebook.themes import THEME, THEME_KEYS
from composite.report.content import Bullets, Item, Paragraph, Section
from composite.report.counts import Facts
from composite.report.wording import FEW_AGENCIES, SPACE, name_country, write_ends, write_level, write_size

MOST_DIFFERENCES = 8
ALPHA = 0.05  # what an adjusted p-value must stay below to be called a difference


def find_differences(contrasts: pd.DataFrame | None) -> list[Any]:
    """Rows of the contrasts that Holm's adjustment leaves, largest difference first; of two countries each once."""
    if contrasts is None:
        return []
    told = sort_contrasts(contrasts)
    told = told[told["p_adjusted"] < ALPHA]
    if len(told) and (contrasts["reference"] == "others").all() and len(set(contrasts["country"])) == 2:
        told = told[told["country"] == sort_contrasts(contrasts)["country"].iloc[0]]
    return list(told.loc[told["difference"].abs().sort_values(ascending=False, kind="stable").index].itertuples())


def sort_contrasts(contrasts: pd.DataFrame) -> pd.DataFrame:
    """Contrasts in the order of the study: countries, references, themes."""
    place = {name: number for number, name in enumerate((*COUNTRY, "others", *THEME_KEYS))}
    keys = ["country", "reference", "theme"]
    return contrasts.sort_values(keys, key=lambda column: column.map(place), kind="stable", ignore_index=True)


def name_other(contrasts: pd.DataFrame, country: str) -> str:
    """What a country is compared with: the mean of the others, or the other country where there are only two."""
    others = [code for code in COUNTRY if code in set(contrasts["country"]) and code != country]
    return COUNTRY[others[0]].name if len(others) == 1 else "the mean of the others"


def write_difference(row: Any, level: float, other: str = "the mean of the others") -> str:
    """A row of the contrasts as a sentence."""
    theme = THEME[row.theme].label
    side = "above" if row.difference > 0 else "below"
    span = f"{write_level(level)} interval {write_ends(row.low, row.high)}"
    name = COUNTRY[row.country].name
    return f"{name}, {theme[0].lower() + theme[1:]}: {write_size(row.difference)} {side} {other} ({span})."


def write_differences(
    contrasts: pd.DataFrame | None, facts: Facts, level: float, pairs: pd.DataFrame | None = None
) -> Section:
    """The section of the differences: those over agencies first, then those of these agencies' posts only.

    Where no country differs from the mean of the others, the `pairs` of countries that differ from each other.
    """
    told = find_differences(contrasts)
    groups = {name: [row for row in told if row.inference == name] for name in ("agencies", "posts")}
    others = "the two countries" if facts.pair else "a country with the mean of the others"
    limit = f"p{SPACE}<{SPACE}{ALPHA:g}"
    blocks: list[Paragraph | Bullets] = []
    for inference, rows in groups.items():
        if not rows or contrasts is None:
            continue
        number, more = len(rows), len(rows) > MOST_DIFFERENCES
        if inference == "agencies":
            text = f"Of {facts.tests} comparisons of {others}, {number} {'differs' if number == 1 else 'differ'} after "
            text += f"Holm's adjustment ({limit})" + (", the largest first" if number > 1 else "")
            text += "; the smaller ones are in the table behind the figure of differences:" if more else ":"
        else:
            start = "Besides, in" if groups["agencies"] else "In"
            text = f"{start} {number} of {facts.tests} comparisons of {others} the posts of the agencies that were "
            text += f"{'coded' if facts.coded else 'seen'} differ (Holm, {limit}). This says nothing of the countries' "
            text += f"other police: fewer than {FEW_AGENCIES} agencies were {'coded' if facts.coded else 'seen'} in "
            text += f"{', '.join(facts.narrow)}, and they are part of each of these comparisons"
            text += ". The largest:" if more else ":"
        sentences = [write_difference(row, level, name_other(contrasts, row.country)) for row in rows]
        blocks += [Paragraph(text), Bullets(tuple(Item(text) for text in sentences[:MOST_DIFFERENCES]))]
    if not told and facts.tests:
        one = "the other" if facts.pair else "the mean of the others"
        blocks.append(
            Paragraph(
                f"No country can be told apart from {one} on any theme ({facts.tests} comparisons, Holm's adjustment, "
                f"{limit}). What the figures show of a country against the others may be chance."
            )
        )
        blocks += [] if facts.pair else _write_pairs(find_differences(pairs), pairs, level)
    elif not told:
        blocks.append(Paragraph("Countries are not compared: there are fewer than two with enough data."))
    return Section("differences-told", "Which countries the data tell apart", tuple(blocks))


def _write_pairs(told: list[Any], pairs: pd.DataFrame | None, level: float) -> list[Paragraph | Bullets]:
    """The pairs of countries that are told apart, if any is."""
    if not told or pairs is None:
        return []
    number = int(pairs["p_value"].notna().sum())
    agree = "differs" if len(told) == 1 else "differ"
    text = f"Of {number} comparisons of two countries, {len(told)} {agree} after the same adjustment"
    text += ", the largest first; all are in tables/pairs.csv:" if len(told) > MOST_DIFFERENCES else ":"
    sentences = [write_difference(row, level, name_country(row.reference)) for row in told[:MOST_DIFFERENCES]]
    posts = any(row.inference != "agencies" for row in told)
    more = [Paragraph("Some of these speak of the posts of the agencies studied only.")] if posts else []
    return [Paragraph(text), Bullets(tuple(Item(text) for text in sentences)), *more]
