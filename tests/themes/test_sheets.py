"""Files for coders go out, are coded, and come back as the codes that were given, from every program."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from openpyxl import load_workbook

from composite.codebook.themes import THEME_KEYS
from composite.errors import CompositeError
from composite.files import unguard_text
from composite.themes.coding import draw_coding_sample, make_coding_sheet, read_codings
from composite.themes.sheets import FORMS, write_coding_files
from tests.themes.test_coding import make_labels, make_posts

TEXTS = [
    "=SUM(A1) is not a formula",
    "<b>Road</b> closed & wet",
    "Сообраќајот е запрен",
    "Zwei\u00a0Täter „gefasst“ 👮",
]
# the codes that a coder gives to the posts, one after another, over and over
CODES = [("push_information", "wisdom_of_crowd"), ("voice",), (), ("human_side", "interaction")]


@pytest.fixture
def drawn() -> tuple[pd.DataFrame, pd.DataFrame]:
    """A sample of eight posts, and the sheet for it."""
    labels = make_labels({"DE": 6, "GB": 6})
    posts = make_posts((TEXTS * 3)[:12]).assign(country=labels["country"])
    sample = draw_coding_sample(labels, 8, seed=1, strata=("country",))
    return sample, make_coding_sheet(sample, posts)


def fill_csv(file: Path, coder: str) -> None:
    table = pd.read_csv(file, dtype="str", keep_default_na=False)
    for row in range(len(table)):
        themes = CODES[row % len(CODES)]
        table.loc[row, list(THEME_KEYS)] = [str(int(key in themes)) for key in THEME_KEYS]
        table.loc[row, ["coder", "primary"]] = [coder, themes[0] if themes else "none"]
    table.to_csv(file, index=False)


def fill_xlsx(file: Path, coder: str) -> None:
    book = load_workbook(file)
    page = book["codes"]
    place = {cell.value: cell.column for cell in page[1]}
    for row in range(2, page.max_row + 1):
        themes = CODES[(row - 2) % len(CODES)]
        for key in THEME_KEYS:
            page.cell(row, place[key]).value = int(key in themes)
        page.cell(row, place["coder"]).value = coder
        page.cell(row, place["primary"]).value = themes[0] if themes else "none"
    book.save(file)


def fill_label_studio(file: Path, coder: str) -> None:
    tasks = json.loads(file.read_text("utf-8"))
    for number, task in enumerate(tasks):
        themes = list(CODES[number % len(CODES)])
        result = [{"from_name": "primary", "type": "choices", "value": {"choices": [themes[0] if themes else "none"]}}]
        if themes:
            result.append({"from_name": "themes", "type": "choices", "value": {"choices": themes}})
        cancelled = {"completed_by": 9, "was_cancelled": True, "result": []}
        task["annotations"] = [{"completed_by": {"email": coder}, "was_cancelled": False, "result": result}, cancelled]
    file.write_text(json.dumps(tasks), "utf-8")


def fill_doccano(file: Path, coder: str) -> None:
    lines = []
    for number, line in enumerate(file.read_text("utf-8").splitlines()):
        task = json.loads(line)
        themes = list(CODES[number % len(CODES)])
        # a primary label is needed only where there are several themes
        task["label"] = themes + ([f"primary: {themes[0]}"] if len(themes) > 1 else [])
        lines.append(json.dumps({"id": number, **task, "Comments": []}, ensure_ascii=False))
    file.write_text("\n".join(lines) + "\n", "utf-8")
    assert file.name.startswith(coder), "doccano names the file after the annotator"


FILL: dict[str, Callable[[Path, str], None]] = {
    "csv": fill_csv,
    "xlsx": fill_xlsx,
    "label-studio": fill_label_studio,
    "doccano": fill_doccano,
}


@pytest.mark.parametrize("to", FORMS)
def test_codes_come_back_from_every_program_as_they_were_given(
    to: str, tmp_path: Path, drawn: tuple[pd.DataFrame, pd.DataFrame]
) -> None:
    sample, sheet = drawn
    file = write_coding_files(sheet, tmp_path / f"anna{FORMS[to]}", to=to)[0]
    FILL[to](file, "anna")
    codings = read_codings(file, sample=sample)
    assert codings["post_id"].tolist() == sheet["post_id"].tolist()
    assert set(codings["coder"]) == {"anna"}
    for number, row in codings.iterrows():
        themes = CODES[int(str(number)) % len(CODES)]
        assert tuple(key for key in THEME_KEYS if row[key]) == tuple(sorted(themes, key=THEME_KEYS.index))
        assert row["primary"] == (themes[0] if themes else "none")
    assert codings["sampling_probability"].tolist() == sample["sampling_probability"].tolist()
    # and without the sample, from what the file itself says
    assert read_codings(file)["sampling_probability"].tolist() == pytest.approx(
        sample["sampling_probability"].tolist(), rel=1e-9
    )


@pytest.mark.parametrize("to", FORMS)
def test_the_same_sample_gives_the_same_bytes(
    to: str, tmp_path: Path, drawn: tuple[pd.DataFrame, pd.DataFrame]
) -> None:
    written = [write_coding_files(drawn[1], tmp_path / name / f"x{FORMS[to]}", to=to) for name in ("a", "b")]
    assert [path.name for path in written[0]] == [path.name for path in written[1]]
    assert [path.read_bytes() for path in written[0]] == [path.read_bytes() for path in written[1]]


@pytest.mark.parametrize("to", FORMS)
def test_the_codebook_goes_with_every_form_in_the_languages_of_the_posts(
    to: str, tmp_path: Path, drawn: tuple[pd.DataFrame, pd.DataFrame]
) -> None:
    sheet = drawn[1].assign(language=["mk", "en"] * 4)
    guide = write_coding_files(sheet, tmp_path / f"x{FORMS[to]}", to=to)[-1]
    text = guide.read_text("utf-8")
    assert guide.name == "x.codebook.md"
    assert "Notice with an appeal" in text
    assert "*Macedonian*" in text
    assert "*English*" in text
    assert "*Dutch*" not in text


def test_texts_reach_coders_as_they_are_and_never_as_formulas(
    tmp_path: Path, drawn: tuple[pd.DataFrame, pd.DataFrame]
) -> None:
    sheet = drawn[1]
    page = load_workbook(write_coding_files(sheet, tmp_path / "x.xlsx", to="xlsx")[0])["codes"]
    place = {cell.value: cell.column for cell in page[1]}
    cells = [page.cell(row, place["text"]) for row in range(2, page.max_row + 1)]
    assert [unguard_text(cell.value) for cell in cells] == sheet["text"].tolist()
    assert not any(cell.value[0] in "=+-@" for cell in cells)
    assert all(cell.data_type == "s" for cell in cells)
    tasks = json.loads(write_coding_files(sheet, tmp_path / "x.json", to="label-studio")[0].read_text("utf-8"))
    assert {task["data"]["text"] for task in tasks} <= set(TEXTS)


def test_excel_refuses_other_codes_and_shows_the_codebook(
    tmp_path: Path, drawn: tuple[pd.DataFrame, pd.DataFrame]
) -> None:
    book = load_workbook(write_coding_files(drawn[1], tmp_path / "x.xlsx", to="xlsx")[0])
    rules = book["codes"].data_validations.dataValidation
    assert {rule.formula1 for rule in rules} == {'"0,1"', "lists!$A$1:$A$10"}
    assert [cell.value for cell in book["lists"]["A"]] == [*THEME_KEYS, "none"]
    assert [cell.value for cell in book["codebook"]["A"]][:10] == ["key", *THEME_KEYS]


def test_label_studios_configuration_offers_every_theme(
    tmp_path: Path, drawn: tuple[pd.DataFrame, pd.DataFrame]
) -> None:
    config = write_coding_files(drawn[1], tmp_path / "x.json", to="label-studio")[1]
    root = ElementTree.fromstring(config.read_text("utf-8"))
    offered = {choices.get("name"): [choice.get("value") for choice in choices] for choices in root.iter("Choices")}
    assert offered == {"themes": list(THEME_KEYS), "primary": [*THEME_KEYS, "none"]}


# errors


def test_a_wrong_form_or_ending_is_an_error(tmp_path: Path, drawn: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    with pytest.raises(CompositeError, match="label-studio"):
        write_coding_files(drawn[1], tmp_path / "x.json", to="labelstudio")
    with pytest.raises(CompositeError, match=r"ends in \.xlsx"):
        write_coding_files(drawn[1], tmp_path / "x.csv", to="xlsx")


def edit_task(file: Path, change: Callable[[dict[str, Any]], None]) -> None:
    tasks = json.loads(file.read_text("utf-8"))
    change(tasks[2])
    file.write_text(json.dumps(tasks), "utf-8")


def test_an_unknown_theme_names_the_task_and_the_coder(
    tmp_path: Path, drawn: tuple[pd.DataFrame, pd.DataFrame]
) -> None:
    file = write_coding_files(drawn[1], tmp_path / "x.json", to="label-studio")[0]
    fill_label_studio(file, "ben")

    def misspell(task: dict[str, Any]) -> None:
        task["annotations"][0]["result"] = [{"from_name": "themes", "value": {"choices": ["human_sides"]}}]

    edit_task(file, misspell)
    with pytest.raises(CompositeError, match=r"task 3, coder 'ben'.*human_sides.*human_side"):
        read_codings(file)


def test_two_themes_without_a_primary_are_an_error(tmp_path: Path, drawn: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    file = write_coding_files(drawn[1], tmp_path / "ben.jsonl", to="doccano")[0]
    fill_doccano(file, "ben")
    lines = file.read_text("utf-8").splitlines()
    task = json.loads(lines[0])
    task["label"] = ["voice", "human_side"]
    file.write_text("\n".join([json.dumps(task), *lines[1:]]), "utf-8")
    with pytest.raises(CompositeError, match=r"line 1: 'primary' is empty .* coder 'ben'"):
        read_codings(file)


@pytest.mark.parametrize("to", FORMS)
def test_a_post_that_is_not_in_the_sample_names_row_and_coder(
    to: str, tmp_path: Path, drawn: tuple[pd.DataFrame, pd.DataFrame]
) -> None:
    sample, sheet = drawn
    file = write_coding_files(sheet, tmp_path / f"anna{FORMS[to]}", to=to)[0]
    FILL[to](file, "anna")
    with pytest.raises(CompositeError, match=r"coder 'anna' coded post .* which is not in the sample"):
        read_codings(file, sample=sample.iloc[1:])


def test_a_post_coded_twice_by_one_coder_names_both(tmp_path: Path, drawn: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    file = write_coding_files(drawn[1], tmp_path / "x.json", to="label-studio")[0]
    fill_label_studio(file, "ben")
    edit_task(file, lambda task: task["annotations"].append(task["annotations"][0]))
    with pytest.raises(CompositeError, match=r"coder 'ben' coded post .* twice"):
        read_codings(file)


def test_another_samples_probability_is_an_error(tmp_path: Path, drawn: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    sample, sheet = drawn
    file = write_coding_files(sheet, tmp_path / "x.csv")[0]
    fill_csv(file, "ben")
    with pytest.raises(CompositeError, match="the sample says"):
        read_codings(file, sample=sample.assign(sampling_probability=0.123))


@pytest.mark.parametrize("name", ["x.xlsx", "x.json"])
@pytest.mark.parametrize("content", [b"", b"not a file of that kind", b"{}", b"[" * 5000])
def test_a_broken_file_is_a_clear_error(name: str, content: bytes, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(CompositeError, match=name):
        read_codings(tmp_path / name)
    with pytest.raises(CompositeError, match="there is no file"):
        read_codings(tmp_path / f"no-{name}")
