"""A crystal whose atoms are followed in equilibrium, without a field: what diffusion tensors are made from.

Every atom's displacement r and that of all atoms together, R, are followed through windows of simulated time that
follow each other without a gap, so every window is a time origin.  With N atoms

    D* = Σ r ⊗ r / (2 N t),        D_σ = R ⊗ R / (2 N t)    for long t;

`coble.kmc.estimates.tensors` makes them from the sums that are kept here.

**Memory taken away.**  x + ψ, with the corrector ψ of the network (`coble.kmc.network.tensor`), has the same
diffusivity as x, because ψ is bounded, and less memory: that of cages, traps, slow bonds and layers is gone, for a
tagged atom as far as its surroundings act by their mean.  Any ψ is right; a good one makes windows short.  R + ψ has no
memory at all for one carrier and where all sites are equally full: then the first term alone is right at any τ, and has
a third of the variance.

**Why no field.**  The current in a field along each axis gives D_σ, too, to a relative error of about 7 / √hops at
½ k_B T per hop.  But that is not yet linear in a crystal with traps, and takes three runs besides the one for D*.  R
gives all components from that one run, to 6 / √hops in a box with one carrier and 10 / √hops in a half-filled one, or
√3 times as much where memory has to be measured.  `benchmarks/crystals.py --field` measures both.
"""

from dataclasses import dataclass, field

import numpy as np

from coble.kmc.estimates.tensors import six
from coble.kmc.kernel.lowering import path_classes
from coble.kmc.kernel.segment import Replica, Segment
from coble.kmc.network.tensor import collective, hop_vectors_A, lone_carrier
from coble.kmc.rates.cells_crossed import in_cells, unpacked

WINDOWS = 32  # of atoms in a piece
DOUBLINGS = 6  # of the windows of atoms: 1, 2, 4, ... 32
PIECES = 8  # that count, in an episode; one before them is left out
FEWEST_HOPS = 64  # in a window
FEW_SITES = 4096  # a window of atoms has as many hops as there are sites, up to this many: looking at atoms takes time


