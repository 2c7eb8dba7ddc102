"""Word and PDF: the same words as the page, real styles, alternative texts, nothing that a name could run, no clock."""

from __future__ import annotations

import dataclasses
import io
import re
import zipfile
from collections.abc import Callable
from html import unescape

import docx
import pandas as pd
import pypdfium2
import pytest
from docx.oxml.ns import qn

import composite as cp
from composite.report.compose import compose
from composite.report.content import Content
from composite.report.document import REPORTS, WRITERS, choose_formats
from composite.report.figures import FIGURES
from composite.report.layouts import LAYOUTS
from composite.report.paper import PORTRAIT, weigh_columns
from composite.report.pictures import Picture

# what names of agencies and notes may hold: markup of every format, signs that XML forbids, other scripts
HOSTILE = (
    "<script>alert(1)</script>",
    "#let x = 1; #panic()",
    "=cmd|' /C calc'!A0",
    "{{ 7*7 }} *bold* _it_ $a$ @ref <label> \\",
    "Полиција Скопје 😀 👮🏽‍♀️",
    "bell\x07 null\x00 turn\u202e end\uffff",
)


def make_content(
    labels: pd.DataFrame, codings: pd.DataFrame, more: dict[str, pd.DataFrame], notes: tuple[str, ...] = ()
) -> Content:
    labels = labels.assign(corpus="illustrative").astype({"corpus": "str"})
    uptake = cp.find_uptake(labels, codings)
    tables = {
        "shares": cp.estimate_shares(labels, codings),
        "agencies": cp.estimate_shares(labels, codings, by=("country", "agency")),
        "contrasts": cp.compare_countries(labels, codings, against="others", resamples=99),
        "pairs": cp.compare_countries(labels, codings, resamples=99),
        "ranks": cp.rank_countries(labels, codings, resamples=99),
        "months": cp.count_months(labels),
        "quality": cp.measure_quality(labels, codings),
        "curves": cp.estimate_curves(uptake),
        "cooccurrence": cp.measure_cooccurrence(labels, codings),
        **more,
    }
    rejected = pd.DataFrame({"file": "a.csv", "line": [2, 3], "reason": ["no text", "no country"], "value": "x"})
    return compose(
        labels,
        codings,
        tables,
        {name: tables[figure.table] for name, figure in FIGURES.items() if figure.table in tables},
        rejected=rejected,
        notes=notes,
        doubt=None,
        level=0.95,
        labelled="trained",
    )


@pytest.fixture(scope="module")
def word(made: dict[str, bytes]) -> docx.document.Document:
    return docx.Document(io.BytesIO(made["docx"]))


def read_pdf(data: bytes) -> list[str]:
    """The text of every page, with the lines of a paragraph put together."""
    pages = pypdfium2.PdfDocument(data)
    return [" ".join(page.get_textpage().get_text_range().split()) for page in pages]


def read_texts(made: dict[str, bytes]) -> dict[str, str]:
    """All text of each format, white space made plain."""
    body = re.sub(r"<svg .*?</svg>", "", made["html"].decode().split("</style>", 1)[1], flags=re.DOTALL)
    page = unescape(re.sub(r"<[^>]+>", " ", body))
    document = docx.Document(io.BytesIO(made["docx"]))
    texts = {
        "html": page,
        "docx": " ".join(element.text or "" for element in document.element.body.iter(qn("w:t"))),
        "pdf": " ".join(read_pdf(made["pdf"])),
    }
    # a PDF's text has no hyphens at the ends of lines
    return {form: squeeze(text, hyphens=form != "pdf") for form, text in texts.items()}


def squeeze(text: str, *, hyphens: bool = True) -> str:
    return re.sub(r"\s+" if hyphens else r"[\s\-\x02\ufffe]+", "", text)


def test_all_formats_say_the_same_words(content: Content, made: dict[str, bytes]) -> None:
    texts = read_texts(made)
    for section in (*content.before, *content.after):
        said = [section.title]
        for block in section.blocks:
            if block.form == "paragraph":
                said.append(block.text)  # type: ignore[union-attr]
            elif block.form == "bullets":
                said += [text for item in block.items for text in (item.lead, item.text)]  # type: ignore[union-attr]
            else:
                said += [cell for row in block.rows for cell in row]  # type: ignore[union-attr]
        for form, text in texts.items():
            for words in said:
                # lines of the cells of a PDF's row stand between each other, and pages between lines
                parts = words.split() if form == "pdf" else [words]
                assert all(squeeze(part, hyphens=form != "pdf") in text for part in parts), (form, words)
    for exhibit in content.exhibits:
        for form, text in texts.items():
            for words in (exhibit.title, exhibit.caption):
                assert squeeze(words, hyphens=form != "pdf") in text, (form, exhibit.name)


