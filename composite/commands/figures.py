"""`composite figures`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

import composite as cp
from composite.commands.options import (
    app,
    choose_figures,
)
from composite.errors import CompositeError, require_known
from composite.files import write_whole
from composite.terminal import out


@app.command(rich_help_panel="Commands")
def figures(
    source: Annotated[Path, typer.Argument(help="Folder of a report.")] = Path("reports"),
    only: Annotated[list[str] | None, typer.Option(help="Only this figure (again for more).", metavar="FIGURE")] = None,
    form: Annotated[
        list[str] | None,
        typer.Option("--format", help="svg, png (300 dpi) or pdf (again for more). [default: pdf]", metavar="FORMAT"),
    ] = None,
    size: Annotated[str, typer.Option(help="page (as wide as A4's text) or slide (16:9, large type).")] = "page",
    title: Annotated[
        str | None, typer.Option(help="Above the figure; '' for none. [default: what the table says]", metavar="TEXT")
    ] = None,
    language: Annotated[str, typer.Option(help="Of the labels: en, de or fr.")] = "en",
    colours: Annotated[
        Path | None, typer.Option(help="TOML file of an institution's colours and font (see Examples).")
    ] = None,
    out_folder: Annotated[
        Path | None, typer.Option("--out", help="Folder. [default: figures in that of the report]")
    ] = None,
    show: Annotated[bool, typer.Option("--list", help="List the figures that there are.")] = False,
) -> None:
    """Draw the figures of a report again, from its tables, as you need them.

    The file of colours has lines like `voice = "#88CCEE"`: any of the nine themes, `ink`, `grey`, `accent`, `second`,
    and `font`. Figures in another size or language than the report's are written beside it, with both in their names,
    unless --out names a folder.

    Examples:

    - `composite figures --list`
    - `composite figures reports --only shares --format pdf --out slides`
    - `composite figures --only ranks --format svg --size slide --title "Who leads?" --language de --colours brand.toml`
    """
    from composite.report.catalogue import LANGUAGES
    from composite.report.colours import Colours, read_colours
    from composite.report.drawing import FORMATS, render
    from composite.report.figures import FIGURES
    from composite.report.look import SIZES, Look
    from composite.report.manifest import NAME, find_altered

    if show:
        table = Table("name", "shows", "table", box=None, pad_edge=False)
        for name, exhibit in FIGURES.items():
            table.add_row(name, exhibit.title, exhibit.table)
        out.print(table)
        return
    names, forms = choose_figures(only), list(dict.fromkeys(form or ["pdf"]))
    require_known(forms, FORMATS, what="figure format")
    require_known([size], SIZES, what="size")
    require_known([language], LANGUAGES, what="language of labels")
    if title is not None and len(names) > 1:
        raise CompositeError("--title is of one figure: name it with --only")
    look = Look(size, language, title, Colours() if colours is None else read_colours(colours))
    if not source.is_dir():
        raise CompositeError(f"there is no folder {str(source)!r}: name that of a report (composite study --out DIR)")
    altered = find_altered(source) if (source / NAME).is_file() else []
    # what is not as in the report does not take the place of the report's own figures
    ending = "" if out_folder or look == Look() else "".join(f".{word}" for word in (size, language))
    folder = out_folder or source / "figures"
    drawn = 0
    for name in names:
        exhibit = FIGURES[name]
        file = source / "tables" / f"{exhibit.table}.csv"
        if not file.is_file() and only:
            raise CompositeError(
                f"the report in {str(source)!r} has no table {exhibit.table!r} to draw {name!r} from: its data did not "
                "allow one (the report says why), or the study was made with other figures only"
            )
        if file.is_file():
            if exhibit.table in altered:
                raise CompositeError(
                    f"{str(file)!r} is not what the study wrote (its checksum differs from that in {NAME}): make the "
                    "study again, or draw your own table in Python with cp.figures"
                )
            figure = exhibit.draw(cp.read_table(exhibit.table, file), look=look)
            for kind in forms:
                out.print(escape(str(write_whole(folder / f"{name}{ending}.{kind}", render(figure, kind)))))
            drawn += 1
    if not drawn:
        raise CompositeError(f"{str(source)!r} is not the folder of a report: make one with composite study --out DIR")
