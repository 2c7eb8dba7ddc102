"""Followers from counts at any dates, their growth, and what is unusual."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special, stats

import composite as cp
from composite.codebook.tables import TIME

QUICK = settings(deadline=None, derandomize=True, max_examples=25)


def make_counts(account: str, dates: Sequence[str], followers: Sequence[float]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "account": pd.Series([account] * len(dates), dtype="str"),
            "platform": pd.Series(["twitter"] * len(dates), dtype="str"),
            "date": pd.to_datetime(list(dates), utc=True).astype(TIME),
            "followers": np.asarray(followers, dtype="int64"),
        }
    )


def make_accounts(names: dict[str, tuple[str, str]], **columns: object) -> pd.DataFrame:
    table = pd.DataFrame(
        {
            "account": list(names),
            "platform": "twitter",
            "agency": [agency for agency, _ in names.values()],
            "country": [country for _, country in names.values()],
            "kind": pd.Series([None] * len(names), dtype="str"),
            "language": pd.Series([None] * len(names), dtype="str"),
        }
    )
    return table.assign(**columns)


def make_walk(seed: int, *, accounts: int = 8, months: int = 30, spread: float = 0.01) -> pd.DataFrame:
    """Accounts that grow by 2 % a month, give or take."""
    rng = np.random.default_rng(seed)
    dates = pd.date_range("2011-01-01", periods=months, freq="MS").strftime("%Y-%m-%d").tolist()
    return pd.concat(
        [
            make_counts(f"a{i}", dates, np.round(50_000 * np.cumprod(1 + rng.normal(0.02, spread, months))))
            for i in range(accounts)
        ],
        ignore_index=True,
    )


@QUICK
@given(seed=st.integers(0, 10_000))
def test_the_order_of_rows_and_the_case_of_handles_change_nothing(seed: int) -> None:
    table = make_walk(seed, accounts=3, months=8)
    rng = np.random.default_rng(seed)
    loud = table.assign(account=table["account"].where(rng.random(len(table)) < 0.5, table["account"].str.upper()))
    one = cp.measure_followers(table)
    two = cp.measure_followers(loud.sample(frac=1, random_state=seed))
    pd.testing.assert_frame_equal(one.drop(columns="account"), two.drop(columns="account"), check_exact=True)
    assert one["account"].nunique() == two["account"].nunique() == 3


@QUICK
@given(days=st.lists(st.integers(0, 400), min_size=1, max_size=12, unique=True), seed=st.integers(0, 1000))
def test_followers_lie_between_the_counts_around_them_and_are_never_extrapolated(days: list[int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    times = [pd.Timestamp("2012-03-10") + pd.Timedelta(days=day) for day in sorted(days)]
    seen = rng.integers(0, 1000, len(times))
    table = cp.measure_followers(make_counts("a", [str(t) for t in times], seen))
    assert table["month"].iloc[0] == f"{times[0]:%Y-%m}"
    assert table["month"].iloc[-1] == f"{times[-1]:%Y-%m}"
    for row in table.itertuples():
        at = pd.Timestamp(f"{row.month}-01")
        before = [i for i, t in enumerate(times) if t <= at]
        after = [i for i, t in enumerate(times) if t >= at]
        known = bool(before and after) and (times[after[0]] - times[before[-1]]).days <= 92
        assert (row.n_accounts == 1) == known
        if known:
            low, high = sorted((seen[before[-1]], seen[after[0]]))
            assert low - 1e-9 <= row.followers <= high + 1e-9
            assert row.gap_days == (times[after[0]] - times[before[-1]]).days
        else:
            assert np.isnan(row.followers)


def test_agencies_and_countries_are_sums_of_their_accounts() -> None:
    table = make_walk(1, accounts=4, months=6)
    accounts = make_accounts({"A0": ("x", "GB"), "a1": ("x", "GB"), "a2": ("y", "GB"), "a3": ("z", "DE")})
    single = cp.measure_followers(table, accounts)
    assert set(single["agency"]) == {"x", "y", "z"}
    agency = cp.measure_followers(table, accounts, by="agency")
    country = cp.measure_followers(table, accounts, by="country")
    month = "2011-04"
    by_account = single[single["month"] == month].groupby(["country", "agency"])["followers"].sum()
    by_agency = agency[agency["month"] == month].set_index(["country", "agency"])["followers"]
    np.testing.assert_allclose(by_agency, by_account)
    total = country[country["month"] == month].set_index("country")["followers"]
    np.testing.assert_allclose(total, by_agency.groupby("country").sum())


def test_a_new_account_makes_no_growth() -> None:
    dates = ["2013-01-01", "2013-02-01", "2013-03-01"]
    table = pd.concat([make_counts("old", dates, [100, 100, 100]), make_counts("new", dates[1:], [900, 990])])
    accounts = make_accounts({"old": ("x", "GB"), "new": ("x", "GB")})
    grown = cp.measure_followers(table, accounts, by="country")
    assert grown["followers"].tolist() == [100, 1000, 1090]
    assert grown["growth"].fillna(-9).round(6).tolist() == [-9, 0, 0.09]
    assert grown["n_compared"].tolist() == [0, 1, 2]


def test_nothing_is_read_in_a_long_gap() -> None:
    table = make_counts("a", ["2012-01-01", "2012-02-01", "2012-09-01", "2012-10-01"], [10, 20, 30, 40])
    found = cp.measure_followers(table)
    assert found["followers"].isna().sum() == 6
    assert len(found) == 10
    assert cp.measure_growth(found)["n_months"].tolist() == [2]
    assert cp.measure_followers(table, longest_gap=300)["followers"].notna().all()


def test_an_account_with_one_count_has_no_growth_and_stays_in_the_table() -> None:
    table = pd.concat([make_counts("one", ["2012-02-14"], [5]), make_walk(0, accounts=1, months=3)])
    found = cp.measure_followers(table)
    assert found.loc[found["account"] == "one", "followers"].isna().all()
    assert set(cp.measure_growth(found)["account"]) == {"a0"}
    with pytest.raises(cp.CompositeError, match="no month's growth is known"):
        cp.measure_growth(cp.measure_followers(make_counts("one", ["2012-02-14"], [5])))
    with pytest.raises(cp.CompositeError, match="no month's growth is known"):
        cp.judge_growth(cp.measure_followers(make_counts("one", ["2012-02-14"], [5])), 0.1, size=100)


def test_followers_that_fall_to_zero_are_a_growth_of_minus_one_and_nothing_grows_from_zero() -> None:
    found = cp.measure_followers(make_counts("a", ["2012-01-01", "2012-02-01", "2012-03-01"], [50, 0, 7]))
    assert found["growth"].iloc[1] == -1
    assert np.isnan(found["growth"].iloc[2])
    assert cp.measure_growth(found)["monthly"].tolist() == [-1]


def test_compound_growth_is_the_chain_of_the_months() -> None:
    found = cp.measure_followers(make_walk(3, accounts=1, months=13))
    grown = cp.measure_growth(found).iloc[0]
    first, last = found["followers"].iloc[0], found["followers"].iloc[-1]
    assert grown["growth"] == pytest.approx(last / first - 1)
    assert (1 + grown["monthly"]) ** 12 - 1 == pytest.approx(grown["yearly"]) == pytest.approx(grown["growth"])
    assert (grown["first_month"], grown["last_month"], grown["n_months"]) == ("2011-01", "2012-01", 12)


def test_a_month_of_37_per_cent_is_unusual_and_the_others_are_not() -> None:
    table = make_walk(5, accounts=6, months=26)
    leap = (table["account"] == "a2") & (table["date"] >= pd.Timestamp("2013-01-01", tz="UTC"))
    table.loc[leap, "followers"] = (table.loc[leap, "followers"] * 1.37).astype("int64")
    found = cp.find_unusual_months(cp.measure_followers(table))
    told = found[found["unusual"]]
    assert told[["account", "month"]].to_numpy().tolist() == [["a2", "2013-01"]]
    assert told["usual"].iloc[0] == pytest.approx(0.02, abs=0.01)


def test_one_month_in_twenty_has_p_below_five_per_cent_under_steady_growth() -> None:
    found = pd.concat(
        [cp.find_unusual_months(cp.measure_followers(make_walk(s, accounts=40, months=30))) for s in range(5)]
    )
    for past in (6, 9, 12):
        tested = found.loc[found["n_past"] == past, "p_value"]
        assert (tested < 0.05).mean() == pytest.approx(0.05, abs=0.035 if past < 12 else 0.015)
    assert found["unusual"].sum() <= 3


def test_an_account_that_stands_still_is_judged_by_the_spread_of_a_count() -> None:
    dates = pd.date_range("2012-01-01", periods=10, freq="MS").strftime("%Y-%m-%d").tolist()
    found = cp.find_unusual_months(cp.measure_followers(make_counts("a", dates, [400] * 9 + [403])))
    assert found["z"].iloc[-1] == pytest.approx(3)
    assert not found["unusual"].any()


def test_a_month_with_a_short_past_is_not_judged() -> None:
    found = cp.find_unusual_months(cp.measure_followers(make_walk(0, accounts=1, months=7)))
    assert found["p_value"].isna().all()
    assert not found["unusual"].any()
    with pytest.raises(cp.CompositeError, match="past=3 is too few months"):
        cp.find_unusual_months(cp.measure_followers(make_walk(0, accounts=1, months=7)), past=3)


def test_ten_per_cent_and_37_per_cent_are_answered_in_one_line() -> None:
    followers = cp.measure_followers(make_walk(2))
    usual, leap = cp.judge_growth(followers, 0.02, size=60_000), cp.judge_growth(followers, 0.37, size=60_000)
    assert "within what is usual for accounts of that size" in str(usual)
    assert "outside what is usual for accounts of that size" in str(leap)
    assert leap.n_as_much == 0
    assert usual.n_months == 8 * 29
    assert usual.low < usual.median < usual.high
    assert "the accounts nearest in size" in str(cp.judge_growth(followers, 0.10, size=1_041_850))
    assert "fell as much" in str(cp.judge_growth(followers, -0.3, size=60_000))
    with pytest.raises(cp.CompositeError, match=r"0.37 for 37 %"):
        cp.judge_growth(followers, -37, size=100)
    with pytest.raises(cp.CompositeError, match="size=0"):
        cp.judge_growth(followers, 0.1, size=0)


def test_followers_per_inhabitant_need_one_population_an_agency() -> None:
    table = make_walk(1, accounts=3, months=4, spread=0)
    accounts = make_accounts(
        {"a0": ("x", "GB"), "a1": ("x", "GB"), "a2": ("y", "GB")}, population=[100_000.0, 100_000.0, 50_000.0]
    )
    reach = cp.measure_reach(table, accounts, month="2011-01").set_index("agency")
    assert reach.loc["x", "per_1000"] == pytest.approx(2 * 51_000 / 100)
    country = cp.measure_reach(table, accounts, by="country", month="2011-01")
    assert country["per_1000"].tolist() == [pytest.approx(3 * 51_000 / 150)]
    assert cp.measure_reach(table, accounts)["month"].tolist() == ["2011-04"] * 2
    with pytest.raises(cp.CompositeError, match=r"'x' .GB. has several populations"):
        cp.measure_reach(table, accounts.assign(population=[1.0, 2.0, 3.0]))
    with pytest.raises(cp.CompositeError, match="no account has a population"):
        cp.measure_reach(table, accounts.drop(columns="population"))
    with pytest.raises(cp.CompositeError, match="month '2019-01' is not among"):
        cp.measure_reach(table, accounts, month="2019-01")


@QUICK
@given(values=st.lists(st.integers(0, 10_000), min_size=2, max_size=30))
def test_the_gini_coefficient_is_half_the_mean_difference_over_the_mean(values: list[int]) -> None:
    from composite.adoption.reach import find_gini

    x = np.array(values, dtype=float)
    if x.sum() == 0:
        assert np.isnan(find_gini(x))
        return
    n = len(x)
    mean_difference = np.abs(x[:, None] - x[None]).sum() / (n * (n - 1))
    assert find_gini(x) == pytest.approx(mean_difference / (2 * x.mean()), abs=1e-12)
    assert find_gini(3 * x) == pytest.approx(find_gini(x))


def test_concentration_is_told_by_country_and_for_all() -> None:
    table = pd.concat([make_counts(f"a{i}", ["2013-01-01"], [10 if i else 910]) for i in range(10)])
    accounts = make_accounts({f"a{i}": (f"x{i}", "GB" if i < 5 else "DE") for i in range(10)})
    found = cp.measure_concentration(table, accounts).set_index("country")
    assert list(found.index) == ["DE", "GB", "all"]
    assert found.loc["DE", "gini"] == 0
    assert found.loc["all", "top_tenth"] == found.loc["all", "largest"] == pytest.approx(0.91)
    assert list(cp.measure_concentration(table)["country"]) == ["all"]


def make_sizes(seed: int, agencies: int, *, country: str = "GB") -> tuple[pd.DataFrame, pd.DataFrame]:
    """One count of each of the accounts of agencies, lognormal sizes; and their table of accounts."""
    rng = np.random.default_rng(seed)
    homes = np.repeat(np.arange(agencies), rng.integers(1, 6, agencies))
    sizes = np.exp(7 + rng.normal(0, 0.5, agencies)[homes] + rng.normal(0, 0.9, len(homes))).round().astype(int)
    counts = pd.concat([make_counts(f"a{i}", ["2013-01-01"], [size]) for i, size in enumerate(sizes)])
    accounts = make_accounts({f"a{i}": (f"x{home}", country) for i, home in enumerate(homes)})
    return counts, accounts.assign(population=100_000.0 + homes)


@pytest.mark.parametrize("n", [1, 5, 6, 8, 9, 17, 40])
@pytest.mark.parametrize("level", [0.5, 0.9, 0.95])
def test_the_interval_of_a_median_is_that_of_the_exact_sign_test(n: int, level: float) -> None:
    from composite.adoption.reach import bound_median

    values = np.random.default_rng(n).lognormal(size=n)
    same = stats.quantile_test(values, p=0.5).confidence_interval(level)
    np.testing.assert_array_equal(bound_median(values, level), (same.low, same.high))


def test_the_median_of_agencies_lies_in_its_interval_as_often_as_it_says_or_more() -> None:
    from composite.adoption.reach import bound_median

    for n in (6, 9, 14):
        drawn = np.random.default_rng(n).lognormal(size=(2_000, n))
        ends = np.array([bound_median(values, 0.95) for values in drawn])
        assert 0.945 < ((ends[:, 0] <= 1) & (ends[:, 1] >= 1)).mean() <= 1


def test_the_middle_agency_of_a_country_has_an_interval_from_six_agencies_on() -> None:
    for agencies in (5, 6):
        reach = cp.measure_reach(*make_sizes(1, agencies))
        assert (reach["n_agencies"] == agencies).all()
        assert (reach["median"] == reach["per_1000"].median()).all()
        if agencies == 5:
            assert reach[["median_low", "median_high"]].isna().all(axis=None)
        else:
            assert set(reach["median_low"]) == {reach["per_1000"].min()}
            assert set(reach["median_high"]) == {reach["per_1000"].max()}
        whole = cp.measure_reach(*make_sizes(1, agencies), by="country")
        assert whole["median"].tolist() == [reach["median"].iloc[0]]
        assert whole["n_agencies"].tolist() == [agencies]


@pytest.mark.parametrize("seed", range(5))
def test_concentration_lies_in_its_interval_within_0_and_1(seed: int) -> None:
    counts, accounts = make_sizes(seed, 8)
    table = cp.measure_concentration(counts, accounts)
    for name in ("gini", "top_tenth"):
        assert ((table[f"{name}_low"] > 0) & (table[f"{name}_low"] < table[name])).all()
        assert ((table[name] < table[f"{name}_high"]) & (table[f"{name}_high"] < 1)).all()
    assert set(table["inference"]) == {"agencies"}
    mixed = cp.measure_concentration(counts.sample(frac=1, random_state=1), accounts.sample(frac=1, random_state=2))
    pd.testing.assert_frame_equal(table, mixed)
    larger = counts.assign(followers=3 * counts["followers"])
    columns = ["gini_low", "gini_high", "top_tenth_low", "top_tenth_high"]
    pd.testing.assert_frame_equal(table[columns], cp.measure_concentration(larger, accounts)[columns])


def test_concentration_of_few_agencies_or_of_unknown_ones_speaks_of_accounts() -> None:
    counts, accounts = make_sizes(3, 4)
    assert len(counts) >= 5
    assert set(cp.measure_concentration(counts, accounts)["inference"]) == {"accounts"}
    assert cp.measure_concentration(counts)[["inference", "n_agencies"]].to_numpy().tolist() == [["accounts", 0]]
    four = cp.measure_concentration(counts[counts["account"].isin(["a0", "a1", "a2", "a3"])])
    assert four["inference"].tolist() == ["descriptive"]
    assert four[["gini_low", "top_tenth_high"]].isna().all(axis=None)


def test_equal_accounts_do_not_tell_how_unequal_others_are() -> None:
    table = pd.concat([make_counts(f"a{i}", ["2013-01-01"], [100]) for i in range(9)])
    found = cp.measure_concentration(table)
    assert found["gini"].tolist() == [0]
    assert found["inference"].tolist() == ["descriptive"]
    assert found[["gini_low", "gini_high", "top_tenth_low", "top_tenth_high"]].isna().all(axis=None)


def test_the_interval_of_concentration_is_the_jackknife_over_accounts_of_scipy_for_independent_accounts() -> None:
    from composite.adoption.reach import find_gini

    values = np.sort(np.random.default_rng(5).lognormal(7, 1, 200).round())
    counts = pd.concat([make_counts(f"a{i:03}", ["2013-01-01"], [int(v)]) for i, v in enumerate(values)])
    row = cp.measure_concentration(counts).iloc[0]
    drawn = stats.bootstrap((values,), find_gini, vectorized=False, n_resamples=999, rng=0)
    ours = special.logit(row["gini_high"]) - special.logit(row["gini_low"])
    assert ours / (2 * stats.t.ppf(0.975, 199)) == pytest.approx(
        drawn.standard_error / (row["gini"] * (1 - row["gini"])), rel=0.15
    )


def test_more_agencies_make_narrower_intervals_of_concentration() -> None:
    widths = []
    for agencies in (8, 32):
        tables = [cp.measure_concentration(*make_sizes(seed, agencies)).iloc[0] for seed in range(6)]
        widths.append(np.mean([row["gini_high"] - row["gini_low"] for row in tables]))
    assert widths[1] < 0.7 * widths[0]


@pytest.mark.slow
def test_intervals_of_concentration_hold_the_truth_nearly_as_often_as_they_say() -> None:
    # lognormal sizes with σ² = 0.5² + 0.9²: the Gini coefficient is 2 Φ(σ / √2) − 1, the top tenth has Φ(σ − z)
    sigma = np.hypot(0.5, 0.9)
    gini, top = 2 * stats.norm.cdf(sigma / 2**0.5) - 1, stats.norm.cdf(sigma - stats.norm.ppf(0.9))
    held = []
    for seed in range(200):
        row = cp.measure_concentration(*make_sizes(seed, 20)).iloc[0]
        held.append((row["gini_low"] <= gini <= row["gini_high"], row["top_tenth_low"] <= top <= row["top_tenth_high"]))
    covered = np.mean(held, axis=0)
    assert covered[0] > 0.84
    assert covered[1] > 0.78


def test_counts_of_followers_in_posts_become_an_audience() -> None:
    posts = pd.DataFrame(
        {
            "post_id": ["1", "2", "3"],
            "country": "GB",
            "agency": "x",
            "account": ["a", "A", "b"],
            "platform": "twitter",
            "published": pd.to_datetime(["2012-01-01", "2012-01-01", None], utc=True).astype(TIME),
            "language": "en",
            "text": "hello",
            "corpus": "illustrative",
            "followers": [5.0, 7.0, 9.0],
        }
    )
    found = cp.collect_audience(posts)
    assert found["followers"].tolist() == [7]
    assert found["corpus"].tolist() == ["illustrative"]
    with pytest.raises(cp.CompositeError, match="no post has account, platform, date and followers"):
        cp.collect_audience(posts.drop(columns="followers"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("account,platform,date\na,twitter,2012-01-01\n", "has no column 'followers'"),
        ("account,platform,date,followers\na,twitter,yesterday,5\n", "line 2: 'yesterday' is no date"),
        ("account,platform,date,followers\na,twitter,2012-01-01,12.3k\n", "line 2: followers '12.3k' is no number"),
        ("account,platform,date,followers\na,twitter,2012-01-01,-5\n", "line 2: '-5' is no count of followers"),
        ("account,platform,date,followers\na,twitter,2012-01-01,\n", "line 2: 'followers' is empty"),
        ("account,platform,date,followers\na,t,2012-01-01,5\n@A,t,2012-01-01,6\n", "line 3: 'A' is counted twice"),
        ("account,platform,date,followers\n", "has a header and no lines"),
    ],
)
def test_a_file_of_followers_that_cannot_be_right_is_an_error_with_its_line(
    tmp_path: Path, text: str, message: str
) -> None:
    (tmp_path / "f.csv").write_text(text, "utf-8")
    with pytest.raises(cp.CompositeError, match=message):
        cp.read_audience(tmp_path / "f.csv")


def test_a_file_of_followers_is_read_whole_in_order_and_without_at_signs(tmp_path: Path) -> None:
    text = "account,platform,date,followers\n@b,twitter,2012-02-01,5\na,twitter,2012-01-01T10:00:00Z,7\n"
    (tmp_path / "f.csv").write_text(text, "utf-8")
    found = cp.read_audience(tmp_path / "f.csv", corpus="illustrative")
    assert found["account"].tolist() == ["a", "b"]
    assert set(found["corpus"]) == {"illustrative"}
    assert set(cp.measure_followers(found)["corpus"]) == {"illustrative"}


def test_an_account_that_the_registry_lacks_is_an_error_that_names_it() -> None:
    with pytest.raises(cp.CompositeError, match=r"1 account with counts of followers not in the table .* 'a0'"):
        cp.measure_followers(make_walk(0, accounts=1, months=3), make_accounts({"b": ("x", "GB")}))
    with pytest.raises(cp.CompositeError, match="needs the table of accounts"):
        cp.measure_followers(make_walk(0, accounts=1, months=3), by="country")
    with pytest.raises(cp.CompositeError, match="there are no counts"):
        cp.measure_followers(make_walk(0, accounts=1, months=3).iloc[:0])


def test_coordinates_and_populations_are_read_with_the_accounts(tmp_path: Path) -> None:
    head = "account,platform,agency,country,latitude,longitude,population\n"
    (tmp_path / "a.csv").write_text(head + "a,twitter,x,GB,52.5,-1.9,100000\nb,twitter,y,GB,,,\n", "utf-8")
    found = cp.read_accounts(tmp_path / "a.csv")
    assert found["latitude"].iloc[0] == 52.5
    assert found["population"].isna().tolist() == [False, True]
    (tmp_path / "a.csv").write_text(head + "a,twitter,x,GB,north,-1.9,100000\n", "utf-8")
    with pytest.raises(cp.CompositeError, match="line 2: latitude 'north' is no number"):
        cp.read_accounts(tmp_path / "a.csv")
    (tmp_path / "a.csv").write_text(head + "a,twitter,x,GB,152,-1.9,100000\n", "utf-8")
    with pytest.raises(cp.CompositeError, match=r"column 'latitude': 152.0"):
        cp.read_accounts(tmp_path / "a.csv")


def test_published_facts_and_city_accounts_are_read_with_their_sources() -> None:
    facts = cp.read_table("facts", cp.CORPUS / "facts.csv").set_index("fact")
    assert facts.loc["followers_uk", "value"] == 1_041_850
    assert facts.loc["growth_west_midlands", "value"] == 0.37
    assert facts.loc["tweetathon_agencies", "start"] == "2013-03-22"
    assert facts.loc["themes", "value"] == len(cp.THEMES)
    assert facts.loc["countries", "value"] == len(cp.COUNTRIES)
    assert facts["source"].notna().all()
    cities = cp.read_table("cities", cp.CORPUS / "cities_2023.csv")
    assert len(cities) == 21
    assert (cities["opened"] < cities["date"]).all()
    audience = cities[["account", "platform", "date", "followers"]]
    assert 0 < cp.measure_concentration(audience)["gini"].iloc[0] < 1


def test_the_followers_of_the_corpus_can_be_measured_by_country() -> None:
    path = cp.CORPUS / "followers.csv"
    if not path.is_file():
        pytest.skip("data/raw/followers.csv is not there yet")
    audience, accounts = cp.read_audience(path), cp.read_accounts(cp.CORPUS / "accounts.csv")
    found = cp.find_unusual_months(cp.measure_followers(audience, accounts, by="country"))
    assert found["country"].nunique() == 10
    assert cp.measure_growth(cp.measure_followers(audience, accounts))["monthly"].between(-0.5, 1).all()
