"""Every stored file is damaged in a hundred ways, and the commands that read it are run.

`python benchmarks/damages.py [--number 100] [--only WORD]`: small results of every kind are made, and one file of one
of them is damaged at a time: cut, bits turned, blocks zeroed, wrong types, NaN, numbers times 8, keys and data sets
taken away, other versions, another result's file.  Each damage is met by the commands in a process of its own.  What
comes of it is

  same     the numbers are those of the file that was whole
  refused  the command ends with a sentence
  told     other numbers, or fewer, and a sentence that says so
  SILENT   other numbers without a word
  TRACE    a traceback
  CRASH    the interpreter died
  HANGS    no end within a minute of CPU of what takes seconds

The last four must not come: then the exit status is 1.  At 100 damages for each of 17 files it takes about 40 minutes
on one core, at 10 about five.
"""

import argparse
import hashlib
import json
import logging
import os
import pickle
import random
import resource
import shutil
import signal
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import h5py
import numpy as np
from typer.testing import CliRunner

from coble import parse_case
from coble.cli import app as cli
from coble.kinds.campaign.folders import replica_folder
from coble.kinds.campaign.replica import Interrupted, Task, _flow
from coble.kinds.campaign.run import Sweep
from coble.kinds.campaign.settings import load_campaign
from coble.kinds.growth.setup import prepare
from coble.kmc.estimates import measure

TUBULE = """
[tubule]
inner_width_nm = 2.4
wall_thickness_nm = 1.0
segment_nm = 3.0
[[wall]]
name = "LiC6"
[design]
depth_um = 60.0
[run]
target_error = 0.2
"""
GROWS = """
[tubule]
inner_width_nm = 2.5
wall_thickness_nm = 1.0
[[wall]]
name = "LiC6"
[growth]
depth_nm = 6.0
metal_to_nm = 2.0
until_front_nm = 3.2
overpotential_V = 0.3
records = 20
frames = 4
"""
CAMPAIGN = """
case = "case.toml"
replicas = 2
events = 1e5
[[axis]]
key = "tubule.inner_width_nm"
values = [2.4, 2.8]
"""
TARGETS = """
case = "tubule.toml"
free = ["wall"]
[[target]]
kind = "tracer_diffusivity"
region = "wall"
value = 2e-8
error = 2e-9
unit = "cm2/s"
"""
CREEP = """
[metal]
vacancy_fraction = 0.5
[creep]
grains_cells = [6, 12, 18]
tensions_MPa = [100.0, 200.0, 400.0]
[run]
target_error = 0.1
"""
DESIGN = """
[[wall]]
name = "LiC6"
[design]
samples = 2e4
"""
SECONDS = 60  # of CPU that a trial may take; of wall clock ten times as many, for a machine that is busy
MEMORY = 6 << 30  # that it may have
BAD = ("SILENT", "TRACE", "CRASH", "HANGS")
WORDS = ("damaged", "changed", "cannot", "schema", "left out", "must be", "holds no", "another", "not that of", "gone")
OF_A_DAY = {"run", "provenance", "events_per_s", "seconds", "digest", "name"}


# ---- results -----------------------------------------------------------------------------------------------


def coble(*words):
    """Run the command in this process; a `CliRunner` result."""
    return CliRunner().invoke(cli.app, [str(word) for word in words])


