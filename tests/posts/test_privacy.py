"""Masks: nothing that is looked for survives, all else stays, one person has one mask, and masking twice is once."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import stat
import string
import warnings
from pathlib import Path

import pandas as pd
import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from phonenumbers import shortnumberinfo

import composite as cp
from benchmarks.privacy import CASES, measure_masking, show_masking
from composite.codebook.countries import COUNTRY_CODES
from composite.posts.privacy import EMAIL, HANDLE, OWN, hash_name
from composite.posts.telephones import POLICE_LINES, PREFIX, is_police_line

KEY, OTHER = bytes(32), bytes([1] * 32)
LAWS = settings(deadline=None, derandomize=True, max_examples=60)
HANDLES = st.from_regex(r"[a-z][a-z0-9_]{1,11}", fullmatch=True)
COUNTRIES = st.sampled_from((*COUNTRY_CODES, None))
# pieces that make every rule meet every other, with nothing, a space or a mark between them
PIECES = st.one_of(
    HANDLES.map("@{}".format),
    HANDLES.map("{}@example.org".format),
    HANDLES.map("https://x.example/@{}".format),
    st.sampled_from(
        ["06 12 34 56 78", "+44 20 7946 0958", "112", "0900-8844", "AB-123-CD", "B-XY 1234", "12-ABC-3", "01.02.2013"]
    ),
    st.sampled_from(
        ["tel_", "@u_", "link_0123456789abcdef", "Tel. 555-24", "＠jo", "@@", "pat(at)example.org", "www."]
    ),
    st.text(string.printable + "éжß🚓\U000f0000", max_size=8),
)
TEXTS = st.lists(st.tuples(PIECES, st.sampled_from(["", " ", ", ", ".", "\n", "-"])), max_size=7).map(
    lambda parts: "".join(piece + gap for piece, gap in parts)
)


@LAWS
@given(TEXTS, COUNTRIES)
def test_masking_twice_is_masking_once(text: str, country: str | None) -> None:
    once = cp.mask_text(text, key=KEY, country=country)
    assert cp.mask_text(once, key=KEY, country=country) == once


@LAWS
@given(TEXTS, COUNTRIES)
def test_no_handle_and_no_address_survives(text: str, country: str | None) -> None:
    rest = OWN.sub(" ", cp.mask_text(text, key=KEY, country=country))
    assert not HANDLE.search(rest)
    assert not EMAIL.search(rest)
    assert "https://x.example" not in rest


@LAWS
@given(st.text(string.ascii_letters + "éжß ,;!?🚓\n", max_size=80), COUNTRIES)
def test_a_text_without_people_stays_as_it_is(text: str, country: str | None) -> None:
    assert cp.mask_text(text, key=KEY, country=country) == text


@LAWS
@given(HANDLES, st.text("abc é!\n", max_size=20), st.text("xyz ж?\n", max_size=20))
def test_what_stands_around_a_handle_stays_as_it_is(name: str, before: str, after: str) -> None:
    masked = cp.mask_text(f"{before} @{name} {after}", key=KEY)
    assert masked == f"{before} {cp.mask_text('@' + name, key=KEY)} {after}"
    assert re.fullmatch(r"@u_[0-9a-f]{16}", masked.removeprefix(before + " ").removesuffix(" " + after))


@LAWS
@given(HANDLES, HANDLES)
def test_one_person_has_one_mask_and_two_have_two(one: str, two: str) -> None:
    masks = [cp.mask_text(f"@{name}", key=KEY) for name in (one, one.upper(), two)]
    assert masks[0] == masks[1]
    assert (masks[0] == masks[2]) == (one == two)


@LAWS
@given(HANDLES)
def test_another_key_gives_another_mask(name: str) -> None:
    assert cp.mask_text(f"@{name}", key=KEY) != cp.mask_text(f"@{name}", key=OTHER)


def test_a_handle_that_looks_like_a_mask_is_masked_unless_the_key_made_it() -> None:
    forged = "@u_0123456789abcdef"
    masked = cp.mask_text(forged, key=KEY)
    assert masked != forged
    assert cp.mask_text(masked, key=KEY) == masked
    assert cp.mask_text(masked, key=OTHER) != masked


def test_accounts_domains_and_numbers_that_are_to_stay_stay() -> None:
    text = "@BrackwellPol www.police.example/@jo info@brackwell.police.example 0113 496 0123 @jo"
    kept = cp.mask_text(text, key=KEY, country="GB", keep=["brackwellpol", "police.example", "0113 496 0123"])
    assert kept.rpartition(" ")[0] == text.rpartition(" ")[0]
    assert kept.endswith(cp.mask_text("@jo", key=KEY))


@pytest.mark.parametrize("link", ["https://police.example@evil.example/x", "https://police.example.evil.example"])
def test_a_domain_that_only_looks_like_one_that_stays_is_masked(link: str) -> None:
    assert cp.mask_text(link, key=KEY, keep=["police.example"]).startswith("link_")


@pytest.mark.parametrize("country", COUNTRY_CODES)
def test_emergency_numbers_and_lines_of_the_police_stay(country: str) -> None:
    for line in (*POLICE_LINES[country], "112", "116 000"):
        for text in (f"Tel. {line}!", f"{line[:4]}-{line[4:]}" if len(line) > 6 else line):
            assert cp.mask_text(text, key=KEY, country=country) == text


@pytest.mark.parametrize("country", COUNTRY_CODES)
def test_the_lines_that_stay_are_numbers_of_their_country(country: str) -> None:
    for line in POLICE_LINES[country]:
        if len(line) <= 6:
            number = phonenumbers.PhoneNumber(
                country_code=int(PREFIX[country]), national_number=int(line), italian_leading_zero=line[0] == "0"
            )
            assert shortnumberinfo.is_valid_short_number_for_region(number, country), line
        else:
            assert phonenumbers.is_valid_number(phonenumbers.parse(line, country)), line
    assert PREFIX[country] == str(phonenumbers.country_code_for_region(country))


def test_every_country_has_the_police_lines_that_its_posts_name() -> None:
    named = {"BE": "101", "CZ": "158 156", "FR": "17", "DE": "110", "IT": "113", "MK": "192", "NL": "0900-8844"}
    named |= {"RO": "112", "ES": "091 062 092", "GB": "999 101"}
    for country, lines in named.items():
        assert all(is_police_line(line, country) for line in lines.split()), country


def test_a_number_written_in_two_ways_has_one_mask() -> None:
    ways = ["020 7946 0958", "+44 20 7946 0958", "(020) 7946-0958"]
    assert len({cp.mask_text(way, key=KEY, country="GB") for way in ways}) == 1


def test_posts_keep_police_accounts_and_mask_whom_they_reply_to(corpus_posts: pd.DataFrame) -> None:
    posts = corpus_posts.head(3)
    police = posts["account"].iloc[0]
    posts = posts.assign(text=[f"@{police} and @jo", "plain", "@JO"], reply_to=["jo", police, "12345"])
    before = posts.copy(deep=True)
    masked = cp.mask_posts(posts, key=KEY)
    mask = cp.mask_text("@jo", key=KEY)
    assert masked["text"].to_list() == [f"@{police} and {mask}", "plain", mask]
    assert masked["reply_to"].to_list() == [mask, police, "12345"]
    pd.testing.assert_frame_equal(posts, before)
    pd.testing.assert_frame_equal(cp.mask_posts(masked, key=KEY), masked)
    assert list(masked.columns) == list(posts.columns)


def test_without_a_key_two_runs_cannot_be_compared(corpus_posts: pd.DataFrame) -> None:
    posts = corpus_posts.head(2).assign(text="@jo")
    assert cp.mask_posts(posts)["text"].iloc[0] != cp.mask_posts(posts)["text"].iloc[0]
    assert len(set(cp.mask_posts(posts)["text"])) == 1


def test_a_key_that_is_too_short_is_refused() -> None:
    with pytest.raises(cp.CompositeError, match="a key of 4 bytes is too short"):
        cp.mask_text("x", key=b"1234")


def test_a_key_file_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "key"
    first = cp.read_mask_key(path)
    assert len(first) == 32
    assert cp.read_mask_key(path) == first != cp.read_mask_key(tmp_path / "other")
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.skipif(os.name != "posix", reason="the owner's permissions are Unix")
def test_a_key_file_that_others_can_read_is_told(tmp_path: Path) -> None:
    path = tmp_path / "key"
    cp.read_mask_key(path)
    path.chmod(0o644)
    with pytest.warns(cp.CompositeWarning, match="others can read the key file"):
        cp.read_mask_key(path)


@pytest.mark.parametrize("content", ["", "secret", "00" * 31, "0g" * 32])
def test_a_file_that_holds_no_key_is_refused_and_stays(tmp_path: Path, content: str) -> None:
    path = tmp_path / "notes.txt"
    path.write_text(content)
    path.chmod(0o600)
    with pytest.raises(cp.CompositeError, match="holds no key"):
        cp.read_mask_key(path)
    assert path.read_text() == content


def test_a_key_file_in_no_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(cp.CompositeError, match="cannot be made"):
        cp.read_mask_key(tmp_path / "no" / "key")


def test_the_numbers_of_the_page_are_those_of_the_rules() -> None:
    page = (Path(__file__).parents[2] / "docs" / "privacy.md").read_text("utf-8")
    table = measure_masking(pd.read_csv(CASES))
    assert show_masking(table) in page, "run: make privacy"
    assert table.set_index("kind").loc[["handle", "email", "telephone", "link"], "recall"].min() > 0.9
    assert table["precision"].min() > 0.9


def test_a_mask_is_hmac_sha_256_of_kind_and_name() -> None:
    first = hmac.new(KEY, b"u:jo", hashlib.sha256).hexdigest()[:12]
    assert hash_name("u", "jo", KEY)[:12] == first


def test_masking_warns_of_nothing() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        cp.mask_text("plain", key=KEY)
