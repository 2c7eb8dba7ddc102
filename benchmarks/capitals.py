"""The study of seven cities as a page of numbers: `python -m benchmarks.capitals > docs/capitals.md`.

The corpus is what `composite fetch capitals` brought (`--corpora`). `--leave-out FILE` names keys of posts that are
left out: those that others keep for measuring.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

import composite as cp
from composite.codebook.countries import COUNTRY
from composite.codebook.themes import THEME, THEME_KEYS
from composite.commands.capitals import leave_out, read_capitals_study
from composite.posts.capitals import AGAIN, CITIES, EMPTY, ENDING, SHORT
from composite.report.differences import find_differences, write_difference

CITY = {country: city for city, (country, _) in CITIES.items()} | {"IT": "Rome"}
MOST = 12


def write_page(corpora: Path | None, keys: Path | None, folder: Path) -> str:
    """The page in Markdown; the report of the study is written to `folder`."""
    whole, codings, accounts, audience = read_capitals_study(corpora)
    read = leave_out(whole, keys)
    result = cp.run_study(
        read.posts, codings, accounts=accounts, audience=audience, rejected=read.rejected, out=folder, notes=read.notes
    )
    tables = result.tables
    return "\n".join(
        [
            "<!-- Made by `python -m benchmarks.capitals`. Numbers only: no text of a post is here. -->\n",
            "# Seven cities: a study of real posts\n",
            "What the police of Amsterdam, Berlin, London, Madrid, Paris, Prague and Rome used Twitter for, from 2016 "
            "to 2023, as an example of a study and of how to read one. Make it yourself (the report goes to "
            "`cities`):\n",
            "```sh\ncomposite fetch capitals\ncomposite study capitals --out cities\n```\n",
            "The [sheet of the corpus](corpora.md#capitals) says who collected it and what is wrong with it. The posts "
            "are not ours and are not here; they are fetched from where their collector put them.\n",
            "## What was read\n",
            describe_rows(whole, read, codings),
            "## Shares\n",
            describe_shares(tables["shares"]),
            "## How good the classifier is here\n",
            describe_quality(tables["quality"]),
            "## Differences\n",
            describe_differences(tables["contrasts"]),
            "## Posts that say the same\n",
            describe_repeats(result.labels, read.rejected),
            "## Followers\n",
            describe_followers(audience, accounts),
            READING,
        ]
    )


def describe_rows(whole: cp.ReadResult, read: cp.ReadResult, codings: pd.DataFrame) -> str:
    """Of each city: rows of the file, rows set aside by reason, posts left out and studied, coded posts."""
    aside = whole.rejected.groupby(["file", "reason"]).size()
    kept = read.posts.groupby("country").size()
    before = whole.posts.groupby("country").size()
    coded = codings.merge(read.posts[["post_id", "country"]], on="post_id")
    chosen = coded["sampling_probability"] == 1
    rows, sums = [], [0] * 8
    for city, (country, _) in sorted(CITIES.items()):
        numbers = [int(aside.get((f"{city}{ENDING}", reason), 0)) for reason in (EMPTY, SHORT, AGAIN)]
        mine = coded["country"] == country
        numbers += [int(before[country] - kept[country]), int(kept[country])]
        numbers += [int((mine & ~chosen).sum()), int((mine & chosen).sum())]
        numbers = [sum(numbers[:5]), *numbers]
        sums = [a + b for a, b in zip(sums, numbers, strict=True)]
        rows.append([CITY[country], COUNTRY[country].name, *(f"{number:,}" for number in numbers)])
    rows.append(["all", "", *(f"{number:,}" for number in sums)])
    heads = ["city", "country", "rows", EMPTY, SHORT, "text repeated", "left out", "studied", "drawn", "taken"]
    return (
        f"{_table(heads, rows)}\n"
        "- *Left out*: posts that are kept for measuring classifiers (`--leave-out` with a file of their keys). They "
        "were used for nothing here. A study without that option has them; they could not be drawn to be coded, so "
        "their labels stay uncorrected there, and its numbers differ a little from these.\n"
        "- *Text repeated*: a city's text counts once, because texts were drawn to be coded, not posts. *Shorter*: no "
        "text so short was drawn.\n"
        "- *Drawn*: coded texts drawn at random within a city. *Taken*: coded texts that were taken because they "
        "looked "
        "like a rare theme, so with a probability of 1. The corrected estimates weight every coded text by its "
        "probability. The coder is a language model that worked by the codebook; no person coded these posts.\n"
        "- A few long texts of the files (fewer than one in a hundred) were not among those from which coded texts "
        "were "
        "drawn, because another copy of the corpus was. The correction takes them to be like the others.\n"
        "- The classifier that ships learned from these codes. So the study trained a new one and cross-fitted it: "
        "each "
        "city's posts are labelled by a classifier that learned from other cities.\n"
    )


def describe_shares(shares: pd.DataFrame) -> str:
    """Corrected shares with intervals, then what counting labels would say, and how often that misleads."""
    wide = shares.pivot(index=["country", "theme"], columns="method", values=["share", "low", "high"])
    order = [country for _, (country, _) in sorted(CITIES.items())]

    def show(country: str, theme: str) -> str:
        row = wide.loc[(country, theme)]
        share, low, high = (100 * row[name, "corrected"] for name in ("share", "low", "high"))
        return f"{share:.1f} ({low:.1f}–{high:.1f})"

    heads = ["theme", *(CITY[country] for country in order)]
    corrected = [[THEME[theme].label, *(show(country, theme) for country in order)] for theme in THEME_KEYS]
    naive = [
        [THEME[theme].label, *(f"{100 * wide.loc[(country, theme)]['share', 'naive']:.1f}" for country in order)]
        for theme in THEME_KEYS
    ]
    outside = (wide["share", "naive"] < wide["low", "corrected"]) | (wide["share", "naive"] > wide["high", "corrected"])
    kinds = sorted(set(shares["inference"]))
    return (
        "Per cent of a city's texts with the theme, corrected for the classifier's errors, with 95 % intervals. A text "
        f"can have several themes or none. Kind of inference of all of them: {', '.join(f'`{kind}`' for kind in kinds)}"
        ", which is to say that the interval covers the draw of coded texts and not the choice of police forces.\n\n"
        f"{_table(heads, corrected)}\n"
        "Counting what the classifier says (`naive`) would give:\n\n"
        f"{_table(heads, naive)}\n"
        f"{int(outside.sum())} of these {len(outside)} numbers lie outside the interval of the corrected share.\n"
    )


def describe_quality(quality: pd.DataFrame) -> str:
    """Precision, recall and F1 of every theme on the coded texts."""
    rows = [
        [THEME[row.theme].label, f"{row.n_positive:,}", *(_two(v) for v in (row.precision, row.recall, row.f1))]
        for row in quality.itertuples()
    ]
    return (
        f"On the {int(quality['n_coded'].iloc[0]):,} coded texts, labelled by classifiers that had not learned from "
        f"their "
        "city. Rare themes are more frequent among them than among posts. This is a new classifier, trained on these "
        "few "
        "texts alone; the [model card](model-card.md) tells of the one that ships.\n\n"
        + _table(["theme", "texts with it", "precision", "recall", "F1"], rows)
    )


def describe_differences(contrasts: pd.DataFrame) -> str:
    """The largest differences between a city and the mean of the others that Holm's adjustment leaves."""
    told = find_differences(contrasts)
    lines = [f"- {CITY[row.country]}: {write_difference(row, 0.95).split(', ', 1)[1]}" for row in told[:MOST]]
    tested = int(contrasts["p_value"].notna().sum())
    return (
        f"Of {tested} comparisons of a city with the mean of the other six, {len(told)} are told apart from nought "
        f"after "
        f"Holm's adjustment. The {min(MOST, len(told))} largest, in percentage points:\n\n" + "\n".join(lines) + "\n\n"
        "They compare what these accounts posted. They do not compare countries.\n"
    )


