"""`coble design`: what it prints, writes and refuses."""

import io
import json
import re
import shutil
from functools import cache

import numpy as np
import pytest
from checks import assert_within
from command import BAD_CASE, OK, SMALL, USAGE, invoke, told
from rich.console import Console, Group

from coble import parse_case
from coble.inputs.case import load_case, shipped
from coble.kinds.design.figures import draw_design
from coble.kinds.design.packings import packing_named
from coble.kinds.design.result import FILES, write
from coble.kinds.design.run import design
from coble.kinds.growth.setup import prepare
from coble.kinds.registry import kind_of
from coble.kmc.constants import BOLTZMANN_EV_K
from coble.kmc.devices.cell import matrix_mS_cm
from coble.render.terminal import answer

CELL = """\
[[wall]]
name = "LiC6"
[design]
samples = 2e4
"""
SCATTERS = ("inner_width", "wall_thickness", "diffusivity", "strength")


@pytest.fixture(autouse=True)
def cell(here):
    (here / "cell.toml").write_text(CELL)
    return here


def content_of(folder):
    return json.loads((folder / "result.json").read_text(encoding="utf-8"))


# --- A design ---


def test_design_writes_every_file_and_shows_tables(cell):
    found = invoke("design", "cell.toml", "--out", "o", "--paper")
    assert found.exit_code == OK, found.stderr
    assert sorted(path.name for path in (cell / "o").iterdir()) == sorted(FILES)
    for word in (
        "eq. (1)",
        "[mS/cm of cell]",
        "[MPa]",
        "round pores, hexagonal",
        "10¹⁰ tubules",
        "LiC6",
        "Written to o",
    ):
        assert word in found.stdout, word
    assert "numbers that differ from ours" not in found.stdout  # the paper's numbers belong to the paper's case
    content = content_of(cell / "o")
    assert content["kind"] == "design" and content["paper"] == []
    assert [wall["name"] for wall in content["walls"]] == ["LiC6"]
    assert (cell / "o/case.toml").read_text() == CELL
    assert len(draw_design(content).axes) == 6
    assert invoke("plot", "o").exit_code == OK and (cell / "o-plots/design.png").exists()
    assert kind_of(content).checked(content) is content
    console = Console(file=io.StringIO(), width=70)
    console.print(Group(*answer(kind_of(content), content)))
    assert max(map(len, console.file.getvalue().splitlines())) <= 70 and "…" not in console.file.getvalue()


def test_the_papers_case_is_held_against_the_paper(cell, monkeypatch):
    text = shipped("design").read_text(encoding="utf-8").replace("= 1e7", "= 1e4")
    (cell / "fast.toml").write_text(text + "[[wall]]\nname = 'inert'\n")
    for module in ("coble.inputs.case", "coble.kinds.design.run"):
        monkeypatch.setattr(f"{module}.shipped", lambda name=None: cell / "fast.toml")
    found = invoke("design", "--out", "o", "--paper")
    assert found.exit_code == OK, found.stderr
    for word in (
        "numbers that differ from ours",
        "13.3",
        "fails its own eq. (1) by 24 %",
        "further numbers that the paper prints",
    ):
        assert word in " ".join(found.stdout.split()), word
    assert re.search(r"thinnest wall, Li9Al4 \[nm\] +10 +any\b", found.stdout), found.stdout  # and not 0, "× 0"
    content = content_of(cell / "o")
    assert kind_of(content).checked(content) is content
    paper = {claim["key"]: claim for claim in content["paper"]}
    assert paper["C4"]["printed"] == "10" and paper["C4"]["ours"] == pytest.approx(13.295, abs=1e-3)


@cache
def design_of(text):
    """The wall of a design, without files."""
    (wall,) = design(parse_case(CELL + text)).walls
    return wall


