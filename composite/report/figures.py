"""Figures: every `draw_*` takes a table and returns a Figure; nothing is saved behind your back.

`FIGURES` is the registry: name → `Exhibit` with the table it draws, the caption and the function. A figure of a table
that is made from invented posts says so on its face.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import matplotlib as mpl
import matplotlib.dates
import matplotlib.ticker
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from composite.codebook.countries import COUNTRY
from composite.codebook.themes import THEME, THEME_KEYS, THEMES
from composite.errors import CompositeError
from composite.report.adoption import draw_profiles, draw_ranks, draw_uptake
from composite.report.agreement import draw_agreement, draw_confusions
from composite.report.audiences import (
    draw_concentration,
    draw_dialogue,
    draw_engagement,
    draw_followers,
    draw_reach,
    draw_unusual,
)
from composite.report.drawing import (
    BLUE,
    FEW,
    GREY,
    INK,
    STYLE,
    draw_estimate,
    label_countries,
    mark_illustrative,
    need_table,
    new_figure,
    order_countries,
    write_points,
)
from composite.report.heatmaps import draw_agencies, draw_cooccurrence, draw_kinds, draw_shares
from composite.report.maps import draw_campaign_map, draw_campaign_themes, draw_participation
from composite.report.webs import draw_actors, draw_communities, draw_keywords, draw_theme_ties

METHOD_LOOK = {"naive": ("x", GREY), "coded": ("s", "#5f7f9f"), "corrected": ("o", INK)}


@dataclass(frozen=True)
class Exhibit:
    """An entry of the registry.

    Attributes
    ----------
    table : str
        The table that it draws, a key of `composite.TABLES`.
    title : str
        Its heading in the report.
    caption : str
        What the reader sees, and how to read it; `{level}` and `{few}` stand for the level of the intervals in per cent
        and for the number of coded posts below which an estimate is grey.
    draw : callable
        Table → Figure.
    """

    table: str
    title: str
    caption: str
    draw: Callable[[pd.DataFrame], Figure]

    def describe(self, level: float) -> str:
        """The caption, with intervals that cover `level` (0–1)."""
        return self.caption.format(level=f"{100 * level:g}", few=FEW)


@mpl.rc_context(STYLE)
def draw_methods(shares: pd.DataFrame) -> Figure:
    """Dot plot, a panel a theme: naive, coded and corrected share of every country beside each other.

    Hollow marks are intervals for the posts of these agencies only; grey ones rest on fewer than 30 coded posts.

    Parameters
    ----------
    shares : DataFrame
        Table `shares` by country.
    """
    need_table(shares, "shares", "country", "theme", "method")
    rows = order_countries(shares)[::-1]
    methods = [name for name in METHOD_LOOK if (shares["method"] == name).any()]
    figure = new_figure(11.5, 3.2 + 0.75 * len(rows))
    panels = figure.subplots(3, 3, sharey=True).ravel()
    for axes, theme in zip(panels, THEMES, strict=True):
        part = shares[shares["theme"] == theme.key].set_index(["country", "method"])
        for step, method in enumerate(methods):
            marker, colour = METHOD_LOOK[method]
            colour = theme.colour if method == "corrected" else colour
            for y, code in enumerate(rows):
                if (code, method) not in part.index or np.isnan(part.loc[(code, method), "share"]):
                    continue
                row = part.loc[(code, method)]
                few = method != "naive" and row["n_coded"] < FEW
                draw_estimate(axes, row, y + 0.24 - 0.24 * step, marker=marker, colour=colour, few=few)
        axes.set_title(theme.label, loc="left", color=INK)
        label_countries(axes, rows)
        axes.xaxis.set_major_locator(mpl.ticker.MaxNLocator(6, steps=[1, 2, 2.5, 5, 10]))
        axes.xaxis.set_major_formatter(lambda value, _: f"{100 * value:.3g} %")
        axes.set_xlim(left=0)
        axes.grid(axis="x")
        axes.margins(y=0.04)
    handles = [
        Line2D([], [], marker=METHOD_LOOK[m][0], color=METHOD_LOOK[m][1], linestyle="none", label=m) for m in methods
    ]
    figure.legend(handles=handles, loc="outside upper right", ncols=3, frameon=False)
    return mark_illustrative(figure, shares)


@mpl.rc_context(STYLE)
def draw_differences(contrasts: pd.DataFrame) -> Figure:
    """Each country's difference from the mean of the others, a panel a theme; filled where Holm leaves p below 0.05.

    Parameters
    ----------
    contrasts : DataFrame
        Table `contrasts` of `compare_countries(..., against="others")`.
    """
    need_table(contrasts, "contrasts")
    table = contrasts[contrasts["reference"] == "others"]
    if table.empty:
        raise CompositeError("draw_differences draws contrasts with 'others': use compare_countries(against='others')")
    rows = order_countries(table)[::-1]
    figure = new_figure(11.5, 2.8 + 0.5 * len(rows))
    panels = figure.subplots(3, 3, sharey=True, sharex=True).ravel()
    for axes, theme in zip(panels, THEMES, strict=True):
        part = table[table["theme"] == theme.key].set_index("country")
        axes.axvline(0, color=GREY, linewidth=0.8)
        for y, code in enumerate(rows):
            row = part.loc[code]
            if np.isnan(row["difference"]):
                continue
            told = row["p_adjusted"] < 0.05
            if not np.isnan(row["low"]):
                line = "-" if row["inference"] == "agencies" else ":"
                axes.plot([row["low"], row["high"]], [y, y], color=theme.colour, linewidth=1.2, linestyle=line)
            face = theme.colour if told else "white"
            axes.scatter(row["difference"], y, s=20, facecolor=face, edgecolor=theme.colour, zorder=3)
        axes.set_title(theme.label, loc="left", color=INK)
        label_countries(axes, rows)
        axes.xaxis.set_major_formatter(lambda value, _: write_points(value))
        axes.grid(axis="x")
    figure.supxlabel("difference from the mean of the other countries (percentage points)", fontsize=9)
    handles = [
        Line2D([], [], marker="o", color=INK, markerfacecolor=face, linestyle="none", label=text)
        for face, text in ((INK, "told apart after Holm (p < 0.05)"), ("white", "not told apart"))
    ]
    figure.legend(handles=handles, loc="outside upper right", ncols=2, frameon=False)
    return mark_illustrative(figure, contrasts)


@mpl.rc_context(STYLE)
def draw_months(months: pd.DataFrame) -> Figure:
    """Posts per month, a panel a country; panels share the time and not the height.

    Parameters
    ----------
    months : DataFrame
        Table `months`.
    """
    need_table(months, "months")
    rows = order_countries(months)
    across = min(5, len(rows))
    down = -(-len(rows) // across)
    figure = new_figure(11.5, 0.8 + 1.9 * down)
    panels = figure.subplots(down, across, squeeze=False, sharex=True).ravel()
    for axes, code in zip(panels, rows, strict=False):
        part = months[months["country"] == code].sort_values("month")
        axes.bar(pd.to_datetime(part["month"]), part["n_posts"], width=25, color=BLUE)
        axes.set_title(COUNTRY[code].name, loc="left")
        axes.set_ylim(bottom=0)
        axes.yaxis.set_major_locator(mpl.ticker.MaxNLocator(4, integer=True))
        axes.tick_params(labelbottom=True)
        locator = mpl.dates.AutoDateLocator(minticks=2, maxticks=4)
        axes.xaxis.set_major_locator(locator)
        axes.xaxis.set_major_formatter(mpl.dates.ConciseDateFormatter(locator))
        axes.grid(axis="y")
    for axes in panels[len(rows) :]:
        axes.set_visible(False)
    figure.supylabel("posts per month", fontsize=9)
    return mark_illustrative(figure, months)


@mpl.rc_context(STYLE)
def draw_quality(quality: pd.DataFrame) -> Figure:
    """Precision, recall and F1 of the classifier by theme, on coded posts that it did not see.

    Parameters
    ----------
    quality : DataFrame
        Table `quality`.
    """
    need_table(quality, "quality")
    table = quality.set_index("theme").reindex(THEME_KEYS[::-1])
    figure = new_figure(9.5, 4.4)
    axes = figure.subplots()
    for measure, marker in (("precision", "<"), ("recall", ">"), ("f1", "o")):
        for y, (key, row) in enumerate(table.iterrows()):
            colour = GREY if row["n_positive"] < FEW else THEME[str(key)].colour
            axes.scatter(
                row[measure],
                y,
                marker=marker,
                s=34,
                facecolor="white" if measure != "f1" else colour,
                edgecolor=colour,
                zorder=3,
            )
    axes.set_yticks(
        range(len(table)), [f"{THEME[str(k)].short} (n = {int(n):,})" for k, n in table["n_positive"].items()]
    )
    for y, (_, row) in enumerate(table.iterrows()):
        if np.isnan(row["precision"]):
            axes.text(
                0.04, y, "never labelled" if row["n_positive"] else "never coded", va="center", color=GREY, fontsize=8
            )
    axes.set_xlim(-0.03, 1.03)
    axes.xaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f} %")
    axes.grid()
    handles = [
        Line2D([], [], marker=marker, color=INK, markerfacecolor=face, linestyle="none", label=text)
        for marker, face, text in (("<", "white", "precision"), (">", "white", "recall"), ("o", INK, "F1"))
    ]
    figure.legend(handles=handles, loc="outside upper right", ncols=3, frameon=False)
    return mark_illustrative(figure, quality)


FIGURES: dict[str, Exhibit] = {
    "shares": Exhibit(
        "shares",
        "What the police of each country post about",
        "Share of posts with each theme, in per cent, with the {level} % interval below it. A post can have several "
        "themes, so rows do not sum to 100. * fewer than five agencies: the interval is for the posts of these "
        "agencies only.",
        draw_shares,
    ),
    "methods": Exhibit(
        "shares",
        "The shares by each method",
        "Naive: counting the classifier's labels. Coded: only the posts that were coded. Corrected: all posts, with "
        "the classifier's errors taken out. Where naive lies outside the corrected interval, counting labels "
        "misleads. Hollow marks and dotted lines: too few agencies for an interval over agencies. Grey: fewer than "
        "{few} coded posts.",
        draw_methods,
    ),
    "agencies": Exhibit(
        "agencies",
        "The agencies with most posts to judge by",
        "As the first figure, for single agencies with at least {few} coded posts (posts, without codings). Intervals "
        "are for the posts of each agency.",
        draw_agencies,
    ),
    "kinds": Exhibit(
        "kinds",
        "What each kind of account posts about",
        "As the first figure, for corporate, neighbourhood, officer and unit accounts of all countries together. * "
        "fewer than five agencies: the interval is for the posts of these agencies only.",
        draw_kinds,
    ),
    "differences": Exhibit(
        "contrasts",
        "Which countries differ from the others",
        "Each country's share minus the mean of the others, in percentage points, with {level} % intervals for one row "
        "each. Filled marks stay told apart from zero after Holm's adjustment over all rows. Dotted: these agencies "
        "only.",
        draw_differences,
    ),
    "ranks": Exhibit(
        "ranks",
        "Which country leads, and which ranks are open",
        "Each country's rank by corrected share (1: highest), and the ranks that the data allow at {level} %: thin, "
        "for all rows of all panels at once; thick, for one row by itself. A country leads, and its mark is filled, "
        "only where no other rank is allowed in all rows at once. Dotted: ranks of these agencies' posts only.",
        draw_ranks,
    ),
    "profiles": Exhibit(
        "profile_map",
        "Which countries have like profiles",
        "Correspondence analysis of the countries' nine shares: countries in one direction from the middle have the "
        "same themes more than others, and a theme lies towards the countries that have it more. Lines: {level} % "
        "intervals along each axis.",
        draw_profiles,
    ),
    "uptake": Exhibit(
        "curves",
        "How themes spread among agencies",
        "Share of each country's agencies that have adopted a theme (at least two posts with it, with a probability of "
        "0.9), by months since the agency's first post; agencies whose posts end count as long as they are seen "
        "(Kaplan–Meier), and lines are level from where fewer than three are left. Codes of countries stand at the "
        "ends of their lines; intervals are in the table.",
        draw_uptake,
    ),
    "cooccurrence": Exhibit(
        "cooccurrence",
        "Which themes go together",
        "Of the posts with the theme of the row, the per cent that also have the theme of the column, all countries "
        "together: coded posts, weighted by the inverse of their probability of being drawn (labels, without codings). "
        "n: posts with the theme, and how many equally weighted posts they are worth if fewer; grey below {few} of "
        "these.",
        draw_cooccurrence,
    ),
    "months": Exhibit(
        "months",
        "Posts per month",
        "Number of posts in each calendar month (UTC). Posts without a date are left out. Heights differ between "
        "panels.",
        draw_months,
    ),
    "quality": Exhibit(
        "quality",
        "How well the classifier does",
        "On coded posts that it did not see: the share of its labels that coders share (precision), the share of "
        "coders' themes that it finds (recall), and F1. n: coded posts with the theme; grey below {few}. A theme that "
        "it never labels has no precision.",
        draw_quality,
    ),
    "agreement": Exhibit(
        "agreement",
        "How well coders agree",
        "Krippendorff's alpha of the coders, theme by theme, with {level} % bootstrap intervals: 1 is always, 0 is as "
        "by chance. Dotted: 0.667 and 0.8, Krippendorff's lowest bounds for tentative and for firm conclusions. In "
        "brackets: codes that give the theme; grey or *: fewer than {few}.",
        draw_agreement,
    ),
    "confusions": Exhibit(
        "confusions",
        "What coders disagree on",
        "Of the times that one coder gave the theme of the row, the per cent in which another coder did not, and gave "
        "the theme of the column, which the first did not; the last column: and gave nothing that the first did not.",
        draw_confusions,
    ),
}

# audiences, campaign days, networks and wording
FIGURES |= {
    "followers": Exhibit(
        "followers",
        "Followers of police accounts",
        "Followers of the accounts that are known, at the beginning of each month, on straight lines between counts "
        "and never beyond them. Dotted: accounts joined, or are no longer known. In brackets: most accounts known. "
        "Heights differ between panels.",
        draw_followers,
    ),
    "unusual": Exhibit(
        "unusual",
        "Months of unusual growth",
        "Growth of followers against the month before, of the accounts known in both. Filled: unlike the country's own "
        "twelve months before (robust z; of the months so marked about one in twenty is expected to be chance, "
        "Benjamini–Hochberg).",
        draw_unusual,
    ),
    "reach": Exhibit(
        "reach",
        "Followers per inhabitant",
        "A dot is an agency, a bar the median of its country. Who follows two accounts of an agency counts twice.",
        draw_reach,
    ),
    "concentration": Exhibit(
        "concentration",
        "How few accounts have most followers",
        "Gini coefficient of followers over accounts; share of followers of the tenth of accounts with most, and of "
        "the largest. It describes the accounts that are known.",
        draw_concentration,
    ),
    "campaign_map": Exhibit(
        "participants",
        "Who took part in the campaign day",
        "Agencies that used the hashtag on the day, and those that did not, at their seats.",
        draw_campaign_map,
    ),
    "participation": Exhibit(
        "participation",
        "The campaign day by country",
        "Share of agencies that took part, with the {level} % interval for agencies like these.",
        draw_participation,
    ),
    "campaign_themes": Exhibit(
        "campaign_themes",
        "What was different on the campaign day",
        "Shares of themes in all posts of the agencies that took part, on the day and on others; right, the difference "
        "with its {level} % interval, which leaves out one agency at a time. Filled: told apart from zero after Holm's "
        "adjustment over the nine themes.",
        draw_campaign_themes,
    ),
    "engagement": Exhibit(
        "engagement",
        "What the public answers to",
        "How many times as many reposts, likes and replies a post with the theme has as one without, with the same "
        "other themes, country and number of followers (negative binomial model, {level} % intervals clustered by "
        "agency). Filled: told apart from 1 after Holm's adjustment. Grey: fewer than {few} posts with the theme.",
        draw_engagement,
    ),
    "dialogue": Exhibit(
        "dialogue",
        "How much the police reply",
        "Share of posts that are replies, with the {level} % interval over agencies. Hollow: too few agencies for one.",
        draw_dialogue,
    ),
    "theme_ties": Exhibit(
        "edges",
        "Themes that share posts beyond chance",
        "Correlation of two themes over posts, within agencies, with {level} % intervals over agencies. 0: as often "
        "together as the agencies' use of each makes likely. Bold: told apart from that after Holm's adjustment "
        "(permutation within agencies).",
        draw_theme_ties,
    ),
    "communities": Exhibit(
        "communities",
        "Agencies that use social media alike",
        "Communities of agencies by their use of the nine themes: mean probability of each theme, in per cent. "
        "Stability: how far an agency is again with the same others when its posts are resampled, 1 if always. "
        "Letters: country and number of agencies.",
        draw_communities,
    ),
    "actors": Exhibit(
        "actors",
        "Which accounts talk with which",
        "Mentions between police accounts. The larger a mark, the more shortest paths between others lead over the "
        "account; those with most have a number, and their names stand beside the figure.",
        draw_actors,
    ),
    "keywords": Exhibit(
        "keywords",
        "The words of each theme",
        "Words that mark posts with the theme among all posts of the language (log odds ratio with an informative "
        "prior), the clearest first; function words and handles are left out. Bold: told apart after Holm's adjustment "
        "over all words of theme and language.",
        draw_keywords,
    ),
}
