"""`python -m coble` is `coble`."""

from coble.cli.app import main

main()
