"""A package holds what may be published and nothing else, whatever the tables that it is made from hold."""

from __future__ import annotations

import hashlib
import json
import zipfile
from pathlib import Path

import pandas as pd
import pytest

import composite as cp
from composite.report.package import ALLOWED, ESTIMATES, LONGEST

KEY = bytes(32)
SECRET_TEXT = "Marta K. (17) was last seen near the old mill, call her mother"


@pytest.fixture(autouse=True)
def short_guide(monkeypatch: pytest.MonkeyPatch) -> None:
    """The codebook is long, and is tested where it is written."""
    monkeypatch.setattr("composite.report.package.write_guide", lambda languages: "# Codebook\n")


@pytest.fixture
def study(
    make_study: object, corpus_posts: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Labels, codings, accounts and posts of a small study; one account is a single officer's."""
    labels, codings, _ = make_study(agencies=2, posts=5)  # type: ignore[operator]
    labels = labels.assign(platform="x")
    labels["kind"] = pd.Series(["officer"] + ["corporate"] * (len(labels) - 1), dtype="str")
    labels["account"] = pd.Series(["pc_jones"] + [f"force{i % 4}" for i in range(1, len(labels))], dtype="str")
    accounts = labels[["account", "platform", "agency", "country", "kind"]].drop_duplicates(["account"])
    accounts = accounts.assign(language=pd.Series(None, index=accounts.index, dtype="str")).reset_index(drop=True)
    posts = corpus_posts.head(len(labels)).assign(post_id=labels["post_id"])
    return labels, codings.assign(coder="anna"), accounts, posts


def read(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def write(out: Path, study: tuple[pd.DataFrame, ...], **options: object) -> dict[str, bytes]:
    labels, codings, accounts, posts = study
    made = cp.write_package(out, labels=labels, codings=codings, accounts=accounts, posts=posts, **options)  # type: ignore[arg-type]
    files = read(made.path)
    assert tuple(sorted(files)) == made.files
    return files


def test_no_text_of_a_post_and_no_identifier_is_in_any_file(study: tuple[pd.DataFrame, ...], tmp_path: Path) -> None:
    everything = b"".join(write(tmp_path / "p.zip", study).values()).decode()
    labels, _, _, posts = study
    assert not [text for text in posts["text"] if text in everything]
    assert not [name for name in labels["post_id"] if name in everything]
    for name in ("pc_jones", "anna"):
        assert name not in everything


@pytest.mark.parametrize("extra", ["text", "note", "reply_to", "url", "name"])
def test_a_column_that_nobody_allowed_is_left_out_and_told(
    study: tuple[pd.DataFrame, ...], tmp_path: Path, extra: str
) -> None:
    labels, codings, accounts, posts = (table.assign(**{extra: SECRET_TEXT}) for table in study)
    made = cp.write_package(tmp_path / "p.zip", labels=labels, codings=codings, accounts=accounts, posts=posts)
    files = read(made.path)
    assert SECRET_TEXT.encode() not in b"".join(files.values())
    for name in ("labels", "codings", "accounts"):
        assert any(note.startswith(f"{name}: ") and extra in note for note in made.left_out)
    for name, allowed in ALLOWED.items():
        assert set(files[f"{name}.csv"].decode().splitlines()[0].split(",")) <= set(allowed)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("agency", "x" * (LONGEST + 1)),
        ("agency", "see https://t.example/1"),
        ("corpus", "thanks @jo"),
        ("agency", "a\nb"),
    ],
)
def test_a_text_in_a_column_that_is_allowed_is_an_error_and_nothing_is_written(
    study: tuple[pd.DataFrame, ...], tmp_path: Path, column: str, value: str
) -> None:
    labels = study[0].assign(**{column: value}).astype({column: "str"})
    with pytest.raises(cp.CompositeError, match=f"column '{column}' holds what looks like the text of a post"):
        cp.write_package(tmp_path / "p.zip", labels=labels)
    assert not list(tmp_path.iterdir())


def test_a_short_text_of_a_post_in_a_column_that_is_allowed_is_found_by_its_key(
    study: tuple[pd.DataFrame, ...], tmp_path: Path
) -> None:
    labels, _, _, posts = study
    posts = posts.assign(text="Found safe and well!")
    with pytest.raises(cp.CompositeError, match=r"labels\.csv, column 'agency'"):
        cp.write_package(tmp_path / "p.zip", labels=labels.assign(agency="found safe and well"), posts=posts)


def test_with_a_key_the_bytes_are_the_same_and_another_key_gives_others(
    study: tuple[pd.DataFrame, ...], tmp_path: Path
) -> None:
    one, two, other = (
        write(tmp_path / f"{name}.zip", study, key=key)
        for name, key in (("a", KEY), ("b", KEY), ("c", bytes([1] * 32)))
    )
    assert one == two
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    assert one["labels.csv"] != other["labels.csv"]
    assert KEY.hex().encode() not in b"".join(one.values())


