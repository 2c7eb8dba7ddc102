"""The page in a real browser: it works, fetches nothing, runs nothing but its own script, and shuts nobody out."""

from __future__ import annotations

import csv
import io
import os
import shutil
import warnings
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pypdfium2
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

import composite as cp
from composite.codebook.countries import COUNTRY
from composite.codebook.themes import THEME, THEMES
from composite.report.document import write_report
from composite.report.figures import FIGURES

HOSTILE = "<img src=x onerror=window.ran=1></script><script>window.ran=1</script>"
FORMULA = '=HYPERLINK("x")'
SHOWN = ("shares", "agencies", "differences", "months", "quality")
# what a page tells of itself: refusals of its policy, before any script of it runs
REFUSED_STORAGE = "Object.defineProperty(window, 'localStorage', { get() { throw Error('refused'); } });"
WATCH = "window.refused = []; addEventListener('securitypolicyviolation', (e) => refused.push(e.violatedDirective));"


@pytest.fixture(scope="module")
def tables(
    make_study: Callable[..., tuple[pd.DataFrame, ...]],
) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, pd.DataFrame]]:
    """A study: Germany well coded, France little, the United Kingdom with few agencies, the Netherlands not at all."""
    labels, codings, _ = make_study(("DE", "FR", "NL", "GB"), agencies=6, posts=40)
    names = {"agency 0": HOSTILE, "agency 1": FORMULA}
    labels["agency"] = labels["agency"].where(labels["country"] != "DE", labels["agency"].replace(names))
    labels = labels[(labels["country"] != "GB") | labels["agency"].isin(["agency 0", "agency 1", "agency 2"])]
    labels = labels.reset_index(drop=True)
    country = labels.set_index("post_id")["country"]
    codings = codings.assign(country=codings["post_id"].map(country)).dropna(subset=["country"])
    few = codings[codings["country"] == "FR"].groupby(codings["post_id"].map(labels.set_index("post_id")["agency"]))
    keep = codings["country"].isin(["DE", "GB"]) | codings.index.isin(few.head(3).index)
    codings = codings[keep].drop(columns="country").reset_index(drop=True)
    # a difference that is told apart: all of Germany's coded posts have a voice, and its labels know it
    german, coded_german = labels["country"] == "DE", codings["post_id"].map(country) == "DE"
    codings.loc[coded_german, "voice"] = (np.arange(coded_german.sum()) % 12 > 0).astype("int64")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", cp.CompositeWarning)
        tables = {
            "shares": cp.estimate_shares(labels, codings),
            "agencies": cp.estimate_shares(labels[german], codings[coded_german], by=("country", "agency")),
            "pairs": cp.compare_countries(labels, codings),
            "contrasts": cp.compare_countries(labels, codings, against="others"),
            "months": cp.count_months(labels),
            "quality": cp.measure_quality(labels, codings),
        }
    tables["pairs"].loc[tables["pairs"]["theme"] == "efficiency", "classifier"] = "unequal"
    return labels, codings, tables


@pytest.fixture(scope="module")
def folder(tables: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("browser")
    labels, codings, made = tables
    write_report(path, labels, codings, made, rejected=None, notes=(HOSTILE,), doubt=None, level=0.95, only=SHOWN)
    return path


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if program is None:
        reason = "no Chromium on this machine: apt-get install chromium"
        if os.environ.get("COMPOSITE_BROWSER") == "required":
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        )
        yield browser
        browser.close()


@pytest.fixture
def visit(browser: Browser, folder: Path) -> Iterator[Callable[..., Page]]:
    """A function that opens the page; at the end there must have been no error and no request but for the file."""
    contexts, heard = [], []

    def open_page(
        fragment: str = "", *, width: int = 1280, init: str = "", file: str = "index.html", **options: Any
    ) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 900}, **options)
        contexts.append(context)
        context.add_init_script(WATCH + init)
        context.route(
            "**/*",
            lambda route: (
                route.continue_() if route.request.url.startswith(target) else heard.append(route.request.url)
            ),
        )
        page = context.new_page()
        page.on("console", lambda message: heard.append(message.text) if message.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: heard.append(str(error)))
        target = (folder / file).as_uri()
        page.goto(target + fragment)
        return page

    open_page.heard = heard  # type: ignore[attr-defined]
    yield open_page
    for context in contexts:
        context.close()
    assert heard == []


