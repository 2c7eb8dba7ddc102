"""Every figure of a report as pictures, to be looked at: at both sizes, in three languages, as colour-blind people see.

    python -m benchmarks.pictures reports --out pictures [--only ranks]

For every figure there is a PNG of each size, and one sheet with four views of the page: usual sight, deuteranopia,
protanopia and grey. The distances of the themes' colours are printed.
"""

from __future__ import annotations

import argparse
import io
import itertools
from pathlib import Path

import matplotlib.image
import numpy as np
from colorspacious import cspace_convert

import composite as cp
from composite.codebook.themes import THEMES
from composite.files import make_folder
from composite.report.colours import SIGHTS, measure_difference
from composite.report.drawing import render
from composite.report.look import SIZES, Look

VIEWS = ("deuteranomaly", "protanomaly", "grey")


def see(picture: np.ndarray, view: str) -> np.ndarray:
    """An (h, w, 3) picture of 0–1 as somebody sees it."""
    if view == "grey":
        return np.repeat((picture @ [0.2126, 0.7152, 0.0722])[..., None], 3, axis=2)
    space = {"name": "sRGB1+CVD", "cvd_type": view, "severity": 100}
    return np.clip(cspace_convert(picture, space, "sRGB1"), 0, 1)


def main() -> None:
    """Write the pictures and print the distances of the colours."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("reports", type=Path)
    parser.add_argument("--out", type=Path, default=Path("pictures"))
    parser.add_argument("--only", action="append")
    parser.add_argument("--language", default="en")
    given = parser.parse_args()
    folder = make_folder(given.out)
    for name, exhibit in cp.figures.FIGURES.items():
        file = given.reports / "tables" / f"{exhibit.table}.csv"
        if not file.is_file() or (given.only and name not in given.only):
            continue
        table = cp.read_table(exhibit.table, file)
        print(f"{name}: {exhibit.tell(table)}")
        for size in SIZES:
            look = Look(size=size, language=given.language)
            png = render(exhibit.draw(table, look=look), "png")
            (folder / f"{name}.{size}.png").write_bytes(png)
            if size == "page":
                picture = matplotlib.image.imread(io.BytesIO(png))[::2, ::2, :3].astype(float)
                views = [picture, *(see(picture, view) for view in VIEWS)]
                sheet = np.vstack([np.hstack(views[:2]), np.hstack(views[2:])])
                matplotlib.image.imsave(folder / f"{name}.views.png", np.ascontiguousarray(sheet))
    for sight, matrix in SIGHTS.items():
        pairs = sorted(
            (measure_difference(one.colour, two.colour, matrix), one.key, two.key)
            for one, two in itertools.combinations(THEMES, 2)
        )
        print(sight, "; ".join(f"{one}–{two} ΔE {distance:.1f}" for distance, one, two in pairs[:3]))


if __name__ == "__main__":
    main()
