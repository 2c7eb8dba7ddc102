"""Who talks with whom: mentions between accounts, whether they are returned, and who stands between others."""

from __future__ import annotations

import re
from collections import Counter

import numpy as np
import pandas as pd

from composite.adoption.networks import Network
from composite.codebook.contract import check_table, find_corpus, is_among
from composite.errors import CompositeError
from composite.posts.text import HANDLE

MOST_EXACT = 300  # accounts up to which betweenness is exact; above, it is estimated from this many of them


def link_mentions(
    posts: pd.DataFrame, accounts: pd.DataFrame | None = None, *, others: bool = False, seed: int = 0
) -> Network:
    """The network of mentions: from each account to those that its posts name or reply to.

    A tie's weight is the number of posts that mention; a post that names an account twice, or names and replies to it,
    counts once. Handles are the same in any case; accounts of one handle on several platforms are one. An account that
    mentions itself makes no tie.

    Parameters
    ----------
    posts : DataFrame
        Table `posts`; `reply_to` may hold a handle or the post_id of a post in the table. Posts without an account are
        passed over.
    accounts : DataFrame, optional
        Table `accounts`: police accounts that may be mentioned without posting themselves.
    others : bool
        Whether accounts that are not the police's are in the network too.
    seed : int
        For betweenness among more than 300 accounts, which is estimated from the paths of 300 of them.

    Returns
    -------
    Network
        Directed; `nodes` is the table `actors`: every police account, and others that are mentioned. `measures` has
        `ties`, `reciprocity` (the share of ties that are returned), `density` (the share expected by chance), `within`
        (the share of ties between police that stay in a country) and `self` (posts that mention their own account).

    Raises
    ------
    CompositeError
        If no post has an account.

    References
    ----------
    Brandes, U., & Pich, C. (2007). Centrality estimation in large networks. *International Journal of Bifurcation and
    Chaos*, 17(7), 2303–2318. https://doi.org/10.1142/S0218127407018403
    """
    import networkx as nx

    check_table("posts", posts)
    named = posts[posts["account"].notna()]
    if named.empty:
        raise CompositeError("no post has an account: name the column that has it (columns={'…': 'account'})")
    known = _list_accounts(named, accounts)
    ties, itself = _count_mentions(named, posts, known, others)
    sources, targets = [one for one, _ in ties], [two for _, two in ties]
    strangers = sorted({who for who in targets if who not in known})
    names = [*sorted(known), *strangers]
    graph = nx.DiGraph()
    graph.add_nodes_from(names)
    graph.add_edges_from(ties)
    sample = MOST_EXACT if len(names) > MOST_EXACT else None
    between = nx.betweenness_centrality(graph, k=sample, seed=seed) if ties else dict.fromkeys(names, 0.0)
    written = {key: known[key][0] if key in known else key for key in names}
    country = {key: known[key][1] if key in known else None for key in names}
    nodes = pd.DataFrame(
        [
            {
                "node": written[key],
                "country": country[key],
                "agency": known[key][2] if key in known else None,
                "mentions": sum(ties[key, who] for who in graph.successors(key)),
                "mentioned": sum(ties[who, key] for who in graph.predecessors(key)),
                "n_out": graph.out_degree(key),
                "n_in": graph.in_degree(key),
                "n_mutual": sum(graph.has_edge(who, key) for who in graph.successors(key)),
                "n_countries": len(
                    {country[who] for who in (*graph.successors(key), *graph.predecessors(key))} - {None}
                ),
                "betweenness": min(max(float(between[key]), 0.0), 1.0),
            }
            for key in names
        ]
    ).astype({"node": "str", "country": "str", "agency": "str"})
    corpus = find_corpus(posts)
    nodes["corpus"] = pd.Series([corpus] * len(nodes), dtype="str")
    edges = pd.DataFrame(
        {
            "network": pd.Series(["mentions"] * len(ties), dtype="str"),
            "source": pd.Series([written[one] for one in sources], dtype="str"),
            "target": pd.Series([written[two] for two in targets], dtype="str"),
            "weight": np.array(list(ties.values()), dtype=float),
            "n": np.array(list(ties.values()), dtype=float),
        }
    )
    for name in ("low", "high", "p_value", "p_adjusted"):
        edges[name] = np.full(len(edges), np.nan)
    edges["corpus"] = pd.Series([corpus] * len(edges), dtype="str")
    police = [(country[one], country[two]) for one, two in ties if country[one] and country[two]]
    returned = sum((two, one) in ties for one, two in ties)
    measures = {
        "accounts": float(len(names)),
        "ties": float(len(ties)),
        "reciprocity": returned / len(ties) if ties else float("nan"),
        "density": len(ties) / (len(names) * (len(names) - 1)) if len(names) > 1 else float("nan"),
        "within": sum(one == two for one, two in police) / len(police) if police else float("nan"),
        "self": float(itself),
    }
    return Network("mentions", check_table("actors", nodes), check_table("edges", edges), True, measures)


def _list_accounts(posts: pd.DataFrame, accounts: pd.DataFrame | None) -> dict[str, tuple[str, str, str | None]]:
    """Police accounts: handle in lower case → as written, country, agency; the registry goes before the posts."""
    tables = [posts[["account", "country", "agency"]]]
    if accounts is not None:
        check_table("accounts", accounts)
        tables.insert(0, accounts[["account", "country", "agency"]])
    known: dict[str, tuple[str, str, str | None]] = {}
    for table in tables:
        for row in table.drop_duplicates().sort_values(["account", "country", "agency"]).itertuples(index=False):
            agency = None if pd.isna(row.agency) else row.agency
            known.setdefault(row.account.casefold(), (row.account, row.country, agency))
    return known


def _count_mentions(
    named: pd.DataFrame, posts: pd.DataFrame, known: dict[str, tuple[str, str, str | None]], others: bool
) -> tuple[dict[tuple[str, str], int], int]:
    """Posts by source and target (both in lower case), in order, and the number of posts that mention themselves."""
    replies = named["reply_to"] if "reply_to" in named else pd.Series([None] * len(named), index=named.index)
    answered = posts.loc[is_among(posts["post_id"], replies.dropna()), ["post_id", "account"]]
    author = {
        post: who.casefold()
        for post, who in zip(answered["post_id"], answered["account"], strict=True)
        if isinstance(who, str)
    }
    counts: Counter[tuple[str, str]] = Counter()
    itself = 0
    told = named["text"].str.contains("@", regex=False) | replies.notna()
    columns = (column[told].to_numpy(dtype=object) for column in (named["account"], named["text"], replies))
    for account, text, reply in zip(*columns, strict=True):
        mentioned = {_find_account(handle, known) for handle in HANDLE.findall(text)} if "@" in text else set()
        # a post_id of digits that is not in the table is no handle
        if isinstance(reply, str) and (reply in author or not reply.isdigit()):
            mentioned.add(author.get(reply) or _find_account(reply.lstrip("@"), known))
        one = account.casefold()
        itself += one in mentioned
        counts.update((one, two) for two in mentioned - {one} if others or two in known)
    return dict(sorted(counts.items())), itself


def _find_account(handle: str, known: dict[str, tuple[str, str, str | None]]) -> str:
    """The handle in lower case; of a handle that runs into a dot or hyphen, the police account that it begins with."""
    name = handle.casefold()
    start = re.split("[.-]", name)[0]
    return start if name not in known and start in known else name
