from __future__ import annotations

import gzip
import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import composite as cp
from composite.codebook.contract import check_table
from composite.errors import CompositeError, CompositeWarning
from composite.posts.accounts import read_accounts, read_strings
from composite.posts.read import ReadResult, read_posts, scan_posts

LAWS = settings(deadline=None, derandomize=True, max_examples=60)
TEXTS = [
    "Добро утро, Ракосел! 🚓",
    "Příliš žluťoučký kůň",
    "=cmd|' /C calc'!A1",
    'one, "two"\nthree; four|five\tsix',
    "NA",
]
FORMATS = ["csv", "tsv", "jsonl", "ndjson", "parquet", "csv.gz", "tsv.gz", "jsonl.gz", "ndjson.gz", "parquet.gz"]


def make_rows(texts: list[str] = TEXTS) -> pd.DataFrame:
    n = len(texts)
    return pd.DataFrame(
        {
            "post_id": [str(2**60 + i) for i in range(n)],
            "country": ["MK", "CZ", "GB", "DE", "RO"][:n],
            "agency": [f"agency {i}" for i in range(n)],
            "account": [f"account{i}" for i in range(n)],
            "platform": "twitter",
            "published": [f"2013-03-2{i}T14:05:00Z" for i in range(n)],
            "language": ["mk", "cs", "en", "de", "ro"][:n],
            "text": texts,
            "corpus": "made up",
            "likes": ["3", "0", "", "7", "1"][:n],
        }
    )


def write(frame: pd.DataFrame, path: Path) -> Path:
    """The path of a file with `frame` in the format that its ending tells, written without our help."""
    kind = path.name.split(".", 1)[1].removesuffix(".gz")
    if kind == "parquet":
        content = frame.to_parquet(index=False)
    elif kind in ("jsonl", "ndjson"):
        content = "".join(json.dumps(row) + "\n" for row in frame.to_dict("records")).encode()
    else:
        content = frame.to_csv(index=False, sep="\t" if kind == "tsv" else ",").encode()
    path.write_bytes(gzip.compress(content) if path.name.endswith(".gz") else content)
    return path


@pytest.fixture
def scan(tmp_path: Path) -> Callable[..., ReadResult]:
    """A function that reads a file with the given content."""

    def scan_content(content: str | bytes, name: str = "posts.csv", **options: Any) -> ReadResult:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return scan_posts(path, **options)

    return scan_content


def as_jsonl(*rows: dict[str, Any]) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def keeps_the_law(result: ReadResult) -> bool:
    check_table("posts", result.posts)
    check_table("rejected", result.rejected)
    return len(result.posts) + len(result.rejected) == result.n_rows


# ------------------------------------------------------------------------------------------------------------ the law

CSV_ROWS = {
    "good": ("GB,{n},2013-03-22,post {n}", None),
    "lines": ('Deutschland,{n},2013-03-22,"Zeile\n\nund ""noch"" eine, {n}"', None),
    "undated": ("MK,{n},,Ракосел {n} 🚓", None),
    "unnamed": ("FR,,2013-03-22,sans nom {n}", None),
    "short": ("GB,{n}", "broken line"),
    "long": ("GB,{n},2013-03-22,a,b", "broken line"),
    "open": ('GB,{n},2013-03-22,"never closed', "a quote is opened"),
    "abroad": ("CA,{n},2013-03-22,abroad", "not one of the ten countries"),
    "nowhere": (",{n},2013-03-22,nowhere", "no country"),
    "undatable": ("GB,{n},2013-02-30,no such day", "impossible date"),
    "silent": ("GB,{n},2013-03-22,   ", "empty text"),
    "twice": ("GB,same,2013-03-22,twice {n}", "duplicate post_id"),
    "latin": ("GB,{n},2013-03-22,caf\udce9", "wrong encoding"),
    "nul": ("GB,{n},2013-03-22,a\0b", "NUL byte"),
}
JSON_ROWS = {
    "good": ('{{"country": "GB", "post_id": {n}, "text": "post {n}"}}', None),
    "unused": ('{{"country": "GB", "post_id": "{n}", "text": "post", "user": {{"name": ["x"]}}}}', None),
    "half emoji": ('{{"country": "GB", "post_id": {n}, "text": "half \\ud83d"}}', None),
    "no id": ('{{"country": "GB", "text": "no id {n}", "post_id": null}}', None),
    "broken": ('{{"country": "GB", "text": ', "not valid JSON"),
    "deep": ('{{"country": "GB", "text": ' + "[" * 10_000 + "]" * 10_000 + "}}", "not valid JSON"),
    "quite deep": ('{{"country": "GB", "text": ' + "[" * 600 + "]" * 600 + "}}", "'text' is a list"),
    "list line": ('[{{"country": "GB"}}]', "not a JSON object"),
    "no text": ('{{"country": "GB", "text": null}}', "empty text"),
    "object": ('{{"country": {{"code": "GB"}}, "text": "a"}}', "'country' is a list or an object"),
    "listed id": ('{{"country": "GB", "text": "a", "post_id": [{n}]}}', "'post_id' is a list or an object"),
    "listed likes": ('{{"country": "GB", "text": "a", "likes": [{n}]}}', "'likes' is a list or an object"),
    "true": ('{{"country": true, "text": "a"}}', "not one of the ten countries"),
    "number": ('{{"country": 44, "text": "a"}}', "not one of the ten countries"),
    "epoch": ('{{"country": "GB", "text": "a", "published": 1363961100}}', "impossible date"),
    "half date": ('{{"country": "GB", "text": "a", "published": "\\ud83d"}}', "date not in ISO 8601"),
    "nothing": ("{{}}", "empty text"),
}


