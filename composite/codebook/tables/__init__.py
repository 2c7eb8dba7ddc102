"""The tables that pass between the rooms: one pandera schema each, the only contract of columns, types and units.

`TABLES[name]` is the schema; `check_table(name, frame)` in `contract` holds a frame to it. A column's title is its unit
and its description its meaning; the data dictionary in the docs is generated from them. A new table goes into the
module of what it is about, and is written with the columns of `columns`.
"""

from __future__ import annotations

import pandera.pandas as pa

from composite.codebook.tables import adoption, audiences, networks, posts, themes, uptake
from composite.codebook.tables.columns import ILLUSTRATIVE, INFERENCES, KINDS, MEASURES, METHODS, TIME

__all__ = ["ILLUSTRATIVE", "INFERENCES", "KINDS", "MEASURES", "METHODS", "TABLES", "TIME"]

TABLES: dict[str, pa.DataFrameSchema] = {
    **posts.TABLES,
    **themes.TABLES,
    **adoption.TABLES,
    **uptake.TABLES,
    **audiences.TABLES,
    **networks.TABLES,
}