def make(here):
    """Small results of every kind in folders of `here`."""
    texts = {"tubule": TUBULE, "grows": GROWS, "targets": TARGETS, "creep": CREEP, "design": DESIGN}
    for name, text in texts.items():
        (here / f"{name}.toml").write_text(text)
    for words in (
        ("discriminate", "tubule.toml", "--quick", "--out", "shares"),
        ("plate", "grows.toml", "--out", "plate"),
        ("tune", "targets.toml", "--out", "tune"),
        ("creep", "creep.toml", "--out", "creep"),
        ("design", "design.toml", "--out", "design"),
    ):
        found = coble(*words)
        assert found.exit_code == 0, (words, found.output, found.exception)
    looks = iter(range(10**9))
    run = prepare(parse_case(GROWS))
    run.run(lambda: next(looks) > 3)
    assert not run.reason, "nothing was left to go on with"
    from coble.kinds.growth.result import write

    write(here / "stopped", run, GROWS, ["coble"])
    (here / "sweep").mkdir()
    (here / "case.toml").write_text(TUBULE)
    (here / "campaign.toml").write_text(CAMPAIGN)
    job = Sweep(load_campaign(here / "campaign.toml"), here / "sweep")
    job.prepare()
    assert job.run(ThreadPoolExecutor(1), 4)
    shutil.copytree(here / "sweep", here / "parts")
    state = next(iter(job.states.values()))
    folder = replica_folder(here / "parts", state.point.digest, 1)
    (folder / "result.json").unlink()
    setup = job.campaign.setup
    task = Task(
        str(here / "parts"), "flow", state.point.digest, state.point.data, 1, setup.seed, setup.events, "no-stop"
    )
    with suppress(Interrupted):
        _flow(task, folder, lambda: len(list(folder.glob("part-*"))) > 1)
    assert len(list(folder.glob("part-*"))) == 2


# ---- commands ----------------------------------------------------------------------------------------------


def plain(path):
    """Numbers of a result.json, without what belongs to a day or a machine."""
    content = json.loads(path.read_text()) if path.exists() else {}
    return {key: value for key, value in content.items() if key not in OF_A_DAY}


def files(folder):
    """Digests of all files of a folder by name."""
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(folder.glob("*")) if p.is_file()}


@contextmanager
def heard():
    """What is logged meanwhile, list of sentences."""
    sentences = []
    handler = logging.Handler()
    handler.emit = lambda record: sentences.append(record.getMessage())
    logging.getLogger("coble").addHandler(handler)
    yield sentences
    logging.getLogger("coble").removeHandler(handler)


def outcome(words, numbers):
    """Exit status, what was said, and the numbers, of a command; a traceback is raised."""
    with heard() as logged:
        found = coble(*words)
    if found.exception and not isinstance(found.exception, SystemExit):
        raise found.exception
    return found.exit_code, "\n".join([found.output, *logged]), numbers(found)


def status(folder):
    return outcome(("status", folder), lambda found: found.stdout)


def plot(folder):
    return outcome(("plot", folder, "--out", "figures"), lambda found: files(Path("figures")))


def report(folder):
    page = Path("page.html")
    code, text, html = outcome(("report", folder, "-o", page), lambda found: page.exists() and page.read_text())
    return code, text + (html or ""), html


def export(folder):
    return outcome(
        ("export", folder, "--frame", ":", "--out", "a.extxyz"), lambda found: files(Path(".")).get("a.extxyz")
    )


def ase(folder):
    from ase.io import read
    from ase.io.formats import UnknownFileTypeError

    with heard() as logged:
        try:
            frames = read(folder / "result.h5", ":")
        except UnknownFileTypeError as error:  # ASE's own sentence: no magic number tells it that the file is ours
            raise ValueError(f"{error}: cannot be read") from None
    said = "\n".join(logged)
    return 0, said, [(atoms.positions.tobytes(), atoms.numbers.tobytes(), str(atoms.info)) for atoms in frames]


def design_from(folder):
    words = ("design", "--from", folder, "--out", "designed", "--workers", 1)
    return outcome(words, lambda found: plain(Path("designed/result.json")))


def go_on(folder):
    def numbers(found):
        points = json.loads((folder / "campaign.json").read_text())["points"]
        return points, {str(p): json.loads(p.read_text()) for p in sorted(folder.glob("points/*/*/result.json"))}

    return outcome(("resume", folder, "--workers", 1), numbers)


def plate_on(folder):
    return outcome(("plate", "--resume", folder), lambda found: plain(folder / "result.json"))


# folder, file, commands that read it; one of several in turn
READ = [
    ("shares", "result.json", (report, plot, design_from, status)),
    ("shares", "result.h5", (export, plot, report, ase)),
    ("shares", "case.toml", (report, design_from)),
    ("plate", "result.json", (report, plot, status)),
    ("plate", "result.h5", (export, plot, report, ase)),
    ("stopped", "checkpoint.h5", (plate_on,)),
    ("stopped", "case.toml", (plate_on,)),
    ("sweep", "campaign.json", (go_on, report, plot, status)),
    ("sweep", "campaign.toml", (go_on,)),
    ("sweep", "case.toml", (go_on,)),
    ("sweep", "points/*/0001/result.json", (go_on,)),
    ("sweep", "points/*/exact.json", (go_on,)),
    ("parts", "points/*/0001/part-000000.npz", (go_on,)),
    ("tune", "result.json", (report, plot, status)),
    ("tune", "rates.toml", (report,)),
    ("creep", "result.json", (report, plot, status)),
    ("design", "result.json", (report, plot, status)),
]


