"""The benchmarks of this room run, and say what they say."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks import bootstrap, distortion
from composite.errors import CompositeError

WORDS = {
    "information": [
        "road",
        "closed",
        "collision",
        "traffic",
        "delay",
        "officers",
        "scene",
        "arrested",
        "court",
        "seized",
        "update",
    ],
    "engagement": [
        "thanks",
        "great",
        "hello",
        "team",
        "proud",
        "visit",
        "school",
        "lovely",
        "friday",
        "puppy",
        "morning",
    ],
    "intelligence gathering": [
        "witness",
        "appeal",
        "missing",
        "seen",
        "help",
        "call",
        "footage",
        "identify",
        "please",
        "share",
        "find",
    ],
}


@pytest.fixture
def invented(tmp_path: Path) -> Path:
    """Tweets of three classes that share half of their words."""
    rng = np.random.default_rng(0)
    every = [word for words in WORDS.values() for word in words]
    lines = []
    for name, number in (("information", 3600), ("engagement", 1400), ("intelligence gathering", 1500)):
        for place in range(number):
            words = [*rng.choice(WORDS[name], 2), *rng.choice(every, 6), f"{name[:2]}{place}"]
            lines.append(json.dumps({"text": " ".join(words), "label": name}))
    file = tmp_path / "tweets.jsonl"
    file.write_text("\n".join(lines), "utf-8")
    return file


def test_balanced_training_distorts_what_is_counted_and_a_coded_sample_takes_it_out(invented: Path) -> None:
    table = distortion.measure_distortion(invented).set_index("class")
    row = table.loc["information"]
    assert row["counted"] < row["labelled"] - 0.04
    assert row["labelled"] == pytest.approx(0.565, abs=0.02)
    assert ((table["low"] - 0.02 <= table["labelled"]) & (table["labelled"] <= table["high"] + 0.02)).all()
    assert (table["corrected"] - table["labelled"]).abs().max() < 0.05
    assert table["counted"].sum() == pytest.approx(1)


def test_the_published_distortion_is_made_again_and_corrected_where_its_tweets_are_at_hand() -> None:
    if not distortion.FILE.is_file():
        pytest.skip("the tweets are others' and not shipped")
    table = distortion.measure_distortion().set_index("class")
    for name in ("information", "engagement"):
        published = table.loc[name, "published_reported"] - table.loc[name, "published_labelled"]
        here = table.loc[name, "counted"] - table.loc[name, "labelled"]
        assert np.sign(here) == np.sign(published)
        assert abs(here) > 0.05
    assert ((table["low"] <= table["labelled"]) & (table["labelled"] <= table["high"])).all()


def test_without_the_tweets_the_command_says_that_it_skips(capsys: pytest.CaptureFixture[str]) -> None:
    assert distortion.main(["--file", "nowhere.jsonl"]) == 0
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "skipped: there is no file 'nowhere.jsonl' here: tweets of others are not shipped" in shown.err
    with pytest.raises(CompositeError, match="not shipped"):
        distortion.measure_distortion("nowhere.jsonl")


def test_the_table_of_the_method_page_is_of_the_published_shares() -> None:
    page = (Path(__file__).parents[2] / "docs" / "method.md").read_text("utf-8")
    for name, (_, found, reported) in distortion.CLASSES.items():
        assert f"| {name} | {100 * found:.1f} | {100 * reported:.1f} |" in page


def test_the_time_of_the_bootstrap_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    bootstrap.main(["--agencies", "60", "--resamples", "99"])
    assert "99 resamples of 60 agencies, 9 themes, 45 pairs:" in capsys.readouterr().out
