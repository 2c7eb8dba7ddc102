"""Whether posts are in the nine languages that the classifier has learnt."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np

from composite.codebook.countries import COUNTRIES
from composite.errors import agree, count

LEARNT = frozenset(language for country in COUNTRIES for language in country.languages)
SAMPLE = 500  # posts that are looked at, whatever their number: a fraction of a second
LETTERS = 40  # of a post, below which its language is a guess
SHARE = 0.1  # of the sample, above which it is said; of posts in the nine languages, one in a hundred is mistaken


@cache
def _load() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    # with all the languages that it knows: held to the nine, it takes Serbian for Macedonian and Slovak for Czech
    return LanguageIdentifier.from_model_file(MODEL_FILE)


def find_foreign(texts: Sequence[str], *, seed: int = 0) -> str | None:
    """A sentence on the languages of posts that the classifier has not learnt; None if they are few.

    Posts of 40 letters or more are looked at, at most 500 of them, drawn by `seed`: the time does not grow with posts.
    """
    rng = np.random.default_rng(seed)
    long: list[str] = []
    for i in rng.permutation(len(texts)):
        if sum(map(str.isalpha, texts[i])) >= LETTERS:
            long.append(texts[i])
            if len(long) == SAMPLE:
                break
    found = [_load().classify(text)[0] for text in long]
    strange = [language for language in found if language not in LEARNT]
    if len(strange) <= SHARE * len(long):
        return None
    names = sorted(set(strange), key=lambda name: (-strange.count(name), name))[:3]
    return (
        f"{len(strange):,} of {count(len(long), 'post')} looked at {agree(len(strange), 'seems', 'seem')} to be in "
        f"languages that this classifier has not learnt ({', '.join(names)}): what it says of them means little; code "
        "some of them, and train on the codes with codings="
    )
