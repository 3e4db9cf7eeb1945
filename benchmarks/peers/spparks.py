"""SPPARKS: `app_style diffusion off hop` (no energies) with the composition-rejection solver, fed line by line."""

import os
import pty
import re
import shutil
import subprocess
import sys
from pathlib import Path
from time import perf_counter

from workload import NotFound, peak_rss

SCRIPT = """\
seed 12345
app_style diffusion off hop
dimension 3
boundary p p p
lattice bcc 1.0
region box block 0 {cells} 0 {cells} 0 {cells}
create_box box
create_sites box value site 1
set site value 2 fraction {occupancy}
solve_style group 8.0 1.0
stats 0.0
run 0.0 post no
"""
NUMBERS = re.compile(r"[\d.e+\-\s]+")
NAMES = ("spk_serial", "spk_mpi", "spk")


def executable():
    """Path of the program, or None."""
    named = os.environ.get("COBLE_SPPARKS")
    return shutil.which(named) if named else next(filter(None, map(shutil.which, NAMES)), None)


def cpu_seconds(pid):
    """CPU time of a process so far, or None where the system does not tell."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Spparks:
    """A child process on a pseudo-terminal, so that its lines arrive when they are written."""

    title = "SPPARKS"
    most_sites = 11_000_000

    @staticmethod
    def find():
        program = executable()
        if program is None:
            raise NotFound(f"no {', '.join(NAMES)} on PATH, and COBLE_SPPARKS names none")
        said = subprocess.run([program, "-log", "none"], input="", capture_output=True, text=True).stdout
        return sys.executable, said.partition("(")[2].partition(")")[0]

    @staticmethod
    def prepare(scratch):
        pass

    def __init__(self, workload, scratch):
        ours, theirs = pty.openpty()
        command = [executable(), "-log", "none"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=theirs, cwd=scratch, text=True)
        os.close(theirs)
        self.lines = os.fdopen(ours)
        self.lines.readline()  # its name: the program is in memory
        started_with = peak_rss(self.process.pid)
        self.rate, self.hops = workload.hops_per_time, 0
        self._run(SCRIPT.format(cells=workload.cells, occupancy=workload.occupancy))
        self.build_seconds = cpu_seconds(self.process.pid)
        self.peak_bytes = peak_rss(self.process.pid) - started_with

    def _run(self, text):
        """Send commands, read up to the end of a run; the seconds that its loop took."""
        print(text, file=self.process.stdin, flush=True)
        for line in self.lines:
            words = line.split()
            if line.startswith("ERROR"):
                raise RuntimeError(line.strip())
            if line.startswith("Loop time"):
                return float(words[3])
            if len(words) == 5 and NUMBERS.fullmatch(line.strip()):  # time, accepted, ...
                self.hops = int(words[1])
        raise RuntimeError("SPPARKS ended")

    def advance(self, n):
        hops, time = self.hops, n / self.rate
        cpu, wall = cpu_seconds(self.process.pid), perf_counter()
        seconds = self._run(f"run {time:.12g} pre no post no")  # its loop alone, by the clock on the wall
        if cpu is not None:
            seconds *= min(1.0, (cpu_seconds(self.process.pid) - cpu) / (perf_counter() - wall))
        return self.hops - hops, seconds, time
