"""`python -m composite` is the command `composite`; stopped while it still loads, it ends without a traceback too."""

import sys


def main() -> None:
    """Load the commands, and run the one that is given."""
    try:
        from composite.cli import main as run
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        sys.exit(130)
    run()


if __name__ == "__main__":
    main()
