"""Posts of any number as batches on the disk: read once in bounded memory, whole or not at all, and none twice.

A batch is so many records of the files, in order, cleaned and checked as `scan_posts` does. It is two Parquet files in
a folder: its posts and its rows set aside. What is there was written whole, so an interrupted reading goes on after the
last batch that is there. A post_id that an earlier batch has is found at the end, with digests that are sorted on the
disk a bucket at a time, so that memory does not grow with posts.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from composite.codebook.countries import COUNTRY_CODES
from composite.codebook.tables import TABLES
from composite.errors import CompositeError, count
from composite.files import write_whole
from composite.posts.blocks import walk_blocks
from composite.posts.build import (
    FOREIGN_COUNTRY,
    NAMELESS,
    TWICE,
    TWICE_NAMELESS,
    build_posts,
    note_missing,
    note_unread,
)
from composite.posts.registry import no_unmatched, note_accounts, sum_unmatched
from composite.posts.rows import Asked, ask, rank_reasons, table_rejected
from composite.posts.text import mask_posts

BATCH = 50_000
BUCKET = 500_000  # digests in memory at one time
# what labels need of a post, and what a row set aside needs
KEPT = tuple(name for name, spec in TABLES["posts"].columns.items() if spec.required)
ORIGIN = ("_file", "_line", "_made")
Progress = Callable[[str, int, int], None]
_DIGEST = np.dtype([("one", "<u8"), ("two", "<u8"), ("part", "<u4"), ("row", "<u4")])


@dataclass(frozen=True)
class Reading:
    """How files are read: the options of `scan_posts`.

    Attributes
    ----------
    columns, defaults : dict of str to str
    timezone, date_format, encoding : str
    format : str or None
    mask_handles : bool
    """

    columns: dict[str, str]
    defaults: dict[str, str]
    timezone: str = "UTC"
    date_format: str | None = None
    encoding: str = "utf-8"
    format: str | None = None
    mask_handles: bool = False


@dataclass(frozen=True)
class PostBatches:
    """Batches of posts in a folder.

    Attributes
    ----------
    folder : Path
    number : int
        Of batches.
    n_rows, n_posts, n_rejected : int
        `n_posts + n_rejected == n_rows`.
    reasons : dict of str to int
        Rows set aside by the reason.
    notes : tuple of str
        As those of `ReadResult`.
    accounts : frozenset of str
        Of the posts.
    unmatched : DataFrame
        Table `unmatched_accounts`.
    mask_handles : bool
        Whether handles of others are masked when a batch is read.
    """

    folder: Path
    number: int
    n_rows: int
    n_posts: int
    n_rejected: int
    reasons: dict[str, int]
    notes: tuple[str, ...]
    accounts: frozenset[str]
    unmatched: pd.DataFrame
    mask_handles: bool

    def read(self, index: int) -> pd.DataFrame:
        """The table `posts` of a batch, without posts whose post_id an earlier batch has."""
        posts = pd.read_parquet(_name(self.folder, "posts", index), columns=list(KEPT))
        posts = posts[_is_first(self.folder, index, len(posts))].reset_index(drop=True)
        return mask_posts(posts, keep=self.accounts) if self.mask_handles and len(posts) else posts

    def read_rejected(self, index: int) -> pd.DataFrame:
        """The table `rejected` of a batch, by file and line."""
        table = pd.read_parquet(_name(self.folder, "rejected", index))
        posts = pd.read_parquet(_name(self.folder, "posts", index), columns=["post_id", "text", *ORIGIN])
        twice = posts[~_is_first(self.folder, index, len(posts))]
        rows = [
            {
                "file": row["_file"],
                "line": row["_line"],
                "reason": TWICE_NAMELESS if row["_made"] else TWICE,
                "value": str(row["text"] if row["_made"] else row["post_id"])[:80],
            }
            for row in twice.to_dict("records")
        ]
        return table_rejected([*table.to_dict("records"), *rows])


def write_batches(
    sources: list[str | Path],
    folder: Path,
    reading: Reading,
    *,
    accounts: pd.DataFrame | None = None,
    size: int = BATCH,
    progress: Progress,
) -> PostBatches:
    """The posts of `sources` as batches in `folder`; those that are there already are passed over.

    Parameters
    ----------
    sources : list of str or Path
        Files, folders or globs.
    folder : Path
        Of this input and these options alone: that is for the caller to see to.
    reading : Reading
    accounts : DataFrame, optional
        Table `accounts`, which gives posts agency and country as in `scan_posts`.
    size : int
        Records of a batch.
    progress : callable
        See `label_posts`.

    Raises
    ------
    CompositeError
        As `scan_posts`.
    """
    asked = ask(reading.columns, reading.defaults, reading.format, reading.encoding, accounts is not None)
    summary = folder / "posts.json"
    if not summary.is_file():
        _write_parts(sources, folder, reading, asked, accounts, size, progress)
    told = json.loads(summary.read_text("utf-8"))
    unmatched = pd.DataFrame(told.pop("unmatched"), columns=list(no_unmatched().columns))
    return PostBatches(
        **{**told, "folder": folder, "notes": tuple(told["notes"]), "accounts": frozenset(told["accounts"])},
        unmatched=unmatched.astype(no_unmatched().dtypes),
        mask_handles=reading.mask_handles,
    )


def _write_parts(
    sources: list[str | Path],
    folder: Path,
    reading: Reading,
    asked: Asked,
    accounts: pd.DataFrame | None,
    size: int,
    progress: Progress,
) -> None:
    notes: list[str] = []
    names: list[str] = []
    number = n_rows = 0
    for block in walk_blocks(sources, asked, notes, names, size):
        n_rows += block.n_rows
        if not _name(folder, "rejected", number).is_file():  # the one that is written last
            built = build_posts(
                block.frame,
                defaults=reading.defaults,
                accounts=accounts,
                timezone=reading.timezone,
                date_format=reading.date_format,
            )
            frame = built.posts[[*KEPT, *ORIGIN]].astype({"_file": "str", "_line": "int64", "_made": "bool"})
            _write(_name(folder, "posts", number), frame)
            lacking = {
                "unmatched": built.unmatched.to_dict("records"),
                "lone": built.n_without_account,
                "unread": built.unread,
            }
            write_whole(folder / f"accounts-{number:05d}.json", json.dumps(lacking), durable=True)
            _write(_name(folder, "rejected", number), table_rejected([*block.rejected, *built.rejected]))
        number += 1
        progress("reading posts", n_rows, n_rows)
    _find_duplicates(folder, number, n_rows, progress)
    _write_summary(names, folder, number, n_rows, notes, reading.mask_handles)


def _write_summary(
    names: list[str], folder: Path, number: int, n_rows: int, notes: list[str], mask_handles: bool
) -> None:
    reasons: Counter[str] = Counter()
    missing: Counter[str] = Counter()
    unread: Counter[str] = Counter()
    accounts: set[str] = set()
    unmatched = no_unmatched()
    n_posts = nameless = lone = 0
    for index in range(number):
        posts = pd.read_parquet(_name(folder, "posts", index), columns=["agency", "published", "account", "_made"])
        nameless += int(posts["_made"].sum())
        first = _is_first(folder, index, len(posts))
        reasons[TWICE_NAMELESS] += int((posts["_made"] & ~first).sum())
        reasons[TWICE] += int((~posts["_made"] & ~first).sum())
        posts = posts[first]
        found = Counter(pd.read_parquet(_name(folder, "rejected", index), columns=["reason"])["reason"])
        nameless += found[TWICE_NAMELESS]
        reasons.update(found)
        missing.update({name: int(posts[name].isna().sum()) for name in ("agency", "published")})
        lacking = json.loads((folder / f"accounts-{index:05d}.json").read_text("utf-8"))
        unmatched = sum_unmatched([unmatched, pd.DataFrame(lacking["unmatched"], columns=list(unmatched.columns))])
        lone += lacking["lone"]
        unread.update(lacking["unread"])
        if mask_handles:
            accounts.update(posts["account"].dropna().unique())
        n_posts += len(posts)
    reasons = +reasons
    said = note_accounts(unmatched, lone)
    if not n_posts:
        why = "; ".join(f"{reason} ({n:,})" for reason, n in rank_reasons(reasons)[:3])
        more = f". {said[0]}" if len(unmatched) else ""
        raise CompositeError(f"no row of {', '.join(names[:3])} is a post: {why or 'it has no rows'}{more}")
    notes += said + note_unread(unread)
    if nameless:
        notes.append(f"{count(nameless, 'post')}{NAMELESS}")
    notes += note_missing(n_posts, missing)
    n_rejected = sum(reasons.values())
    if n_rejected > n_posts:
        reason, most = rank_reasons(reasons)[0]
        notes.insert(0, f"more rows were set aside than read, {most:,} of them for one reason: {reason}")
    if reasons[FOREIGN_COUNTRY]:
        notes.append(f"countries are written as {', '.join(COUNTRY_CODES)} or by their English names")
    told: dict[str, Any] = {
        "number": number,
        "n_rows": n_rows,
        "n_posts": n_posts,
        "n_rejected": n_rejected,
        "reasons": dict(+reasons),
        "notes": notes,
        "accounts": sorted(accounts),
        "unmatched": unmatched.astype(object).where(unmatched.notna(), None).to_dict("records"),
    }
    write_whole(folder / "posts.json", json.dumps(told), durable=True)


def _find_duplicates(folder: Path, number: int, n_rows: int, progress: Progress) -> None:
    """Write the rows of every batch whose post_id an earlier batch has, as `twice-…`, in memory of one bucket."""
    for kind in ("bucket", "twice"):
        for old in folder.glob(f"{kind}-*"):
            old.unlink()
    buckets = n_rows // BUCKET + 1
    for index in range(number):
        progress("looking for duplicates", index, number)
        names = pd.read_parquet(_name(folder, "posts", index), columns=["post_id"])["post_id"].to_numpy(dtype=object)
        found = np.zeros(len(names), dtype=_DIGEST)
        # two keys make 128 bits: two names of 100 million have one digest with a chance of 1 in 10²²
        for field, key in (("one", "composite posts1"), ("two", "composite posts2")):
            found[field] = pd.util.hash_array(names, hash_key=key, categorize=False)
        found["part"], found["row"] = index, np.arange(len(names))
        bucket = found["one"] % np.uint64(buckets)
        for place, rows in _split(bucket, buckets):
            with open(folder / f"bucket-{place:05d}", "ab") as stream:
                stream.write(found[rows].tobytes())
    for place in range(buckets):
        file = folder / f"bucket-{place:05d}"
        if not file.is_file():
            continue
        found = np.fromfile(file, dtype=_DIGEST)
        order = np.lexsort((found["row"], found["part"], found["two"], found["one"]))
        found = found[order]
        same = (found["one"][1:] == found["one"][:-1]) & (found["two"][1:] == found["two"][:-1])
        twice = found[1:][same]
        for index in np.unique(twice["part"]):
            with open(folder / f"twice-{index:05d}", "ab") as stream:
                stream.write(twice["row"][twice["part"] == index].astype("<u4").tobytes())
        file.unlink()


def _split(group: np.ndarray, number: int) -> Iterator[tuple[int, np.ndarray]]:
    order = np.argsort(group, kind="stable")
    ends = np.searchsorted(group[order], np.arange(number + 1, dtype=group.dtype))
    for place in range(number):
        if ends[place] < ends[place + 1]:
            yield place, order[ends[place] : ends[place + 1]]


def _is_first(folder: Path, index: int, n: int) -> np.ndarray:
    """Whether no earlier batch has the post_id, for the n posts of a batch."""
    first = np.ones(n, dtype=bool)
    file = folder / f"twice-{index:05d}"
    if file.is_file():
        first[np.fromfile(file, dtype="<u4")] = False
    return first


def _name(folder: Path, what: str, index: int) -> Path:
    return folder / f"{what}-{index:05d}.parquet"


def _write(path: Path, frame: pd.DataFrame) -> None:
    stream = io.BytesIO()
    frame.to_parquet(stream, index=False)
    write_whole(path, stream.getvalue(), durable=True)


def hash_files(files: list[Path]) -> dict[str, str]:
    """The SHA-256 of each file, by its path: of all of it, since a date of change or an end says little of content."""
    found = {}
    for file in files:
        try:
            with open(file, "rb") as stream:
                found[str(file)] = hashlib.file_digest(stream, "sha256").hexdigest()
        except OSError as error:
            raise CompositeError(
                f"cannot read {str(file)!r} ({error.strerror}): change its permissions, or leave it out"
            ) from error
    return found
