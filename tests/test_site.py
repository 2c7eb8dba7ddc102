"""The docs site: every page has its place, links lead somewhere, formulas can be drawn, how-to pages run."""

from __future__ import annotations

import contextlib
import posixpath
import re
import shlex
import shutil
import warnings
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
import pandas as pd
import pytest
import yaml
from mkdocs.exceptions import PluginError
from typer.main import get_command

import composite as cp
from composite.cli import app, main
from composite.files import write_table
from docs import website

ROOT = Path(__file__).parents[1]
CONFIG = yaml.safe_load((ROOT / "mkdocs.yml").read_text("utf-8"))
HERE = {path.relative_to(ROOT / "docs").as_posix(): path for path in website.list_pages()}
TEXTS = {uri: path.read_text("utf-8") for uri, path in HERE.items()} | {
    uri: (ROOT / source).read_text("utf-8") for uri, source in website.ELSEWHERE.items() if source.endswith(".md")
}
for path in website.NOTEBOOKS:
    cells = nbformat.read(path, as_version=4).cells
    TEXTS[f"tutorial/{path.stem}.md"] = "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
HOW_TO = sorted((ROOT / "docs" / "how-to").glob("*.md"))


def list_nav(entry: Any) -> list[str]:
    if isinstance(entry, str):
        return [entry]
    return [uri for item in (entry.values() if isinstance(entry, dict) else entry) for uri in list_nav(item)]


def test_every_page_stands_once_in_the_navigation_and_nothing_else_does() -> None:
    assert sorted(list_nav(CONFIG["nav"])) == sorted(TEXTS)


@pytest.mark.parametrize("uri", TEXTS)
def test_a_link_of_a_page_leads_to_a_page_and_a_heading_that_are_there(uri: str) -> None:
    known = {*TEXTS, *website.ELSEWHERE, *(f"images/{path.name}" for path in (ROOT / "docs" / "images").iterdir())}
    text = website.relink(re.sub(r"^```.*?^```|`[^`\n]*`", "", TEXTS[uri], flags=re.S | re.M), uri)
    for target in re.findall(r"\]\((?!\w+:)([^)\s]+)\)", text):
        page, _, heading = target.partition("#")
        place = posixpath.normpath(posixpath.join(posixpath.dirname(uri), page)) if page else uri
        assert place in known, target
        if heading:
            headings = re.findall(r"^#+ (.+)$", TEXTS[place], flags=re.M)
            slugs = [re.sub(r"[\s-]+", "-", re.sub(r"[^\w\s-]", "", title).strip().lower()) for title in headings]
            assert heading in slugs, target


def test_a_link_to_a_file_of_the_project_leads_to_its_page() -> None:
    moved = website.relink(
        "[a](docs/method.md#words) [b](notebooks/01_posts.ipynb) [c](https://a.example/)", "index.md"
    )
    assert moved == "[a](method.md#words) [b](tutorial/01_posts.md) [c](https://a.example/)"
    assert website.relink("[a](../codebook.md)", "how-to/read-posts.md") == "[a](../codebook.md)"
    assert website.relink("[a](../README.md)", "method.md") == "[a](index.md)"


@pytest.mark.parametrize("uri", [uri for uri in TEXTS if "$" in TEXTS[uri]])
def test_every_formula_can_be_drawn(uri: str) -> None:
    text = re.sub(r"^```.*?^```|`[^`\n]*`", "", TEXTS[uri], flags=re.S | re.M)
    blocks = re.findall(r"\$\$(.+?)\$\$", text, flags=re.S)
    inline = re.findall(r"\$([^$\n]+)\$", re.sub(r"\$\$.+?\$\$", "", text, flags=re.S))
    for tex in blocks + inline:
        drawn = website.draw_formula(tex, display=tex in blocks)
        assert "<path d=" in drawn, tex
    assert text.count("$") == 4 * len(blocks) + 2 * len(inline), "a formula goes over the end of a line"


