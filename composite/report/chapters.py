"""What the report says beside its findings and figures: method, limits, data sheet and codebook."""

from __future__ import annotations

import pandas as pd

from composite.adoption.campaigns import name_days
from composite.codebook.countries import COUNTRY
from composite.codebook.guide import LANGUAGE_NAMES
from composite.codebook.tables import ILLUSTRATIVE
from composite.codebook.themes import CODEBOOK_VERSION, THEMES
from composite.errors import count
from composite.report.content import Block, Bullets, Head, Item, Paragraph, Section, Table
from composite.report.counts import Facts
from composite.report.wording import FEW_AGENCIES, SPACE, join_names
from composite.themes.classifier import THRESHOLD
from composite.themes.coding import ADJUDICATED

LABELLED = ("released", "trained", "given")


def write_method(facts: Facts, *, illustrative: bool, doubt: str | None, labelled: str) -> Section:
    """How these numbers were made; `labelled` says which classifier gave the labels, one of `LABELLED`."""
    blocks: list[Block] = []
    if facts.coded:
        start = "Language models, not people, wrote the posts and coded them. " if illustrative else ""
        doubtful = " and that all posts that were drawn are here, which is in doubt" if doubt else ""
        blocks += [
            Paragraph(
                f"{start}Coders gave {facts.coded:,} of {facts.posts:,} posts every theme whose rule they meet "
                f"(codebook version {CODEBOOK_VERSION}). The posts were drawn with known probabilities, the smallest "
                f"{facts.lowest:.3g}. {_say_labels(facts, labelled)}"
            ),
            Paragraph(
                "The corrected share is the share among the coded posts (each counting by one over its chance to be "
                "coded), moved by what the classifier's probabilities of all posts differ from those of the coded "
                "posts, with the weight that makes it most precise. It is right on average however wrong the "
                "classifier is (Egami et al. 2023, doi 10.48550/arXiv.2306.04746; Angelopoulos, Duchi & Zrnic 2023, "
                f"doi 10.48550/arXiv.2311.01453), given that codes are right{doubtful}. Counting the classifier's "
                f"labels instead would put {facts.outside} of {facts.cells} shares outside the corrected "
                f"{facts.level}{SPACE}% interval."
            ),
        ]
    else:
        blocks.append(
            Paragraph(
                f"{_say_labels(facts, labelled)} A post has a theme if its probability reaches {THRESHOLD:g}. Nothing "
                "was corrected, since no posts were coded by people: draw a sample with “composite sample”, code it, "
                "and run the study with “--codings”."
            )
        )
    blocks.append(Paragraph(_say_intervals(facts)))
    blocks.append(
        Paragraph(
            "Differences are tested by a wild cluster bootstrap over agencies, and their p-values adjusted by Holm's "
            "method over all comparisons of a table. Ranks are those that intervals for all pairs of countries and all "
            "themes at once leave open (Mogstad, Romano, Shaikh & Wilhelm 2024, doi 10.1093/restud/rdad006). The "
            "findings at the beginning are written from the tables by rules, of fixed kinds and in a fixed order, "
            "whatever they say."
        )
    )
    return Section("method", "How these numbers were made", tuple(blocks))


def _say_labels(facts: Facts, labelled: str) -> str:
    """Which classifier labelled the posts, and what it had seen."""
    posts = f"{facts.posts:,} posts" if not facts.coded else "all posts"
    if labelled == "trained":
        text = "A classifier (one logistic regression a theme on the words and parts of words of a post) was trained "
        text += f"on the coded posts and gave {posts} a probability for each theme; "
        if facts.agencies > 1:
            text += "agencies were dealt into folds, so that no post was labelled by a model that had seen it or its "
            return f"{text}agency."
        return (
            f"{text}posts were dealt into folds, so that no post was labelled by a model that had seen it (there is "
            "one agency, so all models have seen others of its posts)."
        )
    if labelled == "given":
        return f"A classifier that was given to the study gave {posts} a probability for each theme."
    return (
        "The classifier that ships with composite (one logistic regression a theme on the words and parts of words of "
        f"a post) gave {posts} a probability for each theme; a post that it had learned from was labelled by a fit "
        "without it."
    )


def _say_intervals(facts: Facts) -> str:
    seen = "were coded" if facts.coded else "posted"
    text = ""
    if facts.wide:
        text += "Posts of one agency are alike, so standard errors come from leaving out one agency at a time "
        text += "(jackknife, CRV3), with t intervals on Bell and McCaffrey's degrees of freedom (MacKinnon, Nielsen & "
        text += "Webb 2023, doi 10.1016/j.jeconom.2022.04.001). "
    if facts.narrow:
        text += f"Fewer than {FEW_AGENCIES} agencies {seen} in {', '.join(facts.narrow)}: there, intervals are for the "
        text += "posts of these agencies and say nothing of the country's other police. "
    elif not facts.unknown:
        text += f"In every country at least {FEW_AGENCIES} agencies {seen}. "
    if facts.uneven:
        text += (
            f"In {', '.join(facts.uneven)} one or two agencies have most of what {seen.replace('were', 'was')}; the "
        )
        text += "others say little, and intervals are wide. "
    if facts.unknown:
        text += f"Of {', '.join(facts.unknown)} too little was coded for any interval. "
    return f"{text}Intervals cover {facts.level}{SPACE}% each, one at a time, where nothing else is said."


