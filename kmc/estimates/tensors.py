"""Tracer and collective diffusion tensors of a crystal, from one run in equilibrium without a field.

Every atom's displacement r and that of all atoms together, R, are followed through windows of simulated time that
follow each other without a gap, so every window is a time origin.  With N atoms

    D* = Σ r ⊗ r / (2 N t),        D_σ = R ⊗ R / (2 N t)    for long t.

**Finite times.**  Not the mean square at one time but its slope between times τ and 2 τ is taken: the correlation
⟨r₁ ⊗ r₁⟩ + ⟨r₁ ⊗ r₂⟩ + ⟨r₂ ⊗ r₁⟩ of a window and the next, over 2 τ.  What a hop remembers within τ is in the first
term, within 2 τ in the others; the constant that a finite time adds to the mean square drops out.  That is measured
at τ, 2 τ, 4 τ, ... at once; the shortest is taken from which on all longer ones agree, and twice that for safety.

**Memory taken away.**  x + ψ, with the corrector ψ of the network (`coble.kmc.network.tensor`), has the same
diffusivity as x, because ψ is bounded, and less memory: that of cages, traps, slow bonds and layers is gone, for a
tagged atom as far as its surroundings act by their mean.  Any ψ is right; a good one makes windows short.  R + ψ has no
memory at all for one carrier and where all sites are equally full: then the first term alone is right at any τ, and has
a third of the variance.

**Why no field.**  The current in a field along each axis gives D_σ, too, to a relative error of about 7 / √hops at
½ k_B T per hop.  But that is not yet linear in a crystal with traps, and takes three runs besides the one for D*.  R
gives all components from that one run, to 6 / √hops in a box with one carrier and 10 / √hops in a half-filled one, or
√3 times as much where memory has to be measured.  `benchmarks/crystals.py --field` measures both.

The uncorrelated walk, whose D is ½ Σ d ⊗ d over the hops that were counted, by pair of regions, makes the correlation
factor f = D* / D_uncorrelated.  Errors come from pieces of independent episodes, which start afresh from equilibrium.
"""

from dataclasses import dataclass, field

import numpy as np
from scipy.stats import t as student

from coble.kmc.estimates.cells_crossed import in_cells, unpacked
from coble.kmc.estimates.estimate import Estimate, ratio_estimate, same_mean
from coble.kmc.kernel.lowering import path_classes
from coble.kmc.kernel.segment import Replica, Segment
from coble.kmc.network.tensor import collective, hop_vectors_A, lone_carrier

COMPONENTS = {"xx": (0, 0), "yy": (1, 1), "zz": (2, 2), "xy": (0, 1), "xz": (0, 2), "yz": (1, 2)}
ROWS, COLUMNS = np.array(list(COMPONENTS.values())).T
WINDOWS = 32  # of atoms in a piece
DOUBLINGS = 6  # of the windows of atoms: 1, 2, 4, ... 32
PIECES = 8  # that count, in an episode; one before them is left out
FEWEST_HOPS = 64  # in a window
FEW_SITES = 4096  # a window of atoms has as many hops as there are sites, up to this many: looking at atoms takes time
BY_CHANCE = 0.01  # probability that windows are taken for too short, or episodes for unlike, without being so


def six(tensors):
    """Components xx, yy, zz, xy, xz, yz of symmetric tensors, float array (..., 6) from (..., 3, 3)."""
    return np.asarray(tensors)[..., ROWS, COLUMNS]


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
        D of a lone carrier, and the network's D_σ per atom, without the correction for a finite number of atoms [Å²/s].
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
        vectors = hop_vectors_A(lattice)
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
        self.lone = lone_carrier(lattice, rates, vacancy=self.vacancies)
        self.network = collective(lattice, rates, self.n_atom)
        turn = rotation(lattice)
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


@dataclass(frozen=True)
class Transport:
    """Diffusion at one temperature; lengths in Å.

    Attributes
    ----------
    tracer, collective : dict of str → Estimate
        Components of D* and D_σ [Å²/s], by the names in `COMPONENTS`.
    correlation, haven : dict of str → Estimate
        D* over that of the uncorrelated walk, and over D_σ: of the mean over directions ("mean"), and along x, y, z.
    lags : dict of str → list of (float, Estimate)
        "tracer" and "collective": time τ [s] and the mean over directions of D between τ and 2 τ [Å²/s].
    settled : dict of str → bool
        Whether longer times agree with the one that was taken.
    hops : float
        That count.
    """

    tracer: dict
    collective: dict
    correlation: dict
    haven: dict
    lags: dict
    settled: dict
    hops: float

    @property
    def worst_error(self):
        """Largest relative standard error of the two mean diffusivities."""
        return max(self.lags_error("tracer"), self.lags_error("collective"))

    def lags_error(self, which):
        """Relative standard error of the mean over directions of "tracer" or "collective"."""
        mean = self.mean(which)
        return mean.stderr / abs(mean.value) if mean.value else np.inf

    def mean(self, which):
        """Mean over directions of "tracer" or "collective", an Estimate [Å²/s]."""
        return getattr(self, which)["mean"]


