"""From the nine themes to the categories of other studies."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from composite.codebook.themes import THEME_KEYS
from composite.errors import CompositeError, require_known


@dataclass(frozen=True, slots=True)
class Scheme:
    """Another study's categories, and which of our themes are in each.

    Attributes
    ----------
    key : str
    source : str
        The study.
    note : str
        What the mapping cannot do.
    categories : dict of str to tuple of str
        Category → theme keys; every theme stands in exactly one.
    """

    key: str
    source: str
    note: str
    categories: dict[str, tuple[str, ...]]


SCHEMES: tuple[Scheme, ...] = (
    Scheme(
        "kane",
        "Kane, E. et al. (2023). Policing & Society, 34(3). https://doi.org/10.1080/10439463.2023.2260928",
        "Their classes are exclusive and were coded by reading for themselves: intelligence gathering is a request for "
        "information. Police work on online content has no class of its own and is counted as information.",
        {
            "information": (
                "criminal_information",
                "voice",
                "push_information",
                "it_infrastructure",
                "efficiency",
            ),
            "engagement": ("interaction", "community_policing", "human_side"),
            "intelligence_gathering": ("wisdom_of_crowd",),
        },
    ),
    Scheme(
        "huang",
        "Huang, Y., & Wu, Q. (2018): purpose (push, pull, networking) by topic of police posts",
        "They code purpose and topic apart; only the purpose is mapped. A call for opinions is interaction here and so "
        "networking, although it also pulls.",
        {
            "push": ("criminal_information", "voice", "push_information", "it_infrastructure", "efficiency"),
            "pull": ("wisdom_of_crowd",),
            "networking": ("interaction", "community_policing", "human_side"),
        },
    ),
    Scheme(
        "denef",
        "Denef, S., Bayerl, P. S., & Kaptein, N. (2013). Social media and the police. CHI '13. "
        "https://doi.org/10.1145/2470654.2466477",
        "They describe the whole practice of two forces, not single posts; which themes mark which practice is our "
        "reading.",
        {
            "instrumental": (
                "criminal_information",
                "voice",
                "push_information",
                "wisdom_of_crowd",
                "it_infrastructure",
                "efficiency",
            ),
            "expressive": ("interaction", "community_policing", "human_side"),
        },
    ),
    Scheme(
        "lieberman",
        "Lieberman, J. D., Koetzle, D., & Sakiyama, M. (2013). Police departments' use of Facebook. Police Quarterly, "
        "16(4), 438–462. https://doi.org/10.1177/1098611113495049",
        "Their topics (crime, alerts, prevention, drink-driving, missing persons) cut across our purposes and cannot "
        "be told apart by them: they are one category here. Officer injuries are public relations here.",
        {
            "crime_and_safety": ("criminal_information", "push_information", "wisdom_of_crowd"),
            "public_relations": ("voice", "interaction", "community_policing", "human_side"),
            "services": ("it_infrastructure", "efficiency"),
        },
    ),
)
SCHEME: dict[str, Scheme] = {scheme.key: scheme for scheme in SCHEMES}
NONE = "none"


def crosswalk(table: pd.DataFrame, *, to: str) -> pd.DataFrame:
    """Posts in another study's categories: one row a row of `table`, one column a category.

    A category gets the largest value of its themes: of codes, whether the post has any of them; of probabilities, the
    least that the probability of any of them can be. Studies whose categories exclude one another are met by the
    column `category`.

    Parameters
    ----------
    table : DataFrame
        Table `codings` or `labels`: `post_id` and nine columns of 0 and 1 or of probabilities.
    to : {"kane", "huang", "denef", "lieberman"}
        A key of `composite.SCHEMES`; its note says what the mapping cannot do.

    Returns
    -------
    DataFrame
        `post_id`; `coder`, if `table` has it; a column a category, in [0, 1]; `category`: that of the primary theme,
        or of the most probable theme where there is no `primary`; `none` for a post without a theme (of probabilities:
        none of 0.5 or more).

    Raises
    ------
    CompositeError
        If the scheme is unknown or a column is missing.

    Examples
    --------
    >>> import composite as cp
    >>> codings = cp.read_codings(cp.CORPUS / "codings.csv")
    >>> list(cp.crosswalk(codings, to="denef").columns)
    ['post_id', 'coder', 'instrumental', 'expressive', 'category']
    """
    require_known([to], SCHEME, what="scheme")
    lacking = [column for column in ("post_id", *THEME_KEYS) if column not in table]
    if lacking:
        raise CompositeError(f"the table lacks the column {lacking[0]!r}: give the table of codings or of labels")
    categories = SCHEME[to].categories
    home = {theme: category for category, themes in categories.items() for theme in themes}
    values = table[list(THEME_KEYS)].to_numpy(dtype=float)
    mapped = table[[column for column in ("post_id", "coder") if column in table]].copy()
    for category, themes in categories.items():
        mapped[category] = table[list(themes)].max(axis=1)
    if "primary" in table:
        mapped["category"] = table["primary"].map({**home, NONE: NONE}).astype("str")
    else:
        best = np.array([home[key] for key in THEME_KEYS], dtype=object)[values.argmax(axis=1)]
        mapped["category"] = pd.Series(np.where(values.max(axis=1) >= 0.5, best, NONE), index=table.index, dtype="str")
    return mapped
