"""One content, four renderings: the page, Word, PDF and the files beside a figure say the same numbers."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import docx
import pandas as pd
import pypdfium2
import pytest
from docx.oxml.ns import qn

from composite.codebook.countries import COUNTRY
from composite.codebook.themes import THEME
from composite.files import write_table
from composite.report.content import Content
from composite.report.figures import FIGURES
from composite.report.layouts import LAYOUTS, Grid
from composite.report.paper import place_exhibit
from composite.report.pictures import Picture

Rows = list[list[str]]
each = pytest.mark.parametrize("name", FIGURES)
NUMBER = re.compile(r"[<+−-]?\d[\d,]*(?:\.\d+)?(?:e[−-]?\d+)?")
HIDDEN = {"corpus", "df"}
WORDS = {True: "yes", False: "no", "True": "yes", "False": "no"}
# what a cell of a grid says, in this order
GRIDS = ("rank", "difference", "alpha", "ratio", "share")


class PageReader(HTMLParser):
    """Headings, captions, items of numbered lists, facts and tables of the page, in their order."""

    def __init__(self) -> None:
        super().__init__()
        self.section = ""
        self.open: list[str] = []
        self.parts: list[tuple[str, str, str]] = []  # section, tag, text
        self.tables: dict[str, list[Rows]] = {}
        self.figures = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "section":
            self.section = str(dict(attrs)["id"])
        if tag == "table":
            self.tables.setdefault(self.section, []).append([])
        if tag == "tr":
            self.tables[self.section][-1].append([])
        if tag in ("th", "td"):
            self.tables[self.section][-1][-1].append("")
        if tag in ("h2", "figcaption", "caption", "li", "dt", "dd"):
            self.parts.append((self.section, tag, ""))
        if tag == "span" and ("class", "files") in attrs:
            tag = "files"
        if tag not in ("meta", "link", "br", "input"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag == "span" and "files" in self.open:
            tag = "files"
        while self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if "files" in self.open or "svg" in self.open or "nav" in self.open:
            return
        if self.open and {"th", "td"} & set(self.open):
            self.tables[self.section][-1][-1][-1] += data
        elif self.parts and {"h2", "figcaption", "caption", "li", "dt", "dd"} & set(self.open):
            section, tag, text = self.parts[-1]
            self.parts[-1] = (section, tag, text + data)


@pytest.fixture(scope="module")
def page(made: dict[str, bytes]) -> PageReader:
    reader = PageReader()
    reader.feed(made["html"].decode().split("</nav>", 1)[1])
    return reader


@pytest.fixture(scope="module")
def word(made: dict[str, bytes]) -> Any:
    return docx.Document(io.BytesIO(made["docx"]))


@pytest.fixture(scope="module")
def word_tables(word: Any) -> list[Rows]:
    def read(table: Any) -> Rows:
        rows = [
            ["".join(t.text or "" for t in cell.iter(qn("w:t"))) for cell in row.tc_lst] for row in table._tbl.tr_lst
        ]
        return [[cell.removeprefix("\u25a0 ") for cell in row] for row in rows]

    return [read(table) for table in word.tables]


@pytest.fixture(scope="module")
def sheets(made: dict[str, bytes]) -> list[str]:
    """The text of every page of the PDF."""
    with pypdfium2.PdfDocument(made["pdf"]) as document:
        return [sheet.get_textpage().get_text_range() for sheet in document]


@pytest.fixture(scope="module")
def files(tables: dict[str, pd.DataFrame], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Rows]:
    """The CSV file beside each figure, as text."""
    folder: Path = tmp_path_factory.mktemp("figures")
    for name, exhibit in FIGURES.items():
        write_table(folder / f"{name}.csv", tables[exhibit.table])
    return {name: list(csv.reader(io.StringIO((folder / f"{name}.csv").read_text("utf-8")))) for name in FIGURES}


def squeeze(text: str, *, form: str = "") -> str:
    """Text without white space; that of a PDF has no hyphens at the ends of lines."""
    return re.sub(r"[\s\-\x02\ufffe]+" if form == "pdf" else r"\s+", "", text)


def is_shown(cell: str, raw: str, scale: float, *, whole: bool) -> bool:
    """Whether a cell shows the number of the file, to the digits that it has."""
    if not raw:
        return cell == "–"
    number = scale * float(raw)
    if cell.startswith("<"):
        return abs(number) < float(cell[1:])
    said = Decimal(cell.replace(",", "").replace("−", "-"))
    last = 0.5 * 10 ** float(said.as_tuple().exponent)
    least = last if whole else min(last, 0.00501 * abs(number))  # three digits
    return abs(float(said) - number) <= least + 1e-9


def test_every_cell_of_every_table_of_the_page_is_that_of_the_file(page: PageReader, files: dict[str, Rows]) -> None:
    names = {theme.label: key for key, theme in THEME.items()} | {c.name: code for code, c in COUNTRY.items()}
    cells = 0
    for name, [heads, *rows] in files.items():
        shown_heads, *shown = page.tables[name][0]
        kept = [place for place, head in enumerate(heads) if head not in HIDDEN]
        assert [re.sub(r" \((%|points)\)$", "", head) for head in shown_heads] == [
            heads[place].replace("_", " ") for place in kept
        ]
        assert len(shown) == len(rows)
        for shown_row, row in zip(shown, rows, strict=True):
            for head, cell, raw in zip(shown_heads, shown_row, [row[place] for place in kept], strict=True):
                cells += 1
                if raw == "" or NUMBER.fullmatch(cell):
                    unit = head.endswith(("(%)", "(points)"))
                    scale = 100 if unit else 1
                    assert is_shown(cell, raw, scale, whole=unit or head.startswith(("p ", "effective", "tuning"))), (
                        name,
                        head,
                        cell,
                        raw,
                    )
                else:
                    assert names.get(cell, cell) == raw or WORDS.get(raw) == cell, (name, head, cell, raw)
    assert cells > 10_000


@each
def test_every_number_of_a_table_in_word_is_that_of_the_file(
    content: Content, word_tables: list[Rows], page: PageReader, tables: dict[str, pd.DataFrame], name: str
) -> None:
    place = list(FIGURES).index(name)
    [heads, *rows] = word_tables[place]
    assert rows == [list(row) for row in content.exhibits[place].printed.rows]
    layout = LAYOUTS.get(name)
    if not isinstance(layout, Grid):
        whole_heads, *whole = page.tables[name][0]
        columns = [whole_heads.index(head) for head in heads]
        known = Counter(tuple(row[column] for column in columns) for row in whole)
        assert rows or content.exhibits[place].printed.note.startswith("None of the ")
        assert not Counter(map(tuple, rows)) - known
        return
    chosen = layout.choose(tables[FIGURES[name].table])
    value = next(column for column in GRIDS if column in chosen)
    labels = {COUNTRY[code].name: code for code in COUNTRY} | {theme.label: key for key, theme in THEME.items()}
    shorts = {theme.short: key for key, theme in THEME.items()} | {"Whole set": "set", "Nothing else": "none"}
    estimates = chosen.set_index([layout.index, layout.columns])
    compared = 0
    for first, *cells in rows:
        for head, cell in zip(heads[1:], cells, strict=True):
            key = (labels.get(first, first), shorts.get(head, head.lower()))
            said = re.findall(r"(?:(?<=\()|(?<=to )|[<+])?−?[<]?\d+(?:\.\d+)?", cell)
            if cell == "–":
                assert key not in estimates.index or pd.isna(estimates.loc[key, value])
                continue
            row = estimates.loc[key]
            ends = ["rank_low", "rank_high"] if value == "rank" else ["low", "high"]
            raws = [row[value], *(row[end] for end in ends if end in row.index and not pd.isna(row[end]))]
            raws = raws[: len(said)] if name in ("cooccurrence", "confusions") else raws
            assert len(said) == len(raws), (cell, raws)
            scale = 100 if value in ("share", "difference") else 1
            assert all(
                is_shown(text, repr(float(raw)), scale, whole=True) for text, raw in zip(said, raws, strict=True)
            )
            compared += len(said)
    assert compared


def find_numbers(text: str) -> Counter[str]:
    return Counter(re.findall(r"\d[\d,]*(?:\.\d+)?", text))


def find_pages(sheets: list[str], number: int) -> tuple[str, int, int]:
    """What stands from the caption of a table to the next, and on which pages it begins and ends."""
    text, starts = "", []
    for sheet in sheets:
        starts.append(len(text))
        text += sheet + "\n"
    begin = re.search(rf"^Table\s{number}\. ", text, flags=re.MULTILINE)
    assert begin, number
    after = re.compile(r"^(Figure|Table)\s\d+\. ", flags=re.MULTILINE).search(text, begin.end())
    end = after.start() if after else len(text)
    first, last = (sum(start <= place for start in starts) for place in (begin.start(), end))
    return text[begin.start() : end], first, last


def test_every_number_of_a_table_stands_in_the_pdf_below_its_caption(
    word_tables: list[Rows], sheets: list[str]
) -> None:
    for number, rows in enumerate(word_tables, start=1):
        text, _, _ = find_pages(sheets, number)
        missing = sum((find_numbers(cell) for row in rows[1:] for cell in row), Counter()) - find_numbers(text)
        assert not missing, (number, missing)


def read_captions(word: Any) -> Iterator[str]:
    return (paragraph.text for paragraph in word.paragraphs if paragraph.style.name == "Caption")


def test_captions_have_the_same_words_order_and_numbers_everywhere(
    page: PageReader, word: Any, sheets: list[str]
) -> None:
    said = [
        " ".join(text.split())
        for section, tag, text in page.parts
        if tag in ("figcaption", "caption") and section != "compare"
    ]
    notes = re.compile(r" Illustrative corpus: .*$")
    captions = [notes.sub("", caption) for caption in said]
    assert captions == list(read_captions(word))
    figures = [int(text.split(".")[0].removeprefix("Figure ")) for text in captions if text.startswith("Figure")]
    numbers = [int(text.split(".")[0].removeprefix("Table ")) for text in captions if text.startswith("Table")]
    assert figures == list(range(1, len(FIGURES) + 1))
    assert numbers == list(range(1, len(numbers) + 1))
    text, place = squeeze("".join(sheets), form="pdf"), 0
    for caption in captions:
        place = text.find(squeeze(caption, form="pdf"), place)
        assert place >= 0, caption


def test_headings_findings_and_facts_are_the_same_in_the_same_order_everywhere(
    content: Content, page: PageReader, word: Any, sheets: list[str]
) -> None:
    def choose(*tags: str, section: str | None = None) -> list[str]:
        return [t.strip() for s, tag, t in page.parts if tag in tags and section in (None, s)]

    def style(*names: str) -> list[str]:
        return [paragraph.text for paragraph in word.paragraphs if paragraph.style.name in names]

    own = {"Two countries side by side"}  # what only a page can do
    headings = [title for title in style("Heading 1", "Heading 2") if title != "Figures and tables"]
    assert [title for title in choose("h2") if title not in own] == headings
    findings = choose("li", section="findings")
    assert len(findings) == 5
    assert findings == style("List Number")
    facts = list(zip(choose("dt", section=""), choose("dd", section=""), strict=True))
    assert facts == list(content.facts)
    assert [f"{name}: {value}" for name, value in facts] == [
        paragraph.text for paragraph in word.paragraphs if paragraph.runs and paragraph.runs[0].text.endswith(": ")
    ]
    text, place = squeeze("".join(sheets), form="pdf"), 0
    for words in [f"{name}: {value}" for name, value in facts] + findings:
        place = text.find(squeeze(words, form="pdf"), place)
        assert place >= 0, words


def test_tables_of_the_sections_are_the_same_cell_for_cell(
    content: Content, page: PageReader, word_tables: list[Rows]
) -> None:
    sections = [page.tables.get(part.key, []) for part in content.after]
    shown = [[[cell.strip() for cell in row] for row in table] for tables in sections for table in tables]
    assert shown == word_tables[len(FIGURES) :]


def test_a_figure_and_its_table_stand_on_one_page_where_there_is_room(
    content: Content, pictures: dict[str, Picture], sheets: list[str]
) -> None:
    together = 0
    for number, exhibit in enumerate(content.exhibits, start=1):
        if not place_exhibit(exhibit, pictures[exhibit.name]).together:
            continue
        together += 1
        _, first, _ = find_pages(sheets, number)
        assert re.search(rf"^Figure\s{number}\. ", sheets[first - 1], flags=re.MULTILINE), exhibit.name
        assert squeeze(exhibit.printed.note, form="pdf") in squeeze(sheets[first - 1], form="pdf"), exhibit.name
    assert together >= len(FIGURES) / 3
    # as high as most are drawn
    low = next(picture for picture in pictures.values() if picture.size == (8, 3))
    assert all(place_exhibit(exhibit, low).together for exhibit in content.exhibits)
