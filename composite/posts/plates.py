"""Number plates of the ten countries in a text: only in the forms in which they are stamped, in capitals."""

from __future__ import annotations

import re
from collections.abc import Iterator

from composite.codebook.countries import COUNTRY_CODES

_S = "[ -]?"
_COUNTIES = (
    "AB|AG|AR|BC|BH|BN|BR|BT|BV|BZ|CJ|CL|CS|CT|CV|DB|DJ|GJ|GL|GR|HD|HR|IF|IL|IS|MH|MM|MS|NT|OT|PH|SB|SJ|SM|SV|TL|TM|TR|"
    "VL|VN|VS"
)
_TOWNS = "SK|BT|KU|KI|OH|GV|TE|GE|VE|ST|KP|SR|KA|VI|NE|DE|KO|KR|RE|DB|SN|MB|MK|DH|BE|VA|PP|RA|SU|DK|BR|VV"
# the Netherlands' groups: at least one is of letters, one of digits, and together they are six
_SIDECODES = (
    r"[A-Z]{2}-\d\d-\d\d|\d\d-\d\d-[A-Z]{2}|\d\d-[A-Z]{2}-\d\d|[A-Z]{2}-\d\d-[A-Z]{2}|[A-Z]{2}-[A-Z]{2}-\d\d|"
    r"\d\d-[A-Z]{2}-[A-Z]{2}|\d\d-[A-Z]{3}-\d|\d-[A-Z]{3}-\d\d|[A-Z]{2}-\d{3}-[A-Z]|[A-Z]-\d{3}-[A-Z]{2}|"
    r"[A-Z]{3}-\d\d-[A-Z]|[A-Z]-\d\d-[A-Z]{3}|\d-[A-Z]{2}-\d{3}|\d{3}-[A-Z]{2}-\d"
)
FORMS: dict[str, str] = {
    "BE": r"[1-9]-[A-Z]{3}-\d{3}|[A-Z]{3}-\d{3}",
    "CZ": rf"\d[ABCEHJKLMPSTUZ][0-9A-Z]{_S}\d{{4}}",
    "FR": r"[A-HJ-NP-TV-Z]{2}-\d{3}-[A-HJ-NP-TV-Z]{2}",
    "DE": r"[A-ZÄÖÜ]{1,3}-[A-Z]{1,2}[ -]?\d{2,4}[EH]?",
    "IT": r"[A-HJ-NPR-TV-Z]{2} ?\d{3} ?[A-HJ-NPR-TV-Z]{2}",
    # stamped in Latin letters, and often written in Cyrillic ones
    "MK": rf"(?:{_TOWNS}){_S}\d{{3,4}}{_S}[A-Z]{{2}}|[ЅЈЉЊЃЌЏА-Ш]{{2}}{_S}\d{{4}}{_S}[ЅЈЉЊЃЌЏА-Ш]{{2}}",
    "NL": _SIDECODES,
    "RO": rf"(?:B{_S}\d{{2,3}}|(?:{_COUNTIES}){_S}\d\d){_S}[A-Z]{{3}}",
    # a year before capitals is likelier a year: 2013 BCN
    "ES": r"(?:(?!(?:19|20)\d\d )\d{4} |\d{4}-|\d{4})[BCDFGHJ-NP-TV-Z]{3}",
    "GB": r"[A-HJ-PR-Y][A-HJ-PR-Y]\d\d ?[A-HJ-PR-Z]{3}",
}
_FORMS = {code: re.compile(rf"(?<![\w#@/-])(?:{form})(?![\w-])") for code, form in FORMS.items()}


def find_plates(text: str, country: str | None) -> Iterator[tuple[int, int]]:
    """Start and end of every number plate in a text, in the forms of a country (None: of any of the ten).

    >>> list(find_plates("a blue van, LB07 SEK, left", "GB"))
    [(12, 20)]
    """
    for code in (country,) if country else COUNTRY_CODES:
        form = _FORMS.get(code or "")
        if form:
            yield from (match.span() for match in form.finditer(text))