def transport(crystal, episodes):
    """What episodes say.

    Parameters
    ----------
    crystal : Crystal
    episodes : list of Episode

    Returns
    -------
    Transport
    """
    moving = crystal.moving
    alone = _Series(episodes, "tracer", crystal.window_s * crystal.fine, moving, crystal.memoryless_alone)
    together = _Series(episodes, "together", crystal.window_s, moving, crystal.memoryless)
    walk = [(each.hops @ crystal.per_hop) for each in episodes]
    clock = [np.full(PIECES, each.n_atom * crystal.window_s * crystal.fine * WINDOWS) for each in episodes]
    free = (walk, clock)
    slope, sigma = alone.chosen, together.chosen
    return Transport(
        tracer=slope.estimates("slope of the squared displacement"),
        collective=sigma.estimates("square of the summed displacement"),
        correlation=_ratios(slope.pair, free, moving, "D* over that of the hops"),
        haven=_ratios(slope.pair, sigma.pair, moving, "D* over D_sigma"),
        lags={"tracer": alone.by_lag(), "collective": together.by_lag()},
        settled={"tracer": alone.settled, "collective": together.settled},
        hops=float(sum(each.hops.sum() for each in episodes)),
    )


class _Series:
    """D from all episodes at windows of every length, and the length to take."""

    def __init__(self, episodes, name, window_s, moving, memoryless=False):
        rows = [getattr(each, name) for each in episodes]
        self.levels = [
            _Level(
                [r[:, k, :6] + (0.0 if memoryless else r[:, k, 6:12]) for r in rows],
                [2 * window_s * 2**k * each.n_atom * r[:, k, 12] for each, r in zip(episodes, rows, strict=True)],
                window_s * 2**k,
                moving,
            )
            for k in range(rows[0].shape[1])
        ]
        self.settled, chosen = (True, 0) if memoryless else self._shortest()
        self.chosen = self.levels[chosen]

    def _shortest(self):
        """Whether longer windows agree, and which length to take."""
        last = len(self.levels) - 1
        for k, level in enumerate(self.levels[:last]):
            longer = self.levels[k + 1 :]
            chance = BY_CHANCE / (len(longer) * self.levels[0].moving.sum())
            if all(level.agrees(each, chance) for each in longer):
                return True, k + 1
        return False, last

    def by_lag(self):
        """(τ, mean over directions) for every length."""
        return [(level.lag_s, level.estimates("slope")["mean"]) for level in self.levels]


@dataclass(frozen=True)
class _Level:
    """Numerators (n_piece, 6) and denominators (n_piece,) of D by episode, at one length of windows."""

    above: list
    below: list
    lag_s: float
    moving: np.ndarray

    @property
    def pair(self):
        return self.above, self.below

    def estimates(self, method):
        """Dict of component → Estimate, and "mean" over directions."""
        found = {name: _ratio([a[:, c] for a in self.above], self.below, method) for c, name in enumerate(COMPONENTS)}
        mean = [a[:, :3][:, self.moving].mean(axis=1) for a in self.above]
        return found | {"mean": _ratio(mean, self.below, method)}

    def agrees(self, longer, chance):
        """Whether D along x, y and z is the same at longer windows; `chance` is that of each to be refused wrongly."""
        for c in np.flatnonzero(self.moving):
            parts = [
                a[:, c] / b.mean() - other[:, c] / least.mean()
                for a, b, other, least in zip(self.above, self.below, longer.above, longer.below, strict=True)
            ]
            found = _ratio(parts, [np.ones(len(part)) for part in parts], "difference")
            if found.n_eff > 2 and abs(found.value) > student.isf(chance / 2, found.n_eff - 1) * found.stderr:
                return False
        return True


def _ratio(above, below, method):
    """A ratio of sums, 0 where nothing moves.

    Pieces hold many windows, each longer than the memory, and count as independent.  Where those of an episode are
    more like each other than like those of other episodes, because something drifts slowly, whole episodes count.
    """
    if not any(part.any() for part in above):
        return Estimate(0.0, 0.0, np.inf, "nothing moves")
    total = sum(part.sum() for part in above) / sum(part.sum() for part in below)
    if same_mean([a - total * b for a, b in zip(above, below, strict=True)]) < BY_CHANCE:
        above, below = ([np.array([part.sum()]) for part in parts] for parts in (above, below))
    return ratio_estimate(above, below, method, independent=True)


def _ratios(one, other, moving, method):
    """Ratio of two diffusivities, each (numerators, denominators): of the mean over directions and along x, y, z."""
    # Both denominators grow alike from piece to piece: bring them to the same mean, and divide the numerators.
    scale = sum(b.sum() for b in other[1]) / sum(b.sum() for b in one[1])

    def along(columns):
        above = [a[:, columns].sum(axis=1) * scale for a in one[0]]
        below = [a[:, columns].sum(axis=1) for a in other[0]]
        if not any(part.any() for part in below):
            return Estimate(np.nan, np.inf, 0, "nothing moves")
        return _ratio(above, below, method)

    return {"mean": along(np.flatnonzero(moving)), "xx": along([0]), "yy": along([1]), "zz": along([2])}
