"""The manifest: what each exhibit of a report was made from, and whether its files are still what was written."""

from __future__ import annotations

import inspect
import json
import platform
import subprocess
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd

import composite
from composite.codebook.themes import CODEBOOK_VERSION
from composite.errors import CompositeError
from composite.files import hash_bytes, hash_table
from composite.report.document import REPORTS
from composite.report.figures import FIGURES

NAME = "manifest.json"
CODE = (".py", ".toml", ".json", ".j2", ".css", ".js", ".typ")
PACKAGES = ("matplotlib", "numpy", "pandas", "scikit-learn", "scipy", "seaborn", "statsmodels")
# what tells a row of an input apart: its checksum does not depend on the order of rows
_KEYS = {
    "posts": ["post_id"],
    "codings": ["post_id", "coder"],
    "accounts": ["account", "platform"],
    "audience": ["account", "platform", "date"],
    "labels": ["post_id"],
}
_CODED = ("labels", "codings")
_POSTED = ("posts", "labels", "codings")
# table → the function that makes it, and its inputs
MADE_BY: dict[str, tuple[str, tuple[str, ...]]] = {
    "shares": ("estimate_shares", _CODED),
    "agencies": ("estimate_shares", _CODED),
    "kinds": ("estimate_shares", (*_CODED, "accounts")),
    "pairs": ("compare_countries", _CODED),
    "contrasts": ("compare_countries", _CODED),
    "ranks": ("rank_countries", _CODED),
    "profile_map": ("map_profiles", _CODED),
    "effects": ("explain_themes", (*_CODED, "accounts")),
    "cooccurrence": ("measure_cooccurrence", _CODED),
    "months": ("count_months", ("labels",)),
    "uptake": ("find_uptake", _CODED),
    "curves": ("estimate_curves", _CODED),
    "quality": ("measure_quality", _CODED),
    "languages": ("measure_by_language", _CODED),
    "agreement": ("measure_agreement", ("codings", "posts")),
    "confusions": ("count_confusions", ("codings", "posts")),
    "followers": ("measure_followers", ("audience", "accounts", "posts")),
    "unusual": ("find_unusual_months", ("audience", "accounts", "posts")),
    "reach": ("measure_reach", ("audience", "accounts", "posts")),
    "concentration": ("measure_concentration", ("audience", "accounts", "posts")),
    "campaigns": ("find_campaigns", ("posts",)),
    "participants": ("list_participants", ("posts", "accounts")),
    "participation": ("measure_participation", ("posts", "accounts")),
    "campaign_themes": ("compare_campaign_day", (*_POSTED, "accounts")),
    "engagement": ("measure_engagement", _POSTED),
    "dialogue": ("measure_dialogue", ("posts",)),
    "edges": ("link_themes", _CODED),
    "communities": ("link_agencies", ("labels",)),
    "actors": ("link_mentions", ("posts", "accounts")),
    "keywords": ("find_keywords", _POSTED),
}


def hash_input(name: str, table: pd.DataFrame | None) -> str | None:
    """The SHA-256 of an input, which the order of its rows does not change; None, if there was none."""
    if table is None:
        return None
    keys = [key for key in _KEYS[name] if key in table]
    return hash_table(table.sort_values(keys, kind="stable"))


def describe_study(
    folder: Path,
    inputs: dict[str, str | None],
    rows: dict[str, int | None],
    tables: dict[str, pd.DataFrame],
    figures: tuple[str, ...],
    options: dict[str, Any],
) -> str:
    """JSON text: of each exhibit the function, the inputs, the seed and the files, with all checksums and versions.

    It holds no clock, host or path, so the same study gives the same text.

    Parameters
    ----------
    folder : Path
        Where the report is.
    inputs : dict of str to str
        What `hash_input` says of `posts`, `codings`, `accounts`, `audience` as they were given, and `labels`.
    rows : dict of str to int
        How many rows each of them has.
    tables : dict of str to DataFrame
        See `StudyResult`.
    figures : tuple of str
        Names of the exhibits in the report.
    options : dict
        What the study was told: `level`, `coder`, `only`, `classifier`.
    """
    content = {
        "composite": composite.__version__,
        "codebook": CODEBOOK_VERSION,
        "python": platform.python_version(),
        "packages": {name: version(name) for name in PACKAGES},
        "source": hash_source(),
        "commit": find_commit(),
        **options,
        "inputs": dict(sorted(inputs.items())),
        "rows": dict(sorted(rows.items())),
        "reports": {file: _hash_file(folder / file) for file in REPORTS.values() if (folder / file).is_file()},
        "tables": {name: _hash_file(folder / "tables" / f"{name}.csv") for name in sorted(tables)},
        "figures": {name: _describe_exhibit(folder, name) for name in figures},
    }
    return json.dumps(content, indent=2, sort_keys=True) + "\n"