def write_limits(facts: Facts, notes: tuple[str, ...]) -> Section:
    """What was left out, and what such data cannot tell."""
    left_out = [note[0].upper() + note[1:] for note in notes if note]
    if facts.absent:
        left_out.append(f"No posts from {', '.join(facts.absent)}")
    blocks: list[Block] = [Paragraph("What was left out:" if left_out else "Nothing that was read was left out.")]
    if left_out:
        blocks.append(Bullets(tuple(Item(note) for note in left_out)))
    coders = "Whether the coders were right, and whether others would code alike. Agreement says that these coders did."
    blocks += [
        Paragraph("What these data cannot tell:"),
        Bullets(
            (
                Item("Whose posts these are not: the estimates speak of the posts and agencies that were collected."),
                Item("What a post looked like: links, pictures and videos count only for what the text says of them."),
                *([Item(coders)] if facts.coded else []),
                Item("Why countries differ."),
            )
        ),
    ]
    return Section("limits", "Limits", tuple(blocks))


def write_data_sheet(
    labels: pd.DataFrame, codings: pd.DataFrame | None, rejected: pd.DataFrame | None, facts: Facts
) -> Section:
    """What the corpus is, by whom, when and where, and what was set aside."""
    names = sorted(labels["corpus"].dropna().unique())
    if ILLUSTRATIVE in names:
        what = "The posts are the illustrative corpus, or hold some of it: language models wrote them for this "
        what += "project, and their agencies, places, people and events are fictional."
    elif names:
        what = f"The posts are of the corpus {join_names(names)}."
    else:
        what = (
            "The posts are those that were given to the study; who collected them, and how, is for its author to say."
        )
    when = (
        f" They were published from {facts.first} to {facts.last}"
        + (f"; {facts.posts - facts.dated:,} have no date." if facts.dated < facts.posts else ".")
        if facts.first
        else " None of them has a date."
    )
    platforms = sorted(labels["platform"].dropna().unique()) if "platform" in labels else []
    where = f" Platforms: {', '.join(platforms)}." if platforms else ""
    coded = " No post was coded."
    if codings is not None:
        whose = "the adjudicated ones" if facts.coders == (ADJUDICATED,) else f"those of {join_names(facts.coders)}"
        coded = f" {facts.coded:,} of them were coded; the codes used are {whose}."
    table = _count_countries(labels, codings)
    blocks: list[Block] = [Paragraph(what + when + where + coded), table]
    if rejected is not None and len(rejected):
        reasons = rejected["reason"].value_counts().sort_index()
        blocks += [
            Paragraph("Rows that could not be read as a post were set aside, and are in rejected.csv:"),
            Bullets(tuple(Item(f"{count(int(n), 'row')} set aside: {reason}") for reason, n in reasons.items())),
        ]
    elif rejected is not None:
        blocks.append(Paragraph("No row was set aside."))
    return Section("data", "The data", tuple(blocks))


def _count_countries(labels: pd.DataFrame, codings: pd.DataFrame | None) -> Table:
    """Posts, agencies, accounts, languages, days and codes of each country, and of all."""
    coded = labels["post_id"].isin([] if codings is None else codings["post_id"])
    frame = labels.assign(coded=coded, day=name_days(labels["published"], "UTC"))
    rows = []
    for code in COUNTRY:
        part = frame[frame["country"] == code]
        if len(part):
            rows.append((COUNTRY[code].name, *_count_part(part)))
    if len(rows) > 1:
        rows.append(("All", *_count_part(frame)))
    names = ("posts", "agencies", "accounts", "languages", "first post", "last post", "coded posts", "agencies coded")
    return Table("What was studied, by country", (Head("country"), *(Head(name) for name in names)), tuple(rows))


def _count_part(part: pd.DataFrame) -> tuple[str, ...]:
    sizes = part["language"].value_counts().sort_index().sort_values(ascending=False, kind="stable")
    languages = ", ".join(LANGUAGE_NAMES.get(code, code) for code in sizes.index[:3])
    days = part["day"].dropna()
    coded = part[part["coded"]]
    return (
        f"{len(part):,}",
        f"{_count_agencies(part):,}",
        f"{part['account'].nunique():,}",
        (languages + (f" and {len(sizes) - 3} more" if len(sizes) > 3 else "")) or "–",
        days.min() if len(days) else "–",
        days.max() if len(days) else "–",
        f"{len(coded):,}",
        f"{_count_agencies(coded):,}",
    )


def _count_agencies(part: pd.DataFrame) -> int:
    return len(part.drop_duplicates(["country", "agency"]))


def write_codebook() -> Section:
    """The nine themes and what they mean."""
    table = Table(
        "The nine themes",
        (Head("theme"), Head("code it when the post …"), Head("do not code it when …")),
        tuple((theme.label, theme.definition, theme.exclusion) for theme in THEMES),
        colours=tuple(theme.colour for theme in THEMES),
    )
    source = "Themes: Denef, Kaptein, Bayerl & Ramirez (2012), Best practice in police social media adaptation, "
    return Section(
        "codebook",
        "The nine themes",
        (
            table,
            Paragraph(f"{source}COMPOSITE project. Rules: version {CODEBOOK_VERSION} of the codebook of composite."),
        ),
    )
