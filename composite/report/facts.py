"""What exhibits say whose tables count or describe: what was found, with its interval where there is one."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from composite.report.claims import FEW, SURE, find_highest, write_interval
from composite.report.look import name_country, name_theme, number, per_cent, say

STABLE = 0.5  # of communities: below, agencies are more often with others than with the same


def tell_months(months: pd.DataFrame) -> str | None:
    """How many posts there are, and of which months."""
    return say(
        "{n} posts with a date, {first} to {last}",
        n=int(months["n_posts"].sum()),
        first=str(months["month"].min()),
        last=str(months["month"].max()),
    )


def tell_quality(quality: pd.DataFrame) -> str | None:
    """The range of F1 over the themes that have enough coded posts, with the intervals of its ends."""
    known = quality[(quality["n_positive"] >= FEW) & quality[["f1", "f1_low", "f1_high"]].notna().all(axis=1)]
    known = known.sort_values(["f1", "theme"])
    if len(known) < 2:
        return None
    worst, best = known.iloc[0], known.iloc[-1]
    return say(
        "On coded posts, F1 runs from {low} ({worst}: {low_low} to {low_high}) to {high} "
        "({best}: {high_low} to {high_high})",
        worst=name_theme(worst["theme"], short=True),
        best=name_theme(best["theme"], short=True),
        **{"low" + end[2:]: number(worst[end], ".2f") for end in ("f1", "f1_low", "f1_high")},
        **{"high" + end[2:]: number(best[end], ".2f") for end in ("f1", "f1_low", "f1_high")},
    )


def tell_cooccurrence(cooccurrence: pd.DataFrame) -> str | None:
    """The largest share of a theme's posts that also have another."""
    known = cooccurrence[(cooccurrence["effective_n"] >= FEW) & cooccurrence[["share", "low"]].notna().all(axis=1)]
    known = known[known["share"] > 0].sort_values(["share", "theme", "other"], ascending=[False, True, True])
    if known.empty or (known["method"] != "coded").any():
        return None
    row = known.iloc[0]
    return say(
        "Largest overlap, of themes with {few} posts: {share} ({interval}) of “{theme}” are also “{other}”",
        few=FEW,
        share=per_cent(row["share"], ".0f"),
        interval=write_interval(row["low"], row["high"], ".0f"),
        theme=name_theme(row["theme"], short=True),
        other=name_theme(row["other"], short=True),
    )


def tell_confusions(confusions: pd.DataFrame) -> str | None:
    """The largest share of a theme, given often enough, that another coder left out or coded otherwise."""
    known = confusions[(confusions["n"] > 0) & confusions[["share", "low", "high"]].notna().all(axis=1)]
    given = known["n"] / known["share"]
    known = known[given.round() >= FEW].sort_values(["share", "theme", "other"], ascending=[False, True, True])
    if known.empty:
        return None
    row = known.iloc[0]
    theme, other = name_theme(row["theme"], short=True), row["other"]
    share, interval = per_cent(row["share"], ".2g"), write_interval(row["low"], row["high"], ".2g")
    if other == "none":
        text = "Most often left out by another coder: “{theme}” ({share} of the times that it was given, {interval})"
        return say(text, theme=theme, share=share, interval=interval)
    text = "Most often coded otherwise: “{theme}” as “{other}” ({share} of the times that it was given, {interval})"
    return say(text, theme=theme, other=name_theme(other, short=True), share=share, interval=interval)


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
    """Which country's middle agency has most followers per inhabitant, or the range of the medians."""
    middle = reach.drop_duplicates("country").sort_values(["median", "country"])
    middle = middle[middle["median"].notna()].rename(columns={"median_low": "low", "median_high": "high"})
    if len(middle) < 2:
        return None
    first, last = middle.iloc[0], middle.iloc[-1]
    if find_highest(middle, "country", "median") is not None:
        return say(
            "Followers per 1,000 inhabitants are most in {country}, where the middle agency has {value} "
            "({low} to {high})",
            country=name_country(last["country"]),
            value=_write_rate(last["median"]),
            low=_write_rate(last["low"]),
            high=_write_rate(last["high"]),
        )
    return say(
        "The middle agency has from {low} ({first}) to {high} ({last}) followers per 1,000 inhabitants; no country is "
        "told apart as first",
        low=_write_rate(first["median"]),
        first=name_country(first["country"]),
        high=_write_rate(last["median"]),
        last=name_country(last["country"]),
    )


def _write_rate(value: float) -> str:
    """A number of 0 or more to two digits, or whole if it has more.

    >>> _write_rate(7.66), _write_rate(123.4), _write_rate(0)
    ('7.7', '123', '0')
    """
    return number(value, ",.0f" if value >= 99.5 else ".2g")


def tell_concentration(concentration: pd.DataFrame) -> str | None:
    """What the tenth of accounts with most followers has."""
    whole = concentration[(concentration["country"] == "all") & concentration["top_tenth"].notna()]
    if whole.empty:
        return None
    row = whole.iloc[0]
    text = "The tenth of accounts with most followers has {share} of all followers of these accounts"
    if np.isnan(row["top_tenth_low"]):
        return say(text, share=per_cent(row["top_tenth"], ".0f"))
    return say(
        "The tenth of accounts with most followers has {share} of all followers ({interval} among accounts like these)",
        share=per_cent(row["top_tenth"], ".0f"),
        interval=write_interval(row["top_tenth_low"], row["top_tenth_high"], ".0f"),
    )


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
    mean = float(np.mean(stable))
    text = (
        "{n} agencies fall into {k} communities of like use (mean stability {stable} of 1)"
        if mean >= STABLE
        else "No stable communities: the {k} found among {n} agencies have a mean stability of {stable} of 1"
    )
    n, k = len(communities), int(communities["community"].nunique())
    return say(text, n=n, k=k, stable=number(mean, ".2f"))


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
