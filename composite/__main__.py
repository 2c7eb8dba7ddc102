"""`python -m composite` is the command `composite`."""

from composite.cli import main

main()
