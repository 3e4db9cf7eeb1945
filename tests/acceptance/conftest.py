"""What several acceptance tests look at, made once."""

import json
from dataclasses import dataclass

import pytest

import coble.kmc.estimates.measure
from coble import Case, paper_case
from coble.kinds.discriminate.run import discriminate
from coble.kmc.network import exact as network
from coble.kmc.rates.calibration import calibrate
from coble.kmc.rates.table import RateTable, rate_table
from coble.lattices import Lattice
from coble.models.tubules.tubule import graph_of, lattice_constants, regions


@dataclass(frozen=True)
class Prepared:
    """A case ready to be run, and its exact solution."""

    graph: Lattice
    parts: dict
    calibration: dict
    rates: RateTable
    exact: network.NetworkSolution


@pytest.fixture(scope="session")
def prepare():
    """From a case to the graph, rates and exact solution of its first wall."""

    def build(case):
        wall, section = case.walls[0], case.wall[0]
        graph = graph_of(case, wall)
        parts = regions(case, wall, section, graph.shape)
        calibration = calibrate(graph, parts, lattice_constants(case, wall))
        bonds = {kind: found.bond_conductance for kind, found in calibration.items()}
        rates = rate_table(bonds, {kind: region.occupancy for kind, region in parts.items()})
        return Prepared(graph, parts, calibration, rates, network.solve(graph, bonds))

    return build


@pytest.fixture(scope="session")
def answer():
    """`discriminate` without tracers and knock-outs; who asks the same again gets the same result.

    The field is four times the usual one, so that a sixteenth of the events gives the same error; what is not linear in
    it would show as a wrong share.  The burn-in is six hops of every carrier in a tubule of 20 nm.  The error that is
    asked for stays, and who does not reach it with few blocks runs more of them.
    """
    kept = {}

    def ask(target_error=0.01, **sections):
        key = json.dumps([target_error, sections], sort_keys=True)
        if key not in kept:
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(coble.kmc.estimates.measure, "BLOCK_EVENTS", 15_000)
                patch.setattr(coble.kmc.estimates.measure, "BURN_IN_EVENTS", 30_000)
                case = Case(**sections, run={"field_kT": 0.2})
                kept[key] = discriminate(case, workers=2, target_error=target_error, quick=True)
        return kept[key]

    return ask


@pytest.fixture(scope="session")
def paper():
    """The paper's tubule and walls, at the standard errors of a first look.

    Four periods of the lattice along the axis, and the field of `answer`.
    """
    whole = paper_case()
    case = whole.model_copy(
        update={
            "tubule": whole.tubule.model_copy(update={"segment_nm": 1.0}),
            "run": whole.run.model_copy(update={"field_kT": 0.2}),
        }
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(coble.kmc.estimates.measure, "BLOCK_EVENTS", 10_000)
        patch.setattr(coble.kmc.estimates.measure, "BURN_IN_EVENTS", 30_000)
        return discriminate(case, workers=2, quick=True)
