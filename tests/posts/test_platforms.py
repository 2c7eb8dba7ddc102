"""Every export is read as its platform means it: fixtures are invented, in the documented form of each."""

from __future__ import annotations

import gzip
import json
import zipfile
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import composite as cp
from composite.codebook.contract import check_table
from composite.errors import CompositeError
from composite.posts.platforms import FORMATS, NAMES
from composite.posts.platforms.format import join_texts, language, number, strip_html
from composite.posts.platforms.meta import mend
from composite.posts.read import ReadResult, scan_posts

FIXTURES = Path(__file__).parent / "fixtures"
BESIDE = ("account.js", "personal_information.json")
FILES = sorted(path.relative_to(FIXTURES).as_posix() for path in FIXTURES.glob("*/*") if path.name not in BESIDE)
# items in each file, counted by hand, and how many of them are no posts
ITEMS = {
    "4cat/instagram.csv": (1, 0),
    "4cat/twitter.csv": (3, 0),
    "bluesky/author_feed.json": (6, 1),
    "crowdtangle-facebook/posts.csv": (5, 2),
    "crowdtangle-instagram/posts.csv": (3, 1),
    "getoldtweets/got3.csv": (2, 0),
    "getoldtweets/output_got.csv": (3, 1),
    "instagram-download/posts_1.json": (3, 1),
    "mastodon-api/statuses.json": (5, 1),
    "mastodon-api/statuses.jsonl": (3, 0),
    "mastodon-outbox/outbox.json": (5, 2),
    "meta-content-library/facebook.csv": (3, 0),
    "meta-content-library/instagram.csv": (1, 0),
    "rss/atom.xml": (1, 0),
    "rss/feed.xml": (3, 0),
    "telegram/result.json": (6, 3),
    "x-api-v1/timeline.jsonl": (6, 1),
    "x-api-v2/flattened.jsonl": (3, 0),
    "x-api-v2/pages.jsonl": (10, 2),
    "x-archive/tweets.js": (4, 0),
    "youtube/comment_threads.json": (2, 0),
    "youtube/videos.json": (3, 1),
}
GB = {"country": "GB", "agency": "A"}


def read(name: str, **options: Any) -> pd.DataFrame:
    """Posts of a fixture, by the last part of their post_id."""
    posts = scan_posts(FIXTURES / name, **({"defaults": GB} | options)).posts
    return posts.set_index(posts["post_id"].str.split("[:/]").str[-1].rename("key"))


@pytest.fixture(scope="module")
def results() -> dict[str, ReadResult]:
    return {name: scan_posts(FIXTURES / name, defaults=GB) for name in FILES}


def test_every_fixture_is_counted_and_every_format_has_one():
    assert sorted(ITEMS) == FILES
    assert {name.split("/")[0] for name in FILES} == set(FORMATS)


@pytest.mark.parametrize("name", FILES)
def test_read_and_set_aside_are_all_that_a_file_holds(name, results):
    result = results[name]
    check_table("posts", result.posts)
    check_table("rejected", result.rejected)
    items, aside = ITEMS[name]
    assert (result.n_rows, len(result.rejected)) == (items, aside)
    assert len(result.posts) == items - aside
    assert (result.rejected["line"] > 0).all()
    assert set(result.rejected["file"]) <= {Path(name).name}


@pytest.mark.parametrize("name", FILES)
def test_a_format_is_recognised_by_its_content_whatever_the_file_is_called(name, tmp_path, results):
    copy = tmp_path / "export"
    copy.write_bytes((FIXTURES / name).read_bytes())
    for beside in BESIDE:
        if (FIXTURES / name).with_name(beside).is_file():
            (tmp_path / beside).write_bytes((FIXTURES / name).with_name(beside).read_bytes())
    result = scan_posts(copy, defaults=GB)
    assert result.notes[0] == f"recognised: {name.split('/')[0]} (export)"
    pd.testing.assert_frame_equal(result.posts, results[name].posts)


@pytest.mark.parametrize("name", ["instagram-download/posts_1.json", "x-archive/tweets.js"])
def test_an_export_whose_files_are_gzipped_still_says_whose_it_is(name, tmp_path, results):
    for file in (FIXTURES / name).parent.iterdir():
        (tmp_path / f"{file.name}.gz").write_bytes(gzip.compress(file.read_bytes()))
    packed = scan_posts(tmp_path / f"{Path(name).name}.gz", defaults=GB).posts
    assert packed["account"].notna().all()
    pd.testing.assert_frame_equal(packed, results[name].posts)


