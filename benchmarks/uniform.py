"""Coble on the uniform bcc lattice gas: neighbours by offset, and by table."""

import sys
from importlib.metadata import PackageNotFoundError, version
from time import process_time

PLACED_AT_ONCE = 1 << 20  # sites


class Offsets:
    """`UniformLattice`: no list of neighbours."""

    title = "Coble"
    most_sites = 1 << 27

    @staticmethod
    def find():
        try:
            return sys.executable, version("coble")
        except PackageNotFoundError:
            return sys.executable, "source tree"

    @staticmethod
    def prepare(scratch):
        import coble.kmc.kernel.segment  # noqa: F401

    @staticmethod
    def lattice(crystal, cells):
        from coble.lattices import uniform_lattice

        return uniform_lattice(crystal, cells)

    def __init__(self, workload, scratch=None):
        import numpy as np

        from coble.kmc.kernel._kernel import BinKernel
        from coble.kmc.kernel.lowering import initial_codes, kernel_tables, neighbours_of
        from coble.kmc.rates.table import RateTable
        from coble.lattices import Region, bcc

        lattice = self.lattice(bcc(1.0, "100"), (workload.cells,) * 3)
        placing, running = np.random.SeedSequence(1).spawn(2)
        rng = np.random.Generator(np.random.SFC64(placing))
        occupied = np.empty(lattice.n_site, dtype=bool)
        for start in range(0, lattice.n_site, PLACED_AT_ONCE):
            part = occupied[start : start + PLACED_AT_ONCE]
            part[:] = rng.random(len(part), dtype=np.float32) < workload.occupancy
        rates = RateTable(np.ones((len(Region),) * 2), np.full(len(Region), 0.5))
        tables = kernel_tables(lattice, rates, round(workload.occupancy * lattice.n_site))
        neighbours = neighbours_of(lattice)
        codes = initial_codes(lattice, occupied, tables)
        self.kernel = BinKernel(neighbours, codes, tables, np.random.SFC64(running))

    @property
    def held_bytes(self):
        return self.kernel.nbytes()

    def advance(self, n):
        kernel = self.kernel
        before, time = kernel.n_event, kernel.time
        started = process_time()
        kernel.advance(max_events=n)
        return kernel.n_event - before, process_time() - started, kernel.time - time


class Table(Offsets):
    """`build_box`: every site has its list of neighbours, as on any other lattice."""

    title = "Coble, table of neighbours"
    most_sites = 11_000_000

    @staticmethod
    def lattice(crystal, cells):
        from coble.lattices import build_box

        return build_box(crystal, cells)
