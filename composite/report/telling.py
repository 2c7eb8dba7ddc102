"""What each exhibit says: a function from its table to a one-line finding, by rule.

A finding says no more than its intervals do: who leads is said only where the rank interval is [1, 1], a difference
only where it is told apart after Holm's adjustment, the commonest theme only where its interval lies above all others'.
Where nothing can be said, the function gives None, and the exhibit has its neutral title.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from composite.report import facts
from composite.report.claims import FEW as FEW
from composite.report.claims import FEWEST as FEWEST
from composite.report.claims import SURE, find_highest, join, write_interval
from composite.report.claims import choose_best as choose_best
from composite.report.look import name_country, name_theme, number, per_cent, say

Tell = Callable[[pd.DataFrame], str | None]


def tell_shares(shares: pd.DataFrame) -> str | None:
    """In how many countries one theme is the commonest, over agencies."""
    return _tell_commonest(
        shares,
        "country",
        "{theme} is the commonest theme in {k} of {n} countries; in the others, the first place is open",
        "{theme} is the commonest theme in all {n} countries",
    )


def tell_kinds(kinds: pd.DataFrame) -> str | None:
    """For how many kinds of account one theme is the commonest."""
    return _tell_commonest(
        kinds,
        "kind",
        "{theme} is the commonest theme of {k} of {n} kinds of account; of the others, the first place is open",
        "{theme} is the commonest theme of all {n} kinds of account",
    )


def tell_agencies(agencies: pd.DataFrame) -> str | None:
    """In how many agencies' posts one theme is the commonest."""
    return _tell_commonest(
        agencies.assign(agency=agencies["country"] + agencies["agency"]),
        "agency",
        "{theme} is the commonest theme in the posts of {k} of {n} agencies; of the others, the first place is open",
        "{theme} is the commonest theme in the posts of all {n} agencies",
        inferences=("agencies", "posts"),
    )


def _tell_commonest(
    shares: pd.DataFrame, column: str, some: str, every: str, inferences: tuple[str, ...] = ("agencies",)
) -> str | None:
    best = choose_best(shares)
    if not (best["method"] == "corrected").all() or not best["inference"].isin(inferences).any():
        return None  # labels have errors of their own, which their intervals do not know
    found = {
        row: find_highest(part, "theme") if part["inference"].isin(inferences).all() else None
        for row, part in best.groupby(column, sort=True)
    }
    counts = pd.Series([theme for theme in found.values() if theme], dtype="str").value_counts()
    if counts.empty or (len(counts) > 1 and counts.iloc[0] == counts.iloc[1]) or len(found) < 2:
        return None
    theme, k = name_theme(str(counts.index[0]), short=True), int(counts.iloc[0])
    if k == len(found):
        return say(every, theme=theme, n=k)
    if counts.sum() > k:
        return None  # elsewhere another theme is
    return say(some, theme=theme, k=k, n=len(found))


def tell_methods(shares: pd.DataFrame) -> str | None:
    """How many naive shares lie outside the corrected interval."""
    wide = shares.pivot(index=["country", "theme"], columns="method", values=["share", "low", "high"])
    if ("share", "corrected") not in wide or ("share", "naive") not in wide:
        return None
    known = wide[wide["low", "corrected"].notna() & wide["share", "naive"].notna()]
    if known.empty:
        return None
    naive = known["share", "naive"]
    outside = int(((naive < known["low", "corrected"]) | (naive > known["high", "corrected"])).sum())
    return say(
        "Counting the classifier's labels puts {k} of {n} shares outside the corrected interval",
        k=outside,
        n=len(known),
    )


def tell_differences(contrasts: pd.DataFrame) -> str | None:
    """The largest difference that is told apart, with the interval that holds for all rows at once."""
    table = contrasts[(contrasts["reference"] == "others") & contrasts["difference"].notna()]
    tested = table[table["p_adjusted"].notna() & (table["inference"] == "agencies")]
    if tested.empty:
        return None
    # both have to say so: the test, and the interval that the finding quotes
    sure, apart = tested["p_adjusted"] < SURE, (tested["low_all"] > 0) | (tested["high_all"] < 0)
    told = tested[sure & apart]
    if told.empty and sure.any():
        text = "After Holm, {k} of {n} differences are told apart; by the interval for all rows at once, {m}"
        return say(text, k=int(sure.sum()), n=len(tested), m=int(apart.sum()))
    if told.empty:
        return say("After Holm's adjustment, no country is told apart from the mean of the others on any theme")
    order = told.assign(size=told["difference"].abs()).sort_values(
        ["size", "country", "theme"], ascending=[False, True, True]
    )
    row = order.iloc[0]
    above = row["difference"] > 0
    text = (
        "{country} is {points} points above the others in “{theme}” ({low} to {high})"
        if above
        else "{country} is {points} points below the others in “{theme}” ({low} to {high})"
    )
    return say(
        text,
        country=name_country(row["country"]),
        theme=name_theme(row["theme"], short=True),
        points=number(abs(100 * row["difference"]), ".1f"),
        low=number(100 * row["low_all"], "+.1f"),
        high=number(100 * row["high_all"], "+.1f"),
    )