def describe_repeats(labels: pd.DataFrame, rejected: pd.DataFrame) -> str:
    """The naive share most changed by counting repeated texts as often as they were posted, of every city."""
    times = 1 + labels["post_id"].map(rejected.loc[rejected["reason"] == AGAIN, "value"].value_counts()).fillna(0)
    rows = []
    for _, (country, _) in sorted(CITIES.items()):
        part = labels["country"] == country
        given = labels.loc[part, list(THEME_KEYS)]
        once = given.mean()
        often = given.mul(times[part], axis=0).sum() / times[part].sum()
        theme = (often - once).abs().idxmax()
        rows.append([CITY[country], THEME[theme].label, f"{100 * once[theme]:.1f}", f"{100 * often[theme]:.1f}"])
    return (
        "Counting a text as often as it was posted changes the mean of the classifier's probabilities (per cent) "
        "most in "
        "this theme of each city:\n\n" + _table(["city", "theme", "each text once", "each post"], rows) + "\n"
        "London's accounts answer citizens with the same words again and again. Whether that is one use of Twitter or "
        "thousands is for the reader's question to decide; this page counts words that differ.\n"
    )


def describe_followers(audience: pd.DataFrame, accounts: pd.DataFrame) -> str:
    """Followers of every account on the day on which they were counted."""
    merged = accounts.merge(audience[["account", "followers", "date"]], on="account")
    rows = [
        [CITY[row.country], f"@{row.account}", f"{row.followers:,}", f"{1000 * row.followers / row.population:.0f}"]
        for row in merged.itertuples()
    ]
    day = merged["date"].iloc[0]
    return f"On {day:%Y-%m-%d}. A follower need not live in the city.\n\n" + _table(
        ["city", "account", "followers", "per 1,000 inhabitants"], rows
    )


