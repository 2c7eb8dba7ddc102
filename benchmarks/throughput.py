"""How many posts a second the classifier labels, beside fastText and scikit-learn.

`python -m benchmarks.throughput [--posts N] [--seed S]` prints a page of Markdown. All is measured in one run, on one
thread unless said otherwise, on the same posts: sentences of the illustrative corpus, drawn anew. Ratios mean something
on any machine; posts a second only on one that does nothing else.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import GroupKFold
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from threadpoolctl import threadpool_limits

import composite as cp
from composite.codebook.themes import THEME_KEYS
from composite.themes.features import BATCH, encode
from composite.themes.train import gather_examples

NONE = "none"  # fastText wants a label for posts without a theme
ATTEMPTS = 20  # fastText's training ends in NaN now and then, most often in a process that has done other things
FOLDS = 3
ROUNDS = 3  # times that everything is measured in turn; the best counts
Predict = Callable[[Sequence[str]], np.ndarray]


def make_posts(texts: Sequence[str], languages: Sequence[str], n: int, *, seed: int = 0) -> list[str]:
    """`n` posts of one or two sentences of `texts`, both of one language."""
    rng = np.random.default_rng(seed)
    sentences: dict[str, list[str]] = {}
    for text, language in zip(texts, languages, strict=True):
        sentences.setdefault(language, []).extend(part for part in re.split(r"(?<=[.!?…])\s+", text) if part)
    names = sorted(sentences)
    chosen, numbers = rng.integers(len(names), size=n), rng.integers(1, 3, size=n)
    return [
        " ".join(sentences[names[i]][j] for j in rng.integers(len(sentences[names[i]]), size=number))
        for i, number in zip(chosen, numbers, strict=True)
    ]


_TRAIN = """
import fasttext, json, sys
file, options, target = json.loads(sys.argv[1])
fasttext.train_supervised(file, **options).save_model(target)
"""


def train_fasttext(texts: Sequence[str], codes: np.ndarray, *, subwords: bool = False) -> Predict:
    """fastText with a yes or no for each theme (`ova`): a function from texts to an (n, 9) array of probabilities."""
    import fasttext

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "train.txt"
        lines = []
        for text, row in zip(texts, codes, strict=True):
            names = [key for key, code in zip(THEME_KEYS, row, strict=True) if code] or [NONE]
            lines.append(" ".join([*(f"__label__{name}" for name in names), " ".join(text.lower().split())]))
        file.write_text("\n".join(lines), encoding="utf-8")
        options = {"loss": "ova", "epoch": 50, "lr": 0.2, "thread": 1, "verbose": 0, "minn": 2 * subwords}
        options["maxn"] = 5 * subwords
        for seed in range(ATTEMPTS):
            given = json.dumps([str(file), {**options, "seed": seed}, f"{folder}/model.bin"])
            done = subprocess.run([sys.executable, "-c", _TRAIN, given], capture_output=True, text=True, check=False)
            if done.returncode == 0:
                break
        else:
            raise RuntimeError(f"fastText failed {ATTEMPTS} times: {done.stderr[-200:]}")
        model = fasttext.load_model(f"{folder}/model.bin")
    order = {f"__label__{key}": i for i, key in enumerate(THEME_KEYS)}

    def predict(texts: Sequence[str]) -> np.ndarray:
        chances = np.zeros((len(texts), len(THEME_KEYS) + 1))
        # fastText reads a line a text
        labels, values = model.predict([" ".join(text.lower().split()) for text in texts], k=-1)
        for i, (names, row) in enumerate(zip(labels, values, strict=True)):
            chances[i, [order.get(name, len(order)) for name in names]] = row
        return chances[:, :-1]

    predict.bare = lambda texts: model.predict(texts, k=-1)  # type: ignore[attr-defined]  # without our array
    return predict


def train_tfidf(texts: Sequence[str], codes: np.ndarray) -> Pipeline:
    """scikit-learn's TF-IDF of character n-grams within words with logistic regression, fitted."""
    return make_pipeline(
        TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), min_df=2, sublinear_tf=True),
        OneVsRestClassifier(LogisticRegression(C=10, class_weight="balanced", max_iter=500)),
    ).fit(texts, codes)


def measure_f1(texts: list[str], codes: np.ndarray, fold: np.ndarray) -> dict[str, float]:
    """Macro-F1 of each method, cross-fitted by agency on the same folds."""
    chances: dict[str, np.ndarray] = {}
    for index in range(fold.max() + 1):
        train, test = fold != index, fold == index
        seen, new = [texts[i] for i in np.flatnonzero(train)], [texts[i] for i in np.flatnonzero(test)]
        fitted: dict[str, Predict] = {
            "composite": cp.ThemeClassifier().fit(seen, codes[train]).predict_proba,
            "fastText, words": train_fasttext(seen, codes[train]),
            "fastText, subwords": train_fasttext(seen, codes[train], subwords=True),
            "scikit-learn": train_tfidf(seen, codes[train]).predict_proba,
        }
        for name, predict in fitted.items():
            chances.setdefault(name, np.zeros(codes.shape))[test] = predict(new)
    return {name: f1_score(codes, part >= 0.5, average="macro", zero_division=0) for name, part in chances.items()}


def measure_rates(methods: dict[str, Callable[[], object]], posts: dict[str, int]) -> dict[str, float]:
    """Posts a second of each method: all in turn, several rounds, the best of each."""
    best = dict.fromkeys(methods, np.inf)
    for _ in range(ROUNDS):
        for name, run in methods.items():
            start = time.perf_counter()
            run()
            best[name] = min(best[name], time.perf_counter() - start)
    return {name: posts[name] / seconds for name, seconds in best.items()}


