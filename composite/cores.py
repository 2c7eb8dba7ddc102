"""How much can be done at one time."""

from __future__ import annotations

import os


def count_cores() -> int:
    """The cores of the processor that this process may use.

    >>> count_cores() >= 1
    True
    """
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
