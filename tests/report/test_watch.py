"""Audiences, campaign days, networks and words as the study has them, and as the report shows them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import composite as cp
from composite.adoption.watch import watch_audiences, watch_posts
from composite.report.document import write_report
from composite.report.figures import FIGURES

Tables = tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame]


def test_the_study_has_every_table_that_the_data_allow_and_the_report_every_figure(
    audience_study: Tables, tmp_path: Path
) -> None:
    labels, posts, accounts, audience = audience_study
    tables, notes = watch_posts(labels, posts, None, accounts, 0.95)
    more, said = watch_audiences(audience, accounts, posts, 0.95)
    assert notes == said == []
    for name, table in (tables | more).items():
        cp.check_table(name, table)
    tables = {"shares": cp.estimate_shares(labels), **tables, **more}
    shown = tuple(name for name, exhibit in FIGURES.items() if exhibit.table in tables)
    assert {"campaign_map", "followers", "engagement", "theme_ties", "communities", "actors", "keywords"} <= set(shown)
    page = write_report(
        tmp_path, labels, None, tables, rejected=None, notes=(), doubt=None, level=0.95, only=shown
    ).read_text("utf-8")
    assert ">all</t" in page
    assert "gini (%)" in page
    assert "ratio (%)" not in page


def test_counts_of_followers_beside_invented_posts_are_taken_for_invented(audience_study: Tables) -> None:
    _, posts, accounts, audience = audience_study
    invented = posts.assign(corpus=pd.Series(["illustrative"] * len(posts), dtype="str"))
    tables, _ = watch_audiences(audience, accounts, invented, 0.95)
    assert all(set(table["corpus"]) == {"illustrative"} for table in tables.values())


def test_what_the_followers_do_not_allow_is_said(audience_study: Tables) -> None:
    _, posts, accounts, audience = audience_study
    assert "followers are not in the report" in watch_audiences(audience, None, posts, 0.95)[1][0]
    fewer = accounts[accounts["account"] != accounts["account"].iloc[0]].drop(columns="population")
    tables, notes = watch_audiences(audience, fewer, posts, 0.95)
    assert set(tables) == {"followers", "unusual", "concentration"}
    assert notes[0].startswith("24 counts of followers of accounts that are not in the table of accounts")
    assert "no account has a population" in notes[1]


def test_posts_without_dates_accounts_and_counts_have_the_rest(audience_study: Tables) -> None:
    labels, posts, _, _ = audience_study
    nothing = pd.Series([None] * len(posts), dtype="str")
    poor = posts.drop(columns=["followers", "reposts", "likes", "replies", "reply_to"])
    undated = pd.Series([pd.NaT] * len(posts), dtype=posts["published"].dtype)
    poor = poor.assign(published=undated, account=nothing)
    tables, notes = watch_posts(labels, poor, None, None, 0.95)
    assert set(tables) == {"edges", "communities", "keywords"}
    assert notes == []


@pytest.mark.parametrize("name", ["campaign_map", "actors", "theme_ties", "keywords"])
def test_a_figure_of_what_is_not_there_is_an_error_that_says_so(
    audience_tables: dict[str, pd.DataFrame], name: str
) -> None:
    table = audience_tables[FIGURES[name].table].copy()
    message = {
        "campaign_map": "no agency has coordinates",
        "actors": "no account mentions another",
        "theme_ties": "has no network of themes",
        "keywords": "draws words of themes",
    }[name]
    if name == "campaign_map":
        table[["latitude", "longitude"]] = float("nan")
    elif name == "actors":
        table[["mentions", "mentioned"]] = 0
    elif name == "theme_ties":
        table["network"] = "mentions"
    else:
        table = table.head(1).assign(group="GB")
    with pytest.raises(cp.CompositeError, match=message):
        FIGURES[name].draw(table)
