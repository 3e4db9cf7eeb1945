"""The command in this process."""

import re
from functools import cache

from typer import testing

from coble.cli import app as cli

testing._get_command = cache(testing._get_command)  # to make all commands anew takes longer than most that are refused

OK, USAGE, BAD_CASE, INTERRUPTED, NUMERICAL = 0, 2, 3, 4, 5

SMALL = """\
[tubule]
inner_width_nm = 5.0
wall_thickness_nm = 2.0
[[wall]]
name = "LiC6"
[run]
target_error = 0.1
"""


def invoke(*arguments, as_printed=False):
    """Run the command in this process; each message of stderr in one line, but `as_printed`."""
    found = testing.CliRunner().invoke(cli.app, [str(word) for word in arguments])
    if found.exception and not isinstance(found.exception, SystemExit):
        raise found.exception
    if not as_printed:
        found.stderr_bytes = unwrapped(found.stderr_bytes.decode()).encode()
    return found


def unwrapped(text):
    """Messages that were wrapped, each in one line; what quotes a file is indented further."""
    return re.sub(r"(?<=\S)\n  (?=\S)", " ", text)


def told(found):
    """The lines of stderr without those that quote a file."""
    return [line for line in found.stderr.splitlines() if not line.startswith("   ")]
