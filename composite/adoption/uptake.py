"""Use over time."""

from __future__ import annotations

import pandas as pd

from composite.codebook.contract import check_table, find_corpus


def count_months(labels: pd.DataFrame) -> pd.DataFrame:
    """The table `months`: one row a country and calendar month from its first dated post to its last, with its posts.

    A month without posts between two with posts counts 0; posts without a date are in no month.

    Parameters
    ----------
    labels : DataFrame
        Table `labels` or `posts`.
    """
    dated = labels.loc[labels["published"].notna(), ["country", "published"]]
    month = dated["published"].dt.tz_convert("UTC").dt.strftime("%Y-%m")
    counts = dated.groupby(["country", month]).size()
    rows = []
    for country, found in counts.groupby(level=0):
        seen = found.droplevel(0)
        for period in pd.period_range(seen.index.min(), seen.index.max(), freq="M"):
            rows.append({"country": country, "month": str(period), "n_posts": int(seen.get(str(period), 0))})
    table = pd.DataFrame(rows, columns=["country", "month", "n_posts"])
    table = table.astype({"country": "str", "month": "str", "n_posts": "int64"})
    table["corpus"] = pd.Series([find_corpus(labels)] * len(table), dtype="str")
    return check_table("months", table)