def check_rows(kinds: list[str], rows: dict[str, tuple[str, str | None]], header: str, name: str) -> None:
    """Good rows come out, bad ones are set aside with their line and reason, and nothing else happens."""
    content, line, expected = header, header.count("\n") + 1, []
    seen_same = False
    for n, kind in enumerate(["good", *kinds]):
        text, reason = rows[kind]
        if reason and (kind != "twice" or seen_same):
            expected.append((line, reason))
        seen_same = seen_same or kind == "twice"
        text = text.format(n=n) + "\n"
        content += text
        line += text.count("\n")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name)
        path.write_bytes(content.encode("utf-8", "surrogateescape"))
        result = scan_posts(path)
    assert keeps_the_law(result)
    assert result.n_rows == len(kinds) + 1
    assert list(result.rejected["line"]) == [line for line, _ in expected]
    assert all(found.startswith(r) for found, (_, r) in zip(result.rejected["reason"], expected, strict=True))
    assert set(result.rejected["file"]) <= {name}


@LAWS
@given(st.lists(st.sampled_from(sorted(CSV_ROWS)), max_size=12))
@example(sorted(CSV_ROWS) * 2)
def test_each_bad_row_of_a_csv_is_set_aside_with_its_line_and_reason_and_each_good_one_read(kinds):
    check_rows(kinds, CSV_ROWS, "country,post_id,published,text\n", "posts.csv")


@LAWS
@given(st.lists(st.sampled_from(sorted(JSON_ROWS)), max_size=12))
@example(sorted(JSON_ROWS))
def test_each_bad_row_of_jsonl_is_set_aside_with_its_line_and_reason_and_each_good_one_read(kinds):
    check_rows(kinds, JSON_ROWS, "", "posts.jsonl")


HEADERS = {
    "posts.csv": b"country,post_id,published,likes,text\nGB,x,,,first\n",
    "posts.jsonl": b'{"country":"GB","text":"a"}\n',
}
PIECES = st.sampled_from(
    [
        b"GB,",
        b"DE",
        b"2013-03-22",
        b'"',
        b",",
        b"\n",
        b"\r\n",
        b"\0",
        b"\xff",
        b"text",
        b'{"text":',
        b"}",
        b"[1]",
        b'"\\ud83d"',
        b":",
    ]
)


@LAWS
@given(
    st.lists(PIECES | st.binary(max_size=6), max_size=40).map(b"".join), st.sampled_from(sorted(HEADERS)), st.booleans()
)
def test_the_law_of_rows_holds_for_any_bytes_or_the_file_is_refused(data, name, headed):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name)
        path.write_bytes(HEADERS[name] * headed + data)
        try:
            result = scan_posts(path)
        except CompositeError:
            return
    assert keeps_the_law(result)


JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters())
    | st.sampled_from(["GB", "2013-03-22"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=4,
)


@LAWS
@given(
    st.lists(
        st.fixed_dictionaries(
            {"text": JSON_VALUES, "country": st.just("GB") | JSON_VALUES},
            optional=dict.fromkeys(("post_id", "published", "likes", "account", "reply_to", "odd �"), JSON_VALUES),
        ),
        min_size=1,
        max_size=6,
    )
)
def test_the_law_of_rows_holds_for_any_values_that_json_can_hold(rows):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "posts.jsonl")
        path.write_text(as_jsonl({"country": "GB", "text": "first"}, *rows), encoding="utf-8")
        result = scan_posts(path, mask_handles=True)
    assert keeps_the_law(result)
    assert result.n_rows == len(rows) + 1


