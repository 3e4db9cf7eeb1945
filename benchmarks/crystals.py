"""Diffusion in crystals whose tensors are known: runs against the exact values of the same boxes, and the literature.

`python benchmarks/crystals.py [--error 0.005]`, some minutes of two cores, prints a table: tracer and collective
diffusion over the exact values, the largest distance of a component in standard errors, and correlation factors beside
those of the box and of an endless crystal.

`python benchmarks/crystals.py --field` prints what a hop is worth instead: relative error × √hops of D_σ from the
displacement of all atoms without field, and from their current in one, along one axis.
"""

import sys
from argparse import ArgumentParser
from concurrent.futures import ThreadPoolExecutor
from math import prod, sqrt
from pathlib import Path
from time import perf_counter

import numpy as np
from ase import Atoms

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "helpers"))

from perfect_crystals import CRYSTALS, NEAR, crystal, edge_rates, equal_rates, network, pair_rates

from coble.kmc.devices.crystal import Crystal
from coble.kmc.estimates.estimate import mean_estimate
from coble.kmc.estimates.tensors import COMPONENTS, six, transport
from coble.kmc.kernel.observables import sinh_correction
from coble.kmc.kernel.segment import Segment
from coble.kmc.network.tracer_exact import equal_cells, one_vacancy
from coble.lattices import Lattice

BOXES = {
    "sc": (10, 10, 10),
    "bcc": (8, 8, 8),
    "fcc": (6, 6, 6),
    "hcp": (8, 8, 6),
    "diamond": (5, 5, 5),
    "square": (32, 1, 32),
    "honeycomb": (16, 1, 10),
}
VECTORS = np.array([[4.0, 0, 0], [1.1, 5.0, 0], [0.7, -1.3, 6.0]])
SITES = np.array([[0, 0, 0], [0.9, 0.8, 0.6], [2.5, 2.6, 2.2]])
BONDS = [(0, 1, (0, 0, 0)), (1, 2, (0, 0, 0)), (2, 0, (1, 0, 0)), (2, 0, (0, 1, 0)), (2, 1, (0, 0, 1))]
ATTEMPTS = np.array([[0, 1500.0, 0.7], [1500.0, 0, 3.0], [0.7, 3.0, 0]])
ENERGIES = (0.0, -0.5, 1.2)  # kT
HALF = np.array([[0, 0.5, 0.5], [0.5, 0, 0.5], [0.5, 0.5, 0]])


def vacancy_in(name, level=1.0, steep=1.0):
    """A crystal with one vacancy, whose hops in the plane across z have another rate than all others."""
    lattice = crystal(name, BOXES[name])
    rate = np.where(np.abs(lattice.hop_vectors_A[:, 2]) < 0.1, level, steep)
    return lattice, edge_rates(lattice, rate, np.full(lattice.n_site, 1 - 1 / lattice.n_site))


def fcc_with_two_barriers(level=3.0, steep=0.5):
    """One vacancy in fcc, as a tetragonal cell of two sites."""
    a = NEAR * sqrt(2)
    unit = Atoms("X2", [[0, 0, 0], [NEAR / 2, NEAR / 2, a / 2]], cell=[NEAR, NEAR, a], pbc=True)
    lattice = Lattice.from_atoms(unit.repeat((7, 7, 5)), cutoff=1.05 * NEAR)
    rate = np.where(np.abs(lattice.hop_vectors_A[:, 2]) < 0.1, level, steep)
    return lattice, edge_rates(lattice, rate, np.full(lattice.n_site, 1 - 1 / lattice.n_site))


def interstitials(atoms=1):
    """Octahedral and tetrahedral sites of fcc with a = 4 Å, the latter 1.5 k_B T higher."""
    unit = Atoms("X3", [[2.0] * 3, [1.0] * 3, [3.0] * 3], cell=4.0 * HALF, tags=[0, 1, 1], pbc=True)
    lattice = Lattice.from_atoms(unit.repeat(4), cutoff=1.8, regions="tags")
    return lattice, pair_rates(lattice, [[0, 2.0], [2.0, 0]], [0.0, 1.5], atoms)


def low_symmetry():
    """A triclinic network with a fast pair: ½ Σ Γ d² is more than 20 times D."""
    lattice = network(VECTORS, SITES, BONDS, (4, 4, 4))
    return lattice, pair_rates(lattice, ATTEMPTS, ENERGIES, 1)


def half_filled():
    lattice = crystal("sc", (8, 8, 8))
    return lattice, equal_rates(lattice, 1.0, 0.5)


CASES = {
    **{f"{name}, one vacancy": (lambda name=name: vacancy_in(name)) for name in CRYSTALS},
    "fcc, two barriers, one vacancy": fcc_with_two_barriers,
    "hcp, basal slower than pyramidal, one vacancy": lambda: vacancy_in("hcp", 0.3, 2.0),
    "octahedral and tetrahedral interstitials, one atom": interstitials,
    "triclinic, bare ½ΣΓd² 20 times too large, one atom": low_symmetry,
    "sc, half filled": half_filled,
}


