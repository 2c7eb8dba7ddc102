"""`composite figures`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

import composite as cp
from composite.commands.options import (
    app,
)
from composite.errors import CompositeError, require_known
from composite.files import write_whole
from composite.terminal import out

if TYPE_CHECKING:
    pass


@app.command(rich_help_panel="Commands")
def figures(
    source: Annotated[Path, typer.Argument(help="Folder of a report.")] = Path("reports"),
    only: Annotated[list[str] | None, typer.Option(help="Only this figure (again for more).", metavar="FIGURE")] = None,
    form: Annotated[str, typer.Option("--format", help="svg, png (300 dpi) or pdf.")] = "pdf",
    out_folder: Annotated[
        Path | None, typer.Option("--out", help="Folder. [default: figures in that of the report]")
    ] = None,
    show: Annotated[bool, typer.Option("--list", help="List the figures that there are.")] = False,
) -> None:
    """Draw the figures of a report again, from its tables, in the format that you need.

    Examples:

    - `composite figures --list`
    - `composite figures reports --only shares --format pdf --out slides`
    """
    from composite.report.drawing import FORMATS, render
    from composite.report.figures import FIGURES

    if show:
        table = Table("name", "shows", "table", box=None, pad_edge=False)
        for name, exhibit in FIGURES.items():
            table.add_row(name, exhibit.title, exhibit.table)
        out.print(table)
        return
    require_known(only or (), FIGURES, what="figure")
    require_known([form], FORMATS, what="figure format")
    folder = out_folder or source / "figures"
    drawn = 0
    for name in only or FIGURES:
        exhibit = FIGURES[name]
        file = source / "tables" / f"{exhibit.table}.csv"
        if not file.is_file() and only:
            raise CompositeError(f"{str(source)!r} holds no table {exhibit.table!r} of a report to draw {name!r} from")
        if file.is_file():
            figure = exhibit.draw(cp.read_table(exhibit.table, file))
            out.print(escape(str(write_whole(folder / f"{name}.{form}", render(figure, form)))))
            drawn += 1
    if not drawn:
        raise CompositeError(f"{str(source)!r} is not the folder of a report: make one with composite study --out DIR")
