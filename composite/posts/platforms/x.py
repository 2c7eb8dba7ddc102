"""Posts of X (Twitter): its API, version 2 and 1.1, a person's archive, and GetOldTweets."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from composite.posts.platforms.format import Format, SetAside, dicts, dig, language, name_post, number, string

PLATFORM = "twitter"
COUNTED = ("reposts", "likes", "replies")
OF_V2 = ("author_id", "public_metrics", "edit_history_tweet_ids")
SHORT = re.compile(r"^RT @(\w+): ")
NO_FOLLOWERS = "`followers`: X gives those of the day of collection, not of the post"
NO_COUNTS = "counts of a retweet, which X gives for the post that it repeats"


def _read(
    tweet: dict[str, Any],
    *,
    identifier: Any,
    account: str | None,
    text: str | None,
    reply_to: str | None,
    repost_of: Any,
    quote_of: Any,
    counts: tuple[Any, ...],
) -> dict[str, Any]:
    """The fields of a post that all of X's own forms have."""
    if string(identifier) is None:
        raise SetAside("post without an id", text)
    row = {
        "post_id": name_post(PLATFORM, identifier),
        "account": account,
        "platform": PLATFORM,
        "published": tweet.get("created_at"),
        "language": language(tweet.get("lang")),
        "text": text and text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"),
        "reply_to": reply_to,
        "repost_of": name_post(PLATFORM, repost_of),
        "quote_of": name_post(PLATFORM, quote_of),
        # an account that is not known may be left out of the address: X finds the post by its id
        "url": f"https://twitter.com/{account or 'i/web'}/status/{string(identifier)}",
    }
    if repost_of is None:
        row |= dict(zip(COUNTED, (number(count) for count in counts), strict=False))
    return row


# ---------------------------------------------------------------------------------------------------- X API, version 2


def is_v2(value: Any) -> bool:
    """Whether a JSON value is a page of API v2, or a post out of one as `twarc2 flatten` writes it."""
    if not isinstance(value, dict) or "id_str" in value or "kind" in value:
        return False
    data = value.get("data")
    page = "__twarc" in value or isinstance(dig(value, "meta", "result_count"), int)
    if isinstance(data, list | dict):
        posts = dicts(data if isinstance(data, list) else [data])
        page = page or isinstance(value.get("includes"), dict) or any(key in post for post in posts for key in OF_V2)
        return page and all("id" in post and "text" in post for post in posts[:5])
    if "id" not in value:
        return page or bool(_lost(value))
    return "text" in value and any(key in value for key in OF_V2)


def _lost(page: dict[str, Any]) -> list[SetAside]:
    """The posts that were asked for and that X did not give: deleted, protected, suspended."""
    return [
        SetAside(f"not given by X: {string(error.get('title')) or 'no reason'}", error.get("value"))
        for error in dicts(page.get("errors"))
        if error.get("resource_type") == "tweet" and error.get("parameter") in ("id", "ids")
    ]


def _unpack_v2(value: Any, account: str | None) -> Iterator[Any]:
    if not is_v2(value):
        raise SetAside("not a page or a post of X API v2", dig(value, "id"))
    if "text" in value and "id" in value:
        posts, near = [value], dicts(value.get("referenced_tweets"))
        people = [*dicts([value.get("author")]), *dicts([value.get("in_reply_to_user")])]
        people += [post["author"] for post in near if isinstance(post.get("author"), dict)]
    else:
        data = value.get("data")
        posts = data if isinstance(data, list) else [] if data is None else [data]
        near, people = dicts(dig(value, "includes", "tweets")), dicts(dig(value, "includes", "users"))
    users = {string(user.get("id")): string(user.get("username")) for user in people}
    # what is referred to may be a post of the same page
    tweets = {string(post.get("id")): post for post in (*dicts(posts), *near) if "text" in post}
    for post in posts:
        yield post, users, tweets
    yield from _lost(value)


def _full_text(tweet: dict[str, Any]) -> str | None:
    return string(dig(tweet, "note_tweet", "text")) or string(tweet.get("text"))


def _read_v2(item: Any) -> dict[str, Any]:
    tweet, users, tweets = item
    if not isinstance(tweet, dict):
        raise SetAside("not a post of X API v2", tweet)
    near = {string(ref.get("type")): string(ref.get("id")) for ref in dicts(tweet.get("referenced_tweets"))}
    text = _full_text(tweet)
    repeated = near.get("retweeted")
    original = tweets.get(repeated)
    if original is not None and text is not None:
        # X cuts the text of a retweet; the post that it repeats has it whole
        name, begun = users.get(string(original.get("author_id"))), SHORT.match(text)
        name = name or (begun[1] if begun else None)
        text = f"RT @{name}: {_full_text(original)}" if name else text
    answered = users.get(string(tweet.get("in_reply_to_user_id"))) or name_post(PLATFORM, near.get("replied_to"))
    counts = tweet.get("public_metrics")
    return _read(
        tweet,
        identifier=tweet.get("id"),
        account=users.get(string(tweet.get("author_id"))),
        text=text,
        reply_to=answered,
        repost_of=repeated,
        quote_of=near.get("quoted"),
        counts=tuple(dig(counts, key) for key in ("retweet_count", "like_count", "reply_count")),
    )


# ------------------------------------------------------------------------------------------- version 1.1, and archives


def is_v1(value: Any) -> bool:
    """Whether a JSON value is a post of API v1.1, or a notice that stands between them in a stream."""
    if not isinstance(value, dict):
        return False
    notice = isinstance(value.get("delete"), dict) and isinstance(value["delete"].get("status"), dict)
    return notice or (
        "id_str" in value and isinstance(value.get("user"), dict) and bool({"full_text", "text"} & set(value))
    )


