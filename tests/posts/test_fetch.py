"""Public corpora are fetched whole, checked, and never twice; a server that fails costs one file and says so."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import threading
import time
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote

import pytest

import composite as cp
from composite.posts import fetch
from composite.posts.fetch import CORPORA, Corpus, CorpusFile, find_folder, locate_corpus

MIRROR = Path(__file__).parents[3] / "shared" / "real" / "mirror"
COMMIT = "0" * 40


class Server:
    """A small web server whose answers a test chooses, and what it was asked for."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.folder: Path | None = None
        self.asked: Counter[str] = Counter()
        self.cut: Counter[str] = Counter()  # how often the answer for a path breaks off halfway
        self.slow: set[str] = set()
        self.ranges = True  # whether it can answer with the rest of a file
        self.begun: list[tuple[str, int]] = []  # paths of which a rest was asked for, and from where
        self.told_size = True
        self.stop = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                path = unquote(self.path).lstrip("/")
                outer.asked[path] += 1
                if path in outer.slow:
                    outer.stop.wait(5)
                    return
                content = outer.files.get(path)
                if content is None and outer.folder and (outer.folder / path).is_file():
                    content = (outer.folder / path).read_bytes()
                if content is None:
                    self.send_error(404)
                    return
                start = int(self.headers["Range"].removeprefix("bytes=").rstrip("-")) if "Range" in self.headers else 0
                if start:
                    outer.begun.append((path, start))
                if start and outer.ranges and start >= len(content):
                    self.send_error(416)
                    return
                if start and outer.ranges:
                    self.send_response(206)
                    self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
                    content = content[start:]
                else:
                    self.send_response(200)
                if outer.told_size:
                    self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                if outer.cut[path] > 0:
                    outer.cut[path] -= 1
                    content = content[: len(content) // 2]
                self.wfile.write(content)

            def log_message(self, *words: object) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.address = f"http://127.0.0.1:{self.http.server_port}"
        threading.Thread(target=self.http.serve_forever, args=(0.01,), daemon=True).start()


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.stop.set()
    made.http.shutdown()
    made.http.server_close()


@pytest.fixture
def toy(server: Server, monkeypatch: pytest.MonkeyPatch) -> Corpus:
    """A corpus of three invented files on the server, one with a space in its path; no waiting between attempts."""
    contents = {"a.csv": b"text\nHello\n" * 40, "data/b c.csv": b"text\nGood day\n" * 40, "d.json": b"{}\n"}
    parts = tuple(
        CorpusFile(path.split("/")[-1], path, COMMIT, len(data), hashlib.sha256(data).hexdigest(), None)
        for path, data in contents.items()
    )
    server.files = {f"some/one/{COMMIT}/{path}": data for path, data in contents.items()}
    corpus = dataclasses.replace(CORPORA["berlin"], name="toy", repository="some/one", files=parts)
    monkeypatch.setitem(CORPORA, "toy", corpus)
    monkeypatch.setattr("pooch.core.time.sleep", lambda seconds: None)
    monkeypatch.setattr("composite.posts.download.CHUNK", 20)
    return corpus


def test_files_come_whole_in_the_order_of_the_sheet(server: Server, toy: Corpus, tmp_path: Path) -> None:
    paths = cp.fetch_corpus("toy", to=tmp_path, address=server.address)
    assert [path.name for path in paths] == ["a.csv", "b c.csv", "d.json"]
    for path, part in zip(paths, toy.files, strict=True):
        assert hashlib.sha256(path.read_bytes()).hexdigest() == part.sha256
    assert locate_corpus("toy", to=tmp_path) == paths


def test_what_is_there_and_right_is_not_downloaded_again(server: Server, toy: Corpus, tmp_path: Path) -> None:
    cp.fetch_corpus("toy", to=tmp_path, address=server.address)
    cp.fetch_corpus("toy", to=tmp_path, address=server.address)
    assert set(server.asked.values()) == {1}


def test_a_file_that_was_damaged_is_fetched_again_and_no_other(server: Server, toy: Corpus, tmp_path: Path) -> None:
    paths = cp.fetch_corpus("toy", to=tmp_path, address=server.address)
    paths[0].write_bytes(b"x" * toy.files[0].bytes)
    with pytest.raises(cp.CompositeError, match=r"1 of 3 files missing or damaged, such as a\.csv\): run: "):
        locate_corpus("toy", to=tmp_path)
    cp.fetch_corpus("toy", to=tmp_path, address=server.address)
    assert sorted(server.asked.values()) == [1, 1, 2]


def test_another_file_than_it_was_is_an_error_and_not_kept(server: Server, toy: Corpus, tmp_path: Path) -> None:
    server.files[f"some/one/{COMMIT}/data/b c.csv"] = b"text\nBad day!\n" * 40
    with pytest.raises(cp.CompositeError, match=r"SHA-256 is not .* not kept.* 2 files of 3 are missing: b c\.csv, d"):
        cp.fetch_corpus("toy", to=tmp_path, address=server.address, retries=1)
    assert [path.name for path in (tmp_path / "toy").iterdir()] == ["a.csv"]
    assert server.asked[f"some/one/{COMMIT}/data/b c.csv"] == 2


def test_a_download_that_breaks_off_is_tried_again_with_that_file_alone(
    server: Server, toy: Corpus, tmp_path: Path
) -> None:
    broken = f"some/one/{COMMIT}/data/b c.csv"
    server.cut[broken] = 1
    cp.fetch_corpus("toy", to=tmp_path, address=server.address, retries=1)
    assert server.asked == {broken: 2, f"some/one/{COMMIT}/a.csv": 1, f"some/one/{COMMIT}/d.json": 1}


def test_a_call_after_a_broken_one_goes_on_where_it_stopped(server: Server, toy: Corpus, tmp_path: Path) -> None:
    server.cut[f"some/one/{COMMIT}/data/b c.csv"] = 1
    with pytest.raises(cp.CompositeError, match="2 files of 3 are missing"):
        cp.fetch_corpus("toy", to=tmp_path, address=server.address, retries=0)
    assert list_files(tmp_path / "toy") == ["a.csv"]
    cp.fetch_corpus("toy", to=tmp_path, address=server.address)
    assert server.asked[f"some/one/{COMMIT}/a.csv"] == 1


BROKEN = f"some/one/{COMMIT}/data/b c.csv"


def list_files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))


