"""What exhibits say: never beyond the table, and the neutral title where nothing can be said."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import composite as cp
from composite.codebook.countries import COUNTRY, COUNTRY_CODES
from composite.codebook.themes import THEME, THEME_KEYS
from composite.report.catalogue import LANGUAGES
from composite.report.claims import find_highest
from composite.report.figures import FIGURES
from composite.report.look import Look, use

Tables = dict[str, pd.DataFrame]
each = pytest.mark.parametrize("name", FIGURES)
NAMES = {country.name for country in cp.COUNTRIES}


@each
def test_a_finding_is_one_short_line_in_every_language(tables: Tables, name: str) -> None:
    table = tables[FIGURES[name].table]
    for language in LANGUAGES:
        with use(Look(language=language)):
            said = FIGURES[name].tell(table)
        assert said
        assert "\n" not in said
        assert "{" not in said
        assert len(said) < 160
        assert not said.endswith(".")


@each
def test_a_finding_does_not_depend_on_the_order_of_rows(tables: Tables, name: str) -> None:
    table = tables[FIGURES[name].table]
    assert FIGURES[name].tell(table.sample(frac=1, random_state=1)) == FIGURES[name].tell(table)


@each
def test_of_a_table_without_numbers_nothing_is_claimed(tables: Tables, name: str) -> None:
    table = tables[FIGURES[name].table].copy()
    numbers = [column for column in table if table[column].dtype == "float64"]
    table[numbers] = np.nan
    said = FIGURES[name].tell(table)
    for word in ("leads", "commonest", "above", "below", "told apart", "Most ", "strongest", "times the"):
        assert word not in said or said.startswith(("No ", "In no")) or name in ("ranks", "keywords"), said


@each
def test_with_one_country_nobody_leads_or_is_above_others(tables: Tables, name: str) -> None:
    table = tables[FIGURES[name].table]
    if "country" not in table:
        return
    one = table[table["country"].isin(["DE", "all"])]
    said = FIGURES[name].tell(one)
    assert "leads" not in said or said == FIGURES[name].title
    assert "no country" not in said.lower() or name == "differences"
    assert "all 1" not in said


@given(
    st.lists(st.tuples(st.integers(1, 5), st.integers(0, 4), st.booleans()), min_size=18, max_size=18), st.booleans()
)
def test_who_leads_is_said_only_where_the_rank_interval_is_one_to_one(
    cells: list[tuple[int, int, bool]], over: bool
) -> None:
    rows = [
        {"country": code, "theme": theme, "rank": low, "rank_low": low, "rank_high": low + more, "leads": flag}
        for (code, theme), (low, more, flag) in zip(
            [(code, theme) for code in ("DE", "GB") for theme in THEME_KEYS], cells, strict=True
        )
    ]
    ranks = pd.DataFrame(rows).assign(inference="agencies" if over else "posts")
    sure = ranks[ranks["leads"] & (ranks["rank_high"] == 1) & over]
    said = FIGURES["ranks"].tell(ranks)
    assert (" leads" in said and not said.startswith("No country") and said != FIGURES["ranks"].title) == (
        len(sure) > 0
    )
    for code in ("DE", "GB"):
        if COUNTRY[code].name in said:
            assert code in set(sure["country"])
    swapped = ranks.assign(country=ranks["country"].map({"DE": "GB", "GB": "DE"}))
    if len(sure) == 1:
        names = {"DE": "Germany", "GB": "United Kingdom"}
        code = sure["country"].iloc[0]
        assert names[{"DE": "GB", "GB": "DE"}[code]] in FIGURES["ranks"].tell(swapped)


@settings(max_examples=60)
@given(st.lists(st.tuples(st.floats(-0.5, 0.5), st.floats(0.001, 0.4), st.floats(0, 1)), min_size=18, max_size=18))
def test_a_difference_is_told_only_where_test_and_simultaneous_interval_say_so(
    cells: list[tuple[float, float, float]],
) -> None:
    rows = [
        {
            "country": code,
            "theme": theme,
            "reference": "others",
            "difference": middle,
            "low_all": middle - wide,
            "high_all": middle + wide,
            "p_adjusted": p,
            "inference": "agencies",
        }
        for (code, theme), (middle, wide, p) in zip(
            [(code, theme) for code in ("FR", "IT") for theme in THEME_KEYS], cells, strict=True
        )
    ]
    table = pd.DataFrame(rows)
    sure, apart = table["p_adjusted"] < 0.05, (table["low_all"] > 0) | (table["high_all"] < 0)
    told = table[sure & apart]
    said = FIGURES["differences"].tell(table)
    assert said.startswith("After Holm's adjustment, no country") == (not sure.any())
    assert said.startswith(f"After Holm, {sure.sum()} of 18 ") == (told.empty and sure.any())
    if len(told):
        first = told.loc[told["difference"].abs().idxmax()]
        side = "above" if first["difference"] > 0 else "below"
        assert side in said
        assert f"{abs(100 * first['difference']):.1f} points" in said
        flipped = table.assign(difference=-table["difference"], low_all=-table["high_all"], high_all=-table["low_all"])
        assert ("below" if side == "above" else "above") in FIGURES["differences"].tell(flipped)


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 0.3)), min_size=2, max_size=9))
def test_the_highest_is_above_all_others_intervals(cells: list[tuple[float, float]]) -> None:
    table = pd.DataFrame(
        [(THEME_KEYS[n], share, share - wide, share + wide) for n, (share, wide) in enumerate(cells)],
        columns=["theme", "share", "low", "high"],
    )
    found = find_highest(table, "theme")
    apart = [
        row.theme for row in table.itertuples() if (row.low > table.loc[table["theme"] != row.theme, "high"]).all()
    ]
    assert [found] == apart if apart else found is None
    table.loc[0, "high"] = np.nan
    assert find_highest(table, "theme") is None


def test_naive_shares_have_no_commonest_theme(tables: Tables) -> None:
    naive = tables["shares"][tables["shares"]["method"] == "naive"]
    assert FIGURES["shares"].tell(naive) == FIGURES["shares"].title
    assert FIGURES["methods"].tell(naive) == FIGURES["methods"].title


def test_the_commonest_theme_is_said_of_as_many_countries_as_it_is_sure_in(tables: Tables) -> None:
    best = tables["shares"].query("method == 'corrected'").assign(inference="agencies")
    far = best["theme"] == "voice"
    sure = best.assign(share=np.where(far, 0.9, 0.1), low=np.where(far, 0.8, 0.0), high=np.where(far, 1.0, 0.2))
    assert FIGURES["shares"].tell(sure) == f"{THEME['voice'].short} is the commonest theme in all 3 countries"
    open_ = sure.assign(high=np.where((sure["country"] == "DE") & ~far, 0.95, sure["high"]))
    assert FIGURES["shares"].tell(open_).startswith("Voice is the commonest theme in 2 of 3 countries; in the others")
    assert FIGURES["shares"].tell(sure.assign(inference="posts")) == FIGURES["shares"].title


def test_counts_in_findings_are_those_of_the_table(tables: Tables) -> None:
    people = tables["participants"]
    said = FIGURES["campaign_map"].tell(people)
    assert said.startswith(f"{people['took_part'].sum()} of {len(people)} agencies took part")
    assert FIGURES["months"].tell(tables["months"]).startswith(f"{tables['months']['n_posts'].sum():,} posts")


@each
def test_a_country_that_is_named_is_in_the_table(tables: Tables, name: str) -> None:
    table = tables[FIGURES[name].table]
    said = FIGURES[name].tell(table)
    present = {COUNTRY[code].name for code in set(table.get("country", pd.Series(dtype="str"))) & set(COUNTRY_CODES)}
    if name == "profiles":
        present = NAMES
    assert {country for country in NAMES if country in said} <= present


def test_the_highest_share_of_replies_is_not_called_most_posts(tables: Tables) -> None:
    dialogue = tables["dialogue"].copy()
    dialogue["share"] = np.linspace(0.02, 0.14, len(dialogue))
    dialogue["low"], dialogue["high"] = dialogue["share"] - 0.01, dialogue["share"] + 0.01
    said = FIGURES["dialogue"].tell(dialogue.assign(inference="agencies"))
    assert said.startswith("The police reply most in ")
    assert "14 % of posts are replies" in said


def test_alpha_above_the_bound_everywhere_is_said_of_every_theme(tables: Tables) -> None:
    agreement = tables["agreement"].assign(low=0.9)
    assert FIGURES["agreement"].tell(agreement) == "On every theme, the whole interval of alpha lies above 0.667"
    one = (agreement["group"] == "all") & (agreement["theme"] == agreement["theme"].iloc[0])
    assert FIGURES["agreement"].tell(agreement.assign(low=np.where(one, 0.1, 0.9))).startswith("On 8 of 9 themes")


def test_the_largest_share_of_disagreement_is_told_and_not_that_of_a_theme_given_a_few_times() -> None:
    rows = [("voice", "none", 3, 0.3), ("human_side", "none", 10, 0.05), ("push_information", "voice", 2, 0.02)]
    table = pd.DataFrame(rows, columns=["theme", "other", "n", "share"]).assign(low=0.01, high=0.4)
    said = FIGURES["confusions"].tell(table)
    assert said == (
        "Most often left out by another coder: “Human side” (5 % of the times that it was given, 1 % to 40 %)"
    )
    otherwise = table.assign(share=[0.3, 0.05, 0.06], n=[3, 10, 6])
    said = FIGURES["confusions"].tell(otherwise)
    assert said.startswith("Most often coded otherwise: “Pushing information” as “Voice” (6 % of")
    assert FIGURES["confusions"].tell(table.assign(n=0, share=0.0)) == FIGURES["confusions"].title


def test_a_countrys_middle_agency_has_most_followers_only_where_its_interval_is_above_all_others(
    tables: Tables,
) -> None:
    reach = tables["reach"].assign(median=10.0, median_low=5.0, median_high=20.0)
    german = reach["country"] == "DE"
    apart = reach.assign(
        median=reach["median"].mask(german, 120.0),
        median_low=reach["median_low"].mask(german, 21.0),
        median_high=reach["median_high"].mask(german, 1234.0),
    )
    said = FIGURES["reach"].tell(apart)
    assert said.startswith("Followers per 1,000 inhabitants are most in Germany, where")
    assert said.endswith("has 120 (21 to 1,234)")
    touching = apart.assign(median_low=apart["median_low"].mask(german, 19.0))
    unknown = apart.assign(median_low=apart["median_low"].mask(~german, np.nan))
    for table in (touching, unknown):
        said = FIGURES["reach"].tell(table)
        assert "to 120 (Germany) followers" in said
        assert said.endswith("no country is told apart as first")


def test_findings_quote_the_intervals_of_the_table(tables: Tables) -> None:
    whole = tables["concentration"].assign(top_tenth=0.52, top_tenth_low=0.44, top_tenth_high=0.6)
    assert "52 % of all followers (44 % to 60 %" in FIGURES["concentration"].tell(whole)
    assert "44" not in FIGURES["concentration"].tell(whole.assign(top_tenth_low=np.nan))
    pairs = tables["cooccurrence"].assign(share=0.1, low=0.05, high=0.2, effective_n=99.0, method="coded")
    assert "10 % (5 % to 20 %) of “" in FIGURES["cooccurrence"].tell(pairs)
    quality = tables["quality"].assign(n_positive=50, f1=np.linspace(0.5, 0.9, 9), f1_low=0.41, f1_high=0.95)
    assert FIGURES["quality"].tell(quality).count("0.41 to 0.95") == 2
