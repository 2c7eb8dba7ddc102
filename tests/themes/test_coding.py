from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from composite.codebook.contract import check_table
from composite.codebook.tables import TIME
from composite.codebook.themes import THEME_KEYS
from composite.errors import CompositeError
from composite.files import write_table
from composite.themes.coding import (
    choose_coder,
    draw_coding_sample,
    make_coding_sheet,
    predict_primary,
    read_codings,
)

KEYS = list(THEME_KEYS)


def make_labels(sizes: dict[str, int], *, chances: float = 0.1) -> pd.DataFrame:
    country = [code for code, size in sizes.items() for _ in range(size)]
    n = len(country)
    labels = pd.DataFrame(
        {
            "post_id": [f"p{i:04d}" for i in range(n)],
            "country": pd.Series(country, dtype="str"),
            "agency": "Police",
            "account": "police",
            "kind": pd.Series([None] * n, dtype="str"),
            "published": pd.Series([pd.NaT] * n, dtype=TIME),
            "language": pd.Series([None] * n, dtype="str"),
            "corpus": pd.Series([None] * n, dtype="str"),
        }
    ).astype({"agency": "str", "account": "str"})
    labels[KEYS] = chances
    return labels


def make_posts(texts: list[str]) -> pd.DataFrame:
    n = len(texts)
    columns = {"country": "GB", "agency": "Police", "account": "police", "platform": "twitter", "language": "en"}
    posts = pd.DataFrame({"post_id": [f"p{i:04d}" for i in range(n)], "text": texts}).assign(**columns)
    posts["published"] = pd.date_range("2013-01-01", periods=n, tz="UTC").astype(TIME)
    return posts.assign(corpus=pd.Series([None] * n, dtype="str"))


# draw_coding_sample: laws

COUNTS = st.dictionaries(st.sampled_from(["BE", "CZ", "DE", "FR", "GB"]), st.integers(1, 15), min_size=1)


@given(COUNTS, st.integers(1, 60), st.integers(1, 4), st.integers(0, 999))
@settings(deadline=None, derandomize=True, max_examples=60)
def test_a_sample_keeps_the_laws_of_stratified_sampling(sizes: dict[str, int], n: int, minimum: int, seed: int) -> None:
    floor = sum(min(size, minimum) for size in sizes.values())
    assume(floor <= n <= sum(sizes.values()))
    labels = make_labels(sizes)
    sample = draw_coding_sample(labels, n, seed=seed, strata=("country",), minimum=minimum)
    assert list(sample) == ["post_id", "stratum", "sampling_probability"]
    assert len(sample) == n
    assert sample["post_id"].is_unique
    assert sample["post_id"].is_monotonic_increasing
    drawn = sample.groupby("stratum").size()
    assert set(drawn.index) == set(sizes)  # so that every post has a positive probability
    for country, size in sizes.items():
        assert drawn[country] >= min(size, minimum)
        own = sample.loc[sample["stratum"] == country, "sampling_probability"]
        np.testing.assert_allclose(own, drawn[country] / size)
    assert (1 / sample["sampling_probability"]).sum() == pytest.approx(len(labels))
    where = labels.set_index("post_id").loc[sample["post_id"], "country"]
    assert where.tolist() == sample["stratum"].tolist()


@given(st.integers(0, 10_000), st.randoms(use_true_random=False))
@settings(deadline=None, derandomize=True, max_examples=15)
def test_the_order_of_rows_does_not_change_the_sample_and_the_seed_does(seed: int, random: Any) -> None:
    labels = make_labels({"DE": 30, "GB": 40})
    order = list(range(len(labels)))
    random.shuffle(order)
    sample = draw_coding_sample(labels, 20, seed=seed)
    pd.testing.assert_frame_equal(draw_coding_sample(labels.iloc[order], 20, seed=seed), sample)
    assert set(draw_coding_sample(labels, 20, seed=seed + 1)["post_id"]) != set(sample["post_id"])


