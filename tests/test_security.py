"""No pickle is ever loaded: a file of someone else's that is opened runs nothing."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import composite as cp

PACKAGE = Path(cp.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))
RUNS_CODE = {"pickle", "cPickle", "dill", "joblib", "cloudpickle", "marshal", "shelve", "skops", "torch"}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_no_module_imports_or_calls_what_loads_a_pickle(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            assert not {alias.name.split(".")[0] for alias in node.names} & RUNS_CODE
        elif isinstance(node, ast.ImportFrom):
            assert (node.module or "").split(".")[0] not in RUNS_CODE
        elif isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            assert called not in ("read_pickle", "to_pickle", "eval", "exec", "__import__")
            given = {word.arg: word.value for word in node.keywords}
            if "allow_pickle" in given:
                assert ast.literal_eval(given["allow_pickle"]) is False


def test_the_released_weights_are_held_to_their_checksum() -> None:
    from composite.themes.storage import load_model
    from composite.themes.train import RELEASED

    for path in RELEASED.values():
        with pytest.raises(cp.CompositeError, match="SHA-256"):
            load_model(path, sha256="0" * 64)