@settings(deadline=None, derandomize=True, max_examples=10)
@given(st.permutations(range(len(TEXTS))))
def test_the_order_of_the_rows_is_that_of_the_file_and_nothing_else_depends_on_it(order):
    with tempfile.TemporaryDirectory() as folder:
        straight = scan_posts(write(make_rows(), Path(folder, "a.csv"))).posts
        turned = scan_posts(write(make_rows().iloc[order], Path(folder, "b.csv"))).posts
    pd.testing.assert_frame_equal(turned, straight.iloc[order].reset_index(drop=True))


# -------------------------------------------------------------------------------------------- formats and their texts


@pytest.mark.parametrize("ending", FORMATS)
def test_the_same_posts_come_out_of_every_format(ending, tmp_path):
    path = write(make_rows(), tmp_path / f"posts.{ending}")
    posts = read_posts(path)
    assert posts["text"].tolist() == TEXTS
    assert posts["post_id"].tolist() == [str(2**60 + i) for i in range(5)]
    assert posts["published"].tolist() == [pd.Timestamp(f"2013-03-2{i} 14:05", tz="UTC") for i in range(5)]
    assert posts["likes"].fillna(-1).tolist() == [3, 0, -1, 7, 1]


def test_a_folder_is_read_file_by_file_in_the_order_of_the_names_and_below(tmp_path):
    (tmp_path / "below").mkdir()
    write(make_rows().iloc[:1], tmp_path / "b.CSV")
    write(make_rows().iloc[1:2], tmp_path / "a.jsonl.gz")
    write(make_rows().iloc[2:3], tmp_path / "below" / "c.parquet")
    for name in ("notes.txt", "b.csv.bak", ".hidden.csv"):
        (tmp_path / name).write_text("no posts")
    result = scan_posts(tmp_path)
    assert result.posts["text"].tolist() == [TEXTS[1], TEXTS[0], TEXTS[2]]
    assert "2 files not read, being of no known ending: b.csv.bak, notes.txt" in result.notes


def test_a_glob_takes_the_files_that_fit_it(tmp_path):
    for number in range(3):
        write(make_rows().iloc[number : number + 1], tmp_path / f"{'ab'[number % 2]}{number}.csv")
    assert read_posts(tmp_path / "a*.csv")["text"].tolist() == [TEXTS[0], TEXTS[2]]
    assert len(scan_posts([tmp_path / "b1.csv", tmp_path / "a*.csv"]).posts) == 3


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_a_csv_with_another_delimiter_byte_order_mark_and_crlf_is_read(delimiter, scan):
    content = make_rows().to_csv(index=False, sep=delimiter, lineterminator="\r\n").encode("utf-8-sig")
    assert scan(content).posts["text"].tolist() == TEXTS


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_a_file_that_names_its_own_encoding_is_read(encoding, scan):
    assert scan(make_rows().to_csv(index=False).encode(encoding)).posts["text"].tolist() == TEXTS


def test_a_cp1252_file_is_read_with_its_encoding_and_set_aside_row_by_row_without(scan):
    content = "country,text\nFR,plain\nFR,café – 5 €\n".encode("cp1252")
    assert scan(content, encoding="cp1252").posts["text"].tolist() == ["plain", "café – 5 €"]
    assert scan(content).rejected["reason"].str.startswith("wrong encoding").tolist() == [True]


@pytest.mark.parametrize("ending", ["csv", "jsonl"])
def test_a_text_in_two_unicode_forms_is_one(ending, tmp_path):
    rows = make_rows(["cafe\u0301", "caf\u00e9"])
    assert set(read_posts(write(rows, tmp_path / f"a.{ending}"))["text"]) == {"café"}


# -------------------------------------------------------------------------------------------------- columns and values


def test_a_column_can_be_called_what_others_call_it(scan):
    result = scan(
        "land,tweet,created_at\nNL,hoi,2013-03-22\n",
        columns={"land": "country", "tweet": "text", "created_at": "published"},
    )
    row = result.posts.iloc[0]
    assert (row["country"], row["text"], row["published"].day) == ("NL", "hoi", 22)


