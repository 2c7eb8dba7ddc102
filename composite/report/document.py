"""The report: one HTML file that opens offline, with every figure also as SVG and PNG, and the table that it draws."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import jinja2
import pandas as pd

import composite
from composite.codebook.contract import read_table
from composite.codebook.countries import COUNTRY
from composite.codebook.tables import TABLES
from composite.codebook.themes import CODEBOOK_VERSION, THEME, THEMES
from composite.files import write_table, write_whole
from composite.report.drawing import FORMATS, NOTE, choose_best, is_illustrative, render
from composite.report.figures import FIGURES

MOST_FINDINGS = 8


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
) -> Path:
    """The path of `index.html` in `folder`; beside it `figures/` and `tables/`.

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
    """
    for name, table in tables.items():
        write_table(folder / "tables" / f"{name}.csv", table)
    _remove_old(folder, tables, only)
    exhibits: list[dict[str, Any]] = []
    for name in only:
        exhibit = FIGURES[name]
        # as written, so that `composite figures` draws the same from the file
        table = read_table(exhibit.table, folder / "tables" / f"{exhibit.table}.csv")
        figure = exhibit.draw(table)
        svg = render(figure, "svg")
        write_whole(folder / "figures" / f"{name}.svg", svg)
        write_whole(folder / "figures" / f"{name}.png", render(figure, "png"))
        write_table(folder / "figures" / f"{name}.csv", table)
        exhibits.append(
            {
                "name": name,
                "title": exhibit.title,
                "finding": exhibit.tell(table),
                "caption": exhibit.describe(level),
                "svg": inline_svg(svg.decode(), name, f"{exhibit.tell(table)}. {exhibit.describe(level)}"),
                "head": _heads(exhibit.table, table),
                "rows": _cells(exhibit.table, table),
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
    told = find_differences(tables.get("contrasts"))
    page = environment.get_template("report.html.j2").render(
        version=composite.__version__,
        codebook_version=CODEBOOK_VERSION,
        themes=THEMES,
        illustrative=NOTE if is_illustrative(labels) else "",
        facts=count_facts(labels, codings, rejected, tables, level),
        doubt=doubt,
        findings=[_write_findings(tables, told, level, name) for name in ("agencies", "posts")],
        reasons=[] if rejected is None else list(rejected["reason"].value_counts().sort_index().items()),
        notes=notes,
        exhibits=exhibits,
    )
    path = write_whole(folder / "index.html", page)
    return path


def _remove_old(folder: Path, tables: dict[str, pd.DataFrame], only: tuple[str, ...]) -> None:
    """Remove what an earlier study left in the folder and this one does not make, so that all in it is of one study."""
    for name in ("pairs", *TABLES):
        if name not in tables:
            (folder / "tables" / f"{name}.csv").unlink(missing_ok=True)
    for name in FIGURES:
        if name not in only:
            for ending in ("csv", *FORMATS):
                (folder / "figures" / f"{name}.{ending}").unlink(missing_ok=True)


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
    best = choose_best(shares)
    narrow = set(best.loc[best["inference"] == "posts", "country"])
    unknown = set(best.loc[best["inference"] == "descriptive", "country"])
    uneven = set(best.loc[(best["inference"] == "agencies") & (best["effective_agencies"] < 3), "country"])
    return {
        "posts": len(labels),
        "agencies": labels.groupby("country")["agency"].nunique().sum(),
        "countries": [COUNTRY[code].name for code in COUNTRY if (labels["country"] == code).any()],
        "absent": [COUNTRY[code].name for code in COUNTRY if not (labels["country"] == code).any()],
        "first": dated.min().strftime("%Y-%m-%d") if len(dated) else "",
        "last": dated.max().strftime("%Y-%m-%d") if len(dated) else "",
        "dated": len(dated),
        "coded": 0 if codings is None else len(codings),
        "coders": [] if codings is None else sorted(codings["coder"].unique()),
        "lowest": 1.0 if codings is None else float(codings["sampling_probability"].min()),
        "rejected": 0 if rejected is None else len(rejected),
        "unknown": [COUNTRY[code].name for code in COUNTRY if code in unknown],
        "wide": bool((best["inference"] == "agencies").any()),
        "narrow": [COUNTRY[code].name for code in COUNTRY if code in narrow],
        "uneven": [COUNTRY[code].name for code in COUNTRY if code in uneven],
        "level": f"{100 * level:g}",
        "tests": count_tests(tables.get("contrasts")),
        "pair": len(set(tables["contrasts"]["country"])) == 2 if "contrasts" in tables else False,
        "outside": _count_misled(shares),
        "cells": int(((shares["method"] == "corrected") & shares["share"].notna()).sum()),
    }


def count_tests(contrasts: pd.DataFrame | None) -> int:
    """Comparisons with a p-value in the contrasts with the others; of two countries each is told twice."""
    if contrasts is None:
        return 0
    tested = contrasts[contrasts["p_value"].notna()]
    return len(tested) // (2 if len(set(contrasts["country"])) == 2 else 1)


def _count_misled(shares: pd.DataFrame) -> int:
    """Country × theme cells whose naive share lies outside the corrected interval."""
    wide = shares.pivot(index=["country", "theme"], columns="method", values=["share", "low", "high"])
    if ("share", "corrected") not in wide:
        return 0
    naive = wide["share", "naive"]
    return int(((naive < wide["low", "corrected"]) | (naive > wide["high", "corrected"])).sum())


def find_differences(contrasts: pd.DataFrame | None) -> list[Any]:
    """Rows of the contrasts with the mean of the others that Holm's adjustment leaves, largest difference first."""
    if contrasts is None:
        return []
    told = contrasts[contrasts["p_adjusted"] < 0.05]
    if len(set(contrasts["country"])) == 2:
        told = told[told["country"] == contrasts["country"].iloc[0]]
    return list(told.loc[told["difference"].abs().sort_values(ascending=False, kind="stable").index].itertuples())