@pytest.mark.parametrize("name", FILES)
def test_naming_the_format_gives_what_recognising_it_gives(name, results):
    named = scan_posts(FIXTURES / name, defaults=GB, format=name.split("/")[0])
    pd.testing.assert_frame_equal(named.posts, results[name].posts)


@pytest.mark.parametrize("form", FORMATS)
def test_the_columns_that_a_format_promises_are_those_that_its_fixtures_have(form, results):
    posts = pd.concat([results[name].posts for name in FILES if name.startswith(f"{form}/")])
    found = {name for name in posts if posts[name].notna().any()} - {"country", "agency"}
    made = {"post_id"} if form == "instagram-download" else set()
    assert found - made == set(FORMATS[form].columns)


def test_no_two_platforms_share_a_name_of_a_post(results):
    names = pd.concat([results[name].posts["post_id"] for name in FILES])
    assert names.is_unique
    for name in FILES:
        said = results[name].posts
        if name.split("/")[0] != "instagram-download":
            assert (said["post_id"].str.contains("://") | said["post_id"].str.startswith(tuple(said["platform"]))).all()


def test_a_folder_of_all_exports_is_read_with_one_table_of_accounts():
    result = scan_posts([FIXTURES / form for form in FORMATS], accounts=FIXTURES / "accounts.csv")
    assert result.n_rows == len(result.posts) + len(result.rejected) == sum(items for items, _ in ITEMS.values())
    assert result.posts["agency"].notna().all()
    assert result.posts["country"].nunique() == 10
    assert result.unmatched["account"].tolist() == ["UCciti000000000000000001"]
    assert any(note.startswith("2 files not read, being of no known format: ") for note in result.notes)


# ------------------------------------------------------------------------------------------------------------------- X


def test_a_long_post_a_retweet_a_reply_and_a_quote_of_x_are_what_they_are():
    posts = read("x-api-v2/pages.jsonl")
    note, repeat, reply, quote = (posts.loc[f"162400000000000000{n}"] for n in "2345")
    assert len(note["text"]) > 300
    assert note["text"].endswith("what a town can do.")
    assert repeat["text"].startswith("RT @BrackwellFire: Smoke over the old mill")
    assert repeat["text"].endswith("101")
    assert repeat["repost_of"] == "twitter:1623999999999999990"
    assert repeat[["reposts", "likes", "replies"]].isna().all()
    assert reply["reply_to"] == "jo_bakes"
    assert quote["quote_of"] == "twitter:1623999999999999990"
    assert (note["reposts"], note["likes"], note["replies"]) == (210, 1903, 41)


def test_what_x_lacks_is_missing():
    posts = read("x-api-v2/pages.jsonl")
    assert pd.isna(posts.loc["1624000000000000006", "language"])
    deleted = posts.loc["1624000000000000007"]
    assert deleted[["account", "language"]].isna().all()
    assert deleted["url"] == "https://twitter.com/i/web/status/1624000000000000007"
    assert posts.loc["1624000000000000008", "text"].endswith("is le…")
    assert "followers" not in posts


def test_posts_that_x_did_not_give_are_set_aside_with_its_reason():
    rejected = scan_posts(FIXTURES / "x-api-v2/pages.jsonl", defaults=GB).rejected
    assert rejected[["line", "value"]].to_numpy().tolist() == [[2, "1624000000000000009"], [2, "1624000000000000010"]]
    assert rejected["reason"].tolist() == ["not given by X: Not Found Error", "not given by X: Authorization Error"]


def test_pages_and_flattened_lines_of_x_give_the_same_posts():
    pages, flat = read("x-api-v2/pages.jsonl"), read("x-api-v2/flattened.jsonl")
    assert flat["text"].tolist() == pages["text"].tolist()[:3]
    assert flat["account"].tolist() == ["BrackwellPol"] * 3


def test_posts_of_version_1_1_are_whole_and_without_entities():
    posts = read("x-api-v1/timeline.jsonl")
    assert posts.loc["1109000000000000001", "text"] == "Burglaries in Elm Close: lock your sheds & mark your tools."
    assert posts.loc["1109000000000000002", "text"].endswith("101")
    assert posts.loc["1109000000000000002", "repost_of"] == "twitter:1108999999999999990"
    assert "with apples" in posts.loc["1109000000000000003", "text"]
    assert posts["published"].tolist()[0] == pd.Timestamp("2019-03-22 14:05", tz="UTC")


