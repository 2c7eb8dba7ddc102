from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from composite.codebook.contract import check_table, is_among, read_table, trust_tables
from composite.codebook.countries import COUNTRY_CODES
from composite.codebook.tables import (
    INFERENCES,
    KINDS,
    METHODS,
    TABLES,
    TIME,
    adoption,
    audiences,
    networks,
    posts,
    themes,
    uptake,
)
from composite.codebook.themes import THEME_KEYS
from composite.errors import CompositeError
from composite.files import write_table

AWKWARD = ("Ракосел 🚓", 'a,"b"\nc', "=cmd|' /C calc'!A1", "NA", "null", "1e3", "žluť", "True", "007")
ALLOWED = {
    "country": COUNTRY_CODES,
    "theme": THEME_KEYS,
    "other": THEME_KEYS,
    "primary": (*THEME_KEYS, "none"),
    "kind": KINDS,
    "inference": INFERENCES,
    "measure": ("reposts", "likes", "replies"),
    "network": ("themes", "agencies", "mentions"),
    "bound": ("exact", "more than", "about"),
}
SPECIAL = {
    ("cooccurrence", "method"): ("coded", "naive"),
    ("engagement", "method"): ("coded", "naive"),
    ("campaign_themes", "method"): ("naive", "corrected"),
    ("theme_nodes", "node"): THEME_KEYS,
    ("contrasts", "classifier"): ("equal", "unequal"),
    ("effects", "factor"): ("kind", "country", "time"),
    ("s_curves", "model"): ("logistic", "bass"),
    ("s_curves", "parameter"): ("speed", "midpoint", "innovation", "imitation", "ceiling"),
    ("languages", "measure"): ("sensitivity", "specificity", "calibration"),
    ("plan", "predicted"): (*THEME_KEYS, "none"),
    ("concentration", "inference"): ("agencies", "accounts", "descriptive"),
    ("profile_map", "kind"): ("country", "theme"),
    ("profiles", "reference"): COUNTRY_CODES,
}
ANY_VALUE = {("shares", "country"), ("cities", "country"), ("explanation", "theme")}


def make_table(name: str, n: int, rng: np.random.Generator, *, gaps: bool = True) -> pd.DataFrame:
    """n rows that keep the contract of table `name`, made by hand from its types and not from its checks."""
    frame = pd.DataFrame(index=range(n))
    unique = {"post_id", "account", "node", "source", "fact"} - {column for table, column in SPECIAL if table == name}
    for column, spec in TABLES[name].columns.items():
        kind = str(spec.dtype)
        values: Any
        if kind.startswith("datetime64"):
            values = pd.Series(pd.Timestamp("2013-01-01", tz="UTC") + pd.to_timedelta(rng.integers(0, 10**8, n), "s"))
            values = values.astype(TIME)
        elif kind == "bool":
            values = pd.Series(rng.integers(0, 2, n).astype(bool))
        elif kind == "int64":
            values = pd.Series(rng.integers(0, 2, n) if column in THEME_KEYS else rng.integers(1, 10**6, n))
        elif kind == "float64":
            count = spec.title == "count"
            values = pd.Series(rng.integers(1, 10**6, n) * 1.0 if count else np.round(rng.uniform(0.01, 1, n), 9))
        elif column in unique:
            values = pd.Series([f"{AWKWARD[i % len(AWKWARD)]} {i}" for i in range(n)], dtype="str")
        else:
            allowed = SPECIAL.get((name, column), ALLOWED.get(column, AWKWARD))
            values = pd.Series(
                rng.choice(METHODS if allowed is AWKWARD and column == "method" else allowed, n), dtype="str"
            )
        if gaps and spec.nullable:
            values = values.mask(rng.random(n) < 0.3)
        frame[column] = values
    return frame


@pytest.mark.parametrize("ending", ["csv", "parquet"])
@pytest.mark.parametrize("name", sorted(TABLES))
@settings(deadline=None, derandomize=True, max_examples=5)
@given(n=st.integers(0, 12), seed=st.integers(0, 10**6))
def test_every_table_comes_back_from_a_file_as_it_was_written(name, ending, n, seed):
    frame = check_table(name, make_table(name, n, np.random.default_rng(seed)))
    with tempfile.TemporaryDirectory() as folder:
        back = read_table(name, write_table(Path(folder, f"a.{ending}"), frame))
    pd.testing.assert_frame_equal(back, frame, check_index_type=False)


