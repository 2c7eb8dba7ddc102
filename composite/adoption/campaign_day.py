"""What agencies post about on a campaign day, against their other days."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from composite.adoption.campaigns import name_days
from composite.adoption.multiplicity import adjust_holm
from composite.adoption.pseudo import make_outcomes
from composite.adoption.shares import FEWEST_AGENCIES, check_level
from composite.codebook.contract import check_table, find_corpus
from composite.codebook.themes import THEME_KEYS
from composite.errors import CompositeError


def compare_campaign_day(
    labels: pd.DataFrame,
    participants: pd.DataFrame,
    codings: pd.DataFrame | None = None,
    *,
    level: float = 0.95,
    timezone: str = "UTC",
    coder: str | None = None,
) -> pd.DataFrame:
    """The table `campaign_themes`: one row a theme, its share on the campaign day against other days.

    Compared are all posts of the day of the agencies that took part, and all their posts of other days; shares are
    corrected where there are codings. The standard error of the difference leaves out one agency at a time, so it
    knows that both days are of the same agencies; with fewer than five agencies there is no interval. p-values are
    adjusted by Holm over the nine themes.

    Parameters
    ----------
    labels, codings, level, coder
        As in `estimate_shares`.
    participants : DataFrame
        Table `participants`, of one campaign day.
    timezone : str
        As in `find_campaigns`.

    Raises
    ------
    CompositeError
        If the tables do not fit each other, or the agencies have no posts on that day or on others.
    """
    check_level(level)
    check_table("participants", participants)
    took_part = participants[participants["took_part"]]
    days = took_part["day"].unique()
    if len(days) != 1:
        raise CompositeError("a campaign day is compared with others: give the table of list_participants")
    outcomes = make_outcomes(labels, codings, coder=coder)
    unit = (outcomes.posts["country"] + "/" + outcomes.posts["agency"]).to_numpy()
    chosen = np.isin(unit, (took_part["country"] + "/" + took_part["agency"]).to_numpy())
    chosen &= outcomes.posts["published"].notna().to_numpy()
    campaign = (name_days(outcomes.posts["published"], timezone) == days[0]).to_numpy()[chosen]
    if campaign.all() or not campaign.any():
        raise CompositeError(
            f"the agencies that took part have {int(campaign.sum()):,} labelled posts on {days[0]} and "
            f"{int((~campaign).sum()):,} on other days: both are needed"
        )
    method = "naive" if codings is None else "corrected"
    values = (outcomes.naive if codings is None else outcomes.corrected)[chosen]
    codes, index = np.unique(unit[chosen], return_inverse=True)
    sums = np.zeros((2, len(codes), len(THEME_KEYS)))
    sizes = np.zeros((2, len(codes)))
    for side, rows in enumerate((campaign, ~campaign)):
        sizes[side] = np.bincount(index[rows], minlength=len(codes))
        sums[side] = np.stack(
            [np.bincount(index[rows], weights=column[rows], minlength=len(codes)) for column in values.T], axis=1
        )
    share = sums.sum(axis=1) / sizes.sum(axis=1)[:, None]
    difference = share[0] - share[1]
    nothing = np.full(len(THEME_KEYS), np.nan)
    half, p_value = nothing, nothing
    number = int((sizes[0] > 0).sum())
    left = sizes.sum(axis=1)[:, None] - sizes
    if number >= FEWEST_AGENCIES and (left > 0).all():
        without = (sums.sum(axis=1)[:, None] - sums) / left[:, :, None]
        g = len(codes)
        se = np.sqrt((g - 1) / g * ((without[0] - without[1] - difference) ** 2).sum(axis=0))
        known = se > 0
        half = np.where(known, stats.t.ppf((1 + level) / 2, number - 1) * se, np.nan)
        p_value = np.where(known, 2 * stats.t.sf(np.abs(difference) / np.where(known, se, 1), number - 1), np.nan)
    table = pd.DataFrame(
        {
            "theme": THEME_KEYS,
            "method": method,
            "n_campaign": int(campaign.sum()),
            "n_ordinary": int((~campaign).sum()),
            "n_agencies": number,
            "campaign": share[0],
            "ordinary": share[1],
            "difference": difference,
            "low": np.maximum(difference - half, -1),
            "high": np.minimum(difference + half, 1),
            "p_value": p_value,
        }
    )
    table["p_adjusted"] = adjust_holm(table["p_value"])
    table["corpus"] = pd.Series([find_corpus(labels)] * len(table), dtype="str")
    return check_table("campaign_themes", table)
