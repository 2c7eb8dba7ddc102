"""Networks: which themes go together, and how a network becomes a file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from composite.adoption.estimates import estimate_group
from composite.adoption.pseudo import make_outcomes
from composite.adoption.shares import check_level, find_interval
from composite.codebook.contract import check_table, find_corpus
from composite.codebook.themes import THEME_KEYS
from composite.errors import CompositeError
from composite.files import write_whole

ENDINGS = (".graphml", ".gexf")


@dataclass(frozen=True)
class Network:
    """Nodes and the ties between them.

    Attributes
    ----------
    name : str
        `themes`, `agencies` or `mentions`.
    nodes : DataFrame
        One row a node, named by `node`: table `theme_nodes`, `communities` or `actors`.
    edges : DataFrame
        Table `edges`: one row a tie.
    directed : bool
        Whether a tie leads from `source` to `target`; else it has no direction.
    measures : dict of str to float
        What is measured of the network as a whole.
    """

    name: str
    nodes: pd.DataFrame
    edges: pd.DataFrame
    directed: bool
    measures: dict[str, float]

    def to_networkx(self) -> Any:
        """A networkx graph (`DiGraph` if directed), every column an attribute; missing values and ties are left out."""
        import networkx as nx

        graph = nx.DiGraph() if self.directed else nx.Graph()
        for row in self.nodes.to_dict("records"):
            graph.add_node(row["node"], **_keep_known({k: v for k, v in row.items() if k != "node"}))
        for row in self.edges[self.edges["weight"].notna()].to_dict("records"):
            ends = ("source", "target")
            graph.add_edge(*(row[end] for end in ends), **_keep_known({k: v for k, v in row.items() if k not in ends}))
        return graph


def _keep_known(values: dict[str, Any]) -> dict[str, Any]:
    """Attributes as Python's own numbers and strings, without those that are missing."""
    plain = {name: value.item() if hasattr(value, "item") else value for name, value in values.items()}
    return {name: value for name, value in plain.items() if not pd.isna(value)}


def write_network(network: Network, path: str | Path) -> Path:
    """The path of a GraphML or GEXF file (by its ending) that Gephi and others open, the same bytes every time.

    Parameters
    ----------
    network : Network
    path : str or Path
        Ends in `.graphml` or `.gexf`.

    Raises
    ------
    CompositeError
        If it ends otherwise, or the file cannot be written.
    """
    import networkx as nx

    target = Path(path)
    if target.suffix not in ENDINGS:
        raise CompositeError(f"cannot write a network to {target.name!r}: end its name in {' or '.join(ENDINGS)}")
    write = nx.generate_graphml if target.suffix == ".graphml" else nx.generate_gexf
    text = "\n".join(write(network.to_networkx()))
    # the day on which the file was written would make equal networks unequal files
    return write_whole(target, re.sub(r' lastmodifieddate="[^"]*"', "", text) + "\n")


def measure_cooccurrence(
    labels: pd.DataFrame, codings: pd.DataFrame | None = None, *, level: float = 0.95, coder: str | None = None
) -> pd.DataFrame:
    """The table `cooccurrence`: one row an ordered pair of themes, the share of posts with one that have the other too.

    With codings, posts count by the inverse of their sampling probability and only codes are used, since errors of the
    classifier on two themes go together; without, themes with a probability of at least 0.5.

    Intervals are those of the method `coded` (without codings, `naive`) in `estimate_shares`, of the posts with
    `theme`: over agencies where five have such posts, else for these agencies' posts.

    Parameters
    ----------
    labels, codings, coder
        As in `estimate_shares`.
    level : float
        Coverage of the intervals.

    Returns
    -------
    DataFrame
        Table `cooccurrence`; the share is missing where no post has `theme`, and its interval where one post has.

    Raises
    ------
    CompositeError
        If the tables do not fit each other.
    """
    check_level(level)
    outcomes = make_outcomes(labels, codings, coder=coder)
    if codings is None:
        method, has, weight = "naive", outcomes.naive, np.ones(len(outcomes.posts))
    else:
        method, has, weight = "coded", (outcomes.coded > 0).astype(float), outcomes.weight
    both = has.T @ (weight[:, None] * has)
    single = np.diag(both)
    with np.errstate(invalid="ignore"):
        share = np.where(single[:, None] > 0, both / single[:, None], np.nan)
    counts = has.sum(axis=0).astype(int)
    squares = has.T @ weight**2
    effective = np.where(squares > 0, single**2 / np.where(squares > 0, squares, 1), 0.0)  # Kish (1965)
    agency = (outcomes.posts["country"] + "/" + outcomes.posts["agency"]).to_numpy()
    rows = []
    for i, one in enumerate(THEME_KEYS):
        mine = np.flatnonzero(has[:, i])
        estimate = estimate_group(outcomes, mine, agency[mine], method)
        low, high = find_interval(estimate, level)
        rows += [
            {
                "theme": one,
                "other": two,
                "method": method,
                "n": counts[i],
                "effective_n": effective[i],
                "n_agencies": len(np.unique(agency[mine])),
                "share": min(share[i, j], 1.0),
                # the same number by another way may differ in its last digit
                "low": np.minimum(low[j], share[i, j]),
                "high": np.maximum(high[j], min(share[i, j], 1.0)),
                "inference": estimate.inference,
            }
            for j, two in enumerate(THEME_KEYS)
            if i != j
        ]
    table = pd.DataFrame(rows).astype({"n": "int64", "inference": "str"})
    table = table.astype(dict.fromkeys(("effective_n", "share", "low", "high"), "float64"))
    table["corpus"] = pd.Series([find_corpus(outcomes.posts)] * len(table), dtype="str")
    return check_table("cooccurrence", table)
