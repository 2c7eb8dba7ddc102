"""The desk takes numbers, keeps codes in the contract's table, and says what is wrong with anything else."""

from __future__ import annotations

import sys

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from composite.codebook.themes import THEME_KEYS
from composite.errors import CompositeError
from composite.themes.desk import CodingDesk


def make_sheet(posts: int = 3) -> pd.DataFrame:
    sheet = pd.DataFrame({"post_id": [f"p{n}" for n in range(posts)], "text": "<b>Road</b> closed"})
    return sheet.astype("str").assign(sampling_probability=0.5, country="GB")


@given(order=st.permutations(range(1, 10)), size=st.integers(0, 9), sign=st.sampled_from([" ", ",", "", " + "]))
def test_numbers_are_the_themes_and_the_first_is_the_primary(order: list[int], size: int, sign: str) -> None:
    chosen = order[:size]
    desk = CodingDesk(make_sheet(), coder="anna")
    desk.enter(sign.join(map(str, chosen)) if chosen else "0")
    row = desk.codings.iloc[0]
    assert [key for key in THEME_KEYS if row[key]] == [THEME_KEYS[n - 1] for n in sorted(chosen)]
    assert row["primary"] == (THEME_KEYS[chosen[0] - 1] if chosen else "none")
    assert (row["coder"], row["post_id"], row["sampling_probability"]) == ("anna", "p0", 0.5)


@pytest.mark.parametrize("typed", ["", "x", "3 3", "0 4", "3 voice", "10", "-"])
def test_what_is_no_code_leaves_the_post_on_the_desk(typed: str) -> None:
    desk = CodingDesk(make_sheet(), coder="anna")
    with pytest.raises(CompositeError):
        desk.enter(typed)
    assert desk.place == 0
    assert desk.codings.empty


def test_going_back_lets_a_code_be_mended() -> None:
    desk = CodingDesk(make_sheet(), coder="anna")
    for typed in ("3", "4", "b", "2"):
        desk.enter(typed)
    assert desk.codings["primary"].tolist() == ["push_information", "voice"]
    desk.enter("b")
    desk.enter("b")
    desk.enter("b")
    assert desk.place == 0


def test_after_the_last_post_the_desk_says_that_all_are_coded() -> None:
    desk = CodingDesk(make_sheet(1), coder="anna")
    desk.enter("3")
    with pytest.raises(CompositeError, match="all posts are coded"):
        desk.enter("3")


def test_the_widget_takes_a_line_shows_the_next_post_and_escapes_its_text() -> None:
    desk = CodingDesk(make_sheet(), coder="anna")
    widget = desk.show()
    post, line, said = widget.children[0].children
    assert "&lt;b&gt;Road&lt;/b&gt; closed" in post.value
    line.value = "4 3"
    assert "1 of 3 coded" in post.value
    assert line.value == ""
    line.value = "nonsense"
    assert "no code" in said.value
    assert len(desk.codings) == 1
    assert "Notice with an appeal" in widget.children[1].value


def test_without_ipywidgets_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    with pytest.raises(CompositeError, match="lab"):
        CodingDesk(make_sheet(), coder="anna").show()


@pytest.mark.parametrize(
    ("sheet", "coder", "said"),
    [
        (make_sheet().drop(columns="text"), "anna", "'text'"),
        (make_sheet(0), "anna", "no posts"),
        (make_sheet(), " ", "coder is empty"),
    ],
)
def test_a_desk_without_posts_text_or_coder_is_an_error(sheet: pd.DataFrame, coder: str, said: str) -> None:
    with pytest.raises(CompositeError, match=said):
        CodingDesk(sheet, coder=coder)
