"""Shares over the ranges of unknown numbers: against a plain formula, the exact network and simulations."""

import json
from dataclasses import replace
from time import perf_counter

import numpy as np
import pytest
from stored import quickly

import coble.kmc.estimates.measure
from coble import Case
from coble.inputs.numbers.words import words_of
from coble.kinds.discriminate import KIND
from coble.kinds.discriminate.knowledge import run as knowledge_run
from coble.kinds.discriminate.knowledge.checks import checks_of_knowledge
from coble.kinds.discriminate.knowledge.shares import knowledge_of, over_prior
from coble.kinds.discriminate.knowledge.simulated import checked, each_point
from coble.kinds.discriminate.knowledge.tables import described
from coble.kinds.discriminate.result import as_dict
from coble.kinds.discriminate.run import discriminate
from coble.kmc.knowledge.priors import unit_cube
from coble.kmc.knowledge.shares import dominance, dominant_of, indices, quantiles, shares_of, turning_point
from coble.kmc.network.continuum import siemens_metre
from coble.kmc.network.exact import solve
from coble.lattices.shapes import SHAPES
from coble.models.host import TubuleHost
from coble.models.tubules.experiment_tubule import speed_per_conductance
from coble.models.tubules.knowledge import of_currents, of_shares, rectification, unknowns_of
from coble.models.tubules.tubule import exchange, shape_of
from coble.render.lights import AMBER, GREEN, RED

PARTS = ("p05", "p50", "p95")
WALLS = ("LiC6", "LiC6-optimistic", "Li9Al4", "Li22Si5")
# What the plain formula below takes: D [cm²/s] of the interface and the bulk, then D and c [cm⁻³] of walls.
INTERFACE, BULK = (4e-8, 7e-7), (4e-11, 8e-11)
RANGES = {"LiC6": (1e-8, 1e-7), "LiC6-optimistic": (1e-8, 1e-7), "Li9Al4": (1e-10, 1e-8), "Li22Si5": (1e-13, 1e-9)}
DENSITY = {"LiC6": 1.65e22, "LiC6-optimistic": 1.65e22, "Li9Al4": 4.0e22, "Li22Si5": 5.3e22}


def plain(wall, w_nm, n=400_000, seed=3):
    """Shares of interface, bulk and wall by c D A with pseudo-random samples: dict of path → float array."""
    rng, W, metal = np.random.default_rng(seed), 100.0, 1e24 / 21.6

    def drawn(low, high):
        return low * (high / low) ** rng.random(n)

    interface = drawn(*INTERFACE) * metal * np.pi * W * 0.2
    bulk = drawn(*BULK) * metal * np.pi * W**2 / 4
    around = drawn(*RANGES[wall]) * DENSITY[wall] * np.pi * ((W / 2 + w_nm) ** 2 - (W / 2) ** 2)
    total = interface + bulk + around
    return {"interface": interface / total, "bulk": bulk / total, "wall": around / total}


def by_formula(case, index=0, n=2**13):
    """Shares over the prior by the formula of the program."""
    unknowns = of_shares(unknowns_of(case, index))
    return shares_of(unknowns.conductances(unknowns.at(unit_cube(len(unknowns.factors), n))))


@pytest.mark.parametrize("w_nm", [10, 20, 28, 60])
@pytest.mark.parametrize("wall", WALLS)
def test_probabilities_and_quantiles_are_those_of_a_plain_formula(wall, w_nm):
    """Within 0.01; control: of another thickness they are not."""
    expected = plain(wall, w_nm)
    case = Case(tubule={"wall_thickness_nm": w_nm}, wall=[{"name": wall}])
    found = by_formula(case)
    p, q = dominance(found), dominance(expected)
    assert all(abs(p[path] - q[path]) < 0.01 for path in q)
    for path, share in expected.items():
        ours, theirs = quantiles(found[path]), np.quantile(share, (0.05, 0.5, 0.95))
        assert np.allclose(list(ours.values()), theirs, atol=0.01), path
    thinner = by_formula(Case(tubule={"wall_thickness_nm": w_nm / 3}, wall=[{"name": wall}]))
    off = [abs(quantiles(thinner[path])[part] - quantiles(found[path])[part]) for path in expected for part in PARTS]
    assert max(off) > 0.02


