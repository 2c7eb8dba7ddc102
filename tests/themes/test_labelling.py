from __future__ import annotations

from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.pipeline import make_pipeline

import composite as cp
from composite.codebook.tables import TIME
from composite.codebook.themes import THEME_KEYS
from composite.errors import CompositeError, CompositeWarning
from composite.posts.text import hash_text
from composite.themes.classifier import ThemeClassifier
from composite.themes.labelling import deal_folds, label_posts

KEYS = list(THEME_KEYS)
SAID = (
    "Witnesses of the crash please call us",
    "Road closed, avoid the bridge",
    "Our dog Bruno wants your sandwich",
    "Chat with our team in the market hall",
)
THEME_OF = ("wisdom_of_crowd", "push_information", "human_side", "community_policing")


def make_posts(agencies: int = 6, each: int = 4, *, country: str = "GB") -> pd.DataFrame:
    n = agencies * each
    words = [SAID[i % 4] + f" number {i}" for i in range(n)]
    return pd.DataFrame(
        {
            "post_id": [f"{country}{i:03d}" for i in range(n)],
            "country": country,
            "agency": [f"Police {i // each}" for i in range(n)],
            "account": [f"police{i // each}" for i in range(n)],
            "platform": "twitter",
            "published": pd.date_range("2013-01-01", periods=n, freq="D", tz="UTC").astype(TIME),
            "language": "en",
            "text": words,
            "corpus": pd.Series([None] * n, dtype="str"),
        }
    )


def code(posts: pd.DataFrame) -> pd.DataFrame:
    number = posts["post_id"].str[2:].astype(int) % 4
    codings = pd.DataFrame({"post_id": posts["post_id"], "coder": "anna"})
    for key in THEME_KEYS:
        codings[key] = (number.map(dict(enumerate(THEME_OF))) == key).astype("int64")
    codings["primary"] = number.map(dict(enumerate(THEME_OF))).astype("str")
    return codings.assign(sampling_probability=1.0).reset_index(drop=True)


SEEN: list[tuple[set[str], set[str]]] = []


class Spy(ThemeClassifier):
    """Remembers in SEEN which texts it was trained on and which it then labelled."""

    def fit(self, X: Any, y: Any) -> Self:
        self.trained_on_ = list(X)
        SEEN.append((set(self.trained_on_), set()))
        return super().fit(self.trained_on_, y)

    def predict_proba(self, X: Any) -> np.ndarray:
        SEEN[-1][1].update(X)
        return super().predict_proba(X)


@pytest.fixture(autouse=True)
def _forget() -> None:
    SEEN.clear()


# cross-fitting


def test_no_post_is_labelled_by_a_model_that_saw_it_or_its_agency_or_a_post_of_the_same_text() -> None:
    posts = make_posts(7, 5)
    # one text in all agencies but for case and signs
    posts.loc[::6, "text"] = [f"Found safe{'!' * i} Thank you" for i in range(len(posts.loc[::6]))]
    agency, key = posts.set_index("text")["agency"], pd.Series({text: hash_text(text) for text in posts["text"]})
    label_posts(Spy(), posts, code(posts.iloc[::2]))
    assert len(SEEN) == 5
    assert set().union(*(labelled for _, labelled in SEEN)) == set(posts["text"])
    for trained, labelled in SEEN:
        assert trained
        assert not trained & labelled
        assert not set(agency[list(trained)]) & set(agency[list(labelled)])
        assert not set(key[list(trained)]) & set(key[list(labelled)])


def test_a_model_is_trained_on_every_coded_post_that_it_may_see() -> None:
    posts = make_posts(6, 4)
    codings = code(posts.iloc[::2])
    label_posts(Spy(), posts, codings, folds=3)
    coded = set(posts["text"].iloc[::2])
    for trained, labelled in SEEN:
        assert trained == coded - labelled


def test_labels_are_those_of_a_model_trained_by_hand_on_the_other_agencies() -> None:
    posts = make_posts(5, 8)
    codings = code(posts)
    labels = label_posts(ThemeClassifier(), posts, codings)
    for agency, members in posts.groupby("agency"):
        others = posts["agency"] != agency
        by_hand = ThemeClassifier().fit(posts.loc[others, "text"], codings.loc[others, KEYS])
        np.testing.assert_allclose(labels.loc[members.index, KEYS], by_hand.predict_proba(members["text"]), atol=1e-9)


