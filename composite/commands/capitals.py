"""`composite study capitals`: what the study of a fetched corpus reads, and keys of posts that are left out."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

import composite as cp
from composite.errors import CompositeError, count
from composite.terminal import err, say_notes

if TYPE_CHECKING:
    import pandas as pd

CODER = "c"  # the coder of data/raw/codings_real.csv whose posts were drawn with known probabilities
Corpora = Annotated[
    Path | None, typer.Option(help="Folder of fetched corpora. [default: $COMPOSITE_CORPORA, or the user's cache]")
]
LeaveOut = Annotated[
    Path | None,
    typer.Option(
        "--leave-out",
        help="File of keys (cp.hash_text), one a line: posts with these texts are left out.",
        metavar="FILE",
    ),
]


def is_capitals(posts: list[Path] | None) -> bool:
    """Whether the posts asked for are the corpus `capitals` and no file or other folder of that name."""
    from composite.posts.capitals import NAME

    return posts == [Path(NAME)] and (not Path(NAME).exists() or _is_fetched_here())


def _is_fetched_here() -> bool:
    """Whether the corpus was fetched to the folder that the user is in."""
    from composite.posts.capitals import NAME, PROFILES

    return (Path(NAME) / PROFILES).is_file()


def read_capitals_study(
    corpora: Path | None, codings: pd.DataFrame | None = None
) -> tuple[cp.ReadResult, pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Posts, codings (those given, or else those that ship), accounts and followers of the seven cities.

    The summary and the notes are shown.
    """
    from composite.posts.capitals import read_capitals, read_city_accounts, read_city_audience

    if corpora is None and _is_fetched_here():
        corpora = Path()
    read = read_capitals(corpora)
    if codings is None:
        codings, notes = _choose_drawn(read)
        read = replace(read, notes=(*read.notes, *notes))
    err.print(read.summary)
    say_notes(read.notes)
    return read, codings, read_city_accounts(corpora), read_city_audience(corpora)


def _choose_drawn(read: cp.ReadResult) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Those codings of these posts that ship and that are of a sample with known probabilities; and what to say."""
    codings = cp.read_codings(cp.CORPUS / "codings_real.csv")
    known = codings[codings["post_id"].isin(read.posts["post_id"])]
    drawn = known[known["coder"] == CODER].reset_index(drop=True)
    if drawn.empty:
        raise CompositeError("none of the codings that ship is of these posts: name yours with --codings")
    chosen = int((drawn["sampling_probability"] == 1).sum())
    return drawn, (
        f"{count(len(drawn), 'coded text')} with a known probability, of coder {CODER!r}, a language model: "
        f"{len(drawn) - chosen:,} drawn at random within a city, {chosen:,} taken for looking like a rare theme",
        f"{count(len(known) - len(drawn), 'coded text')} of other coders, which were chosen and not drawn, correct "
        "nothing",
        "fewer than one text in a hundred (one in thirteen in Prague) had no chance of being drawn: its label stays as "
        "it is",
        "the classifier that ships learned from these codes: a new one is trained here, and no city is labelled by a "
        "classifier that learned its codes",
    )


def leave_out(read: cp.ReadResult, path: Path | None) -> cp.ReadResult:
    """The same posts without those whose text has a key in a file, and a note of how many those are."""
    if path is None:
        return read
    try:
        keys = set(path.read_text("utf-8").split())
    except (OSError, UnicodeDecodeError) as error:
        raise CompositeError(f"--leave-out {str(path)!r} cannot be read: name a file of keys, one a line") from error
    wrong = [key for key in sorted(keys) if not re.fullmatch(r"[0-9a-f]{12}", key)]
    if wrong or not keys:
        raise CompositeError(
            f"--leave-out {str(path)!r}: {wrong[0] if wrong else ''!r} is no key: write 12 hex digits a line, as "
            "cp.hash_text gives them"
        )
    out = read.posts["text"].map(cp.hash_text).isin(keys)
    if out.all():
        raise CompositeError(f"--leave-out {str(path)!r} leaves no post")
    note = f"{count(int(out.sum()), 'post')} left out by their keys ({path.name})"
    say_notes((note,))
    return replace(read, posts=read.posts[~out].reset_index(drop=True), notes=(*read.notes, note))
