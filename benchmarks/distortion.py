"""A published distortion, made again and corrected: `python -m benchmarks.distortion [--file FILE] [--markdown]`.

A study of British police tweets balanced its three classes before it trained a classifier, counted what the classifier
said, and reported 49.0, 26.3 and 24.7 % for classes that its coders gave to 56.5, 20.1 and 23.3 % of the tweets. Here
tweets with the labels of that study are put together in the coders' shares, and the same is done; then a random sample
of them counts as coded, and the shares are corrected.

References
----------
Kane, E., et al. (2023). *Policing & Society*, 34(3). https://doi.org/10.1080/10439463.2023.2260928
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

import composite as cp
from composite.codebook.tables import TIME
from composite.codebook.themes import THEME_KEYS
from composite.errors import CompositeError

FILE = Path(__file__).parents[2] / "shared" / "real" / "three_class_train.jsonl"
# class of the study: the column that stands for it here, the share that its coders found, the share that it reported
CLASSES = {
    "information": ("push_information", 0.565, 0.490),
    "engagement": ("interaction", 0.201, 0.263),
    "intelligence gathering": ("wisdom_of_crowd", 0.233, 0.247),
}
TARGET, CODED = 3_000, 500


def measure_distortion(file: str | Path = FILE, *, seed: int = 0) -> pd.DataFrame:
    """One row a class: what coders found, what was reported, and the same for tweets put together here, corrected.

    Tweets are dealt into three parts that share no text: one to train on, with classes of one size; a target in the
    coders' shares, whose labels are read for nothing but the column `labelled`; and a calibration sample of the same
    population, whose labels are its codings.

    Parameters
    ----------
    file : str or Path
        JSONL with `text`, and the study's class in `label`.
    seed : int

    Returns
    -------
    DataFrame
        `class`, `published_labelled`, `published_reported`, `labelled` (of the target), `counted` (classify and count),
        `corrected`, `low`, `high`, `tuning`.

    Raises
    ------
    CompositeError
        If the file is not there: it holds tweets of others, which are not shipped.
    """
    path = Path(file)
    if not path.is_file():
        raise CompositeError(f"there is no file {path.name!r} here: tweets of others are not shipped, see --file")
    tweets = pd.read_json(path, lines=True)
    tweets = tweets.assign(same=tweets["text"].map(cp.hash_text)).drop_duplicates("same", ignore_index=True)
    rng = np.random.default_rng(seed)
    names = list(CLASSES)
    parts: list[np.ndarray] = []
    rest: list[np.ndarray] = []
    for name in names:
        members = rng.permutation(np.flatnonzero(tweets["label"] == name))
        take = round(CLASSES[name][1] * (TARGET + CODED))
        parts.append(members[:take])
        rest.append(members[take:])
    population = rng.permutation(np.concatenate(parts))
    calibration, target = np.sort(population[:CODED]), np.sort(population[CODED:])
    smallest = min(map(len, rest))
    trains = np.concatenate([members[:smallest] for members in rest])
    model = make_pipeline(TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2)), LogisticRegression(max_iter=1000))
    model.fit(tweets.loc[trains, "text"], tweets.loc[trains, "label"])
    chances = pd.DataFrame(model.predict_proba(tweets["text"]), columns=model.classes_)[names]
    counted = chances.loc[target].idxmax(axis=1).value_counts(normalize=True)
    shares = _correct(tweets["label"], chances, np.sort(population), calibration)
    rows = []
    for name in names:
        theme, found, reported = CLASSES[name]
        row = shares.loc[theme]
        rows.append(
            {
                "class": name,
                "published_labelled": found,
                "published_reported": reported,
                "labelled": float((tweets.loc[target, "label"] == name).mean()),
                "counted": float(counted[name]),
                **{"corrected": row["share"], "low": row["low"], "high": row["high"], "tuning": row["tuning"]},
            }
        )
    return pd.DataFrame(rows)


def _correct(classes: pd.Series, chances: pd.DataFrame, population: np.ndarray, coded: np.ndarray) -> pd.DataFrame:
    """Corrected shares of the population by theme, from the codes of a random sample of it."""
    labels = pd.DataFrame({"post_id": [f"{place:05d}" for place in population], "country": "GB", "agency": "all"})
    labels = labels.astype("str").assign(account=labels["agency"].astype("str"))
    labels[["kind", "language", "corpus"]] = pd.DataFrame(np.nan, labels.index, range(3)).astype("str")
    labels["published"] = pd.Series(pd.NaT, index=labels.index, dtype=TIME)
    labels[list(THEME_KEYS)] = 0.0
    codings = pd.DataFrame({"post_id": [f"{place:05d}" for place in coded], "coder": "study", "primary": "none"})
    codings[list(THEME_KEYS)] = 0
    for name, (theme, _, _) in CLASSES.items():
        labels[theme] = chances[name].to_numpy()[population]
        codings[theme] = (classes.to_numpy()[coded] == name).astype("int64")
    codings["sampling_probability"] = len(coded) / len(population)
    shares = cp.estimate_shares(labels, codings)
    return shares[shares["method"] == "corrected"].set_index("theme")


def write_table(table: pd.DataFrame) -> str:
    """The table in Markdown, in per cent."""
    lines = [
        "| class | coders | reported | coders, here | counted, here | corrected, here | 95 % interval |",
        "| --- " + "| ---: " * 6 + "|",
    ]
    for row in table.itertuples(index=False):
        numbers = (row.published_labelled, row.published_reported, row.labelled, row.counted, row.corrected)
        cells = [f"{100 * number:.1f}" for number in numbers]
        span = f"{100 * row.low:.1f} to {100 * row.high:.1f}"
        lines.append(f"| {row[0]} | {' | '.join(cells)} | {span} |")
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; where the file is not at hand, say so and go."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.distortion", description=main.__doc__)
    parser.add_argument("--file", type=Path, default=FILE)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--markdown", action="store_true", help="as a table for the docs, in per cent")
    chosen = parser.parse_args(arguments)
    try:
        table = measure_distortion(chosen.file, seed=chosen.seed)
    except CompositeError as error:
        print(f"skipped: {error}", file=sys.stderr)
        return 0
    text = write_table(table) if chosen.markdown else table.to_csv(index=False, float_format="%.4f")
    sys.stdout.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
