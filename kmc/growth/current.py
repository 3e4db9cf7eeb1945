"""Constant current at the root: so many atoms per second in all, and the potential that follows.

The root's sites of all regions share one potential, as a contact has.  Every e / I seconds one atom comes, or goes
when the current is negative, to any of the sites that can take it, or give it.  An atom that finds no room is refused.
The potential comes out of how full the sites are, looked at once between two atoms, at a random time.

With g the channel's linear conductance times length, L its length and j = e I L / (g k_BT), a channel between the root
and metal at coexistence has at the root

    ρ = x + j x (1 - x),    e U / k_BT = ln[1 + j (1 - x)] - ln[1 - j x],

which for x = ½ is 2 artanh(j / 2).  At j = 1 / x, when plating, or -1 / (1 - x), when stripping, the channel carries no
more: the limiting current is I L = g k_BT / e x, and g k_BT / e (1 - x).
"""

from dataclasses import dataclass, fields
from math import inf, log, log1p

import numpy as np
from scipy.special import gammaln

from coble.kmc.constants import ELEMENTARY_CHARGE_C
from coble.kmc.digits import rounded
from coble.kmc.growth.contact import Contact

PURPOSE = 4  # first entry of the spawn key of its random streams, beside those of `coble.kinds.growth.setup`
WIDEST_KT = 40.0  # of potentials that are looked for


def root_occupancy(j, occupancy):
    """ρ at the root of a channel that carries j; `occupancy` is x at coexistence."""
    return occupancy + j * occupancy * (1 - occupancy)


def root_potential_kT(j, occupancy):
    """e U / k_BT at the root of a channel that carries j; infinite from the limiting current on."""
    if j * occupancy >= 1:
        return inf
    if j * (1 - occupancy) <= -1:
        return -inf
    return log1p(j * (1 - occupancy)) - log1p(-j * occupancy)


def limiting_j(occupancy, plates=True):
    """j beyond which a channel of this occupancy at coexistence carries no more."""
    return 1 / occupancy if plates else -1 / (1 - occupancy)


@dataclass
class Fed:
    """What a feed has done, and when it is due: all that a checkpoint needs.

    Attributes
    ----------
    rate_1_s : float
        Atoms per second; negative ones are taken.  0: at rest, and only looked at.
    since_s : float
        Since when.
    n : int
        Atoms that were due since then.
    every_s : float
        Time between two of them, or between looks at rest; 0 while the electrolyte has a potential of its own.
    looked : int
        Whether the root was looked at since the last one, 0 or 1.
    drawn : int
        Numbers of random streams that are used up.
    accepted, refused : int
        Atoms given less taken, and those that found no room.
    looks : int
    full_sum : int
        Full sites of the root, summed over the looks.
    """

    rate_1_s: float = 0.0
    since_s: float = 0.0
    n: int = 0
    every_s: float = 0.0
    looked: int = 0
    drawn: int = 0
    accepted: int = 0
    refused: int = 0
    looks: int = 0
    full_sum: int = 0

    NAMES = ()


Fed.NAMES = tuple(each.name for each in fields(Fed))


