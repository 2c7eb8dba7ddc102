"""The crosswalk keeps every theme in one category of every scheme, and says nothing that codes do not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from composite.codebook.crosswalk import SCHEME, SCHEMES, Scheme, crosswalk
from composite.codebook.themes import THEME_KEYS
from composite.errors import CompositeError

KEYS = list(THEME_KEYS)


def make_codes(table: np.ndarray) -> pd.DataFrame:
    codes = pd.DataFrame(table, columns=KEYS)
    codes.insert(0, "post_id", [f"p{n}" for n in range(len(codes))])
    return codes


@pytest.mark.parametrize("scheme", SCHEMES, ids=lambda scheme: scheme.key)
def test_every_theme_stands_in_exactly_one_category(scheme: Scheme) -> None:
    themes = [theme for members in scheme.categories.values() for theme in members]
    assert sorted(themes) == sorted(THEME_KEYS)


@given(
    codes=st.lists(st.lists(st.integers(0, 1), min_size=9, max_size=9), min_size=1, max_size=20),
    to=st.sampled_from(sorted(SCHEME)),
)
def test_a_category_is_coded_if_and_only_if_one_of_its_themes_is(codes: list[list[int]], to: str) -> None:
    table = make_codes(np.array(codes))
    mapped = crosswalk(table, to=to)
    assert mapped["post_id"].tolist() == table["post_id"].tolist()
    for category, themes in SCHEME[to].categories.items():
        assert (mapped[category] == table[list(themes)].any(axis=1)).all()
    assert ((mapped["category"] == "none") == ~table[KEYS].any(axis=1)).all()


@given(chances=st.lists(st.lists(st.floats(0, 1), min_size=9, max_size=9), min_size=1, max_size=20))
def test_probabilities_stay_probabilities_and_never_exceed_that_of_any_theme(chances: list[list[float]]) -> None:
    table = make_codes(np.array(chances))
    mapped = crosswalk(table, to="kane")
    values = mapped[list(SCHEME["kane"].categories)].to_numpy()
    assert ((values >= 0) & (values <= 1)).all()
    assert np.allclose(values.max(axis=1), table[KEYS].max(axis=1))


def test_the_primary_theme_chooses_among_exclusive_categories() -> None:
    table = make_codes(np.array([[0, 0, 1, 1, 0, 0, 0, 0, 0]] * 2)).assign(
        primary=["wisdom_of_crowd", "push_information"], coder="anna"
    )
    mapped = crosswalk(table, to="kane")
    assert mapped["category"].tolist() == ["intelligence_gathering", "information"]
    assert mapped["coder"].tolist() == ["anna", "anna"]
    assert "primary" not in mapped


def test_an_unknown_scheme_and_a_missing_theme_are_named() -> None:
    table = make_codes(np.eye(9, dtype=int))
    with pytest.raises(CompositeError, match=r"'kain'.*kane"):
        crosswalk(table, to="kain")
    with pytest.raises(CompositeError, match="'voice'"):
        crosswalk(table.drop(columns="voice"), to="kane")
