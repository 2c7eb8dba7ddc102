from __future__ import annotations

import subprocess
import sys
import unicodedata

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer

from composite.posts.text import clean_text
from composite.themes import features, scoring
from composite.themes.features import (
    Ngrams,
    count_features,
    encode,
    find_frequent,
    keep_columns,
    make_matrix,
    read_features,
    weigh_rare,
)
from composite.themes.scoring import HashedScorer
from composite.themes.tokens import (
    LONGEST,
    NOTHING,
    UNIT,
    WORD,
    count_grams,
    hash_grams,
    list_table,
    make_table,
    read_token,
)

# what police write: nine languages, signs, emoji, links, and what breaks programs
ALPHABET = (
    "aábcčdeéfghijklłmnñoöpqrsșštțuůvwxyzßABCÇDEÉŠŽабвгѓдежзѕијклљмњопрстќуфхцчџшАБЏ0123456789_#@'’-.:/!?,&<> \n\t"
)
TEXT = st.text(
    st.sampled_from(ALPHABET) | st.sampled_from("😀👮🏽🚓‍️́\u00ad\0\ud83d\ufffd") | st.characters(), max_size=60
)
LAWS = settings(deadline=None, derandomize=True, max_examples=150)


def read(text: str) -> list[tuple[str, str]]:
    """Tokens of a text: as it has them, and folded."""
    buffer, token, found, i, last = encode([text]).buffer, [0] * LONGEST, [], 0, -1
    while True:
        start, i, size, kind = read_token(buffer, i, len(buffer), list_table(), token, last)
        if kind == NOTHING:
            return found
        last = i if kind == WORD else -1
        found.append((buffer[start:i].decode("utf-8", "surrogatepass"), "".join(map(chr, token[:size]))))


def fold(text: str) -> list[str]:
    return [token for _, token in read(text)]


def force(monkeypatch: pytest.MonkeyPatch, small: bool) -> None:
    for module in (features, scoring):
        monkeypatch.setattr(module, "is_small", lambda encoded: small)


# tokens


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("Zeugen gesucht!", ["zeugen", "gesucht", "!"]),
        ("Příbram ŘÍČANY", ["pribram", "ricany"]),
        ("Șoseaua şi ţară", ["soseaua", "si", "tara"]),
        ("Straße Łódź Ørsted", ["strase", "lodz", "orsted"]),
        ("Ѓорче Петров, ЌЕЛИЈА", ["горче", "петров", ",", "келија"]),
        ("don't l’agent e-mail", ["don", "t", "l", "agent", "e", "mail"]),
        ("'quoted' - dash", ["'", "quoted", "'", "-", "dash"]),
        ("#CaughtOnCamera", ["#", "caughtoncamera"]),
        ("@Some.Force: hi", ["@@", ":", "hi"]),
        ("mail me@force.example", ["mail", "me", "@", "force", ".", "example"]),
        ("see http://t.co/a?b=c now", ["see", ":/", "now"]),
        ("www.force.example/x HTTPS://x", [":/", ":/"]),
        ("call 101 or 0800 123456, M25 10:30", ["call", "101", "or", "0000", "000000", ",", "m00", "10", ":", "30"]),
        ("١٠١", ["101"]),
        ("wow!!!!!!! :-)", ["wow", "!!!", ":-)"]),
        ("😀😀👮🏽", ["😀", "😀", "👮"]),
        ("co\u00adoperate", ["cooperate"]),
        ("a\ud83db\0c\ufffd", ["a", "b", "c"]),
        ("", []),
        (" \n\t", []),
    ],
)
def test_tokens_are_what_the_module_says(text: str, tokens: list[str]) -> None:
    assert fold(text) == tokens


