"""The study of seven cities: every row of the files is studied or set aside; without them it says how to get them."""

from __future__ import annotations

import dataclasses
import hashlib
import warnings
from pathlib import Path

import pandas as pd
import pytest

import composite as cp
from benchmarks.capitals import describe_rows
from composite.commands.capitals import CODER, is_capitals, leave_out, read_capitals_study
from composite.posts.capitals import AGAIN, CITIES, EMPTY, SHORT, read_capitals, read_city_accounts, read_city_audience
from composite.posts.fetch import CORPORA, Corpus, CorpusFile

ROOT = Path(__file__).parents[2]
REAL = ROOT.parent / "shared" / "real"
WORDS = ("officers closed the {} road after a crash", "thank you all for the tip about the {} shop")


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder with a made-up corpus of the same form, as if it had been fetched."""
    folder = tmp_path / "capitals"
    folder.mkdir()
    files = {}
    for city in CITIES:
        texts = [words.format(f"{city.lower()} {number}") for number in range(12) for words in WORDS]
        texts += [texts[0], texts[0].upper() + "!", ".,", "", "too short"]
        lines = "".join(f'{city},"{text}","{{}}"\n' for text in texts)
        files[f"{city}senti_rest.csv"] = f"user,senti_text_processed,sentimenal_res\n{lines}"
    rows = "".join(f"{city}_{number},{city},1000,{10 * number}\n" for city in (*CITIES, "Riga") for number in (1, 2))
    files["basic_info.csv"] = f"screen_name,City,Population,followers_count\n{rows}"
    parts = []
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8")
        data = text.encode()
        parts.append(CorpusFile(name, name, "0" * 40, len(data), hashlib.sha256(data).hexdigest(), None))
    corpus: Corpus = dataclasses.replace(CORPORA["capitals"], files=tuple(parts))
    monkeypatch.setitem(CORPORA, "capitals", corpus)
    return tmp_path


def test_every_row_is_a_post_or_set_aside_for_a_reason(toy: Path) -> None:
    read = read_capitals(toy)
    assert read.n_rows == len(read.posts) + len(read.rejected) == 7 * 29
    assert read.rejected["reason"].value_counts().to_dict() == {EMPTY: 14, SHORT: 7, AGAIN: 14}
    assert set(read.posts.groupby("country").size()) == {24}


def test_posts_are_named_by_the_key_of_their_text_and_nothing_is_invented(toy: Path) -> None:
    posts = read_capitals(toy).posts
    assert (posts["post_id"] == posts["text"].map(cp.hash_text)).all()
    assert posts["published"].isna().all()
    assert posts["account"].isna().all()
    assert set(posts["country"]) == {country for country, _ in CITIES.values()}


def test_rows_set_aside_carry_keys_and_no_text(toy: Path) -> None:
    assert read_capitals(toy).rejected["value"].str.fullmatch("[0-9a-f]{12}").all()


def test_accounts_and_followers_are_those_of_the_seven_cities(toy: Path) -> None:
    accounts, audience = read_city_accounts(toy), read_city_audience(toy)
    assert len(accounts) == len(audience) == 14
    assert set(accounts["agency"]) == {agency for _, agency in CITIES.values()}
    assert set(audience["followers"]) == {10, 20}


def test_a_corpus_that_was_not_fetched_names_the_command(tmp_path: Path) -> None:
    with pytest.raises(cp.CompositeError, match="run: composite fetch capitals --to"):
        read_capitals(tmp_path)


def test_keys_that_are_named_are_left_out_and_counted(toy: Path, tmp_path: Path) -> None:
    read = read_capitals(toy)
    path = tmp_path / "keys.txt"
    path.write_text("\n".join(read.posts["post_id"].head(3)) + "\n000000000000\n")
    less = leave_out(read, path)
    assert len(less.posts) == len(read.posts) - 3
    assert less.notes[-1] == "3 posts left out by their keys (keys.txt)"
    assert leave_out(read, None) is read


@pytest.mark.parametrize("content", ["", "not a key\n", "0123456789abcdef\n"])
def test_a_file_that_holds_no_keys_is_an_error(toy: Path, tmp_path: Path, content: str) -> None:
    path = tmp_path / "keys.txt"
    path.write_text(content)
    with pytest.raises(cp.CompositeError, match="is no key"):
        leave_out(read_capitals(toy), path)


@pytest.fixture
def codes(toy: Path) -> pd.DataFrame:
    """Codes of all posts of the made-up corpus: half of them thank, half inform."""
    posts = read_capitals(toy).posts
    table = pd.DataFrame(0, index=range(len(posts)), columns=[theme.key for theme in cp.THEMES])
    table.insert(0, "post_id", posts["post_id"])
    table.insert(1, "coder", "me")
    thanks = posts["text"].str.startswith("thank").to_numpy()
    table["interaction"] = thanks.astype(int)
    table["push_information"] = (~thanks).astype(int)
    table["primary"] = ["interaction" if thank else "push_information" for thank in thanks]
    return table.assign(sampling_probability=1.0)


def test_the_shell_hands_the_whole_corpus_to_the_study(
    toy: Path, codes: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from composite import cli

    given = {}

    def study(posts: pd.DataFrame, codings: pd.DataFrame, **options: object) -> None:
        given.update(options, posts=posts, codings=codings)
        raise cp.CompositeError("that is enough")

    codes.to_csv(tmp_path / "codes.csv", index=False)
    path = tmp_path / "keys.txt"
    path.write_text(codes["post_id"].iloc[0])
    words = ["study", "capitals", "--corpora", str(toy), "--codings", str(tmp_path / "codes.csv")]
    words += ["--leave-out", str(path), "--out", str(tmp_path / "out")]
    monkeypatch.setattr(cp, "run_study", study, raising=False)
    monkeypatch.setattr("sys.argv", ["composite", *words])
    with pytest.raises(SystemExit):
        cli.main()
    read = read_capitals(toy)
    assert len(given["posts"]) == len(read.posts) - 1
    assert len(given["codings"]) == len(codes)
    pd.testing.assert_frame_equal(given["rejected"], read.rejected)
    pd.testing.assert_frame_equal(given["accounts"], read_city_accounts(toy))
    pd.testing.assert_frame_equal(given["audience"], read_city_audience(toy))
    assert given["notes"] == (*read.notes, "1 post left out by their keys (keys.txt)")


def test_estimates_speak_of_these_agencies_posts_only_and_are_right_with_all_posts_coded(
    toy: Path, codes: pd.DataFrame
) -> None:
    labels = cp.label_posts(cp.load_classifier(), read_capitals(toy).posts)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", cp.CompositeWarning)
        shares = cp.estimate_shares(labels, codes)
    assert set(shares["inference"]) == {"posts"}
    right = shares[(shares["method"] == "corrected") & (shares["theme"] == "interaction")]
    assert right["share"].to_numpy() == pytest.approx(0.5)


def test_a_corpus_in_the_users_own_folder_is_found_there_and_another_folder_of_that_name_is_not_it(
    toy: Path, codes: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(toy)
    assert is_capitals([Path("capitals")])
    assert len(read_capitals_study(None, codes)[0].posts) == len(codes)
    (tmp_path / "other" / "capitals").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "other")
    assert not is_capitals([Path("capitals")])


def test_codings_that_ship_and_are_of_other_posts_are_an_error(toy: Path) -> None:
    with pytest.raises(cp.CompositeError, match="none of the codings that ship is of these posts"):
        read_capitals_study(toy)


@pytest.mark.parametrize("option", ["--mask", "--column", "--timezone"])
def test_options_of_reading_do_not_go_with_the_corpus(
    option: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from composite import cli

    value = {"--column": ["a=text"], "--timezone": ["Europe/Rome"]}.get(option, [])
    monkeypatch.setattr("sys.argv", ["composite", "study", "capitals", option, *value])
    with pytest.raises(SystemExit):
        cli.main()
    assert f"{option} goes with posts of your own" in capsys.readouterr().err


@pytest.fixture(scope="module")
def fetched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The corpus itself, linked from the mirror."""
    folder = tmp_path_factory.mktemp("corpora")
    (folder / "capitals").mkdir()
    corpus = CORPORA["capitals"]
    for part in corpus.files:
        (folder / "capitals" / part.name).symlink_to(REAL / "mirror" / corpus.repository / part.commit / part.path)
    return folder


