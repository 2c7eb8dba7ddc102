"""Tables of audiences, campaign days, networks and words, small and made to order."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

import composite as cp
from composite.codebook.tables import TIME
from composite.codebook.themes import THEME_KEYS
from composite.report.compose import compose
from composite.report.content import Content
from composite.report.document import WRITERS
from composite.report.drawing import render
from composite.report.figures import FIGURES
from composite.report.pictures import Picture

DAY = "2013-02-10"
PLACES = {"DE": (51.0, 10.0, "de"), "FR": (46.5, 2.5, "fr"), "GB": (52.5, -1.5, "en")}


@pytest.fixture(scope="session")
def audience_study(
    make_study: Callable[..., tuple[pd.DataFrame, ...]],
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Labels, posts, accounts and counts of followers of 18 agencies in three countries, with a campaign day."""
    labels, _, _ = make_study(("DE", "FR", "GB"), agencies=6, posts=40)
    rng = np.random.default_rng(0)
    n = len(labels)
    order = rng.permutation(n)
    labels = labels.assign(
        published=labels["published"].to_numpy()[order],
        language=labels["country"].map({code: place[2] for code, place in PLACES.items()}),
        kind=pd.Series(np.where(labels["account"].str[-1].isin(list("02468")), "officer", "corporate"), dtype="str"),
    ).astype({"published": TIME})
    # the last posts of all agencies but four fall on the campaign day
    late = labels.groupby(["country", "agency"]).tail(3).index
    labels.loc[late, "published"] = pd.Timestamp(f"{DAY}T10:00:00Z")
    taking = labels.loc[late, "account"].isin(sorted(labels["account"].unique())[:14])
    accounts_of = labels["account"].unique()
    words = np.array(["patrol", "road", "closed", "market", "witness", "thanks", "station", "bridge"])
    texts = []
    for row in range(n):
        text = list(rng.choice(words, 6))
        text += ["appeal"] * bool(labels[THEME_KEYS[3]].iloc[row] >= 0.5)
        text += [f"@{rng.choice(accounts_of)}"] * bool(rng.random() < 0.2)
        texts.append(" ".join(text))
    posts = labels[["post_id", "country", "agency", "account", "published", "language", "corpus"]].assign(
        platform="twitter",
        text=texts,
        reply_to=pd.Series(np.where(rng.random(n) < 0.3, "u815", None), dtype="str"),
        followers=rng.integers(200, 20_000, n).astype(float),
    )
    tagged = late[taking.to_numpy()]
    posts.loc[tagged, "text"] = posts.loc[tagged, "text"] + " #24hPolice"
    boost = np.exp(0.6 * (labels[THEME_KEYS[1]] >= 0.5))
    for name, rate in (("reposts", 0.004), ("likes", 0.006), ("replies", 0.002)):
        posts[name] = rng.poisson(rate * posts["followers"] * boost * rng.gamma(2, 0.5, n)).astype(float)
    homes = labels.drop_duplicates("account").sort_values("account", ignore_index=True)
    accounts = homes[["account", "agency", "country", "kind", "language"]].assign(
        platform="twitter",
        latitude=[PLACES[code][0] + rng.normal() for code in homes["country"]],
        longitude=[PLACES[code][1] + rng.normal() for code in homes["country"]],
        population=rng.integers(50_000, 900_000, len(homes)).astype(float),
    )
    months = pd.date_range("2011-01-01", periods=24, freq="MS", tz="UTC")
    counts = [
        (account, when, round(1000 * (1 + number) * 1.03**month * (1 + rng.normal(0, 0.01)) * (1.4 if leap else 1)))
        for number, account in enumerate(homes["account"])
        for month, when in enumerate(months)
        for leap in [number >= 12 and month >= 20]
    ]
    audience = pd.DataFrame(counts, columns=["account", "date", "followers"]).assign(platform="twitter")
    audience = audience.astype({"account": "str", "platform": "str", "date": TIME, "followers": "int64"})
    return labels, posts, accounts, audience


