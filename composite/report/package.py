"""A study as a package that may be published: identifiers, keys, codings, labels and estimates; no text of a post."""

from __future__ import annotations

import io
import json
import re
import secrets
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from composite.codebook.contract import check_table, read_table
from composite.codebook.countries import LANGUAGES
from composite.codebook.guide import write_guide
from composite.codebook.tables import TABLES
from composite.codebook.themes import THEME_KEYS
from composite.errors import CompositeError
from composite.files import hash_bytes, make_folder, write_csv_text, write_whole
from composite.posts.privacy import hash_name
from composite.posts.text import hash_text
from composite.report.data_sheet import write_data_sheet

# what each file may hold; a column that is not named here is never written
ALLOWED: dict[str, tuple[str, ...]] = {
    "labels": (
        *("post_id", "country", "agency", "account", "platform", "kind", "published", "language", "corpus"),
        *THEME_KEYS,
    ),
    "codings": ("post_id", "coder", *THEME_KEYS, "primary", "sampling_probability"),
    "accounts": ("account", "platform", "agency", "country", "kind", "language", "population"),
    "keys": ("post_id", "key"),
}
# estimates only: tables of words, of mentions and of single posts are none
ESTIMATES = (
    *("shares", "agencies", "kinds", "contrasts", "ranks", "quality", "languages", "agreement"),
    *("months", "uptake", "curves", "effects", "cooccurrence", "profile_map"),
)
LONGEST = 120  # letters in a cell: names of agencies are shorter, posts are longer
SHORTEST_TEXT = 12  # letters and digits of a text that is looked for: shorter ones are words that tables hold
_TELLTALE = re.compile(r"https?://|\n|(?<!\w)@\w")
_FIXED = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Package:
    """A package that was written.

    Attributes
    ----------
    path : Path
        The folder or the zip file.
    files : tuple of str
        Names of the files in it.
    left_out : tuple of str
        Columns and tables that were there and were not written, and what was made coarser.
    """

    path: Path
    files: tuple[str, ...]
    left_out: tuple[str, ...]


def write_package(
    out: str | Path,
    *,
    labels: pd.DataFrame | None = None,
    codings: pd.DataFrame | None = None,
    accounts: pd.DataFrame | None = None,
    posts: pd.DataFrame | None = None,
    report: str | Path | None = None,
    key: bytes | None = None,
    keep_ids: bool = False,
    licence: str | None = None,
    title: str = "What police use social media for",
) -> Package:
    """A folder, or a zip file, with what may be published of a study: no text of a post, no name of a person.

    Identifiers of posts are keyed hashes, days stand in place of times, coders are numbers, and accounts of single
    officers are keyed hashes, unless `keep_ids`. What is pseudonymised is not anonymous.

    Parameters
    ----------
    out : str or Path
        A folder, which must be new or empty, or a name that ends in `.zip`.
    labels, codings, accounts : DataFrame, optional
        The tables. At least labels, codings or a report.
    posts : DataFrame, optional
        Table `posts`, for the keys of the texts, and to make sure that no text is in the package.
    report : str or Path, optional
        A folder that `run_study` wrote: its labels, estimates and manifest.
    key : bytes, optional
        See `read_mask_key`. With one, equal input gives equal bytes; and keys of texts are keyed hashes, which nobody
        can guess without it. Without, a random one is used for the identifiers and forgotten, and texts have the keys
        of `hash_text`, by which whoever has the text finds its row.
    keep_ids : bool
        Keep the platform's identifiers and the times.
    licence : str, optional
        Under which you publish it, such as `CC-BY-4.0`.
    title : str

    Returns
    -------
    Package

    Raises
    ------
    CompositeError
        If there is nothing to publish, the folder is not empty, or something like a text is among what would be
        written: the file and column are named.
    """
    target = Path(out)
    if target.suffix != ".zip" and target.exists() and (target.is_file() or any(target.iterdir())):
        raise CompositeError(f"{str(out)!r} is not an empty folder: name a new one, or a file that ends in .zip")
    left_out: list[str] = []
    tables: dict[str, pd.DataFrame] = {}
    manifest = None
    if report is not None:
        labels, tables, manifest = _read_report(Path(report), labels, left_out)
    if labels is None and codings is None:
        raise CompositeError("there are neither labels nor codings: name a report of `composite study`, or files")
    for name, table in (("labels", labels), ("codings", codings), ("accounts", accounts)):
        if table is not None:
            check_table(name, table)
    secret = secrets.token_bytes(32) if key is None else key
    parts = _hide(labels, codings, accounts, posts, secret, key is not None, keep_ids)
    files: dict[str, bytes] = {}
    for name, table in parts.items():
        more = sorted(set(_source(name, labels, codings, accounts, posts)) - set(ALLOWED[name]))
        if more and name != "keys":
            left_out.append(f"{name}: {', '.join(more)}")
        files[f"{name}.csv"] = _write_csv(table[[column for column in ALLOWED[name] if column in table]])
    for name, table in tables.items():
        files[f"estimates/{name}.csv"] = _write_csv(table[[c for c in TABLES[name].columns if c in table]])
    if not keep_ids and labels is not None:
        left_out.append("labels: the time of day")
    files["codebook.md"] = write_guide(LANGUAGES).encode()
    if manifest is not None:
        files["manifest.json"] = manifest
    files["README.md"] = write_data_sheet(
        title, licence, parts, tables, left_out, keep_ids=keep_ids, keyed=key is not None
    ).encode()
    _check_files(files, None if posts is None else posts["text"])
    sums = "".join(f"{hash_bytes(data)}  {name}\n" for name, data in sorted(files.items()))
    files["CHECKSUMS.sha256"] = sums.encode()
    if target.suffix == ".zip":
        write_whole(target, _zip(files))
    else:
        for name, data in files.items():
            write_whole(make_folder(target) / name, data)
    return Package(target, tuple(sorted(files)), tuple(left_out))