def _text_v1(tweet: dict[str, Any]) -> str | None:
    return (
        string(dig(tweet, "extended_tweet", "full_text")) or string(tweet.get("full_text")) or string(tweet.get("text"))
    )


def _unpack_one(value: Any, account: str | None) -> Iterator[Any]:
    yield value, account


def _read_v1(item: Any) -> dict[str, Any]:
    tweet, owner = item
    if isinstance(tweet, dict) and isinstance(tweet.get("delete"), dict):
        raise SetAside("notice that a post was deleted", dig(tweet, "delete", "status", "id_str"))
    if not isinstance(tweet, dict) or "id_str" not in tweet:
        raise SetAside("not a post of X API v1.1", dig(tweet, "id"))
    text, original = _text_v1(tweet), tweet.get("retweeted_status")
    original = original if isinstance(original, dict) else None
    if original is not None and text is not None:
        name, begun = string(dig(original, "user", "screen_name")), SHORT.match(text)
        name = name or (begun[1] if begun else None)
        text = f"RT @{name}: {_text_v1(original)}" if name and _text_v1(original) else text
    return _read(
        tweet,
        identifier=tweet.get("id_str"),
        account=string(dig(tweet, "user", "screen_name")) or owner,
        text=text,
        reply_to=string(tweet.get("in_reply_to_screen_name"))
        or name_post(PLATFORM, tweet.get("in_reply_to_status_id_str")),
        repost_of=None if original is None else original.get("id_str"),
        quote_of=tweet.get("quoted_status_id_str"),
        counts=tuple(tweet.get(key) for key in ("retweet_count", "favorite_count", "reply_count")),
    )


def is_archive(value: Any) -> bool:
    """Whether a JSON value is a post as a person's archive has it: `{"tweet": {…}}`, or bare and without its user."""
    inner = value.get("tweet") if isinstance(value, dict) and isinstance(value.get("tweet"), dict) else value
    return isinstance(inner, dict) and "full_text" in inner and "id_str" in inner and "user" not in inner


def _read_archive(item: Any) -> dict[str, Any]:
    value, owner = item
    tweet = value.get("tweet") if isinstance(value, dict) and isinstance(value.get("tweet"), dict) else value
    row = _read_v1((tweet, owner))
    begun = SHORT.match(row["text"] or "")
    if begun:
        # the archive has no more of what is repeated than this beginning of its text, and the account
        row = {key: field for key, field in row.items() if key not in COUNTED} | {"repost_of": begun[1]}
    return row


def _find_owner(beside: Callable[[str], bytes | None]) -> str | None:
    text = (beside("account.js") or b"").decode("utf-8", "replace")
    try:
        return string(dig(json.loads(text[text.index("[") :]), 0, "account", "username"))
    except (ValueError, RecursionError):
        return None


# -------------------------------------------------------------------------------------------------------- GetOldTweets


def _read_old(fields: dict[str, Any]) -> dict[str, Any]:
    account, identifier = string(fields.get("username")), (string(fields.get("id")) or "").strip('"')
    row = {
        "post_id": name_post(PLATFORM, identifier),
        "account": account,
        "platform": PLATFORM,
        "published": fields.get("date"),
        "text": fields.get("text"),
        "reply_to": string(fields.get("to")),
        "url": string(fields.get("permalink")),
        "reposts": number(fields.get("retweets")),
        "likes": number(fields.get("favorites")),
        "replies": number(fields.get("replies")),
    }
    return row


_COLUMNS = ("post_id", "account", "platform", "published", "language", "text", "reply_to", "url", "reposts", "likes")

FORMATS = (
    Format(
        name="x-api-v2",
        title="X (Twitter) API v2, as twarc2 writes it",
        kind="json",
        columns=(*_COLUMNS, "replies", "repost_of", "quote_of"),
        lacks=f"`account` of a deleted user; {NO_FOLLOWERS}; {NO_COUNTS}",
        how="`twarc2 timeline NAME out.jsonl` or `twarc2 search --archive …`, flattened or not",
        recognise=is_v2,
        unpack=_unpack_v2,
        read=_read_v2,
    ),
    Format(
        name="x-api-v1",
        title="X (Twitter) API v1.1",
        kind="json",
        columns=(*_COLUMNS, "replies", "repost_of", "quote_of"),
        lacks=f"`replies`, which only its paid forms gave; {NO_FOLLOWERS}; {NO_COUNTS}",
        how="`twarc timeline NAME > out.jsonl`, hydrated ids, streams kept before 2023",
        recognise=is_v1,
        unpack=_unpack_one,
        read=_read_v1,
    ),
    Format(
        name="x-archive",
        title="X (Twitter), an account's own archive",
        kind="json",
        columns=(*_COLUMNS, "repost_of"),
        lacks="`account` without `account.js` beside it; `replies`, `followers`, `quote_of`; the end of long posts "
        "and of retweets",
        how="*Settings → Your account → Download an archive of your data*: the .zip, its folder, or `data/tweets.js`",
        recognise=is_archive,
        unpack=_unpack_one,
        read=_read_archive,
        owner=_find_owner,
    ),
    Format(
        name="getoldtweets",
        title="GetOldTweets and GetOldTweets3",
        kind="table",
        columns=(
            "post_id",
            "account",
            "platform",
            "published",
            "text",
            "reply_to",
            "url",
            "reposts",
            "likes",
            "replies",
        ),
        lacks="`language`, `followers`; retweets; the time zone (`--timezone`, else UTC)",
        how="`GetOldTweets3 --username NAME`, kept before September 2020; `;` or `,` between the columns",
        recognise=lambda columns: {"username", "date", "retweets", "favorites", "text", "permalink"} <= columns,
        read=_read_old,
    ),
)
