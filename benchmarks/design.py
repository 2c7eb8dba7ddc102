"""The design of the illustrative corpus: which agencies post how much, when, and what for.

`python -m benchmarks.design` prints the design's true shares, which is `data/raw/design.csv`; a test compares the two.
A post's primary theme is drawn from a multinomial logit, and further themes are added to it with fixed chances:

    log-odds(primary theme) = BASE + COUNTRY + KIND + YEARLY × years since mid-2012 + CAMPAIGN (on a campaign day) + u
    u ~ normal(0, AGENCY_SD), one draw an agency and theme

The writers got, for every post, its account, date, themes and a subject, and wrote the words.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from composite.codebook.themes import THEME_KEYS

SEED = 20130322
NONE = "none"
PRIMARIES = (*THEME_KEYS, NONE)
AGENCY_SD = 0.45
CAMPAIGN_DAY = pd.Timestamp("2013-03-15")
CAMPAIGN_TAG = "#24hpolice"
SPEED_DAY = pd.Timestamp("2012-08-22")
SPEED_TAG = "#speedday"
SPEED_COUNTRIES = ("BE", "DE", "NL")

# chances of the primary theme in a corporate account in mid-2012, before the country's and the agency's effects
BASE = dict(zip(PRIMARIES, np.log([0.02, 0.12, 0.37, 0.13, 0.10, 0.07, 0.08, 0.045, 0.035, 0.03]), strict=True))
COUNTRY = {
    "BE": {"community_policing": 0.2, "efficiency": 0.3},
    "CZ": {"voice": 0.4, "human_side": 0.2, "interaction": -0.2},
    "DE": {"push_information": 0.2, "voice": 0.3, "criminal_information": 0.3},
    "ES": {"interaction": 0.4, "efficiency": 0.4, "criminal_information": 0.5},
    "FR": {"voice": 0.6, "interaction": -0.4, "wisdom_of_crowd": -0.2},
    "GB": {"interaction": 0.9, "human_side": 0.5, "community_policing": 0.4, "push_information": -0.2},
    "IT": {"push_information": 0.5, "human_side": -0.4, "interaction": -0.7},
    "MK": {"push_information": 0.5, "human_side": -0.5, "interaction": -0.7, "it_infrastructure": -0.3},
    "NL": {"wisdom_of_crowd": 0.9, "community_policing": 0.3, "it_infrastructure": 0.3},
    "RO": {"voice": 0.4, "push_information": 0.2, "interaction": -0.6, "wisdom_of_crowd": -0.3},
}
KIND = {
    "corporate": {},
    "neighbourhood": {"community_policing": 1.6, "human_side": 0.3, "push_information": -0.4, "voice": -0.6},
    "officer": {
        "human_side": 1.3,
        "interaction": 0.9,
        "community_policing": 0.6,
        "push_information": -0.7,
        "voice": -0.7,
    },
    "unit": {"human_side": 0.6, "it_infrastructure": 0.3, "voice": 0.2, "wisdom_of_crowd": -0.4},
}
YEARLY = {"interaction": 0.25, "human_side": 0.2, "it_infrastructure": 0.3, "push_information": -0.1}
CAMPAIGN = {"human_side": 0.8, "community_policing": 0.5, "efficiency": 0.5, "wisdom_of_crowd": -0.8}
# chance that a post of this primary theme has the other theme as well
ALSO = {
    "criminal_information": {"push_information": 0.5, "wisdom_of_crowd": 0.15, "voice": 0.15},
    "voice": {"push_information": 0.2, "interaction": 0.04, "human_side": 0.05},
    "push_information": {"wisdom_of_crowd": 0.08, "human_side": 0.05, "voice": 0.04, "efficiency": 0.02},
    "wisdom_of_crowd": {"push_information": 0.2, "it_infrastructure": 0.03},
    "interaction": {"push_information": 0.15, "efficiency": 0.08, "it_infrastructure": 0.07, "human_side": 0.08},
    "community_policing": {"push_information": 0.35, "human_side": 0.1, "interaction": 0.06},
    "human_side": {"push_information": 0.15, "community_policing": 0.12, "interaction": 0.04},
    "it_infrastructure": {"efficiency": 0.2, "push_information": 0.08, "wisdom_of_crowd": 0.06},
    "efficiency": {"it_infrastructure": 0.15, "push_information": 0.1, "human_side": 0.08},
    NONE: {},
}
# posts of a country's agencies, from the largest to the smallest
SIZES = {
    8: (96, 78, 60, 50, 41, 33, 25, 17),
    9: (92, 74, 57, 46, 40, 33, 25, 19, 14),
    10: (88, 70, 54, 44, 37, 32, 26, 21, 16, 12),
    11: (86, 66, 51, 42, 35, 31, 26, 22, 17, 14, 10),
    12: (84, 64, 48, 40, 34, 29, 25, 22, 19, 15, 12, 8),
}


@dataclass(frozen=True, slots=True)
class Slot:
    """A post that was to be written: where, when, and what for."""

    country: str
    agency: str
    account: str
    kind: str
    published: pd.Timestamp
    campaign: str


def find_chances(slots: pd.DataFrame, effects: dict[tuple[str, str], np.ndarray]) -> np.ndarray:
    """Chance of every primary theme of every slot, an (n, 10) array in the order of `PRIMARIES`."""
    years = (slots["published"] - pd.Timestamp("2012-07-01")).dt.days.to_numpy() / 365.25
    logits = np.tile([BASE[key] for key in PRIMARIES], (len(slots), 1))
    for column, key in enumerate(PRIMARIES):
        logits[:, column] += slots["country"].map(lambda code, k=key: COUNTRY[code].get(k, 0)).to_numpy(dtype=float)
        logits[:, column] += slots["kind"].map(lambda kind, k=key: KIND[kind].get(k, 0)).to_numpy(dtype=float)
        logits[:, column] += YEARLY.get(key, 0) * years
        logits[:, column] += (slots["campaign"] == CAMPAIGN_TAG).to_numpy() * CAMPAIGN.get(key, 0)
    logits += np.array([effects[pair] for pair in zip(slots["country"], slots["agency"], strict=True)])
    chances = np.exp(logits)
    return chances / chances.sum(axis=1, keepdims=True)


def find_shares(chances: np.ndarray) -> np.ndarray:
    """Chance that a post has each of the nine themes, primary or not, an (n, 9) array, from `find_chances`."""
    also = np.array([[ALSO[main].get(key, 0.0) for key in THEME_KEYS] for main in PRIMARIES])
    return chances[:, : len(THEME_KEYS)] + chances @ also


def draw_effects(agencies: pd.DataFrame) -> dict[tuple[str, str], np.ndarray]:
    """The agencies' own effects u: an array of 10 for every (country, agency), `none` having none."""
    rng = np.random.default_rng(SEED)
    ordered = agencies[["country", "agency"]].drop_duplicates().sort_values(["country", "agency"])
    return {
        (country, agency): np.append(rng.normal(0, AGENCY_SD, len(THEME_KEYS)), 0.0)
        for country, agency in ordered.itertuples(index=False)
    }


