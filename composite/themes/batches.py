"""Files of posts → a folder of labels, in batches: memory is bounded, a stop costs one batch, no post is lost."""

from __future__ import annotations

import dataclasses
import io
import json
import shutil
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import sklearn

import composite
from composite.codebook.contract import RUN, check_table, read_table
from composite.codebook.themes import THEME_KEYS
from composite.errors import CompositeError, CompositeWarning
from composite.files import hash_bytes, hash_table, make_folder, write_table, write_whole
from composite.posts.batches import BATCH, PostBatches, Reading, hash_files, write_batches
from composite.posts.registry import no_unmatched
from composite.posts.rows import summarise_rows
from composite.posts.sources import find_files
from composite.posts.text import hash_text
from composite.themes.classifier import ThemeClassifier
from composite.themes.coding import choose_coder
from composite.themes.labelling import (
    Progress,
    check_fitted,
    deal_groups,
    describe_known,
    fit_without,
    make_labels,
    match_codings,
    name_groups,
    predict_unseen,
)
from composite.themes.languages import find_foreign
from composite.themes.storage import save_model

WORK = ".work"
UNMATCHED = "unmatched_accounts.csv"
LOOKED_AT = 10  # batches whose posts' languages are looked at
FORMAT = 1


@dataclass(frozen=True)
class LabelledFiles:
    """What came of some files.

    Attributes
    ----------
    folder : Path
        Its `part-….parquet` are the table `labels`, in the order of the files; `read_table("labels", folder)` reads
        them. `rejected/` has the rows set aside, a file a part.
    n_parts : int
    n_rows, n_posts, n_rejected : int
        `n_posts + n_rejected == n_rows`; every post has labels.
    reasons : dict of str to int
        Rows set aside by the reason.
    notes : tuple of str
        What a reader of the numbers has to know.
    unmatched : DataFrame
        Table `unmatched_accounts`, which is also in the folder if it has a row.
    """

    folder: Path
    n_parts: int
    n_rows: int
    n_posts: int
    n_rejected: int
    reasons: dict[str, int]
    notes: tuple[str, ...]
    unmatched: pd.DataFrame = field(compare=False)

    @property
    def summary(self) -> str:
        """Rows labelled and set aside, with the reasons, in one line."""
        return summarise_rows(self.n_rows, self.n_posts, "labelled", self.reasons)


@dataclass(frozen=True)
class Labeller:
    """All that labels a batch of posts, wherever it is.

    Attributes
    ----------
    models : tuple of ThemeClassifier
        One that did not learn from the posts, or one for every fold, trained on the coded posts of the others.
    fold : dict of str to int, or None
        The fold of every group of posts.
    by_text : bool
        Whether groups are posts of one text and not agencies.
    accounts : DataFrame or None
        Table `accounts`.
    """

    models: tuple[ThemeClassifier, ...]
    fold: dict[str, int] | None
    by_text: bool
    accounts: pd.DataFrame | None

    def label(self, posts: pd.DataFrame) -> tuple[pd.DataFrame, int]:
        """The table `labels` of some posts, and from how many of them a fitted model learned."""
        if self.fold is None:
            chances, known = predict_unseen(self.models[0], posts, lambda what, done, total: None)
            return make_labels(posts, chances, self.accounts), known
        texts = posts["text"].map(hash_text)
        groups = texts if self.by_text else name_groups(posts, texts)
        fold = groups.map(self.fold).to_numpy(dtype=int)
        chances = np.empty((len(posts), len(THEME_KEYS)))
        for index in np.unique(fold):
            members = np.flatnonzero(fold == index)
            chances[members] = self.models[index].predict_proba(posts["text"].iloc[members])
        return make_labels(posts, chances, self.accounts), 0


def make_part(labeller: Labeller, posts: pd.DataFrame) -> tuple[bytes, int]:
    """A batch's labels as the bytes of a Parquet file, and from how many of its posts a fitted model learned."""
    labels, known = labeller.label(posts)
    return _pack(labels), known