_FRESH = """
import json, re, sys, time
start = time.perf_counter(); import composite as cp; imported = time.perf_counter() - start
cp.load_model
start = time.perf_counter(); model = cp.load_model(sys.argv[1]); loaded = time.perf_counter() - start
posts = json.load(open(sys.argv[2]))
model.predict_proba(posts[:1])
start = time.perf_counter()
for post in posts[:300]: model.predict_proba([post])
single = (time.perf_counter() - start) / 300
rise = []
for n in (10_000, len(posts)):
    for begin in range(0, n, 5_000): model.predict_proba(posts[begin:begin + 5_000])
    rise.append(int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) / 1024)
print(json.dumps([imported, loaded, single, *rise]))
"""


def measure_fresh(model: cp.ThemeClassifier, posts: list[str]) -> list[float]:
    """Of a fresh Python: seconds to import, to load, for a post; peak memory (MB) after 10,000 posts and after all."""
    with tempfile.TemporaryDirectory() as folder:
        cp.save_model(model, f"{folder}/model.npz")
        Path(folder, "posts.json").write_text(json.dumps(posts), encoding="utf-8")
        command = [sys.executable, "-c", _FRESH, f"{folder}/model.npz", f"{folder}/posts.json"]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def write_page(n: int, seed: int) -> str:
    """The page: rates and F1, one post, memory, and where the time goes."""
    table = gather_examples()
    texts, codes = table["text"].tolist(), table[list(THEME_KEYS)].to_numpy()
    posts = make_posts(texts, table["language"].tolist(), n, seed=seed)
    few = posts[: max(1, n // 20)]
    fold = np.zeros(len(table), dtype=int)
    for index, (_, test) in enumerate(GroupKFold(FOLDS).split(texts, groups=table["group"])):
        fold[test] = index
    with threadpool_limits(1):
        f1 = measure_f1(texts, codes, fold)
        model = cp.ThemeClassifier().fit(texts, codes)
        words, subwords = train_fasttext(texts, codes), train_fasttext(texts, codes, subwords=True)
        tfidf = train_tfidf(texts, codes)
        lines = [" ".join(post.lower().split()) for post in posts]  # what fastText wants, made beforehand
        parts = [posts[start : start + BATCH] for start in range(0, n, BATCH)]
        runs = {
            "composite": (lambda: model.predict_proba(posts), n),
            "composite, two threads": (lambda: model.scorer_.score(posts, n_jobs=2), n),
            "fastText, words": (lambda: words.bare(lines), n),  # type: ignore[attr-defined]
            "fastText, subwords": (lambda: subwords.bare(lines[: n // 4]), n // 4),  # type: ignore[attr-defined]
            "scikit-learn": (lambda: tfidf.predict_proba(few), len(few)),
            "scores alone": (lambda: model.scorer_.score(posts), n),
            "encoding alone": (lambda: [encode(part) for part in parts], n),
        }
        rates = measure_rates({k: v[0] for k, v in runs.items()}, {k: v[1] for k, v in runs.items()})
        start = time.perf_counter()
        block = np.ones(1 << 25)
        for _ in range(5):
            block.copy()
        copied = 5 * 2 * block.nbytes / (time.perf_counter() - start)
    imported, loaded, single, before, after = measure_fresh(model, posts)
    size = sum(len(post.encode()) for post in posts) / n
    ours = rates["composite"]
    share = {
        "UTF-8": ours / rates["encoding alone"],
        "tokens, look-ups and sums": ours / rates["scores alone"] - ours / rates["encoding alone"],
        "checks of the texts, logistic function": 1 - ours / rates["scores alone"],
    }
    rows = [
        f"| {name} | {rates[name]:,.0f} | {rates[name] / ours:.2f} | {f'{f1[name]:.3f}' if name in f1 else ''} |"
        for name in ("composite", "composite, two threads", "fastText, words", "fastText, subwords", "scikit-learn")
    ]
    return "\n".join(
        [
            f"{n:,} posts of {size:.0f} bytes on average; macro-F1 on {len(texts):,} coded posts, cross-fitted by "
            "agency.",
            "",
            "| | posts a second | ratio | macro-F1 |",
            "| --- | ---: | ---: | ---: |",
            *rows,
            "",
            f"composite labels {ours / rates['fastText, words']:.1f} times as many posts a second as fastText with "
            f"words and {ours / rates['scikit-learn']:.0f} times as many as scikit-learn.",
            "",
            "| | |",
            "| --- | ---: |",
            f"| `import composite` | {imported:.2f} s |",
            f"| `load_model` | {loaded:.2f} s |",
            f"| one post | {1000 * single:.2f} ms |",
            f"| peak memory after 10,000 posts | {before:.0f} MB |",
            f"| peak memory after {n:,} posts | {after:.0f} MB |",
            *[f"| share of the time: {name} | {part:.0%} |" for name, part in share.items()],
            f"| text read | {ours * size / 1e6:.0f} MB/s |",
            f"| memory copied by this machine | {copied / 1e6:,.0f} MB/s |",
            "",
        ]
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the page of rates as Markdown."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.throughput", description=main.__doc__)
    parser.add_argument("--posts", type=int, default=100_000, help="posts to label (default 100,000)")
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args(arguments)
    sys.stdout.write(write_page(chosen.posts, chosen.seed))


if __name__ == "__main__":
    main()
