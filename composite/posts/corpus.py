"""Where the illustrative corpus is that ships with the package."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]
# a wheel carries data/raw as composite/data; a checkout has it beside the package
CORPUS = _PACKAGE / "data" if (_PACKAGE / "data").is_dir() else _PACKAGE.parent / "data" / "raw"
