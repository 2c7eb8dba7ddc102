"""The findings that a report begins with, written from its tables by rules, and never beyond them.

A finding is one of the kinds below. A report has the first five that its tables allow, in this order, whatever they
say: were they chosen by what they say, chance differences would be chosen before the finding that there are none.

1. `shares`: which theme most posts have, and how sure that is.
2. `ranks`: which country leads, and whether the police of the United Kingdom do.
3. `contrasts`: the largest difference between countries that Holm's adjustment leaves.
4. `kinds`: the largest difference between kinds of account, other things equal.
5. `trust`: whether coders agree, and what the classifier's errors would have done.
6. `uptake`: which theme spread fastest among agencies.
7. `engagement`: what the public answers to.
8. `followers`: months of unusual growth.
"""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from composite.report.content import Finding
from composite.report.country_findings import tell_contrasts, tell_ranks, tell_shares
from composite.report.other_findings import tell_engagement, tell_followers, tell_kinds, tell_trust, tell_uptake

MOST_FINDINGS = 5
KINDS: dict[str, Callable[[dict[str, pd.DataFrame], float], Finding | None]] = {
    "shares": tell_shares,
    "ranks": tell_ranks,
    "contrasts": tell_contrasts,
    "kinds": tell_kinds,
    "trust": tell_trust,
    "uptake": tell_uptake,
    "engagement": tell_engagement,
    "followers": tell_followers,
}


def find_findings(tables: dict[str, pd.DataFrame], level: float) -> tuple[Finding, ...]:
    """The first five findings that the tables of a study allow, in the order of `KINDS`."""
    found = [finding for tell in KINDS.values() if (finding := tell(tables, level)) is not None]
    return tuple(found[:MOST_FINDINGS])