def label_files(
    model: ThemeClassifier,
    source: str | Path | Iterable[str | Path],
    out: str | Path,
    *,
    codings: pd.DataFrame | None = None,
    accounts: pd.DataFrame | None = None,
    folds: int = 5,
    scheduler: str | None = None,
    restart: bool = False,
    size: int = BATCH,
    columns: Mapping[str, str] | None = None,
    defaults: Mapping[str, str] | None = None,
    timezone: str = "UTC",
    date_format: str | None = None,
    encoding: str = "utf-8",
    format: str | None = None,
    mask_handles: bool = False,
    progress: Progress | None = None,
) -> LabelledFiles:
    """Labels of files of any size, in the folder `out`: those of `label_posts`, a Parquet file a batch of posts.

    Memory does not grow with posts (with codings, it grows with the agencies and with posts that have none). Every part
    is written whole or not at all. Interrupted in any way, it goes on when it is called again with the same input and
    options, and gives the same bytes as if it had not been interrupted; what it has read is kept in `out` until then.

    Parameters
    ----------
    model, codings, folds
        As in `label_posts`.
    accounts : DataFrame, optional
        Table `accounts`: the kind of account, and agency and country of posts that do not say them.
    source : str, Path or several
        As in `scan_posts`.
    out : str or Path
        A folder that is new or empty, or that an earlier call with the same input and options left.
    scheduler : str, optional
        Address of a Dask scheduler, such as `tcp://10.0.0.1:8786`: its workers label the batches. They need the same
        version of composite, and no disk in common. What comes from them is run here: use your own cluster only.
    restart : bool
        Remove what an earlier call left in `out`, whatever its input and options.
    size : int
        Rows of a part.
    columns, defaults, timezone, date_format, encoding, format, mask_handles
        As in `read_posts`.
    progress : callable, optional
        As in `label_posts`.

    Returns
    -------
    LabelledFiles

    Raises
    ------
    CompositeError
        As `scan_posts` and `label_posts`; also if `out` holds something else, or the input, the model or an option is
        not that of the call that was interrupted, or the cluster cannot be reached.

    Examples
    --------
    >>> import tempfile
    >>> import composite as cp
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     done = cp.label_files(cp.load_classifier(), cp.CORPUS / "posts.csv", folder)
    ...     labels = cp.read_table("labels", folder)
    >>> len(labels) == done.n_posts
    True
    """
    if size < 1:
        raise CompositeError(f"size={size}: a part has 1 row at the least")
    report = progress or (lambda what, done, total: None)
    sources = [source] if isinstance(source, str | Path) else list(source)
    for item in sources:
        # what one run wrote would be input of the next
        if Path(item).expanduser().is_dir() and Path(out).resolve().is_relative_to(Path(item).expanduser().resolve()):
            raise CompositeError(f"--out {str(out)!r} is in the folder of posts {str(item)!r}: choose another place")
    files = [file for item in sources for file in find_files(item, endings=None)]
    reading = Reading(dict(columns or {}), dict(defaults or {}), timezone, date_format, encoding, format, mask_handles)
    if codings is None:
        check_fitted(model)
    else:
        codings = choose_coder(codings)
        if folds < 2:
            raise CompositeError(f"cross-fitting needs at least 2 folds, not {folds}")
    if accounts is not None:
        check_table("accounts", accounts)
    folder = make_folder(out)
    if restart:
        _remove(folder)
    report("checking the files", 0, 1)
    run = {
        "format": FORMAT,
        "composite": composite.__version__,
        "input": hash_files(files),
        "reading": dataclasses.asdict(reading),
        "size": size,
        "model": _describe_model(model, codings),
        "codings": None if codings is None else [hash_table(codings), folds],
        "accounts": None if accounts is None else hash_table(accounts),
    }
    finished = _open_run(folder, run)
    if finished is None:
        if scheduler is not None:
            from composite.themes.cluster import check_scheduler

            check_scheduler(scheduler)
        work = make_folder(folder / WORK)
        for left in (*folder.glob(".composite.*"), *work.glob(".composite.*")):
            left.unlink()
        try:
            batches = write_batches(sources, work, reading, accounts=accounts, size=size, progress=report)
        except CompositeError as error:
            # nothing is labelled yet: who mends a file or an option need not say that it is another run; what a disk
            # does not take is another matter, after which the reading goes on
            if not isinstance(error.__cause__, OSError):
                _remove(folder)
            raise
        finished = _label_batches(model, batches, folder, codings, accounts, folds, scheduler, report)
        write_whole(folder / RUN, json.dumps({**run, "finished": finished}, indent=1) + "\n", durable=True)
    shutil.rmtree(folder / WORK, ignore_errors=True)
    for note in finished["warnings"]:
        warnings.warn(note, CompositeWarning, stacklevel=2)
    told = {name: value for name, value in finished.items() if name != "warnings"}
    file = folder / UNMATCHED
    unmatched = read_table("unmatched_accounts", file) if file.is_file() else no_unmatched()
    return LabelledFiles(folder, **{**told, "notes": tuple(told["notes"])}, unmatched=unmatched)


