from __future__ import annotations

import pickle
import socket
from typing import Any

import numpy as np
import pandas as pd
import pytest

import composite as cp
from composite.codebook.themes import THEME_KEYS
from composite.errors import CompositeError
from composite.posts.text import hash_text
from composite.themes import train
from composite.themes.classifier import ThemeClassifier

KEYS = list(THEME_KEYS)
NEW = ["Witnesses wanted: did you see the crash? Call us", "Straße gesperrt", "", "Благодарност до сите"]


@pytest.fixture(scope="module")
def model() -> ThemeClassifier:
    return cp.load_classifier()


def test_the_classifier_is_made_without_a_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: Any, **options: Any) -> None:
        raise OSError("no network in this test")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert cp.load_classifier().predict_proba(NEW).shape == (4, 9)


def test_its_classes_are_the_nine_keys_in_order(model: ThemeClassifier) -> None:
    assert model.classes_.tolist() == KEYS


def test_training_again_gives_the_same_classifier_to_the_last_bit(model: ThemeClassifier) -> None:
    again = train._train.__wrapped__()
    assert (again.predict_proba(NEW) == model.predict_proba(NEW)).all()
    assert again.cross_fitted_ == model.cross_fitted_


def test_two_calls_give_objects_that_do_not_touch_each_other(model: ThemeClassifier) -> None:
    spoilt = cp.load_classifier()
    before = model.predict_proba(NEW)
    spoilt.coef_[:] = 0
    spoilt.cross_fitted_.clear()
    spoilt.fit(["a b", "c d"], np.eye(9, dtype=int)[:2])
    assert (model.predict_proba(NEW) == before).all()
    assert (cp.load_classifier().predict_proba(NEW) == before).all()
    assert cp.load_classifier().cross_fitted_ == model.cross_fitted_ != {}


def test_it_labels_its_own_training_posts_with_cross_fitted_probabilities(
    model: ThemeClassifier, corpus_posts: pd.DataFrame
) -> None:
    labels = cp.label_posts(model, corpus_posts)
    adjudicated = cp.read_codings(cp.CORPUS / "codings_all.csv").query("coder == 'adjudicated'")
    pd.testing.assert_frame_equal(labels, cp.label_posts(ThemeClassifier(), corpus_posts, adjudicated))
    seen = model.predict_proba(corpus_posts["text"])
    assert np.abs(labels[KEYS].to_numpy() - seen).mean() > 0.05


def test_every_training_post_has_its_cross_fitted_probabilities(model: ThemeClassifier) -> None:
    assert set(model.training_keys_) <= set(model.cross_fitted_)


def test_a_classifier_trained_anew_forgets_the_corpus(model: ThemeClassifier, corpus_posts: pd.DataFrame) -> None:
    mine = cp.load_classifier().fit(["a b", corpus_posts["text"].iloc[0]], np.eye(9, dtype=int)[:2])
    with pytest.raises(CompositeError, match="trained this model"):
        cp.label_posts(mine, corpus_posts)


def test_it_survives_pickling_with_its_probabilities(model: ThemeClassifier) -> None:
    again = pickle.loads(pickle.dumps(model))
    assert again.cross_fitted_ == model.cross_fitted_
    assert (again.predict_proba(NEW) == model.predict_proba(NEW)).all()


def test_cross_fitted_by_agency_it_beats_the_base_rate_in_every_theme(
    model: ThemeClassifier, corpus_posts: pd.DataFrame
) -> None:
    codings = cp.read_codings(cp.CORPUS / "codings_all.csv")
    chances = [model.cross_fitted_[hash_text(text)] for text in corpus_posts["text"]]
    labels = cp.label_posts(model, corpus_posts)
    np.testing.assert_array_equal(labels[KEYS], chances)
    table = cp.measure_quality(labels, codings).set_index("theme")
    prevalence = table["n_positive"] / table["n_coded"]
    assert (table["average_precision"] > 1.3 * prevalence).all()
    assert table["average_precision"].mean() > 0.4


def test_labels_cross_fitted_on_the_coded_half_beat_the_base_rate_in_most_themes(
    corpus_labels: pd.DataFrame, corpus_codings: pd.DataFrame
) -> None:
    table = cp.measure_quality(corpus_labels, corpus_codings)
    assert (table["average_precision"] > table["n_positive"] / table["n_coded"]).sum() >= 8
