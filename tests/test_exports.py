"""Nothing that the project writes for people to open is run as a formula; our readers give back what was written."""

from __future__ import annotations

import ast
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

import composite as cp
from composite.codebook.tables import TIME
from composite.codebook.themes import THEME_KEYS
from composite.files import guard_table, guard_text, unguard_table, unguard_text, write_table
from composite.posts.text import clean_text
from composite.themes.sheets import write_coding_files

LAWS = settings(deadline=None, derandomize=True, max_examples=25)
FORMULA = "=+-@\t\r"
HOSTILE = [
    "=cmd|' /C calc'!A0",
    "+1",
    "-5 °C",
    "@everyone",
    "\tx",
    "\rx",
    "'=1",
    "''@x",
    "'t is koud",
    "-0.5",
    "'",
    "a=b",
]
# what a person may have called a post, an account or an agency: no outer space, as readers have it
NAMES = st.one_of(
    st.sampled_from([clean_text(text) for text in HOSTILE]),
    st.text(st.sampled_from("=+-@'\"a1é ,;\n"), min_size=1, max_size=6).map(clean_text),
).filter(lambda text: text and text == clean_text(text) and text not in ("-", "none"))


@LAWS
@given(st.one_of(st.sampled_from(HOSTILE), st.text(max_size=8)))
def test_guarded_text_begins_no_formula_and_comes_back_as_it_was(text: str) -> None:
    guarded = guard_text(text)
    assert guarded[:1] not in tuple(FORMULA)
    assert unguard_text(guarded) == text
    assert guarded in (text, f"'{text}")


@LAWS
@given(st.lists(st.tuples(st.one_of(st.none(), st.text(max_size=6)), st.floats(-9, 9)), max_size=5))
def test_guarding_a_table_changes_text_alone_and_not_the_table_itself(rows: list[tuple[str | None, float]]) -> None:
    frame = pd.DataFrame(rows, columns=["text", "share"]).astype({"text": "str", "share": float})
    before = frame.copy()
    guarded = guard_table(frame)
    pd.testing.assert_frame_equal(frame, before)
    pd.testing.assert_series_equal(guarded["share"], frame["share"])
    pd.testing.assert_frame_equal(unguard_table(guarded), frame)


def test_numbers_below_nought_stay_numbers(tmp_path: Path) -> None:
    file = write_table(tmp_path / "a.csv", pd.DataFrame({"gap": [-0.5, 0.5], "n": [-1, 1]}))
    assert file.read_text() == "gap,n\n-0.5,-1\n0.5,1\n"


def make_labels(names: list[str]) -> pd.DataFrame:
    n = len(names)
    labels = pd.DataFrame(
        {
            "post_id": pd.Series([f"{name}{i}" for i, name in enumerate(names)], dtype="str"),
            "country": pd.Series(["GB"] * n, dtype="str"),
            "agency": pd.Series(names, dtype="str"),
            "account": pd.Series(names[::-1], dtype="str"),
            "platform": pd.Series(["twitter"] * n, dtype="str"),
            "kind": pd.Series([None] * n, dtype="str"),
            "published": pd.Series(pd.date_range("2013-01-01", periods=n, tz="UTC")).astype(TIME),
            "language": pd.Series(["en"] * n, dtype="str"),
            "corpus": pd.Series([None] * n, dtype="str"),
        }
    )
    labels[list(THEME_KEYS)] = np.linspace(0.1, 0.9, 9)
    return labels


@LAWS
@given(st.lists(NAMES, min_size=1, max_size=5))
def test_labels_and_rows_set_aside_come_back_from_csv_whatever_the_names_in_them(names: list[str]) -> None:
    labels = make_labels(names)
    n = len(names)
    rejected = pd.DataFrame(
        {"file": ["-a.csv"] * n, "line": range(n), "reason": ["empty text"] * n, "value": names}
    ).astype({"file": "str", "reason": "str", "value": "str"})
    with tempfile.TemporaryDirectory() as folder:
        for name, table in (("labels", labels), ("rejected", rejected)):
            file = write_table(Path(folder, f"{name}.csv"), table)
            pd.testing.assert_frame_equal(cp.read_table(name, file), table)
            cells = pd.read_csv(file, dtype="str", keep_default_na=False)[[*table.select_dtypes("str").columns]]
            assert not cells.map(lambda cell: cell[:1] in tuple(FORMULA)).any(axis=None)


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@settings(deadline=None, derandomize=True, max_examples=8)
@given(names=st.lists(NAMES, min_size=2, max_size=5, unique=True))
def test_coded_sheets_name_the_posts_that_were_drawn_whatever_they_are_called(form: str, names: list[str]) -> None:
    posts = make_labels(names).drop(columns=["kind", *THEME_KEYS]).assign(text=names, post_id=names)
    posts = posts.astype({"text": "str", "post_id": "str"})
    sample = pd.DataFrame({"post_id": posts["post_id"], "stratum": "all", "sampling_probability": 0.5})
    sheet = cp.make_coding_sheet(sample, posts)
    sheet = sheet.assign(coder="@anna", primary="none", **dict.fromkeys(THEME_KEYS, 0)).astype({"coder": "str"})
    with tempfile.TemporaryDirectory() as folder:
        file = write_coding_files(sheet, Path(folder, f"a.{form}"), to=form)[0]
        codings = cp.read_codings(file)
        if form == "xlsx":
            cells = [cell for row in load_workbook(file)["codes"].iter_rows(min_row=2) for cell in row]
            assert not any(cell.data_type == "f" for cell in cells)
            assert not any(isinstance(cell.value, str) and cell.value[:1] in tuple(FORMULA) for cell in cells)
    assert codings["post_id"].tolist() == names
    assert codings["text"].tolist() == names
    assert set(codings["coder"]) == {"@anna"}


def test_one_module_writes_csv() -> None:
    package = Path(cp.__file__).parent
    for path in package.rglob("*.py"):
        called = {node.attr for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Attribute)}
        assert path.name == "files.py" or not called & {"to_csv", "to_excel"}, path
