"""Digests of small runs of every mechanism, for comparison between machines: `python many_machines.py` prints them.

The random words are the same everywhere; what differs between machines is the last bit of exponentials and of sums.
"""

import hashlib
import json

import numpy as np
from ase import Atoms
from cases import GROWS, SEGMENT

from coble import Case, parse_case
from coble.kinds.growth.setup import prepare
from coble.kmc.devices.grain_creep import StressedGrain
from coble.kmc.digits import exp_of_each
from coble.kmc.kernel.segment import Segment
from coble.kmc.rates.own_rates import own_rates
from coble.lattices import Lattice, Region
from coble.lattices.tubules.grain import cubic_grain
from coble.models.host import hosts_of

SHORT = "depth_nm = 3.0\nmetal_to_nm = 1.0\nuntil_front_nm = 2.5\nrecords = 10\nframes = 0\nmax_events = 3e4\n"
GROWTH = {  # keys of [growth], and of the wall
    "overpotential": (SHORT + "overpotential_V = 0.2\n", ""),
    "current": (SHORT + "current_pA = 100.0\n", ""),
    "graded": (SHORT.replace("3.0", "14.0").replace("1.0", "6.0").replace("2.5", "7.0") + 'graded = "auto"\n', ""),
    "filling wall": (
        SHORT.replace("metal_to_nm = 1.0", "metal_to_nm = 0.0") + "current_pA = 100.0\n",
        'name = "LiC6"\ndiffusivity_cm2_s = 1e-7\nocv_V = [[0.0, 0.8], [0.5, 0.15], [1.0, 0.0]]',
    ),
}
IMAGE = {
    "structure": {
        "image": {"shape": "single", "inner_width_nm": 4.0, "wall_thickness_nm": 2.0, "length_nm": 2.0},
        "voxel_nm": 0.5,
        "interface": {"between": ["bulk", "wall"], "name": "interface", "width_angstrom": 2.0},
        "labels": {"0": "pore", "1": "wall", "2": "bulk"},
    },
    "region": [
        {"name": name, "diffusivity_cm2_s": d, "concentration_cm3": 4e22}
        for name, d in (("bulk", 1e-9), ("wall", 1e-8), ("interface", 1e-7))
    ],
}


def grown(keys, wall):
    """A kernel in which metal has grown."""
    run = prepare(parse_case((GROWS.replace('name = "inert"', wall) if wall else GROWS) + keys))
    run.run()
    return run.growth.kernel


def driven(case):
    """A kernel in which a field drives the first host of a case."""
    host = hosts_of(case)[0]
    return _run(Segment(host.graph, host.rates, field_kT_per_A=host.field_kT_per_A))


def barriers_of_ones_own():
    """The same on a lattice with barriers that are reconciled by least squares."""
    rng = np.random.default_rng(3)
    n, kT = 40, 0.0258
    energy, saddle = rng.choice([0.0, 0.05, 0.09], n), rng.choice([0.3, 0.33, 0.37], n)
    atoms = Atoms(f"Li{n}", positions=np.column_stack([np.zeros((n, 2)), 2.5 * np.arange(n)]), cell=[0, 0, 2.5 * n])
    atoms.pbc = (False, False, True)
    lattice = Lattice.from_atoms(atoms, cutoff=2.6)
    source, target = lattice.sources().astype(int), lattice.target.astype(int)
    bond = np.where((source + 1) % n == target, source, target)
    barrier = saddle[bond] - energy[source] + np.round(1e-5 * rng.standard_normal(lattice.n_edge), 7)
    found = own_rates(lattice, 1e13 * exp_of_each(-barrier / kT), temperature_K=300.0)
    return _run(Segment(found.lattice, found.rates))


def grain():
    """A grain that creeps."""
    kinds = {Region.BULK: 1e6, Region.INTERFACE: 1e9}
    kernel = StressedGrain(cubic_grain(3.5, 6), kinds, 0.5, 0.3).start(1, (0,))
    kernel.advance(max_events=20_000)
    return kernel


def _run(segment):
    replica = segment.start(1, (0, 0))
    replica.run_events(20_000)
    return replica.kernel


def digests():
    """Events, time and all codes of every run, dict of name → str."""
    made = {name: grown(*given) for name, given in GROWTH.items()}
    made |= {"tubule": driven(parse_case(SEGMENT)), "image": driven(Case(**IMAGE))}
    made |= {"own barriers": barriers_of_ones_own(), "grain": grain()}
    return {
        name: f"{kernel.n_event} {kernel.time!r} {hashlib.sha256(kernel.codes.tobytes()).hexdigest()[:16]}"
        for name, kernel in made.items()
    }


if __name__ == "__main__":
    print(json.dumps(digests()))
