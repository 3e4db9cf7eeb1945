"""Crystals of the walls as they were published.  Lengths in Å, angles in degrees.

They are hosts for pictures and for cells of electronic-structure codes.  Nothing hops on them: the sites of the wall's
lithium in the model are those of `coble.lattices.tubules.tubule`, whose density is the measured one.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Published:
    """A crystal from the literature.

    Attributes
    ----------
    spacegroup : int
        Number in the International Tables, standard setting.
    cell : tuple of 6 floats
        a, b, c [Å], α, β, γ [degrees].
    sites : tuple of (symbol, (x, y, z))
        One atom of each orbit, in fractions of the cell.
    axes : tuple of (u, v, w)
        Lattice vectors that may lie along a tubule, in cells; the first is preferred.
    source : str
    """

    spacegroup: int
    cell: tuple
    sites: tuple
    axes: tuple
    source: str

    def atoms(self):
        """One conventional cell, `ase.Atoms`."""
        from ase.spacegroup import crystal

        symbols, places = zip(*self.sites, strict=True)
        return crystal(symbols, places, spacegroup=self.spacegroup, cellpar=self.cell)

    def nearest_A(self):
        """Distance of the closest two atoms [Å]."""
        apart = self.atoms().get_all_distances(mic=True)
        return float(apart[apart > 0].min())


PUBLISHED = {
    # Layers of carbon, lithium between them; the layers lie along the tubule, for lithium moves between them.
    "LiC6": Published(
        191,
        (4.305, 4.305, 3.706, 90.0, 90.0, 120.0),
        (("Li", (0.0, 0.0, 0.0)), ("C", (1 / 3, 0.0, 0.5))),
        ((1, 0, 0), (1, -1, 0)),
        "D. Guerard, A. Herold, Carbon 13, 337 (1975)",
    ),
    # A bcc lattice in layers of which every 13 hold 4 of aluminium.  Axes b and c are those of the standard setting,
    # the other way round from the paper's.  Coordinates: relaxed by density-functional theory at nearly the same
    # cell (Li9Al4_primitive.vasp, github.com/seshasaibehara/casm-alloy-manager), brought to this one; they are the
    # layers k/13 to within 0.01.
    "Li9Al4": Published(
        12,
        (19.1551, 4.4988, 5.4288, 90.0, 107.671, 90.0),
        (
            ("Li", (0.0, 0.0, 0.0)),
            ("Li", (0.0859, 0.0, 0.5312)),
            ("Al", (0.1508, 0.0, 0.0850)),
            ("Li", (0.2329, 0.0, 0.6232)),
            ("Li", (0.3079, 0.0, 0.1430)),
            ("Al", (0.3857, 0.0, 0.7055)),
            ("Li", (0.4564, 0.0, 0.2388)),
        ),
        ((0, 1, 0), (0, 0, 1), (0, 1, 1), (0.5, 0.5, 0), (0.5, 0.5, 2), (0.5, 0.5, -1)),
        "cell: D. A. Hansen, J. F. Smith, Acta Cryst. B 24, 913 (1968); coordinates relaxed by DFT (CASM)",
    ),
    # 6 × 6 × 6 cells of bcc, 80 of 432 sites with silicon, no two of them neighbours.  The orbits are the published
    # ones; their coordinates, 0.2 Å (rms) from those of bcc, were relaxed in the published cell
    # (benchmarks/wall_crystals.py).  Later work finds less lithium in the same frame: Li21Si5 (Nesper and
    # von Schnering, J. Solid State Chem. 70, 48 (1987)), Li17Si4 (Zeilinger et al., Chem. Mater. 25 (2013)).
    "Li22Si5": Published(
        216,
        (18.75, 18.75, 18.75, 90.0, 90.0, 90.0),
        (
            ("Si", (0.1641, 0.1641, 0.1641)),
            ("Si", (0.9169, 0.9169, 0.9169)),
            ("Si", (0.3252, 0.0, 0.0)),
            ("Si", (0.5756, 0.25, 0.25)),
            ("Li", (0.0, 0.0, 0.0)),
            ("Li", (0.0, 0.0, 0.5)),
            ("Li", (0.25, 0.25, 0.25)),
            ("Li", (0.75, 0.75, 0.75)),
            ("Li", (0.0766, 0.0766, 0.0766)),
            ("Li", (0.3202, 0.3202, 0.3202)),
            ("Li", (0.4200, 0.4200, 0.4200)),
            ("Li", (0.5736, 0.5736, 0.5736)),
            ("Li", (0.6729, 0.6729, 0.6729)),
            ("Li", (0.8300, 0.8300, 0.8300)),
            ("Li", (0.0, 0.0, 0.1696)),
            ("Li", (0.0752, 0.25, 0.25)),
            ("Li", (0.0020, 0.1645, 0.1645)),
            ("Li", (0.9879, 0.1591, 0.3409)),
            ("Li", (0.0861, 0.0861, 0.2551)),
            ("Li", (0.0892, 0.0892, 0.7591)),
        ),
        ((0.5, 0.5, 0), (1, 0, 0), (0.5, 0.5, 1)),
        "cell and orbits: H. Axel, H. Schafer, A. Weiss, Z. Naturforsch. 21b, 115 (1966); coordinates relaxed",
    ),
}
