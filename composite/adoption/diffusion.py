"""How themes spread among agencies: cumulative curves, S-curves, and which theme comes first."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations

import numpy as np
import pandas as pd
from scipy import optimize, stats

from composite.codebook.contract import check_table, find_corpus
from composite.codebook.tables import TABLES
from composite.codebook.themes import THEME_KEYS
from composite.errors import CompositeError
from composite.themes.spread import find_wilson

FEWEST = 3  # agencies: with fewer left to be seen a curve jumps at every one of them


def estimate_curves(uptake: pd.DataFrame, *, level: float = 0.95) -> pd.DataFrame:
    """The table `curves`: one row a country, theme and step, the share of agencies that have adopted the theme by then.

    Kaplan and Meier's estimate: an agency whose posts end before it has adopted a theme counts as long as it is seen.
    Time is in months since the agency's first post; the share after month m is that of agencies which adopted within
    their first m months. Intervals are Wilson's with the number of agencies that Greenwood's variance is worth.

    Parameters
    ----------
    uptake : DataFrame
        Table `uptake`.
    level : float
        Coverage of the intervals, each by itself.

    Returns
    -------
    DataFrame
        Table `curves`; steps are the months in which an agency adopted the theme, month 0, the last in which three
        agencies are left to be seen, and the last of all.

    Raises
    ------
    CompositeError
        If the table breaks its contract or `level` is no proportion.

    References
    ----------
    Kaplan, E. L., & Meier, P. (1958). Nonparametric estimation from incomplete observations. *JASA*, 53(282), 457–481.
    """
    check_table("uptake", uptake)
    if not 0 < level < 1:
        raise CompositeError(f"level={level} is not between 0 and 1: use 0.95 for 95 % intervals")
    z = float(stats.norm.ppf((1 + level) / 2))
    rows = []
    for (country, theme), part in uptake.groupby(["country", "theme"], sort=False):
        adopted = part["adopted"].to_numpy()
        time = np.where(adopted, part["months"] + 1, part["months_seen"]).astype(int)
        left, greenwood = 1.0, 0.0
        few = int(np.sort(time)[-FEWEST]) if len(time) >= FEWEST else 0
        for month in sorted({0, few, int(time.max()), *time[adopted].tolist()}):
            at_risk, events = int((time >= month).sum()), int((adopted & (time == month)).sum())
            left *= 1 - events / at_risk
            if events < at_risk:
                greenwood += events / (at_risk * (at_risk - events))
            share = 1 - left
            # Greenwood's variance is left² · greenwood; where nothing or everything happened it says nothing
            n = (1 - left) / (left * greenwood) if 0 < left < 1 else at_risk if left == 1 else len(part)
            low, high = find_wilson(share, min(n, len(part)), z)
            rows.append(
                {
                    "country": country,
                    "theme": theme,
                    "months": month,
                    "n_agencies": len(part),
                    "n_at_risk": at_risk,
                    "share": share,
                    "low": float(low) if month else 0.0,
                    "high": float(high) if month else 0.0,
                }
            )
    table = pd.DataFrame(rows).astype({"country": "str", "theme": "str"})
    table["corpus"] = pd.Series([find_corpus(uptake)] * len(table), dtype="str")
    return check_table("curves", table)


def measure_precedence(uptake: pd.DataFrame, *, level: float = 0.95) -> pd.DataFrame:
    """The table `precedence`: one row a pair of themes, in how many agencies the first was adopted before the other.

    Agencies that adopted one of the two and not the other, as far as they are seen, adopted it first. Agencies with
    both in one month are left out (`n_ties`). The p-value is that of the sign test, adjusted by Holm over all pairs.

    Parameters
    ----------
    uptake : DataFrame
        Table `uptake`.
    level : float
        Coverage of the intervals (Wilson's).

    Returns
    -------
    DataFrame
        Table `precedence`; every pair once, in the order of the themes.

    Raises
    ------
    CompositeError
        If the table breaks its contract.
    """
    from statsmodels.stats.multitest import multipletests

    check_table("uptake", uptake)
    z = float(stats.norm.ppf((1 + level) / 2))
    month = uptake.assign(time=np.where(uptake["adopted"], uptake["months"], np.inf))
    times = month.pivot(index=["country", "agency"], columns="theme", values="time")
    rows = []
    for one, two in combinations(THEME_KEYS, 2):
        before, after = int((times[one] < times[two]).sum()), int((times[one] > times[two]).sum())
        n = before + after
        share = before / n if n else np.nan
        low, high = find_wilson(share, n, z) if n else (np.nan, np.nan)
        rows.append(
            {
                "theme": one,
                "other": two,
                "n_agencies": n,
                "n_ties": int(((times[one] == times[two]) & np.isfinite(times[one])).sum()),
                "share": share,
                "low": float(low),
                "high": float(high),
                "p_value": float(stats.binomtest(before, n).pvalue) if n else np.nan,
            }
        )
    table = pd.DataFrame(rows).astype({"theme": "str", "other": "str"})
    tested = table["p_value"].notna()
    table["p_adjusted"] = np.nan
    if tested.any():
        table.loc[tested, "p_adjusted"] = multipletests(table.loc[tested, "p_value"], method="holm")[1]
    table["corpus"] = pd.Series([find_corpus(uptake)] * len(table), dtype="str")
    return check_table("precedence", table)


def _grow_logistic(t: np.ndarray, parameters: np.ndarray) -> np.ndarray:
    speed, midpoint = np.exp(parameters[0]), parameters[1]
    return 1 / (1 + np.exp(-np.clip(speed * (t - midpoint), -500, 500)))


def _grow_bass(t: np.ndarray, parameters: np.ndarray) -> np.ndarray:
    innovation, imitation = np.exp(parameters[:2])
    decay = np.exp(-(innovation + imitation) * np.maximum(t, 0))
    return (1 - decay) / (1 + imitation / innovation * decay)


_MODELS: dict[str, tuple[Callable[[np.ndarray, np.ndarray], np.ndarray], tuple[tuple[str, str, bool], ...]]] = {
    # parameter, unit, whether it is fitted as a logarithm
    "logistic": (_grow_logistic, (("speed", "a year", True), ("midpoint", "years", False))),
    "bass": (_grow_bass, (("innovation", "a year", True), ("imitation", "a year", True))),
}


def fit_growth(uptake: pd.DataFrame, *, level: float = 0.95) -> pd.DataFrame:
    """The table `growth`: one row a theme, model and parameter of the S-curve by which the theme spread.

    The share of agencies that have adopted a theme t years after the first month of the table grows to a ceiling, by
    the logistic curve, `ceiling / (1 + exp(−speed (t − midpoint)))`, or by Bass's, in which agencies adopt of
    themselves (innovation) and from others (imitation). Fitted by maximum likelihood over agencies of all countries:
    one that adopted in its first month may have done so before, one that has not adopted may do so later. Intervals are
    Wald's on the logarithm (the logit, for the ceiling; plain, for the midpoint).

    Parameters
    ----------
    uptake : DataFrame
        Table `uptake`.
    level : float
        Coverage of the intervals.

    Returns
    -------
    DataFrame
        Table `growth`. Ends are missing where the data do not determine the parameter, and values too where fewer than
        five agencies adopted the theme. A lower `aic` is a better fit.

    Raises
    ------
    CompositeError
        If the table breaks its contract.

    References
    ----------
    Bass, F. M. (1969). A new product growth for model consumer durables. *Management Science*, 15(5), 215–227.
    https://doi.org/10.1287/mnsc.15.5.215
    """
    check_table("uptake", uptake)
    z = float(stats.norm.ppf((1 + level) / 2))
    origin = _number(uptake["start"]).min()
    rows = []
    for theme in THEME_KEYS:
        part = uptake[uptake["theme"] == theme]
        entry = (_number(part["start"]) - origin) / 12
        adopted = part["adopted"].to_numpy()
        end = entry + np.where(adopted, part["months"], part["months_seen"] - 1) / 12 + 1 / 12
        for model, (grow, parameters) in _MODELS.items():
            values, low, high, aic = _fit(grow, len(parameters), entry, end, adopted, z)
            for place, (name, unit, in_logs) in enumerate((*parameters, ("ceiling", "proportion", False))):
                change = np.exp if in_logs else (lambda x: 1 / (1 + np.exp(-x))) if name == "ceiling" else float
                rows.append(
                    {
                        "theme": theme,
                        "model": model,
                        "parameter": name,
                        "unit": unit,
                        "value": float(change(values[place])),
                        "low": float(change(low[place])),
                        "high": float(change(high[place])),
                        "aic": aic,
                        "n_agencies": len(part),
                        "n_adopted": int(adopted.sum()),
                    }
                )
    table = pd.DataFrame(rows).astype(dict.fromkeys(("theme", "model", "parameter", "unit"), "str"))
    table["corpus"] = pd.Series([find_corpus(uptake)] * len(table), dtype="str")
    return check_table("s_curves", table[list(TABLES["s_curves"].columns)])


def _number(months: pd.Series) -> np.ndarray:
    return 12 * months.str[:4].astype(int).to_numpy() + months.str[5:7].astype(int).to_numpy()


def _fit(
    grow: Callable[[np.ndarray, np.ndarray], np.ndarray],
    number: int,
    entry: np.ndarray,
    end: np.ndarray,
    adopted: np.ndarray,
    z: float,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
    """Parameters on the scale of the fit, the ends of their intervals, and AIC."""
    from statsmodels.tools.numdiff import approx_hess

    nothing = np.full(number + 1, np.nan)
    if adopted.sum() < 5:
        return nothing, nothing, nothing, np.nan
    at_once = adopted & (end - entry < 1.5 / 12)

    def lose(parameters: np.ndarray) -> float:
        ceiling = 1 / (1 + np.exp(-parameters[-1]))
        by_end, before = ceiling * grow(end, parameters), ceiling * grow(end - 1 / 12, parameters)
        chance = np.where(at_once, by_end, np.where(adopted, by_end - before, 1 - by_end))
        # a weak pull towards plain values keeps what the data do not determine within bounds
        return float(-np.log(np.maximum(chance, 1e-300)).sum() + 0.5 * np.square(parameters / 10).sum())

    starts = [np.array([a, b, 1.0]) for a in (-1.0, 1.0) for b in (-1.0, 1.0, float(end.mean()))]
    fits = [optimize.minimize(lose, start, method="Nelder-Mead", options={"maxiter": 400}) for start in starts]
    best = optimize.minimize(lose, min(fits, key=lambda fit: fit.fun).x, method="BFGS")
    hessian = approx_hess(best.x, lose)
    aic = 2 * best.fun + 2 * (number + 1)
    if not np.isfinite(hessian).all() or np.linalg.eigvalsh(hessian).min() < 0.02:
        return best.x, nothing, nothing, aic
    se = np.sqrt(np.diag(np.linalg.inv(hessian)))
    return best.x, best.x - z * se, best.x + z * se, aic
