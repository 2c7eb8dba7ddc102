from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from composite.codebook.tables import TIME
from composite.errors import CompositeError
from composite.posts.dates import parse_times

ZONES = ("UTC", "Europe/London", "Europe/Skopje", "America/New_York", "Asia/Kathmandu", "Pacific/Apia")
MOMENTS = st.datetimes(datetime(1991, 1, 1), datetime(2098, 12, 31), timezones=st.just(UTC))
HALF_DATES = st.from_regex(
    r"[0-9]{4}-?[01][0-9]-?[0-3][0-9]([T ][0-2][0-9](:?[0-5][0-9]){0,2}([.,][0-9]{1,9})?)? ?(Z|z|UTC|[+-][0-9:]{1,5})?",
    fullmatch=True,
)


def parse(value: object, **options: str) -> pd.Timestamp | None:
    """The time that one value means; None if it is no time."""
    times, wrong = parse_times(pd.Series([value], dtype=object), **options)
    assert wrong[0] == (value is not None and pd.isna(times[0]))
    return None if pd.isna(times[0]) else times[0]


def utc(text: str) -> pd.Timestamp:
    return pd.Timestamp(text, tz="UTC")


@settings(deadline=None, derandomize=True, max_examples=300)
@given(st.lists(HALF_DATES | st.text(max_size=20) | st.integers() | st.none(), max_size=5), st.sampled_from(ZONES))
def test_every_value_is_a_time_or_missing_or_wrong_and_none_stops_the_reading(values, zone):
    times, wrong = parse_times(pd.Series(values, dtype=object), timezone=zone)
    assert times.dtype == TIME
    assert [t or w for t, w in zip(times.notna(), wrong, strict=True)] == [value is not None for value in values]
    assert not (times.notna() & wrong).any()


@settings(deadline=None, derandomize=True, max_examples=200)
@given(MOMENTS, st.integers(-14 * 60, 14 * 60), st.sampled_from(ZONES))
def test_a_time_with_an_offset_is_the_same_moment_whatever_the_time_zone_says(moment, minutes, zone):
    minute = moment.replace(second=0, microsecond=0)
    sign, (hours, rest) = "-" if minutes < 0 else "+", divmod(abs(minutes), 60)
    clock = (minute + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M")
    assert parse(f"{clock}{sign}{hours:02d}:{rest:02d}", timezone=zone) == minute


@settings(deadline=None, derandomize=True, max_examples=200)
@given(MOMENTS, st.sampled_from(ZONES))
def test_a_time_without_an_offset_is_read_as_the_zones_clock(moment, zone):
    clock = moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    readings = {clock.replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC) for fold in (0, 1)}
    assert parse(clock.isoformat(), timezone=zone) in readings


@settings(deadline=None, derandomize=True, max_examples=50)
@given(
    st.permutations(["2013-03-22T14:05:00Z", "2013-03-22", None, "Fri Mar 22 14:05:00 +0000 2013", "junk", 20130322])
)
def test_a_time_does_not_depend_on_the_values_around_it(values):
    together, _ = parse_times(pd.Series(values, dtype=object), timezone="Europe/London")
    assert [None if pd.isna(time) else time for time in together] == [
        parse(v, timezone="Europe/London") for v in values
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2013-03-22T14:05:00Z", "2013-03-22 14:05:00"),
        ("2013-03-22 14:05:00", "2013-03-22 14:05:00"),
        ("2013-03-22T14:05", "2013-03-22 14:05:00"),
        ("2013-03-22", "2013-03-22 00:00:00"),
        ("20130322T140500Z", "2013-03-22 14:05:00"),
        ("2013-03-22T14:05:00.123456Z", "2013-03-22 14:05:00.123456"),
        ("2013-03-22T14:05:00+01:00", "2013-03-22 13:05:00"),
        ("2013-03-22T14:05:00-0500", "2013-03-22 19:05:00"),
        ("2013-03-22T14:05:00+05:45", "2013-03-22 08:20:00"),
        ("2013-03-22 14:05:00+01", "2013-03-22 13:05:00"),
        ("Fri Mar 22 14:05:00 +0000 2013", "2013-03-22 14:05:00"),
        ("Fri Mar 22 14:05:00 +0200 2013", "2013-03-22 12:05:00"),
    ],
)
def test_iso_8601_and_the_format_of_x_end_in_utc(text, expected):
    assert parse(text) == utc(expected)


@pytest.mark.parametrize(
    "text",
    ["2013-03-22T14:05:00+01", "2013-03-22T14+01", "20130322T140500+0100", "2013-03-22 14:05:00 +01:00"],
)
def test_a_short_offset_goes_before_the_time_zone(text):
    assert parse(text, timezone="America/New_York").tz_localize(None).floor("h") == pd.Timestamp("2013-03-22 13:00")


