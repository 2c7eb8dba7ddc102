"""Hooks of the docs site, named in mkdocs.yml: pages from the README and the notebooks, links between them, formulas.

The site asks no other host for anything: fonts are the reader's, formulas are drawn here, and a page that would load
something from elsewhere stops the build.
"""

from __future__ import annotations

import html
import posixpath
import re
from base64 import b64decode
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import matplotlib as mpl
import nbformat
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextPath, TextToPath
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File

import composite as cp
from docs.notebooks import NOTEBOOKS, ROOT, read_outputs

# pages of the site that are files elsewhere in the project
ELSEWHERE = {
    "index.md": "README.md",
    "changelog.md": "CHANGELOG.md",
    "sources.md": "data/raw/SOURCES.md",
    "security.md": "SECURITY.md",
    "CITATION.cff": "CITATION.cff",
    **{f"tutorial/{path.stem}.md": f"notebooks/{path.name}" for path in NOTEBOOKS},
}
PLACES = {source: uri for uri, source in ELSEWHERE.items()} | {"notebooks": "tutorial/index.md"}
LINK = re.compile(r"(?<=\]\()(?!\w+:|#)([^)#\s]+)")
FOREIGN = re.compile(
    r"<(?:script|img|iframe|source|video|link(?! rel=.canonical))\b[^>]*\s(?:src|href)=.?(?:https?:)?//"
)
SIZE = 16


def on_files(files: Any, config: Any) -> Any:
    """The pages of docs/, and those from elsewhere in the project."""
    with ProcessPoolExecutor(2) as pool:
        for path, notebook in zip(NOTEBOOKS, pool.map(read_outputs, NOTEBOOKS), strict=True):
            for name, content in write_notebook(path.stem, notebook).items():
                files.append(File.generated(config, f"tutorial/{name}", content=content))
    for uri, source in ELSEWHERE.items():
        if not source.endswith(".ipynb"):
            files.append(File.generated(config, uri, content=(ROOT / source).read_text("utf-8")))
    return files


def on_page_markdown(text: str, page: Any, **_: Any) -> str:
    """A page whose links lead to other pages of the site."""
    return relink(text, page.file.src_uri)


def on_page_content(text: str, **_: Any) -> str:
    """A page with its formulas drawn."""
    return re.sub(
        r'<(span|div) class="arithmatex">\\[(\[](.*?)\\[)\]]</\1>',
        lambda found: draw_formula(html.unescape(found[2]), display=found[1] == "div"),
        text,
        flags=re.S,
    )


def on_post_page(output: str, page: Any, **_: Any) -> str:
    """The page itself, if it loads nothing from another host."""
    if found := FOREIGN.search(output):
        raise PluginError(f"{page.file.src_uri} loads something from another host: {found[0]}")
    return output


def relink(text: str, uri: str) -> str:
    """Markdown of the page `uri` whose links to files of the project lead to their place on the site."""
    source = ELSEWHERE.get(uri, f"docs/{uri}")

    def move(found: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(posixpath.dirname(source), found[1]))
        place = PLACES.get(target, target.removeprefix("docs/"))
        return posixpath.relpath(place, posixpath.dirname(uri) or ".") if (ROOT / target).exists() else found[1]

    return LINK.sub(move, text)


def write_notebook(name: str, notebook: nbformat.NotebookNode) -> dict[str, str | bytes]:
    """A notebook with outputs as a page in Markdown and its pictures, by their file names."""
    parts: list[str] = []
    files: dict[str, str | bytes] = {}
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            parts.append(cell.source)
            continue
        parts.append(f"```python\n{cell.source}\n```")
        for output in cell.outputs:
            data = output.get("data", {"text/plain": output.get("text", "")})
            if "image/png" in data:
                picture = f"{name}_{len(files) + 1}.png"
                files[picture] = b64decode(data["image/png"])
                parts.append(f"![{_describe_figure(cell.source)}]({picture})")
            elif "application/vnd.jupyter.widget-view+json" in data:
                parts.append("*Here the notebook shows something to type into.*")
            elif "text/html" in data:
                table = re.sub(r"<style.*?</style>| border=\"1\"", "", data["text/html"], flags=re.S)
                parts.append(f'<div class="output">{table}</div>')
            elif "text/markdown" in data:
                parts.append(data["text/markdown"])
            else:
                parts.append(f"```text\n{data['text/plain'].rstrip()}\n```")
    return {f"{name}.md": "\n\n".join(parts) + "\n", **files}


def _describe_figure(source: str) -> str:
    """What a figure that a cell draws shows, by the docstring of the function that draws it."""
    found = re.search(r"figures\.(draw_\w+)", source)
    drawn = getattr(cp.figures, found[1], None) if found else None
    return " ".join((drawn.__doc__ or "").split("\n\n")[0].split()) if drawn else "What the lines above draw"


def draw_formula(tex: str, *, display: bool) -> str:
    """A formula as SVG in the size and colour of the text around it, with its TeX as alternative text."""
    tex = " ".join(tex.split())
    shown = tex.replace(r"\sum", r"\,\sum")  # what stands under a sum must not touch its neighbours
    shown = shown.replace(r"\frac", r"\dfrac") if display else shown
    with mpl.rc_context({"mathtext.fontset": "stix"}):
        font = FontProperties(size=SIZE)
        width, height, depth = TextToPath().get_text_width_height_descent(f"${shown}$", font, ismath=True)
        path = TextPath((0, 0), f"${shown}$", size=SIZE, prop=font)
    letters = {path.MOVETO: "M", path.LINETO: "L", path.CURVE3: "Q", path.CURVE4: "C", path.CLOSEPOLY: "Z"}
    lines = []
    for points, code in path.iter_segments(simplify=False, curves=True):
        xy = "" if code == path.CLOSEPOLY else " ".join(f"{x:.4g} {-y:.4g}" for x, y in points.reshape(-1, 2))
        lines.append(letters[code] + xy)
    # a hair of room, so that no stroke is cut off
    width, height, depth = width + 1, height + 2, depth + 1
    svg = (
        f'<svg class="formula" role="img" aria-label="{html.escape(tex)}" '
        f'viewBox="-0.5 {depth - height:.4g} {width:.4g} {height:.4g}" style="width:{width / SIZE:.4g}em;'
        f'height:{height / SIZE:.4g}em;vertical-align:{-depth / SIZE:.4g}em"><path d="{"".join(lines)}"/></svg>'
    )
    return f'<div class="formula">{svg}</div>' if display else svg


def list_pages() -> list[Path]:
    """Every page of the site that is a file of docs/."""
    return sorted((ROOT / "docs").rglob("*.md"))