def break_off(server: Server, folder: Path) -> Path:
    """The part of `b c.csv` that is left after a download that broke off halfway."""
    server.cut[BROKEN] = 1
    with pytest.raises(cp.CompositeError, match=r"b%20c\.csv broke off: try again; 280 of 560 bytes are kept"):
        cp.fetch_corpus("toy", to=folder, address=server.address, retries=0)
    (part,) = (folder / "toy").glob(".*.part")
    assert part.read_bytes() == server.files[BROKEN][:280]
    return part


@pytest.mark.parametrize("told_size", [True, False])
def test_a_file_that_broke_off_is_gone_on_with_where_it_broke_off(
    told_size: bool, server: Server, toy: Corpus, tmp_path: Path
) -> None:
    server.told_size = told_size
    break_off(server, tmp_path)
    told: list[int] = []
    cp.fetch_corpus("toy", to=tmp_path, address=server.address, progress=lambda what, done, total: told.append(done))
    assert server.begun == [(BROKEN, 280)]
    assert told == sorted(told)
    assert 440 + 280 in told
    assert locate_corpus("toy", to=tmp_path)
    assert not list((tmp_path / "toy").glob(".*"))


def test_an_attempt_goes_on_where_the_one_before_broke_off(server: Server, toy: Corpus, tmp_path: Path) -> None:
    server.cut[BROKEN] = 2
    cp.fetch_corpus("toy", to=tmp_path, address=server.address, retries=2)
    assert server.begun == [(BROKEN, 280), (BROKEN, 420)]


def test_a_server_that_has_no_rest_of_a_file_gives_it_whole(server: Server, toy: Corpus, tmp_path: Path) -> None:
    break_off(server, tmp_path)
    server.ranges = False
    cp.fetch_corpus("toy", to=tmp_path, address=server.address, retries=0)
    assert server.begun == [(BROKEN, 280)]
    assert locate_corpus("toy", to=tmp_path)