@pytest.mark.parametrize("header", ["text,full_text,country", "full_text,text,country"])
def test_a_column_that_is_named_goes_before_one_that_is_called_so(header, scan):
    content = (
        header + "\n" + header.replace("full_text", "whole").replace("text", "cut").replace("country", "GB") + "\n"
    )
    assert scan(content, columns={"full_text": "text"}).posts["text"].tolist() == ["whole"]


def test_a_default_stands_where_a_file_has_no_value(scan):
    result = scan("text,country\na,\nb,DE\n", defaults={"country": "UK", "agency": "Brackwell Police"})
    assert result.posts["country"].tolist() == ["GB", "DE"]
    assert set(result.posts["agency"]) == {"Brackwell Police"}


@pytest.mark.parametrize(
    ("content", "options", "said"),
    [
        ("contry,text\nGB,a\n", {}, "has no column 'country': did you mean 'contry'"),
        ("country,txt\nGB,a\n", {}, "has no column 'text': did you mean 'txt'"),
        ("country,text\nGB,a\n", {"columns": {"txt": "text"}}, "has no column 'txt': did you mean 'text'"),
        ("country,text\nGB,a\n", {"columns": {"text": "txet"}}, "posts have no column 'txet': did you mean 'text'"),
        ("country,text\nGB,a\n", {"defaults": {"agncy": "A"}}, "posts have no column 'agncy': did you mean 'agency'"),
        ("text\na\n", {"defaults": {"country": "GBR2"}}, "default country 'GBR2'"),
        ("text\na\n", {}, "defaults={'country': 'GB'}"),
        ("country,text\nGB,a\n", {"timezone": "Europe/Londn"}, "time zone 'Europe/Londn' is not known"),
        ("country,text\nGB,a\n", {"encoding": "utf-88"}, "encoding 'utf-88' is not known"),
        ("country,text,published\nGB,a,x\n", {"date_format": "%Q"}, "date format '%Q'"),
        ("", {}, "'posts.csv' is empty"),
        ("country,text\n", {}, "no row of posts.csv is a post: it has no rows"),
        ("country,text\nCA,a\nUS,b\nGB,\n", {}, r"not one of the ten countries \(2\); empty text \(1\)"),
        ("\0" * 5000, {}, "not a text file"),
    ],
)
def test_a_file_or_option_that_gives_no_posts_is_refused_in_one_sentence(content, options, said, scan):
    with pytest.raises(CompositeError, match=said):
        scan(content, **options)


def test_a_text_file_named_parquet_is_refused(scan):
    with pytest.raises(CompositeError, match="not a Parquet file"):
        scan("country,text\nGB,a\n", "posts.parquet")


def test_a_column_that_is_not_used_but_nearly_named_like_ours_is_noted(scan):
    notes = scan("country,text,publishd,colour\nGB,a,2013-03-22,red\n").notes
    assert [note for note in notes if "publishd" in note] == [
        "'posts.csv': column 'publishd' is not used; did you mean 'published'?"
    ]
    assert not [note for note in notes if "colour" in note]


def test_countries_are_known_by_code_name_and_own_name_in_any_case(scan):
    names = ["gb", "UK", "Deutschland", " česko ", "Македонија", "The Netherlands", "españa"]
    result = scan("country,text\n" + "".join(f"{name},post {i}\n" for i, name in enumerate(names)))
    assert result.posts["country"].tolist() == ["GB", "GB", "DE", "CZ", "MK", "NL", "ES"]


def test_posts_of_one_country_are_a_table_too(scan):
    assert set(scan("country,text\nGB,a\nGB,b\n").posts["country"]) == {"GB"}


def test_posts_without_agencies_and_dates_are_read_and_it_is_noted(scan):
    result = scan("country,text,agency\nGB,a,\nGB,b,Brackwell Police\n")
    assert len(result.posts) == 2
    assert "1 of 2 posts has no 'agency', which every standard error needs" in result.notes
    assert "2 of 2 posts have no 'published', and so no month" in result.notes


def test_an_account_is_named_without_its_at_sign(scan):
    assert scan("country,text,account\nGB,a,@BrackwellPol\n").posts["account"].tolist() == ["BrackwellPol"]


def test_times_of_a_zone_end_in_utc(scan):
    result = scan("country,text,published\nDE,a,2013-07-01 12:00\nDE,b,2013-01-01 12:00\n", timezone="Europe/Berlin")
    assert result.posts["published"].dt.hour.tolist() == [10, 11]


