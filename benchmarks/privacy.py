"""How well masking finds what it looks for: `python -m benchmarks.privacy [--markdown]`.

The cases are invented (`privacy_cases.csv`): a text, what in it should be masked, and near misses in which nothing
should. They were written by those who wrote the rules, so real posts will be harder.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

import composite as cp

CASES = Path(__file__).with_name("privacy_cases.csv")
SIGNS = {"handle": "@u_", "email": "mail_", "telephone": "tel_", "plate": "plate_", "link": "link_"}
KEY = bytes(32)


def measure_masking(cases: pd.DataFrame) -> pd.DataFrame:
    """One row a kind of thing: how many there are, how many are found, how many masks are put where none belongs.

    Parameters
    ----------
    cases : DataFrame
        `country`, `kind`, `mask` (what should be masked), `text`.

    Returns
    -------
    DataFrame
        `kind`, `n`, `found`, `wrong`, `recall`, `precision`; a thing counts as found if nothing of it is left.
    """
    counts = {kind: [0, 0, 0] for kind in (*SIGNS, "name")}
    for case in cases.fillna("").itertuples():
        masked = cp.mask_text(case.text, key=KEY, country=case.country)
        if case.kind != "none":
            counts[case.kind][0] += 1
            right = _is_masked(case, masked)
            counts[case.kind][1] += right
        for kind, sign in SIGNS.items():
            made = len(re.findall(rf"{sign}[0-9a-f]{{16}}", masked))
            counts[kind][2] += made - (1 if kind == case.kind and made and _is_masked(case, masked) else 0)
    rows = [
        {
            "kind": kind,
            "n": n,
            "found": found,
            "wrong": wrong,
            "recall": found / n if n else float("nan"),
            "precision": found / (found + wrong) if found + wrong else float("nan"),
        }
        for kind, (n, found, wrong) in counts.items()
    ]
    return pd.DataFrame(rows)


def _is_masked(case: object, masked: str) -> bool:
    """Whether exactly the thing is masked: what stood before and after it still stands there."""
    before, _, after = case.text.partition(case.mask)  # type: ignore[attr-defined]
    return (
        masked.startswith(before)
        and masked.endswith(after)
        and len(masked) > len(before + after)
        and (
            case.mask not in masked  # type: ignore[attr-defined]
        )
    )


def main(words: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.privacy", description=__doc__)
    parser.add_argument("--markdown", action="store_true", help="as the table of docs/privacy.md")
    parser.add_argument("--misses", action="store_true", help="the cases that are not masked as they should be")
    given = parser.parse_args(words)
    cases = pd.read_csv(CASES)
    if given.misses:
        for case in cases.fillna("").itertuples():
            masked = cp.mask_text(case.text, key=KEY, country=case.country)
            if masked != case.text if case.kind == "none" else not _is_masked(case, masked):
                print(case.country, case.kind, case.text, "→", masked, sep="\t")
        return
    table = measure_masking(cases)
    sys.stdout.write(show_masking(table) if given.markdown else table.to_string(index=False) + "\n")


def show_masking(table: pd.DataFrame) -> str:
    """The table as Markdown."""
    lines = ["| kind | things | found | masks too many | recall | precision |", "| --- " * 6 + "|"]
    for row in table.itertuples():
        rest = [f"{value:.2f}" if value == value else "–" for value in (row.recall, row.precision)]
        lines.append(f"| {row.kind} | {row.n} | {row.found} | {row.wrong} | {rest[0]} | {rest[1]} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
