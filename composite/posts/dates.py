"""Dates as files have them → times in UTC."""

from __future__ import annotations

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pandas as pd

from composite.codebook.tables import TIME
from composite.errors import CompositeError

TWITTER = "%a %b %d %H:%M:%S %z %Y"  # X API v1.1: Fri Mar 22 14:05:00 +0000 2013
OFFSET = r"\d[T ]\s*\d[^Z+-]*[Z+-]"
FIRST, LAST = pd.Timestamp("1990-01-01", tz="UTC"), pd.Timestamp("2100-01-01", tz="UTC")
DAY = pd.Timedelta(days=1)


def parse_times(
    values: pd.Series, *, timezone: str = "UTC", date_format: str | None = None
) -> tuple[pd.Series, pd.Series]:
    """Times in UTC, and whether a value is there but is no time between 1990 and 2100.

    Parameters
    ----------
    values : Series of n
        ISO 8601, X's own format or datetimes; missing values stay missing.
    timezone : str
        Where times without an offset were written.
    date_format : str, optional
        The format of values that are neither.

    Returns
    -------
    times : Series of n, UTC
    wrong : Series of n bool

    Raises
    ------
    CompositeError
        If the time zone is unknown.
    """
    try:
        ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise CompositeError(f"time zone {timezone!r} is not known: write one such as 'Europe/London'") from None
    if date_format is not None and "%" not in date_format:
        raise CompositeError(f"date format {date_format!r} has no %: write one such as '%d/%m/%Y %H:%M'")
    if str(values.dtype) == TIME and date_format is None:
        return values.where(is_possible(values)), values.notna() & ~is_possible(values)
    given = values.notna()
    texts = values.where(given, None).map(
        lambda v: v.isoformat() if hasattr(v, "isoformat") else str(v), na_action="ignore"
    )
    times = pd.Series(pd.NaT, index=values.index, dtype=TIME)
    for form in [f for f in (date_format, "ISO8601", TWITTER) if f]:
        left = given & times.isna()
        if not left.any():
            break
        try:
            times[left] = _localise(texts[left], form, timezone)
        except ValueError as error:
            raise CompositeError(f"date format {form!r}: {error}") from None
    times = times.where(is_possible(times))
    return times.astype(TIME), given & times.isna()


def is_possible(times: pd.Series) -> pd.Series:
    """Whether each of some times in UTC is between 1990 and 2100."""
    return (times >= FIRST) & (times < LAST)


def _localise(texts: pd.Series, form: str, timezone: str) -> pd.Series:
    """Times in UTC; a clock time that summer time makes ambiguous is read as standard time, a skipped one moves on."""
    texts = texts.where(texts.str.contains(r"\d", na=False))  # pandas takes "now" for a time of any format
    if timezone == "UTC":
        return pd.to_datetime(texts, format=form, utc=True, errors="coerce").astype(TIME)
    # only ISO 8601 has an offset or not; the end of 22-03-2013 only looks like one
    aware = texts.str.contains(OFFSET, na=False) if form == "ISO8601" else texts.notna() & ("%z" in form.lower())
    times = pd.Series(pd.NaT, index=texts.index, dtype=TIME)
    times[aware] = pd.to_datetime(texts[aware], format=form, utc=True, errors="coerce").astype(TIME)
    naive = pd.to_datetime(texts[~aware], format=form, errors="coerce")
    # zones know no clock beyond the year 9999
    naive = naive.where((naive > FIRST.tz_localize(None) - DAY) & (naive < LAST.tz_localize(None) + DAY))
    local = naive.dt.tz_localize(timezone, ambiguous=False, nonexistent="shift_forward")
    times[~aware] = local.dt.tz_convert("UTC").astype(TIME)
    return times
