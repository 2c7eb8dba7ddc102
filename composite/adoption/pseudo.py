"""The pseudo-outcomes from which every estimate is made, and their sums by group and agency."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

import numpy as np
import pandas as pd

from composite.codebook.contract import check_table
from composite.codebook.countries import COUNTRY
from composite.codebook.themes import THEME_KEYS
from composite.errors import CompositeError, CompositeWarning, agree, count, nearest
from composite.themes.classifier import THRESHOLD
from composite.themes.coding import choose_coder
from composite.themes.labelling import match_codings

# the labels and codings that are shared, and what make_outcomes gave of them, once it has been asked
_Shared = tuple[pd.DataFrame, pd.DataFrame | None, list["Outcomes"]]
_shared: ContextVar[_Shared | None] = ContextVar("shared", default=None)


@dataclass(frozen=True)
class Outcomes:
    """Posts with what each contributes to the three estimates.

    Attributes
    ----------
    posts : DataFrame
        The n rows of `labels` without the theme columns.
    naive : (n, 9) array
        1 where the probability is at least 0.5.
    corrected : (n, 9) array
        `p + (R / π)(Y − p)`: probability, plus the coder's surprise weighted by the inverse of the chance to be coded.
    coded : (n, 9) array
        `(R / π) Y`.
    weight : (n,) array
        `R / π`: 0 for a post that was not coded.
    chances : (n, 9) array
        The probabilities `p`.
    stratum : (n,) array of int
        The stratum from which a coded post was drawn, if the codings have a column `stratum`; else 0.
    """

    posts: pd.DataFrame
    naive: np.ndarray
    corrected: np.ndarray
    coded: np.ndarray
    weight: np.ndarray
    chances: np.ndarray
    stratum: np.ndarray


@contextmanager
def share_outcomes(labels: pd.DataFrame, codings: pd.DataFrame | None) -> Iterator[None]:
    """Within it, `make_outcomes` works once for these two tables, which nobody may alter meanwhile.

    Most estimates of a study are of the same labels and codings. A warning comes with the first of them only.
    """
    token = _shared.set((labels, codings, []))
    try:
        yield
    finally:
        _shared.reset(token)


def make_outcomes(labels: pd.DataFrame, codings: pd.DataFrame | None, *, coder: str | None = None) -> Outcomes:
    """Pseudo-outcomes of every post; without codings, `corrected` and `coded` hold nothing but missing values.

    Raises
    ------
    CompositeError
        If a table breaks its contract, a post has no agency, or codings are of posts that are not in `labels`.

    References
    ----------
    Egami, N., Hinck, M., Stewart, B. M., & Wei, H. (2023). Using imperfect surrogates for downstream inference.
    *NeurIPS 36*. https://doi.org/10.48550/arXiv.2306.04746
    """
    shared = _shared.get()
    if shared is None or shared[0] is not labels or coder is not None:
        return _make_outcomes(labels, codings, coder)
    if shared[1] is codings:
        if not shared[2]:
            shared[2].append(_make_outcomes(labels, codings, coder))
        return shared[2][0]
    if codings is None and shared[2]:
        return _leave_uncoded(shared[2][0].posts, shared[2][0].naive, shared[2][0].chances)
    return _make_outcomes(labels, codings, coder)


def _leave_uncoded(posts: pd.DataFrame, naive: np.ndarray, chances: np.ndarray) -> Outcomes:
    missing = np.full_like(chances, np.nan)
    none = np.zeros(len(posts), dtype=int)
    return Outcomes(posts, naive, missing, missing, np.zeros(len(posts)), chances, none)


def _make_outcomes(labels: pd.DataFrame, codings: pd.DataFrame | None, coder: str | None) -> Outcomes:
    check_table("labels", labels)
    if labels.empty:
        raise CompositeError("there are no labels: label some posts first")
    homeless = labels["agency"].isna()
    if homeless.any():
        raise CompositeError(
            f"{homeless.sum():,} of {count(len(labels), 'post')} {agree(homeless.sum(), 'has', 'have')} no agency, "
            "which every standard error needs: name the column that has it (columns={'…': 'agency'}), or leave them "
            "out with labels[labels['agency'].notna()]"
        )
    labels = labels.sort_values("post_id", ignore_index=True)  # sums of floats depend on the order of rows
    chances = labels[list(THEME_KEYS)].to_numpy()
    posts = labels.drop(columns=list(THEME_KEYS))
    naive = (chances >= THRESHOLD).astype(float)
    if codings is None:
        return _leave_uncoded(posts, naive, chances)
    coded = match_codings(labels, choose_coder(codings, coder)).set_index("post_id")
    codes = coded[list(THEME_KEYS)].reindex(labels["post_id"]).to_numpy(dtype=float)
    weight = (1 / coded["sampling_probability"].reindex(labels["post_id"])).fillna(0).to_numpy()
    if doubt := find_doubt(labels, coded.reset_index()):
        warnings.warn(doubt, CompositeWarning, stacklevel=4)
    stratum = np.zeros(len(posts), dtype=int)
    if "stratum" in coded:
        stratum = pd.factorize(coded["stratum"].reindex(labels["post_id"]), sort=True)[0]
    surprise = np.where(weight[:, None] > 0, codes - chances, 0)
    return Outcomes(
        posts,
        naive,
        chances + weight[:, None] * surprise,
        weight[:, None] * np.nan_to_num(codes),
        weight,
        chances,
        stratum,
    )


def find_doubt(labels: pd.DataFrame, codings: pd.DataFrame) -> str | None:
    """What is doubtful if the codings do not stand for the posts: the sum of `1/π` estimates their number.

    Parameters
    ----------
    labels : DataFrame
        Table `labels`.
    codings : DataFrame
        Table `codings`, one row a post.
    """
    posts = labels.groupby("country").size()
    merged = codings[["post_id", "sampling_probability"]].merge(labels[["post_id", "country"]], on="post_id")
    for country, part in merged.groupby("country"):
        probability = part["sampling_probability"]
        stands_for = float((1 / probability).sum())
        # the spread of that sum if posts were drawn independently, which is the most it can be in a stratified sample
        spread = float(np.sqrt(((1 - probability) / probability**2).sum()))
        if abs(stands_for - posts[country]) > 0.1 * posts[country] + 4 * spread:
            return (
                f"by their sampling probabilities the {count(len(part), 'coding')} of {COUNTRY[country].name} "
                f"{agree(len(part), 'stands', 'stand')} for about {count(round(stands_for), 'post')}, and there are "
                f"{posts[country]:,}: are codings or posts missing? Corrected and coded shares need all that were drawn"
            )
    return None


def group_posts(posts: pd.DataFrame, by: str | Sequence[str]) -> list[tuple[tuple[str, ...], np.ndarray]]:
    """Every group with the positions of its posts, by name.

    Raises
    ------
    CompositeError
        If no column is named, or one is unknown or missing for some posts.
    """
    names = [by] if isinstance(by, str) else list(by)
    if not names:
        raise CompositeError("by= names no column: give one, such as by='country'")
    spans = {"month": "%Y-%m", "year": "%Y"}
    frame = posts.assign(**{name: posts["published"].dt.strftime(spans[name]) for name in spans if name in names})
    for name in names:
        if name not in frame or name in ("post_id", "published"):
            valid = [c for c in (*posts.columns, *spans) if c not in ("post_id", "published")]
            raise CompositeError(f"by={name!r} is not a column of the labels: {nearest(name, valid)}")
        if lacking := int(frame[name].isna().sum()):
            raise CompositeError(
                f"{count(lacking, 'post')} {agree(lacking, 'has', 'have')} no {name!r}: leave them out with "
                f"labels[labels[{name!r}].notna()]"
                if name in posts
                else f"some posts have no date, so by={name!r} cannot place them: leave them out with "
                "labels[labels['published'].notna()]"
            )
    groups = frame.groupby(names, sort=True, observed=True).indices
    return [(key if isinstance(key, tuple) else (key,), np.asarray(rows)) for key, rows in groups.items()]
