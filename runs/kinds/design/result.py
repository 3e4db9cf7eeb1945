"""Files of `coble design`: result.json and design.png, each written whole or not at all.

Table and figure are made from the content of result.json alone.
"""

from dataclasses import asdict

import numpy as np

from coble.inputs.files.given_files import kept_files
from coble.kinds.design import KIND
from coble.kmc.devices import cell
from coble.kmc.estimates.estimate import Estimate
from coble.store.files import RESULT, save
from coble.store.provenance import provenance

FILES = (RESULT, "design.png", "case.toml")
STREAMS = (
    "numpy SeedSequence(seed, spawn_key=...): scrambles of Sobol's sequence (i, 50), chunks of sampled tubules "
    "(i, 51), their tail (0, 52)"
)
SHOWN_BINS = 100  # histograms are merged to about so many bins
WALLS_NM = tuple(float(w) for w in np.round(np.geomspace(2, 300, 60), 2))


def as_dict(found, command=None):
    """The content of result.json.

    Parameters
    ----------
    found : Design
    command : list of str, optional
        Command line that made the result; default that of this process.
    """
    case, settings = found.case, {"seed": found.seed, "samples": found.case.design.samples}
    return {
        "kind": KIND.name,
        "schema": KIND.version,
        "interrupted": found.interrupted,
        "packing": found.packing.name,
        "needed_mS_cm": found.needed_mS_cm,
        **found.common,
        "packings": list(found.packings),
        "walls": [_wall(each, found) for each in found.walls],
        "paper": [asdict(claim) | {"off": claim.off} for claim in found.claims],
        "provenance": provenance(case, settings, STREAMS, command, used=KIND.sections),
    }


def _wall(wall, found):
    tubule = found.case.tubule
    paths, width = wall.paths, tubule.inner_width_nm
    curve = [cell.matrix_mS_cm(found.packing, paths.wall_mS_cm.value, paths.sheet.value, width, w) for w in WALLS_NM]
    plain = ("kappa_mS_cm", "matrix_mS_cm", "fill_of_wall_alone", "pitch_of_interface_alone_nm", "conductance_S_cm2")
    more = ("needed_V", "depth_limit_um", "needed_MPa", "interface_growth_nm2_s", "growth_nm2_s")
    return {
        "name": paths.wall,
        "source": paths.source,
        "wall_mS_cm": _plain(paths.wall_mS_cm),
        "sheet_mS_nm_cm": _plain(paths.sheet),
        **{key: _plain(getattr(wall, key)) for key in plain + more},
        "wall_alone_nm": _ends(wall.wall_alone_nm),
        "wall_nm": _ends(wall.wall_nm),
        "over_wall_thickness": {"wall_nm": list(WALLS_NM), "mS_cm": curve},
        "tips": [
            {
                "depth_um": both.depth_um,
                "speed_nm_s": _plain(both.speed_nm_s),
                "time_s": _plain(both.time_s),
                "interface_speed_nm_s": _plain(alone.speed_nm_s),
                "interface_time_s": _plain(alone.time_s),
            }
            for both, alone in zip(wall.tips, wall.interface_tips, strict=True)
        ],
        "matrix": _matrix(wall.matrix),
    }


def _matrix(matrix):
    sampled, burst = matrix.sampled, matrix.burst
    charges, volts, full = ([float(x) for x in each] for each in zip(*matrix.curve, strict=True))
    return {
        "state_of_charge": matrix.charge,
        "overpotential_V": _plain(matrix.overpotential_V),
        "overpotential_if_alike_V": matrix.alike_V,
        "usable_state_of_charge": _plain(matrix.usable),
        "charge_curve": {"state_of_charge": charges, "overpotential_V": volts, "full": full},
        "sampled": {
            "tubules": sampled.n,
            "state_of_charge": _plain(sampled.charge),
            "full": sampled.full,
            "current_variation": sampled.variation,
        },
        "mean_current_pA": matrix.mean_current_pA,
        "current_over_mean": _histogram(sampled.current),
        "pressure_MPa": matrix.pressure_MPa,
        "pressure_over_full": _histogram(sampled.pressure),
        "tension_over_pressure": _histogram(sampled.burden),
        "burst": {
            "needed_strength_MPa": _plain(burst.needed_MPa),
            "weakest_95_MPa": [burst.low_MPa, burst.high_MPa],
            "weakest_median_MPa": burst.median_MPa,
            "if_blocked_MPa": burst.if_blocked_MPa,
            "typical_MPa": burst.typical_MPa,
            "weakest": {
                "inner_width_nm": burst.inner_width_nm,
                "wall_thickness_nm": burst.wall_thickness_nm,
                "relative_strength": burst.relative_strength,
            },
            "expected": _plain(burst.expected),
            "tail": {"tension_MPa": [x for x, _ in burst.curve], "part": [p for _, p in burst.curve]},
        },
    }


def _histogram(histogram):
    """Quantiles, and the bins that hold anything, merged."""
    filled = np.flatnonzero(histogram.counts)
    if not len(filled):
        return {"quantiles": None, "edges": [], "counts": []}
    first, last = filled[0], filled[-1] + 1
    step = max((last - first) // SHOWN_BINS, 1)
    starts = np.arange(first, last, step)
    return {
        "quantiles": {f"{q:g}": histogram.quantile(q) for q in (0.05, 0.25, 0.5, 0.75, 0.95)},
        "edges": [float(e) for e in histogram.edges[[*starts, last]]],
        "counts": [int(n) for n in np.add.reduceat(histogram.counts[:last], starts)],
    }


def _ends(pair):
    return pair and [_plain(end) for end in pair]


def _plain(estimate: Estimate | None):
    return estimate and estimate.as_dict()


def write(folder, found, case_text, command=None, left_out=None, pictures=True):
    """Write every file into `folder`, see `coble.store.files.save`; returns the content of result.json."""
    content = as_dict(found, command)
    drawn = {"design.png": lambda: _figure(content)} if pictures else {}
    return save(folder, content, kept_files(found.case, case_text), drawn, left_out, check=KIND.checked)


def _figure(content):
    from coble.kinds.design.figures import draw_design  # matplotlib takes half a second to import

    return draw_design(content)
