"""Figures: every `draw_*` takes a table and returns a Figure; nothing is saved behind your back.

`FIGURES` is the registry: name → `Exhibit` with the table it draws, the caption and the function. A figure of a table
that is made from invented posts says so on its face. How a figure looks is a `Look`: for a page or a slide, in which
language, with whose colours (`read_colours`) and title.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from composite.report.adoption import draw_months, draw_profiles, draw_uptake
from composite.report.agreement import draw_agreement, draw_confusions
from composite.report.answers import draw_dialogue, draw_engagement
from composite.report.audiences import draw_concentration, draw_followers, draw_reach, draw_unusual
from composite.report.captions import CAPTIONS, TITLES
from composite.report.colours import Colours as Colours
from composite.report.colours import read_colours as read_colours
from composite.report.comparisons import draw_differences, draw_methods, draw_ranks
from composite.report.drawing import FEW, Draw
from composite.report.heatmaps import draw_agencies, draw_cooccurrence, draw_kinds, draw_shares
from composite.report.look import Look as Look
from composite.report.maps import draw_campaign_map, draw_campaign_themes, draw_participation
from composite.report.quality import draw_languages, draw_quality
from composite.report.telling import TELL
from composite.report.webs import draw_actors, draw_communities, draw_keywords, draw_theme_ties


@dataclass(frozen=True)
class Exhibit:
    """An entry of the registry.

    Attributes
    ----------
    table : str
        The table that it draws, a key of `composite.TABLES`.
    title : str
        Its short name, which is the same whatever the table says.
    caption : str
        What the reader sees, and how to read it; `{level}` and `{few}` stand for the level of the intervals in per cent
        and for the number of coded posts below which an estimate is grey.
    draw : callable
        Table → Figure.
    find : callable
        Table → what it says, in one line, or None.
    """

    table: str
    title: str
    caption: str
    draw: Draw
    find: Callable[[pd.DataFrame], str | None]

    def describe(self, level: float) -> str:
        """The caption, with intervals that cover `level` (0–1)."""
        return self.caption.format(level=f"{100 * level:g}", few=FEW)

    def tell(self, table: pd.DataFrame) -> str:
        """What `table` says, in one line and never beyond its intervals; the title, where it says nothing."""
        return self.find(table) or self.title


_DRAWN: dict[str, tuple[str, Draw]] = {
    "shares": ("shares", draw_shares),
    "methods": ("shares", draw_methods),
    "agencies": ("agencies", draw_agencies),
    "kinds": ("kinds", draw_kinds),
    "differences": ("contrasts", draw_differences),
    "ranks": ("ranks", draw_ranks),
    "profiles": ("profile_map", draw_profiles),
    "uptake": ("curves", draw_uptake),
    "cooccurrence": ("cooccurrence", draw_cooccurrence),
    "months": ("months", draw_months),
    "quality": ("quality", draw_quality),
    "languages": ("languages", draw_languages),
    "agreement": ("agreement", draw_agreement),
    "confusions": ("confusions", draw_confusions),
    "followers": ("followers", draw_followers),
    "unusual": ("unusual", draw_unusual),
    "reach": ("reach", draw_reach),
    "concentration": ("concentration", draw_concentration),
    "campaign_map": ("participants", draw_campaign_map),
    "participation": ("participation", draw_participation),
    "campaign_themes": ("campaign_themes", draw_campaign_themes),
    "engagement": ("engagement", draw_engagement),
    "dialogue": ("dialogue", draw_dialogue),
    "theme_ties": ("edges", draw_theme_ties),
    "communities": ("communities", draw_communities),
    "actors": ("actors", draw_actors),
    "keywords": ("keywords", draw_keywords),
}
FIGURES: dict[str, Exhibit] = {
    name: Exhibit(table, TITLES[name], CAPTIONS[name], draw, TELL[name]) for name, (table, draw) in _DRAWN.items()
}
