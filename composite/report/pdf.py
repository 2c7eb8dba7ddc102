"""The report as PDF: tagged, with real text in its figures, and the same bytes on every run."""

from __future__ import annotations

import json
import tempfile
from dataclasses import asdict
from importlib.resources import files
from pathlib import Path
from typing import Any

from composite.report.content import Content
from composite.report.paper import TOGETHER, Place, place_exhibit, weigh_columns
from composite.report.pictures import Picture


def write_pdf(content: Content, pictures: dict[str, Picture]) -> bytes:
    """The bytes of a PDF/UA file on A4; fonts are those that come with typst and matplotlib, and no others."""
    import matplotlib as mpl
    import typst

    # a fixed template reads the words as data: whatever stands in them stays text
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        template = files("composite").joinpath("report", "report.typ").read_bytes()
        (root / "report.typ").write_bytes(template)
        (root / "content.json").write_text(json.dumps(_arrange(content, pictures)), "utf-8")
        for name, picture in pictures.items():
            (root / f"{name}.svg").write_bytes(picture.svg)
        fonts = typst.Fonts(
            include_system_fonts=False,
            include_embedded_fonts=True,
            font_paths=[str(Path(mpl.get_data_path()) / "fonts" / "ttf")],
        )
        return typst.compile(
            root / "report.typ",
            root=root,
            font_paths=fonts,
            ignore_system_fonts=True,
            format="pdf",
            pdf_standards=["ua-1"],
            timestamp=0,
        )


def _arrange(content: Content, pictures: dict[str, Picture]) -> dict[str, Any]:
    """The content as plain lists and dictionaries, with the widths of columns and figures."""
    data = asdict(content) | {"together": TOGETHER}
    for part in (*data["before"], *data["after"]):
        for block in part["blocks"]:
            if block["form"] == "table":
                _measure(block)
    for exhibit, made in zip(content.exhibits, data["exhibits"], strict=True):
        place: Place = place_exhibit(exhibit, pictures[exhibit.name])
        made |= {"alt": exhibit.alt, "landscape": place.landscape, "width": place.width, "together": place.together}
        del made["head"], made["rows"]
        _measure(made["printed"])
    return data


def _measure(table: dict[str, Any]) -> None:
    heads = [head["name"] for head in table["head"]]
    table["widths"], table["numeric"] = weigh_columns(heads, table["rows"])
