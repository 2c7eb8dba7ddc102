"""How well labels agree with codes, theme by theme."""

from __future__ import annotations

import pandas as pd
from sklearn.metrics import average_precision_score, precision_recall_fscore_support

from composite.codebook.contract import check_table, find_corpus
from composite.codebook.themes import THEME_KEYS
from composite.themes.classifier import THRESHOLD
from composite.themes.coding import choose_coder
from composite.themes.labelling import match_codings


def measure_quality(labels: pd.DataFrame, codings: pd.DataFrame, *, coder: str | None = None) -> pd.DataFrame:
    """The table `quality`: one row a theme, precision, recall, F1 and average precision on the coded posts.

    Labels must come from models that did not see these posts, as those of `label_posts` do. Posts count alike: the
    figures describe the classifier on the posts that were coded, not on all posts.

    Parameters
    ----------
    labels, codings, coder
        As in `estimate_shares`.

    Returns
    -------
    DataFrame
        Table `quality`; a measure without a base is missing.

    Raises
    ------
    CompositeError
        If codings are of posts that are not in `labels`.
    """
    check_table("labels", labels)
    codes = match_codings(labels, choose_coder(codings, coder)).set_index("post_id")[list(THEME_KEYS)]
    chances = labels.set_index("post_id").loc[codes.index, list(THEME_KEYS)]
    precision, recall, f1, _ = precision_recall_fscore_support(
        codes, (chances >= THRESHOLD).astype(int), average=None, zero_division=float("nan")
    )
    positive = codes.sum().to_numpy()
    table = pd.DataFrame(
        {
            "theme": THEME_KEYS,
            "n_coded": len(codes),
            "n_positive": positive,
            "precision": precision,
            "recall": recall,
            "f1": f1,
            "average_precision": [
                average_precision_score(codes[key], chances[key]) if codes[key].any() else float("nan")
                for key in THEME_KEYS
            ],
        }
    )
    table["corpus"] = pd.Series([find_corpus(labels)] * len(table), dtype="str")
    return check_table("quality", table)
