"""The codebook as a text for coders: themes, decision rules, and examples in the languages they code."""

from __future__ import annotations

from collections.abc import Sequence

from composite.codebook.countries import LANGUAGES
from composite.codebook.examples import read_examples
from composite.codebook.rules import PRIMARY_ORDER, PRIMARY_RULE, RULES
from composite.codebook.themes import CODEBOOK_VERSION, THEME, THEMES
from composite.errors import require_known

LANGUAGE_NAMES = dict(
    zip(
        LANGUAGES,
        ("English", "German", "Dutch", "French", "Spanish", "Italian", "Czech", "Romanian", "Macedonian"),
        strict=True,
    )
)
INTRODUCTION = (
    "The unit of coding is one post: its text, with the account, country, platform and date that came with it. Give it "
    "every theme whose rule it meets and name the one that is its primary purpose; a post that meets none has no theme "
    "(none). Code what the post *does*, not what it is about: 'Man arrested' informs; 'Do you know this man?' asks the "
    "crowd. Links, images and hashtags count only for what the text says of them. Code the post in its own language."
)
SOURCE = (
    "The names and their order are those of Denef, Kaptein, Bayerl & Ramirez (2012), *Best practice in police social "
    "media adaptation*, COMPOSITE project. The report describes organisational uses; the rules say what trace each use "
    "leaves in one post."
)


def write_guide(languages: Sequence[str] = ("en",)) -> str:
    """The codebook in Markdown, with the examples of these languages.

    Parameters
    ----------
    languages : sequence of str
        ISO 639-1 codes; see `composite.codebook.countries.LANGUAGES`.

    Raises
    ------
    CompositeError
        If a language is none of the nine.
    """
    require_known(languages, LANGUAGES, what="language")
    parts = [f"# Codebook: nine themes (version {CODEBOOK_VERSION})", INTRODUCTION, SOURCE, "## Themes"]
    parts.append(
        "\n".join(
            ["| key | theme | code it when the post … | do not code it when … |", "| --- | --- | --- | --- |"]
            + [
                f"| `{theme.key}` | {number}. {theme.label} | {theme.definition} | {theme.exclusion} |"
                for number, theme in enumerate(THEMES, 1)
            ]
        )
    )
    parts += ["## Decision rules", "\n".join(f"{n}. **{rule.title}.** {rule.text}" for n, rule in enumerate(RULES, 1))]
    order = ", ".join(THEME[key].label for key in PRIMARY_ORDER)
    parts += ["## Primary theme", f"{PRIMARY_RULE}{order}."]
    parts += ["## Examples", "All examples are invented. A near-miss is a post that does not have the theme."]
    for theme in THEMES:
        parts.append(f"### {theme.label}")
        for language in languages:
            parts.append("\n".join(_list_examples(theme.key, language)))
    return "\n\n".join(parts) + "\n"


def _list_examples(theme: str, language: str) -> list[str]:
    lines = [f"*{LANGUAGE_NAMES[language]}*", ""]
    for row in read_examples(theme, language).itertuples():
        others = [THEME[key].label for key in str(row.themes).split() if key != theme]
        text = _escape(str(row.text))
        if row.role == "example":
            lines.append(f"- {text}" + (f" (also: {', '.join(others)})" if others else ""))
        else:
            lines.append(f"- not: {text} ({', '.join(others) or 'none'})")
    return lines


def _escape(text: str) -> str:
    for sign in ("\\", "`", "*", "_", "<", "[", "#", "|"):
        text = text.replace(sign, "\\" + sign)
    return text
