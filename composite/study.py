"""The whole study: read → label → estimate → report."""

from __future__ import annotations

import shutil
import warnings
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from composite.adoption.contrasts import compare_countries
from composite.adoption.diffusion import estimate_curves
from composite.adoption.effects import explain_themes
from composite.adoption.networks import measure_cooccurrence
from composite.adoption.profiles import map_profiles
from composite.adoption.pseudo import find_doubt, share_outcomes
from composite.adoption.ranks import rank_countries
from composite.adoption.shares import check_level, estimate_shares
from composite.adoption.uptake import count_months, find_uptake
from composite.adoption.watch import watch_audiences, watch_posts
from composite.codebook.contract import check_table, is_among, trust_tables
from composite.codebook.countries import COUNTRY
from composite.errors import CompositeError, CompositeWarning, count, require_known
from composite.files import make_folder, write_table, write_whole
from composite.posts.text import hash_text
from composite.report.document import REPORTS, choose_formats, write_report
from composite.report.drawing import FEW
from composite.report.figures import FIGURES
from composite.report.manifest import NAME, describe_study, hash_input
from composite.themes.agreement import count_confusions, measure_agreement
from composite.themes.classifier import ThemeClassifier
from composite.themes.coding import ADJUDICATED, choose_coder
from composite.themes.labelling import Progress, label_posts
from composite.themes.quality import measure_by_language, measure_quality
from composite.themes.train import find_checksum, load_classifier

MOST_AGENCIES = 20


@dataclass(frozen=True)
class StudyResult:
    """What a study found, and where it was written.

    Attributes
    ----------
    labels : DataFrame
        Table `labels`.
    tables : dict of str to DataFrame
        `shares`, `agencies` and `kinds` (shares by agency and by kind of account), `pairs` and `contrasts` (with the
        mean of the others), `ranks`, `profile_map`, `effects`, `cooccurrence`, `months`, `uptake` and `curves`,
        `quality`, `languages`, `agreement` and `confusions` (of several coders); `campaigns`, `participants`,
        `participation` and `campaign_themes` (of the largest campaign day), `engagement`, `dialogue`, `edges` (of
        themes), `communities`, `actors`, `keywords`; `followers`, `unusual`, `reach`, `concentration`: those that the
        data allow.
    notes : tuple of str
        What was left out, and why.
    report : Path
        `index.html`, or the first of the formats asked for; the others, figures, tables and the manifest are beside it.
    """

    labels: pd.DataFrame
    tables: dict[str, pd.DataFrame]
    notes: tuple[str, ...]
    report: Path


