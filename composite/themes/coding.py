"""Human coding: draw a probability sample, read codes back, choose whose codes count."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from composite.codebook.contract import check_table, is_among
from composite.codebook.themes import THEME_KEYS
from composite.errors import CompositeError, agree, count, nearest, require_known
from composite.files import unguard_table
from composite.posts.accounts import read_strings
from composite.posts.records import read_records
from composite.themes.exports import read_doccano, read_label_studio, read_workbook

ADJUDICATED = "adjudicated"


def read_codings(
    path: str | Path, *, encoding: str = "utf-8", sample: pd.DataFrame | None = None, coder: str | None = None
) -> pd.DataFrame:
    """The table `codings` of a file: one coder's codes of one post a row, strictly checked.

    A code that cannot be read is an error and not a row set aside: a sample that loses the posts that were hard to
    code is a probability sample no longer. `sampling_probability` is needed for the same reason; it is 1 in every row
    if all posts were coded.

    Parameters
    ----------
    path : str or Path
        A filled-in sheet of `composite sample`: CSV, TSV, JSONL, Parquet or XLSX; an export of Label Studio (JSON) or
        of doccano (JSONL). What it is shows in the content.
    encoding : str
        Of text files.
    sample : DataFrame, optional
        Of `draw_coding_sample`: then every post must be of it, and takes its probability from it.
    coder : str, optional
        Who coded, where the file does not say.

    Raises
    ------
    CompositeError
        Naming the rows and coders at fault: an unknown theme, a code that is not 0 or 1, a post coded twice or not in
        the sample.
    """
    frame = _read_coded(Path(path).expanduser(), encoding)
    name = Path(path).name
    # a task has several rows if several coders coded it
    lines, frame = frame.index, frame.reset_index(drop=True)

    def where(rows: pd.Index) -> str:
        return f"{name}, line {lines[rows[0]]}"

    if coder is not None:
        frame["coder"] = coder if "coder" not in frame else frame["coder"].fillna(coder)
    if sample is not None and "post_id" in frame:
        frame = _take_probabilities(frame, sample, where)
    for column in ("post_id", "coder", *THEME_KEYS, "primary", "sampling_probability"):
        if column not in frame:
            check_table("codings", frame)
        missing = frame.index[frame[column].isna()]
        if len(missing):
            row = frame.loc[missing[0]]
            whose = f" for post {row['post_id']!r}" if column != "post_id" else ""
            whose += f" of coder {row['coder']!r}" if column not in ("post_id", "coder") else ""
            raise CompositeError(
                f"{where(missing)}: {column!r} is empty{whose} ({count(len(missing), 'such line')}). Every "
                "post that was drawn needs its codes: without the hard ones the sample has no known probabilities"
            )
    for column in THEME_KEYS:
        wrong = frame.index[~frame[column].isin(["0", "1"])]
        if len(wrong):
            row = frame.loc[wrong[0]]
            raise CompositeError(
                f"{where(wrong)}: coder {row['coder']!r} gave post {row['post_id']!r} the code "
                f"{row[column]!r} for {column!r}: write 0 or 1 ({count(len(wrong), 'such line')})"
            )
    frame = frame.astype(dict.fromkeys(THEME_KEYS, "int64"))
    _check_primary(frame, where)
    # a spreadsheet in most of the ten countries saves 0.5 as 0,5
    probability = pd.to_numeric(frame["sampling_probability"].str.replace(",", "."), errors="coerce")
    wrong = frame.index[~((probability > 0) & (probability <= 1))]
    if len(wrong):
        row = frame.loc[wrong[0]]
        raise CompositeError(
            f"{where(wrong)}: post {row['post_id']!r} of coder {row['coder']!r} has the sampling probability "
            f"{row['sampling_probability']!r}: it is above 0 and at most 1, as draw_coding_sample records it "
            f"({count(len(wrong), 'such line')})"
        )
    frame["sampling_probability"] = probability.astype("float64")
    twice = frame.index[frame.duplicated(["post_id", "coder"])]
    if len(twice):
        row = frame.loc[twice[0]]
        raise CompositeError(
            f"{where(twice)}: coder {row['coder']!r} coded post {row['post_id']!r} twice: delete one line"
        )
    return check_table("codings", frame.reset_index(drop=True))


def _read_coded(file: Path, encoding: str) -> pd.DataFrame:
    """Every column as strings, whatever program the codes come from; the index is the line, row or task."""
    ending = file.suffix.lower()
    if ending in (".xlsx", ".json") and not file.is_file():
        raise CompositeError(f"there is no file {str(file)!r}: check the path")
    if ending == ".xlsx":
        return unguard_table(read_workbook(file))
    if ending == ".json":
        return read_label_studio(file, encoding)
    if ending == ".jsonl" and file.is_file():
        records = list(read_records(file, is_record=_is_coding, encoding=encoding))
        coded = [(record.line, record.fields) for record in records if record.fields is not None]
        # a broken line is an error, of which read_strings tells
        if len(coded) == len(records) and all("label" in fields and "coder" not in fields for _, fields in coded):
            return read_doccano(coded, file)
    table = read_strings(file, is_record=_is_coding, encoding=encoding)
    return unguard_table(table) if ending in (".csv", ".tsv") else table


def _take_probabilities(frame: pd.DataFrame, sample: pd.DataFrame, where: Callable[[pd.Index], str]) -> pd.DataFrame:
    """`frame` with the probabilities of the sample, if all of its posts are in it and none says otherwise."""
    lacking = [column for column in ("post_id", "sampling_probability") if column not in sample]
    if lacking:
        raise CompositeError(f"the sample lacks the column {lacking[0]!r}: give what draw_coding_sample returned")
    known = sample.set_index("post_id")["sampling_probability"]
    strange = frame.index[frame["post_id"].notna() & ~frame["post_id"].isin(known.index)]
    if len(strange):
        row = frame.loc[strange[0]]
        raise CompositeError(
            f"{where(strange)}: coder {row.get('coder')!r} coded post {row['post_id']!r}, which is not in the "
            f"sample ({count(len(strange), 'such line')}): delete it, or give the sample that was drawn"
        )
    drawn = frame["post_id"].map(known)
    if "sampling_probability" in frame:
        told = pd.to_numeric(frame["sampling_probability"].str.replace(",", "."), errors="coerce")
        wrong = frame.index[told.notna() & ((told - drawn).abs() > 1e-6)]
        if len(wrong):
            row = frame.loc[wrong[0]]
            raise CompositeError(
                f"{where(wrong)}: post {row['post_id']!r} has the sampling probability "
                f"{row['sampling_probability']!r}, and the sample says {drawn[wrong[0]]:.10g}: is it another sample's?"
            )
    text = drawn.map(lambda value: None if pd.isna(value) else repr(value))
    return frame.assign(sampling_probability=text.astype("str"))


def _is_coding(fields: dict[str, Any]) -> bool:
    return all(fields.get(key) in ("0", "1") for key in THEME_KEYS)


def _check_primary(frame: pd.DataFrame, where: Callable[[pd.Index], str]) -> None:
    """Nothing, if every post's main purpose is one of its themes, or `none` where it has no theme."""
    chosen = np.column_stack([frame["primary"] == key for key in THEME_KEYS])
    codes = frame[list(THEME_KEYS)].to_numpy() == 1
    wrong = frame.index[~np.where(frame["primary"] == "none", ~codes.any(axis=1), (chosen & codes).any(axis=1))]
    if len(wrong):
        row = frame.loc[wrong[0]]
        coded = " and ".join(key for key in THEME_KEYS if row[key]) or "no theme"
        known = row["primary"] in (*THEME_KEYS, "none")
        raise CompositeError(
            f"{where(wrong)}: coder {row['coder']!r} gave post {row['post_id']!r} the primary theme "
            f"{row['primary']!r}"
            + (
                f" but coded {coded}: mend one of them"
                if known
                else f": {nearest(row['primary'], (*THEME_KEYS, 'none'))}"
            )
            + f" ({count(len(wrong), 'such line')})"
        )


