from __future__ import annotations

import contextlib
import csv
import gzip
import io
import json
import tempfile
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from composite.errors import CompositeError
from composite.posts.records import MAX_LINES, Record, file_format, read_records

LAWS = settings(deadline=None, derandomize=True, max_examples=250)
HEADER = "country,text\n"
# what a line-based reader stumbles over, more often than chance would have it
AWKWARD = st.text(
    st.sampled_from('aé"",;\n\n\r\t |👮') | st.characters(exclude_categories=["Cs"], exclude_characters="\0")
)


def read(content: bytes | str, name: str = "posts.csv", encoding: str = "utf-8") -> list[Record]:
    """The records of a file with this content; a record of GB or DE is known when it is seen."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return list(read_records(path, is_record=lambda f: f.get("country") in ("GB", "DE"), encoding=encoding))


def good(records: list[Record]) -> list[dict[str, object]]:
    return [record.fields for record in records if record.fields is not None]


def bad(records: list[Record]) -> list[tuple[int, str]]:
    """Line and kind of reason of the records that could not be read."""
    return [(record.line, record.reason.split(":")[0]) for record in records if record.fields is None]


@LAWS
@given(
    st.lists(st.tuples(AWKWARD, AWKWARD), min_size=1),
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from(["\n", "\r\n"]),
)
def test_every_table_that_a_csv_writer_writes_comes_back_as_it_was(rows, delimiter, end):
    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL).writerows([("a", "b"), *rows])
    records = read(stream.getvalue())
    assert [tuple(fields.values()) for fields in good(records)] == rows
    assert not bad(records)


@LAWS
@given(
    st.lists(
        st.dictionaries(st.text(), st.text() | st.integers(-(2**60), 2**60) | st.booleans() | st.none()), min_size=1
    )
)
def test_every_object_that_a_json_writer_writes_comes_back_as_it_was(objects):
    records = read("".join(json.dumps(each) + "\n" for each in objects), "posts.jsonl")
    assert good(records) == objects
    assert not bad(records)


@LAWS
@given(AWKWARD)
@example('GB,a 5" knife\nFR,6" long\n')
@example('GB,"never closed\nDE,b\n')
@example('"G\nB",5" long\nFR,6" long\n')
@example('GB,"never closed\n\n\nFR,"b"\n')
def test_the_records_of_a_csv_hold_every_line_of_it_once_and_in_order(body):
    content = HEADER + body
    lines = io.StringIO(content, newline="\n").readlines()
    records = read(content)
    starts = [record.line for record in records]
    assert starts == sorted(set(starts))
    for record, end in zip(records, [*starts, len(lines) + 1][1:], strict=True):
        held = "".join(lines[record.line - 1 : end - 1])
        if record.fields is None:
            assert not held[len(lines[record.line - 1]) :].strip()
        else:
            rows = [row for row in csv.reader(io.StringIO(held.rstrip("\r\n"))) if "".join(row).strip()]
            assert rows in ([list(record.fields.values())], [])
    assert not "".join(lines[1 : starts[0] - 1] if starts else lines[1:]).strip()


@LAWS
@given(st.binary().map(lambda data: data.replace(b'"', b"").replace(b"\0", b"")))
def test_without_quotes_every_line_of_any_bytes_is_one_record(data):
    lines = [number for number, line in enumerate(data.split(b"\n"), 2) if line.decode("utf-8", "replace").strip()]
    assert [record.line for record in read(HEADER.encode() + data)] == lines


@LAWS
@given(
    st.lists(
        st.binary().map(lambda data: data.replace(b"\n", b"").replace(b"\0", b"")) | st.just(b'{"a": 1}'), min_size=1
    )
)
def test_every_line_of_any_bytes_is_one_record_of_jsonl(lines):
    content = b'{"text": "first"}\n' + b"\n".join(lines)
    expected = [number for number, line in enumerate(lines, 2) if line.decode("utf-8", "replace").strip()]
    assert [record.line for record in read(content, "posts.jsonl")] == [1, *expected]


@LAWS
@given(
    st.binary(),
    st.sampled_from(["posts.csv", "posts.tsv", "posts.jsonl", "posts.csv.gz", "posts.parquet", "posts.parquet.gz"]),
)
@example(b"\xff\xfea\x00,\x00b\x00\n\x00\x00\xd8a\x00", "posts.csv")
@example(gzip.compress(b"text\nx" * 9000, mtime=0)[:60], "posts.csv.gz")
def test_any_bytes_at_all_are_read_or_refused_with_our_error(data, name):
    try:
        records = read(data, name)
    except CompositeError:
        return
    assert all((record.fields is None) == bool(record.reason) for record in records)


@LAWS
@given(
    st.binary(max_size=200),
    st.sampled_from(["utf-8", "utf-16", "utf-16-le", "utf-32", "cp1252", "shift_jis", "utf-7", "cp037"]),
)
def test_any_bytes_in_any_encoding_are_read_or_refused_with_our_error(data, encoding):
    try:
        records = read(HEADER.encode(encoding) + data, encoding=encoding)
    except CompositeError:
        return
    assert all((record.fields is None) == bool(record.reason) for record in records)


ROWS = {
    "good": ("GB,fine", None),
    "quoted": ('DE,"one, ""two""\n\nthree"', None),
    "inch": ('GB,a 5" knife', None),
    "short": ("alone", "broken line"),
    "long": ("GB,a,b", "broken line"),
    "open": ('GB,"never closed', "a quote"),
    "after": ('GB,"closed" too early', "broken line"),
    "nul": ("GB,a\0b", "NUL byte"),
    "latin": ("GB,caf\udce9", "wrong encoding"),
    "blank": ("", None),
}


@LAWS
@given(st.lists(st.sampled_from(sorted(ROWS))))
@example(["open", "open", "good"])
@example(["open", "quoted", "inch", "open", "blank", "latin", "good"])
def test_a_broken_row_costs_itself_and_no_other(kinds):
    kinds = [*kinds, "good"]
    line, lines_of_good, lines_of_bad = 2, [], []
    for kind in kinds:
        text, reason = ROWS[kind]
        if kind != "blank":
            (lines_of_bad if reason else lines_of_good).append(line)
        line += text.count("\n") + 1
    content = HEADER + "".join(ROWS[kind][0] + "\n" for kind in kinds)
    records = read(content.encode("utf-8", "surrogateescape"))
    assert [record.line for record in records if record.fields is not None] == lines_of_good
    assert [record.line for record in records if record.fields is None] == lines_of_bad


@pytest.mark.parametrize("kind", [kind for kind, (_, reason) in ROWS.items() if reason])
def test_the_reason_says_what_is_wrong_with_the_row(kind):
    text, reason = ROWS[kind]
    records = read(f"{HEADER}GB,first\n{text}\nDE,last\n".encode("utf-8", "surrogateescape"))
    assert [fields["text"] for fields in good(records)] == ["first", "last"]
    [wrong] = [record for record in records if record.fields is None]
    assert wrong.line == 3
    assert wrong.reason.startswith(reason)
    assert wrong.value == text.encode("utf-8", "replace").decode().replace("\0", " ")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{not json", "not valid JSON"),
        ('{"text": "never closed', "not valid JSON"),
        ('[{"text": "in a list"}]', "not a JSON object"),
        ('"text"', "not a JSON object"),
        ("null", "not a JSON object"),
        ('{"text": ' + "[" * 10_000 + "]" * 10_000 + "}", "not valid JSON"),
        ('{"likes": ' + "9" * 5000 + "}", "not valid JSON"),
        ('{"text": "a\0b"}', "NUL byte"),
        ("[", "not valid JSON"),
    ],
    ids=range(9),
)
def test_a_line_that_is_no_json_object_is_set_aside_and_the_next_one_read(line, reason):
    records = read(f'{line}\n{{"text": "next"}}\n', "posts.jsonl")
    assert bad(records) == [(1, reason)]
    assert good(records) == [{"text": "next"}]


def test_a_quote_that_is_never_closed_does_not_swallow_the_file():
    rest = "".join(f"FR,post {number}\n" for number in range(3 * MAX_LINES))
    records = read(f'{HEADER}GB,"never closed\n{rest}')
    assert bad(records) == [(2, "a quote is opened and never closed")]
    assert len(good(records)) == 3 * MAX_LINES


def test_a_quote_that_is_never_closed_ends_where_the_next_record_is_known():
    records = read(f'{HEADER}GB,"never closed\nDE,b\nFR,c"\n')
    assert bad(records) == [(2, "a quote is opened and never closed")]
    assert [fields["text"] for fields in good(records)] == ["b", 'c"']


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_the_one_that_the_header_has_most_of(delimiter):
    records = read(
        delimiter.join(["country", "text", "url"]) + "\n" + delimiter.join(["GB", '"a,b;c|d\te"', "x"]) + "\n"
    )
    assert good(records) == [{"country": "GB", "text": "a,b;c|d\te", "url": "x"}]


def test_a_delimiter_inside_a_quoted_name_of_a_column_is_not_counted():
    assert good(read('"a;b;c",text\n1,2\n')) == [{"a;b;c": "1", "text": "2"}]


def test_tsv_is_split_at_tabs_whatever_the_header_has():
    assert good(read("country\ttext,a,b\nGB\tx\n", "posts.tsv")) == [{"country": "GB", "text,a,b": "x"}]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("name", ["posts.csv", "posts.csv.gz"])
def test_a_file_in_its_encoding_is_read_with_either_line_end_and_gzipped(encoding, end, name):
    content = f"country,text{end}GB,caf\u00e9 \u2013 \u20ac{end}".encode(encoding)
    records = read(gzip.compress(content) if name.endswith(".gz") else content, name, encoding)
    assert good(records) == [{"country": "GB", "text": "café – €"}]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
@pytest.mark.parametrize("name", ["posts.csv", "posts.jsonl"])
def test_a_byte_order_mark_tells_the_encoding_and_is_no_part_of_the_file(encoding, name):
    content = "text\nПолиција\n" if name.endswith("csv") else '{"text": "Полиција"}\n'
    assert good(read(content.encode(encoding), name)) == [{"text": "Полиција"}]


def test_half_a_pair_in_utf_16_costs_its_line_and_no_other():
    content = "text\na\n".encode("utf-16") + b"\x00\xd8" + "b\nc\n".encode("utf-16-le")
    records = read(content)
    assert good(records) == [{"text": "a"}, {"text": "c"}]
    assert bad(records) == [(3, "wrong encoding")]


@pytest.mark.parametrize("encoding", ["utf-88", "", "rot13", "base64", "idna", "undefined", "a\0b"])
def test_an_encoding_that_is_none_is_named(encoding):
    with pytest.raises(CompositeError, match="cp1252") as caught:
        read(HEADER, encoding=encoding)
    assert repr(encoding) in str(caught.value)


@settings(deadline=None, derandomize=True, max_examples=60)
@given(st.integers(0, 10**6))
def test_a_gzip_file_that_is_cut_off_gives_what_is_whole_and_sets_aside_the_line_of_the_break(cut):
    rows = "".join(f"GB,{number * 7919 % 104729} is the number of the post\n" for number in range(3000))
    whole = gzip.compress((HEADER + rows).encode())
    try:
        records = read(whole[: cut % len(whole)], "posts.csv.gz")
    except CompositeError:
        return
    assert [record.line for record in records] == list(range(2, len(records) + 2))
    assert [fields["text"] for fields in good(records)] == [r[3:] for r in rows.splitlines()[: len(good(records))]]
    assert bad(records) == [(len(records) + 1, "the gzip file is cut off here")]


def test_a_gzip_file_is_known_by_its_bytes_not_by_its_name():
    assert good(read(gzip.compress(b"text\na\n"), "posts.csv")) == [{"text": "a"}]
    assert good(read(b"text\na\n", "posts.csv.gz")) == [{"text": "a"}]


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"", "posts.csv", "is empty"),
        (b" \n\n", "posts.csv", "is empty"),
        (gzip.compress(b"", mtime=0), "posts.csv.gz", "is empty"),
        (b"", "posts.jsonl", "is empty"),
        (b"", "posts.parquet", "not a Parquet file"),
        (b"\0" * 600 + bytes(range(256)), "posts.csv", "not a text file"),
        (b"PK\x03\x04\x14\x00\x06\x00" + bytes(range(1, 256)) * 9, "posts.csv", "no header"),
        (b"text\0\n", "posts.csv", "no header"),
        (b"caf\xe9\nx\n", "posts.csv", "no header"),
        (b'"text\nx\n', "posts.csv", "no header"),
        (b"country,text\rGB,old Mac\r", "posts.csv", "no header"),
        (b"text,text\nx,y\n", "posts.csv", "two columns named 'text'"),
        (b"text,a, a\nx,y,z\n", "posts.csv", "two columns named 'a'"),
        (b"text\nx\n", "posts.parquet", "not a Parquet file"),
        (b"text\nx\n", "posts.parquet.gz", "not a Parquet file"),
        (gzip.compress(b"text\nx\n", mtime=0)[:20], "posts.csv.gz", "not a whole gzip file"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_its_name_and_the_reason(content, name, said):
    with pytest.raises(CompositeError, match=said) as caught:
        read(content, name)
    assert repr(name) in str(caught.value)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(CompositeError, match="cannot open"):
        list(read_records(tmp_path / "none.csv", is_record=lambda fields: True))


@pytest.mark.parametrize("ending", [".csv", ".tsv", ".jsonl", ".ndjson", ".parquet"])
def test_the_ending_tells_the_format_in_either_case_and_gzipped(ending):
    assert file_format(Path(f"a.b{ending}")) == ending
    assert file_format(Path(f"a.b{ending}.gz")) == ending
    assert file_format(Path(f"A{ending.upper()}.GZ")) == ending


@pytest.mark.parametrize(
    ("name", "hint"),
    [("a.json", "did you mean '.jsonl'"), ("a.parquett", "did you mean '.parquet'"), ("a", ".csv"), ("a.xlsx", ".csv")],
)
def test_an_unknown_ending_is_refused_with_the_ones_that_are_known(name, hint):
    with pytest.raises(CompositeError) as caught:
        file_format(Path(name))
    assert repr(name) in str(caught.value)
    assert hint in str(caught.value)


@pytest.mark.parametrize("name", ["posts.parquet", "posts.parquet.gz"])
def test_parquet_gives_its_rows_from_one_and_its_values_as_they_are(name):
    stream = io.BytesIO()
    pd.DataFrame({"post_id": [2**60 + 1, 2], "text": ["a", None]}).to_parquet(stream)
    content = stream.getvalue()
    records = read(gzip.compress(content) if name.endswith(".gz") else content, name)
    assert [record.line for record in records] == [1, 2]
    assert good(records) == [{"post_id": 2**60 + 1, "text": "a"}, {"post_id": 2, "text": None}]


def test_the_rows_of_a_large_parquet_file_are_counted_through():
    stream = io.BytesIO()
    pd.DataFrame({"text": range(25_001)}).to_parquet(stream)
    records = read(stream.getvalue(), "posts.parquet")
    assert [record.line for record in records] == list(range(1, 25_002))
    assert [fields["text"] for fields in good(records)] == list(range(25_001))


@LAWS
@given(st.integers(0, 5000), st.binary(min_size=1, max_size=8))
def test_a_damaged_parquet_file_is_read_or_refused_with_our_error(place, damage):
    stream = io.BytesIO()
    pd.DataFrame({"post_id": range(40), "text": [f"post é {n}" for n in range(40)]}).to_parquet(stream)
    content = bytearray(stream.getvalue())
    place %= len(content)
    content[place : place + len(damage)] = damage
    with contextlib.suppress(CompositeError):
        assert [record.line for record in read(bytes(content), "posts.parquet")] == list(range(1, 41))
