"""The findings at the beginning of a report: sentences that follow from the tables, and never go beyond them."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import composite as cp
from composite.codebook.countries import COUNTRY, COUNTRY_CODES
from composite.codebook.themes import THEME_KEYS
from composite.report.country_findings import tell_contrasts, tell_ranks, tell_shares
from composite.report.drawing import write_per_cent
from composite.report.findings import KINDS, MOST_FINDINGS, find_findings
from composite.report.other_findings import (
    tell_engagement,
    tell_followers,
    tell_kinds,
    tell_trust,
    tell_uptake,
)
from composite.report.wording import name_country, name_theme, write_signed

Tables = dict[str, pd.DataFrame]


def make_tables(seed: int, codes: list[str]) -> Tables:
    """Random tables of a study of these countries, of every kind that findings are written from."""
    rng = np.random.default_rng(seed)
    inference = {code: rng.choice(["agencies", "posts", "descriptive"], p=[0.7, 0.2, 0.1]) for code in codes}
    rows = []
    for code in codes:
        for theme in THEME_KEYS:
            for method in ("naive", "coded", "corrected"):
                share = rng.beta(1, 3)
                known = inference[code] != "descriptive" or method == "naive"
                low, high = (share * rng.random(), share + (1 - share) * rng.random()) if known else (np.nan, np.nan)
                rows.append((code, theme, method, share, low, high, inference[code]))
    names = ["country", "theme", "method", "share", "low", "high", "inference"]
    tables = {"shares": pd.DataFrame(rows, columns=names)}
    best = tables["shares"].query("method == 'corrected'")
    ranks = best[["country", "theme", "share"]].reset_index(drop=True)
    ranks["rank"] = ranks.groupby("theme")["share"].rank(ascending=False, method="min").astype(int)
    ranks["rank_low"] = [int(rng.integers(1, rank + 1)) for rank in ranks["rank"]]
    ranks["rank_high"] = [int(rng.integers(rank, len(codes) + 1)) for rank in ranks["rank"]]
    ranks["leads"] = (ranks["rank_low"] == 1) & (ranks["rank_high"] == 1)
    tables["ranks"] = ranks.assign(inference=str(rng.choice(["agencies", "posts"])))
    tables["pairs"] = make_contrasts(rng, [(a, b) for a, b in combinations(codes, 2)])
    tables["contrasts"] = make_contrasts(rng, [(code, "others") for code in codes])
    tables["agreement"] = pd.DataFrame(
        {
            "group": "all",
            "theme": [*THEME_KEYS, "set"],
            "n_positive": rng.integers(0, 200, 10),
            "alpha": 1 - rng.random(10),
        }
    ).assign(low=lambda t: t["alpha"] - 0.1, high=lambda t: np.minimum(t["alpha"] + 0.1, 1))
    effects = [(theme, "kind", kind, "corporate") for theme in THEME_KEYS for kind in ("officer", "unit")]
    effects += [(theme, "country", code, codes[0]) for theme in THEME_KEYS for code in codes[1:]]
    tables["effects"] = pd.DataFrame(effects, columns=["theme", "factor", "value", "reference"]).assign(
        effect=lambda t: rng.normal(0, 0.1, len(t)),
        low=lambda t: t["effect"] - 0.05,
        high=lambda t: t["effect"] + 0.05,
        p_adjusted=lambda t: rng.random(len(t)),
        inference="agencies",
    )
    curves = [(code, theme, month) for code in codes for theme in THEME_KEYS for month in (0, 3, 9)]
    tables["curves"] = pd.DataFrame(curves, columns=["country", "theme", "months"]).assign(
        n_agencies=9, share=lambda t: np.where(t["months"] == 0, 0, rng.random(len(t)))
    )
    tables["curves"] = tables["curves"].assign(low=lambda t: t["share"] / 2, high=lambda t: (1 + t["share"]) / 2)
    tables["engagement"] = pd.DataFrame(
        [(measure, theme) for measure in ("reposts", "likes") for theme in THEME_KEYS], columns=["measure", "theme"]
    ).assign(
        n_theme=lambda t: rng.integers(0, 90, len(t)),
        ratio=lambda t: np.exp(rng.normal(0, 1, len(t))),
        low=lambda t: t["ratio"] / 2,
        high=lambda t: t["ratio"] * 2,
        p_adjusted=lambda t: rng.random(len(t)) / 2,
    )
    months = [(code, f"2013-{month:02d}") for code in codes for month in range(1, 5)]
    tables["unusual"] = pd.DataFrame(months, columns=["country", "month"]).assign(
        growth=lambda t: rng.normal(0.05, 0.05, len(t)),
        usual=0.05,
        z=lambda t: rng.normal(0, 2, len(t)),
        p_adjusted=lambda t: rng.random(len(t)) / 5,
        unusual=lambda t: t["p_adjusted"] < 0.05,
    )
    return tables


def make_contrasts(rng: np.random.Generator, pairs: list[tuple[str, str]]) -> pd.DataFrame:
    rows = [(theme, one, two) for one, two in pairs for theme in THEME_KEYS]
    table = pd.DataFrame(rows, columns=["theme", "country", "reference"])
    n = len(table)
    table["difference"] = rng.normal(0, 0.2, n).clip(-1, 1)
    half = rng.random(n) * 0.3
    table["low"], table["high"] = table["difference"] - half, table["difference"] + half
    table["low_all"], table["high_all"] = table["difference"] - 2 * half, table["difference"] + 2 * half
    table["p_value"] = rng.random(n)
    table["p_adjusted"] = rng.random(n) if rng.random() < 0.7 else 1.0
    table["inference"] = rng.choice(["agencies", "posts"], n)
    return table


studies = st.builds(
    make_tables,
    st.integers(0, 2**32 - 1),
    st.lists(st.sampled_from(COUNTRY_CODES), min_size=2, max_size=6, unique=True).map(
        lambda codes: [code for code in COUNTRY_CODES if code in codes]
    ),
)


def write_all(tables: Tables, level: float = 0.95) -> str:
    return " ".join(found.text for tell in KINDS.values() if (found := tell(tables, level)) is not None)


@settings(max_examples=15, deadline=None)
@given(studies)
def test_a_country_is_said_to_lead_only_where_its_rank_interval_is_one_to_one(tables: Tables) -> None:
    finding = tell_ranks(tables, 0.95)
    assert finding is not None
    leads = tables["ranks"][tables["ranks"]["leads"]]
    said = {(name_country(row.country), name_theme(row.theme)) for row in leads.itertuples()}
    first = finding.text.split(".")[0]
    if leads.empty:
        assert "leads" not in finding.text
        assert first.startswith("No country can be said to lead")
    else:
        named = set(re.findall(r"(?:: |, | and )([A-Za-z ]+?) on (“[^”]+”)", first))
        named |= {
            (name[0].lower() + name[1:] if name.startswith("The ") else name, theme)
            for name, theme in re.findall(r"^([A-Za-z ]+) leads on (“[^”]+”)", first)
        }
        assert named
        assert named <= said
    british = "GB" in set(leads["country"])
    assert ("So British police lead on" in finding.text) == british
    # no other finding speaks of leading at all
    assert "lead" not in write_all({name: table for name, table in tables.items() if name != "ranks"})


@settings(max_examples=15, deadline=None)
@given(studies)
def test_nothing_is_said_of_countries_that_are_not_in_the_tables(tables: Tables) -> None:
    absent = set(COUNTRY_CODES) - set(tables["shares"]["country"])
    text = write_all(tables)
    assert not [COUNTRY[code].name for code in absent if COUNTRY[code].name in text]
    assert not ("GB" in absent and "British" in text)


@settings(max_examples=15, deadline=None)
@given(studies, st.sampled_from([0.9, 0.95]))
def test_the_numbers_in_sentences_are_those_of_the_tables_rounded(tables: Tables, level: float) -> None:
    shares = tables["shares"]
    values = {write_per_cent(v) for v in shares[["share", "low", "high"]].to_numpy().ravel() if v == v}
    allowed = values | {f"{100 * level:g}"}
    for tell in (tell_shares, tell_trust):
        finding = tell(tables, level)
        if finding is not None:
            for number in re.findall(r"([<\d.]+(?:–[<\d.]+)?)\u00a0%", finding.text):
                assert set(number.split("–")) <= allowed
    finding = tell_contrasts(tables, level)
    assert finding is not None
    differences = pd.concat([tables["pairs"], tables["contrasts"]])
    sizes = {f"{abs(100 * d):.1f}" for d in differences["difference"]}
    ends = {write_signed(v) for v in differences[["low", "high", "low_all", "high_all"]].to_numpy().ravel()}
    assert set(re.findall(r"([\d.]+) percentage points", finding.text)) <= sizes
    spans = re.findall(r"([+−]?[\d.]+) to ([+−]?[\d.]+)", finding.text)
    assert spans
    assert {end for span in spans for end in span} <= ends
    told = (tables["contrasts"]["p_adjusted"] < 0.05).sum()
    assert told == 0 or len(set(shares["country"])) == 2 or f" {told} can be told apart" in finding.text


@settings(max_examples=8, deadline=None)
@given(studies, st.integers(0, 99))
def test_the_order_of_rows_does_not_change_the_findings(tables: Tables, seed: int) -> None:
    shuffled = {name: table.sample(frac=1, random_state=seed) for name, table in tables.items()}
    assert [tell(shuffled, 0.95) for tell in KINDS.values()] == [tell(tables, 0.95) for tell in KINDS.values()]


@settings(max_examples=15, deadline=None)
@given(studies)
def test_every_finding_has_an_interval_or_says_that_the_data_cannot_tell(tables: Tables) -> None:
    for tell in KINDS.values():
        finding = tell(tables, 0.95)
        if finding is not None:
            assert re.search(r"interval|cannot (tell|be told)|be told apart|open", finding.text), finding
            assert finding.text.endswith(".")
            assert "nan" not in finding.text
            assert "inf" not in re.sub(r"information|infrastructure", "", finding.text)


@settings(max_examples=8, deadline=None)
@given(studies, st.sets(st.sampled_from(["ranks", "contrasts", "effects", "agreement", "curves", "engagement"])))
def test_findings_are_five_of_different_kinds_in_a_fixed_order(tables: Tables, gone: set[str]) -> None:
    left = {name: table for name, table in tables.items() if name not in gone}
    found = [finding.kind for finding in find_findings(left, 0.95)]
    possible = [kind for kind, tell in KINDS.items() if tell(left, 0.95) is not None]
    assert found == possible[:MOST_FINDINGS]


@settings(max_examples=10, deadline=None)
@given(studies)
def test_what_speaks_of_these_agencies_posts_only_says_so(tables: Tables) -> None:
    narrow = {**tables}
    for name in ("ranks", "contrasts", "pairs"):
        narrow[name] = tables[name].assign(inference="posts")
    assert "posts of the agencies studied" in tell_ranks(narrow, 0.95).text  # type: ignore[union-attr]
    told = narrow["contrasts"]["p_adjusted"].lt(0.05).any() or narrow["pairs"]["p_adjusted"].lt(0.05).any()
    if told and len(set(tables["shares"]["country"])) > 2:
        assert "not of the countries' police" in tell_contrasts(narrow, 0.95).text  # type: ignore[union-attr]
    wide = {**narrow, "ranks": narrow["ranks"].assign(inference="agencies")}
    assert "agencies studied" not in tell_ranks(wide, 0.95).text  # type: ignore[union-attr]


def test_countries_that_are_alike_cannot_be_told_apart(
    make_study: Callable[..., tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]],
) -> None:
    labels, codings, _ = make_study(("GB",), agencies=6, posts=20)
    copies, codes = [], []
    for code in ("DE", "FR", "GB"):
        copies.append(labels.assign(country=code, post_id=code + labels["post_id"]))
        codes.append(codings.assign(post_id=code + codings["post_id"]))
    everything, coded = pd.concat(copies, ignore_index=True), pd.concat(codes, ignore_index=True)
    everything["country"] = everything["country"].astype("str")
    tables = {
        "shares": cp.estimate_shares(everything, coded),
        "ranks": cp.rank_countries(everything, coded, resamples=199),
        "pairs": cp.compare_countries(everything, coded, resamples=199),
        "contrasts": cp.compare_countries(everything, coded, against="others", resamples=199),
    }
    contrasts, ranks = tell_contrasts(tables, 0.95), tell_ranks(tables, 0.95)
    assert contrasts is not None
    assert ranks is not None
    assert contrasts.text.startswith("On no theme can a country be told apart from the mean of the others (27 compar")
    assert "nor any two countries from each other" in contrasts.text
    assert "it cannot be told apart from any other country." in ranks.text
    assert "the data do not show that British police lead" in ranks.text


def test_a_difference_over_agencies_is_not_called_the_largest_where_one_of_posts_is_larger() -> None:
    contrasts = make_tables(0, ["DE", "FR", "GB"])["contrasts"].assign(p_adjusted=0.9, inference="agencies")
    contrasts.loc[0, ["difference", "low", "high", "p_adjusted"]] = [0.1, 0.05, 0.15, 0.01]
    contrasts.loc[1, ["difference", "low", "high", "p_adjusted"]] = [0.3, 0.25, 0.35, 0.01]
    largest = tell_contrasts({"contrasts": contrasts}, 0.95)
    assert largest is not None
    assert "The larger of them: Germany lies 30.0 percentage points above" in largest.text
    contrasts.loc[1, "inference"] = "posts"
    other = tell_contrasts({"contrasts": contrasts}, 0.95)
    assert other is not None
    assert "The larger of them that speaks of more than these agencies: Germany lies 10.0" in other.text


def test_the_shares_of_one_country_are_told_without_comparing() -> None:
    tables = make_tables(3, ["GB", "NL"])
    one = tables["shares"][tables["shares"]["country"] == "NL"].assign(inference="agencies")
    one.loc[one["theme"] == "voice", ["share", "low", "high"]] = [0.9, 0.85, 0.95]
    others = one["theme"] != "voice"
    one.loc[others, ["share", "low", "high"]] = [0.2, 0.1, 0.3]
    finding = tell_shares({"shares": one}, 0.95)
    assert finding is not None
    assert finding.text.replace("\u00a0", " ") == (
        "“Having a voice” has the largest estimated share of posts of all themes: 90 % in the Netherlands (95 % "
        "interval 85–95 %). There its interval lies above those of all other themes."
    )
    uncorrected = tell_shares({"shares": one[one["method"] == "naive"]}, 0.95)
    assert uncorrected is not None
    assert uncorrected.text.startswith("By the classifier's labels, whose errors are not corrected, “having a voice”")


def test_without_codings_the_data_cannot_tell_how_wrong_the_shares_are() -> None:
    tables = make_tables(0, ["DE", "GB"])
    naive = tables["shares"][tables["shares"]["method"] == "naive"]
    finding = tell_trust({"shares": naive}, 0.95)
    assert finding is not None
    assert "The data cannot tell how far the shares are wrong" in finding.text


@pytest.mark.parametrize(
    ("low", "said"),
    [
        (0.81, "on every theme the interval lies above 0.8"),
        (0.7, "enough for tentative conclusions"),
        (0.5, "the data do not show that codes are good enough for any conclusion (0.667)"),
    ],
)
def test_agreement_is_judged_by_the_lower_end_of_its_interval(low: float, said: str) -> None:
    tables = make_tables(0, ["DE", "GB"])
    tables["agreement"] = tables["agreement"].assign(alpha=0.95, low=0.9, high=0.99, n_positive=99)
    tables["agreement"].loc[0, ["alpha", "low", "high"]] = [0.9, low, 0.95]
    finding = tell_trust(tables, 0.95)
    assert finding is not None
    assert said in finding.text
    assert "“source of criminal information”: Krippendorff's alpha is 0.900" in finding.text


def test_kinds_of_account_are_told_apart_only_after_holm() -> None:
    tables = make_tables(0, ["DE", "GB"])
    none = tell_kinds({"effects": tables["effects"].assign(p_adjusted=0.9)}, 0.95)
    assert none is not None
    assert "kinds of account cannot be told apart on any theme" in none.text
    assert "may be chance" in none.text
    some = tables["effects"].assign(p_adjusted=0.9)
    row = (some["factor"] == "kind").idxmax()
    some.loc[row, ["effect", "low", "high", "p_adjusted"]] = [-0.1, -0.15, -0.05, 0.01]
    found = tell_kinds({"effects": some}, 0.95)
    assert found is not None
    assert "posts of officers' accounts are less often about “source of criminal information”" in found.text
    assert "Of 18 such differences, 1 can be told apart" in found.text


def test_the_theme_that_spread_fastest_is_the_one_that_half_of_agencies_adopted_soonest() -> None:
    tables = make_tables(0, ["DE", "GB"])
    curves = tables["curves"].assign(share=0.2, low=0.1, high=0.3)
    fast = (curves["theme"] == "voice") & (curves["months"] >= 3)
    curves.loc[fast, ["share", "low", "high"]] = [0.8, 0.6, 0.9]
    finding = tell_uptake({"curves": curves}, 0.95)
    assert finding is not None
    assert finding.text.startswith("By the estimates, “having a voice” spread fastest")
    assert "In each of them the intervals set it apart" in finding.text
    slow = tell_uptake({"curves": curves.assign(share=0.2, low=0.1, high=0.3)}, 0.95)
    assert slow is not None
    assert "cannot tell which spread fastest" in slow.text


def test_ratios_and_growth_that_may_be_chance_are_said_to_be_so() -> None:
    tables = make_tables(0, ["DE", "GB"])
    engagement = tell_engagement({"engagement": tables["engagement"].assign(p_adjusted=0.9)}, 0.95)
    assert engagement is not None
    assert "may be chance" in engagement.text
    followers = tell_followers({"unusual": tables["unusual"].assign(unusual=False)}, 0.95)
    assert followers is not None
    assert "In none of 8 months of a country can the growth of followers be told apart from chance" in followers.text