class Feed:
    """Atoms for the root at a constant current.

    Parameters
    ----------
    sites : int array (n,)
        The root's.
    odds : float array (n,)
        x / (1 - x) of each at coexistence with metal: of sites so deep that x is 1 in floating-point numbers, too.
    seed : int
        Of random streams of its own.
    contact : coble.kmc.growth.contact.Contact, optional
        In series with the root.
    """

    def __init__(self, sites, odds, seed, contact=None):
        self.sites, self.seed, self.contact = np.asarray(sites), seed, contact or Contact()
        self.odds = odds
        self.kinds, self._kind, self._room = np.unique(self.odds, return_inverse=True, return_counts=True)
        self._ways = _ways(self._room, self.kinds)
        self._widest_kT = max(WIDEST_KT, float(np.abs(np.log(self.kinds)).max()) + WIDEST_KT / 2)
        self.done = Fed()
        self._draw()

    # ---- when ------------------------------------------------------------------------------------------

    @property
    def on(self):
        """Whether the root is fed, or at rest: without a potential of the electrolyte's own."""
        return self.done.every_s > 0

    @property
    def rate_1_s(self):
        return self.done.rate_1_s

    def start(self, now_s, rate_1_s, rest_s):
        """Feed so many atoms per second from now on; at rest look every `rest_s` seconds."""
        done = self.done
        done.rate_1_s, done.since_s, done.n, done.looked = rate_1_s, now_s, 0, 0
        done.every_s = 1 / abs(rate_1_s) if rate_1_s else rest_s
        self._draw()

    def stop(self):
        """Leave the root to an electrolyte with a potential."""
        self.done.every_s = self.done.rate_1_s = 0.0

    @property
    def next_s(self):
        """When it is due to look, or to feed [s]."""
        done = self.done
        if not self.on:
            return inf
        return done.since_s + (done.n + (1.0 if done.looked else self._look_at)) * done.every_s

    def _draw(self):
        stream = np.random.SFC64(np.random.SeedSequence(self.seed, spawn_key=(PURPOSE, self.done.drawn)))
        self._rng = np.random.Generator(stream)
        self._look_at = self._rng.random()

    # ---- what ------------------------------------------------------------------------------------------

    def act(self, full):
        """Look, or feed.

        Parameters
        ----------
        full : bool array (n,)
            Which of the root's sites hold an atom.

        Returns
        -------
        bool array (n,)
            The same afterwards.
        """
        done = self.done
        if not done.looked:
            done.looks, done.full_sum, done.looked = done.looks + 1, done.full_sum + int(full.sum()), 1
            return full
        plates, n = done.rate_1_s > 0, int(full.sum())
        if done.rate_1_s == 0:
            after = full
        elif n == (len(full) if plates else 0):
            after = full
            done.refused += 1
        else:
            after = self._dealt(full, plates)
            done.accepted += 1 if plates else -1
        done.n, done.looked, done.drawn = done.n + 1, 0, done.drawn + 1
        self._draw()
        return after

    def _dealt(self, full, plates):
        """One atom more or less, at equilibrium among the sites: sites of one kind keep theirs as they are."""
        after = full.copy()
        if len(self.kinds) == 1:
            after[self._rng.choice(np.flatnonzero(full != plates))] = plates
            return after
        held = np.bincount(self._kind[full], minlength=len(self.kinds))
        for kind, wanted in enumerate(self._shared(int(held.sum()) + (1 if plates else -1))):
            more = int(wanted - held[kind])
            can = np.flatnonzero((self._kind == kind) & (full != (more > 0)))
            after[self._rng.choice(can, abs(more), replace=False)] = more > 0
        return after

    def _shared(self, n):
        """How many of n atoms each kind of site holds: drawn kind by kind, with weights odds^k (room over k)."""
        shares, left = [], n
        for kind in range(len(self.kinds) - 1):
            rest = self._ways[kind + 1]
            k = np.arange(max(0, left - len(rest) + 1), min(self._room[kind], left) + 1)
            weight = _log_choices(self._room[kind], k) + k * log(self.kinds[kind]) + rest[left - k]
            part = np.exp(weight - weight.max())
            shares.append(int(self._rng.choice(k, p=part / part.sum())))
            left -= shares[-1]
        return [*shares, left]

    def potential_kT(self, full_mean):
        """e U / k_BT at which the root's sites hold so many atoms on average; within half an atom of none and all."""
        from scipy.optimize import brentq  # a third of a second, and only runs at constant current have use for it

        n, least = len(self.sites), 0.5 / max(self.done.looks, 1)
        mean = min(max(full_mean, least), n - least)
        excess = lambda mu: float((self._room / (1 + np.exp(-mu) / self.kinds)).sum()) - mean  # noqa: E731
        return rounded(brentq(excess, -self._widest_kT, self._widest_kT, xtol=1e-12))

    def potential_V(self, kT_eV, full_mean, current_A):
        """U of the cell [V]: that of the root, which holds so many atoms on average, and what its contact takes."""
        return kT_eV * self.potential_kT(full_mean) + self.contact.drop_V(kT_eV, current_A)

    @property
    def state(self):
        """Plain values by name, for a checkpoint."""
        return {name: getattr(self.done, name) for name in Fed.NAMES}

    def restore(self, state):
        """Go back to a state."""
        self.done = Fed(**state)
        self._draw()


def _log_choices(n, k):
    """Logarithm of n over k."""
    return gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)


def _ways(room, odds):
    """Logarithms of the sums over all ways to put n atoms on the sites of each kind and those after it.

    Returns
    -------
    list of float arrays (sites of these kinds + 1,)
        By kind; over n.
    """
    found = [np.zeros(1)]
    for sites, each in zip(room[::-1].tolist(), odds[::-1].tolist(), strict=True):
        k, rest = np.arange(sites + 1), found[0]
        alone = _log_choices(sites, k) + k * log(each)
        total = np.full(sites + len(rest), -inf)
        for taken in range(sites + 1):
            part = total[taken : taken + len(rest)]
            np.logaddexp(part, alone[taken] + rest, out=part)
        found.insert(0, total)
    return found


def charge_fC(atoms):
    """Charge of so many atoms [fC]."""
    return atoms * ELEMENTARY_CHARGE_C * 1e15


def atoms_per_s(current_A):
    """Atoms per second of a current [1/s]."""
    return current_A / ELEMENTARY_CHARGE_C
