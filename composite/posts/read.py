"""Read posts of any researcher's files into the table of the contract; lose no row."""

from __future__ import annotations

import hashlib
import re
import reprlib
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import pandas as pd

from composite.codebook.contract import check_table
from composite.codebook.countries import COUNTRY_CODES, find_country
from composite.codebook.tables import TABLES, TIME
from composite.errors import CompositeError, CompositeWarning, count, nearest
from composite.files import write_table
from composite.posts.dates import parse_times
from composite.posts.records import read_records
from composite.posts.sources import find_files
from composite.posts.text import clean_text, mask_posts

COLUMNS = tuple(TABLES["posts"].columns)
COUNTS = ("reposts", "likes", "replies", "followers")
OPTIONAL = ("reply_to", "url", *COUNTS)
NEEDED = ("country", "text")
MISSING = ("NA", "NaN", "nan", "NULL", "null", "None")  # what R, pandas and databases write for a missing value
TWICE = "duplicate post_id (the first is kept)"
TWICE_NAMELESS = "duplicate post without a post_id (the first is kept)"
NAMELESS = " without a post_id: it is made from agency, account, date and text"
BLOCK = 20_000  # rows that are dictionaries at one time
FOREIGN_DATE = "date not in ISO 8601: say its form with --date-format (date_format='%d/%m/%Y %H:%M')"
FOREIGN_COUNTRY = "not one of the ten countries"


@dataclass(frozen=True)
class ReadResult:
    """What came out of some files.

    Attributes
    ----------
    posts : DataFrame
        Table `posts`.
    rejected : DataFrame
        Table `rejected`; `len(posts) + len(rejected) == n_rows`.
    n_rows : int
        Rows that the files hold, blank lines aside.
    notes : tuple of str
        What a reader of the numbers has to know: columns not used, values not there.
    """

    posts: pd.DataFrame
    rejected: pd.DataFrame
    n_rows: int
    notes: tuple[str, ...]

    @property
    def summary(self) -> str:
        """Rows read and set aside, with the reasons, in one line."""
        line = f"{self.n_rows:,} rows: {len(self.posts):,} read, {len(self.rejected):,} set aside"
        if len(self.rejected):
            reasons = Counter(reason.split(":")[0] for reason in self.rejected["reason"])
            line += " (" + ", ".join(f"{reason} {count:,}" for reason, count in reasons.most_common(6)) + ")"
        return line


def read_posts(
    source: str | Path,
    *,
    columns: Mapping[str, str] | None = None,
    defaults: Mapping[str, str] | None = None,
    rejected: str | Path | None = None,
    timezone: str = "UTC",
    date_format: str | None = None,
    encoding: str = "utf-8",
    mask_handles: bool = False,
) -> pd.DataFrame:
    """The table `posts` of a file, a folder or a glob; rows that cannot be read are set aside, with a warning.

    Parameters
    ----------
    source : str or Path
        CSV, TSV, JSONL or Parquet, each also gzipped; or a folder or a glob of them.
    columns : mapping of str to str, optional
        Other people's names to ours: `{"created_at": "published"}`.
    defaults : mapping of str to str, optional
        Values for columns that the files lack: `{"country": "GB"}`.
    rejected : str or Path, optional
        A `.csv` to which rows set aside are written (table `rejected`). `scan_posts` returns them instead.
    timezone : str
        Where dates without an offset were written, such as `Europe/London`.
    date_format : str, optional
        For dates that are not ISO 8601, such as `%d/%m/%Y %H:%M`.
    encoding : str
        Of text files, such as `cp1252` for Excel's plain CSV.
    mask_handles : bool
        Replace @handles of all but the accounts in the table with `@user`.

    Returns
    -------
    DataFrame
        Table `posts`, in the order of the files.

    Raises
    ------
    CompositeError
        If nothing can be read: no such file, no posts, no column for the country or the text.

    Examples
    --------
    >>> import composite as cp
    >>> posts = cp.read_posts(cp.CORPUS / "posts.csv")
    >>> posts["country"].nunique()
    10
    """
    result = scan_posts(
        source,
        columns=columns,
        defaults=defaults,
        timezone=timezone,
        date_format=date_format,
        encoding=encoding,
        mask_handles=mask_handles,
    )
    if rejected is not None:
        write_table(rejected, result.rejected)
    if len(result.rejected):
        where = f"see {rejected}" if rejected else "scan_posts(...).rejected lists them"
        warnings.warn(f"{result.summary}; {where}", CompositeWarning, stacklevel=2)
    for note in result.notes:
        warnings.warn(note, CompositeWarning, stacklevel=2)
    return result.posts


