"""lattice_mc: sites as Python objects; all possible jumps are listed anew at every step."""

from itertools import product
from time import process_time

from peers.python_package import python_with


class LatticeMC:
    title = "lattice_mc"
    most_sites = 11_000

    @staticmethod
    def find():
        return python_with("lattice_mc", "COBLE_LATTICE_MC_PYTHON")

    @staticmethod
    def prepare(scratch):
        import lattice_mc.init_lattice  # noqa: F401

    def __init__(self, workload, scratch=None):
        import numpy as np
        from lattice_mc import global_vars, lattice, lattice_site

        n = workload.cells
        steps = list(product((-1, 1), repeat=3))

        def number(place):  # places in half edges, all even or all odd; numbers count from one
            x, y, z = (p % (2 * n) for p in place)
            return 1 + (x % 2) * n**3 + ((x // 2) * n + y // 2) * n + z // 2

        places = [p for p in product(range(2 * n), repeat=3) if p[0] % 2 == p[1] % 2 == p[2] % 2]
        places.sort(key=number)
        site = lattice_site.Site
        sites = [site(number(p), np.array(p) / 2, [number(np.add(p, s)) for s in steps], 0.0, "L") for p in places]
        self.lattice = lattice.Lattice(sites, cell_lengths=np.full(3, float(n)))
        self.lattice.populate_sites(round(workload.occupancy * workload.n_site))
        self.unit_rate = global_vars.rate_prefactor

    def advance(self, n):
        time = self.lattice.time
        started = process_time()
        for _ in range(n):
            self.lattice.jump()
        return n, process_time() - started, (self.lattice.time - time) * self.unit_rate