def test_handles_of_citizens_are_masked_and_those_of_the_table_stay(scan):
    content = "country,text,account\nGB,.@jo_b see @PolMornival,BrackwellPol\nFR,via @brackwellpol,polmornival\n"
    assert scan(content, mask_handles=True).posts["text"].tolist() == [".@user see @PolMornival", "via @brackwellpol"]
    assert scan(content).posts["text"].tolist()[0] == ".@jo_b see @PolMornival"


@pytest.mark.parametrize("value", ["-1", "many", "inf", "1e999", "1,234"])
def test_a_count_that_is_none_is_missing_and_noted(value, scan):
    result = scan(f'country,text,likes\nGB,a,"{value}"\nGB,b,3\n')
    assert result.posts["likes"].fillna(-9).tolist() == [-9, 3]
    assert any("value of 'likes' taken as missing: not a count" in note for note in result.notes)


# ----------------------------------------------------------------------------------------------------- names of posts


def test_long_numbers_keep_all_their_digits_beside_posts_without_an_id(scan):
    rows = [{"country": "GB", "text": f"post {i}", "post_id": 123456789012345678 + i} for i in range(2)]
    result = scan(as_jsonl(*rows, {"country": "GB", "text": "no id"}), "posts.jsonl")
    assert result.posts["post_id"].tolist()[:2] == ["123456789012345678", "123456789012345679"]
    assert result.n_rows == len(result.posts) == 3


def test_a_post_that_has_no_id_gets_one_that_does_not_depend_on_the_file(scan):
    row = "2013-03-22T10:00:00Z,GB,Brackwell Police,a\n"
    first = scan("published,country,agency,text\n" + row).posts["post_id"]
    second = scan("published,country,agency,text\n2013-03-21,DE,b,b\n" + row, "other.csv").posts["post_id"]
    assert first[0] == second[1] != second[0]


def test_equal_texts_of_two_agencies_without_ids_are_two_posts(scan):
    assert len(scan("country,agency,text\nGB,A,Good morning\nGB,B,Good morning\nDE,B,Good morning\n").posts) == 3


def test_a_post_that_stands_twice_is_set_aside_the_second_time_over_all_files(tmp_path):
    write(make_rows().iloc[:2], tmp_path / "a.csv")
    write(make_rows().iloc[1:3], tmp_path / "b.csv")
    result = scan_posts(tmp_path)
    assert result.rejected.to_dict("records") == [
        {"file": "b.csv", "line": 2, "reason": "duplicate post_id (the first is kept)", "value": str(2**60 + 1)}
    ]
    assert keeps_the_law(result)


# ------------------------------------------------------------------------------------------------------ JSON, Parquet


@pytest.mark.parametrize(("value", "text"), [(5, "5"), (1.5, "1.5"), (True, "True"), ("\u0000a", "a")])
def test_a_text_that_is_a_number_or_truth_value_in_json_is_read_as_written(value, text, scan):
    assert scan(as_jsonl({"country": "GB", "text": value}), "a.jsonl").posts["text"].tolist() == [text]


@pytest.mark.parametrize("column", ["text", "country", "post_id", "published", "likes"])
@pytest.mark.parametrize("value", [["GB"], {"code": "GB"}, []])
def test_a_list_or_an_object_where_one_value_belongs_sets_the_row_aside(column, value, scan):
    rows = [{"country": "GB", "text": "a"}, {"country": "GB", "text": "b", column: value}]
    result = scan(as_jsonl(*rows), "a.jsonl")
    assert result.rejected.to_dict("records") == [
        {"file": "a.jsonl", "line": 2, "reason": f"{column!r} is a list or an object", "value": repr(value)}
    ]


def read_parquet(columns: dict[str, pa.Array], folder: Path) -> ReadResult:
    pq.write_table(pa.table(columns), folder / "a.parquet")
    result = scan_posts(folder / "a.parquet")
    assert keeps_the_law(result)
    return result


def test_parquet_with_integer_ids_timestamps_and_dictionaries_is_read(tmp_path):
    moment = pd.Timestamp("2013-03-22 14:05:06", tz="Asia/Tokyo")
    posts = read_parquet(
        {
            "post_id": pa.array([2**60 + 1, 2**60 + 2, None]),
            "country": pa.array(["GB", "GB", "DE"]).dictionary_encode(),
            "agency": pa.array(["A", None, "B"], pa.large_string()),
            "published": pa.array([moment, moment, None], pa.timestamp("ns", "Asia/Tokyo")),
            "text": pa.array([b"a", "é".encode(), b"c"]),
            "likes": pa.array([1, None, 3], pa.int32()),
        },
        tmp_path,
    ).posts
    assert posts["post_id"].tolist()[:2] == [str(2**60 + 1), str(2**60 + 2)]
    assert posts["country"].tolist() == ["GB", "GB", "DE"]
    assert posts["published"].tolist()[0] == pd.Timestamp("2013-03-22 05:05:06", tz="UTC")
    assert posts["text"].tolist() == ["a", "é", "c"]
    assert posts["likes"].fillna(-1).tolist() == [1, -1, 3]