class Crystal:
    """A periodic lattice gas to be followed.

    Parameters
    ----------
    lattice : Lattice
        With `shift`.
    rates : RateTable or ClassRates

    Attributes
    ----------
    lone, network : Corrected
        D of a lone carrier, and the network's D_σ per atom, without the correction for a finite number of atoms [Å²/s];
        in the frame of the atoms that the lattice was made from, as all else here.
    vacancies : bool
        Whether vacancies carry: where they are fewer than the atoms.
    n_atom : float
        In the mean.
    moving : bool array (3,)
        Along which of x, y, z carriers diffuse.
    memoryless, memoryless_alone : bool
        Whether the corrected R has no memory: one carrier, or all sites equally full.  And r: one atom.

    Raises
    ------
    ValueError
        For a lattice that does not know which cells its edges cross, and for less than one carrier.
    """

    def __init__(self, lattice, rates):
        turn = rotation(lattice)
        vectors = hop_vectors_A(lattice) @ turn
        self.lattice, self.rates = lattice, rates
        self.unwrapped, self.class_rates = in_cells(lattice, rates)
        self.segment = Segment(self.unwrapped, self.class_rates, tracked=True)
        self.vacancies = not self.segment.tables.atoms_carry
        x = rates.site_occupancy(lattice)
        self.n_atom = float(x.sum())
        self.n_carrier = lattice.n_site - self.n_atom if self.vacancies else self.n_atom
        if self.n_carrier < 1 - 1e-9:
            who = "vacancies" if self.vacancies else "atoms"
            raise ValueError(
                f"the box holds {self.n_carrier:.3g} {who} in the mean, fewer than one: repeat its cell, or change the "
                "occupancies (D goes as the number of carriers while they are few)"
            )
        self.weight = (1 - x) / x if self.vacancies else x / (1 - x)  # of a carrier on each site
        single = abs(self.n_carrier - 1) < 1e-9
        self.memoryless = single or bool(np.ptp(x) < 1e-12 * x.max())
        self.memoryless_alone = single and not self.vacancies
        self.lone = lone_carrier(lattice, rates, vacancy=self.vacancies).turned(turn)
        self.network = collective(lattice, rates, self.n_atom).turned(turn)
        self.cell_vectors = lattice.vectors @ turn
        crossed = unpacked(self.unwrapped.steps[self.unwrapped.step_of_class])
        self.crossed = crossed @ self.cell_vectors  # [Å] by class of hop
        self.sites = lattice.positions @ turn
        self.sites_corrected = self.sites + (self.lone if single else self.network).corrector
        square = np.diag(self.lone.tensor)
        self.moving = square > 1e-9 * square.sum()
        if not self.moving.any():
            raise ValueError("nothing diffuses: no chain of bonds crosses the cell in any direction")
        self._hops(vectors)

    @property
    def exact_collective(self):
        """D_σ per atom of this very box, float array (3, 3) [Å²/s]; None where only its upper bound is known.

        Of n equal sites with N atoms a hop finds an atom, and an empty neighbour, with N (n - N) / n (n - 1): a little
        more than the network's x (1 - x).
        """
        if abs(self.n_carrier - 1) < 1e-9:
            return self.lone.tensor / self.n_atom
        if not self.memoryless:
            return None
        n, x = self.lattice.n_site, self.n_atom / self.lattice.n_site
        low = np.floor(round(self.n_carrier, 9))
        up = round(self.n_carrier, 9) - low
        pairs = (1 - up) * low * (n - low) + up * (low + 1) * (n - low - 1)
        return self.network.tensor * pairs / (n * (n - 1) * x * (1 - x))

    def _hops(self, vectors):
        """Mean d ⊗ d / 2 of the hops of each kind that is counted, and how long windows are.

        The kernel counts by pair of regions, in wide lattices by class.
        """
        lattice, wide = self.lattice, self.unwrapped.wide
        here, there = lattice.region[lattice.sources()], lattice.region[lattice.target]
        index = self.unwrapped.classes if wide else path_classes(lattice.n_region).index[here, there]
        kinds = self.unwrapped.n_class if wide else self.segment.tables.n_path
        g = self.rates.edge_conductance(lattice)
        number = np.bincount(index, g, minlength=kinds)
        square = six(vectors[:, :, None] * vectors[:, None, :]) / 2
        total = np.stack([np.bincount(index, g * each, minlength=kinds) for each in square.T], axis=1)
        self.per_hop = total / np.where(number > 0, number, 1)[:, None]
        hops_1_s = number.sum()
        wanted = max(FEWEST_HOPS, self.n_carrier / 2)
        of_atoms = max(min(lattice.n_site, FEW_SITES), lattice.n_site / 8) / wanted
        self.fine = 2 ** max(0, round(np.log2(of_atoms)))
        self.window_s = wanted / hops_1_s  # of all atoms together
        self.piece_s = self.window_s * self.fine * WINDOWS
        self.episode_hops = wanted * self.fine * WINDOWS * (PIECES + 1)

    def start(self, seed, key):
        """A replica whose carriers are placed by their weights; a number that is not whole is rounded by chance."""
        placing, running = np.random.SeedSequence(seed, spawn_key=key).spawn(2)
        rng = np.random.Generator(np.random.SFC64(placing))
        number = int(np.floor(round(self.n_carrier, 9) + rng.random()))
        carriers = rng.choice(len(self.weight), number, replace=False, p=self.weight / self.weight.sum())
        occupied = np.full(len(self.weight), self.vacancies)
        occupied[carriers] = not self.vacancies
        return Replica(self.segment, occupied, np.random.SFC64(running))

    def episode(self, seed, key, should_stop=lambda: False):
        """One episode, an `Episode`; raises `Stopped` when `should_stop()` turns true."""
        replica = self.start(seed, key)
        atoms, sign = np.flatnonzero(replica.started_on), self.segment.tables.atom_direction
        kernel, squares, hops = replica.kernel, _Squares(), []
        together = np.empty((PIECES + 1, WINDOWS * self.fine, 3))
        placed = self._placed(kernel, atoms)
        summed = (kernel.codes & 1) @ self.sites_corrected
        for piece in together:
            moved = np.zeros(len(self.per_hop))
            for number in range(len(piece)):
                counted = replica.run(self.window_s, should_stop).hops
                after = (kernel.codes & 1) @ self.sites_corrected
                piece[number] = sign * (counted.sum(axis=0) @ self.crossed + after - summed)
                summed, moved = after, moved + (counted[0] if self.unwrapped.wide else counted.sum(axis=1))
                if (number + 1) % self.fine == 0:
                    now = self._placed(kernel, atoms)
                    squares.add(now - placed)
                    placed = now
            squares.close()
            hops.append(moved)
        return Episode(
            len(atoms),
            np.array(squares.pieces[1:]),
            _together(together.reshape(-1, 3), self.fine),
            np.array(hops[1:]),
        )

    def _placed(self, kernel, atoms):
        """Where every atom is, round all the cells that it crossed, float array (n_atom, 3) [Å]."""
        site = np.empty(len(self.weight), dtype=np.int64)
        site[kernel.particles] = np.arange(len(site))
        return self.sites_corrected[site[atoms]] + unpacked(kernel.displacements[atoms]) @ self.cell_vectors