def _describe_exhibit(folder: Path, name: str) -> dict[str, Any]:
    exhibit = FIGURES[name]
    maker, inputs = MADE_BY[exhibit.table]
    files = sorted(path for path in (folder / "figures").glob(f"{name}.*") if path.suffix in (".csv", ".png", ".svg"))
    return {
        "table": exhibit.table,
        "function": f"composite.figures.{exhibit.draw.__name__}",
        "made_by": f"composite.{maker}",
        "seed": find_seed(maker),
        "inputs": list(inputs),
        "files": {path.name: _hash_file(path) for path in files},
    }


def find_seed(maker: str) -> int | None:
    """The seed with which a study calls a public function; None, if it draws nothing at random."""
    seed = inspect.signature(getattr(composite, maker)).parameters.get("seed")
    return None if seed is None else int(seed.default)


def _hash_file(path: Path) -> str:
    return hash_bytes(path.read_bytes())


@cache
def hash_source() -> str:
    """The SHA-256 of the package's own code: the same in a checkout and where it is installed."""
    home = Path(composite.__file__).parent
    files = sorted(path for path in home.rglob("*") if path.suffix in CODE)
    lines = [f"{path.relative_to(home).as_posix()} {_hash_file(path)}" for path in files]
    return hash_bytes("\n".join(lines).encode())


@cache
def find_commit() -> str | None:
    """The commit of the checkout that the package lies in; None outside of one, or if its code was changed since."""
    home = Path(composite.__file__).parent

    def ask(*words: str) -> str | None:
        try:
            done = subprocess.run(["git", *words], cwd=home, capture_output=True, text=True, timeout=20, check=False)
        except (OSError, subprocess.TimeoutExpired):
            return None
        return done.stdout.strip() if done.returncode == 0 else None

    # a package that is installed somewhere below another project is not that project's
    if ask("ls-files", "--error-unmatch", "__init__.py") is None or ask("status", "--porcelain", "--", ".") != "":
        return None
    return ask("rev-parse", "HEAD")


def read_manifest(folder: str | Path) -> dict[str, Any]:
    """What the manifest of a report holds.

    Raises
    ------
    CompositeError
        If the folder has none that can be read.
    """
    file = Path(folder) / NAME
    try:
        content = json.loads(file.read_text("utf-8"))
    except OSError as error:
        raise CompositeError(
            f"{str(folder)!r} is not the folder of a report ({NAME}: {error.strerror}): make one with "
            "composite study --out DIR"
        ) from error
    except ValueError as error:
        raise CompositeError(f"{str(file)!r} is not a manifest of a report ({error}): make the study again") from error
    parts = ("inputs", "tables", "figures")
    lacks = [name for name in parts if not isinstance(content, dict) or not isinstance(content.get(name), dict)]
    if lacks:
        what = f"it lacks {', '.join(map(repr, lacks))}"
        raise CompositeError(f"{str(file)!r} is not a manifest of a report ({what}): make the study again")
    return dict(content)


def find_altered_files(folder: str | Path) -> list[str]:
    """The files of a report that are not there or not what the study wrote, by their path in the folder."""
    manifest = read_manifest(folder)
    files = {f"tables/{name}.csv": digest for name, digest in manifest["tables"].items()}
    for exhibit in manifest["figures"].values():
        files |= {f"figures/{name}": digest for name, digest in exhibit.get("files", {}).items()}
    files |= manifest.get("reports", {})
    paths = {name: Path(folder) / name for name in files}
    return [name for name, path in paths.items() if not path.is_file() or _hash_file(path) != files[name]]


def find_altered(folder: str | Path) -> list[str]:
    """The tables of a report that are not there or not what the study wrote, by name."""
    altered = set(find_altered_files(folder))
    return [name for name in read_manifest(folder)["tables"] if f"tables/{name}.csv" in altered]
