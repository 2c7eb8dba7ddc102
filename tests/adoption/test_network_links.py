"""Networks of themes, agencies and mentions: laws, known truth, an outside reference, and files for Gephi."""

from __future__ import annotations

from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd
import pytest

import composite as cp
from composite.adoption.theme_ties import _exchange_counts, _exchange_posts
from composite.codebook.tables import TIME
from composite.codebook.themes import THEME_KEYS

KEYS = list(THEME_KEYS)


def make_labels(themes: np.ndarray, agency: np.ndarray, country: str = "GB") -> pd.DataFrame:
    n = len(themes)
    labels = pd.DataFrame(
        {
            "post_id": [f"p{i:06d}" for i in range(n)],
            "country": country,
            "agency": [f"agency {a:02d}" for a in agency],
            "account": [f"acc{a}" for a in agency],
            "kind": pd.Series([None] * n, dtype="str"),
            "published": pd.date_range("2013-01-01", periods=n, freq="h", tz="UTC").astype(TIME),
            "language": pd.Series([None] * n, dtype="str"),
            "corpus": pd.Series([None] * n, dtype="str"),
        }
    )
    labels[KEYS] = np.where(themes > 0, 0.9, 0.1)
    return labels


def make_themes(rng: np.random.Generator, agencies: int, posts: int) -> tuple[np.ndarray, np.ndarray]:
    """Themes that are independent within agencies, which differ much in how often they use them."""
    agency = np.repeat(np.arange(agencies), posts)
    rate = rng.choice([0.05, 0.8], size=agencies)
    return (rng.random((len(agency), 9)) < rate[agency][:, None]).astype(int), agency


def test_themes_that_are_independent_within_agencies_are_not_tied_however_agencies_differ() -> None:
    rng = np.random.default_rng(0)
    told, below = 0, []
    for _ in range(12):
        themes, agency = make_themes(rng, 12, 40)
        edges = cp.link_themes(make_labels(themes, agency), permutations=199, replicates=99).edges
        told += (edges["p_adjusted"] < 0.05).sum()
        below.append((edges["p_value"] < 0.05).mean())
        assert edges["weight"].abs().max() < 0.25
        assert np.corrcoef(themes.T)[0, 1] > 0.3
    assert told <= 2
    assert np.mean(below) == pytest.approx(0.05, abs=0.03)


def test_two_themes_that_go_together_are_tied_and_those_that_shun_each_other_have_a_negative_weight() -> None:
    rng = np.random.default_rng(1)
    themes, agency = make_themes(rng, 10, 60)
    copies = rng.random(len(themes)) < 0.6
    themes[copies, 1] = themes[copies, 0]
    themes[:, 3] = np.where(rng.random(len(themes)) < 0.6, 1 - themes[:, 2], themes[:, 3])
    edges = cp.link_themes(make_labels(themes, agency)).edges.set_index(["source", "target"])
    both, apart = edges.loc[(KEYS[0], KEYS[1])], edges.loc[(KEYS[2], KEYS[3])]
    assert both["low"] < both["weight"] < both["high"]
    assert both["low"] > 0
    assert both["n"] > both["expected"]
    assert apart["high"] < 0
    assert both["p_adjusted"] < 0.05
    assert apart["p_adjusted"] < 0.05


def test_the_weight_in_one_agency_is_pearsons_correlation() -> None:
    rng = np.random.default_rng(2)
    themes = (rng.random((200, 9)) < 0.4).astype(int)
    edges = cp.link_themes(make_labels(themes, np.zeros(200, dtype=int)), permutations=99).edges
    expected = np.corrcoef(themes.T)[np.triu_indices(9, 1)]
    np.testing.assert_allclose(edges["weight"], expected, atol=1e-12)
    assert edges["low"].isna().all()


def test_moving_posts_and_drawing_their_counts_are_one_null() -> None:
    rng = np.random.default_rng(3)
    themes, agency = make_themes(rng, 6, 15)
    has, weight = themes.astype(float), np.ones(len(themes))
    seen = np.linspace(0.5, 6, 36)
    one = _exchange_counts(has, weight, agency, seen, 4000, np.random.default_rng(4))
    two = _exchange_posts(has, weight, agency, seen, 4000, np.random.default_rng(5))
    np.testing.assert_allclose(one, two, atol=0.04)