@pytest.mark.parametrize("part", [b"x" * 280, b"x" * 560, b"x" * 600])
def test_a_part_of_another_file_is_thrown_away_and_the_file_fetched_whole(
    part: bytes, server: Server, toy: Corpus, tmp_path: Path
) -> None:
    break_off(server, tmp_path).write_bytes(part)
    cp.fetch_corpus("toy", to=tmp_path, address=server.address, retries=0)
    assert locate_corpus("toy", to=tmp_path)
    assert not list((tmp_path / "toy").glob(".*"))


@pytest.mark.parametrize("content", [b"text\nBad day!\n" * size for size in (10, 30, 40, 60)])
def test_a_file_that_changed_after_it_broke_off_is_named_with_the_cure_and_no_part_of_it_stays(
    content: bytes, server: Server, toy: Corpus, tmp_path: Path
) -> None:
    break_off(server, tmp_path)
    server.files[BROKEN] = content
    said = r"b%20c\.csv is not the file that it was: .* not kept\. .* another network\. Of corpus 'toy' 2 files of 3"
    with pytest.raises(cp.CompositeError, match=f"{said}|b c.csv is longer than it should be"):
        cp.fetch_corpus("toy", to=tmp_path, address=server.address, retries=0)
    assert [path.name for path in (tmp_path / "toy").iterdir()] == ["a.csv"]


def test_a_file_that_came_whole_before_it_was_put_in_its_place_is_not_asked_for_again(
    server: Server, toy: Corpus, tmp_path: Path
) -> None:
    break_off(server, tmp_path).write_bytes(server.files[BROKEN])
    asked = server.asked[BROKEN]
    cp.fetch_corpus("toy", to=tmp_path, address=server.address)
    assert server.asked[BROKEN] == asked


def test_a_stop_by_the_keyboard_keeps_what_came(server: Server, toy: Corpus, tmp_path: Path) -> None:
    def stop(what: str, done: int, total: int) -> None:
        if what == "fetching b c.csv" and done > 440:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cp.fetch_corpus("toy", to=tmp_path, address=server.address, progress=stop)
    assert list_files(tmp_path / "toy") == ["a.csv"]
    cp.fetch_corpus("toy", to=tmp_path, address=server.address)
    assert server.begun == [(BROKEN, 20)]