def open_table(page: Page, name: str) -> Any:
    details = page.locator(f"#{name} details.behind")
    details.locator("> summary").click()
    return details


def read_column(details: Any, head: str) -> list[str]:
    """The shown cells of a column from top to bottom."""
    return details.locator("table").evaluate(
        """(table, head) => {
            const place = [...table.tHead.rows[0].cells].findIndex((cell) => cell.textContent === head);
            return [...table.tBodies[0].rows].filter((row) => !row.hidden).map((row) => row.cells[place].textContent);
        }""",
        head,
    )


def read_file(path: Path) -> list[list[str]]:
    return list(csv.reader(io.StringIO(path.read_text("utf-8"))))


def make_harmless(rows: list[list[str]]) -> list[list[str]]:
    return [["'" + cell if cell.startswith("=") else cell for cell in row] for row in rows]


def test_the_page_loads_from_its_one_file_without_an_error_or_a_refusal(visit: Callable[..., Page]) -> None:
    page = visit(offline=True)
    fetched = page.evaluate("performance.getEntriesByType('resource').map((entry) => entry.name)")
    assert [address for address in fetched if not address.startswith("data:")] == []
    assert page.evaluate("refused") == []
    assert page.title().startswith("What police use social media for")


def test_every_figure_is_seen_and_said_in_words(visit: Callable[..., Page]) -> None:
    page = visit()
    figures = page.locator(".figure svg")
    assert figures.count() == len(SHOWN)
    for figure in figures.all():
        figure.scroll_into_view_if_needed()
        box = figure.bounding_box()
        assert box
        assert min(box["width"], box["height"]) > 100
        assert figure.get_attribute("role") == "img"
        assert len(figure.get_attribute("aria-label") or "") > 40
        # text is text, and the picture is on paper in the dark too
        assert figure.locator("text").count() > 5


def test_a_column_of_numbers_sorts_by_number_with_the_missing_ones_last(visit: Callable[..., Page]) -> None:
    details = open_table(visit(), "shares")
    before = read_column(details, "tuning (%)")
    head = details.get_by_role("columnheader", name="tuning (%)")
    for order, sign in (("ascending", 1), ("descending", -1)):
        head.get_by_role("button").click()
        assert head.get_attribute("aria-sort") == order
        shown = read_column(details, "tuning (%)")
        numbers = [float(cell) for cell in shown if cell != "–"]
        assert 0 < len(numbers) < len(shown)
        assert shown[len(numbers) :] == ["–"] * (len(shown) - len(numbers))
        assert numbers == sorted(numbers, key=lambda number: sign * number)
        assert details.get_by_role("status").inner_text() == f"Sorted by tuning (%), {order}."
    head.get_by_role("button").click()
    assert head.get_attribute("aria-sort") is None
    assert read_column(details, "tuning (%)") == before


def test_tables_sort_from_the_keyboard_and_by_raw_numbers(visit: Callable[..., Page], folder: Path) -> None:
    page = visit()
    details = page.locator("#differences details.behind")
    details.locator("> summary").focus()
    page.keyboard.press("Enter")
    details.get_by_role("button", name="difference (points)").focus()
    page.keyboard.press("Enter")
    table = cp.read_table("contrasts", folder / "figures" / "differences.csv").sort_values("difference", kind="stable")
    themes = [THEME[key].label for key in table["theme"]]
    assert read_column(details, "theme") == themes
    assert details.locator("[aria-sort]").inner_text() == "difference (points)"


def test_the_filter_leaves_rows_that_have_all_its_words(visit: Callable[..., Page]) -> None:
    details = open_table(visit(), "shares")
    details.get_by_label("Only rows with").fill("corrected germany")
    assert set(read_column(details, "country")) == {"Germany"}
    assert set(read_column(details, "method")) == {"corrected"}
    assert details.get_by_role("status").inner_text() == "9 of 108 rows shown."
    details.get_by_label("Only rows with").fill("")
    assert len(read_column(details, "country")) == 108


@pytest.mark.parametrize("name", SHOWN)
def test_the_copied_csv_is_the_file_cell_for_cell_and_runs_no_formula(
    visit: Callable[..., Page], folder: Path, name: str
) -> None:
    page = visit(permissions=["clipboard-read", "clipboard-write"])
    details = open_table(page, name)
    details.get_by_label("Only rows with").fill("filtered away")
    details.get_by_role("button", name="Copy as CSV").click()
    expected = read_file(folder / "figures" / f"{name}.csv")
    details.get_by_text(f"Copied the whole table, {len(expected) - 1} rows.").wait_for()
    text = page.evaluate("navigator.clipboard.readText()")
    assert list(csv.reader(io.StringIO(text))) == make_harmless(expected)
    assert ("'" + FORMULA in {cell for row in make_harmless(expected) for cell in row}) == (name == "agencies")


