"""The words of a post."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import composite.codebook

_WORD = re.compile(r"#?[^\W\d_](?:[\w'-]*\w)")
# l'agent, dell'auto: the article is a word of its own
_ELISION = re.compile(r"(?<!\w)(\w{1,6})'(?=\w)")
_ELIDING = ("fr", "it")


@cache
def read_function_words() -> dict[str, frozenset[str]]:
    """Words that every text has, by language: articles, pronouns, prepositions, conjunctions and auxiliaries."""
    path = Path(composite.codebook.__file__).parent / "function_words.json"
    return {language: frozenset(words.split()) for language, words in json.loads(path.read_text("utf-8")).items()}


@cache
def _make_tokenizer() -> Any:
    from nltk.tokenize import TweetTokenizer

    return TweetTokenizer(preserve_case=False, reduce_len=True, strip_handles=True)


def split_words(text: str, language: str, *, function_words: bool = False) -> list[str]:
    """The words of a post in lower case and in order; hashtags keep their #, handles, links and numbers are left out.

    Parameters
    ----------
    text : str
    language : str
        ISO 639-1.
    function_words : bool
        Whether words such as `the` and `of` stay.

    Examples
    --------
    >>> split_words("@u815 The van on the A38 is stolen!!! Seen it? #Brackwell https://t.example/x", "en")
    ['van', 'a38', 'stolen', 'seen', '#brackwell']
    >>> split_words("L'agent a vu l'auto", "fr")
    ['agent', 'vu', 'auto']
    """
    text = text.replace("’", "'")
    if language in _ELIDING:
        text = _ELISION.sub(r"\1 ", text)
    words = [word for word in _make_tokenizer().tokenize(text) if _WORD.fullmatch(word)]
    if function_words:
        return words
    common = read_function_words().get(language, frozenset())
    return [word for word in words if word not in common]
