"""Ranges of the numbers of a structure of a user's own: barriers, prefactors and diffusivities of its regions."""

import numpy as np
import pytest
from ase import Atoms
from stored import quickly

from coble import Case, CaseError
from coble.inputs.case import parse_case
from coble.inputs.case_text import case_text
from coble.kinds.discriminate import KIND
from coble.kinds.discriminate.knowledge.shares import knowledge_of
from coble.kinds.discriminate.knowledge.simulated import checked
from coble.kinds.discriminate.knowledge.structure_currents import structure_currents_of
from coble.kinds.discriminate.knowledge.tables import deciding
from coble.kinds.discriminate.result import as_dict
from coble.kinds.discriminate.run import discriminate
from coble.kmc.network.driven import driven_occupancy
from coble.lattices import Lattice
from coble.models.host import StructureHost

kT = 8.617333e-5 * 300


def strips(bound, n=6):
    """Two chains along z, 8 Å apart; where they are bound, each site to the one beside it."""
    positions = [[x, 0.0, 3.0 * k] for x in (0.0, 8.0) for k in range(n)]
    atoms = Atoms("Li" * 2 * n, positions, cell=(30.0, 30.0, 3.0 * n), pbc=(False, False, True))
    atoms.set_tags([0] * n + [1] * n)
    return Lattice.from_atoms(atoms, cutoff=8.1 if bound else 3.1, regions={0: "slow", 1: "fast"})


def rule(a, b, **numbers):
    return {"between": (a, b), "prefactor_1_s": 1e13, **numbers}


@pytest.fixture(scope="module")
def parallel():
    """Two chains that do not touch: a barrier known to 0.05 eV, and a rate over a decade."""
    region = [{"name": name, "occupancy": 0.5} for name in ("slow", "fast")]
    fast = {"between": ("fast", "fast"), "rate_1_s": {"low": 1e6, "high": 1e8}, "barrier_eV": 0.35}
    slow = rule("slow", "slow", barrier_eV={"value": 0.35, "stderr": 0.05})
    case = Case(structure=strips(False), region=region, barrier=[slow, fast])
    host = StructureHost(case)
    return host, knowledge_of(host, host.solve())


@pytest.fixture(scope="module")
def bound():
    """The same chains bound to each other, all barriers known to 0.05 eV, two of them the same."""
    region = [{"name": name, "occupancy": 0.5} for name in ("slow", "fast")]
    numbers = [{"value": value, "stderr": 0.05} for value in (0.37, 0.35)]
    rules = [rule("slow", "slow", barrier_eV=numbers[0]), rule("fast", "fast", barrier_eV=numbers[1])]
    rules += [rule("slow", "fast", barrier_eV={"same_as": "barrier[1].barrier_eV"})]
    host = StructureHost(Case(structure=strips(True), region=region, barrier=rules))
    return host, knowledge_of(host, host.solve())


def test_chains_in_parallel_by_hand(parallel):
    """P, quantiles and the turn from rates drawn by numpy; control: 0.05 eV is a factor of 7 at 300 K, and matters."""
    _, known = parallel
    rng, n = np.random.default_rng(5), 400_000
    slow = 1e13 * np.exp(-(0.35 + 0.05 * rng.standard_normal(n)) / kT)
    fast = 1e6 * 100 ** rng.random(n)
    share = fast / (slow + fast)
    assert known.probability["fast"] == pytest.approx(np.mean(share > 0.5), abs=0.01)
    found = known.as_dict()
    assert list(found["shares"]["fast"].values()) == pytest.approx(np.quantile(share, (0.05, 0.5, 0.95)), abs=0.01)
    value = found["turns_at"]["barrier[1].barrier_eV"]
    assert value == pytest.approx(-kT * np.log(1e7 / 1e13), abs=1e-4)
    assert found["turns"]["barrier[1].barrier_eV"] == {"below": "slow", "above": "fast"}
    assert known.error < 1e-6  # logarithms are straight lines
    exact = np.quantile(1e7 / (1e13 * np.exp(-0.35 / kT) + 1e7), 0.5)
    assert abs(found["shares"]["fast"]["p95"] - exact) > 0.2


