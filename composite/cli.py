"""The command `composite`: read the options, call the library, write files, show progress."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

import composite as cp
from composite.errors import CompositeError, require_known
from composite.files import make_folder, write_table, write_whole
from composite.terminal import err, fail, out, say_notes, show_progress, show_warning

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

Posts = Annotated[
    list[Path] | None,
    typer.Argument(help="CSV, TSV, JSONL or Parquet (each also .gz), folders or globs of them.", show_default=False),
]
Codings = Annotated[
    Path | None, typer.Option(help="CSV of codings (see the data dictionary) with which to train and to correct.")
]
Accounts = Annotated[Path | None, typer.Option(help="CSV of accounts, for the kind of account.")]
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
Mask = Annotated[bool, typer.Option("--mask-handles", help="Replace @handles of people outside the table by @user.")]
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


@app.command(rich_help_panel="Commands")
def study(
    ctx: typer.Context,
    posts: Posts = None,
    codings: Codings = None,
    accounts: Accounts = None,
    audience: Audience = None,
    out_folder: Annotated[Path, typer.Option("--out", help="Folder of the report.")] = Path("reports"),
    only: Annotated[list[str] | None, typer.Option(help="Only this figure (again for more).", metavar="FIGURE")] = None,
    coder: Coder = None,
    level: Level = 0.95,
    column: Column = None,
    set_value: Set = None,
    timezone: Timezone = "UTC",
    date_format: DateFormat = None,
    encoding: Encoding = "utf-8",
    mask_handles: Mask = False,
) -> None:
    """Make the whole study: labels, estimates, figures and the report.

    Without POSTS it studies the illustrative corpus that ships. With --codings, shares are corrected for the
    classifier's errors; without, the report says that they are not.

    Examples:

    - `composite study`
    - `composite study posts.csv --codings coded.csv --out report`
    - `composite study tweets.jsonl.gz --column created_at=published --set country=NL`
    """
    shipped = not posts
    if shipped:
        options = ("codings", "column", "set_value", "timezone", "date_format", "encoding", "mask_handles")
        sources = {name: ctx.get_parameter_source(name) for name in options}
        given = [name for name, source in sources.items() if source is not None and source.name == "COMMANDLINE"]
        if given:
            option = f"--{given[0].removesuffix('_value').replace('_', '-')}"
            raise CompositeError(f"{option} goes with posts of your own: composite study POSTS {option} …")
        posts, codings = [cp.CORPUS / "posts.csv"], cp.CORPUS / "codings.csv"
        accounts = accounts or cp.CORPUS / "accounts.csv"
        counted = cp.CORPUS / "followers.csv"
        audience = audience or (counted if counted.is_file() else None)
        err.print(
            "No posts were given: this is the study of the [bold]illustrative corpus[/], whose posts are invented."
        )
    from composite.adoption.shares import check_level

    require_known(only or (), cp.figures.FIGURES, what="figure")
    check_level(level)
    make_folder(out_folder)
    coded = _read_strictly(cp.read_codings, codings, encoding)
    registry = _read_strictly(cp.read_accounts, accounts, encoding)
    counts = _read_strictly(cp.read_audience, audience, encoding)
    read = _read(posts or [], ctx)
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
            notes=read.notes,
            progress=progress,
        )
    say_notes(note for note in result.notes if note not in read.notes)
    if len(read.rejected):
        err.print(f"Rows set aside are in {escape(str(out_folder / 'rejected.csv'))}.")
    out.print(f"Report: {escape(str(result.report))}")


@app.command(rich_help_panel="Commands")
def label(
    ctx: typer.Context,
    posts: Posts = None,
    out_file: Annotated[
        Path | None, typer.Option("--out", help="File of the labels: .parquet or .csv.", show_default=False)
    ] = None,
    text: Annotated[str | None, typer.Option(help="Label one post, given here, and show its themes.")] = None,
    explain: Annotated[
        str | None, typer.Option(help="Label one post, given here, and show which words speak for its themes.")
    ] = None,
    codings: Codings = None,
    accounts: Accounts = None,
    coder: Coder = None,
    column: Column = None,
    set_value: Set = None,
    timezone: Timezone = "UTC",
    date_format: DateFormat = None,
    encoding: Encoding = "utf-8",
    mask_handles: Mask = False,
) -> None:
    """Give every post the probability of each theme.

    With --codings the classifier is trained on them and cross-fitted by agency; without, the classifier that ships is
    used.

    Examples:

    - `composite label posts.csv --out labels.parquet`
    - `composite label --text "Witnesses please call 101"`
    - `composite label --explain "Witnesses please call 101"`
    """
    for option, given, show in (("--text", text, _label_text), ("--explain", explain, _explain_text)):
        if given is not None:
            if posts or out_file or codings or (text is not None and explain is not None):
                raise CompositeError(f"{option} labels one post alone: leave POSTS, --out, --codings and others out")
            if not given.strip():
                raise CompositeError(f"{option} is empty: give the text of a post")
            show(given)
            return
    if not posts or out_file is None:
        raise CompositeError("name posts and a file for their labels: composite label POSTS --out labels.parquet")
    _check_file(out_file, (".parquet", ".csv"))
    coded = _read_strictly(cp.read_codings, codings, encoding)
    registry = _read_strictly(cp.read_accounts, accounts, encoding)
    read = _read(posts, ctx)
    from composite.themes.coding import choose_coder

    with show_progress() as progress:
        if coded is None:
            labels = cp.label_posts(cp.load_classifier(), read.posts, accounts=registry, progress=progress)
        else:
            codes = choose_coder(coded, coder)
            labels = cp.label_posts(cp.ThemeClassifier(), read.posts, codes, accounts=registry, progress=progress)
    write_table(out_file, labels)
    _keep_rejected(read, out_file)
    out.print(f"Labels of {len(labels):,} posts: {escape(str(out_file))}")


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
    mask_handles: Mask = False,
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
    _check_file(out_file, (FORMS[to],))
    require_known(strata or (), ("predicted", *cp.TABLES["labels"].columns), what="stratum")
    registry = _read_strictly(cp.read_accounts, accounts, encoding)
    read = _read(posts, ctx)
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
            table = table[table["post_id"].isin(posted["post_id"])]
    options: dict[str, Any] = {} if strata is None else {"strata": tuple(strata)}
    drawn = cp.draw_coding_sample(table, n, seed=seed, minimum=minimum, **options)
    written = write_coding_files(cp.make_coding_sheet(drawn, read.posts), out_file, to=to)
    _keep_rejected(read, out_file)
    out.print(f"{len(drawn):,} posts to code (strata: {drawn['stratum'].nunique():,}): {escape(str(out_file))}")
    for path in written[1:]:
        out.print(f"with it: {escape(str(path))}")


@app.command(rich_help_panel="Commands")
def train(
    posts: Posts = None,
    out_file: Annotated[Path, typer.Option("--out", help="File of the classifier, .npz.")] = Path("classifier.npz"),
    shipped_only: Annotated[
        bool, typer.Option("--shipped-only", help="Learn from the corpora that ship alone, without real posts.")
    ] = False,
    pool: Annotated[
        int, typer.Option(help="Posts without codes for a teacher to label; the release has none.", min=0)
    ] = 0,
    store: Annotated[Path, typer.Option(help="Folder where sentence vectors are kept, for the next time.")] = Path(
        "data/processed/sentences"
    ),
    seed: Annotated[int, typer.Option(help="Of the choice of posts without codes.", min=0)] = 0,
) -> None:
    """Train the classifier that is released: from the corpora that ship and from real posts whose codes ship.

    POSTS are real posts with their text as it was: those whose key is in data/raw/codings_real.csv or codings_anew.csv
    are examples. With --pool, some of the others are labelled by a teacher (the extra multilingual) and learnt too; it
    brought nothing in cross-validation. Beside the classifier stands a
    JSON file with its checksum and what it learned from. It takes minutes; with --pool more, and the
    teacher goes on where it was interrupted.

    Examples:

    - `composite train real/posts.jsonl.gz real/posts_other_countries.jsonl.gz --out classifier.npz`
    - `composite train --shipped-only --out classifier.npz`
    """
    from composite.themes.recipe import write_released

    if bool(posts) == shipped_only:
        raise CompositeError(
            "name real posts (composite train FILE…), or train without them: composite train --shipped-only"
        )
    _check_file(out_file, (".npz",))
    real = _read_texts(posts) if posts else None
    with show_progress() as progress:
        facts = write_released(out_file, real, pool=pool, store=store, seed=seed, progress=progress)
    for name, number in facts["examples"].items():
        err.print(f"{name}: {number:,} coded posts")
    out.print(f"Classifier: {escape(str(out_file))} ({out_file.stat().st_size / 1e6:.1f} MB)")


def _read_texts(sources: list[Path]) -> pd.DataFrame:
    """Texts of posts in JSONL files or in a folder of them, whatever country they are of: `text`, `language`."""
    import pandas as pd

    from composite.posts.records import read_records
    from composite.posts.sources import find_files

    rows = []
    with err.status("reading posts"):
        for source in sources:
            for file in find_files(source):
                for record in read_records(file, is_record=lambda fields: "text" in fields):
                    fields = record.fields or {}
                    if isinstance(fields.get("text"), str) and fields["text"].strip():
                        language = fields.get("text_language") or fields.get("language")
                        rows.append({"text": fields["text"], "language": language})
    if not rows:
        raise CompositeError(f"there is no text in {str(sources[0])!r}: give JSONL files whose lines have a field text")
    return pd.DataFrame(rows, dtype="str")


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
        _check_file(out_file, (".csv", ".parquet"))
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


def _read(sources: list[Path], ctx: typer.Context) -> cp.ReadResult:
    """Posts read as the command's reading options say, with the summary and notes shown."""
    given = ctx.params
    with err.status("reading posts"):
        read = cp.scan_posts(
            [str(source) for source in sources],
            columns=_pairs(given["column"], "--column"),
            defaults=_pairs(given["set_value"], "--set"),
            **{name: given[name] for name in ("timezone", "date_format", "encoding", "mask_handles")},
        )
    err.print(read.summary)
    say_notes(read.notes)
    return read


