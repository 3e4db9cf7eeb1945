"""The paper's tubule handed over as a structure of a user's own: the same network, and the same shares within errors.

    python benchmarks/own_tubule.py [--width 100] [--wall LiC6] [--error 0.02]

Prints for every path the share of the built-in tubule, of the structure, and of the exact networks of both; the
largest relative difference of the two networks' currents; and how long it took to make the lattice from its atoms.
"""

import argparse
import sys
from pathlib import Path
from time import perf_counter

import numpy as np

from coble import Case
from coble.kinds.discriminate.run import discriminate
from coble.models.host import StructureHost

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "helpers"))
from own_tubule import own_case  # noqa: E402


def main():
    """Compare both, and print it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--width", type=float, default=100.0, help="inner width [nm]")
    parser.add_argument("--thickness", type=float, default=10.0, help="thickness of the wall [nm]")
    parser.add_argument("--wall", default="LiC6")
    parser.add_argument("--error", type=float, default=0.02, help="standard error of every share")
    given = parser.parse_args()
    tubule = {"inner_width_nm": given.width, "wall_thickness_nm": given.thickness}
    case = Case(tubule=tubule, wall=[{"name": given.wall}])
    begun = perf_counter()
    own, host = own_case(case)
    structure = StructureHost(own)
    print(f"{structure.graph.n_site:,} sites, {structure.graph.n_edge:,} edges, {perf_counter() - begun:.1f} s to make")
    one, other = host.solve(), structure.solve()
    print(f"networks differ by {max(abs(other.path[k] / one.path[k] - 1) for k in one.path):.1e} in any path")
    (built_in,) = discriminate(case, quick=True, target_error=given.error, workers=2).walls
    (found,) = discriminate(own, quick=True, target_error=given.error, workers=2, seed=2).walls
    print("path       built-in           structure          exact    apart [σ]")
    for kind, path in built_in.paths.items():
        a, b = path.share, found.paths[int(kind)].share
        sigmas = (b.value - a.value) / np.hypot(a.stderr, b.stderr)
        print(
            f"{built_in.graph.regions[kind]:10} {a.value:.4f} ± {a.stderr:.4f}    {b.value:.4f} ± {b.stderr:.4f}    "
            f"{one.shares[kind]:.4f}   {sigmas:+.2f}"
        )


if __name__ == "__main__":
    main()
