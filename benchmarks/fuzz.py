"""Throw bytes at the readers for as long as you like: `python -m benchmarks.fuzz --minutes 5`.

It needs atheris (`pip install atheris`, Linux), which is not among the locked packages. Every input is one of the
exports in `tests/posts/fixtures`, or a table, gzip, ZIP or Parquet file made from them, changed by libFuzzer, which
keeps what reaches new code. Its first byte chooses the ending of the file; its second, the format that is named, if one
is, or that what ends in .gz, .zip or .parquet is packed as such after it was changed, and not before.

An input is read into rows at once; the rows of many inputs become a table together, which takes most of the time. What
ends in anything but rows and a table that keeps its contract, or an error that says what is wrong, is written to the
folder `--out` with its traceback, and the run goes on. It ends with the number of inputs of each format that were read,
and of those that were refused.
"""

from __future__ import annotations

import argparse
import gzip
import io
import os
import sys
import tempfile
import time
import traceback
import warnings
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

FIXTURES = Path(__file__).resolve().parents[1] / "tests" / "posts" / "fixtures"
ENDINGS = (".json", ".csv", ".jsonl", ".xml", ".zip", ".js", "", ".csv.gz", ".parquet", ".tsv", ".json.gz")
GB = {"country": "GB", "agency": "A"}
SLOW = 20.0  # seconds for an input of some kilobytes
TOGETHER = 300  # inputs whose rows become one table


def make_seeds() -> list[tuple[str, bytes, str]]:
    """Endings, contents and formats of what all inputs are made from: the fixtures, and kinds of file that none is."""
    import pandas as pd

    files = sorted(FIXTURES.glob("*/*"))
    seeds = [(file.suffix, file.read_bytes(), file.parent.name) for file in files]
    table = pd.DataFrame({"post_id": ["1", "2"], "country": "GB", "text": ["Road closed", "=1+1"], "likes": [3, None]})
    table["published"] = pd.Timestamp("2013-02-01", tz="UTC")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files:
            if file.parent.name in ("x-archive", "rss", "4cat"):
                archive.write(file, f"data/{file.name}")
    return [
        *seeds,
        (".csv", table.to_csv(index=False).encode(), "table"),
        (".csv", table.to_csv(index=False, sep=";").encode("utf-16"), "table"),
        (".tsv", table.to_csv(index=False, sep="\t").encode(), "table"),
        (".jsonl", table.astype(str).to_json(orient="records", lines=True).encode(), "table"),
        (".parquet", table.to_parquet(index=False), "table"),
        (".csv.gz", gzip.compress(table.to_csv(index=False).encode()), "table"),
        (".json.gz", gzip.compress((FIXTURES / "telegram" / "result.json").read_bytes()), "telegram"),
        (".zip", packed.getvalue(), "table"),
    ]


def pack(content: bytes, ending: str) -> bytes:
    """A whole file of that ending with the content in it: what is changed when it is packed is hardly ever read."""
    if ending.endswith(".gz"):
        return gzip.compress(content, 1)
    packed = io.BytesIO()
    if ending == ".zip":
        with zipfile.ZipFile(packed, "w") as archive:
            for name in ("a.json", "b.csv", "c.js"):
                archive.writestr(f"data/{name}", content)
    elif ending == ".parquet":
        import pyarrow as pa
        import pyarrow.parquet as pq

        lines = content.split(b"\n")
        numbers = pa.array([int.from_bytes(line[:8], "little", signed=True) for line in lines], pa.int64())
        times = numbers.cast(pa.timestamp("us", "UTC"))
        columns = {"text": pa.array(lines, pa.binary()), "post_id": numbers, "published": times, "likes": numbers}
        pq.write_table(pa.table(columns), packed)
    return packed.getvalue()


