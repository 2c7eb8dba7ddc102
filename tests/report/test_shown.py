"""A notebook shows a figure as a picture, whether or not it knows of pyplot."""

from __future__ import annotations

import pandas as pd
import pytest
from IPython.core.formatters import DisplayFormatter

import composite as cp
from composite.report.drawing import new_figure

PNG = b"\x89PNG"


def test_a_figure_is_shown_as_a_picture_by_a_notebook_that_knows_nothing_of_matplotlib() -> None:
    shown, _ = DisplayFormatter().format(new_figure(2))
    assert shown["image/png"].startswith(PNG)


@pytest.mark.parametrize("rows", [1, 2])
def test_showing_a_figure_leaves_it_as_it_was(rows: int) -> None:
    months = pd.DataFrame({"country": "GB", "month": ["2013-01", "2013-02"], "n_posts": [3, 4], "corpus": "mine"})
    figure = cp.figures.draw_months(months.head(rows).astype({"country": "str", "month": "str", "corpus": "str"}))
    before = figure.get_size_inches().tolist(), figure.dpi
    assert figure._repr_png_().startswith(PNG)  # type: ignore[attr-defined]
    assert (figure.get_size_inches().tolist(), figure.dpi) == before