def zip_archive(folder: Path, *, more: dict[str, str] | None = None) -> Path:
    path = folder / "twitter-2024.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("tweets.js", "account.js"):
            archive.write(FIXTURES / "x-archive" / name, f"data/{name}")
        for name, content in (more or {}).items():
            archive.writestr(name, content)
    return path


def test_an_x_archive_is_read_as_the_zip_that_it_is_and_says_what_in_it_are_no_posts(tmp_path):
    likes = 'window.YTD.like.part0 = [{"like": {"tweetId": "1", "fullText": "x"}}]'
    gone = 'window.YTD.deleted_tweets.part0 = [{"tweet": {"id_str": "9", "full_text": "taken back"}}]'
    path = zip_archive(tmp_path, more={"data/like.js": likes, "data/deleted-tweets.js": gone, "data/media/a.jpg": "x"})
    result = scan_posts(path, defaults=GB)
    assert result.posts["account"].unique().tolist() == ["PZEikendorp"]
    assert len(result.posts) == 4
    assert any(note.startswith("3 files not read, being of no known format") for note in result.notes)


def test_an_x_archive_without_its_account_has_none(tmp_path):
    (tmp_path / "tweets.js").write_bytes((FIXTURES / "x-archive/tweets.js").read_bytes())
    posts = scan_posts(tmp_path / "tweets.js", defaults=GB).posts
    assert posts["account"].isna().all()
    assert posts["url"].str.contains("/i/web/status/").all()


def test_getoldtweets_has_its_dates_in_the_zone_that_is_named():
    assert read("getoldtweets/output_got.csv", timezone="Europe/Paris")["published"].dt.hour.tolist() == [13, 8]
    assert read("getoldtweets/got3.csv")["reply_to"].fillna("-").tolist() == ["-", "lea_m"]


# ------------------------------------------------------------------------------------------ Mastodon, Bluesky, channels


def test_html_of_mastodon_becomes_what_a_reader_sees():
    text = read("mastodon-api/statuses.json").loc["112370000000000001", "text"]
    assert text == (
        "Vermisst: 82-jähriger aus Rackow, zuletzt am Markt gesehen.\nHinweise an die 110.\n\n"
        "Mehr: https://polizei-rackow.example/presse/vermisst-82 #Rackow"
    )


def test_a_boost_of_mastodon_is_the_boosters_and_names_what_it_repeats():
    boost = read("mastodon-api/statuses.json").loc["activity"]
    assert boost["account"] == "polizei_rackow@social.example"
    assert boost["repost_of"] == "https://rettung.example/users/feuerwehr/statuses/55001"
    assert boost[["reposts", "likes", "replies"]].isna().all()


def test_what_is_not_public_on_mastodon_is_set_aside_and_its_text_is_not_shown():
    for name in ("mastodon-api/statuses.json", "mastodon-outbox/outbox.json"):
        rejected = scan_posts(FIXTURES / name, defaults=GB).rejected
        private = rejected[rejected["reason"].str.startswith("not public")]
        assert len(private) == 1
        assert not private["value"].str.contains("Probe|zprávu").any()


def test_an_outbox_names_the_account_with_its_server_and_the_language_if_there_is_one():
    posts = read("mastodon-outbox/outbox.json")
    assert set(posts["account"]) == {"policie_lipnov@social.example"}
    assert posts["language"].fillna("-").tolist() == ["cs", "cs", "-"]
    assert posts["reply_to"].dropna().tolist() == ["https://jinde.example/users/eva/statuses/5"]


def test_a_repost_of_bluesky_has_the_day_of_the_repost_and_no_counts():
    posts = read("bluesky/author_feed.json")
    repeat = posts.loc["3rrr1"]
    assert repeat["published"] == pd.Timestamp("2025-01-15 19:00", tz="UTC")
    assert (repeat["account"], repeat["repost_of"].split("/")[-1]) == ("politierivest.example", "3bbb1")
    assert repeat[["reposts", "likes", "replies"]].isna().all()
    assert posts.loc["3aaa3", "reply_to"] == "sam.example"
    assert posts["language"].isna().tolist() == [False, False, False, False, True]


