"""What a classifier is given, held to what it can learn from: texts, codes, weights of posts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import issparse
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import assert_all_finite, column_or_1d

from composite.codebook.themes import THEME_KEYS
from composite.errors import CompositeError, count


def check_texts(X: Iterable[str]) -> list[str]:
    """The texts of `X`, a list of n str.

    Raises
    ------
    CompositeError
        If X is no sequence of texts, or one of them is missing.
    """
    if isinstance(X, str):
        raise CompositeError("X is one string: give a list of texts, such as [text]")
    # the items of a DataFrame are the names of its columns, and of a dict its keys; a set has no order
    if isinstance(X, pd.DataFrame | Mapping | Set) or not isinstance(X, Iterable):
        raise CompositeError(f"X is a {type(X).__name__}: give a list or one column of texts, such as posts['text']")
    texts = list(X)
    for row, text in enumerate(texts):
        if not isinstance(text, str):
            missing = pd.api.types.is_scalar(text) and pd.isna(text)
            shown = "missing" if missing else f"of type {type(text).__name__}"
            raise CompositeError(f"text {row} is {shown}: drop it, or write '' for a post without words")
    return texts


def check_codes(y: Any) -> tuple[np.ndarray, Sequence[str], np.ndarray | None]:
    """An (n, k) array of 0 and 1, the names of its columns, and the two classes if y was one column of them.

    Raises
    ------
    CompositeError
        If y is neither a table of 0 and 1 nor a column of two classes.
    """
    if y is None:
        raise CompositeError("ThemeClassifier requires y to be passed, but the target y is None: give the codes")
    if issparse(y):
        raise CompositeError("y is a sparse matrix: give y.toarray()")
    shape = _find_shape(y)
    if len(shape) == 1 or shape[1:] == (1,):
        return _check_classes(y)
    names = [str(name) for name in y.columns] if isinstance(y, pd.DataFrame) else None
    if names and len(set(names)) < len(names):
        raise CompositeError(f"y has two columns named {max(names, key=names.count)!r}: rename one of them")
    try:
        codes = np.asarray(y, dtype=float)
    except (TypeError, ValueError) as error:
        raise CompositeError(f"y is not a table of 0 and 1 ({error}): give an (n, k) array or DataFrame") from None
    if codes.ndim != 2 or not codes.shape[1]:
        raise CompositeError(f"y has the shape {codes.shape}: give an (n, k) table, one column a theme")
    if not np.isin(codes, (0, 1)).all():
        raise CompositeError(f"y holds {codes[~np.isin(codes, (0, 1))][0]:g}: codes are 0 or 1")
    if names is None:
        names = list(THEME_KEYS) if codes.shape[1] == len(THEME_KEYS) else [str(i) for i in range(codes.shape[1])]
    return codes.astype(int), names, None


def _find_shape(y: Any) -> tuple[int, ...]:
    try:
        return tuple(y.shape) if hasattr(y, "shape") else np.asarray(y).shape
    except ValueError as error:
        raise CompositeError(f"y is not a table of 0 and 1 ({error}): give an (n, k) array or DataFrame") from None


def _check_classes(y: Any) -> tuple[np.ndarray, Sequence[str], np.ndarray]:
    # of a list, NumPy would make the class "nan"
    missing = np.flatnonzero(pd.isna(np.asarray(y, dtype=object).ravel()))
    if len(missing):
        raise CompositeError(f"y has no class in row {missing[0]}: drop the posts without one")
    try:
        values = column_or_1d(y, warn=True)
        assert_all_finite(values, input_name="y")
        check_classification_targets(values)
        classes = np.unique(values)
    except (ValueError, TypeError) as error:
        reason = str(error).rstrip(".\n")
        raise CompositeError(
            f"y is no column of classes ({reason}): give two, or an (n, k) table of 0 and 1"
        ) from error
    if len(classes) > 2:
        raise CompositeError(
            f"Only binary classification is supported in one column, and y has {len(classes)} classes: give an (n, k) "
            "table of 0 and 1, such as pd.get_dummies(y)"
        )
    return (values == classes[-1:]).astype(int)[:, None], ["class"], classes


def check_worth(sample_weight: Any, n: int) -> np.ndarray:
    """How many posts each of n posts is worth, an array of n float64; 1 each if `sample_weight` is None.

    Raises
    ------
    CompositeError
        If there is not one finite number from 0 for each post, or all are 0.
    """
    if sample_weight is None:
        return np.ones(n)
    try:
        worth = np.asarray(sample_weight, dtype=float)
    except (TypeError, ValueError) as error:
        raise CompositeError(f"sample_weight is no list of numbers ({error}): give one for each text") from None
    if worth.shape != (n,):
        raise CompositeError(
            f"sample_weight has the shape {worth.shape} and X has {count(n, 'text')}: give one number a text"
        )
    if not (np.isfinite(worth).all() and (worth >= 0).all() and (worth.any() or not n)):
        raise CompositeError("sample_weight holds a number below 0 or none above 0: give how many posts each is worth")
    return worth
