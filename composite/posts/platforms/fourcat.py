"""Posts of any platform as 4CAT writes them."""

from __future__ import annotations

from typing import Any

from composite.posts.platforms.fediverse import find_host
from composite.posts.platforms.format import Format, from_unix, language, name_post, number, string

HOSTS = {
    "twitter.com": "twitter",
    "x.com": "twitter",
    "facebook.com": "facebook",
    "instagram.com": "instagram",
    "t.me": "telegram",
    "bsky.app": "bluesky",
    "youtube.com": "youtube",
    "tiktok.com": "tiktok",
    "threads.net": "threads",
}


def _read(fields: dict[str, Any]) -> dict[str, Any]:
    def first(*names: str) -> str | None:
        return next((text for text in (string(fields.get(name)) for name in names) if text), None)

    url = first("link", "url", "post_url", "tiktok_url")
    # 4CAT names the platform nowhere: the address tells it, or columns that only one has
    platform = HOSTS.get((find_host(url) or "").removeprefix("www.").removeprefix("m."))
    if platform is None:
        platform = "twitter" if "is_retweet" in fields else "telegram" if "search_entity" in fields else None
    repeats = fields.get("is_retweet") == "yes"
    identifier = first("id")
    row = {
        "post_id": name_post(platform or "4cat", identifier),
        "account": first("author_username", "author") if platform != "telegram" else first("chat", "author"),
        "platform": platform,
        "published": from_unix(first("unix_timestamp")) or first("timestamp"),
        "language": language(first("language_guess", "language", "lang")),
        "text": fields.get("body"),
        "reply_to": first("replied_user", "reply_to"),
        "url": url,
        "repost_of": first("retweeted_user") if repeats else None,
        "quote_of": first("quoted_user"),
    }
    if not repeats:
        row["reposts"] = number(first("retweet_count", "repost_count", "shares"))
        row["likes"] = number(first("like_count", "num_likes", "likes"))
        row["replies"] = number(first("reply_count", "num_comments", "comments"))
    return row


FORMATS = (
    Format(
        name="4cat",
        title="4CAT, CSV of a dataset",
        kind="table",
        columns=(
            *("post_id", "account", "platform", "published", "language", "text", "reply_to", "url"),
            *("reposts", "likes", "replies", "repost_of", "quote_of"),
        ),
        lacks="`platform` where neither an address nor a column tells it; `followers`; counts of a retweet",
        how="*Dataset → Download CSV*",
        recognise=lambda columns: {"id", "thread_id", "timestamp", "body", "author"} <= columns,
        read=_read,
    ),
)
