"""Accounts and posts as they are read, and what is known of real police without their posts."""

from __future__ import annotations

import pandera.pandas as pa

from composite.codebook.countries import COUNTRY_CODES
from composite.codebook.tables.columns import (
    ACCOUNT,
    CORPUS,
    COUNTRY,
    KIND,
    MONTH,
    N_POSTS,
    PLATFORM,
    count,
    degrees,
    number,
    text,
    time,
)

TABLES: dict[str, pa.DataFrameSchema] = {
    "accounts": pa.DataFrameSchema(
        {
            "account": ACCOUNT,
            "platform": PLATFORM,
            "agency": text("police agency that runs it"),
            "country": COUNTRY,
            "kind": KIND,
            "language": text("language of its posts", unit="ISO 639-1 code", null=True),
            "latitude": degrees("latitude of the agency's seat", 90),
            "longitude": degrees("longitude of the agency's seat", 180),
            "population": number("inhabitants that the agency serves", unit="count", null=True, required=False, gt=0),
        },
        unique=["account", "platform"],
        description="an account on a platform",
    ),
    "posts": pa.DataFrameSchema(
        {
            "post_id": text("identifier of the post", unique=True),
            "country": COUNTRY,
            "agency": text("police agency that published it: the cluster of every standard error", null=True),
            "account": text("handle, without @", null=True),
            "platform": text("where it was published", null=True),
            "published": time("when it was published", null=True),
            "language": text("language of the post", unit="ISO 639-1 code", null=True),
            "text": text("what the post says", str_length={"min_value": 1}),
            "corpus": CORPUS,
            "reply_to": text("handle or post that it replies to", null=True, required=False),
            "url": text("address of the post", null=True, required=False),
            "repost_of": text("account or post that it repeats: a retweet, a boost", null=True, required=False),
            "quote_of": text("account or post that it quotes", null=True, required=False),
            "reposts": count("times it was reposted", required=False, null=True),
            "likes": count("times it was liked", required=False, null=True),
            "replies": count("replies that it received", required=False, null=True),
            "followers": count("followers of the account when it was published", required=False, null=True),
        },
        description="a post",
    ),
    "rejected": pa.DataFrameSchema(
        {
            "file": text("name of the file"),
            "line": number(
                "line of the file, from 1 (row, in Parquet; post, in a JSON document or a feed)",
                unit="count",
                kind=int,
                ge=0,
            ),
            "reason": text("why the row was set aside"),
            "value": text("the value at fault, or the start of the line", null=True),
        },
        description="a row that could not be read as a post",
    ),
    "unmatched_accounts": pa.DataFrameSchema(
        {
            "account": text("handle, without @"),
            "platform": text("where the account is", null=True),
            "n_posts": count("its posts whose agency or country nothing says"),
            "nearest": text("the account in the table of accounts whose name is most like it", null=True),
        },
        description="an account with posts that the table of accounts does not name",
    ),
    "months": pa.DataFrameSchema(
        {
            "country": COUNTRY,
            "month": MONTH,
            "n_posts": N_POSTS,
            "corpus": CORPUS,
        },
        description="country × month",
    ),
    "cities": pa.DataFrameSchema(
        {
            "account": ACCOUNT,
            "platform": PLATFORM,
            "city": text("city that its police serve"),
            "country": text("country, also beyond the study", unit="ISO 3166-1 code"),
            "opened": time("when the account was opened"),
            "date": time("when the followers were counted"),
            "followers": count("followers"),
            "posts": count("posts since it was opened"),
            "population": count("inhabitants of the city"),
        },
        unique=["account", "platform"],
        description="a police account of a European city",
    ),
    "facts": pa.DataFrameSchema(
        {
            "fact": text("name of the fact", unique=True),
            "who": text("whom it speaks of"),
            "country": text("country, where it speaks of one", unit="ISO 3166-1 code", null=True, isin=COUNTRY_CODES),
            "start": text("when it begins", unit="YYYY-MM or YYYY-MM-DD", null=True),
            "end": text("when it ends", unit="YYYY-MM or YYYY-MM-DD", null=True),
            "value": number("the number", unit="as the column unit has it"),
            "unit": text("unit of the number"),
            "bound": text("exact, or `more than` the number", isin=("exact", "more than", "about")),
            "meaning": text("what was said, in our words"),
            "source": text("where it stands"),
        },
        description="a published number on police and social media",
    ),
}