@pytest.mark.parametrize("seed", range(4))
def test_the_order_of_posts_and_codings_does_not_matter_to_the_last_bit(seed: int) -> None:
    rng = np.random.default_rng(seed)
    posts = make_posts(7, 3)
    codings = code(posts.iloc[:-2])
    labels = label_posts(ThemeClassifier(), posts, codings).set_index("post_id")
    mixed = label_posts(
        ThemeClassifier(),
        posts.iloc[rng.permutation(len(posts))],
        codings.iloc[rng.permutation(len(codings))],
    ).set_index("post_id")
    pd.testing.assert_frame_equal(mixed.loc[labels.index], labels, check_exact=True)


@given(
    st.lists(st.tuples(st.sampled_from("ABCDEFG"), st.sampled_from(["DE", "GB"])), min_size=2, max_size=40), st.data()
)
@settings(deadline=None, derandomize=True, max_examples=60)
def test_folds_hold_whole_agencies_whatever_the_order_of_rows(rows: list[tuple[str, str]], data: st.DataObject) -> None:
    posts = pd.DataFrame(rows, columns=["agency", "country"]).astype("str")
    posts["text"] = [f"text {i}" for i in range(len(posts))]
    fold = deal_folds(posts, 5)
    groups = posts["country"] + posts["agency"]
    number = groups.nunique()
    if number > 1:
        assert len(set(zip(groups, fold, strict=True))) == number
    assert set(fold) == set(range(min(5, number if number > 1 else len(posts))))
    order = data.draw(st.permutations(range(len(posts))))
    assert (deal_folds(posts.iloc[order].reset_index(drop=True), 5) == fold[order]).all()


def test_folds_are_of_like_size_where_agencies_are() -> None:
    assert np.bincount(deal_folds(make_posts(10, 4), 5)).tolist() == [8] * 5


def test_two_agencies_of_one_name_in_two_countries_are_two() -> None:
    posts = pd.concat([make_posts(1, 4), make_posts(1, 4, country="DE")], ignore_index=True)
    assert set(deal_folds(posts, 5)) == {0, 1}


def test_posts_of_one_agency_are_cross_fitted_by_text() -> None:
    posts = make_posts(1, 12)
    posts.loc[11, "text"] = posts.loc[0, "text"].upper()
    label_posts(Spy(), posts, code(posts))
    assert len(SEEN) == 5
    for trained, labelled in SEEN:
        assert not {hash_text(text) for text in trained} & {hash_text(text) for text in labelled}


def test_posts_without_an_agency_are_labelled() -> None:
    posts = make_posts(4, 4)
    posts.loc[[0, 5], "agency"] = None
    posts["agency"] = posts["agency"].astype("str")
    labels = label_posts(ThemeClassifier(), posts, code(posts))
    assert labels[KEYS].notna().all(axis=None)
    assert labels["agency"].isna().sum() == 2


def test_cross_fitted_labels_find_the_themes_that_the_words_tell() -> None:
    posts = make_posts(6, 8)
    codings = code(posts)
    labels = label_posts(ThemeClassifier(), posts, codings)
    assert ((labels[KEYS] >= 0.5).to_numpy() == codings[KEYS].to_numpy()).all()


def test_adjudicated_codes_count_where_there_are_several_coders() -> None:
    posts = make_posts(4, 4)
    right = code(posts)
    wrong = right.assign(coder="ben", **dict.fromkeys(KEYS, 0), primary="none")
    both = pd.concat([wrong, right.assign(coder="adjudicated")], ignore_index=True)
    pd.testing.assert_frame_equal(
        label_posts(ThemeClassifier(), posts, both), label_posts(ThemeClassifier(), posts, right)
    )


def test_a_fitted_model_is_trained_anew_and_left_as_it_was() -> None:
    posts = make_posts(4, 4)
    fitted = ThemeClassifier().fit(["a b", "c d"], np.eye(9, dtype=int)[:2])
    before = fitted.coef_.copy()
    labels = label_posts(fitted, posts, code(posts))
    pd.testing.assert_frame_equal(labels, label_posts(ThemeClassifier(), posts, code(posts)))
    assert (fitted.coef_ == before).all()


# the table