# ---- damages -----------------------------------------------------------------------------------------------


def leaves(value, path=()):
    """Paths of all numbers, strings and so on in JSON."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    if not inner:
        yield path
    for key, each in inner:
        yield from leaves(each, (*path, key))


def put(content, path, value):
    """Replace what is at a path, or take it away when the value is None."""
    for key in path[:-1]:
        content = content[key]
    if value is None:
        del content[path[-1]]
    else:
        content[path[-1]] = value(content[path[-1]])


def json_damage(path, draw):
    content = json.loads(path.read_text())
    kind = draw.randrange(7)
    whole = ["{}", "[]", "null", '"text"', "3", "[" * 50_000, '{"kind": "growth", "schema": 2}']
    if kind == 0:
        chosen = draw.choice(whole)
        path.write_text(chosen)
        return f"is {chosen[:20]}"
    if kind == 1:
        schema = draw.choice([0, 1, "2", None])
        path.write_text(json.dumps(content | {"schema": schema}))
        return f"schema {schema!r}"
    place = draw.choice(list(leaves(content)))
    name = ".".join(map(str, place))
    if kind == 2:
        put(content, place[: draw.randint(1, len(place))], None)
        what = f"without {name}"
    else:
        values = {3: lambda x: "text", 4: lambda x: float("nan"), 5: lambda x: [], 6: times_8}
        put(content, place if kind != 5 else place[: draw.randint(1, len(place))], values[kind])
        what = f"{name} {('text', 'nan', 'empty', 'times 8')[kind - 3]}"
    path.write_text(json.dumps(content))
    return what


def times_8(value):
    return 8 * value if isinstance(value, int | float) and value else 1e9


def hdf5_damage(path, draw):
    with h5py.File(path, "r+") as file:
        names = []
        file.visititems(lambda name, item: names.append(name) if isinstance(item, h5py.Dataset) else None)
        name, kind = draw.choice(names), draw.randrange(7)
        if kind == 0:
            file.attrs["schema"] = 99
            return "schema 99"
        data = file[name][()]
        del file[name]
        if kind == 1:
            return f"without {name}"
        if kind == 2:
            file.create_dataset(name, (4,), "u1", external=[(str(Path("/etc/passwd")), 0, 4)])
            return f"{name} in another file"
        if kind == 3:
            file[name] = h5py.ExternalLink("other.h5", "/x")
            return f"{name} a link"
        if kind == 4 or not isinstance(data, np.ndarray) or data.dtype.kind not in "fiu":
            file[name] = "text"
            return f"{name} text"
        if kind == 5:
            file[name] = data.ravel()[: data.size // 2]
            return f"{name} half"
        file[name] = np.full(data.shape, np.nan) if data.dtype.kind == "f" else data * 8 + 200
        return f"{name} nan or far off"


def bytes_damage(path, draw):
    data = bytearray(path.read_bytes())
    kind, place = draw.randrange(8), draw.randrange(len(data))
    if kind == 0:
        data = data[: draw.choice([0, 1, len(data) // 2, len(data) - 1, place])]
    elif kind in (1, 2, 3):
        for _ in range(kind * kind):
            data[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
    elif kind == 4:
        data[place : place + 64] = bytes(len(data[place : place + 64]))
    elif kind == 5:
        data[place : place + 256] = draw.randbytes(len(data[place : place + 256]))
    elif kind == 6:
        data = bytearray(draw.randbytes(draw.randint(1, 4000)))
    else:
        others = sorted(p for p in path.parents[1].rglob(f"*{path.suffix}") if p != path and p.is_file())
        data = bytearray(draw.choice(others).read_bytes()) if others else data + b"more"
    path.write_bytes(data)
    return ("cut", "bit", "4 bits", "9 bits", "zeros", "noise", "garbage", "another's")[kind] + f" at {place}"


def damage(path, draw):
    """Damage a file; says how."""
    special = {".json": json_damage, ".h5": hdf5_damage}.get(path.suffix)
    return (special if special and draw.random() < 0.5 else bytes_damage)(path, draw)


# ---- trials ------------------------------------------------------------------------------------------------


def in_a_process(work):
    """What a function returns, in a process of its own; ("CRASH" or "HANGS", how) when it does not."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read)
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
        signal.alarm(10 * SECONDS)
        try:
            found = work()
        except ValueError as error:  # what a library function says
            found = 3, str(error), None
        except BaseException as error:
            found = "TRACE", f"{type(error).__name__}: {error}", None
        with os.fdopen(write, "wb") as pipe:
            pickle.dump(found, pipe)
        os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        data = pipe.read()
    _, code = os.waitpid(child, 0)
    if os.WIFSIGNALED(code):
        number = os.WTERMSIG(code)
        return ("HANGS" if number in (signal.SIGALRM, signal.SIGPROF) else "CRASH"), f"signal {number}", None
    return pickle.loads(data)