def test_the_sample_does_not_change_the_labels() -> None:
    labels = make_labels({"DE": 3, "GB": 9}).iloc[::-1]
    before = labels.copy()
    draw_coding_sample(labels, 6, seed=0)
    pd.testing.assert_frame_equal(labels, before)


# draw_coding_sample: known truth


def test_the_horvitz_thompson_total_is_unbiased() -> None:
    rng = np.random.default_rng(1)
    labels = make_labels({"BE": 5, "DE": 20, "GB": 75})
    truth = pd.Series((rng.random(100) < np.repeat([0.8, 0.5, 0.1], [5, 20, 75])).astype(int), index=labels["post_id"])
    totals = []
    for seed in range(300):
        sample = draw_coding_sample(labels, 24, seed=seed, strata=("country",), minimum=4)
        totals.append((truth[sample["post_id"]].to_numpy() / sample["sampling_probability"]).sum())
    error = np.std(totals) / np.sqrt(len(totals))
    assert abs(np.mean(totals) - truth.sum()) < 3.5 * error
    # without the probabilities the small country would count for too much
    assert abs(truth.groupby(np.repeat([0, 1, 2], [5, 20, 75])).mean().mean() * 100 - truth.sum()) > 10


def test_every_post_of_a_stratum_is_drawn_as_often_as_its_probability_says() -> None:
    labels = make_labels({"DE": 4, "GB": 12})
    counts = pd.Series(0, index=labels["post_id"])
    for seed in range(250):
        sample = draw_coding_sample(labels, 7, seed=seed, strata=("country",))
        counts[sample["post_id"]] += 1
        chance = sample.set_index("stratum")["sampling_probability"].to_dict()
    expected = labels["country"].map(chance).to_numpy()
    assert (np.abs(counts / 250 - expected) < 4 * np.sqrt(expected * (1 - expected) / 250)).all()


def test_what_is_left_after_the_minimum_goes_by_size() -> None:
    sample = draw_coding_sample(make_labels({"DE": 12, "GB": 102}), 26, seed=0, strata=("country",))
    # 22 are left, of 10 and 100 posts
    assert sample["stratum"].value_counts().to_dict() == {"GB": 22, "DE": 4}


def test_all_posts_are_drawn_for_certain_if_all_are_asked_for() -> None:
    sample = draw_coding_sample(make_labels({"DE": 1, "GB": 9}), 10, seed=0)
    assert (sample["sampling_probability"] == 1).all()


def test_predicted_is_the_most_probable_theme_or_none() -> None:
    labels = make_labels({"GB": 4})
    labels.loc[0, "voice"] = 0.6
    labels.loc[1, ["voice", "efficiency"]] = 0.7, 0.8
    labels.loc[2, "human_side"] = 0.5
    assert predict_primary(labels).tolist() == ["voice", "efficiency", "human_side", "none"]
    sample = draw_coding_sample(labels, 4, seed=0)
    expected = ["voice", "efficiency", "human_side", "none"]
    assert sample["stratum"].tolist() == [f"GB / Police / {theme}" for theme in expected]


def test_strata_too_many_for_the_sample_are_put_together_within_their_agency() -> None:
    labels = make_labels({"DE": 40, "GB": 60})
    labels["agency"] = pd.Series([f"Police {n % 5}" for n in range(100)], dtype="str")
    for n, key in enumerate(KEYS):
        labels.loc[labels.index % 23 == n, key] = 0.9
    assert draw_coding_sample(labels, 100, seed=0)["stratum"].str.contains("/ voice").any()
    sample = draw_coding_sample(labels, 24, seed=0)
    assert sample["stratum"].str.count("/").eq(2).all()
    assert sample["stratum"].str.endswith("/ other").any()
    # every agency keeps its place, and every post its chance
    agencies = labels.set_index("post_id")["agency"]
    assert set(zip(sample["stratum"].str[:2], sample["post_id"].map(agencies), strict=True)) == set(
        zip(labels["country"], labels["agency"], strict=True)
    )
    assert (1 / sample["sampling_probability"]).sum() == pytest.approx(100)


