"""Words that mark a group, words that follow each other, and words where they stand, in nine languages."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

import composite as cp
from composite.adoption.wording import _compare
from composite.adoption.words import read_function_words, split_words
from composite.codebook.countries import LANGUAGES
from composite.codebook.tables import TIME
from composite.codebook.themes import THEME_KEYS

QUICK = settings(deadline=None, derandomize=True, max_examples=8)
VOCABULARY = ("road", "closed", "patrol", "weather", "station", "evening", "market", "bridge", "signal", "harbour")


def make_posts(texts: list[str], *, country: list[str] | str = "GB", language: str = "en") -> pd.DataFrame:
    n = len(texts)
    return pd.DataFrame(
        {
            "post_id": [f"p{i:04d}" for i in range(n)],
            "country": pd.Series([country] * n if isinstance(country, str) else country, dtype="str"),
            "agency": [f"agency {i % 4}" for i in range(n)],
            "account": [f"acc{i % 4}" for i in range(n)],
            "platform": "twitter",
            "published": pd.date_range("2013-01-01", periods=n, freq="h", tz="UTC").astype(TIME),
            "language": pd.Series([language] * n, dtype="str"),
            "text": texts,
            "corpus": pd.Series([None] * n, dtype="str"),
        }
    )


def make_labels(posts: pd.DataFrame, **themes: np.ndarray) -> pd.DataFrame:
    labels = posts[["post_id", "country", "agency", "account", "published", "language", "corpus"]].copy()
    labels["kind"] = pd.Series(["officer" if i % 2 else "unit" for i in range(len(posts))], dtype="str")
    for key in THEME_KEYS:
        labels[key] = np.where(themes.get(key, np.zeros(len(posts))), 0.9, 0.1)
    return labels


def make_texts(n: int, seed: int = 0) -> tuple[list[str], np.ndarray]:
    """Posts of words drawn alike, of which those with a theme also say `witnesses` most of the time."""
    rng = np.random.default_rng(seed)
    theme = rng.random(n) < 0.3
    texts = [
        " ".join([*rng.choice(VOCABULARY, 8), *(["witnesses"] if has and rng.random() < 0.7 else [])]) for has in theme
    ]
    return texts, theme


def test_the_word_that_a_theme_has_marks_it_and_words_drawn_alike_mark_nothing() -> None:
    told = 0
    for seed in range(5):
        texts, theme = make_texts(200, seed)
        posts = make_posts(texts)
        found = cp.find_keywords(posts, make_labels(posts, wisdom_of_crowd=theme))
        assert found["word"].iloc[0] == "witnesses"
        assert found["low"].iloc[0] > 0
        assert found["p_adjusted"].iloc[0] < 0.001
        told += (found["p_adjusted"].iloc[1:] < 0.05).sum()
        assert set(found["group"]) == {"wisdom_of_crowd"}
    assert told <= 1


@QUICK
@given(seed=st.integers(0, 10_000))
def test_the_order_of_rows_changes_no_bit(seed: int) -> None:
    texts, theme = make_texts(60, seed)
    posts = make_posts(texts)
    labels = make_labels(posts, wisdom_of_crowd=theme)
    one = cp.find_keywords(posts, labels)
    two = cp.find_keywords(posts.sample(frac=1, random_state=seed), labels.sample(frac=1, random_state=seed + 1))
    pd.testing.assert_frame_equal(one, two, check_exact=True)


def test_log_odds_are_those_of_monroe_and_others_and_flip_with_the_groups() -> None:
    counts = sparse.csr_array(np.array([[3.0, 1, 0], [1, 4, 1], [0, 2, 8]]))
    inside, unit = np.array([True, True, False]), np.array([0, 1, 2])
    found = _compare(counts, inside, unit, 10.0, 0.95)
    whole = np.array([4.0, 7, 9])
    alpha = 10 * whole / 20
    one, two = np.array([4.0, 5, 1]), np.array([0.0, 2, 8])
    expected = np.log((one + alpha) / (10 + 10 - one - alpha)) - np.log((two + alpha) / (10 + 10 - two - alpha))
    np.testing.assert_allclose(found["log_odds"], expected)
    np.testing.assert_allclose(found["z"], expected / np.sqrt(1 / (one + alpha) + 1 / (two + alpha)))
    assert found["n_agencies"].tolist() == [2, 2, 1]
    other = _compare(counts, ~inside, unit, 10.0, 0.95)
    np.testing.assert_allclose(other["log_odds"], -expected)
    np.testing.assert_allclose(other["low"], -found["high"])


def test_groups_that_use_words_alike_have_log_odds_of_nought() -> None:
    counts = sparse.csr_array(np.array([[3.0, 1, 2], [3, 1, 2]]))
    found = _compare(counts, np.array([True, False]), np.array([0, 1]), 50.0, 0.95)
    np.testing.assert_allclose(found["log_odds"], 0, atol=1e-12)


def test_a_word_of_one_agency_alone_marks_nothing() -> None:
    texts, theme = make_texts(200)
    posts = make_posts([f"{t} zzyzx" if i % 4 == 0 and theme[i] else t for i, t in enumerate(texts)])
    labels = make_labels(posts, wisdom_of_crowd=theme)
    assert "zzyzx" not in set(cp.find_keywords(posts, labels)["word"])
    assert "zzyzx" in set(cp.find_keywords(posts, labels, fewest_agencies=1)["word"])


def test_countries_are_compared_within_a_language_that_they_share() -> None:
    rng = np.random.default_rng(0)
    country = rng.choice(["BE", "NL"], 120).tolist()
    texts = [" ".join([*rng.choice(VOCABULARY, 5), "politiezone" if c == "BE" else "politie"]) for c in country]
    found = cp.find_keywords(make_posts(texts, country=country, language="nl"), by="country")
    assert found.groupby("group")["word"].first().to_dict() == {"BE": "politiezone", "NL": "politie"}
    with pytest.raises(cp.CompositeError, match="no language is written in two countries"):
        cp.find_keywords(make_posts(texts), by="country")


def test_kinds_of_account_are_compared_where_they_are_known() -> None:
    posts = make_posts(["shift begins" if i % 2 else "exhibition opens" for i in range(40)])
    found = cp.find_keywords(posts, make_labels(posts), by="kind", fewest_agencies=1)
    assert set(found.loc[found["group"] == "officer", "word"]) == {"shift", "begins"}
    unknown = make_labels(posts).assign(kind=pd.Series([None] * 40, dtype="str"))
    with pytest.raises(cp.CompositeError, match="no label has a kind of account"):
        cp.find_keywords(posts, unknown, by="kind")


def test_what_cannot_be_compared_is_an_error_with_the_cure() -> None:
    posts = make_posts(["hello there"] * 4)
    with pytest.raises(cp.CompositeError, match="by='theme' needs labels"):
        cp.find_keywords(posts)
    with pytest.raises(cp.CompositeError, match="did you mean 'theme'"):
        cp.find_keywords(posts, by="themes")
    with pytest.raises(cp.CompositeError, match="no post has a language"):
        cp.find_keywords(posts.assign(language=pd.Series([None] * 4, dtype="str")), by="country")
    with pytest.raises(cp.CompositeError, match="too few posts"):
        cp.find_keywords(posts, make_labels(posts, voice=np.array([1, 0, 0, 0])))


@pytest.mark.parametrize(
    ("text", "language", "words"),
    [
        ("Кој го видел ова лице? Ве молиме јавете се на 192", "mk", ["видел", "лице", "јавете"]),
        ("Policie ČR hledá svědky nehody, která se stala v Brně", "cs", ["policie", "čr", "hledá", "svědky"]),
        ("Dell’auto rubata non c’è traccia", "it", ["auto", "rubata", "traccia"]),
        ("Aujourd'hui l'agent n'a rien vu", "fr", ["aujourd'hui", "agent", "rien", "vu"]),
        ("RT @citizen: Thaaaaaaanks &amp; #wellDone http://x.example", "en", ["thaaanks", "#welldone"]),
        ("100 % 😀 ... !!", "en", []),
    ],
)
def test_words_are_letters_in_any_script_without_handles_links_numbers_and_function_words(
    text: str, language: str, words: list[str]
) -> None:
    found = split_words(text, language)
    assert found[: len(words)] == words


def test_every_language_has_its_own_short_list_of_function_words() -> None:
    lists = read_function_words()
    assert set(lists) == set(LANGUAGES)
    for language, words in lists.items():
        assert 100 < len(words) < 200, language
        assert all(word == word.lower() for word in words)
    assert all(any("а" <= letter <= "џ" for letter in word) for word in lists["mk"] - {"rt"})


def test_words_that_follow_each_other_are_found_once_they_are_no_agencys_own() -> None:
    rng = np.random.default_rng(0)
    texts = [" ".join([*rng.choice(VOCABULARY, 6), "neighbourhood watch"]) for _ in range(40)]
    texts += [" ".join(rng.choice(VOCABULARY, 8)) for _ in range(40)]
    texts[0::4] = [f"{text} private joke" for text in texts[0::4]]
    found = cp.find_collocations(make_posts(texts))
    assert found.iloc[0][["first", "second", "n"]].tolist() == ["neighbourhood", "watch", 40]
    assert "joke" not in set(found["second"])


def test_a_word_is_shown_where_it_stands_in_any_case_and_with_more_letters_if_asked() -> None:
    posts = make_posts(["Any witness?  Witnesses please\ncall", "eyewitness account", "nothing"])
    assert cp.find_in_context(posts, "witness")["keyword"].tolist() == ["witness"]
    lines = cp.find_in_context(posts, "WITNESS*", width=4)
    assert lines["keyword"].tolist() == ["witness", "Witnesses"]
    assert lines["left"].tolist() == ["Any ", "…ss? "]
    assert lines["right"].tolist() == ["? Wi…", " ple…"]
    assert cp.find_in_context(posts, "*witness")["keyword"].tolist() == ["witness", "eyewitness"]
    assert cp.find_in_context(posts, "please call")["keyword"].tolist() == ["please call"]
    assert cp.find_in_context(posts, "absent").empty
    with pytest.raises(cp.CompositeError, match="needs a word"):
        cp.find_in_context(posts, " * ")


def test_themes_of_the_corpus_have_words_in_every_language(
    corpus_posts: pd.DataFrame, corpus_labels: pd.DataFrame
) -> None:
    found = cp.find_keywords(corpus_posts, corpus_labels)
    assert set(found["language"]) == set(LANGUAGES)
    common = read_function_words()
    assert not [row.word for row in found.itertuples() if row.word in common[row.language] or "@" in row.word]
    assert set(cp.find_collocations(corpus_posts)["language"]) <= set(LANGUAGES)
