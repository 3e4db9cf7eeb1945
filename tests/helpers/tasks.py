"""Work for the engines of campaigns, where their processes can import it."""

import os
import signal
import time


def square(x):
    return x * x


def fail(text):
    raise ValueError(text)


def die_at_first(path):
    """Killed the first times it runs, as by a machine out of memory."""
    with open(path, "a+") as file:
        file.write("x")
        file.seek(0)
        tries = len(file.read())
    if tries <= 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return tries


def die():
    os.kill(os.getpid(), signal.SIGKILL)


def pid_after(seconds):
    time.sleep(seconds)
    return os.getpid()