def measured(lattice, rates, error, pool):
    """Episodes until both means are known to `error`."""
    one, episodes, wanted = Crystal(lattice, rates), [], 8
    while True:
        episodes += pool.map(lambda number: one.episode(1, (0, number)), range(len(episodes), wanted))
        found = transport(one, episodes)
        if found.worst_error <= error:
            return one, found
        wanted = int(np.ceil(len(episodes) * min(3.0, 1.1 * (found.worst_error / error) ** 2)))


def exact_tracer(one):
    """D* of the box, or None."""
    if abs(one.n_carrier - 1) > 1e-9:
        return None
    if not one.vacancies:
        return one.lone.tensor, one.lone.bare
    cells = equal_cells(one.lattice, one.rates)
    assert one.lattice.n_site**2 / prod(cells) < 3e5
    found = one_vacancy(one.lattice, one.rates, cells)
    return found.tensor, found.bare


def compared(estimates, exact):
    """Mean over the exact one with its error, and the component that is farthest off [standard errors]."""
    if exact is None:
        return "–", 0.0
    diagonal = np.diag(exact)
    mean = estimates["mean"].scaled(1 / diagonal[diagonal > 1e-12].mean())
    pairs = [(estimates[name], value) for name, value in zip(COMPONENTS, six(exact), strict=True)]
    worst = max((e.sigmas_from(value) for e, value in pairs if e.stderr), key=abs)
    return f"{mean.value:.4f} ± {mean.stderr:.4f}", worst


def row(name, error, pool):
    """One line of the table, and the largest distance of a component in standard errors."""
    started = perf_counter()
    one, found = measured(*CASES[name](), error, pool)
    tracer = exact_tracer(one)
    alone, worst_alone = compared(found.tracer, tracer and tracer[0])
    together, worst_together = compared(found.collective, one.exact_collective)
    box = "–"
    if tracer:
        moving = one.moving
        box = f"{np.diag(tracer[0])[moving].mean() / np.diag(tracer[1])[moving].mean():.4f}"
    crystal_name = name.split(",")[0]
    endless = CRYSTALS[crystal_name][3] if name.endswith(", one vacancy") and name.count(",") == 1 else ()
    known = ", ".join(f"{value:.4f}" for value in dict.fromkeys(endless) if value) or "–"
    factor = found.correlation["mean"]
    cells = (
        name,
        f"{one.lattice.n_site:,}",
        alone,
        together,
        f"{worst_alone:+.1f}, {worst_together:+.1f}".replace("-", "−"),
        f"{factor.value:.4f} ± {factor.stderr:.4f}",
        box,
        known,
        f"{found.hops:.1e}",
        f"{perf_counter() - started:.0f}",
    )
    return "| " + " | ".join(cells) + " |", max(abs(worst_alone), abs(worst_together))


def table(error):
    """All cases; raises when one is off by more than four standard errors (3.5 happens once in 200 such tables)."""
    print(
        "| crystal | sites | D* / exact | D_σ / exact | worst component, both [σ] | f | f of the box | f, endless "
        "| hops | s |"
    )
    print("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|")
    with ThreadPoolExecutor(2) as pool:
        worst = 0.0
        for name in CASES:
            line, off = row(name, error, pool)
            print(line, flush=True)
            worst = max(worst, off)
    if worst > 4:
        sys.exit(f"a component is {worst:.1f} standard errors from its exact value")


def worth(episodes=6):
    """Relative error × √hops of D_σ along one axis, without a field and in one of ½ k_B T per hop."""
    print("| gas | without field | in a field, each axis |\n|---|---:|---:|")
    cases = {
        "sc, one vacancy": (crystal("sc", (8, 8, 8)), 1 - 1 / 512),
        "sc, half filled": (crystal("sc", (8, 8, 8)), 0.5),
    }
    for name, (lattice, occupancy) in cases.items():
        rates = equal_rates(lattice, 1.0, occupancy)
        one = Crystal(lattice, rates)
        found = transport(one, [one.episode(1, (0, number)) for number in range(episodes)])
        still = found.collective["mean"].stderr / found.collective["mean"].value * sqrt(found.hops)
        field = 0.5 / NEAR
        segment = Segment(lattice, rates, field_kT_per_A=field)
        replica = segment.start(1, (0, 0))
        window = found.hops / 2000 / replica.event_rate
        hops = [replica.run(window).hops.sum(axis=0) for _ in range(2000)]
        steps = lattice.steps_A[lattice.step_of_class]
        drift = np.array(hops) @ (steps * sinh_correction(steps, field))
        mean, total = mean_estimate([drift]), np.sum(hops)
        print(f"| {name} | {still:.1f} | {mean.stderr / abs(mean.value) * sqrt(total):.1f} |")


if __name__ == "__main__":
    parser = ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--error", type=float, default=0.005, help="relative standard error of both mean diffusivities")
    parser.add_argument("--field", action="store_true")
    chosen = parser.parse_args()
    if chosen.field:
        worth()
    else:
        table(chosen.error)
