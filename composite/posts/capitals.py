"""The corpus `capitals` → posts, accounts and followers of the police of seven European capitals."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pandas as pd

from composite.codebook.contract import check_table
from composite.codebook.tables import TABLES, TIME
from composite.errors import CompositeError, count
from composite.posts.fetch import locate_corpus
from composite.posts.read import ReadResult
from composite.posts.registry import no_unmatched
from composite.posts.text import clean_text, hash_text

NAME = "capitals"
# the name of a city in the files: its country, and the agency as its accounts make it up
CITIES = {
    "Amsterdam": ("NL", "Amsterdam police"),
    "Berlin": ("DE", "Berlin police"),
    "London": ("GB", "London police"),
    "Madrid": ("ES", "Madrid municipal police"),
    "Paris": ("FR", "Paris police"),
    "Prague": ("CZ", "Prague municipal police"),
    "Roma": ("IT", "Rome police"),
}
COUNTED = "2023-06-01"  # the day on which the profiles were collected
SHORTEST = 25  # characters: what is coded was drawn from texts of that length, see data/raw/SOURCES.md
ENDING = "senti_rest.csv"
PROFILES = "basic_info.csv"
TEXT = "senti_text_processed"
EMPTY = "no words left"
SHORT = f"shorter than {SHORTEST} characters"
AGAIN = "text repeated (the first is kept)"


def read_capitals(to: str | Path | None = None) -> ReadResult:
    """Posts of the seven cities, each text once: one row a text, named by its key; rows set aside carry keys, no text.

    Texts are set aside if nothing is left of them, if they are so short that none was ever drawn to be coded, or if
    they repeat an earlier one of the city: the codings are of a sample of texts, not of times that they were posted.

    Parameters
    ----------
    to : str or Path, optional
        Folder of the corpora, see `fetch_corpus`.

    Returns
    -------
    ReadResult
        `posts` (without dates and accounts, which the files lack), `rejected`, and notes on what the corpus is.

    Raises
    ------
    CompositeError
        If the corpus was not fetched.
    """
    paths = {path.name: path for path in locate_corpus(NAME, to=to)}
    rows: list[dict[str, Any]] = []
    aside: list[dict[str, Any]] = []
    for city, (country, agency) in CITIES.items():
        path = paths[f"{city}{ENDING}"]
        seen: set[str] = set()
        for line, row in _read_rows(path):
            text = clean_text(row[TEXT])
            key = hash_text(text)
            reason = (
                EMPTY
                if not any(letter.isalnum() for letter in text)
                else SHORT
                if len(text) < SHORTEST
                else AGAIN
                if key in seen
                else None
            )
            if reason:
                aside.append({"file": path.name, "line": line, "reason": reason, "value": key})
                continue
            seen.add(key)
            rows.append({"post_id": key, "country": country, "agency": agency, "text": text})
    posts = pd.DataFrame(rows, dtype="str")
    posts = posts.assign(
        account=pd.Series([None] * len(posts), index=posts.index, dtype="str"),
        platform="twitter",
        published=pd.Series(pd.NaT, index=posts.index, dtype=TIME),
        language="en",
        corpus=NAME,
    ).astype({"platform": "str", "language": "str", "corpus": "str"})
    posts = posts[[name for name in TABLES["posts"].columns if name in posts]]
    twice = posts["post_id"].duplicated(keep=False)
    if twice.any():
        raise CompositeError(
            f"{count(int(twice.sum()), 'post')} of different cities have one text: the corpus is not the one known"
        )
    rejected = pd.DataFrame(aside, columns=["file", "line", "reason", "value"]).astype(
        {"file": "str", "line": "int64", "reason": "str", "value": "str"}
    )
    check_table("rejected", rejected)
    n_rows = len(posts) + len(rejected)
    return ReadResult(check_table("posts", posts), rejected, n_rows, _list_notes(rejected), no_unmatched())


def _list_notes(rejected: pd.DataFrame) -> tuple[str, ...]:
    """What a reader of the numbers has to know of this corpus."""
    repeats = int((rejected["reason"] == AGAIN).sum())
    return (
        "posts of all cities but London were translated into English by machine: a difference between London and the "
        "others may be the translator's",
        "hashtags, mentions, links, digits and emoji were removed before the corpus was published",
        "Madrid and Prague are municipal police; Paris is the prefecture and the municipal police, Rome the municipal "
        "police and the questura, London three accounts of two forces: one city's accounts cannot be told apart",
        "one agency, or a city's agencies together, stands for each country: nothing here speaks for a country",
        "no post has a 'published' date: none is in a month",
        f"each text of a city counts once: {count(repeats, 'row')} set aside for repeating one",
    )


def read_city_accounts(to: str | Path | None = None) -> pd.DataFrame:
    """The table `accounts` of the seven cities' police: one row an account, with the population of its city.

    Raises
    ------
    CompositeError
        If the corpus was not fetched.
    """
    profiles = _read_profiles(to)
    table = pd.DataFrame(
        {
            "account": profiles["screen_name"],
            "platform": "twitter",
            "agency": [CITIES[city][1] for city in profiles["City"]],
            "country": [CITIES[city][0] for city in profiles["City"]],
            "kind": "corporate",
            "language": pd.Series([None] * len(profiles)),
        }
    ).astype("str")
    table["population"] = profiles["Population"].astype("float64")
    return check_table("accounts", table)


def read_city_audience(to: str | Path | None = None) -> pd.DataFrame:
    """The table `audience` of the seven cities' police accounts, counted on one day.

    Raises
    ------
    CompositeError
        If the corpus was not fetched.
    """
    profiles = _read_profiles(to)
    table = pd.DataFrame({"account": profiles["screen_name"].astype("str")})
    table["platform"] = pd.Series("twitter", index=table.index, dtype="str")
    table["date"] = pd.Series(pd.Timestamp(COUNTED, tz="UTC"), index=table.index).astype(TIME)
    table["followers"] = profiles["followers_count"].astype("int64")
    table["corpus"] = pd.Series(NAME, index=table.index, dtype="str")
    return check_table("audience", table)


def _read_profiles(to: str | Path | None) -> pd.DataFrame:
    path = next(path for path in locate_corpus(NAME, to=to) if path.name == PROFILES)
    profiles = pd.read_csv(path, dtype="str")
    return profiles[profiles["City"].isin(CITIES)].sort_values(["City", "screen_name"], ignore_index=True)


def _read_rows(path: Path) -> list[tuple[int, dict[str, str]]]:
    """Line and fields of every row of a file."""
    with path.open(encoding="utf-8", errors="replace", newline="") as stream:
        reader = csv.DictReader(stream)
        return [(reader.line_num, row) for row in reader]