def scan_posts(
    source: str | Path | Iterable[str | Path],
    *,
    columns: Mapping[str, str] | None = None,
    defaults: Mapping[str, str] | None = None,
    timezone: str = "UTC",
    date_format: str | None = None,
    encoding: str = "utf-8",
    mask_handles: bool = False,
) -> ReadResult:
    """Posts, rows set aside and notes of one or more files, folders or globs; parameters as in `read_posts`.

    Raises
    ------
    CompositeError
        As `read_posts`.
    """
    columns, defaults = dict(columns or {}), dict(defaults or {})
    check_names(columns, defaults)
    sources = [source] if isinstance(source, str | Path) else list(source)
    files = [file for item in sources for file in find_files(item)]
    bad: list[dict[str, Any]] = []
    notes: list[str] = []
    frames, n_rows = [], 0
    rows = (row for file in files for row in read_rows(file, columns, defaults, encoding, notes))
    while block := list(islice(rows, BLOCK)):
        n_rows += len(block)
        bad += [row for row in block if "reason" in row]
        frames.append(frame_rows(block))
    frame = pd.concat(frames, ignore_index=True) if frames else frame_rows([])
    frame, rejected_rows, more = build_posts(frame, timezone=timezone, date_format=date_format)
    notes += more
    table = table_rejected([*bad, *rejected_rows])
    if frame.empty:
        reasons = "; ".join(f"{reason} ({n:,})" for reason, n in Counter(table["reason"]).most_common(3))
        raise CompositeError(
            f"no row of {', '.join(f.name for f in files[:3])} is a post: {reasons or 'it has no rows'}"
        )
    if len(table) > len(frame):
        reason, most = Counter(table["reason"]).most_common(1)[0]
        notes.insert(0, f"more rows were set aside than read, {most:,} of them for one reason: {reason}")
    if (table["reason"] == FOREIGN_COUNTRY).any():
        notes.append(f"countries are written as {', '.join(COUNTRY_CODES)} or by their English names")
    posts = frame[[name for name in COLUMNS if name in frame]]
    posts = mask_posts(posts) if mask_handles else posts
    return ReadResult(check_table("posts", posts), table, n_rows, tuple(notes))


def check_names(columns: Mapping[str, str], defaults: Mapping[str, str]) -> None:
    """Nothing, if columns and defaults name columns of posts, none twice, and a country of the study; else an error."""
    for ours in (ours for ours, times in Counter(columns.values()).items() if times > 1):
        raise CompositeError(f"two columns are named for {ours!r}: choose one of them")
    for ours in (*columns.values(), *defaults):
        if ours not in COLUMNS:
            raise CompositeError(f"posts have no column {ours!r}: {nearest(ours, COLUMNS)}")
    if "country" in defaults and find_country(defaults["country"]) is None:
        raise CompositeError(f"default country {defaults['country']!r}: {nearest(defaults['country'], COUNTRY_CODES)}")