def test_missing_values_are_a_stratum_of_their_own() -> None:
    labels = make_labels({"DE": 4, "GB": 4})
    labels["kind"] = pd.Series(["unit", None] * 4, dtype="str")
    labels["year"] = [2012.0, np.nan] * 4
    for strata in (("kind",), ("country", "kind"), ("kind", "country"), ("year", "country")):
        sample = draw_coding_sample(labels, 8, seed=0, strata=strata, minimum=1)
        assert len(sample) == 8
        assert sample["stratum"].notna().all()
        assert sample["stratum"].str.contains("missing").sum() == 4


def test_without_strata_the_sample_is_a_simple_random_one() -> None:
    sample = draw_coding_sample(make_labels({"DE": 4, "GB": 6}), 5, seed=0, strata=())
    assert (sample["sampling_probability"] == 0.5).all()
    assert set(sample["stratum"]) == {"all"}


def test_one_stratum_may_be_given_by_its_name() -> None:
    labels = make_labels({"DE": 4, "GB": 6})
    pd.testing.assert_frame_equal(
        draw_coding_sample(labels, 5, seed=0, strata="country"),
        draw_coding_sample(labels, 5, seed=0, strata=["country"]),
    )


# draw_coding_sample: errors


@pytest.mark.parametrize("n", [0, -1, 11])
def test_a_sample_of_none_or_of_more_posts_than_there_are_is_an_error(n: int) -> None:
    with pytest.raises(CompositeError, match=f"cannot draw {n} of 10 posts: choose n from 1 to 10"):
        draw_coding_sample(make_labels({"DE": 4, "GB": 6}), n, seed=0)


def test_too_few_posts_for_the_strata_are_an_error_that_says_how_many_are_needed() -> None:
    labels = make_labels({"BE": 1, "DE": 4, "GB": 6})
    with pytest.raises(CompositeError, match="4 posts are too few for 3 strata of at least 2: draw 5 or more"):
        draw_coding_sample(labels, 4, seed=0, strata=("country",))
    assert len(draw_coding_sample(labels, 5, seed=0, strata=("country",))) == 5


def test_an_unknown_stratum_is_an_error_with_the_nearest_name() -> None:
    with pytest.raises(CompositeError, match="stratum 'contry' is not known: did you mean 'country'"):
        draw_coding_sample(make_labels({"GB": 4}), 2, seed=0, strata=("contry",))


@pytest.mark.parametrize("minimum", [0, -3])
def test_a_minimum_below_1_is_an_error_since_some_posts_could_not_be_drawn(minimum: int) -> None:
    with pytest.raises(CompositeError, match=f"minimum={minimum}"):
        draw_coding_sample(make_labels({"DE": 1, "GB": 60}), 2, seed=0, minimum=minimum)


def test_a_sample_is_drawn_from_labels_and_not_from_posts() -> None:
    with pytest.raises(CompositeError, match="table 'labels' lacks the column 'kind'"):
        draw_coding_sample(make_posts(["Road closed"]), 1, seed=0)


# coding sheets

TEXTS = [
    'He said "stop", then ran; we ran too',
    "First line\nsecond line\n\nlast",
    "Our dog 🐕 Ěščř Скопје",
    "=1+1",
    "+44 is our code",
    "-10 degrees tonight",
    "@neighbour thank you",
    "'quoted'",
    "NA",
    '"',
]