@pytest.mark.parametrize("ending", ["csv", "parquet"])
@pytest.mark.parametrize("name", sorted(TABLES))
def test_a_table_comes_back_without_the_columns_that_it_may_lack_and_with_those_that_it_need_not_have(
    name, ending, tmp_path
):
    frame = make_table(name, 5, np.random.default_rng(0))
    frame = frame.drop(columns=[column for column, spec in TABLES[name].columns.items() if not spec.required])
    frame["mine"] = range(5)
    back = read_table(name, write_table(tmp_path / f"a.{ending}", check_table(name, frame)))
    pd.testing.assert_frame_equal(back, frame)


def test_every_table_stands_in_one_module():
    modules = (posts, themes, adoption, uptake, audiences, networks)
    assert sorted(name for module in modules for name in module.TABLES) == sorted(TABLES)


@pytest.mark.parametrize("name", sorted(TABLES))
def test_every_column_has_a_meaning_and_a_unit(name):
    assert TABLES[name].description
    for column, spec in TABLES[name].columns.items():
        assert spec.description, column
        assert spec.title, column


@pytest.mark.parametrize(
    ("name", "column"), [(n, c) for n, t in TABLES.items() for c, s in t.columns.items() if s.required]
)
def test_a_table_without_a_column_that_it_needs_is_refused_by_the_name_of_the_column(name, column):
    frame = make_table(name, 2, np.random.default_rng(0)).drop(columns=column)
    with pytest.raises(CompositeError, match=re.escape(f"table {name!r} lacks the column {column!r}")):
        check_table(name, frame)


@pytest.mark.parametrize(
    ("name", "column"), [(n, c) for n, t in TABLES.items() for c, s in t.columns.items() if not s.nullable]
)
def test_a_gap_where_none_may_be_is_refused_by_the_name_of_the_column(name, column):
    frame = make_table(name, 3, np.random.default_rng(0), gaps=False)
    frame[column] = frame[column].where([True, False, True])
    with pytest.raises(CompositeError, match=re.escape(f"table {name!r}, column {column!r}")):
        check_table(name, frame)


PROPORTIONS = [
    (n, c)
    for n, t in TABLES.items()
    for c, s in t.columns.items()
    if s.title in ("proportion 0–1", "probability (0–1]")
]


@pytest.mark.parametrize("value", [-0.01, 1.01, 50.0, float("inf")])
@pytest.mark.parametrize(("name", "column"), PROPORTIONS)
def test_a_proportion_outside_0_to_1_is_refused_with_its_value(name, column, value):
    frame = make_table(name, 3, np.random.default_rng(0), gaps=False)
    frame.loc[1, column] = value
    with pytest.raises(CompositeError, match=re.escape(f"column {column!r}: {value!r} breaks the rule")):
        check_table(name, frame)


def test_a_sampling_probability_of_zero_is_refused():
    frame = make_table("codings", 2, np.random.default_rng(0)).assign(sampling_probability=0.0)
    with pytest.raises(CompositeError, match=r"column 'sampling_probability': 0.0 .*\(2 such cases\)"):
        check_table("codings", frame)


COUNTS = [(n, c) for n, t in TABLES.items() for c, s in t.columns.items() if s.title == "count"]


@pytest.mark.parametrize(("name", "column"), COUNTS)
def test_a_count_below_zero_is_refused(name, column):
    frame = make_table(name, 3, np.random.default_rng(0), gaps=False)
    frame.loc[1, column] = -1
    with pytest.raises(CompositeError, match=re.escape(f"column {column!r}: -1")):
        check_table(name, frame)


@pytest.mark.parametrize(
    ("name", "column"),
    [(n, c) for n, t in TABLES.items() for c in t.columns if c in ALLOWED and (n, c) not in ANY_VALUE],
)
def test_a_word_that_is_not_in_the_codebook_is_refused_with_the_word(name, column):
    frame = make_table(name, 3, np.random.default_rng(0), gaps=False)
    frame.loc[1, column] = "nonsense"
    with pytest.raises(
        CompositeError, match=f"column '{column}': 'nonsense' is not among the allowed values .1 such case."
    ):
        check_table(name, frame)


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("accounts", ["account", "platform"]),
        ("posts", ["post_id"]),
        ("codings", ["post_id", "coder"]),
        ("labels", ["post_id"]),
    ],
)
def test_a_row_that_stands_twice_is_refused_with_its_name_and_the_number_of_rows(name, columns):
    frame = make_table(name, 4, np.random.default_rng(0), gaps=False)
    frame.loc[3, columns] = frame.loc[0, columns]
    with pytest.raises(
        CompositeError, match=rf"{re.escape(repr(frame.loc[0, columns[0]]))} stands more than once \([12] such"
    ):
        check_table(name, frame)


