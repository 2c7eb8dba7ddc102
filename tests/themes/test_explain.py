from __future__ import annotations

import io
import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

import composite as cp
from composite.errors import CompositeError
from composite.themes.classifier import ThemeClassifier

NAMES = ["appeal", "notice", "joke"]
TEXTS = [
    "Witnesses of the crash please call us",
    "Road closed, avoid the bridge",
    "Have you seen this bicycle? Please call",
    "Ice on the road tonight, drive slowly",
    "Our dog Bruno wants your sandwich 😀",
] * 4
CODES = pd.DataFrame([[1, 0, 0], [0, 1, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]] * 4, columns=NAMES)
MODELS = {words: ThemeClassifier(words=words, min_posts=1).fit(TEXTS, CODES) for words in (1, 2, 3)}
MODEL = MODELS[2]
POST = "<b>Please</b> call Bruno, don't drive 😀"


@pytest.mark.parametrize("words", [1, 2, 3])
@given(
    st.lists(
        st.sampled_from([*" ".join(TEXTS).split(), "😀", "@x", "#", "\0", "\ud83d", "né"]) | st.text(max_size=5)
    ).map(" ".join)
)
@settings(deadline=None, derandomize=True, max_examples=80)
def test_contributions_and_intercept_add_up_to_the_decision(words: int, text: str) -> None:
    model = MODELS[words]
    table = cp.explain_post(model, text)
    sums = table.groupby("theme")["contribution"].sum().reindex(NAMES, fill_value=0)
    np.testing.assert_allclose(sums + model.intercept_, model.decision_function([text])[0], rtol=1e-10, atol=1e-10)
    for row in table.itertuples():
        assert text[row.start : row.end] == row.token
    starts = table["start"].iloc[::3]
    assert starts.is_monotonic_increasing
    assert (table["end"] > table["start"]).all()


def test_a_word_speaks_for_the_theme_of_its_posts() -> None:
    table = cp.explain_post(MODEL, POST).set_index(["token", "theme"])["contribution"]
    assert table["call", "appeal"] > 0 > table["call", "notice"]
    assert table["drive", "notice"] > 0
    assert table["😀", "joke"] > 0


def test_two_classes_have_one_theme_the_second() -> None:
    model = ThemeClassifier().fit(TEXTS, CODES["appeal"].map({0: "no", 1: "yes"}))
    table = cp.explain_post(model, POST)
    assert set(table["theme"]) == {"yes"}
    np.testing.assert_allclose(table["contribution"].sum() + model.intercept_[0], model.decision_function([POST])[0])
    assert "yes" in cp.draw_explanation(model, POST).chances


def test_in_a_notebook_signs_of_html_are_signs_and_every_word_is_there() -> None:
    page = cp.draw_explanation(MODEL, POST)._repr_html_()
    assert "<b>Please" not in page
    assert "&lt;" in page
    shown = re.sub(r"<[^>]+>", "", page)
    assert "&lt;b&gt;Please&lt;/b&gt; call Bruno, don&#x27;t drive 😀" in shown
    assert re.search(r"<span[^>]*>call</span>", page)


def test_a_terminal_shows_the_post_and_names_the_strongest_words() -> None:
    stream = io.StringIO()
    Console(file=stream, width=200, color_system=None).print(
        cp.draw_explanation(MODEL, POST, themes=["appeal", "joke"])
    )
    assert stream.getvalue().count(POST) == 2
    assert re.search(r"for: .*call \+\d", stream.getvalue())
    coloured = io.StringIO()
    Console(file=coloured, width=200, color_system="truecolor", force_terminal=True).print(
        cp.draw_explanation(MODEL, POST)
    )
    assert "\x1b[" in coloured.getvalue()


@pytest.mark.parametrize("text", ["", "\ud83d", " ", "😀" * 50, "a" * 5000])
def test_every_post_can_be_drawn(text: str) -> None:
    drawn = cp.draw_explanation(MODEL, text)
    drawn._repr_html_().encode()
    stream = io.StringIO()
    Console(file=stream).print(drawn)
    assert stream.getvalue().encode()


def test_the_themes_that_are_shown_are_those_of_the_post_or_the_likeliest_or_those_named() -> None:
    assert list(cp.draw_explanation(MODEL, TEXTS[0]).chances) == ["appeal"]
    assert len(cp.draw_explanation(MODEL, "").chances) == 1
    assert list(cp.draw_explanation(MODEL, "", themes=["joke", "notice"]).chances) == ["joke", "notice"]
    with pytest.raises(CompositeError, match="did you mean 'notice'"):
        cp.draw_explanation(MODEL, "", themes=["notize"])


@pytest.mark.parametrize("text", [None, 5, b"call", ["call"]])
def test_what_is_no_text_is_an_error(text: object) -> None:
    with pytest.raises(CompositeError, match="text is of type"):
        cp.explain_post(MODEL, text)  # type: ignore[arg-type]