@given(TEXT)
@LAWS
def test_tokens_stand_in_order_and_leave_out_only_spaces_joiners_and_what_is_unseen(text: str) -> None:
    text = text.replace("\0", " ")
    done = 0
    rest = []
    for shown, _ in read(text):
        place = text.index(shown, done)
        rest.append(text[done:place])
        done = place + len(shown)
    for character in "".join([*rest, text[done:]]):
        assert character in "'’ʼ‘-‐‑\ufffd" or unicodedata.category(character)[0] in "ZCM", repr(character)


@given(st.text(st.sampled_from(ALPHABET), max_size=60))
@LAWS
def test_case_form_of_unicode_and_cleaning_change_no_token(text: str) -> None:
    tokens = fold(text)
    for other in (unicodedata.normalize("NFD", text), clean_text(text), text.lower(), f"\ufeff {text}\ud83d "):
        assert fold(other) == tokens


@given(TEXT)
@LAWS
def test_folding_twice_is_folding_once(text: str) -> None:
    words = [token for shown, token in read(text) if token[0].isalnum() and shown[0] not in "hw"]
    assert [fold(word)[0] for word in words if fold(word)] == words


# features


def test_a_word_has_itself_a_pair_and_its_character_ngrams() -> None:
    buckets, values, offsets = read_features(encode(["ab"]), Ngrams(2, 3, 22))
    # <a ab b> and <ab ab>
    assert offsets.tolist() == [0, 2 + 5]
    assert values.tolist() == [UNIT, UNIT] + [round(UNIT / 5**0.5)] * 5
    assert len(set(buckets.tolist())) == 7


@given(st.integers(1, LONGEST), st.integers(2, 7))
@LAWS
def test_the_number_of_character_ngrams_is_as_counted(size: int, characters: int) -> None:
    grams = [0] * count_grams(LONGEST, characters)
    assert hash_grams(list(range(97, 97 + size)), size, characters, 22, grams) == count_grams(size, characters)
    lengths = range(2, characters + 1)
    assert count_grams(size, characters) == sum(max(0, size + 2 - length + 1) for length in lengths)


def test_shared_parts_of_words_are_shared_features() -> None:
    X = count_features(["politie", "politiei", "gendarmerie"]).values
    shared = (X @ X.T).toarray()
    assert shared[0, 1] > 5 * shared[0, 2]