def test_the_two_numbers_of_the_papers_walls():
    """At the stated numbers Li9Al4 is the interface's beyond doubt; over the ranges three times in four."""
    found = {wall: dominance(by_formula(Case(wall=[{"name": wall}])))["interface"] for wall in WALLS}
    assert found["Li9Al4"] == pytest.approx(0.755, abs=0.01)
    assert found["LiC6"] == pytest.approx(0.12, abs=0.01)
    exact_wall = {"name": "Li9Al4", "diffusivity_cm2_s": 1e-9}  # a plain number is exact
    assert dominance(by_formula(Case(wall=[exact_wall])))["interface"] == pytest.approx(0.90, abs=0.03)


@pytest.fixture(scope="module")
def thin():
    """A wall so thin that it competes with the interface, on a small graph."""
    case = Case(tubule={"inner_width_nm": 8.0, "wall_thickness_nm": 1.5}, wall=[{"name": "LiC6"}])
    host = TubuleHost(case, 0)
    return host, knowledge_of(host, host.solve())


def test_shares_far_from_the_stated_numbers_are_those_of_the_exact_network(thin):
    """At 12 points of the prior, and at its corners: within the stated bound, and within 0.005."""
    host, known = thin
    unknowns = of_shares(known.currents.unknowns)
    points = np.vstack(
        [unit_cube(3, 8, 5), [[0.01, 0.01, 0.99], [0.99, 0.99, 0.01], [0.5, 0.01, 0.5], [0.5, 0.99, 0.99]]]
    )
    values = unknowns.at(points)
    stated, error = known.currents.shares(values), known.currents.error(values)
    nominal, moved = unknowns.conductances({}), unknowns.conductances(values)
    for at in range(len(points)):
        bonds = {
            kind: g * float(moved[region.name][at] / nominal[region.name])
            for (kind, g), region in zip(host.bonds.items(), host.regions.values(), strict=True)
        }
        exact = solve(host.graph, bonds, exchange(host.case))
        total = sum(known.currents.conductances(values).values())[at]
        assert abs(exact.total / total - 1) <= error[at] + 1e-9
        for kind, region in host.regions.items():
            assert exact.shares[kind] == pytest.approx(stated[region.name][at], abs=0.005)
    assert known.error < 0.005


def test_simulations_at_points_of_the_prior_agree(thin, monkeypatch):
    """Four points; fifty are in benchmarks/knowledge.py.  Control: of the stated numbers' shares they are far away."""
    monkeypatch.setattr(coble.kmc.estimates.measure, "BLOCK_EVENTS", 25_000)
    monkeypatch.setattr(coble.kmc.estimates.measure, "BURN_IN_EVENTS", 40_000)
    host, known = thin
    settings = {"seed": 11, "replicas": 2, "target_error": 0.02, "max_events": 4e6}
    found = list(each_point(known, host, settings, 4, lambda: False, lambda *_: None))
    assert len(found) == 4
    for share, expected in found:
        assert share.stderr < 0.04
        assert abs(share.value - expected) < 4 * share.stderr
    nominal = max(known.currents.shares({}).values())
    assert any(abs(share.value - nominal) > 4 * share.stderr for share, _ in found)
    result = checked(known, host, settings | {"max_events": 1e6}, points=2)
    assert result["points"] == 2 and result["rms_z"] < 4


def test_it_costs_no_further_solve(thin):
    host, _ = thin
    solution = host.solve()
    started = perf_counter()
    knowledge_of(host, solution)
    assert perf_counter() - started < 5.0


