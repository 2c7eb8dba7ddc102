"""Which words of a post speak for which theme, as a table and in colour."""

from __future__ import annotations

import html
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from rich.text import Text
from sklearn.utils.validation import check_is_fitted

from composite.codebook.contract import check_table
from composite.codebook.themes import THEME
from composite.errors import CompositeError, require_known
from composite.themes.checks import check_texts
from composite.themes.classifier import ThemeClassifier
from composite.themes.features import encode, read_features
from composite.themes.scoring import measure_lengths
from composite.themes.tokens import LONGEST, NOTHING, WORD, count_grams, list_table, read_token

NAMED = 5  # words that are named beneath a post, for and against
COLOUR = "#4477AA"  # of a theme that is not one of the nine


def explain_post(model: ThemeClassifier, text: str) -> pd.DataFrame:
    """The table `explanation`: what each word of a post adds to the log-odds of each theme.

    A word's part is the weight of the word and of its character n-grams, and its share of the pairs that it
    is in. The parts of a theme and the model's `intercept_` add up to its `decision_function`, exactly: this is what
    the model computes and not an approximation of it.

    Parameters
    ----------
    model : ThemeClassifier
        Fitted, with `features="ngrams"`.
    text : str

    Returns
    -------
    DataFrame
        Table `explanation`: a row for every token and theme, in the order of the text; `text[start:end]` is the token.

    Raises
    ------
    CompositeError
        If the model uses sentence vectors, which have no words, or the text is not a string.

    Examples
    --------
    >>> import composite as cp
    >>> model = cp.ThemeClassifier().fit(["Call us", "Road closed", "Call 101", "Ice on the road"], [1, 0, 1, 0])
    >>> table = cp.explain_post(model, "Please call")
    >>> print(table["token"].tolist(), table["contribution"].idxmax())
    ['Please', 'call'] 1
    """
    check_is_fitted(model)
    if not isinstance(text, str):
        raise CompositeError(f"text is of type {type(text).__name__}: give the text of one post")
    if len(model.sentence_scorer_.bias):
        raise CompositeError(
            f"features={model.features!r} reads sentences as a whole, and no word has a part of its own: explain a "
            "model with features='ngrams'"
        )
    scorer = model.scorer_
    spans, covers = _read_spans(text, scorer.ngrams.words, scorer.ngrams.characters)
    buckets, values, _ = read_features(encode([text]), scorer.ngrams)
    weights, masses = scorer.find_weights(buckets)
    length = measure_lengths(np.array([(masses * values**2).sum()]))
    parts = weights * values[:, None] * scorer.scale / length
    sums = np.zeros((len(spans), len(scorer.intercept)))
    for part, (first, last) in zip(parts, covers, strict=True):
        sums[first : last + 1] += part / (last + 1 - first)
    names = _name_themes(model)
    n, k = sums.shape
    table = pd.DataFrame(
        {
            "token": pd.Series([text[start:end] for start, end in spans], dtype="str").repeat(k).reset_index(drop=True),
            "start": np.repeat([start for start, _ in spans], k).astype("int64"),
            "end": np.repeat([end for _, end in spans], k).astype("int64"),
            "theme": pd.Series(names * n, dtype="str"),
            "contribution": sums.ravel(),
        }
    )
    return check_table("explanation", table)


