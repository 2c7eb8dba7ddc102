from __future__ import annotations

from datetime import UTC, datetime

import pyarrow as pa
import pytest

from composite.posts.records import list_rows
from composite.posts.text import clean_name, clean_text

TIMES = [datetime(2013, 3, 22, 14, 5, 0, 123456, tzinfo=UTC), datetime(1969, 12, 31, 23, 59, tzinfo=UTC)]


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("zone", [None, "UTC", "Europe/London"])
@pytest.mark.parametrize("more", [[], [None]])
def test_rows_are_those_that_arrow_makes_itself(unit, zone, more):
    kind = pa.timestamp(unit, zone)
    whole = [time.replace(microsecond=0, tzinfo=TIMES[0].tzinfo if zone else None) for time in TIMES] + more
    batch = pa.record_batch(
        {
            "text": pa.array(["a\u0301", "", "x"][: len(whole)]),
            "published": pa.array(whole, kind),
            "likes": pa.array([1, None, 2][: len(whole)]),
        }
    )
    assert repr(list_rows(batch)) == repr(batch.to_pylist())


def test_rows_of_no_columns_are_as_many_and_empty():
    batch = pa.record_batch({"text": ["a", "b"]}).select([])
    assert list_rows(batch) == batch.to_pylist()


def test_a_time_beyond_the_years_of_a_calendar_fails_as_it_does_in_arrow():
    batch = pa.record_batch({"published": pa.array([2**60], pa.int64()).cast(pa.timestamp("us", "UTC"))})
    with pytest.raises(OverflowError):
        batch.to_pylist()
    with pytest.raises(OverflowError):
        list_rows(batch)


@pytest.mark.parametrize("text", ["", " Policie C\u030cR ", "half \ud83d", "a\r\nb", "London", " long" * 99])
def test_a_name_is_cleaned_as_a_text_is(text):
    assert [clean_name(text), clean_name(text)] == [clean_text(text)] * 2