def test_labels_keep_the_order_and_the_columns_of_posts_and_do_not_change_them() -> None:
    posts = make_posts(4, 4).iloc[::-1]
    before = posts.copy()
    codings = code(posts)
    coded_before = codings.copy()
    labels = label_posts(ThemeClassifier(), posts, codings)
    pd.testing.assert_frame_equal(posts, before)
    pd.testing.assert_frame_equal(codings, coded_before)
    same = ["post_id", "country", "agency", "account", "published", "language", "corpus"]
    pd.testing.assert_frame_equal(labels[same], posts[same].reset_index(drop=True))
    assert cp.check_table("labels", labels) is labels
    assert ((labels[KEYS] >= 0) & (labels[KEYS] <= 1)).all(axis=None)


def test_the_kind_of_account_is_joined_by_platform_and_account() -> None:
    posts = make_posts(3, 4)
    posts.loc[posts.index[-4:], "platform"] = "facebook"
    accounts = pd.DataFrame(
        {
            "account": ["police0", "police2", "police2"],
            "platform": ["twitter", "twitter", "facebook"],
            "agency": ["Police 0", "Police 2", "Police 2"],
            "country": "GB",
            "kind": ["officer", "unit", "corporate"],
            "language": "en",
        }
    )
    labels = label_posts(ThemeClassifier(), posts, code(posts), accounts=accounts)
    assert labels["kind"].fillna("unknown").tolist() == ["officer"] * 4 + ["unknown"] * 4 + ["corporate"] * 4
    assert label_posts(ThemeClassifier(), posts, code(posts))["kind"].isna().all()


@pytest.mark.parametrize("coded", [True, False])
def test_progress_rises_to_the_number_of_posts(coded: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("composite.themes.labelling.FAST", 3)
    posts = make_posts(5, 4)
    model = ThemeClassifier() if coded else ThemeClassifier().fit(["a b", "c d"], np.eye(9, dtype=int)[:2])
    calls: list[tuple[str, int, int]] = []
    label_posts(model, posts, code(posts) if coded else None, progress=lambda *call: calls.append(call))
    done = [call[1] for call in calls]
    assert done == sorted(done)
    assert done[-1] == len(posts)
    assert {call[2] for call in calls} == {len(posts)}
    assert all(isinstance(call[0], str) and call[0] for call in calls)


def test_the_size_of_batches_does_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    posts = make_posts(4, 5)
    labels = label_posts(ThemeClassifier(), posts, code(posts))
    monkeypatch.setattr("composite.themes.labelling.FAST", 2)
    pd.testing.assert_frame_equal(label_posts(ThemeClassifier(), posts, code(posts)), labels)


@pytest.mark.parametrize("cores", [1, 2, 5])
def test_the_number_of_cores_does_not_change_a_byte_of_the_labels(cores: int, monkeypatch: pytest.MonkeyPatch) -> None:
    posts = make_posts(6, 20)
    model = ThemeClassifier().fit(SAID, np.eye(9, dtype=int)[:4])
    whole = label_posts(model, posts).to_parquet(index=False)
    monkeypatch.setattr("composite.themes.classifier.count_cores", lambda: cores)
    monkeypatch.setattr("composite.themes.scoring.BATCH", 7)  # several blocks for each core
    assert label_posts(model, posts).to_parquet(index=False) == whole


@pytest.mark.parametrize("coded", [True, False])
def test_keys_that_the_caller_has_are_those_that_are_found(coded: bool) -> None:
    posts = make_posts(6, 4)
    posts.index = posts.index[::-1]
    model = ThemeClassifier() if coded else ThemeClassifier().fit(SAID, np.eye(9, dtype=int)[:4])
    codings = code(posts) if coded else None
    keys = posts["text"].map(hash_text)
    pd.testing.assert_frame_equal(label_posts(model, posts, codings, keys=keys), label_posts(model, posts, codings))


# checkpoints


def interrupt_after_fold_2(what: str, done: int, total: int) -> None:
    if what == "labelled fold 2":
        raise KeyboardInterrupt


def test_an_interrupted_run_goes_on_with_the_third_fold_and_gives_the_same_labels(tmp_path: Path) -> None:
    posts = make_posts(6, 4)
    codings = code(posts)
    whole = label_posts(Spy(), posts, codings)
    SEEN.clear()
    with pytest.raises(KeyboardInterrupt):
        label_posts(Spy(), posts, codings, checkpoint=tmp_path, progress=interrupt_after_fold_2)
    assert len(SEEN) == 2
    done = [labelled for _, labelled in SEEN]
    SEEN.clear()
    calls: list[int] = []
    labels = label_posts(Spy(), posts, codings, checkpoint=tmp_path, progress=lambda _, n, __: calls.append(n))
    assert len(SEEN) == 3
    assert not any(labelled & earlier for _, labelled in SEEN for earlier in done)
    assert calls == sorted(calls)
    assert calls[-1] == len(posts)
    pd.testing.assert_frame_equal(labels, whole, check_exact=True)


def test_a_finished_run_trains_nothing_again(tmp_path: Path) -> None:
    posts = make_posts(5, 4)
    labels = label_posts(Spy(), posts, code(posts), checkpoint=tmp_path)
    SEEN.clear()
    pd.testing.assert_frame_equal(label_posts(Spy(), posts, code(posts), checkpoint=tmp_path), labels)
    assert not SEEN


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: b"",
        lambda data: data[:20],
        lambda data: data[:-8],
        lambda data: data[: len(data) // 2],
        lambda data: data[:-4] + bytes([data[-4] ^ 1]) + data[-3:],
        lambda data: b"\0" * len(data),
        lambda data: b"not a checkpoint",
    ],
    ids=["empty", "no-digest", "a-number-short", "half", "one-bit", "zeros", "words"],
)
def test_a_spoilt_checkpoint_is_not_used(spoil: Any, tmp_path: Path) -> None:
    posts = make_posts(5, 4)
    labels = label_posts(Spy(), posts, code(posts), checkpoint=tmp_path)
    file = sorted(path for path in tmp_path.rglob("*") if path.is_file())[1]
    file.write_bytes(spoil(file.read_bytes()))
    SEEN.clear()
    pd.testing.assert_frame_equal(label_posts(Spy(), posts, code(posts), checkpoint=tmp_path), labels)
    assert len(SEEN) == 1
    SEEN.clear()
    label_posts(Spy(), posts, code(posts), checkpoint=tmp_path)
    assert not SEEN


