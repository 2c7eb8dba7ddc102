"""Figures that a notebook shows."""

from __future__ import annotations

import io

from matplotlib.figure import Figure

DPI = 144


class ShownFigure(Figure):
    """A figure that a notebook shows as a picture, without `%matplotlib inline` or pyplot."""

    def _repr_png_(self) -> bytes:
        # a notebook learns how to show figures from pyplot, which ours know nothing of
        stream = io.BytesIO()
        self.savefig(stream, format="png", dpi=DPI)
        return stream.getvalue()