def test_the_number_of_cases_is_that_of_the_case_that_is_named():
    frame = make_table("accounts", 4, np.random.default_rng(0), gaps=False)
    frame.loc[:1, "country"] = "CA"
    frame.loc[1:, "kind"] = "corporat"
    with pytest.raises(
        CompositeError, match=r"column 'country': 'CA' is not among the allowed values \(2 such cases\)"
    ):
        check_table("accounts", frame)


def test_a_column_of_the_wrong_type_is_refused_with_its_type():
    frame = make_table("posts", 3, np.random.default_rng(0)).assign(published="2013-03-22")
    with pytest.raises(CompositeError, match=r"column 'published': 'str' has the wrong type"):
        check_table("posts", frame)


def test_a_table_that_keeps_the_contract_is_given_back_itself_and_unchanged():
    frame = make_table("labels", 5, np.random.default_rng(0))
    before = frame.copy()
    assert check_table("labels", frame) is frame
    pd.testing.assert_frame_equal(frame, before)


def test_a_table_of_an_unknown_name_is_refused_with_the_nearest(tmp_path):
    with pytest.raises(CompositeError, match="table 'pots' is not known: did you mean 'posts'"):
        check_table("pots", pd.DataFrame())
    with pytest.raises(CompositeError, match="table 'share' is not known: did you mean 'shares'"):
        read_table("share", tmp_path / "a.csv")


@pytest.mark.parametrize("ending", ["csv", "parquet"])
@pytest.mark.parametrize("content", [b"", b"\0\xff\xfe", b'"', b"country,month\n1,2,3,4\n5,6,7,8,9\n"])
def test_a_file_that_is_no_table_is_refused_with_its_name(content, ending, tmp_path):
    (tmp_path / f"a.{ending}").write_bytes(content)
    with pytest.raises(CompositeError, match=rf"'a\.{ending}' is not a table 'months'|table 'months' lacks"):
        read_table("months", tmp_path / f"a.{ending}")


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(CompositeError, match=r"there is no file '.*a\.csv': check the path"):
        read_table("posts", tmp_path / "a.csv")
    with pytest.raises(CompositeError, match="there is no file"):
        read_table("posts", tmp_path)


@pytest.mark.parametrize(
    ("column", "value"),
    [("published", "yesterday"), ("likes", "many"), ("country", "CA"), ("published", "99999-01-01")],
)
def test_a_file_with_a_value_that_breaks_the_contract_is_refused(column, value, tmp_path):
    frame = make_table("posts", 3, np.random.default_rng(0), gaps=False)
    frame[column] = frame[column].astype(object)
    frame.loc[1, column] = value
    frame.to_csv(tmp_path / "a.csv", index=False)
    with pytest.raises(CompositeError, match=value):
        read_table("posts", tmp_path / "a.csv")


@pytest.mark.parametrize("others", [[], ["b"], ["b", "c", None, "c", "x", "y", "z"]])
def test_what_is_among_others_is_so_whichever_are_more(others):
    values = pd.Series(["a", "b", None, "b"], index=[3, 1, 4, 9], dtype="str")
    expected = values.isin(pd.Series(others, dtype="str"))
    pd.testing.assert_series_equal(is_among(values, pd.Series(others, dtype="str")), expected)


def test_a_table_that_is_trusted_is_taken_as_it_is_and_no_other_and_not_afterwards() -> None:
    broken = pd.DataFrame({"post_id": ["a"]})
    with trust_tables(posts=broken):
        assert check_table("posts", broken) is broken
        with trust_tables(labels=pd.DataFrame()):
            assert check_table("posts", broken) is broken
        for name, frame in (("labels", broken), ("posts", broken.copy())):
            with pytest.raises(CompositeError, match="lacks the column"):
                check_table(name, frame)
    with pytest.raises(CompositeError, match="lacks the column"):
        check_table("posts", broken)