def _pairs(values: list[str] | None, option: str) -> dict[str, str]:
    pairs = {}
    for value in values or ():
        left, sign, right = value.partition("=")
        if not sign or not left.strip() or not right.strip():
            raise CompositeError(f"{option} {value!r} is not of the form NAME=VALUE")
        pairs[left.strip()] = right.strip()
    return pairs


def _keep_rejected(read: cp.ReadResult, beside: Path) -> None:
    if len(read.rejected):
        path = write_table(beside.with_name(f"{beside.stem}.rejected.csv"), read.rejected)
        err.print(f"Rows set aside are in {escape(str(path))}.")


def _check_file(path: Path, endings: tuple[str, ...]) -> None:
    """Nothing, if a file can be written there; before the long work and not after it."""
    if path.suffix not in endings:
        raise CompositeError(f"--out {str(path)!r}: end the name in {' or '.join(endings)}")
    if path.is_dir():
        raise CompositeError(f"--out {str(path)!r} is a folder: name a file in it")
    make_folder(path.parent)


def _read_strictly(read: Callable[..., pd.DataFrame], path: Path | None, encoding: str) -> pd.DataFrame | None:
    """A table of which every line must be right, in UTF-8 or else in the encoding that was named."""
    if path is None:
        return None
    try:
        return read(path)
    except CompositeError:
        if encoding == "utf-8":
            raise
        return read(path, encoding=encoding)