@pytest.fixture(scope="module")
def whole(fetched: Path) -> tuple[cp.ReadResult, pd.DataFrame]:
    """Posts of the corpus and the codings that correct them."""
    return read_capitals_study(fetched)[:2]


real = pytest.mark.skipif(not REAL.is_dir(), reason="../shared/real is not here: real posts are not shipped")


@real
def test_the_corpus_is_read_whole_and_the_page_in_the_docs_has_its_counts(
    whole: tuple[cp.ReadResult, pd.DataFrame],
) -> None:
    read, codings = whole
    assert read.n_rows == sum(p.rows or 0 for p in CORPORA["capitals"].files if p.name.endswith("senti_rest.csv"))
    assert set(codings["coder"]) == {CODER}
    assert (codings["sampling_probability"] < 1).any()
    page = (ROOT / "docs" / "capitals.md").read_text("utf-8")
    table = describe_rows(read, leave_out(read, REAL / "heldout_keys.txt"), codings)
    assert table in page, "run: make capitals"


@real
def test_drawn_texts_of_a_city_are_as_many_as_their_probability_says(
    whole: tuple[cp.ReadResult, pd.DataFrame],
) -> None:
    read, codings = whole
    frame = leave_out(read, REAL / "heldout_keys.txt").posts
    posts = frame.merge(codings[["post_id", "sampling_probability"]], on="post_id", how="left")
    for country, part in posts.groupby("country"):
        drawn = part["sampling_probability"] < 1
        taken = int((part["sampling_probability"] == 1).sum())
        expected = part.loc[drawn, "sampling_probability"].mean() * (len(part) - taken)
        assert int(drawn.sum()) == pytest.approx(expected, rel=0.03), country


@real
def test_no_text_of_the_corpus_is_in_the_page_in_the_docs(whole: tuple[cp.ReadResult, pd.DataFrame]) -> None:
    page = (ROOT / "docs" / "capitals.md").read_text("utf-8").lower()
    assert not [text for text in whole[0].posts["text"] if text.lower() in page]