def find_leaders(ranks: pd.DataFrame) -> pd.DataFrame:
    """The rows that lead: no other rank is allowed, over agencies, and there is somebody to lead."""
    if ranks["country"].nunique() < 2:
        return ranks.iloc[:0]
    sure = ranks["leads"] & (ranks["rank_low"] == 1) & (ranks["rank_high"] == 1) & (ranks["inference"] == "agencies")
    return ranks[sure].sort_values(["theme", "country"])


def tell_ranks(ranks: pd.DataFrame) -> str | None:
    """Who leads on which theme, or that every first rank is open."""
    if ranks["country"].nunique() < 2:
        return None
    leaders = find_leaders(ranks)
    themes = ranks["theme"].nunique()
    if leaders.empty:
        if not (ranks["inference"] == "agencies").any():
            return None
        return say("No country leads on any theme: the data leave every first rank open")
    if len(leaders) > 2:
        return say("{k} of {n} themes have a country that leads", k=len(leaders), n=themes)
    pairs = [
        say("{country} leads in “{theme}”", country=name_country(row.country), theme=name_theme(row.theme, short=True))
        for row in leaders.itertuples()
    ]
    return say("{pairs}; every other first rank is open", pairs=join(pairs)) if len(leaders) < themes else join(pairs)


def tell_profiles(profile_map: pd.DataFrame) -> str | None:
    """How many countries lie apart from the mean profile along the first axis."""
    countries = profile_map[profile_map["kind"] == "country"].sort_values("name")
    known = countries[countries["x_low"].notna() & countries["x_high"].notna()]
    if len(known) < 2:
        return None
    apart = known[(known["x_low"] > 0) | (known["x_high"] < 0)]
    if apart.empty:
        return say("No country is told apart from the mean profile along the first axis")
    if len(apart) > 3:
        text = "{k} of {n} countries, each taken by itself, lie apart from the mean profile along the first axis"
        return say(text, k=len(apart), n=len(known))
    names = join([name_country(code) for code in apart["name"]])
    return say("Apart from the mean profile along the first axis, each taken by itself: {names}", names=names)


def tell_uptake(curves: pd.DataFrame) -> str | None:
    """Which themes most agencies have adopted in every country, by the lower ends of the intervals."""
    seen = curves[curves["n_at_risk"] >= FEWEST].sort_values("months")
    ends = seen.groupby(["theme", "country"]).last()
    countries = curves["country"].nunique()
    if ends.empty:
        return None
    counts = ends["low"].gt(0.5).groupby("theme").agg(["sum", "size"])
    sure = [str(theme) for theme, row in counts.iterrows() if row["sum"] == countries]
    if not sure:
        return say("Of no theme is it sure that most agencies of every country have adopted it")
    if len(sure) > 2:
        text = "In every country, most agencies have adopted {k} of {n} themes"
        return say(text, k=len(sure), n=curves["theme"].nunique())
    return say(
        "In every country, most agencies have adopted: {names}",
        names=join([name_theme(theme, short=True) for theme in sure]),
    )


def tell_languages(languages: pd.DataFrame) -> str | None:
    """On how many themes two languages' sensitivities are told apart."""
    table = languages[(languages["measure"] == "sensitivity") & languages["low"].notna() & languages["high"].notna()]
    table = table[table["inference"] == "agencies"]
    groups = [part for _, part in table.groupby("theme") if len(part) > 1]
    if not groups:
        return None
    k = sum(bool(part["low"].max() > part["high"].min()) for part in groups)
    text = "The classifier finds {k} of {n} themes unequally well in two languages or more (intervals apart)"
    return say(text, k=k, n=len(groups)) if k else say("In no theme are two languages told apart")


def tell_agreement(agreement: pd.DataFrame) -> str | None:
    """For how many themes alpha is surely above the lowest bound."""
    table = agreement[(agreement["group"] == "all") & (agreement["theme"] != "set") & agreement["low"].notna()]
    if table.empty:
        return None
    k = int((table["low"] > 0.667).sum())
    bound = number(0.667, "g")
    if k == len(table) > 1:
        return say("On every theme, the whole interval of alpha lies above {bound}", bound=bound)
    text = "On {k} of {n} themes, the whole interval of alpha lies above {bound}"
    return say(text, k=k, n=len(table), bound=bound)


