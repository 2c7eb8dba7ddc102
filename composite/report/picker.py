"""Two countries side by side, as a reader picks them: their shares, and their difference as table `pairs` has it."""

from __future__ import annotations

from typing import Any

import pandas as pd

from composite.codebook.countries import COUNTRY
from composite.codebook.themes import THEMES
from composite.report.drawing import FEW, order_countries

TOLD = 0.05  # as in the findings: told apart if Holm's adjustment leaves p below


def describe_pairs(shares: pd.DataFrame, pairs: pd.DataFrame | None, level: float) -> dict[str, Any] | None:
    """What the page needs to set two countries side by side; None if there are fewer than two.

    No number is computed here or in the browser: a difference, its interval and its p-value are the row of `pairs`, and
    for the countries in the other order the same with the other sign.

    Parameters
    ----------
    shares : DataFrame
        Table `shares` by country.
    pairs : DataFrame, optional
        Table `contrasts` of `compare_countries(..., against="pairs")`.
    level : float
        Coverage of the intervals.

    Returns
    -------
    dict
        `countries`: code and name in the order of the study; `themes`: key and label; `shares`: country → theme →
        share, low, high (each the number and how to write it), `method`, `inference` and `few`; `pairs`: `"BE,CZ"` →
        theme → difference, low, high, `p`, `told` (null without a p-value), `inference` and `unequal`; `tests`,
        `level` and `few`.
    """
    countries = order_countries(shares)
    if len(countries) < 2:
        return None
    rows = [] if pairs is None else list(pairs.itertuples())
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        found.setdefault(f"{row.country},{row.reference}", {})[row.theme] = {
            "difference": _write_points(row.difference),
            "low": _write_points(row.low_all),
            "high": _write_points(row.high_all),
            "p": _write_p(row.p_adjusted),
            "told": None if pd.isna(row.p_adjusted) else bool(row.p_adjusted < TOLD),
            "inference": row.inference,
            "unequal": row.classifier == "unequal",
        }
    return {
        "countries": [[code, COUNTRY[code].name] for code in countries],
        "themes": [[theme.key, theme.label] for theme in THEMES],
        "shares": {code: _describe_shares(shares[shares["country"] == code]) for code in countries},
        "pairs": found,
        "tests": 0 if pairs is None else int(pairs["p_adjusted"].notna().sum()),
        "level": f"{100 * level:g}",
        "few": FEW,
    }


def _describe_shares(shares: pd.DataFrame) -> dict[str, Any]:
    """Theme → the corrected share; the naive one where there is none."""
    order = shares.assign(place=shares["method"].map({"corrected": 0, "naive": 1})).dropna(subset=["place", "share"])
    best = order.sort_values("place", kind="stable").drop_duplicates("theme")
    return {
        row.theme: {
            "share": _write_per_cent(row.share),
            "low": _write_per_cent(row.low),
            "high": _write_per_cent(row.high),
            "method": row.method,
            "inference": row.inference,
            "few": bool(row.method == "corrected" and row.n_coded < FEW),
        }
        for row in best.itertuples()
    }


def _write_per_cent(share: float) -> list[Any] | None:
    return None if pd.isna(share) else [_shorten(share), f"{100 * share:.1f}"]


def _write_points(difference: float) -> list[Any] | None:
    """A difference and how to write it in percentage points.

    >>> _write_points(-0.1234), _write_points(0.0001), _write_points(float("nan"))
    ([-0.1234, '−12.3'], [0.0001, '0.0'], None)
    """
    if pd.isna(difference):
        return None
    text = f"{100 * difference:+.1f}"
    return [_shorten(difference), "0.0" if float(text) == 0 else text.replace("-", "−")]


def _shorten(number: float) -> float:
    """The number with the digits that the table's file has."""
    return float(f"{number:.10g}")


def _write_p(p_value: float) -> str | None:
    return None if pd.isna(p_value) else "<0.001" if p_value < 0.001 else f"{p_value:.3f}"
