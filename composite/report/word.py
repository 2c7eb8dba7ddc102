"""The report as a Word file: real styles, captions that number themselves, native tables, alternative texts.

The same content gives the same bytes: the file has no clock, neither in its properties nor in its archive.
"""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING, Any

from composite.report.content import Bullets, Content, Exhibit, Paragraph, Section, Table
from composite.report.paper import MANY, SMALL, SMALLER, TOGETHER, Place, place_exhibit, weigh_columns
from composite.report.pictures import Picture
from composite.report.styles import (
    NOTE_STYLE,
    QUIET_STYLE,
    TABLE_STYLE,
    add_contents,
    add_field,
    make_document,
    mark_heading,
    set_footer,
    set_header,
)

if TYPE_CHECKING:
    from docx.document import Document

OLDEST = (1980, 1, 1, 0, 0, 0)  # the first moment that a ZIP archive can name


def write_word(content: Content, pictures: dict[str, Picture]) -> bytes:
    """The bytes of a DOCX file on A4."""
    document = make_document(content)
    set_header(document, content.illustrative)
    set_footer(document, content.title)
    writer = _Writer(document)
    document.add_paragraph(content.title, style="Title")
    document.add_paragraph(content.subtitle, style="Subtitle")
    if content.illustrative:
        document.add_paragraph(content.illustrative, style=NOTE_STYLE)
    for name, value in content.facts:
        paragraph = document.add_paragraph()
        paragraph.paragraph_format.space_after = 0
        paragraph.add_run(f"{name}: ").bold = True
        paragraph.add_run(value)
    for section in content.before:
        writer.write_section(section)
    figures = [("exhibits", "Figures and tables", 1), *((e.name, e.title, 2) for e in content.exhibits)]
    entries = [(part.key, part.title, 1) for part in content.before]
    entries += figures if content.exhibits else []
    entries += [(part.key, part.title, 1) for part in content.after]
    add_contents(document, entries)
    places = [place_exhibit(exhibit, pictures[exhibit.name]) for exhibit in content.exhibits]
    for number, (exhibit, place) in enumerate(zip(content.exhibits, places, strict=True)):
        writer.turn_page(landscape=place.landscape)
        if number == 0:
            writer.break_before = True
            writer.write_heading("exhibits", "Figures and tables", 1)
        writer.write_exhibit(exhibit, pictures[exhibit.name], place)
    writer.turn_page(landscape=False)
    for section in content.after:
        writer.write_section(section)
    document.add_paragraph(content.closing, style=QUIET_STYLE)
    stream = io.BytesIO()
    document.save(stream)
    return _drop_clock(stream.getvalue())