def tell_participation(participation: pd.DataFrame) -> str | None:
    """Which country took part most, or the range."""
    return _tell_range(
        participation,
        "Participation was highest in {country}: {share} of agencies ({interval})",
        "From {low} ({first}) to {high} ({last}) of agencies took part; no country is told apart as first",
    )


def tell_dialogue(dialogue: pd.DataFrame) -> str | None:
    """Where the police reply most, or the range."""
    if not (dialogue["inference"] == "agencies").all():
        return None
    return _tell_range(
        dialogue,
        "The police reply most in {country}: {share} of posts are replies ({interval})",
        "From {low} ({first}) to {high} ({last}) of posts are replies; no country is told apart as first",
    )


def _tell_range(table: pd.DataFrame, sure: str, open_: str) -> str | None:
    known = table[table["share"].notna()].sort_values(["share", "country"])
    if len(known) < 2:
        return None
    first, last = known.iloc[0], known.iloc[-1]
    if find_highest(known, "country") is not None:
        interval = write_interval(last["low"], last["high"], ".0f")
        return say(sure, country=name_country(last["country"]), share=per_cent(last["share"], ".0f"), interval=interval)
    return say(
        open_,
        low=per_cent(first["share"], ".0f"),
        first=name_country(first["country"]),
        high=per_cent(last["share"], ".0f"),
        last=name_country(last["country"]),
    )


def tell_campaign_themes(campaign_themes: pd.DataFrame) -> str | None:
    """The theme whose share was most different on the day, if it is told apart."""
    tested = campaign_themes[campaign_themes["p_adjusted"].notna()]
    if tested.empty:
        return None
    told = tested[(tested["p_adjusted"] < SURE) & ((tested["low"] > 0) | (tested["high"] < 0))]
    if told.empty:
        return say("On the campaign day, no theme is told apart from ordinary days")
    row = told.assign(size=told["difference"].abs()).sort_values(["size", "theme"], ascending=[False, True]).iloc[0]
    return say(
        "On the campaign day, “{theme}” was {points} points from ordinary days ({low} to {high})",
        theme=name_theme(row["theme"], short=True),
        points=number(100 * row["difference"], "+.1f"),
        low=number(100 * row["low"], "+.1f"),
        high=number(100 * row["high"], "+.1f"),
    )


def tell_engagement(engagement: pd.DataFrame) -> str | None:
    """The theme whose posts are answered most or least, if it is told apart."""
    tested = engagement[engagement["p_adjusted"].notna() & (engagement["n_theme"] >= FEW)]
    if tested.empty:
        return None
    told = tested[(tested["p_adjusted"] < SURE) & ((tested["low"] > 1) | (tested["high"] < 1))]
    if told.empty:
        return say("No theme is told apart by how the public answers it")
    size = np.abs(np.log(told["ratio"]))
    row = told.assign(size=size).sort_values(["size", "measure", "theme"], ascending=[False, True, True]).iloc[0]
    return say(
        "“{theme}” goes with {ratio} times the {measure} ({low} to {high}), other things equal",
        theme=name_theme(row["theme"], short=True),
        ratio=number(row["ratio"], ".2g"),
        measure=say(row["measure"]),
        low=number(row["low"], ".2g"),
        high=number(row["high"], ".2g"),
    )


def tell_theme_ties(edges: pd.DataFrame) -> str | None:
    """How many pairs of themes share posts more or less than chance, and the strongest tie."""
    table = edges[(edges["network"] == "themes") & edges["p_adjusted"].notna() & edges["weight"].notna()]
    if table.empty:
        return None
    told = table[table["p_adjusted"] < SURE]
    if told.empty:
        return say("No pair of themes is told apart from chance")
    row = told.assign(size=told["weight"].abs()).sort_values(["size", "source"], ascending=[False, True]).iloc[0]
    return say(
        "{k} of {n} pairs of themes go together unlike chance, more or less; strongest: “{one}” and “{two}” ({weight})",
        k=len(told),
        n=len(table),
        one=name_theme(row["source"], short=True),
        two=name_theme(row["target"], short=True),
        weight=number(row["weight"], "+.2f"),
    )


TELL: dict[str, Tell] = {
    "shares": tell_shares,
    "methods": tell_methods,
    "agencies": tell_agencies,
    "kinds": tell_kinds,
    "differences": tell_differences,
    "ranks": tell_ranks,
    "profiles": tell_profiles,
    "uptake": tell_uptake,
    "languages": tell_languages,
    "agreement": tell_agreement,
    "participation": tell_participation,
    "campaign_themes": tell_campaign_themes,
    "engagement": tell_engagement,
    "dialogue": tell_dialogue,
    "theme_ties": tell_theme_ties,
    **facts.TELL,
}