def test_hashes_fill_the_buckets_evenly() -> None:
    words = [f"{a}{b}{c}" for a in "abcdefghij" for b in "klmnopqrst" for c in "uvwxyzäöüß"]
    buckets = read_features(encode(words), Ngrams(1, 2, 8))[0]
    first = np.bincount(buckets[:: len(buckets) // len(words)], minlength=256)
    assert first.max() < 4 * first.mean() + 10
    assert len(np.unique(read_features(encode(words), Ngrams(1, 2, 28))[0])) > 1000


def learn(texts: list[str], ngrams: Ngrams, k: int, *, seed: int = 0) -> tuple[HashedScorer, np.ndarray, np.ndarray]:
    """A scorer with weights drawn at random, its buckets and the weights of the matrix's columns."""
    rng = np.random.default_rng(seed)
    counted = count_features(texts, ngrams)
    kept = np.unique(np.concatenate([counted.values.indices[::2], rng.integers(0, 1 << ngrams.bits, 5)]))
    weights = rng.normal(size=(len(kept), k))
    return (
        HashedScorer.build(ngrams, kept, rng.integers(16, 2304, len(kept)), weights, rng.normal(size=k)),
        kept,
        weights,
    )


@pytest.mark.parametrize("ngrams", [Ngrams(), Ngrams(1, 2, 6), Ngrams(3, 4, 20), Ngrams(1, 1, 28)])
@given(texts=st.lists(TEXT, max_size=6), seed=st.integers(0, 9))
@settings(deadline=None, derandomize=True, max_examples=60)
def test_python_and_numba_read_the_same_features_and_score_what_the_matrix_scores(
    ngrams: Ngrams, texts: list[str], seed: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        force(patch, True)
        plain = count_features(texts, ngrams)
        scorer, kept, weights = learn(texts, ngrams, 9, seed=seed)
        slow = scorer.score(texts)
        force(patch, False)
        quick = count_features(texts, ngrams)
        assert (quick.values != plain.values).nnz == 0
        assert (quick.squares != plain.squares).nnz == 0
        assert (scorer.score(texts) == slow).all()
        assert (scorer.score(texts[::-1])[::-1] == slow).all()
    X = make_matrix(plain, kept, scorer.masses)
    rounded = scorer.weights * scorer.scale / np.sqrt(scorer.masses / 16)[:, None]
    np.testing.assert_allclose(slow, X @ rounded + scorer.intercept, rtol=1e-6, atol=1e-9)
    # a weight has 19 bits of the largest
    np.testing.assert_allclose(slow, X @ weights + scorer.intercept, atol=1e-3)


@pytest.mark.parametrize("small", [True, False], ids=["python", "numba"])
@pytest.mark.parametrize("text", ["a" * 100_000, "wort " * 20_000, "😀" * 25_000, "\ud83d" * 9, "#" * 999, "@a-" * 999])
def test_no_text_is_too_long_or_too_strange(text: str, small: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    force(monkeypatch, small)
    counted = count_features([text, "", text])
    assert (counted.values[0] != counted.values[2]).nnz == 0
    assert counted.values[1].nnz == 0
    scorer, kept, weights = learn([text], Ngrams(), 2)
    X = make_matrix(counted, kept, scorer.masses)
    np.testing.assert_allclose(scorer.score([text, ""]), (X @ weights + scorer.intercept)[:2], rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("characters", [2, 5, 12, 45])
def test_the_largest_sum_over_a_word_fits(sign: int, characters: int, monkeypatch: pytest.MonkeyPatch) -> None:
    ngrams, word = Ngrams(1, characters, 22), "abcdefghijklmnopqrstuvwxyzäöüßабвгдежзик"
    counted = count_features([word], ngrams)
    kept = find_frequent(counted, 1)
    weights = np.full((len(kept), 9), sign * 1.0)
    scorer = HashedScorer.build(ngrams, kept, np.full(len(kept), 5000), weights, np.zeros(9))
    force(monkeypatch, True)
    slow = scorer.score([word])
    force(monkeypatch, False)
    assert (scorer.score([word]) == slow).all()
    assert (slow * sign > 0).all()


def test_features_of_many_texts_are_those_of_each_over_all_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [f"post number {i} about road {i % 7}" for i in range(50)]
    whole, calls = count_features(texts).values, []
    monkeypatch.setattr(features, "BATCH", 8)
    parts = count_features(texts, progress=calls.append).values
    assert (whole != parts).nnz == 0
    assert whole.has_sorted_indices
    assert calls == [8, 16, 24, 32, 40, 48, 50]
    assert count_features([]).values.shape == (0, 1 << Ngrams().bits)


def test_frequent_features_are_those_of_so_many_texts_or_of_texts_worth_so_many() -> None:
    counted = count_features(["a b", "a c", "a"], Ngrams(1, 1, 20))
    assert len(find_frequent(counted, 1)) == 3
    assert len(find_frequent(counted, 2)) == 1
    assert len(find_frequent(counted, 2, np.array([2.0, 1.0, 0.0]))) == 2
    few, worth = count_features(["a b", "a c", "a"] * 9, Ngrams(1, 3, 6)), np.arange(27) % 3
    for least in (1, 9, 18):  # counted in all of the few buckets
        dense = (few.values.toarray() > 0).astype(int)
        assert find_frequent(few, least).tolist() == np.flatnonzero(dense.sum(axis=0) >= least).tolist()
        assert find_frequent(few, least, worth).tolist() == np.flatnonzero(worth @ dense >= least).tolist()
    X = counted.values
    for kept in (find_frequent(counted, 1), find_frequent(counted, 2), np.array([0, 5]), np.zeros(0, int)):
        assert (keep_columns(X, kept) != X[:, kept]).nnz == 0


def test_a_row_of_the_matrix_is_that_of_tf_idf() -> None:
    texts = ["call us now", "road closed", "call the road", "closed"]
    counted = count_features(texts, Ngrams(1, 1, 22))
    kept = find_frequent(counted, 1)
    ours = make_matrix(counted, kept, weigh_rare(counted, kept)).toarray()
    theirs = TfidfVectorizer(analyzer=str.split).fit_transform(texts).toarray()
    np.testing.assert_allclose(np.sort(ours, axis=1), np.sort(theirs, axis=1), atol=0.01)
    np.testing.assert_allclose(ours @ ours.T, theirs @ theirs.T, atol=0.01)


# scores


@pytest.fixture(scope="module")
def scorer() -> HashedScorer:
    return learn(TEXTS, Ngrams(), 9)[0]


TEXTS = [
    f"Zeugen gesucht: Unfall {i}, bitte {word} melden! #Polizei" for i in range(40) for word in ("heute", "schnell")
]


def test_threads_and_batches_change_no_bit(scorer: HashedScorer, monkeypatch: pytest.MonkeyPatch) -> None:
    force(monkeypatch, False)
    whole = scorer.score(TEXTS)
    monkeypatch.setattr(scoring, "BATCH", 7)
    assert (scorer.score(TEXTS) == whole).all()
    assert (scorer.score(TEXTS, n_jobs=3) == whole).all()
    assert scorer.score([]).shape == (0, 9)


def test_a_memory_too_small_for_the_words_changes_no_bit(scorer: HashedScorer, monkeypatch: pytest.MonkeyPatch) -> None:
    force(monkeypatch, False)
    whole = scorer.score(TEXTS)
    monkeypatch.setattr(scoring, "SLOTS", 2)
    tiny = HashedScorer(scorer.ngrams, scorer.buckets, scorer.masses, scorer.weights, scorer.scale, scorer.intercept)
    assert (tiny.score(TEXTS) == whole).all()


@pytest.mark.parametrize("small", [True, False], ids=["python", "numba"])
@pytest.mark.parametrize("k", [1, 9, 14, 15, 30])
def test_any_number_of_themes_is_scored_as_each_alone(k: int, small: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    force(monkeypatch, small)
    counted = count_features(TEXTS)
    kept = find_frequent(counted, 1)
    masses = weigh_rare(counted, kept)
    weights = np.random.default_rng(0).normal(size=(len(kept), k))
    scores = HashedScorer.build(Ngrams(), kept, masses, weights, np.arange(k)).score(TEXTS)
    for column in range(k):
        alone = HashedScorer.build(Ngrams(), kept, masses, weights[:, [column]], np.array([column])).score(TEXTS)
        assert (alone[:, 0] == scores[:, column]).all()


def test_a_post_without_known_words_has_the_intercept(scorer: HashedScorer) -> None:
    np.testing.assert_array_equal(scorer.score([""])[0], scorer.intercept)
    empty = HashedScorer.build(Ngrams(), np.zeros(0, int), np.zeros(0, int), np.zeros((0, 2)), np.ones(2))
    np.testing.assert_array_equal(empty.score(["any text"]), [[1.0, 1.0]])


def test_the_table_of_characters_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="read-only"):
        make_table()[0] = 1


def test_weights_of_fewer_bits_are_near(scorer: HashedScorer) -> None:
    rounded = scorer.round(10)
    assert np.abs(rounded.weights).max() == 511
    np.testing.assert_allclose(rounded.score(TEXTS), scorer.score(TEXTS), atol=0.05)


def test_one_post_needs_no_compiled_code_and_warming_up_compiles_it() -> None:
    code = (
        "import sys; import composite as cp; from composite.themes import scoring; "
        "model = cp.ThemeClassifier().fit(['a b', 'c d'], [0, 1]); model.predict(['a']); "
        "assert 'numba' not in sys.modules; scoring.warm_up(); assert 'numba' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