def fill(sheet: pd.DataFrame) -> pd.DataFrame:
    codes = pd.DataFrame(np.arange(len(sheet) * 9).reshape(-1, 9) % 7 == 0, columns=KEYS).astype(int)
    primary = [KEYS[row.argmax()] if row.any() else "none" for row in codes.to_numpy()]
    return sheet.assign(coder="anna", **codes, primary=primary)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_filled_sheet_is_read_back_as_it_was_drawn(
    delimiter: str, encoding: str, line_end: str, tmp_path: Path
) -> None:
    labels = make_labels({"GB": len(TEXTS)})
    sample = draw_coding_sample(labels, 8, seed=0)
    sheet = fill(make_coding_sheet(sample, make_posts(TEXTS)))
    file = tmp_path / "coded.csv"
    sheet.to_csv(file, index=False, sep=delimiter, encoding=encoding, lineterminator=line_end)
    codings = read_codings(file)
    assert check_table("codings", codings) is codings
    assert codings["post_id"].tolist() == sample["post_id"].tolist()
    np.testing.assert_allclose(codings["sampling_probability"], sample["sampling_probability"])
    assert (codings[KEYS] == sheet[KEYS].to_numpy()).all(axis=None)
    assert codings["primary"].tolist() == sheet["primary"].tolist()
    assert set(codings["coder"]) == {"anna"}
    assert codings["stratum"].tolist() == sample["stratum"].tolist()


def test_the_file_that_the_sheet_is_written_to_is_read_back(tmp_path: Path) -> None:
    labels = make_labels({"DE": 40, "GB": 30})
    sample = draw_coding_sample(labels, 21, seed=3)
    posts = make_posts([TEXTS[i % len(TEXTS)] + " x" for i in range(70)])
    file = write_table(tmp_path / "coded.csv", fill(make_coding_sheet(sample, posts)))
    np.testing.assert_allclose(read_codings(file)["sampling_probability"], sample["sampling_probability"], rtol=1e-9)


def test_a_spreadsheet_with_decimal_commas_is_read(tmp_path: Path) -> None:
    sample = draw_coding_sample(make_labels({"GB": 8}), 4, seed=0)
    file = tmp_path / "coded.csv"
    fill(make_coding_sheet(sample, make_posts(["Road closed"] * 8))).to_csv(file, sep=";", decimal=",", index=False)
    assert "0,5" in file.read_text()
    assert (read_codings(file)["sampling_probability"] == 0.5).all()


def test_a_sheet_has_the_posts_of_the_sample_their_context_and_empty_codes() -> None:
    sample = draw_coding_sample(make_labels({"GB": 6}), 3, seed=0).iloc[::-1]
    posts = make_posts([f"text {i}" for i in range(6)])
    before = posts.copy()
    sheet = make_coding_sheet(sample, posts)
    assert sheet["post_id"].tolist() == sample["post_id"].tolist()
    assert sheet["text"].tolist() == [f"text {int(post[1:])}" for post in sample["post_id"]]
    assert sheet[["coder", *KEYS, "primary"]].isna().all(axis=None)
    pd.testing.assert_frame_equal(posts, before)


def test_every_post_keeps_its_own_stratum_and_probability_whatever_the_index_of_the_sample() -> None:
    sample = draw_coding_sample(make_labels({"DE": 20, "GB": 4}), 9, seed=0)
    part = sample.sample(frac=0.6, random_state=0)
    sheet = make_coding_sheet(part, make_posts([f"text {i}" for i in range(24)]))
    columns = ["post_id", "stratum", "sampling_probability"]
    pd.testing.assert_frame_equal(sheet[columns], part.reset_index(drop=True)[columns])


def test_a_sheet_has_texts_as_they_are_and_its_file_has_none_that_is_run_as_a_formula(tmp_path: Path) -> None:
    sample = draw_coding_sample(make_labels({"GB": len(TEXTS)}), len(TEXTS), seed=0)
    sheet = make_coding_sheet(sample, make_posts(TEXTS))
    assert sheet["text"].tolist() == TEXTS
    shown = pd.read_csv(write_table(tmp_path / "a.csv", sheet), keep_default_na=False)["text"].tolist()
    assert [text[1:] if text[0] == "'" and text != "'quoted'" else text for text in shown] == TEXTS
    assert not any(text[0] in "=+-@" for text in shown)


