"""The generated pages are current, everything public is documented, and the README runs."""

from __future__ import annotations

import contextlib
import re
import shlex
import shutil
import warnings
from pathlib import Path
from xml.etree import ElementTree

import pandas as pd
import pytest
from typer.main import get_command

import composite as cp
from composite.cli import app, main
from composite.report.drawing import render
from docs.generate import make_pages

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
PAGES = make_pages()


@pytest.mark.parametrize("name", PAGES)
def test_a_generated_page_is_what_make_docs_writes(name: str) -> None:
    assert (ROOT / name).read_text("utf-8") == PAGES[name], "run: make docs"


def test_every_public_name_is_in_the_reference() -> None:
    reference = PAGES["docs/reference.md"]
    for name in cp.__all__:
        assert re.search(rf"^## `cp\.{name}[`(]", reference, flags=re.M), name


def test_every_column_of_every_table_is_in_the_data_dictionary_with_unit_and_meaning() -> None:
    page = PAGES["docs/data-dictionary.md"]
    for table, schema in cp.TABLES.items():
        section = page.split(f"## `{table}`\n")[1].split("\n## ")[0]
        for column, spec in schema.columns.items():
            assert spec.title, column
            assert spec.description, column
            row = next(line for line in section.splitlines() if line.startswith(f"| `{column}` |"))
            assert row.endswith(f"| {spec.description} |")


def test_every_command_and_option_is_in_the_commands_page_and_has_help() -> None:
    page = PAGES["docs/commands.md"]
    for name, command in get_command(app).commands.items():  # type: ignore[attr-defined]
        assert command.help, name
        section = page.split(f"## `composite {name}`\n")[1].split("\n## ")[0]
        for parameter in command.params:
            assert parameter.help, parameter.name
            for option in (text for text in parameter.opts if text.startswith("--")):
                assert option in section, option


def test_every_public_function_says_what_it_returns_and_what_it_raises() -> None:
    for name in cp.__all__:
        thing = getattr(cp, name)
        if callable(thing) and not isinstance(thing, type):
            assert "Raises" in thing.__doc__ or name in ("count_months", "hash_text", "load_classifier", "mask_posts")


@pytest.mark.parametrize(
    "page",
    [
        "README.md",
        "docs/method.md",
        "docs/platforms.md",
        "docs/corpora.md",
        "docs/capitals.md",
        "docs/ethics.md",
        "data/raw/SOURCES.md",
        "CHANGELOG.md",
    ],
)
def test_links_to_files_of_the_project_lead_somewhere(page: str) -> None:
    text = (ROOT / page).read_text("utf-8")
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", text):
        assert ((ROOT / page).parent / target).exists(), target


def test_the_shell_commands_of_the_readme_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copy(cp.CORPUS / "posts.csv", tmp_path / "posts.csv")
    shutil.copy(cp.CORPUS / "codings.csv", tmp_path / "coded.csv")
    monkeypatch.chdir(tmp_path)
    block = README.split("## The same in the shell")[1].split("```sh\n")[1].split("```")[0]
    commands = [line for line in block.splitlines() if line.strip()]
    assert len(commands) == 4
    for line in commands:
        monkeypatch.setattr("sys.argv", shlex.split(line))
        with contextlib.suppress(SystemExit):
            main()
        assert "error" not in capsys.readouterr().err, line
    for made in ("reports/index.html", "to_code.csv", "reports/figures/shares.pdf"):
        assert (tmp_path / made).stat().st_size > 0


def test_the_python_of_the_readme_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copy(cp.CORPUS / "posts.csv", tmp_path / "posts.csv")
    shutil.copy(cp.CORPUS / "codings.csv", tmp_path / "coded.csv")
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```", README, flags=re.S)
    assert len(blocks) == 2
    names: dict[str, object] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for block in blocks:
            exec(compile(block, "README.md", "exec"), names)
    shares = names["shares"]
    assert isinstance(shares, pd.DataFrame)
    assert set(shares["method"]) == {"naive", "coded", "corrected"}


def test_the_picture_in_the_readme_shows_the_numbers_of_the_corpus(
    corpus_labels: pd.DataFrame, corpus_codings: pd.DataFrame
) -> None:
    drawn = render(cp.figures.draw_shares(cp.estimate_shares(corpus_labels, corpus_codings)), "svg")
    kept = (ROOT / "docs" / "images" / "shares.svg").read_bytes()
    texts = [
        [node.text for node in ElementTree.fromstring(svg).iter() if node.tag.endswith("}text")]
        for svg in (drawn, kept)
    ]
    assert len(texts[0]) > 180
    assert texts[0] == texts[1], "run: make docs"
