"""Log-odds from sentence vectors, and the folder in which vectors are kept."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from composite.posts.text import hash_text
from composite.themes import vectors as kept
from composite.themes.readers import SentenceScorer, balance
from composite.themes.sentences import LENGTH
from composite.themes.vectors import Vectors

ONES = np.ones(300)


@pytest.fixture(scope="module")
def vectors() -> np.ndarray:
    return np.random.default_rng(7).normal(size=(600, LENGTH))


@pytest.fixture(scope="module")
def codes(vectors: np.ndarray) -> np.ndarray:
    line = vectors[:, :40].sum(axis=1)
    return np.column_stack([line > 0, np.abs(line) > 4]).astype(int)


def test_it_finds_what_a_line_tells_apart_in_posts_that_it_did_not_see(vectors: np.ndarray, codes: np.ndarray) -> None:
    scorer, _ = SentenceScorer.fit(vectors[:300], codes[:300], worth=ONES)
    assert roc_auc_score(codes[300:, 0], scorer.score(vectors[300:])[:, 0]) > 0.65


def test_the_same_posts_give_the_same_scorer_to_the_last_bit(vectors: np.ndarray, codes: np.ndarray) -> None:
    one, two = (SentenceScorer.fit(vectors[:100], codes[:100], worth=ONES[:100])[0] for _ in range(2))
    assert (one.score(vectors[:5]) == two.score(vectors[:5])).all()


def test_the_scale_of_vectors_does_not_matter(vectors: np.ndarray, codes: np.ndarray) -> None:
    one, two = (
        SentenceScorer.fit(scale * vectors[:100], codes[:100], worth=ONES[:100])[0].score(scale * vectors[100:110])
        for scale in (1, 8)
    )
    np.testing.assert_allclose(one, two, atol=1e-3)


def test_a_rescaled_scorer_gives_so_many_times_the_log_odds(vectors: np.ndarray, codes: np.ndarray) -> None:
    scorer, _ = SentenceScorer.fit(vectors[:60], codes[:60], worth=ONES[:60])
    twice = scorer.rescale(np.array([2.0, 0.5])).score(vectors[:4])
    np.testing.assert_allclose(twice, scorer.score(vectors[:4]) * [2, 0.5])


@pytest.mark.parametrize("number", [1, 2, 9])
def test_a_theme_that_all_or_no_posts_have_is_no_error(vectors: np.ndarray, number: int) -> None:
    codes = np.tile([[1, 0]], (number, 1))
    scorer, intercepts = SentenceScorer.fit(vectors[:number], codes, worth=ONES[:number])
    scores = scorer.score(vectors[:number]) + intercepts + balance(codes, "balanced", ONES[:number])
    assert np.isfinite(scores).all()
    one, _ = SentenceScorer.fit(vectors[:number], codes[:, :1], worth=ONES[:number])
    assert one.score(vectors[:3]).shape == (3, 1)


def test_posts_worth_more_count_more(vectors: np.ndarray) -> None:
    twice = np.vstack([vectors[:40], vectors[:40]])
    codes = np.repeat([[1], [0]], 40, axis=0)
    for heavy in (slice(0, 40), slice(40, 80)):
        worth = np.ones(80)
        worth[heavy] = 9
        scorer, intercepts = SentenceScorer.fit(twice, codes, worth=worth)
        assert ((scorer.score(vectors[:40]) + intercepts).mean() > 0) == (heavy.start == 0)


def test_balanced_classes_lift_rare_themes_and_leave_even_ones() -> None:
    codes = np.array([[1, 0], [0, 0], [1, 0], [0, 1]])
    lift = balance(codes, "balanced", np.ones(4))
    assert lift[0] == 0 < lift[1]
    assert balance(codes, None, np.ones(4)).tolist() == [0, 0]
    np.testing.assert_allclose(balance(codes, (1.0, 4.0), np.ones(4)), np.log(4))


def test_vectors_are_made_once_and_kept_in_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []

    def embed(texts: list[str]) -> np.ndarray:
        made.extend(texts)
        return np.array([[len(text)] * LENGTH for text in texts], dtype=np.float32)

    monkeypatch.setattr(kept, "embed_texts", embed)
    monkeypatch.setattr(kept, "BATCH", 2)
    texts = ["road closed", "call us", "road closed", "ice on the bridge"]
    steps: list[int] = []
    first = Vectors(tmp_path).read(texts, steps.append)
    assert sorted(made) == sorted(set(texts))
    assert steps[-1] == len(texts)
    made.clear()
    again = Vectors(tmp_path).read([*texts, "new"])
    assert made == ["new"]
    assert (again.look_up(texts) == first.look_up(texts)).all()
    assert again.look_up(texts)[:, 0].tolist() == [len(text) for text in texts]
    with pytest.raises(KeyError, match=hash_text("unknown")):
        first.look_up(["unknown"])
