"""`coble diffuse`: cells crossed, fits, what is written, said and refused."""

import json
from copy import deepcopy
from types import SimpleNamespace

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from command import BAD_CASE, OK, invoke
from matplotlib.figure import Figure
from perfect_crystals import crystal, equal_rates, network, pair_rates

import coble
from coble.kinds.diffuse import KIND
from coble.kinds.diffuse.checks import checks
from coble.kinds.diffuse.figures import plot_arrhenius, plot_tensors
from coble.kinds.diffuse.result import as_dict, write
from coble.kinds.diffuse.run import crystal_of, diffuse
from coble.kinds.diffuse.tables import tables
from coble.kinds.diffuse.words import sentences
from coble.kinds.registry import command_of
from coble.kmc.constants import BOLTZMANN_EV_K
from coble.kmc.devices.crystal import PIECES, WINDOWS, Crystal, Episode, _Squares
from coble.kmc.estimates.arrhenius_fit import arrhenius_fit
from coble.kmc.estimates.estimate import Estimate
from coble.kmc.estimates.tensors import COMPONENTS, principal, six, transport
from coble.kmc.rates.cells_crossed import HALF, in_cells, packed, unpacked

BARRIER_EV, PREFACTOR, EDGE_A = 0.7, 1e13, 3.61
CASE = """\
[structure]
file = "sites.extxyz"
bond_cutoff_angstrom = 2.8
[[region]]
name = "0"
occupancy = 0.96875
[[barrier]]
between = ["0", "0"]
prefactor_1_s = 1e13
barrier_eV = 0.7
[diffuse]
temperatures_K = [900, 700]
target_error = 0.1
[run]
seed = 3
"""


def copper(cells=2):
    return bulk("Cu", "fcc", a=EDGE_A, cubic=True).repeat(cells)


def case_of(**changed):
    data = {
        "structure": {"file": copper(), "bond_cutoff_angstrom": 2.8},
        "region": [{"name": "0", "occupancy": 31 / 32}],
        "barrier": [{"between": ["0", "0"], "prefactor_1_s": PREFACTOR, "barrier_eV": BARRIER_EV}],
        "diffuse": {"temperatures_K": [700, 900], "target_error": 0.1},
    }
    return coble.Case(**{**data, **changed})


@pytest.fixture(scope="module")
def content():
    return as_dict(diffuse(case_of(), seed=2, workers=1))


# ---- cells crossed -------------------------------------------------------------------------------------------------


def test_three_whole_numbers_in_one():
    rng = np.random.default_rng(1)
    cells = rng.integers(-HALF + 1, HALF, (1000, 3))
    assert np.array_equal(unpacked(packed(cells)), cells)
    few = rng.integers(-9, 10, (500, 3))
    assert np.array_equal(unpacked(packed(few).sum()), few.sum(axis=0))


@pytest.mark.parametrize("case", ["fcc", "triclinic"])
def test_cells_crossed_are_the_steps_of_the_same_rates(case):
    if case == "fcc":
        lattice = crystal("fcc", (2, 3, 2))
        rates = equal_rates(lattice, 1.0, 0.4)
    else:
        lattice = network(
            [[4.0, 0, 0], [1.1, 5.0, 0], [0.7, -1.3, 6.0]],
            [[0, 0, 0], [2.5, 2.6, 2.2]],
            [(0, 1, (0, 0, 0)), (0, 1, (-1, 0, 0)), (1, 0, (0, 1, 1))],
            (2, 1, 2),
        )
        rates = pair_rates(lattice, [[0, 2.0], [2.0, 0]], [0.0, 1.0], 3)
    found, same = in_cells(lattice, rates)
    assert np.array_equal(unpacked(found.steps[found.step_class]), lattice.shift)
    np.testing.assert_allclose(same.edge_rates(found), rates.edge_rates(lattice), rtol=1e-14)
    back = found.reverse_edges()
    assert np.array_equal(found.steps[found.step_class][back], -found.steps[found.step_class])