@pytest.fixture(scope="session")
def audience_tables(
    audience_study: tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame],
) -> dict[str, pd.DataFrame]:
    """The tables that figures of audiences, campaign days, networks and words draw."""
    labels, posts, accounts, audience = audience_study
    followers = cp.measure_followers(audience, accounts, by="country")
    participants = cp.list_participants(posts, "24hpolice", DAY, accounts)
    agencies = cp.link_agencies(labels, replicates=20)
    return {
        "followers": followers,
        "unusual": cp.find_unusual_months(followers),
        "reach": cp.measure_reach(audience, accounts),
        "concentration": cp.measure_concentration(audience, accounts),
        "participants": participants,
        "participation": cp.measure_participation(participants),
        "campaign_themes": cp.compare_campaign_day(labels, participants),
        "engagement": cp.measure_engagement(labels, posts),
        "dialogue": cp.measure_dialogue(posts),
        "edges": cp.link_themes(labels, permutations=199, replicates=199).edges,
        "communities": agencies.nodes,
        "actors": cp.link_mentions(posts).nodes,
        "keywords": cp.find_keywords(posts, labels, fewest=2),
    }


@pytest.fixture(scope="session")
def tables(
    make_study: Callable[..., tuple[pd.DataFrame, ...]], audience_tables: dict[str, pd.DataFrame]
) -> dict[str, pd.DataFrame]:
    """Every table that a figure of the registry draws."""
    labels, codings, _ = make_study(("DE", "FR", "GB"), agencies=6, posts=40)
    other = codings.assign(coder="ben")
    themes = list(cp.THEMES[0:3])
    for place, theme in enumerate(themes):
        other.loc[other.index % 7 == place, theme.key] = 1 - other.loc[other.index % 7 == place, theme.key]
    double = pd.concat([codings.assign(coder="anna"), other], ignore_index=True)
    places = labels.assign(language=labels["country"].map({"DE": "de", "FR": "fr", "GB": "en"}))
    return {
        "agreement": cp.measure_agreement(double, places, by="language", resamples=50),
        "confusions": cp.count_confusions(double, places),
        "shares": cp.estimate_shares(labels, codings),
        "agencies": cp.estimate_shares(labels, codings, by=("country", "agency")),
        "kinds": cp.estimate_shares(
            labels.assign(kind=np.where(labels.index % 2, "officer", "corporate")).astype({"kind": "str"}),
            codings,
            by="kind",
        ),
        "contrasts": cp.compare_countries(labels, codings, against="others"),
        "ranks": cp.rank_countries(labels, codings),
        "profile_map": cp.map_profiles(labels, codings),
        "curves": cp.estimate_curves(cp.find_uptake(labels, codings)),
        "cooccurrence": cp.measure_cooccurrence(labels, codings),
        "months": cp.count_months(labels),
        "quality": cp.measure_quality(labels, codings),
        "languages": cp.measure_by_language(places, codings),
        **audience_tables,
    }


@pytest.fixture(scope="session")
def pictures() -> dict[str, Picture]:
    """One small figure in the place of all: what formats do does not depend on what is drawn."""
    figure = Figure(figsize=(8, 3))
    figure.text(0.5, 0.5, "figure")
    wide, high = Figure(figsize=(12, 4)), Figure(figsize=(5, 9))
    drawn = [Picture(render(each, "svg"), render(each, "png")) for each in (figure, wide, high)]
    return {name: drawn[place % 3] for place, name in enumerate(FIGURES)}


@pytest.fixture(scope="session")
def content(make_study: Callable[..., tuple[pd.DataFrame, ...]], tables: dict[str, pd.DataFrame]) -> Content:
    """A report with every figure of the registry."""
    labels, codings, _ = make_study(("DE", "FR", "GB"), agencies=6, posts=40)
    pairs = cp.compare_countries(labels, codings, resamples=99)
    rejected = pd.DataFrame({"file": "a.csv", "line": [2, 3], "reason": ["no text", "no country"], "value": "x"})
    return compose(
        labels.assign(corpus="illustrative").astype({"corpus": "str"}),
        codings,
        {**tables, "pairs": pairs},
        {name: tables[figure.table] for name, figure in FIGURES.items()},
        rejected=rejected,
        notes=(),
        doubt=None,
        level=0.95,
        labelled="trained",
    )


@pytest.fixture(scope="session")
def made(content: Content, pictures: dict[str, Picture]) -> dict[str, bytes]:
    return {form: write(content, pictures) for form, write in WRITERS.items()}
