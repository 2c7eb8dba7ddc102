"""What changed between two reports, in words."""

from __future__ import annotations

import pandas as pd

from composite.codebook.countries import COUNTRY, COUNTRY_CODES
from composite.codebook.themes import THEME, THEME_KEYS
from composite.errors import count
from composite.report.claims import SURE, choose_best
from composite.report.compare import Report, compare_tables, list_settings, write_value
from composite.report.telling import find_leaders

MOST = 5  # largest changes of a kind that are told; cells of a table that are named


def describe_changes(old: Report, new: Report) -> list[str]:
    """Sentences: exhibits added and removed, inputs and versions, the largest changes of shares, differences and ranks.

    Parameters
    ----------
    old, new : Report
        Of `read_report`.

    Returns
    -------
    list of str
        In a fixed order, the same for the same reports; one sentence that says so, if nothing changed.
    """
    lines = []
    figures = [list(report.manifest["figures"]) for report in (old, new)]
    for word, names in (
        ("added", sorted(set(figures[1]) - set(figures[0]))),
        ("removed", sorted(set(figures[0]) - set(figures[1]))),
    ):
        if names:
            lines.append(f"Figures {word}: {', '.join(names)}.")
    lines += [f"Different {line}." for line in list_settings(old.manifest, new.manifest)]
    changes = compare_tables(old.tables, new.tables)
    if changes.empty:
        return [*lines, "No number of any table changed." if lines else "Nothing changed."]
    for name, tell in (("shares", _tell_shares), ("contrasts", _tell_contrasts), ("ranks", _tell_ranks)):
        if name in old.tables and name in new.tables and (changes["table"] == name).any():
            lines += tell(old.tables[name], new.tables[name])
    for name, part in changes.groupby("table", sort=True):
        whole = part.iloc[0]
        if whole["row"] == "the whole table":
            lines.append(f"Table {name}: {'only in the new report' if whole['old'] is None else 'no longer there'}.")
            continue
        added, removed = (int(((part["column"] == "") & part[side].isna()).sum()) for side in ("old", "new"))
        cells = int((part["column"] != "").sum())
        said = [count(cells, "cell") + " changed"] if cells else []
        said += [count(added, "row") + " added"] if added else []
        said += [count(removed, "row") + " removed"] if removed else []
        lines.append(f"Table {name}: {', '.join(said)}{_list_cells(part) if len(part) <= MOST else ''}.")
    return lines


def _list_cells(part: pd.DataFrame) -> str:
    """Each change in words: which row and column, from what to what."""
    words = []
    for row in part.itertuples():
        what = f", {row.column} {write_value(row.old)} → {write_value(row.new)}" if row.column else ""
        words.append(row.row + what)
    return f": {'; '.join(words)}"


def _tell_shares(old: pd.DataFrame, new: pd.DataFrame) -> list[str]:
    """The largest changes of shares, each against the interval that it had."""
    if "country" not in old or "country" not in new:
        return []
    one, two = (choose_best(table) for table in (old, new))
    lines = []
    if set(one["method"]) != set(two["method"]):
        lines.append(f"Shares were {one['method'].iloc[0]} and are {two['method'].iloc[0]}.")
    both = _join(one, two, "share")
    for row in both.head(MOST).itertuples():
        text = f"{_name(row)}: {_per_cent(row.share_old)} → {_per_cent(row.share_new)}"
        if pd.notna(row.low_old) and pd.notna(row.high_old):
            inside = row.low_old <= row.share_new <= row.high_old
            span = f"{100 * row.low_old:.1f} to {100 * row.high_old:.1f} %"
            text += f", {'within' if inside else 'outside'} the old interval ({span})"
        lines.append(text + ".")
    return lines


def _tell_contrasts(old: pd.DataFrame, new: pd.DataFrame) -> list[str]:
    """The largest changes of differences from the others, and what is newly or no longer told apart."""
    both = _join(old, new, "difference")
    lines = []
    for row in both.head(MOST).itertuples():
        span = f"{_points(row.low_old)} to {_points(row.high_old)}" if pd.notna(row.low_old) else "none"
        lines.append(
            f"{_name(row)}: difference from the others {_points(row.difference_old)} → {_points(row.difference_new)} "
            f"points (old interval {span})."
        )
    every = _join(old, new, "difference", all_rows=True)
    was, now = (every[f"p_adjusted_{side}"] < SURE for side in ("old", "new"))
    for word, rows in (("Newly", every[now & ~was]), ("No longer", every[was & ~now])):
        if len(rows):
            names = "; ".join(_name(row) for row in _sort(rows).itertuples())
            lines.append(f"{word} told apart from the others (Holm): {names}.")
    return lines


def _tell_ranks(old: pd.DataFrame, new: pd.DataFrame) -> list[str]:
    """New and lost leaders, and the ranks that changed most."""
    lines = []
    leaders = [{(str(row.country), str(row.theme)) for row in find_leaders(table).itertuples()} for table in (old, new)]
    for word, pairs in (("New", leaders[1] - leaders[0]), ("Lost", leaders[0] - leaders[1])):
        rows = _sort(pd.DataFrame(sorted(pairs), columns=["country", "theme"]))
        lines += [f"{word} leader: {_name(row)}." for row in rows.itertuples()]
    for row in _join(old, new, "rank").head(MOST).itertuples():
        spans = [
            f"rank {int(getattr(row, f'rank_{side}'))} (allowed: {int(getattr(row, f'rank_low_{side}'))} to "
            f"{int(getattr(row, f'rank_high_{side}'))})"
            for side in ("old", "new")
        ]
        lines.append(f"{_name(row)}: {spans[0]} → {spans[1]}.")
    return lines


def _join(old: pd.DataFrame, new: pd.DataFrame, value: str, *, all_rows: bool = False) -> pd.DataFrame:
    """Rows of both, by country and theme; those that changed, largest change first."""
    both = old.merge(new, on=["country", "theme"], suffixes=("_old", "_new"))
    size = (both[f"{value}_new"] - both[f"{value}_old"]).abs()
    both = _sort(both.assign(size=size))
    if all_rows:
        return both
    # what is smaller is not seen in a text
    least = 1 if value == "rank" else 0.0005
    return both[both["size"] >= least].sort_values("size", ascending=False, kind="stable")


def _sort(rows: pd.DataFrame) -> pd.DataFrame:
    order = {name: place for place, name in enumerate((*COUNTRY_CODES, *THEME_KEYS))}
    return rows.sort_values(["country", "theme"], key=lambda column: column.map(order), kind="stable")


def _name(row: object) -> str:
    theme = THEME[row.theme].label  # type: ignore[attr-defined]
    return f"{COUNTRY[row.country].name}, {theme[0].lower() + theme[1:]}"  # type: ignore[attr-defined]


def _per_cent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _points(difference: float) -> str:
    return f"{100 * difference:+.1f}".replace("-", "−")
