"""`ThemeClassifier`: text → the probability of each theme, as a scikit-learn estimator."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from numbers import Integral
from typing import Any, Self

import numpy as np
import pandas as pd
from scipy.sparse import issparse
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import assert_all_finite, check_is_fitted, column_or_1d
from threadpoolctl import threadpool_limits

from composite.codebook.themes import THEME_KEYS
from composite.errors import CompositeError
from composite.posts.text import hash_text

WORD = r"[#@]?\w+|[^\w\s]+"  # hashtags, handles, words, and runs of signs: an emoticon is a token
THRESHOLD = 0.5


class ThemeClassifier(ClassifierMixin, BaseEstimator):
    """Word and character TF-IDF with one logistic regression a theme; several themes per post.

    Of scikit-learn's scorers for a table of themes, `f1_macro` and `roc_auc` are right, `average_precision` is from
    k = 3 (with two themes it fails, since they pass for two classes), and `neg_log_loss` never is: it takes a row for
    one distribution.

    Parameters
    ----------
    words : int
        Longest word n-gram.
    characters : int
        Longest character n-gram within words (from 2); what words of kindred languages share.
    min_posts : int
        An n-gram counts if it stands in so many training posts.
    C : float
        Inverse strength of the L2 penalty.
    class_weight : {"balanced", None}
        `balanced` lets posts with a theme and posts without weigh alike. With few codes the penalty otherwise keeps
        rare themes from being predicted at all; in cross-validation F1 and the Brier score are better with it.

    Attributes
    ----------
    classes_ : ndarray of k str
        The themes, in the order of the columns of `y`; the two classes, if `y` is one column.
    multilabel_ : bool
        Whether `y` was a table of themes and not one column of two classes.
    training_keys_ : frozenset of str
        `composite.posts.text.hash_text` of the training posts: `label_posts` never labels these with this fit.

    Examples
    --------
    >>> from composite import ThemeClassifier
    >>> X = ["Witnesses please call 101", "Road closed, avoid", "Seen this man? Call us", "Ice on the A1"] * 5
    >>> y = [[1, 0], [0, 1], [1, 0], [0, 1]] * 5
    >>> model = ThemeClassifier().fit(X, y)
    >>> model.predict(["Have you seen this woman? Please call"]).tolist()
    [[1, 0]]

    References
    ----------
    Fan, R.-E. et al. (2008). LIBLINEAR: a library for large linear classification. *JMLR*, 9, 1871–1874.
    """

    def __init__(
        self,
        *,
        words: int = 2,
        characters: int = 4,
        min_posts: int = 2,
        C: float = 10.0,
        class_weight: str | None = "balanced",
    ) -> None:
        self.words = words
        self.characters = characters
        self.min_posts = min_posts
        self.C = C
        self.class_weight = class_weight

    def fit(self, X: Iterable[str], y: Any) -> Self:
        """The classifier itself, trained.

        Parameters
        ----------
        X : iterable of n str
        y : (n, k) array of 0 and 1, or DataFrame whose columns name the k ≥ 2 themes; or n values of two classes
            With nine columns and no names, they are the nine themes in the order of the codebook. With one column it is
            a binary classifier like scikit-learn's own: `classes_` are the two classes, `predict` gives (n,) of them
            and `predict_proba` (n, 2).

        Raises
        ------
        CompositeError
            If a text is missing, X and y differ in length, or y is neither of the two.
        """
        texts = _check_texts(X)
        codes, names, classes = _check_codes(y)
        for option, least in (("words", 1), ("characters", 2), ("min_posts", 1)):
            value = getattr(self, option)
            if not isinstance(value, Integral) or value < least:
                raise CompositeError(f"{option}={value!r}: give a whole number from {least}")
        if len(texts) != len(codes):
            raise CompositeError(f"X has {len(texts):,} texts and y has {len(codes):,} rows: give one row a text")
        if not texts:
            raise CompositeError("there are no texts to train on: give at least one of every theme")
        self.classes_ = np.array(names, dtype=str) if classes is None else classes
        self.multilabel_ = classes is None
        # an n-gram rule that leaves nothing of a tiny training set would be an error of scikit-learn's
        few = min(self.min_posts, max(1, len(texts) // 2))
        self.features_ = FeatureUnion(
            [
                ("words", _tfidf(analyzer="word", token_pattern=WORD, ngram_range=(1, self.words), min_df=few)),
                ("characters", _tfidf(analyzer="char_wb", ngram_range=(2, self.characters), min_df=few)),
            ]
        )
        try:
            features = self.features_.fit_transform(texts)
        except ValueError as error:
            raise CompositeError(f"the {len(texts):,} texts have no words to learn from ({error})") from error
        weights = np.zeros((features.shape[1], len(names)))
        intercepts = np.zeros(len(names))
        for column in range(len(names)):
            theme = codes[:, column]
            if theme.min() == theme.max():
                # only one class was seen: the rule of succession keeps the probability off 0 and 1
                share = (theme.sum() + 0.5) / (len(theme) + 1)
                intercepts[column] = np.log(share / (1 - share))
                continue
            # the penalty spares the intercept (lbfgs), so rare themes keep their base rate; a seed is not needed
            # and one thread: more make the short sums of lbfgs slower, and their last digits depend on the machine
            with threadpool_limits(1):
                fit = LogisticRegression(C=self.C, class_weight=self.class_weight, max_iter=500, tol=1e-4).fit(
                    features, theme
                )
            weights[:, column], intercepts[column] = fit.coef_[0], fit.intercept_[0]
        self.coef_, self.intercept_ = weights, intercepts
        self.training_keys_ = frozenset(hash_text(text) for text in texts)
        self.__dict__.pop("cross_fitted_", None)  # those of load_classifier are of its own training posts
        return self

    def decision_function(self, X: Iterable[str]) -> np.ndarray:
        """Log-odds of every theme, an (n, k) array in the order of `classes_`; (n,) of the second of two classes."""
        check_is_fitted(self)
        texts = _check_texts(X)
        scores = np.zeros((0, len(self.intercept_)))
        if texts:
            scores = np.asarray(self.features_.transform(texts) @ self.coef_ + self.intercept_)
        return scores if self.multilabel_ else scores[:, 0]

    def predict_proba(self, X: Iterable[str]) -> np.ndarray:
        """Probability of every theme, an (n, k) array in the order of `classes_`; rows need not sum to 1.

        With two classes, (n, 2) in the order of `classes_`, rows sum to 1; with one class only, (n, 1).

        Parameters
        ----------
        X : iterable of n str

        Raises
        ------
        CompositeError
            If a text is missing or is not a string.
        sklearn.exceptions.NotFittedError
            Before `fit`.
        """
        chances = 1 / (1 + np.exp(-np.clip(self.decision_function(X), -500, 500)))
        if self.multilabel_:
            return chances
        return np.column_stack([1 - chances, chances])[:, -len(self.classes_) :]

    def predict(self, X: Iterable[str]) -> np.ndarray:
        """Themes of every post, an (n, k) array of 0 and 1: 1 from a probability of 0.5; or the class of each, (n,)."""
        chances = self.predict_proba(X)
        if self.multilabel_:
            return (chances >= THRESHOLD).astype(int)
        return self.classes_[np.where(chances[:, -1] >= THRESHOLD, len(self.classes_) - 1, 0)]

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.two_d_array = False
        tags.input_tags.one_d_array = True
        tags.target_tags.multi_output = True
        tags.classifier_tags.multi_class = False
        tags.classifier_tags.multi_label = True
        return tags


def _tfidf(**options: Any) -> TfidfVectorizer:
    return TfidfVectorizer(lowercase=True, sublinear_tf=True, dtype=np.float64, **options)


def _check_texts(X: Iterable[str]) -> list[str]:
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


def _check_codes(y: Any) -> tuple[np.ndarray, Sequence[str], np.ndarray | None]:
    """An (n, k) array of 0 and 1, the names of its columns, and the two classes if y was one column of them."""
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
