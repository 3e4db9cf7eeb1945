"""Cells that hold many atoms, and the links through which atoms cross, one by one.

A holder is a cell with room for m atoms, a plane of sites of the lattice, or a reservoir whose number of atoms never
changes.  An atom goes from holder i to holder j at

    g N_i (m_j - N_j),

the rate of the partial-exclusion process (Schütz & Sandow, Phys. Rev. E 49, 2726 (1994)): its means and its currents
are those of the one-body network with the same conductances, as for single sites, and at equilibrium N is binomial.
Propensities are whole numbers of quanta: g N_i (m_j - N_j) is ⌊f (N_i (m_j - N_j) 2^s) / 2^64⌋, with f and s of the
link.
"""

from dataclasses import dataclass, fields, replace

import numpy as np

from coble.kmc.kernel.states import whole_numbers

CELL, RESERVOIR, CONTACT = 0, 1, 2
MOST_ROOM = 2**31 - 1  # so that products of two stay below 2^62
LEAST_FACTOR = 2**20  # rates are rounded by at most half a part in it


@dataclass(frozen=True)
class Cells:
    """Holders and their links.

    Attributes
    ----------
    atoms, room : int64 arrays (n_holder,)
        N and m.
    role : uint8 array (n_holder,)
        `CELL`, `RESERVOIR` or `CONTACT`, a plane of sites.
    contact : uint32 array (n,)
        Sites of the planes, of one holder after the other.
    contact_from : uint32 array (n_holder + 1,)
        Where they begin.
    link : uint32 array (n_link, 2)
        Two holders of each.
    factor : uint64 array (n_link, 2)
        f, from the first to the second, and back.
    shift : uint8 array (n_link,)
        s.
    """

    atoms: np.ndarray
    room: np.ndarray
    role: np.ndarray
    contact: np.ndarray
    contact_from: np.ndarray
    link: np.ndarray
    factor: np.ndarray
    shift: np.ndarray

    @property
    def n_holder(self):
        return len(self.room)

    def arrays(self):
        """Dict of the arrays by name."""
        return {each.name: getattr(self, each.name) for each in fields(self)}

    @classmethod
    def of(cls, arrays):
        """The inverse of `arrays`; `KeyError` for what is missing."""
        return cls(**{each.name: arrays[each.name] for each in fields(cls)})

    def at(self, atoms, contact):
        """The same with other atoms, and the sites of planes in another order."""
        return replace(self, atoms=atoms, contact=contact)

    def links_of_holders(self):
        """Links of every holder in compressed rows, (first of each holder, links), uint32 arrays."""
        order = np.argsort(self.link.ravel(), kind="stable")
        counts = np.bincount(self.link.ravel(), minlength=self.n_holder)
        return np.concatenate([[0], np.cumsum(counts)]).astype(np.uint32), (order // 2).astype(np.uint32)

    def most_propensity(self):
        """Bound of the propensity of every link, both ways together, float array (n_link,)."""
        pairs = self.room[self.link].astype(float).prod(axis=1)
        return pairs * (self.factor.astype(float) * 2.0 ** (self.shift[:, None] - 64.0)).sum(axis=1)


def cells(holders, links, quantum):
    """Cells from what they hold and the rates between them.

    Parameters
    ----------
    holders : list of (role, atoms, room, sites)
        Sites of a plane, or nothing.
    links : list of (i, j, there, back)
        Two holders, and the rates g from i to j and from j to i [1/s].
    quantum : float
        Of the kernel's tables [1/s].

    Raises
    ------
    ValueError
        When a rate is too small beside the quantum.
    """
    sites = [np.asarray(each[3], dtype=np.uint32) for each in holders]
    room = np.array([each[2] for each in holders], dtype=np.int64)
    ends = np.array([each[:2] for each in links], dtype=np.uint32).reshape(-1, 2)
    bits = [(int(room[i]) * int(room[j])).bit_length() for i, j in ends]
    factor = [[round(rate / quantum * 2.0**b) for rate in each[2:]] for each, b in zip(links, bits, strict=True)]
    wanted = np.array([each[2:] for each in links]).reshape(-1, 2) > 0
    if (wanted & (np.array(factor).reshape(-1, 2) < LEAST_FACTOR)).any():
        raise ValueError(f"a link between cells is too slow beside a quantum of {quantum:.3g} 1/s")
    return Cells(
        atoms=np.array([each[1] for each in holders], dtype=np.int64),
        room=room,
        role=np.array([each[0] for each in holders], dtype=np.uint8),
        contact=np.concatenate([np.zeros(0, np.uint32), *sites]),
        contact_from=np.concatenate([[0], np.cumsum([len(each) for each in sites])]).astype(np.uint32),
        link=ends,
        factor=np.array(factor, dtype=np.uint64).reshape(-1, 2),
        shift=np.array([64 - b for b in bits], dtype=np.uint8),
    )


NO_CELLS = cells([], [], 1.0)


def checked_cells(given, n_site):
    """The same cells as new arrays, of the types that the loop reads.

    Raises
    ------
    ValueError
        When they cannot be: the loop does not look at bounds.
    """
    n, n_link = len(given.room), len(given.link)
    room = whole_numbers("cells' room", given.room, np.int64, (n,), MOST_ROOM)
    atoms = whole_numbers("cells' atoms", given.atoms, np.int64, (n,), MOST_ROOM)
    role = whole_numbers("cells' roles", given.role, np.uint8, (n,), 3)
    first = whole_numbers("cells' contact_from", given.contact_from, np.uint32, (n + 1,), n_site + 1)
    contact = whole_numbers("cells' sites", given.contact, np.uint32, np.shape(given.contact)[:1], n_site)
    link = whole_numbers("cells' links", given.link, np.uint32, (n_link, 2), max(n, 1))
    factor = whole_numbers("cells' factors", given.factor, np.uint64, (n_link, 2))
    shift = whole_numbers("cells' shifts", given.shift, np.uint8, (n_link,), 64)
    counts = np.diff(first.astype(np.int64))
    if first[0] or first[-1] != len(contact) or (counts < 0).any():
        raise ValueError("cells: the sites of planes do not stand one plane after the other")
    if (atoms > room).any() or (counts != np.where(role == CONTACT, room, 0)).any():
        raise ValueError("cells: a holder has more atoms than room, or a plane other sites than room")
    if len(np.unique(contact)) < len(contact) or (link[:, 0] == link[:, 1]).any():
        raise ValueError("cells: a site is in two planes, or a link leads from a holder to itself")
    bits = [(int(room[i]) * int(room[j])).bit_length() for i, j in link]
    if any(b + s > 64 for b, s in zip(bits, shift.tolist(), strict=True)):
        raise ValueError("cells: a shift is too large for the room of its holders")
    return Cells(atoms, room, role, contact, first, link, factor, shift)
