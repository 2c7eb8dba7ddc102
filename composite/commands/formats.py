"""`composite formats`."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from composite.commands.options import app
from composite.terminal import out


@app.command(rich_help_panel="Commands")
def formats(
    name: Annotated[str | None, typer.Argument(help="Say more of this one.", show_default=False)] = None,
) -> None:
    """List the exports of platforms that are read as they are, and what comes of each.

    Examples:

    - `composite formats`
    - `composite formats telegram`
    """
    from composite.posts.platforms import FORMATS, find_format

    if name is None:
        table = Table("name", "what it is", box=None, pad_edge=False)
        for form in FORMATS.values():
            table.add_row(form.name, form.title)
        table.add_row("table", "CSV, TSV, JSONL or Parquet with the columns country, text and more")
        out.print(table)
        return
    form_named = find_format(name)
    if form_named is None:
        out.print("table: any table with the columns country and text; name others with --column THEIRS=OURS")
        return
    out.print(f"{form_named.name}: {form_named.title}")
    for head, text in (
        ("how to get it", form_named.how),
        ("columns", ", ".join(form_named.columns)),
        ("missing", form_named.lacks),
    ):
        out.print(f"  {head}: {escape(text.replace('`', '').replace('*', ''))}")
