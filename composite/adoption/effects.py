"""What goes with a theme: kind of account, country and time, each with the others held equal."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
from scipy import special, stats

from composite.adoption.estimates import FEWEST_AGENCIES, MOST_CLUSTERS, estimate_group
from composite.adoption.pseudo import Outcomes, group_posts, make_outcomes
from composite.adoption.shares import check_level
from composite.codebook.contract import check_table, find_corpus, is_among
from composite.codebook.countries import COUNTRY_CODES
from composite.codebook.tables import KINDS, TABLES
from composite.codebook.themes import THEME_KEYS
from composite.errors import CompositeError, CompositeWarning, count
from composite.themes.coding import choose_coder

PRIOR = 20.0  # on the logit scale: keeps an effect finite where one kind or country never shows the theme


def explain_themes(
    labels: pd.DataFrame,
    codings: pd.DataFrame | None = None,
    *,
    level: float = 0.95,
    coder: str | None = None,
) -> pd.DataFrame:
    """The table `effects`: one row a theme and kind of account, country or year, what it changes, all else equal.

    One logistic model a theme, of kind of account, country and time together, fitted by the estimating equations of a
    GEE with independent working correlation. These are linear in the outcome, so that the classifier's errors are taken
    out by putting the corrected pseudo-outcome, `λp + (R/π)(Y − λp)`, in the place of the code that most posts lack
    (design-based supervised learning); no probability is taken for a code. Effects are average marginal effects over
    all posts: how the share changes if kind (or country) were another and nothing else. Standard errors leave out one
    agency at a time.

    Parameters
    ----------
    labels, codings, level, coder
        As in `estimate_shares`. Posts without a kind of account, or without a date, are left out, if others have one.

    Returns
    -------
    DataFrame
        Table `effects`; `kind` is compared with the kind that has most posts, `country` with the plain mean of the
        others, and `time` is the change in a year. p-values are adjusted by Holm over all rows. It says what goes
        together, not why.

    Raises
    ------
    CompositeError
        If neither kinds nor countries nor dates differ, or the tables do not fit each other.

    References
    ----------
    Egami, N., Hinck, M., Stewart, B. M., & Wei, H. (2023). Using imperfect surrogates for downstream inference.
    *NeurIPS 36*. https://doi.org/10.48550/arXiv.2306.04746
    Liang, K.-Y., & Zeger, S. L. (1986). Longitudinal data analysis using generalized linear models. *Biometrika*,
    73(1), 13–22. https://doi.org/10.1093/biomet/73.1.13
    """
    from statsmodels.stats.multitest import multipletests

    check_level(level)
    outcomes, has_codings = _choose(labels, codings, coder)
    posts = outcomes.posts
    design = _Design(posts)
    values = _make_pseudo(outcomes) if has_codings else outcomes.naive
    said = outcomes.weight if has_codings else np.ones(len(posts))
    agency = (posts["country"] + "/" + posts["agency"]).to_numpy()
    cluster = np.unique(agency, return_inverse=True)[1]
    coded_agencies = len(np.unique(cluster[said > 0]))
    inference = "agencies" if coded_agencies >= FEWEST_AGENCIES else "posts"
    if inference == "posts":
        cluster = np.arange(len(posts)) % min(len(posts), MOST_CLUSTERS)
    sizes = np.bincount(cluster, weights=said)
    df = max(1.0, float(sizes.sum() ** 2 / (sizes**2).sum()) - 1)
    t = float(stats.t.ppf((1 + level) / 2, df))
    tables = []
    for place, theme in enumerate(THEME_KEYS):
        effect, left_out = design.fit(values[:, place], cluster)
        number = len(left_out)
        se = np.sqrt((number - 1) / number * ((left_out - effect) ** 2).sum(axis=0))
        with np.errstate(divide="ignore", invalid="ignore"):
            p_value = np.where(se > 0, 2 * stats.t.sf(np.abs(effect) / se, df), np.nan)
        part = design.names.assign(
            theme=theme, effect=effect, low=effect - t * se, high=effect + t * se, p_value=p_value
        )
        tables.append(part)
    table = pd.concat(tables, ignore_index=True)
    tested = table["p_value"].notna()
    table["p_adjusted"] = np.nan
    if tested.any():
        table.loc[tested, "p_adjusted"] = multipletests(table.loc[tested, "p_value"], method="holm")[1]
    table["n_posts"], table["n_coded"] = len(posts), int((outcomes.weight > 0).sum())
    table["n_agencies"] = coded_agencies
    table["inference"], table["corpus"] = inference, find_corpus(posts)
    texts = ("theme", "factor", "value", "reference", "inference", "corpus")
    return check_table("effects", table.astype(dict.fromkeys(texts, "str"))[list(TABLES["effects"].columns)])


def _choose(labels: pd.DataFrame, codings: pd.DataFrame | None, coder: str | None) -> tuple[Outcomes, bool]:
    """The posts that can be explained; a warning says how many cannot."""
    check_table("labels", labels)
    kept = labels
    for column in ("kind", "published"):
        if kept[column].notna().any() and kept[column].isna().any():
            gone = int(kept[column].isna().sum())
            warnings.warn(f"{count(gone, 'post')} without {column!r} left out", CompositeWarning, stacklevel=3)
            kept = kept[kept[column].notna()]
    if codings is None:
        return make_outcomes(kept, None), False
    known = codings
    if kept is not labels:
        known = choose_coder(codings, coder)
        known = known[is_among(known["post_id"], kept["post_id"]) | ~is_among(known["post_id"], labels["post_id"])]
        coder = None
    outcomes = make_outcomes(kept, known, coder=coder)
    coded = outcomes.posts.loc[outcomes.weight > 0, "country"].unique()
    absent = sorted(set(outcomes.posts["country"]) - set(coded))
    if absent:
        warnings.warn(f"posts of {', '.join(absent)}, which has no codings, left out", CompositeWarning, stacklevel=3)
        return make_outcomes(kept[kept["country"].isin(coded)], known, coder=coder), True
    return outcomes, True


def _make_pseudo(outcomes: Outcomes) -> np.ndarray:
    """Pseudo-outcomes whose mean in every country is its corrected share, (n, 9)."""
    values = np.empty_like(outcomes.chances)
    for _, rows in group_posts(outcomes.posts, "country"):
        agencies = outcomes.posts["agency"].iloc[rows].to_numpy()
        tuned = outcomes.chances[rows] * estimate_group(outcomes, rows, agencies, "corrected").tuning
        weight = outcomes.weight[rows] * len(rows) / outcomes.weight[rows].sum()
        codes = np.divide(
            outcomes.coded[rows],
            outcomes.weight[rows, None],
            where=outcomes.weight[rows, None] > 0,
            out=np.zeros((len(rows), tuned.shape[1])),
        )
        values[rows] = tuned + weight[:, None] * (codes - tuned)
    return values


class _Design:
    """The model's terms, and the posts of one kind, country and month taken together."""

    def __init__(self, posts: pd.DataFrame) -> None:
        kinds = [kind for kind in KINDS if (posts["kind"] == kind).any()]
        # the reference first
        self.kinds = sorted(kinds, key=lambda kind: -int((posts["kind"] == kind).sum()))
        self.countries = [code for code in COUNTRY_CODES if (posts["country"] == code).any()]
        month = np.zeros(len(posts))
        if posts["published"].notna().all():
            utc = posts["published"].dt.tz_convert("UTC")
            month = (12 * utc.dt.year + utc.dt.month).to_numpy(dtype=float)
        self.timed = bool(np.ptp(month) > 0)
        kind = posts["kind"].map({name: i for i, name in enumerate(self.kinds)}).fillna(0).to_numpy()
        country = posts["country"].map({code: i for i, code in enumerate(self.countries)}).to_numpy()
        cells = np.column_stack([kind, country, (month - month.mean()) / 12])
        self.cells, self.index = np.unique(cells, axis=0, return_inverse=True)
        self.posts = np.bincount(self.index).astype(float)
        self.terms = self._make_terms(self.cells)
        self.moved = {
            (column, value): self._move(column, value)
            for column, values in ((0, self.kinds), (1, self.countries))
            for value in range(len(values))
        }
        rows = [("kind", kind, self.kinds[0]) for kind in self.kinds[1:]]
        if len(self.countries) > 1:
            rows += [("country", code, "others") for code in self.countries]
        rows += [("time", "year", "the year before")] if self.timed else []
        if not rows:
            raise CompositeError(
                "there is one kind of account, one country and one month: nothing could explain a difference"
            )
        self.names = pd.DataFrame(rows, columns=["factor", "value", "reference"])

    def _make_terms(self, cells: np.ndarray) -> np.ndarray:
        kinds = [cells[:, 0] == i for i in range(1, len(self.kinds))]
        countries = [cells[:, 1] == i for i in range(1, len(self.countries))]
        time = [cells[:, 2]] if self.timed else []
        return np.column_stack([np.ones(len(cells)), *kinds, *countries, *time]).astype(float)

    def _move(self, column: int, value: int) -> np.ndarray:
        """The terms, if all posts were of this kind (column 0) or country (column 1)."""
        cells = self.cells.copy()
        cells[:, column] = value
        return self._make_terms(cells)

    def fit(self, values: np.ndarray, cluster: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Average marginal effects, and the same without each cluster, (E,) and (G, E)."""
        number, cells = int(cluster.max()) + 1, len(self.cells)
        place = cluster * cells + self.index
        sums = np.bincount(place, weights=values, minlength=number * cells).reshape(number, cells)
        posts = np.bincount(place, minlength=number * cells).reshape(number, cells).astype(float)
        estimated = self._solve(sums.sum(axis=0), self.posts, np.zeros(self.terms.shape[1]), 100)
        effect = self._find_effects(estimated, self.posts)
        left_out = []
        for group in range(number):
            rest = self.posts - posts[group]
            # three steps from the estimate with all clusters are as good as all
            near = self._solve(sums.sum(axis=0) - sums[group], rest, estimated, 3)
            left_out.append(self._find_effects(near, rest))
        return effect, np.array(left_out)

    def _solve(self, sums: np.ndarray, posts: np.ndarray, start: np.ndarray, steps: int) -> np.ndarray:
        """Coefficients at which pseudo-outcomes and probabilities agree in every term, by Newton's method."""
        penalty = np.full(len(start), PRIOR**-2)
        penalty[0] = 1e-6
        at = start
        for _ in range(steps):
            chance = special.expit(self.terms @ at)
            slope = self.terms.T @ (sums - posts * chance) - penalty * at
            curve = (self.terms * (posts * chance * (1 - chance))[:, None]).T @ self.terms + np.diag(penalty)
            step = np.linalg.solve(curve, slope)
            # long steps overshoot where probabilities are near 0 or 1
            at = at + step * min(1.0, 4 / max(np.abs(step).max(), 1e-12))
            if np.abs(step).max() < 1e-10:
                break
        return at

    def _find_effects(self, at: np.ndarray, posts: np.ndarray) -> np.ndarray:
        weight = posts / posts.sum()

        def mean(column: int, value: int) -> float:
            return float(weight @ special.expit(self.moved[column, value] @ at))

        effects = []
        if len(self.kinds) > 1:
            first, *rest = (mean(0, i) for i in range(len(self.kinds)))
            effects += [share - first for share in rest]
        if len(self.countries) > 1:
            shares = np.array([mean(1, i) for i in range(len(self.countries))])
            effects += list(shares - (shares.sum() - shares) / (len(shares) - 1))
        if self.timed:
            chance = special.expit(self.terms @ at)
            effects.append(float(at[-1] * (weight @ (chance * (1 - chance)))))
        return np.array(effects)
