"""Mask people in posts: handles, e-mail addresses, telephone numbers, number plates and links, by a keyed hash."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
import unicodedata
import warnings
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from composite.errors import CompositeError, CompositeWarning, count
from composite.posts.plates import find_plates
from composite.posts.telephones import find_numbers, is_police_line, name_number

HANDLE = re.compile(r"(?<!\w)[@＠](\w+(?:[.-]\w+)*)(?:[@＠][\w-]+(?:\.[\w-]+)+)?")
_AT = r"\s?[\[(](?:at|AT|ät|@)[\])]\s?"
EMAIL = re.compile(rf"(?<![\w+%@＠-])[\w+%-][\w.+%-]*(?:[@＠]|{_AT})(?:[\w-]+\.)+[\w-]{{2,}}")
LINK = re.compile(r"(?:https?://|www\.)[^\s<>\"“”«»]+", re.IGNORECASE)
_ENDINGS = "com|org|net|info|eu|be|cz|fr|de|it|mk|nl|ro|es|uk|me|ly|co|gl|io|tv|cat|brussels|vlaanderen|example"
SITE = re.compile(rf"(?<![\w@＠.-])(?:[a-z0-9-]+\.)+(?:{_ENDINGS})(?:/[^\s<>\"“”«»]*|(?!\.?[\w@＠-]))", re.IGNORECASE)
_TAIL = ".,;:!?)]}'’…"
# a mask is a name, and four digits that only the holder of the key can reckon: nobody's handle passes for a mask
OWN = re.compile(r"(?:@(?P<u>u)|(?P<kind>mail|tel|plate|link))_(?P<name>[0-9a-f]{12})(?P<check>[0-9a-f]{4})")
KEY_BYTES = 32


class _Keep(NamedTuple):
    """What stays readable."""

    accounts: frozenset[str]
    domains: frozenset[str]
    numbers: frozenset[str]


def mask_text(text: str, *, key: bytes, country: str | None = None, keep: Iterable[str] = ()) -> str:
    """`text` with a mask in place of every handle, e-mail address, telephone number, number plate and link.

    Under one key, equal things have equal masks, so that who is spoken to, and how often, can still be studied. Masking
    twice under one key is masking once. Names of people in the text are not found and stay: nothing here makes a text
    anonymous.

    Parameters
    ----------
    text : str
    key : bytes
        32 random bytes, see `read_mask_key`.
    country : str, optional
        Code of the country, whose telephone numbers and number plates are looked for; without it, of all ten.
    keep : iterable of str
        Accounts, domains (of links and e-mail addresses, with all below them) and telephone numbers that stay.
        Emergency numbers and lines of the police always do.

    Returns
    -------
    str
        Masks are `@u_…`, `mail_…`, `tel_…`, `plate_…` and `link_…` with 16 hex digits.

    Raises
    ------
    CompositeError
        If the key is too short.

    Examples
    --------
    >>> masked = mask_text("@jo_b call 101 or 020 7946 0123", key=bytes(32), country="GB")
    >>> [word[:4] for word in masked.split()]
    ['@u_0', 'call', '101', 'or', 'tel_']
    """
    return _mask(text, _check_key(key), country, sort_kept(keep))


def mask_posts(posts: pd.DataFrame, *, key: bytes | None = None, keep: Iterable[str] = ()) -> pd.DataFrame:
    """A copy of `posts` in which people outside the police are masked, in `text` and in `reply_to`.

    Parameters
    ----------
    posts : DataFrame
        Table `posts`; the accounts in it are police accounts and stay.
    key : bytes, optional
        See `mask_text`. By default a random one, which is forgotten: masks of two calls cannot be compared.
    keep : iterable of str
        More accounts, domains and telephone numbers that stay.

    Returns
    -------
    DataFrame
        Table `posts`. Other columns are as they were.

    Raises
    ------
    CompositeError
        If the key is too short.

    References
    ----------
    Krawczyk, H., Bellare, M., & Canetti, R. (1997). HMAC: Keyed-hashing for message authentication. RFC 2104.
    https://doi.org/10.17487/RFC2104
    """
    key = _check_key(secrets.token_bytes(KEY_BYTES) if key is None else key)
    kept = sort_kept(keep)
    kept = kept._replace(accounts=kept.accounts | {_fold(name) for name in posts["account"].dropna().unique()})
    pairs = zip(posts["text"], posts["country"], strict=True)
    masked = posts.assign(
        text=pd.Series([_mask(text, key, country, kept) for text, country in pairs], posts.index, "str")
    )
    if "reply_to" in masked:
        who = {
            name: name if not _is_name(name) or _fold(name) in kept.accounts else _mask_handle(name, key)
            for name in masked["reply_to"].dropna().unique()
        }
        masked["reply_to"] = masked["reply_to"].map(who).astype("str")
    return masked


def read_mask_key(path: str | Path) -> bytes:
    """The key in a file, which is made, with a random key and for its owner's eyes only, if it is not there.

    Whoever has the key can find out which mask is whose: keep it apart from what you share, and destroy it when it is
    no longer needed.

    Raises
    ------
    CompositeError
        If the file cannot be read or made, or holds no key.
    """
    file = Path(path).expanduser()
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        pass
    except OSError as error:
        raise CompositeError(f"the key file {str(path)!r} cannot be made ({error.strerror}): name another") from error
    else:
        key = secrets.token_bytes(KEY_BYTES)
        with os.fdopen(handle, "w", encoding="ascii") as stream:
            stream.write(key.hex() + "\n")
        return key
    try:
        text = file.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise CompositeError(f"the key file {str(path)!r} cannot be read: name another") from error
    if not re.fullmatch(rf"[0-9a-f]{{{2 * KEY_BYTES}}}", text):
        raise CompositeError(
            f"{str(path)!r} holds no key ({2 * KEY_BYTES} hex digits): name a new file, in which one is made"
        )
    if file.stat().st_mode & 0o077 and os.name == "posix":
        warnings.warn(f"others can read the key file {str(path)!r}: chmod 600 {path}", CompositeWarning, stacklevel=2)
    return bytes.fromhex(text)


def hash_name(kind: str, name: str, key: bytes) -> str:
    """16 hex digits for a name of some kind: 12 of HMAC-SHA-256 under the key, and 4 that show that the key made it."""
    first = _digest(f"{kind}:{name}", key)[:12]
    return first + _check_digits(kind, first, key)


def sort_kept(keep: Iterable[str]) -> _Keep:
    """Accounts, domains and telephone numbers among what is to stay readable."""
    accounts, domains, numbers = set(), set(), set()
    for item in keep:
        digits = re.sub(r"\D", "", item)
        if len(digits) >= 3 and not re.search(r"[^\W\d_]", item):
            numbers.add(digits)
        elif re.fullmatch(r"(?:https?://)?[\w-]+(?:\.[\w-]+)+/?", item):
            domains.add(_find_domain(item))
        else:
            accounts.add(_fold(item))
    return _Keep(frozenset(accounts), frozenset(domains), frozenset(numbers))


def _mask(text: str, key: bytes, country: str | None, kept: _Keep) -> str:
    # each thing found becomes one private character, so that what is found next cannot reach into it
    spare: Iterator[str] = (sign for sign in map(chr, range(0xF0000, 0xFFFFE)) if sign not in text)
    found: dict[int, str] = {}

    def put(shown: str) -> str:
        sign = next(spare)
        found[ord(sign)] = shown
        return sign

    def own(match: re.Match[str]) -> str:
        kind = match["u"] or match["kind"]
        right = _check_digits(kind, match["name"], key) == match["check"]
        return put(match[0]) if right else match[0]

    body = OWN.sub(own, text)
    while True:
        before = body
        body = LINK.sub(lambda match: _mask_link(match[0], key, kept, put), body)
        body = EMAIL.sub(lambda match: put(_mask_email(match[0], key, kept)), body)
        body = SITE.sub(lambda match: _mask_link(match[0], key, kept, put), body)
        body = HANDLE.sub(lambda match: put(_mask_mention(match, key, kept)), body)
        body = _replace(body, find_numbers(body, country), lambda part: put(_mask_number(part, key, country, kept)))
        body = _replace(body, find_plates(body, country), lambda part: put(_name("plate", _squeeze(part), key)))
        # masks make gaps, beside which the search for numbers can find more
        if body == before:
            return body.translate(found)


def _replace(text: str, spans: Iterable[tuple[int, int]], show: Callable[[str], str]) -> str:
    parts, end = [], 0
    for start, stop in sorted(spans):
        if start >= end:
            parts += [text[end:start], show(text[start:stop])]
            end = stop
    return "".join([*parts, text[end:]])


def _mask_link(link: str, key: bytes, kept: _Keep, put: Callable[[str], str]) -> str:
    whole = link.rstrip(_TAIL)
    if _is_below(_find_domain(whole), kept.domains):
        return put(whole) + link[len(whole) :]
    return put(_name("link", whole, key)) + link[len(whole) :]


def _mask_email(email: str, key: bytes, kept: _Keep) -> str:
    plain = re.sub(_AT, "@", email).replace("＠", "@")
    domain = plain.rpartition("@")[2].casefold()
    return email if _is_below(domain, kept.domains) else _name("mail", _fold(plain), key)


def _mask_mention(match: re.Match[str], key: bytes, kept: _Keep) -> str:
    name = _fold(match[0])
    stays = {name, _fold(match[1]), re.split("[.-]", _fold(match[1]))[0]} & kept.accounts
    return match[0] if stays else f"@{_name('u', name, key)}"


def _mask_number(number: str, key: bytes, country: str | None, kept: _Keep) -> str:
    if re.sub(r"\D", "", number) in kept.numbers or is_police_line(number, country):
        return number
    return _name("tel", name_number(number, country), key)


def _mask_handle(name: str, key: bytes) -> str:
    match = OWN.fullmatch(name)
    if match and match["u"] and _check_digits("u", match["name"], key) == match["check"]:
        return name
    return f"@{_name('u', _fold(name), key)}"


def _check_digits(kind: str, first: str, key: bytes) -> str:
    """The four digits that show that the key made a mask."""
    return _digest(f"check:{kind}:{first}", key)[:4]


def _name(kind: str, name: str, key: bytes) -> str:
    return f"{kind}_{hash_name(kind, name, key)}"


def _digest(message: str, key: bytes) -> str:
    return hmac.new(key, message.encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def _check_key(key: bytes) -> bytes:
    if len(key) < KEY_BYTES:
        raise CompositeError(
            f"a key of {count(len(key), 'byte')} is too short: take {KEY_BYTES}, as read_mask_key gives them"
        )
    return key


def _fold(name: str) -> str:
    return unicodedata.normalize("NFKC", name).lstrip("@").casefold()


def _is_name(value: str) -> bool:
    """Whether a reply is to an account: to a post, it is a number."""
    return not value.isdigit()


def _squeeze(plate: str) -> str:
    return re.sub(r"[\W_]", "", plate).upper()


def _find_domain(link: str) -> str:
    rest = re.sub(r"^https?://", "", link, flags=re.IGNORECASE)
    host = re.split(r"[/?#\\]", rest, maxsplit=1)[0].rpartition("@")[2].partition(":")[0]
    return host.casefold().removeprefix("www.").rstrip(".")


def _is_below(domain: str, kept: frozenset[str]) -> bool:
    parts = domain.split(".")
    return any(".".join(parts[i:]) in kept for i in range(len(parts)))
