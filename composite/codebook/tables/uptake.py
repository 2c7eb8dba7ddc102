"""Which agencies have adopted a theme, since when, how fast it spreads, and what changes over time."""

from __future__ import annotations

import pandera.pandas as pa

from composite.codebook.tables.columns import (
    AGENCY,
    CORPUS,
    COUNTRY,
    HOLM,
    INFERENCE,
    MONTH,
    N_AGENCIES,
    SPAN,
    THEME,
    count,
    flag,
    interval,
    number,
    proportion,
    text,
)
from composite.codebook.themes import THEME_KEYS

TABLES: dict[str, pa.DataFrameSchema] = {
    "uptake": pa.DataFrameSchema(
        {
            "country": COUNTRY,
            "agency": AGENCY,
            "theme": THEME,
            "n_posts": count("dated posts of the agency"),
            "expected": number("posts with the theme, in expectation", unit="count", ge=0),
            "adopted": flag("the agency uses the theme, by the rule"),
            "first_month": text("month since which it does", unit="YYYY-MM", null=True),
            "months": number("calendar months from the agency's first post to then", unit="count", null=True, ge=0),
            "start": text("month of the agency's first post", unit="YYYY-MM"),
            "months_seen": count("calendar months from the agency's first post to its last"),
            "breadth": count("themes that the agency has adopted"),
            "corpus": CORPUS,
        },
        description="agency × theme",
    ),
    "uptake_rules": pa.DataFrameSchema(
        {
            "least": number("posts with the theme that the rule asks for", unit="count", kind=int, ge=1),
            "certainty": proportion("probability that the rule asks for"),
            "theme": THEME,
            "n_agencies": N_AGENCIES,
            "n_adopted": count("agencies that have adopted the theme by this rule"),
            "months": number("median months from an agency's first post to adoption", unit="count", null=True, ge=0),
            "corpus": CORPUS,
        },
        description="rule of adoption × theme",
    ),
    "curves": pa.DataFrameSchema(
        {
            "country": COUNTRY,
            "theme": THEME,
            "months": number("months since an agency's first post", unit="count", kind=int, ge=0),
            "n_agencies": N_AGENCIES,
            "n_at_risk": count("agencies that are seen as long and had not adopted the theme before"),
            "share": proportion("share of agencies that have adopted the theme by then (Kaplan–Meier)"),
            **SPAN,
            "corpus": CORPUS,
        },
        description="country × theme × month in which an agency adopted it",
    ),
    "precedence": pa.DataFrameSchema(
        {
            "theme": THEME,
            "other": text("another theme", unit="theme key", isin=THEME_KEYS),
            "n_agencies": count("agencies that adopted one of the two before the other"),
            "n_ties": count("agencies that adopted both in one month"),
            "share": proportion("share of those agencies that adopted `theme` first", null=True),
            **SPAN,
            "p_value": proportion("two-sided p of the sign test", null=True),
            "p_adjusted": HOLM,
            "corpus": CORPUS,
        },
        description="pair of themes",
    ),
    "s_curves": pa.DataFrameSchema(
        {
            "theme": THEME,
            "model": text("S-curve", isin=("logistic", "bass")),
            "parameter": text(
                "parameter of the curve", isin=("speed", "midpoint", "innovation", "imitation", "ceiling")
            ),
            "unit": text("its unit; years are since the first month of the table"),
            "value": number("its value", unit="as stated", null=True),
            **interval("as stated"),
            "aic": number("Akaike's criterion of the curve: lower is better", unit="points", null=True),
            "n_agencies": N_AGENCIES,
            "n_adopted": count("agencies that have adopted the theme"),
            "corpus": CORPUS,
        },
        description="theme × model × parameter",
    ),
    "trends": pa.DataFrameSchema(
        {
            "country": COUNTRY,
            "theme": THEME,
            "month": MONTH,
            "n_posts": count("posts of the month"),
            "n_coded": count("coded posts of the month"),
            "share": proportion("share of posts with the theme in the months around", null=True),
            **SPAN,
            "inference": INFERENCE,
            "corpus": CORPUS,
        },
        description="country × theme × month",
    ),
    "changes": pa.DataFrameSchema(
        {
            "country": COUNTRY,
            "theme": THEME,
            "month": text("first month after the change", unit="YYYY-MM"),
            "n_months": count("calendar months seen"),
            "n_agencies": N_AGENCIES,
            "before": proportion("share of the posts before"),
            "after": proportion("share of the posts since"),
            "difference": number("since minus before", unit="proportion"),
            "p_value": proportion("p of no change, for the month having been searched for"),
            "p_adjusted": proportion("the same after Holm's adjustment over all rows"),
            "corpus": CORPUS,
        },
        description="country × theme",
    ),
}
