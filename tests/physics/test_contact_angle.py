"""Young's equation, cos θ = 2 χ - 1: exactly, from bonds on the lattice, and from the capillary pull on a plug."""

from dataclasses import replace

import numpy as np
import pytest
from checks import assert_within
from tubes import MODEL, A, tube

from coble.kmc.rates.bonds import classify, energies
from coble.lattices import Region, bcc, build_tubule, make_shape

CHI = (0.3, 0.5, 0.7, 1.0)


def bond_energies(sites, model, occupied):
    """Energy of every atom of metal [eV], half of each bond to another and all of those to the wall; 0 in the bulk."""
    code = sites.code(occupied).astype(int)[occupied]
    alone, wet = (
        energies(sites, replace(model, wetting=chi), sites.codes.first)[code] * model.kT_eV
        for chi in (0, model.wetting)
    )
    return (model.kink_eV + alone) / 2 + wet - alone


@pytest.mark.parametrize("chi", CHI)
@pytest.mark.parametrize(("axis", "facet_J_m2"), [("110", 0.5 / 3), ("100", 0.46 / 3), ("111", 0.5 / 3)])
def test_adhesion_over_cohesion_on_a_flat_wall(axis, facet_J_m2, chi):
    """W_adh / 2γ = (1 + cos θ) / 2 = χ to rounding, of a layer of metal on the wall of a slab.

    The wall is (110) for the axes 110 and 111, (100) for 100: every bond that the facet lacks goes to the channel.
    """
    model = replace(MODEL, wetting=chi)
    graph = build_tubule(make_shape("slab", 40.0, 8.0, width=10.0), bcc(A, axis), segment=10.0)
    sites = classify(graph, A)
    metal, x = graph.region == Region.BULK, graph.positions[:, 0]
    planes = np.unique(np.round(x[metal], 3))
    on_wall = metal & (x < planes[6] + 0.1)
    free = metal & (x > planes[2] - 0.1) & (x < planes[8] + 0.1)  # as many planes, two away from the wall
    assert on_wall.sum() == free.sum()
    area = graph.cell[1] * graph.length
    alone, wet = (bond_energies(sites, model, held).sum() / area for held in (free, on_wall))
    adhesion, surface = alone - wet, alone / 2
    assert surface * 16.02 == pytest.approx(facet_J_m2, rel=0.01)
    assert adhesion / (2 * surface) == pytest.approx(chi, rel=1e-9)


def pull_V(small):
    """U at which filling a bore costs nothing, from its bonds: energy per atom of a full one, away from its ends."""
    z, metal = small.graph.z, small.graph.region == Region.BULK
    inner = (z > 3 * A) & (z < z.max() - 3 * A)
    return float(bond_energies(classify(small.graph, A), small.model, metal)[inner[metal]].mean())


def test_the_wall_pulls_on_metal_as_young_says():
    """A plug free at both ends neither grows nor shrinks at U = - cos θ (pull of a wall that is wetted completely).

    The overpotential at which it stands still, from its drift at a few potentials, is a capillary pressure: it gives
    cos θ at 300 K whatever facets the tips have.  An error of χ by 0.03 would be seen.
    """
    full = -pull_V(tube(25.0, 38.0, replace(MODEL, wetting=1.0)))
    assert full > 0.05
    for chi in (0.3, 0.5, 0.7):
        small = tube(25.0, 38.0, replace(MODEL, wetting=chi))
        expected = pull_V(small)
        assert expected == pytest.approx(-(2 * chi - 1) * full, abs=1e-12)
        metal = small.graph.region == Region.BULK
        offset, drift = [], []
        for seed in range(4):
            for shift in (-0.006, 0.0, 0.006):
                growth = small.growth(small.filled(10.5, 28.5, seed), seed, overpotential_V=expected + shift)
                growth.run(1e-7)  # the tips find their shape
                before = growth.occupied[metal].sum()
                growth.run(2.5e-7)
                offset.append(shift)
                drift.append(growth.occupied[metal].sum() - before)
        (slope, at_zero), covariance = np.polyfit(offset, drift, 1, cov=True)
        still, error = expected - at_zero / slope, np.sqrt(covariance[1, 1]) / slope
        assert_within(-still / full, error / full, 2 * chi - 1, scale=1.0, at_most=0.02)
