"""The notebooks run from top to bottom, define nothing, and carry no outputs."""

from __future__ import annotations

import ast
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

import composite as cp

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))
paths = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


@paths
def test_a_notebook_runs_from_top_to_bottom_without_a_warning(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONWARNINGS", "error::UserWarning:composite")
    notebook = nbformat.read(path, as_version=4)
    if "followers.csv" in path.read_text("utf-8") and not (cp.CORPUS / "followers.csv").is_file():
        pytest.skip("data/raw/followers.csv is not there yet")
    NotebookClient(
        notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": path.parent}}
    ).execute()
    shown = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert shown
    assert not [output for output in shown if output.get("name") == "stderr"]


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
    assert [path.stem for path in NOTEBOOKS][:3] == ["01_posts", "02_coding", "03_classifier"]
