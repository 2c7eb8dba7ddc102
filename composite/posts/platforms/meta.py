"""Posts of Facebook and Instagram: CrowdTangle, the Meta Content Library, and an Instagram account's own download."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
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
)

# of the zones that CrowdTangle's users could choose, those whose letters mean one offset
ZONES = {
    **dict.fromkeys(("UTC", "GMT", "WET"), "+00:00"),
    **dict.fromkeys(("BST", "WEST", "CET"), "+01:00"),
    **dict.fromkeys(("CEST", "EET", "SAST"), "+02:00"),
    **dict.fromkeys(("EEST", "MSK"), "+03:00"),
    "AST": "-04:00",
    "EDT": "-04:00",
    "EST": "-05:00",
    "CDT": "-05:00",
    "CST": "-06:00",
    "MDT": "-06:00",
    "MST": "-07:00",
    "PDT": "-07:00",
    "PST": "-08:00",
}


def read_zone(date: Any) -> str | None:
    """ISO 8601 of a date whose zone is written in letters.

    >>> read_zone("2020-08-18 14:00:25 EDT")
    '2020-08-18 14:00:25-04:00'
    """
    text = string(date)
    found = re.fullmatch(r"(.*\d) ([A-Z]{2,5})", text or "")
    if text is None or found is None:
        return text
    if found[2] not in ZONES:
        raise SetAside(f"time zone {found[2]} of the date means several or is not known", text)
    return found[1] + ZONES[found[2]]


# --------------------------------------------------------------------------------------------------------- CrowdTangle


def _read_tangle(fields: dict[str, Any], platform: str, text: str) -> dict[str, Any]:
    return {
        "account": string(fields.get("User Name")) or string(fields.get("Facebook Id")),
        "platform": platform,
        "published": read_zone(fields.get("Post Created")),
        "text": fields.get(text),
        "url": string(fields.get("URL")),
        "likes": number(fields.get("Likes")),
        "replies": number(fields.get("Comments")),
        "followers": number(fields.get("Followers at Posting")),
    }


def _read_facebook(fields: dict[str, Any]) -> dict[str, Any]:
    row = _read_tangle(fields, "facebook", "Message")
    # the number in the address is the post's own; the page's stands before it or in a column
    found = re.search(
        r"/(?:posts|videos|photos/[^/]+|permalink)/(\d+)|[?&](?:story_fbid|v|fbid)=(\d+)", row["url"] or ""
    )
    page = string(fields.get("Facebook Id"))
    own = found and (found[1] or found[2])
    row["post_id"] = name_post("facebook", f"{page}_{own}" if own and page else own or row["url"])
    row["reposts"] = number(fields.get("Shares"))
    return row


def _read_instagram(fields: dict[str, Any]) -> dict[str, Any]:
    row = _read_tangle(fields, "instagram", "Description")
    found = re.search(r"/(?:p|reel|tv)/([\w-]+)", row["url"] or "")
    row["post_id"] = name_post("instagram", found[1] if found else row["url"])
    return row


# ------------------------------------------------------------------------------------------------ Meta Content Library


def _read_library(fields: dict[str, Any]) -> dict[str, Any]:
    # only Facebook has surfaces (pages, groups, events), shares and links
    facebook = any(name.startswith(("surface.", "link_attachment.", "statistics.share_count")) for name in fields)
    platform = "facebook" if facebook else "instagram"
    identifier = string(fields.get("id"))
    return {
        # a number of the Library's own, which is none of the platform's
        "post_id": identifier and f"{platform}:mcl-{identifier}",
        "account": string(fields.get("post_owner.username")) or string(fields.get("post_owner.id")),
        "platform": platform,
        "published": fields.get("creation_time"),
        "language": language(fields.get("lang")),
        "text": fields.get("text"),
        "url": string(fields.get("mcl_url")),
        "reposts": number(fields.get("statistics.share_count")),
        "likes": number(fields.get("statistics.like_count")),
        "replies": number(fields.get("statistics.comment_count")),
    }


# ------------------------------------------------------------------------------------- an Instagram account's download


def mend(text: Any) -> str:
    """A text whose UTF-8 was taken for Latin-1, as Meta's downloads have it, made right; any other as it is.

    >>> mend("Pr\u00c3\u00a1vo \u00f0\u009f\u0091\u00ae"), mend("Právo")
    ('Právo 👮', 'Právo')
    """
    said = text if isinstance(text, str) else ""
    try:
        return said.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return said


def is_download(value: Any) -> bool:
    """Whether a JSON value is a post, or a list of reels or stories, of an Instagram account's download."""
    if not isinstance(value, dict):
        return False
    inner = _listed(value)
    media = dicts(inner[0].get("media", [inner[0]])) if inner else dicts(value.get("media"))
    return bool(media) and "uri" in media[0] and "creation_timestamp" in media[0]


