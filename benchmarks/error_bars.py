"""Do error bars mean what they say?  Many runs of a small tubule whose shares are known exactly.

`python benchmarks/error_bars.py [SEEDS] [CORES]`, 11 minutes of one core, prints for blocks of the default length and
for short ones which part of the 95 % intervals holds the exact value, and the rms of z = (found - exact) / error beside
that of Student's distribution, √(ν/(ν - 2)) with ν = blocks - 1.  `python docs/validation.py --error-bars` writes the
table into docs/validation.md.

All regions are half filled, so the network is exact for the interacting gas.  It is that of an open system: with N
sites and a fixed number of atoms the total is N/(N - 1) times larger.
"""

import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from unittest.mock import patch

import numpy as np

SEEDS = 400
STEP_A = 2.48  # along the tubule


@dataclass(frozen=True)
class Study:
    """How the runs are made, and what is read from each.

    Attributes
    ----------
    name : str
    events : int
        Expected events of a block, and of the burn-in before it.
    field_kT : float
        Per axial step.  Weak for long blocks: what is not linear in it must be small beside their errors.
    target_error : float
        Of the worst share; the runs stop when it is reached, at 32 blocks or later.
    blocks : tuple of int
        How many of a run's first blocks are read; 0 for all.
    """

    name: str
    events: int
    field_kT: float
    target_error: float
    blocks: tuple


STUDIES = (
    Study("default", 150_000, 0.1, 1.0, (8, 32)),
    Study("short", 1_000, 0.2, 1.0, (8, 32)),
    Study("short", 1_000, 0.2, 0.035, (0,)),
)


@dataclass(frozen=True)
class Row:
    """What one kind of run has shown, over the shares of all paths and the total.

    Attributes
    ----------
    events, blocks, runs : int
        Events of a block; blocks of a run, their mean where runs stop at a target error; runs.
    stopped : bool
        Whether the runs stopped at a target error.
    inside, inside_error : float
        Part of the 95 % intervals that hold the exact value, and its standard error.
    rms, rms_error : float
        Of z = (found - exact) / error.
    student : float
        What rms z should be, √(ν/(ν - 2)).
    """

    events: int
    blocks: float
    runs: int
    stopped: bool
    inside: float
    inside_error: float
    rms: float
    rms_error: float
    student: float

    @property
    def calibrated(self):
        """Coverage within 95 ± 2 %, and rms z within three standard errors of Student's."""
        return abs(self.inside - 0.95) <= 0.02 and abs(self.rms - self.student) <= 3 * self.rms_error


@cache
def tubule():
    """Graph, rates and exact solution of the smallest tubule with three paths that all carry something."""
    from coble import Case
    from coble.kmc.network import exact as network
    from coble.kmc.rates.calibration import calibrate
    from coble.kmc.rates.table import rate_table
    from coble.models.tubules.tubule import graph_of, lattice_constants, regions

    half = {"vacancy_fraction": 0.5}
    case = Case(
        tubule={"inner_width_nm": 2.4, "wall_thickness_nm": 1.0, "segment_nm": 1.0},
        metal={"diffusivity_cm2_s": 4e-8, **half},
        interface={"occupancy": 0.5},
        wall=[{"name": "test", "diffusivity_cm2_s": 7e-8, "concentration_cm3": 3e22, **half}],
    )
    wall = case.walls[0]
    graph = graph_of(case, wall)
    parts = regions(case, wall, case.wall[0], graph.shape)
    calibration = calibrate(graph, parts, lattice_constants(case, wall))
    bonds = {kind: found.bond_conductance for kind, found in calibration.items()}
    rates = rate_table(bonds, {kind: region.occupancy for kind, region in parts.items()})
    return graph, rates, network.solve(graph, bonds)


def run(study, seed):
    """Block series of one run: list of float arrays (n_block, 4), one per replica."""
    import coble.kmc.estimates.measure
    from coble.kmc.kernel.segment import Segment

    graph, rates, _ = tubule()
    segment = Segment(graph, rates, field_kT_per_A=study.field_kT / STEP_A)
    short = {"BLOCK_EVENTS": study.events, "BURN_IN_EVENTS": study.events}
    with patch.multiple(coble.kmc.estimates.measure, **short):
        return coble.kmc.estimates.measure.measure(segment, seed=seed, target_error=study.target_error).conductance


def judged(study, series, blocks):
    """Row of many runs, read after their first `blocks`."""
    from coble.kmc.estimates.measure import PathSeries

    graph, _, exact = tubule()
    total, kinds = exact.total * graph.n_site / (graph.n_site - 1), tuple(exact.shares)
    z, inside, student, n_block = [], [], [], []
    for conductance in series:
        read = [each[: blocks // len(conductance) or None] for each in conductance]
        found = PathSeries(kinds, read)
        pairs = [(found.share(kind), exact.shares[kind]) for kind in kinds] + [(found.total, total)]
        z.append([estimate.sigmas_from(value) for estimate, value in pairs])
        inside.append([estimate.low <= value <= estimate.high for estimate, value in pairs])
        freedom = np.array([estimate.n_eff - 1 for estimate, _ in pairs])
        student.append(freedom / (freedom - 2))
        n_block.append(found.n_block)
    # The numbers of one run hang together: errors are from the scatter of runs.
    square, hits = np.square(z).mean(axis=1), np.mean(inside, axis=1)
    root, error = np.sqrt(square.mean()), lambda each: float(each.std(ddof=1) / np.sqrt(len(each)))
    return Row(
        study.events,
        float(np.mean(n_block)),
        len(series),
        study.target_error < 1,
        float(hits.mean()),
        error(hits),
        float(root),
        error(square) / (2 * float(root)),
        float(np.sqrt(np.mean(student))),
    )


def rows(seeds=SEEDS, cores=2):
    """Rows of every study, with the seeds 0, 1, ..."""
    found = []
    with ProcessPoolExecutor(cores) as pool:
        for study in STUDIES:
            series = list(pool.map(partial(run, study), range(seeds), chunksize=4))
            found += [judged(study, series, blocks) for blocks in study.blocks]
    return found


def table(found):
    """Lines of a table in Markdown."""
    lines = [
        "| events of a block | blocks | runs | intervals that hold the exact value | rms z | Student's |",
        "|---|---|---|---|---|---|",
    ]
    for row in found:
        blocks = f"{row.blocks:.0f}, stopped at a target error" if row.stopped else f"{row.blocks:.0f}"
        lines.append(
            f"| {row.events:,} | {blocks} | {row.runs} | {100 * row.inside:.1f} ± {100 * row.inside_error:.1f} % | "
            f"{row.rms:.3f} ± {row.rms_error:.3f} | {row.student:.3f} |"
        )
    return lines


if __name__ == "__main__":
    numbers = [int(each) for each in sys.argv[1:]]
    found = rows(*numbers)
    print("\n".join(table(found)))
    sys.exit(0 if all(row.calibrated for row in found) else "Some error bars do not mean what they say.")