def test_displacements_are_differences_of_positions_and_whole_cells():
    """An atom's path through the kernel, hop by hop, against what is unpacked at its end."""
    lattice = crystal("sc", (3, 3, 3))
    one = Crystal(lattice, equal_rates(lattice, 1.0, 13 / 27))
    replica = one.start(1, (0, 0))
    atoms = np.flatnonzero(replica.started_on)
    start = one._placed(replica.kernel, atoms)
    last, walked = start, np.zeros_like(start)
    for _ in range(300):
        replica.run_events(1)
        now = one._placed(replica.kernel, atoms)
        step = now - last
        moved = np.abs(step).max(axis=1) > 1e-9
        assert moved.sum() == 1 and np.linalg.norm(step[moved]) == pytest.approx(3.0)  # one atom, one bond
        walked, last = walked + step, now
    np.testing.assert_allclose(last - start, walked, atol=1e-9)
    assert np.abs(walked).max() > 9.0  # once round the box, at least
    assert np.array_equal(np.sort(replica.kernel.particles[replica.occupied]), atoms)


def test_windows_are_as_long_as_the_memory():
    """Walkers in wandering cages: the shortest windows see a D that is too large, those that are taken do not."""
    rng, episodes = np.random.default_rng(2), []
    for _ in range(6):
        squares, cage = _Squares(), rng.normal(0, 3, (60, 3))
        for number in range(WINDOWS * (PIECES + 1)):
            fresh = 0.8 * cage + 0.6 * rng.normal(0, 3, cage.shape)  # it forgets in five windows
            squares.add(rng.normal(0, 1, cage.shape) + fresh - cage)
            cage = fresh
            if number % WINDOWS == WINDOWS - 1:
                squares.close()
        pieces = np.array(squares.pieces[1:])
        episodes.append(Episode(60, pieces, pieces, np.ones((PIECES, 1))))
    fake = SimpleNamespace(
        vacancies=False,
        moving=np.ones(3, dtype=bool),
        memoryless=False,
        memoryless_alone=False,
        window_s=1.0,
        fine=1,
        piece_s=float(WINDOWS),
        per_hop=np.ones((1, 6)),
    )
    found = transport(fake, episodes)
    assert found.settled["tracer"]
    assert found.lags["tracer"][0][1].sigmas_from(0.5) > 10
    assert abs(found.tracer["mean"].sigmas_from(0.5)) < 3.5
    assert found.tracer["mean"].stderr < 0.1


def test_fewer_than_one_carrier_is_refused():
    lattice = crystal("sc", (2, 2, 2))
    with pytest.raises(ValueError, match=r"0\.8 vacancies in the mean, fewer than one: repeat its cell"):
        Crystal(lattice, equal_rates(lattice, 1.0, 0.9))


def test_a_tubule_knows_no_cells():
    from coble.lattices import bcc, build_box

    box = build_box(bcc(2.0, "100"), (2, 2, 2))
    assert box.shift is None
    with pytest.raises(ValueError, match="Lattice.from_atoms"):
        Crystal(box, None)


@pytest.mark.parametrize("axis", ["x", "y", "z"])
def test_tensors_are_in_the_frame_of_the_structure(axis):
    """Copper in its skew primitive cell, 0.70 eV in planes across z and 0.75 eV else; three axes of transport."""
    atoms = bulk("Cu", "fcc", a=EDGE_A).repeat(3)
    rule = {"between": ["bulk", "bulk"], "prefactor_1_s": PREFACTOR}
    level = [{"direction": along, "barrier_eV": 0.70} for along in ([1, 1, 0], [1, -1, 0])]
    case = coble.Case(
        structure=coble.Lattice.from_atoms(atoms, cutoff=2.8, axis=axis),
        region=[{"name": "bulk", "occupancy": 1 - 1 / 27}],
        barrier=[rule | each for each in ({"barrier_eV": 0.75}, *level)],
        conditions={"temperature_K": 700},
        diffuse={"target_error": 0.05},
    )
    (point,) = diffuse(case, seed=3).points
    fast, slow = (PREFACTOR * np.exp(-barrier / (BOLTZMANN_EV_K * 700)) for barrier in (0.70, 0.75))
    closed = np.diag([fast + slow, fast + slow, 2 * slow]) * EDGE_A**2 / 2
    np.testing.assert_allclose(point.lone, closed, atol=1e-6 * closed.max())
    np.testing.assert_allclose(point.exact_collective, closed / 26, atol=1e-6 * closed.max())
    for exact, found in ((point.exact_tracer, point.measured.tracer), (closed / 26, point.measured.collective)):
        for name, value in zip(COMPONENTS, six(exact), strict=True):
            assert abs(found[name].value - value) < 5 * found[name].stderr


