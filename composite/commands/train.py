"""`composite train`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from composite.commands.options import Posts, app, check_file
from composite.errors import CompositeError, count, require_known
from composite.terminal import err, out, show_progress

if TYPE_CHECKING:
    import pandas as pd


@app.command(rich_help_panel="Commands")
def train(
    posts: Posts = None,
    out_file: Annotated[Path, typer.Option("--out", help="File of the classifier, .npz.")] = Path("classifier.npz"),
    shipped_only: Annotated[
        bool, typer.Option("--shipped-only", help="Learn from the corpora that ship alone, without real posts.")
    ] = False,
    features: Annotated[
        str, typer.Option(help="ngrams, or both: these and sentences (extra multilingual).", metavar="KIND")
    ] = "ngrams",
    store: Annotated[Path, typer.Option(help="Folder where sentence vectors are kept, for the next time.")] = Path(
        "data/processed/sentences"
    ),
) -> None:
    """Train the classifier that is released: from the corpora that ship and from real posts whose codes ship.

    POSTS are real posts with their text as it was: those whose key is in data/raw/codings_real.csv or codings_anew.csv
    are examples. Beside the classifier stands a JSON file with its checksum and what it learned from. It takes minutes;
    with --features both, sentence vectors take tens of minutes more, and are made once: an interrupted training goes on
    with those that it has.

    Examples:

    - `composite train real/posts.jsonl.gz real/posts_other_countries.jsonl.gz --out classifier.npz`
    - `composite train --shipped-only --out classifier.npz`
    """
    from composite.themes.recipe import write_released
    from composite.themes.train import RELEASED

    require_known([features], RELEASED, what="kind of features")
    if bool(posts) == shipped_only:
        raise CompositeError(
            "name real posts (composite train FILE…), or train without them: composite train --shipped-only"
        )
    check_file(out_file, (".npz",))
    real = read_texts(posts) if posts else None
    with show_progress() as progress:
        facts = write_released(out_file, real, features=features, store=store, progress=progress)
    for name, number in facts["examples"].items():
        err.print(f"{name}: {count(number, 'coded post')}")
    out.print(f"Classifier: {escape(str(out_file))} ({out_file.stat().st_size / 1e6:.1f} MB)")


def read_texts(sources: list[Path]) -> pd.DataFrame:
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
