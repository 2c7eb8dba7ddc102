"""Sentence vectors that are kept in a folder."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Self

import numpy as np

from composite.files import write_whole
from composite.posts.text import hash_text
from composite.themes.sentences import LENGTH, embed_texts

BATCH = 512


class Vectors:
    """The sentence vectors of texts, kept in a folder, so that an interrupted training goes on where it stopped.

    Parameters
    ----------
    store : Path
        Folder of the vectors.
    """

    def __init__(self, store: Path) -> None:
        self.store = store
        self._vectors: dict[str, np.ndarray] = {}

    def read(self, texts: list[str], progress: Callable[[int], None] | None = None) -> Self:
        """The same, which now has the vectors of these texts: from the folder, or made and kept there."""
        for file in sorted(self.store.glob("*.npz")) if self.store.is_dir() else []:
            with np.load(file, allow_pickle=False) as kept:
                self._vectors.update(zip(kept["keys"].tolist(), kept["v"], strict=True))
        wanted = {hash_text(text): text for text in texts}
        lacking = sorted(set(wanted) - set(self._vectors))
        for start in range(0, len(lacking), BATCH):
            keys = lacking[start : start + BATCH]
            # of like length, since a batch takes as long as its longest text
            keys = sorted(keys, key=lambda key: len(wanted[key]))
            vectors = embed_texts([wanted[key] for key in keys]).astype(np.float16)
            _write(self.store / f"{keys[0]}-{len(keys)}.npz", keys, vectors)
            self._vectors.update(zip(keys, vectors, strict=True))
            if progress:
                progress(len(texts) - len(lacking) + start + len(keys))
        return self

    def look_up(self, texts: list[str]) -> np.ndarray:
        """The vectors of n texts, an (n, 384) array."""
        return np.array([self._vectors[hash_text(text)] for text in texts], dtype=float).reshape(-1, LENGTH)


def _write(path: Path, keys: list[str], vectors: np.ndarray) -> None:
    stream = io.BytesIO()
    np.savez(stream, allow_pickle=False, keys=np.array(keys), v=vectors)
    write_whole(path, stream.getvalue())
