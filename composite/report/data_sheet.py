"""The data sheet of a package: what is in it, how it was made, and what it must not be used for."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

import composite
from composite.codebook.countries import COUNTRY
from composite.codebook.tables import ILLUSTRATIVE, TABLES
from composite.codebook.themes import CODEBOOK_VERSION
from composite.errors import count

MASKED_IDS = (
    "- `post_id` is a keyed hash, and days stand in place of times. Whoever has the posts may still recognise one by "
    "its account, day and probabilities: this is pseudonymised and not anonymous."
)
KEPT_IDS = "- `post_id` is the platform's: posts can be fetched again by it, if they are still there."
KEYED = "- `key` is a keyed hash of the text (HMAC-SHA-256): without the secret nobody can find a text by it."
GUESSABLE = (
    "- `key` is a hash of the text without a secret: whoever has a text, or guesses a short one, finds its row. It is "
    "there so that others can join the codes to posts that they have."
)
NOT_FOR = """
## What it is not for

Do not use it to find, rank or assess a person. Labels are what a classifier says, errors included; estimates with the
method `corrected` are corrected for them, on average.
"""


def write_data_sheet(
    title: str,
    licence: str | None,
    parts: Mapping[str, pd.DataFrame],
    tables: Mapping[str, pd.DataFrame],
    left_out: list[str],
    *,
    keep_ids: bool,
    keyed: bool,
) -> str:
    """The text of README.md in Markdown; parameters as in `write_package`, after what was hidden is hidden."""
    lines = [f"# {title}\n"]
    if "labels" in parts:
        lines += _describe_posts(parts["labels"])
    lines.append(f"Licence: {licence or 'none was chosen, so all rights are reserved'}.\n")
    lines += ["## Files\n", "| file | one row is | rows |", "| --- | --- | --- |", *_list_files(parts, tables), ""]
    lines.append(
        f"`codebook.md` says what the themes mean (version {CODEBOOK_VERSION}); `CHECKSUMS.sha256` is for "
        "`sha256sum --check`.\n"
    )
    lines += ["## What was done to protect people\n", "- No text of a post is in the package."]
    lines.append(KEPT_IDS if keep_ids else MASKED_IDS)
    if "keys" in parts:
        lines.append(KEYED if keyed else GUESSABLE)
    lines.append("- Coders are numbered. Accounts of single officers are keyed hashes.")
    if left_out:
        lines.append(f"- Left out: {'; '.join(left_out)}.")
    return "\n".join([*lines, NOT_FOR, f"Made by composite {composite.__version__}.\n"])


def _describe_posts(labels: pd.DataFrame) -> list[str]:
    """How many posts of how many agencies, where and when; and whether they are invented."""
    countries = ", ".join(COUNTRY[code].name for code in COUNTRY if (labels["country"] == code).any())
    dated = labels["published"].dropna()
    span = f", {dated.min():%Y-%m-%d} to {dated.max():%Y-%m-%d}" if len(dated) else ""
    agencies = len(labels[["country", "agency"]].drop_duplicates())
    lines = [f"{count(len(labels), 'post')} of {agencies:,} police agencies in {countries}{span}.\n"]
    if (labels["corpus"] == ILLUSTRATIVE).any():
        lines.append("**Illustrative corpus: invented posts of fictional agencies.**\n")
    return lines


def _list_files(parts: Mapping[str, pd.DataFrame], tables: Mapping[str, pd.DataFrame]) -> list[str]:
    rows = {
        f"{name}.csv": (TABLES[name].description if name in TABLES else "a post and the key of its text", len(part))
        for name, part in parts.items()
    }
    rows |= {f"estimates/{name}.csv": (TABLES[name].description, len(table)) for name, table in tables.items()}
    return [f"| `{name}` | {what} | {number:,} |" for name, (what, number) in sorted(rows.items())]
