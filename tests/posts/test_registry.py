"""A table of accounts gives posts their agency and country, and names every account that it does not know."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

import composite as cp
from composite.cli import app
from composite.codebook.contract import check_table
from composite.errors import CompositeError
from composite.posts.handles import PLATFORMS, name_account, name_platform
from composite.posts.read import ReadResult, scan_posts

LAWS = settings(deadline=None, derandomize=True, max_examples=12)
ACCOUNTS = pd.DataFrame(
    {
        "account": ["BrackwellPol", "PolMornival", "pz_eikendorp"],
        "platform": ["twitter", "twitter", "facebook"],
        "agency": ["Brackwell Police", "Police de Mornival", "Politiezone Eikendorp"],
        "country": ["GB", "FR", "BE"],
        "kind": pd.Series(["corporate", None, "unit"], dtype="str"),
        "language": pd.Series(["en", "fr", None], dtype="str"),
    }
).astype({"account": "str", "platform": "str", "agency": "str", "country": "str"})


def scan(rows: list[dict[str, Any]], folder: Path, **options: Any) -> ReadResult:
    frame = pd.DataFrame([{"text": f"post {n}", "platform": "twitter", **row} for n, row in enumerate(rows)])
    frame.to_csv(folder / "posts.csv", index=False)
    return scan_posts(folder / "posts.csv", **({"accounts": ACCOUNTS} | options))


@pytest.mark.parametrize(
    "account",
    [
        "BrackwellPol",
        "@brackwellpol",
        "BRACKWELLPOL",
        " @BrackwellPol ",
        "https://twitter.com/BrackwellPol",
        "http://www.twitter.com/brackwellpol/",
        "https://x.com/BrackwellPol?s=20",
        "https://mobile.twitter.com/BrackwellPol/status/12",
    ],
)
@pytest.mark.parametrize("platform", ["twitter", "X", "Twitter", "x.com"])
def test_an_account_is_known_in_any_case_with_or_without_at_and_by_the_address_of_its_profile(
    account, platform, tmp_path
):
    posts = scan([{"account": account, "platform": platform}], tmp_path).posts
    assert posts[["agency", "country", "platform"]].to_numpy().tolist() == [["Brackwell Police", "GB", "twitter"]]


@pytest.mark.parametrize("account", ["@brackwellpol", "https://twitter.com/brackwellPOL", "BrackwellPol"])
def test_it_does_not_matter_on_which_side_an_address_stands(account, tmp_path):
    (tmp_path / "a.csv").write_text(f"account,platform,agency,country,kind\n{account},X,Brackwell,UK,unit\n")
    result = scan([{"account": "BrackwellPol"}], tmp_path, accounts=tmp_path / "a.csv")
    assert result.posts["agency"].tolist() == ["Brackwell"]
    # label_posts finds the kind by the handle alone
    assert cp.read_accounts(tmp_path / "a.csv")["account"].str.lower().tolist() == ["brackwellpol"]


@pytest.mark.parametrize(
    ("address", "platform", "name"),
    [
        ("https://www.facebook.com/PolizeiRackow/", "facebook", "PolizeiRackow"),
        ("https://www.facebook.com/profile.php?id=100064", "facebook", "100064"),
        ("https://www.facebook.com/people/Some-Name/100065/", "facebook", "100065"),
        ("https://instagram.com/pl_montevale/?hl=it", "instagram", "pl_montevale"),
        ("https://bsky.app/profile/politie.example", "bluesky", "politie.example"),
        ("https://www.youtube.com/channel/UCabc", "youtube", "UCabc"),
        ("https://www.youtube.com/@BrackwellPolice", "youtube", "BrackwellPolice"),
        ("https://t.me/s/rakosel", "telegram", "rakosel"),
        ("https://social.example/users/polizei", "mastodon", "polizei@social.example"),
        ("@polizei@social.example", "mastodon", "polizei@social.example"),
        ("www.police.example/news", "rss", "police.example"),
        ("https://[broken", "twitter", "https://[broken"),
    ],
)
def test_the_address_of_a_profile_names_its_account(address, platform, name):
    assert name_account(address, platform) == name


def test_every_name_of_a_platform_has_one_name_of_its_own():
    for name in set(PLATFORMS.values()):
        assert name_platform(name) == name_platform(name.upper()) == name


def test_what_a_file_says_goes_before_the_accounts_and_they_before_the_defaults(tmp_path):
    rows = [
        {"account": "BrackwellPol", "agency": "its own", "country": None},
        {"account": "PolMornival", "agency": None, "country": "DE"},
        {"account": "someone", "agency": None, "country": None},
    ]
    posts = scan(rows, tmp_path, defaults={"country": "NL", "agency": "default"}).posts
    assert posts["agency"].tolist() == ["its own", "Police de Mornival", "default"]
    assert posts["country"].tolist() == ["GB", "DE", "NL"]


def test_a_language_is_never_taken_from_the_accounts(tmp_path):
    assert scan([{"account": "BrackwellPol"}], tmp_path).posts["language"].isna().all()


def test_accounts_that_are_not_known_are_listed_with_counts_and_the_nearest_name(tmp_path):
    rows = [{"account": name} for name in ["BrackwelPol", "BrackwelPol", "BrackwellPol", "pz_eikendorp", "zzz", None]]
    result = scan(rows, tmp_path)
    assert result.unmatched.fillna("-").to_numpy().tolist() == [
        ["BrackwelPol", "twitter", 2, "BrackwellPol"],
        ["pz_eikendorp", "twitter", 1, "pz_eikendorp on facebook"],
        ["zzz", "twitter", 1, "-"],
    ]
    check_table("unmatched_accounts", result.unmatched)
    assert len(result.posts) + len(result.rejected) == result.n_rows == 6
    assert set(result.rejected["reason"]) == {"no country: its account is not in the table of accounts"}
    note = next(note for note in result.notes if "accounts of 4 posts" in note)
    assert note.startswith("3 accounts of 4 posts not in the table of accounts: BrackwelPol (2; BrackwellPol?)")
    assert any(note.startswith("1 post without an account") for note in result.notes)


def test_a_post_with_a_country_and_no_agency_stays_and_is_noted(tmp_path):
    result = scan([{"account": "zzz", "country": "GB"}, {"account": "BrackwellPol", "country": "GB"}], tmp_path)
    assert result.posts["agency"].fillna("-").tolist() == ["-", "Brackwell Police"]
    assert result.unmatched["account"].tolist() == ["zzz"]
    assert any("1 of 2 posts has no 'agency'" in note for note in result.notes)


def test_posts_that_say_everything_themselves_need_no_accounts(tmp_path):
    result = scan([{"account": "zzz", "country": "GB", "agency": "Z"}], tmp_path)
    assert result.unmatched.empty
    check_table("unmatched_accounts", result.unmatched)


def test_no_account_that_fits_is_said_with_the_nearest_names(tmp_path):
    with pytest.raises(CompositeError, match=r"no row of posts\.csv is a post.*BrackwelPol \(1; BrackwellPol\?\)"):
        scan([{"account": "BrackwelPol"}], tmp_path)


def test_accounts_that_differ_in_case_alone_are_one_and_refused(tmp_path):
    twice = pd.concat([ACCOUNTS, ACCOUNTS.head(1).assign(account="@brackwellPOL", platform="X")], ignore_index=True)
    with pytest.raises(CompositeError, match="name '@brackwellPOL' on X twice"):
        scan([{"account": "BrackwellPol"}], tmp_path, accounts=twice)


@LAWS
@given(st.permutations(range(3)), st.lists(st.sampled_from([*ACCOUNTS["account"], "zzz", "Brackwel"]), min_size=1))
def test_the_order_of_the_accounts_does_not_matter_and_none_is_lost(order, names):
    from composite.posts.registry import fill_accounts

    posts = pd.DataFrame({"account": names, "platform": "twitter", "agency": None, "country": None}, dtype="str")
    before = posts.copy()
    filled, unmatched, _ = fill_accounts(posts, ACCOUNTS)
    turned, same, _ = fill_accounts(posts, ACCOUNTS.iloc[list(order)])
    pd.testing.assert_frame_equal(filled, turned)
    pd.testing.assert_frame_equal(unmatched, same)
    pd.testing.assert_frame_equal(posts, before)
    assert filled["agency"].notna().sum() + unmatched["n_posts"].sum() == len(names)


def test_a_thousand_unknown_accounts_beside_a_thousand_known_ones_take_seconds(tmp_path):
    known = pd.DataFrame({"account": [f"police_{n}" for n in range(1000)]}).assign(
        platform="twitter", agency="A", country="GB", kind=None, language=None
    )
    known = known.astype(dict.fromkeys(known.columns, "str"))
    result = scan([{"account": f"polizei{n}", "country": "GB"} for n in range(1000)], tmp_path, accounts=known)
    assert len(result.unmatched) == 1000


def test_the_command_writes_the_accounts_that_are_not_known_beside_its_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    fixtures = Path(__file__).parent / "fixtures"
    runner = CliRunner()
    given_ = ["sample", str(fixtures / "youtube"), "--accounts", str(fixtures / "accounts.csv"), "--n", "2"]
    done = runner.invoke(app, [*given_, "--out", "to_code.csv"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    table = cp.read_table("unmatched_accounts", tmp_path / "to_code.unmatched_accounts.csv")
    assert table["account"].tolist() == ["UCciti000000000000000001"]


def test_the_command_lists_the_formats_and_says_more_of_one():
    runner = CliRunner()
    listed = runner.invoke(app, ["formats"]).output
    from composite.posts.platforms import FORMATS

    assert all(name in listed for name in FORMATS)
    said = runner.invoke(app, ["formats", "bluesky"]).output
    assert "getAuthorFeed" in said
    assert isinstance(runner.invoke(app, ["formats", "blusky"]).exception, CompositeError)
