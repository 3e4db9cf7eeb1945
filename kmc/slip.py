"""Slip: the whole plug moves along the axis at once, the mechanism that competes with diffusion.

Proposals come at a constant rate, as a Poisson process of their own; one is accepted when the metal touches the
electrolyte, which pushes or pulls it, and finds room.  A plug with a void behind it therefore never slips.
"""

import numpy as np

from lattices import Kind

PURPOSE = 3  # first entry of the spawn key of its random streams, beside those of `runs.plating`


class Slip:
    """Proposals of slip, and the way of every metal site along the axis.

    Parameters
    ----------
    graph : SiteGraph
    period : int
        Axial period of the crystal in units of the graph: one slip moves the plug so far.
    rate_1_s : float
        Proposals per time [1/s]; 0: none.
    seed : int
        Of the proposals' own random stream; proposal n is the same whatever else happens.
    """

    def __init__(self, graph, period, rate_1_s, seed):
        self.period, self.rate_1_s, self.seed = period, rate_1_s, seed
        self.metal = np.flatnonzero(graph.kind == Kind.METAL)
        height = graph.height[self.metal].astype(np.int64)
        columns = graph.column[self.metal].astype(np.int64)
        tall = int(height.max()) + period + 1
        place = np.full((int(columns.max()) + 1) * tall, -1)
        place[columns * tall + height] = self.metal
        self.above = place[columns * tall + height + period]  # the site one period up; -1 where there is none
        self.first_period = height < period
        self.n_proposal, self.n_slip, self.atoms_in = 0, 0, 0
        self.next_s = np.inf
        self.propose(0.0)

    def propose(self, now_s):
        """Draw the time of the next proposal."""
        if self.rate_1_s:
            stream = np.random.SFC64(np.random.SeedSequence(self.seed, spawn_key=(PURPOSE, self.n_proposal)))
            self.next_s = now_s + np.random.Generator(stream).exponential() / self.rate_1_s
            self.n_proposal += 1

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
