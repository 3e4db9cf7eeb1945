"""The command `coble`, and `python -m coble`."""

import signal


def main():
    """Run the command; Ctrl-C ends it without a traceback from its first imports, too."""
    before = signal.signal(signal.SIGINT, _end)
    from coble.cli.app import main as command

    signal.signal(signal.SIGINT, before)
    command()


def _end(number, frame):
    raise SystemExit(128 + number)


if __name__ == "__main__":
    main()
