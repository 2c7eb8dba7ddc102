"""Colours of the figures: those of the project or of an institution, and whether they can be told apart."""

from __future__ import annotations

import itertools
import re
import tomllib
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np

from composite.codebook.themes import THEME, THEME_KEYS
from composite.errors import CompositeError, CompositeWarning, require_known

NAMED = ("ink", "grey", "accent", "second")
APART = 8.0  # ΔE below which two colours of dots and lines are one to most readers; the project's own are all above
CONTRAST = {"ink": 4.5, "grey": 3.0}  # WCAG 2.1, SC 1.4.3 and 1.4.11; grey is for text that says little
FAINT = 1.5  # a theme's colour fills marks that have a darker edge, so it may be lighter than text
EDGE = 3.0
# Machado, Oliveira & Fernandes (2009), doi 10.1109/TVCG.2009.113, severity 1, on linear light
SIGHTS: dict[str, np.ndarray] = {
    "usual sight": np.eye(3),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]]
    ),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
}
_TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.072175], [0.0193339, 0.119192, 0.9503041]]
)


@dataclass(frozen=True)
class Colours:
    """The colours and the font of figures.

    Attributes
    ----------
    ink, grey, accent, second : str
        `#RRGGBB` of text; of what rests on little; of what has no theme; and of what stands against that.
    themes : mapping of str to str
        Theme key → `#RRGGBB`, for themes that do not have the colour of the codebook.
    font : str
        A font family that is installed.
    """

    ink: str = "#222222"
    grey: str = "#8a8a8a"
    accent: str = "#2b5c8a"
    second: str = "#882255"
    themes: Mapping[str, str] = field(default_factory=dict)
    font: str = "DejaVu Sans"

    def paint(self, theme: str) -> str:
        """The colour of a theme."""
        return self.themes.get(theme, THEME[theme].colour)

    def edge(self, theme: str) -> str:
        """The colour of a theme, as dark as a thin line on white has to be."""
        return _darken(self.paint(theme))


def read_colours(path: str | Path) -> Colours:
    """The colours in a TOML file: `ink`, `grey`, `accent`, `second`, `font` and any of the nine theme keys.

    Warns where two themes are hard to tell apart, or a colour is hard to see on white.

    Raises
    ------
    CompositeError
        If the file cannot be read, or has an unknown key or a colour that is not `#RRGGBB`.
    """
    try:
        given = tomllib.loads(Path(path).read_text("utf-8"))
    except OSError as error:
        raise CompositeError(f"cannot read the colours {str(path)!r} ({error.strerror}): check the path") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CompositeError(
            f'{str(path)!r} is not a TOML file ({error}): write lines like voice = "#88CCEE"'
        ) from error
    for name, value in given.items():
        if isinstance(value, dict):
            raise CompositeError(f"[{name}] in {Path(path).name}: write the lines of colours without a head above them")
    if not given:
        note = f"{Path(path).name} names no colour: figures have those of the project"
        warnings.warn(note, CompositeWarning, stacklevel=2)
    require_known(given, (*NAMED, "font", *THEME_KEYS), what=f"{Path(path).name}: the name")
    for name, value in given.items():
        if name == "font":
            if not isinstance(value, str) or not value.strip():
                raise CompositeError(f'font = {value!r} in {Path(path).name}: give the name of a font, as "Arial"')
        elif not isinstance(value, str) or not re.fullmatch(r"#[0-9A-Fa-f]{6}", value):
            raise CompositeError(f'{name} = {value!r} in {Path(path).name}: write a colour as "#RRGGBB"')
    themes = {key: given[key] for key in THEME_KEYS if key in given}
    named = {name: given[name] for name in (*NAMED, "font") if name in given}
    found = Colours(**{**named, "font": _find_font(named.get("font", Colours.font))}, themes=themes)
    for note in check_colours(found):
        warnings.warn(note, CompositeWarning, stacklevel=2)
    return found


def check_colours(colours: Colours) -> list[str]:
    """What is hard to see with these colours, in words."""
    notes = [
        f"{name} {getattr(colours, name)} has a contrast of {measure_contrast(getattr(colours, name)):.1f} with white, "
        f"and text needs {least:g}"
        for name, least in CONTRAST.items()
        if measure_contrast(getattr(colours, name)) < least
    ]
    notes += [
        f"{key} {colours.paint(key)} is hardly seen on white (contrast {measure_contrast(colours.paint(key)):.1f})"
        for key in THEME_KEYS
        if measure_contrast(colours.paint(key)) < FAINT
    ]
    for one, two in itertools.combinations(THEME_KEYS, 2):
        for sight, matrix in SIGHTS.items():
            distance = measure_difference(colours.paint(one), colours.paint(two), matrix)
            if distance < APART:
                notes.append(
                    f"{one} {colours.paint(one)} and {two} {colours.paint(two)} are hard to tell apart in {sight} "
                    f"(ΔE {distance:.0f})"
                )
                break
    return notes


def measure_contrast(colour: str, other: str = "#ffffff") -> float:
    """The contrast of two colours, from 1 (none) to 21 (black on white), by WCAG 2.1.

    >>> round(measure_contrast("#000000")), round(measure_contrast("#ffffff"))
    (21, 1)
    """
    light = sorted(float(_TO_XYZ[1] @ _linear(value)) for value in (colour, other))
    return (light[1] + 0.05) / (light[0] + 0.05)


def measure_difference(one: str, two: str, sight: np.ndarray | None = None) -> float:
    """The distance of two colours in CIELAB (ΔE 1976), as people with this sight see them.

    >>> measure_difference("#882255", "#882255"), round(measure_difference("#000000", "#ffffff"))
    (0.0, 100)
    """
    matrix = SIGHTS["usual sight"] if sight is None else sight
    places = [_find_place(np.clip(matrix @ _linear(colour), 0, 1)) for colour in (one, two)]
    return float(np.linalg.norm(places[0] - places[1]))


def _linear(colour: str) -> np.ndarray:
    values = np.array([int(colour[start : start + 2], 16) for start in (1, 3, 5)]) / 255
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def _find_place(linear: np.ndarray) -> np.ndarray:
    ratio = _TO_XYZ @ linear / _TO_XYZ.sum(axis=1)
    bent = np.where(ratio > (6 / 29) ** 3, np.cbrt(ratio), ratio / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * bent[1] - 16, 500 * (bent[0] - bent[1]), 200 * (bent[1] - bent[2])])


@cache
def _darken(colour: str) -> str:
    values = np.array([int(colour[start : start + 2], 16) for start in (1, 3, 5)], dtype=float)
    while measure_contrast(colour) < EDGE:
        values *= 0.97
        colour = "#" + "".join(f"{round(value):02x}" for value in values)
    return colour


def _find_font(family: str) -> str:
    """The family, if it is installed; else that of the project, with a warning."""
    from matplotlib.font_manager import findfont

    try:
        findfont(family, fallback_to_default=False)
    except ValueError:
        note = f"the font {family!r} is not installed here: figures are set in {Colours.font}"
        warnings.warn(note, CompositeWarning, stacklevel=3)
        return Colours.font
    return family