def test_chains_that_are_bound_beside_exact_networks(bound):
    """At 20 other points of the prior: all but one within the stated error, which is small."""
    host, known = bound
    unknowns = known.currents.unknowns
    assert unknowns.factors == ("barrier[1].barrier_eV", "barrier[2].barrier_eV")
    content = known.as_dict()
    assert tuple(content["prior"]) == tuple(content["sobol"]) == tuple(content["turns_at"]) == unknowns.factors
    assert content["prior"]["barrier[1].barrier_eV"]["ties"] == ["barrier[3].barrier_eV"]
    values = unknowns.at(np.random.default_rng(3).random((20, 2)))
    assert np.array_equal(values["barrier[3].barrier_eV"], values["barrier[1].barrier_eV"])
    stated, off = known.currents.shares(values), []
    for at in range(20):
        exact = StructureHost(unknowns.case_at({key: each[at] for key, each in values.items()})).solve()
        off.append(max(abs(exact.shares[kind] - stated[name][at]) for name, kind in known.currents.region.items()))
    assert np.sort(off)[-2] <= known.error + 1e-9 and known.error < 0.02


def test_simulations_at_points_of_the_prior_agree(bound):
    host, known = bound
    settings = {"seed": 3, "replicas": 2, "target_error": 0.05, "max_events": 1e6}
    with quickly():
        found = checked(known, host, settings, points=4)
    assert found["points"] == 4 and found["rms_z"] < 2.5


def test_a_result_has_both_numbers_and_a_figure(parallel):
    host, known = parallel
    with quickly():
        found, plain = (discriminate(host.case, quick=True, target_error=0.1, knowledge=each) for each in (True, False))
    content = as_dict(found)
    KIND.checked(content)
    (wall,) = content["walls"]
    assert wall["knowledge"]["probability"] == known.probability
    assert (
        "at the stated numbers" in wall["verdict"]["sentence"] and "Given the ranges of" in wall["verdict"]["sentence"]
    )
    assert [table.name for table in KIND.tables(content)][-1] == "knowledge"
    (_, figure), *_ = KIND.figures()["knowledge"]("", content)
    assert "rule" in figure.axes[0].get_title()
    assert "priors" in content["provenance"]["case"]
    assert wall["paths"] == as_dict(plain)["walls"][0]["paths"]  # ranges change no trajectory


def test_a_structure_of_exact_numbers_has_no_knowledge():
    region = [{"name": name, "occupancy": 0.5} for name in ("slow", "fast")]
    case = Case(structure=strips(False), region=region, barrier=[rule(n, n, barrier_eV=0.3) for n in ("slow", "fast")])
    host = StructureHost(case)
    assert knowledge_of(host, host.solve()) is None
    ranged = [rule(name, name, barrier_eV={"low": 0.2, "high": 0.4}) for name in ("slow", "fast")]
    stopped = Case(structure=strips(False), region=region, barrier=ranged)
    host = StructureHost(stopped)
    assert knowledge_of(host, host.solve(), should_stop=lambda: True) is None


def test_diffusivities_of_regions_and_their_text_again():
    """D of one region over a decade, both in parallel: P that it leads is by hand 1 - log10 of where they are equal."""
    region = [
        {"name": "slow", "occupancy": 0.5, "diffusivity_cm2_s": {"low": 1e-9, "high": 1e-8}},
        {"name": "fast", "occupancy": 0.5, "diffusivity_cm2_s": 4e-9},
    ]
    case = Case(structure=strips(False), region=region)
    host = StructureHost(case)
    known = knowledge_of(host, host.solve(), 1024)
    assert known.probability["slow"] == pytest.approx(1 - np.log10(4.0), abs=0.01)
    assert "D of the slow decides: below 4×10⁻⁹ cm²/s region fast carries more than half" in known.sentence
    assert deciding(known.as_dict()) == "D of the slow"
    assert 'diffusivity_cm2_s = { "value"' not in case_text(case) and "low = 1e-09" in case_text(case)