def choose_coder(codings: pd.DataFrame, coder: str | None = None) -> pd.DataFrame:
    """One row a post: the codes of `coder`; without a name, the only coder's of each post, or the adjudicated ones.

    Parameters
    ----------
    codings : DataFrame
        Table `codings`.
    coder : str, optional
        Whose codes count. If the coders include `adjudicated`, that is the default.

    Raises
    ------
    CompositeError
        If the coder is unknown, or several coders coded a post and none of them is `adjudicated`, or only some posts
        are adjudicated.
    """
    codings = _settle_types(codings)
    check_table("codings", codings)
    coders = sorted(codings["coder"].unique())
    if coder is None and ADJUDICATED in coders:
        coder = ADJUDICATED
        posts = codings["post_id"]
        open_posts = posts[~posts.isin(posts[codings["coder"] == ADJUDICATED])]
        if len(open_posts):
            # dropping them would leave the posts on which coders disagreed, a sample of unknown probabilities
            raise CompositeError(
                f"post {open_posts.iloc[0]!r} was coded and not adjudicated "
                f"({count(open_posts.nunique(), 'such post')}): give every coded post a row of {ADJUDICATED!r}, also "
                "where coders agree, or say with coder= whose codes count (--coder)"
            )
    if coder is not None:
        require_known([coder], coders, what="coder")
        codings = codings[codings["coder"] == coder]
    elif codings["post_id"].duplicated().any():
        post = codings.loc[codings["post_id"].duplicated(), "post_id"].iloc[0]
        raise CompositeError(
            f"post {post!r} has codes of several coders ({', '.join(coders)}): adjudicate them under the coder "
            f"name {ADJUDICATED!r}, or say whose count with coder= (--coder)"
        )
    return codings.sort_values("post_id", ignore_index=True)


