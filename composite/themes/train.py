"""The classifier that is ready to use: the recipe, and what it was trained on."""

from __future__ import annotations

from copy import deepcopy
from functools import cache

import pandas as pd

from composite.codebook.themes import THEME_KEYS
from composite.posts.corpus import CORPUS
from composite.posts.read import scan_posts
from composite.posts.text import hash_text
from composite.themes.classifier import ThemeClassifier
from composite.themes.coding import choose_coder, read_codings
from composite.themes.labelling import label_posts


def load_classifier() -> ThemeClassifier:
    """A `ThemeClassifier` for the nine themes, trained on the illustrative corpus that ships, in a few seconds.

    It needs no network and no download. It is a first version that has seen about a hundred invented posts a country:
    good enough to start with, not to publish with. Code a sample of your own posts and pass the codings to
    `label_posts`, which trains and cross-fits on them.

    Returns
    -------
    ThemeClassifier
        Fitted, with `classes_` the nine keys in the order of the codebook; `cross_fitted_` holds the probabilities of
        its own training posts from fits that left their agency out, and `label_posts` uses those for them.

    Examples
    --------
    >>> import composite as cp
    >>> model = cp.load_classifier()
    >>> chances = model.predict_proba(["Witnesses wanted: did you see the crash on Mill Lane? Call 101"])
    >>> print(model.classes_[chances.argmax()])
    wisdom_of_crowd
    """
    return deepcopy(_train())


@cache
def _train() -> ThemeClassifier:
    posts = scan_posts(CORPUS / "posts.csv").posts
    codings = choose_coder(read_codings(CORPUS / "codings_all.csv"))
    labels = label_posts(ThemeClassifier(), posts, codings)
    texts = posts.set_index("post_id").loc[codings["post_id"], "text"]
    model = ThemeClassifier().fit(texts, codings[list(THEME_KEYS)])
    keys = posts["text"].map(hash_text)
    chances: pd.DataFrame = labels.set_index(pd.Index(keys))[list(THEME_KEYS)]
    model.cross_fitted_ = {key: list(row) for key, row in zip(chances.index, chances.to_numpy(), strict=True)}
    return model
