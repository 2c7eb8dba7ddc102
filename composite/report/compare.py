"""Two reports beside each other: which inputs and versions differ, and which cells of which tables."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from composite.codebook.countries import COUNTRY
from composite.codebook.themes import THEME
from composite.errors import CompositeError
from composite.report.figures import FIGURES
from composite.report.manifest import read_manifest

# digits that have to agree: more than a reader sees, fewer than arithmetic on another machine may change
SAME = 1e-6
# what tells the rows of a table apart, in the order in which a reader looks for them
_KEYS: dict[str, tuple[str, ...]] = {
    "shares": ("country", "theme", "method"),
    "agencies": ("country", "agency", "theme", "method"),
    "kinds": ("kind", "theme", "method"),
    "pairs": ("country", "reference", "theme"),
    "contrasts": ("country", "reference", "theme"),
    "ranks": ("country", "theme"),
    "profile_map": ("kind", "name"),
    "effects": ("theme", "factor", "value", "reference"),
    "cooccurrence": ("theme", "other"),
    "months": ("country", "month"),
    "uptake": ("country", "agency", "theme"),
    "curves": ("country", "theme", "months"),
    "quality": ("theme",),
    "languages": ("language", "theme", "measure"),
    "agreement": ("group", "theme"),
    "confusions": ("theme", "other"),
    "followers": ("country", "month"),
    "unusual": ("country", "month"),
    "reach": ("country", "agency"),
    "concentration": ("country",),
    "campaigns": ("hashtag", "day"),
    "participants": ("country", "agency"),
    "participation": ("country",),
    "campaign_themes": ("theme",),
    "engagement": ("measure", "theme"),
    "dialogue": ("country",),
    "edges": ("network", "source", "target"),
    "communities": ("node",),
    "actors": ("node",),
    "keywords": ("group", "language", "word"),
}
CHANGES = ["table", "exhibits", "row", "column", "old", "new", "key"]
_SETTINGS = ("composite", "codebook", "python", "source", "commit", "classifier", "level", "coder")


@dataclass(frozen=True)
class Report:
    """What a folder of a report holds.

    Attributes
    ----------
    manifest : dict
        See `describe_study`.
    tables : dict of str to DataFrame
        As they are in the files, by name.
    """

    manifest: dict[str, Any]
    tables: dict[str, pd.DataFrame]


def read_report(folder: str | Path) -> Report:
    """The manifest and the tables of a report, whatever version of `composite` wrote it.

    Raises
    ------
    CompositeError
        If the folder has no manifest, or a table of it cannot be read.
    """
    manifest = read_manifest(folder)
    tables = {}
    for name in manifest["tables"]:
        file = Path(folder) / "tables" / f"{name}.csv"
        if not file.is_file():
            continue
        tables[name] = _read_table(name, file)
    return Report(manifest, tables)


def _read_table(name: str, file: Path) -> pd.DataFrame:
    try:
        keys = dict.fromkeys((key for key in _KEYS.get(name, ()) if key != "months"), "str")
        return pd.read_csv(file, dtype=keys, keep_default_na=False, na_values=[""])
    except (ValueError, OSError) as error:
        raise CompositeError(f"{str(file)!r} is not a table of a report ({str(error).strip()[:120]})") from error


def list_settings(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """Which inputs, versions and options of two manifests differ, a line each."""
    lines = []
    for name in _SETTINGS:
        one, two = old.get(name), new.get(name)
        if one != two:
            lines.append(f"{name}: {_shorten(one)} → {_shorten(two)}")
    packages = [manifest.get("packages", {}) for manifest in (old, new)]
    for name in sorted(set(packages[0]) | set(packages[1])):
        one, two = (found.get(name) for found in packages)
        if one != two:
            lines.append(f"package {name}: {one or 'none'} → {two or 'none'}")
    for name in sorted(set(old["inputs"]) | set(new["inputs"])):
        one, two = old["inputs"].get(name), new["inputs"].get(name)
        if one != two:
            lines.append(f"input {name}: {_shorten(one)} → {_shorten(two)}")
    return lines


def _shorten(value: Any) -> str:
    text = "none" if value is None else str(value)
    return text[:12] if len(text) in (40, 64) and set(text) <= set("0123456789abcdef") else text


def compare_tables(old: dict[str, pd.DataFrame], new: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Every cell that differs: one row a cell, in the order of tables, rows and columns.

    Parameters
    ----------
    old, new : dict of str to DataFrame
        By name of table. Numbers are the same if they agree in six digits.

    Returns
    -------
    DataFrame
        `table`; `exhibits` that draw it; `row` in words; `column`; `old` and `new`, None where there is no such row or
        table; `key`, the values that tell the row apart.
    """
    rows: list[dict[str, Any]] = []
    for name in sorted(set(old) | set(new)):
        exhibits = ", ".join(key for key, exhibit in FIGURES.items() if exhibit.table == name)
        start = {"table": name, "exhibits": exhibits or "none"}
        if name not in old or name not in new:
            there = [None if name not in tables else "table" for tables in (old, new)]
            rows.append({**start, "row": "the whole table", "column": "", "old": there[0], "new": there[1], "key": ()})
            continue
        rows += [{**start, **cell} for cell in _compare(name, old[name], new[name])]
    return pd.DataFrame(rows, columns=CHANGES)