def test_what_is_stored_says_all_of_it(thin):
    _, known = thin
    content = json.loads(json.dumps(known.as_dict()))
    assert set(content["probability"]) == {"interface", "bulk", "wall", "none"}
    assert sum(content["probability"].values()) == pytest.approx(1.0)
    assert all(found["p05"] <= found["p50"] <= found["p95"] for found in content["shares"].values())
    assert set(content["sobol"]) == set(content["prior"]) == set(content["turns_at"])
    assert all(set(found) == set(content["prior"]) for found in content["sobol_by_quantity"].values())
    assert all(i["first"] <= i["total"] for found in content["sobol_by_path"].values() for i in found.values())
    assert content["checked"] is None
    assert f"with probability {content['probability']['interface']:.2f}" in content["sentence"]
    assert "matters most: with the others as stated, " in content["sentence"]
    assert content["tip_speed_nm_s"]["p05"] < content["tip_speed_nm_s"]["p95"]


def test_numbers_that_are_all_exact_give_certainty():
    case = Case(
        tubule={"inner_width_nm": 4.0, "wall_thickness_nm": 1.5},
        metal={"diffusivity_cm2_s": 4e-11},
        interface={"diffusivity_cm2_s": 2e-7, "occupancy": 0.5},
        wall=[{"name": "LiC6", "diffusivity_cm2_s": 1e-8}],
    )
    host = TubuleHost(case, 0)
    solution = host.solve()
    known = knowledge_of(host, solution, 64)
    assert known.probability["interface"] == 1.0 and known.decides is None
    assert known.as_dict()["sobol"] == known.as_dict()["prior"] == {} and "taken as exact" in known.sentence
    # Every path feeds the tip with the response of its own carriers, as in `coble plate` and `coble design`.
    content, drive = known.as_dict(), 0.05 / (8.617333e-5 * 300)
    response = {"interface": np.tanh(drive / 2) * 2, "wall": (1 - np.exp(-drive)) / (0.99 + 0.01 * np.exp(-drive))}
    response["bulk"] = response["wall"]  # vacancies of 0.01, too
    shares = {path: content["shares"][path]["p50"] for path in response}
    mean = sum(shares[path] * response[path] for path in response) / drive
    linear = (
        content["conductance_S_m"]["p50"] / siemens_metre(1.0, 300.0) * speed_per_conductance(case, host.graph.shape)
    )
    assert content["tip_speed_nm_s"]["p50"] == pytest.approx(linear * mean, rel=1e-4)
    # An occupancy that is not known moves the speed, and no share.
    known_D = {"diffusivity_cm2_s": 2e-7, "occupancy": {"low": 0.1, "high": 0.9}}
    ranged = Case(**dict(case) | {"interface": known_D})
    found = knowledge_of(replace(host, case=ranged), solution)
    content, name = found.as_dict(), "interface.occupancy"
    assert list(content["prior"]) == list(content["sobol"]) == list(content["turns_at"]) == [name]
    assert content["sobol"][name] == {"first": 0.0, "total": 0.0} and content["turns_at"][name] is None
    assert content["sobol_by_quantity"]["tip_speed_nm_s"][name]["total"] == pytest.approx(1.0, abs=0.02)
    assert found.sentence == "All numbers that move a share are taken as exact." and found.decides is None
    p = np.linspace(0.1, 0.9, 10_001)
    speed = shares["interface"] * np.expm1(drive) / (1 + p * np.expm1(drive)) / drive
    speed = linear * (speed + (shares["wall"] + shares["bulk"]) * response["wall"] / drive)
    expected = np.quantile(speed, (0.05, 0.5, 0.95))
    assert list(content["tip_speed_nm_s"].values()) == pytest.approx(expected, rel=0.005)