def test_the_order_of_rows_changes_no_bit_of_any_network(make_study) -> None:
    labels, codings, _ = make_study(("DE", "GB"), agencies=5, posts=25)
    shuffled = labels.sample(frac=1, random_state=1)
    for make in (
        lambda table: cp.link_themes(table, permutations=99, replicates=99),
        lambda table: cp.link_themes(table, codings.sample(frac=1, random_state=len(table)), permutations=99),
        lambda table: cp.link_agencies(table, replicates=20),
    ):
        one, two = make(labels), make(shuffled)
        pd.testing.assert_frame_equal(one.edges, two.edges, check_exact=True)
        pd.testing.assert_frame_equal(one.nodes, two.nodes, check_exact=True)


def test_a_theme_that_no_post_has_is_tied_to_none() -> None:
    rng = np.random.default_rng(4)
    themes, agency = make_themes(rng, 6, 20)
    themes[:, 8] = 0
    edges = cp.link_themes(make_labels(themes, agency), permutations=99).edges
    empty = edges[edges["target"] == KEYS[8]]
    assert empty[["weight", "low", "high", "p_value", "p_adjusted"]].isna().all(axis=None)
    assert edges.loc[edges["target"] != KEYS[8], "weight"].notna().all()
    with pytest.raises(cp.CompositeError, match="too coarse below"):
        cp.link_themes(make_labels(themes, agency), permutations=9)


def test_codings_with_unequal_probabilities_weigh_in(make_study) -> None:
    labels, codings, _ = make_study(("DE",), agencies=6, posts=40, coded=0.8)
    rng = np.random.default_rng(0)
    uneven = codings.assign(sampling_probability=rng.choice([0.5, 1.0], len(codings)))
    one = cp.link_themes(labels, codings, permutations=99).edges
    with pytest.warns(cp.CompositeWarning, match="codings or posts missing"):
        two = cp.link_themes(labels, uneven.assign(sampling_probability=uneven["sampling_probability"] / 4)).edges
    assert not np.allclose(one["weight"], two["weight"])
    assert two["p_value"].between(0, 1).all()


def make_styles(rng: np.random.Generator, styles: np.ndarray, posts: int = 60) -> pd.DataFrame:
    """Agencies each of which uses the themes of one style."""
    agency = np.repeat(np.arange(len(styles)), posts)
    rate = np.full((styles.max() + 1, 9), 0.05)
    for style in range(len(rate)):
        rate[style, 3 * style : 3 * style + 3] = 0.6
    return make_labels((rng.random((len(agency), 9)) < rate[styles[agency]]).astype(int), agency)


def test_agencies_of_three_styles_are_three_stable_communities() -> None:
    styles = np.arange(18) % 3
    network = cp.link_agencies(make_styles(np.random.default_rng(0), styles))
    assert network.measures["communities"] == 3
    assert network.measures["agreement"] > 0.95
    found = pd.Series(network.nodes["community"].to_numpy()).groupby(styles).nunique()
    assert set(found) == {1}
    assert network.nodes["stability"].min() > 0.9
    assert network.edges["weight"].between(network.edges["low"], network.edges["high"]).all()
    assert network.edges["weight"].between(0, 1).all()


def test_communities_of_agencies_that_are_all_alike_are_not_stable() -> None:
    network = cp.link_agencies(make_styles(np.random.default_rng(0), np.zeros(30, dtype=int)))
    assert network.measures["agreement"] < 0.3
    assert network.nodes["stability"].mean() < 0.6


def test_two_agencies_make_no_network_of_agencies(make_study) -> None:
    labels, _, _ = make_study(("DE",), agencies=2)
    with pytest.raises(cp.CompositeError, match="2 agencies with 20 posts or more: a network needs three"):
        cp.link_agencies(labels)


def make_posts(rows: list[tuple[str, str, str | None]]) -> pd.DataFrame:
    n = len(rows)
    return pd.DataFrame(
        {
            "post_id": [f"p{i}" for i in range(n)],
            "country": pd.Series(["DE" if who.startswith("d") else "GB" for who, _, _ in rows], dtype="str"),
            "agency": [f"agency of {who.lower()}" for who, _, _ in rows],
            "account": [who for who, _, _ in rows],
            "platform": "twitter",
            "published": pd.date_range("2013-01-01", periods=n, freq="h", tz="UTC").astype(TIME),
            "language": "en",
            "text": [text for _, text, _ in rows],
            "corpus": pd.Series([None] * n, dtype="str"),
            "reply_to": pd.Series([reply for _, _, reply in rows], dtype="str"),
        }
    )


