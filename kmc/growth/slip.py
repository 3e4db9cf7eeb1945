"""Slip: the whole plug moves along the axis at once, the mechanism that competes with diffusion.

Slips are a Poisson process of their own.  Its rate may depend on the length of the plug, and is zero while the plug
cannot move: it must touch the electrolyte, which pushes or pulls it, and find room.  A plug with a void behind it
therefore never slips.  The rate is taken anew each time that `look` is called, and holds until the next.
"""

from math import inf

import numpy as np

from coble.kmc.growth.kept import Kept
from coble.lattices import Region

PURPOSE = 3  # first entry of the spawn key of its random streams, beside those of `coble.kinds.growth.run`


class Slip(Kept):
    """The slips of a plug, and the way of every metal site along the axis.

    Parameters
    ----------
    graph : Lattice
    period : int
        Axial period of the crystal in units of the graph: one slip moves the plug so far.
    rate : callable (length_A) → float
        Slips per time [1/s] of a plug that is `length_A` long.
    seed : int
        Of the slips' own random streams: what wait n draws is the same whatever else happens.
    """

    KEPT = ("n_wait", "n_slip", "atoms_in", "left", "since_s", "rate_1_s", "next_s")

    def __init__(self, graph, period, rate, seed):
        self.period, self.rate, self.seed = period, rate, seed
        self.metal = np.flatnonzero(graph.region == Region.BULK)
        self._z = graph.z[self.metal]
        height = graph.height[self.metal].astype(np.int64)
        columns = graph.column[self.metal].astype(np.int64)
        tall = int(height.max()) + period + 1
        place = np.full((int(columns.max()) + 1) * tall, -1)
        place[columns * tall + height] = self.metal
        self.above = place[columns * tall + height + period]  # the site one period up; -1 where there is none
        self.first_period = height < period
        self.n_wait, self.n_slip, self.atoms_in = 0, 0, 0
        self.since_s, self.rate_1_s, self.next_s = 0.0, 0.0, inf
        self.draw()

    def draw(self):
        """Draw the next wait, in units of its mean."""
        stream = np.random.SFC64(np.random.SeedSequence(self.seed, spawn_key=(PURPOSE, self.n_wait)))
        self.left = np.random.Generator(stream).exponential()
        self.n_wait += 1
        self.rate_1_s = 0.0

    def look(self, now_s, full, direction):
        """Take the rate from the plug as it stands, and with it the time of the next slip."""
        self.left = max(self.left - self.rate_1_s * (now_s - self.since_s), 0.0)
        moves = direction and self.move(full, direction) is not None
        self.rate_1_s = self.rate(np.ptp(self._z[full[self.metal]])) if moves else 0.0
        self.since_s = now_s
        self.next_s = now_s + self.left / self.rate_1_s if self.rate_1_s else inf

    def move(self, full, direction):
        """Where metal goes when the plug slips.

        Parameters
        ----------
        full : bool array (n_site,)
        direction : int
            +1: pushed away from the electrolyte, which fills up behind; -1: pulled into it.

        Returns
        -------
        (source, target) : int arrays, or None
            Sites of the atoms that stay in the tubule, before and after; None when the plug does not touch the
            electrolyte, or something is in its way.
        """
        here = full[self.metal]
        touches = here[self.first_period].mean() > 0.5
        if not touches:
            return None
        if direction > 0:
            if (here & (self.above < 0)).any():
                return None
            return self.metal[here], self.above[here]
        lands = self.above >= 0
        stays = lands & full[np.maximum(self.above, 0)]
        if stays.sum() + (here & self.first_period).sum() != here.sum():  # an obstacle below some atom
            return None
        return self.above[stays], self.metal[stays]
