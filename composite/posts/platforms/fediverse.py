"""Posts of Mastodon (its API, an account's outbox) and of Bluesky."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from composite.posts.platforms.format import (
    Format,
    SetAside,
    dicts,
    dig,
    join_texts,
    language,
    name_post,
    number,
    string,
    strip_html,
)

PUBLIC = ("https://www.w3.org/ns/activitystreams#Public", "as:Public", "Public")
NOT_PUBLIC = "not public: a direct message, or for followers only"


def find_host(address: Any) -> str | None:
    """The host of an address, in lower case; None, if it is no address."""
    try:
        return urlsplit(string(address) or "").hostname
    except ValueError:
        return None


def name_actor(address: Any) -> str | None:
    """`name@host` of an account's address.

    >>> name_actor("https://social.example/users/brackwell"), name_actor("https://social.example/@brackwell")
    ('brackwell@social.example', 'brackwell@social.example')
    """
    text, host = string(address) or "", find_host(address)
    found = re.search(r"/(?:users/|@|u/|profile/)([^/?#@]+)/?$", text)
    return f"{found[1]}@{host}" if host and found else None


# ------------------------------------------------------------------------------------------------------- Mastodon, API


def is_status(value: Any) -> bool:
    """Whether a JSON value is a status of Mastodon's API."""
    return (
        isinstance(value, dict) and "content" in value and "visibility" in value and bool(dig(value, "account", "acct"))
    )


def _unpack_one(value: Any, account: str | None) -> Iterator[Any]:
    yield value


def _name_account(status: dict[str, Any]) -> str | None:
    acct = string(dig(status, "account", "acct"))
    # an account of the server that was asked has no host in its name
    host = find_host(dig(status, "account", "url")) or find_host(status.get("uri"))
    return acct if not acct or "@" in acct or not host else f"{acct}@{host}"


def _read_status(status: Any) -> dict[str, Any]:
    if not is_status(status):
        raise SetAside("not a status of Mastodon", dig(status, "id"))
    if status["visibility"] not in ("public", "unlisted"):
        raise SetAside(NOT_PUBLIC, status.get("id"))
    boosted = status["reblog"] if isinstance(status.get("reblog"), dict) else None
    said = boosted or status
    people = {string(who.get("id")): string(who.get("acct")) for who in dicts(status.get("mentions"))}
    row = {
        "post_id": name_post("mastodon", status.get("uri") or status.get("id")),
        "account": _name_account(status),
        "platform": "mastodon",
        "published": status.get("created_at"),
        "language": language(said.get("language")),
        "text": join_texts(said.get("spoiler_text"), strip_html(said.get("content"))),
        "reply_to": people.get(string(status.get("in_reply_to_account_id"))) or string(status.get("in_reply_to_id")),
        "url": string(said.get("url")),
        "repost_of": name_post("mastodon", boosted and (boosted.get("uri") or boosted.get("id"))),
        "quote_of": name_post("mastodon", dig(status, "quote", "quoted_status", "uri")),
    }
    if boosted is None:
        keys = ("reblogs_count", "favourites_count", "replies_count")
        row |= dict(zip(("reposts", "likes", "replies"), (number(status.get(key)) for key in keys), strict=True))
    return row


# ---------------------------------------------------------------------------------------------------- Mastodon, outbox


def is_outbox(value: Any) -> bool:
    """Whether a JSON value is an ActivityPub collection of what an account did."""
    return (
        isinstance(value, dict)
        and value.get("type") in ("OrderedCollection", "OrderedCollectionPage")
        and isinstance(value.get("orderedItems"), list)
    )


def _unpack_outbox(value: Any, account: str | None) -> Iterator[Any]:
    if not is_outbox(value):
        raise SetAside("not an outbox", dig(value, "id"))
    yield from value["orderedItems"]


def _read_activity(activity: Any) -> dict[str, Any]:
    kind, note = dig(activity, "type"), dig(activity, "object")
    if kind == "Announce":
        address = note if isinstance(note, str) else dig(note, "id")
        raise SetAside("a boost, of which an outbox has no text", address)
    if kind != "Create" or not isinstance(note, dict):
        raise SetAside(f"{kind if isinstance(kind, str) else 'something'}, not a post", dig(activity, "id"))
    seen = [*_listed(note.get("to")), *_listed(note.get("cc"))]
    if not set(PUBLIC) & set(seen):
        raise SetAside(NOT_PUBLIC, note.get("id"))
    spoken = note["contentMap"] if isinstance(note.get("contentMap"), dict) else {}
    return {
        "post_id": name_post("mastodon", note.get("id")),
        "account": name_actor(note.get("attributedTo") or activity.get("actor")),
        "platform": "mastodon",
        "published": note.get("published") or activity.get("published"),
        "language": language(next(iter(spoken))) if len(spoken) == 1 else None,
        "text": join_texts(note.get("summary"), strip_html(note.get("content") or next(iter(spoken.values()), ""))),
        "reply_to": name_post("mastodon", note.get("inReplyTo")),
        "url": string(note.get("url")),
        "quote_of": name_post("mastodon", note.get("quote") or note.get("quoteUri")),
    }