def _open_run(folder: Path, run: dict[str, Any]) -> dict[str, Any] | None:
    """What an earlier call found, if it is finished; else the folder is ready to go on in, or to begin in."""
    file = folder / RUN
    if not file.is_file():
        others = [path.name for path in folder.iterdir() if not path.name.startswith(".composite.")]
        if others:
            raise CompositeError(
                f"the folder {str(folder)!r} holds other things, such as {min(others)!r}: name a new one with --out"
            )
        write_whole(file, json.dumps({**run, "finished": None}, indent=1) + "\n", durable=True)
        return None
    try:
        old = json.loads(file.read_text("utf-8"))
        finished = old.pop("finished")
    except (ValueError, KeyError, AttributeError) as error:
        raise CompositeError(
            f"{str(file)!r} is not as it was written: start anew with --restart (restart=True)"
        ) from error
    for name, value in run.items():
        if old.get(name) != value:
            changed = name.replace("composite", "version of composite").replace("reading", "options of reading")
            if name == "input":
                before = old.get("input", {})
                names = [path for path in {**before, **value} if before.get(path) != value.get(path)]
                changed = f"input ({', '.join(Path(path).name for path in names[:3]) or 'the order of the files'})"
            raise CompositeError(
                f"the labels in {str(folder)!r} are of another run: the {changed} is not the same. Start anew with "
                "--restart (restart=True), or name another folder with --out"
            )
    return finished


def _remove(folder: Path) -> None:
    """Remove what `label_files` writes, and nothing else."""
    if not (folder / RUN).is_file():
        return
    for path in (*folder.glob("part-*.parquet"), *folder.glob(".composite.*")):
        path.unlink()
    for name in (WORK, "rejected"):
        shutil.rmtree(folder / name, ignore_errors=True)
    (folder / UNMATCHED).unlink(missing_ok=True)
    (folder / RUN).unlink()


def _describe_model(model: ThemeClassifier, codings: pd.DataFrame | None) -> str:
    """A checksum of a fitted model, or of the recipe of one that is trained on codings."""
    if codings is None:
        import tempfile

        with tempfile.TemporaryDirectory() as folder:
            return save_model(model, Path(folder) / "model.npz")
    recipe = [type(model).__name__, model.get_params(), sklearn.__version__]
    return hash_bytes(json.dumps(recipe, sort_keys=True, default=str).encode())


