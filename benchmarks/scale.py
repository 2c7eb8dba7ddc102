"""How time and memory grow with posts: labels in batches, from 10 thousand to 5 million posts, and a whole study.

`python -m benchmarks.scale [--posts N …] [--study N …] [--seed S] [--results FILE] [--markdown]` makes posts of the
illustrative corpus over again, no two alike, as Parquet in a temporary folder, and runs the commands on them as a user
would, each in a process of its own. Seconds are by the clock and of the processor: the two differ where others use the
machine, and the processor's are those that compare. Memory is the largest that the process held. `--markdown` gives the
page `docs/scale.md`.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd

import composite as cp
from composite.cores import count_cores
from composite.errors import count
from composite.report.claims import join

SIZES = (10_000, 100_000, 1_000_000, 5_000_000)
STUDIES = (100_000, 1_000_000)
BLOCK = 100_000
FROM = 100_000  # posts from which time must be linear and memory flat: below, starting Python is most of it
FAR, MACHINES = 100_000_000, 16
MEGABYTE = 2**20


@dataclass(frozen=True)
class Run:
    """What a command took: posts, seconds by the clock and of the processor, megabytes, and on how many cores."""

    posts: int
    seconds: float
    busy: float
    memory: float
    cores: int


def write_posts(path: Path, n: int, *, seed: int = 0) -> Path:
    """A Parquet file of `n` posts: those of the corpus over and over, each with a sentence of another and a number.

    Accounts, countries, languages and reactions are those of the corpus; times move by some minutes each time round.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    posts = cp.read_posts(cp.CORPUS / "posts.csv")
    rng = np.random.default_rng(seed)
    same = posts.groupby("language").indices
    texts = posts["text"].to_numpy(dtype=object)
    first = np.array([text.split(". ")[0] for text in texts], dtype=object)
    writer = None
    for start in range(0, n, BLOCK):
        rows = np.arange(start, min(n, start + BLOCK))
        which, turn = rows % len(posts), rows // len(posts)
        part = posts.iloc[which].reset_index(drop=True)
        other = np.empty(len(rows), dtype=int)
        for language, members in same.items():
            places = np.flatnonzero((part["language"] == language).to_numpy())
            other[places] = rng.choice(members, len(places))
        part["post_id"] = part["post_id"] + "-" + pd.Series(turn).astype("str")
        part["text"] = pd.Series(
            [f"{texts[i]} {first[j]} ({k})" for i, j, k in zip(which, other, turn, strict=True)], dtype="str"
        )
        part["published"] = part["published"] + pd.to_timedelta(turn * 37 % (28 * 24 * 60), unit="min")
        table = pa.Table.from_pandas(part, preserve_index=False)
        writer = writer or pq.ParquetWriter(path, table.schema)
        writer.write_table(table)
    if writer is not None:
        writer.close()
    return path


def write_codings(path: Path, n: int) -> Path:
    """The codings of the corpus as those of a sample of `n` posts made by `write_posts`, with its probabilities."""
    posts = cp.read_posts(cp.CORPUS / "posts.csv")
    codings = cp.read_codings(cp.CORPUS / "codings.csv")
    codings["post_id"] += "-0"
    codings["sampling_probability"] *= len(posts) / n
    codings.to_csv(path, index=False)
    return path


def measure(command: Sequence[str], posts: int) -> Run:
    """What a command of `composite` took, in a process of its own."""
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    start = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "composite", *command],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env={**os.environ, **threads},
    )
    said = process.stderr.read() if process.stderr else b""
    # of this child alone, which resource.getrusage(RUSAGE_CHILDREN) does not tell apart from others
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(said.decode())
    seconds, memory = time.perf_counter() - start, used.ru_maxrss * 1024 / MEGABYTE
    return Run(posts, seconds, used.ru_utime + used.ru_stime, memory, count_cores())


def fit_exponent(runs: Sequence[Run]) -> float:
    """The slope of log processor seconds on log posts: 1 where time is linear."""
    return float(np.polyfit(np.log([run.posts for run in runs]), np.log([run.busy for run in runs]), 1)[0])


def measure_steps(path: Path, n: int) -> tuple[float, float]:
    """Seconds of the processor that the client needs for a post (reading, packing, writing), and a worker."""
    from composite.posts.batches import Reading, write_batches
    from composite.posts.sources import find_files
    from composite.themes.batches import Labeller, make_part
    from composite.themes.cluster import _pack

    labeller = Labeller((cp.load_classifier(),), None, False, None)
    with tempfile.TemporaryDirectory() as folder:
        make_part(labeller, cp.read_posts(cp.CORPUS / "posts.csv"))  # what is loaded once is not counted
        start = time.process_time()
        batches = write_batches(
            find_files(path), Path(folder), Reading({}, {}), progress=lambda what, done, total: None
        )
        parts = [batches.read(index) for index in range(batches.number)]
        sizes = [len(_pack(part)) for part in parts]
        client = time.process_time() - start
        start = time.process_time()
        for part in parts:
            make_part(labeller, part)
        worker = time.process_time() - start
    return (client / n, worker / n) if sum(sizes) else (0.0, 0.0)