# followers: log-linear growth that slows, and a jump in one account of each country
GROWTH = 0.075  # a month, at the start
SLOWING = 0.97  # of the growth, every month
JUMP = 0.37
START = {"corporate": 900, "neighbourhood": 120, "officer": 180, "unit": 260}
AUDIENCE_FACTOR = {
    "GB": 3.0,
    "NL": 2.0,
    "ES": 1.6,
    "DE": 1.2,
    "FR": 1.1,
    "BE": 0.8,
    "IT": 0.7,
    "CZ": 0.6,
    "RO": 0.6,
    "MK": 0.4,
}
MISSED = 0.12  # chance that a month's count was not taken
# reactions: negative binomial, with the mean a share of the followers that depends on the primary theme
REPOSTED = 0.004
REPOST_EFFECT = {"wisdom_of_crowd": 1.4, "push_information": 0.4, "human_side": 0.6, "interaction": -1.6, "none": -1.0}
LIKED = {"human_side": 1.2, "community_policing": 0.3, "interaction": -0.8}
DISPERSION = 1.3


def draw_followers(accounts: pd.DataFrame, first: pd.Series) -> pd.DataFrame:
    """Followers of every account, counted about once a month on uneven days, with gaps: table `audience`.

    Parameters
    ----------
    accounts : DataFrame
        `account, platform, country, kind`.
    first : Series
        Day of the first post of every account, in the order of `accounts`.
    """
    rng = np.random.default_rng(SEED + 1)
    jumps = set(accounts[accounts["kind"] == "corporate"].groupby("country")["account"].nth(1))
    rows = []
    for account, begin in zip(accounts.itertuples(index=False), first, strict=True):
        size = START[account.kind] * AUDIENCE_FACTOR[account.country] * rng.lognormal(0, 0.7)
        own = GROWTH * rng.lognormal(0, 0.35)
        months = pd.date_range(begin.to_period("M").to_timestamp() + pd.DateOffset(months=1), "2013-12-31", freq="MS")
        for number, month in enumerate(months):
            size *= 1 + own * SLOWING**number + rng.normal(0, 0.012)
            if account.account in jumps and month == pd.Timestamp("2013-02-01"):
                size *= 1 + JUMP
            if rng.random() >= MISSED:
                day = month + pd.Timedelta(days=int(rng.integers(0, 5)))
                rows.append((account.account, account.platform, day.strftime("%Y-%m-%d"), round(size)))
    table = pd.DataFrame(rows, columns=["account", "platform", "date", "followers"])
    return table.assign(corpus="illustrative")