def test_a_text_of_telegram_in_pieces_is_one_text_and_service_messages_are_set_aside():
    result = scan_posts(FIXTURES / "telegram/result.json", defaults=GB)
    assert result.posts["text"].tolist()[1].startswith("Кој го видел ова лице? Јавете се на 192 или на https://")
    assert result.posts["published"].tolist()[0] == pd.Timestamp("2023-09-01 08:05", tz="UTC")
    assert result.rejected["reason"].tolist()[0] == "a service message, not a post"
    assert not {"likes", "url"} & set(result.posts)


def test_counts_that_youtube_hides_are_missing_and_not_zero():
    posts = read("youtube/videos.json")
    assert posts["likes"].isna().tolist() == [False, True]
    assert posts.loc["aBcDeFgHi01", "text"].startswith("A day with the dogs\n\nLuna and Rex")


def test_comments_of_youtube_are_read_with_their_answers_and_as_text():
    posts = read("youtube/comment_threads.json")
    assert posts["text"].tolist() == ['What a good boy "Rex"!\nMore please', "Thank you Anna & woof"]
    assert posts["reply_to"].tolist() == ["youtube:aBcDeFgHi01", "youtube:Ugx001"]


# ------------------------------------------------------------------------------------------------- Meta, feeds, 4CAT


def test_dates_and_numbers_of_crowdtangle_are_read_as_it_writes_them():
    posts = read("crowdtangle-facebook/posts.csv")
    assert posts["published"].dt.strftime("%m-%d %H").tolist() == ["07-03 10", "11-05 23", "01-10 09"]
    assert posts["likes"].tolist()[0] == 1003
    assert posts["followers"].isna().tolist() == [False, True, False]
    assert posts["account"].tolist() == ["policialocalaltamora", "policialocalaltamora", "100064000000001"]


def test_a_zone_whose_letters_mean_several_is_not_guessed():
    rejected = scan_posts(FIXTURES / "crowdtangle-facebook/posts.csv", defaults=GB).rejected
    assert rejected["reason"].tolist()[1].startswith("time zone IST of the date means several")


def test_texts_of_an_instagram_download_are_mended():
    posts = read("instagram-download/posts_1.json")
    assert posts["text"].tolist() == [
        "Dobrý den z Javořic 👮 – služebna je otevřená.",
        "Tři snímky z cvičení, více na webu.",
    ]
    assert set(posts["account"]) == {"policie.javorice"}


@pytest.mark.parametrize("text", ["Právo", "naïve", "plain", "Полиција"])
def test_a_text_that_is_right_already_is_not_mended_twice(text):
    assert mend(mend(text.encode().decode("latin-1"))) == text or mend(text) == text


def test_the_account_of_an_instagram_download_is_found_in_the_folder_and_in_the_zip_that_it_comes_in(tmp_path):
    inside = {"your_instagram_activity/media/posts_1.json": "posts_1.json"}
    inside["personal_information/personal_information/personal_information.json"] = "personal_information.json"
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for place, name in inside.items():
            archive.write(FIXTURES / "instagram-download" / name, place)
            (tmp_path / "a" / place).parent.mkdir(parents=True)
            (tmp_path / "a" / place).write_bytes((FIXTURES / "instagram-download" / name).read_bytes())
    for source in (tmp_path / "a.zip", tmp_path / "a"):
        assert set(scan_posts(source, defaults=GB).posts["account"]) == {"policie.javorice"}


def test_feeds_give_title_and_whole_text_without_scripts():
    posts = scan_posts(FIXTURES / "rss/feed.xml", defaults=GB).posts
    assert posts["text"].tolist()[0] == (
        "Man charged after burglary in Elm Close\n\nA man of 34 was charged today.\n\n"
        "Officers thank the neighbours who called 101."
    )
    assert posts["published"].isna().tolist() == [False, False, True]
    assert posts["post_id"].tolist()[1] == "rss:brackwell-police.example#news-118"


def test_the_platform_of_a_4cat_table_is_that_of_its_addresses():
    assert set(read("4cat/instagram.csv")["platform"]) == {"instagram"}
    posts = read("4cat/twitter.csv")
    assert posts["likes"].isna().tolist() == [False, True, False]
    assert posts["repost_of"].dropna().tolist() == ["BrackwellFire"]


