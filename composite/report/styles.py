"""The look of the Word file: its styles, fields, header and footer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from composite.report.content import Content

if TYPE_CHECKING:
    from docx.document import Document

TABLE_STYLE, NOTE_STYLE, QUIET_STYLE = "Report Table", "Report Note", "Report Small"
BLUE, WARN, QUIET, LINE = "2B5C8A", "8A3B12", "5C5C5C", "BDBDBD"
FONT = "Calibri"
_SPACE = "http://www.w3.org/XML/1998/namespace"


def make_document(content: Content) -> Document:
    """An empty document on A4 with the report's styles and properties, and without a clock."""
    import docx
    from docx.shared import Cm

    document = docx.Document()
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = section.bottom_margin = Cm(2)
    section.top_margin = Cm(2.2)
    _set_styles(document)
    _set_properties(document, content)
    return document


def _set_properties(document: Document, content: Content) -> None:
    core = document.core_properties
    core.title, core.subject = content.title, content.subtitle
    core.author = core.last_modified_by = f"composite {content.version}"
    core.language, core.comments, core.keywords = "en-GB", content.illustrative, "police, social media"
    core.revision = 1
    for element in list(core._element):
        if element.tag.endswith(("}created", "}modified")):
            core._element.remove(element)
    # the current layout of Word, and not that of an old version
    settings = document.settings.element
    compat = _make("w:compat", settings)
    attributes = {"name": "compatibilityMode", "uri": "http://schemas.microsoft.com/office/word", "val": "15"}
    _make("w:compatSetting", compat, **attributes)


def _make(tag: str, parent: Any, **given: str) -> Any:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    element = OxmlElement(tag)
    for name, value in given.items():
        element.set(qn(f"w:{name}"), value)
    parent.append(element)
    return element


def _set_styles(document: Document) -> None:
    from docx.enum.style import WD_STYLE_TYPE
    from docx.oxml.ns import qn
    from docx.shared import Pt, RGBColor

    styles = document.styles

    def set_look(name: str, size: float, colour: str = "", *, bold: bool = False, after: float = 6) -> Any:
        style = styles[name]
        style.font.name, style.font.size, style.font.bold, style.font.italic = FONT, Pt(size), bold, False
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{theme}"), None)
        for script in ("eastAsia", "cs"):
            fonts.set(qn(f"w:{script}"), FONT)
        if colour:
            style.font.color.rgb = RGBColor.from_string(colour)
        style.paragraph_format.space_after = Pt(after)
        return style

    normal = set_look("Normal", 10.5)
    normal.paragraph_format.line_spacing = 1.1
    _make("w:lang", normal.element.get_or_add_rPr(), val="en-GB", eastAsia="en-GB", bidi="ar-SA")
    title = set_look("Title", 24, BLUE, bold=True, after=4)
    for border in title.element.pPr.findall(qn("w:pBdr")):
        title.element.pPr.remove(border)
    subtitle = set_look("Subtitle", 12, QUIET)
    for spread in subtitle.element.rPr.findall(qn("w:spacing")):
        subtitle.element.rPr.remove(spread)
    for level, size in ((1, 16), (2, 13), (3, 11)):
        heading = set_look(f"Heading {level}", size, BLUE, bold=True)
        heading.paragraph_format.space_before = Pt(16 if level == 1 else 10)
        heading.paragraph_format.keep_with_next = True
    set_look("TOC Heading", 16, BLUE, bold=True)
    set_look("Caption", 9, QUIET)
    set_look("Header", 8, WARN)
    set_look("Footer", 8, QUIET)
    set_look("List Bullet", 10.5, after=3)
    set_look("List Number", 10.5)
    note = styles.add_style(NOTE_STYLE, WD_STYLE_TYPE.PARAGRAPH)
    note.base_style = normal
    set_look(NOTE_STYLE, 10.5, WARN, bold=True)
    borders = _make("w:pBdr", note.element.get_or_add_pPr())
    _make("w:left", borders, val="single", sz="24", space="6", color=WARN)
    small = styles.add_style(QUIET_STYLE, WD_STYLE_TYPE.PARAGRAPH)
    small.base_style = normal
    set_look(QUIET_STYLE, 8.5, QUIET, after=10).paragraph_format.space_before = Pt(4)
    _add_table_style(document)


