"""Coding by keyboard in a notebook: a post, the codebook beside it, and a line for the numbers of its themes."""

from __future__ import annotations

import html
import re
from typing import Any

import pandas as pd

from composite.codebook.contract import check_table
from composite.codebook.rules import RULES
from composite.codebook.themes import THEME, THEME_KEYS, THEMES
from composite.errors import CompositeError

NONE = "none"


class CodingDesk:
    """A desk for one coder: the posts of a sheet, one after another.

    The line takes the numbers of the themes in the order of the codebook, the primary one first: `3` is pushing
    information alone, `4 3` wisdom of the crowd and pushing information, `0` no theme; `b` goes back to the post
    before.

    Parameters
    ----------
    sheet : DataFrame
        Of `make_coding_sheet`, or `posts` with a column `sampling_probability`.
    coder : str
        Who codes.

    Examples
    --------
    >>> import composite as cp
    >>> posts = cp.read_posts(cp.CORPUS / "posts.csv").head(2).assign(sampling_probability=1.0)
    >>> desk = cp.CodingDesk(posts, coder="anna")
    >>> desk.enter("4 3")
    >>> desk.codings[["coder", "primary", "push_information"]].values.tolist()
    [['anna', 'wisdom_of_crowd', 1]]
    """

    def __init__(self, sheet: pd.DataFrame, *, coder: str) -> None:
        lacking = [name for name in ("post_id", "text", "sampling_probability") if name not in sheet]
        if lacking:
            raise CompositeError(f"the sheet lacks the column {lacking[0]!r}: make it with make_coding_sheet")
        if sheet.empty:
            raise CompositeError("the sheet has no posts: draw some with draw_coding_sample")
        if not coder.strip():
            raise CompositeError("coder is empty: give the name under which the codes are kept")
        self.coder = coder
        self.place = 0
        self._sheet = sheet.reset_index(drop=True)
        self._codes: dict[int, list[str]] = {}

    def enter(self, typed: str) -> None:
        """Take what was typed for the post on the desk, and lay out the next one.

        Raises
        ------
        CompositeError
            If it is not `b`, `0` or numbers from 1 to 9, or all posts are coded; the post stays on the desk.
        """
        typed = typed.strip().lower()
        if typed == "b":
            self.place = max(0, self.place - 1)
            return
        if self.place >= len(self._sheet):
            raise CompositeError("all posts are coded: take the table codings, or go back with b")
        numbers = re.findall(r"\d", typed)
        if not numbers or re.sub(r"[\d\s,;+]", "", typed) or ("0" in numbers and len(numbers) > 1):
            raise CompositeError(
                f"{typed!r} is no code: type the numbers of the themes, the primary first, such as 4 3; 0 for none; b "
                "to go back"
            )
        if len(set(numbers)) < len(numbers):
            raise CompositeError(f"{typed!r} names a theme twice: name each once, the primary first")
        self._codes[self.place] = [THEME_KEYS[int(number) - 1] for number in numbers if number != "0"]
        self.place += 1

    @property
    def codings(self) -> pd.DataFrame:
        """Table `codings` of what has been coded so far, in the order of the sheet."""
        rows = [
            {
                "post_id": self._sheet.loc[place, "post_id"],
                "coder": self.coder,
                **{key: int(key in themes) for key in THEME_KEYS},
                "primary": themes[0] if themes else NONE,
                "sampling_probability": float(self._sheet.loc[place, "sampling_probability"]),
            }
            for place, themes in sorted(self._codes.items())
        ]
        columns = ["post_id", "coder", *THEME_KEYS, "primary", "sampling_probability"]
        kinds = {"post_id": "str", "coder": "str", "primary": "str", "sampling_probability": "float64"}
        table = pd.DataFrame(rows, columns=columns).astype(dict.fromkeys(THEME_KEYS, "int64") | kinds)
        return check_table("codings", table)

    def show(self) -> Any:
        """The desk as a widget for a notebook: type, press Enter, and the next post comes.

        Raises
        ------
        CompositeError
            If ipywidgets is not installed.
        """
        try:
            import ipywidgets
        except ImportError:
            raise CompositeError(
                "the desk needs ipywidgets: install composite with its extra lab ('composite-police[lab]'), "
                "or code in a spreadsheet of composite sample"
            ) from None
        post, said = ipywidgets.HTML(), ipywidgets.HTML()
        # without continuous updates the value changes when Enter is pressed
        line = ipywidgets.Text(placeholder="numbers, the primary first; Enter", continuous_update=False)
        line.layout.width = "24em"

        def take(change: dict[str, Any]) -> None:
            if not change["new"]:
                return
            try:
                self.enter(change["new"])
                said.value = ""
            except CompositeError as error:
                said.value = f"<span style='color:#8a3b12'>{html.escape(str(error))}</span>"
            post.value = self._describe()
            line.value = ""

        line.observe(take, names="value")
        post.value = self._describe()
        guide = ipywidgets.HTML(_write_guide())
        left = ipywidgets.VBox([post, line, said], layout=ipywidgets.Layout(width="48%"))
        return ipywidgets.HBox([left, guide])

    def _describe(self) -> str:
        done = f"<p style='color:#555'>{len(self._codes)} of {len(self._sheet)} coded</p>"
        if self.place >= len(self._sheet):
            return done + "<p>All posts are coded: the table is in <code>codings</code>.</p>"
        row = self._sheet.loc[self.place]
        known = [str(row[name]) for name in ("country", "agency", "account", "published") if pd.notna(row.get(name))]
        given = ""
        if self.place in self._codes:
            themes = [THEME[key].short for key in self._codes[self.place]]
            given = f"<p style='color:#555'>coded: {html.escape(', '.join(themes) or NONE)}</p>"
        return (
            f"{done}<p style='color:#555'>{html.escape(' · '.join(known))}</p>"
            f"<p style='font-size:1.25em;line-height:1.4'>{html.escape(str(row['text']))}</p>{given}"
        )


def _write_guide() -> str:
    themes = "".join(
        f"<li><b style='border-left:.6em solid {theme.colour};padding-left:.3em'>{html.escape(theme.label)}</b>: "
        f"{html.escape(theme.definition)}. <i>Not when</i> {html.escape(theme.exclusion)}.</li>"
        for theme in THEMES
    )
    rules = "".join(f"<li><b>{html.escape(rule.title)}.</b> {html.escape(rule.text)}</li>" for rule in RULES)
    return (
        "<div style='max-height:28em;overflow:auto;line-height:1.35'>"
        f"<ol>{themes}</ol><details><summary>Decision rules</summary><ol>{rules}</ol></details></div>"
    )