@pytest.mark.parametrize("axis", ["x", "y", "z"])
def test_memory_is_taken_away_in_the_frame_of_the_structure(axis):
    """Bonds along x alternate between two rates: x + ψ has no drift at any site, and D_xx is that of a series."""
    b, c = np.array([0, 2.1, 0]), np.array([0, 0.8, 2.0])
    atoms = Atoms("Cu2", [(0, 0, 0), (1.2, 0, 0)], cell=[(3, 0, 0), b, c], pbc=True).repeat((2, 3, 3))
    fast, slow, along_b, along_c = rates = 5.0e9, 1.0e8, 2.0e9, 7.0e8  # by length of bond
    rule = {"between": ["bulk", "bulk"], "prefactor_1_s": 1e13}
    case = coble.Case(
        structure=coble.Lattice.from_atoms(atoms, cutoff=2.2, axis=axis),
        region=[{"name": "bulk", "occupancy": 1 / 36}],
        barrier=[rule | {"class": number, "rate_1_s": rate} for number, rate in enumerate(rates)],
    )
    one = crystal_of(case, 300.0)
    closed = along_b * np.outer(b, b) + along_c * np.outer(c, c)
    closed[0, 0] = 9.0 * fast * slow / (fast + slow) / 2
    np.testing.assert_allclose(one.lone.tensor, closed, rtol=1e-9, atol=1e-9 * closed.max())
    lattice = one.lattice
    corrected = one.sites_corrected
    pull = corrected[lattice.target] - corrected[lattice.sources()] + lattice.shift @ one.cell_vectors
    drift = np.zeros((lattice.n_site, 3))
    np.add.at(drift, lattice.sources(), one.rates.edge_rates(lattice)[:, None] * pull)
    assert np.abs(drift).max() < 1e-6 * fast


# ---- fits ----------------------------------------------------------------------------------------------------------


def test_fit_gives_back_the_line_and_its_scatter():
    """Activation energies of 400 series with known errors: z = (found - true) / error has mean 0 and rms 1."""
    rng, kelvin = np.random.default_rng(5), np.array([500.0, 600.0, 800.0, 1100.0])
    true = 2.0 * np.exp(-0.6 / (BOLTZMANN_EV_K * kelvin))
    error = np.array([0.01, 0.03, 0.02, 0.01])
    fits = []
    for z in rng.standard_normal((400, 4)):
        fits.append(
            arrhenius_fit(
                kelvin, [Estimate(d, e, 50) for d, e in zip(true * (1 + error * z), true * error, strict=True)]
            )
        )
    for z in (
        np.array([fit.energy_eV.sigmas_from(0.6) for fit in fits]),
        np.array([np.log(fit.d0.value / 2.0) * fit.d0.value / fit.d0.stderr for fit in fits]),
    ):
        assert abs(z.mean()) < 4 / 20
        assert np.sqrt((z**2).mean()) == pytest.approx(1.0, abs=4 / np.sqrt(800))
    assert np.mean([fit.chi2 for fit in fits]) == pytest.approx(2.0, abs=4 * 2 / 20)
    assert all(fit.degrees_of_freedom == 2 for fit in fits)


def test_fit_of_too_little_is_none():
    one = Estimate(1.0, 0.1, 9)
    assert arrhenius_fit([300.0], [one]) is None
    assert arrhenius_fit([300.0, 400.0], [one, Estimate(0.0, 0.1, 9)]) is None
    exact = arrhenius_fit([300.0, 400.0], [Estimate(1.0, 0.0, 9), Estimate(2.0, 0.0, 9)])
    assert exact.energy_eV.value == pytest.approx(np.log(2) / (1 / 300 - 1 / 400) * BOLTZMANN_EV_K)
    assert exact.energy_eV.stderr == 0 and exact.p_value == 1


# ---- results -------------------------------------------------------------------------------------------------------


