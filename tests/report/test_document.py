"""The report: one file that opens offline, with every number computed and every figure reachable without eyes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest

import composite as cp
from composite.files import hash_table
from composite.report.counts import count_facts
from composite.report.differences import find_differences, write_difference
from composite.report.document import write_report
from composite.report.figures import FIGURES
from composite.report.inline import inline_svg

Study = tuple[pd.DataFrame, pd.DataFrame, dict[str, pd.DataFrame]]


@pytest.fixture(scope="module")
def study(make_study: Callable[..., tuple[pd.DataFrame, ...]]) -> Study:
    labels, codings, _ = make_study(("DE", "FR", "GB"), agencies=6, posts=30)
    return labels, codings, make_tables(labels, codings)


def make_tables(labels: pd.DataFrame, codings: pd.DataFrame) -> dict[str, pd.DataFrame]:
    return {
        "shares": cp.estimate_shares(labels, codings),
        "contrasts": cp.compare_countries(labels, codings, against="others"),
        "cooccurrence": cp.measure_cooccurrence(labels, codings),
        "months": cp.count_months(labels),
        "quality": cp.measure_quality(labels, codings),
    }


def write(folder: Path, study: Study, **options: object) -> str:
    labels, codings, tables = study
    shown = tuple(name for name, exhibit in FIGURES.items() if exhibit.table in tables)
    given = {"rejected": None, "notes": (), "doubt": None, "level": 0.95, "only": shown, **options}
    return write_report(folder, labels, codings, tables, **given).read_text("utf-8")  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, study: Study) -> Path:
    path = tmp_path_factory.mktemp("report")
    write(path, study)
    return path


@pytest.fixture(scope="module")
def page(folder: Path) -> str:
    return (folder / "index.html").read_text("utf-8")


class Reader(HTMLParser):
    """Collects what a browser would have to fetch, the identifiers, and the pictures."""

    def __init__(self) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.pictures: list[dict[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.ids += [given["id"]] if given.get("id") else []
        if tag in ("script", "img", "iframe", "source", "video") and given.get("src"):
            self.fetched.append(str(given["src"]))
        if tag == "link":
            self.fetched.append(str(given["href"]))
        if tag == "a":
            self.links.append(str(given["href"]))
        if tag == "svg":
            self.pictures.append(given)


def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    return reader


def test_the_report_fetches_nothing(page: str) -> None:
    assert [address for address in read(page).fetched if not address.startswith("data:")] == []
    assert not re.search(r"@import|url\((?!#|'?data:)", page)


def test_identifiers_are_unique_and_links_within_the_page_lead_somewhere(page: str) -> None:
    reader = read(page)
    assert len(reader.ids) == len(set(reader.ids))
    assert {link[1:] for link in reader.links if link.startswith("#")} <= set(reader.ids)
    assert {name for name in re.findall(r'href="#([^"]+)"|url\(#([^)]+)\)', page) for name in name if name} <= set(
        reader.ids
    )


def test_links_to_files_lead_to_files(folder: Path, page: str) -> None:
    files = [link for link in read(page).links if not link.startswith("#")]
    assert files
    assert all((folder / link).is_file() for link in files)


def test_every_figure_has_words_for_those_who_cannot_see_it(page: str, study: Study) -> None:
    pictures = read(page).pictures
    assert len(pictures) == sum(exhibit.table in study[2] for exhibit in FIGURES.values()) > 5
    assert all(picture["role"] == "img" and len(picture["aria-label"] or "") > 40 for picture in pictures)


def test_every_figure_is_also_svg_png_and_the_csv_that_it_draws(folder: Path, study: Study) -> None:
    for name in ("shares", "methods", "differences", "cooccurrence", "months", "quality"):
        for ending in ("svg", "png", "csv"):
            assert (folder / "figures" / f"{name}.{ending}").stat().st_size > 0
        table = cp.read_table(FIGURES[name].table, folder / "figures" / f"{name}.csv")
        assert hash_table(table) == hash_table(study[2][FIGURES[name].table])


def test_the_numbers_of_the_method_are_those_of_the_study(page: str, study: Study) -> None:
    labels, codings, tables = study
    facts = count_facts(labels, codings, None, tables, 0.95)
    assert f"{len(codings):,} of {len(labels):,} posts" in page
    naive = tables["shares"].query("method == 'naive'").reset_index(drop=True)
    corrected = tables["shares"].query("method == 'corrected'").reset_index(drop=True)
    outside = ((naive["share"] < corrected["low"]) | (naive["share"] > corrected["high"])).sum()
    assert facts.outside == outside
    assert f"would put {outside} of {len(corrected)} shares outside" in page


def test_the_level_of_the_intervals_is_the_one_asked_for(tmp_path: Path, study: Study) -> None:
    page = write(tmp_path, study, level=0.9)
    assert "90 % interval" in page
    assert "95 %" not in page


def test_html_in_notes_reasons_and_values_is_shown_and_not_run(tmp_path: Path, study: Study) -> None:
    attack = "<script>alert(1)</script>"
    rejected = pd.DataFrame({"file": ["a.csv"], "line": [2], "reason": [attack], "value": [attack]}, dtype="str")
    page = write(tmp_path, study, notes=(attack,), rejected=rejected.astype({"line": "int64"}))
    assert attack not in page
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;") == 2


def test_an_agency_named_in_html_is_shown_and_not_run(tmp_path: Path, study: Study) -> None:
    labels, codings, tables = study
    labels = labels.assign(agency="<b>x</b>" + labels["agency"])
    tables = {**tables, "agencies": cp.estimate_shares(labels, codings, by=("country", "agency"))}
    page = write(tmp_path, (labels, codings, tables))
    assert "<b>x</b>" not in page


def test_the_same_study_gives_the_same_bytes_in_every_file(tmp_path: Path, folder: Path, study: Study) -> None:
    write(tmp_path, study)
    files = sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    assert len(files) > 20
    for file in files:
        assert (folder / file).read_bytes() == (tmp_path / file).read_bytes(), file


def test_what_an_earlier_study_left_in_the_folder_is_removed_and_a_users_own_files_stay(
    tmp_path: Path, study: Study
) -> None:
    write(tmp_path, study)
    (tmp_path / "figures" / "mine.svg").write_text("mine")
    labels, codings, tables = study
    write(tmp_path, (labels, codings, {"shares": tables["shares"]}), only=("shares",))
    assert sorted(path.name for path in (tmp_path / "tables").iterdir()) == ["shares.csv"]
    assert sorted(path.name for path in (tmp_path / "figures").iterdir()) == [
        "mine.svg",
        "shares.csv",
        "shares.png",
        "shares.svg",
    ]


def test_no_clock_host_or_path_is_in_the_page_or_the_manifest(folder: Path, page: str) -> None:
    manifest = (folder / "manifest.json").read_text("utf-8")
    for text in (page, manifest):
        assert str(folder) not in text
        assert "/tmp" not in text
        assert not re.search(r"\d\d:\d\d:\d\d", text)


def test_the_manifest_has_the_checksum_of_every_table(folder: Path, study: Study) -> None:
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    assert manifest["tables"] == {name: hash_table(table) for name, table in study[2].items()}
    assert manifest["inputs"]["labels"] == hash_table(study[0])
    assert manifest["figures"]["shares"] == {"function": "composite.figures.draw_shares", "table": "shares"}


def test_a_finding_is_said_only_where_holm_leaves_it_and_with_its_interval(study: Study) -> None:
    contrasts = study[2]["contrasts"]
    assert find_differences(contrasts.assign(p_adjusted=0.06)) == []
    assert find_differences(None) == []
    told = find_differences(contrasts.assign(p_adjusted=0.04))
    sizes = [abs(row.difference) for row in told]
    assert sizes == sorted(sizes, reverse=True)
    row = told[0]
    sentence = write_difference(
        row._replace(difference=-0.123, low=-0.2, high=-0.046, country="GB", theme="voice"), 0.95
    )
    assert sentence == (
        "United Kingdom, having a voice: 12.3 percentage points below the mean of the others "
        "(95\u00a0% interval −20.0 to −4.6)."
    )
    assert "below Germany (" in write_difference(row._replace(difference=-0.1), 0.95, "Germany")


def test_what_speaks_of_agencies_only_is_told_apart_from_what_speaks_of_countries(tmp_path: Path, study: Study) -> None:
    labels, codings, tables = study
    contrasts = tables["contrasts"].assign(p_adjusted=0.9)
    contrasts.loc[:1, "p_adjusted"] = 0.01
    contrasts.loc[1, "inference"] = "posts"
    page = write(tmp_path, (labels, codings, {**tables, "contrasts": contrasts}))
    assert "1 differs after Holm" in page
    assert "Besides, in 1 of 27 comparisons" in page
    assert "says nothing of the countries" in page


def test_a_doubt_about_the_sample_stands_at_the_top_and_in_the_method(tmp_path: Path, study: Study) -> None:
    page = write(tmp_path, study, doubt="codings are missing")
    assert '<p class="note">Doubtful: codings are missing.</p>' in page
    assert "which is in doubt" in page


def test_column_heads_are_explained_by_the_contract_of_their_own_table(page: str) -> None:
    shares = page.split('id="shares"')[1].split("</thead>")[0]
    assert 'title="share of posts with the theme">share (%)' in shares
    differences = page.split('id="differences"')[1].split("</thead>")[0]
    assert "low (points)" in differences
    assert 'title="two-sided p of no difference, by the wild cluster bootstrap"' in differences


def test_without_codings_the_page_says_that_nothing_is_corrected(tmp_path: Path, study: Study) -> None:
    labels = study[0]
    tables = {"shares": cp.estimate_shares(labels), "cooccurrence": cp.measure_cooccurrence(labels)}
    page = write_report(
        tmp_path,
        labels,
        None,
        tables,
        rejected=None,
        notes=(),
        doubt=None,
        level=0.95,
        only=("shares", "methods", "cooccurrence"),
    ).read_text("utf-8")
    assert "Nothing here is corrected" in page


def test_an_svg_keeps_its_picture_and_gets_identifiers_of_its_own() -> None:
    svg = (
        '<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        'width="4pt" height="3pt" viewBox="0 0 4 3"><metadata>a date</metadata><style>*{}</style><g id="unused">'
        '<path id="a" d="M 0.123456 1 L 2.000001 3" style="fill: none; stroke: #a0b0c0"/></g>'
        '<g clip-path="url(#a)"><use xlink:href="#a"/></g></svg>'
    )
    assert "".join(inline_svg(svg, "shares", 'A "picture"').split("\n")) == (
        '<svg role="img" aria-label="A &quot;picture&quot;" viewBox="0 0 4 3">'
        '<g><path d="M 0.12 1 L 2 3" fill="none" stroke="#a0b0c0" id="shares-a" /></g>'
        '<g clip-path="url(#shares-a)"><use href="#shares-a" /></g></svg>'
    )
