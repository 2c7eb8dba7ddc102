"""The tables that pass between the rooms: one pandera schema each, the only contract of columns, types and units.

`TABLES[name]` is the schema; `check_table(name, frame)` in `contract` holds a frame to it. A column's title is its unit
and its description its meaning; the data dictionary in the docs is generated from them.
"""

from __future__ import annotations

from typing import Any

import pandas as pd
import pandera.pandas as pa

from composite.codebook.countries import COUNTRY_CODES
from composite.codebook.themes import THEME_KEYS, THEMES

KINDS = ("corporate", "neighbourhood", "officer", "unit")
METHODS = ("naive", "coded", "corrected")
MEASURES = ("sensitivity", "specificity", "calibration")
INFERENCES = ("agencies", "posts", "descriptive")
ILLUSTRATIVE = "illustrative"
PLANNED = ("audience", "edges")  # tables of the design that nothing makes yet
TIME = pd.DatetimeTZDtype("us", "UTC")


def _checks(checks: dict[str, Any]) -> list[Any]:
    """pandera checks: a dictionary is a check's keywords, anything else its only argument."""
    return [
        getattr(pa.Check, name)(**value) if isinstance(value, dict) else getattr(pa.Check, name)(value)
        for name, value in checks.items()
    ]


def _text(meaning: str, *, unit: str = "text", null: bool = False, required: bool = True, **checks: Any) -> pa.Column:
    return pa.Column(
        pd.StringDtype(na_value=float("nan")),
        _checks(checks),
        title=unit,
        description=meaning,
        nullable=null,
        required=required,
    )


def _number(
    meaning: str, *, unit: str, kind: type = float, null: bool = False, required: bool = True, **checks: Any
) -> pa.Column:
    return pa.Column(
        kind,
        _checks(checks),
        title=unit,
        description=meaning,
        nullable=null,
        required=required,
    )


def _time(meaning: str) -> pa.Column:
    return pa.Column(TIME, title="UTC", description=meaning, nullable=True)


_CORPUS = _text(f"name of the corpus; `{ILLUSTRATIVE}` marks invented posts and all that is made from them", null=True)
_COUNTRY = _text("country of the study", unit="ISO 3166-1 code", isin=COUNTRY_CODES)
_THEME = _text("theme", unit="theme key", isin=THEME_KEYS)
_INFERENCE = _text(
    "what the interval speaks for: all agencies like these; only the posts of these agencies; nothing (no interval)",
    isin=INFERENCES,
)
_KIND = _text("kind of account", null=True, isin=KINDS)
_INTERVAL = {
    "low": _number("lower end of the interval", unit="proportion", null=True),
    "high": _number("upper end of the interval", unit="proportion", null=True),
}


def _proportion(meaning: str, *, null: bool = False, **options: Any) -> pa.Column:
    return pa.Column(
        float, pa.Check.in_range(0, 1), title="proportion 0–1", description=meaning, nullable=null, **options
    )


def _count(meaning: str, *, required: bool = True, null: bool = False) -> pa.Column:
    return _number(meaning, unit="count", kind=float if null else int, null=null, required=required, ge=0)


_SPAN = {
    "low": _proportion("lower end of the interval", null=True),
    "high": _proportion("upper end of the interval", null=True),
}

_SHARE_COLUMNS = {
    "theme": _THEME,
    "method": _text("classify and count; coded posts only; corrected", isin=METHODS),
    "n_posts": _count("posts"),
    "n_agencies": _count("agencies"),
    "n_coded": _count("posts with a coding"),
    "n_agencies_coded": _count("agencies with a coded post: five or more are needed for an interval over agencies"),
    "effective_agencies": _number(
        "agencies of equal weight that would say as much (Kish); of the coded ones, for `coded` and `corrected`",
        unit="count",
        null=True,
        ge=0,
    ),
    "share": _proportion("share of posts with the theme", null=True),
    **_SPAN,
    "se": _number("standard error of the share", unit="proportion", null=True, ge=0),
    "df": _number("degrees of freedom of the interval", unit="count", null=True, gt=0),
    "tuning": _proportion("weight of the classifier's probabilities in a corrected share", null=True),
    "inference": _INFERENCE,
    "corpus": _CORPUS,
}

