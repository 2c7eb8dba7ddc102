"""Posts of channels: Telegram Desktop's export, and YouTube's videos and comments."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from composite.posts.platforms.format import (
    Format,
    SetAside,
    dicts,
    dig,
    from_unix,
    join_texts,
    language,
    name_post,
    number,
    string,
    strip_html,
)

# ------------------------------------------------------------------------------------------------------------ Telegram


def is_telegram(value: Any) -> bool:
    """Whether a JSON value is an export of a chat, or of all chats of an account."""
    if not isinstance(value, dict):
        return False
    chats = dicts(dig(value, "chats", "list")) or [value]
    return all(isinstance(chat.get("messages"), list) and "type" in chat and "id" in chat for chat in chats)


def _unpack_telegram(value: Any, account: str | None) -> Iterator[Any]:
    if not is_telegram(value):
        raise SetAside("not a chat of Telegram", dig(value, "id"))
    for chat in dicts(dig(value, "chats", "list")) or [value]:
        for message in chat["messages"]:
            yield message, chat


def join_entities(text: Any) -> str:
    """A text of Telegram, which is a string or a list of strings and marked pieces, as one string."""
    if not isinstance(text, list):
        return text if isinstance(text, str) else ""
    return "".join(part if isinstance(part, str) else string_as_is(dig(part, "text")) for part in text)


def string_as_is(value: Any) -> str:
    """A string with its spaces; anything else is empty."""
    return value if isinstance(value, str) else ""


def _read_message(item: Any) -> dict[str, Any]:
    message, chat = item
    if not isinstance(message, dict):
        raise SetAside("not a message of Telegram", message)
    if message.get("type") != "message":
        raise SetAside(f"a {message.get('type')} message, not a post", message.get("action"))
    place, author = string(chat.get("id")), string(message.get("from_id")) or ""
    # in a channel the channel speaks; in a group a person does
    account = string(message.get("from")) if author.startswith("user") else string(chat.get("name"))
    answered = string(message.get("reply_to_message_id"))
    return {
        "post_id": name_post("telegram", f"{place}/{string(message.get('id'))}"),
        "account": account or place,
        "platform": "telegram",
        # the date itself is in the zone of the computer that made the export
        "published": from_unix(message.get("date_unixtime")) or message.get("date"),
        "text": join_entities(message.get("text")) or join_entities(message.get("text_entities")),
        "reply_to": answered and f"telegram:{place}/{answered}",
        "repost_of": string(message.get("forwarded_from")),
    }


# ------------------------------------------------------------------------------------------------------------- YouTube


def is_youtube(value: Any) -> bool:
    """Whether a JSON value is an answer of YouTube's Data API, or an item of one."""
    return isinstance(value, dict) and str(value.get("kind", "")).startswith("youtube#")


def _unpack_youtube(value: Any, account: str | None) -> Iterator[Any]:
    if not is_youtube(value):
        raise SetAside("not an answer of YouTube", dig(value, "id"))
    for item in value["items"] if isinstance(value.get("items"), list) else [value]:
        yield item, None
        if dig(item, "kind") == "youtube#commentThread":
            for reply in dicts(dig(item, "replies", "comments")):
                yield reply, string(dig(item, "snippet", "videoId"))


def _read_youtube(item: Any) -> dict[str, Any]:
    thing, video = item
    kind, snippet = dig(thing, "kind"), dig(thing, "snippet")
    if kind == "youtube#video" and isinstance(snippet, dict):
        return _read_video(thing, snippet)
    if kind == "youtube#commentThread" and isinstance(dig(snippet, "topLevelComment"), dict):
        comment, video = snippet["topLevelComment"], string(snippet.get("videoId"))
        return _read_comment(comment, video) | {"replies": number(snippet.get("totalReplyCount"))}
    if kind == "youtube#comment" and isinstance(snippet, dict):
        return _read_comment(thing, video or string(snippet.get("videoId")))
    raise SetAside(f"{kind if isinstance(kind, str) else 'something'}, not a video or a comment", dig(thing, "id"))


def _read_video(video: dict[str, Any], snippet: dict[str, Any]) -> dict[str, Any]:
    identifier = string(video.get("id"))
    return {
        "post_id": name_post("youtube", identifier),
        "account": string(snippet.get("channelId")),
        "platform": "youtube",
        "published": snippet.get("publishedAt"),
        "language": language(snippet.get("defaultLanguage")),
        "text": join_texts(snippet.get("title"), snippet.get("description")),
        "url": identifier and f"https://www.youtube.com/watch?v={identifier}",
        "likes": number(dig(video, "statistics", "likeCount")),
        "replies": number(dig(video, "statistics", "commentCount")),
    }


def _read_comment(comment: dict[str, Any], video: str | None) -> dict[str, Any]:
    identifier, snippet = string(comment.get("id")), comment.get("snippet")
    return {
        "post_id": name_post("youtube", identifier),
        "account": string(dig(snippet, "authorChannelId", "value")) or string(dig(snippet, "authorDisplayName")),
        "platform": "youtube",
        "published": dig(snippet, "publishedAt"),
        "text": string(dig(snippet, "textOriginal")) or strip_html(dig(snippet, "textDisplay")),
        "reply_to": name_post("youtube", dig(snippet, "parentId") or video),
        "url": f"https://www.youtube.com/watch?v={video}&lc={identifier}" if video and identifier else None,
        "likes": number(dig(snippet, "likeCount")),
    }


FORMATS = (
    Format(
        name="telegram",
        title="Telegram Desktop, export of a channel or of all chats",
        kind="json",
        columns=("post_id", "account", "platform", "published", "text", "reply_to", "repost_of"),
        lacks="`language`, `url` and all counts; `account` is the channel's name, since its @name is not in the export",
        how="*Export chat history → Machine-readable JSON*: `result.json`",
        recognise=is_telegram,
        unpack=_unpack_telegram,
        read=_read_message,
    ),
    Format(
        name="youtube",
        title="YouTube Data API, videos and comments",
        kind="json",
        columns=(
            "post_id",
            "account",
            "platform",
            "published",
            "language",
            "text",
            "reply_to",
            "url",
            "likes",
            "replies",
        ),
        lacks="`reposts`, `followers`; counts that the channel hides; `account` is the channel's id (UC…)",
        how="`curl 'https://www.googleapis.com/youtube/v3/videos?part=snippet,statistics&id=…' > videos.json`, and "
        "`commentThreads` alike",
        recognise=is_youtube,
        unpack=_unpack_youtube,
        read=_read_youtube,
    ),
)