def test_result_has_the_layout_that_scripts_read(content):
    assert KIND.checked(content)["kind"] == "diffuse"
    assert [point["temperature_K"] for point in content["temperatures"]] == [700.0, 900.0]
    for point in content["temperatures"]:
        for key in ("tracer_cm2_s", "collective_cm2_s"):
            assert list(point[key]) == ["xx", "yy", "zz", "xy", "xz", "yz"]
            assert set(point[key]["xx"]) == {"value", "stderr", "low", "high", "n_eff", "method"}
        # of a lone vacancy in fcc, D = a² k
        rate = PREFACTOR * np.exp(-BARRIER_EV / (BOLTZMANN_EV_K * point["temperature_K"]))
        assert point["lone_carrier_cm2_s"]["zz"] == pytest.approx(EDGE_A**2 * rate * 1e-16, rel=1e-6)
        assert point["lone_carrier_cm2_s"]["xy"] == 0
        assert point["carrier"] == "vacancy" and point["carriers"] == pytest.approx(1)
        assert point["reason"] == "target error met"
        haven = point["tracer_mean_cm2_s"]["value"] / point["collective_mean_cm2_s"]["value"]
        assert point["haven_ratio"]["value"] == pytest.approx(haven, rel=1e-9)
    energy = content["arrhenius"]["activation_energy_eV"]
    assert abs(energy["value"] - BARRIER_EV) < 4 * energy["stderr"] < 0.1
    assert content["arrhenius"]["lone_carrier_eV"] == pytest.approx(BARRIER_EV, rel=1e-6)
    found = list(checks(content))
    assert not [check for check in found if check.light == "red"]
    assert len(found) >= 12


def test_numbers_do_not_depend_on_workers(content):
    again = as_dict(diffuse(case_of(), seed=2, workers=2))
    assert [p["tracer_cm2_s"] for p in again["temperatures"]] == [p["tracer_cm2_s"] for p in content["temperatures"]]


def test_figures_name_what_they_show(content):
    for plot in (plot_arrhenius, plot_tensors):
        ax = Figure().subplots()
        assert plot(content, ax) is ax and "[" in ax.get_ylabel()
    for draw in KIND.figures().values():
        assert all(isinstance(figure, Figure) for _, figure in draw(None, content))


def test_tracers_of_an_image_are_told_to_have_no_meaning(content):
    """Voxels are no sites of atoms; and what only the digits of the computer leave is printed as 0."""
    image = deepcopy(content)
    image["provenance"]["case"]["structure"]["image"] = "host.png"
    assert "together diffuse at" in KIND.headline(image) and "tracer" not in KIND.headline(image)
    assert "Only the collective D_σ has a meaning" in next(iter(KIND.sentences(image)))
    assert "a tracer diffuses at" in KIND.headline(content)
    assert not any("has a meaning" in said for said in KIND.sentences(content))
    image["temperatures"][0]["tracer_cm2_s"]["xx"] |= {"value": 1.4e-29, "stderr": 4.9e-32}
    rows = next(table for table in KIND.tables(image) if table.name.startswith("tensors")).rows
    assert rows[0][:2] == ["xx", "0"] and rows[1][1] != "0"


def test_stopped_before_it_began():
    found = as_dict(diffuse(case_of(), should_stop=lambda: True))
    assert found["interrupted"] and found["temperatures"] == [] and found["arrhenius"] is None

    assert KIND.checked(found) and "Interrupted" in KIND.headline(found)
    assert list(KIND.tables(found)) and not list(KIND.sentences(found))


def test_a_run_without_a_temperature_draws_nothing(tmp_path):
    write(tmp_path, diffuse(case_of(), should_stop=lambda: True), "")
    assert (tmp_path / "result.json").exists() and not (tmp_path / "diffusion.png").exists()


def test_a_case_without_the_section_tells_what_is_missing():
    case = coble.Case(**{name: getattr(case_of(), name) for name in ("structure", "region", "barrier")})
    found = as_dict(diffuse(case, should_stop=lambda: True))
    found["provenance"] = {"case": case.resolved(KIND.sections)}
    assert "diffuse" not in found["provenance"]["case"]
    assert list(KIND.unreached(found)) == ["300 K"]