def _settle_types(codings: pd.DataFrame) -> pd.DataFrame:
    """Codings made by hand, with 0 and 1 as whole numbers and probabilities as floats, where nothing is lost by it."""
    settled = {}
    for column in THEME_KEYS:
        if column in codings and codings[column].isin([0, 1]).all():
            settled[column] = codings[column].astype("int64")
    if "sampling_probability" in codings and pd.api.types.is_numeric_dtype(codings["sampling_probability"]):
        settled["sampling_probability"] = codings["sampling_probability"].astype("float64")
    return codings.assign(**settled)


def draw_coding_sample(
    labels: pd.DataFrame,
    n: int,
    *,
    seed: int,
    strata: Sequence[str] = ("country", "agency", "predicted"),
    minimum: int = 2,
) -> pd.DataFrame:
    """A stratified probability sample of posts to code: one row a post, with its probability of being drawn.

    Every stratum gives `minimum` posts (all, if it has fewer), and the rest in proportion to what is left of it, drawn
    without replacement. Rare themes are so over-represented, and the probabilities undo it in every estimate. Where n
    is too small for so many strata, the smallest ones of the same first columns are put together (of an agency: its
    rare predicted themes, as `other`), as few as need be.

    Parameters
    ----------
    labels : DataFrame
        Table `labels`.
    n : int
        Posts to draw.
    seed : int
    strata : sequence of str
        Columns of `labels`, and `predicted`: the most probable theme, or `none` if none reaches 0.5. The last is the
        first to be put together.
    minimum : int
        Posts from every stratum, at least 1; two or more let its variance be estimated.

    Returns
    -------
    DataFrame
        `post_id`, `stratum`, `sampling_probability` (drawn / posts of the stratum), by `post_id`.

    Raises
    ------
    CompositeError
        If n is more than the posts or too few for the strata, a stratum column is unknown, or minimum is below 1.

    References
    ----------
    Cochran, W. G. (1977). *Sampling techniques* (3rd ed.), ch. 5.
    """
    check_table("labels", labels)
    strata = [strata] if isinstance(strata, str) else strata
    require_known(strata, ["predicted", *labels.columns], what="stratum")
    if not 0 < n <= len(labels):
        raise CompositeError(f"cannot draw {n:,} of {count(len(labels), 'post')}: choose n from 1 to {len(labels):,}")
    if minimum < 1:
        raise CompositeError(f"minimum={minimum}: every stratum gives at least 1 post, or its posts cannot be drawn")
    ordered = labels.sort_values("post_id", ignore_index=True)
    parts = [predict_primary(ordered) if name == "predicted" else ordered[name].astype("str") for name in strata]
    stratum = _name_strata([part.fillna("missing") for part in parts], ordered.index, n, minimum)
    sizes = stratum.value_counts().sort_index()
    drawn = _allocate(sizes.to_numpy(), n, minimum)
    if drawn is None:
        floor = int(np.minimum(sizes, minimum).sum())
        raise CompositeError(
            f"{count(n, 'post')} {agree(n, 'is', 'are')} too few for {len(sizes)} strata of at least "
            f"{minimum}: draw {floor:,} or more, or use fewer strata, such as strata=('country',)"
        )
    rng = np.random.default_rng(seed)
    rows = []
    for name, size, take in zip(sizes.index, sizes, drawn, strict=True):
        members = ordered.index[stratum == name].to_numpy()
        chosen = rng.choice(members, size=take, replace=False)
        rows.append(
            pd.DataFrame(
                {"post_id": ordered.loc[chosen, "post_id"], "stratum": name, "sampling_probability": take / size}
            )
        )
    return pd.concat(rows).sort_values("post_id", ignore_index=True)


