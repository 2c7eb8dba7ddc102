"""What may be claimed of a table: the rules that findings share."""

from __future__ import annotations

import pandas as pd

from composite.adoption.diffusion import FEWEST as FEWEST
from composite.report.look import per_cent, say

FEW = 30  # below so many coded posts an estimate is drawn grey
SURE = 0.05  # of adjusted p-values


def choose_best(shares: pd.DataFrame) -> pd.DataFrame:
    """The corrected rows of `shares`, or the naive ones where there are no corrected."""
    method = "corrected" if (shares["method"] == "corrected").any() else "naive"
    return shares[shares["method"] == method]


def find_highest(table: pd.DataFrame, name: str, value: str = "share") -> str | None:
    """The `name` of the row whose interval lies wholly above all other rows'; None if there is none or one row only.

    Every row has to have an interval: what is not known may be higher.
    """
    if len(table) < 2 or table[[value, "low", "high"]].isna().any(axis=None):
        return None
    first = table.loc[table[value].idxmax()]
    others = table[table[name] != first[name]]
    return str(first[name]) if len(others) == len(table) - 1 and first["low"] > others["high"].max() else None


def write_interval(low: float, high: float, form: str = ".3g") -> str:
    """An interval of proportions, in per cent."""
    return say("{low} to {high}", low=per_cent(low, form), high=per_cent(high, form))


def join(names: list[str]) -> str:
    """Names, with commas."""
    return ", ".join(names)
