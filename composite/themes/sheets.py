"""Files for coders, with the codebook beside or in them: spreadsheets, Label Studio and doccano."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import pandas as pd

from composite.codebook.countries import LANGUAGES
from composite.codebook.guide import write_guide
from composite.codebook.rules import RULES
from composite.codebook.themes import THEME_KEYS, THEMES
from composite.errors import CompositeError, require_known
from composite.files import guard_table, write_table, write_whole

# form → the ending of its file
FORMS = {"csv": ".csv", "xlsx": ".xlsx", "label-studio": ".json", "doccano": ".jsonl"}
CONTEXT = ("post_id", "country", "language", "agency", "account", "published")
PRIMARY_MARK = "primary: "  # doccano has one kind of label: these name the main purpose
NONE = "none"


def write_coding_files(sheet: pd.DataFrame, path: str | Path, *, to: str = "csv") -> list[Path]:
    """The files that coders need, written; the first is the one to code in, the last the codebook.

    Parameters
    ----------
    sheet : DataFrame
        Of `make_coding_sheet`.
    path : str or Path
        Of the file to code in; its ending is that of the form.
    to : {"csv", "xlsx", "label-studio", "doccano"}
        `xlsx` has the codebook as a second sheet and refuses other codes than 0 and 1. `label-studio` gets its tasks
        and a labelling configuration, `doccano` its texts and a label set; both are imported as they are.

    Raises
    ------
    CompositeError
        If the form is unknown or the ending is not its own.
    """
    require_known([to], FORMS, what="form")
    file = Path(path)
    if file.suffix.lower() != FORMS[to]:
        raise CompositeError(f"--out {file.name!r}: a file for {to} ends in {FORMS[to]}")
    present = set(sheet["language"].dropna())
    languages = [language for language in LANGUAGES if language in present] or ["en"]
    written = _WRITERS[to](sheet, file, languages)
    return [*written, write_whole(file.with_name(f"{file.stem}.codebook.md"), write_guide(languages))]


def _write_csv(sheet: pd.DataFrame, file: Path, languages: list[str]) -> list[Path]:
    return [write_table(file, sheet)]


def _write_xlsx(sheet: pd.DataFrame, file: Path, languages: list[str]) -> list[Path]:
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    book = Workbook()
    page: Any = book.active
    page.title = "codes"
    page.append(list(sheet.columns))
    for row in guard_table(sheet).itertuples(index=False):
        page.append([None if pd.isna(value) else _to_cell(value) for value in row])
    codes = DataValidation(type="list", formula1='"0,1"', allow_blank=True, showErrorMessage=True)
    codes.error, codes.errorTitle = "Write 1 if the post has the theme, else 0.", "0 or 1"
    mains = DataValidation(type="list", formula1="lists!$A$1:$A$10", allow_blank=True, showErrorMessage=True)
    mains.error, mains.errorTitle = "Name a theme that you coded 1, or none.", "primary"
    last = len(sheet) + 1
    for number, column in enumerate(sheet.columns, 1):
        letter = get_column_letter(number)
        cell = page.cell(1, number)
        cell.font, cell.alignment = Font(bold=True), Alignment(wrap_text=True, vertical="top")
        page.column_dimensions[letter].width = 60 if column == "text" else 13
        if column in THEME_KEYS:
            codes.add(f"{letter}2:{letter}{last}")
        if column == "primary":
            mains.add(f"{letter}2:{letter}{last}")
        if column == "text":
            for line in range(2, last + 1):
                page.cell(line, number).alignment = Alignment(wrap_text=True, vertical="top")
    page.add_data_validation(codes)
    page.add_data_validation(mains)
    page.freeze_panes = "B2"
    guide = book.create_sheet("codebook")
    guide.append(["key", "theme", "code it when the post …", "do not code it when …"])
    for theme in THEMES:
        guide.append([theme.key, theme.label, theme.definition, theme.exclusion])
    for number, rule in enumerate(RULES, 1):
        guide.append([f"rule {number}", rule.title, rule.text])
    for column, width in zip("ABCD", (22, 30, 80, 60), strict=True):
        guide.column_dimensions[column].width = width
        for cell in guide[column]:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    lists = book.create_sheet("lists")
    for key in (*THEME_KEYS, NONE):
        lists.append([key])
    lists.sheet_state = "hidden"
    return [write_whole(file, _save_book(book))]


def _to_cell(value: Any) -> Any:
    return value.isoformat() if isinstance(value, pd.Timestamp) else value


def _save_book(book: Any) -> bytes:
    """The bytes of a workbook, without the time of day that openpyxl writes into it."""
    stream, clean = io.BytesIO(), io.BytesIO()
    book.save(stream)
    with zipfile.ZipFile(stream) as made, zipfile.ZipFile(clean, "w", zipfile.ZIP_DEFLATED) as out:
        for name in sorted(made.namelist()):
            data = made.read(name)
            if name == "docProps/core.xml":
                data = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", b"2000-01-01T00:00:00Z", data)
            out.writestr(zipfile.ZipInfo(name, (2000, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)
    return clean.getvalue()


def _list_tasks(sheet: pd.DataFrame) -> list[dict[str, Any]]:
    """One dictionary a post, with text, context and the probability of its having been drawn."""
    columns = [*CONTEXT, "text", "sampling_probability", "stratum"]
    tasks = []
    for row in sheet[columns].to_dict("records"):
        tasks.append({str(name): _to_cell(value) for name, value in row.items() if not pd.isna(value)})
    return tasks


def _write_label_studio(sheet: pd.DataFrame, file: Path, languages: list[str]) -> list[Path]:
    tasks = _list_tasks(sheet)
    for task in tasks:
        given = [str(task[name]) for name in CONTEXT[1:] if name in task]
        task["context"] = " · ".join(given)
    choices = "\n".join(
        f"    <Choice value={quoteattr(theme.key)} alias={quoteattr(theme.key)} "
        f"hint={quoteattr(f'{theme.label}: {theme.definition}. Not when {theme.exclusion}.')}/>"
        for theme in THEMES
    )
    mains = "\n".join(f"    <Choice value={quoteattr(key)}/>" for key in (*THEME_KEYS, NONE))
    rules = "\n".join(
        f'      <Header size="6" value={quoteattr(f"{n}. {rule.title}. {rule.text}")}/>'
        for n, rule in enumerate(RULES, 1)
    )
    config = f"""<View>
  <Header size="5" value="$context"/>
  <Text name="text" value="$text"/>
  <Header value="Every theme that the post has"/>
  <Choices name="themes" toName="text" choice="multiple" showInline="false">
{choices}
  </Choices>
  <Header value="Its primary purpose"/>
  <Choices name="primary" toName="text" choice="single" required="true" showInline="true">
{mains}
  </Choices>
  <Collapse>
    <Panel value="Decision rules">
{rules}
    </Panel>
  </Collapse>
