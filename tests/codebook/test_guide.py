"""The codebook is whole: rules, and examples and near-misses of every theme in every language."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from composite.codebook.countries import LANGUAGES
from composite.codebook.examples import read_examples
from composite.codebook.guide import write_guide
from composite.codebook.rules import PRIMARY_ORDER, RULES
from composite.codebook.themes import THEME_KEYS, THEMES
from composite.errors import CompositeError

SOURCE = Path(__file__).parents[2].parent / "shared" / "codebook.md"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("theme", THEME_KEYS)
def test_every_theme_has_three_examples_and_two_near_misses_in_every_language(theme: str, language: str) -> None:
    table = read_examples(theme, language)
    assert (table["role"] == "example").sum() >= 3
    assert (table["role"] == "near_miss").sum() >= 2
    has = table["themes"].str.split().map(lambda themes: theme in themes)
    assert (has == (table["role"] == "example")).all()


def test_examples_are_short_different_and_name_known_themes() -> None:
    table = read_examples()
    assert table["text"].str.len().between(8, 140).all()
    assert not table["text"].map(lambda text: re.sub(r"\W+", "", text.lower())).duplicated().any()
    assert set(table["themes"].str.split().explode().dropna()) <= set(THEME_KEYS)
    assert (table.loc[table["language"] == "mk", "text"].str.count("[а-шѓќјљњџѕА-Ш]") > 4).all()


def test_rules_tell_known_themes_apart_and_the_order_of_primaries_is_whole() -> None:
    assert sorted(PRIMARY_ORDER) == sorted(THEME_KEYS)
    assert {theme for rule in RULES for theme in rule.themes} == set(THEME_KEYS)
    assert len({rule.title for rule in RULES}) == len(RULES)


@pytest.mark.skipif(not SOURCE.is_file(), reason="the codebook that the rules are from is not beside this checkout")
def test_there_are_as_many_rules_as_in_the_codebook_that_they_are_from() -> None:
    numbers = re.findall(r"^(\d+)\. \*\*", SOURCE.read_text("utf-8"), re.MULTILINE)
    # the source's headings of rules end in a dot or a colon
    assert len(RULES) == len(numbers)


def test_the_guide_has_every_theme_rule_and_the_languages_asked_for() -> None:
    text = write_guide(["cs", "mk"])
    assert all(theme.definition in text and theme.exclusion in text for theme in THEMES)
    assert all(rule.text in text for rule in RULES)
    assert text.count("*Czech*") == text.count("*Macedonian*") == len(THEMES)
    with pytest.raises(CompositeError, match="'bg'"):
        write_guide(["bg"])
