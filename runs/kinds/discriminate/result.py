"""Results as files: result.json and result.h5, each written whole or not at all.

`as_dict` gives the content of result.json; table and figures are made from it alone, so they can be made again
without running again.  Layout and units: docs/results.md.
"""

import json
from math import isnan

import numpy as np

from coble.inputs.files.given_files import kept_files
from coble.kinds.discriminate import KIND
from coble.kmc.estimates.waiting_times import EDGES
from coble.kmc.kernel.lowering import path_classes
from coble.render.names import link_of
from coble.render.palette import hex_of
from coble.store.files import RESULT, save, write_hdf5
from coble.store.hdf5 import name_axes
from coble.store.provenance import provenance
from coble.structures.maps import write_maps
from coble.structures.own_structure import own_structure
from coble.structures.structure_file import structure_of_wall, write_structure

FILES = (RESULT, "result.h5", "shares.png", "case.toml")


def as_dict(result, command=None):
    """The content of result.json.

    Parameters
    ----------
    result : Discrimination
    command : list of str, optional
        Command line that made the result; default that of this process.
    """
    made = provenance(result.case, result.settings, STREAMS, command)
    if result.walls:
        made["random"]["kinds"] = {name: kind for kind, name in enumerate(result.walls[0].outline.regions)}
    walls = [_wall(wall) for wall in result.walls]
    if result.case.has_structure:
        colours = {region.name: hex_of(region.colour) for region in result.case.region if region.colour is not None}
        walls = [wall | {"colours": colours} for wall in walls]
    return {
        "kind": KIND.name,
        "schema": KIND.version,
        "interrupted": result.interrupted,
        "seconds": result.seconds,
        "walls": walls,
        "provenance": made,
    }


STREAMS = (
    "numpy SeedSequence(seed, spawn_key=(replica, episode, crc32(name of the wall), purpose)), "
    "spawned in three: placing the atoms, running, rounding their numbers; purpose 0 driven segment, 10 + kind "
    "tracers, 20 + kind path switched off, 60 waiting times; from kind 10 on 100 + kind and 200 + kind; tracers in the "
    "bore have the name 'bore', a structure has that of its file"
)


def _wall(wall):
    run, outline, names = wall.measurement, wall.outline, wall.outline.regions
    return {
        "name": wall.name,
        "paths": {
            names[kind]: {
                "share": _estimate(path.share),
                "conductance_S_m": _estimate(path.conductance_S_m),
                "hops": path.hops,
                "expected_share": _estimate(path.expected_share),
                "control": _estimate(path.control),
                "lost_if_off": _estimate(path.lost_if_off),
                "agreement": dict(zip(("replicas", "halves"), map(_known, path.agreement), strict=True)),
            }
            for kind, path in wall.paths.items()
        },
        "kappa_mS_cm": _estimate(wall.kappa_mS_cm),
        "total_conductance_S_m": _estimate(wall.total_S_m),
        "tracer_cm2_s": {names[k]: _estimate(t.diffusivity_cm2_s) for k, t in wall.tracer.items()},
        "haven_ratio": {names[k]: _estimate(t.haven_ratio) for k, t in wall.tracer.items()},
        "correlation_factor": {names[k]: _estimate(t.correlation_factor) for k, t in wall.tracer.items()},
        "tracer_lags": {
            names[k]: {
                "hops_per_atom": [hops for hops, _ in t.plateau],
                "correlation_factor": [_estimate(found) for _, found in t.plateau],
            }
            for k, t in wall.tracer.items()
        },
        "undone_hops": {names[k]: _estimate(t.undone) for k, t in wall.tracer.items()},
        "waiting_times": wall.waits
        and {
            "events": wall.waits.number,
            "mean_s": wall.waits.mean_s,
            "times_total_propensity": _estimate(wall.waits.mean),
            "edges": EDGES.tolist(),
            "counts": wall.waits.counts.tolist(),
            "beyond": wall.waits.beyond,
            "probability": wall.waits.probability,
        },
        "exact": {
            "shares": _by_name(wall.exact_shares, names),
            "kappa_mS_cm": wall.exact_kappa_mS_cm,
            "conductance_S_m": _by_name(wall.exact_conductance_S_m, names),
            "alone_conductance_S_m": _by_name(wall.alone_conductance_S_m, names),
            "regions_over_total": sum(wall.alone_conductance_S_m.values()) / sum(wall.exact_conductance_S_m.values()),
            "total_lies_between": list(wall.bounds),
        },
        "formula": wall.formula_shares
        and {"shares": _by_name(wall.formula_shares, names), "kappa_mS_cm": wall.formula_kappa_mS_cm},
        "calibration": wall.calibration and _by_name(wall.calibration, names),
        "verdict": {
            "dominant": names[wall.verdict.dominant] if wall.verdict.dominant is not None else None,
            "probability": wall.verdict.probability,
            "sentence": wall.verdict.sentence,
        },
        **({"knowledge": wall.knowledge.as_dict()} if wall.knowledge else {}),
        "routes": [{"regions": list(route.regions), "share": route.share} for route in wall.routes],
        "limiting_cut": wall.cut,
        "network": [
            {"from": list(start), "to": list(end), "current": data["current"]}
            for start, end, data in wall.network.edges(data=True)
        ],
        "run": {
            "reason": wall.reason,
            "events": run.n_event,
            "seconds": round(run.seconds, 3),
            "blocks": run.n_block,
            "block_duration_s": run.block_duration,
            "sites": outline.n_site,
            "segment_A": outline.length_A,
            "seconds_by_stage": wall.seconds,
            "imbalance": outline.imbalance,
            "lattice": wall.notes,
        },
    }


