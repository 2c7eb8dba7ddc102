"""The notebooks run from top to bottom, define nothing, and carry no outputs."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import nbformat
import pytest

from docs.notebooks import NOTEBOOKS, run_notebook

paths = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


@paths
def test_a_notebook_runs_from_top_to_bottom_without_a_warning(path: Path) -> None:
    shown = [output for cell in run_notebook(path).cells for output in cell.get("outputs", [])]
    assert shown
    assert not [output for output in shown if output.get("name") == "stderr"]
    for data in (output.get("data", {}) for output in shown):
        assert "image/png" in data or not re.match(r"<\w+ size", data.get("text/plain", "")), "a figure is not shown"


@paths
def test_a_notebook_narrates_and_defines_nothing(path: Path) -> None:
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "code":
            kinds = {type(node) for node in ast.walk(ast.parse(cell.source))}
            assert not kinds & {ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef}


@paths
def test_a_notebook_in_git_carries_no_outputs(path: Path) -> None:
    for cell in nbformat.read(path, as_version=4).cells:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None


def test_there_are_notebooks() -> None:
    assert [path.stem.split("_")[0] for path in NOTEBOOKS] == ["01", "02", "03", "04", "05", "06", "07", "08"]
