"""A fitted classifier as one file of plain arrays: no pickle, so that opening a file runs nothing that is in it."""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from composite.errors import CompositeError
from composite.files import hash_bytes, write_whole
from composite.themes.classifier import ThemeClassifier
from composite.themes.features import Ngrams
from composite.themes.readers import SentenceScorer
from composite.themes.scoring import FINE, HashedScorer

FORMAT = 2
_KEY = 6  # bytes of a key of a text
READERS = ("centre", "first", "bias", "second")
FINEST = 10_000  # cross-fitted probabilities are kept in so many parts of 1


def save_model(model: ThemeClassifier, path: str | Path, *, bits: int = FINE) -> str:
    """The SHA-256 of the file at `path` (`.npz`), which holds all of a fitted classifier.

    Parameters
    ----------
    model : ThemeClassifier
    path : str or Path
    bits : int
        Bits of a weight, from 4 to 19. With 19, the classifier that is read back gives the same probabilities to the
        last bit; with 12, files are a third as large, and probabilities differ by about 0.001. Those in
        `cross_fitted_` are kept to four digits.

    Returns
    -------
    str
        64 hex digits, for `load_model`. The same classifier gives the same bytes.

    Raises
    ------
    CompositeError
        If `bits` is out of range or the file cannot be written.
    """
    check_is_fitted(model)
    if not 4 <= bits <= FINE:
        raise CompositeError(f"bits={bits!r}: give a whole number from 4 to {FINE}")
    scorer = model.scorer_ if bits == FINE else model.scorer_.round(bits)
    settings = {
        "format": FORMAT,
        "params": {**model.get_params(), "class_weight": _list_weights(model.class_weight)},
        "ngrams": {name: getattr(scorer.ngrams, name) for name in ("words", "characters", "bits")},
        "classes": model.classes_.tolist(),
        "multilabel": model.multilabel_,
    }
    cross_fitted = getattr(model, "cross_fitted_", {})
    arrays: dict[str, Any] = {
        "settings": np.frombuffer(json.dumps(settings).encode(), dtype=np.uint8),
        # steps are small numbers, and a theme's weights are alike: so they take less room
        "steps": np.diff(scorer.buckets, prepend=0).astype(np.uint32),
        "masses": scorer.masses.astype(np.uint16),
        "weights": np.ascontiguousarray(scorer.weights.T.astype(np.int16 if bits <= 16 else np.int32)),
        "scale": scorer.scale,
        "intercept": scorer.intercept,
        "thresholds": model.thresholds_,
        **{f"sentence_{name}": getattr(model.sentence_scorer_, name) for name in READERS},
        "training_keys": _pack(sorted(model.training_keys_)),
        "cross_fitted_keys": _pack(sorted(cross_fitted)),
        "cross_fitted": np.round(
            FINEST * np.array([cross_fitted[key] for key in sorted(cross_fitted)], dtype=float)
        ).astype(np.uint16),
    }
    stream = io.BytesIO()
    np.savez_compressed(stream, allow_pickle=False, **arrays)
    write_whole(path, stream.getvalue())
    return hash_bytes(stream.getvalue())


def load_model(path: str | Path, *, sha256: str | None = None) -> ThemeClassifier:
    """The fitted `ThemeClassifier` in a file of `save_model`.

    Parameters
    ----------
    path : str or Path
    sha256 : str, optional
        What the file's SHA-256 has to be, as `save_model` gave it.

    Raises
    ------
    CompositeError
        If the file is not there, is cut off, has another checksum, or is of another version.

    Examples
    --------
    >>> import tempfile
    >>> from composite import ThemeClassifier, load_model, save_model
    >>> model = ThemeClassifier().fit(["Call us", "Road closed", "Call 101", "Ice on the road"], [1, 0, 1, 0])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     checksum = save_model(model, f"{folder}/model.npz")
    ...     again = load_model(f"{folder}/model.npz", sha256=checksum)
    >>> again.predict(["Please call"]).tolist()
    [1]
    """
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise CompositeError(f"cannot read the model {str(path)!r} ({error.strerror}): check the path") from error
    if sha256 is not None and hash_bytes(data) != sha256.lower():
        raise CompositeError(
            f"the model {str(path)!r} is not the one that was meant: its SHA-256 is {hash_bytes(data)} and not "
            f"{sha256}; fetch or train it again"
        )
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        settings = json.loads(arrays["settings"].tobytes())
        if settings["format"] != FORMAT:
            raise CompositeError(
                f"the model {str(path)!r} is of format {settings['format']}, and this version reads {FORMAT}: install "
                "the version of composite that wrote it, or train it again"
            )
        return _rebuild(settings, arrays)
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, TypeError, IndexError, OSError) as error:
        raise _describe(path, error) from error
    except CompositeError:
        raise
    except ValueError as error:
        raise _describe(path, error) from error


def _describe(path: str | Path, error: Exception) -> CompositeError:
    return CompositeError(
        f"{str(path)!r} is not a whole file of save_model ({type(error).__name__}: {error}): fetch or save it again"
    )


def _rebuild(settings: dict[str, Any], arrays: dict[str, np.ndarray]) -> ThemeClassifier:
    params = settings["params"]
    if isinstance(params["class_weight"], list):
        params["class_weight"] = dict(params["class_weight"])
    model = ThemeClassifier(**params)
    model.scorer_ = HashedScorer(
        Ngrams(**settings["ngrams"]),
        np.cumsum(arrays["steps"].astype(np.int64)),
        arrays["masses"].astype(np.int64),
        np.ascontiguousarray(arrays["weights"].T.astype(np.int32)),
        arrays["scale"],
        arrays["intercept"],
    )
    model.sentence_scorer_ = SentenceScorer(*(arrays[f"sentence_{name}"] for name in READERS))
    model.thresholds_ = arrays["thresholds"]
    model.classes_ = np.array(settings["classes"])
    model.multilabel_ = settings["multilabel"]
    model.training_keys_ = frozenset(_unpack(arrays["training_keys"]))
    keys = _unpack(arrays["cross_fitted_keys"])
    if keys:
        model.cross_fitted_ = dict(zip(keys, (arrays["cross_fitted"] / FINEST).tolist(), strict=True))
    return model


def _list_weights(given: Any) -> Any:
    return [[key, weight] for key, weight in given.items()] if isinstance(given, dict) else given


def _pack(keys: list[str]) -> np.ndarray:
    return np.frombuffer(bytes.fromhex("".join(keys)), dtype=np.uint8).reshape(-1, _KEY)


def _unpack(rows: np.ndarray) -> list[str]:
    text = rows.tobytes().hex()
    return [text[start : start + 2 * _KEY] for start in range(0, len(text), 2 * _KEY)]