def test_event_limit_ends_it():
    found = as_dict(diffuse(case_of(diffuse={"temperatures_K": [700], "target_error": 1e-4}, run={"max_events": 1})))
    (point,) = found["temperatures"]
    assert point["reason"] == "event limit reached" and found["arrhenius"] is None


def test_python_and_command_agree(here):
    copper().write("sites.extxyz")
    (here / "mine.toml").write_text(CASE)
    told = invoke("diffuse", "mine.toml", "--out", "out")
    assert told.exit_code == OK, told.output
    assert "activation energy" in " ".join(told.output.split())
    assert {path.name for path in (here / "out").iterdir()} == {
        "case.toml",
        "diffusion.png",
        "result.json",
        "sites.extxyz",
    }
    written = json.loads((here / "out/result.json").read_text())
    result = coble.diffuse("mine.toml")
    asked = json.loads((result.folder / "result.json").read_text())
    assert asked["temperatures"][0]["tracer_cm2_s"] == written["temperatures"][0]["tracer_cm2_s"]
    assert command_of(coble.load_case("mine.toml")) == (KIND, "diffuse")
    assert invoke("plot", "out").exit_code == OK and (here / "out-plots/diffusion.png").exists()
    assert invoke("check", "mine.toml").exit_code == OK


def turned(*values):
    """A tensor with these principal values, turned about z and then about x, and its axes, float arrays (3, 3)."""
    (c, s), (d, e) = ((np.cos(a), np.sin(a)) for a in np.radians([30, 20]))
    axes = np.array([[1, 0, 0], [0, d, -e], [0, e, d]]) @ np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])
    return axes @ np.diag(values) @ axes.T, axes


def test_principal_values_and_axes():
    tensor, axes = turned(3.0, 1.0, 2.0)
    found = principal(six(tensor), np.full(6, 0.1))
    assert [value for value, *_ in found] == pytest.approx([3, 2, 1])
    for (*_, axis), exact in zip(found, axes.T[[0, 2, 1]], strict=True):
        assert abs(axis @ exact) == pytest.approx(1) and axis[np.argmax(np.abs(axis))] > 0
    error = principal(np.array([3.0, 2.0, 1.0, 0, 0, 0]), np.array([0.3, 0.2, 0.1, 5, 5, 5]))
    assert [each[1] for each in error] == pytest.approx([0.3, 0.2, 0.1])  # those of the components


def test_tensors_that_lie_askew_are_told_along_their_own_axes(content):
    assert not [table.title for table in tables(content) if table.title.startswith("Principal")]
    tensor, _ = turned(3.0, 1.0, 2.0)
    content = deepcopy(content)
    point = content["temperatures"][-1]
    point["lone_carrier_cm2_s"] = dict(zip(COMPONENTS, six(tensor), strict=True))
    for key in ("tracer_cm2_s", "collective_cm2_s"):
        for name, value in zip(COMPONENTS, six(tensor), strict=True):
            point[key][name] |= {"value": value, "stderr": 0.01}
    (table,) = (table for table in tables(content) if table.title.startswith("Principal"))
    assert [row[1].split()[0] for row in table.rows] == ["3.000", "2.000", "1.000"] * 2
    assert "Along (0.87, 0.47, 0.17) the tracer diffuses 3 times as fast as along" in " ".join(sentences(content))


def test_what_is_refused(here):
    (here / "tube.toml").write_text("[diffuse]\n")
    found = invoke("diffuse", "tube.toml")
    assert found.exit_code == BAD_CASE and "structure: is missing" in found.stderr
    copper().write("sites.extxyz")
    text = CASE.split("[[barrier]]")[0] + "diffusivity_cm2_s = 1e-12\n[diffuse]\ntemperatures_K = [300, 400]\n"
    (here / "flat.toml").write_text(text)
    found = invoke("diffuse", "flat.toml")
    assert found.exit_code == BAD_CASE and "activation_energy_eV: is missing" in found.stderr
    (here / "cold.toml").write_text(CASE.replace("[900, 700]", "[900, 900]"))
    assert invoke("diffuse", "cold.toml").exit_code == BAD_CASE
    (here / "rare.toml").write_text(CASE.replace("0.96875", "0.999"))
    found = invoke("diffuse", "rare.toml")
    assert found.exit_code == BAD_CASE and "fewer than one" in found.stderr