def test_numbers_of_one_wall_by_hand():
    """LiC6 in layers: the paper's formulas, with c = 1 / Ω of the interface."""
    wall = design_of('[tubule]\nshape = "slab"')
    per_kt = 1.602176634e-19 / (BOLTZMANN_EV_K * 300)
    bulk, sheet = 1.65e22 * 1e-8 * per_kt, 1e24 / 21.6 * 2e-7 * per_kt * 2e-8  # S/cm, S
    kappa = 1e3 * (bulk + 2 * sheet / 10e-7)
    assert wall.kappa_mS_cm.value == pytest.approx(kappa)
    assert wall.matrix_mS_cm.value == pytest.approx(kappa / 11)
    assert wall.conductance_S_cm2.value == pytest.approx(kappa / 11 / 2)
    assert wall.needed_V.value == pytest.approx(0.003 / (kappa / 11 / 2))
    assert wall.wall_alone_nm[0].value == pytest.approx(13.295, abs=1e-3) and wall.wall_alone_nm[1] is None
    assert wall.pitch_of_interface_alone_nm.value == pytest.approx(191.28, abs=0.01)
    assert wall.needed_V.stderr == 0


def test_times_of_a_plug():
    """W = 100 nm, 50 mV, interface alone: B = 0.3095 µm²/s in linear response; half-filled carriers pass 0.773 of it.

    So 10 µm take 209 s where linear response has 162 s.  A wall with 1 % vacancies passes 0.446.
    """
    wall = design_of("start_um = 2")
    assert [tip.time_s.value for tip in wall.interface_tips] == pytest.approx(
        [(length**2 - 4) / 2 / (0.30945 * 0.772874) for length in (10, 20, 50, 100)], rel=1e-4
    )
    assert wall.interface_tips[0].speed_nm_s.value == pytest.approx(23.917, rel=1e-4)
    ratio = wall.tips[0].speed_nm_s.value / wall.interface_tips[0].speed_nm_s.value
    by_wall = wall.paths.wall_mS_cm.value / 4  # in hexagonally packed round pores a quarter is wall
    assert ratio == pytest.approx(1 + by_wall / (wall.matrix_mS_cm.value - by_wall) * 0.4461 / 0.772874, rel=0.01)


def test_tips_of_a_design_are_those_of_the_law_of_growth():
    """`coble design` and `coble plate`: B of the continuum in a tubule of 5 nm with an inert wall at 50 mV."""
    inert = '[[wall]]\nname = "inert"\ndiffusivity_cm2_s = 0\nconcentration_cm3 = 0\n'
    tubule = f"[tubule]\ninner_width_nm = 5\nwall_thickness_nm = 1\n{inert}"
    (wall,) = design(parse_case(f"{tubule}[design]\ndepth_um = 30\nsamples = 1e3\ntubules = 1e3")).walls
    law = prepare(parse_case(f"{tubule}[growth]\noverpotential_V = 0.05\ndepth_nm = 8\nuntil_front_nm = 6")).law
    assert wall.growth_nm2_s.value == pytest.approx(law["b_continuum_nm2_s"], rel=1e-6)
    assert wall.interface_growth_nm2_s.value == wall.growth_nm2_s.value


def test_same_seed_same_numbers():
    one, two, other = (design(parse_case(CELL), seed=s, workers=w).walls[0].matrix for s, w in ((5, 1), (5, 2), (6, 1)))
    assert one.overpotential_V == two.overpotential_V and one.burst == two.burst
    assert other.overpotential_V != one.overpotential_V and other.burst.needed_MPa != one.burst.needed_MPa
    for a, b in ((one.overpotential_V, other.overpotential_V), (one.burst.needed_MPa, other.burst.needed_MPa)):
        # the error of 8 scrambles is itself known to a quarter
        assert_within(a.value - b.value, np.hypot(a.stderr, b.stderr), 0.0, sigma=6.0, scale=a.value, at_most=0.01)


def test_without_scatter_all_are_alike():
    matrix = design_of("".join(f"scatter_{name} = 0\n" for name in SCATTERS)).matrix
    assert matrix.overpotential_V.value == pytest.approx(matrix.alike_V)
    assert matrix.burst.needed_MPa.value == pytest.approx(matrix.burst.typical_MPa, rel=0.01)
    assert matrix.burst.low_MPa == pytest.approx(matrix.burst.high_MPa)
    assert matrix.sampled.variation == pytest.approx(0, abs=1e-6)


