"""Campaign days: what counts as a burst, who took part, and what was different."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.multitest import multipletests

import composite as cp
from composite.adoption.campaigns import HASHTAG, name_days
from composite.adoption.multiplicity import adjust_holm
from composite.codebook.tables import TIME
from composite.codebook.themes import THEME_KEYS

DAY = "2013-03-15"


def make_posts(
    *, agencies: int = 20, days: int = 60, tagged: int = 10, seed: int = 0, background: float = 0.0
) -> pd.DataFrame:
    """Agencies of two countries that post every other day; on `DAY` all do, and `tagged` of them use #24hPolice."""
    rng = np.random.default_rng(seed)
    rows = []
    for day in pd.date_range("2013-02-15", periods=days, tz="UTC"):
        campaign = f"{day:%Y-%m-%d}" == DAY
        for agency in range(agencies):
            if not campaign and rng.random() < 0.5:
                continue
            text = "a day like others"
            if campaign and agency < tagged:
                text = f"Join us for #24hPolice in place {agency}"
            elif rng.random() < background:
                text = "the usual #trafficwatch"
            rows.append(("GB" if agency % 2 else "DE", f"agency {agency:02d}", day + pd.Timedelta(hours=12), text))
    posts = pd.DataFrame(rows, columns=["country", "agency", "published", "text"])
    nothing = pd.Series([None] * len(posts), dtype="str")
    return posts.assign(
        post_id=[f"p{i:05d}" for i in range(len(posts))],
        account=posts["agency"],
        platform="twitter",
        language="en",
        corpus=nothing,
        published=posts["published"].astype(TIME),
    )


def test_the_day_on_which_half_of_the_agencies_use_a_hashtag_is_found_and_no_other() -> None:
    found = cp.find_campaigns(make_posts(background=0.2))
    assert found[["hashtag", "day"]].to_numpy().tolist() == [["24hpolice", DAY]]
    row = found.iloc[0]
    assert (row["n_agencies"], row["n_active"], row["n_countries"]) == (10, 20, 2)
    assert row["usual"] == 0


def test_a_hashtag_of_every_day_makes_a_campaign_no_oftener_than_the_level_allows() -> None:
    found = [not cp.find_campaigns(make_posts(tagged=0, background=0.3, seed=seed)).empty for seed in range(20)]
    assert sum(found) <= 3


def test_the_order_of_rows_changes_nothing() -> None:
    posts = make_posts(background=0.2)
    pd.testing.assert_frame_equal(
        cp.find_campaigns(posts), cp.find_campaigns(posts.sample(frac=1, random_state=1)), check_exact=True
    )


def test_posts_without_hashtags_have_no_campaign_and_those_without_dates_are_an_error() -> None:
    assert cp.find_campaigns(make_posts(tagged=0)).empty
    undated = make_posts(tagged=0).assign(published=pd.Series([pd.NaT] * 600, dtype=TIME))
    with pytest.raises(cp.CompositeError, match="no post has a date and an agency"):
        cp.find_campaigns(undated)
    with pytest.raises(cp.CompositeError, match="one agency makes no campaign"):
        cp.find_campaigns(make_posts(), fewest_agencies=1)
    with pytest.raises(cp.CompositeError, match="time zone 'Londn' is not known"):
        cp.find_campaigns(make_posts(), timezone="Londn")


def test_a_day_begins_at_midnight_of_the_time_zone() -> None:
    posts = make_posts()
    late = posts.assign(published=(posts["published"] + pd.Timedelta(hours=11.5)).astype(TIME))
    assert cp.find_campaigns(late)["day"].tolist() == [DAY]
    assert cp.find_campaigns(late, timezone="Europe/Skopje")["day"].tolist() == ["2013-03-16"]


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("#PolTwt and #полиција!", ["PolTwt", "полиција"]),
        ("see http://x.example/#top or R&#39;D", []),
        ("we are #1, bus #42a", ["42a"]),
        ("word#no (#yes)", ["yes"]),
    ],
)
def test_a_hashtag_has_a_letter_and_stands_for_itself(text: str, tags: list[str]) -> None:
    assert HASHTAG.findall(text) == tags


def test_every_agency_is_listed_with_where_it_is_and_whether_it_took_part() -> None:
    posts = make_posts()
    accounts = pd.DataFrame(
        {
            "account": ["a", "b", "c"],
            "platform": "twitter",
            "agency": ["agency 00", "agency 00", "silent"],
            "country": ["DE", "DE", "FR"],
            "kind": pd.Series([None] * 3, dtype="str"),
            "language": pd.Series([None] * 3, dtype="str"),
            "latitude": [50.0, 52.0, 45.0],
            "longitude": [10.0, 10.0, 3.0],
        }
    )
    found = cp.list_participants(posts, "#24HPOLICE", DAY, accounts)
    assert len(found) == 21
    assert found["took_part"].sum() == 10
    first = found.set_index("agency").loc["agency 00"]
    assert (first["latitude"], first["n_posts"], first["n_tagged"]) == (51.0, 1, 1)
    assert not found.set_index("agency").loc["silent", "took_part"]
    countries = cp.measure_participation(found).set_index("country")
    assert countries["n_took_part"].to_dict() == {"FR": 0, "DE": 5, "GB": 5}
    assert countries["share"].between(countries["low"], countries["high"]).all()
    assert countries.loc["FR", "low"] == 0