def make_coding_sheet(sample: pd.DataFrame, posts: pd.DataFrame) -> pd.DataFrame:
    """A sheet for coders: one row a drawn post, its text and context, and empty columns for the codes.

    With 0 or 1 in every theme, the coder's name and the primary theme (or `none`) filled in, `read_codings` reads it.

    Parameters
    ----------
    sample : DataFrame
        Of `draw_coding_sample`.
    posts : DataFrame
        Table `posts`, with every post of the sample.

    Raises
    ------
    CompositeError
        If a post of the sample is not in `posts`.
    """
    strange = sample.loc[~is_among(sample["post_id"], posts["post_id"]), "post_id"]
    if len(strange):
        raise CompositeError(f"post {strange.iloc[0]!r} of the sample is not in posts: give those it was drawn from")
    context = posts.set_index("post_id").loc[sample["post_id"]].reset_index()
    sheet = context[["post_id", "country", "language", "agency", "account", "published", "text"]].copy()
    blank = pd.Series([None] * len(sheet), dtype="str")
    for column in ("coder", *THEME_KEYS, "primary"):
        sheet[column] = blank
    return sheet.assign(
        sampling_probability=sample["sampling_probability"].to_numpy(), stratum=sample["stratum"].to_numpy()
    )


def _name_strata(parts: list[pd.Series], index: pd.Index, n: int, minimum: int) -> pd.Series:
    """The stratum of every post; small ones of the same first parts put together until n posts are enough for all."""
    if not parts:
        return pd.Series("all", index=index)
    first = parts[0]
    for part in parts[1:-1]:
        first = first + " / " + part
    whole = first + " / " + parts[-1] if len(parts) > 1 else first
    stratum = whole
    least = minimum
    while len(parts) > 1 and np.minimum(stratum.value_counts(), minimum).sum() > n and least <= len(index):
        least += 1
        small = whole.map(whole.value_counts()) < least
        stratum = whole.where(~small, first + " / other")
    return stratum


def _allocate(sizes: np.ndarray, n: int, minimum: int) -> np.ndarray | None:
    """Posts to draw of each stratum: the minimum, then in proportion to what is left, by largest remainders."""
    drawn = np.minimum(sizes, minimum)
    if drawn.sum() > n:
        return None
    while (rest := n - drawn.sum()) > 0:
        room = sizes - drawn
        wanted = rest * room / room.sum()
        add = np.minimum(np.floor(wanted).astype(int), room)
        if not add.sum():
            first = np.argsort(-(wanted - np.floor(wanted)) * (room > 0), kind="stable")[:rest]
            add[first] = 1
            add = np.minimum(add, room)
        drawn = drawn + add
    return drawn


def predict_primary(labels: pd.DataFrame) -> pd.Series:
    """The most probable theme of every post, or `none` where no probability reaches 0.5."""
    chances = labels[list(THEME_KEYS)].to_numpy()
    best = np.array(THEME_KEYS, dtype=object)[chances.argmax(axis=1)]
    return pd.Series(np.where(chances.max(axis=1) >= 0.5, best, "none"), index=labels.index, dtype="str")