def test_scatter_costs_overpotential_and_a_resistance_in_series_relieves_the_roots():
    bare, behind = design_of("").matrix, design_of("series_ohm_cm2 = 20").matrix
    assert bare.overpotential_V.value > 1.5 * bare.alike_V  # the slowest have to carry it all when most are full
    assert behind.alike_V == pytest.approx(bare.alike_V + 3e-3 * 20)
    assert behind.alike_V < behind.overpotential_V.value < bare.overpotential_V.value + 3e-3 * 20  # it evens them out
    assert bare.sampled.pressure.quantile(0.05) == pytest.approx(1, abs=0.01)
    assert behind.sampled.pressure.quantile(0.05) < 0.6
    assert bare.burst.if_blocked_MPa == bare.burst.needed_MPa.value
    factor = behind.pressure_MPa / bare.pressure_MPa  # a blocked one bears all of U
    assert behind.burst.if_blocked_MPa == pytest.approx(factor * bare.burst.if_blocked_MPa, rel=0.01)
    assert behind.burst.needed_MPa.value <= behind.burst.if_blocked_MPa * 1.01


def test_walls_of_known_strength_are_counted():
    """A strength at which one is expected to burst, and one at which half of them do."""
    burst = design_of("").matrix.burst
    assert burst.expected is None and burst.low_MPa < burst.needed_MPa.value < burst.high_MPa
    one = design_of(f"wall_strength_MPa = {burst.needed_MPa.value}").matrix.burst.expected
    half = design_of(f"wall_strength_MPa = {burst.typical_MPa}").matrix.burst.expected
    assert_within(one.value, one.stderr, 1.0, at_most=0.05)
    assert half.value == pytest.approx(5e9, rel=0.05)  # 2e4 samples: 0.7 %, and bins of 0.8 %


def test_a_design_that_is_stopped_keeps_the_walls_that_are_done(cell):
    case, asked = parse_case(CELL + "[[wall]]\nname = 'Li9Al4'\n[[wall]]\nname = 'inert'"), []
    report = lambda stage, *_, **numbers: asked.append(stage)  # noqa: E731
    found = design(case, should_stop=lambda: len(asked) > 1, report=report)
    assert found.interrupted and [wall.paths.wall for wall in found.walls] == ["LiC6"]
    assert found.walls[0].matrix.overpotential_V == design_of("").matrix.overpotential_V  # as in a whole one
    write(cell / "o", found, CELL)
    content = content_of(cell / "o")
    text = io.StringIO()
    Console(file=text, width=200).print(Group(*answer(kind_of(content), content)))
    assert content["interrupted"] and "Interrupted. Not reached: wall Li9Al4; wall inert." in text.getvalue()
    assert design(case, should_stop=lambda: True) is None


def test_a_case_of_a_run_is_not_to_be_changed_in_its_folder(measured):
    """Its tubule of 5 nm holds little, so the depth has to be another one."""
    found = invoke("design", "--from", "m", "--out", "o")
    first, advice = found.stderr.splitlines()
    assert found.exit_code == BAD_CASE and first.startswith("m/case.toml: design.depth_um: must be more than")
    assert advice == (
        "m/case.toml: leave this file as its run left it, and change a copy: `cp m/case.toml cell.toml`, then "
        "`coble design cell.toml --from m`"
    )


def test_check_and_run_know_designs(cell):
    found = invoke("check", "cell.toml")
    assert found.exit_code == OK and "coble design cell.toml" in found.stdout and "371 MPa" in found.stdout
    assert invoke("run", "cell.toml", "--out", "o", "--seed", 3).exit_code == OK
    assert content_of(cell / "o")["provenance"]["settings"]["seed"] == 3
    found = invoke("run", "cell.toml", "--replicas", 3)
    assert found.exit_code == USAGE
    (cell / "bad.toml").write_text("[design]\ndepth_um = 15\n")
    assert "design.depth_um: must be more than 19.43 um" in invoke("check", "bad.toml").stderr


