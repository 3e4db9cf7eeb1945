"""Files of a run in which metal grows or shrinks: checkpoint, result.json, result.h5, trajectory.extxyz, growth.png.

Each file is written whole or not at all.  The figure is made from the content of result.json alone.
"""

import json
from functools import cache
from pathlib import Path

from coble.inputs.files.given_files import kept_files
from coble.inputs.growth.steps import PACKED
from coble.kinds.growth import KIND
from coble.kinds.growth.law_terms import extended_law
from coble.kinds.growth.state.checkpoints import CHECKPOINT, PREVIOUS, Keeper
from coble.kmc.constants import CM2_IN_A2
from coble.models.tubules.freezing import frozen
from coble.models.tubules.tubule import NM
from coble.store.files import RESULT, save, write_hdf5
from coble.store.provenance import provenance
from coble.structures.extxyz import COLUMNS, write_extxyz
from coble.structures.structure_file import structure_of_growth, write_structure

FILES = (RESULT, "result.h5", "trajectory.extxyz", "growth.png", "case.toml", CHECKPOINT, PREVIOUS)
STREAMS = (
    "numpy SeedSequence(seed, spawn_key=(purpose,)); purpose 0 obstacles, 1 placing the atoms, 2 running; "
    "(3, n) wait n for a slip"
)


def as_dict(run, command=None):
    """The content of result.json.

    Parameters
    ----------
    run : Plating
    command : list of str, optional
        Command line that made the result; default that of this process.
    """
    series, growth = run.series, run.growth
    kernel = growth.kernel
    return {
        "kind": KIND.name,
        "schema": KIND.version,
        "interrupted": not run.reason,
        "reason": run.reason or "interrupted",
        "series": {
            "time_s": series.time_s,
            "overpotential_V": series.overpotential_V,
            "front_nm": series.front_nm,
            "void_nm": series.void_nm,
            "atoms": series.atoms,
            "inserted_minus_removed": series.inserted_minus_removed,
            "filled": series.filled,
            "charge_fC": series.charge_fC(),
            "charge_mAh_cm2": series.charge_mAh_cm2(area_cm2(run)),
            "wall_lithiation": series.wall_lithiation,
            "current_A": series.current_A(),
            "marker_displacement_nm": series.marker_displacement_nm,
            "front_nm_by_bore": series.front_nm_by_bore,
            "void_nm_by_bore": series.void_nm_by_bore,
            "atoms_by_bore": series.atoms_by_bore,
            "atoms_outside": series.atoms_outside,
        },
        "incubation_s": run.incubation_s,
        "fit": {name: estimate and estimate.as_dict() for name, estimate in run.fit().items()},
        "law": run.law | extended_law(run),
        "crystal": growth.crystal(),
        "filled_behind_tip": growth.filled(behind_A=run.case.tubule.inner_width_nm * NM),
        "channel": run.channel_potential(),
        "events": int(kernel.n_event),
        "events_per_s": kernel.n_event / run.seconds if run.seconds else 0.0,
        "hops": growth.hops(),
        "exchanges": int(kernel.exchanges.sum()),
        "limiting_current_pA": run.program.limiting_pA if run.program else None,
        "slips": growth.slip.n_slip if growth.slip else 0,
        "graded": growth.graded.said() if growth.graded else None,
        "slowing": growth.slowing.said() if growth.slowing else None,
        "accelerated": left_out(growth),
        "half_cycles": run.half_cycles,
        "run": {
            "seconds": round(run.seconds, 3),
            "sites": growth.graph.n_site,
            "codes": growth.sites.codes.n_code,
            "lattice": growth.graph.notes,
            "mobilities_1_s": vars(growth.mobilities),
            "hops_dropped_below_1_s": growth.dropped_below,
        },
        "provenance": provenance(run.case, {"seed": run.seed}, STREAMS, command, used=KIND.sections),
    }


def area_cm2(run):
    """Area that the tubules of the packing take up [cm²]; None for one without a packing."""
    if run.case.tubule.shape not in PACKED:
        return None
    return float(run.growth.graph.cell[0] * run.growth.graph.cell[1]) / CM2_IN_A2


def left_out(growth):
    """What was not simulated hop by hop, in words, or None."""
    which = "sites of the empty bore" if growth.graded else "sites"
    said = [frozen(growth.ahead_A / NM, which)] if growth.ahead_A else []
    if growth.graded:
        found = growth.graded.said()
        said.append(
            f"Farther than {found['fine_nm']:g} nm from the tip the channel is in cells of many sites, in which "
            "atoms have no positions: mean currents, whole atoms and fluctuations stay. "
            "The metal along them exchanges none with it; it would carry at most "
            f"{found['left_out']:.2g} of the channel's current."
        )
    if growth.slowing:
        said.append(slowed(growth.slowing.said()))
    return " ".join(said) or None


def slowed(found):
    """What was slowed, and what that cost, in words."""
    wanted = f", to lower the speed by {100 * found['growth_error']:g} % at most" if found["growth_error"] else ""
    said = f"Hops on the metal's surface are slower by a factor, {found['factor']:.3g} at the end{wanted}. "
    if found["speed_lower_by"] is None:
        return said + "The run is too short to compare it with stretches without."
    part, error = (100 * found[key] for key in ("speed_lower_by", "speed_lower_by_stderr"))
    return said + (
        f"By the channel's occupancy at the tip, in {found['compared']} stretches with it and as many without, the "
        f"speed is lower by {part:.1f} ± {error:.1f} %."
    )


def write(folder, run, case_text, command=None, left_out=None, pictures=True, keep=None):
    """Write every file of a run into `folder`, see `coble.store.files.save`; returns the content of result.json.

    The checkpoint comes first: from it the rest can be made again, and a finished run can be extended.  `keep` writes
    it, a `coble.kinds.growth.state.checkpoints.Keeper` of this folder unless given.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    keep = keep or Keeper(folder, lambda text: None)  # it is said at the end, with what else is missing
    missing = {} if keep(run) else {CHECKPOINT: keep.fault}
    content = as_dict(run, command)
    structure = cache(lambda: structure_of_growth(run))
    files = {
        **kept_files(run.case, case_text),
        "result.h5": lambda path: _write_hdf5(path, structure(), content),
        "trajectory.extxyz": lambda path: _write_trajectory(path, structure()),
    }
    drawn = {"growth.png": lambda: _figure(content)} if pictures else {}
    return save(folder, content, files, drawn, left_out, missing, check=KIND.checked)


def _write_trajectory(path, structure):
    columns = COLUMNS if structure.graded is None else (*COLUMNS, "graded")
    write_extxyz(path, map(structure.atoms, range(structure.n_frame)), columns)


def _figure(content):
    from coble.kinds.growth.figures import draw_growth  # matplotlib takes half a second to import

    return draw_growth(content)


def _write_hdf5(path, structure, content):
    def fill(file):
        write_structure(file, structure)
        file.attrs["kind"], file.attrs["schema"] = content["kind"], content["schema"]
        file.attrs["interrupted"] = content["interrupted"]
        file.attrs["provenance"] = json.dumps(content["provenance"])

    write_hdf5(path, fill)
