"""How the public answers: reposts, likes and replies by theme, and how much the police talk back."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from composite.adoption.multiplicity import adjust_holm
from composite.adoption.pseudo import group_posts, make_outcomes
from composite.adoption.shares import FEWEST_AGENCIES, check_level
from composite.codebook.contract import check_table, find_corpus, is_among
from composite.codebook.themes import THEME_KEYS
from composite.errors import CompositeError, CompositeWarning, count

MEASURES = ("reposts", "likes", "replies")


def measure_engagement(
    labels: pd.DataFrame,
    posts: pd.DataFrame,
    codings: pd.DataFrame | None = None,
    *,
    level: float = 0.95,
    coder: str | None = None,
) -> pd.DataFrame:
    """The table `engagement`: one row a measure and theme, how many times as often such posts are answered.

    A negative binomial model of the count, one a measure: `log E(count) = log(followers) + theme₁ … theme₉ + country`.
    So `ratio` compares posts with and without the theme that have the same other themes, country and number of
    followers. Standard errors are clustered by agency, with t on the number of agencies less one; below five agencies
    there are none. p-values are adjusted by Holm over the table. What an account's posts receive for other reasons (a
    picture, the hour) is not in the model: it describes, it does not explain.

    Parameters
    ----------
    labels : DataFrame
        Table `labels`.
    posts : DataFrame
        Table `posts` of the same posts, with `followers` and at least one of `reposts`, `likes` and `replies`. Posts
        without a count, or without followers, are left out of the model.
    codings : DataFrame, optional
        Table `codings`: then only coded posts count, all alike. Without them themes are labels of at least 0.5, whose
        errors draw ratios towards one.
    level : float
        Coverage of the intervals.
    coder : str, optional
        Whose codes count, see `choose_coder`.

    Returns
    -------
    DataFrame
        Table `engagement`; the ratio is missing where no post has the theme, or all have, or the model has no solution
        (which is warned of).

    Raises
    ------
    CompositeError
        If the posts have no followers or no measure, or none of them is in `labels`.

    References
    ----------
    Cameron, A. C., & Trivedi, P. K. (2013). *Regression analysis of count data* (2nd ed.). Cambridge University Press.
    https://doi.org/10.1017/CBO9781139013567
    """
    check_level(level)
    check_table("posts", posts)
    measures = [name for name in MEASURES if name in posts and posts[name].notna().any()]
    if not measures:
        raise CompositeError(
            f"the posts have none of {', '.join(MEASURES)}: name the columns that have them (columns=…)"
        )
    if "followers" not in posts or not (posts["followers"] > 0).any():
        raise CompositeError(
            "no post says how many followers its account had, which the model needs: name the column that has them "
            "(columns={'…': 'followers'})"
        )
    outcomes = make_outcomes(labels, codings, coder=coder)
    used = np.ones(len(outcomes.posts), dtype=bool) if codings is None else outcomes.weight > 0
    themes = pd.DataFrame(
        (outcomes.naive if codings is None else outcomes.coded > 0)[used].astype(float), columns=list(THEME_KEYS)
    )
    frame = pd.concat(
        [outcomes.posts.loc[used, ["post_id", "country", "agency"]].reset_index(drop=True), themes], axis=1
    )
    frame = frame.merge(posts[["post_id", "followers", *measures]], on="post_id")
    frame = frame[frame["followers"] > 0]
    if frame.empty:
        raise CompositeError(
            "none of the labelled posts has followers in `posts`: do their post_id name the same posts?"
        )
    pieces = [_describe(frame[frame[name].notna()], name, level) for name in measures]
    table = pd.concat(pieces, ignore_index=True)
    table["p_adjusted"] = adjust_holm(table["p_value"])
    table.insert(2, "method", pd.Series(["naive" if codings is None else "coded"] * len(table), dtype="str"))
    table["corpus"] = pd.Series([find_corpus(labels)] * len(table), dtype="str")
    return check_table("engagement", table)


def _describe(frame: pd.DataFrame, measure: str, level: float) -> pd.DataFrame:
    """Nine rows for one measure."""
    agencies = (frame["country"] + "/" + frame["agency"]).to_numpy()
    number = len(set(agencies))
    rows = []
    fitted = _fit(frame, measure, agencies)
    for theme in THEME_KEYS:
        having = frame.loc[frame[theme] == 1, measure]
        row: dict[str, Any] = {
            "measure": measure,
            "theme": theme,
            "n_posts": len(frame),
            "n_theme": len(having),
            "n_agencies": number,
            "mean": having.mean() if len(having) else np.nan,
            "median": having.median() if len(having) else np.nan,
            "ratio": np.nan,
            "low": np.nan,
            "high": np.nan,
            "p_value": np.nan,
        }
        if theme in fitted:
            slope, se = fitted[theme]
            row["ratio"] = float(np.exp(slope))
            if number >= FEWEST_AGENCIES and np.isfinite(se) and se > 0:
                t = stats.t.ppf((1 + level) / 2, number - 1)
                row["low"], row["high"] = float(np.exp(slope - t * se)), float(np.exp(slope + t * se))
                row["p_value"] = float(2 * stats.t.sf(abs(slope) / se, number - 1))
        rows.append(row)
    return pd.DataFrame(rows)


def _fit(frame: pd.DataFrame, measure: str, agencies: np.ndarray) -> dict[str, tuple[float, float]]:
    """Slope and clustered standard error of each theme that varies; empty if the model has no solution."""
    import statsmodels.api as sm
    from statsmodels.tools.sm_exceptions import ConvergenceWarning, HessianInversionWarning

    y = frame[measure].to_numpy(dtype=float)
    varying = [key for key in THEME_KEYS if frame[key].nunique() == 2]
    countries = pd.get_dummies(frame["country"], drop_first=True, dtype=float)
    x = np.column_stack([np.ones(len(frame)), frame[varying], countries])
    failed = ""
    if not y.any():
        failed = "all counts are 0"
    elif len(frame) <= x.shape[1] + 1:
        failed = f"there are {count(len(frame), 'post')} only"
    elif np.linalg.matrix_rank(x) < x.shape[1]:
        failed = "some themes or countries always occur together"
    if not failed:
        offset = np.log(frame["followers"].to_numpy(dtype=float))
        groups = np.unique(agencies, return_inverse=True)[1]
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("error", ConvergenceWarning)
            warnings.simplefilter("error", HessianInversionWarning)
            warnings.simplefilter("ignore", RuntimeWarning)
            try:
                start = sm.Poisson(y, x, offset=offset).fit(disp=0, maxiter=200).params
                result = sm.NegativeBinomial(y, x, offset=offset).fit(
                    np.append(start, 0.5),
                    method="bfgs",
                    disp=0,
                    maxiter=1000,
                    gtol=1e-7,
                    cov_type="cluster",
                    cov_kwds={"groups": groups},
                )
                slopes, errors = result.params[1 : 1 + len(varying)], result.bse[1 : 1 + len(varying)]
                if np.isfinite(slopes).all():
                    return dict(zip(varying, zip(slopes.tolist(), errors.tolist(), strict=True), strict=True))
                failed = "its estimates are not finite"
            except (ConvergenceWarning, HessianInversionWarning, np.linalg.LinAlgError, ValueError):
                failed = "it does not converge"
    warnings.warn(f"the model of {measure} has no solution: {failed}", CompositeWarning, stacklevel=4)
    return {}


def measure_dialogue(posts: pd.DataFrame, *, by: str | Sequence[str] = "country", level: float = 0.95) -> pd.DataFrame:
    """The table `dialogue`: one row a country (or any other `by`), the share of posts that are replies, and more.

    The interval leaves out one agency at a time (CRV3 jackknife, t on the number of agencies less one), on the scale of
    log odds, which keeps it within 0 and 1; below five agencies, or where nobody or everybody replies, there is none.

    Parameters
    ----------
    posts : DataFrame
        Table `posts` with the column `reply_to`: a handle, or the post_id of the post that it answers. The time to a
        reply is known where that post is in the table.
    by : str or sequence of str
        Columns of `posts`, and `month` or `year`.
    level : float
        Coverage of the intervals.

    Returns
    -------
    DataFrame
        Table `dialogue`; `share_answered` is missing where no post says how many replies it received, and
        `median_hours` where no reply can be timed. Posts without an agency are left out.

    Raises
    ------
    CompositeError
        If no post says what it replies to, or `by` names no column.
    """
    check_level(level)
    check_table("posts", posts)
    if "reply_to" not in posts or posts["reply_to"].isna().all():
        raise CompositeError(
            "no post says what it replies to: name the column that has it (columns={'…': 'reply_to'}); if none is a "
            "reply, there is no dialogue to measure"
        )
    frame = posts[posts["agency"].notna()].sort_values("post_id", ignore_index=True)
    # few posts are answered, and an index of all is dear
    written = posts.loc[is_among(posts["post_id"], posts["reply_to"].dropna()), ["post_id", "published"]]
    written = written.drop_duplicates("post_id").set_index("post_id")["published"]
    places = written.index.get_indexer(frame["reply_to"])
    asked = pd.Series(written.array.take(places, allow_fill=True), index=frame.index)
    hours = (frame["published"] - asked).dt.total_seconds() / 3600
    hours = hours.where(hours >= 0)
    names = [by] if isinstance(by, str) else list(by)
    rows = []
    for key, index in group_posts(frame, by):
        part = frame.iloc[index]
        replies = part["reply_to"].notna().to_numpy(dtype=float)
        agencies = (part["country"] + "/" + part["agency"]).to_numpy()
        timed = hours.iloc[index].dropna()
        answered = part["replies"].dropna() if "replies" in part else pd.Series(dtype=float)
        low, high = _find_span(replies, agencies, level)
        rows.append(
            {
                **dict(zip(names, key, strict=True)),
                "n_posts": len(part),
                "n_agencies": len(set(agencies)),
                "n_replies": int(replies.sum()),
                "share": replies.mean(),
                "low": low,
                "high": high,
                "share_answered": (answered > 0).mean() if len(answered) else np.nan,
                "n_timed": len(timed),
                "median_hours": timed.median() if len(timed) else np.nan,
                "inference": "descriptive" if np.isnan(low) else "agencies",
            }
        )
    table = pd.DataFrame(rows)
    if "corpus" not in names:
        table["corpus"] = pd.Series([find_corpus(posts)] * len(table), dtype="str")
    return check_table("dialogue", table)


def _find_span(values: np.ndarray, agencies: np.ndarray, level: float) -> tuple[float, float]:
    """Interval of the mean of 0 and 1 over agencies, from the jackknife of its log odds."""
    index = np.unique(agencies, return_inverse=True)[1]
    totals, sizes = np.bincount(index, weights=values), np.bincount(index)
    number, total, size = len(sizes), totals.sum(), sizes.sum()
    if number < FEWEST_AGENCIES or total in (0, size):
        return np.nan, np.nan
    # half a reply more and half a post without: an agency may have all the replies
    without = (total - totals + 0.5) / (size - sizes + 1)
    odds, left = np.log(total / (size - total)), np.log(without / (1 - without))
    se = np.sqrt((number - 1) / number * ((left - left.mean()) ** 2).sum())
    half = stats.t.ppf((1 + level) / 2, number - 1) * se
    low, high = 1 / (1 + np.exp(-(odds - half))), 1 / (1 + np.exp(-(odds + half)))
    return float(low), float(high)
