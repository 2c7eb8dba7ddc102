"""p-values of many comparisons."""

from __future__ import annotations

import numpy as np
import pandas as pd


def adjust_holm(p_values: pd.Series) -> pd.Series:
    """p-values after Holm's adjustment over those that are there; missing ones stay missing.

    statsmodels' `multipletests` gives the same and collects garbage at each call, which takes seconds for many tables.

    >>> adjust_holm(pd.Series([0.01, 0.02, None, 0.5])).tolist()
    [0.03, 0.04, nan, 0.5]
    """
    given = p_values.to_numpy(dtype=float)
    adjusted = np.full(len(given), np.nan)
    tested = np.flatnonzero(~np.isnan(given))
    order = tested[np.argsort(given[tested], kind="stable")]
    steps = np.arange(len(order), 0, -1) * given[order]
    adjusted[order] = np.minimum(np.maximum.accumulate(steps), 1) if len(order) else steps
    return pd.Series(adjusted, index=p_values.index, dtype="float64")
