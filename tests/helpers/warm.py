"""`coble` as a process of its own, forked from one that has imported what a run needs.

To start Python and to import takes two CPU seconds, longer than most runs of tests take.  What is asked of the start
itself, of streams that are closed, or of the environment needs a process that starts from nothing.
"""

import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from command import unwrapped

NEEDED = (
    *(f"coble.kinds.growth.{name}" for name in ("command", "setup", "run", "result", "figures")),
    *(f"coble.kinds.discriminate.{name}" for name in ("command", "run", "result", "figures")),
    *(f"coble.kinds.campaign.{name}" for name in ("command", "run", "replica", "result", "figures")),
    *("coble.cli.app", "coble.models.host", "coble.reports.figures", "matplotlib.backends.backend_agg"),
)


class Run:
    """What tests use of `subprocess.Popen`: pid, stdout and stderr, returncode, and the methods below.

    Parameters
    ----------
    words : of the command line
    most_bytes : int, optional
        That a file may have.
    alone : bool
        In a session of its own, so that its group holds it and its workers.
    painted : bool
        Whether figures are painted, and not only made, see `pictures`.
    """

    def __init__(self, *words, most_bytes=None, alone=False, painted=False):
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(list(NEEDED))
        ends = [context.Pipe(duplex=False) for _ in range(2)]
        there = os.getcwd(), dict(os.environ), most_bytes, alone, painted, *(write for _, write in ends)
        self._process = context.Process(target=_run, args=([*map(str, words)], *there))
        self._process.start()
        self.pid = self._process.pid
        for _, write in ends:
            write.close()
        self.stdout, self.stderr = (os.fdopen(os.dup(read.fileno()), encoding="utf-8") for read, _ in ends)
        for read, _ in ends:
            read.close()
        while alone and os.getpgid(self.pid) != self.pid:
            time.sleep(0.01)

    @property
    def returncode(self):
        return self._process.exitcode

    poll = returncode.fget

    def wait(self, timeout=None):
        self._process.join(timeout)
        if self.returncode is None:
            raise subprocess.TimeoutExpired("coble", timeout)
        return self.returncode

    def communicate(self, timeout=None):
        """Standard output, and standard error with each message in one line; they are closed then."""
        with self.stdout, self.stderr, ThreadPoolExecutor(2) as pool:
            texts = [pool.submit(pipe.read) for pipe in (self.stdout, self.stderr)]
            try:
                found = [text.result(timeout) for text in texts]
                self.wait(timeout)
            except TimeoutError:
                self.kill()
                raise
        return found[0], unwrapped(found[1])

    def send_signal(self, number):
        os.kill(self.pid, number)

    def kill(self):
        self._process.kill()


def _run(words, folder, environment, most_bytes, alone, painted, *pipes):
    if most_bytes:
        sys.dont_write_bytecode = True  # it would be cut, too, and every later process would read what is left
        import resource  # not everywhere

        resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, most_bytes))
    if alone:
        os.setsid()
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    for number, pipe in enumerate(pipes, 1):
        os.dup2(pipe.fileno(), number)
        pipe.close()
    sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = os.fdopen(2, "w", encoding="utf-8", closefd=False, buffering=1, errors="backslashreplace")
    tempfile.tempdir = None  # that of the environment
    import pictures

    from coble.cli.app import main

    sys.argv = ["coble", *words]
    with pictures.painted() if painted else pictures.blank():
        main()


def cpu_seconds():
    """Of the process that forks, and of all that have ended."""
    forks = getattr(sys.modules.get("multiprocessing.forkserver"), "_forkserver", None)
    try:
        stat = Path(f"/proc/{getattr(forks, '_forkserver_pid', None)}/stat").read_text()
    except OSError:  # none was needed, or this is no Linux
        return 0.0
    return sum(map(int, stat.rpartition(")")[2].split()[11:15])) / os.sysconf("SC_CLK_TCK")
