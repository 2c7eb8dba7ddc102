from __future__ import annotations

import hashlib
import re
import unicodedata

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from composite.posts.text import clean_text, hash_text, mask_handles, mask_posts

ANY_TEXT = st.text(st.characters(), max_size=60)  # lone surrogates too
LAWS = settings(deadline=None, derandomize=True, max_examples=300)


@LAWS
@given(ANY_TEXT)
def test_cleaning_twice_is_cleaning_once(text):
    assert clean_text(clean_text(text)) == clean_text(text)


@LAWS
@given(ANY_TEXT)
def test_a_cleaned_text_can_be_written_to_any_file(text):
    clean = clean_text(text)
    assert clean.encode("utf-8").decode() == clean
    assert "\0" not in clean
    assert "\r" not in clean


@LAWS
@given(ANY_TEXT)
def test_a_text_and_its_decomposed_form_become_one(text):
    assert clean_text(unicodedata.normalize("NFD", text)) == clean_text(unicodedata.normalize("NFC", text))


@pytest.mark.parametrize(
    "text",
    [
        "Добро утро, Ракосел! 🚓",
        "Příliš žluťoučký kůň 👮‍♀️",
        "Ștefan și Țepeș",
        "¿Visto? ¡Llama!",
        "=cmd|' /C calc'!A1",
        "a\nb",
    ],
)
def test_emoji_cyrillic_diacritics_formulas_and_line_ends_stay(text):
    assert clean_text(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\r\nb\rc", "a\nb\nc"),
        ("a\0b", "a b"),
        ("half \ud83d", "half \ufffd"),
        (" \t\n", ""),
        ("e\u0301", "é"),
    ],
)
def test_line_ends_control_characters_and_halves_of_emoji_are_mended(text, expected):
    assert clean_text(text) == expected


@LAWS
@given(st.lists(st.text("abcé0_ж", min_size=1), min_size=1), st.sampled_from([" ", ", ", "!\n", " – "]))
def test_a_key_does_not_depend_on_space_punctuation_or_case(words, between):
    assert hash_text(between.join(words).upper().lower()) == hash_text("".join(words))


def test_a_key_is_twelve_hex_digits_and_differs_between_texts():
    keys = {hash_text(f"post {number}") for number in range(1000)}
    assert len(keys) == 1000
    assert all(len(key) == 12 and set(key) <= set("0123456789abcdef") for key in keys)


def test_a_key_stays_what_it_was_when_codings_were_published_under_it():
    assert hash_text("Found safe, thank you!") == "7a31557fdda0"


@LAWS
@given(ANY_TEXT | st.text("aB_ .,-É\u03a3\u0301\ud83d\U0001f46e#@", max_size=20))
def test_a_key_is_of_the_letters_digits_and_underscores_of_a_text_and_of_nothing_else(text):
    letters = re.sub(r"\W+", "", text.lower())
    assert hash_text(text) == hashlib.sha1(letters.encode(), usedforsecurity=False).hexdigest()[:12]


@LAWS
@given(ANY_TEXT)
def test_masking_twice_is_masking_once(text):
    assert mask_handles(mask_handles(text)) == mask_handles(text)


@LAWS
@given(st.from_regex(r"[A-Za-z0-9_]{1,40}", fullmatch=True), ANY_TEXT, ANY_TEXT)
def test_no_handle_that_stands_by_itself_remains(handle, before, after):
    masked = mask_handles(f"{before} @{handle}?! {after}")
    assert f"@{handle}?! " not in masked or handle == "user"
    assert "@user?! " in masked


@LAWS
@given(st.text("ab @._-/!", max_size=30), st.lists(st.text("ab_", min_size=1, max_size=3)))
def test_masking_changes_nothing_but_handles(text, keep):
    assert mask_handles(text, keep=[*keep, "a", "b"]).replace("@user", "").count("@") <= text.count("@")
    assert mask_handles(text.replace("@", ""), keep=keep) == text.replace("@", "")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("@jo_b thanks", "@user thanks"),
        (".@jo_b thanks", ".@user thanks"),
        ("thanks.@jo_b", "thanks.@user"),
        ("@jo_b/@anna", "@user/@user"),
        ("(@jo_b)", "(@user)"),
        ("@@jo_b", "@@user"),
        ("@" + "x" * 40, "@user"),
        ("@anna.muster: danke.", "@user: danke."),
        ("@anna-muster.bsky.social!", "@user!"),
        ("@Мирјана фала", "@user фала"),
        ("jo@example.org", "jo@example.org"),
        ("@ home", "@ home"),
    ],
)
def test_handles_of_citizens_are_masked_and_addresses_are_not(text, expected):
    assert mask_handles(text) == expected


@pytest.mark.parametrize("keep", ["brackwellpol", "BrackwellPol", "@BRACKWELLPOL"])
@pytest.mark.parametrize(
    "text", ["@BrackwellPol", ".@BrackwellPol", "@BrackwellPol's", "@BrackwellPol-Team", "@BrackwellPol.Yes"]
)
def test_an_account_that_is_kept_stays_as_it_was_written(text, keep):
    assert mask_handles(text, keep=[keep]) == text


def test_an_account_whose_name_only_begins_like_one_that_is_kept_is_masked():
    assert mask_handles("@brackwellpol2", keep=["brackwellpol"]) == "@user"


@pytest.fixture
def posts() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "account": pd.Series(["BrackwellPol", "@PolMornival", None], dtype="str"),
            "text": pd.Series(["@jo_b see @polmornival", "@brackwellpol ok", "hi @anna"], dtype="str"),
            "reply_to": pd.Series(["@jo_b", "brackwellpol", None], dtype="str"),
        }
    )


def test_the_accounts_of_the_table_stay_and_all_others_are_masked(posts):
    masked = mask_posts(posts)
    assert masked["text"].tolist() == ["@user see @polmornival", "@brackwellpol ok", "hi @user"]
    assert masked["reply_to"].fillna("-").tolist() == ["@user", "brackwellpol", "-"]


def test_an_account_with_an_at_sign_in_the_table_is_kept_in_replies_too(posts):
    posts.loc[0, "reply_to"] = "PolMornival"
    assert mask_posts(posts)["reply_to"][0] == "PolMornival"


def test_more_accounts_can_be_kept(posts):
    assert mask_posts(posts, keep=["@Anna"])["text"][2] == "hi @anna"


def test_masking_leaves_the_posts_that_it_was_given(posts):
    before = posts.copy()
    mask_posts(posts)
    pd.testing.assert_frame_equal(posts, before)


def test_masking_keeps_the_types_of_the_columns(posts):
    assert mask_posts(posts).dtypes.equals(posts.dtypes)
