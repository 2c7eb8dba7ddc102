"""Tables that many tests need: the illustrative corpus, labelled once a worker, and small ones made to order."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

import composite as cp
from composite.codebook.tables import TIME
from composite.codebook.themes import THEME_KEYS


@pytest.fixture(scope="session")
def corpus_posts() -> pd.DataFrame:
    return cp.read_posts(cp.CORPUS / "posts.csv")


@pytest.fixture(scope="session")
def all_codings() -> pd.DataFrame:
    """What both coders of the sample gave its posts, and what was adjudicated."""
    return cp.read_codings(cp.CORPUS / "codings.csv")


@pytest.fixture(scope="session")
def corpus_codings(all_codings: pd.DataFrame) -> pd.DataFrame:
    """The adjudicated codes of the sample."""
    return all_codings[all_codings["coder"] == "adjudicated"].reset_index(drop=True)


@pytest.fixture(scope="session")
def corpus_labels(corpus_posts: pd.DataFrame) -> pd.DataFrame:
    """Labels of the illustrative corpus by the released classifier, each of a fit that left the post's agency out."""
    accounts = cp.read_accounts(cp.CORPUS / "accounts.csv")
    return cp.label_posts(cp.load_classifier(), corpus_posts, accounts=accounts)


@pytest.fixture(scope="session")
def make_study() -> Callable[..., tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]]:
    """A function that makes labels, codings of a simple random sample, and the true codes of all posts."""

    def make(
        countries: tuple[str, ...] = ("DE", "GB"),
        *,
        agencies: int = 6,
        posts: int = 20,
        coded: float = 0.5,
        share: float = 0.3,
        seed: int = 0,
    ) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
        rng = np.random.default_rng(seed)
        n = len(countries) * agencies * posts
        country = np.repeat(countries, agencies * posts)
        labels = pd.DataFrame(
            {
                "post_id": [f"p{i:05d}" for i in range(n)],
                "country": pd.Series(country, dtype="str"),
                "agency": [f"agency {i // posts % agencies}" for i in range(n)],
                "account": [f"account{i // posts}" for i in range(n)],
                "kind": pd.Series([None] * n, dtype="str"),
                "published": pd.date_range("2013-01-01", periods=n, freq="6h", tz="UTC").astype(TIME),
                "language": pd.Series([None] * n, dtype="str"),
                "corpus": pd.Series([None] * n, dtype="str"),
            }
        )
        truth = (rng.random((n, len(THEME_KEYS))) < share).astype("int64")
        # a classifier that is good but biased: it sees too much of every theme
        labels[list(THEME_KEYS)] = np.clip(0.2 + 0.55 * truth + rng.normal(0, 0.15, truth.shape), 0.01, 0.99)
        codes = pd.DataFrame(truth, columns=list(THEME_KEYS))
        codes.insert(0, "post_id", labels["post_id"])
        codes.insert(1, "coder", "adjudicated")
        codes["primary"] = [THEME_KEYS[row.argmax()] if row.any() else "none" for row in truth]
        codes["sampling_probability"] = 1.0
        size = max(2, round(coded * n))
        sample = codes.iloc[np.sort(rng.choice(n, size=size, replace=False))].reset_index(drop=True)
        return labels, sample.assign(sampling_probability=size / n), codes

    return make


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in one line, loudly, that the report was not opened in a browser."""
    skipped = [report for report in terminalreporter.stats.get("skipped", []) if "test_browser" in report.nodeid]
    if skipped:
        terminalreporter.write_sep(
            "!",
            f"the report was not opened in a browser: {len(skipped)} tests skipped, no Chromium",
            red=True,
            bold=True,
        )
