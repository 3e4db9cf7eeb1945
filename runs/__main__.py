"""`python -m runs` is `coble`."""

from runs.cli import main

main()