def _listed(value: dict[str, Any]) -> list[dict[str, Any]]:
    key = next((key for key in value if key.startswith("ig_") and isinstance(value[key], list)), None)
    return dicts(value[key]) if key else []


def _unpack_download(value: Any, account: str | None) -> Iterator[Any]:
    if not is_download(value):
        raise SetAside("not a post of an Instagram download", dig(value, "title"))
    for post in _listed(value) or [value]:
        yield post, account


def _read_download(item: Any) -> dict[str, Any]:
    post, owner = item
    media = dicts(post.get("media")) or [post]
    # one picture has the text itself; of several, the post has it
    text = string(post.get("title")) or join_texts(*dict.fromkeys(string(each.get("title")) for each in media))
    when = post.get("creation_timestamp") or media[0].get("creation_timestamp")
    return {"account": owner, "platform": "instagram", "published": from_unix(when), "text": mend(text)}


def _find_owner(beside: Callable[[str], bytes | None]) -> str | None:
    try:
        person = json.loads(beside("personal_information.json") or b"")
    except (ValueError, RecursionError):
        return None
    return string(dig(person, "profile_user", 0, "string_map_data", "Username", "value"))


_COLUMNS = ("post_id", "account", "platform", "published", "text", "url", "likes", "replies")
_HOW = "*Saved Searches → Historical data → CSV*, kept before August 2024"

FORMATS = (
    Format(
        name="crowdtangle-facebook",
        title="Facebook, CrowdTangle CSV",
        kind="table",
        columns=(*_COLUMNS, "reposts", "followers"),
        lacks="`language`; `likes` are the thumbs alone, not hearts and faces; a post without a message is set "
        "aside, whatever its link or picture says",
        how=_HOW,
        recognise=lambda columns: {"Facebook Id", "Post Created", "Message", "URL"} <= columns,
        read=_read_facebook,
    ),
    Format(
        name="crowdtangle-instagram",
        title="Instagram, CrowdTangle CSV",
        kind="table",
        columns=(*_COLUMNS, "followers"),
        lacks="`language`, `reposts`, `reply_to`",
        how=_HOW,
        recognise=lambda columns: (
            {"Account", "User Name", "Post Created", "Description", "URL"} <= columns and "Facebook Id" not in columns
        ),
        read=_read_instagram,
    ),
    Format(
        name="meta-content-library",
        title="Facebook and Instagram, Meta Content Library CSV",
        kind="table",
        columns=(*_COLUMNS, "language", "reposts"),
        lacks="`followers`; `post_id` and `url` are the Library's own; `reposts` of Instagram",
        how="*Content Library → Search → Download CSV*, for researchers whom ICPSR or CASD has approved",
        recognise=lambda columns: (
            {"id", "text", "creation_time"} <= columns and any(c.startswith("post_owner.") for c in columns)
        ),
        read=_read_library,
    ),
    Format(
        name="instagram-download",
        title="Instagram, an account's own download",
        kind="json",
        columns=("account", "platform", "published", "text"),
        lacks="`post_id` (made from the rest), `url`, `language`, all counts; `account` without "
        "`personal_information.json`",
        how="*Accounts Center → Download your information → JSON*: the .zip, its folder, or `posts_1.json`",
        recognise=is_download,
        unpack=_unpack_download,
        read=_read_download,
        owner=_find_owner,
    ),
)