def test_rates_of_a_table_are_used_and_kept(cell):
    (cell / "cell.toml").write_text(f"{CELL}depth_um = 60\n[tubule]\ninner_width_nm = 5\nwall_thickness_nm = 2\n")
    assert invoke("rates", "cell.toml", "--out", "mine.toml").exit_code == OK
    head, section, rest = (cell / "mine.toml").read_text().partition("[hop.interface]")
    rate = next(line for line in rest.splitlines() if line.startswith("rate_1_s"))
    twice = f"rate_1_s = {2 * float(rate.split('=')[1].split('#')[0])!r}"
    (cell / "mine.toml").write_text(head + section + rest.replace(rate, twice, 1))
    assert invoke("design", "cell.toml", "--out", "plain", "--seed", 3).exit_code == OK
    found = invoke("run", "cell.toml", "--rates", "mine.toml", "--out", "fast", "--seed", 3)
    assert found.exit_code == OK, found.output
    assert (cell / "fast/rates.toml").read_text() == (cell / "mine.toml").read_text()
    before, after = (content_of(cell / name)["walls"][0] for name in ("plain", "fast"))
    assert after["interface_growth_nm2_s"]["value"] == pytest.approx(
        2 * before["interface_growth_nm2_s"]["value"], rel=1e-4
    )
    again = invoke("design", "cell.toml", "--rates", "mine.toml", "--out", "fast")
    assert again.exit_code == BAD_CASE and "already holds" in again.stderr


# --- From what was measured ---


@pytest.fixture(scope="module")
def once(tmp_path_factory):
    return tmp_path_factory.mktemp("measured") / "m"


@pytest.fixture
def measured(cell, once):
    """The folder m of a measurement, which is made once."""
    if not once.exists():
        assert invoke("discriminate", "case.toml", "--quick", "--target-error", 0.2, "--out", once).exit_code == OK
    shutil.copytree(once, cell / "m")
    return cell


def test_measured_conductances_are_used_with_their_errors(measured):
    found = invoke("design", "cell.toml", "--from", "m", "--out", "o")
    assert found.exit_code == OK, found.stderr
    before, after = content_of(measured / "m"), content_of(measured / "o")
    paths, wall = before["walls"][0]["paths"], after["walls"][0]
    assert wall["source"] == "measured, m" and "measured, m" in found.stdout
    # W = 5, w = 2 nm, an annulus: conductance over perimeter, and over the area of the wall
    interface, through = paths["interface"]["conductance_S_m"], paths["wall"]["conductance_S_m"]
    sheet, area = 1e3 / 1e-7 / (np.pi * 5e-9), np.pi * (4.5e-9**2 - 2.5e-9**2)
    assert wall["sheet_mS_nm_cm"]["value"] == pytest.approx(sheet * interface["value"])
    assert wall["sheet_mS_nm_cm"]["stderr"] == pytest.approx(sheet * interface["stderr"])
    assert wall["wall_mS_cm"]["value"] == pytest.approx(10 / area * through["value"])
    # the matrix is linear in both
    packing = packing_named(after["packing"])
    parts = [matrix_mS_cm(packing, *values, 100.0, 10.0) for values in ((10 / area * through["stderr"], 0),)]
    parts.append(matrix_mS_cm(packing, 0, sheet * interface["stderr"], 100.0, 10.0))
    assert wall["matrix_mS_cm"]["stderr"] == pytest.approx(np.hypot(*parts))
    relative = wall["matrix_mS_cm"]["stderr"] / wall["matrix_mS_cm"]["value"]
    assert wall["needed_V"]["stderr"] / wall["needed_V"]["value"] == pytest.approx(relative, rel=0.1)
    in_matrix = wall["matrix"]["overpotential_V"]
    assert in_matrix["stderr"] / in_matrix["value"] == pytest.approx(relative, rel=0.3)
    burst = wall["matrix"]["burst"]["needed_strength_MPa"]
    assert burst["stderr"] / burst["value"] == pytest.approx(in_matrix["stderr"] / in_matrix["value"], rel=0.1)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "[conditions]\ntemperature_K = 320\n[[wall]]\nname = 'inert'",
            ["conditions.temperature_K", "no wall 'inert'"],
        ),
        ("", ["no wall 'LiC6-optimistic', but 'LiC6'", "no wall 'Li9Al4'"]),
        ("[metal]\nspecies = 'Na'", ["metal.species must be that of the case, Na, got Li"]),
    ],
)
def test_results_of_another_case_are_refused(measured, text, words):
    (measured / "other.toml").write_text(text)
    found = invoke("design", "other.toml", "--from", "m", "--out", "o")
    assert found.exit_code == BAD_CASE and not (measured / "o").exists()
    for word in words:
        assert word in found.stderr, found.stderr
    assert all(line.startswith("m/result.json: ") for line in found.stderr.splitlines())


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "no such file; name a folder that `coble discriminate` wrote"),
        ("{", "must be JSON"),
        ('{"kind": "growth"}', "must be a result of `coble discriminate`, got one of kind 'growth'"),
        ("[]", "got one of kind None"),
    ],
)
def test_folders_without_a_measurement_are_refused(cell, content, words):
    (cell / "f").mkdir()
    if content is not None:
        (cell / "f/result.json").write_text(content)
    for arguments in (["--from", "f"], ["cell.toml", "--from", "f"]):
        found = invoke("design", *arguments, "--out", "o")
        assert found.exit_code == BAD_CASE
        assert found.stderr.startswith("f/result.json: ") and words in found.stderr
        assert not (cell / "o").exists() and len(found.stderr.splitlines()) == 1