# ----------------------------------------------------------------------------------------------------- how it is asked


def test_columns_that_a_researcher_added_to_an_export_or_names_go_before_what_the_platform_says(tmp_path):
    table = pd.read_csv(FIXTURES / "getoldtweets/got3.csv", dtype=str).assign(country="FR", agency="Mornival", note="n")
    table.to_csv(tmp_path / "got.csv", index=False)
    posts = scan_posts(tmp_path / "got.csv", columns={"note": "corpus"}).posts
    assert posts[["country", "agency", "corpus"]].drop_duplicates().to_numpy().tolist() == [["FR", "Mornival", "n"]]


def test_an_export_without_accounts_says_how_to_name_them():
    with pytest.raises(
        CompositeError, match=r"'result.json' \(telegram\) does not say of which country .*--accounts FILE"
    ):
        scan_posts(FIXTURES / "telegram/result.json")


def test_an_unknown_format_is_refused_with_the_nearest_and_an_unknown_content_with_all(tmp_path):
    with pytest.raises(CompositeError, match="format 'telegrm' is not known: did you mean 'telegram'"):
        scan_posts(FIXTURES / "telegram/result.json", format="telegrm")
    (tmp_path / "a.json").write_text('{"what": ["is", "this"]}')
    with pytest.raises(CompositeError, match=r"cannot tell of which format 'a\.json' is") as caught:
        scan_posts(tmp_path / "a.json")
    assert all(name in str(caught.value) for name in NAMES)
    (tmp_path / "page.html").write_text("<!doctype html><html><p>posts</p></html>")
    with pytest.raises(CompositeError, match="is a web page"):
        scan_posts(tmp_path / "page.html")


def test_a_value_that_may_be_of_two_formats_is_refused_with_both(tmp_path):
    both = (
        "username,date,retweets,favorites,text,permalink,id,thread_id,timestamp,body,author\n"
        + ",".join("x" * 11)
        + "\n"
    )
    (tmp_path / "a.csv").write_text(both)
    with pytest.raises(CompositeError, match=r"'a\.csv' may be getoldtweets or 4cat: say which with --format"):
        scan_posts(tmp_path / "a.csv", defaults=GB)


def test_a_list_of_plain_objects_is_a_table(tmp_path):
    (tmp_path / "a.json").write_text(json.dumps([{"country": "GB", "text": "a"}, {"country": "CA", "text": "b"}, 5]))
    result = scan_posts(tmp_path / "a.json")
    assert result.posts["text"].tolist() == ["a"]
    assert result.rejected[["line", "reason"]].to_numpy().tolist() == [
        [2, "not one of the ten countries"],
        [3, "not a JSON object"],
    ]


# --------------------------------------------------------------------------------------------------------- small tools


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>a</p><p>b</p>", "a\n\nb"),
        ("a<br/>b", "a\nb"),
        ("1 &lt; 2 &amp; 3", "1 < 2 & 3"),
        ("<style>p{}</style><p>x\n  y</p><!-- no -->", "x y"),
        ("<ul><li>a</li><li>b</li></ul>", "a\n\nb"),
        ("no html > here", "no html > here"),
        ("<p>never <b>closed", "never closed"),
        ("<script>x", ""),
        (None, ""),
    ],
)
def test_html_is_text(html, text):
    assert strip_html(html) == text


def test_small_tools_say_nothing_where_nothing_is_said():
    assert [language(code) for code in ("de_AT", "und", "zxx", "", None, 5, "deutsch")] == ["de"] + [None] * 6
    assert [number(value) for value in ("1,234", "N/A", "", True, None, [1], 0)] == ["1234", *[None] * 5, 0]
    assert join_texts("Title", "Title", "", None) == "Title"


def test_every_format_is_on_the_page_of_platforms_with_what_comes_of_it():
    page = (Path(__file__).parents[2] / "docs/platforms.md").read_text("utf-8")
    for form in FORMATS.values():
        row = next(line for line in page.splitlines() if line.startswith(f"| `{form.name}` | {form.title} |"))
        assert all(f"`{name}`" in row for name in form.columns)


def test_the_library_and_the_list_of_names_agree():
    assert list(NAMES) == ["table", *FORMATS]
    assert cp.read_posts(FIXTURES / "getoldtweets/got3.csv", defaults=GB, format="getoldtweets") is not None