def test_parquet_with_days_instead_of_times_is_read(tmp_path):
    days = pa.array([pd.Timestamp("2013-03-22").date(), None])
    posts = read_parquet(
        {"country": pa.array(["GB", "DE"]), "text": pa.array(["a", "b"]), "published": days}, tmp_path
    ).posts
    assert posts["published"].tolist()[0] == pd.Timestamp("2013-03-22", tz="UTC")


def test_parquet_rows_with_bytes_that_are_no_text_or_with_lists_are_set_aside_by_number(tmp_path):
    result = read_parquet(
        {
            "country": pa.array(["GB", "GB", "GB"]),
            "text": pa.array([b"a", b"caf\xe9", b"c"]),
            "likes": pa.array([None, None, [1]]),
        },
        tmp_path,
    )
    assert result.posts["text"].tolist() == ["a"]
    assert result.rejected["line"].tolist() == [2, 3]
    assert result.rejected["reason"].tolist() == ["'text' is not UTF-8", "'likes' is a list or an object"]


# ------------------------------------------------------------------------------------------------- what the user sees


def test_rows_set_aside_are_written_and_the_warning_says_how_many_and_where(tmp_path):
    (tmp_path / "a.csv").write_text('country,text\nGB,a\nCA,"b, ""c"""\nGB\n', encoding="utf-8")
    aside = tmp_path / "out" / "rejected.csv"
    with pytest.warns(CompositeWarning) as caught:
        posts = read_posts(tmp_path / "a.csv", rejected=aside)
    assert len(posts) == 1
    assert str(caught[0].message) == (
        f"3 rows: 1 read, 2 set aside (broken line 1, not one of the ten countries 1); see {aside}"
    )
    table = cp.read_table("rejected", aside)
    assert table["line"].tolist() == [3, 4]
    assert table["value"].tolist() == ["CA", "GB"]
    assert set(table["file"]) == {"a.csv"}


def test_the_table_of_rows_set_aside_is_written_with_its_header_when_there_are_none(tmp_path):
    read_posts(write(make_rows(), tmp_path / "a.csv"), rejected=tmp_path / "rejected.csv")
    assert (tmp_path / "rejected.csv").read_text() == "file,line,reason,value\n"


def test_values_of_rows_set_aside_come_back_from_the_file_whatever_they_hold(tmp_path):
    rows = [{"country": "GB", "text": "a"}, {"country": 'x\r\ny,"\ud83d', "text": "b"}]
    (tmp_path / "a.jsonl").write_text(as_jsonl(*rows))
    with pytest.warns(CompositeWarning):
        read_posts(tmp_path / "a.jsonl", rejected=tmp_path / "rejected.csv")
    assert cp.read_table("rejected", tmp_path / "rejected.csv")["value"].tolist() == ['x\ny,"\ufffd']


def test_a_broken_line_with_an_old_line_end_in_it_comes_back_from_the_file_too(tmp_path):
    (tmp_path / "a.csv").write_bytes(b"country,text\nGB,a\nGB,b\rc\n")
    with pytest.warns(CompositeWarning):
        read_posts(tmp_path / "a.csv", rejected=tmp_path / "rejected.csv")
    assert cp.read_table("rejected", tmp_path / "rejected.csv")["value"].tolist() == ["GB,b\nc"]


def test_the_summary_says_the_numbers_and_the_reasons(scan):
    result = scan("country,text\n" + "GB,\n" * 1200 + "CA,x\n" + "GB,y\n")
    assert result.summary == "1,202 rows: 1 read, 1,201 set aside (empty text 1,200, not one of the ten countries 1)"
    assert scan("country,text\nGB,y\n").summary == "1 row: 1 read, 0 set aside"