def frame_rows(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """The good ones of some rows of `read_rows` as a frame for `build_posts`."""
    good = [row for row in rows if "reason" not in row]
    names = ["_file", "_line", *dict.fromkeys(name for row in good for name in row if name[0] != "_")]
    # object, since integers beside a missing value would become floats, and long post_ids lose their last digits
    return pd.DataFrame(good, columns=names, dtype=object)


def table_rejected(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """The table `rejected` of rows set aside, by file and line."""
    table = pd.DataFrame(rows, columns=["file", "line", "reason", "value"])
    table = table.sort_values(["file", "line"], kind="stable", ignore_index=True)
    return table.astype({"file": "str", "line": "int64", "reason": "str", "value": "str"})


def read_rows(
    file: Path, columns: dict[str, str], defaults: dict[str, str], encoding: str, notes: list[str]
) -> Iterator[dict[str, Any]]:
    """Every row, in order: with our columns, or, if it is set aside, a row of the table `rejected`."""
    theirs = next((name for name, ours in columns.items() if ours == "country"), "country")
    name_of_file = clean_text(file.name)

    def is_record(fields: dict[str, Any]) -> bool:
        return find_country(str(fields[theirs])) is not None if theirs in fields else len(fields) >= 5

    found = False
    seen: set[str] = set()
    for record in read_records(file, is_record=is_record, encoding=encoding):
        if record.fields is None:
            yield {"file": name_of_file, "line": record.line, "reason": record.reason, "value": record.value}
            continue
        seen.update(record.fields)
        row: dict[str, Any] = {"_file": name_of_file, "_line": record.line, **defaults}
        wrong = None
        for name, value in record.fields.items():
            ours = columns.get(name, name)
            # a column that the user names goes before one that happens to be called so
            if ours not in COLUMNS or (name not in columns and ours in columns.values()):
                continue
            if isinstance(value, bytes):
                try:
                    value = value.decode()
                except UnicodeDecodeError:
                    wrong = {"reason": f"{ours!r} is not UTF-8", "value": reprlib.repr(value)}
            if isinstance(value, list | dict):
                wrong = {"reason": f"{ours!r} is a list or an object", "value": reprlib.repr(value)}
            elif isinstance(value, str):
                value = clean_text(value)
                value = None if ours != "text" and value in MISSING else value
            if value is not None and value != "":
                row[ours] = value
        if wrong:
            yield {"file": name_of_file, "line": record.line, **wrong}
        else:
            found = True
            yield row
    if found:
        notes += _check_columns(file, seen, columns, defaults)


def _check_columns(file: Path, seen: set[str], columns: dict[str, str], defaults: dict[str, str]) -> list[str]:
    """Notes on columns that are not used but may be meant; an error if one that is needed is not there."""
    for theirs in columns:
        if theirs not in seen:
            raise CompositeError(f"{file.name!r} has no column {theirs!r}: {nearest(theirs, sorted(seen))}")
    got = {columns.get(name, name) for name in seen} | set(defaults)
    for ours in NEEDED:
        if ours not in got:
            raise CompositeError(
                f"{file.name!r} has no column {ours!r}: {nearest(ours, sorted(seen))}. Name yours with "
                f"columns={{'…': {ours!r}}} (--column …={ours})"
                + (
                    " or give one for all with defaults={'country': 'GB'} (--set country=GB)"
                    if ours == "country"
                    else ""
                )
            )
    unused = sorted(name for name in seen if columns.get(name, name) not in COLUMNS)
    hints = {name: nearest(name, [ours for ours in COLUMNS if ours not in got]) for name in unused}
    return [
        f"{file.name!r}: column {name!r} is not used; {hint}" for name, hint in hints.items() if hint.startswith("did")
    ]


def build_posts(
    frame: pd.DataFrame, *, timezone: str, date_format: str | None
) -> tuple[pd.DataFrame, list[dict[str, Any]], list[str]]:
    """Rows as read → table `posts` (with `_file`, `_line` and `_made`: no post_id was given), rows set aside, notes."""
    rejected: list[dict[str, Any]] = []

    def set_aside(frame: pd.DataFrame, wrong: Any, reason: str, values: Any) -> pd.DataFrame:
        for file, line, value in zip(frame["_file"][wrong], frame["_line"][wrong], values[wrong], strict=True):
            rejected.append({"file": file, "line": line, "reason": reason, "value": str(value)[:80]})
        return frame[~wrong]

    for name in COLUMNS:
        if name not in frame and TABLES["posts"].columns[name].required:
            frame[name] = None
    names = [name for name in COLUMNS if name in frame]
    texts = [name for name in names if name not in ("published", *COUNTS)]
    for name in texts:
        values = [clean_text(str(v)) if v is not None and v == v else None for v in frame[name]]
        if name == "account":
            values = [v and v.lstrip("@") for v in values]
        elif name == "language":  # en-GB and EN are English
            values = [v and re.split("[-_]", v)[0].lower() for v in values]
        frame[name] = pd.Series(values, index=frame.index, dtype="str").replace("", None)
    frame = set_aside(frame, frame["text"].isna(), "empty text", frame["text"].fillna(""))
    known = {name: find_country(name) for name in frame["country"].dropna().unique()}
    codes = frame["country"].map(known).astype("str")
    named = frame["country"].notna()
    frame = set_aside(frame.assign(_code=codes), codes.isna() & named, FOREIGN_COUNTRY, frame["country"])
    frame = set_aside(frame, frame["country"].isna(), "no country", frame["country"].fillna(""))
    frame["country"] = frame.pop("_code")
    times, wrong = parse_times(frame["published"], timezone=timezone, date_format=date_format)
    # a date in another form is not impossible: the cure is to say the form
    foreign = wrong & ~frame["published"].astype("str").str.match(r"\s*\d{4}-?\d\d", na=False) & (date_format is None)
    frame = set_aside(frame.assign(_time=times, _wrong=wrong), foreign, FOREIGN_DATE, frame["published"])
    frame = set_aside(frame, frame.pop("_wrong"), "impossible date", frame["published"])
    frame["published"] = frame.pop("_time").astype(TIME)
    notes = []
    for name in COUNTS:
        if name in frame:
            numbers = pd.to_numeric(frame[name], errors="coerce").astype("float64").replace(float("inf"), float("nan"))
            unread = int(((numbers.isna() & frame[name].notna()) | (numbers < 0)).sum())
            if unread:
                notes.append(f"{unread:,} values of {name!r} are not counts and are taken as missing")
            frame[name] = numbers.where(numbers >= 0)
    unnamed = frame["post_id"].isna()
    if unnamed.any():
        notes.append(f"{count(int(unnamed.sum()), 'post')}{NAMELESS}")
        parts = frame.loc[unnamed, [n for n in names if n not in ("post_id", "language", "corpus", *OPTIONAL)]]
        more = frame.loc[unnamed, [n for n in ("reply_to", "url") if n in names]]
        # of columns that files may lack, only what is there: a post keeps its name whatever other posts have
        told = [[value for value in row if isinstance(value, str)] for row in more.itertuples(index=False)]
        frame.loc[unnamed, "post_id"] = [
            _make_id(*row, *rest) for row, rest in zip(parts.itertuples(index=False), told, strict=True)
        ]
        frame["post_id"] = frame["post_id"].astype("str")
    twice = frame["post_id"].duplicated()
    frame = set_aside(frame.assign(_twice=twice), twice & unnamed, TWICE_NAMELESS, frame["text"])
    frame = set_aside(frame, frame.pop("_twice"), TWICE, frame["post_id"])
    unnamed = unnamed[frame.index]
    notes += note_missing(len(frame), {name: int(frame[name].isna().sum()) for name in ("agency", "published")})
    return frame.assign(_made=unnamed)[["_file", "_line", "_made", *names]].reset_index(drop=True), rejected, notes


def note_missing(n: int, missing: Mapping[str, int]) -> list[str]:
    """Notes on how many of n posts lack an agency or a date."""
    meanings = {"agency": ", which every standard error needs", "published": " and are in no month"}
    return [
        f"{missing[name]:,} of {count(n, 'post')} have no {name!r}{meaning}"
        for name, meaning in meanings.items()
        if missing[name]
    ]


def _make_id(*parts: Any) -> str:
    return hashlib.sha1("|".join(map(str, parts)).encode(), usedforsecurity=False).hexdigest()[:12]
