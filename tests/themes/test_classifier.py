from __future__ import annotations

import pickle
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, KFold, cross_val_predict, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import estimator_checks_generator
from sklearn.utils.validation import check_is_fitted, validate_data

from composite.codebook.themes import THEME_KEYS
from composite.errors import CompositeError
from composite.themes.classifier import ThemeClassifier

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


ONE_COLUMN = "it gives y as one column of classes; ours is an (n, k) table of 0 and 1"
OTHER_CLASSES = "it codes y with 2 or with words; our codes are 0 and 1"
CANNOT_HOLD = {
    "check_array_api_input": "texts are no array of an array API (and it is off unless SCIPY_ARRAY_API is set)",
    "check_class_weight_classifiers": ONE_COLUMN,
    "check_classifier_data_not_an_array": OTHER_CLASSES,
    "check_classifier_multioutput": "it takes classes_ to be the values 0 and 1; ours name the columns of y",
    "check_classifier_not_supporting_multiclass": ONE_COLUMN + ", so more classes are an error of shape",
    "check_classifiers_classes": OTHER_CLASSES,
    "check_classifiers_one_label": ONE_COLUMN,
    "check_classifiers_regression_target": ONE_COLUMN + ", so a continuous y is an error of shape",
    "check_classifiers_train": "it wants predictions of shape (n,); ours are (n, k)",
    "check_decision_proba_consistency": ONE_COLUMN,
    "check_estimators_dtypes": OTHER_CLASSES,
    "check_fit2d_1feature": OTHER_CLASSES,
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


def test_a_theme_is_predicted_from_exactly_one_half(monkeypatch: pytest.MonkeyPatch) -> None:
    chances = np.array([[0.5, 0.4999, 0.51, 0.99]])
    monkeypatch.setattr(ThemeClassifier, "predict_proba", lambda self, X: chances)
    assert ThemeClassifier().predict(["text"]).tolist() == [[1, 0, 1, 1]]


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


def test_one_label_only_gives_one_column() -> None:
    chances = ThemeClassifier().fit(TEXTS, CODES[:, [0]]).predict_proba(NEW)
    assert chances.shape == (4, 1)
    np.testing.assert_array_equal(chances, _fitted_once().predict_proba(NEW)[:, [0]])


def test_two_texts_are_enough_to_train_on() -> None:
    fitted = ThemeClassifier().fit(["road closed", "call us"], [[0], [1]])
    assert fitted.predict(["road closed", "call us"]).ravel().tolist() == [0, 1]


def test_two_equal_texts_with_different_codes_leave_one_half() -> None:
    np.testing.assert_allclose(ThemeClassifier().fit(["same", "same"], [[0], [1]]).predict_proba(["same"]), 0.5)


def test_one_text_gives_rates_and_no_error() -> None:
    np.testing.assert_allclose(ThemeClassifier().fit(["hello"], [[1]]).predict_proba(["x"]), 0.75)


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
    options = {"words": 1, "characters": 3, "min_posts": 1, "C": 7, "class_weight": None}
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
    assert ThemeClassifier(min_posts=50).fit(["a b", "a c"], [[0], [1]]).coef_.size


def test_a_pickled_classifier_is_the_same(model: ThemeClassifier) -> None:
    again = pickle.loads(pickle.dumps(model))
    assert (again.predict_proba(NEW) == model.predict_proba(NEW)).all()
    assert again.classes_.tolist() == NAMES
    assert again.training_keys_ == model.training_keys_


def test_a_second_fit_forgets_the_first() -> None:
    fitted = ThemeClassifier().fit(["old words", "other old"], [[0], [1]])
    fitted.cross_fitted_ = {"key": [0.5]}
    fitted.fit(TEXTS, CODES)
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
    fitted = ThemeClassifier().fit(["😀", "🚓🚓"] * 3, [[0], [1]] * 3)
    assert fitted.predict(["😀", "🚓🚓"]).ravel().tolist() == [0, 1]


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
        ThemeClassifier().fit(["fine", value], [[0], [1]])


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
        ThemeClassifier().fit(pd.DataFrame([["x", "y"], ["z", "w"]], columns=["a", "b"]), [[0], [1]])


@pytest.mark.parametrize(
    ("codes", "said"),
    [
        (CODES[:, 0], r"shape \(30,\)"),
        (pd.Series(CODES[:, 0]), r"shape \(30,\)"),
        (np.zeros((30, 0)), r"shape \(30, 0\)"),
        (np.zeros((30, 3, 1)), "shape"),
        (CODES * 2, "y holds 2: codes are 0 or 1"),
        (CODES * 0.5, "y holds 0.5"),
        (-CODES, "y holds -1"),
        (np.where(CODES == 1, np.nan, 0), "y holds nan"),
        (pd.DataFrame(CODES).astype("Int64").replace(1, pd.NA), "y is not a table of 0 and 1"),
        ([["appeal"]] * 30, "y is not a table of 0 and 1"),
        ([[1], [0, 1]] * 15, "y is not a table of 0 and 1"),
        (CODES[:-1], "X has 30 texts and y has 29 rows"),
        (csr_matrix(CODES), r"y is a sparse matrix: give y.toarray\(\)"),
        (None, "requires y to be passed"),
        (pd.DataFrame(CODES, columns=["a", "b", "a"]), "two columns named 'a'"),
    ],
    ids=[
        "one-column",
        "Series",
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
def test_codes_that_are_no_table_of_0_and_1_are_an_error(codes: Any, said: str) -> None:
    with pytest.raises(CompositeError, match=said):
        ThemeClassifier().fit(TEXTS, codes)


def test_no_texts_or_no_words_are_an_error_in_training() -> None:
    with pytest.raises(CompositeError, match="there are no texts to train on"):
        ThemeClassifier().fit([], np.zeros((0, 2)))
    with pytest.raises(CompositeError, match="have no words to learn from"):
        ThemeClassifier().fit(["", " "], [[0], [1]])


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