ROWS: list[tuple[str, str, str | None]] = [
    ("Alpha", "thanks @BETA and @beta", None),
    ("beta", "you are welcome", "alpha"),
    ("beta", "see @delta. And @Alpha-team, @beta", None),
    ("delta", "a note to ourselves @Delta", None),
    ("gamma", "hello", "p3"),
    ("gamma", "@someone thanks", "778899"),
]


def test_a_tie_leads_from_who_mentions_to_who_is_mentioned_in_any_case() -> None:
    network = cp.link_mentions(make_posts(ROWS))
    ties = {(row.source, row.target): row.weight for row in network.edges.itertuples()}
    assert ties == {("Alpha", "beta"): 1, ("beta", "Alpha"): 2, ("beta", "delta"): 1, ("gamma", "delta"): 1}
    assert network.measures["self"] == 2
    assert network.measures["reciprocity"] == 0.5
    assert network.measures["within"] == 0.5


def test_who_stands_between_others_is_a_broker() -> None:
    nodes = cp.link_mentions(make_posts(ROWS)).nodes.set_index("node")
    assert nodes["betweenness"].idxmax() == "beta"
    assert nodes.loc["beta", ["mentions", "mentioned", "n_mutual", "n_countries"]].tolist() == [3, 1, 1, 2]


def test_reciprocity_and_betweenness_are_those_of_networkx() -> None:
    rng = np.random.default_rng(0)
    rows = [(f"a{i}", f"@a{j}", None) for i, j in rng.integers(0, 12, (60, 2))]
    network = cp.link_mentions(make_posts(rows))
    graph = network.to_networkx()
    assert network.measures["reciprocity"] == pytest.approx(nx.overall_reciprocity(graph))
    expected = nx.betweenness_centrality(graph)
    assert network.nodes.set_index("node")["betweenness"].to_dict() == pytest.approx(expected)


def test_others_are_in_the_network_if_asked_for() -> None:
    nodes = cp.link_mentions(make_posts(ROWS), others=True).nodes.set_index("node")
    assert pd.isna(nodes.loc["someone", "agency"])
    assert "778899" not in nodes.index


def test_a_network_without_mentions_has_nodes_and_no_ties() -> None:
    network = cp.link_mentions(make_posts([("a", "hello", None), ("b", "hello @a.lone.stranger2 x@y.example", None)]))
    assert network.edges["source"].tolist() == ["b"]  # a handle that runs into a dot is the account it begins with
    network = cp.link_mentions(make_posts([("a", "hello", None), ("b", "mail x@a.example", None)]))
    assert network.edges.empty
    assert len(network.nodes) == 2
    assert np.isnan(network.measures["reciprocity"])
    assert network.to_networkx().number_of_edges() == 0


def test_accounts_of_the_registry_can_be_mentioned_without_posting() -> None:
    accounts = pd.DataFrame(
        {
            "account": ["Quiet"],
            "platform": "twitter",
            "agency": "q",
            "country": "FR",
            "kind": pd.Series([None], dtype="str"),
            "language": pd.Series([None], dtype="str"),
        }
    )
    posts = make_posts([("a", "@quiet hello", None)])
    assert cp.link_mentions(posts).edges.empty
    assert cp.link_mentions(posts, accounts).edges["target"].tolist() == ["Quiet"]


@pytest.mark.parametrize("ending", ["graphml", "gexf"])
def test_a_network_goes_to_a_file_for_gephi_and_back_the_same_bytes_every_time(tmp_path: Path, ending: str) -> None:
    network = cp.link_mentions(make_posts(ROWS))
    path = cp.write_network(network, tmp_path / f"one.{ending}")
    assert path.read_bytes() == cp.write_network(network, tmp_path / f"two.{ending}").read_bytes()
    assert b"lastmodified" not in path.read_bytes()
    back = nx.read_graphml(path) if ending == "graphml" else nx.read_gexf(path)
    assert set(back.nodes) == set(network.nodes["node"])
    assert back.edges["beta", "Alpha"]["weight"] == 2
    assert back.nodes["beta"]["country"] == "GB"


def test_a_network_goes_to_no_other_kind_of_file(tmp_path: Path) -> None:
    with pytest.raises(cp.CompositeError, match=r"end its name in \.graphml or \.gexf"):
        cp.write_network(cp.link_mentions(make_posts(ROWS)), tmp_path / "net.csv")


def test_posts_without_accounts_make_no_network_of_mentions() -> None:
    posts = make_posts(ROWS).assign(account=pd.Series([None] * len(ROWS), dtype="str"))
    with pytest.raises(cp.CompositeError, match="no post has an account"):
        cp.link_mentions(posts)
