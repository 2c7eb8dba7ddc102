"""The figures of a report, drawn by two processes: this one and, where there is a second core, one more.

Each takes the next figure that the other has not taken, this one from the first and the other from the last. Whatever
becomes of the other, this one draws what is not there, so the figures never depend on it; and both draw from the tables
as they are written, so that a figure has the same bytes whichever draws it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import pandas as pd

import composite
from composite.codebook.contract import read_table
from composite.cores import count_cores
from composite.files import write_whole
from composite.report.drawing import render
from composite.report.figures import FIGURES
from composite.report.pictures import Picture

PATIENCE = 120  # seconds after which this process draws what the other has taken
FEWEST = 12  # figures below which loading a second Python takes longer than they do


class Gallery:
    """Figures that are being drawn.

    Parameters
    ----------
    tables : Path
        Folder of the tables.
    names : sequence of str
        Keys of `FIGURES`.
    place : Path
        A folder that is empty: what both processes have taken and drawn.
    """

    def __init__(self, tables: Path, names: Sequence[str], place: Path) -> None:
        self.tables, self.names, self.place = tables, tuple(names), place
        self.helper: subprocess.Popen[bytes] | None = None

    def start_helper(self) -> None:
        """Let one more process begin to draw, from the last figure on."""
        home = str(Path(composite.__file__).parents[1])
        path = os.pathsep.join(filter(None, (home, os.environ.get("PYTHONPATH"))))
        try:
            self.helper = subprocess.Popen(
                [sys.executable, "-m", "composite.report.gallery", self.tables, self.place, *self.names[::-1]],
                env={**os.environ, "PYTHONPATH": path},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        except OSError:  # no program to start, or no room for one: it goes without
            self.helper = None

    def draw(self) -> None:
        """Draw every figure that nobody has taken."""
        for name in self.names:
            try:
                (self.place / f"{name}.taken").touch(exist_ok=False)
            except FileExistsError:
                continue
            self._draw(name)

    def _draw(self, name: str) -> None:
        figure = FIGURES[name].draw(self.read(name))
        # each drawing moves what the next one starts from: always in this order
        for form in ("svg", "png"):
            write_whole(self.place / f"{name}.{form}", render(figure, form))

    def read(self, name: str) -> pd.DataFrame:
        """The table of a figure as it is written, so that `composite figures` draws the same from the file."""
        table = FIGURES[name].table
        return read_table(table, self.tables / f"{table}.csv")

    def collect(self) -> dict[str, Picture]:
        """All figures, once they are drawn."""
        self.draw()
        if self.helper is not None:
            with suppress(subprocess.TimeoutExpired):  # it has one figure left at the most
                self.helper.wait(PATIENCE)
        pictures = {}
        for name in self.names:
            svg, png = self.place / f"{name}.svg", self.place / f"{name}.png"
            if not png.is_file():  # the second of the two
                self._draw(name)
            pictures[name] = Picture(svg.read_bytes(), png.read_bytes())
        return pictures


@contextmanager
def open_gallery(tables: Path, names: Sequence[str]) -> Iterator[Gallery]:
    """Figures that another process begins to draw at once; `collect` gives them."""
    with tempfile.TemporaryDirectory(prefix="composite.") as place:
        gallery = Gallery(tables, names, Path(place))
        if len(names) >= FEWEST and count_cores() > 1 and sys.executable:
            gallery.start_helper()
        try:
            yield gallery
        finally:
            if gallery.helper is not None:
                gallery.helper.kill()
                gallery.helper.wait()


def main() -> None:
    """Draw figures beside another process: what `start_helper` starts."""
    tables, place, *names = sys.argv[1:]
    Gallery(Path(tables), names, Path(place)).draw()


if __name__ == "__main__":
    main()