def test_a_post_of_the_sample_that_is_not_there_is_named() -> None:
    sample = draw_coding_sample(make_labels({"GB": 4}), 4, seed=0)
    with pytest.raises(CompositeError, match="post 'p0002' of the sample is not in posts"):
        make_coding_sheet(sample, make_posts(["Road closed"] * 2))


# read_codings: errors


def write_codings(tmp_path: Path, change: Callable[[list[dict[str, str]]], Any] = lambda rows: None) -> Path:
    rows = [
        {"post_id": f"p{i}", "coder": "anna"}
        | {key: str(int(key == "voice")) for key in KEYS}
        | {"primary": "voice", "sampling_probability": "0.5"}
        for i in range(4)
    ]
    change(rows)
    file = tmp_path / "coded.csv"
    pd.DataFrame(rows).to_csv(file, index=False)
    return file


def test_codings_of_several_coders_are_read_as_they_stand(tmp_path: Path) -> None:
    codings = read_codings(write_codings(tmp_path, lambda rows: rows.append(rows[0] | {"coder": "ben"})))
    assert codings["coder"].tolist() == ["anna"] * 4 + ["ben"]
    assert codings["voice"].tolist() == [1] * 5


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"voice": "2"}, r"line 4: coder 'anna' gave post 'p2' the code '2' for 'voice': write 0 or 1"),
        ({"voice": "yes"}, r"line 4: coder 'anna' gave post 'p2' the code 'yes'"),
        ({"voice": "1.0"}, r"line 4: coder 'anna' gave post 'p2' the code '1.0'"),
        ({"voice": ""}, r"line 4: 'voice' is empty for post 'p2' of coder 'anna' \(1 such line\)"),
        ({"coder": ""}, r"line 4: 'coder' is empty .* post 'p2'"),
        ({"post_id": ""}, r"line 4: 'post_id' is empty \(1 such line\)"),
        ({"primary": ""}, r"line 4: 'primary' is empty for post 'p2' of coder 'anna'"),
        ({"sampling_probability": ""}, r"line 4: 'sampling_probability' is empty for post 'p2' of coder 'anna'"),
        *(
            ({"sampling_probability": p}, rf"line 4: post 'p2' of coder 'anna' has the sampling probability '{p}'")
            for p in ("0", "1.5", "-0.1", "half", "nan", "inf", "50%")
        ),
        ({"post_id": "p0"}, r"line 4: coder 'anna' coded post 'p0' twice"),
        ({"primary": "voise"}, r"line 4: coder 'anna' gave post 'p2' the primary theme 'voise': did you mean 'voice'"),
        ({"primary": "human_side"}, r"line 4: coder 'anna' gave post 'p2' .* 'human_side' but coded voice: mend"),
        ({"primary": "none"}, r"line 4: coder 'anna' gave post 'p2' the primary theme 'none' but coded voice: mend"),
        ({"voice": "0"}, r"line 4: coder 'anna' gave post 'p2' the primary theme 'voice' but coded no theme: mend"),
    ],
    ids=lambda value: "-".join(f"{k}={v}" for k, v in value.items()) if isinstance(value, dict) else "",
)
def test_a_code_that_is_wrong_is_named_by_line_coder_and_post(
    changes: dict[str, str], said: str, tmp_path: Path
) -> None:
    file = write_codings(tmp_path, lambda rows: rows[2].update(changes))
    with pytest.raises(CompositeError, match=f"coded.csv, {said}"):
        read_codings(file)


def test_a_post_without_a_theme_has_the_primary_theme_none(tmp_path: Path) -> None:
    codings = read_codings(write_codings(tmp_path, lambda rows: rows[2].update({"voice": "0", "primary": "none"})))
    assert codings["primary"].tolist() == ["voice", "voice", "none", "voice"]


