"""Rooms import from rooms above them and never from one below; the package does no work at import."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import composite as cp

PACKAGE = Path(cp.__file__).parent
# the order of the rooms is the order of the data; errors, cores and files are under all of them
ROOMS = (
    "errors",
    "cores",
    "files",
    "terminal",
    "codebook",
    "posts",
    "themes",
    "adoption",
    "report",
    "study",
    "commands",
    "cli",
)
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path.parent != PACKAGE or path.stem in ROOMS)


def find_room(module: str) -> str:
    return module.split(".")[1]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_a_room_imports_only_from_rooms_above_it(path: Path) -> None:
    here = path.relative_to(PACKAGE).with_suffix("").parts[0]
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            names = [node.module or ""]
        for name in names:
            if name.startswith("composite."):
                assert ROOMS.index(find_room(name)) <= ROOMS.index(here), f"{here} imports {name}"


def test_every_room_of_the_design_is_there() -> None:
    assert {path.name for path in PACKAGE.iterdir() if (path / "__init__.py").is_file()} == {
        "codebook",
        "posts",
        "themes",
        "adoption",
        "report",
        "commands",
    }


def test_every_public_name_can_be_imported_and_is_listed() -> None:
    assert cp.__all__ == sorted(cp.__all__)
    assert set(cp.__all__) <= set(dir(cp))
    for name in cp.__all__:
        assert getattr(cp, name) is not None


def test_an_unknown_name_of_the_package_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'estimate_sharez'"):
        cp.estimate_sharez  # noqa: B018


def test_importing_the_package_loads_neither_pandas_nor_scikit_learn() -> None:
    code = "import composite, sys; print(sorted({'pandas', 'sklearn', 'statsmodels', 'matplotlib'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
