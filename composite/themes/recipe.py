"""The released classifier as two files: its weights, and what they were made from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd

from composite.codebook.themes import CODEBOOK_VERSION
from composite.files import write_whole
from composite.themes.sentences import require_sentences
from composite.themes.storage import save_model
from composite.themes.train import FOLDS, SETTINGS, Progress, gather_examples, train_classifier
from composite.themes.vectors import Vectors

BITS = 12  # of a weight in the file


def write_released(
    path: Path,
    real: pd.DataFrame | None,
    *,
    features: str = "ngrams",
    store: Path,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """What the classifier learned from; the classifier is written to `path`, and this beside it as JSON.

    Parameters
    ----------
    path : Path
        Ends in `.npz`.
    real : DataFrame or None
        `text` and `language` of real posts.
    features : {"ngrams", "both"}
    store : Path
        Folder of sentence vectors.
    progress : callable, optional
    """
    examples = gather_examples(real)
    vectors = None
    if features != "ngrams":
        require_sentences()
        texts = examples["text"].tolist()
        step = (lambda done: progress("sentence vectors", done, len(texts))) if progress else None
        vectors = Vectors(store).read(texts, step)
    model = train_classifier(examples, vectors=vectors, settings={"features": features}, progress=progress)
    checksum = save_model(model, path, bits=BITS)
    facts = {
        "sha256": checksum,
        "codebook_version": CODEBOOK_VERSION,
        "settings": {"features": features, **SETTINGS},
        "bits": BITS,
        "folds": FOLDS,
        "examples": examples["source"].value_counts().sort_index().to_dict(),
        "languages": examples["language"].value_counts().sort_index().to_dict(),
    }
    write_whole(path.with_suffix(".json"), json.dumps(facts, indent=1) + "\n")
    return facts