def test_one_bad_line_in_a_hundred_of_100_000_is_found_exactly(scan):
    broken = ['"GB,open', "alone", "CA,A,2013-01-01,abroad", "GB,A,2013-99-01,undatable", "GB,A,2013-01-01,"]
    lines = [
        broken[i // 100 % 5]
        if i % 100 == 50
        else f'GB,Agency {i % 50},2013-01-{i % 28 + 1:02d},"Post {i}, and ""so"" on"'
        for i in range(100_000)
    ]
    result = scan("country,agency,published,text\n" + "\n".join(lines) + "\n")
    assert (result.n_rows, len(result.posts), len(result.rejected)) == (100_000, 99_000, 1_000)
    assert result.rejected["line"].tolist() == list(range(52, 100_002, 100))
    assert set(result.rejected["reason"].value_counts()) == {200}


# ------------------------------------------------------------------------------------------------------------- paths


def test_a_path_that_is_not_there_is_refused_with_the_nearest_name(tmp_path):
    write(make_rows(), tmp_path / "posts.csv")
    with pytest.raises(CompositeError, match=r"there is no file '.*post.csv': did you mean 'posts.csv'"):
        read_posts(tmp_path / "post.csv")
    with pytest.raises(CompositeError, match="check the path"):
        read_posts(tmp_path / "nowhere" / "posts.csv")


def test_a_folder_or_glob_without_files_is_refused(tmp_path):
    (tmp_path / "notes.txt").write_text("no posts")
    with pytest.raises(CompositeError, match=r"holds no file ending in \.csv"):
        read_posts(tmp_path)
    with pytest.raises(CompositeError, match="no file fits"):
        read_posts(tmp_path / "*.csv")


def test_a_file_of_an_unknown_format_is_refused_with_the_nearest(tmp_path):
    (tmp_path / "posts.xlsx").write_bytes(b"PK\x03\x04" + b"x" * 99)
    with pytest.raises(CompositeError, match=r"'posts\.xlsx' is not a ZIP archive that can be read"):
        read_posts(tmp_path / "posts.xlsx")
    with pytest.raises(CompositeError, match=r"did you mean '.jsonl'"):
        read_strings(write(make_rows(), tmp_path / "a.csv").rename(tmp_path / "a.json"), is_record=lambda fields: True)


def test_a_name_of_a_file_that_is_no_unicode_does_not_stop_the_reading(tmp_path):
    path = tmp_path / "caf\udce9.csv"
    path.write_text("country,text\nGB,a\nCA,b\n")
    assert scan_posts(path).rejected["file"].tolist() == ["caf\ufffd.csv"]


# ---------------------------------------------------------------------------------------------------------- accounts


@pytest.fixture
def accounts(tmp_path: Path) -> Callable[[str], pd.DataFrame]:
    def read(content: str) -> pd.DataFrame:
        (tmp_path / "accounts.csv").write_text(content, encoding="utf-8")
        return read_accounts(tmp_path / "accounts.csv")

    return read


def test_accounts_are_read_with_countries_known_by_any_name_and_handles_without_at(accounts):
    table = accounts("account,platform,agency,country,kind\n@PolMornival,twitter,Zone Cafe\u0301,Belgique,corporate\n")
    assert table.iloc[0].fillna("-").to_dict() == {
        "account": "PolMornival",
        "platform": "twitter",
        "agency": "Zone Café",
        "country": "BE",
        "kind": "corporate",
        "language": "-",
    }


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("a,x,A,GB,unit\na,x,B,GB,unit\n", r"column 'account': 'a' stands more than once \(2 such cases\)"),
        ("a,x,A,GB,unit\n@a,x,B,GB,unit\n", "'a' stands more than once"),
        ("a,x,A,GB,corporat\n", "column 'kind': 'corporat' is not among the allowed values"),
        ("a,x,A,Canada,unit\n", "column 'country': 'Canada' is not among the allowed values"),
        ("a,x,A,,unit\n", "column 'country': .* is missing"),
        ("a,x,A,GB\n", "accounts.csv, line 2: broken line: 4 fields where the header has 5"),
        ("", "has a header and no lines"),
    ],
)
def test_accounts_that_break_the_contract_are_refused_with_the_value(lines, said, accounts):
    with pytest.raises(CompositeError, match=said):
        accounts("account,platform,agency,country,kind\n" + lines)


def test_accounts_without_a_column_that_is_needed_are_refused_with_the_nearest(accounts):
    with pytest.raises(CompositeError, match=r"lacks the column 'agency' .* did you mean 'agncy'"):
        accounts("account,platform,agncy,country\na,x,A,GB\n")


def test_the_same_account_on_two_platforms_is_two_accounts(accounts):
    assert len(accounts("account,platform,agency,country\na,twitter,A,GB\na,facebook,A,GB\n")) == 2


