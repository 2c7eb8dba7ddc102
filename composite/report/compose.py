"""The report's content, made once from the tables of a study; HTML, DOCX and PDF are renderings of it."""

from __future__ import annotations

import pandas as pd

import composite
from composite.report.cells import write_cells, write_heads
from composite.report.chapters import write_codebook, write_data_sheet, write_limits, write_method
from composite.report.content import Block, Bullets, Content, Exhibit, Item, Paragraph, Section, clean
from composite.report.counts import Facts, count_facts
from composite.report.differences import write_differences
from composite.report.drawing import NOTE, is_illustrative
from composite.report.figures import FIGURES
from composite.report.findings import find_findings
from composite.report.page import prepare_browser
from composite.report.printed import print_table
from composite.report.wording import WORDS

TITLE = "What police use social media for"


def compose(
    labels: pd.DataFrame,
    codings: pd.DataFrame | None,
    tables: dict[str, pd.DataFrame],
    shown: dict[str, pd.DataFrame],
    *,
    rejected: pd.DataFrame | None,
    notes: tuple[str, ...],
    doubt: str | None,
    level: float,
    labelled: str,
) -> Content:
    """The content of a report.

    Parameters
    ----------
    labels, codings, tables, rejected, notes, doubt, level, labelled
        As in `write_report`.
    shown : dict of str to DataFrame
        Name of each figure that is shown → the table that it draws.
    """
    illustrative = is_illustrative(labels)
    facts = count_facts(labels, codings, rejected, tables, level)
    countries = "country" if len(facts.countries) == 1 else "countries"
    content = Content(
        title=TITLE,
        subtitle=f"Nine themes in {len(facts.countries)} {countries}: {', '.join(facts.countries)}.",
        illustrative=NOTE if illustrative else "",
        facts=_list_facts(facts),
        before=(
            _write_summary(tables, facts, level, doubt),
            write_differences(tables.get("contrasts"), facts, level, tables.get("pairs")),
        ),
        exhibits=tuple(_compose_exhibit(name, table, level) for name, table in shown.items()),
        after=(
            write_method(facts, illustrative=illustrative, doubt=doubt, labelled=labelled),
            write_limits(facts, notes),
            write_data_sheet(labels, codings, rejected, facts),
            write_codebook(),
        ),
        closing=(
            f"Made by composite {composite.__version__}. Every table is in tables/; manifest.json has their checksums "
            "and the versions used."
        ),
        version=composite.__version__,
        browser=prepare_browser(shown, tables, level),
    )
    fit: Content = clean(content)
    return fit


def _list_facts(facts: Facts) -> tuple[tuple[str, str], ...]:
    posts = f"{facts.posts:,} of {facts.agencies:,} {'agency' if facts.agencies == 1 else 'agencies'}"
    if facts.first:
        posts += f", {facts.first} to {facts.last}"
        posts += f" ({facts.dated:,} with a date)" if facts.dated < facts.posts else ""
    coders = f" (coder: {', '.join(facts.coders)})" if facts.coders else ""
    rows = "row" if facts.rejected == 1 else "rows"
    return (
        ("Posts", posts),
        ("Coded posts", f"{facts.coded:,}{coders}"),
        ("Set aside", f"{facts.rejected:,} {rows}{', listed in rejected.csv' if facts.rejected else ''}"),
    )


def _write_summary(tables: dict[str, pd.DataFrame], facts: Facts, level: float, doubt: str | None) -> Section:
    """The findings, and before them what makes them doubtful."""
    blocks: list[Block] = []
    if doubt:
        blocks.append(Paragraph(f"Doubtful: {doubt}.", note=True))
    if not facts.coded:
        text = "Nothing here is corrected: without codings, errors of the classifier are counted as facts."
        blocks.append(Paragraph(text, note=True))
    findings = find_findings(tables, level)
    if findings:
        blocks.append(Bullets(tuple(Item(finding.text, finding.topic) for finding in findings), numbered=True))
    else:
        blocks.append(Paragraph("The data do not allow any finding."))
    number = len(findings)
    title = f"{WORDS[number].capitalize()} {'finding' if number == 1 else 'findings'}"
    return Section("findings", title, tuple(blocks))


def _compose_exhibit(name: str, table: pd.DataFrame, level: float) -> Exhibit:
    exhibit = FIGURES[name]
    return Exhibit(
        name=name,
        title=exhibit.title,
        finding=exhibit.tell(table),
        caption=exhibit.describe(level),
        note=NOTE if is_illustrative(table) else "",
        head=write_heads(exhibit.table, table),
        rows=write_cells(exhibit.table, table),
        printed=print_table(name, exhibit.table, table, exhibit.title),
    )
