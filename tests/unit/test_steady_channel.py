"""A plug that starts with a steady current in its channel: occupancies, the first current, refusals."""

import numpy as np
import pytest
from cases import GROWS

from coble import CaseError, parse_case
from coble.kinds.growth.setup import prepare
from coble.kinds.growth.state.steps import atoms_per_nm
from coble.lattices import Region

LENGTH_NM, VOLTS = 12.0, 0.04
STEADY = GROWS + (
    f"depth_nm = 20.0\nmetal_to_nm = {LENGTH_NM}\nuntil_front_nm = 13.0\noverpotential_V = {VOLTS}\n"
    "steady_channel = true\nframes = 0\n"
)


def occupancy(potential_kT, x):
    return x * np.exp(potential_kT) / (1 - x + x * np.exp(potential_kT))


def test_the_channel_falls_evenly_from_the_root_to_coexistence_at_the_tip():
    """Mean over 24 starts, in bins along the axis, against the line; x beyond the tip."""
    growth = prepare(parse_case(STEADY)).growth
    channel, z = growth.channel, growth.graph.z[growth.channel] / 10
    full = np.mean([prepare(parse_case(STEADY), seed).growth.occupied[channel] for seed in range(24)], axis=0)
    root = occupancy(VOLTS / growth.model.kT_eV, 0.5)
    wanted = np.where(z < LENGTH_NM, root + (0.5 - root) * z / LENGTH_NM, 0.5)
    assert root > 0.8
    for low in range(0, 18, 2):
        here = (z >= low) & (z < low + 2)
        error = 0.5 / np.sqrt(24 * here.sum())
        assert error < 0.01
        assert abs((full - wanted)[here].mean()) < 4 * error


def test_a_wall_that_conducts_has_the_channel_s_potential():
    text = STEADY.replace('name = "inert"', 'name = "LiC6"') + "[interface]\noccupancy = 0.3\n"
    graph = prepare(parse_case(text)).growth.graph
    starts = [prepare(parse_case(text), seed).growth for seed in range(10)]
    full = np.mean([growth.occupied for growth in starts], axis=0)
    model = starts[0].model
    near = (graph.z > 40) & (graph.z < 60)
    for region, x in ((Region.INTERFACE, model.channel_occupancy), (Region.WALL, model.wall_occupancy)):
        sites = near & (graph.region == region)
        way = 1 - graph.z[sites] / 10 / LENGTH_NM
        root = occupancy(VOLTS / model.kT_eV, 0.3)
        channel = 0.3 + (root - 0.3) * way
        odds = channel / (1 - channel) * 0.7 / 0.3
        wanted = x * odds / (1 - x + x * odds)
        error = np.sqrt((wanted * (1 - wanted)).sum() / 10) / sites.sum()
        assert abs(full[sites].mean() - wanted.mean()) < 4 * error < 0.06


def test_a_root_that_is_full_starts_full():
    """At 1 V every site of the root is full in floating-point numbers, too."""
    growth = prepare(parse_case(STEADY.replace(f"overpotential_V = {VOLTS}", "overpotential_V = 1.0"))).growth
    assert growth.occupied[growth.channel[growth.graph.z[growth.channel] == 0]].all()


def test_the_current_is_steady_from_the_first_moment_on():
    """What comes in while the channel would fill, against its conductance; else it is more than that."""

    def came(text):
        found = []
        for seed in range(16):
            growth = prepare(parse_case(text), seed).growth
            growth.run(1e-7)
            found.append(growth.inserted_minus_removed)
        return np.mean(found), np.std(found, ddof=1) / np.sqrt(len(found))

    run = prepare(parse_case(STEADY))
    (steady, error), (filling, _) = came(STEADY), came(STEADY.replace("true", "false"))
    wanted = run.law["b_nm2_s"] / LENGTH_NM * atoms_per_nm(run.growth.graph) * 1e-7
    assert error < 0.2 * wanted
    assert abs(steady - wanted) < 4 * error
    assert filling > 2 * steady


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ("current_pA = 10.0\n", "must be false with currents or steps"),
        ("overpotential_V = -0.1\n", "must be false with an overpotential that does not plate"),
        ("metal_from_nm = 1.0\n", "must be false with an empty stretch at the root"),
        ("metal_to_nm = 0.0\n", "must be false with an empty stretch at the root"),
        ("space_nm = 1.0\n", "must be false with space_nm > 0"),
    ],
)
def test_what_a_steady_channel_does_not_go_with_is_refused(keys, said):
    name = keys.split(" =")[0]
    text = "".join(line for line in STEADY.splitlines(keepends=True) if not line.startswith(name)) + keys
    if "current" in keys:
        text = text.replace(f"overpotential_V = {VOLTS}\n", "")
    with pytest.raises(CaseError) as error:
        parse_case(text)
    assert f"growth.steady_channel: {said}" in str(error.value)