def test_the_verdict_turns_where_two_conductances_are_equal():
    """By hand: the interface has half when wall and bulk together conduct as much."""
    case = Case(wall=[{"name": "Li9Al4"}])
    unknowns = of_shares(unknowns_of(case, 0))

    def shares_at(x):
        found = shares_of(unknowns.conductances({"wall.diffusivity_cm2_s": x}))
        return {path: np.broadcast_to(share, x.shape) for path, share in found.items()}

    value, below, above = turning_point(shares_at, 1e-9)
    W, w, metal = 100.0, 10.0, 1e24 / 21.6
    rest = 2e-7 * metal * np.pi * W * 0.2 - 4e-11 * metal * np.pi * W**2 / 4
    assert value == pytest.approx(rest / (4.0e22 * np.pi * ((W / 2 + w) ** 2 - (W / 2) ** 2)), rel=1e-6)
    assert (below, above) == ("interface", "none")
    assert turning_point(lambda x: {"a": np.full_like(x, 0.9), "b": np.full_like(x, 0.1)}, 1.0) is None


def test_sobol_indices_of_a_sum_and_a_product():
    """Of a + 3b: 1/10 and 9/10; of (a - ½)(b - ½): 0 first-order and 1 total.  They sum to no more than 1."""
    first, total = indices(lambda x: {"sum": x[:, 0] + 3 * x[:, 1], "flat": np.ones(len(x))}, 2)
    assert first["sum"] == pytest.approx([0.1, 0.9], abs=0.01) and total["sum"] == pytest.approx([0.1, 0.9], abs=0.01)
    assert not first["flat"].any() and not total["flat"].any()
    assert (first["sum"] <= total["sum"]).all()  # each has an error of its own
    first, total = indices(lambda x: {"rounding": 0.1 * x[:, 0] / (0.1 * x[:, 0] + 0.2 * x[:, 0])}, 2)
    assert not first["rounding"].any() and not total["rounding"].any()
    first, total = indices(lambda x: {"product": (x[:, 0] - 0.5) * (x[:, 1] - 0.5)}, 2)
    assert first["product"] == pytest.approx([0, 0], abs=0.02) and total["product"] == pytest.approx([1, 1], abs=0.02)


def test_two_numbers_that_are_the_same_are_one_factor():
    tied = Case(
        interface={"diffusivity_cm2_s": {"low": 4e-8, "high": 7e-7}},
        wall=[{"name": "LiC6", "diffusivity_cm2_s": {"same_as": "interface.diffusivity_cm2_s"}}],
    )
    unknowns = of_shares(unknowns_of(tied, 0))
    assert unknowns.factors == ("metal.diffusivity_cm2_s", "interface.diffusivity_cm2_s")
    values = unknowns.at(unit_cube(2, 64))
    assert np.array_equal(values["wall.diffusivity_cm2_s"], values["interface.diffusivity_cm2_s"])
    shares = shares_of(unknowns.conductances(values))
    assert np.ptp(shares["wall"] / shares["interface"]) < 1e-9  # their ratio no longer varies


TIES = [  # of a case with two walls: what is tied, to what; wall in question; its factor, and the others
    ("wall", "interface", 0, "interface.diffusivity_cm2_s", ["wall.diffusivity_cm2_s"]),
    ("interface", "surface", 0, "interface.diffusivity_cm2_s", ["surface.diffusivity_cm2_s"]),
    ("interface", "wall[1]", 0, "wall.diffusivity_cm2_s", ["interface.diffusivity_cm2_s"]),
    ("interface", "wall[1]", 1, "interface.diffusivity_cm2_s", ["wall[1].diffusivity_cm2_s"]),
    ("metal", "wall[2]", 1, "wall.diffusivity_cm2_s", ["metal.diffusivity_cm2_s"]),
]


