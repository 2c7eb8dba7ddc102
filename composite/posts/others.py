"""Our own tables among files of posts: accounts, codings and others are no posts, and are called what they are."""

from __future__ import annotations

from collections.abc import Collection

from composite.codebook.tables import TABLES
from composite.codebook.themes import THEME_KEYS

# columns that tell a table which may lack others of its contract
TOLD = {
    "accounts": ("account", "platform", "agency", "country"),
    "audience": ("account", "platform", "date", "followers"),
    "codings": ("post_id", "coder", *THEME_KEYS),
    "labels": ("post_id", *THEME_KEYS),
}
OPTIONS = ("accounts", "audience", "codings")  # an option that is called so takes the table
# a sheet for coders has the text of posts that stand elsewhere
SHEET = frozenset(("post_id", "text", "coder", "primary", "sampling_probability", "stratum"))


def find_table(names: Collection[str], *, alone: bool = False) -> str | None:
    """The table of ours, not one of posts, that a file with these columns is; None, if it may hold posts.

    Posts may have the columns of accounts and their texts in one that is called otherwise: a table is ours if it has no
    column but ours, or one for every theme.

    Parameters
    ----------
    names : collection of str
    alone : bool
        Whether nothing but the file was named: then even a sheet for coders is taken for the posts that are meant.

    Examples
    --------
    >>> find_table(["account", "platform", "agency", "country", "kind"]), find_table(["country", "text"])
    ('accounts', None)
    """
    found = frozenset(names)
    if found >= SHEET and not alone:
        return "codings"
    table = resemble_table(found)
    return table if table is None or found.issuperset(THEME_KEYS) or found <= set(TABLES[table].columns) else None


def resemble_table(names: Collection[str]) -> str | None:
    """The table of ours, not one of posts, whose columns are all among these; the one that has most of them.

    >>> resemble_table(["account", "platform", "agency", "country", "remark"])
    'accounts'
    """
    needs = {name: [c for c, spec in schema.columns.items() if spec.required] for name, schema in TABLES.items()} | TOLD
    fitting = [] if "text" in names else [name for name, columns in needs.items() if set(columns) <= set(names)]
    return max(fitting, key=lambda name: len(needs[name]), default=None)