def _by_name(values, names):
    return {names[kind]: float(value) for kind, value in values.items()}


def _known(number):
    """The number; None for one that could not be told."""
    return None if isnan(number) else number


def _estimate(estimate):
    """The estimate as a dict; None for what was not measured."""
    return estimate and estimate.as_dict()


# ---- files ---------------------------------------------------------------------------------------------------


def write(folder, result, case_text, command=None, left_out=None, pictures=True):
    """Write every file of a result into `folder`, see `coble.store.files.save`; returns the content of result.json."""
    content, files, drawn = as_dict(result, command), kept_files(result.case, case_text), {}
    if result.walls:
        files["result.h5"] = lambda path: _write_hdf5(path, result, content)
        drawn = {"shares.png": lambda: _figure(content)} if pictures else {}
    return save(folder, content, files, drawn, left_out, check=KIND.checked)


def _figure(content):
    from coble.kinds.discriminate.pictures.shares import draw_shares  # matplotlib takes half a second to import

    return draw_shares(content)


def _structure(result):
    return own_structure(result) if result.case.has_structure else structure_of_wall(result)


def _write_hdf5(path, result, content):
    def fill(file):
        write_structure(file, _structure(result), link_of(result.walls[-1].name))
        file.attrs["kind"], file.attrs["schema"] = content["kind"], content["schema"]
        file.attrs["interrupted"] = result.interrupted
        file.attrs["provenance"] = json.dumps(content["provenance"])
        for wall, plain in zip(result.walls, content["walls"], strict=True):
            group = file.require_group(link_of(wall.name))
            group.attrs["verdict"] = wall.verdict.sentence
            group.attrs["estimates"] = json.dumps(
                {k: v for k, v in plain.items() if k not in ("run", "routes", "network")}
            )
            group.attrs["run"] = json.dumps(plain["run"])
            _write_counters(group, wall)
            write_maps(group, wall.maps, wall.outline.field_kT_per_A)

    write_hdf5(path, fill)


def _bytes(names):
    """Names as UTF-8, bytes array."""
    return np.array([name.encode() for name in names], dtype="S")


def _write_counters(group, wall):
    """Counters and block series, with units and named axes."""
    run, outline, names = wall.measurement, wall.outline, wall.outline.regions
    regions = group.create_dataset("region", data=_bytes(names))
    classes = [names[a] if a == b else f"{names[a]}|{names[b]}" for a, b in path_classes(len(names)).pairs]
    paths = group.create_dataset("path_class", data=_bytes(classes))
    steps = group.create_dataset("axial_step", data=outline.steps_A)
    steps.attrs["units"], steps.attrs["long_name"] = "angstrom", "axial step of the atom"
    for scale in (regions, paths, steps):
        scale.make_scale(scale.name.rsplit("/", 1)[1])
    for i, (series, looked, counted) in enumerate(
        zip(run.conductance, run.expected.conductance, outline.hops, strict=True)
    ):
        part = group.create_group(f"replica_{i}")
        data = part.create_dataset("flux_conductance", data=series, compression="gzip", shuffle=True)
        data.attrs["units"] = "angstrom/s"
        data.attrs["long_name"] = "c D A of each path, block by block"
        name_axes(data, "block", regions)
        data = part.create_dataset("expected_conductance", data=looked, compression="gzip", shuffle=True)
        data.attrs["units"] = "angstrom/s"
        data.attrs["long_name"] = "the same from the rates of all hops at the end of each block"
        name_axes(data, "block", regions)
        hops = part.create_dataset("hops", data=counted)
        hops.attrs["units"], hops.attrs["long_name"] = "1", "hops by path class and axial step"
        name_axes(hops, paths, steps)
    group.attrs["block_duration_s"] = run.block_duration
    for kind, tracer in wall.tracer.items():
        data = group.create_dataset(f"tracers/{link_of(names[kind])}", data=tracer.squares)
        data.attrs["units"] = "squares of the region's axial step"
        data.attrs["long_name"] = "growth of squared displacements and of squared steps in groups of atoms"
        name_axes(data, "displacement_and_step", "replica", f"group_{link_of(names[kind])}")
    for kind, series in wall.off.items():
        for i, blocks in enumerate(series.conductance):
            data = group.create_dataset(f"off/{link_of(names[kind])}/replica_{i}", data=blocks.sum(axis=1))
            name_axes(data, f"block_{i}")
            data.attrs["units"] = "angstrom/s"
            data.attrs["long_name"] = "c D A of all other paths when this one holds no mobile atoms, block by block"
