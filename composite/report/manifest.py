"""The manifest: what each exhibit of a report was made from."""

from __future__ import annotations

import json
import platform
from importlib.metadata import version

import pandas as pd

import composite
from composite.codebook.themes import CODEBOOK_VERSION
from composite.files import hash_table
from composite.report.figures import FIGURES

PACKAGES = ("matplotlib", "numpy", "pandas", "scikit-learn", "scipy", "seaborn", "statsmodels")


def describe_study(
    labels: pd.DataFrame,
    codings: pd.DataFrame | None,
    tables: dict[str, pd.DataFrame],
    figures: list[str],
    level: float,
) -> str:
    """JSON text: checksums (SHA-256) of the labels, codings and tables, versions, and the function of each figure.

    It holds no clock, host or path, so the same study gives the same text.
    """
    content = {
        "composite": composite.__version__,
        "codebook": CODEBOOK_VERSION,
        "python": platform.python_version(),
        "packages": {name: version(name) for name in PACKAGES},
        "level": level,
        "inputs": {
            "labels": hash_table(labels),
            "codings": None if codings is None else hash_table(codings),
        },
        "tables": {name: hash_table(table) for name, table in sorted(tables.items())},
        "figures": {
            name: {"table": FIGURES[name].table, "function": f"composite.figures.{FIGURES[name].draw.__name__}"}
            for name in figures
        },
    }
    return json.dumps(content, indent=2, sort_keys=True) + "\n"
