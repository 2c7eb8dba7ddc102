"""Names of platforms and of accounts, whichever way they are written."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

# one platform must not be two because it changed its name, or is called by its address
PLATFORMS = {
    **dict.fromkeys(("twitter", "x", "twitter.com", "x.com", "x (twitter)", "twitter/x"), "twitter"),
    **dict.fromkeys(("facebook", "facebook.com", "fb"), "facebook"),
    **dict.fromkeys(("instagram", "instagram.com", "ig"), "instagram"),
    **dict.fromkeys(("youtube", "youtube.com", "yt"), "youtube"),
    **dict.fromkeys(("telegram", "t.me"), "telegram"),
    **dict.fromkeys(("bluesky", "bsky", "bsky.app"), "bluesky"),
    "mastodon": "mastodon",
    **dict.fromkeys(("rss", "atom", "feed"), "rss"),
}
# hosts on which an account's name is not the first part of the path, and what stands before it
BEFORE = {"bsky.app": ("profile",), "youtube.com": ("channel", "user", "c"), "facebook.com": ("people", "pg", "p")}
ADDRESS = re.compile(r"https?://|www\.", re.I)


def name_platform(text: str) -> str:
    """The one name of a platform that has several; any other name as it is.

    >>> name_platform("X"), name_platform("Facebook"), name_platform("Intranet")
    ('twitter', 'facebook', 'Intranet')
    """
    return PLATFORMS.get(text.strip().casefold(), text)


def name_account(text: str, platform: str | None = None) -> str:
    """The handle of an account that is given by its handle, with or without @, or by the address of its profile.

    >>> name_account("@BrackwellPol"), name_account("https://twitter.com/BrackwellPol?s=20")
    ('BrackwellPol', 'BrackwellPol')
    >>> name_account("https://social.example/@brackwell", "mastodon")
    'brackwell@social.example'
    """
    text = text.strip()
    if not ADDRESS.match(text):
        return text.lstrip("@")
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        host = (parts.hostname or "").removeprefix("www.").removeprefix("m.").removeprefix("mobile.")
    except ValueError:
        return text
    path = [unquote(part) for part in parts.path.split("/") if part]
    if platform == "rss":
        return host
    if platform == "facebook" and (number := re.search(r"(?:^|&)id=(\d+)", parts.query)):
        return number[1]
    if path and path[0] in (*BEFORE.get(host, ()), "users", "s"):
        path = path[1:]
    if not path:
        return host
    # facebook.com/people/Name/1000… is the account 1000…
    name = path[1] if host == "facebook.com" and len(path) > 1 and path[1].isdigit() else path[0]
    name = name.lstrip("@")
    return f"{name}@{host}" if platform == "mastodon" and "@" not in name else name
