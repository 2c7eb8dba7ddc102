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


def _flag(meaning: str) -> pa.Column:
    return pa.Column(bool, title="yes or no", description=meaning)


def _proportion(meaning: str, *, null: bool = False, **options: Any) -> pa.Column:
    return pa.Column(
        float, pa.Check.in_range(0, 1), title="proportion 0–1", description=meaning, nullable=null, **options
    )


def _count(meaning: str, *, required: bool = True, null: bool = False) -> pa.Column:
    return _number(meaning, unit="count", kind=float if null else int, null=null, required=required, ge=0)


def _place(meaning: str, most: int) -> pa.Column:
    limits = {"min_value": -most, "max_value": most}
    return _number(meaning, unit="degrees", null=True, required=False, in_range=limits)


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
            "latitude": _place("latitude of the agency's seat", 90),
            "longitude": _place("longitude of the agency's seat", 180),
            "population": _number("inhabitants that the agency serves", unit="count", null=True, required=False, gt=0),
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
            "repost_of": _text("account or post that it repeats: a retweet, a boost", null=True, required=False),
            "quote_of": _text("account or post that it quotes", null=True, required=False),
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
            "line": _number(
                "line of the file, from 1 (row, in Parquet; post, in a JSON document or a feed)",
                unit="count",
                kind=int,
                ge=0,
            ),
            "reason": _text("why the row was set aside"),
            "value": _text("the value at fault, or the start of the line", null=True),
        },
        description="a row that could not be read as a post",
    ),
    "unmatched_accounts": pa.DataFrameSchema(
        {
            "account": _text("handle, without @"),
            "platform": _text("where the account is", null=True),
            "n_posts": _count("its posts whose agency or country nothing says"),
            "nearest": _text("the account in the table of accounts whose name is most like it", null=True),
        },
        description="an account with posts that the table of accounts does not name",
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
    "agreement": pa.DataFrameSchema(
        {
            "group": _text("`all`, or a value of the column named with `by`"),
            "theme": _text("theme, or `set` for the whole set of a post", unit="theme key", isin=(*THEME_KEYS, "set")),
            "n_posts": _count("posts that two or more coders coded"),
            "n_coders": _count("coders"),
            "n_positive": _count("codes that give the theme (any theme, for `set`)"),
            "agreement": _proportion("share of pairs of codes of a post that agree"),
            "alpha": _number("Krippendorff's alpha: 1 is always, 0 is as by chance", unit="at most 1", null=True, le=1),
            "low": _number("lower end of the interval", unit="alpha", null=True, le=1),
            "high": _number("upper end of the interval", unit="alpha", null=True, le=1),
            "corpus": _CORPUS,
        },
        description="group × theme: agreement of coders",
    ),
    "confusions": pa.DataFrameSchema(
        {
            "theme": _THEME,
            "other": _text("what another coder gave instead", unit="theme key or none", isin=(*THEME_KEYS, "none")),
            "n": _count("cases, over all ordered pairs of coders"),
            "share": _proportion("of the times that a coder gave `theme`", null=True),
            "corpus": _CORPUS,
        },
        description="theme × other theme: what coders coded instead of one another",
    ),
    "explanation": pa.DataFrameSchema(
        {
            "token": _text("word, or run of signs, as the post has it"),
            "start": _count("characters of the post before it"),
            "end": _count("characters of the post up to its end"),
            "theme": _text("theme (or any other label of the model)"),
            "contribution": _number("what it adds to the log-odds of the theme", unit="log-odds"),
        },
        description="token of a post × theme",
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
    "s_curves": pa.DataFrameSchema(
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
}

# audiences, campaign days, networks and wording
_WHO = {
    "country": _text("country of the study", unit="ISO 3166-1 code", required=False, null=True, isin=COUNTRY_CODES),
    "agency": _text("police agency", required=False, null=True),
    "account": _text("handle, without @", required=False),
    "platform": _text("where the account is", required=False),
}
_MONTH = _text("calendar month, read at its beginning: 00:00 UTC on the 1st", unit="YYYY-MM")
_RATE = {
    "low": _number("lower end of the interval", unit="as the estimate", null=True),
    "high": _number("upper end of the interval", unit="as the estimate", null=True),
}
_P_VALUE = _proportion("two-sided p of no difference", null=True)
_HOLM = _proportion("the same after Holm's adjustment over the table", null=True)
_FOLLOWERS = {
    **_WHO,
    "month": _MONTH,
    "n_accounts": _count("accounts whose followers are known, by interpolation between two counts"),
    "followers": _number("their followers together", unit="count", null=True, ge=0),
    "gap_days": _number("longest stretch between two counts that this rests on", unit="days", null=True, ge=0),
    "n_compared": _count("accounts known in this month and in the one before"),
    "before": _number("followers of the accounts compared, a month before", unit="count", null=True, ge=0),
    "growth": _number("growth of the accounts compared, against the month before", unit="proportion", null=True, ge=-1),
}

TABLES |= {
    "audience": pa.DataFrameSchema(
        {
            "account": _text("handle, without @"),
            "platform": _text("where the account is"),
            "date": pa.Column(TIME, title="UTC", description="when the followers were counted"),
            "followers": _count("followers"),
            "corpus": _text(_CORPUS.description, null=True, required=False),
        },
        unique=["account", "platform", "date"],
        description="account × date: a count of its followers",
    ),
    "followers": pa.DataFrameSchema(
        {**_FOLLOWERS, "corpus": _CORPUS},
        description="account, agency or country × month: followers and their growth",
    ),
    "growth": pa.DataFrameSchema(
        {
            **_WHO,
            "first_month": _text("month in which the first known growth begins", unit="YYYY-MM"),
            "last_month": _text("month in which the last known growth ends", unit="YYYY-MM"),
            "n_months": _count("months of known growth"),
            "followers": _number("followers in the last month", unit="count", ge=0),
            "growth": _number("growth over the months of known growth, chained", unit="proportion", ge=-1),
            "monthly": _number("the same growth as a constant rate a month", unit="proportion", ge=-1),
            "yearly": _number("the same growth as a constant rate a year", unit="proportion", ge=-1),
            "corpus": _CORPUS,
        },
        description="account, agency or country: compound growth of its followers",
    ),
    "unusual": pa.DataFrameSchema(
        {
            **_FOLLOWERS,
            "n_past": _count("earlier months of known growth that it is judged by"),
            "usual": _number("median growth of these", unit="proportion", null=True, ge=-1),
            "z": _number("growth minus the usual, in robust standard deviations (MAD)", unit="z", null=True),
            "p_value": _proportion("two-sided p of growth as usual", null=True),
            "p_adjusted": _proportion("the same after Benjamini–Hochberg over the table", null=True),
            "unusual": _flag("p_adjusted is below 0.05"),
            "corpus": _CORPUS,
        },
        description="account, agency or country × month: growth against its own past",
    ),
    "reach": pa.DataFrameSchema(
        {
            "country": _COUNTRY,
            "agency": _text("police agency", required=False),
            "month": _MONTH,
            "n_accounts": _count("accounts whose followers are known"),
            "followers": _number("their followers; who follows two accounts counts twice", unit="count", ge=0),
            "population": _number("inhabitants served", unit="count", gt=0),
            "per_1000": _number("followers per 1,000 inhabitants", unit="per 1,000", ge=0),
            "corpus": _CORPUS,
        },
        description="agency or country: followers per 1,000 inhabitants",
    ),
    "concentration": pa.DataFrameSchema(
        {
            "country": _text("country of the study; `all` is all together", isin=(*COUNTRY_CODES, "all")),
            "month": _MONTH,
            "n_accounts": _count("accounts whose followers are known"),
            "followers": _number("their followers together", unit="count", ge=0),
            "gini": _proportion("Gini coefficient: 0, all have as many; 1, one has all", null=True),
            "top_tenth": _proportion("share of followers of the tenth of accounts with most (at least one)", null=True),
            "largest": _proportion("share of followers of the largest account", null=True),
            "corpus": _CORPUS,
        },
        description="country: how far followers are concentrated on few accounts",
    ),
    "campaigns": pa.DataFrameSchema(
        {
            "hashtag": _text("hashtag in lower case, without #"),
            "day": _text("calendar day", unit="YYYY-MM-DD"),
            "n_posts": _count("posts with the hashtag"),
            "n_agencies": _count("agencies that used it"),
            "n_active": _count("agencies that posted anything that day"),
            "n_countries": _count("countries of the agencies that used it"),
            "usual": _proportion("share of agencies active on other days that used it"),
            "p_value": _proportion("one-sided p of as many agencies as usual"),
            "p_adjusted": _proportion("the same after Holm's adjustment over all hashtags and days"),
            "corpus": _CORPUS,
        },
        description="hashtag × day: a burst over agencies",
    ),
    "participants": pa.DataFrameSchema(
        {
            "country": _COUNTRY,
            "agency": _text("police agency"),
            "hashtag": _text("hashtag in lower case, without #"),
            "day": _text("calendar day", unit="YYYY-MM-DD"),
            "n_posts": _count("posts of the agency that day"),
            "n_tagged": _count("those with the hashtag"),
            "took_part": _flag("the agency used the hashtag that day"),
            "latitude": _place("latitude of its seat", 90),
            "longitude": _place("longitude of its seat", 180),
            "corpus": _CORPUS,
        },
        description="agency: whether it took part in a campaign day",
    ),
    "participation": pa.DataFrameSchema(
        {
            "country": _COUNTRY,
            "hashtag": _text("hashtag in lower case, without #"),
            "day": _text("calendar day", unit="YYYY-MM-DD"),
            "n_agencies": _count("agencies with posts or accounts"),
            "n_active": _count("agencies that posted that day"),
            "n_took_part": _count("agencies that used the hashtag"),
            "n_tagged": _count("posts with the hashtag"),
            "share": _proportion("share of the agencies that took part"),
            **_SPAN,
            "corpus": _CORPUS,
        },
        description="country: participation in a campaign day",
    ),
    "campaign_themes": pa.DataFrameSchema(
        {
            "theme": _THEME,
            "method": _text("classify and count, or corrected", isin=("naive", "corrected")),
            "n_campaign": _count("posts of the campaign day"),
            "n_ordinary": _count("posts of the same agencies on other days"),
            "n_agencies": _count("agencies that took part"),
            "campaign": _number("share of posts with the theme on the campaign day", unit="proportion", null=True),
            "ordinary": _number("share on other days", unit="proportion", null=True),
            "difference": _number("the one minus the other", unit="proportion", null=True),
            **_INTERVAL,
            "p_value": _P_VALUE,
            "p_adjusted": _HOLM,
            "corpus": _CORPUS,
        },
        description="theme: a campaign day against ordinary days of the same agencies",
    ),
    "engagement": pa.DataFrameSchema(
        {
            "measure": _text("what is counted", isin=("reposts", "likes", "replies")),
            "theme": _THEME,
            "method": _text("themes from codes or from labels", isin=("coded", "naive")),
            "n_posts": _count("posts in the model"),
            "n_theme": _count("those with the theme"),
            "n_agencies": _count("agencies in the model"),
            "mean": _number("mean count of the posts with the theme", unit="count", null=True, ge=0),
            "median": _number("median count of the posts with the theme", unit="count", null=True, ge=0),
            "ratio": _number("times as many as without the theme, other things equal", unit="ratio", null=True, gt=0),
            "low": _number("lower end of the interval", unit="ratio", null=True, ge=0),
            "high": _number("upper end of the interval", unit="ratio", null=True, ge=0),
            "p_value": _P_VALUE,
            "p_adjusted": _HOLM,
            "corpus": _CORPUS,
        },
        description="measure × theme: how the public answers, by a negative binomial model",
    ),
    "dialogue": pa.DataFrameSchema(
        {
            "country": _text("country (or the columns named with `by`)", required=False, isin=COUNTRY_CODES),
            "n_posts": _count("posts"),
            "n_agencies": _count("agencies"),
            "n_replies": _count("replies among them"),
            "share": _proportion("share of posts that are replies"),
            **_SPAN,
            "share_answered": _proportion("share of posts that received a reply", null=True),
            "n_timed": _count("replies to a post whose time is known"),
            "median_hours": _number("median time from that post to the reply", unit="hours", null=True, ge=0),
            "inference": _INFERENCE,
            "corpus": _CORPUS,
        },
        description="country (or any other `by`): dialogue with others",
    ),
    "edges": pa.DataFrameSchema(
        {
            "network": _text("which network", isin=("themes", "agencies", "mentions")),
            "source": _text("where the edge starts"),
            "target": _text("where the edge ends"),
            "weight": _number(
                "strength of the tie: correlation of two themes within agencies; affinity of two agencies; posts of an "
                "account that mention another",
                unit="as the network has it",
                null=True,
            ),
            "n": _count("posts in which both occur, or that mention", required=False, null=True),
            "expected": _number("posts expected under the null", unit="count", null=True, required=False, ge=0),
            **_RATE,
            "p_value": _proportion("two-sided p under the network's null", null=True),
            "p_adjusted": _proportion("the same after Holm's adjustment over the network", null=True),
            "corpus": _CORPUS,
        },
        unique=["network", "source", "target"],
        description="edge of a network",
    ),
    "theme_nodes": pa.DataFrameSchema(
        {"node": _THEME, "n_posts": _count("posts with the theme"), "corpus": _CORPUS},
        description="theme: node of the network of themes",
    ),
    "communities": pa.DataFrameSchema(
        {
            "node": pa.Column(
                pd.StringDtype(na_value=float("nan")), unique=True, title="text", description="country and agency"
            ),
            "country": _COUNTRY,
            "agency": _text("police agency"),
            "n_posts": _count("posts"),
            "community": _number("number of its community, 1 is the largest", unit="number", kind=int, ge=1),
            "stability": _proportion(
                "how often it is again with the agencies of its community, of resamples", null=True
            ),
            **{t.key: _proportion(f"mean probability of: {t.label}") for t in THEMES},
            "corpus": _CORPUS,
        },
        description="agency: node of the network of like agencies",
    ),
    "actors": pa.DataFrameSchema(
        {
            "node": pa.Column(
                pd.StringDtype(na_value=float("nan")), unique=True, title="text", description="handle, without @"
            ),
            "country": _text("country of the study", unit="ISO 3166-1 code", null=True, isin=COUNTRY_CODES),
            "agency": _text("police agency; missing for accounts of others", null=True),
            "mentions": _count("posts of it that mention another account, once for each account"),
            "mentioned": _count("posts of others that mention it"),
            "n_out": _count("accounts that it mentions"),
            "n_in": _count("accounts that mention it"),
            "n_mutual": _count("accounts that do both"),
            "n_countries": _count("countries of the accounts that it mentions or is mentioned by"),
            "betweenness": _proportion("share of shortest paths between others that lead over it"),
            "corpus": _CORPUS,
        },
        description="account: node of the network of mentions",
    ),
    "keywords": pa.DataFrameSchema(
        {
            "group": _text("the theme, country or kind of account that the word marks"),
            "language": _text("language of the posts compared", unit="ISO 639-1 code"),
            "word": _text("word in lower case"),
            "n_group": _count("times in posts of the group"),
            "n_rest": _count("times in the other posts of the language"),
            "n_agencies": _count("agencies of the group that use it"),
            "log_odds": _number("log odds ratio, shrunk to the word's odds in all posts", unit="log odds"),
            **_RATE,
            "z": _number("log odds ratio over its standard error", unit="z"),
            "p_adjusted": _proportion("two-sided p after Holm's adjustment over the words of group and language"),
            "corpus": _CORPUS,
        },
        description="group × language × word",
    ),
    "collocations": pa.DataFrameSchema(
        {
            "language": _text("language of the posts", unit="ISO 639-1 code"),
            "first": _text("first word"),
            "second": _text("the word after it"),
            "n": _count("times that the one follows the other"),
            "n_agencies": _count("agencies that write it"),
            "likelihood_ratio": _number("Dunning's log-likelihood ratio (G²)", unit="G²", ge=0),
            "corpus": _CORPUS,
        },
        description="language × pair of words that follow each other",
    ),
    "concordance": pa.DataFrameSchema(
        {
            "post_id": _text("identifier of the post"),
            "country": _COUNTRY,
            "agency": _text("police agency", null=True),
            "left": _text("what stands before the word"),
            "keyword": _text("the word as written"),
            "right": _text("what stands after it"),
            "corpus": _CORPUS,
        },
        description="a word where it stands",
    ),
    "cities": pa.DataFrameSchema(
        {
            "account": _text("handle, without @"),
            "platform": _text("where the account is"),
            "city": _text("city that its police serve"),
            "country": _text("country, also beyond the study", unit="ISO 3166-1 code"),
            "opened": pa.Column(TIME, title="UTC", description="when the account was opened"),
            "date": pa.Column(TIME, title="UTC", description="when the followers were counted"),
            "followers": _count("followers"),
            "posts": _count("posts since it was opened"),
            "population": _count("inhabitants of the city"),
        },
        unique=["account", "platform"],
        description="a police account of a European city",
    ),
    "facts": pa.DataFrameSchema(
        {
            "fact": pa.Column(
                pd.StringDtype(na_value=float("nan")), unique=True, title="text", description="name of the fact"
            ),
            "who": _text("whom it speaks of"),
            "country": _text("country, where it speaks of one", unit="ISO 3166-1 code", null=True, isin=COUNTRY_CODES),
            "start": _text("when it begins", unit="YYYY-MM or YYYY-MM-DD", null=True),
            "end": _text("when it ends", unit="YYYY-MM or YYYY-MM-DD", null=True),
            "value": _number("the number", unit="as the column unit has it"),
            "unit": _text("unit of the number"),
            "bound": _text("exact, or `more than` the number", isin=("exact", "more than", "about")),
            "meaning": _text("what was said, in our words"),
            "source": _text("where it stands"),
        },
        description="a published number on police and social media",
    ),
}
