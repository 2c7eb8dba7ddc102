"""The options that mask people in posts, and what they do to posts that were read."""

from __future__ import annotations

import secrets
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

import composite as cp
from composite.errors import CompositeError, count
from composite.terminal import say_notes

if TYPE_CHECKING:
    import pandas as pd

MaskPeople = Annotated[
    bool,
    typer.Option(
        "--mask",
        help="Mask handles, e-mail addresses, telephone numbers, number plates and links of people outside the police. "
        "Names in the text are not found.",
    ),
]
MaskKey = Annotated[
    Path | None,
    typer.Option(
        help="File of the key of --mask, made if it is not there: same key, same masks. [default: a new key]",
        metavar="FILE",
    ),
]
MaskKeep = Annotated[
    list[str] | None,
    typer.Option(help="With --mask: an account, domain or telephone number that stays (again for more)."),
]


def check_masking(context: typer.Context) -> None:
    """Nothing, if the options go together."""
    given = context.params
    for name in ("mask_key", "mask_keep"):
        if given[name] and not given["mask"]:
            raise CompositeError(f"--{name.replace('_', '-')} goes with --mask")
    if given["mask"] and given["mask_handles"]:
        raise CompositeError("--mask masks handles too: leave --mask-handles out")


def mask_given(read: cp.ReadResult, context: typer.Context, accounts: pd.DataFrame | None) -> cp.ReadResult:
    """The posts that were read, and the rows set aside, with people masked if the options ask for it."""
    check_masking(context)
    given = context.params
    if not given["mask"]:
        return read
    key = secrets.token_bytes(32) if given["mask_key"] is None else cp.read_mask_key(given["mask_key"])
    known = () if accounts is None else accounts["account"].dropna().unique()
    keep = (*(f"@{name}" for name in known), *(given["mask_keep"] or ()))
    posts = cp.mask_posts(read.posts, key=key, keep=keep)
    stay = (*keep, *(f"@{name}" for name in read.posts["account"].dropna().unique()))
    aside = [value if value != value else cp.mask_text(value, key=key, keep=stay) for value in read.rejected["value"]]
    changed = posts["text"] != read.posts["text"]
    notes = [f"people are masked in {count(int(changed.sum()), 'post')}; names in the text are not"]
    learned = cp.load_classifier().training_keys_
    if seen := int(read.posts.loc[changed, "text"].map(cp.hash_text).isin(learned).sum()):
        notes.append(
            f"{count(seen, 'masked post')} trained the classifier that ships, which no longer knows them by their "
            "text: label them without --mask"
        )
    say_notes(notes)
    return replace(
        read,
        posts=posts,
        rejected=read.rejected.assign(value=aside).astype({"value": "str"}),
        notes=(*read.notes, *notes),
    )
