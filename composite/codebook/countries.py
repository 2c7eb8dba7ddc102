"""The ten countries of the COMPOSITE study: code, name, languages, and the names by which files call them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Country:
    """A country of the study.

    Attributes
    ----------
    code : str
        ISO 3166-1 alpha-2.
    name : str
        The English name that readers see.
    languages : tuple of str
        ISO 639-1 codes of the languages in which its police post and that the study covers.
    aliases : tuple of str
        Other names that files use.
    """

    code: str
    name: str
    languages: tuple[str, ...]
    aliases: tuple[str, ...] = ()


COUNTRIES: tuple[Country, ...] = (
    Country("BE", "Belgium", ("nl", "fr"), ("BEL", "België", "Belgique")),
    Country("CZ", "Czech Republic", ("cs",), ("CZE", "Czechia", "Česko", "Česká republika")),
    Country("FR", "France", ("fr",), ("FRA",)),
    Country("DE", "Germany", ("de",), ("DEU", "Deutschland")),
    Country("IT", "Italy", ("it",), ("ITA", "Italia")),
    Country("MK", "North Macedonia", ("mk",), ("MKD", "Macedonia", "FYROM", "Македонија", "Северна Македонија")),
    Country("NL", "Netherlands", ("nl",), ("NLD", "The Netherlands", "Nederland")),
    Country("RO", "Romania", ("ro",), ("ROU", "ROM", "România")),
    Country("ES", "Spain", ("es",), ("ESP", "España")),
    Country("GB", "United Kingdom", ("en",), ("UK", "GBR", "Great Britain")),
)

COUNTRY_CODES: tuple[str, ...] = tuple(country.code for country in COUNTRIES)
COUNTRY: dict[str, Country] = {country.code: country for country in COUNTRIES}
LANGUAGES: tuple[str, ...] = ("en", "de", "nl", "fr", "es", "it", "cs", "ro", "mk")

_CODE_OF = {
    name.casefold(): country.code for country in COUNTRIES for name in (country.code, country.name, *country.aliases)
}


def find_country(name: str) -> str | None:
    """The code of the country that `name` means, or None if it is none of the ten.

    >>> find_country("uk"), find_country("Deutschland"), find_country("CA")
    ('GB', 'DE', None)
    """
    return _CODE_OF.get(name.strip().casefold())