def _listed(value: Any) -> list[str]:
    return [item for item in (value if isinstance(value, list) else [value]) if isinstance(item, str)]


# ------------------------------------------------------------------------------------------------------------- Bluesky


def is_bluesky(value: Any) -> bool:
    """Whether a JSON value is a page of Bluesky's posts, or one of them."""
    if not isinstance(value, dict):
        return False
    for key in ("feed", "posts"):
        if isinstance(value.get(key), list):
            items = dicts(value[key])
            return ("cursor" in value or bool(items)) and all(is_bluesky(item) for item in items[:5])
    post = value["post"] if isinstance(value.get("post"), dict) else value
    return str(post.get("uri", "")).startswith("at://") and bool({"record", "notFound", "blocked"} & set(post))


def _unpack_bluesky(value: Any, account: str | None) -> Iterator[Any]:
    if not is_bluesky(value):
        raise SetAside("not a post of Bluesky", dig(value, "uri"))
    for key in ("feed", "posts"):
        if isinstance(value.get(key), list):
            yield from value[key]
            return
    yield value


def _name_handle(author: Any) -> str | None:
    handle = string(dig(author, "handle"))
    return string(dig(author, "did")) if handle in (None, "handle.invalid") else handle


def _read_bluesky(item: Any) -> dict[str, Any]:
    post = item["post"] if isinstance(item, dict) and isinstance(item.get("post"), dict) else item
    uri, record = string(dig(post, "uri")), dig(post, "record")
    if uri is None or not isinstance(record, dict):
        gone = dig(post, "notFound") or dig(post, "blocked")
        raise SetAside("not given by Bluesky: deleted or blocked" if gone else "not a post of Bluesky", uri)
    account, reason = _name_handle(dig(post, "author")), dig(item, "reason")
    spoken = record.get("langs")
    answered = dig(item, "reply", "parent", "author")
    row = {
        "post_id": uri,
        "account": account,
        "platform": "bluesky",
        "published": record.get("createdAt"),
        "language": language(spoken[0]) if isinstance(spoken, list) and len(spoken) == 1 else None,
        "text": record.get("text"),
        "reply_to": _name_handle(answered) or string(dig(record, "reply", "parent", "uri")),
        "url": f"https://bsky.app/profile/{account}/post/{uri.rsplit('/', 1)[-1]}" if account else None,
        # a picture beside the quotation puts it one level deeper
        "quote_of": string(dig(record, "embed", "record", "uri") or dig(record, "embed", "record", "record", "uri")),
    }
    if str(dig(reason, "$type") or "").endswith("reasonRepost"):
        who = dig(reason, "by")
        row |= {
            "post_id": string(dig(reason, "uri")) or f"{uri}#reposted-by-{string(dig(who, 'did'))}",
            "account": _name_handle(who),
            "published": dig(reason, "indexedAt"),
            "reply_to": None,
            "repost_of": uri,
        }
    else:
        keys = ("repostCount", "likeCount", "replyCount")
        row |= dict(zip(("reposts", "likes", "replies"), (number(dig(post, key)) for key in keys), strict=True))
    return row


_COLUMNS = ("post_id", "account", "platform", "published", "language", "text", "reply_to", "url")
_COUNTS = ("reposts", "likes", "replies", "repost_of", "quote_of")

FORMATS = (
    Format(
        name="mastodon-api",
        title="Mastodon, statuses of its API",
        kind="json",
        columns=(*_COLUMNS, *_COUNTS),
        lacks="`followers` when it was published; counts of a boost; posts that are not public are set aside",
        how="`curl https://SERVER/api/v1/accounts/ID/statuses > statuses.json`, page by page",
        recognise=is_status,
        unpack=_unpack_one,
        read=_read_status,
    ),
    Format(
        name="mastodon-outbox",
        title="Mastodon, an account's own archive (ActivityPub)",
        kind="json",
        columns=(*_COLUMNS, "quote_of"),
        lacks="all counts; boosts, of which only the address is there, are set aside, and so is what is not public",
        how="*Preferences → Import and export → Request your archive*: the .zip or `outbox.json`",
        recognise=is_outbox,
        unpack=_unpack_outbox,
        read=_read_activity,
    ),
    Format(
        name="bluesky",
        title="Bluesky, author feed",
        kind="json",
        columns=(*_COLUMNS, *_COUNTS),
        lacks="`followers`; `language` of a post in several; counts of a repost",
        how="`curl 'https://public.api.bsky.app/xrpc/app.bsky.feed.getAuthorFeed?actor=HANDLE' > feed.json`, page by "
        "page",
        recognise=is_bluesky,
        unpack=_unpack_bluesky,
        read=_read_bluesky,
    ),
)
