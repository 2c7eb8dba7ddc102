"""Text of posts: clean it, name it by a key, mask the people in it."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

import pandas as pd

# dots and hyphens stand in handles of Instagram, Bluesky and Mastodon; a letter before @ makes it an e-mail address
HANDLE = re.compile(r"(?<!\w)@(\w+(?:[.-]\w+)*)")
MASK = "@user"
LONGEST_NAME = 100  # characters of what is remembered, so that memory stays small whatever a file holds
_KEY_DROPS = re.compile(r"\W+")
_KEY_DROPS_ASCII = bytes(code for code in range(128) if _KEY_DROPS.match(chr(code)))
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
# a keyboard's accents, a Mac's file system and a PDF write "é" in two ways; models must see one


def clean_text(text: str) -> str:
    """`text` in Unicode NFC without control characters and outer space, its lines ended the Unix way; all else stays.

    A lone surrogate (half an emoji, from a post cut off in the middle) becomes U+FFFD, since no file can hold it.

    >>> clean_text("  Policie C\u030cR \U0001f46e  ")
    'Policie ČR 👮'
    """
    if text.isprintable():  # no control character, line end or surrogate: most values, and many times as fast
        return (text if text.isascii() else unicodedata.normalize("NFC", text)).strip()
    text = _LONE_SURROGATE.sub("\ufffd", text).replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", _CONTROL.sub(" ", text)).strip()


def clean_name(text: str) -> str:
    """What `clean_text` gives, remembered unless it is long: for names, which stand in many posts."""
    return _remember_clean(text) if len(text) <= LONGEST_NAME else clean_text(text)


_remember_clean = lru_cache(maxsize=10_000)(clean_text)


def hash_text(text: str) -> str:
    """The key of a text: the first 12 hex digits of SHA-1 over its letters, digits and `_`, in lower case.

    Two posts that differ only in space, punctuation or case have one key. Codings of posts that may not be
    redistributed are published under it.

    >>> hash_text("Found safe, thank you!") == hash_text("found safe thank you")
    True
    """
    # most of what goes is ASCII, and dropped many times as fast from bytes; half an emoji is no letter, and goes too
    letters = text.lower().encode("utf-8", "ignore").translate(None, _KEY_DROPS_ASCII)
    if not letters.isascii() and not (rest := letters.decode()).isalnum():
        letters = _KEY_DROPS.sub("", rest).encode()
    return hashlib.sha1(letters, usedforsecurity=False).hexdigest()[:12]


def mask_handles(text: str, *, keep: Iterable[str] = ()) -> str:
    """`text` with every @handle replaced by `@user`, but for the accounts in `keep` (in any case, without @).

    >>> mask_handles("@jo_b thanks! see @BrackwellPol", keep=["brackwellpol"])
    '@user thanks! see @BrackwellPol'
    """
    kept = {name.lstrip("@").casefold() for name in keep}

    def mask(match: re.Match[str]) -> str:
        name = match[1].casefold()
        return match[0] if {name, re.split("[.-]", name)[0]} & kept else MASK

    return HANDLE.sub(mask, text)


def mask_posts(posts: pd.DataFrame, *, keep: Iterable[str] = ()) -> pd.DataFrame:
    """A copy of `posts` in which only police accounts' handles are readable: in `text`, and whom it answers or repeats.

    Parameters
    ----------
    posts : DataFrame
        Table `posts`; the accounts in it are police accounts and stay.
    keep : iterable of str
        More accounts that stay.
    """
    known = {name.lstrip("@").casefold() for name in (*posts["account"].dropna().unique(), *keep)}
    masked = posts.assign(text=[mask_handles(text, keep=known) for text in posts["text"]])
    for name in {"reply_to", "repost_of", "quote_of"} & set(masked):
        masked[name] = [who if pd.isna(who) or who.lstrip("@").casefold() in known else MASK for who in masked[name]]
        masked[name] = masked[name].astype("str")
    return masked