@pytest.mark.parametrize("column", ["post_id", "coder", "efficiency", "primary", "sampling_probability"])
def test_a_missing_column_is_named_with_the_nearest(column: str, tmp_path: Path) -> None:
    file = write_codings(tmp_path)
    frame = pd.read_csv(file, dtype=str)
    frame.rename(columns={column: column[:-1] + "x"}).to_csv(file, index=False)
    with pytest.raises(CompositeError, match=f"lacks the column '{column}' .*did you mean '{column[:-1]}x'"):
        read_codings(file)


def test_a_broken_line_is_an_error_and_not_set_aside(tmp_path: Path) -> None:
    file = write_codings(tmp_path)
    file.write_text(file.read_text() + "p9,anna,0\n")
    with pytest.raises(CompositeError, match=r"coded.csv, line 6: broken line"):
        read_codings(file)


# choose_coder


def codings_of(*coders: str) -> pd.DataFrame:
    rows = [
        {"post_id": post, "coder": coder, **dict.fromkeys(KEYS, 0), "primary": "none", "sampling_probability": 1.0}
        for coder in coders
        for post in ("b", "a")
    ]
    return pd.DataFrame(rows)


def test_the_only_coder_counts_and_posts_are_in_order() -> None:
    assert choose_coder(codings_of("anna"))["post_id"].tolist() == ["a", "b"]


def test_adjudicated_codes_count_before_others() -> None:
    assert set(choose_coder(codings_of("aaron", "adjudicated", "ben"))["coder"]) == {"adjudicated"}


def test_a_coder_can_be_named() -> None:
    assert set(choose_coder(codings_of("anna", "adjudicated"), "anna")["coder"]) == {"anna"}


def test_coders_who_shared_out_the_posts_all_count() -> None:
    shared = codings_of("anna", "ben").iloc[[0, 3]]
    assert choose_coder(shared)["coder"].tolist() == ["ben", "anna"]


def test_several_coders_of_a_post_without_adjudication_are_an_error() -> None:
    with pytest.raises(CompositeError, match=r"post 'b' has codes of several coders \(anna, ben\): adjudicate"):
        choose_coder(codings_of("anna", "ben"))


def test_an_unknown_coder_is_an_error_with_the_nearest_name() -> None:
    with pytest.raises(CompositeError, match="coder 'ana' is not known: did you mean 'anna'"):
        choose_coder(codings_of("anna"), "ana")


def test_whole_number_probabilities_of_a_frame_made_by_hand_are_taken() -> None:
    codings = codings_of("anna").assign(sampling_probability=1)
    assert choose_coder(codings)["sampling_probability"].dtype == float
    assert codings["sampling_probability"].dtype == int


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"voice": 2}, r"column 'voice': .*2.* is not among"),
        ({"sampling_probability": 0.0}, "sampling_probability"),
        ({"primary": "other"}, "'other' is not among"),
    ],
)
def test_codings_that_break_their_contract_are_an_error(change: dict[str, Any], said: str) -> None:
    with pytest.raises(CompositeError, match=said):
        choose_coder(codings_of("anna").assign(**change))


def test_posts_that_were_coded_and_not_adjudicated_are_not_dropped_in_silence(corpus_codings: pd.DataFrame) -> None:
    other = corpus_codings.assign(coder="first")
    some = pd.concat([other, corpus_codings.iloc[:-3]], ignore_index=True)
    with pytest.raises(CompositeError, match=r"not adjudicated \(3 such posts\)"):
        choose_coder(some)
    assert len(choose_coder(some, "first")) == len(corpus_codings)
    assert len(choose_coder(some, "adjudicated")) == len(corpus_codings) - 3


def test_codings_in_another_encoding_can_be_read_when_it_is_named(tmp_path: Path, corpus_codings: pd.DataFrame) -> None:
    path = tmp_path / "coded.csv"
    path.write_bytes(corpus_codings.assign(coder="Zoë").to_csv(index=False).encode("cp1252"))
    with pytest.raises(
        CompositeError, match=r"line 2: it is not in UTF-8: save it so, or name its encoding with --encoding"
    ):
        read_codings(path)
    assert set(read_codings(path, encoding="cp1252")["coder"]) == {"Zoë"}
