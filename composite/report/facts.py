"""What exhibits say whose tables count and have no intervals: what was counted, and nothing of what was not."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from composite.report.claims import FEW, SURE
from composite.report.look import name_country, name_theme, number, per_cent, say


def tell_months(months: pd.DataFrame) -> str | None:
    """How many posts there are, and of which months."""
    return say(
        "{n} posts with a date, {first} to {last}",
        n=int(months["n_posts"].sum()),
        first=str(months["month"].min()),
        last=str(months["month"].max()),
    )


def tell_quality(quality: pd.DataFrame) -> str | None:
    """The range of F1 over the themes that have enough coded posts."""
    known = quality[(quality["n_positive"] >= FEW) & quality["f1"].notna()].sort_values(["f1", "theme"])
    if len(known) < 2:
        return None
    worst, best = known.iloc[0], known.iloc[-1]
    return say(
        "On these coded posts, F1 runs from {low} ({worst}) to {high} ({best})",
        low=number(worst["f1"], ".2f"),
        worst=name_theme(worst["theme"], short=True),
        high=number(best["f1"], ".2f"),
        best=name_theme(best["theme"], short=True),
    )


def tell_cooccurrence(cooccurrence: pd.DataFrame) -> str | None:
    """The largest share of a theme's posts that also have another."""
    known = cooccurrence[(cooccurrence["effective_n"] >= FEW) & cooccurrence["share"].notna()]
    known = known[known["share"] > 0].sort_values(["share", "theme", "other"], ascending=[False, True, True])
    if known.empty or (known["method"] != "coded").any():
        return None
    row = known.iloc[0]
    return say(
        "Largest overlap: an estimated {share} of the posts with “{theme}” also have “{other}”",
        share=per_cent(row["share"], ".0f"),
        theme=name_theme(row["theme"], short=True),
        other=name_theme(row["other"], short=True),
    )


def tell_confusions(confusions: pd.DataFrame) -> str | None:
    """The largest share of a theme, given often enough, that another coder left out or coded otherwise."""
    known = confusions[(confusions["n"] > 0) & confusions["share"].notna()]
    given = known["n"] / known["share"]
    known = known[given.round() >= FEW].sort_values(["share", "theme", "other"], ascending=[False, True, True])
    if known.empty:
        return None
    row = known.iloc[0]
    theme, share = name_theme(row["theme"], short=True), per_cent(row["share"], ".2g")
    if row["other"] == "none":
        text = "Most often left out by another coder: “{theme}” ({share} of the times that it was given)"
        return say(text, theme=theme, share=share)
    text = "Most often coded otherwise: “{theme}” as “{other}” ({share} of the times that it was given)"
    return say(text, theme=theme, other=name_theme(row["other"], short=True), share=share)


def tell_followers(followers: pd.DataFrame) -> str | None:
    """In how many months the same accounts had gained followers."""
    known = followers["growth"].dropna()
    if known.empty:
        return None
    text = "In {k} of {n} months, counted country by country, the same accounts gained followers"
    return say(text, k=int((known > 0).sum()), n=len(known))


def tell_unusual(unusual: pd.DataFrame) -> str | None:
    """How many months were unlike the country's own past."""
    judged = unusual[unusual["p_value"].notna()]
    if judged.empty:
        return None
    k = int(judged["unusual"].sum())
    if not k:
        return say("No month of {n} is unlike the country's own past", n=len(judged))
    return say("{k} of {n} months are unlike the country's own past", k=k, n=len(judged))


def tell_reach(reach: pd.DataFrame) -> str | None:
    """The range of the countries' medians."""
    middle = reach.groupby("country")["per_1000"].median().sort_index().sort_values(kind="stable")
    if len(middle) < 2:
        return None
    return say(
        "The middle agency has from {low} ({first}) to {high} ({last}) followers per 1,000 inhabitants",
        low=number(middle.iloc[0], ".2g"),
        first=name_country(str(middle.index[0])),
        high=number(middle.iloc[-1], ".2g"),
        last=name_country(str(middle.index[-1])),
    )


def tell_concentration(concentration: pd.DataFrame) -> str | None:
    """What the tenth of accounts with most followers has."""
    whole = concentration[(concentration["country"] == "all") & concentration["top_tenth"].notna()]
    if whole.empty:
        return None
    text = "The tenth of accounts with most followers has {share} of all followers of these accounts"
    return say(text, share=per_cent(whole["top_tenth"].iloc[0], ".0f"))


def tell_campaign_map(participants: pd.DataFrame) -> str | None:
    """How many agencies took part."""
    first = participants.iloc[0]
    return say(
        "{k} of {n} agencies took part in #{hashtag}",
        k=int(participants["took_part"].sum()),
        n=len(participants),
        hashtag=first["hashtag"],
    )


def tell_communities(communities: pd.DataFrame) -> str | None:
    """How many communities there are, and how stable."""
    stable = communities["stability"].dropna()
    if stable.empty:
        return None
    return say(
        "{n} agencies fall into {k} communities of like use (mean stability {stable})",
        n=len(communities),
        k=int(communities["community"].nunique()),
        stable=number(float(np.mean(stable)), ".2f"),
    )


def tell_actors(actors: pd.DataFrame) -> str | None:
    """How many accounts mention others."""
    return say("{k} of {n} accounts mention another", k=int((actors["mentions"] > 0).sum()), n=len(actors))


def tell_keywords(keywords: pd.DataFrame) -> str | None:
    """How many of the words are told apart from chance."""
    k = int((keywords["p_adjusted"] < SURE).sum())
    return say("{k} of {n} of these words are told apart from chance", k=k, n=len(keywords))


TELL: dict[str, Callable[[pd.DataFrame], str | None]] = {
    "months": tell_months,
    "quality": tell_quality,
    "cooccurrence": tell_cooccurrence,
    "confusions": tell_confusions,
    "followers": tell_followers,
    "unusual": tell_unusual,
    "reach": tell_reach,
    "concentration": tell_concentration,
    "campaign_map": tell_campaign_map,
    "communities": tell_communities,
    "actors": tell_actors,
    "keywords": tell_keywords,
}