def draw_reactions(primary: pd.Series, followers: np.ndarray) -> pd.DataFrame:
    """Reposts, likes and replies of every post, whole numbers: columns `reposts, likes, replies`."""
    rng = np.random.default_rng(SEED + 2)
    table = {}
    for name, rate, effects in (
        ("reposts", REPOSTED, REPOST_EFFECT),
        ("likes", REPOSTED / 2, LIKED),
        ("replies", REPOSTED / 4, {"interaction": 0.9, "voice": 0.3}),
    ):
        mean = followers * rate * np.exp(primary.map(lambda key, e=effects: e.get(key, 0.0)).to_numpy(dtype=float))
        table[name] = rng.poisson(mean * rng.gamma(1 / DISPERSION, DISPERSION, len(mean)))
    return pd.DataFrame(table)


def main() -> None:
    """Print the true shares of the design: `python -m benchmarks.design > data/raw/design.csv`."""
    import sys

    import composite as cp

    posts = cp.read_posts(cp.CORPUS / "posts.csv")
    sys.stdout.write(describe_design(posts, cp.read_accounts(cp.CORPUS / "accounts.csv")).to_csv(index=False))


def describe_design(posts: pd.DataFrame, accounts: pd.DataFrame) -> pd.DataFrame:
    """True share of every theme: one row a country × kind of account × theme (`all` kinds too), and the posts.

    The mean, over the posts that there are, of the chance that the design gave each of them to have the theme.
    """
    slots = posts.merge(accounts[["account", "platform", "kind"]], on=["account", "platform"])
    slots["published"] = slots["published"].dt.tz_localize(None)
    slots["campaign"] = np.where(slots["text"].str.lower().str.contains(CAMPAIGN_TAG, regex=False), CAMPAIGN_TAG, "")
    shares = pd.DataFrame(find_shares(find_chances(slots, draw_effects(accounts))), columns=list(THEME_KEYS))
    both = pd.concat(
        [
            shares.assign(country=slots["country"].to_numpy(), kind=kind)
            for kind in (slots["kind"].to_numpy(), np.full(len(slots), "all"))
        ]
    )
    grouped = both.groupby(["country", "kind"])
    table = grouped.mean().round(6).assign(n_posts=grouped.size())
    long = table.reset_index().melt(["country", "kind", "n_posts"], var_name="theme", value_name="share")
    order = {key: place for place, key in enumerate(THEME_KEYS)}
    long = long.sort_values(["country", "kind", "theme"], key=lambda c: c.map(order) if c.name == "theme" else c)
    return long[["country", "kind", "theme", "n_posts", "share"]].reset_index(drop=True)


if __name__ == "__main__":
    main()
