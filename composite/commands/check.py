"""`composite check` and `composite diff`: whether a report can be made again, and what changed between two."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

import composite as cp
from composite.commands.capitals import Corpora, LeaveOut
from composite.commands.masking import MaskKeep, MaskKey, MaskPeople
from composite.commands.options import (
    Accounts,
    Audience,
    Codings,
    Column,
    DateFormat,
    Encoding,
    Format,
    Mask,
    Set,
    Timezone,
    app,
    check_file,
)
from composite.commands.study import read_inputs
from composite.errors import CompositeError, agree, count
from composite.files import write_table
from composite.terminal import err, out, show_progress

if TYPE_CHECKING:
    import pandas as pd

MOST = 20


@app.command(rich_help_panel="Commands")
def check(
    ctx: typer.Context,
    source: Annotated[Path, typer.Argument(help="Folder of a report.", metavar="DIR")] = Path("reports"),
    posts: Annotated[
        list[Path] | None, typer.Argument(help="The posts it was made from, if not the corpus that ships.")
    ] = None,
    codings: Codings = None,
    accounts: Accounts = None,
    audience: Audience = None,
    column: Column = None,
    set_value: Set = None,
    timezone: Timezone = "UTC",
    date_format: DateFormat = None,
    encoding: Encoding = "utf-8",
    format: Format = None,
    mask_handles: Mask = False,
    mask: MaskPeople = False,
    mask_key: MaskKey = None,
    mask_keep: MaskKeep = None,
    corpora: Corpora = None,
    leave_out_file: LeaveOut = None,
    out_file: Annotated[Path | None, typer.Option("--out", help="CSV of all cells that differ.")] = None,
) -> None:
    """Make the study of a report again and compare every number; exit code 1 if one differs.

    The level, the coder and the figures are those of the report; posts and other files are named as for `composite
    study`, and their checksums are compared with the manifest's. Numbers are the same if they agree in six digits.

    Examples:

    - `composite check reports`
    - `composite check report posts.csv --codings coded.csv`
    """
    from composite.report.compare import compare_files, list_settings, read_report, write_value
    from composite.report.manifest import find_altered_files
    from composite.report.origins import explain_inputs, refuse

    if out_file is not None:
        check_file(out_file, (".csv",))
    old = read_report(source)
    manifest = old.manifest
    if manifest.get("classifier") == "given":
        raise CompositeError(
            "this report was made in Python with a classifier of its own: check it there, by run_study"
        )
    read, coded, registry, counts = read_inputs(ctx, posts, codings, accounts, audience)
    inputs = {"posts": read.posts, "codings": coded, "accounts": registry, "audience": counts}
    # of other data every number is another: to list them all would help nobody
    if others := explain_inputs(manifest, inputs):
        raise CompositeError(refuse(str(source), manifest, others, shipped=not posts))
    altered = find_altered_files(source)
    for name in altered:
        what = "is not what the study wrote: its checksum is another" if (source / name).is_file() else "is missing"
        err.print(f"[yellow]note:[/] {escape(name)} {what}")
    with tempfile.TemporaryDirectory(prefix="composite.") as folder, show_progress() as progress:
        cp.run_study(
            read.posts,
            coded,
            accounts=registry,
            audience=counts,
            out=folder,
            coder=manifest.get("coder"),
            level=manifest.get("level", 0.95),
            only=["shares"],  # all tables are made whatever is drawn
            formats=("html",),
            progress=progress,
        )
        new = read_report(folder)
    for line in list_settings(manifest, new.manifest):
        err.print(f"[yellow]note:[/] not as in the manifest: {escape(line)}")
    changes = compare_files(source, altered, old.tables, new.tables)
    _keep(out_file, changes)
    # a Word file is there to be edited
    altered = [name for name in altered if not (name.endswith(".docx") and (source / name).is_file())]
    if changes.empty and not altered:
        out.print(f"The same: {count(len(new.tables), 'table')} of {escape(str(source))} made again.")
        return
    for row in changes.head(MOST).itertuples():
        where = f"figure {row.exhibits}, table {row.table}, {row.row}" + (f", {row.column}" if row.column else "")
        out.print(escape(f"{where}: {write_value(row.old)} in the report, {write_value(row.new)} made again"))
    if len(changes) > MOST:
        out.print(f"… and {count(len(changes) - MOST, 'more cell')}: composite check --out FILE lists all.")
    said = []
    if len(changes):
        tables = ", ".join(dict.fromkeys(changes["table"]))
        said.append(f"{count(len(changes), 'cell')} {agree(len(changes), 'differs', 'differ')} ({tables})")
    known = {name for table in changes["table"] for name in (f"tables/{table}.csv", table)}
    said += [f"{name} is missing or was altered" for name in altered if name not in known]
    raise CompositeError(f"the report is not what the study makes now: {'; '.join(said)}")


@app.command(rich_help_panel="Commands")
def diff(
    old: Annotated[Path, typer.Argument(help="Folder of a report.")],
    new: Annotated[Path, typer.Argument(help="Folder of another, or of the same made later.")],
    out_file: Annotated[Path | None, typer.Option("--out", help="CSV of all cells that differ.")] = None,
) -> None:
    """Say what changed between two reports: figures, inputs, versions, and the largest changes of the numbers.

    The exit code is 0 whether anything changed or not.

    Examples:

    - `composite diff reports-2024 reports-2025`
    - `composite diff old new --out changes.csv`
    """
    from composite.report.changes import describe_changes
    from composite.report.compare import compare_tables, read_report

    if out_file is not None:
        check_file(out_file, (".csv",))
    one, two = read_report(old), read_report(new)
    for line in describe_changes(one, two):
        out.print(escape(line))
    if out_file is not None:
        _keep(out_file, compare_tables(one.tables, two.tables))


def _keep(file: Path | None, changes: pd.DataFrame) -> None:
    if file is not None:
        err.print(f"All cells that differ: {escape(str(write_table(file, changes.drop(columns='key'))))}")
