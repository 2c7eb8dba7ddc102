"""Throw bytes at the readers for as long as you like: `python -m benchmarks.fuzz --minutes 5`.

It needs atheris (`pip install atheris`, Linux), which is not among the locked packages. Every input is one of the
exports in `tests/posts/fixtures`, changed by libFuzzer, which keeps what reaches new code. An input that ends in
anything but a table that keeps its contract, or an error that says what is wrong, is written to the folder `--out`.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import tempfile
import time
import warnings
from pathlib import Path

FIXTURES = Path(__file__).resolve().parents[1] / "tests" / "posts" / "fixtures"
GB = {"country": "GB", "agency": "A"}
SLOW = 20.0  # seconds for an input of some kilobytes


def main() -> None:
    """Run libFuzzer on the readers, with the fixtures as its corpus."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("data/processed/fuzz"))
    given = parser.parse_args()
    try:
        import atheris
    except ImportError:
        sys.exit("atheris is not installed: pip install atheris, in an environment of its own (Linux, x86-64)")
    with atheris.instrument_imports(include=["composite.posts", "feedparser"]):
        import feedparser  # noqa: F401  # it is imported late, and would not be seen

        from composite.codebook.contract import check_table
        from composite.errors import CompositeError
        from composite.posts.read import scan_posts
    warnings.simplefilter("ignore")
    given.out.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="composite-fuzz-"))
    read = refused = 0

    def try_bytes(content: bytes) -> None:
        nonlocal read, refused
        # the first byte chooses the ending, since it tells some formats
        endings = (".json", ".csv", ".jsonl", ".xml", ".zip", ".js", "", ".csv.gz")
        path = folder / f"input{endings[content[0] % len(endings)] if content else ''}"
        path.write_bytes(content[1:])
        start = time.monotonic()
        try:
            result = scan_posts(path, defaults=GB)
            check_table("posts", result.posts)
            check_table("rejected", result.rejected)
            if len(result.posts) + len(result.rejected) != result.n_rows:
                raise AssertionError("rows were lost")
            read += 1
        except CompositeError:
            refused += 1
        finally:
            path.unlink()
        if time.monotonic() - start > SLOW:
            raise AssertionError(f"an input of {len(content)} bytes takes {time.monotonic() - start:.0f} s")

    corpus = folder / "corpus"
    corpus.mkdir()
    for number, file in enumerate(sorted(FIXTURES.glob("*/*"))):
        endings = {".json": 0, ".csv": 1, ".jsonl": 2, ".xml": 3, ".js": 5}
        (corpus / f"{number}").write_bytes(bytes([endings[file.suffix]]) + file.read_bytes())
    options = [
        f"-max_total_time={int(given.minutes * 60)}",
        f"-seed={given.seed}",
        f"-artifact_prefix={given.out}{os.sep}",
        "-max_len=20000",
        "-rss_limit_mb=4096",
        "-timeout=60",
        "-print_final_stats=1",
    ]
    atheris.Setup([sys.argv[0], *options, str(corpus)], try_bytes)
    with contextlib.suppress(SystemExit):
        atheris.Fuzz()
    print(f"{read:,} inputs read, {refused:,} refused; what broke the readers is in {given.out}")


if __name__ == "__main__":
    main()
