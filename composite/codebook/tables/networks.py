"""Ties between themes, agencies and accounts, and the words that mark them."""

from __future__ import annotations

import pandera.pandas as pa

from composite.codebook.countries import COUNTRY_CODES
from composite.codebook.tables.columns import (
    AGENCY,
    CORPUS,
    COUNTRY,
    LANGUAGE,
    N_POSTS,
    THEME,
    count,
    interval,
    number,
    proportion,
    rank,
    text,
)
from composite.codebook.themes import THEMES

TABLES: dict[str, pa.DataFrameSchema] = {
    "edges": pa.DataFrameSchema(
        {
            "network": text("which network", isin=("themes", "agencies", "mentions")),
            "source": text("where the edge starts"),
            "target": text("where the edge ends"),
            "weight": number(
                "strength of the tie: correlation of two themes within agencies; affinity of two agencies; posts of an "
                "account that mention another",
                unit="as the network has it",
                null=True,
            ),
            "n": count("posts in which both occur, or that mention", required=False, null=True),
            "expected": number("posts expected under the null", unit="count", null=True, required=False, ge=0),
            **interval("as the estimate"),
            "p_value": proportion("two-sided p under the network's null", null=True),
            "p_adjusted": proportion("the same after Holm's adjustment over the network", null=True),
            "corpus": CORPUS,
        },
        unique=["network", "source", "target"],
        description="edge of a network",
    ),
    "theme_nodes": pa.DataFrameSchema(
        {"node": THEME, "n_posts": count("posts with the theme"), "corpus": CORPUS},
        description="theme: node of the network of themes",
    ),
    "communities": pa.DataFrameSchema(
        {
            "node": text("country and agency", unique=True),
            "country": COUNTRY,
            "agency": AGENCY,
            "n_posts": N_POSTS,
            "community": rank("number of its community, 1 is the largest", unit="number"),
            "stability": proportion(
                "how often it is again with the agencies of its community, of resamples", null=True
            ),
            **{t.key: proportion(f"mean probability of: {t.label}") for t in THEMES},
            "corpus": CORPUS,
        },
        description="agency: node of the network of like agencies",
    ),
    "actors": pa.DataFrameSchema(
        {
            "node": text("handle, without @", unique=True),
            "country": text("country of the study", unit="ISO 3166-1 code", null=True, isin=COUNTRY_CODES),
            "agency": text("police agency; missing for accounts of others", null=True),
            "mentions": count("posts of it that mention another account, once for each account"),
            "mentioned": count("posts of others that mention it"),
            "n_out": count("accounts that it mentions"),
            "n_in": count("accounts that mention it"),
            "n_mutual": count("accounts that do both"),
            "n_countries": count("countries of the accounts that it mentions or is mentioned by"),
            "betweenness": proportion("share of shortest paths between others that lead over it"),
            "corpus": CORPUS,
        },
        description="account: node of the network of mentions",
    ),
    "keywords": pa.DataFrameSchema(
        {
            "group": text("the theme, country or kind of account that the word marks"),
            "language": text("language of the posts compared", unit="ISO 639-1 code"),
            "word": text("word in lower case"),
            "n_group": count("times in posts of the group"),
            "n_rest": count("times in the other posts of the language"),
            "n_agencies": count("agencies of the group that use it"),
            "log_odds": number("log odds ratio, shrunk to the word's odds in all posts", unit="log odds"),
            **interval("as the estimate"),
            "z": number("log odds ratio over its standard error", unit="z"),
            "p_adjusted": proportion("two-sided p after Holm's adjustment over the words of group and language"),
            "corpus": CORPUS,
        },
        description="group × language × word",
    ),
    "collocations": pa.DataFrameSchema(
        {
            "language": LANGUAGE,
            "first": text("first word"),
            "second": text("the word after it"),
            "n": count("times that the one follows the other"),
            "n_agencies": count("agencies that write it"),
            "likelihood_ratio": number("Dunning's log-likelihood ratio (G²)", unit="G²", ge=0),
            "corpus": CORPUS,
        },
        description="language × pair of words that follow each other",
    ),
    "concordance": pa.DataFrameSchema(
        {
            "post_id": text("identifier of the post"),
            "country": COUNTRY,
            "agency": text("police agency", null=True),
            "left": text("what stands before the word"),
            "keyword": text("the word as written"),
            "right": text("what stands after it"),
            "corpus": CORPUS,
        },
        description="a word where it stands",
    ),
}