def test_the_summary_comes_first_with_five_findings(content: Content, made: dict[str, bytes]) -> None:
    first = squeeze(read_pdf(made["pdf"])[0], hyphens=False)
    for item in content.before[0].blocks[-1].items:  # type: ignore[union-attr]
        assert squeeze(item.text, hyphens=False) in first
    assert content.before[0].title == "Five findings"
    assert len(content.before[0].blocks[-1].items) == 5  # type: ignore[union-attr]
    assert [section.key for section in content.after] == ["method", "limits", "data", "codebook"]


def test_the_word_file_has_every_figure_with_its_alternative_text(
    content: Content, word: docx.document.Document
) -> None:
    shapes = [shape._inline.docPr for shape in word.inline_shapes]
    assert [shape.get("descr") for shape in shapes] == [exhibit.alt for exhibit in content.exhibits]
    assert len({shape.get("id") for shape in shapes}) == len(shapes) > 20
    for shape in word.inline_shapes:
        assert shape.width <= word.sections[-1].page_height
        assert shape.height < shape.width * 3


def test_the_word_file_has_native_tables_whose_heads_repeat(content: Content, word: docx.document.Document) -> None:
    blocks = [block for part in content.after for block in part.blocks if block.form == "table"]
    printed = [exhibit.printed for exhibit in content.exhibits]
    assert len(word.tables) == len(printed) + len(blocks)
    for table, block in zip(word.tables, [*printed, *blocks], strict=True):
        assert table.style.name == "Report Table"
        assert len(table._tbl.tr_lst) == len(block.rows) + 1  # type: ignore[union-attr]
        assert table._tbl.tr_lst[0].find(qn("w:trPr")).find(qn("w:tblHeader")) is not None
        head = ["".join(t.text for t in cell.iter(qn("w:t"))) for cell in table._tbl.tr_lst[0].tc_lst]
        assert head == [head.name for head in block.head]  # type: ignore[union-attr]


def test_the_word_file_has_real_styles_and_captions_that_number_themselves(
    content: Content, word: docx.document.Document
) -> None:
    styles = [paragraph.style.name for paragraph in word.paragraphs]
    assert {"Title", "Subtitle", "Heading 1", "Heading 2", "Caption", "List Bullet", "List Number"} <= set(styles)
    assert styles.count("Heading 2") == len(content.exhibits)
    codes = [element.text.strip() for element in word.element.body.iter(qn("w:instrText"))]
    assert codes.count("SEQ Figure \\* ARABIC") == len(content.exhibits)
    assert codes.count("SEQ Table \\* ARABIC") == len(word.tables)
    captions = [paragraph.text for paragraph in word.paragraphs if paragraph.style.name == "Caption"]
    assert captions[0].startswith("Figure 1. ")
    assert captions[1].startswith("Table 1. ")
    # every entry of the contents leads to a heading
    marks = {mark.get(qn("w:name")) for mark in word.element.body.iter(qn("w:bookmarkStart"))}
    anchors = [link.get(qn("w:anchor")) for link in word.element.body.iter(qn("w:hyperlink"))]
    assert len(anchors) == len(content.exhibits) + len(content.before) + len(content.after) + 1
    assert set(anchors) <= marks


def test_the_word_file_says_illustrative_on_every_page_and_has_no_clock(
    made: dict[str, bytes], word: docx.document.Document
) -> None:
    assert all("Illustrative corpus" in section.header.paragraphs[0].text for section in word.sections)
    assert word.core_properties.created is None
    assert word.core_properties.modified is None
    assert word.core_properties.language == "en-GB"
    with zipfile.ZipFile(io.BytesIO(made["docx"])) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_the_pdf_has_no_empty_page_and_an_outline_and_tags(content: Content, made: dict[str, bytes]) -> None:
    document = pypdfium2.PdfDocument(made["pdf"])
    pages = read_pdf(made["pdf"])
    assert len(pages) > len(content.exhibits)
    footer = len("Illustrative corpus: invented posts of fictional agencies. Not findings about any country.") + 60
    assert all(len(text) > footer for text in pages)
    assert content.title in pages[0]
    assert content.before[0].title in pages[0]
    titles = [item.get_title() for item in document.get_toc()]
    assert [exhibit.title for exhibit in content.exhibits] == [
        title for title in titles if title in {exhibit.title for exhibit in content.exhibits}
    ]
    assert b"/MarkInfo" in made["pdf"]
    assert document.get_metadata_value("Title") == content.title
    assert document.get_metadata_value("CreationDate") == ""