def run_study(
    posts: pd.DataFrame,
    codings: pd.DataFrame | None = None,
    *,
    accounts: pd.DataFrame | None = None,
    audience: pd.DataFrame | None = None,
    rejected: pd.DataFrame | None = None,
    out: str | Path = "reports",
    model: ThemeClassifier | None = None,
    coder: str | None = None,
    level: float = 0.95,
    only: list[str] | None = None,
    formats: tuple[str, ...] = tuple(REPORTS),
    notes: tuple[str, ...] = (),
    progress: Progress | None = None,
) -> StudyResult:
    """Labels, estimates, figures and the report of some posts, written to the folder `out`.

    Interrupted, it goes on from the last finished fold when it is called again with the same input and folder.

    Parameters
    ----------
    posts : DataFrame
        Table `posts`. Posts without an agency are left out, and the report says how many.
    codings : DataFrame, optional
        Table `codings`; those of other posts are left out, and the report says how many. Without codings nothing can be
        corrected: the classifier that ships labels the posts, and every estimate is `naive`.
    accounts : DataFrame, optional
        Table `accounts`, for the kind of account, the map and followers by country.
    audience : DataFrame, optional
        Table `audience`, counts of followers.
    rejected : DataFrame, optional
        Table `rejected`, to be reported and kept beside the rest.
    out : str or Path
    model : ThemeClassifier, optional
        A fitted classifier, whose labels are used as they are, or one that is not fitted, to be trained and
        cross-fitted on the codings. By default the one that ships; if it learned from some of the posts and not from
        others, whose labels would be of two kinds, a new one is trained.
    coder : str, optional
        Whose codes count, see `choose_coder`.
    level : float
        Coverage of the intervals.
    only : list of str, optional
        Names of `FIGURES` to put in the report.
    formats : tuple of str
        Of the report: `html`, `docx` and `pdf`, one or more.
    notes : tuple of str
        More that the report should say of the data.
    progress : callable, optional
        See `label_posts`.

    Returns
    -------
    StudyResult

    Raises
    ------
    CompositeError
        If nothing is left to study, or the folder cannot be written.
    """
    require_known(only or (), FIGURES, what="figure")
    formats = choose_formats(formats)
    check_level(level)
    folder = make_folder(out)
    report = progress or (lambda what, done, total: None)
    check_table("posts", posts)
    inputs = {"posts": posts, "codings": codings, "accounts": accounts, "audience": audience}
    all_codes = codings
    posts, codings, said = _choose_posts(posts, codings, coder, notes)
    checkpoint = folder / ".checkpoint"
    if codings is None:
        said.append(
            "there are no codings, so nothing is corrected: shares are what the classifier says, errors included"
        )
    given = model is not None
    keys = posts["text"].map(hash_text)
    model = model or _choose_model(keys, codings)
    trained_here = codings is not None and not hasattr(model, "classes_")
    with trust_tables(posts=posts):
        labels = label_posts(
            model,
            posts,
            codings if trained_here else None,
            accounts=accounts,
            checkpoint=checkpoint if trained_here else None,
            progress=report,
            keys=keys,
        )
    del keys
    doubt = None if codings is None else find_doubt(labels, codings)

    report("estimating", 0, 1)
    with warnings.catch_warnings(), trust_tables(posts=posts, labels=labels), share_outcomes(labels, codings):
        # the report says once what every estimate would warn of
        warnings.simplefilter("ignore", CompositeWarning)
        tables = _estimate(labels, codings, level, said)
        tables |= _compare_coders(all_codes, posts, level)
        for more, left_out in (
            watch_posts(labels, posts, codings, accounts, level),
            ({}, []) if audience is None else watch_audiences(audience, accounts, posts, level),
        ):
            tables |= more
            said += left_out
    shown = tuple(name for name in only or FIGURES if FIGURES[name].table in tables)
    if not shown:
        raise CompositeError(f"the data do not allow the figures asked for: {'; '.join(said)}")

    report("writing the report", 0, 1)
    hashes: dict[str, str | None] = {}

    def write_inputs() -> None:
        write_table(folder / "labels.parquet", labels)
        if rejected is not None:
            write_table(folder / "rejected.csv", rejected)
        hashes.update({name: hash_input(name, table) for name, table in {**inputs, "labels": labels}.items()})

    page = write_report(
        folder,
        labels,
        codings,
        tables,
        rejected=rejected,
        notes=tuple(said),
        doubt=doubt,
        level=level,
        only=shown,
        formats=formats,
        labelled="trained" if trained_here else "given" if given else "released",
        meanwhile=write_inputs,
    )
    options = {
        "level": level,
        "coder": coder,
        "only": sorted(only) if only else None,
        "classifier": "given" if given else "trained on the codings" if trained_here else find_checksum(),
    }
    rows = {name: None if table is None else len(table) for name, table in {**inputs, "labels": labels}.items()}
    write_whole(folder / NAME, describe_study(folder, hashes, rows, tables, shown, options))
    shutil.rmtree(checkpoint, ignore_errors=True)
    report("writing the report", 1, 1)
    return StudyResult(labels, tables, tuple([*said, doubt] if doubt else said), page)


def _choose_posts(
    posts: pd.DataFrame, codings: pd.DataFrame | None, coder: str | None, notes: tuple[str, ...]
) -> tuple[pd.DataFrame, pd.DataFrame | None, list[str]]:
    """Posts that have an agency, the codings of them, and what is left out."""
    said = list(notes)
    homeless = posts["agency"].isna()
    if homeless.all():
        raise CompositeError("no post has an agency: name the column that has it with --column THEIRS=agency")
    if homeless.any():
        said = [note for note in said if "no 'agency'" not in note]
        said.append(f"{count(int(homeless.sum()), 'post')} without an agency: left out of the study")
        posts = posts[~homeless].reset_index(drop=True)
    if codings is not None:
        codings = choose_coder(codings, coder)
        strange = ~is_among(codings["post_id"], posts["post_id"])
        if strange.all():
            raise CompositeError("none of the codings is of a post in the study: do their post_id name the same posts?")
        if strange.any():
            said.append(f"{count(int(strange.sum()), 'coding')} of posts outside the study: left out")
            codings = codings[~strange].reset_index(drop=True)
    undated = int(posts["published"].isna().sum())
    if undated and not any("'published'" in note for note in said):
        said.append(f"{count(undated, 'post')} without a date: in no month")
    return posts, codings, said