def test_times_with_and_without_an_offset_stand_together():
    values = pd.Series(["2013-07-01T12:00:00+02", "2013-07-01 12:00", "2013-07-01T12:00:00Z"])
    times, wrong = parse_times(values, timezone="Europe/London")
    assert list(times.dt.hour) == [10, 11, 12]
    assert not wrong.any()


def test_a_clock_time_that_the_end_of_summer_time_makes_twice_is_standard_time():
    assert parse("2013-10-27 01:30", timezone="Europe/London") == utc("2013-10-27 01:30")
    assert parse("2013-10-27 02:30", timezone="Europe/Berlin") == utc("2013-10-27 01:30")


def test_a_clock_time_that_summer_time_skips_moves_on_to_the_next_one():
    assert parse("2013-03-31 01:30", timezone="Europe/London") == utc("2013-03-31 01:00")
    assert parse("2013-03-31 02:30", timezone="Europe/Berlin") == utc("2013-03-31 01:00")


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Pacific/Auckland"])
@pytest.mark.parametrize(
    "text",
    [
        "0000-01-01T00:00:00",
        "0001-01-01T00:00:00",
        "9999-12-31T23:59:59",
        "1989-12-01",
        "2100-02-01",
        "2013-02-30",
        "2013-13-01",
        "2013-03-22T25:00:00",
        "2013-03-22T14:05:00+99:99",
        "1363961100",
        "1363961100000",
        "22/03/2013",
        "yesterday",
        "now",
        "today",
        "nan",
        "12",
    ],
)
def test_what_is_no_time_between_1990_and_2100_is_wrong(text, zone):
    assert parse(text, timezone=zone) is None


@pytest.mark.parametrize("value", [1363961100, 1363961100.5, True, [2013], {"year": 2013}])
def test_seconds_since_1970_and_other_things_that_json_holds_are_wrong(value):
    assert parse(value) is None


def test_the_bounds_are_1990_inclusive_and_2100_exclusive():
    assert parse("1990-01-01T00:00:00Z") == utc("1990-01-01")
    assert parse("1989-12-31T23:59:59Z") is None
    assert parse("2099-12-31T23:59:59Z") == utc("2099-12-31 23:59:59")
    assert parse("2100-01-01T00:00:00Z") is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (datetime(2013, 3, 22, 14, 5), "2013-03-22 14:05"),
        (datetime(2013, 3, 22, 14, 5, tzinfo=ZoneInfo("Europe/Berlin")), "2013-03-22 13:05"),
        (date(2013, 3, 22), "2013-03-22"),
        (pd.Timestamp("2013-03-22 14:05", tz="Asia/Tokyo"), "2013-03-22 05:05"),
    ],
)
def test_datetimes_of_python_and_pandas_are_times(value, expected):
    assert parse(value) == utc(expected)


def test_a_column_of_datetimes_is_read_and_its_gaps_are_not_wrong():
    values = pd.Series(pd.to_datetime(["2013-03-22 14:05", None]))
    times, wrong = parse_times(values, timezone="Europe/Berlin")
    assert times[0] == utc("2013-03-22 13:05")
    assert pd.isna(times[1])
    assert not wrong.any()


def test_an_empty_column_gives_no_times():
    times, wrong = parse_times(pd.Series([], dtype=object))
    assert times.dtype == TIME
    assert len(times) == len(wrong) == 0


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin"])
def test_a_date_format_is_tried_before_the_standard_ones(zone):
    values = pd.Series(["05/03/2013 12:00", "2013-03-05T12:00:00Z"])
    times, wrong = parse_times(values, date_format="%d/%m/%Y %H:%M", timezone=zone)
    assert list(times.dt.month) == [3, 3]
    assert list(times.dt.hour) == [12 if zone == "UTC" else 11, 12]
    assert not wrong.any()


def test_a_year_at_the_end_of_a_date_is_not_taken_for_an_offset():
    assert parse("12:00 22-03-2013", date_format="%H:%M %d-%m-%Y", timezone="Europe/Berlin") == utc("2013-03-22 11:00")


def test_an_offset_in_the_middle_of_a_date_format_counts():
    time = parse("22 Mar 2013 +0100 14:05", date_format="%d %b %Y %z %H:%M", timezone="America/New_York")
    assert time == utc("2013-03-22 13:05")


def test_a_date_format_that_python_does_not_know_is_named():
    with pytest.raises(CompositeError, match="date format '%d/%Q'"):
        parse("22/03/2013", date_format="%d/%Q")


@pytest.mark.parametrize("zone", ["Europe/Londn", "", "CEST5", "../UTC", "Europe", "a\0b", "GMT+25"])
def test_an_unknown_time_zone_is_named_with_an_example(zone):
    with pytest.raises(CompositeError, match="Europe/London") as caught:
        parse("2013-03-22", timezone=zone)
    assert repr(zone) in str(caught.value)


def test_the_values_are_not_changed():
    values = pd.Series(["2013-03-22", None], dtype=object)
    before = values.copy()
    parse_times(values, timezone="Europe/London")
    pd.testing.assert_series_equal(values, before)