READING = """## What can be said, and what cannot

- **These accounts, not these countries.** There is one agency for each country, or two that the files do not tell
  apart. No interval here covers other forces, and no number speaks for a country. Madrid and Prague are municipal
  police, whose tasks differ from those of state police.
- **A translator stands between.** All posts but London's were put into English by machine before anybody of this
  project saw them. A difference between London and another city can be the translator's; among the six others, the
  machine was the same but the languages were not.
- **Torn texts.** Without hashtags, mentions, links, digits and emoji, it cannot be seen whether a post answers
  somebody, names a campaign or gives a telephone number. The coder read the same torn texts: shares of *interaction*
  and *wisdom of crowd* are more likely too low than too high.
- **Unequal times.** Twitter gave about the last 3,200 posts of an account: by the profiles, six years in Prague and
  less than two in Madrid. No post has a date, so nothing can be said of change.
- **One coder, and not a person.** Agreement between people was not measured here. If the codes are wrong, the
  corrected shares are wrong in the same way.
- **What holds.** Within these texts and by this codebook, the shares and differences above are right on average over
  the draw of the coded texts, however wrong the classifier is. Counting its labels is not.
"""


def _two(value: float) -> str:
    return "–" if pd.isna(value) else f"{value:.2f}"


def _table(heads: list[str], rows: list[list[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def main(words: Sequence[str] | None = None) -> None:
    """Print the page."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.capitals", description=__doc__)
    parser.add_argument("--corpora", type=Path, help="folder of fetched corpora")
    parser.add_argument("--leave-out", type=Path, help="file of keys of posts that are left out")
    parser.add_argument("--out", type=Path, help="folder of the report; else it is not kept")
    given = parser.parse_args(words)
    with tempfile.TemporaryDirectory() as folder:
        sys.stdout.write(write_page(given.corpora, given.leave_out, given.out or Path(folder)))


if __name__ == "__main__":
    main()
