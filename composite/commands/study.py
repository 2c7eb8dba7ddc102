"""`composite study`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

import composite as cp
from composite.commands.capitals import Corpora, LeaveOut, is_capitals, leave_out, read_capitals_study
from composite.commands.masking import MaskKeep, MaskKey, MaskPeople, mask_given
from composite.commands.options import (
    Accounts,
    Audience,
    Coder,
    Codings,
    Column,
    DateFormat,
    Encoding,
    Format,
    Level,
    Mask,
    Posts,
    Set,
    Timezone,
    app,
    choose_figures,
    keep_unmatched,
    read_given,
    read_strictly,
)
from composite.errors import CompositeError
from composite.files import make_folder
from composite.terminal import err, out, say_notes, show_progress

if TYPE_CHECKING:
    import pandas as pd


MASKS = ("mask_handles", "mask")


@app.command(rich_help_panel="Commands")
def study(
    ctx: typer.Context,
    posts: Posts = None,
    codings: Codings = None,
    accounts: Accounts = None,
    audience: Audience = None,
    out_folder: Annotated[Path, typer.Option("--out", help="Folder of the report.")] = Path("reports"),
    only: Annotated[list[str] | None, typer.Option(help="Only this figure (again for more).", metavar="FIGURE")] = None,
    report_format: Annotated[
        list[str] | None, typer.Option(help="html, docx or pdf (again for more). [default: all]", metavar="FORMAT")
    ] = None,
    coder: Coder = None,
    level: Level = 0.95,
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
) -> None:
    """Make the whole study: labels, estimates, figures and the report.

    Without POSTS it studies the illustrative corpus that ships. With --codings, shares are corrected for the
    classifier's errors; without, the report says that they are not. The word capitals in place of POSTS stands for the
    police of seven cities, which `composite fetch capitals` brings; codings of them ship.

    Examples:

    - `composite study`
    - `composite study posts.csv --codings coded.csv --out report`
    - `composite study tweets.jsonl.gz --column created_at=published --set country=NL`
    - `composite study exports --accounts accounts.csv`
    - `composite fetch capitals`, then `composite study capitals --out cities`
    """
    from composite.adoption.shares import check_level
    from composite.report.document import REPORTS, choose_formats

    only = choose_figures(only) if only else None
    formats = choose_formats(report_format or REPORTS)
    check_level(level)
    make_folder(out_folder)
    read, coded, registry, counts = read_inputs(ctx, posts, codings, accounts, audience)
    with show_progress() as progress:
        result = cp.run_study(
            read.posts,
            coded,
            accounts=registry,
            audience=counts,
            rejected=read.rejected,
            out=out_folder,
            coder=coder,
            level=level,
            only=only,
            formats=formats,
            notes=read.notes,
            progress=progress,
        )
    say_notes(note for note in result.notes if note not in read.notes)
    if len(read.rejected):
        err.print(f"Rows set aside are in {escape(str(out_folder / 'rejected.csv'))}.")
    keep_unmatched(read, out_folder / "unmatched_accounts.csv")
    if len(formats) > 1:
        err.print(f"Beside it: {', '.join(REPORTS[form] for form in formats[1:])}.")
    out.print(f"Report: {escape(str(result.report))}")


def read_inputs(
    ctx: typer.Context, posts: list[Path] | None, codings: Path | None, accounts: Path | None, audience: Path | None
) -> tuple[cp.ReadResult, pd.DataFrame | None, pd.DataFrame | None, pd.DataFrame | None]:
    """Posts, codings, accounts and followers that a study is of: what was named, else the corpus that ships."""
    capitals = is_capitals(posts)
    if not posts or capitals:
        options = ("codings", "column", "set_value", "timezone", "date_format", "encoding", "format", *MASKS)
        sources = {name: ctx.get_parameter_source(name) for name in options}
        given = [name for name, source in sources.items() if source is not None and source.name == "COMMANDLINE"]
        given = [name for name in given if not (capitals and name == "codings")]
        if given:
            option = f"--{given[0].removesuffix('_value').replace('_', '-')}"
            words = "check DIR" if ctx.command.name == "check" else ctx.command.name
            raise CompositeError(f"{option} goes with posts of your own: composite {words} POSTS {option} …")
    if not posts:
        posts, codings = [cp.CORPUS / "posts.csv"], cp.CORPUS / "codings.csv"
        accounts = accounts or cp.CORPUS / "accounts.csv"
        counted = cp.CORPUS / "followers.csv"
        audience = audience or (counted if counted.is_file() else None)
        err.print(
            "No posts were given: this is the study of the [bold]illustrative corpus[/], whose posts are invented."
        )
    encoding = ctx.params["encoding"]
    coded = read_strictly(cp.read_codings, codings, encoding)
    registry = read_strictly(cp.read_accounts, accounts, encoding)
    counts = read_strictly(cp.read_audience, audience, encoding)
    if capitals:
        read, coded, cities, followers = read_capitals_study(ctx.params["corpora"], coded)
        registry = cities if registry is None else registry
        counts = followers if counts is None else counts
    else:
        read = mask_given(read_given(posts, ctx, registry), ctx, registry)
    return leave_out(read, ctx.params["leave_out_file"]), coded, registry, counts