def test_a_hashtag_or_day_that_nobody_used_is_an_error_with_a_hint() -> None:
    posts = make_posts()
    with pytest.raises(cp.CompositeError, match=f"it was used most on {DAY}"):
        cp.list_participants(posts, "24hpolice", "2013-03-20")
    with pytest.raises(cp.CompositeError, match="did you mean '24hpolice'"):
        cp.list_participants(posts, "24police", DAY)
    with pytest.raises(cp.CompositeError, match="write it as 2013-03-22"):
        cp.list_participants(posts, "24hpolice", "the ides of March")


def _label(posts: pd.DataFrame, campaign: float, ordinary: float, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    labels = posts[["post_id", "country", "agency", "account", "published", "language", "corpus"]].copy()
    labels["kind"] = pd.Series([None] * len(labels), dtype="str")
    chance = np.where(posts["published"].dt.strftime("%Y-%m-%d") == DAY, campaign, ordinary)
    for key in THEME_KEYS:
        labels[key] = np.where(rng.random(len(labels)) < (chance if key == "voice" else 0.2), 0.9, 0.1)
    return labels


def test_a_theme_of_the_day_is_told_apart_and_the_others_are_not() -> None:
    posts = make_posts(agencies=40, tagged=20)
    found = cp.compare_campaign_day(_label(posts, 0.9, 0.1), cp.list_participants(posts, "24hpolice", DAY))
    found = found.set_index("theme")
    assert found.loc["voice", "difference"] == pytest.approx(0.8, abs=0.15)
    assert found.loc["voice", "low"] <= found.loc["voice", "difference"] <= found.loc["voice", "high"]
    assert list(found.index[found["p_adjusted"] < 0.05]) == ["voice"]
    assert set(found["n_agencies"]) == {20}


def test_days_that_are_alike_differ_by_nothing_one_time_in_twenty() -> None:
    posts = make_posts(agencies=40, tagged=20)
    participants = cp.list_participants(posts, "24hpolice", DAY)
    below = [
        (cp.compare_campaign_day(_label(posts, 0.2, 0.2, seed), participants)["p_value"] < 0.05).mean()
        for seed in range(40)
    ]
    assert np.mean(below) == pytest.approx(0.05, abs=0.035)


def test_with_every_post_coded_the_corrected_difference_is_that_of_the_codes() -> None:
    posts = make_posts()
    labels = _label(posts, 0.9, 0.1)
    codes = (labels[list(THEME_KEYS)] > 0.5).astype("int64")
    codings = pd.concat([labels[["post_id"]], codes], axis=1).assign(
        coder="adjudicated", primary="none", sampling_probability=1.0
    )
    participants = cp.list_participants(posts, "24hpolice", DAY)
    corrected = cp.compare_campaign_day(labels, participants, codings)
    naive = cp.compare_campaign_day(labels, participants)
    assert set(corrected["method"]) == {"corrected"}
    np.testing.assert_allclose(corrected["difference"], naive["difference"], atol=1e-12)
    np.testing.assert_allclose(corrected["low"], naive["low"], atol=1e-12)


def test_with_few_agencies_there_is_no_interval_and_without_other_days_no_comparison() -> None:
    posts = make_posts(tagged=4)
    participants = cp.list_participants(posts, "24hpolice", DAY)
    found = cp.compare_campaign_day(_label(posts, 0.9, 0.1), participants)
    assert found["low"].isna().all()
    assert found["p_adjusted"].isna().all()
    day = posts["published"].dt.strftime("%Y-%m-%d") == DAY
    with pytest.raises(cp.CompositeError, match="both are needed"):
        cp.compare_campaign_day(_label(posts[day], 0.9, 0.1), participants)


def test_holms_adjustment_is_that_of_statsmodels_and_missing_values_stay_missing() -> None:
    rng = np.random.default_rng(0)
    for size in (1, 2, 50):
        given = pd.Series(rng.random(size) ** 3)
        np.testing.assert_allclose(adjust_holm(given), multipletests(given, method="holm")[1])
    assert adjust_holm(pd.Series([np.nan, 0.04])).tolist()[1] == 0.04
    assert adjust_holm(pd.Series([], dtype="float64")).empty


def test_the_campaign_day_of_the_corpus_is_found() -> None:
    posts = cp.read_posts(cp.CORPUS / "posts.csv")
    if not posts["text"].str.contains("#24hpolice", case=False).any():
        pytest.skip("the corpus has no campaign day yet")
    found = cp.find_campaigns(posts)
    assert ["24hpolice", DAY] in found[["hashtag", "day"]].to_numpy().tolist()


@pytest.mark.parametrize("timezone", ["UTC", "Europe/London", "Pacific/Auckland"])
def test_a_day_is_named_by_the_clock_of_its_zone_and_a_time_that_is_missing_has_none(timezone):
    times = pd.Series(
        [*pd.date_range("2013-03-30 21:00", periods=80, freq="37min", tz="UTC"), pd.NaT], index=range(5, 86), name="t"
    ).astype(TIME)
    expected = times.dt.tz_convert(timezone).dt.strftime("%Y-%m-%d").astype("str")
    pd.testing.assert_series_equal(name_days(times, timezone), expected)
    pd.testing.assert_series_equal(name_days(times[:0], timezone), expected[:0])
    pd.testing.assert_series_equal(name_days(times[-1:], timezone), expected[-1:])
