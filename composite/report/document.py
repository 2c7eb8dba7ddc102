"""The report as files: a page that opens offline, a Word file and a PDF, with every figure and the table it draws."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import jinja2
import pandas as pd

from composite.codebook.tables import TABLES
from composite.errors import CompositeError, require_known
from composite.files import write_table, write_whole
from composite.report.chapters import LABELLED
from composite.report.compose import compose
from composite.report.content import Content
from composite.report.drawing import FORMATS
from composite.report.figures import FIGURES
from composite.report.gallery import open_gallery
from composite.report.inline import inline_svg
from composite.report.page import read_assets
from composite.report.paper import weigh_columns
from composite.report.pdf import write_pdf
from composite.report.pictures import Picture
from composite.report.word import write_word

REPORTS = {"html": "index.html", "docx": "report.docx", "pdf": "report.pdf"}


def choose_formats(formats: Iterable[str]) -> tuple[str, ...]:
    """The formats asked for, each once, in the order of `REPORTS`.

    Raises
    ------
    CompositeError
        If one of them is not known, or there is none.

    Examples
    --------
    >>> choose_formats(["pdf", "html", "pdf"])
    ('html', 'pdf')
    """
    asked = tuple(formats)
    require_known(asked, REPORTS, what="format of the report")
    if not asked:
        raise CompositeError(f"formats=() asks for no report: name one or more of {', '.join(REPORTS)}")
    return tuple(form for form in REPORTS if form in asked)


def write_report(
    folder: Path,
    labels: pd.DataFrame,
    codings: pd.DataFrame | None,
    tables: dict[str, pd.DataFrame],
    *,
    rejected: pd.DataFrame | None,
    notes: tuple[str, ...],
    doubt: str | None,
    level: float,
    only: tuple[str, ...],
    formats: tuple[str, ...] = ("html",),
    labelled: str = LABELLED[0],
    meanwhile: Callable[[], None] = lambda: None,
) -> Path:
    """The path of the report in `folder` in the first of its formats; beside it `figures/` and `tables/`.

    Parameters
    ----------
    folder : Path
    labels, codings : DataFrame
        The tables of the study; codings of one coder a post.
    tables : dict of str to DataFrame
        See `StudyResult`.
    rejected : DataFrame, optional
        Table `rejected`.
    notes : tuple of str
        What was left out.
    doubt : str, optional
        What makes the corrected shares doubtful.
    level : float
        Coverage of the intervals.
    only : tuple of str
        The figures to show.
    formats : tuple of str
        Keys of `REPORTS`.
    labelled : str
        The classifier that gave the labels: `released`, `trained` (on these codings) or `given`.
    meanwhile : callable
        What else there is to do while another process draws figures.
    """
    for name, table in tables.items():
        write_table(folder / "tables" / f"{name}.csv", table)
    _remove_old(folder, tables, only, formats)
    with open_gallery(folder / "tables", only) as gallery:
        shown = {name: gallery.read(name) for name in only}
        content = compose(
            labels,
            codings,
            tables,
            shown,
            rejected=rejected,
            notes=notes,
            doubt=doubt,
            level=level,
            labelled=labelled,
        )
        meanwhile()
        pictures = gallery.collect()
    for name, picture in pictures.items():
        write_whole(folder / "figures" / f"{name}.svg", picture.svg)
        write_whole(folder / "figures" / f"{name}.png", picture.png)
        write_table(folder / "figures" / f"{name}.csv", shown[name])
    # all are made before the first is written, so that no two are of different studies
    for form, made in [(form, WRITERS[form](content, pictures)) for form in formats]:
        write_whole(folder / REPORTS[form], made)
    return folder / REPORTS[formats[0]]


def _remove_old(folder: Path, tables: dict[str, pd.DataFrame], only: tuple[str, ...], formats: tuple[str, ...]) -> None:
    """Remove what an earlier study left in the folder and this one does not make, so that all in it is of one study."""
    for name in ("pairs", *TABLES):
        if name not in tables:
            (folder / "tables" / f"{name}.csv").unlink(missing_ok=True)
    for name in FIGURES:
        if name not in only:
            for ending in ("csv", *FORMATS):
                (folder / "figures" / f"{name}.{ending}").unlink(missing_ok=True)
    for form, file in REPORTS.items():
        if form not in formats:
            (folder / file).unlink(missing_ok=True)


def write_page(content: Content, pictures: dict[str, Picture]) -> bytes:
    """The report as one HTML page that opens offline."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("composite", "report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["find_numeric"] = lambda table: weigh_columns([h.name for h in table.head], table.rows)[1]
    browser = {**read_assets(), **content.browser}
    exhibits = [
        {
            "name": exhibit.name,
            "number": number,
            "table": FIGURES[exhibit.name].table,
            "browsed": browser["browsed"][exhibit.name],
            "title": exhibit.title,
            "finding": exhibit.finding,
            "caption": exhibit.caption,
            "svg": inline_svg(pictures[exhibit.name].svg.decode(), exhibit.name, exhibit.alt),
            "head": exhibit.head,
            "rows": exhibit.rows,
            "note": exhibit.note,
        }
        for number, exhibit in enumerate(content.exhibits, start=1)
    ]
    return (
        environment.get_template("report.html.j2").render(content=content, exhibits=exhibits, browser=browser).encode()
    )


WRITERS: dict[str, Callable[[Content, dict[str, Picture]], bytes]] = {
    "html": write_page,
    "docx": write_word,
    "pdf": write_pdf,
}