def test_where_the_clipboard_is_refused_the_text_is_handed_over_selected(
    visit: Callable[..., Page], folder: Path
) -> None:
    page = visit(init="navigator.clipboard.writeText = () => Promise.reject(new Error('refused'));")
    details = open_table(page, "quality")
    details.get_by_role("button", name="Copy as CSV").click()
    area = details.get_by_label("The table as CSV")
    area.wait_for()
    assert area.evaluate("(area) => area === document.activeElement && area.selectionEnd === area.value.length")
    assert list(csv.reader(io.StringIO(area.input_value()))) == read_file(folder / "figures" / "quality.csv")
    assert "Press Ctrl+C" in details.get_by_role("status").inner_text()


def test_the_downloaded_csv_is_the_file(visit: Callable[..., Page], folder: Path, tmp_path: Path) -> None:
    page = visit()
    details = open_table(page, "agencies")
    with page.expect_download() as waiting:
        details.get_by_role("button", name="Download CSV").click()
    assert waiting.value.suggested_filename == "agencies.csv"
    waiting.value.save_as(tmp_path / "agencies.csv")
    assert read_file(tmp_path / "agencies.csv") == make_harmless(read_file(folder / "figures" / "agencies.csv"))


def write_points(number: float) -> str:
    text = f"{100 * number:+.1f}".replace("-", "−")
    return "0.0" if text[1:] == "0.0" else text


@pytest.mark.parametrize(("one", "two"), [("DE", "GB"), ("GB", "DE"), ("FR", "DE")])
def test_two_countries_are_shown_as_the_table_of_pairs_has_them(
    visit: Callable[..., Page], folder: Path, one: str, two: str
) -> None:
    page = visit()
    page.get_by_label("First country").select_option(COUNTRY[one].name)
    page.get_by_label("Second country").select_option(COUNTRY[two].name)
    assert page.url.endswith(f"#compare={one},{two}")
    pairs = cp.read_table("contrasts", folder / "tables" / "pairs.csv")
    asked = pairs[(pairs["country"] == one) & (pairs["reference"] == two)]
    if asked.empty:
        asked = pairs[(pairs["country"] == two) & (pairs["reference"] == one)]
        flipped = {"difference": -asked["difference"], "low_all": -asked["high_all"], "high_all": -asked["low_all"]}
        asked = asked.assign(**flipped)
    assert len(asked) == 9
    shares = cp.read_table("shares", folder / "tables" / "shares.csv").query("method == 'corrected'")
    shares = shares.set_index(["country", "theme"])
    told = []
    for row in asked.itertuples():
        line = page.locator(f".sides tr[data-theme={row.theme}]")
        cells = line.locator("th, td").all_inner_texts()
        for code, cell in ((one, cells[1]), (two, cells[2])):
            share = shares.loc[(code, row.theme)]
            assert f"{100 * share['share']:.1f} %" in cell
            assert ("few coded posts" in cell) == (share["n_coded"] < 30) == (code == "FR")
            assert ("posts of these agencies only" in cell) == (share["inference"] == "posts")
            if not np.isnan(share["low"]):
                assert f"{100 * share['low']:.1f} to {100 * share['high']:.1f}" in cell
        assert f"{write_points(row.difference)} points" in cells[4]
        assert f"{write_points(row.low_all)} to {write_points(row.high_all)}" in cells[4]
        assert ("posts of these agencies only" in cells[4]) == (row.inference == "posts")
        assert cells[6].startswith("told apart" if row.p_adjusted < 0.05 else "not told apart")
        p_value = "p < 0.001" if row.p_adjusted < 0.001 else f"p = {row.p_adjusted:.3f}"
        assert p_value in cells[6]
        assert ("equally well in their languages" in cells[0]) == (row.theme == "efficiency")
        assert line.get_by_role("img").count() == 2
        told += [THEME[row.theme].label] if row.p_adjusted < 0.05 else []
    said = page.locator("#compared").inner_text()
    assert all(label in said for label in told)
    assert (f"told apart on {len(told)} of 9" in said) if told else ("not told apart on any theme" in said)


