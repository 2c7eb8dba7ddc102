"""Notebooks with their outputs, kept in data/processed/notebooks until what they are made from changes."""

from __future__ import annotations

import hashlib
import os
from functools import cache
from pathlib import Path

import nbformat
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
KEPT = ROOT / "data" / "processed" / "notebooks"


def read_outputs(path: Path) -> nbformat.NotebookNode:
    """The notebook at `path` with the outputs that it has now: those kept if they are current, else of a new run."""
    kept = KEPT / path.name
    if kept.is_file():
        notebook = nbformat.read(kept, as_version=4)
        if notebook.metadata.get("made_from") == find_checksum(path):
            return notebook
    return run_notebook(path)


def run_notebook(path: Path) -> nbformat.NotebookNode:
    """The notebook at `path`, run from top to bottom, and kept with its outputs."""
    notebook = nbformat.read(path, as_version=4)
    notebook.metadata["made_from"] = find_checksum(path)
    client = NotebookClient(
        notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(path.parent)}}
    )
    client.execute(env={**os.environ, "PYTHONPATH": str(ROOT)})
    KEPT.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, KEPT / path.name)
    return notebook


def find_checksum(path: Path) -> str:
    """The SHA-256 of all that the outputs of a notebook are made from: itself, the library, the data, the packages."""
    return hashlib.sha256(path.read_bytes() + _find_common_checksum()).hexdigest()


@cache
def _find_common_checksum() -> bytes:
    common = hashlib.sha256()
    files = [path for folder in ("composite", "data/raw") for path in (ROOT / folder).rglob("*") if path.is_file()]
    for path in sorted([*files, ROOT / "requirements.lock"]):
        if "__pycache__" not in path.parts:
            common.update(path.relative_to(ROOT).as_posix().encode() + path.read_bytes())
    return common.digest()