def _read_spans(text: str, words: int, characters: int) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Start and end of every token; and of every feature, as `read_features` has them, the first and last token."""
    buffer, table, token = encode([text]).buffer, list_table(), [0] * LONGEST
    # the character that a byte belongs to: bytes that go on with one begin with the bits 10
    begins = (np.frombuffer(buffer, dtype=np.uint8) & 0xC0) != 0x80
    character = np.concatenate([[0], np.cumsum(begins)]).tolist()
    spans: list[tuple[int, int]] = []
    covers: list[tuple[int, int]] = []
    i, last = 0, -1
    while True:
        start, i, size, kind = read_token(buffer, i, len(buffer), table, token, last)
        if kind == NOTHING:
            return spans, covers
        last = i if kind == WORD else -1
        place = len(spans)
        spans.append((character[start], character[i]))
        covers.append((place, place))
        # the longest of them may begin with the start of the post, which is no token
        covers += [(max(0, place - length + 1), place) for length in range(min(words, place + 2), 1, -1)]
        if kind == WORD:
            covers += [(place, place)] * count_grams(size, characters)


def _name_themes(model: ThemeClassifier) -> list[str]:
    return [str(name) for name in (model.classes_ if model.multilabel_ else model.classes_[-1:])]


@dataclass(frozen=True)
class ColouredPost:
    """A post once for each theme, its words coloured by what they add: HTML in a notebook, colours in a terminal.

    Words that speak for a theme stand on its colour, the stronger the more they add; words that speak against it are
    underlined with dots. The strongest are named beneath, for readers who see no colours.

    Attributes
    ----------
    text : str
    table : DataFrame
        Table `explanation`.
    chances : dict of str to float
        The themes that are shown and their probabilities.
    """

    text: str
    table: pd.DataFrame
    chances: dict[str, float]

    def _repr_html_(self) -> str:
        blocks = []
        for theme, chance in self.chances.items():
            pieces, done = [], 0
            for start, end, strength, part in self._measure(theme):
                pieces.append(html.escape(self.text[done:start]))
                style = (
                    f"background:{_find_colour(theme)}{round(0x99 * strength):02x};border-radius:2px"
                    if strength > 0
                    else f"text-decoration:underline dotted;opacity:{1 + 0.5 * strength:.2f}"
                )
                pieces.append(f'<span style="{style}" title="{part:+.2f}">{html.escape(self.text[start:end])}</span>')
                done = end
            pieces.append(html.escape(self.text[done:]))
            blocks.append(
                f'<div style="margin:0 0 1em"><b style="border-bottom:3px solid {_find_colour(theme)}">'
                f"{html.escape(_find_label(theme))}</b> {chance:.2f}"
                f'<div style="white-space:pre-wrap;line-height:1.6">{"".join(pieces)}</div>'
                f"<small>{html.escape(self._name_words(theme))}</small></div>"
            )
        # a lone half of an emoji cannot be written to a file
        return "".join(blocks).encode("utf-8", "replace").decode()

    def __rich__(self) -> Text:
        shown = Text()
        for theme, chance in self.chances.items():
            shown.append(_find_label(theme), style=f"bold {_find_colour(theme)}").append(f" {chance:.2f}\n")
            line = Text(self.text.encode("utf-8", "replace").decode())
            for start, end, strength, _ in self._measure(theme):
                if strength > 0.1:
                    line.stylize(f"black on {_mix(_find_colour(theme), 0.25 + 0.75 * strength)}", start, end)
                elif strength < -0.1:
                    line.stylize("dim underline", start, end)
            shown.append_text(line).append("\n").append(f"{self._name_words(theme)}\n\n", style="dim")
        shown.right_crop(2)
        return shown

    def _measure(self, theme: str) -> Iterable[tuple[int, int, float, float]]:
        """Start and end of every token, its part relative to the largest (−1 to 1), and the part."""
        rows = self.table[self.table["theme"] == theme]
        largest = rows["contribution"].abs().max() or 1.0
        for start, end, part in zip(rows["start"], rows["end"], rows["contribution"], strict=True):
            yield start, end, part / largest, part

    def _name_words(self, theme: str) -> str:
        rows = self.table[self.table["theme"] == theme].sort_values("contribution", kind="stable")
        against = rows[rows["contribution"] < 0][:NAMED]
        speaks = rows[rows["contribution"] > 0][::-1][:NAMED]
        named = [
            f"{side}: " + ", ".join(f"{row.token} {row.contribution:+.2f}" for row in part.itertuples())
            for side, part in (("for", speaks), ("against", against))
            if len(part)
        ]
        return "; ".join(named).encode("utf-8", "replace").decode() or "no word speaks for it or against it"


def draw_explanation(model: ThemeClassifier, text: str, *, themes: Iterable[str] | None = None) -> ColouredPost:
    """A post in colour: as the last line of a notebook's cell, or given to `rich.print`, it shows itself.

    Parameters
    ----------
    model, text
        As in `explain_post`.
    themes : iterable of str, optional
        Themes to show; else those that the model gives the post, or the likeliest.

    Raises
    ------
    CompositeError
        As `explain_post`, or if a theme is not known.
    """
    table = explain_post(model, text)
    names = _name_themes(model)
    chances = np.atleast_2d(model.predict_proba(check_texts([text])))[0][-len(names) :]
    if themes is None:
        shown = [i for i in np.argsort(-chances, kind="stable") if chances[i] >= model.thresholds_[i]] or [
            int(chances.argmax())
        ]
    else:
        wanted = list(themes)
        require_known(wanted, names, what="theme")
        shown = [names.index(theme) for theme in wanted]
    return ColouredPost(text, table, {names[i]: float(chances[i]) for i in shown})


def _find_colour(theme: str) -> str:
    return THEME[theme].colour if theme in THEME else COLOUR


def _find_label(theme: str) -> str:
    return THEME[theme].label if theme in THEME else theme


def _mix(colour: str, strength: float) -> str:
    """`colour` thinned with white, so that black letters can be read on it."""
    parts: Any = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return "#" + "".join(f"{round(255 - (255 - part) * 0.7 * strength):02x}" for part in parts)
