"""How the table of each exhibit is laid out on paper: which rows and columns have room, and what a cell shows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from composite.codebook.countries import COUNTRY
from composite.codebook.themes import THEME_KEYS
from composite.report.adoption import FEWEST
from composite.report.counts import find_misled
from composite.report.differences import ALPHA
from composite.report.drawing import choose_best, write_per_cent
from composite.report.wording import write_signed

MOST_ROWS = 20
PLACE = {name: number for number, name in enumerate((*COUNTRY, *THEME_KEYS))}
Choose = Callable[[pd.DataFrame], pd.DataFrame]


@dataclass(frozen=True)
class Part:
    """Some columns and rows of a table.

    Attributes
    ----------
    columns : tuple of str
    choose : callable
        Table → the rows to print, in their order.
    rule : str
        Which rows these are, in words; completes "Shown are …".
    most : int
    """

    columns: tuple[str, ...]
    choose: Choose = lambda table: table
    rule: str = ""
    most: int = MOST_ROWS


@dataclass(frozen=True)
class Grid:
    """A table with a row a value of `index`, a column a theme, and an estimate with its interval in each cell.

    Attributes
    ----------
    index, name : str
        The column that makes the rows, and its head.
    cell : callable
        A row of the table → text.
    rule : str
        What a cell shows, in words.
    choose : callable
        Table → the rows that have cells.
    columns : str
        The column that makes the columns.
    """

    index: str
    name: str
    cell: Callable[[Any], str]
    rule: str
    choose: Choose = lambda table: table
    columns: str = "theme"
    most: int = MOST_ROWS


def _write_share(row: Any) -> str:
    if pd.isna(row.share):
        return "–"
    star = "" if getattr(row, "inference", "agencies") == "agencies" else " *"
    if pd.isna(row.low):
        return write_per_cent(row.share) + star
    return f"{write_per_cent(row.share)} ({write_per_cent(row.low)}–{write_per_cent(row.high)}){star}"


def _write_contrast(row: Any) -> str:
    if pd.isna(row.difference):
        return "–"
    star = " †" if row.p_adjusted < ALPHA else ""
    span = "" if pd.isna(row.low) else f" ({write_signed(row.low)} to {write_signed(row.high)})"
    return f"{write_signed(row.difference)}{span}{star}"


def _write_rank(row: Any) -> str:
    return f"{row.rank} ({row.rank_low}–{row.rank_high})"


def _write_ratio(row: Any) -> str:
    if pd.isna(row.ratio):
        return "–"
    star = " †" if row.p_adjusted < ALPHA else ""
    span = "" if pd.isna(row.low) else f" ({row.low:.2f}–{row.high:.2f})"
    return f"{row.ratio:.2f}{span}{star}"


def _write_alpha(row: Any) -> str:
    if pd.isna(row.alpha):
        return "–"
    span = "" if pd.isna(row.low) else f" ({row.low:.2f}–{row.high:.2f})"
    return f"{row.alpha:.2f}{span}".replace("-", "−")


def _sort(by: str, *, ties: tuple[str, ...], size: bool = False, up: bool = False) -> Choose:
    """Rows in falling (or rising) order of a column, or of its size."""

    def choose(table: pd.DataFrame) -> pd.DataFrame:
        ordered = table.sort_values([name for name in ties if name in table], kind="stable")
        key = (lambda column: column.abs()) if size else None
        return ordered.sort_values(by, ascending=up, kind="stable", key=key)

    return choose


def _choose_misled(shares: pd.DataFrame) -> pd.DataFrame:
    misled = find_misled(shares)[["country", "theme"]]
    return misled.merge(shares, on=["country", "theme"], how="left")


def _choose_others(contrasts: pd.DataFrame) -> pd.DataFrame:
    return contrasts[contrasts["reference"] == "others"]


def _choose_agencies(agencies: pd.DataFrame) -> pd.DataFrame:
    best = choose_best(agencies)
    return best.assign(agency=best["country"] + " · " + best["agency"])


def _choose_last_step(curves: pd.DataFrame) -> pd.DataFrame:
    seen = curves[curves["n_at_risk"] >= FEWEST].sort_values(["country", "theme", "months"])
    return seen.drop_duplicates(["country", "theme"], keep="last")


def _choose_busiest(months: pd.DataFrame) -> pd.DataFrame:
    ordered = months.sort_values(["n_posts", "month"], ascending=[False, True], kind="stable")
    busiest = ordered.drop_duplicates("country")
    return busiest.sort_values("country", key=lambda column: column.map(PLACE))


def _choose_latest(table: pd.DataFrame) -> pd.DataFrame:
    return table.sort_values(["country", "month"]).drop_duplicates("country", keep="last")


def _choose_unusual(unusual: pd.DataFrame) -> pd.DataFrame:
    return _sort("z", ties=("country", "month"), size=True)(unusual[unusual["p_adjusted"].notna()])


def _choose_countries(profile_map: pd.DataFrame) -> pd.DataFrame:
    return profile_map[profile_map["kind"] == "country"]


def _choose_sensitivity(languages: pd.DataFrame) -> pd.DataFrame:
    part = languages[languages["measure"] == "sensitivity"]
    return part.rename(columns={"value": "share"})


def _choose_taking_part(participants: pd.DataFrame) -> pd.DataFrame:
    part = participants[participants["took_part"]]
    return _sort("n_tagged", ties=("country", "agency"))(part)


_SHARES = "Per cent of posts, with the interval in brackets. * for the posts of the agencies studied only."
_SPAN = ("low", "high")
_ENDS = ("_low", "_high")
LAYOUTS: dict[str, Part | Grid] = {
    "shares": Grid("country", "Country", _write_share, _SHARES, choose_best),
    "methods": Part(
        ("country", "theme", "method", "n_coded", "share", *_SPAN),
        _choose_misled,
        "those of the shares whose naive estimate lies furthest outside the corrected interval",
        most=12,
    ),
    "agencies": Grid("agency", "Agency", _write_share, _SHARES.split(" *")[0], _choose_agencies),
    "kinds": Grid("kind", "Kind of account", _write_share, _SHARES, choose_best),
    "differences": Grid(
        "country",
        "Country",
        _write_contrast,
        "Percentage points above or below the mean of the others, with the interval of each row by itself. † told "
        "apart after Holm's adjustment.",
        _choose_others,
    ),
    "ranks": Grid(
        "country",
        "Country",
        _write_rank,
        "Rank by share, with the ranks that are open in all rows at once in brackets.",
    ),
    "profiles": Part(("kind", "name", "x", "x_low", "x_high", "y", "y_low", "y_high"), _choose_countries, "countries"),
    "uptake": Grid(
        "country",
        "Country",
        _write_share,
        f"Per cent of agencies that have adopted the theme when {FEWEST} were last left to be seen, with the interval.",
        _choose_last_step,
    ),
    "cooccurrence": Grid(
        "theme",
        "Of the posts with",
        _write_share,
        "Per cent that also have the theme of the column, with the interval in brackets. * for the posts of the "
        "agencies studied only.",
        columns="other",
    ),
    "months": Part(("country", "month", "n_posts"), _choose_busiest, "the busiest month of each country"),
    "quality": Part(
        ("theme", "n_positive", *(f"{name}{end}" for name in ("precision", "recall", "f1") for end in ("", *_ENDS)))
    ),
    "agreement": Grid("group", "Posts in", _write_alpha, "Krippendorff's alpha, with its interval in brackets."),
    "confusions": Grid(
        "theme",
        "One coder gave",
        _write_share,
        "Per cent in which another coder gave the column's theme, with the interval in brackets.",
        columns="other",
    ),
    "followers": Part(
        ("country", "month", "n_accounts", "followers", "n_compared", "before", "growth"),
        _choose_latest,
        "the last month of each country",
    ),
    "unusual": Part(
        ("country", "month", "n_past", "growth", "usual", "z", "p_adjusted", "unusual"),
        _choose_unusual,
        "the months that are furthest from what is usual",
        most=10,
    ),
    "reach": Part(
        (
            *("country", "agency", "month", "n_accounts", "followers", "population", "per_1000"),
            *("median", "median_low", "median_high"),
        ),
        _sort("per_1000", ties=("country", "agency")),
        "the agencies with most followers per 1,000 inhabitants",
        most=15,
    ),
    "concentration": Part(
        (
            *("country", "month", "n_accounts"),
            *(f"{name}{end}" for name in ("gini", "top_tenth") for end in ("", *_ENDS)),
            "largest",
        )
    ),
    "campaign_map": Part(
        ("country", "agency", "hashtag", "day", "n_posts", "n_tagged"),
        _choose_taking_part,
        "agencies that took part, those with most posts of the hashtag first",
        most=12,
    ),
    "participation": Part(("country", "hashtag", "day", "n_agencies", "n_active", "n_took_part", "share", *_SPAN)),
    "campaign_themes": Part(("theme", "method", "campaign", "ordinary", "difference", *_SPAN, "p_adjusted")),
    "engagement": Grid(
        "theme",
        "Posts with",
        _write_ratio,
        "How many times as many as posts without, with the interval in brackets. † told apart from 1 after Holm's "
        "adjustment.",
        columns="measure",
    ),
    "languages": Grid(
        "language",
        "Language",
        _write_share,
        "Per cent of the coded posts with the theme that the classifier finds (sensitivity), with the interval. * for "
        "these posts only.",
        _choose_sensitivity,
    ),
    "dialogue": Part(("country", "n_posts", "n_agencies", "n_replies", "share", *_SPAN, "inference")),
    "theme_ties": Part(
        ("source", "target", "n", "expected", "weight", *_SPAN, "p_adjusted"),
        _sort("weight", ties=("source", "target"), size=True),
        "the strongest ties",
        most=15,
    ),
    "communities": Part(
        ("community", "country", "agency", "n_posts", "stability"),
        _sort("community", ties=("country", "agency"), up=True),
        "by community",
    ),
    "actors": Part(
        ("node", "country", "mentions", "mentioned", "n_out", "n_in", "n_mutual", "betweenness"),
        _sort("betweenness", ties=("node",)),
        "the accounts that most shortest paths lead over",
        most=15,
    ),
    "keywords": Part(
        ("group", "language", "word", "n_group", "n_rest", "log_odds", *_SPAN, "p_adjusted"),
        _sort("p_adjusted", ties=("group", "language", "word"), up=True),
        "the words that are least by chance",
        most=10,
    ),
}
