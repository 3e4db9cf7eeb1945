"""kMCpy: Python and Numba; a sum over all bonds of the lattice, and a search for the event in their list, at every hop.

Its models are cluster expansions of barriers.  Here a model of our own says that a hop has rate 1 where exactly one end
of the bond is occupied; events, state, selection and update are kMCpy's.  The equivalent list of dependent events is
made here, from the bonds of each site: its own takes the square of the number of bonds.
"""

from itertools import product
from time import process_time
from types import SimpleNamespace

from peers.python_package import python_with


class KMCpy:
    title = "kMCpy"
    most_sites = 11_000

    @staticmethod
    def find():
        return python_with("kmcpy", "COBLE_KMCPY_PYTHON")

    @staticmethod
    def prepare(scratch):
        import kmcpy.simulator.kmc  # noqa: F401

    def __init__(self, workload, scratch=None):
        import numpy as np
        from kmcpy.event import Event, EventLib
        from kmcpy.simulator.kmc import KMC
        from kmcpy.simulator.state import State

        n = workload.cells
        corner = np.arange(n**3).reshape(n, n, n)
        events, bonds = EventLib(), []
        for place in product(range(n), repeat=3):  # from a centre to the eight corners round it
            corners = [corner[tuple(np.add(place, step) % n)] for step in product((0, 1), repeat=3)]
            bonds += [(int(n**3 + corner[place]), int(there)) for there in corners]
        for bond in bonds:
            events.add_event(Event(bond, ()))
        events.event_dependencies = [
            sorted({e for site in bond for e in events.site_to_events[site]}) for bond in bonds
        ]
        rng = np.random.default_rng(1)
        filled = rng.permutation(workload.n_site) < round(workload.occupancy * workload.n_site)
        config = SimpleNamespace(runtime_config=SimpleNamespace())
        self.kmc = KMC(None, HopsToEmptySites(), events, config, State([int(full) for full in filled]))
        self.kmc.rng = rng

    def advance(self, n):
        kmc = self.kmc
        time = kmc.simulation_state.time
        started = process_time()
        for _ in range(n):
            event, wait = kmc.propose(kmc.event_lib.events)
            kmc.update(event, wait)
        return n, process_time() - started, kmc.simulation_state.time - time


class HopsToEmptySites:
    """A model in the sense of kMCpy: rate 1 where one end of the bond holds an atom and the other does not."""

    @staticmethod
    def compute_probability(event, runtime_config, simulation_state):
        here, there = event.mobile_ion_indices
        return float(simulation_state.occupations[here] != simulation_state.occupations[there])
