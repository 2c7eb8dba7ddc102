"""p-values of many comparisons."""

from __future__ import annotations

import numpy as np
import pandas as pd
from statsmodels.stats.multitest import multipletests


def adjust_holm(p_values: pd.Series) -> pd.Series:
    """p-values after Holm's adjustment over those that are there; missing ones stay missing."""
    adjusted = pd.Series(np.nan, index=p_values.index, dtype="float64")
    tested = p_values.notna()
    if tested.any():
        adjusted[tested] = multipletests(p_values[tested], method="holm")[1]
    return adjusted
