"""`composite share`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

import composite as cp
from composite.codebook.contract import RUN
from composite.commands.options import Accounts, Codings, Encoding, app, read_strictly
from composite.errors import CompositeError, count
from composite.terminal import err, out, say_notes

LICENCES = ("CC0-1.0", "CC-BY-4.0", "CC-BY-SA-4.0", "CC-BY-NC-4.0", "ODbL-1.0", "ODC-By-1.0")


@app.command(rich_help_panel="Commands")
def share(
    source: Annotated[
        Path, typer.Argument(help="A report of `composite study`, or labels: a file (.parquet or .csv) or a folder.")
    ],
    out_file: Annotated[
        Path, typer.Option("--out", help="The package: a name that ends in .zip, or a new folder.")
    ] = Path("package.zip"),
    codings: Codings = None,
    accounts: Accounts = None,
    posts: Annotated[
        Path | None,
        typer.Option(help="The posts, for keys of their texts, and to make sure that none of them is in the package."),
    ] = None,
    key: Annotated[
        Path | None,
        typer.Option(
            help="File of a key, made if it is not there: pseudonyms and keys of texts that nobody can guess, the same "
            "each time.",
            metavar="FILE",
        ),
    ] = None,
    keep_ids: Annotated[bool, typer.Option("--keep-ids", help="Keep the platform's identifiers and times.")] = False,
    licence: Annotated[
        str | None, typer.Option(help=f"Under which you publish it: {', '.join(LICENCES)}, or another.")
    ] = None,
    title: Annotated[str, typer.Option(help="Of the data sheet.")] = "What police use social media for",
    encoding: Encoding = "utf-8",
) -> None:
    """Write a package that may be published: identifiers, keys, codings, labels and estimates; no text of a post.

    Only columns that are known to hold no text are written, and the package is searched for texts before it is there.
    Read docs/ethics.md before you publish.

    Examples:

    - `composite share reports --codings coded.csv --posts posts.csv --licence CC-BY-4.0 --out package.zip`
    - `composite share labels.parquet --keep-ids --out package`
    """
    if not source.exists():
        raise CompositeError(f"there is no {str(source)!r}: name a report of `composite study`, or labels")
    report = source if source.is_dir() and not (source / RUN).is_file() else None
    labels = None if report else cp.read_table("labels", source)
    coded = read_strictly(cp.read_codings, codings, encoding)
    registry = read_strictly(cp.read_accounts, accounts, encoding)
    read = None if posts is None else cp.scan_posts(str(posts), encoding=encoding, accounts=registry)
    if read is not None:
        err.print(read.summary)
        say_notes(read.notes)
    package = cp.write_package(
        out_file,
        labels=labels,
        codings=coded,
        accounts=registry,
        posts=None if read is None else read.posts,
        report=report,
        key=None if key is None else cp.read_mask_key(key),
        keep_ids=keep_ids,
        licence=licence,
        title=title,
    )
    say_notes(f"left out: {what}" for what in package.left_out)
    if licence is None:
        err.print("No licence was chosen (--licence): others may read the package and not use it.")
    out.print(f"{count(len(package.files), 'file')}: {escape(str(package.path))}")