TABLES: dict[str, pa.DataFrameSchema] = {
    "accounts": pa.DataFrameSchema(
        {
            "account": _text("handle, without @"),
            "platform": _text("where the account is"),
            "agency": _text("police agency that runs it"),
            "country": _COUNTRY,
            "kind": _KIND,
            "language": _text("language of its posts", unit="ISO 639-1 code", null=True),
        },
        unique=["account", "platform"],
        description="an account on a platform",
    ),
    "posts": pa.DataFrameSchema(
        {
            "post_id": pa.Column(
                pd.StringDtype(na_value=float("nan")), unique=True, title="text", description="identifier of the post"
            ),
            "country": _COUNTRY,
            "agency": _text("police agency that published it: the cluster of every standard error", null=True),
            "account": _text("handle, without @", null=True),
            "platform": _text("where it was published", null=True),
            "published": _time("when it was published"),
            "language": _text("language of the post", unit="ISO 639-1 code", null=True),
            "text": _text("what the post says", str_length={"min_value": 1}),
            "corpus": _CORPUS,
            "reply_to": _text("handle or post that it replies to", null=True, required=False),
            "url": _text("address of the post", null=True, required=False),
            "reposts": _count("times it was reposted", required=False, null=True),
            "likes": _count("times it was liked", required=False, null=True),
            "replies": _count("replies that it received", required=False, null=True),
            "followers": _count("followers of the account when it was published", required=False, null=True),
        },
        description="a post",
    ),
    "rejected": pa.DataFrameSchema(
        {
            "file": _text("name of the file"),
            "line": _number("line of the file (row, in Parquet), from 1", unit="count", kind=int, ge=0),
            "reason": _text("why the row was set aside"),
            "value": _text("the value at fault, or the start of the line", null=True),
        },
        description="a row that could not be read as a post",
    ),
    "codings": pa.DataFrameSchema(
        {
            "post_id": _text("the post that was coded"),
            "coder": _text("who coded it"),
            **{t.key: _number(t.label, unit="0 or 1", kind=int, isin=(0, 1)) for t in THEMES},
            "primary": _text("the post's main purpose", unit="theme key or none", isin=(*THEME_KEYS, "none")),
            "sampling_probability": pa.Column(
                float,
                [pa.Check.gt(0), pa.Check.le(1)],
                title="probability (0–1]",
                description="known probability with which the post was drawn for coding",
            ),
        },
        unique=["post_id", "coder"],
        description="one coder's codes of one post",
    ),
    "labels": pa.DataFrameSchema(
        {
            "post_id": pa.Column(
                pd.StringDtype(na_value=float("nan")), unique=True, title="text", description="identifier of the post"
            ),
            "country": _COUNTRY,
            "agency": _text("police agency that published it", null=True),
            "account": _text("handle, without @", null=True),
            "platform": _text("where it was published", null=True, required=False),
            "kind": _KIND,
            "published": _time("when it was published"),
            "language": _text("language of the post", unit="ISO 639-1 code", null=True),
            "corpus": _CORPUS,
            **{t.key: _proportion(f"probability of: {t.label}") for t in THEMES},
        },
        description="a post with its theme probabilities",
    ),
    "shares": pa.DataFrameSchema(
        {
            "country": _text("country (or the columns named with `by`)", required=False),
            **_SHARE_COLUMNS,
        },
        description="country (or any other `by`) × theme × method",
    ),
    "agencies": pa.DataFrameSchema(
        {
            "country": _COUNTRY,
            "agency": _text("police agency"),
            **_SHARE_COLUMNS,
        },
        description="agency × theme × method (shares of single agencies)",
    ),
    "kinds": pa.DataFrameSchema(
        {
            "kind": _text("kind of account", isin=KINDS),
            **_SHARE_COLUMNS,
        },
        description="kind of account × theme × method (all countries together)",
    ),
    "contrasts": pa.DataFrameSchema(
        {
            "theme": _THEME,
            "country": _COUNTRY,
            "reference": _text("the country it is compared with; `others` is the mean of all other countries"),
            "difference": _number(
                "share in `country` minus share in `reference`, of estimates that may lie a little beyond 0 or 1",
                unit="proportion",
                null=True,
            ),
            **_INTERVAL,
            "low_all": _number("lower end of the interval that holds for all rows at once", unit="proportion"),
            "high_all": _number("upper end of the interval that holds for all rows at once", unit="proportion"),
            "p_value": _proportion("two-sided p of no difference, by the wild cluster bootstrap", null=True),
            "p_adjusted": _proportion("the same after Holm's adjustment over all rows", null=True),
            "p_bh": _proportion("the same after Benjamini and Hochberg's: rate of false differences", null=True),
            "classifier": _text(
                "whether the classifier finds the theme as well in the languages of the one as of the other",
                null=True,
                isin=("equal", "unequal"),
            ),
            "inference": _INFERENCE,
            "corpus": _CORPUS,
        },
        description="theme × pair of countries",
    ),
    "quality": pa.DataFrameSchema(
        {
            "theme": _THEME,
            "n_coded": _count("coded posts"),
            "n_positive": _count("coded posts with the theme"),
            "precision": _proportion("coded with the theme among those labelled with it", null=True),
            "recall": _proportion("labelled with the theme among those coded with it", null=True),
            "f1": _proportion("harmonic mean of precision and recall", null=True),
            "average_precision": _proportion("area under the precision–recall curve", null=True),
            "corpus": _CORPUS,
        },
        description="theme: how the classifier does on posts that it did not see",
    ),
    "cooccurrence": pa.DataFrameSchema(
        {
            "theme": _THEME,
            "other": _text("the other theme", unit="theme key", isin=THEME_KEYS),
            "method": _text("from codes or from labels", isin=("coded", "naive")),
            "n": _count("posts with `theme`"),
            "effective_n": _number("how many equally weighted posts they are worth", unit="count", ge=0),
            "share": _proportion("share of the posts with `theme` that also have `other`", null=True),
            "corpus": _CORPUS,
        },
        description="ordered pair of themes",
    ),
    "languages": pa.DataFrameSchema(
        {
            "language": _text("language of the posts", unit="ISO 639-1 code"),
            "theme": _THEME,
            "measure": _text("found among those with the theme; left among those without; excess", isin=MEASURES),
            "n_coded": _count("coded posts to judge by"),
            "n_agencies": _count("their agencies"),
            "value": _number("the measure; calibration is mean probability less share", unit="proportion", null=True),
            **_INTERVAL,
            "inference": _INFERENCE,
            "corpus": _CORPUS,
        },
        description="language × theme × measure of the classifier",
    ),
    "months": pa.DataFrameSchema(
        {
            "country": _COUNTRY,
            "month": _text("calendar month", unit="YYYY-MM"),
            "n_posts": _count("posts"),
            "corpus": _CORPUS,
        },
        description="country × month",
    ),
    "ranks": pa.DataFrameSchema(
        {
            "country": _COUNTRY,
            "theme": _THEME,
            "share": _proportion("corrected share (naive, without codings)"),
            "rank": _number("rank by share, 1 is highest", unit="rank", kind=int, ge=1),
            "rank_low": _number("best rank that the data allow, in all rows at once", unit="rank", kind=int, ge=1),
            "rank_high": _number("worst rank that the data allow, in all rows at once", unit="rank", kind=int, ge=1),
            "rank_low_one": _number("best rank, for this row alone", unit="rank", kind=int, ge=1),
            "rank_high_one": _number("worst rank, for this row alone", unit="rank", kind=int, ge=1),
            "leads": pa.Column(bool, title="yes or no", description="`rank_low` and `rank_high` are both 1"),
            "inference": _INFERENCE,
            "corpus": _CORPUS,
        },
        description="country × theme",
    ),
    "uptake": pa.DataFrameSchema(
        {
            "country": _COUNTRY,
            "agency": _text("police agency"),
            "theme": _THEME,
            "n_posts": _count("dated posts of the agency"),
            "expected": _number("posts with the theme, in expectation", unit="count", ge=0),
            "adopted": pa.Column(bool, title="yes or no", description="the agency uses the theme, by the rule"),
            "first_month": _text("month since which it does", unit="YYYY-MM", null=True),
            "months": _number("calendar months from the agency's first post to then", unit="count", null=True, ge=0),
            "start": _text("month of the agency's first post", unit="YYYY-MM"),
            "months_seen": _count("calendar months from the agency's first post to its last"),
            "breadth": _count("themes that the agency has adopted"),
            "corpus": _CORPUS,
        },
        description="agency × theme",
    ),
    "uptake_rules": pa.DataFrameSchema(
        {
            "least": _number("posts with the theme that the rule asks for", unit="count", kind=int, ge=1),
            "certainty": _proportion("probability that the rule asks for"),
            "theme": _THEME,
            "n_agencies": _count("agencies"),
            "n_adopted": _count("agencies that have adopted the theme by this rule"),
            "months": _number("median months from an agency's first post to adoption", unit="count", null=True, ge=0),
            "corpus": _CORPUS,
        },
        description="rule of adoption × theme",
    ),
    "curves": pa.DataFrameSchema(
        {
            "country": _COUNTRY,
            "theme": _THEME,
            "months": _number("months since an agency's first post", unit="count", kind=int, ge=0),
            "n_agencies": _count("agencies"),
            "n_at_risk": _count("agencies that are seen as long and had not adopted the theme before"),
            "share": _proportion("share of agencies that have adopted the theme by then (Kaplan–Meier)"),
            **_SPAN,
            "corpus": _CORPUS,
        },
        description="country × theme × month in which an agency adopted it",
    ),
    "precedence": pa.DataFrameSchema(
        {
            "theme": _THEME,
            "other": _text("another theme", unit="theme key", isin=THEME_KEYS),
            "n_agencies": _count("agencies that adopted one of the two before the other"),
            "n_ties": _count("agencies that adopted both in one month"),
            "share": _proportion("share of those agencies that adopted `theme` first", null=True),
            **_SPAN,
            "p_value": _proportion("two-sided p of the sign test", null=True),
            "p_adjusted": _proportion("the same after Holm's adjustment over all rows", null=True),
            "corpus": _CORPUS,
        },
        description="pair of themes",
    ),
    "growth": pa.DataFrameSchema(
        {
            "theme": _THEME,
            "model": _text("S-curve", isin=("logistic", "bass")),
            "parameter": _text(
                "parameter of the curve", isin=("speed", "midpoint", "innovation", "imitation", "ceiling")
            ),
            "unit": _text("its unit; years are since the first month of the table"),
            "value": _number("its value", unit="as stated", null=True),
            "low": _number("lower end of the interval", unit="as stated", null=True),
            "high": _number("upper end of the interval", unit="as stated", null=True),
            "aic": _number("Akaike's criterion of the curve: lower is better", unit="points", null=True),
            "n_agencies": _count("agencies"),
            "n_adopted": _count("agencies that have adopted the theme"),
            "corpus": _CORPUS,
        },
        description="theme × model × parameter",
    ),
    "trends": pa.DataFrameSchema(
        {
            "country": _COUNTRY,
            "theme": _THEME,
            "month": _text("calendar month", unit="YYYY-MM"),
            "n_posts": _count("posts of the month"),
            "n_coded": _count("coded posts of the month"),
            "share": _proportion("share of posts with the theme in the months around", null=True),
            **_SPAN,
            "inference": _INFERENCE,
            "corpus": _CORPUS,
        },
        description="country × theme × month",
    ),
    "changes": pa.DataFrameSchema(
        {
            "country": _COUNTRY,
            "theme": _THEME,
            "month": _text("first month after the change", unit="YYYY-MM"),
            "n_months": _count("calendar months seen"),
            "n_agencies": _count("agencies"),
            "before": _proportion("share of the posts before"),
            "after": _proportion("share of the posts since"),
            "difference": _number("since minus before", unit="proportion"),
            "p_value": _proportion("p of no change, for the month having been searched for"),
            "p_adjusted": _proportion("the same after Holm's adjustment over all rows"),
            "corpus": _CORPUS,
        },
        description="country × theme",
    ),
    "profiles": pa.DataFrameSchema(
        {
            "country": _COUNTRY,
            "reference": _text("the country it is compared with", unit="ISO 3166-1 code", isin=COUNTRY_CODES),
            "distance": _proportion("root mean square of the nine differences of shares"),
            **_SPAN,
            "inference": _INFERENCE,
            "corpus": _CORPUS,
        },
        description="pair of countries",
    ),
    "profile_map": pa.DataFrameSchema(
        {
            "kind": _text("what the point is", isin=("country", "theme")),
            "name": _text("country code or theme key"),
            **{
                column: _number(f"{meaning} coordinate", unit="chi-square distance", null=True)
                for axis, word in (("x", "first"), ("y", "second"))
                for column, meaning in (
                    (axis, word),
                    (f"{axis}_low", f"lower end of the {word}"),
                    (f"{axis}_high", f"upper end of the {word}"),
                )
            },
            "x_inertia": _proportion("part of all differences between profiles that the first axis shows"),
            "y_inertia": _proportion("part of all differences between profiles that the second axis shows"),
            "corpus": _CORPUS,
        },
        description="country or theme, on the map of correspondence analysis",
    ),
    "profile_groups": pa.DataFrameSchema(
        {
            "members": _text("countries of the group, by code"),
            "n_countries": _count("their number"),
            "height": _proportion("distance at which they join"),
            "support": _proportion("share of resamples of agencies in which exactly these countries form a group"),
            "corpus": _CORPUS,
        },
        description="group of countries with like profiles",
    ),
    "effects": pa.DataFrameSchema(
        {
            "theme": _THEME,
            "factor": _text("what differs", isin=("kind", "country", "time")),
            "value": _text("kind of account, country, or `year`"),
            "reference": _text("what it is compared with"),
            "effect": _number("average change of the share, all else equal", unit="proportion", null=True),
            "low": _number("lower end of the interval", unit="proportion", null=True),
            "high": _number("upper end of the interval", unit="proportion", null=True),
            "p_value": _proportion("two-sided p of no effect", null=True),
            "p_adjusted": _proportion("the same after Holm's adjustment over all rows", null=True),
            "n_posts": _count("posts"),
            "n_coded": _count("coded posts"),
            "n_agencies": _count("agencies with a coded post"),
            "inference": _INFERENCE,
            "corpus": _CORPUS,
        },
        description="theme × factor × value",
    ),
    "plan": pa.DataFrameSchema(
        {
            "country": _COUNTRY,
            "predicted": _text("most probable theme, or none", unit="theme key or none", isin=(*THEME_KEYS, "none")),
            "n_posts": _count("posts of the stratum"),
            "n_coded": _count("coded so far"),
            "n_more": _count("more posts to code"),
            "half_width": _proportion("half-width of the country's widest interval that is then expected", null=True),
            "floor": _proportion("the same with every post coded", null=True),
            "reachable": pa.Column(bool, title="yes or no", description="the wanted half-width can be reached"),
            "corpus": _CORPUS,
        },
        description="stratum of posts",
    ),
    "audience": pa.DataFrameSchema(
        {
            "account": _text("handle, without @"),
            "date": _time("when the followers were counted"),
            "followers": _count("followers"),
        },
        description="account × date",
    ),
    "edges": pa.DataFrameSchema(
        {
            "source": _text("where the edge starts"),
            "target": _text("where the edge ends"),
            "weight": _number("strength of the tie", unit="as stated by the network"),
            "low": _number("lower end of the interval", unit="as weight", null=True),
            "high": _number("upper end of the interval", unit="as weight", null=True),
            "p_value": _proportion("p under the network's null", null=True),
        },
        description="edge of a network",
    ),
}