def test_a_checkpoint_of_other_posts_codes_folds_or_settings_is_not_used(tmp_path: Path) -> None:
    posts = make_posts(5, 4)
    codings = code(posts)
    other_text = posts.assign(text=posts["text"] + " today")
    other_codes = codings.copy()
    other_codes.loc[0, ["voice", "push_information"]] = 1
    other_agency = posts.assign(agency=posts["agency"].to_numpy()[::-1]).astype({"agency": "str"})
    other_agency.loc[0, "agency"] = "Police 0"
    label_posts(Spy(), posts, codings, checkpoint=tmp_path)
    for model, p, c, folds in (
        (Spy(C=3.0), posts, codings, 5),
        (Spy(), other_text, codings, 5),
        (Spy(), posts, other_codes, 5),
        (Spy(), posts, codings, 3),
        (Spy(), other_agency, codings, 5),
        (Spy(), posts.iloc[::-1], codings, 5),
    ):
        SEEN.clear()
        labels = label_posts(model, p, c, checkpoint=tmp_path, folds=folds)
        assert len(SEEN) == folds
        pd.testing.assert_frame_equal(labels, label_posts(model, p, c, folds=folds))


def test_without_a_checkpoint_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    posts = make_posts(4, 4)
    label_posts(ThemeClassifier(), posts, code(posts))
    assert not list(tmp_path.iterdir())


# models that are fitted already


def fit_elsewhere() -> ThemeClassifier:
    others = make_posts(5, 4, country="DE").assign(text=lambda table: table["text"] + " elsewhere")
    return ThemeClassifier().fit(others["text"], code(others)[KEYS])


def test_a_fitted_model_labels_posts_that_it_did_not_see() -> None:
    posts, model = make_posts(3, 4), fit_elsewhere()
    labels = label_posts(model, posts)
    np.testing.assert_array_equal(labels[KEYS], model.predict_proba(posts["text"]))


def test_a_model_whose_labels_stand_in_another_order_gives_each_theme_its_own_probability() -> None:
    others = make_posts(5, 4, country="DE").assign(text=lambda table: table["text"] + " elsewhere")
    turned = ThemeClassifier().fit(others["text"], code(others)[KEYS[::-1]])
    posts = make_posts(3, 4)
    pd.testing.assert_frame_equal(label_posts(turned, posts), label_posts(fit_elsewhere(), posts))


def test_a_model_without_some_theme_or_with_another_is_an_error() -> None:
    posts = make_posts(3, 4)
    y = np.eye(9, dtype=int)[:2]
    for columns in (KEYS[:8], KEYS[:2]):
        few = ThemeClassifier().fit(["a b", "c d"], pd.DataFrame(y[:, : len(columns)], columns=columns))
        with pytest.raises(CompositeError, match="the model was not trained on '"):
            label_posts(few, posts)
    other = ThemeClassifier().fit(["a b", "c d"], pd.DataFrame(y, columns=[*KEYS[:8], "effciency"]))
    with pytest.raises(CompositeError, match="'effciency' is not known: did you mean 'efficiency'"):
        label_posts(other, posts)