def write_page(labels: Sequence[Run], studies: Sequence[Run], steps: tuple[float, float]) -> str:
    """The page: what was measured, and what is reckoned from it."""
    lines = [
        "# Scale",
        "",
        "<!-- Generated by `python -m benchmarks.scale --markdown`. -->",
        "",
        "Posts of the illustrative corpus over again, no two alike, as one Parquet file; each command in a process of "
        "its own, with the time that Python takes to start. Seconds of the processor are the ones that compare: those "
        "by the clock are more where others use the machine. Memory is that of the largest process.",
        "",
        f"`composite label posts.parquet --out labels`, on {_name_cores(labels)}:",
        "",
        "| posts | seconds by the clock | seconds of the processor | posts a processor second | peak memory (MB) |",
        "| ---: | ---: | ---: | ---: | ---: |",
        *[
            f"| {r.posts:,} | {r.seconds:,.0f} | {r.busy:,.1f} | {r.posts / r.busy:,.0f} | {r.memory:,.0f} |"
            for r in labels
        ],
        "",
    ]
    long = [run for run in labels if run.posts >= FROM]
    if len(long) > 1:
        rate = (long[-1].posts - long[0].posts) / (long[-1].busy - long[0].busy)
        growth = max(run.memory for run in long) / long[0].memory
        further = " and ".join(
            f"{1e6 * (two.busy - one.busy) / (two.posts - one.posts):,.0f} µs from {one.posts:,} to {two.posts:,}"
            for one, two in pairwise(long)
        )
        lines += [
            f"From {long[0].posts:,} posts on, processor time goes with posts to the power {fit_exponent(long):.2f}: "
            "that counts the seconds that starting takes, which lower it; without them, a further post costs "
            f"{further}. Peak memory is at most {growth:.2f} times that of {long[0].posts:,} posts.",
            "",
            f"**A reckoning, not a measurement:** at {rate:,.0f} posts a second, one core labels {FAR:,} posts in "
            f"{FAR / rate / 3600:.1f} hours. On a cluster one client reads and writes ({1e6 * steps[0]:.0f} µs a post) "
            f"while workers label ({1e6 * steps[1]:.0f} µs a post). With {MACHINES} machines of two cores that do "
            f"nothing else, labelling takes {FAR * steps[1] / (2 * MACHINES) / 60:,.1f} minutes and reading "
            f"{FAR * steps[0] / 3600:.1f} hours, one after the other: the reading is what there is to wait for, on a "
            "cluster as on one machine, and more than a few machines gain nothing as long as the client reads alone.",
            "",
        ]
    if studies:
        lines += [
            "`composite study`, with the codings, accounts and followers that ship, in memory, on "
            f"{_name_cores(studies)}; a second process draws figures:",
            "",
            "| posts | seconds by the clock | seconds of the processor | peak memory (MB) |",
            "| ---: | ---: | ---: | ---: |",
            *[f"| {r.posts:,} | {r.seconds:,.0f} | {r.busy:,.0f} | {r.memory:,.0f} |" for r in studies],
            "",
        ]
    return "\n".join(lines)


def _name_cores(runs: Sequence[Run]) -> str:
    return join([count(cores, "core") for cores in sorted({run.cores for run in runs})])


def main(arguments: Sequence[str] | None = None) -> None:
    """Print what each size takes, or the page."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=main.__doc__)
    parser.add_argument("--posts", type=int, nargs="*", default=list(SIZES), help="posts to label")
    parser.add_argument("--study", type=int, nargs="*", default=list(STUDIES), help="posts to study")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--markdown", action="store_true", help="the page docs/scale.md")
    parser.add_argument("--results", type=Path, help="file that keeps what was measured, a line a run, for the page")
    chosen = parser.parse_args(arguments)
    runs: list[tuple[str, Run]] = []
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for n in sorted(chosen.posts):
            file = write_posts(folder / f"{n}.parquet", n, seed=chosen.seed)
            runs.append(("label", measure(["label", str(file), "--out", str(folder / f"labels-{n}")], n)))
            _keep(chosen.results, *runs[-1])
            file.unlink()
        for n in sorted(chosen.study):
            file = write_posts(folder / f"{n}.parquet", n, seed=chosen.seed)
            codings = write_codings(folder / f"{n}.csv", n)
            options = ["--codings", str(codings), "--out", str(folder / f"report-{n}")]
            options += ["--accounts", str(cp.CORPUS / "accounts.csv"), "--audience", str(cp.CORPUS / "followers.csv")]
            runs.append(("study", measure(["study", str(file), *options], n)))
            _keep(chosen.results, *runs[-1])
            file.unlink()
        few = write_posts(folder / "steps.parquet", BLOCK, seed=chosen.seed)
        steps = measure_steps(few, BLOCK) if chosen.markdown else (0.0, 0.0)
    if chosen.markdown:
        if chosen.results is not None:
            lines = [json.loads(line) for line in chosen.results.read_text("utf-8").splitlines()]
            runs = [(line.pop("command"), Run(**line)) for line in lines]
        known = {(command, run.posts): run for command, run in runs}  # the last of each
        labels, studies = ([known[key] for key in sorted(known) if key[0] == name] for name in ("label", "study"))
        sys.stdout.write(write_page(labels, studies, steps))


def _keep(file: Path | None, command: str, run: Run) -> None:
    line = json.dumps({"command": command, **asdict(run)})
    print(line, file=sys.stderr, flush=True)
    if file is not None:
        with open(file, "a", encoding="utf-8") as stream:
            stream.write(line + "\n")


if __name__ == "__main__":
    main()
