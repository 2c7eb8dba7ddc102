"""Telephone numbers in a text, and which of them are lines of the police or of others whom everybody may call."""

from __future__ import annotations

import re

from composite.codebook.countries import COUNTRY_CODES

# Emergency numbers, lines of the police and lines for witnesses and missing children. A test compares short ones with
# the metadata of libphonenumber; long ones are those that the services themselves publish (docs/privacy.md).
EVERYWHERE = ("112", "116000", "116006", "116111")
POLICE_LINES: dict[str, tuple[str, ...]] = {
    "BE": ("101", "100"),
    "CZ": ("158", "156", "150", "155"),
    "FR": ("17", "15", "18", "114", "119", "3919"),
    "DE": ("110", "115", "116117"),
    "IT": ("113", "115", "117", "118", "114", "1522"),
    "MK": ("192", "193", "194"),
    "NL": ("09008844", "08007000", "08006070"),
    "RO": (),
    "ES": ("091", "062", "092", "016"),
    "GB": ("999", "101", "105", "0800555111", "0800789321", "03001232040", "0800405040"),
}
PREFIX = {"BE": "32", "CZ": "420", "FR": "33", "DE": "49", "IT": "39", "MK": "389", "NL": "31", "RO": "40"} | {
    "ES": "34",
    "GB": "44",
}
# countries in which national numbers do not begin with 0, or not all of them do
BARE = ("CZ", "ES", "IT")
FEWEST, MOST = 8, 15
_GENERIC = re.compile(r"(?<![\w/.,:+€£$#@-])(?:\+|00|\(?0)[\d\s()/.–-]{6,}\d(?![\w€%])")
_NAMED = re.compile(
    r"(?:\b(?:tel|tél|tlf|telefon\w*|telefoon\w*|téléphone|teléfono|phone|mobile?|mob|gsm|fax|whats?app|тел|телефон\w*)"
    r"|[☎📞📱])[\s.:️#-]{0,4}(\+?[\d(][\d\s()/.–-]{4,}\d)(?!\w)",
    re.IGNORECASE,
)
_DAY, _MONTH, _YEAR = r"(?:0?[1-9]|[12]\d|3[01])", r"(?:0?[1-9]|1[0-2])", r"(?:(?:19|20)?\d\d)"
_DATE = re.compile(
    rf"(?<![\d./-])(?:{_DAY}[./-]{_MONTH}[./-]{_YEAR}|(?:19|20)\d\d[./-]{_MONTH}[./-]{_DAY}|"
    r"[0-2]?\d[.:][0-5]\d\s?[-–]\s?[0-2]?\d[.:][0-5]\d)(?![./-]?\d)"
)
_DIGITS = re.compile(r"\d")


def find_numbers(text: str, country: str | None) -> list[tuple[int, int]]:
    """Start and end of every telephone number in a text.

    Looked for are numbers that are valid in the country by libphonenumber, numbers that begin with `+` or `0` and have
    8 to 15 digits, and digits after a word for telephone; dates and hours are none.

    Parameters
    ----------
    text : str
    country : str or None
        Of the ten; all ten, if it is None.
    """
    if len(_DIGITS.findall(text)) < 6:
        return []
    import phonenumbers

    spans = [match.span(1) for match in _NAMED.finditer(text)]
    spans += [match.span() for match in _GENERIC.finditer(text) if FEWEST <= _count(match[0]) <= MOST]
    for code in (country,) if country else COUNTRY_CODES:
        for match in phonenumbers.PhoneNumberMatcher(text, code, leniency=phonenumbers.Leniency.VALID):
            bare = match.raw_string[0] not in "+0("
            tag = match.start and text[match.start - 1] in "#@"
            if not tag and (not bare or (code in BARE and _count(match.raw_string) >= FEWEST)):
                spans.append((match.start, match.end))
    # the longest of those that overlap; dates and hours are none
    spans.sort(key=lambda span: (span[0], -span[1]))
    kept: list[tuple[int, int]] = []
    for start, end in spans:
        if (kept and start < kept[-1][1]) or _DATE.search(text[start:end]):
            continue
        kept.append((start, end))
    return kept


def is_police_line(number: str, country: str | None) -> bool:
    """Whether a number is an emergency number or a line of the police, of a country or (None) of any of the ten.

    >>> is_police_line("0900-8844", "NL"), is_police_line("+31 900 8844", "NL"), is_police_line("0900-8844", "GB")
    (True, True, False)
    """
    digits = re.sub(r"\D", "", number)
    for code in (country,) if country else COUNTRY_CODES:
        lines = (*EVERYWHERE, *POLICE_LINES.get(code or "", ()))
        prefix = PREFIX.get(code or "", "x")
        national = digits.removeprefix("00") if number.lstrip().startswith(("+", "00")) else ""
        short = national.removeprefix(prefix) if national.startswith(prefix) else ""
        if digits in lines or (short and {short, "0" + short} & set(lines)):
            return True
    return False


def name_number(number: str, country: str | None) -> str:
    """A number in the one form in which it is internationally written, or its digits alone, if it is not valid."""
    import phonenumbers

    try:
        parsed = phonenumbers.parse(number, country)
        if phonenumbers.is_valid_number(parsed):
            return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    except phonenumbers.NumberParseException:
        pass
    return re.sub(r"\D", "", number)


def _count(text: str) -> int:
    return len(_DIGITS.findall(text))
