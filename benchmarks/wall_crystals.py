"""Do the atoms of the walls' crystals lie where they rest?  Asked of a potential.

`python benchmarks/wall_crystals.py [NAME ...]` displaces the atoms of a primitive cell at random, with and without
regard to its symmetry, relaxes them in the published cell with CHGNet (`pip install chgnet`, with torch; a few
minutes), and prints how far from the stored places they come to rest.  The coordinates of Li22Si5 were found in this
way, from the sites of a bcc crystal; those of LiC6 and Li9Al4 owe the potential nothing.
"""

import sys
import warnings

import numpy as np
from ase.constraints import FixSymmetry
from ase.geometry import find_mic
from ase.optimize import LBFGS
from ase.spacegroup import crystal

from coble.lattices import PUBLISHED

RATTLE_A = 0.1
FORCE_EV_A = 0.005


def primitive(published):
    """Atoms of a primitive cell, along the axes of the published one."""
    symbols, places = zip(*published.sites, strict=True)
    return crystal(symbols, places, spacegroup=published.spacegroup, cellpar=published.cell, primitive_cell=True)


def rms_A(one, other, cell):
    """Distance between two sets of places [Å], their centres brought together."""
    moves = find_mic(one - other, cell)[0]
    return np.sqrt(((moves - moves.mean(axis=0)) ** 2).sum(axis=1).mean())


def main(names):
    from chgnet.model import CHGNet, CHGNetCalculator

    calculator = CHGNetCalculator(CHGNet.load(model_name="0.3.0", verbose=False), use_device="cpu")
    for name in names:
        published = PUBLISHED[name]
        stored = primitive(published)
        for held in (True, False):
            atoms = stored.copy()
            atoms.calc = calculator
            atoms.set_constraint(FixSymmetry(atoms) if held else None)
            atoms.rattle(RATTLE_A / np.sqrt(3), seed=1)
            start = rms_A(atoms.positions, stored.positions, stored.cell)
            LBFGS(atoms, logfile=None).run(fmax=FORCE_EV_A, steps=1000)
            rest = rms_A(atoms.positions, stored.positions, stored.cell)
            print(
                f"{name}, {len(atoms)} atoms, symmetry {'kept' if held else 'free'}: displaced by {start:.3f} Å (rms), "
                f"they rest {rest:.3f} Å from the stored places at {atoms.get_potential_energy():.3f} eV"
            )
        if published.cell[3:] == (90, 90, 90):
            twelfth = published.cell[0] / 12
            bcc = np.rint(stored.positions / twelfth) * twelfth
            print(f"  stored places are {rms_A(stored.positions, bcc, stored.cell):.3f} Å from the sites of bcc")


if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    main(sys.argv[1:] or list(PUBLISHED))