def test_strings_are_read_as_they_are_with_their_lines_and_empty_ones_missing(tmp_path):
    (tmp_path / "a.csv").write_text('x,y\n01,\n\n"1\n2",NA\n')
    frame = read_strings(tmp_path / "a.csv", is_record=lambda fields: False)
    assert frame.index.tolist() == [2, 4]
    assert frame.fillna("-").to_numpy().tolist() == [["01", "-"], ["1\n2", "NA"]]


def test_strings_of_a_folder_are_refused(tmp_path):
    with pytest.raises(CompositeError, match="is a folder"):
        read_strings(tmp_path, is_record=lambda fields: False)


def test_half_an_emoji_in_json_does_not_stop_the_reading_of_strings(tmp_path):
    (tmp_path / "a.jsonl").write_text('{"x": "\\ud83d"}\n')
    assert read_strings(tmp_path / "a.jsonl", is_record=lambda fields: False)["x"].tolist() == ["\ufffd"]


def test_the_corpus_that_ships_is_read_whole(corpus_posts):
    assert len(corpus_posts) == sum(1 for _ in pd.read_csv(cp.CORPUS / "posts.csv")["post_id"])
    assert corpus_posts["country"].nunique() == 10
    assert set(corpus_posts["corpus"]) == {"illustrative"}


def test_an_empty_name_is_not_the_current_folder():
    with pytest.raises(CompositeError, match="name of the file of posts is empty"):
        scan_posts("")


@pytest.mark.parametrize("column", ["post_id", "agency", "account", "platform", "published", "language"])
def test_a_value_that_some_posts_lack_is_missing_in_those_alone(tmp_path: Path, column: str):
    row = {"post_id": "1", "agency": "A", "account": "@a", "platform": "x", "published": "2013-01-01", "language": "en"}
    rows = [{**row, "post_id": str(n), "country": "GB", "text": f"post {n}"} for n in range(4)]
    for place in (0, 2):
        rows[place][column] = ""
    pd.DataFrame(rows).to_csv(tmp_path / "p.csv", index=False)
    posts = scan_posts(tmp_path / "p.csv").posts
    assert len(posts) == 4
    if column != "post_id":
        assert posts[column].isna().tolist() == [True, False, True, False]
    assert set(posts["account"].dropna()) == {"a"}


@pytest.mark.parametrize("word", ["NA", "NaN", "nan", "NULL", "null", "None"])
def test_what_r_and_pandas_write_for_a_missing_value_is_missing_but_in_a_text(scan, word: str):
    row = f"GB,{word},{word},{word},{word},{word},{word}\n"
    posts = scan(f"country,text,agency,account,published,language,likes\n{row}").posts
    assert posts["text"].tolist() == [word]
    assert posts[["agency", "account", "published", "language"]].isna().all(axis=None)
    assert "likes" not in posts


def test_a_language_is_its_code_in_lower_case_whatever_its_region(scan):
    posts = scan("country,text,language\nGB,a,en-GB\nGB,b,EN\nDE,c,de_AT\n").posts
    assert posts["language"].tolist() == ["en", "en", "de"]


def test_one_text_on_two_platforms_is_two_posts_and_twice_on_one_is_one(scan):
    row = "GB,A,{platform},2013-01-01,Good morning\n"
    rows = [row.format(platform=name) for name in ("twitter", "facebook", "facebook")]
    result = scan("country,agency,platform,published,text\n" + "".join(rows))
    assert result.posts["platform"].tolist() == ["twitter", "facebook"]
    assert result.rejected["reason"].tolist() == ["duplicate post without a post_id (the first is kept)"]


def test_a_date_in_another_form_is_not_called_impossible_and_the_cure_is_said(scan):
    content = "country,text,published\nGB,a,22/03/2013 14:05\nGB,b,2013-03-22\nGB,c,23/03/2013 14:05\n"
    result = scan(content)
    assert result.rejected["reason"].str.contains("--date-format").all()
    assert "more rows were set aside than read, 2 of them for one reason: date not in ISO 8601" in result.notes[0]
    assert len(scan(content.replace("2013-03-22", "22/03/2013 15:00"), date_format="%d/%m/%Y %H:%M").posts) == 3
    with pytest.raises(CompositeError, match="date format 'dd/mm/yyyy' has no %"):
        scan(content, date_format="dd/mm/yyyy")


def test_two_columns_for_one_of_ours_are_an_error(scan):
    with pytest.raises(CompositeError, match="two columns are named for 'text'"):
        scan("country,a,b\nGB,x,y\n", columns={"a": "text", "b": "text"})
