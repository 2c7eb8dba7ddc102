from __future__ import annotations

import colorsys
import dataclasses
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from composite.codebook.countries import COUNTRIES, COUNTRY, COUNTRY_CODES, LANGUAGES, find_country
from composite.codebook.tables import TABLES
from composite.codebook.themes import THEME, THEME_KEYS, THEMES

# written out, since the codebook is not in every checkout
KEYS_OF_THE_CODEBOOK = (
    "criminal_information",
    "voice",
    "push_information",
    "wisdom_of_crowd",
    "interaction",
    "community_policing",
    "human_side",
    "it_infrastructure",
    "efficiency",
)
LABELS_OF_THE_CODEBOOK = (
    "Source of criminal information",
    "Having a voice",
    "Pushing information",
    "Leveraging the wisdom of the crowd",
    "Interacting with the public",
    "Community policing",
    "Showing the human side",
    "Supporting police IT infrastructure",
    "Efficient policing",
)
NAMES = {name: c.code for c in COUNTRIES for name in (c.code, c.name, *c.aliases)}


def brightness(colour: str) -> float:
    """Relative luminance of `#RRGGBB`, after WCAG 2."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def test_the_themes_are_the_nine_of_the_codebook_in_its_order():
    assert THEME_KEYS == KEYS_OF_THE_CODEBOOK
    assert tuple(theme.label for theme in THEMES) == LABELS_OF_THE_CODEBOOK


def test_a_theme_is_found_by_its_key():
    assert tuple(THEME) == THEME_KEYS
    assert all(THEME[theme.key] is theme for theme in THEMES)


@pytest.mark.parametrize("field", [field.name for field in dataclasses.fields(THEMES[0])])
def test_no_two_themes_share_a_key_name_rule_or_colour(field):
    assert len({getattr(theme, field) for theme in THEMES}) == 9


@pytest.mark.parametrize("theme", THEMES, ids=THEME_KEYS)
def test_a_theme_has_every_text_and_a_colour_of_six_digits(theme):
    assert all(getattr(theme, field.name).strip() for field in dataclasses.fields(theme))
    assert re.fullmatch(r"#[0-9A-F]{6}", theme.colour)
    assert len(theme.short) <= len(theme.label)


def test_no_two_colours_of_themes_look_alike():
    def apart(one: str, other: str) -> float:
        hues = [colorsys.rgb_to_hsv(*(int(c[i : i + 2], 16) / 255 for i in (1, 3, 5)))[0] for c in (one, other)]
        turn = abs(hues[0] - hues[1])
        return min(turn, 1 - turn) + abs(brightness(one) - brightness(other))

    colours = [theme.colour for theme in THEMES]
    assert all(apart(a, b) > 0.05 for i, a in enumerate(colours) for b in colours[:i])


@pytest.mark.parametrize("table", ["codings", "labels"])
def test_wide_tables_have_the_themes_in_the_order_of_the_codebook(table):
    assert tuple(name for name in TABLES[table].columns if name in THEME_KEYS) == KEYS_OF_THE_CODEBOOK


def test_themes_and_countries_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        THEMES[0].label = "another"
    with pytest.raises(dataclasses.FrozenInstanceError):
        COUNTRIES[0].code = "XX"


def test_the_countries_are_the_ten_of_the_study():
    assert COUNTRY_CODES == ("BE", "CZ", "FR", "DE", "IT", "MK", "NL", "RO", "ES", "GB")
    assert [COUNTRY[code].name for code in COUNTRY_CODES] == [
        "Belgium",
        "Czech Republic",
        "France",
        "Germany",
        "Italy",
        "North Macedonia",
        "Netherlands",
        "Romania",
        "Spain",
        "United Kingdom",
    ]


def test_every_country_has_languages_of_the_study_and_every_language_a_country():
    assert {language for country in COUNTRIES for language in country.languages} == set(LANGUAGES)
    assert len(set(LANGUAGES)) == len(LANGUAGES) == 9
    assert all(country.languages for country in COUNTRIES)


def test_no_name_means_two_countries():
    names = [name.casefold() for c in COUNTRIES for name in (c.code, c.name, *c.aliases)]
    assert len(set(names)) == len(names)


@settings(deadline=None, derandomize=True, max_examples=200)
@given(st.sampled_from(sorted(NAMES)), st.sampled_from([str.upper, str.lower, str.title]), st.text(" \t\n", max_size=3))
def test_a_country_is_found_by_any_of_its_names_in_any_case_and_between_spaces(name, case, space):
    assert find_country(space + case(name) + space) == NAMES[name]


@settings(deadline=None, derandomize=True, max_examples=200)
@given(st.text())
def test_what_is_found_is_a_country_of_the_study_or_none(name):
    found = find_country(name)
    assert found in (*COUNTRY_CODES, None)
    assert (found is not None) == (name.strip().casefold() in {n.casefold() for n in NAMES})


@pytest.mark.parametrize("name", ["CA", "US", "", " ", "Europe", "Northern Ireland", "EN", "nan"])
def test_other_countries_are_not_taken_for_one_of_the_ten(name):
    assert find_country(name) is None