def test_an_empty_bore_is_refused(cell):
    (cell / "case.toml").write_text(SMALL.replace("[tubule]", '[tubule]\nfilling = "empty"'))
    found = invoke("design", "case.toml", "--out", "o")
    first, second = found.stderr.splitlines()  # W = 5, w = 2 nm hold little
    assert found.exit_code == BAD_CASE and first.startswith("case.toml: tubule.filling: must be 'metal'")
    assert second.startswith("case.toml: design.depth_um: must be more than")
    assert not (cell / "o").exists()


# --- Bad cases ---


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("depth_nm = 20", "design.depth_nm: unknown key, it belongs in [growth]"),
        ("overpotential_mV = 50", "design.overpotential_mV: unknown key, did you mean 'overpotential_V'"),
        ("overpotential_V = 50", "must be between 1e-4 and 1 V, got 50 (a volt on lithium is 7.4 GPa: is it in mV?)"),
        ("current_mA_cm2 = 0", "design.current_mA_cm2: must be > 0 mA/cm2, got 0"),
        ("scatter_diffusivity = 20", "must be 0 or between 1e-3 and 2, got 20 (it is a fraction: is it in percent?)"),
        ("depths_um = []", "design.depths_um: must have 1 to 20 numbers, got 0"),
        ("tubules = 1.5", "design.tubules: must be a whole number, got 1.5 (a number)"),
        ("wall_strength_MPa = '2 GPa'", "design.wall_strength_MPa: must be a number, got '2 GPa' (a string)"),
    ],
)
def test_bad_numbers(cell, line, words):
    (cell / "bad.toml").write_text(f"[design]\n{line}\n")
    found = invoke("design", "bad.toml", "--out", "o")
    assert found.exit_code == BAD_CASE and words in found.stderr, found.stderr
    assert found.stderr.startswith("bad.toml:2: ") and len(told(found)) == 1
    assert not (cell / "o").exists()


def test_a_matrix_too_shallow_for_its_capacity(cell):
    (cell / "bad.toml").write_text("[design]\ndepth_um = 15\n")
    found = invoke("design", "bad.toml", "--out", "o")
    assert found.exit_code == BAD_CASE and not (cell / "o").exists()
    assert found.stderr.startswith("bad.toml: design.depth_um: must be more than 19.43 um to hold 3 mAh/cm2")
    assert "got 15\n" in found.stderr
    (cell / "bad.toml").write_text("[design]\ncapacity_mAh_cm2 = 4\n")  # and the depth that is the default
    faulty = invoke("design", "bad.toml", "--out", "o")
    assert faulty.exit_code == BAD_CASE and "got 20 by default; in [design] write: depth_um = " in faulty.stderr
    (cell / "good.toml").write_text(f"[design]\ncapacity_mAh_cm2 = 4\n{faulty.stderr.rpartition('write: ')[2]}")
    assert invoke("check", "good.toml").exit_code == OK


def test_nothing_is_overwritten(cell):
    (cell / "o").mkdir()
    (cell / "o/result.json").write_text("mine")
    found = invoke("design", "cell.toml", "--out", "o")
    assert found.exit_code == BAD_CASE and "already holds result.json" in found.stderr
    assert (cell / "o/result.json").read_text() == "mine"


def test_shipped_case_is_the_default():
    assert load_case(shipped("design")).design == parse_case("").design