def test_the_order_of_the_rows_tells_nothing(study: tuple[pd.DataFrame, ...], tmp_path: Path) -> None:
    turned = tuple(table[::-1].reset_index(drop=True) for table in study)
    assert write(tmp_path / "a.zip", study, key=KEY) == write(tmp_path / "b.zip", turned, key=KEY)


def test_pseudonyms_still_join_labels_codings_and_keys(study: tuple[pd.DataFrame, ...], tmp_path: Path) -> None:
    write(tmp_path / "p.zip", study)
    with zipfile.ZipFile(tmp_path / "p.zip") as archive:
        tables = {name: pd.read_csv(archive.open(f"{name}.csv")) for name in ("labels", "codings", "keys")}
    assert set(tables["codings"]["post_id"]) <= set(tables["labels"]["post_id"]) == set(tables["keys"]["post_id"])
    assert len(tables["codings"]) == len(study[1])
    assert set(tables["codings"]["coder"]) == {"coder_1"}
    assert sorted(tables["keys"]["key"]) == sorted(study[3]["text"].map(cp.hash_text))


def test_keys_of_texts_are_keyed_hashes_where_there_is_a_key(study: tuple[pd.DataFrame, ...], tmp_path: Path) -> None:
    keys = write(tmp_path / "p.zip", study, key=KEY)["keys.csv"].decode()
    assert not [text for text in study[3]["text"] if cp.hash_text(text) in keys]
    assert "text_" in keys


def test_days_stand_for_times_unless_identifiers_are_kept(study: tuple[pd.DataFrame, ...], tmp_path: Path) -> None:
    hidden = write(tmp_path / "a.zip", study)["labels.csv"].decode()
    kept = write(tmp_path / "b.zip", study, keep_ids=True)["labels.csv"].decode()
    assert "T06:00:00Z" in kept
    assert "T06:00:00Z" not in hidden
    assert "p00001" in kept
    assert "pc_jones" not in kept


def test_a_folder_and_a_zip_file_hold_the_same_and_checksums_hold(
    study: tuple[pd.DataFrame, ...], tmp_path: Path
) -> None:
    files = write(tmp_path / "p.zip", study, key=KEY, licence="CC-BY-4.0")
    cp.write_package(
        tmp_path / "p",
        labels=study[0],
        codings=study[1],
        accounts=study[2],
        posts=study[3],
        key=KEY,
        licence="CC-BY-4.0",
    )
    assert {path.name: path.read_bytes() for path in (tmp_path / "p").iterdir()} == files
    for line in files["CHECKSUMS.sha256"].decode().splitlines():
        digest, name = line.split("  ")
        assert hashlib.sha256(files[name]).hexdigest() == digest
    assert "Licence: CC-BY-4.0." in files["README.md"].decode()


def test_a_report_gives_its_estimates_and_no_words_or_mentions(study: tuple[pd.DataFrame, ...], tmp_path: Path) -> None:
    labels = study[0]
    report = tmp_path / "report"
    (report / "tables").mkdir(parents=True)
    labels.to_parquet(report / "labels.parquet", index=False)
    (report / "manifest.json").write_text(
        json.dumps({"inputs": {"labels": "abc"}, "tables": {"shares": "1", "actors": "2"}})
    )
    cp.estimate_shares(labels).assign(note=SECRET_TEXT).to_csv(report / "tables" / "shares.csv", index=False)
    (report / "tables" / "keywords.csv").write_text("word\nmarta\n")
    (report / "tables" / "actors.csv").write_text("node\njo\n")
    made = cp.write_package(tmp_path / "p.zip", report=report)
    files = read(made.path)
    assert "estimates/shares.csv" in files
    assert {name.split("/")[1].removesuffix(".csv") for name in files if "/" in name} <= set(ESTIMATES)
    assert b"marta" not in b"".join(files.values())
    assert SECRET_TEXT.encode() not in b"".join(files.values())
    assert json.loads(files["manifest.json"])["tables"] == {"shares": "1"}
    assert "tables actors, keywords" in made.left_out


def test_nothing_to_publish_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(cp.CompositeError, match="neither labels nor codings"):
        cp.write_package(tmp_path / "p.zip")
    with pytest.raises(cp.CompositeError, match="is no report of `composite study`"):
        cp.write_package(tmp_path / "p.zip", report=tmp_path)


def test_a_folder_that_holds_something_is_not_written_into(study: tuple[pd.DataFrame, ...], tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(cp.CompositeError, match="is not an empty folder"):
        cp.write_package(tmp_path, labels=study[0])
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
