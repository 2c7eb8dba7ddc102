"""People's codes, how well they agree, the classifier's labels, and how well it does."""

from __future__ import annotations

import pandera.pandas as pa

from composite.codebook.tables.columns import (
    CORPUS,
    COUNTRY,
    INFERENCE,
    KIND,
    LANGUAGE,
    MEASURES,
    SPAN,
    THEME,
    count,
    interval,
    number,
    proportion,
    span,
    text,
    time,
)
from composite.codebook.themes import THEME_KEYS, THEMES

TABLES: dict[str, pa.DataFrameSchema] = {
    "codings": pa.DataFrameSchema(
        {
            "post_id": text("the post that was coded"),
            "coder": text("who coded it"),
            **{t.key: number(t.label, unit="0 or 1", kind=int, isin=(0, 1)) for t in THEMES},
            "primary": text("the post's main purpose", unit="theme key or none", isin=(*THEME_KEYS, "none")),
            "sampling_probability": pa.Column(
                float,
                [pa.Check.gt(0), pa.Check.le(1)],
                title="probability (0–1]",
                description="known probability with which the post was drawn for coding",
            ),
        },
        unique=["post_id", "coder"],
        description="one coder's codes of one post",
    ),
    "agreement": pa.DataFrameSchema(
        {
            "group": text("`all`, or a value of the column named with `by`"),
            "theme": text("theme, or `set` for the whole set of a post", unit="theme key", isin=(*THEME_KEYS, "set")),
            "n_posts": count("posts that two or more coders coded"),
            "n_coders": count("coders"),
            "n_positive": count("codes that give the theme (any theme, for `set`)"),
            "agreement": proportion("share of pairs of codes of a post that agree"),
            "alpha": number("Krippendorff's alpha: 1 is always, 0 is as by chance", unit="at most 1", null=True, le=1),
            "low": number("lower end of the interval", unit="alpha", null=True, le=1),
            "high": number("upper end of the interval", unit="alpha", null=True, le=1),
            "corpus": CORPUS,
        },
        description="group × theme: agreement of coders",
    ),
    "confusions": pa.DataFrameSchema(
        {
            "theme": THEME,
            "other": text("what another coder gave instead", unit="theme key or none", isin=(*THEME_KEYS, "none")),
            "n": count("cases, over all ordered pairs of coders"),
            "share": proportion("of the times that a coder gave `theme`", null=True),
            **SPAN,
            "corpus": CORPUS,
        },
        description="theme × other theme: what coders coded instead of one another",
    ),
    "labels": pa.DataFrameSchema(
        {
            "post_id": text("identifier of the post", unique=True),
            "country": COUNTRY,
            "agency": text("police agency that published it", null=True),
            "account": text("handle, without @", null=True),
            "platform": text("where it was published", null=True, required=False),
            "kind": KIND,
            "published": time("when it was published", null=True),
            "language": text("language of the post", unit="ISO 639-1 code", null=True),
            "corpus": CORPUS,
            **{t.key: proportion(f"probability of: {t.label}") for t in THEMES},
        },
        description="a post with its theme probabilities",
    ),
    "quality": pa.DataFrameSchema(
        {
            "theme": THEME,
            "n_coded": count("coded posts"),
            "n_positive": count("coded posts with the theme"),
            "n_agencies": count("their agencies"),
            "precision": proportion("coded with the theme among those labelled with it", null=True),
            **span("precision"),
            "recall": proportion("labelled with the theme among those coded with it", null=True),
            **span("recall"),
            "f1": proportion("harmonic mean of precision and recall", null=True),
            **span("f1"),
            "average_precision": proportion("area under the precision–recall curve", null=True),
            **span("average_precision"),
            "inference": INFERENCE,
            "corpus": CORPUS,
        },
        description="theme: how the classifier does on posts that it did not see",
    ),
    "languages": pa.DataFrameSchema(
        {
            "language": LANGUAGE,
            "theme": THEME,
            "measure": text("found among those with the theme; left among those without; excess", isin=MEASURES),
            "n_coded": count("coded posts to judge by"),
            "n_agencies": count("their agencies"),
            "value": number("the measure; calibration is mean probability less share", unit="proportion", null=True),
            **interval(),
            "inference": INFERENCE,
            "corpus": CORPUS,
        },
        description="language × theme × measure of the classifier",
    ),
    "explanation": pa.DataFrameSchema(
        {
            "token": text("word, or run of signs, as the post has it"),
            "start": count("characters of the post before it"),
            "end": count("characters of the post up to its end"),
            "theme": text("theme (or any other label of the model)"),
            "contribution": number("what it adds to the log-odds of the theme", unit="log-odds"),
        },
        description="token of a post × theme",
    ),
}
