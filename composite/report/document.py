"""The report: one HTML file that opens offline, with every figure also as SVG and PNG, and the table that it draws."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import jinja2
import pandas as pd

import composite
from composite.codebook.countries import COUNTRY
from composite.codebook.tables import ILLUSTRATIVE, TABLES
from composite.codebook.themes import CODEBOOK_VERSION, THEME, THEMES
from composite.files import write_table, write_whole
from composite.report.figures import FIGURES, NOTE, render
from composite.report.manifest import describe_study

MOST_FINDINGS = 12
PER_CENT = {"share", "low", "high", "se", "precision", "recall", "f1", "average_precision"}


def write_report(
    folder: Path,
    labels: pd.DataFrame,
    codings: pd.DataFrame | None,
    tables: dict[str, pd.DataFrame],
    *,
    rejected: pd.DataFrame | None,
    notes: tuple[str, ...],
    level: float,
    only: tuple[str, ...],
) -> Path:
    """The path of `index.html` in `folder`; beside it `figures/`, `tables/` and `manifest.json`.

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
    level : float
        Coverage of the intervals.
    only : tuple of str
        The figures to show.
    """
    for name, table in tables.items():
        write_table(folder / "tables" / f"{name}.csv", table)
    exhibits: list[dict[str, Any]] = []
    for name in only:
        exhibit = FIGURES[name]
        if exhibit.table not in tables:
            continue
        table = tables[exhibit.table]
        figure = exhibit.draw(table)
        svg = render(figure, "svg")
        write_whole(folder / "figures" / f"{name}.svg", svg)
        write_whole(folder / "figures" / f"{name}.png", render(figure, "png"))
        write_table(folder / "figures" / f"{name}.csv", table)
        exhibits.append(
            {
                "name": name,
                "title": exhibit.title,
                "caption": exhibit.caption,
                "svg": inline_svg(svg.decode(), name, f"{exhibit.title}. {exhibit.caption}"),
                "head": _heads(table),
                "rows": _cells(table),
                "note": NOTE if is_illustrative(table) else "",
            }
        )
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("composite", "report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    page = environment.get_template("report.html.j2").render(
        version=composite.__version__,
        codebook_version=CODEBOOK_VERSION,
        themes=THEMES,
        illustrative=NOTE if is_illustrative(labels) else "",
        facts=count_facts(labels, codings, rejected, tables, level),
        findings=find_differences(tables, level),
        reasons=[] if rejected is None else list(rejected["reason"].value_counts().sort_index().items()),
        notes=notes,
        exhibits=exhibits,
    )
    path = write_whole(folder / "index.html", page)
    write_whole(folder / "manifest.json", describe_study(labels, codings, tables, [e["name"] for e in exhibits], level))
    return path


def is_illustrative(table: pd.DataFrame) -> bool:
    """Whether the table is made from invented posts."""
    return bool((table["corpus"] == ILLUSTRATIVE).any())


def inline_svg(svg: str, name: str, alt: str) -> str:
    """An SVG element for a page: no XML head, identifiers of its own, and `alt` for those who cannot see it."""
    body = svg[svg.index("<svg") :]
    body = re.sub(r'(\bid="|url\(#|href="#)', rf"\g<1>{name}-", body)
    body = re.sub(r"<metadata>.*?</metadata>", "", body, flags=re.DOTALL)
    body = re.sub(r'^<svg ([^>]*?)width="[^"]*" ?', r"<svg \1", body, count=1)
    body = re.sub(r'^<svg ([^>]*?)height="[^"]*" ?', r"<svg \1", body, count=1)
    label = jinja2.filters.do_forceescape(alt)
    return body.replace("<svg ", f'<svg role="img" aria-label="{label}" ', 1)


def count_facts(
    labels: pd.DataFrame,
    codings: pd.DataFrame | None,
    rejected: pd.DataFrame | None,
    tables: dict[str, pd.DataFrame],
    level: float,
) -> dict[str, Any]:
    """The numbers that the method paragraph needs; none of them is typed."""
    dated = labels["published"].dropna()
    shares = tables["shares"]
    narrow = shares.loc[
        (shares["method"] == ("naive" if codings is None else "corrected")) & (shares["inference"] != "agencies"),
        "country",
    ].unique()
    return {
        "posts": len(labels),
        "agencies": len(labels[["country", "agency"]].drop_duplicates()),
        "countries": [COUNTRY[code].name for code in COUNTRY if (labels["country"] == code).any()],
        "absent": [COUNTRY[code].name for code in COUNTRY if not (labels["country"] == code).any()],
        "first": dated.min().strftime("%Y-%m-%d") if len(dated) else "",
        "last": dated.max().strftime("%Y-%m-%d") if len(dated) else "",
        "dated": len(dated),
        "coded": 0 if codings is None else len(codings),
        "coders": [] if codings is None else sorted(codings["coder"].unique()),
        "lowest": 1.0 if codings is None else float(codings["sampling_probability"].min()),
        "rejected": 0 if rejected is None else len(rejected),
        "narrow": [COUNTRY[code].name for code in COUNTRY if code in set(narrow)],
        "level": f"{100 * level:g}",
        "tests": int(tables["contrasts"]["p_value"].notna().sum()) if "contrasts" in tables else 0,
        "outside": _count_misled(shares),
        "cells": int((shares["method"] == "corrected").sum()),
    }


def _count_misled(shares: pd.DataFrame) -> int:
    """Country × theme cells whose naive share lies outside the corrected interval."""
    wide = shares.pivot(index=["country", "theme"], columns="method", values=["share", "low", "high"])
    if ("share", "corrected") not in wide:
        return 0
    naive = wide["share", "naive"]
    return int(((naive < wide["low", "corrected"]) | (naive > wide["high", "corrected"])).sum())


def find_differences(tables: dict[str, pd.DataFrame], level: float) -> list[str]:
    """Sentences on the countries that the data tell apart from the mean of the others, largest difference first."""
    if "contrasts" not in tables:
        return []
    told = tables["contrasts"].query("p_adjusted < 0.05")
    told = told.loc[told["difference"].abs().sort_values(ascending=False, kind="stable").index]
    sentences = []
    for row in told.head(MOST_FINDINGS).itertuples():
        size = f"{abs(100 * row.difference):.1f}"
        side = "above" if row.difference > 0 else "below"
        theme = THEME[row.theme].label
        theme = theme[0].lower() + theme[1:]
        sentences.append(
            f"{COUNTRY[row.country].name}, {theme}: {size} percentage points {side} the mean of the others "
            f"({100 * level:g} % interval {100 * row.low:+.1f} to {100 * row.high:+.1f})"
            + ("; this speaks of the posts of these agencies only" if row.inference != "agencies" else "")
            + "."
        )
    if len(told) > MOST_FINDINGS:
        sentences.append(f"{len(told) - MOST_FINDINGS} smaller ones are in the table behind the figure of differences.")
    return sentences


def _heads(table: pd.DataFrame) -> list[dict[str, str]]:
    """Column heads; their meaning comes from the contract of the table."""
    meanings = {name: spec for schema in TABLES.values() for name, spec in schema.columns.items()}
    shown = [name for name in table.columns if name not in ("corpus", "df")]
    heads = []
    for name in shown:
        spec = meanings.get(name)
        unit = " (%)" if name in PER_CENT else " (points)" if name == "difference" else ""
        heads.append({"name": name.replace("_", " ") + unit, "meaning": spec.description if spec else ""})
    return heads


def _cells(table: pd.DataFrame) -> list[list[str]]:
    shown = [name for name in table.columns if name not in ("corpus", "df")]
    columns = [[_format(name, value) for value in table[name]] for name in shown]
    return [list(row) for row in zip(*columns, strict=True)]


def _format(name: str, value: Any) -> str:
    if value is None or value != value:
        return "–"
    if name in ("theme", "other"):
        return THEME[value].label
    if name == "country":
        return COUNTRY[value].name
    if name in ("reference",):
        return COUNTRY[value].name if value in COUNTRY else str(value)
    if name in PER_CENT or name == "difference":
        return f"{100 * value:.1f}"
    if name.startswith("p_"):
        return "<0.001" if value < 0.001 else f"{value:.3f}"
    return f"{value:,}" if isinstance(value, int) else str(value)
