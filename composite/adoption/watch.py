"""All that the data allow to be said of audiences, campaign days, networks and words, for the report."""

from __future__ import annotations

import pandas as pd

from composite.adoption.audience import measure_followers
from composite.adoption.campaign_day import compare_campaign_day
from composite.adoption.campaigns import find_campaigns, list_participants, measure_participation
from composite.adoption.engagement import MEASURES, measure_dialogue, measure_engagement
from composite.adoption.growth import find_unusual_months
from composite.adoption.mentions import link_mentions
from composite.adoption.reach import measure_concentration, measure_reach
from composite.adoption.similarity import link_agencies
from composite.adoption.theme_ties import link_themes
from composite.adoption.wording import find_keywords
from composite.codebook.tables import ILLUSTRATIVE
from composite.errors import CompositeError

WORDS = 10


def watch_audiences(
    audience: pd.DataFrame, accounts: pd.DataFrame | None, posts: pd.DataFrame, level: float
) -> tuple[dict[str, pd.DataFrame], list[str]]:
    """The tables `followers`, `unusual` (both by country), `reach` and `concentration`, and what is not among them.

    Counts of accounts that are not in the registry are left out, and said to be; counts beside invented posts are
    taken for invented.
    """
    if accounts is None:
        return {}, ["followers are not in the report: which country an account is of is in the table of accounts"]
    if "corpus" not in audience or audience["corpus"].isna().all():
        invented = ILLUSTRATIVE if (posts["corpus"] == ILLUSTRATIVE).any() else None
        audience = audience.assign(corpus=pd.Series([invented] * len(audience), index=audience.index, dtype="str"))
    known = set(accounts["account"].str.casefold() + "@" + accounts["platform"])
    strange = ~(audience["account"].str.casefold() + "@" + audience["platform"]).isin(known)
    said = [f"{int(strange.sum()):,} counts of followers of accounts that are not in the table of accounts: left out"]
    tables: dict[str, pd.DataFrame] = {}
    notes = said if strange.any() else []
    audience = audience[~strange].reset_index(drop=True)
    try:
        tables["followers"] = measure_followers(audience, accounts, by="country")
        tables["unusual"] = find_unusual_months(tables["followers"])
        tables["concentration"] = measure_concentration(audience, accounts, level=level)
        tables["reach"] = measure_reach(audience, accounts, level=level)
    except CompositeError as error:
        notes.append(f"not all of the followers is in the report: {error}")
    return tables, notes


def watch_posts(
    labels: pd.DataFrame,
    posts: pd.DataFrame,
    codings: pd.DataFrame | None,
    accounts: pd.DataFrame | None,
    level: float,
) -> tuple[dict[str, pd.DataFrame], list[str]]:
    """Tables of the largest campaign day, engagement, dialogue, networks and words, and what is not among them."""
    tables: dict[str, pd.DataFrame] = {}
    notes: list[str] = []
    if posts["published"].notna().any():
        campaigns = find_campaigns(posts)
        if len(campaigns):
            tables["campaigns"] = campaigns
            first = campaigns.iloc[0]
            participants = list_participants(posts, first["hashtag"], first["day"], accounts)
            tables["participation"] = measure_participation(participants, level=level)
            if participants[["latitude", "longitude"]].notna().all(axis=1).any():
                tables["participants"] = participants
            try:
                tables["campaign_themes"] = compare_campaign_day(labels, participants, codings, level=level)
            except CompositeError as error:
                notes.append(f"the campaign day is not compared with others: {error}")
    if "followers" in posts and any(name in posts and posts[name].notna().any() for name in MEASURES):
        try:
            tables["engagement"] = measure_engagement(labels, posts, codings, level=level)
        except CompositeError as error:
            notes.append(f"reposts, likes and replies are not in the report: {error}")
    if "reply_to" in posts and posts["reply_to"].notna().any():
        tables["dialogue"] = measure_dialogue(posts, level=level)
    tables["edges"] = link_themes(labels, codings, level=level).edges
    try:
        tables["communities"] = link_agencies(labels, level=level).nodes
    except CompositeError as error:
        notes.append(f"agencies are not grouped: {error}")
    if posts["account"].notna().any():
        mentions = link_mentions(posts, accounts)
        if len(mentions.edges):
            tables["actors"] = mentions.nodes
    try:
        tables["keywords"] = find_keywords(posts, labels, codings, top=WORDS, level=level)
    except CompositeError as error:
        notes.append(f"words of themes are not in the report: {error}")
    return tables, notes