@pytest.mark.parametrize(("tied", "other", "index", "factor", "ties"), TIES)
def test_a_tie_is_listed_once_with_what_it_ties(thin, tied, other, index, factor, ties):
    """Priors, indices and turns have the same names."""
    same = {"diffusivity_cm2_s": {"same_as": f"{other}.diffusivity_cm2_s"}}
    walls = [{"name": "LiC6"}, {"name": "Li9Al4"}]
    sections = {tied: same} if tied != "wall" else {}
    walls[0] |= same if tied == "wall" else {}
    unknowns = of_currents(unknowns_of(Case(wall=walls, **sections), index))
    host, known = thin
    content = over_prior(host, replace(known.currents, unknowns=unknowns), 64).as_dict()
    assert list(content["prior"]) == list(content["sobol"]) == list(content["turns_at"])
    assert {key: each["ties"] for key, each in content["prior"].items() if each["ties"]} == {factor: ties}
    form = content["prior"][factor]["form"]
    assert form != "same_as" and described(content["prior"][factor]).endswith(words_of(ties[0])[0])


@pytest.mark.parametrize("shape", SHAPES)
def test_unknown_sizes_are_those_of_the_shape(shape):
    width, thickness = {"low": 20.0, "high": 30.0}, {"value": 5.0, "factor": 1.2}
    case = Case(
        tubule={"shape": shape, "inner_width_nm": width, "wall_thickness_nm": thickness}, wall=[{"name": "LiC6"}]
    )
    unknowns = of_shares(unknowns_of(case, 0))
    values = unknowns.at(unit_cube(len(unknowns.factors), 4))
    for at, found in enumerate(zip(*unknowns.sizes(values), strict=True)):
        tubule = case.tubule.model_copy(
            update={key.split(".")[1]: float(values[key][at]) for key in values if key.startswith("tubule.")}
        )
        there = shape_of(case.model_copy(update={"tubule": tubule}))
        assert found == pytest.approx((there.perimeter, there.bore_area, there.wall_area))


def test_activation_energies_count_away_from_the_temperature_of_their_diffusivity():
    here, there = (
        of_shares(unknowns_of(Case(conditions={"temperature_K": T}, wall=[wall]), 0))
        for T, wall in ((300.0, {"name": "LiC6"}), (350.0, {"name": "LiC6", "activation_energy_eV": 0.4}))
    )
    assert not any("energy" in key for key in here.prior)
    assert {"interface.activation_energy_eV", "metal.activation_energy_eV"} <= set(there.prior)
    found = there.diffusivity("interface", {"interface.activation_energy_eV": np.array([0.26, 0.40])})
    expected = 2e-7 * np.exp(-np.array([0.26, 0.40]) / 8.617333e-5 * (1 / 350 - 1 / 300))
    assert found == pytest.approx(expected, rel=1e-5)


def test_rectification_at_50_mV():
    """(eˣ - 1)/x for few atoms, (1 - e⁻ˣ)/x for few vacancies, tanh(x/2)/(x/2) at one half; 1 without a drive."""
    x = 0.05 / (8.617333e-5 * 300)
    found = rectification(np.array([0.0, 0.5, 1.0]), x)
    assert found == pytest.approx([3.06, np.tanh(x / 2) / (x / 2), 0.44], abs=0.005)
    assert rectification(np.array([0.3]), 0.0) == 1.0


def test_ties_have_no_dominant_path():
    shares = {"a": np.array([0.5, 0.6, 0.2]), "b": np.array([0.5, 0.4, 0.8])}
    assert dominant_of(shares).tolist() == [-1, 0, 1]
    assert dominance(shares) == pytest.approx({"a": 1 / 3, "b": 1 / 3, "none": 1 / 3})
    assert dominance(shares, np.array([0.0, 1.0, 3.0])) == pytest.approx({"a": 0.25, "b": 0.75, "none": 0.0})


@pytest.fixture(scope="module")
def result():
    """A whole result with knowledge, and the same run without: (Discrimination, Discrimination)."""
    patch = pytest.MonkeyPatch()
    patch.setattr(coble.kmc.estimates.measure, "BLOCK_EVENTS", 25_000)
    patch.setattr(coble.kmc.estimates.measure, "BURN_IN_EVENTS", 40_000)
    case = Case(tubule={"inner_width_nm": 4.0, "wall_thickness_nm": 1.5}, wall=[{"name": "Li9Al4"}])
    found = tuple(discriminate(case, quick=True, target_error=0.05, knowledge=known) for known in (True, False))
    patch.undo()
    return found


