"""The numbers that the texts of the report need, counted from the tables of the study."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from composite.codebook.countries import COUNTRY
from composite.report.drawing import choose_best

FEWEST_EFFECTIVE = 3  # agencies of equal weight: with fewer, one or two have most of what was coded


@dataclass(frozen=True)
class Facts:
    """What was studied, in numbers.

    Attributes
    ----------
    posts, agencies, dated, coded, rejected : int
    countries, absent : tuple of str
        Names of the countries with posts and without.
    first, last : str
        Days of the first and the last post; nothing without dates.
    coders : tuple of str
    lowest : float
        The smallest probability with which a post was drawn for coding.
    unknown, narrow, uneven : tuple of str
        Countries without an interval; with one for these agencies' posts only; where few agencies have most codes.
    wide : bool
        Whether any interval is over agencies.
    level : str
        Coverage of the intervals in per cent.
    tests : int
        Comparisons of a country with the mean of the others.
    pair : bool
        Whether there are two countries only.
    outside, cells : int
        Shares whose naive estimate lies outside the corrected interval, and all corrected shares.
    """

    posts: int
    agencies: int
    countries: tuple[str, ...]
    absent: tuple[str, ...]
    first: str
    last: str
    dated: int
    coded: int
    coders: tuple[str, ...]
    lowest: float
    rejected: int
    unknown: tuple[str, ...]
    wide: bool
    narrow: tuple[str, ...]
    uneven: tuple[str, ...]
    level: str
    tests: int
    pair: bool
    outside: int
    cells: int


def count_facts(
    labels: pd.DataFrame,
    codings: pd.DataFrame | None,
    rejected: pd.DataFrame | None,
    tables: dict[str, pd.DataFrame],
    level: float,
) -> Facts:
    """The facts of a study; none of them is typed."""
    dated = labels["published"].dropna()
    shares = tables["shares"]
    best = choose_best(shares)
    present = set(labels["country"])
    over_agencies = best["inference"] == "agencies"
    contrasts = tables.get("contrasts")
    return Facts(
        posts=len(labels),
        agencies=int(labels.groupby("country")["agency"].nunique().sum()),
        countries=_name(present),
        absent=_name(set(COUNTRY) - present),
        first=dated.min().strftime("%Y-%m-%d") if len(dated) else "",
        last=dated.max().strftime("%Y-%m-%d") if len(dated) else "",
        dated=len(dated),
        coded=0 if codings is None else len(codings),
        coders=() if codings is None else tuple(sorted(codings["coder"].unique())),
        lowest=1.0 if codings is None else float(codings["sampling_probability"].min()),
        rejected=0 if rejected is None else len(rejected),
        unknown=_name(set(best.loc[best["inference"] == "descriptive", "country"])),
        wide=bool(over_agencies.any()),
        narrow=_name(set(best.loc[best["inference"] == "posts", "country"])),
        uneven=_name(set(best.loc[over_agencies & (best["effective_agencies"] < FEWEST_EFFECTIVE), "country"])),
        level=f"{100 * level:g}",
        tests=count_tests(contrasts),
        pair=contrasts is not None and len(set(contrasts["country"])) == 2,
        outside=len(find_misled(shares)),
        cells=int(((shares["method"] == "corrected") & shares["share"].notna()).sum()),
    )


def _name(codes: set[str]) -> tuple[str, ...]:
    return tuple(COUNTRY[code].name for code in COUNTRY if code in codes)


def count_tests(contrasts: pd.DataFrame | None) -> int:
    """Comparisons with a p-value in the contrasts with the others; of two countries each is told twice."""
    if contrasts is None:
        return 0
    tested = contrasts[contrasts["p_value"].notna()]
    return len(tested) // (2 if len(set(contrasts["country"])) == 2 else 1)


def find_misled(shares: pd.DataFrame) -> pd.DataFrame:
    """Country × theme cells whose naive share lies outside the corrected interval, the furthest from it first.

    Columns are `country, theme, naive, share, low, high`, the last three of the corrected share.
    """
    keys = ["country", "theme"]
    naive = shares.loc[shares["method"] == "naive", [*keys, "share"]].rename(columns={"share": "naive"})
    corrected = shares.loc[shares["method"] == "corrected", [*keys, "share", "low", "high"]]
    both = naive.merge(corrected, on=keys)
    both = both[(both["naive"] < both["low"]) | (both["naive"] > both["high"])].sort_values(keys)
    far = (both["naive"] - both["share"]).abs().sort_values(ascending=False, kind="stable")
    return both.loc[far.index].reset_index(drop=True)