def main() -> None:
    """Run libFuzzer on the readers, with the fixtures as its corpus."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("data/processed/fuzz"))
    parser.add_argument("--seeds", nargs="+", metavar="FORMAT", help="formats of the files that inputs are made from")
    parser.add_argument("--only", nargs="+", choices=ENDINGS, default=ENDINGS, help="endings of files; feeds are slow")
    given = parser.parse_args()
    try:
        import atheris
    except ImportError:
        sys.exit("atheris is not installed: pip install atheris, in an environment of its own (Linux, x86-64)")
    with atheris.instrument_imports(include=["composite.posts", "feedparser"]):
        import feedparser  # noqa: F401  # it is imported late, and would not be seen

        from composite.codebook.contract import check_table
        from composite.errors import CompositeError
        from composite.posts.build import build_posts
        from composite.posts.platforms import NAMES
        from composite.posts.rows import ask, frame_rows, table_rejected, walk_rows
    warnings.simplefilter("ignore")
    given.out.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="composite-fuzz-"))
    ends = time.monotonic() + 60 * given.minutes
    read: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    broken: set[str] = set()
    waiting: list[tuple[bytes, list[dict[str, Any]]]] = []

    def keep(content: bytes, error: BaseException) -> None:
        where = traceback.extract_tb(error.__traceback__)[-1]
        name = f"{type(error).__name__}-{Path(where.filename).stem}-{where.lineno}"
        if name not in broken:
            broken.add(name)
            (given.out / name).write_bytes(content)
            (given.out / f"{name}.txt").write_text("".join(traceback.format_exception(error)), "utf-8", "replace")
            print(f"*** {name}: {len(content)} bytes", file=sys.stderr, flush=True)

    def build(inputs: list[tuple[bytes, list[dict[str, Any]]]]) -> None:
        rows = [row for _, some in inputs for row in some]
        bad = [row for row in rows if "reason" in row]
        built = build_posts(frame_rows(rows), defaults=GB, accounts=None, timezone="UTC", date_format=None)
        check_table("posts", built.posts.drop(columns=["_file", "_line", "_made"]))
        check_table("rejected", table_rejected([*bad, *built.rejected]))
        if len(built.posts) + len(built.rejected) + len(bad) != len(rows):
            raise AssertionError("rows were lost")

    def build_waiting() -> None:
        try:
            build(waiting)
        except Exception:
            for item in waiting:  # one of them is at fault, and only that one is of use
                try:
                    build([item])
                except Exception as error:
                    keep(item[0], error)
        waiting.clear()

    def try_bytes(content: bytes) -> None:
        if len(content) < 2:
            return
        ending = given.only[content[0] % len(given.only)]
        form = None if content[1] < 128 else NAMES[content[1] % len(NAMES)]
        path = folder / f"input{ending}"
        packed = 64 <= content[1] < 128 and ending.endswith((".gz", ".zip", ".parquet"))
        path.write_bytes(pack(content[2:], ending) if packed else content[2:])
        name = form or ending or "no ending"
        start = time.monotonic()
        try:
            notes: list[str] = []
            waiting.append((content, list(walk_rows([path], ask(None, GB, form, "utf-8", False), notes, []))))
            said = next((note for note in notes if note.startswith("recognised: ")), "").split()
            read[form or (said[1] if said else f"table in {ending}")] += 1
        except CompositeError:
            refused[name] += 1
        except Exception as error:
            keep(content, error)
        if time.monotonic() - start > SLOW:
            keep(content, TimeoutError(f"an input of {len(content)} bytes takes {time.monotonic() - start:.0f} s"))
        if len(waiting) >= TOGETHER or time.monotonic() > ends:
            build_waiting()
        if time.monotonic() > ends:
            # libFuzzer ends a process without a word of ours
            for what, found in (("read as", read), ("refused, named", refused)):
                for name, n in sorted(found.items()):
                    print(f"{what} {name}: {n:,}")
            print(f"{read.total():,} inputs read, {refused.total():,} refused, {len(broken):,} findings in {given.out}")
            sys.stdout.flush()
            os._exit(1 if broken else 0)

    corpus = folder / "corpus"
    corpus.mkdir()
    for number, (ending, content, form) in enumerate(make_seeds()):
        if given.seeds and form not in given.seeds:
            continue
        for choice in (0, 128 + (NAMES.index(form) - 128) % len(NAMES)):
            if ending in given.only:
                head = bytes([given.only.index(ending), choice])
                (corpus / f"{number}-{choice}").write_bytes(head + content)
        for place, other in enumerate(given.only):
            if other.endswith((f"{ending}.gz", ".zip", ".parquet")):
                (corpus / f"{number}-{place}-packed").write_bytes(bytes([place, 64]) + content)
    options = [
        f"-seed={given.seed}",
        f"-artifact_prefix={given.out}{os.sep}",
        "-max_len=8000",
        "-len_control=0",
        "-rss_limit_mb=4096",
        "-timeout=60",
        "-report_slow_units=60",
        "-verbosity=0",
    ]
    atheris.Setup([sys.argv[0], *options, str(corpus)], try_bytes)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