def test_a_run_is_the_same_with_and_without_it(result):
    known, plain = (as_dict(each) for each in result)
    for key in ("paths", "exact", "kappa_mS_cm", "routes"):
        assert known["walls"][0][key] == plain["walls"][0][key]
    assert "knowledge" in known["walls"][0] and "knowledge" not in plain["walls"][0]
    both = (each["walls"][0]["verdict"] for each in (known, plain))
    one, other = both
    assert (one["dominant"], one["probability"]) == (other["dominant"], other["probability"])
    assert "at the stated numbers" in one["sentence"] and "Given the ranges of D" in one["sentence"]
    assert "ranges" not in other["sentence"]
    assert KIND.again(known)[-1] == "case.toml" and KIND.again(plain)[-1] == "--no-knowledge"


def test_points_of_the_prior_are_simulated_on_the_cores_of_the_run(monkeypatch):
    """No threads besides those that all walls share."""
    monkeypatch.setattr(knowledge_run, "POINTS", 2)
    monkeypatch.delattr(coble.kmc.estimates.measure, "ThreadPoolExecutor")
    case = Case(tubule={"inner_width_nm": 4.0, "wall_thickness_nm": 1.5}, wall=[{"name": "LiC6"}, {"name": "Li9Al4"}])
    with quickly():
        found = discriminate(case, quick=True, target_error=0.05, check_knowledge=True, workers=2)
    content = as_dict(found)
    KIND.checked(content)
    for wall in content["walls"]:
        assert wall["knowledge"]["checked"]["points"] == 2 and wall["knowledge"]["checked"]["rms_z"] < 4
        assert wall["run"]["seconds_by_stage"]["check"] > 0


def test_tables_figure_and_schema_have_it(result):
    known, plain = (as_dict(each) for each in result)
    KIND.checked(known), KIND.checked(plain)
    titles = [table.title for table in KIND.tables(known)]
    assert titles[-1] == "Shares over the ranges of unknown numbers"
    assert [table.title for table in KIND.details(known)][0] == "Unknown numbers"
    (wall,) = known["walls"]
    wall["knowledge"]["interpolation_error"] = 0.196
    assert list(KIND.tables(known))[-1].note.endswith("Shares are good to 20 %.")
    wall["knowledge"]["interpolation_error"] = 3e-14
    assert list(KIND.tables(known))[-1].note.endswith("Shares are good to rounding.")
    assert len(list(KIND.tables(plain))) == len(titles) - 1
    (_, figure), *_ = KIND.figures()["knowledge"]("", known)
    assert len(figure.axes) == 1 and "D of the" in figure.axes[0].get_title()
    with pytest.raises(ValueError, match="no-knowledge"):
        list(KIND.figures()["knowledge"]("here", plain))


def test_checks_look_at_it():
    """A root mean square of 1 is green, one of 3 red, a large interpolation error amber; without knowledge none."""
    known = {"probability": {"wall": 0.4, "none": 0.6}, "interpolation_error": 0.001}
    lights = {}
    for rms, error in ((1.0, 0.001), (3.0, 0.05)):
        content = {"knowledge": known | {"checked": {"points": 16, "rms_z": rms}, "interpolation_error": error}}
        lights[rms] = [check.light for check in checks_of_knowledge("LiC6", content)]
    assert lights == {1.0: [GREEN, GREEN, GREEN], 3.0: [GREEN, AMBER, RED]}
    rough = known | {"checked": None, "interpolation_error": 0.196}
    assert list(checks_of_knowledge("LiC6", {"knowledge": rough}))[1].said == "at most 20 % of the current"
    assert not list(checks_of_knowledge("LiC6", {}))
    assert len(list(checks_of_knowledge("LiC6", {"knowledge": known | {"checked": None}}))) == 2
