"""The program `composite` itself, the options that several commands have, and how they read and write."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

import composite as cp
from composite.errors import CompositeError, require_known
from composite.files import make_folder, write_table
from composite.terminal import err, out, say_notes

if TYPE_CHECKING:
    import pandas as pd

app = typer.Typer(
    name="composite",
    epilog="Exit codes: 0 done; 1 the input, the value of an option or the output folder is at fault, and the message "
    "says how; 2 there is no such command or option; 130 interrupted.",
    rich_markup_mode="markdown",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _take_source(name: str | Path) -> Path:
    """A path, if it names something: an empty one, of a variable that is not set, would be the current folder."""
    if not str(name).strip():
        raise typer.BadParameter("the name of the file of posts is empty: name a file, a folder or a glob")
    return Path(name)


Posts = Annotated[
    list[Path] | None,
    typer.Argument(
        help="CSV, TSV, JSONL or Parquet (each also .gz), exports of platforms, folders or globs of them.",
        show_default=False,
        parser=_take_source,
        metavar="posts",
    ),
]
Codings = Annotated[
    Path | None, typer.Option(help="CSV of codings (see the data dictionary) with which to train and to correct.")
]
Accounts = Annotated[
    Path | None, typer.Option(help="CSV of accounts: gives posts their agency and country, and the kind of account.")
]
Format = Annotated[
    str | None,
    typer.Option("--format", help="Of the posts, if it is not recognised: see `composite formats`.", metavar="NAME"),
]
Audience = Annotated[Path | None, typer.Option(help="CSV of followers: account, platform, date, followers.")]
Column = Annotated[
    list[str] | None,
    typer.Option(
        help="A column of your files and what we call it: --column created_at=published.", metavar="THEIRS=OURS"
    ),
]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", help="A value for a column that your files lack: --set country=GB.", metavar="OURS=VALUE"),
]
Timezone = Annotated[str, typer.Option(help="Where dates without an offset were written: Europe/London.")]
DateFormat = Annotated[str | None, typer.Option(help="For dates that are not ISO 8601: '%d/%m/%Y %H:%M'.")]
Encoding = Annotated[str, typer.Option(help="Of text files; Excel's plain CSV is often cp1252.")]
Mask = Annotated[
    bool,
    typer.Option(
        "--mask-handles", help="Replace only @handles of people outside the table, by @user; --mask does more."
    ),
]
Coder = Annotated[str | None, typer.Option(help="Whose codes count; else the coder 'adjudicated', or the only one.")]
Level = Annotated[float, typer.Option(help="Coverage of the intervals.")]


def _show_version(wanted: bool) -> None:
    if wanted:
        out.print(f"composite {cp.__version__}")
        raise typer.Exit()


@app.callback()
def choose_command(
    version: Annotated[
        bool,
        typer.Option("--version", help="Show the version and exit.", is_eager=True, callback=_show_version),
    ] = False,
) -> None:
    """What police use social media for: nine themes, ten countries, corrected estimates.

    Start with `composite study`, which makes the report on the illustrative corpus that ships. Then give it your own
    posts: a table with the columns country, agency, text and, better, post_id, account, published.
    """


def read_given(sources: list[Path], ctx: typer.Context, accounts: pd.DataFrame | None) -> cp.ReadResult:
    """Posts read as the command's reading options say, with the summary and notes shown."""
    with err.status("reading posts"):
        read = cp.scan_posts([str(source) for source in sources], **list_reading(ctx, accounts))
    err.print(read.summary)
    say_notes(read.notes)
    return read


def list_reading(ctx: typer.Context, accounts: pd.DataFrame | None) -> dict[str, Any]:
    """The reading options that the command was given, by their names in the library."""
    given = ctx.params
    return {
        "columns": _pairs(given["column"], "--column"),
        "defaults": _pairs(given["set_value"], "--set"),
        "format": given["format"],
        "accounts": accounts,
        **{name: given[name] for name in ("timezone", "date_format", "encoding", "mask_handles")},
    }


def _pairs(values: list[str] | None, option: str) -> dict[str, str]:
    pairs = {}
    for value in values or ():
        left, sign, right = value.partition("=")
        if not sign or not left.strip() or not right.strip():
            raise CompositeError(f"{option} {value!r} is not of the form NAME=VALUE")
        pairs[left.strip()] = right.strip()
    return pairs


def keep_rejected(read: cp.ReadResult, beside: Path) -> None:
    """Write the rows that were set aside, and unmatched accounts, beside a command's own file, if there are any."""
    if len(read.rejected):
        path = write_table(beside.with_name(f"{beside.stem}.rejected.csv"), read.rejected)
        err.print(f"Rows set aside are in {escape(str(path))}.")
    keep_unmatched(read, beside.with_name(f"{beside.stem}.unmatched_accounts.csv"))


def keep_unmatched(read: cp.ReadResult, path: Path) -> None:
    """Write the accounts that the table of accounts does not name, if there are any; else no old list of them stays."""
    if len(read.unmatched):
        err.print(f"Accounts that are not in --accounts are in {escape(str(write_table(path, read.unmatched)))}.")
    else:
        path.unlink(missing_ok=True)


def choose_figures(only: list[str] | None) -> list[str]:
    """The figures asked for, each once; all that there are, if none is named.

    Raises
    ------
    CompositeError
        If one of them is not known.
    """
    for name in only or ():
        if "," in name:
            each = " ".join(f"--only {part.strip()}" for part in name.split(",") if part.strip())
            raise CompositeError(f"--only takes one figure: for more, name each by itself: {each}")
    require_known(only or (), cp.figures.FIGURES, what="figure")
    return list(dict.fromkeys(only or cp.figures.FIGURES))


def check_file(path: Path, endings: tuple[str, ...]) -> None:
    """Nothing, if a file can be written there; before the long work and not after it."""
    if path.suffix not in endings:
        raise CompositeError(f"--out {str(path)!r}: end the name in {' or '.join(endings)}")
    if path.is_dir():
        raise CompositeError(f"--out {str(path)!r} is a folder: name a file in it")
    make_folder(path.parent)


def read_strictly(read: Callable[..., pd.DataFrame], path: Path | None, encoding: str) -> pd.DataFrame | None:
    """A table of which every line must be right, in UTF-8 or else in the encoding that was named."""
    if path is None:
        return None
    try:
        return read(path)
    except CompositeError:
        if encoding == "utf-8":
            raise
        return read(path, encoding=encoding)
