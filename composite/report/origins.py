"""What a report was made from beside what is at hand: which inputs are others, and how to give the right ones."""

from __future__ import annotations

from typing import Any

import pandas as pd

import composite
from composite.errors import count
from composite.report.manifest import hash_input

NAMES = {"audience": "counts of followers"}
OPTIONS = {"codings": "--codings", "accounts": "--accounts", "audience": "--audience"}


def explain_inputs(manifest: dict[str, Any], inputs: dict[str, pd.DataFrame | None]) -> list[str]:
    """What is not as it was when the report was made, a clause for each input; nothing, if all are the same.

    Parameters
    ----------
    manifest : dict
        See `read_manifest`.
    inputs : dict of str to DataFrame
        `posts`, `codings`, `accounts`, `audience` as they are given now; None for what is not.
    """
    clauses = []
    for name, table in inputs.items():
        was, now = manifest["inputs"].get(name), hash_input(name, table)
        if was == now:
            continue
        rows = manifest.get("rows", {}).get(name)
        noun = NAMES.get(name, name)
        had = f" ({count(rows, 'row')})" if isinstance(rows, int) else ""
        if now is None:
            clauses.append(f"its {noun}{had} were not given: name them with {OPTIONS[name]} FILE")
        elif was is None:
            clauses.append(f"it was made without {noun}: leave out {OPTIONS[name]}")
        elif rows == len(table):  # type: ignore[arg-type]
            clauses.append(f"these {noun} have as many rows as its own ({rows:,}), but not the same values")
        else:
            clauses.append(f"these {noun} ({count(len(table), 'row')}) are not its own{had}")  # type: ignore[arg-type]
    return clauses


def refuse(source: str, manifest: dict[str, Any], clauses: list[str], *, shipped: bool) -> str:
    """The message of a check that makes no sense: what differs, and what to do.

    Parameters
    ----------
    source : str
        The folder of the report.
    manifest : dict
    clauses : list of str
        Of `explain_inputs`.
    shipped : bool
        Whether no posts were named, so that the corpus that ships was taken.
    """
    taken = "the corpus that ships" if shipped else "what was given"
    version = manifest.get("composite")
    other = (
        f" It is a report of composite {version}, and this is {composite.__version__}, which may read the same files "
        "otherwise."
        if version != composite.__version__
        else ""
    )
    given = [option for name, option in OPTIONS.items() if manifest["inputs"].get(name) is not None]
    command = " ".join(["composite check", source, "POSTS", *(f"{option} FILE" for option in given)])
    return (
        f"{source!r} was not made from {taken}: {'; '.join(clauses)}.{other} Name its own files, with the options that "
        f"the study had: {command}. To see what other data change, make a study of them and compare the two: "
        "composite diff OLD NEW"
    )
