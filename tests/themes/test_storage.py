from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import composite as cp
from composite.errors import CompositeError
from composite.themes.classifier import ThemeClassifier

TEXTS = ["Witnesses please call us", "Road closed, avoid the bridge", "Кој го видел?", "Ice tonight 😀"] * 4
CODES = pd.DataFrame(np.eye(4, dtype=int)[:, :3].tolist() * 4, columns=["a", "b", "c"])
NEW = ["Please call", "The bridge is closed", "видел", "", "😀 \ud83d"]


@pytest.fixture(scope="module")
def model() -> ThemeClassifier:
    model = ThemeClassifier(C=3, class_weight={0: 1, 1: 2}).fit(TEXTS, CODES)
    model.cross_fitted_ = {key: [0.1, 0.3333, 0.7] for key in model.training_keys_}
    return model


def test_a_model_that_is_read_back_is_the_same(model: ThemeClassifier, tmp_path: Path) -> None:
    checksum = cp.save_model(model, tmp_path / "model.npz")
    again = cp.load_model(tmp_path / "model.npz", sha256=checksum)
    assert (again.predict_proba(NEW) == model.predict_proba(NEW)).all()
    assert again.get_params() == model.get_params()
    assert again.classes_.tolist() == model.classes_.tolist()
    assert again.training_keys_ == model.training_keys_
    assert again.cross_fitted_ == model.cross_fitted_
    assert (again.coef_ == model.coef_).all()
    assert cp.save_model(again, tmp_path / "again.npz") == checksum
    pd.testing.assert_frame_equal(cp.explain_post(again, NEW[0]), cp.explain_post(model, NEW[0]))


@pytest.mark.parametrize("codes", [[0, 1] * 8, [False, True] * 8, ["no", "yes"] * 8, [-1.0, 1.0] * 8])
def test_two_classes_come_back_as_they_were(codes: list[Any], tmp_path: Path) -> None:
    model = ThemeClassifier().fit(TEXTS, codes)
    cp.save_model(model, tmp_path / "model.npz")
    again = cp.load_model(tmp_path / "model.npz")
    assert again.predict(TEXTS).tolist() == model.predict(TEXTS).tolist() == codes
    assert again.classes_.dtype == model.classes_.dtype


def test_the_checksum_is_that_of_the_file(model: ThemeClassifier, tmp_path: Path) -> None:
    checksum = cp.save_model(model, tmp_path / "model.npz")
    assert checksum == hashlib.sha256((tmp_path / "model.npz").read_bytes()).hexdigest()
    assert cp.load_model(tmp_path / "model.npz", sha256=checksum.upper())


def test_fewer_bits_make_a_smaller_file_and_near_probabilities(tmp_path: Path) -> None:
    posts = cp.read_posts(cp.CORPUS / "posts.csv").head(200)
    model = ThemeClassifier().fit(posts["text"], [0, 1] * 100)
    sizes, seen = [], model.predict_proba(posts["text"])
    for bits in (19, 16, 12, 8):
        cp.save_model(model, tmp_path / "model.npz", bits=bits)
        sizes.append((tmp_path / "model.npz").stat().st_size)
        near = cp.load_model(tmp_path / "model.npz").predict_proba(posts["text"])
        np.testing.assert_allclose(near, seen, atol=2.0 ** (4 - bits))
    assert sizes == sorted(sizes, reverse=True)


@pytest.mark.parametrize("bits", [3, 20, 0, -1])
def test_bits_out_of_range_are_an_error(bits: int, model: ThemeClassifier, tmp_path: Path) -> None:
    with pytest.raises(CompositeError, match="whole number from 4 to 19"):
        cp.save_model(model, tmp_path / "model.npz", bits=bits)


def test_a_wrong_checksum_is_an_error_that_names_both(model: ThemeClassifier, tmp_path: Path) -> None:
    checksum = cp.save_model(model, tmp_path / "model.npz")
    with pytest.raises(CompositeError, match=f"SHA-256 is {checksum} and not 00ff"):
        cp.load_model(tmp_path / "model.npz", sha256="00ff")


@pytest.mark.parametrize("share", [0, 0.1, 0.5, 0.9, 0.99])
def test_a_file_that_is_cut_off_is_an_error(share: float, model: ThemeClassifier, tmp_path: Path) -> None:
    cp.save_model(model, tmp_path / "model.npz")
    data = (tmp_path / "model.npz").read_bytes()
    (tmp_path / "model.npz").write_bytes(data[: int(share * len(data))])
    with pytest.raises(CompositeError, match="not a whole file of save_model"):
        cp.load_model(tmp_path / "model.npz")


@pytest.mark.parametrize("place", [0.3, 0.5, 0.7])
def test_a_file_with_a_changed_byte_is_an_error_or_the_same(
    place: float, model: ThemeClassifier, tmp_path: Path
) -> None:
    cp.save_model(model, tmp_path / "model.npz")
    data = bytearray((tmp_path / "model.npz").read_bytes())
    data[int(place * len(data))] ^= 0xFF
    (tmp_path / "model.npz").write_bytes(data)
    with pytest.raises(CompositeError, match="not a whole file of save_model"):
        cp.load_model(tmp_path / "model.npz")


def test_other_files_and_no_file_are_errors(tmp_path: Path) -> None:
    with pytest.raises(CompositeError, match="cannot read the model"):
        cp.load_model(tmp_path / "none.npz")
    (tmp_path / "text.npz").write_text("post_id,text\n")
    np.savez(tmp_path / "other.npz", x=np.arange(3))
    np.savez(tmp_path / "objects.npz", settings=np.array([{"a": 1}], dtype=object))
    for name in ("text", "other", "objects"):
        with pytest.raises(CompositeError, match="not a whole file of save_model"):
            cp.load_model(tmp_path / f"{name}.npz")


def test_a_file_of_another_format_says_so(
    model: ThemeClassifier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("composite.themes.storage.FORMAT", 99)
        cp.save_model(model, tmp_path / "model.npz")
    with pytest.raises(CompositeError, match="format 99, and this version reads"):
        cp.load_model(tmp_path / "model.npz")
