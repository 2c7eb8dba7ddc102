"""Text → tokens → hashed n-grams, in code that Python runs as it stands and numba compiles for large batches.

**Tokens.** Words are runs of letters, digits and `_`; an emoji, `#` and `@` stand alone; other signs are tokens in
runs (`:-)`, `!!!`), of which more than three of a kind count as three. Every choice below drops what differs between
two ways to write the same and tells no theme:

- Letters are in lower case and without accents, and accents of their own (NFD) are passed over: posts are typed with
  and without them (Czech, Romanian), and NFC and NFD come out alike. Joiners, variation selectors and skin tones go.
- `#` is a token, so that the word of a hashtag is the same word, and the pair of both is the hashtag.
- A @handle is one token whatever its name, and so is a link: names and addresses tell the agency, not the theme.
- Numbers of up to three digits stay (101, 112, 999 are numbers to call); of all others only the shape does (`0000`).
- An apostrophe or hyphen within a word splits it and is no token. Control characters and halves of an emoji are
  spaces.

**Features of a token.** Itself; its pairs (and so on, up to `words`) with the tokens before it, the first with the
start of the post; and, for words, all character n-grams from 2 to `characters` of the word with its two ends marked.
Each is hashed to one of 2**bits buckets. Words longer than 40 characters count as their first 40.

**Values** are whole numbers, so that sums do not depend on their order: `UNIT` for the token and for each of its pairs,
and UNIT / √m, rounded, for each of the word's m character n-grams: long words do not outvote short ones. They add up
over the tokens of a post. What rare n-grams weigh more, and the length that a post's vector is divided by, are in
`composite.themes.features`.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import Any, NamedTuple

import numpy as np

UNIT = 256  # the value of a token, in whole numbers
LONGEST = 40  # characters of a word that count
# numbers that are summed at a time: 13 themes and the mass; with a key of two numbers, a row has the 64 bytes of a line
# of the processor's cache
LANES = 14
MASS = LANES - 1
RUN = 8  # signs of a run that count
TABLE = 0x20000  # code points whose class and folded form are looked up

# classes of characters: letters and digits, and then what may stand among them unseen, come first
_LETTER, _DIGIT, _SKIP, _SPACE, _SIGN, _SINGLE = 0, 1, 2, 3, 4, 5
_CLASS = 24  # an entry of the table is class << 24 | folded code point
_POINT = (1 << _CLASS) - 1
NOTHING, WORD, SIGN = 0, 1, 2  # kinds of tokens

# 32-bit multiplicative hashes in 63-bit arithmetic: the same in Python's integers and in the machine's
_MASK = 0xFFFFFFFF
_P1, _P2, _P3, _P4 = 0x01000193, 0x45D9F3B5, 0x2C1B3C6D, 0x297A2D39
_SEED, _SEED_2, _SEED_CHARACTERS, _START = 0x811C9DC5, 0x3C6EF372, 0x1F83D9AB, 0x5BE0CD19

# letters that Unicode does not take apart
_BASE = dict(zip("ßæøđłıœħŧðþəȷ", "saodliohtdpej", strict=True))


@cache
def make_table() -> np.ndarray:
    """Class and folded form of the first 2**17 code points, an array of int64."""
    table = np.arange(TABLE, dtype=np.int64) | _LETTER << _CLASS
    table[0xD800:0xF900] = _SPACE << _CLASS  # halves of an emoji, private use
    table[0x1F000:] |= _SINGLE << _CLASS
    table[0x1F3FB:0x1F400] = _SKIP << _CLASS
    # outside these ranges are scripts of which all characters are letters
    for low, high in ((0, 0x3100), (0xF900, 0x10000), (0x1D400, 0x1D800)):
        for point in range(low, high):
            table[point] = _classify(chr(point))
    table.flags.writeable = False
    return table


@cache
def list_table() -> list[int]:
    """The same as a list, which Python reads faster."""
    return make_table().tolist()


def _classify(character: str) -> int:
    category = unicodedata.category(character)
    if category in ("Mn", "Me", "Cf"):
        return _SKIP << _CLASS
    if category[0] in "ZC" or character == "\ufffd":
        return _SPACE << _CLASS
    if category == "Nd":
        return _DIGIT << _CLASS | ord("0") + unicodedata.digit(character)
    if category[0] in "LNM" or character == "_":
        plain = [c for c in unicodedata.normalize("NFKD", character) if not unicodedata.combining(c)]
        lowered = (plain[0] if plain else character).lower()[0]
        if lowered.isdigit():  # ²
            return _DIGIT << _CLASS | ord(lowered)
        return _LETTER << _CLASS | ord(_BASE.get(lowered, lowered))
    alone = character in "#@" or (category[0] == "S" and ord(character) > 0x2100)
    folded = "'" if character in "’ʼ‘" else "-" if character in "‐‑" else character
    return (_SINGLE if alone else _SIGN) << _CLASS | ord(folded)


def decode(buffer: Any, i: int) -> tuple[int, int]:
    """The code point at byte `i` of UTF-8 text, and how many bytes it takes."""
    first = buffer[i] + 0  # numba: a signed 64-bit number, as all others here
    if first < 0x80:
        return first, 1
    if first < 0xE0:
        return (first & 0x1F) << 6 | (buffer[i + 1] & 0x3F), 2
    if first < 0xF0:
        return (first & 0x0F) << 12 | (buffer[i + 1] & 0x3F) << 6 | (buffer[i + 2] & 0x3F), 3
    return (
        (first & 0x07) << 18 | (buffer[i + 1] & 0x3F) << 12 | (buffer[i + 2] & 0x3F) << 6 | (buffer[i + 3] & 0x3F),
        4,
    )


def look_up(table: Any, point: int) -> int:
    """Class and folded form of a code point."""
    if point < TABLE:
        return table[point] + 0
    # beyond the table are rare Chinese letters, and from 0xE0000 marks that are not seen
    return _SKIP << _CLASS if point >= 0xE0000 else _LETTER << _CLASS | point


def is_word(buffer: Any, i: int, end: int, table: Any) -> bool:
    """Whether a letter or digit stands at byte `i`."""
    if i >= end:
        return False
    kind = look_up(table, decode(buffer, i)[0]) >> _CLASS
    return kind <= _DIGIT


def read_token(buffer: Any, i: int, end: int, table: Any, token: Any, last: int) -> tuple[int, int, int, int]:
    """Start, end, length and kind of the next token from byte `i`; its characters, folded, are in `token`.

    `last` is where the last word ended. The kind is NOTHING where there is no more token.
    """
    entry, width = 0, 1
    while i < end:
        point, width = decode(buffer, i)
        entry = look_up(table, point)
        kind = entry >> _CLASS
        if kind == _SIGN and i == last and is_word(buffer, i + width, end, table):
            folded = entry & _POINT
            if folded != 39 and folded != 45:  # ' and -
                break
        elif kind == _SKIP:
            if i == last:
                last += width
        elif kind != _SPACE:
            break
        i += width
    if i >= end:
        return end, end, 0, NOTHING
    start, kind, size = i, entry >> _CLASS, 0
    if kind <= _DIGIT:
        digits = 0
        while kind <= _SKIP:
            if kind != _SKIP and size < LONGEST:
                token[size] = entry & _POINT
                size += 1
                digits += kind
            i += width
            if i >= end:
                break
            point, width = decode(buffer, i)
            entry = look_up(table, point)
            kind = entry >> _CLASS
        if digits and (digits < size or size > 3):
            for j in range(size):
                if 48 <= token[j] <= 57:
                    token[j] = 48
        if is_link(buffer, i, end, token, size):
            while i < end and buffer[i] > 32:
                i += 1
            token[0], token[1] = 58, 47
            return start, i, 2, SIGN
        return start, i, size, WORD
    if kind == _SINGLE:
        token[0] = entry & _POINT
        i += width
        if token[0] == 64 and start != last and is_word(buffer, i, end, table):  # @handle
            i = skip_handle(buffer, i, end, table)
            token[1] = 64
            return start, i, 2, SIGN
        return start, i, 1, SIGN
    same = 0
    while kind in (_SIGN, _SKIP):
        if kind == _SIGN:
            folded = entry & _POINT
            same = same + 1 if size and token[size - 1] == folded else 1
            if same <= 3 and size < RUN:
                token[size] = folded
                size += 1
        i += width
        if i >= end:
            break
        point, width = decode(buffer, i)
        entry = look_up(table, point)
        kind = entry >> _CLASS
    return start, i, size, SIGN


def is_link(buffer: Any, i: int, end: int, token: Any, size: int) -> bool:
    """Whether the word in `token`, which ends before byte `i`, begins a link."""
    if size == 3:  # www.
        return token[0] == 119 and token[1] == 119 and token[2] == 119 and i < end and buffer[i] == 46
    if size != 4 and size != 5:  # http://, https://
        return False
    if token[0] != 104 or token[1] != 116 or token[2] != 116 or token[3] != 112 or (size == 5 and token[4] != 115):
        return False
    return i + 2 < end and buffer[i] == 58 and buffer[i + 1] == 47 and buffer[i + 2] == 47


def skip_handle(buffer: Any, i: int, end: int, table: Any) -> int:
    """Where the name of a handle ends that begins at byte `i`; dots and hyphens may stand within it."""
    while i < end:
        point, width = decode(buffer, i)
        kind = look_up(table, point) >> _CLASS
        if kind > _SKIP and not (point in (45, 46) and is_word(buffer, i + width, end, table)):
            break
        i += width
    return i


def find_bucket(key: int, bits: int) -> int:
    """The bucket of a 32-bit key: its bits well mixed, the highest of them taken."""
    key = (key ^ key >> 15) * _P3 & _MASK
    key = (key ^ key >> 12) * _P4 & _MASK
    return (key ^ key >> 15) >> (32 - bits)


def hash_token(token: Any, size: int, kind: int) -> int:
    """A 32-bit key of a token."""
    key = _SEED + kind
    for j in range(size):
        key = (key ^ token[j]) * _P1 & _MASK
    return key


def join_keys(before: int, key: int) -> int:
    """A 32-bit key of a token and of what stands before it."""
    return ((before * _P2 & _MASK) ^ (key >> 3)) * _P1 + key & _MASK


def count_grams(size: int, characters: int) -> int:
    """How many n-grams from 2 to `characters` a word of `size` characters has with its two ends."""
    number = 0
    for length in range(2, characters + 1):
        number += max(0, size + 3 - length)
    return number


def hash_grams(token: Any, size: int, characters: int, bits: int, buckets: Any) -> int:
    """How many character n-grams a word has; their buckets are in `buckets`."""
    number, shift = 0, 32 - bits
    points = token[:size]
    for start in range(size + 1):
        key = _SEED_CHARACTERS if start else (_SEED_CHARACTERS ^ 1) * _P1 & _MASK
        first = start - 1 if start else 0
        for place in range(first, min(start + characters - 1, size + 1)):
            key = (key ^ (points[place] if place < size else 2)) * _P1 & _MASK
            if place >= start:
                # find_bucket, written out: in Python, calls take longer than what they do
                mixed = (key ^ key >> 15) * _P3 & _MASK
                mixed = (mixed ^ mixed >> 12) * _P4 & _MASK
                buckets[number] = (mixed ^ mixed >> 15) >> shift
                number += 1
    return number


def list_features(
    buffer: Any,
    table: Any,
    starts: Any,
    ends: Any,
    factors: Any,
    bits: int,
    words: int,
    characters: int,
    token: Any,
    grams: Any,
    keys: Any,
    buckets: Any,
    values: Any,
    offsets: Any,
) -> int:
    """How many features there are: the buckets and values of each post, between its `offsets`."""
    number = 0
    for post in range(len(starts)):
        i, last, tokens = starts[post] + 0, -1, 0
        keys[1] = _START
        while True:
            _, i, size, kind = read_token(buffer, i, ends[post] + 0, table, token, last)
            if kind == NOTHING:
                break
            last = i if kind == WORD else -1
            key = hash_token(token, size, kind)
            buckets[number], values[number] = find_bucket(key, bits), UNIT
            number += 1
            for length in range(min(words, tokens + 2), 1, -1):
                keys[length] = join_keys(keys[length - 1] + 0, key)
                buckets[number], values[number] = find_bucket(keys[length] + 0, bits), UNIT
                number += 1
            keys[1] = key
            if kind == WORD:
                found = hash_grams(token, size, characters, bits, grams)
                for j in range(found):
                    buckets[number], values[number] = grams[j], factors[found]
                    number += 1
            tokens += 1
        offsets[post + 1] = number
    return number


def score_posts(
    buffer: Any,
    table: Any,
    starts: Any,
    ends: Any,
    factors: Any,
    bits: int,
    words: int,
    characters: int,
    places: Any,
    weights: Any,
    memory: Any,
    sums: Any,
) -> None:
    """The sums of value × weight of each post, in `sums`, and the sum of value² × mass, in the last of them.

    `places` has, of every 64 buckets, which have weights (a bit each) and the row of the first. `memory` keeps the sums
    of tokens seen before (the token with its character n-grams), one to a slot, with the two keys of the token in its
    last two columns: a word that comes again costs one look-up, of one line of the processor's cache.

    Each post is first read and then summed, so that the processor can fetch many rows at a time.
    """
    longest = 1
    for post in range(len(starts)):
        longest = max(longest, ends[post] - starts[post])
    letters = np.empty(longest + LONGEST, dtype=np.int64)
    begins = np.empty(longest + 1, dtype=np.int64)
    kinds = np.empty(longest, dtype=np.int64)
    first = np.empty(longest, dtype=np.int64)
    second = np.empty(longest, dtype=np.int64)
    pairs = np.empty(longest * max(1, words - 1), dtype=np.int64)
    grams = np.empty(max(1, len(factors)), dtype=np.int64)
    keys = np.empty(words + 1, dtype=np.int64)
    total = np.empty(LANES, dtype=np.int64)
    slots = len(memory) - 1
    for post in range(len(starts)):
        i, end, last, tokens, number, free = starts[post] + 0, ends[post] + 0, -1, 0, 0, 0
        keys[1] = _START
        while True:
            token = letters[free:]
            _, i, size, kind = read_token(buffer, i, end, table, token, last)
            if kind == NOTHING:
                break
            last = i if kind == WORD else -1
            key, other = _SEED + kind, _SEED_2
            for j in range(size):
                key = (key ^ token[j]) * _P1 & _MASK
                other = (other ^ token[j]) * _P4 & _MASK
            first[tokens], second[tokens], kinds[tokens], begins[tokens] = key, other, kind, free
            free += size
            for length in range(min(words, tokens + 2), 1, -1):
                keys[length] = join_keys(keys[length - 1], key)
                pairs[number] = find_bucket(keys[length], bits)
                number += 1
            keys[1] = key
            tokens += 1
        begins[tokens] = free
        for t in range(tokens):
            key, other = first[t], second[t]
            slot = (key ^ key >> 15 ^ other >> 9) & slots
            if memory[slot, LANES] != key >> 1 or memory[slot, LANES + 1] != other >> 1:
                for lane in range(LANES):
                    memory[slot, lane] = 0
                memory[slot, LANES], memory[slot, LANES + 1] = key >> 1, other >> 1
                row = find_row(places, find_bucket(key, bits))
                if kinds[t] == WORD:
                    found = hash_grams(letters[begins[t] :], begins[t + 1] - begins[t], characters, bits, grams)
                    for j in range(found):
                        above = find_row(places, grams[j])
                        if above >= 0:
                            for lane in range(LANES):
                                memory[slot, lane] += weights[above, lane]
                    for lane in range(LANES):
                        memory[slot, lane] *= factors[found]
                    memory[slot, MASS] *= factors[found]
                if row >= 0:
                    for lane in range(MASS):
                        memory[slot, lane] += weights[row, lane] * UNIT
                    memory[slot, MASS] += weights[row, MASS] * UNIT * UNIT
            for lane in range(LANES):
                sums[post, lane] += memory[slot, lane]
        for lane in range(LANES):
            total[lane] = 0
        for j in range(number):
            row = find_row(places, pairs[j])
            if row >= 0:
                for lane in range(LANES):
                    total[lane] += weights[row, lane]
        for lane in range(MASS):
            sums[post, lane] += total[lane] * UNIT
        sums[post, MASS] += total[MASS] * UNIT * UNIT


def find_row(places: Any, bucket: int) -> int:
    """The row of a bucket's weights, -1 where it has none."""
    bit = bucket & 63
    below = places[bucket >> 6, 0] >> bit
    if not below & 1:
        return -1
    # the number of bits before it, a pair, four and eight at a time
    before = places[bucket >> 6, 0] & ((1 << bit) - 1)
    before -= before >> 1 & 0x5555555555555555
    before = (before & 0x3333333333333333) + (before >> 2 & 0x3333333333333333)
    before = before + (before >> 4) & 0x0F0F0F0F0F0F0F0F
    return places[bucket >> 6, 1] + ((before * 0x0101010101010101) >> 56 & 0xFF)


class Kernels(NamedTuple):
    """The two loops over posts, compiled."""

    list_features: Any
    score_posts: Any


@cache
def compile_kernels() -> Kernels:
    """The loops, compiled by numba on first use and kept in its cache beside this file (or in the user's own).

    All that is compiled is in this file, since the cache notices changes of this file alone.
    """
    import numba
    from numba.extending import register_jitable

    for function in (
        decode,
        look_up,
        is_word,
        read_token,
        is_link,
        skip_handle,
        find_bucket,
        hash_token,
        join_keys,
        hash_grams,
        find_row,
    ):
        register_jitable(function)
    try:
        compiled = [numba.njit(function, nogil=True, cache=True) for function in (list_features, score_posts)]
    except RuntimeError:  # there is no folder that can be written to
        compiled = [numba.njit(function, nogil=True) for function in (list_features, score_posts)]
    return Kernels(*compiled)