def _write_findings(tables: dict[str, pd.DataFrame], told: list[Any], level: float, inference: str) -> dict[str, Any]:
    """The largest differences of one kind of inference as sentences, and how many there are."""
    rows = [row for row in told if row.inference == inference]
    sentences = [write_difference(row, level, *_name_other(tables["contrasts"], row)) for row in rows[:MOST_FINDINGS]]
    return {"inference": inference, "count": len(rows), "sentences": sentences}


def write_difference(row: Any, level: float, other: str = "the mean of the others") -> str:
    """A row of the contrasts as a sentence."""
    theme = THEME[row.theme].label
    side = "above" if row.difference > 0 else "below"
    size = f"{abs(100 * row.difference):.1f} percentage points {side} {other}"
    span = f"{100 * level:g}\u00a0% interval {100 * row.low:+.1f} to {100 * row.high:+.1f}"
    sentence = f"{COUNTRY[row.country].name}, {theme[0].lower() + theme[1:]}: {size} ({span})"
    return sentence.replace("-", "−") + "."


def _name_other(contrasts: pd.DataFrame, row: Any) -> list[str]:
    """The name of the other country, where there are only two."""
    others = [code for code in set(contrasts["country"]) if code != row.country]
    return [COUNTRY[others[0]].name] if len(others) == 1 else []


def _list_per_cent(name_of_table: str) -> set[str]:
    """Columns that are shown in per cent: proportions, but for p-values."""
    columns = TABLES[name_of_table].columns
    return {name for name, spec in columns.items() if spec.title.startswith("proportion") and name[:2] != "p_"}


def _heads(name_of_table: str, table: pd.DataFrame) -> list[dict[str, str]]:
    """Column heads; their meaning comes from the contract of the table."""
    meanings = TABLES[name_of_table].columns
    points = {"difference", "low", "high", "low_all", "high_all"} if "difference" in meanings else set()
    per_cent = _list_per_cent(name_of_table)
    shown = [name for name in table.columns if name not in ("corpus", "df")]
    heads = []
    for name in shown:
        spec = meanings.get(name)
        unit = " (points)" if name in points else " (%)" if name in per_cent else ""
        heads.append({"name": name.replace("_", " ") + unit, "meaning": spec.description if spec else ""})
    return heads


def _cells(name_of_table: str, table: pd.DataFrame) -> list[list[str]]:
    shown = [name for name in table.columns if name not in ("corpus", "df")]
    per_cent = _list_per_cent(name_of_table)
    columns = [[_format(name, value, name in per_cent) for value in table[name]] for name in shown]
    return [list(row) for row in zip(*columns, strict=True)]


def _format(name: str, value: Any, per_cent: bool) -> str:
    if value is None or value != value:
        return "–"
    if name in ("theme", "other", "node", "group", "source", "target") and value in THEME:
        return THEME[value].label
    if name in ("country", "reference"):
        return COUNTRY[value].name if value in COUNTRY else str(value)
    if name in ("effective_n", "effective_agencies"):
        return f"{value:.1f}"
    if per_cent:
        return f"{100 * value:.1f}".replace("-", "−")
    if name == "tuning":
        return f"{value:.2f}"
    if name.startswith("p_"):
        return "<0.001" if value < 0.001 else f"{value:.3f}"
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}".replace("-", "−")
    return f"{value:,}" if isinstance(value, int) else str(value)
