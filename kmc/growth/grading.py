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

    def chain(
        self,
        lengths,
        atoms,
        *,
        rooms=None,
        root=None,
        root_plane=None,
        root_resistance=None,
        plane=None,
        plane_resistance=None,
    ):
        """Cells of these lengths from the root on, as holders and the resistances between them.

        Parameters
        ----------
        lengths : list of int
            [rows]
        atoms : list of int
            In every cell.
        rooms : list of int, optional
            Sites of every cell; those of its rows when left out.
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
        holders : list of (role, atoms, room, sites)
            The cells, then the root's reservoir or plane, then the other plane.
        joints : list of (i, j, resistance [s])
            Those between cells, then that of the root, then that of the plane.
        """
        rooms = [length * self.sites for length in lengths] if rooms is None else rooms
        halves, row = [self.resistance(length) / 2 for length in lengths], self.resistance(0.5)
        holders = [(CELL, n, room, ()) for n, room in zip(atoms, rooms, strict=True)]
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
        return holders, joints


def as_cells(chains, quantum):
    """Some chains, which do not touch, as the cells of one kernel.

    Parameters
    ----------
    chains : list of (holders, joints)
        As `Channel.chain` gives them.
    quantum : float
        Of the kernel's tables [1/s].

    Returns
    -------
    coble.kmc.kernel.cells.Cells
    """
    holders, links = [], []
    for own, joints in chains:
        first = len(holders)
        holders += own
        for i, j, resistance in joints:
            rate = 1 / (resistance * own[i][2] * own[j][2])
            links.append((first + i, first + j, rate, rate))
    return cells(holders, links, quantum)


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


def split(length, atoms, sites, rng, extra=0):
    """Two halves of a cell: its atoms go to them hypergeometrically, as if each site of it were as likely to be full.

    Parameters
    ----------
    length, atoms, sites : int
        Rows, atoms, and sites per row.
    rng : numpy.random.Generator
    extra : int
        Sites of the other half beyond those of its rows.

    Returns
    -------
    (length, atoms), (length, atoms)
        The half on the root's side, and the other.
    """
    near = length - length // 2
    room = length * sites + extra
    there = int(rng.hypergeometric(atoms, room - atoms, near * sites)) if atoms else 0
    return (near, there), (length - near, atoms - there)


def refined(lengths, atoms, sites, rng, extra=0, first=2):
    """Cells so short that the first has at most `first` rows, and each at most twice as many as the one before it.

    Parameters
    ----------
    lengths, atoms : list of int
        From the fine end on.
    sites : int
        Per row.
    rng : numpy.random.Generator
    extra : int
        Sites of the last cell beyond those of its rows.
    first : int

    Returns
    -------
    lengths, atoms : list of int
        The same sums.
    """
    lengths, atoms, k = list(lengths), list(atoms), 0
    while k < len(lengths):
        if lengths[k] > (2 * lengths[k - 1] if k else first):
            more = extra if k == len(lengths) - 1 else 0
            halves = split(lengths[k], atoms[k], sites, rng, more)
            lengths[k : k + 1], atoms[k : k + 1] = ([half[part] for half in halves] for part in (0, 1))
        else:
            k += 1
    return lengths, atoms


def onto_sites(atoms, n_site, rng):
    """Which of so many sites the atoms of a cell are on, bool array (n_site,): every choice is as likely."""
    full = np.zeros(n_site, dtype=bool)
    full[rng.permutation(n_site)[:atoms]] = True
    return full