def test_an_unfitted_model_without_codings_is_an_error() -> None:
    with pytest.raises(CompositeError, match="the model is not fitted: call fit, or pass codings="):
        label_posts(ThemeClassifier(), make_posts(2, 4))


def test_a_model_that_was_trained_on_some_of_the_posts_is_an_error_that_names_one() -> None:
    posts = make_posts(3, 4)
    model = ThemeClassifier().fit(posts["text"].iloc[5:7], np.eye(9, dtype=int)[:2])
    with pytest.raises(CompositeError, match=r"2 posts, such as 'GB005', trained this model"):
        label_posts(model, posts)


def test_a_model_that_does_not_say_what_it_was_trained_on_is_an_error() -> None:
    pipe = make_pipeline(ThemeClassifier()).fit(["a b", "c d"], np.eye(9, dtype=int)[:2])
    with pytest.raises(CompositeError, match="does not say which texts it was trained on"):
        label_posts(pipe, make_posts(2, 4))


def test_a_pipeline_is_cross_fitted_as_the_classifier_is() -> None:
    posts = make_posts(4, 4)
    labels = label_posts(make_pipeline(ThemeClassifier()), posts, code(posts))
    pd.testing.assert_frame_equal(labels, label_posts(ThemeClassifier(), posts, code(posts)))


def test_training_posts_get_the_probabilities_that_the_model_brings_and_others_are_predicted() -> None:
    posts = make_posts(3, 4)
    model = ThemeClassifier().fit(posts["text"].iloc[:8], code(posts.iloc[:8])[KEYS])
    model.cross_fitted_ = {hash_text(text): [0.25] * 9 for text in posts["text"].iloc[:8]}
    with pytest.warns(CompositeWarning, match="learned from 8 of 12 posts"):
        labels = label_posts(model, posts)
    assert (labels[KEYS].iloc[:8] == 0.25).all(axis=None)
    np.testing.assert_array_equal(labels[KEYS].iloc[8:], model.predict_proba(posts["text"].iloc[8:]))


# errors


def test_no_posts_are_an_error() -> None:
    posts = make_posts(2, 4)
    with pytest.raises(CompositeError, match="there are no posts to label"):
        label_posts(ThemeClassifier(), posts.iloc[:0], code(posts))
    with pytest.raises(CompositeError, match="there are no posts to label"):
        label_posts(fit_elsewhere(), posts.iloc[:0])


def test_codings_of_posts_that_are_not_there_are_an_error_that_names_one() -> None:
    posts = make_posts(4, 4)
    with pytest.raises(CompositeError, match=r"2 codings of posts that are not here, such as 'GB000'"):
        label_posts(ThemeClassifier(), posts.iloc[2:], code(posts))


def test_no_codings_are_an_error() -> None:
    posts = make_posts(4, 4)
    with pytest.raises(CompositeError, match="there are no codings"):
        label_posts(ThemeClassifier(), posts, code(posts).iloc[:0])


def test_codings_of_one_agency_among_several_are_an_error() -> None:
    posts = make_posts(4, 4)
    with pytest.raises(CompositeError, match="all coded posts are of one agency"):
        label_posts(ThemeClassifier(), posts, code(posts.iloc[:4]))


def test_posts_that_all_say_the_same_are_an_error() -> None:
    posts = make_posts(1, 4).assign(text="Found safe")
    with pytest.raises(CompositeError, match="all posts have one text"):
        label_posts(ThemeClassifier(), posts, code(posts))


def test_one_fold_is_an_error() -> None:
    posts = make_posts(3, 4)
    with pytest.raises(CompositeError, match="at least 2 folds, not 1"):
        label_posts(ThemeClassifier(), posts, code(posts), folds=1)


def test_posts_that_break_their_contract_are_an_error() -> None:
    posts = make_posts(3, 4)
    with pytest.raises(CompositeError, match="lacks the column 'text'"):
        label_posts(ThemeClassifier(), posts.drop(columns="text"), code(posts))
    with pytest.raises(CompositeError, match="'GB000' stands more than once"):
        label_posts(ThemeClassifier(), posts.assign(post_id="GB000").astype({"post_id": "str"}), code(posts))