def trial(made, folder, name, command, seed=None):
    """(how it was damaged, what came of the command) on a copy of a result; unharmed without a seed."""
    with tempfile.TemporaryDirectory(prefix="coble-damage-") as place:
        there = Path(place)
        for each in ("shares", "plate", "sweep", "tune") if seed is not None else ():
            shutil.copytree(made / each, there / "others" / each)
        shutil.copytree(made / folder, there / folder)
        how = ""
        if seed is not None:
            path = sorted((there / folder).glob(name))[0]
            how = damage(path, random.Random(seed))

        def work():
            os.chdir(there)
            return command(Path(folder))

        return how, in_a_process(work)


def judged(found, whole):
    """One word for what came of a command, beside what comes of the file that is whole."""
    code, text, numbers = found
    if code in BAD:
        return code
    if numbers == whole[2] and code == whole[0]:
        return "same"
    if code not in (0, 4):
        return "refused" if text.strip() else "SILENT"
    said = sum(text.lower().count(word) for word in WORDS) > sum(whole[1].lower().count(word) for word in WORDS)
    return "told" if said else "SILENT"


def run(number, only="", results=None):
    """Try all damages; returns the number of bad ones.  Results that were made before are taken from `results`."""
    measure.BLOCK_EVENTS = measure.BURN_IN_EVENTS = 5000
    bad = Counter()
    with tempfile.TemporaryDirectory(prefix="coble-damages-") as place:
        made = (results or Path(place)).resolve()
        made.mkdir(exist_ok=True)
        os.chdir(made)
        if not (made / "parts").exists():
            make(made)
        print(f"{'file':<36}" + "".join(f"{word:>8}" for word in ("same", "refused", "told", *BAD)))
        for folder, name, commands in READ:
            if only not in f"{folder}/{name}":
                continue
            whole = {command: trial(made, folder, name, command)[1] for command in commands}
            for command, found in whole.items():
                assert found[0] in (0, 4), (folder, command.__name__, found[:2])
            count = Counter()
            for n in range(number):
                command = commands[n % len(commands)]
                how, found = trial(made, folder, name, command, f"{folder} {name} {n}")
                word = judged(found, whole[command])
                count[word] += 1
                if word in BAD:
                    print(f"  {word} {folder}/{name} {command.__name__} [{how}]: {str(found[1])[-300:]}", flush=True)
            bad += Counter({word: count[word] for word in BAD})
            print(
                f"{folder}/{name:<{35 - len(folder)}}"
                + "".join(f"{count[w]:>8}" for w in ("same", "refused", "told", *BAD)),
                flush=True,
            )
        os.chdir("/")
    print(", ".join(f"{bad[word]} {word}" for word in BAD))
    return sum(bad.values())


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    options.add_argument("--number", type=int, default=100, help="damages of each file")
    options.add_argument("--only", default="", help="only files with this in their name")
    options.add_argument("--results", type=Path, help="folder for the undamaged results, to try them again later")
    given = options.parse_args()
    sys.exit(run(given.number, given.only, given.results) > 0)
