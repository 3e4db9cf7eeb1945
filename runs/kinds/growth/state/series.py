"""What a run in which metal grows or shrinks records against time."""

from dataclasses import dataclass, field

import numpy as np

from coble.kmc.constants import COULOMB_PER_MAH, ELEMENTARY_CHARGE_C
from coble.kmc.growth.current import charge_fC
from coble.kmc.rates.bonds import PATHS
from coble.models.tubules.tubule import NM

FC_IN_MAH = 1e-15 / COULOMB_PER_MAH


@dataclass
class Series:
    """What was recorded, one entry per record; lengths in nm, times in s."""

    time_s: list = field(default_factory=list)
    front_nm: list = field(default_factory=list)
    void_nm: list = field(default_factory=list)
    atoms: list = field(default_factory=list)
    inserted_minus_removed: list = field(default_factory=list)
    marker_displacement_nm: list = field(default_factory=list)
    filled: list = field(default_factory=list)
    overpotential_V: list = field(default_factory=list)
    front_nm_by_bore: list = field(default_factory=list)  # one number per bore in every entry; so the next two
    void_nm_by_bore: list = field(default_factory=list)
    atoms_by_bore: list = field(default_factory=list)
    atoms_outside: list = field(default_factory=list)
    channel: list = field(default_factory=list)  # its occupancy along the axis
    wall_lithiation: list = field(default_factory=list)  # None where the wall takes no atom
    looks: list = field(default_factory=list)  # at the root so far, full sites in all of them, and atoms refused
    full_sum: list = field(default_factory=list)
    refused: list = field(default_factory=list)
    way_A: dict = field(default_factory=lambda: {path: [] for path in PATHS})

    def add(self, growth):
        ends_nm = growth.ends_by_bore_nm()
        voids, fronts = ends_nm.T
        self.time_s.append(growth.time)
        self.front_nm.append(float(fronts.mean()))
        self.void_nm.append(float(voids.mean()))
        self.front_nm_by_bore.append(fronts.tolist())
        self.void_nm_by_bore.append(voids.tolist())
        self.atoms_by_bore.append(growth.atoms_by_bore().tolist())
        self.atoms_outside.append(growth.atoms_outside())
        self.atoms.append(growth.n_atom)
        self.inserted_minus_removed.append(growth.inserted_minus_removed)
        self.marker_displacement_nm.append(growth.marker_displacement_nm())
        self.filled.append(growth.filled(ends_nm=ends_nm))
        self.overpotential_V.append(self._potential_V(growth))
        self.wall_lithiation.append(growth.wall_lithiation())
        for name in ("looks", "full_sum", "refused"):
            getattr(self, name).append(getattr(growth.feed.done, name) if growth.feed else 0)
        self.channel.append(growth.channel_occupancy().tolist())
        for path, way in growth.displacements().items():
            self.way_A[path].append(way)

    def _potential_V(self, growth):
        """Of the electrolyte [V]; at constant current that of the cell, from the last record on.

        It is that of the root, by how full it was, and the part of the contact, by the atoms that came.
        """
        if growth.overpotential_V is not None:
            return growth.overpotential_V
        done, kT = growth.feed.done, growth.model.kT_eV
        looks = done.looks - (self.looks[-1] if self.looks else 0)
        if looks:
            full = (done.full_sum - (self.full_sum[-1] if self.looks else 0)) / looks
            current_A = self.accepted_A(-2, -1) if len(self.time_s) > 1 else 0.0  # this record's atoms are there
            return growth.feed.potential_V(kT, full, current_A)
        return self.overpotential_V[-1] if self.looks else kT * growth.feed.potential_kT(growth.root_full)

    def accepted_A(self, first, last):
        """Mean current between two records [A]."""
        accepted = self.inserted_minus_removed[last] - self.inserted_minus_removed[first]
        return accepted * ELEMENTARY_CHARGE_C / (self.time_s[last] - self.time_s[first])

    def charge_fC(self):
        """Charge that the electrolyte has given [fC], list of float."""
        return [charge_fC(atoms) for atoms in self.inserted_minus_removed]

    def charge_mAh_cm2(self, area_cm2):
        """The same per area of a packing, list of float; of None where there is none."""
        return [charge * FC_IN_MAH / area_cm2 if area_cm2 else None for charge in self.charge_fC()]

    def first(self, n):
        """The first n records."""
        cut = {name: values[:n] for name, values in vars(self).items() if name != "way_A"}
        return Series(**cut, way_A={path: way[:n] for path, way in self.way_A.items()})

    def current_A(self):
        """Current of each path between records [A], dict of path → list: the way of its atoms over the tubule's part
        that they cross, root to tip when plating, root to metal when stripping; the first entry is 0."""
        time = np.array(self.time_s)
        span = np.where(np.array(self.overpotential_V) < 0, self.void_nm, self.front_nm) * NM
        scale = ELEMENTARY_CHARGE_C / np.maximum(span[1:], NM) / np.maximum(np.diff(time), 1e-300)
        return {path: [0.0, *(np.diff(way) * scale)] for path, way in self.way_A.items()}
