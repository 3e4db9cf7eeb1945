"""Do the tests notice?  Every mutant is one small fault in the code, and names the tests that should find it.

    python benchmarks/mutants.py [--jobs 2] [--only NAME ...] [--list] [--trust]

The checkout is copied into a temporary folder and built there.  In the build one mutant at a time is applied, and its
tests run until the first failure (`pytest -x -q`): killed, or survived.  A run that hangs counts as killed, too.
Mutants of the kernel are compiled, with -O1; one job does these, one after the other.  Before all mutants the named
tests run on the copy as it is (`--trust` leaves that out): a test that fails there would kill whatever it is given.
All of it takes less than an hour on two cores.  NAME is that of a mutant or of a module, as in "kernel".

The mutants are in `mutant_list.py`.  A text that is not found exactly once in its file is an error, and
`tests/unit/test_mutants.py` looks for that, so that the list does not rot.
"""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from mutant_list import MODULES, MUTANTS

ROOT = Path(__file__).resolve().parents[1]
RESULT = ROOT / "benchmarks" / "results" / "mutants.json"
COMPILED = (".pyx", ".pxd", ".pxi")
LONGEST_S = 400  # of tests whose usual time is not known
SLOWER = 5  # times the usual time, and START_S more, until tests count as hanging
START_S = 30
LEFT_OUT = shutil.ignore_patterns(".git", "__pycache__", "build", "_build", "results", ".*_cache", "coble-runs", "*.c")


class NotFound(Exception):
    """A text that is not in its file exactly once."""


def path_of(mutant):
    """File of a mutant, relative to the root of the checkout."""
    return Path(MODULES[mutant.module])


def tests_of(mutant):
    """Its test files, relative to the root of the checkout."""
    return [f"tests/{name}.py" for name in mutant.tests.split()]


def mutated(mutant, text):
    """The text of the mutant's file with its fault.

    Raises
    ------
    NotFound
        When the old text is not there exactly once.
    """
    times = text.count(mutant.old)
    if times != 1:
        raise NotFound(f"{mutant.name}: {mutant.old!r} stands {times} times in {path_of(mutant)}, must be once")
    return text.replace(mutant.old, mutant.new)


def is_compiled(mutant):
    return path_of(mutant).suffix in COMPILED


class Copy:
    """A copy of the checkout in a temporary folder, where mutants live."""

    def __init__(self, folder):
        self.folder = Path(folder)
        shutil.copytree(ROOT, self.folder, ignore=LEFT_OUT)
        setup = self.folder / "setup.py"
        setup.write_text(setup.read_text().replace('"-O3"', '"-O1"'))  # compiled in a third of the time
        self.usual_s = {}  # of test files without any mutant
        self.package = self.folder / "built"
        self.environment = os.environ | {"PYTHONPATH": str(self.package), "MPLBACKEND": "agg"}
        built, said = self.build("build")
        if not built:
            raise RuntimeError(f"the copy cannot be built:\n{said}")

    def run(self, words, longest_s):
        """Return code of a command, None when it hung, and the end of its output; nothing of it is left running."""
        process = subprocess.Popen(
            [sys.executable, *words],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            text=True,
        )
        try:
            said, _ = process.communicate(timeout=longest_s)
            return process.returncode, said
        except subprocess.TimeoutExpired:
            return None, "hung"
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def tested(self, tests):
        """Whether tests pass, and what they say."""
        known = [self.usual_s.get(test, LONGEST_S / SLOWER) for test in tests]
        longest_s = START_S + SLOWER * sum(known)
        code, said = self.run(
            ["-P", "-m", "pytest", "-x", "-q", "-n", "0", "-p", "no:cacheprovider", *tests], longest_s
        )
        if code in (3, 4, 5):
            raise RuntimeError(f"pytest did not run {' '.join(tests)}:\n{said}")
        return code == 0, said

    def must_pass(self, test):
        """Run a test file without any mutant, and keep how long it takes.

        Raises
        ------
        RuntimeError
            When it fails.
        """
        started = time.perf_counter()
        passed, said = self.tested([test])
        if not passed:
            raise RuntimeError(f"{test} fails without any mutant:\n{said[-3000:]}")
        self.usual_s[test] = time.perf_counter() - started

    def build(self, command="build_ext"):
        """Build all, or the kernel; returns whether it could be built, and what was said."""
        code, said = self.run(["setup.py", "-q", command, "--force", "--build-lib", str(self.package)], 600)
        return code == 0, said

    def outcome(self, mutant):
        """`killed` or `survived`, and seconds."""
        path, started = self.folder / path_of(mutant), time.perf_counter()
        text = path.read_text(encoding="utf-8")
        try:
            self._write(path, mutated(mutant, text))
            if is_compiled(mutant):
                built, said = self.build()
                if not built:
                    raise RuntimeError(f"{mutant.name} cannot be compiled:\n{said}")
            passed, _ = self.tested(tests_of(mutant))
        finally:
            self._write(path, text)
        return "survived" if passed else "killed", time.perf_counter() - started

    def _write(self, path, text):
        """Write it in the source and in the build, and forget what Python compiled: it compares times in seconds."""
        room, *rest = path.relative_to(self.folder).parts
        built = self.package.joinpath("coble", *([] if room == "runs" else [room]), *rest)
        for place in (path, built):
            place.write_text(text, encoding="utf-8")
            for cached in (place.parent / "__pycache__").glob(f"{place.stem}.*.pyc"):
                cached.unlink()


