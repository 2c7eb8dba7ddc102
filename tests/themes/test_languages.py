from __future__ import annotations

import warnings

import pandas as pd
import pytest

import composite as cp
from composite.codebook.themes import THEME_KEYS
from composite.errors import CompositeWarning
from composite.themes.languages import LEARNT, find_foreign

OTHERS = {
    "sr": "Полиција је синоћ у Београду ухапсила три особе због сумње да су продавале дрогу у центру града.",
    "sk": "Polícia žiada verejnosť o pomoc pri pátraní po nezvestnom mužovi, ktorý odišiel z domu včera ráno.",
    "sv": "Polisen söker vittnen till olyckan på motorvägen i går kväll, ring oss gärna om du har sett något.",
    "bg": "Полицията в София задържа двама мъже, заподозрени в кражба на автомобили през изминалата нощ.",
}


def test_the_corpus_is_in_the_nine_languages_in_all_and_one_by_one(corpus_posts: pd.DataFrame) -> None:
    assert len(LEARNT) == 9
    assert find_foreign(corpus_posts["text"].to_numpy()) is None
    for _, posts in corpus_posts.groupby("language"):
        assert find_foreign(posts["text"].to_numpy()) is None


@pytest.mark.parametrize("language", OTHERS)
def test_relatives_of_the_nine_and_others_are_named(language: str) -> None:
    said = find_foreign([OTHERS[language]] * 5)
    assert said is not None
    assert f"5 of 5 posts looked at seem to be in languages that this classifier has not learnt ({language})" in said


def test_few_others_short_posts_and_none_are_passed_over(corpus_posts: pd.DataFrame) -> None:
    some = [*corpus_posts["text"].head(100), OTHERS["sv"]]
    assert find_foreign(some) is None
    assert find_foreign(["Hej då!", "", "😀" * 80]) is None
    assert find_foreign([]) is None


def test_labelling_warns_of_them_and_only_then(corpus_posts: pd.DataFrame) -> None:
    posts = corpus_posts.head(40).copy()
    model = cp.ThemeClassifier().fit(
        ["a b", "c d"], pd.DataFrame([[0, 1] * 4 + [0], [1, 0] * 4 + [1]], columns=THEME_KEYS)
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        cp.label_posts(model, posts)
    posts["text"] = [f"{OTHERS['sr']} {i}" for i in range(40)]
    with pytest.warns(CompositeWarning, match="not learnt"):
        cp.label_posts(model, posts)
