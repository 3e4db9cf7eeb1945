"""Hops through stacks against their exact networks: python benchmarks/stacks.py [--events 2e7] [--voxels 12].

Two phases of smoothed noise, a gyroid and a tube with a neck, each with an interface, at fields that tilt the gas by
about 0.15 k_BT.  A row: total measured over exact, its error, and deviations of the shares in standard errors.
"""

import sys
from argparse import ArgumentParser
from pathlib import Path

import numpy as np

import coble
from coble.kmc.network.driven import tilt_kT
from coble.models.host import StructureHost

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "helpers"))
from images import gyroid, necked_tube, noise

TILT = 0.15  # rms: half a percent below linear response
NAMES = ("pore", "bulk", "wall")
REGIONS = [
    {"name": "bulk", "diffusivity_cm2_s": 4e-11, "concentration_cm3": 4.63e22},
    {"name": "wall", "diffusivity_cm2_s": 1e-8, "concentration_cm3": 1.65e22},
    {"name": "interface", "diffusivity_cm2_s": 2e-7, "concentration_cm3": 4.63e22},
]


def case_of(labels, **run):
    return coble.Case(
        structure={
            "image": labels.astype(np.uint8),
            "voxel_nm": 0.5,
            "across": "periodic" if labels.min() else "open",
            "labels": {int(value): NAMES[value] for value in np.unique(labels)},
            "interface": {"between": ["bulk", "wall"]},
        },
        region=REGIONS,
        run=run,
    )


def main():
    given = ArgumentParser(description=__doc__)
    given.add_argument("--events", type=float, default=2e7)
    given.add_argument("--voxels", type=int, default=12)
    given = given.parse_args()
    n = given.voxels
    stacks = {
        "noise": noise(n),
        "gyroid": gyroid(n),
        "neck": necked_tube(n // 2, int(0.75 * n), 2 * n, max(2, n // 4)),
    }
    for name, labels in stacks.items():
        host = StructureHost(case_of(labels))
        tilt = tilt_kT(host.solve().potential, host.field_kT_per_A)
        field = min(0.5, round(0.05 * TILT / tilt, 3))
        case = case_of(labels, field_kT=field, max_events=int(given.events), target_error=1e-4)
        found = coble.discriminate(case, quick=True, knowledge=False, target_error=1e-4)["image"]
        exact, total = sum(found.exact.conductance_S_m.values()), found.total_conductance_S_m
        off = {k: (p.share.value - found.exact.shares[k]) / p.share.stderr for k, p in found.paths.items()}
        print(
            f"{name:8} {found.run.sites:8,} sites, {field:g} kT: total {total.value / exact:.4f} ± "
            f"{total.stderr / exact:.4f}; shares off by "
            + ", ".join(f"{k} {value:+.1f}" for k, value in off.items())
            + " standard errors",
            flush=True,
        )


if __name__ == "__main__":
    main()