def compare_files(
    folder: Path, altered: list[str], old: dict[str, pd.DataFrame], new: dict[str, pd.DataFrame]
) -> pd.DataFrame:
    """Every cell in which the tables of a report, or the files beside its figures, differ from those made again.

    Parameters
    ----------
    folder : Path
        Of the report.
    altered : list of str
        See `find_altered_files`: only of these files beside figures are the numbers read.
    old, new : dict of str to DataFrame
        As in `compare_tables`.

    Returns
    -------
    DataFrame
        As of `compare_tables`; `table` is the path of the file, where it is one beside a figure.
    """
    parts = [compare_tables(old, new)]
    for figure, exhibit in FIGURES.items():
        name = f"figures/{figure}.csv"
        if name in altered and (folder / name).is_file() and exhibit.table in new:
            there = {exhibit.table: _read_table(exhibit.table, folder / name)}
            found = compare_tables(there, {exhibit.table: new[exhibit.table]})
            parts.append(found.assign(table=name, exhibits=figure))
    return pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)


def _compare(name: str, old: pd.DataFrame, new: pd.DataFrame) -> Iterable[dict[str, Any]]:
    keys = [key for key in _KEYS.get(name, ()) if key in old.columns and key in new.columns]
    one, two = (_index(table, keys).to_dict("index") for table in (old, new))
    columns = [column for column in dict.fromkeys([*old.columns, *new.columns]) if column not in keys]
    for key in sorted(set(one) | set(two), key=lambda value: tuple(map(_order, _tuple(value)))):
        start = {"row": name_row(keys, _tuple(key)), "key": _tuple(key)}
        if key not in one or key not in two:
            there = [None if key not in table else "row" for table in (one, two)]
            yield {**start, "column": "", "old": there[0], "new": there[1]}
            continue
        for column in columns:
            values = [table[key].get(column) for table in (one, two)]
            if not _is_same(*values):
                yield {**start, "column": column, "old": _plain(values[0]), "new": _plain(values[1])}


def _index(table: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """The table by its keys; by the number of the row, where these do not tell its rows apart."""
    if not keys or table.duplicated(keys).any():
        return table.reset_index(drop=True)
    return table.set_index(keys)


def _tuple(key: Any) -> tuple[Any, ...]:
    return key if isinstance(key, tuple) else (key,)


def _order(value: Any) -> tuple[int, Any]:
    """Codes and keys in the order of countries and themes, all others by themselves."""
    for place, names in ((0, list(COUNTRY)), (1, list(THEME))):
        if value in names:
            return place, names.index(value)
    return (2, float(value)) if isinstance(value, int | float | np.number) else (3, str(value))


def name_row(keys: list[str], values: tuple[Any, ...]) -> str:
    """A row in words: names of countries and themes, and other keys as they are.

    >>> name_row(["country", "theme", "method"], ("BE", "voice", "corrected"))
    'Belgium, having a voice, corrected'
    """
    if not keys:
        return f"row {values[0] + 1}"
    words = []
    for value in values:
        if value in THEME:
            label = THEME[value].label
            words.append(label[0].lower() + label[1:])
        else:
            words.append(COUNTRY[value].name if value in COUNTRY else str(value))
    return ", ".join(words)


def _is_same(one: Any, two: Any) -> bool:
    if pd.isna(one) or pd.isna(two):
        return bool(pd.isna(one) and pd.isna(two))
    if isinstance(one, str) or isinstance(two, str) or isinstance(one, bool | np.bool_):
        return bool(one == two)
    return bool(np.isclose(float(one), float(two), rtol=SAME, atol=1e-9))


def _plain(value: Any) -> Any:
    """A value without the types of numpy; None for what is missing."""
    if pd.isna(value):
        return None
    return value.item() if hasattr(value, "item") else value


def write_value(value: Any) -> str:
    """A cell as it is shown.

    >>> write_value(None), write_value(0.12345678), write_value(3)
    ('none', '0.123457', '3')
    """
    if value is None:
        return "none"
    return f"{value:.6g}".replace("-", "−") if isinstance(value, float) else str(value)