def test_a_formula_is_drawn_with_its_tex_as_alternative_text() -> None:
    page = website.on_page_content('<p>so <span class="arithmatex">\\(a &lt; \\pi\\)</span>.</p>')
    assert page.startswith('<p>so <svg class="formula" role="img" aria-label="a &lt; \\pi"')
    assert page.endswith("</svg>.</p>")


@pytest.mark.parametrize(
    "tag",
    ['<script src="https://a.example/a.js">', "<img alt='a' src='//a.example/a.png'>", "<link rel=a href=http://a/b>"],
)
def test_a_page_that_loads_something_from_another_host_stops_the_build(tag: str) -> None:
    page = SimpleNamespace(file=SimpleNamespace(src_uri="a.md"))
    with pytest.raises(PluginError, match=r"a\.md loads something from another host"):
        website.on_post_page(f"<p>{tag}</p>", page=page)
    kept = '<a href="https://a.example/">a</a><img src="images/a.png">'
    assert website.on_post_page(kept, page=page) == kept


def test_the_theme_loads_no_fonts_and_no_scripts_of_others() -> None:
    assert CONFIG["theme"]["font"] is False
    for file in (*CONFIG["extra"]["polyfills"], *CONFIG["extra_css"]):
        assert (ROOT / "docs" / file).is_file()


def test_a_notebook_becomes_a_page_with_its_words_code_and_outputs() -> None:
    data = {"image/png": "iVBORw0KGgo="}
    outputs = [
        nbformat.v4.new_output("stream", text="said\n"),
        nbformat.v4.new_output("execute_result", data={"text/plain": "42"}),
        nbformat.v4.new_output("execute_result", data={"text/plain": "t", "text/html": "<style>p</style><b>t</b>"}),
        nbformat.v4.new_output("execute_result", data={"text/plain": "f", **data}),
    ]
    cell = nbformat.v4.new_code_cell("cp.figures.draw_months(months)", outputs=outputs)
    made = website.write_notebook("a", nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# A"), cell]))
    assert made["a_1.png"] == b"\x89PNG\r\n\x1a\n"
    page = str(made["a.md"])
    assert page.startswith("# A\n\n```python\ncp.figures.draw_months(months)\n```\n\n```text\nsaid\n```")
    assert '<div class="output"><b>t</b></div>' in page
    assert re.search(r"!\[[^\]]*month[^\]]*\]\(a_1\.png\)", page)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, corpus_labels: pd.DataFrame, corpus_codings: pd.DataFrame) -> Path:
    """The files that the how-to pages speak of: posts, accounts, codes, and the tables of a report."""
    folder = tmp_path_factory.mktemp("how-to")
    for name, ours in {"posts": "posts", "codings": "coded", "accounts": "accounts"}.items():
        shutil.copy(cp.CORPUS / f"{name}.csv", folder / f"{ours}.csv")
    ranks = cp.rank_countries(corpus_labels, corpus_codings, resamples=99)
    write_table(folder / "reports" / "tables" / "ranks.csv", ranks)
    return folder


@pytest.mark.parametrize("page", HOW_TO, ids=lambda page: page.stem)
def test_what_a_how_to_page_says_runs(
    page: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(folder)
    names: dict[str, object] = {}
    blocks = re.findall(r"```(python|sh)\n(.*?)```", page.read_text("utf-8"), flags=re.S)
    assert blocks
    for kind, block in blocks:
        if kind == "python":
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                exec(compile(block, page.name, "exec"), names)
            continue
        for line in block.strip().splitlines():
            program, command, *options = shlex.split(line)
            assert program == "composite"
            if command in ("check", "diff"):  # these make studies, or compare two: here their options are known
                get_command(app).commands[command].make_context(command, options)  # type: ignore[attr-defined]
                continue
            monkeypatch.setattr("sys.argv", [program, command, *options])
            with contextlib.suppress(SystemExit):
                main()
            assert "error" not in capsys.readouterr().err.lower(), line
