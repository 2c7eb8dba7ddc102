"""Parts of the page: cells that sort, CSV that runs nothing, pairs as their table has them, figures without styles."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import re
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import composite as cp
from composite.report.inline import inline_svg
from composite.report.page import browse_table, embed_json, read_assets, write_policy, write_safe_csv
from composite.report.picker import describe_pairs

TEXTS = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), max_size=12)


@given(st.lists(TEXTS, min_size=1, max_size=5))
def test_csv_keeps_every_text_and_none_of_its_cells_is_a_formula(texts: list[str]) -> None:
    table = pd.DataFrame({"agency": pd.Series(texts, dtype="str"), "gap": -0.5})
    rows = list(csv.reader(io.StringIO(write_safe_csv(table), newline="")))
    assert rows[0] == ["agency", "gap"]
    for text, (cell, gap) in zip(texts, rows[1:], strict=True):
        assert cell in (text, f"'{text}")
        assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
        assert gap == "-0.5"  # a number is no formula


def test_csv_ends_its_lines_as_rfc_4180_says_and_leaves_missing_cells_empty() -> None:
    table = pd.DataFrame({"agency": ["a", None], "share": [None, 0.1], "n": [1, 2], "told": [True, False]})
    assert write_safe_csv(table) == "agency,share,n,told\r\na,,1,True\r\n,0.1,2,False\r\n"


def test_a_table_is_not_changed_by_being_browsed() -> None:
    table = pd.DataFrame({"agency": ["=1"], "share": [0.1]})
    before = table.copy()
    browse_table(table)
    pd.testing.assert_frame_equal(table, before)


def test_cells_carry_the_number_of_the_file_and_columns_up_to_the_first_number_name_the_row() -> None:
    table = pd.DataFrame(
        {"country": ["DE"], "theme": ["voice"], "share": [1 / 3], "n": [4], "ok": [True], "df": [2.0], "corpus": [None]}
    )
    browsed = browse_table(table)
    assert browsed.raw == [[None, None, "0.3333333333", "4", None]]
    assert browsed.numeric == (False, False, True, True, False)
    assert browsed.keys == 2
    assert browsed.csv.startswith("country,theme,share,n,ok,df,corpus\r\n")


@given(st.recursive(TEXTS, lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner), max_leaves=8))
def test_embedded_json_says_the_same_and_cannot_end_its_element(content: object) -> None:
    text = str(embed_json(content))
    assert json.loads(text) == content
    assert not set(text) & set("<>&\u2028\u2029")


def test_embedded_json_has_no_nan_which_no_browser_reads() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        embed_json({"share": float("nan")})


def test_the_policy_names_the_script_and_the_style_and_nothing_unsafe() -> None:
    policy = write_policy(["a()"], ["b {}"])
    assert base64.b64encode(hashlib.sha256(b"a()").digest()).decode() in policy
    assert base64.b64encode(hashlib.sha256(b"b {}").digest()).decode() in policy
    assert "unsafe" not in policy
    assert policy.startswith("default-src 'none'; ")
    assert "http" not in policy


def test_script_and_style_cannot_end_their_elements_early() -> None:
    assets = read_assets()
    assert "</" not in assets["script"].replace("</svg", "")
    assert "</" not in assets["style"]
    assert "innerHTML" not in assets["script"]


def test_a_figure_may_name_an_agency_with_characters_that_xml_forbids() -> None:
    svg = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><text>bell\x07 \u202eturned</text></svg>'
    assert ">bell\ufffd \ufffdturned</text>" in inline_svg(svg, "a", "b")


def test_dark_by_the_readers_choice_has_the_colours_of_dark_by_the_system() -> None:
    dark = re.findall(r":root[^{]*\{\s*color-scheme: dark;([^}]*)\}", read_assets()["style"])
    assert len(dark) == 2
    assert dark[0].split() == dark[1].split()


def test_a_figure_becomes_a_part_of_the_page_without_styles_or_strange_addresses(
    make_study: Callable[..., tuple[pd.DataFrame, ...]],
) -> None:
    labels, codings, _ = make_study()
    figure = cp.figures.draw_shares(cp.estimate_shares(labels, codings))
    svg = cp.report.drawing.render(figure, "svg").decode()
    inline = inline_svg(svg, "shares", "<words>")
    assert "style" not in inline.replace("font-style", "")
    assert "&lt;words&gt;" in inline
    assert "http" not in inline
    assert len(inline) < 0.85 * len(svg)
    assert inline.count("<text") == svg.count("<text")


@pytest.fixture(scope="module")
def estimates(make_study: Callable[..., tuple[pd.DataFrame, ...]]) -> tuple[pd.DataFrame, pd.DataFrame]:
    labels, codings, _ = make_study(("DE", "FR", "GB"), agencies=5, posts=10)
    return cp.estimate_shares(labels, codings), cp.compare_countries(labels, codings, resamples=199)


def test_every_pair_is_described_by_its_row(estimates: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    shares, pairs = estimates
    described = describe_pairs(shares, pairs, 0.9)
    assert described is not None
    assert described["tests"] == len(pairs)
    assert described["level"] == "90"
    for row in pairs.itertuples():
        told = described["pairs"][f"{row.country},{row.reference}"][row.theme]
        assert told["difference"][0] == pytest.approx(row.difference, rel=1e-9)
        assert (told["low"][0], told["high"][0]) == pytest.approx((row.low_all, row.high_all), rel=1e-9)
        assert told["told"] == (row.p_adjusted < 0.05)


def test_a_pair_without_a_p_value_is_neither_told_apart_nor_not(
    estimates: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    shares, pairs = estimates
    described = describe_pairs(shares, pairs.assign(p_adjusted=np.nan), 0.95)
    assert described is not None
    assert {row["told"] for pair in described["pairs"].values() for row in pair.values()} == {None}
    assert described["tests"] == 0


def test_where_nothing_is_corrected_the_naive_share_stands_in_and_says_so(
    estimates: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    shares, _ = estimates
    part = shares[(shares["method"] == "naive") | (shares["country"] != "FR")]
    described = describe_pairs(part.reset_index(drop=True), None, 0.95)
    assert described is not None
    assert {share["method"] for share in described["shares"]["FR"].values()} == {"naive"}
    assert {share["method"] for share in described["shares"]["DE"].values()} == {"corrected"}
    assert described["pairs"] == {}


def test_one_country_has_no_other_to_stand_beside(estimates: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    assert describe_pairs(estimates[0].query("country == 'DE'"), None, 0.95) is None
