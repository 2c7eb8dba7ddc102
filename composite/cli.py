"""The command `composite`: the commands are in the room `commands`, a module each; here they come together."""

from __future__ import annotations

import warnings

# each adds its commands to the app
from composite.commands import check, coding, figures, label, study, train  # noqa: F401
from composite.commands.options import app
from composite.errors import CompositeError
from composite.terminal import err, fail, show_warning

ORDER = ("study", "label", "sample", "train", "agree", "figures", "check", "diff")
app.registered_commands.sort(key=lambda command: ORDER.index(command.callback.__name__))  # type: ignore[union-attr]


def main() -> None:
    """Run the command line; a mistake of the user's ends in one message and an exit code, never in a traceback."""
    warnings.showwarning = show_warning  # type: ignore[assignment]  # a narrower signature than the hook allows
    try:
        app()
    except CompositeError as error:
        fail(str(error))
    except OSError as error:
        fail(f"{error.strerror or error}{f': {error.filename}' if error.filename else ''}")
    except SystemExit as stop:
        if stop.code == 130:
            err.print("interrupted: no file is half written, and a study goes on where it stopped")
        raise
