"""`composite sample` and `composite agree`: what people code, and how well they agree."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

import composite as cp
from composite.codebook.contract import is_among
from composite.commands.masking import MaskKeep, MaskKey, MaskPeople, mask_given
from composite.commands.options import (
    Accounts,
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
    check_file,
    keep_rejected,
    read_given,
    read_strictly,
)
from composite.errors import CompositeError, count, require_known
from composite.files import write_table
from composite.terminal import out, show_progress


@app.command(rich_help_panel="Commands")
def sample(
    ctx: typer.Context,
    posts: Posts = None,
    n: Annotated[int, typer.Option("--n", help="Posts to draw.", min=1)] = 600,
    out_file: Annotated[
        Path | None, typer.Option("--out", help="File for coders. [default: to_code, with the form's ending]")
    ] = None,
    to: Annotated[str, typer.Option("--to", help="csv, xlsx, label-studio or doccano.", metavar="FORM")] = "csv",
    seed: Annotated[int, typer.Option(help="Same seed, same posts.", min=0)] = 0,
    accounts: Accounts = None,
    labels: Annotated[
        Path | None, typer.Option(help="Labels of these posts (.parquet of `composite label`); else made now.")
    ] = None,
    strata: Annotated[
        list[str] | None,
        typer.Option(
            "--stratum", help="Stratify by this column (again for more). [default: country, agency, predicted]"
        ),
    ] = None,
    minimum: Annotated[int, typer.Option(help="Posts from every stratum, if it has so many.", min=1)] = 2,
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
) -> None:
    """Draw a probability sample of posts to code, as files for coders, with the codebook.

    The sheet has the text, empty columns for the nine themes, the primary theme and the coder, and the probability with
    which each post was drawn, which the corrected estimates need. Fill in every line: 0 or 1 for each theme, the
    primary theme (or none), the coder's name. Then give the file to --codings. Posts without an agency are not drawn.
    For Label Studio and doccano there are tasks and a configuration; their exports go to --codings as they are.

    Examples:

    - `composite sample posts.csv --n 600 --seed 1 --out to_code.csv`
    - `composite sample posts.csv --n 600 --seed 1 --to xlsx --out to_code.xlsx`
    """
    if not posts:
        raise CompositeError("name the posts to draw from: composite sample POSTS --n 600 --out to_code.csv")
    from composite.themes.sheets import FORMS, write_coding_files

    require_known([to], FORMS, what="form")
    out_file = out_file or Path(f"to_code{FORMS[to]}")
    check_file(out_file, (FORMS[to],))
    require_known(strata or (), ("predicted", *cp.TABLES["labels"].columns), what="stratum")
    registry = read_strictly(cp.read_accounts, accounts, encoding)
    read = mask_given(read_given(posts, ctx, registry), ctx, registry)
    # a study leaves out what has no agency, and with it codings that were drawn
    posted = read.posts[read.posts["agency"].notna()]
    if posted.empty:
        raise CompositeError("no post has an agency: name the column that has it with --column THEIRS=agency")
    with show_progress() as progress:
        if labels is None:
            table = cp.label_posts(
                cp.load_classifier(), posted.reset_index(drop=True), accounts=registry, progress=progress
            )
        else:
            table = cp.read_table("labels", labels)
            table = table[is_among(table["post_id"], posted["post_id"])]
    options: dict[str, Any] = {} if strata is None else {"strata": tuple(strata)}
    drawn = cp.draw_coding_sample(table, n, seed=seed, minimum=minimum, **options)
    written = write_coding_files(cp.make_coding_sheet(drawn, read.posts), out_file, to=to)
    keep_rejected(read, out_file)
    out.print(f"{count(len(drawn), 'post')} to code (strata: {drawn['stratum'].nunique():,}): {escape(str(out_file))}")
    for path in written[1:]:
        out.print(f"with it: {escape(str(path))}")


@app.command(rich_help_panel="Commands")
def agree(
    codings: Annotated[list[Path], typer.Argument(help="Codes of two or more coders: one file, or one of each coder.")],
    posts: Annotated[Path | None, typer.Option(help="The posts, for --by.")] = None,
    by: Annotated[str | None, typer.Option(help="A column of the posts, such as language or country.")] = None,
    out_file: Annotated[
        Path | None, typer.Option("--out", help="CSV of the table agreement.", show_default=False)
    ] = None,
    level: Level = 0.95,
    seed: Annotated[int, typer.Option(help="Of the bootstrap.", min=0)] = 0,
    encoding: Encoding = "utf-8",
) -> None:
    """Measure how well coders agree: Krippendorff's alpha of every theme, with intervals.

    Adjudicated codes are no coder's and are left out.

    Examples:

    - `composite agree coded.csv`
    - `composite agree anna.xlsx ben.xlsx --posts posts.csv --by language --out agreement.csv`
    """
    if out_file is not None:
        check_file(out_file, (".csv", ".parquet"))
    import pandas as pd

    if by is not None and posts is None:
        raise CompositeError(f"--by {by} is a column of the posts: name them with --posts FILE")
    coded = pd.concat([cp.read_codings(path, encoding=encoding) for path in codings], ignore_index=True)
    twice = coded[coded.duplicated(["post_id", "coder"])]
    if len(twice):
        row = twice.iloc[0]
        raise CompositeError(
            f"coder {row['coder']!r} coded post {row['post_id']!r} in two of the files: leave one of the two out"
        )
    table = cp.scan_posts([str(posts)], encoding=encoding).posts if posts is not None else None
    found = cp.measure_agreement(coded, table, by=by, level=level, seed=seed)
    heads = ("group", "theme", "posts", "agreement", "alpha", f"{100 * level:g} % interval")
    shown = Table(*heads, box=None, pad_edge=False)
    for row in found.itertuples():
        missing = pd.isna(row.alpha)
        span = "" if pd.isna(row.low) else f"{row.low:.2f} to {row.high:.2f}"
        shown.add_row(
            escape(str(row.group)),
            str(row.theme),
            f"{row.n_posts:,}",
            f"{row.agreement:.2f}",
            "all alike" if missing else f"{row.alpha:.2f}",
            span,
        )
    out.print(shown)
    if out_file is not None:
        out.print(f"Table: {escape(str(write_table(out_file, found)))}")
