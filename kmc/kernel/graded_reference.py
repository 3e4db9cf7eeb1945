"""The plain Python twin of `GradedKernel`: event for event, draw for draw."""

import numpy as np

from coble.kmc.kernel.cells import CELL, CONTACT
from coble.kmc.kernel.reference import ReferenceGroupKernel


class ReferenceGradedKernel(ReferenceGroupKernel):
    """The twin of `GradedKernel`; propensities of links are found afresh each time."""

    def _start(self):
        self.planes, self.links, self.crossings = {}, [], np.zeros((0, 2), dtype=np.int64)
        super()._start()

    def set_cells(self, cells):
        """Go on with other cells."""
        self.role, self.room, self.atoms = cells.role.tolist(), cells.room.tolist(), cells.atoms.tolist()
        self.links = [tuple(each) for each in cells.link.tolist()]
        self.factor, self.shift = cells.factor.tolist(), cells.shift.tolist()
        self.crossings = np.zeros((len(self.links), 2), dtype=np.int64)
        self.planes = {}  # holder -> its sites, the full ones first
        for h, role in enumerate(self.role):
            if role == CONTACT:
                sites = cells.contact[cells.contact_from[h] : cells.contact_from[h + 1]].tolist()
                self.planes[h] = sorted(sites, key=lambda site: 1 - self.code[site] % 2)
                self.atoms[h] = sum(self.code[site] % 2 for site in sites)
        self.wait = None

    def crossing_propensities(self):
        """Propensity of every link, there and back."""
        return (
            [
                [
                    factor * (self.atoms[i] * (self.room[j] - self.atoms[j]) << shift) >> 64
                    for factor, i, j in zip(factors, ends, ends[::-1], strict=True)
                ]
                for ends, factors, shift in zip(self.links, self.factor, self.shift, strict=True)
            ]
            if self.links
            else []
        )

    def _total(self):
        return super()._total() + sum(map(sum, self.crossing_propensities()))

    def _execute(self):
        if self.links:
            u = self._below(self._total())
            for k, both in enumerate(self.crossing_propensities()):
                for way, propensity in enumerate(both):
                    if u < propensity:
                        self._cross(k, way)
                        return
                    u -= propensity
        super()._execute()

    def _cross(self, k, way):
        """One atom crosses a link: in a plane of sites, any of those that can is as likely."""
        self.crossings[k, way] += 1
        for holder, more in ((self.links[k][way], -1), (self.links[k][1 - way], 1)):
            n = self.atoms[holder]
            if self.role[holder] == CELL:
                self.atoms[holder] += more
            elif self.role[holder] == CONTACT:
                place = n + self._below(self.room[holder] - n) if more > 0 else self._below(n)
                site = self.planes[holder][place]
                self.events.append((self.time, site, None))
                self._toggle(site)
                self._update_propensities()

    def _toggle(self, site):
        super()._toggle(site)
        self._settle(site)

    def _hop(self, site, target):
        super()._hop(site, target)
        self._settle(site)
        self._settle(target)

    def _settle(self, site):
        """A site that was filled changes places with the first empty one, one that was emptied with the last full."""
        for holder, sites in self.planes.items():
            if site in sites:
                full = self.code[site] % 2
                border = self.atoms[holder] - (not full)
                place = sites.index(site)
                sites[place], sites[border] = sites[border], site
                self.atoms[holder] += 1 if full else -1