def test_a_folder_that_cannot_be_written_to_and_a_full_disk_are_errors_that_name_the_option(
    server: Server, toy: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(cp.CompositeError, match=r"--to"):
        cp.fetch_corpus("toy", to=tmp_path / "file", address=server.address)

    def fill(source: object, target: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("composite.posts.download.os.replace", fill)
    with pytest.raises(cp.CompositeError, match=r"cannot write 'a\.csv' to .*No space left.*another folder with --to"):
        cp.fetch_corpus("toy", to=tmp_path, address=server.address)


def test_what_is_no_address_is_said(toy: Corpus, tmp_path: Path) -> None:
    with pytest.raises(cp.CompositeError, match="is no address: one begins with https://"):
        cp.fetch_corpus("toy", to=tmp_path, address="nowhere", retries=0)


def test_a_file_that_is_not_there_is_named_with_the_answer(server: Server, toy: Corpus, tmp_path: Path) -> None:
    del server.files[f"some/one/{COMMIT}/d.json"]
    with pytest.raises(cp.CompositeError, match=r"d\.json answers 404.* 1 file of 3 is missing: d\.json"):
        cp.fetch_corpus("toy", to=tmp_path, address=server.address, retries=0)


def test_a_server_that_hangs_is_left_after_the_timeout(server: Server, toy: Corpus, tmp_path: Path) -> None:
    server.slow.add(f"some/one/{COMMIT}/a.csv")
    start = time.monotonic()
    with pytest.raises(cp.CompositeError, match=r"no answer within 0\.3 seconds .* 3 files of 3 are missing"):
        cp.fetch_corpus("toy", to=tmp_path, address=server.address, timeout=0.3, retries=0)
    assert time.monotonic() - start < 4


def test_without_a_network_the_error_names_what_is_missing(toy: Corpus, tmp_path: Path) -> None:
    with pytest.raises(cp.CompositeError, match=r"cannot reach .*online.* missing: a\.csv, b c\.csv, d\.json"):
        cp.fetch_corpus("toy", to=tmp_path, address="http://127.0.0.1:9", retries=0)


def test_a_file_without_end_is_not_read_to_its_end(server: Server, toy: Corpus, tmp_path: Path) -> None:
    server.files[f"some/one/{COMMIT}/a.csv"] = bytes(4_000_000)
    with pytest.raises(cp.CompositeError, match=r"a\.csv is longer than it should be"):
        cp.fetch_corpus("toy", to=tmp_path, address=server.address, retries=0)
    assert not list((tmp_path / "toy").iterdir())


def test_progress_ends_at_all_bytes(server: Server, toy: Corpus, tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    cp.fetch_corpus("toy", to=tmp_path, address=server.address, progress=lambda *what: told.append(what))
    total = sum(part.bytes for part in toy.files)
    assert told[-1] == ("fetched d.json", total, total)
    assert all(done <= total for _, done, _ in told)


def test_the_folder_is_that_of_the_argument_then_the_variable_then_the_cache(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("COMPOSITE_CORPORA", str(tmp_path / "there"))
    assert find_folder(tmp_path) == tmp_path
    assert find_folder() == tmp_path / "there"
    monkeypatch.delenv("COMPOSITE_CORPORA")
    assert find_folder().name == "corpora"


def test_the_address_can_be_named_by_a_variable(
    server: Server, toy: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMPOSITE_CORPORA_ADDRESS", server.address + "/")
    assert len(cp.fetch_corpus("toy", to=tmp_path)) == 3


@pytest.mark.parametrize("options", [{"timeout": 0}, {"retries": -1}])
def test_impossible_options_are_errors(options: dict[str, int], tmp_path: Path) -> None:
    with pytest.raises(cp.CompositeError, match="a time above 0"):
        cp.fetch_corpus("berlin", to=tmp_path, **options)  # type: ignore[arg-type]


def test_an_unknown_corpus_is_an_error_with_the_nearest_name() -> None:
    with pytest.raises(cp.CompositeError, match="did you mean 'capitals'"):
        cp.fetch_corpus("capital")


def test_every_sheet_is_whole_and_every_file_has_a_name_of_its_own() -> None:
    for name, corpus in CORPORA.items():
        assert corpus.name == name
        assert all((corpus.title, corpus.who, corpus.when, corpus.what, corpus.licence, corpus.cite, corpus.flaws))
        assert len({part.name for part in corpus.files}) == len(corpus.files) > 0
        for part in corpus.files:
            assert len(part.sha256) == 64
            assert len(part.commit) == 40
            assert part.bytes > 0


@pytest.mark.skipif(not MIRROR.is_dir(), reason="../shared/real is not here: real posts are not shipped")
def test_the_index_of_the_package_is_that_of_the_mirror() -> None:
    import json

    theirs = {
        (row["repository"], row["commit"], row["path"], row["bytes"], row["sha256"])
        for row in json.loads((MIRROR / "index.json").read_text("utf-8"))
    }
    ours = {(c.repository, p.commit, p.path, p.bytes, p.sha256) for c in CORPORA.values() for p in c.files}
    assert ours == theirs


@pytest.mark.skipif(not MIRROR.is_dir(), reason="../shared/real is not here: real posts are not shipped")
def test_every_mirrored_corpus_is_fetched_and_one_that_is_not_mirrored_is_named(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pooch.core.time.sleep", lambda seconds: None)
    server.folder = MIRROR
    for name, corpus in CORPORA.items():
        if all((MIRROR / corpus.repository / p.commit / p.path).is_file() for p in corpus.files):
            assert len(cp.fetch_corpus(name, to=tmp_path, address=server.address)) == len(corpus.files)
        else:
            with pytest.raises(cp.CompositeError, match=r"answers 404.*missing: labeled_training\.csv"):
                cp.fetch_corpus(name, to=tmp_path, address=server.address, retries=0)
    assert {path.name for path in tmp_path.iterdir() if any(path.iterdir())} == set(CORPORA) - {"britain"}


def test_pooch_is_told_nothing_that_reaches_the_terminal(
    server: Server, toy: Corpus, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    cp.fetch_corpus("toy", to=tmp_path, address=server.address)
    assert capfd.readouterr() == ("", "")
    assert os.listdir(tmp_path / "toy")
    assert fetch.ADDRESS.startswith("https://")
