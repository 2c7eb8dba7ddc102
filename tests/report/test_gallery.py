"""Figures that two processes draw are those that one draws, whatever becomes of the other."""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd
import pytest

from composite.files import write_table
from composite.report import gallery
from composite.report.figures import FIGURES
from composite.report.gallery import Gallery, open_gallery
from composite.report.pictures import Picture

NAMES = ("months", "quality", "cooccurrence")


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory, tables: dict[str, pd.DataFrame]) -> Path:
    folder = tmp_path_factory.mktemp("tables")
    for name in {FIGURES[name].table for name in NAMES}:
        write_table(folder / f"{name}.csv", tables[name])
    return folder


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory, written: Path) -> dict[str, Picture]:
    return Gallery(written, NAMES, tmp_path_factory.mktemp("alone")).collect()


def test_a_figure_has_the_same_bytes_whichever_process_draws_it(written, alone, tmp_path):
    other = Gallery(written, NAMES, tmp_path)
    other.start_helper()
    assert other.helper is not None
    assert other.helper.wait() == 0
    assert {path.name for path in tmp_path.glob("*.png")} == {f"{name}.png" for name in NAMES}
    assert other.collect() == alone
    assert list(alone) == list(NAMES)


def test_what_a_process_has_taken_and_not_drawn_is_drawn_all_the_same(written, alone, tmp_path):
    (tmp_path / "quality.taken").touch()
    (tmp_path / "quality.svg").write_bytes(b"half")
    assert Gallery(written, NAMES, tmp_path).collect() == alone


@pytest.mark.parametrize("program", ["/nowhere/python", "", None])
def test_without_a_python_to_start_one_process_draws_all(program, written, alone, monkeypatch):
    monkeypatch.setattr(gallery, "FEWEST", 1)
    monkeypatch.setattr(gallery, "count_cores", lambda: 2)
    monkeypatch.setattr(sys, "executable", program)
    with open_gallery(written, NAMES) as drawing:
        assert drawing.helper is None
        assert drawing.collect() == alone


@pytest.mark.parametrize(("fewest", "cores"), [(4, 2), (1, 1)])
def test_few_figures_or_one_core_start_no_other_process(fewest, cores, written, monkeypatch):
    monkeypatch.setattr(gallery, "FEWEST", fewest)
    monkeypatch.setattr(gallery, "count_cores", lambda: cores)
    with open_gallery(written, NAMES) as drawing:
        assert drawing.helper is None


def test_an_interruption_ends_the_other_process_and_leaves_no_file(written, monkeypatch):
    monkeypatch.setattr(gallery, "FEWEST", 1)
    monkeypatch.setattr(gallery, "count_cores", lambda: 2)
    with pytest.raises(KeyboardInterrupt), open_gallery(written, NAMES) as drawing:
        raise KeyboardInterrupt
    assert drawing.helper is not None
    assert drawing.helper.poll() is not None
    assert not drawing.place.exists()
