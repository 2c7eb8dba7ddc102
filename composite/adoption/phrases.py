"""Which words follow each other, and where a word stands."""

from __future__ import annotations

import re
from itertools import pairwise

import pandas as pd

from composite.adoption.wording import find_groups
from composite.adoption.words import read_function_words, split_words
from composite.codebook.contract import check_table, find_corpus
from composite.codebook.countries import LANGUAGES
from composite.errors import CompositeError


def find_collocations(posts: pd.DataFrame, *, top: int = 20, fewest: int = 3, fewest_agencies: int = 2) -> pd.DataFrame:
    """The table `collocations`: one row a language and pair of words that follow each other oftener than by chance.

    Parameters
    ----------
    posts : DataFrame
        Table `posts`; those without a language are passed over.
    top : int
        Pairs a language, at most: those with the largest likelihood ratio.
    fewest, fewest_agencies : int
        Times that a pair must occur, and agencies that must write it.

    Raises
    ------
    CompositeError
        If no post has a language.

    References
    ----------
    Dunning, T. (1993). Accurate methods for the statistics of surprise and coincidence. *Computational Linguistics*,
    19(1), 61–74. https://aclanthology.org/J93-1003
    """
    from nltk.collocations import BigramAssocMeasures, BigramCollocationFinder

    frame, _ = find_groups(posts, None, "country")
    rows = []
    for language in [code for code in LANGUAGES if (frame["language"] == code).any()]:
        part = frame[frame["language"] == language]
        documents = [split_words(text, language, function_words=True) for text in part["text"]]
        units = (part["country"] + "/" + part["agency"]).tolist()
        users: dict[tuple[str, str], set[str]] = {}
        for words, unit in zip(documents, units, strict=True):
            for pair in pairwise(words):
                users.setdefault(pair, set()).update([unit] if isinstance(unit, str) else [])
        finder = BigramCollocationFinder.from_documents(documents)
        finder.apply_freq_filter(fewest)
        common = read_function_words()[language]
        finder.apply_word_filter(common.__contains__)
        found = []
        for pair, ratio in finder.score_ngrams(BigramAssocMeasures.likelihood_ratio):
            n = finder.ngram_fd[pair]
            by_chance = finder.word_fd[pair[0]] * finder.word_fd[pair[1]] / finder.N
            if n > by_chance and len(users[pair]) >= fewest_agencies:
                found.append((-max(ratio, 0.0), *pair, n, len(users[pair])))
        rows += [(language, first, second, n, many, -less) for less, first, second, n, many in sorted(found)[:top]]
    names = ["language", "first", "second", "n", "n_agencies", "likelihood_ratio"]
    table = pd.DataFrame(rows, columns=names)
    table = table.astype({**dict.fromkeys(names[:3], "str"), "n": "int64", "n_agencies": "int64", names[5]: "float64"})
    table["corpus"] = pd.Series([find_corpus(frame)] * len(table), dtype="str")
    return check_table("collocations", table)


def find_in_context(posts: pd.DataFrame, word: str, *, width: int = 40) -> pd.DataFrame:
    """The table `concordance`: one row a place where the word stands, with what is before and after it.

    Parameters
    ----------
    posts : DataFrame
        Table `posts`.
    word : str
        A word or several, in any case; `*` at an end stands for more letters: `witness*`.
    width : int
        Characters on each side.

    Raises
    ------
    CompositeError
        If the word is empty.

    Examples
    --------
    >>> import composite as cp
    >>> lines = cp.find_in_context(cp.read_posts(cp.CORPUS / "posts.csv"), "police", width=20)
    >>> sorted({word.lower() for word in lines["keyword"]})
    ['police']
    """
    check_table("posts", posts)
    asked = word.strip()
    if not asked.strip("* "):
        raise CompositeError("find_in_context needs a word, such as 'witness' or 'witness*'")
    inner = r"\s+".join(re.escape(part) for part in asked.strip("*").split())
    start = r"\w*" if asked.startswith("*") else r"(?<!\w)"
    end = r"\w*" if asked.endswith("*") else r"(?!\w)"
    pattern = re.compile(start + inner + end, re.IGNORECASE)
    rows = []
    for post in posts.sort_values(["country", "post_id"]).itertuples():
        text = re.sub(r"\s+", " ", post.text)
        for match in pattern.finditer(text):
            left, right = text[: match.start()], text[match.end() :]
            rows.append(
                {
                    "post_id": post.post_id,
                    "country": post.country,
                    "agency": post.agency,
                    "left": ("…" if len(left) > width else "") + left[max(0, len(left) - width) :],
                    "keyword": match[0],
                    "right": right[:width] + ("…" if len(right) > width else ""),
                }
            )
    names = ["post_id", "country", "agency", "left", "keyword", "right"]
    table = pd.DataFrame(rows, columns=names).astype(dict.fromkeys(names, "str"))
    table["corpus"] = pd.Series([find_corpus(posts)] * len(table), dtype="str")
    return check_table("concordance", table)