def test_the_same_content_gives_the_same_bytes(
    content: Content, pictures: dict[str, Picture], made: dict[str, bytes]
) -> None:
    for form, write in WRITERS.items():
        assert write(content, pictures) == made[form], form


def test_tables_on_paper_say_what_they_leave_out_and_where_it_is(content: Content) -> None:
    for exhibit in content.exhibits:
        assert len(exhibit.printed.rows) <= 27, exhibit.name
        assert len(exhibit.printed.head) <= 11, exhibit.name
        assert {len(row) for row in exhibit.printed.rows} <= {len(exhibit.printed.head)}
        if len(exhibit.printed.rows) < len(exhibit.rows) or len(exhibit.printed.head) < len(exhibit.head):
            assert f"figures/{exhibit.name}.csv" in exhibit.printed.note, exhibit.name
        for shown, every in re.findall(r"([\d,]+) of ([\d,]+) rows are shown", exhibit.printed.note):
            assert int(shown) == len(exhibit.printed.rows) < int(every.replace(",", ""))
    assert set(LAYOUTS) <= set(FIGURES)


def test_numbers_on_paper_are_those_of_the_whole_table(content: Content) -> None:
    for exhibit in content.exhibits:
        heads = [head.name for head in exhibit.head]
        printed = [head.name for head in exhibit.printed.head]
        if not set(printed) <= set(heads):
            continue  # a grid
        whole = {tuple(row[heads.index(name)] for name in printed) for row in exhibit.rows}
        assert set(exhibit.printed.rows) <= whole, exhibit.name
    grid = next(exhibit for exhibit in content.exhibits if exhibit.name == "ranks")
    first = {head.name: cell for head, cell in zip(grid.head, grid.rows[0], strict=True)}
    assert grid.printed.rows[0][0] == first["country"]
    assert grid.printed.rows[0][1] == f"{first['rank']} ({first['rank low']}–{first['rank high']})"


def test_hostile_names_are_text_in_every_format(
    make_study: Callable[..., tuple[pd.DataFrame, ...]], pictures: dict[str, Picture]
) -> None:
    labels, codings, _ = make_study(("DE", "GB"), agencies=6, posts=12)
    names = dict(zip(sorted(labels["agency"].unique()), HOSTILE, strict=True))
    hostile = labels.assign(agency=labels["agency"].map(names).astype("str"))
    content = make_content(hostile, codings, {}, notes=HOSTILE)
    made = {form: write(content, pictures) for form, write in WRITERS.items()}
    assert made["html"].decode().count("<script>") == 1  # its own
    texts = read_texts(made)
    for form, text in texts.items():
        for name in HOSTILE[:4]:
            assert squeeze(name, hyphens=form != "pdf") in text, (form, name)
        assert "ПолицијаСкопје" in text
        assert "\x07" not in text
        assert "\u202e" not in text
    assert texts["docx"].count("bell\ufffd") > 1


def test_what_a_figure_found_is_in_its_alternative_text(content: Content, pictures: dict[str, Picture]) -> None:
    exhibit = dataclasses.replace(content.exhibits[0], finding="Found #this <here>")
    short = dataclasses.replace(content, exhibits=(exhibit,))
    assert exhibit.alt.startswith("Found #this <here>. ")
    word = docx.Document(io.BytesIO(WRITERS["docx"](short, pictures)))
    assert word.inline_shapes[0]._inline.docPr.get("descr") == exhibit.alt


def test_formats_that_are_not_known_are_named() -> None:
    with pytest.raises(cp.CompositeError, match="format of the report 'word' is not known"):
        choose_formats(["word"])
    with pytest.raises(cp.CompositeError, match="asks for no report"):
        choose_formats([])
    assert choose_formats(REPORTS) == ("html", "docx", "pdf")


def test_the_head_of_a_wide_table_has_room_for_its_longest_words() -> None:
    themes = [theme.short for theme in cp.THEMES]
    heads = ["One coder gave", *themes, "Nothing else"]
    widths, _ = weigh_columns(heads, [[theme.label, *["0.4"] * 10] for theme in cp.THEMES])
    room = dict(zip(heads, (72 * PORTRAIT[0] * width - 6 for width in widths), strict=True))
    # bold at 7.5 points, in points
    assert room["Community policing"] > 39
    assert room["Criminal information"] > 39.5
    assert room["IT infrastructure"] > 46
    assert room["Interaction"] > 37
