"""The illustrative corpus keeps what SOURCES.md says of it."""

from __future__ import annotations

import re
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from nltk.metrics.agreement import AnnotationTask

import composite as cp
from composite.codebook.countries import COUNTRIES, LANGUAGES
from composite.codebook.themes import THEME_KEYS

CODERS = ("writer", "reader", "blind")


@pytest.fixture(scope="module")
def accounts() -> pd.DataFrame:
    return cp.read_accounts(cp.CORPUS / "accounts.csv")


@pytest.fixture(scope="module")
def codings() -> pd.DataFrame:
    return cp.read_codings(cp.CORPUS / "codings_all.csv")


def test_every_country_has_its_posts_in_its_languages(corpus_posts: pd.DataFrame) -> None:
    for country in COUNTRIES:
        part = corpus_posts[corpus_posts["country"] == country.code]
        assert len(part) >= 90
        assert set(part["language"]) == set(country.languages)


def test_every_country_has_at_least_six_agencies_and_every_kind_of_account(
    corpus_posts: pd.DataFrame, accounts: pd.DataFrame
) -> None:
    assert corpus_posts.groupby("country")["agency"].nunique().min() >= 6
    for _, part in accounts.groupby("country"):
        assert {"corporate", "neighbourhood", "officer"} <= set(part["kind"])


def test_every_post_is_of_an_account_in_the_registry_and_has_its_agency(
    corpus_posts: pd.DataFrame, accounts: pd.DataFrame
) -> None:
    merged = corpus_posts.merge(accounts, on=["account", "platform"], how="left", suffixes=("", "_registry"))
    assert len(merged) == len(corpus_posts)
    assert (merged["agency"] == merged["agency_registry"]).all()
    assert (merged["country"] == merged["country_registry"]).all()


def test_posts_are_dated_2011_to_2013_and_marked_as_illustrative(corpus_posts: pd.DataFrame) -> None:
    assert set(corpus_posts["published"].dt.year) == {2011, 2012, 2013}
    assert set(corpus_posts["corpus"]) == {"illustrative"}


def test_tweets_fit_into_140_characters(corpus_posts: pd.DataFrame) -> None:
    assert corpus_posts.loc[corpus_posts["platform"] == "twitter", "text"].str.len().max() <= 140


def test_every_theme_occurs_in_every_language(corpus_posts: pd.DataFrame, codings: pd.DataFrame) -> None:
    adjudicated = codings[codings["coder"] == "adjudicated"].merge(corpus_posts[["post_id", "language"]], on="post_id")
    counts = adjudicated.groupby("language")[list(THEME_KEYS)].sum()
    assert set(counts.index) == set(LANGUAGES)
    assert counts.to_numpy().min() >= 1


def test_every_post_is_coded_by_three_coders_and_adjudicated_by_their_majority(
    corpus_posts: pd.DataFrame, codings: pd.DataFrame
) -> None:
    for coder in (*CODERS, "adjudicated"):
        assert set(codings.loc[codings["coder"] == coder, "post_id"]) == set(corpus_posts["post_id"])
    themes = list(THEME_KEYS)
    votes = codings[codings["coder"].isin(CODERS)].groupby("post_id")[themes].sum()
    adjudicated = codings[codings["coder"] == "adjudicated"].set_index("post_id").loc[votes.index, themes]
    assert (adjudicated == (votes >= 2)).all(axis=None)


def test_a_primary_theme_is_one_that_was_coded(codings: pd.DataFrame) -> None:
    for row in codings.itertuples():
        coded = {key for key in THEME_KEYS if getattr(row, key)}
        assert row.primary in coded if coded else row.primary == "none"


@pytest.mark.parametrize("pair", list(combinations(CODERS, 2)), ids="-".join)
def test_coders_agree(codings: pd.DataFrame, pair: tuple[str, str], record_property: pytest.RecordProperty) -> None:
    part = codings[codings["coder"].isin(pair)]
    for key in THEME_KEYS:
        task = AnnotationTask(data=list(zip(part["coder"], part["post_id"], part[key], strict=True)))
        alpha = task.alpha()
        record_property(f"alpha {key}", alpha)
        assert alpha >= 0.8, key  # Krippendorff's customary bound for firm conclusions


def test_the_sample_is_the_one_that_the_command_in_sources_draws(
    corpus_labels: pd.DataFrame, corpus_codings: pd.DataFrame, codings: pd.DataFrame
) -> None:
    sources = (cp.CORPUS / "SOURCES.md").read_text("utf-8")
    command = re.search(r"composite sample data/raw/posts.csv --n (\d+) --seed (\d+) --stratum country", sources)
    assert command is not None
    drawn = cp.draw_coding_sample(corpus_labels, int(command[1]), seed=int(command[2]), strata=("country",)).set_index(
        "post_id"
    )
    sample = corpus_codings.set_index("post_id")
    assert set(sample.index) == set(drawn.index)
    np.testing.assert_allclose(sample["sampling_probability"], drawn.loc[sample.index, "sampling_probability"])
    adjudicated = codings[codings["coder"] == "adjudicated"].set_index("post_id").loc[sample.index]
    columns = [*THEME_KEYS, "primary"]
    assert (sample[columns] == adjudicated[columns]).all(axis=None)


def test_no_two_posts_have_one_text(corpus_posts: pd.DataFrame) -> None:
    assert corpus_posts["text"].map(cp.hash_text).is_unique


def test_links_go_nowhere(corpus_posts: pd.DataFrame) -> None:
    for link in corpus_posts["text"].str.findall(r"https?://([^\s/]+)").explode().dropna():
        assert link.endswith(".example") or (link.endswith("…") and "t.example".startswith(link[:-1])), link