@dataclass(frozen=True)
class Episode:
    """What one episode gave.

    Attributes
    ----------
    n_atom : int
    tracer : float array (PIECES, DOUBLINGS, 13)
        Sums over atoms and windows of r ⊗ r, of twice r ⊗ r of the next window (six components each), and the number
        of windows; for windows of each length.
    together : float array (PIECES, n_doubling, 13)
        The same of R.
    hops : float array (PIECES, n_kind)
        By pair of regions, or by class.
    """

    n_atom: int
    tracer: np.ndarray = field(repr=False)
    together: np.ndarray = field(repr=False)
    hops: np.ndarray = field(repr=False)


class _Squares:
    """Sums of squares of the atoms' displacements in windows of 1, 2, 4, ... lengths, piece by piece."""

    def __init__(self):
        self.pieces, self.now = [], np.zeros((DOUBLINGS, 13))
        self.last, self.half = [None] * DOUBLINGS, [None] * DOUBLINGS

    def add(self, moved, level=0):
        """Take in the displacements in one window, float array (n_atom, 3)."""
        if level == DOUBLINGS:
            return
        if self.last[level] is not None:
            cross = self.last[level].T @ moved
            self.now[level] += [*six(moved.T @ moved), *six(cross + cross.T), 1.0]
        self.last[level] = moved
        if self.half[level] is None:
            self.half[level] = moved
        else:
            whole, self.half[level] = self.half[level] + moved, None
            self.add(whole, level + 1)

    def close(self):
        """End of a piece."""
        self.pieces.append(self.now)
        self.now = np.zeros((DOUBLINGS, 13))


def _together(moved, fine):
    """Sums of R ⊗ R as in `Episode`, from R in every window, float array (n_window, 3), the first piece left out."""
    found = []
    for level in range(int(np.log2(WINDOWS * fine))):
        each = moved.reshape(-1, 2**level, 3).sum(axis=1)
        cross = each[:-1, :, None] * each[1:, None, :]
        own, cross = six(each[1:, :, None] * each[1:, None, :]), six(cross + cross.transpose(0, 2, 1))
        rows = np.concatenate([own, cross, np.ones((len(own), 1))], axis=1)
        length = WINDOWS * fine >> level
        found.append(rows[length - 1 :].reshape(PIECES, length, 13).sum(axis=1))
    return np.stack(found, axis=1)


def rotation(lattice):
    """From the frame of the lattice into that of the atoms that it was made from: rows of positions @ this."""
    return np.asarray(lattice.notes.get("rotation", np.eye(3)), dtype=float)
