"""The command `composite`: the commands are in the room `commands`, a module each; here they come together."""

from __future__ import annotations

import sys
import warnings

# each adds its commands to the app
from composite.commands import (  # noqa: F401
    check,
    coding,
    fetch,
    figures,
    formats,
    label,
    share,
    study,
    train,
)
from composite.commands.options import app
from composite.errors import CompositeError
from composite.terminal import err, fail, show_warning

ORDER = ("study", "label", "sample", "train", "agree", "figures", "check", "diff", "fetch", "share", "formats")
app.registered_commands.sort(key=lambda command: ORDER.index(command.callback.__name__))  # type: ignore[union-attr]


STOPPED = (
    "interrupted: no file is half written; the same command goes on with a study, with labels in a folder and with "
    "what it fetches"
)


def main() -> None:
    """Run the command line; a mistake of the user's ends in one message and an exit code, never in a traceback."""
    warnings.showwarning = show_warning  # type: ignore[assignment]  # a narrower signature than the hook allows
    try:
        app()
    except CompositeError as error:
        fail(str(error))
    except OSError as error:
        fail(f"{error.strerror or error}{f': {error.filename}' if error.filename else ''}")
    except KeyboardInterrupt:  # before there is a command that runs
        err.print(STOPPED)
        sys.exit(130)
    except SystemExit as stop:
        if stop.code == 130:
            err.print(STOPPED)
        raise