def test_a_pair_is_told_apart_somewhere_so_that_the_test_above_sees_both_words(tables: Any) -> None:
    told = tables[2]["pairs"]["p_adjusted"] < 0.05
    assert 0 < told.sum() < len(told)


def test_a_country_without_codes_has_naive_shares_that_say_so_and_is_not_compared(visit: Callable[..., Page]) -> None:
    page = visit("#compare=DE,NL")
    cells = page.locator(".sides tr[data-theme=voice] td").all_inner_texts()
    assert "not corrected: nothing coded in Netherlands" in cells[1]
    assert "not corrected" not in cells[0]
    assert cells[3] == "not compared"
    assert "are not compared" in page.locator("#compared").inner_text()


def test_a_link_opens_the_two_countries_and_a_wrong_one_says_what_is_missing(visit: Callable[..., Page]) -> None:
    page = visit("#compare=GB,FR")
    assert page.get_by_label("First country").input_value() == "GB"
    assert page.get_by_label("Second country").input_value() == "FR"
    assert page.locator("#compare").evaluate("(section) => Math.abs(section.getBoundingClientRect().top) < 200")
    page.get_by_role("button", name="Swap").click()
    assert page.url.endswith("#compare=FR,GB")
    page.evaluate("location.hash = 'compare=GB,ES'")
    page.get_by_text("The link asks for ES, of which this report has no posts.").wait_for()
    page.evaluate("location.hash = 'compare=fr%2Cde'")
    page.get_by_role("columnheader", name="France minus Germany").wait_for()
    page.evaluate("location.hash = '%'")
    page.get_by_label("First country").select_option("DE")
    assert page.locator("#compared").inner_text() == "Pick two different countries."


@pytest.mark.parametrize("init", ["", REFUSED_STORAGE], ids=["remembered", "refused"])
def test_dark_mode_is_the_systems_until_the_reader_chooses(visit: Callable[..., Page], init: str) -> None:
    page = visit(color_scheme="dark", init=init)
    paper = "getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(paper)
    button = page.get_by_role("button", name="Dark mode")
    assert button.get_attribute("aria-pressed") == "true"
    button.click()
    assert button.get_attribute("aria-pressed") == "false"
    assert page.evaluate(paper) == "rgb(255, 255, 255)" != dark
    page.reload()
    assert page.evaluate(paper) == (dark if init else "rgb(255, 255, 255)")
    # drawn for paper, so on paper
    assert page.locator(".figure").first.evaluate("(figure) => getComputedStyle(figure).backgroundColor") == (
        "rgb(255, 255, 255)"
    )


def test_on_a_phone_the_page_itself_never_scrolls_sideways(visit: Callable[..., Page]) -> None:
    page = visit("#compare=DE,GB", width=360)
    for details in page.locator("details").all():
        details.evaluate("(details) => { details.open = true; }")
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    page.locator("#shares .hint").wait_for()


def test_the_contents_mark_where_one_is(visit: Callable[..., Page]) -> None:
    page = visit()
    marked = page.locator("nav a[aria-current]")
    for name in ("differences", "quality", "shares"):
        page.locator(f"#{name}").evaluate("(section) => section.scrollIntoView()")
        page.locator(f"nav a[href='#{name}'][aria-current=location]").wait_for()
        assert marked.count() == 1


def test_the_first_tab_stop_skips_to_the_content(visit: Callable[..., Page]) -> None:
    page = visit()
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    assert skip.evaluate("(link) => link === document.activeElement && link.getBoundingClientRect().left >= 0")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.tagName") == "MAIN"


