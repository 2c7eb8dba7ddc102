"""Set-up: the lock, the conda environment and the version say the same as pyproject.toml."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest
import yaml

import composite as cp
from docs.generate import read_pins

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
LOCK = (ROOT / "requirements.lock").read_text("utf-8")
PINS = read_pins()
ASKED = [*PROJECT["dependencies"], *(item for extra in PROJECT["optional-dependencies"].values() for item in extra)]


def split_name(requirement: str) -> str:
    return re.split(r"[\s<>=!~\[;]", requirement)[0]


@pytest.mark.parametrize("requirement", ASKED)
def test_every_dependency_is_pinned_and_the_pin_is_installed(requirement: str) -> None:
    name = split_name(requirement)
    assert version(name) == PINS[name] or sys.version_info[:2] != (3, 11)


def test_every_pin_has_a_hash() -> None:
    blocks = re.split(r"^(?=[\w.-]+==)", LOCK, flags=re.M)[1:]
    assert len(blocks) >= len(PINS)
    assert all("--hash=sha256:" in block for block in blocks)


def test_conda_users_get_the_same_names_and_versions() -> None:
    environment = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))
    pins = dict(item.split("=") for item in environment["dependencies"] if isinstance(item, str) and "=" in item)
    python = pins.pop("python")
    pins |= dict(item.split("==") for item in environment["dependencies"][-1]["pip"] if "==" in item)
    assert PROJECT["requires-python"] == f">={python}"
    wanted = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["lab"]]
    assert pins == {split_name(item): PINS[split_name(item)] for item in wanted}


def test_the_version_is_the_same_everywhere() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert cp.__version__ == PROJECT["version"] == citation["version"] == version("composite-police")
    assert f"## {cp.__version__} " in changelog


def test_ci_and_pre_commit_run_what_make_test_runs() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    hooks = (ROOT / ".pre-commit-config.yaml").read_text("utf-8")
    assert re.search(r"^make test$", (ROOT / ".ci" / "run").read_text("utf-8"), flags=re.M)
    for tool in ("ruff check", "ruff format", "mypy"):
        assert tool in makefile
        assert tool in hooks


def test_no_tracked_file_names_a_package_registry_or_a_path_of_a_machine() -> None:
    done = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip("not a git checkout")
    hosts = re.compile("pypi" + r"\.org|python" + r"hosted|files\.python" + r"|npm" + r"js|/root" + "/|/home" + "/")
    for name in done.stdout.split():
        path = ROOT / name
        if path.suffix not in {".png", ".parquet", ".npz"} and path.is_file():
            assert not hosts.search(path.read_text("utf-8", errors="replace")), name