def _explain_text(text: str) -> None:
    out.print(cp.draw_explanation(cp.load_classifier(), text))


def _label_text(text: str) -> None:
    model = cp.load_classifier()
    chances = model.predict_proba([text])[0]
    table = Table("theme", "probability", box=None, pad_edge=False)
    names = {theme.key: theme.label for theme in cp.THEMES}
    given = dict(zip(model.classes_, chances >= model.thresholds_, strict=True))
    for key, chance in sorted(zip(model.classes_, chances, strict=True), key=lambda pair: -pair[1]):
        table.add_row(names[key], f"{chance:.2f}", style="bold" if given[key] else "dim")
    out.print(table)
    if not any(given.values()):
        err.print("No theme reaches the probability from which the classifier gives it: it has no theme for this post.")


def main() -> None:
    """Run the command line; a mistake of the user's ends in one message and an exit code, never in a traceback."""
    warnings.showwarning = show_warning  # type: ignore[assignment]  # a narrower signature than the hook allows
    try:
        app()
    except CompositeError as error:
        fail(str(error))
    except OSError as error:
        fail(f"{error.strerror or error}{f': {error.filename}' if error.filename else ''}")
    except SystemExit as stop:
        if stop.code == 130:
            err.print("interrupted: no file is half written, and a study goes on where it stopped")
        raise