# what has the focus: its place among all elements, whether it is seen, and how it is marked
FOCUSED = """() => {
    const at = document.activeElement, box = at.getBoundingClientRect(), style = getComputedStyle(at);
    return {
        place: [...document.querySelectorAll('*')].indexOf(at), tag: at.tagName,
        name: (at.getAttribute('aria-label') ?? at.textContent).trim().slice(0, 40),
        seen: box.width > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
        marked: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
    };
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_tab_key_goes_through_the_page_in_its_order_and_where_it_is_can_be_seen(
    visit: Callable[..., Page], scheme: str
) -> None:
    page = visit(color_scheme=scheme)
    stops = []
    for _ in range(60):
        page.keyboard.press("Tab")
        stop = page.evaluate(FOCUSED)
        if stop["tag"] == "BODY":
            break
        stops.append(stop)
    assert [stop["name"] for stop in stops[:3]] == ["Skip to the content", "Dark mode", "Contents"]
    assert {"BUTTON", "A", "SUMMARY", "DIV", "SELECT"} <= {stop["tag"] for stop in stops}
    assert [stop["place"] for stop in stops] == sorted(stop["place"] for stop in stops)
    assert [stop for stop in stops if not (stop["seen"] and stop["marked"])] == []
    # it does not stay in a corner of the page, and goes back too
    assert page.evaluate(FOCUSED)["tag"] == "BODY"
    for stop in stops[:-3:-1]:
        page.keyboard.press("Shift+Tab")
        assert page.evaluate(FOCUSED)["place"] == stop["place"]


def test_what_a_mouse_does_the_space_bar_does_too(visit: Callable[..., Page]) -> None:
    page = visit()
    details = page.locator("#quality details.behind")
    details.locator("> summary").focus()
    page.keyboard.press("Space")
    head = details.get_by_role("columnheader", name="recall (%)")
    head.get_by_role("button").focus()
    for order in ("ascending", "descending", None):
        page.keyboard.press("Space")
        assert head.get_attribute("aria-sort") == order
        assert head.get_by_role("button").evaluate("(button) => button === document.activeElement")
    page.get_by_label("First country").focus()
    before = page.locator("#compared").inner_text()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert page.locator("#compared").inner_text() != before
    page.get_by_role("button", name="Swap").focus()
    page.keyboard.press("Space")
    assert page.get_by_role("button", name="Swap").evaluate("(button) => button === document.activeElement")
    page.get_by_role("button", name="Dark mode").focus()
    page.keyboard.press("Space")
    assert page.get_by_role("button", name="Dark mode").get_attribute("aria-pressed") == "true"


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_nothing_moves_by_itself_whatever_the_reader_prefers(visit: Callable[..., Page], motion: str) -> None:
    page = visit("#compare=DE,GB", reduced_motion=motion)
    open_table(page, "quality")
    page.get_by_role("button", name="Dark mode").click()
    moving = """() => [...document.querySelectorAll('*')].filter((element) => {
        const style = getComputedStyle(element);
        return style.animationName !== 'none' || parseFloat(style.transitionDuration) > 0
            || style.scrollBehavior !== 'auto';
    }).length + document.getAnimations().length"""
    assert page.evaluate(moving) == 0


# 1280 pixels at 200 % and at 400 %; and letters of twice the size
@pytest.mark.parametrize(("width", "letters"), [(640, "100%"), (320, "100%"), (1280, "200%"), (640, "200%")])
def test_enlarged_the_page_loses_nothing(visit: Callable[..., Page], width: int, letters: str) -> None:
    page = visit("#compare=DE,GB", width=width)
    page.evaluate("(size) => { document.documentElement.style.fontSize = size; }", letters)
    assert page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") == 16 * int(letters[:-1]) / 100
    for details in page.locator("details").all():
        details.evaluate("(details) => { details.open = true; }")
    page.locator("#shares .tools").wait_for()
    # what is cut off at the side, but for what scrolls by itself
    cut = """() => [...document.querySelectorAll('h1, h2, p, li, a, button, input, select, summary, dt, dd')]
        .filter((element) => !element.closest('.scroll, .figure, .skip') && element.getClientRects().length)
        .filter((element) => {
            const box = element.getBoundingClientRect();
            return box.left < -1 || box.right > innerWidth + 1 || element.scrollWidth > element.clientWidth + 1
                && getComputedStyle(element).overflowX === 'hidden';
        }).map((element) => element.outerHTML.slice(0, 120))"""
    assert page.evaluate(cut) == []
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_headings_are_in_order(visit: Callable[..., Page]) -> None:
    levels = visit().locator("h1, h2, h3, h4").evaluate_all("(heads) => heads.map((head) => Number(head.tagName[1]))")
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_on_a4_no_figure_is_cut_and_a_closed_table_gives_way_to_where_it_is(visit: Callable[..., Page]) -> None:
    page = visit(width=688, color_scheme="dark")  # 210 mm less the margins
    open_table(page, "quality")
    page.emulate_media(media="print")
    for figure in page.locator(".figure svg").all():
        box = figure.bounding_box()
        assert box
        assert 300 < box["width"] <= 688
        assert box["height"] < 265 / 25.4 * 96
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert not page.get_by_role("button", name="Dark mode").is_visible()
    assert page.locator("#shares .printed").is_visible()
    assert "figures/shares.csv" in page.locator("#shares .printed").inner_text()
    assert page.locator("#quality table").is_visible()
    assert not page.locator("#quality .printed").is_visible()


def test_a_printed_figure_stands_on_one_page_with_its_heading_and_its_caption(visit: Callable[..., Page]) -> None:
    with pypdfium2.PdfDocument(visit("#compare=DE,GB").pdf(prefer_css_page_size=True)) as document:
        texts = [" ".join(sheet.get_textpage().get_text_range().split()) for sheet in document]
    for number, name in enumerate(SHOWN, start=1):
        (sheet,) = [text for text in texts if f"Figure {number}. " in text]
        assert FIGURES[name].title in sheet
        assert f"rows behind this figure are in figures/{name}.csv" in sheet
    (sheet,) = [text for text in texts if "Two countries side by side" in text]
    assert "Every pair of countries is in tables/pairs.csv" in sheet


def test_a_long_table_that_was_opened_is_printed_with_its_head_on_every_page(visit: Callable[..., Page]) -> None:
    page = visit()
    open_table(page, "shares")
    page.evaluate("document.querySelectorAll('section:not(#shares), .side').forEach((part) => part.remove())")
    with pypdfium2.PdfDocument(page.pdf(prefer_css_page_size=True)) as document:
        texts = [sheet.get_textpage().get_text_range() for sheet in document]
    full = [text for text in texts if text.count("Source of") + text.count("corrected") > 3]
    assert len(full) > 2
    assert all("tuning" in text for text in full)


def test_without_javascript_all_can_be_read_and_nothing_is_offered_that_does_not_work(
    visit: Callable[..., Page],
) -> None:
    page = visit(java_script_enabled=False)
    assert page.get_by_text("To pick two countries, open this page in a browser that runs JavaScript.").is_visible()
    assert page.get_by_role("button").count() == 0
    assert page.get_by_role("combobox").count() == 0
    assert page.get_by_role("navigation").get_by_role("link").count() == len(SHOWN) + 7
    details = page.locator("#compare details.behind")
    details.locator("> summary").click()
    assert details.locator("tbody tr").count() == 27
    assert details.locator("tbody tr").first.is_visible()


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 360)])
def test_axe_finds_no_serious_violation_with_tables_open_and_countries_picked(
    visit: Callable[..., Page], scheme: str, width: int
) -> None:
    page = visit("#compare=FR,GB", width=width, color_scheme=scheme)
    for name in ("quality", "compare"):
        open_table(page, name)
    page.locator("#quality").get_by_role("button", name="f1").first.click()
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    serious = [rule for rule in found if rule["impact"] in ("serious", "critical")]
    assert [(rule["id"], rule["nodes"][0]["html"][:200]) for rule in serious] == []


def test_an_agency_named_as_a_program_is_a_name(visit: Callable[..., Page]) -> None:
    page = visit(permissions=["clipboard-read", "clipboard-write"])
    details = open_table(page, "agencies")
    assert HOSTILE in read_column(details, "agency")
    details.get_by_label("Only rows with").fill(HOSTILE)
    assert set(read_column(details, "agency")) == {HOSTILE}
    assert page.locator("#agencies svg").get_by_text("onerror").count()
    assert page.locator("img").count() == 0
    assert page.evaluate("[window.ran, refused.length]") == [None, 0]


def test_were_a_program_to_get_into_the_page_the_browser_would_not_run_it(
    visit: Callable[..., Page], folder: Path
) -> None:
    page = (folder / "index.html").read_text("utf-8")
    place = page.index("<main")
    inside = (
        '<script>window.ran = 1</script><img src="x" onerror="window.ran = 1">'
        '<p style="color: red" onclick="window.ran = 1">'
    )
    (folder / "broken.html").write_text(page[:place] + inside + page[place:], "utf-8")
    opened = visit(file="broken.html")
    opened.locator("p[onclick]").first.dispatch_event("click")
    assert opened.evaluate("window.ran === undefined")
    assert {"script-src-elem", "script-src-attr", "style-src-attr", "img-src"} <= set(opened.evaluate("refused"))
    visit.heard.clear()  # type: ignore[attr-defined]
    assert len(THEMES) == opened.locator(".sides tbody tr").count()  # and its own still runs
