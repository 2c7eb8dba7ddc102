"""Agencies that use social media alike, the communities that they form, and how stable these are."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from composite.adoption.networks import Network
from composite.adoption.pseudo import make_outcomes
from composite.adoption.shares import check_level
from composite.codebook.contract import check_table, find_corpus
from composite.codebook.themes import THEME_KEYS
from composite.errors import CompositeError, count


def link_agencies(
    labels: pd.DataFrame,
    *,
    fewest_posts: int = 20,
    neighbours: int = 5,
    resolution: float = 1.0,
    replicates: int = 50,
    level: float = 0.95,
    seed: int = 0,
) -> Network:
    """The network of agencies: each is tied to those whose use of the nine themes is most like its own.

    An agency's profile is the mean probability of each theme over its posts, as parts of one. The affinity of two
    profiles is Bhattacharyya's, `Σ √(pᵢ qᵢ)`: 1 if they are the same, 0 if they share no theme. Every agency is tied to
    its nearest neighbours; communities are those of Louvain. Posts are resampled within agencies: the stability of an
    agency is the mean overlap (Jaccard's) of its community with the one that it is in after resampling, 1 if always the
    same. Errors of the classifier are in the profiles: agencies of one language may be alike for that reason alone.

    Parameters
    ----------
    labels : DataFrame
        Table `labels`.
    fewest_posts : int
        Agencies with fewer posts are left out.
    neighbours : int
        Nearest agencies that each is tied to.
    resolution : float
        Of Louvain: above 1 more and smaller communities.
    replicates : int
        Resamples, at least 20.
    level : float
        Coverage of the intervals of affinities.
    seed : int

    Returns
    -------
    Network
        Undirected; `nodes` is the table `communities`; `measures` has `communities`, `modularity` and `agreement`, the
        mean adjusted Rand index of the communities with those after resampling: 1 if they never change, near 0 if they
        are chance.

    Raises
    ------
    CompositeError
        If fewer than three agencies have enough posts.

    References
    ----------
    Bhattacharyya, A. (1946). On a measure of divergence between two multinomial populations. *Sankhyā*, 7(4), 401–406.
    Blondel, V. D., Guillaume, J.-L., Lambiotte, R., & Lefebvre, E. (2008). Fast unfolding of communities in large
    networks. *J. Stat. Mech.*, P10008. https://doi.org/10.1088/1742-5468/2008/10/P10008
    Hennig, C. (2007). Cluster-wise assessment of cluster stability. *Computational Statistics & Data Analysis*, 52(1),
    258–271. https://doi.org/10.1016/j.csda.2006.11.025
    """
    import networkx as nx
    from sklearn.metrics import adjusted_rand_score

    check_level(level)
    if neighbours < 1 or replicates < 20:
        raise CompositeError("neighbours must be 1 or more and replicates 20 or more")
    outcomes = make_outcomes(labels, None)
    posts, chances = outcomes.posts, outcomes.chances
    index, units = pd.factorize(posts["country"] + "/" + posts["agency"], sort=True)
    names, sizes = units.to_numpy(dtype=object), np.bincount(index)
    enough = sizes >= fewest_posts
    if enough.sum() < 3:
        raise CompositeError(
            f"{count(int(enough.sum()), 'agency')} with {fewest_posts} posts or more: a "
            "network needs three (fewest_posts= takes smaller ones in)"
        )
    rows = enough[index]
    index, chances = (np.cumsum(enough) - 1)[index[rows]], chances[rows]
    names, sizes = names[enough], sizes[enough]
    rng = np.random.default_rng(seed)
    # one agency's posts after the other, each agency's in their order: sums run through memory once, and are the same
    order = np.argsort(index, kind="stable")
    chances, ends = chances[order], np.concatenate([[0], np.cumsum(sizes)])
    sums = _sum_chances(chances, np.ones(len(index)), ends)
    profile = _make_profiles(sums)
    affinity = _find_affinity(profile)
    source, target = _choose_nearest(affinity, neighbours)
    community = _find_communities(source, target, affinity, resolution, seed)
    overlap, rand = np.zeros(len(names)), 0.0
    drawn = np.zeros((replicates, len(source)))
    # the next resample is drawn while this one is worked on: one thread draws all, so they come in their order
    with ThreadPoolExecutor(1) as pool:
        coming = pool.submit(rng.poisson, 1.0, len(index))
        for replicate in range(replicates):
            weight = coming.result()[order].astype(float)
            coming = pool.submit(rng.poisson, 1.0, len(index))
            again = _find_affinity(_make_profiles(_sum_chances(chances, weight, ends)))
            drawn[replicate] = again[source, target]
            other = _find_communities(*_choose_nearest(again, neighbours), again, resolution, seed)
            overlap += _overlap(community, other) / replicates
            rand += adjusted_rand_score(community, other) / replicates
    weight = affinity[source, target]
    # resampled profiles are noisier than the profiles, so their affinities are lower: the interval is the basic one,
    # which turns the distribution about the estimate
    ends = np.quantile(drawn, [(1 + level) / 2, (1 - level) / 2], axis=0)
    low, high = np.clip(2 * weight - ends, 0, 1)
    corpus = find_corpus(posts)
    edges = pd.DataFrame(
        {
            "network": "agencies",
            "source": names[source],
            "target": names[target],
            "weight": weight,
            "low": np.minimum(low, weight),
            "high": np.maximum(high, weight),
            "p_value": np.nan,
            "p_adjusted": np.nan,
        }
    ).astype({"source": "str", "target": "str"})
    edges["corpus"] = pd.Series([corpus] * len(edges), dtype="str")
    parts = pd.Series(names, dtype="str").str.split("/", n=1, expand=True)
    nodes = pd.DataFrame(
        {
            "node": names,
            "country": parts[0],
            "agency": parts[1],
            "n_posts": sizes,
            "community": community,
            "stability": np.clip(overlap, 0, 1),
        }
    ).astype({"node": "str", "country": "str", "agency": "str"})
    nodes[list(THEME_KEYS)] = np.clip(sums / sizes[:, None], 0, 1)
    nodes["corpus"] = pd.Series([corpus] * len(nodes), dtype="str")
    graph = _make_graph(source, target, affinity)
    groups = [set(np.flatnonzero(community == number)) for number in range(1, community.max() + 1)]
    measures = {
        "agencies": float(len(names)),
        "communities": float(community.max()),
        "modularity": float(nx.community.modularity(graph, groups, weight="weight", resolution=resolution)),
        "agreement": float(rand),
    }
    return Network("agencies", check_table("communities", nodes), check_table("edges", edges), False, measures)


def _sum_chances(chances: np.ndarray, weight: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """Weighted sums of (n, 9) probabilities, a row an agency, whose posts lie between two of the ends."""
    n = len(weight)
    return sparse.csr_array((weight, np.arange(n), ends), shape=(len(ends) - 1, n)) @ chances


def _make_profiles(sums: np.ndarray) -> np.ndarray:
    """Themes as parts of one, a row an agency."""
    total = sums.sum(axis=1, keepdims=True)
    return np.divide(sums, total, out=np.full_like(sums, 1 / sums.shape[1]), where=total > 0)


def _find_affinity(profile: np.ndarray) -> np.ndarray:
    """Bhattacharyya's affinity of every two profiles; an agency has none with itself."""
    root = np.sqrt(profile)
    affinity = np.clip(root @ root.T, 0, 1)
    np.fill_diagonal(affinity, -1)
    # BLAS may sum in another order for the two halves
    return np.round((affinity + affinity.T) / 2, 12)


def _choose_nearest(affinity: np.ndarray, neighbours: int) -> tuple[np.ndarray, np.ndarray]:
    """Both ends of the ties: each agency and its nearest, each tie once, in order."""
    n = len(affinity)
    most = min(neighbours, n - 1)
    near = np.argpartition(-affinity, most - 1, axis=1)[:, :most]
    tied = sparse.csr_array((np.ones(near.size), (np.repeat(np.arange(n), near.shape[1]), near.ravel())), shape=(n, n))
    source, target = sparse.triu(tied + tied.T, k=1).tocoo().coords
    order = np.lexsort((target, source))
    return source[order], target[order]


def _make_graph(source: np.ndarray, target: np.ndarray, affinity: np.ndarray) -> Any:
    import networkx as nx

    graph = nx.Graph()
    graph.add_nodes_from(range(len(affinity)))
    graph.add_weighted_edges_from(zip(source.tolist(), target.tolist(), affinity[source, target].tolist(), strict=True))
    return graph


def _find_communities(
    source: np.ndarray, target: np.ndarray, affinity: np.ndarray, resolution: float, seed: int
) -> np.ndarray:
    """The number of each agency's community, 1 the largest."""
    import networkx as nx

    found = nx.community.louvain_communities(_make_graph(source, target, affinity), resolution=resolution, seed=seed)
    number = np.zeros(len(affinity), dtype="int64")
    for place, members in enumerate(sorted(found, key=lambda c: (-len(c), min(c))), 1):
        number[list(members)] = place
    return number


def _overlap(one: np.ndarray, two: np.ndarray) -> np.ndarray:
    """Jaccard's overlap of the communities that each agency is in, in two partitions."""
    both = sparse.csr_array((np.ones(len(one)), (one, two))).toarray()
    shared = both[one, two]
    return shared / (both.sum(axis=1)[one] + both.sum(axis=0)[two] - shared)