def _label_batches(
    model: ThemeClassifier,
    batches: PostBatches,
    folder: Path,
    codings: pd.DataFrame | None,
    accounts: pd.DataFrame | None,
    folds: int,
    scheduler: str | None,
    report: Progress,
) -> dict[str, Any]:
    """Write the parts that are not there yet; what was found, for the journal."""
    said = []
    if codings is None:
        labeller = Labeller((model,), None, False, accounts)
        if (foreign := find_foreign(_sample_texts(batches))) is not None:
            said.append(foreign)
    else:
        labeller = _cross_fit(model, batches, codings, accounts, folds, report)
    todo = [index for index in range(batches.number) if not _part(folder, index).is_file()]
    done = sum(_count_rows(_part(folder, index)) for index in range(batches.number) if index not in set(todo))
    report("labelling posts", done, batches.n_posts)
    if scheduler is not None and todo:
        from composite.themes.cluster import label_on_cluster

        found = label_on_cluster(scheduler, labeller, batches, todo)
    else:
        found = _label_here(labeller, batches, todo)
    for index, data, known in found:
        write_whole(folder / WORK / f"known-{index:05d}", str(known), durable=True)  # the part is what says: done
        write_whole(_part(folder, index), data, durable=True)
        done += _count_rows(_part(folder, index))
        report("labelling posts", done, batches.n_posts)
    for index in range(batches.number):
        file = folder / "rejected" / f"part-{index:05d}.csv"
        if not file.is_file() and len(rejected := batches.read_rejected(index)):
            write_table(file, rejected)
    if len(batches.unmatched):
        write_table(folder / UNMATCHED, batches.unmatched)
    known = sum(int((folder / WORK / f"known-{index:05d}").read_text()) for index in range(batches.number))
    if codings is None and (mixed := describe_known(known, batches.n_posts)) is not None:
        said.append(mixed)
    return {
        "n_parts": batches.number,
        "n_rows": batches.n_rows,
        "n_posts": batches.n_posts,
        "n_rejected": batches.n_rejected,
        "reasons": batches.reasons,
        "notes": list(batches.notes),
        "warnings": said,
    }


def _label_here(labeller: Labeller, batches: PostBatches, todo: list[int]) -> Iterator[tuple[int, bytes, int]]:
    for index in todo:
        yield index, *make_part(labeller, batches.read(index))


def _cross_fit(
    model: ThemeClassifier,
    batches: PostBatches,
    codings: pd.DataFrame,
    accounts: pd.DataFrame | None,
    folds: int,
    report: Progress,
) -> Labeller:
    """A model for every fold of agencies, trained on the coded posts of all others, as in `label_posts`."""
    wanted = set(codings["post_id"])
    coded = pd.concat(
        [posts[posts["post_id"].isin(wanted)] for posts in map(batches.read, range(batches.number))], ignore_index=True
    )
    # by post_id, so that the sums of a fit, and so its last digits, do not depend on the order of the posts
    coded = coded.sort_values("post_id", ignore_index=True)
    match_codings(coded, codings)
    codes = codings.set_index("post_id").loc[coded["post_id"], list(THEME_KEYS)]
    keys = coded["text"].map(hash_text)
    for by_text in (False, True):
        sizes: Counter[str] = Counter()
        where: dict[str, set[str]] = {key: set() for key in keys}
        for index in range(batches.number):
            posts = batches.read(index)
            texts = posts["text"].map(hash_text)
            groups = texts if by_text else name_groups(posts, texts)
            sizes.update(groups.value_counts().to_dict())
            for key, group in zip(*(part[texts.isin(where)] for part in (texts, groups)), strict=True):
                where[key].add(group)
            report("dealing agencies into folds", index + 1, batches.number)
        if len(sizes) > 1:
            break
    fold = deal_groups(pd.Series(sizes, dtype="int64"), folds)
    number = max(fold.values()) + 1
    own = (keys if by_text else name_groups(coded, keys)).map(fold).to_numpy()
    models = []
    for index in range(number):
        report(f"training without fold {index + 1}", index, number)
        elsewhere = np.array([index not in {fold[group] for group in where[key]} for key in keys])
        models.append(fit_without(model, coded["text"], codes, (own != index) & elsewhere, number))
    return Labeller(tuple(models), fold, by_text, accounts)


def _sample_texts(batches: PostBatches) -> list[str]:
    """Texts of posts of some batches, spread over all, to look at their languages."""
    chosen = np.unique(np.linspace(0, batches.number - 1, LOOKED_AT).astype(int))
    texts: list[str] = []
    for index in chosen:
        found = batches.read(int(index))["text"].to_numpy(dtype=object)
        texts += list(found[:: max(1, len(found) // 500)])
    return texts


def _part(folder: Path, index: int) -> Path:
    return folder / f"part-{index:05d}.parquet"


def _count_rows(part: Path) -> int:
    import pyarrow.parquet as pq

    return int(pq.read_metadata(part).num_rows)


def _pack(frame: pd.DataFrame) -> bytes:
    stream = io.BytesIO()
    frame.to_parquet(stream, index=False)
    return stream.getvalue()
