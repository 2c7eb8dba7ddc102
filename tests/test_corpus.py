"""The illustrative corpus keeps what SOURCES.md says of it."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from sklearn.feature_extraction.text import CountVectorizer

import composite as cp
from benchmarks.design import describe_design
from composite.codebook.countries import COUNTRIES, LANGUAGES
from composite.codebook.themes import THEME_KEYS

CODERS = ("coder_a", "coder_b")
KEYS = list(THEME_KEYS)


@pytest.fixture(scope="module")
def accounts() -> pd.DataFrame:
    return cp.read_accounts(cp.CORPUS / "accounts.csv")


@pytest.fixture(scope="module")
def intended() -> pd.DataFrame:
    return cp.read_codings(cp.CORPUS / "intended.csv")


@pytest.fixture(scope="module")
def training_posts() -> pd.DataFrame:
    return cp.scan_posts(cp.CORPUS / "training_posts.csv").posts


@pytest.fixture(scope="module")
def training_codes() -> pd.DataFrame:
    codings = cp.read_codings(cp.CORPUS / "training_codings.csv")
    return codings[codings["coder"] == "adjudicated"]


def test_every_country_has_400_posts_in_its_languages(corpus_posts: pd.DataFrame) -> None:
    for country in COUNTRIES:
        part = corpus_posts[corpus_posts["country"] == country.code]
        assert len(part) == 400
        assert set(part["language"]) == set(country.languages)
    dutch = (corpus_posts.loc[corpus_posts["country"] == "BE", "language"] == "nl").mean()
    assert 0.45 <= dutch <= 0.55


def test_every_country_has_8_to_12_unequal_agencies_and_every_kind_of_account(
    corpus_posts: pd.DataFrame, accounts: pd.DataFrame
) -> None:
    sizes = corpus_posts.groupby(["country", "agency"]).size()
    assert sizes.groupby("country").size().between(8, 12).all()
    assert (sizes.groupby("country").max() >= 4 * sizes.groupby("country").min()).all()
    for _, part in accounts.groupby("country"):
        assert set(part["kind"]) == {"corporate", "neighbourhood", "officer", "unit"}


def test_every_post_is_of_an_account_in_the_registry_and_has_its_agency(
    corpus_posts: pd.DataFrame, accounts: pd.DataFrame
) -> None:
    merged = corpus_posts.merge(accounts, on=["account", "platform"], how="left", suffixes=("", "_registry"))
    assert len(merged) == len(corpus_posts)
    assert (merged["agency"] == merged["agency_registry"]).all()
    assert (merged["country"] == merged["country_registry"]).all()


def test_posts_are_dated_2011_to_2013_and_marked_as_illustrative(
    corpus_posts: pd.DataFrame, training_posts: pd.DataFrame
) -> None:
    assert set(corpus_posts["published"].dt.year) == {2011, 2012, 2013}
    assert set(corpus_posts["corpus"]) == set(training_posts["corpus"]) == {"illustrative"}


def test_tweets_of_the_study_fit_into_140_characters(corpus_posts: pd.DataFrame) -> None:
    assert corpus_posts.loc[corpus_posts["platform"] == "twitter", "text"].str.len().max() <= 140


def test_there_are_replies_reposts_and_a_campaign_day(corpus_posts: pd.DataFrame) -> None:
    replies = corpus_posts["reply_to"].notna()
    assert replies.sum() > 200
    assert (corpus_posts.loc[replies, "text"].str[0] == "@").all()
    assert corpus_posts["text"].str.startswith("RT @").sum() > 50
    day = corpus_posts[corpus_posts["text"].str.lower().str.contains("#24hpolice")]
    assert set(day["published"].dt.strftime("%Y-%m-%d")) == {"2013-03-15"}
    assert day["agency"].nunique() > 40


def test_the_design_gives_the_truth_that_is_shipped(corpus_posts: pd.DataFrame, accounts: pd.DataFrame) -> None:
    made = describe_design(corpus_posts, accounts)
    shipped = pd.read_csv(cp.CORPUS / "design.csv")
    pd.testing.assert_frame_equal(made, shipped, check_dtype=False, rtol=1e-6)


def test_what_was_meant_follows_the_design(corpus_posts: pd.DataFrame, intended: pd.DataFrame) -> None:
    truth = (
        pd.read_csv(cp.CORPUS / "design.csv")
        .query("kind == 'all'")
        .pivot(index="country", columns="theme", values="share")
    )
    meant = intended.merge(corpus_posts[["post_id", "country"]], on="post_id").groupby("country")[KEYS].mean()
    gap = (meant - truth[KEYS]) / np.sqrt(truth[KEYS] * (1 - truth[KEYS]) / 400)
    # 90 draws of a binomial: their squares have the mean 1
    assert 0.6 < (gap**2).to_numpy().mean() < 1.5


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_training_corpus_has_250_posts_and_25_of_every_theme_in_every_language(
    language: str, training_posts: pd.DataFrame, training_codes: pd.DataFrame
) -> None:
    posts = training_posts.loc[training_posts["language"] == language, "post_id"]
    assert len(posts) >= 250
    assert training_codes.loc[training_codes["post_id"].isin(posts), KEYS].sum().min() >= 25


def test_the_training_corpus_is_of_3000_posts_all_coded_and_none_of_them_in_the_study(
    corpus_posts: pd.DataFrame, training_posts: pd.DataFrame, training_codes: pd.DataFrame
) -> None:
    assert len(training_posts) >= 3000
    assert sorted(training_codes["post_id"]) == sorted(training_posts["post_id"])
    keys = pd.concat([corpus_posts["text"], training_posts["text"]]).map(cp.hash_text)
    assert keys.is_unique


def test_near_duplicates_are_below_one_per_cent(corpus_posts: pd.DataFrame, training_posts: pd.DataFrame) -> None:
    texts = pd.concat([corpus_posts["text"], training_posts["text"]]).str.replace(r"https?://\S+", "", regex=True)
    grams = CountVectorizer(analyzer="char", ngram_range=(5, 5), binary=True).fit_transform(texts).astype(np.float32)
    size = np.asarray(grams.sum(axis=1)).ravel()
    near = set()
    for start in range(0, len(texts), 500):
        common = (grams[start : start + 500] @ grams.T).tocoo()
        alike = common.data / (size[start + common.row] + size[common.col] - common.data)
        # a label or a word with a link is all that very short posts are
        found = (alike > 0.6) & (start + common.row < common.col) & (size[common.col] > 15)
        near |= set(common.col[found])
    assert len(near) < 0.01 * len(texts)


def test_every_post_of_the_sample_is_coded_twice_and_adjudicated(all_codings: pd.DataFrame) -> None:
    posts = {coder: set(part["post_id"]) for coder, part in all_codings.groupby("coder")}
    assert set(posts) == {*CODERS, "adjudicated"}
    assert posts["coder_a"] == posts["coder_b"] == posts["adjudicated"]
    assert len(posts["adjudicated"]) >= 800


def test_where_the_coders_agree_the_adjudicated_codes_are_theirs(all_codings: pd.DataFrame) -> None:
    one, two, both = (
        all_codings[all_codings["coder"] == coder].set_index("post_id").sort_index()
        for coder in (*CODERS, "adjudicated")
    )
    alike = (one[KEYS] == two[KEYS]).all(axis=1) & (one["primary"] == two["primary"])
    assert (both.loc[alike, KEYS] == one.loc[alike, KEYS]).all(axis=None)


def test_a_primary_theme_is_one_that_was_coded(
    all_codings: pd.DataFrame, intended: pd.DataFrame, training_codes: pd.DataFrame
) -> None:
    for row in pd.concat([all_codings, intended, training_codes]).itertuples():
        coded = {key for key in THEME_KEYS if getattr(row, key)}
        assert row.primary in coded if coded else row.primary == "none"


@pytest.mark.parametrize("language", [None, *LANGUAGES])
def test_coders_agree(corpus_posts: pd.DataFrame, all_codings: pd.DataFrame, language: str | None) -> None:
    posts = corpus_posts if language is None else corpus_posts[corpus_posts["language"] == language]
    part = all_codings[all_codings["post_id"].isin(posts["post_id"])].reset_index(drop=True)
    table = cp.measure_agreement(part, resamples=0)
    # Krippendorff's customary bound for firm conclusions, where there are codes enough to tell
    assert table.loc[table["n_positive"] >= 20, "alpha"].min() >= 0.8


def test_codes_say_what_the_writer_meant(all_codings: pd.DataFrame, intended: pd.DataFrame) -> None:
    sampled = intended[intended["post_id"].isin(all_codings["post_id"])]
    table = cp.measure_agreement(
        pd.concat([all_codings, sampled], ignore_index=True), coders=["adjudicated", "writer"], resamples=0
    )
    assert table["alpha"].min() >= 0.8


def test_the_sample_is_the_one_that_the_command_in_sources_draws(
    corpus_labels: pd.DataFrame, all_codings: pd.DataFrame
) -> None:
    sources = " ".join((cp.CORPUS / "SOURCES.md").read_text("utf-8").split())
    command = re.search(
        r"composite sample data/raw/posts.csv --n (\d+) --seed (\d+) --stratum country --stratum agency", sources
    )
    assert command is not None
    drawn = cp.draw_coding_sample(
        corpus_labels, int(command[1]), seed=int(command[2]), strata=("country", "agency")
    ).set_index("post_id")
    sample = all_codings[all_codings["coder"] == "adjudicated"].set_index("post_id")
    assert set(sample.index) == set(drawn.index)
    np.testing.assert_allclose(sample["sampling_probability"], drawn.loc[sample.index, "sampling_probability"])


@pytest.mark.parametrize("name", ["codings_real.csv", "codings_real_dev.csv"])
def test_codes_of_real_posts_are_keys_and_codes_without_text(name: str) -> None:
    codings = cp.read_codings(cp.CORPUS / name)
    assert set(codings.columns) == set(cp.TABLES["codings"].columns)
    assert codings["post_id"].str.fullmatch("[0-9a-f]{12}").all()


def test_the_posts_for_measuring_are_not_among_those_for_training() -> None:
    train, dev = (
        set(cp.read_codings(cp.CORPUS / name)["post_id"]) for name in ("codings_real.csv", "codings_real_dev.csv")
    )
    assert not train & dev


def test_links_go_nowhere(corpus_posts: pd.DataFrame, training_posts: pd.DataFrame) -> None:
    texts = pd.concat([corpus_posts["text"], training_posts["text"]])
    for link in texts.str.findall(r"https?://([^\s/]+)").explode().dropna():
        assert link.endswith(".example") or (link.endswith("…") and "t.example".startswith(link[:-1])), link