def _estimate(
    labels: pd.DataFrame, codings: pd.DataFrame | None, level: float, said: list[str]
) -> dict[str, pd.DataFrame]:
    """The tables that the data allow; what they do not allow is added to `said`."""
    tables = {"shares": estimate_shares(labels, codings, level=level)}
    if (table := _estimate_agencies(labels, codings, level)) is not None:
        tables["agencies"] = table
    else:
        said.append(f"no agency has {FEW} {'coded posts' if codings is not None else 'posts'}: none is shown by itself")
    if (kinds := _estimate_kinds(labels, codings, level, said)) is not None:
        tables["kinds"] = kinds
    best = tables["shares"].query(f"method == '{'naive' if codings is None else 'corrected'}'")
    known = set(best.loc[best["inference"] != "descriptive", "country"])
    countries = set(labels["country"].unique())
    absent = [COUNTRY[code].name for code in COUNTRY if code in countries - known]
    if absent:
        posts = "posts" if codings is None else "coded posts"
        said.append(f"fewer than two {posts} in {', '.join(absent)}: not compared with other countries")
    if len(known) > 1:
        tables["pairs"] = compare_countries(labels, codings, level=level)
        tables["contrasts"] = compare_countries(labels, codings, against="others", level=level)
        tables["ranks"] = rank_countries(labels, codings, level=level)
    elif len(countries) > 1:
        said.append("fewer than two countries have enough coded posts: countries are not compared")
    else:
        said.append("there is one country only: countries are not compared")
    for name, function in (("profile_map", map_profiles), ("effects", explain_themes)):
        # too few countries, themes or kinds for it: the message is for those who ask for this table by itself
        with suppress(CompositeError):
            tables[name] = function(labels, codings, level=level)
    tables["cooccurrence"] = measure_cooccurrence(labels, codings, level=level)
    if labels["published"].notna().any():
        tables["months"] = count_months(labels)
        tables["uptake"] = find_uptake(labels, codings)
        tables["curves"] = estimate_curves(tables["uptake"], level=level)
    if codings is not None:
        tables["quality"] = measure_quality(labels, codings, level=level)
        if labels.loc[labels["post_id"].isin(codings["post_id"]), "language"].notna().any():
            tables["languages"] = measure_by_language(labels, codings, level=level)
    return tables


def _choose_model(keys: pd.Series, codings: pd.DataFrame | None) -> ThemeClassifier:
    """The released classifier, or an unfitted one if it would label posts that it knows beside posts that it does not.

    A correction compares labels of coded posts with labels of all posts, so both must come from fits of one kind.
    """
    released = load_classifier()
    if codings is None:
        return released
    known = keys.isin(released.training_keys_)
    return released if known.all() or not known.any() else ThemeClassifier()


def _compare_coders(codings: pd.DataFrame | None, posts: pd.DataFrame, level: float) -> dict[str, pd.DataFrame]:
    """Agreement and confusions of the coders of these posts; nothing, if no post has codes of two."""
    if codings is None:
        return {}
    codings = codings[is_among(codings["post_id"], posts["post_id"]) & (codings["coder"] != ADJUDICATED)]
    if not codings["post_id"].duplicated().any():
        return {}
    by = "language" if len(set(posts["language"].dropna())) > 1 else None
    return {
        "agreement": measure_agreement(codings, posts, by=by, level=level),
        "confusions": count_confusions(codings, posts, level=level),
    }


def _estimate_kinds(
    labels: pd.DataFrame, codings: pd.DataFrame | None, level: float, said: list[str]
) -> pd.DataFrame | None:
    """Shares by kind of account; None if no kinds are known, or one only."""
    known = labels if labels["kind"].notna().all() else labels[labels["kind"].notna()]
    if known["kind"].isna().all():
        return None
    if len(known) < len(labels):
        said.append(
            f"{count(len(labels) - len(known), 'post')} of accounts whose kind is not known: not in the figure of kinds"
        )
    if len(set(known["kind"])) < 2:
        return None
    if codings is not None and known is not labels:
        codings = codings[is_among(codings["post_id"], known["post_id"])]
    return estimate_shares(known, codings, by="kind", level=level)


def _estimate_agencies(labels: pd.DataFrame, codings: pd.DataFrame | None, level: float) -> pd.DataFrame | None:
    """Shares of the agencies with most coded posts (most posts, without codings); None if none has enough."""
    counted = labels if codings is None else labels[labels["post_id"].isin(codings["post_id"])]
    sizes = counted.groupby(["country", "agency"]).size()
    sizes = sizes[sizes >= FEW].sort_index().sort_values(ascending=False, kind="stable").head(MOST_AGENCIES)
    if sizes.empty:
        return None
    chosen = labels[labels.set_index(["country", "agency"]).index.isin(sizes.index)]
    codes = None if codings is None else codings[is_among(codings["post_id"], chosen["post_id"])]
    return estimate_shares(chosen, codes, by=("country", "agency"), level=level)
