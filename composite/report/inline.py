"""A figure's SVG as a part of a page: smaller, without styles, with words for those who cannot see it."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from composite.report.content import clean

SVG, LINK = "http://www.w3.org/2000/svg", "{http://www.w3.org/1999/xlink}href"
POINTS = ("d", "x", "y", "x1", "x2", "y1", "y2", "width", "height", "points")


def inline_svg(svg: str, name: str, alt: str) -> str:
    """An SVG element for a page: identifiers of its own, which begin with `name`, and `alt` for who cannot see it.

    Looks are attributes and not styles, which the page's policy refuses. Coordinates keep two decimals, a hundredth of
    a point. What nothing points to loses its identifier. The page's style sheet has the font.
    """
    root = ElementTree.fromstring(clean(svg))  # a name may hold characters that XML forbids
    for parent in [*root.iter()]:
        for child in [*parent]:
            if child.tag in (f"{{{SVG}}}metadata", f"{{{SVG}}}style"):
                parent.remove(child)
    for element in root.iter():
        element.tag = element.tag.removeprefix(f"{{{SVG}}}")
        element.attrib |= _split_style(element.attrib.pop("style", ""))
        if LINK in element.attrib:
            element.attrib["href"] = element.attrib.pop(LINK)
        for key in POINTS:
            if key in element.attrib:
                element.attrib[key] = _round(" ".join(element.attrib[key].split()))
        if "transform" in element.attrib:
            element.attrib["transform"] = re.sub(
                r"translate\([^)]*\)", lambda match: _round(match[0]), element.attrib["transform"]
            )
        if element.tag != "text" and not (element.text or "").strip():
            element.text = None
        if not (element.tail or "").strip():
            element.tail = "\n"
    used = {_find_target(key, value) for element in root.iter() for key, value in element.attrib.items()}
    for element in root.iter():
        if (identifier := element.attrib.pop("id", None)) and identifier in used:
            element.attrib["id"] = f"{name}-{identifier}"
        for key, value in element.attrib.items():
            if _find_target(key, value):
                element.attrib[key] = value.replace("#", f"#{name}-", 1)
    box = root.attrib["viewBox"]
    root.attrib = {"role": "img", "aria-label": alt, "viewBox": _round(box)}
    root.tail = None
    return ElementTree.tostring(root, encoding="unicode")


def _split_style(style: str) -> dict[str, str]:
    """The declarations of a style; the font that the page's style sheet gives to all figures is left out.

    >>> _split_style("fill: none; stroke: #222222; font-family: 'DejaVu Sans'")
    {'fill': 'none', 'stroke': '#222222'}
    """
    pairs = [item.split(":", 1) for item in style.split(";") if ":" in item]
    given = {name.strip(): value.strip() for name, value in pairs}
    if "DejaVu" in given.get("font-family", ""):
        del given["font-family"]
    return given


def _find_target(key: str, value: str) -> str | None:
    """The identifier of what an attribute points to within the picture: `href="#a"`, or `url(#a)` in any other."""
    found = re.fullmatch(r"#(.+)" if key == "href" else r"url\(#(.+)\)", value)
    return found[1] if found else None


def _round(numbers: str) -> str:
    """Text with each decimal number in it to two decimals.

    >>> _round("M 87.439063 487.294598 L 7.2 0")
    'M 87.44 487.29 L 7.2 0'
    """
    return re.sub(r"-?\d+\.\d+", lambda match: f"{float(match[0]):.2f}".rstrip("0").rstrip("."), numbers)
