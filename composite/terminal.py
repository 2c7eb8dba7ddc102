"""What the command shows: notes, progress and errors on standard error, results on standard output."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.markup import escape

from composite.errors import CompositeWarning

err = Console(stderr=True, highlight=False, soft_wrap=True)
out = Console(highlight=False, soft_wrap=True)


def say_notes(notes: Iterable[str]) -> None:
    """Show what a reader of the numbers has to know."""
    for note in notes:
        err.print(f"[yellow]note:[/] {escape(note)}")


@contextmanager
def show_progress() -> Iterator[Callable[[str, int, int], None]]:
    """A callback that shows a bar on a terminal, and a line for each new step elsewhere."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        task = bar.add_task("starting", total=None)
        last = ""

        def show(what: str, done: int, total: int) -> None:
            nonlocal last
            bar.update(task, description=what, completed=done, total=total)
            if not err.is_terminal and what != last:
                err.print(what)
            last = what

        yield show


def fail(message: str) -> None:
    """Show what is wrong and end with exit code 1."""
    err.print(f"[red]error:[/] {escape(message)}")
    sys.exit(1)


def show_warning(message: Warning | str, category: type[Warning], *rest: Any) -> None:
    """Show what a reader of the numbers has to know, and no line of our source."""
    if issubclass(category, CompositeWarning):
        say_notes((str(message),))
