# cython: language_level=3
# cython: freethreading_compatible=True
"""The bonds of a resistor network, row by row: what the exact answer sums over all of them.

Conductances are looked up by the regions of both ends, or given for every edge.  Nothing as long as the list of edges
is made, which on the paper's tubules takes twice the memory of the lattice.  Sums run from the first edge to the last:
they do not depend on the machine.
"""

import numpy as np

from libc.math cimport floor
from libc.stdint cimport int32_t, uint8_t, uint32_t

from coble.lattices.graph._rows import check_rows
from coble.lattices.graph.packing import SITE_BITS, SITE_MASK


cdef struct Rows:  # what loops read; as a local variable it stays in registers
    const uint32_t *indptr
    const uint32_t *edge
    const uint32_t *bond_class  # NULL where classes stand in the edges
    const uint8_t *region
    const double *each  # NULL where conductances are looked up by regions
    const double *table
    const double *step
    Py_ssize_t n_region
    Py_ssize_t n_site
    int bits
    uint32_t mask


cdef inline double _conductance(Rows rows, Py_ssize_t e, Py_ssize_t site) noexcept nogil:
    if rows.each != NULL:
        return rows.each[e]
    return rows.table[rows.region[site] * rows.n_region + rows.region[rows.edge[e] & rows.mask]]


cdef inline double _step(Rows rows, Py_ssize_t e) noexcept nogil:
    return rows.step[rows.bond_class[e] if rows.bond_class != NULL else rows.edge[e] >> rows.bits]


cdef inline const double * _doubles(const double[::1] values) noexcept:
    return &values[0] if values.shape[0] else NULL


cdef inline const uint32_t * _words(const uint32_t[::1] values) noexcept:
    return &values[0] if values.shape[0] else NULL


