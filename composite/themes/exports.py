"""Codes back from where they were given: workbooks, Label Studio and doccano → a table of strings."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pandas as pd

from composite.codebook.themes import THEME_KEYS
from composite.errors import CompositeError, require_known
from composite.posts.text import clean_text
from composite.themes.sheets import NONE, PRIMARY_MARK


def read_workbook(file: Path) -> pd.DataFrame:
    """The first sheet of an Excel file as strings; the index is the row of the sheet.

    Raises
    ------
    CompositeError
        If it is no Excel file, or has no lines.
    """
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(file, read_only=True, data_only=True)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, OSError) as error:
        raise CompositeError(f"{file.name!r} is not an Excel workbook ({error}): save it as .xlsx again") from error
    rows = list(book.worksheets[0].iter_rows(values_only=True))
    book.close()
    if not rows or not any(rows[0]):
        raise CompositeError(f"{file.name!r} has no header in the first row of its first sheet")
    names = [str(name) if name is not None else f"column {number}" for number, name in enumerate(rows[0], 1)]
    lines, numbers = [], []
    for number, row in enumerate(rows[1:], 2):
        if any(cell is not None for cell in row):
            lines.append([_from_cell(cell) for cell in row])
            numbers.append(number)
    if not lines:
        raise CompositeError(f"{file.name!r} has a header and no lines")
    return pd.DataFrame(lines, columns=names, index=numbers, dtype="str")


def _from_cell(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return clean_text(str(value)) or None


def read_label_studio(file: Path, encoding: str) -> pd.DataFrame:
    """Codes of a JSON export of Label Studio as strings; the index is the number of the task, from 1.

    Raises
    ------
    CompositeError
        If it is no such export, or an annotation names an unknown theme.
    """
    try:
        tasks = json.loads(file.read_text(encoding))
    except (ValueError, RecursionError, OSError) as error:
        raise CompositeError(
            f"{file.name!r} is not JSON ({str(error)[:80]}): export it from Label Studio again"
        ) from None
    if not isinstance(tasks, list) or not all(isinstance(task, dict) for task in tasks):
        raise CompositeError(f"{file.name!r} is not an export of Label Studio: choose the format JSON there")
    rows, numbers = [], []
    for number, task in enumerate(tasks, 1):
        data = task.get("data") or {}
        for annotation in task.get("annotations") or []:
            if not isinstance(annotation, dict) or annotation.get("was_cancelled"):
                continue
            whose = annotation.get("completed_by")
            coder = whose.get("email") or whose.get("id") if isinstance(whose, dict) else whose
            picked: dict[str, list[str]] = {"themes": [], "primary": []}
            for result in annotation.get("result") or []:
                if isinstance(result, dict) and result.get("from_name") in picked:
                    picked[result["from_name"]] += (result.get("value") or {}).get("choices") or []
            where = f"{file.name}, task {number}, coder {coder!r}"
            rows.append(_make_row(data, str(coder) if coder is not None else None, picked, where))
            numbers.append(number)
    if not rows:
        raise CompositeError(f"{file.name!r} has no annotations: export the project after coding, in the format JSON")
    return pd.DataFrame(rows, index=numbers, dtype="str")


def read_doccano(records: list[tuple[int, dict[str, Any]]], file: Path) -> pd.DataFrame:
    """Codes of a JSONL export of doccano as strings; the index is the line.

    doccano exports a file an annotator, named after them: where a line names no `coder`, the file's name does.

    Raises
    ------
    CompositeError
        If a line has an unknown label.
    """
    rows, numbers = [], []
    for number, fields in records:
        labels = fields.get("label") or []
        where = f"{file.name}, line {number}"
        if not isinstance(labels, list) or not all(isinstance(label, str) for label in labels):
            raise CompositeError(
                f"{where}: 'label' is {str(labels)[:60]!r}: doccano writes a list of label names there"
            )
        picked = {
            "themes": [label for label in labels if not label.startswith(PRIMARY_MARK)],
            "primary": [label.removeprefix(PRIMARY_MARK) for label in labels if label.startswith(PRIMARY_MARK)],
        }
        coder = fields.get("coder")
        rows.append(_make_row(fields, str(coder) if coder else file.name.split(".")[0], picked, where))
        numbers.append(number)
    return pd.DataFrame(rows, index=numbers, dtype="str")


def _make_row(
    data: dict[str, Any], coder: str | None, picked: dict[str, list[str]], where: str
) -> dict[str, str | None]:
    """A row of strings as a coding sheet has it; one theme needs no primary, none is `none`."""
    themes = list(dict.fromkeys(picked["themes"]))
    try:
        require_known(themes, THEME_KEYS, what="theme")
        require_known(picked["primary"], (*THEME_KEYS, NONE), what="primary theme")
    except CompositeError as error:
        raise CompositeError(f"{where}: {error}") from None
    if len(set(picked["primary"])) > 1:
        raise CompositeError(f"{where}: {' and '.join(picked['primary'])} are both primary: leave one")
    primary = next(iter(picked["primary"]), None)
    if primary is None:
        primary = NONE if not themes else themes[0] if len(themes) == 1 else None
    row: dict[str, str | None] = {
        str(name): None if value is None else clean_text(str(value)) or None
        for name, value in data.items()
        if name not in ("label", *THEME_KEYS)
    }
    return {**row, "coder": coder, "primary": primary, **{key: str(int(key in themes)) for key in THEME_KEYS}}
