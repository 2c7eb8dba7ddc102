"""Figures of the classifier: how well it does by theme, and whether it does as well in every language."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.lines import Line2D

from composite.codebook.countries import LANGUAGES
from composite.codebook.themes import THEME_KEYS, THEMES
from composite.errors import CompositeError
from composite.report.drawing import (
    FEW,
    Sheet,
    draw_estimate,
    exhibit,
    make_theme_panels,
    need_table,
    new_figure,
    set_per_cent,
)
from composite.report.look import area, grey, ink, name_theme, now, number, pt, say
from composite.report.notes import note_marks

# measure, mark, whether it is filled, and how far above the middle of the row
MARKS = (("precision", "<", False, 0.24), ("f1", "o", True, 0.0), ("recall", ">", False, -0.24))


@exhibit("quality")
def draw_quality(quality: pd.DataFrame) -> Sheet:
    """Precision, recall and F1 of the classifier by theme, on coded posts that it did not see, with intervals.

    Parameters
    ----------
    quality : DataFrame
        Table `quality`.
    look : Look
    """
    need_table(quality, "quality")
    table = quality.set_index("theme").reindex(THEME_KEYS[::-1])
    figure = new_figure(4.8)
    axes = figure.subplots()
    for measure, marker, full, up in MARKS:
        for y, (key, row) in enumerate(table.iterrows()):
            edge = grey() if row["n_positive"] < FEW else now().colours.edge(str(key))
            line: dict[str, Any] = {"linewidth": pt(1.1), "linestyle": "-" if row["inference"] == "agencies" else ":"}
            axes.plot([row[f"{measure}_low"], row[f"{measure}_high"]], [y + up] * 2, color=edge, **line)
            face = edge if full else "white"
            axes.scatter(row[measure], y + up, marker=marker, s=area(26), facecolor=face, edgecolor=edge, zorder=3)
    names = [
        f"{name_theme(str(key), short=True)} (n = {number(int(n), ',')})" for key, n in table["n_positive"].items()
    ]
    axes.set_yticks(range(len(table)), names)
    for y, (_, row) in enumerate(table.iterrows()):
        if np.isnan(row["precision"]):
            said = say("never labelled") if row["n_positive"] else say("never coded")
            axes.text(0.04, y + MARKS[0][-1], said, va="center", color=grey(), fontsize=pt(8))
    axes.set_xlim(-0.03, 1.03)
    axes.set_ylim(-0.6, len(table) - 0.4)
    set_per_cent(axes.xaxis, ".0f")
    axes.grid(axis="x")
    figure.handles = tuple(
        Line2D(
            [],
            [],
            marker=marker,
            color=ink(),
            markerfacecolor=ink() if full else "white",
            linestyle="none",
            label=say(measure if measure != "f1" else "F1"),
            markersize=pt(5.5),
        )
        for measure, marker, full, _ in MARKS
    )
    return figure


@exhibit("languages")
def draw_languages(languages: pd.DataFrame) -> Sheet:
    """Sensitivity of the classifier by language, a panel a theme, with intervals.

    Parameters
    ----------
    languages : DataFrame
        Table `languages`.
    look : Look

    Raises
    ------
    CompositeError
        If the table has no sensitivity.
    """
    need_table(languages, "languages", "language", "theme", "measure")
    table = languages[languages["measure"] == "sensitivity"]
    if table.empty:
        raise CompositeError("the table 'languages' has no rows of the measure 'sensitivity': this figure draws them")
    present = set(table["language"])
    codes = [code for code in LANGUAGES if code in present] + sorted(present - set(LANGUAGES))
    codes = codes[::-1]
    figure = new_figure(2.0 + 0.42 * len(codes))
    for axes, theme in zip(make_theme_panels(figure, sharey=True, sharex=True), THEMES, strict=True):
        part = table[table["theme"] == theme.key].set_index("language")
        for y, code in enumerate(codes):
            if code not in part.index or np.isnan(part.loc[code, "value"]):
                continue
            row = part.loc[code].rename({"value": "share"})
            few = row["n_coded"] < FEW
            draw_estimate(axes, row, y, marker="o", colour=now().colours.edge(theme.key), few=few, size=14)
        axes.set_yticks(range(len(codes)), codes)
        axes.set_ylim(-0.6, len(codes) - 0.4)
        axes.set_xlim(-0.03, 1.03)
        set_per_cent(axes.xaxis, ".0f")
        axes.set_xticks([0, 0.5, 1])
        axes.grid(axis="x")
    figure.below = say("of the coded posts with the theme, found by the classifier")
    drawn = table[table["value"].notna()]
    hollow, few = drawn["inference"] != "agencies", drawn["n_coded"] < FEW
    figure.feet = (note_marks(hollow=bool(hollow.any()), grey=bool(few.any())),)
    return figure