class _Writer:
    """Adds the parts of a report to the end of a document, and counts figures, tables and bookmarks."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.counts = {"Figure": 0, "Table": 0}
        self.pictures = 0
        self.bookmarks = 0
        self.break_before = False

    def turn_page(self, *, landscape: bool) -> None:
        """A new section, and so a new page, where it is to be turned the other way than the one before."""
        from docx.enum.section import WD_ORIENT, WD_SECTION

        last = self.document.sections[-1]
        if (last.orientation == WD_ORIENT.LANDSCAPE) == landscape:
            return
        section = self.document.add_section(WD_SECTION.NEW_PAGE)
        section.orientation = WD_ORIENT.LANDSCAPE if landscape else WD_ORIENT.PORTRAIT
        section.page_width, section.page_height = last.page_height, last.page_width

    def write_heading(self, key: str, title: str, level: int) -> None:
        heading = self.document.add_heading(title, level)
        if self.break_before:
            heading.paragraph_format.page_break_before = True
            self.break_before = False
        self.bookmarks += 1
        mark_heading(heading, key, self.bookmarks)

    def write_section(self, section: Section) -> None:
        self.write_heading(section.key, section.title, 1)
        for block in section.blocks:
            if isinstance(block, Paragraph):
                self.document.add_paragraph(block.text, style=NOTE_STYLE if block.note else None)
            elif isinstance(block, Bullets):
                self.write_bullets(block)
            else:
                self.write_table(block)

    def write_bullets(self, block: Bullets) -> None:
        for item in block.items:
            paragraph = self.document.add_paragraph(style="List Number" if block.numbered else "List Bullet")
            if item.lead:
                paragraph.add_run(f"{item.lead}{'' if item.lead.endswith('?') else '.'} ").bold = True
            paragraph.add_run(item.text)

    def write_exhibit(self, exhibit: Exhibit, picture: Picture, place: Place) -> None:
        from docx.enum.text import WD_ALIGN_PARAGRAPH
        from docx.shared import Inches

        self.write_heading(exhibit.name, exhibit.title, 2)
        paragraph = self.document.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        paragraph.paragraph_format.keep_with_next = True
        paragraph.paragraph_format.line_spacing = 1  # more would be added to the height of the picture
        width, height = Inches(place.width), Inches(place.height)
        shape = paragraph.add_run().add_picture(io.BytesIO(picture.png), width, height)
        self.pictures += 1
        properties = shape._inline.docPr
        properties.set("id", str(self.pictures))
        properties.set("name", exhibit.name)
        properties.set("title", exhibit.title)
        properties.set("descr", exhibit.alt)
        self.write_caption("Figure", exhibit.caption, keep=place.together)
        self.write_table(exhibit.printed, keep=place.together)

    def write_caption(self, kind: str, text: str, *, keep: bool) -> None:
        self.counts[kind] += 1
        paragraph = self.document.add_paragraph(style="Caption")
        paragraph.add_run(f"{kind} ")
        add_field(paragraph, f"SEQ {kind} \\* ARABIC", str(self.counts[kind]))
        paragraph.add_run(f". {text}")
        paragraph.paragraph_format.keep_with_next = keep

    def write_table(self, block: Table, *, keep: bool = False) -> None:
        """The caption, the table with a head that repeats, and what stands below it; on one page with it to `keep`."""
        self.write_caption("Table", block.title, keep=True)
        widths, numeric = weigh_columns([head.name for head in block.head], block.rows)
        room = self.document._block_width
        table = self.document.add_table(rows=0, cols=len(widths), style=TABLE_STYLE)
        table.autofit = False
        columns = [int(width * room) for width in widths]
        size = SMALL if len(widths) <= MANY else SMALLER
        _add_row(table, [head.name for head in block.head], columns, numeric, size, head=True)
        for place, row in enumerate(block.rows):
            colour = block.colours[place] if block.colours else ""
            last = place == len(block.rows) - 1
            together = (keep or len(block.rows) <= TOGETHER) and not colour and (bool(block.note) or not last)
            _add_row(table, row, columns, numeric, size, together=together, colour=colour)
        for column, width in zip(table.columns, columns, strict=True):
            column.width = width
        _describe_table(table, block.title)
        # what follows a table stands apart from it in any case
        self.document.add_paragraph(block.note, style=QUIET_STYLE)


def _add_row(
    table: Any,
    texts: Any,
    widths: list[int],
    numeric: list[bool],
    size: float,
    *,
    head: bool = False,
    together: bool = False,
    colour: str = "",
) -> None:
    """A row that does not break over pages, built as XML since cells of python-docx are slow."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    def make(tag: str, parent: Any, **given: str) -> Any:
        element = OxmlElement(tag)
        for name, value in given.items():
            element.set(qn(f"w:{name}"), value)
        parent.append(element)
        return element

    row = make("w:tr", table._tbl)
    properties = make("w:trPr", row)
    make("w:cantSplit", properties)
    if head:
        make("w:tblHeader", properties)
    for place, (text, width, number) in enumerate(zip(texts, widths, numeric, strict=True)):
        cell = make("w:tc", row)
        make("w:tcW", make("w:tcPr", cell), w=str(width // 635), type="dxa")
        paragraph = make("w:p", cell)
        about = make("w:pPr", paragraph)
        if head or together:
            make("w:keepNext", about)
        make("w:spacing", about, before="20", after="20", line="240", lineRule="auto")
        make("w:jc", about, val="right" if number else "left")
        runs = [("\u25a0 ", colour)] if colour and not place else []
        for said, ink in (*runs, (text, "")):
            run = make("w:r", paragraph)
            look = make("w:rPr", run)
            if head:
                make("w:b", look)
            if ink:
                make("w:color", look, val=ink.lstrip("#"))
            make("w:sz", look, val=str(round(2 * size)))
            make("w:szCs", look, val=str(round(2 * size)))
            words = make("w:t", run)
            words.text = said
            words.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")


def _describe_table(table: Any, title: str) -> None:
    """Alternative text of the table, for those who hear it."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    caption = OxmlElement("w:tblCaption")
    caption.set(qn("w:val"), title)
    table._tbl.tblPr.append(caption)


def _drop_clock(data: bytes) -> bytes:
    """The archive with the same files in the same order, all of the same moment."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            entry = zipfile.ZipInfo(name, date_time=OLDEST)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o600 << 16
            new.writestr(entry, old.read(name))
    return stream.getvalue()