cdef class Bonds:
    """The bonds of a lattice with their conductances and axial steps.

    Parameters
    ----------
    lattice : Lattice
    conductance : float array (n_region, n_region) or (n_edge,)
        By the regions of both ends, or of every directed edge [1/s].

    Raises
    ------
    ValueError
        For another number of conductances, or for a lattice whose rows do not fit together.
    """

    cdef Rows rows
    cdef tuple held

    def __init__(self, lattice, conductance):
        cdef const uint32_t[::1] indptr = lattice.indptr, edge = lattice.edge, bond_class
        cdef const uint8_t[::1] region = lattice.region
        cdef const double[::1] value = np.ascontiguousarray(conductance, dtype=float).ravel()
        cdef const double[::1] step = np.ascontiguousarray(lattice.steps_A[lattice.step_of_class], dtype=float)
        check_rows(lattice.indptr, lattice.edge, lattice.n_site)
        wanted = (lattice.n_edge,) if np.ndim(conductance) == 1 else (lattice.n_region,) * 2
        if np.shape(conductance) != wanted or (lattice.n_site and lattice.region.max() >= lattice.n_region):
            raise ValueError(
                f"conductances must be of {lattice.n_region} regions or {lattice.n_edge} edges, got "
                f"{np.shape(conductance)}"
            )
        self.rows.indptr, self.rows.edge, self.rows.bond_class = _words(indptr), _words(edge), NULL
        if lattice.wide:
            bond_class = lattice.bond_class
            self.rows.bond_class = _words(bond_class)
        self.rows.region = &region[0] if region.shape[0] else NULL
        self.rows.each = _doubles(value) if np.ndim(conductance) == 1 else NULL
        self.rows.table, self.rows.step = _doubles(value), _doubles(step)
        self.rows.n_region, self.rows.n_site = lattice.n_region, lattice.n_site
        self.rows.bits, self.rows.mask = SITE_BITS, SITE_MASK
        self.held = lattice, value.base, step.base

    def sums(self, part=None):
        """Conductance of every site, and what the field drives into it.

        Parameters
        ----------
        part : float array (n_edge,), optional
            What part of each edge's field drives.

        Returns
        -------
        total, driven : float arrays (n_site,)
        """
        cdef double[::1] total = np.zeros(self.rows.n_site), driven = np.zeros(self.rows.n_site)
        cdef const double[::1] some = np.zeros(0) if part is None else np.ascontiguousarray(part, dtype=float)
        cdef bint whole = part is None
        cdef Rows rows = self.rows
        cdef Py_ssize_t site, e
        cdef double g
        with nogil:
            for site in range(rows.n_site):
                for e in range(rows.indptr[site], rows.indptr[site + 1]):
                    g = _conductance(rows, e, site)
                    total[site] += g
                    driven[site] += g * _step(rows, e) * (1.0 if whole else some[e])
        return np.asarray(total), np.asarray(driven)

    def out_of(self, const double[::1] total, const double[::1] x, double[::1] out):
        """What flows out of every site at potentials x: total_i x_i - Σ_j g_ij x_j, into `out`; returns x · out."""
        cdef Rows rows = self.rows
        cdef Py_ssize_t site, e
        cdef double flow, power = 0.0
        with nogil:
            for site in range(rows.n_site):
                flow = 0.0
                for e in range(rows.indptr[site], rows.indptr[site + 1]):
                    flow += _conductance(rows, e, site) * x[rows.edge[e] & rows.mask]
                out[site] = total[site] * x[site] - flow
                power += x[site] * out[site]
        return power

    def by_regions(self, const double[::1] psi):
        """Axial current and dissipation of all bonds, by the regions of source and target; every bond counts twice.

        Parameters
        ----------
        psi : float array (n_site,)
            Potentials [Å].

        Returns
        -------
        carried, power : float arrays (n_region, n_region)
        """
        cdef Rows rows = self.rows
        cdef double[:, ::1] carried = np.zeros((rows.n_region,) * 2), power = np.zeros((rows.n_region,) * 2)
        cdef Py_ssize_t site, e
        cdef uint32_t target
        cdef double step, tension, flux
        with nogil:
            for site in range(rows.n_site):
                for e in range(rows.indptr[site], rows.indptr[site + 1]):
                    target, step = rows.edge[e] & rows.mask, _step(rows, e)
                    tension = step + psi[target] - psi[site]
                    flux = _conductance(rows, e, site) * tension
                    carried[rows.region[site], rows.region[target]] += flux * step
                    power[rows.region[site], rows.region[target]] += flux * tension
        return np.asarray(carried), np.asarray(power)

    def by_sites(self, const double[::1] psi):
        """Axial current of the bonds of every site, float array (n_site,): every bond counts at both of its ends."""
        cdef Rows rows = self.rows
        cdef double[::1] found = np.zeros(rows.n_site)
        cdef Py_ssize_t site, e
        cdef double step, tension
        with nogil:
            for site in range(rows.n_site):
                for e in range(rows.indptr[site], rows.indptr[site + 1]):
                    step = _step(rows, e)
                    tension = step + psi[rows.edge[e] & rows.mask] - psi[site]
                    found[site] += _conductance(rows, e, site) * tension * step
        return np.asarray(found)

    def by_slabs(
        self, const double[::1] psi, const double[::1] z, const int32_t[::1] slab, Py_ssize_t n_slab, double height
    ):
        """Currents and conductances between regions and slabs along the axis, of each bond once.

        Parameters
        ----------
        psi, z : float arrays (n_site,)
            Potentials, and places along the axis within the period [Å].
        slab : int32 array (n_site,)
            Slab of every site.
        n_slab : int
        height : float
            Of a slab [Å].

        Returns
        -------
        current, capacity : float arrays (n_slab, 2, n_region, n_region)
            By slab and region of the lower end, whether the bond rises by a slab, and region of the upper end; bonds
            within a slab stand by the lower region first.  A short step is one of several in series through a slab.
        """
        cdef Rows rows = self.rows
        cdef double[:, :, :, ::1] current = np.zeros((n_slab, 2, rows.n_region, rows.n_region))
        cdef double[:, :, :, ::1] capacity = np.zeros((n_slab, 2, rows.n_region, rows.n_region))
        cdef Py_ssize_t site, e, here, there, rise
        cdef uint32_t target
        cdef double step, tension, g
        with nogil:
            for site in range(rows.n_site):
                here = rows.region[site]
                for e in range(rows.indptr[site], rows.indptr[site + 1]):
                    target, step = rows.edge[e] & rows.mask, _step(rows, e)
                    there = rows.region[target]
                    if step <= 0 and here >= there:  # most bonds neither rise nor join regions
                        continue
                    # A bond rises by a slab where its end lies beyond the top of its own; 1e-9 is for rounding.
                    rise = 0 if step == 0 else <Py_ssize_t> floor((z[site] + step + 1e-9) / height) - slab[site]
                    if rise < 0 or (rise == 0 and here >= there):
                        continue
                    rise = min(rise, 1)
                    g, tension = _conductance(rows, e, site), step + psi[target] - psi[site]
                    current[slab[site], rise, here, there] += g * tension
                    if tension != 0:
                        capacity[slab[site], rise, here, there] += g * (step / height if rise else 1.0)
        return np.asarray(current), np.asarray(capacity)


def turned(double[::1] way, double factor, const double[::1] down):
    """Way of the next step of conjugate gradients, in place: factor × way + down."""
    cdef Py_ssize_t i
    with nogil:
        for i in range(way.shape[0]):
            way[i] = factor * way[i] + down[i]


def stepped(
    double far,
    const double[::1] way,
    const double[::1] flow,
    const double[::1] inverse,
    double[::1] x,
    double[::1] left,
    double[::1] down,
):
    """One step of conjugate gradients, in place: x goes so far on its way, what is left falls by so much flow.

    Returns
    -------
    square, now : float
        left · left, and left · down with down = inverse × left.
    """
    cdef Py_ssize_t i
    cdef double square = 0.0, now = 0.0
    with nogil:
        for i in range(x.shape[0]):
            x[i] += far * way[i]
            left[i] -= far * flow[i]
            down[i] = inverse[i] * left[i]
            square += left[i] * left[i]
            now += left[i] * down[i]
    return square, now