def _add_table_style(document: Document) -> None:
    """A table with a bold head between two lines, and a thin line below each row."""
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls

    lines = "".join(
        f'<w:{side} w:val="single" w:sz="{size}" w:space="0" w:color="{colour}"/>'
        for side, size, colour in (("top", 8, BLUE), ("bottom", 4, LINE), ("insideH", 2, LINE))
    )
    document.styles.element.append(
        parse_xml(
            f'<w:style {nsdecls("w")} w:type="table" w:customStyle="1" w:styleId="ReportTable">'
            f'<w:name w:val="{TABLE_STYLE}"/><w:basedOn w:val="TableNormal"/><w:uiPriority w:val="99"/><w:qFormat/>'
            f'<w:tblPr><w:tblBorders>{lines}</w:tblBorders><w:tblCellMar><w:left w:w="50" w:type="dxa"/>'
            '<w:right w:w="50" w:type="dxa"/></w:tblCellMar></w:tblPr>'
            '<w:tblStylePr w:type="firstRow"><w:rPr><w:b/></w:rPr><w:tcPr><w:tcBorders>'
            f'<w:bottom w:val="single" w:sz="6" w:space="0" w:color="{BLUE}"/></w:tcBorders></w:tcPr></w:tblStylePr>'
            "</w:style>"
        )
    )


def add_field(paragraph: Any, instruction: str, shown: str) -> None:
    """A field that Word computes, with what it shows until then."""
    for kind, text in (("begin", ""), ("", instruction), ("separate", ""), ("shown", shown), ("end", "")):
        run = paragraph.add_run()._r
        if kind in ("begin", "separate", "end"):
            _make("w:fldChar", run, fldCharType=kind)
        else:
            element = _make("w:t" if kind else "w:instrText", run)
            element.text = text if kind else f" {text} "
            element.set(f"{{{_SPACE}}}space", "preserve")


def mark_heading(heading: Any, key: str, number: int) -> None:
    """A bookmark around a heading, for the contents to lead to."""
    start = _make("w:bookmarkStart", heading._p, id=str(number), name=name_bookmark(key))
    heading._p.remove(start)
    heading._p.insert(1 if heading._p.pPr is not None else 0, start)
    _make("w:bookmarkEnd", heading._p, id=str(number))


def name_bookmark(key: str) -> str:
    """A name that Word allows for a bookmark.

    >>> name_bookmark("differences-told")
    '_part_differences_told'
    """
    return "_part_" + key.replace("-", "_")


def add_contents(document: Document, entries: list[tuple[str, str, int]]) -> None:
    """The contents as a field that Word can renew, filled with links to the headings."""
    from docx.shared import Cm, Pt

    paragraph = document.add_paragraph("Contents", style="TOC Heading")
    paragraph.paragraph_format.page_break_before = True
    for place, (key, title, level) in enumerate(entries):
        paragraph = document.add_paragraph()
        paragraph.paragraph_format.left_indent = Cm(0.6 * (level - 1))
        paragraph.paragraph_format.space_after = Pt(2)
        if place == 0:
            _make("w:fldChar", paragraph.add_run()._r, fldCharType="begin")
            element = _make("w:instrText", paragraph.add_run()._r)
            element.text = ' TOC \\o "1-2" \\n \\h \\z '
            element.set(f"{{{_SPACE}}}space", "preserve")
            _make("w:fldChar", paragraph.add_run()._r, fldCharType="separate")
        link = _make("w:hyperlink", paragraph._p, anchor=name_bookmark(key), history="1")
        text = _make("w:t", _make("w:r", link))
        text.text = title
        text.set(f"{{{_SPACE}}}space", "preserve")
        if place == len(entries) - 1:
            _make("w:fldChar", paragraph.add_run()._r, fldCharType="end")


def set_header(document: Document, text: str) -> None:
    """The header of all pages."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    paragraph = document.sections[0].header.paragraphs[0]
    paragraph.text = text
    paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT


def set_footer(document: Document, title: str) -> None:
    """The footer of all pages: the title, and the number of the page of how many."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    paragraph = document.sections[0].footer.paragraphs[0]
    paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    paragraph.add_run(f"{title}  ·  ")
    add_field(paragraph, "PAGE", "1")
    paragraph.add_run(" / ")
    add_field(paragraph, "NUMPAGES", "1")