def test_regions_of_an_image_beside_the_formula(tmp_path):
    """A section of a tubule with a sheet: P of c D A, whose shares at the stated numbers are those of the voxels."""
    away = np.hypot(*np.meshgrid(np.arange(22) - 10.5, np.arange(22) - 10.5))
    np.save(tmp_path / "host.npy", np.select([away < 6, away < 9], [2, 1], 0).astype(np.uint8))
    sheet = {"between": ["bulk", "wall"], "name": "interface", "width_angstrom": 2.0}
    section = {"image": str(tmp_path / "host.npy"), "voxel_nm": 0.5, "interface": sheet}
    section["labels"] = {"0": "pore", "1": "wall", "2": "bulk"}
    numbers = {"bulk": (4e-11, 4.63e22), "wall": ({"low": 1e-8, "high": 1e-7}, {"value": 1.65e22, "factor": 1.3})}
    numbers["interface"] = ({"low": 4e-8, "high": 7e-7}, 4.63e22)
    region = [{"name": n, "diffusivity_cm2_s": D, "concentration_cm3": c} for n, (D, c) in numbers.items()]
    host = StructureHost(Case(structure=section, region=region))
    known = knowledge_of(host, host.solve(), 4096)
    part = {host.graph.regions[kind]: share for kind, share in host.formula.items()}
    rng, n = np.random.default_rng(2), 200_000
    wall = part["wall"] * 10 ** (rng.random(n) - 0.5) * np.exp(np.log(1.3) * rng.standard_normal(n))
    sheet = part["interface"] * (7e-7 / 4e-8) ** (rng.random(n) - 0.5)
    expected = np.mean(sheet > wall + part["bulk"])
    assert known.probability["interface"] == pytest.approx(expected, abs=0.01) and 0.3 < expected < 0.9


def test_simulations_of_a_stack_start_where_its_field_leads():
    """At a point of the prior: the mean occupancies of a case that states those numbers, not those of equilibrium."""
    labels = np.repeat(np.where(np.hypot(*np.mgrid[-4:5, -4:5]) < 3, 2, 1)[:, :, None], 8, axis=2)
    labels[:, :, 2:4] = 1

    def host_of(wall):
        numbers = {"bulk": (1e-9, 4.6e22), "wall": (wall, 1.7e22)}
        region = [{"name": n, "diffusivity_cm2_s": D, "concentration_cm3": c} for n, (D, c) in numbers.items()]
        section = {"image": labels, "voxel_nm": 0.5, "labels": {"1": "wall", "2": "bulk"}}
        return StructureHost(Case(structure=section, region=region, run={"field_kT": 0.3}))

    ranged, there = host_of({"low": 1e-10, "high": 1e-8}), host_of(3e-10)
    currents = structure_currents_of(ranged, ranged.solve())
    (key,) = currents.unknowns.factors
    segment = currents.segment_of(ranged, {key: 3e-10})
    driven = driven_occupancy(there.rates.site_occupancy(there.graph), there.solve().potential, there.field_kT_per_A)
    assert segment.starts_at == pytest.approx(driven, abs=1e-9)
    assert np.ptp(driven) > 0.01  # equilibrium has one occupancy


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("barrier_eV = { low = 0.4, high = 0.3 }", "barrier[1].barrier_eV: low: must be below high, got 0.4 and 0.3"),
        ("barrier_eV = { value = 0.3, stderr = 40 }", "barrier[1].barrier_eV: value - stderr: must be"),
        ("prefactor_1_s = { value = 1e13, factor = 1 }", "barrier[1].prefactor_1_s: factor: must be > 1"),
        ("barrier_eV = { same_as = 'barrier[1].barrier_eV' }", "barrier[1].barrier_eV: same_as: must name another"),
    ],
)
def test_bad_ranges_are_one_line_each(text, said):
    head = "[structure]\nfile = 'none.xyz'\n[[barrier]]\nbetween = ['a', 'a']\n"
    with pytest.raises(CaseError) as caught:
        parse_case(head + text + "\n", "mine.toml")
    assert [each.message for each in caught.value.faults if each.line == 5]
    assert said in str(caught.value)
