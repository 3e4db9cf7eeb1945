"""Files of creep: result.json and, of grains that were measured, creep.png; each is written whole or not at all."""

from coble.inputs.files.given_files import kept_files
from coble.kinds.creep import KIND
from coble.store.files import RESULT, save
from coble.store.provenance import provenance

FILES = (RESULT, "creep.png", "case.toml")
STREAMS = (
    "numpy SeedSequence(seed, spawn_key=(replica, crc32('series, cells, tension'))), spawned in two: placing, running"
)


def as_dict(result, command=None):
    """The content of result.json.

    Parameters
    ----------
    result : CreepResult
    command : list of str, optional
        Command line that made the result; default that of this process.
    """
    return {
        "kind": KIND.name,
        "schema": KIND.version,
        "interrupted": result.interrupted,
        "series": {name: [_point(point) for point in points] for name, points in result.points.items()},
        "exponents": {name: _law(law) for name, law in result.exponents.items()},
        "crossover_nm": _law(result.crossover_nm) if result.crossover_nm else None,
        "own_crossover_nm": result.own_crossover_nm,
        "bulk_diffusivity_cm2_s": result.bulk_cm2_s,
        "worst_sigmas": max(
            (abs(p.strain_rate.sigmas_from(p.exact)) for points in result.points.values() for p in points), default=None
        ),
        "seconds": round(result.seconds, 3),
        "provenance": provenance(result.case, result.settings, STREAMS, command, used=KIND.sections),
    }


def _point(point):
    return {
        "edge_cells": point.load.cells,
        "edge_nm": point.edge_nm,
        "tension_MPa": point.load.tension_MPa,
        "tension_kT": point.tension_kT,
        "strain_rate_1_s": point.strain_rate.as_dict(),
        "exact_1_s": point.exact,
        "continuum_1_s": point.continuum,
        "atoms_to_ends": point.to_ends,
        "atoms_from_sides": point.from_sides,
        "sites": point.n_site,
        "events": point.n_event,
    }


def _law(law):
    return {"measured": law.measured.as_dict(), "exact": law.exact, "theory": law.theory}


def write(folder, result, case_text, command=None, left_out=None, pictures=True):
    """Write every file into `folder`, see `coble.store.files.save`; returns the content of result.json."""
    content = as_dict(result, command)
    measured = any(content["series"].values())
    drawn = {"creep.png": lambda: _figure(content)} if pictures and measured else {}
    return save(folder, content, kept_files(result.case, case_text), drawn, left_out, check=KIND.checked)


def _figure(content):
    from coble.kinds.creep.figures import draw_creep  # matplotlib takes half a second to import

    return draw_creep(content)
