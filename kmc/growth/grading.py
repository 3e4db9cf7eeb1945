"""A channel in cells that grow with the distance from its fine end, as resistors in series that store atoms.

Far behind the tip the hops of a channel only carry a current down a nearly linear profile.  A cell of ℓ length and
m sites does the same: from its centre to its end it has the resistance ℓ / 2K, with K the channel's conductance times
length, so mean currents are those of the channel whatever the cells.  Local equilibrium inside a cell is the one
approximation; that is why cells double with distance.
"""

from dataclasses import dataclass

import numpy as np

from coble.kmc.kernel.cells import CELL, CONTACT, RESERVOIR, cells

RESERVOIR_ROOM = 2**30  # of which so many are full as the reservoir's occupancy says


def doubling(n, first=2):
    """Lengths of cells along n rows, of which the last ones are next to the fine end: ..., 8, 4, 4, 2, 2.

    Parameters
    ----------
    n : int
        Rows.
    first : int
        Rows of the cells next to the fine end.

    Returns
    -------
    list of int
        From the root on; their sum is n.
    """
    found, length = [], first
    while n > 0:
        for _ in range(2):
            if n > 0:
                found.append(min(length, n))
                n -= found[-1]
        length *= 2
    return found[::-1]


def from_both_ends(n, first=2):
    """The same with short cells at the root, too, where an overpotential changes: 2, 2, 4, 4, ..., 4, 4, 2, 2."""
    near = doubling(n // 2, first)[::-1]
    return near + doubling(n - sum(near), first)


@dataclass(frozen=True)
class Channel:
    """A uniform channel.

    Attributes
    ----------
    conductance : float
        K: current per difference of occupancies, times length [rows / s].
    sites : int
        Sites per row.
    """

    conductance: float
    sites: int

    def resistance(self, length):
        """Of so many rows [s]: difference of occupancies over current."""
        return length / self.conductance

    def cells(
        self,
        lengths,
        atoms,
        quantum,
        *,
        root=None,
        root_plane=None,
        root_resistance=None,
        plane=None,
        plane_resistance=None,
    ):
        """Cells of these lengths from the root on.

        Parameters
        ----------
        lengths : list of int
            [rows]
        atoms : list of int
            In every cell.
        quantum : float
            Of the kernel's tables [1/s].
        root : float, optional
            Occupancy of a reservoir at the root; closed when left out.
        root_plane, plane : int arrays, optional
            Sites of the last fine plane before the first cell, in place of a reservoir, and of the first one after the
            last cell.
        root_resistance, plane_resistance : float, optional
            Between the ends of the cells and the middle of those planes, or the reservoir [s]; half a row when left
            out.

        Returns
        -------
        coble.kmc.kernel.cells.Cells
            Holders are the cells, then the root's reservoir or plane, then the other plane; links are those between
            cells, then that of the root, then that of the plane.
        """
        halves, row = [self.resistance(length) / 2 for length in lengths], self.resistance(0.5)
        holders = [(CELL, n, length * self.sites, ()) for n, length in zip(atoms, lengths, strict=True)]
        joints = [(k, k + 1, halves[k] + halves[k + 1]) for k in range(len(lengths) - 1)]
        near = [(RESERVOIR, round(root * RESERVOIR_ROOM), RESERVOIR_ROOM, ())] if root is not None else []
        near += [(CONTACT, 0, len(root_plane), root_plane)] if root_plane is not None else []
        for holder in near:
            joints.append((len(holders), 0, (row if root_resistance is None else root_resistance) + halves[0]))
            holders.append(holder)
        if plane is not None:
            beyond = row if plane_resistance is None else plane_resistance
            joints.append((len(lengths) - 1, len(holders), halves[-1] + beyond))
            holders.append((CONTACT, 0, len(plane), plane))
        rate = [1 / (r * holders[i][2] * holders[j][2]) for i, j, r in joints]
        return cells(holders, [(i, j, g, g) for (i, j, _), g in zip(joints, rate, strict=True)], quantum)


def merged(lengths, atoms):
    """A binary counter: wherever three cells have one length, the two of them nearer to the root become one.

    Parameters
    ----------
    lengths, atoms : list of int
        From the root on.

    Returns
    -------
    lengths, atoms : list of int
        The same sums.
    """
    lengths, atoms = list(lengths), list(atoms)
    while found := [k for k in range(len(lengths) - 2) if lengths[k] == lengths[k + 1] == lengths[k + 2]]:
        k = found[-1]
        lengths[k : k + 2], atoms[k : k + 2] = [lengths[k] + lengths[k + 1]], [atoms[k] + atoms[k + 1]]
    return lengths, atoms


def split(length, atoms, sites, rng):
    """Two halves of a cell: its atoms go to them hypergeometrically, as if each site of it were as likely to be full.

    Returns
    -------
    (length, atoms), (length, atoms)
        The half on the root's side, and the other.
    """
    near = length - length // 2
    there = int(rng.hypergeometric(atoms, length * sites - atoms, near * sites)) if atoms else 0
    return (near, there), (length - near, atoms - there)


def onto_sites(atoms, n_site, rng):
    """Which of so many sites the atoms of a cell are on, bool array (n_site,): every choice is as likely."""
    full = np.zeros(n_site, dtype=bool)
    full[rng.permutation(n_site)[:atoms]] = True
    return full
