"""A drawn figure as the formats of the report need it."""

from __future__ import annotations

import re
from dataclasses import dataclass

POINTS = 72  # to the inch


@dataclass(frozen=True)
class Picture:
    """A figure as SVG, and as PNG of 300 dots to the inch."""

    svg: bytes
    png: bytes

    @property
    def size(self) -> tuple[float, float]:
        """Width and height in inches, as drawn."""
        head = self.svg[:2000].decode("utf-8", "replace")
        width, height = (
            float(re.findall(rf'<svg [^>]*?\b{side}="([\d.]+)pt"', head)[0]) for side in ("width", "height")
        )
        return width / POINTS, height / POINTS

    def fit(self, width: float, height: float) -> tuple[float, float]:
        """Its width and height in inches where there is so much room; it is never enlarged."""
        own_width, own_height = self.size
        scale = min(1.0, width / own_width, height / own_height)
        return scale * own_width, scale * own_height
