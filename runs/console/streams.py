"""Standard output and error that a command outlives: closed, full, or read by a program that has seen enough."""

import errno
import io
import os
import sys
from contextlib import contextmanager, suppress


class Lasting(io.TextIOWrapper):
    """A text stream that takes whatever is written to it; after a write that failed the rest is dropped.

    Attributes
    ----------
    error : OSError or None
        What went wrong first.
    """

    error = None

    def write(self, text):
        with self._lasting():
            super().write(text)
        return len(text)

    def flush(self):
        with self._lasting():
            super().flush()

    @contextmanager
    def _lasting(self):
        """After an OSError the null device is behind the stream."""
        try:
            yield
        except OSError as error:
            self.error = self.error or error
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, self.fileno())
            os.close(null)


def make_lasting():
    """Put streams that last in the place of `sys.stdout` and `sys.stderr`."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # closed: also takes its number, so that no file of results gets it
            lasting = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
        elif isinstance(stream, io.TextIOWrapper):
            options = {"encoding": stream.encoding, "errors": stream.errors, "line_buffering": stream.line_buffering}
            lasting = Lasting(stream.detach(), **options, write_through=stream.write_through)
        else:
            continue
        setattr(sys, name, lasting)
        setattr(sys, f"__{name}__", lasting)  # asked for the width of the terminal


def output_error():
    """Why standard output does not hold all that was printed; None when it does, or its reader wanted no more."""
    with suppress(ValueError):  # closed meanwhile
        sys.stdout.flush()
    error = getattr(sys.stdout, "error", None)
    return None if error is None or error.errno == errno.EPIPE else error.strerror or str(error)