def chosen(names):
    """Mutants of these names and modules, or all."""
    unknown = set(names) - {mutant.name for mutant in MUTANTS} - set(MODULES)
    if unknown:
        raise SystemExit(f"no mutant or module is called {', '.join(sorted(unknown))}; --list shows all")
    return [mutant for mutant in MUTANTS if not names or {mutant.name, mutant.module} & set(names)]


def shares(mutants, jobs):
    """Mutants for each job: the compiled ones together in the first, the others dealt to all that are left."""
    compiled = [mutant for mutant in mutants if is_compiled(mutant)]
    others = [mutant for mutant in mutants if not is_compiled(mutant)]
    if jobs == 1:
        return [others + compiled]
    return [compiled] * bool(compiled) + [others[k :: jobs - bool(compiled)] for k in range(jobs - bool(compiled))]


def work(number, folder, mutants, found, trust):
    """Try some mutants in one copy, unless trusted after their tests have passed in it as it is."""
    copy = Copy(Path(folder) / f"copy-{number}")
    for test in sorted({test for mutant in mutants for test in tests_of(mutant)} if not trust else ()):
        copy.must_pass(test)
    for mutant in mutants:
        outcome, seconds = copy.outcome(mutant)
        found[mutant.name] = outcome
        print(f"{outcome:9}{mutant.name:40}{mutant.tests:50}{seconds:6.0f} s", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME", help="these mutants or modules alone")
    parser.add_argument("--jobs", type=int, default=2, help="copies that work side by side")
    parser.add_argument("--trust", action="store_true", help="do not run the tests without any mutant first")
    parser.add_argument("--list", action="store_true", help="show the mutants and stop")
    options = parser.parse_args()
    mutants, found = chosen(options.only), {}
    for mutant in mutants:
        mutated(mutant, (ROOT / path_of(mutant)).read_text(encoding="utf-8"))
    if options.list:
        for mutant in mutants:
            print(f"{mutant.name:40}{path_of(mutant)!s:30}{mutant.tests}")
        return 0
    started = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder, ThreadPoolExecutor(options.jobs) as pool:
        jobs = [
            pool.submit(work, n, folder, some, found, options.trust)
            for n, some in enumerate(shares(mutants, options.jobs))
        ]
        for job in jobs:
            job.result()
    survived = [mutant.name for mutant in mutants if found[mutant.name] == "survived"]
    minutes = (time.perf_counter() - started) / 60
    print(f"{len(mutants) - len(survived)} of {len(mutants)} killed in {minutes:.0f} minutes")
    if survived:
        print(f"survived: {', '.join(survived)}")
    if not options.only:
        RESULT.write_text(json.dumps({"minutes": round(minutes, 1), "outcome": found}, indent=1) + "\n")
    return 1 if survived else 0


if __name__ == "__main__":
    sys.exit(main())
