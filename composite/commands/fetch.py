"""`composite fetch`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

import composite as cp
from composite.commands.options import app
from composite.errors import CompositeError, count, require_known
from composite.terminal import err, out, show_progress


@app.command(rich_help_panel="Commands")
def fetch(
    names: Annotated[
        list[str] | None, typer.Argument(help="Corpora to bring, see --list.", metavar="NAME…", show_default=False)
    ] = None,
    to: Annotated[
        Path | None,
        typer.Option(help="Folder of the corpora. [default: $COMPOSITE_CORPORA, or the user's cache]"),
    ] = None,
    show_list: Annotated[bool, typer.Option("--list", help="Show the corpora and what they are, and end.")] = False,
    address: Annotated[
        str | None,
        typer.Option(help="Where the repositories are. [default: $COMPOSITE_CORPORA_ADDRESS, or GitHub]"),
    ] = None,
    timeout: Annotated[float, typer.Option(help="Seconds to wait for an answer.")] = 30.0,
    retries: Annotated[int, typer.Option(help="More attempts at each file.")] = 2,
) -> None:
    """Bring public corpora of police posts from their own addresses, each file checked by its SHA-256.

    Files that are there and right are not downloaded again. A download that broke off goes on where it stopped, where
    the server can do that. No corpus comes with this program, and none of them states a licence: read its sheet,
    and docs/ethics.md, before you use it.

    Examples:

    - `composite fetch --list`
    - `composite fetch capitals`, then `composite study capitals`
    """
    if show_list:
        _show_sheets(to)
        return
    if not names:
        raise CompositeError(f"name a corpus ({', '.join(cp.CORPORA)}): composite fetch NAME; --list shows them")
    require_known(names, cp.CORPORA, what="corpus")
    for name in names:
        with show_progress() as progress:
            paths = cp.fetch_corpus(name, to=to, address=address, timeout=timeout, retries=retries, progress=progress)
        corpus = cp.CORPORA[name]
        err.print(f"{escape(corpus.title)}. Licence: {corpus.licence}. To cite: {escape(corpus.cite)}")
        out.print(f"{name}: {count(len(paths), 'file')} in {escape(str(paths[0].parent))}")


def _show_sheets(to: Path | None) -> None:
    """Print the sheet of every corpus, and whether its files are in the folder."""
    from composite.posts.fetch import find_folder, is_right

    folder = find_folder(to)
    for name, corpus in cp.CORPORA.items():
        here = sum(is_right(folder / name / part.name, part) for part in corpus.files)
        size = sum(part.bytes for part in corpus.files) / 1e6
        state = "fetched" if here == len(corpus.files) else f"{here} of {count(len(corpus.files), 'file')} fetched"
        out.print(f"[bold]{name}[/]  {escape(corpus.title)}  ({size:.1f} MB, {state})")
        for what in ("who", "when", "what", "language", "licence", "cite"):
            out.print(f"  {what}: {escape(getattr(corpus, what))}")
        for flaw in corpus.flaws:
            out.print(f"  mind: {escape(flaw)}")
