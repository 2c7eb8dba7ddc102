"""What the police use social media for: shares, and how they differ between countries and kinds of account."""

from __future__ import annotations

import pandera.pandas as pa

from composite.codebook.countries import COUNTRY_CODES
from composite.codebook.tables.columns import (
    AGENCY,
    CORPUS,
    COUNTRY,
    HOLM,
    INFERENCE,
    KINDS,
    METHODS,
    N_AGENCIES,
    N_POSTS,
    SPAN,
    THEME,
    count,
    flag,
    interval,
    number,
    proportion,
    rank,
    text,
)
from composite.codebook.themes import THEME_KEYS

SHARE = {
    "theme": THEME,
    "method": text("classify and count; coded posts only; corrected", isin=METHODS),
    "n_posts": N_POSTS,
    "n_agencies": N_AGENCIES,
    "n_coded": count("posts with a coding"),
    "n_agencies_coded": count("agencies with a coded post: five or more are needed for an interval over agencies"),
    "effective_agencies": number(
        "agencies of equal weight that would say as much (Kish); of the coded ones, for `coded` and `corrected`",
        unit="count",
        null=True,
        ge=0,
    ),
    "share": proportion("share of posts with the theme", null=True),
    **SPAN,
    "se": number("standard error of the share", unit="proportion", null=True, ge=0),
    "df": number("degrees of freedom of the interval", unit="count", null=True, gt=0),
    "tuning": proportion("weight of the classifier's probabilities in a corrected share", null=True),
    "inference": INFERENCE,
    "corpus": CORPUS,
}

TABLES: dict[str, pa.DataFrameSchema] = {
    "shares": pa.DataFrameSchema(
        {
            "country": text("country (or the columns named with `by`)", required=False),
            **SHARE,
        },
        description="country (or any other `by`) × theme × method",
    ),
    "agencies": pa.DataFrameSchema(
        {
            "country": COUNTRY,
            "agency": AGENCY,
            **SHARE,
        },
        description="agency × theme × method (shares of single agencies)",
    ),
    "kinds": pa.DataFrameSchema(
        {
            "kind": text("kind of account", isin=KINDS),
            **SHARE,
        },
        description="kind of account × theme × method (all countries together)",
    ),
    "cooccurrence": pa.DataFrameSchema(
        {
            "theme": THEME,
            "other": text("the other theme", unit="theme key", isin=THEME_KEYS),
            "method": text("from codes or from labels", isin=("coded", "naive")),
            "n": count("posts with `theme`"),
            "effective_n": number("how many equally weighted posts they are worth", unit="count", ge=0),
            "n_agencies": count("their agencies"),
            "share": proportion("share of the posts with `theme` that also have `other`", null=True),
            **SPAN,
            "inference": INFERENCE,
            "corpus": CORPUS,
        },
        description="ordered pair of themes",
    ),
    "contrasts": pa.DataFrameSchema(
        {
            "theme": THEME,
            "country": COUNTRY,
            "reference": text("the country it is compared with; `others` is the mean of all other countries"),
            "difference": number(
                "share in `country` minus share in `reference`, of estimates that may lie a little beyond 0 or 1",
                unit="proportion",
                null=True,
            ),
            **interval(),
            "low_all": number("lower end of the interval that holds for all rows at once", unit="proportion"),
            "high_all": number("upper end of the interval that holds for all rows at once", unit="proportion"),
            "p_value": proportion("two-sided p of no difference, by the wild cluster bootstrap", null=True),
            "p_adjusted": HOLM,
            "p_bh": proportion("the same after Benjamini and Hochberg's: rate of false differences", null=True),
            "classifier": text(
                "whether the classifier finds the theme as well in the languages of the one as of the other",
                null=True,
                isin=("equal", "unequal"),
            ),
            "inference": INFERENCE,
            "corpus": CORPUS,
        },
        description="theme × pair of countries",
    ),
    "ranks": pa.DataFrameSchema(
        {
            "country": COUNTRY,
            "theme": THEME,
            "share": proportion("corrected share (naive, without codings)"),
            "rank": rank("rank by share, 1 is highest"),
            "rank_low": rank("best rank that the data allow, in all rows at once"),
            "rank_high": rank("worst rank that the data allow, in all rows at once"),
            "rank_low_one": rank("best rank, for this row alone"),
            "rank_high_one": rank("worst rank, for this row alone"),
            "leads": flag("`rank_low` and `rank_high` are both 1"),
            "inference": INFERENCE,
            "corpus": CORPUS,
        },
        description="country × theme",
    ),
    "profiles": pa.DataFrameSchema(
        {
            "country": COUNTRY,
            "reference": text("the country it is compared with", unit="ISO 3166-1 code", isin=COUNTRY_CODES),
            "distance": proportion("root mean square of the nine differences of shares"),
            **SPAN,
            "inference": INFERENCE,
            "corpus": CORPUS,
        },
        description="pair of countries",
    ),
    "profile_map": pa.DataFrameSchema(
        {
            "kind": text("what the point is", isin=("country", "theme")),
            "name": text("country code or theme key"),
            **{
                column: number(f"{meaning} coordinate", unit="chi-square distance", null=True)
                for axis, word in (("x", "first"), ("y", "second"))
                for column, meaning in (
                    (axis, word),
                    (f"{axis}_low", f"lower end of the {word}"),
                    (f"{axis}_high", f"upper end of the {word}"),
                )
            },
            "x_inertia": proportion("part of all differences between profiles that the first axis shows"),
            "y_inertia": proportion("part of all differences between profiles that the second axis shows"),
            "corpus": CORPUS,
        },
        description="country or theme, on the map of correspondence analysis",
    ),
    "profile_groups": pa.DataFrameSchema(
        {
            "members": text("countries of the group, by code"),
            "n_countries": count("their number"),
            "height": proportion("distance at which they join"),
            "support": proportion("share of resamples of agencies in which exactly these countries form a group"),
            "corpus": CORPUS,
        },
        description="group of countries with like profiles",
    ),
    "effects": pa.DataFrameSchema(
        {
            "theme": THEME,
            "factor": text("what differs", isin=("kind", "country", "time")),
            "value": text("kind of account, country, or `year`"),
            "reference": text("what it is compared with"),
            "effect": number("average change of the share, all else equal", unit="proportion", null=True),
            **interval(),
            "p_value": proportion("two-sided p of no effect", null=True),
            "p_adjusted": HOLM,
            "n_posts": N_POSTS,
            "n_coded": count("coded posts"),
            "n_agencies": count("agencies with a coded post"),
            "inference": INFERENCE,
            "corpus": CORPUS,
        },
        description="theme × factor × value",
    ),
    "plan": pa.DataFrameSchema(
        {
            "country": COUNTRY,
            "predicted": text("most probable theme, or none", unit="theme key or none", isin=(*THEME_KEYS, "none")),
            "n_posts": count("posts of the stratum"),
            "n_coded": count("coded so far"),
            "n_more": count("more posts to code"),
            "half_width": proportion("half-width of the country's widest interval that is then expected", null=True),
            "floor": proportion("the same with every post coded", null=True),
            "reachable": flag("the wanted half-width can be reached"),
            "corpus": CORPUS,
        },
        description="stratum of posts",
    ),
}