</View>
"""
    body = json.dumps([{"data": task} for task in tasks], ensure_ascii=False, indent=1) + "\n"
    return [write_whole(file, body), write_whole(file.with_name(f"{file.stem}.config.xml"), config)]


def _write_doccano(sheet: pd.DataFrame, file: Path, languages: list[str]) -> list[Path]:
    lines = [json.dumps({**task, "label": []}, ensure_ascii=False) for task in _list_tasks(sheet)]
    labels: list[dict[str, str | None]] = [
        {
            "text": theme.key,
            "suffix_key": str(number),
            "background_color": theme.colour,
            "text_color": "#000000" if _is_light(theme.colour) else "#ffffff",
        }
        for number, theme in enumerate(THEMES, 1)
    ]
    labels += [
        {"text": PRIMARY_MARK + key, "suffix_key": None, "background_color": "#dddddd", "text_color": "#000000"}
        for key in (*THEME_KEYS, NONE)
    ]
    body = json.dumps(labels, indent=1) + "\n"
    return [
        write_whole(file, "\n".join(lines) + "\n"),
        write_whole(file.with_name(f"{file.stem}.labels.json"), body),
    ]


def _is_light(colour: str) -> bool:
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return 0.299 * red + 0.587 * green + 0.114 * blue > 140


_WRITERS: dict[str, Callable[[pd.DataFrame, Path, list[str]], list[Path]]] = {
    "csv": _write_csv,
    "xlsx": _write_xlsx,
    "label-studio": _write_label_studio,
    "doccano": _write_doccano,
}
