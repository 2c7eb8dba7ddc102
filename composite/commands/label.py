"""`composite label`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

import composite as cp
from composite.commands.masking import MaskKeep, MaskKey, MaskPeople, check_masking, mask_given
from composite.commands.options import (
    Accounts,
    Coder,
    Codings,
    Column,
    DateFormat,
    Encoding,
    Format,
    Mask,
    Posts,
    Set,
    Timezone,
    app,
    check_file,
    keep_rejected,
    list_reading,
    read_given,
    read_strictly,
)
from composite.errors import CompositeError, count
from composite.files import write_table
from composite.terminal import err, out, say_notes, show_progress


@app.command(rich_help_panel="Commands")
def label(
    ctx: typer.Context,
    posts: Posts = None,
    out_file: Annotated[
        Path | None,
        typer.Option(
            "--out", help="Folder of the labels, written in parts; or one file, .parquet or .csv.", show_default=False
        ),
    ] = None,
    text: Annotated[str | None, typer.Option(help="Label one post, given here, and show its themes.")] = None,
    explain: Annotated[
        str | None, typer.Option(help="Label one post, given here, and show which words speak for its themes.")
    ] = None,
    features: Annotated[
        str,
        typer.Option(help="ngrams; or both: sentences too, better and slow (extra multilingual).", metavar="KIND"),
    ] = "ngrams",
    codings: Codings = None,
    accounts: Accounts = None,
    coder: Coder = None,
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
    scheduler: Annotated[
        str | None,
        typer.Option(
            help="Let the workers of a Dask cluster of yours label; with a folder as --out.", metavar="TCP://HOST:PORT"
        ),
    ] = None,
    restart: Annotated[
        bool, typer.Option("--restart", help="Start anew in the folder, whatever an earlier run left there.")
    ] = False,
) -> None:
    """Give every post the probability of each theme.

    With --codings the classifier is trained on them and cross-fitted by agency; without, the classifier that ships is
    used. Into a folder, any number of posts is labelled in the memory of one part, and a run that was interrupted goes
    on when it is started again.

    Examples:

    - `composite label posts.csv --out labels.parquet`
    - `composite label posts.csv --out labels.parquet --features both`
    - `composite label archive/ --out labels`
    - `composite label archive/ --out labels --scheduler tcp://10.0.0.1:8786`
    - `composite label --text "Witnesses please call 101"`
    - `composite label --explain "Witnesses please call 101"`
    """
    for option, given, show in (("--text", text, _label_text), ("--explain", explain, _explain_text)):
        if given is not None:
            if posts or out_file or codings or (text is not None and explain is not None):
                raise CompositeError(f"{option} labels one post alone: leave POSTS, --out, --codings and others out")
            if not given.strip():
                raise CompositeError(f"{option} is empty: give the text of a post")
            show(given, cp.load_classifier(features))
            return
    if not posts or out_file is None:
        raise CompositeError(
            "name posts and a file or folder for their labels: composite label POSTS --out labels.parquet"
        )
    into_folder = out_file.is_dir() or not out_file.suffix
    if into_folder and mask:
        raise CompositeError(
            "--mask goes with labels in one file (--out labels.parquet). Labels hold no text to mask: leave it out, "
            "and keep the folder 'rejected' to yourself, which has the beginnings of rows set aside; `composite share` "
            "takes only the labels"
        )
    check_masking(ctx)
    if not into_folder:
        for option, value in (("--scheduler", scheduler), ("--restart", restart)):
            if value:
                raise CompositeError(f"{option} goes with labels in a folder: --out {out_file.stem}")
        check_file(out_file, (".parquet", ".csv"))
    coded = read_strictly(cp.read_codings, codings, encoding)
    model = cp.load_classifier(features) if coded is None else cp.ThemeClassifier(features=features)
    registry = read_strictly(cp.read_accounts, accounts, encoding)
    from composite.themes.batches import UNMATCHED
    from composite.themes.coding import choose_coder

    if into_folder:
        with show_progress() as progress:
            done = cp.label_files(
                model,
                posts,
                out_file,
                codings=None if coded is None else choose_coder(coded, coder),
                scheduler=scheduler,
                restart=restart,
                progress=progress,
                **list_reading(ctx, registry),
            )
        err.print(done.summary)
        say_notes(done.notes)
        if done.n_rejected:
            err.print(f"Rows set aside are in {escape(str(done.folder / 'rejected'))}.")
        if len(done.unmatched):
            err.print(f"Accounts that are not in --accounts are in {escape(str(done.folder / UNMATCHED))}.")
        out.print(f"Labels of {count(done.n_posts, 'post')}: {escape(str(done.folder))}")
        return
    read = mask_given(read_given(posts, ctx, registry), ctx, registry)
    with show_progress() as progress:
        if coded is None:
            labels = cp.label_posts(model, read.posts, accounts=registry, progress=progress)
        else:
            codes = choose_coder(coded, coder)
            labels = cp.label_posts(model, read.posts, codes, accounts=registry, progress=progress)
    write_table(out_file, labels)
    keep_rejected(read, out_file)
    out.print(f"Labels of {count(len(labels), 'post')}: {escape(str(out_file))}")


def _explain_text(text: str, model: cp.ThemeClassifier) -> None:
    out.print(cp.draw_explanation(model, text))


def _label_text(text: str, model: cp.ThemeClassifier) -> None:
    chances = model.predict_proba([text])[0]
    table = Table("theme", "probability", box=None, pad_edge=False)
    names = {theme.key: theme.label for theme in cp.THEMES}
    given = dict(zip(model.classes_, chances >= model.thresholds_, strict=True))
    for key, chance in sorted(zip(model.classes_, chances, strict=True), key=lambda pair: -pair[1]):
        table.add_row(names[key], f"{chance:.2f}", style="bold" if given[key] else "dim")
    out.print(table)
    if not any(given.values()):
        err.print("No theme reaches the probability from which the classifier gives it: it has no theme for this post.")