def _read_report(
    folder: Path, labels: pd.DataFrame | None, left_out: list[str]
) -> tuple[pd.DataFrame, dict[str, pd.DataFrame], bytes]:
    """Labels, estimates and manifest of a report; what else is in its tables is told in `left_out`."""
    for name in ("labels.parquet", "manifest.json"):
        if not (folder / name).is_file():
            raise CompositeError(f"{str(folder)!r} is no report of `composite study`: it has no {name}")
    there = sorted(path.stem for path in (folder / "tables").glob("*.csv"))
    tables = {name: read_table(name, folder / "tables" / f"{name}.csv") for name in there if name in ESTIMATES}
    others = [name for name in there if name not in ESTIMATES]
    if others:
        left_out.append(f"tables {', '.join(others)}")
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    # checksums of what is not published say nothing to a reader, and some could be guessed at
    for name in ("inputs", "rows", "reports"):
        manifest.pop(name, None)
    manifest["tables"] = {name: value for name, value in manifest.get("tables", {}).items() if name in tables}
    text = json.dumps(manifest, indent=2, sort_keys=True) + "\n"
    return read_table("labels", folder / "labels.parquet") if labels is None else labels, tables, text.encode()


def _hide(
    labels: pd.DataFrame | None,
    codings: pd.DataFrame | None,
    accounts: pd.DataFrame | None,
    posts: pd.DataFrame | None,
    secret: bytes,
    keyed: bool,
    keep_ids: bool,
) -> dict[str, pd.DataFrame]:
    """The tables with pseudonyms, sorted by them, so that the order of the rows tells nothing."""

    def hide(names: pd.Series, kind: str) -> pd.Series:
        known = {name: f"{kind}_{hash_name(kind, str(name), secret)}" for name in names.dropna().unique()}
        return names.map(known).astype("str")

    officers = _find_officers(labels, accounts)
    parts: dict[str, pd.DataFrame] = {}
    if labels is not None:
        parts["labels"] = labels.copy()
        if not keep_ids:
            parts["labels"]["published"] = labels["published"].dt.floor("D")
    if codings is not None:
        coders = [name for name in sorted(codings["coder"].unique()) if name != "adjudicated"]
        number = {"adjudicated": "adjudicated"} | {name: f"coder_{i}" for i, name in enumerate(coders, start=1)}
        parts["codings"] = codings.assign(coder=codings["coder"].map(number).astype("str"))
    if accounts is not None:
        parts["accounts"] = accounts.copy()
    if posts is not None:
        known = {name for part in (labels, codings) if part is not None for name in part["post_id"]}
        mine = posts[posts["post_id"].isin(known)]
        keys = mine["text"].map(hash_text)
        parts["keys"] = mine[["post_id"]].assign(key=hide(keys, "text") if keyed else keys)
    for name, part in parts.items():
        if not keep_ids and "post_id" in part:
            part = part.assign(post_id=hide(part["post_id"], "p"))
        if "account" in part:
            single = part["account"].isin(officers)
            part = part.assign(account=part["account"].where(~single, hide(part["account"], "officer")).astype("str"))
        order = [c for c in ("post_id", "coder", "platform", "account") if c in part]
        parts[name] = part.sort_values(order, ignore_index=True)
    return parts


def _find_officers(labels: pd.DataFrame | None, accounts: pd.DataFrame | None) -> set[str]:
    """Accounts of single officers: they are persons."""
    found: set[str] = set()
    for table in (labels, accounts):
        if table is not None:
            found |= set(table.loc[table["kind"] == "officer", "account"].dropna())
    return found


def _source(name: str, labels: object, codings: object, accounts: object, posts: object) -> Iterable[str]:
    table = {"labels": labels, "codings": codings, "accounts": accounts, "keys": posts}[name]
    return table.columns if isinstance(table, pd.DataFrame) else ()


def _write_csv(table: pd.DataFrame) -> bytes:
    frame = table.copy()
    for name in frame.columns:
        if str(frame[name].dtype).startswith("datetime64"):
            times = frame[name].dt.strftime("%Y-%m-%dT%H:%M:%SZ")
            frame[name] = times.str.removesuffix("T00:00:00Z")
    return write_csv_text(frame).encode()


def _check_files(files: Mapping[str, bytes], texts: pd.Series | None) -> None:
    """Nothing, if no cell of the tables looks like a text, and no text of a post is in any of the files."""
    known = set() if texts is None else {hash_text(text) for text in texts if _is_long(text)}
    for name, data in files.items():
        if not name.endswith(".csv"):
            continue
        table = pd.read_csv(io.BytesIO(data), dtype="str", keep_default_na=False)
        for column in table.columns:
            for value in table[column].unique():
                if len(value) > LONGEST or _TELLTALE.search(value) or (_is_long(value) and hash_text(value) in known):
                    raise CompositeError(
                        f"{name}, column {column!r} holds what looks like the text of a post ({value[:20]!r}…): "
                        f"nothing "
                        "was written. Put what belongs there in it"
                    )


def _is_long(text: str) -> bool:
    return sum(sign.isalnum() for sign in text) >= SHORTEST_TEXT


def _zip(files: Mapping[str, bytes]) -> bytes:
    """A zip file whose bytes depend on nothing but names and contents."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, data in sorted(files.items()):
            entry = zipfile.ZipInfo(name, _FIXED)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            entry.create_system = 3
            archive.writestr(entry, data)
    return stream.getvalue()
