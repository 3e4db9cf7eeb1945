"""Case files: defaults, resolution to physics, and every fault with its line and its words."""

# ruff: noqa: E501 - messages are compared whole, each on its own line

import json
import pickle
import re
import tomllib
from textwrap import dedent

import pytest
from pydantic import ValidationError

from coble.inputs.case import GROWTH, PAPER_TOML, Case, CaseError, Fault, load_case, paper_case, parse_case, shipped
from coble.inputs.files.toml_lines import KeyLines, line_of
from coble.inputs.sections import TABLES
from coble.kmc.rates.materials import METALS, PAPER_WALLS, WALLS


def faults_of(text):
    """Faults of a case text, one string each, as `case.toml`."""
    with pytest.raises(CaseError) as caught:
        parse_case(dedent(text).lstrip("\n"), "case.toml")
    return str(caught.value).splitlines()


def fault_of(section, line):
    """The message of the one fault of a file that has `line` in `section`."""
    (fault,) = faults_of(f"{section}\n{line}\n")
    key = line.partition(" = ")[0]
    path = f"{section.strip('[]')}{'[1]' if section.startswith('[[') else ''}.{key}"
    assert fault.startswith(f"case.toml:2: {path}: "), fault
    return fault.removeprefix(f"case.toml:2: {path}: ")


# --- Defaults ---


def test_paper_file_equals_defaults():
    case = load_case(PAPER_TOML)
    assert case == paper_case() == Case()
    assert case.resolved() == Case().resolved()
    assert case.digest() == Case().digest() == parse_case("").digest()


def test_shipped_files_show_every_key():
    """Materials and transport in the paper's case; bonds and growth, experiments, grains and cells in others."""
    shown, case = tomllib.loads(uncommented_paper()), Case()
    others = (
        ("plate", ("bonds", "growth")),
        ("mechanisms", ("slip", "experiment")),
        ("creep", ("creep",)),
        ("design", ("design",)),
        ("structure", ("structure", "region", "barrier", "barriers", "plugins", "diffuse")),
    )
    for other, sections in others:
        content = tomllib.loads(uncommented(shipped(other)))
        shown |= {name: content[name] for name in sections}
    for name in set(type(case).model_fields) - set(TABLES):
        assert set(shown[name]) == set(type(getattr(case, name)).model_fields), name
    for name in ("region", "barrier"):
        assert set().union(*shown[name]) == set(TABLES[name].model_fields), name
    not_known = {"activation_energy_eV"}  # for no wall
    fills = tomllib.loads(uncommented(shipped("filling-wall")))["wall"][0]
    assert set(shown["wall"][0]) | set(fills) == set(type(case.wall[0]).model_fields) - not_known


def test_shipped_files_fit_a_terminal():
    """80 columns: cases, campaigns and files to start from, as people read them in a terminal."""
    files = [*PAPER_TOML.parent.glob("*.toml"), *PAPER_TOML.parents[1].glob("[ct]*/*.toml")]
    assert len(files) > 20
    assert not [(path.name, line) for path in files for line in path.read_text().splitlines() if len(line) > 80]


def test_commented_numbers_of_paper_file_are_the_defaults():
    text = re.sub("^coverage = 1.0", "# the density stands in place of it", uncommented_paper(), flags=re.MULTILINE)
    shown, default = parse_case(text), Case()
    assert_same_numbers(shown.metal_diffusivity, default.metal_diffusivity)
    assert_same_numbers(shown.interface_diffusivity, default.interface_diffusivity)
    assert_same_numbers(shown.surface_diffusivity, default.surface_diffusivity)
    for given, known in zip(shown.walls, default.walls, strict=True):
        assert (given.name, given.concentration_cm3) == (known.name, known.concentration_cm3)
        assert_same_numbers(given.diffusivity, known.diffusivity)
    for name in ("interface_concentration_cm3", "surface_concentration_cm3"):
        assert getattr(shown, name) == pytest.approx(getattr(default, name), rel=1e-3)


def assert_same_numbers(shown, known):
    """Equal but for the rounding of computed defaults, such as 7.1e-7 for 7.092e-7."""
    assert shown.value_cm2_s == pytest.approx(known.value_cm2_s, rel=2e-3)
    assert (shown.activation_energy_eV or 0) == pytest.approx(known.activation_energy_eV or 0, rel=2e-3)
    assert shown.at_K == known.at_K


def uncommented_paper():
    return uncommented(PAPER_TOML)


def uncommented(path):
    return re.sub(r"^# (?=\w+ = |\[)", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)


@pytest.mark.parametrize("name", shipped())
def test_every_shipped_case_loads(name):
    case = load_case(shipped(name))
    assert case.digest(GROWTH) == load_case(shipped(name)).digest(GROWTH)
    assert (name in ("paper", "mechanisms", "design", "observations")) == (len(case.wall) > 1)


def test_growth_numbers_of_the_plating_case_are_the_defaults():
    case, default = load_case(shipped("plate")), Case()
    assert (case.growth, case.bonds) == (default.growth, default.bonds)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[growth]\ndepth_nm = 5.0", "case.toml:1: growth.until_front_nm: must be at most depth_nm = 5 nm, got 20"),
        (
            "[growth]\nmetal_from_nm = 3.0",
            "case.toml:1: growth.metal_to_nm: must be beyond metal_from_nm = 3 nm, got 2",
        ),
        (
            "[growth]\noverpotential_V = 50",
            "case.toml:2: growth.overpotential_V: must lie between -1 and 1 V, got 50 (a volt on lithium is a pressure "
            "of 7.4 GPa: is it in mV?)",
        ),
        (
            "[growth]\noverpotential_V = 'high'",
            "case.toml:2: growth.overpotential_V: must be a number of volts, got 'high' (a string)",
        ),
        (
            "[growth]\noverpotential_V = 0.0",
            "case.toml:1: growth.time_s: is missing: without an overpotential nothing grows, so say how long to run, in s",
        ),
        (
            "[growth]\ncycles = 3\noverpotential_V = -0.1",
            "case.toml:3: growth.overpotential_V: must be > 0 V for cycles: they plate at it and strip at its negative",
        ),
        (
            "[growth]\nsteps_V = [0.1, 0.1]\nsteps_s = [1e-6]",
            "case.toml:3: growth.steps_s: must have as many durations as steps_V has values, got 1 for 2",
        ),
        (
            "[growth]\nsteps_V = [0.1]\nsteps_s = [1e-6]\ncycles = 2",
            "case.toml:4: growth.cycles: must be 0 with steps_V: cycles turn where the metal is at its ends, steps by time",
        ),
        (
            "[growth]\npower_law_slip = true\nslip_1_s = 1e6",
            "case.toml:3: growth.slip_1_s: must be 0 with power_law_slip = true, which gives the rate of slip",
        ),
        ("[growth]\nsteps_V = 0.1", "case.toml:2: growth.steps_V: must be a list of numbers, got 0.1 (a number)"),
        ("[experiment]\nwidths_nm = [5]", "case.toml:2: experiment.widths_nm: must have 2 to 20 numbers, got 1"),
        (
            "[experiment]\nwidths_nm = [5, 5]",
            "case.toml:2: experiment.widths_nm: must not have a number twice, got 5, 5",
        ),
    ],
)
def test_fault_of_growth(text, fault):
    with pytest.raises(CaseError) as caught:
        parse_case(text, "case.toml")
    assert str(caught.value) == fault


def test_default_physics_comes_from_materials():
    case = Case()
    lithium = METALS["Li"]
    assert case.metal_material is lithium
    assert case.walls == tuple(WALLS[name] for name in PAPER_WALLS)
    assert case.metal_diffusivity is lithium.bulk
    assert case.interface_diffusivity is lithium.interface
    assert case.surface_diffusivity == lithium.surface
    assert case.interface_concentration_cm3 == lithium.concentration_cm3


def test_sodium_has_its_own_numbers_and_the_inert_wall():
    case = parse_case('metal.species = "Na"')
    assert case.metal_diffusivity is METALS["Na"].bulk
    assert case.interface_diffusivity is METALS["Na"].interface
    assert case.walls == (WALLS["inert"],)


def test_example_of_the_readme_kind():
    case = parse_case(
        """
        metal.diffusivity_cm2_s = 4.0e-11
        interface = {diffusivity_cm2_s = 2e-7, width_angstrom = 2}
        run = {max_events = 2e8, replicas = 4}
        [[wall]]
        name = "LiC6"
        diffusivity_cm2_s = 1.0e-8
        concentration_cm3 = 1.65e22
        """
    )
    assert [wall.name for wall in case.walls] == ["LiC6"]
    assert case.metal_diffusivity.source == "given in the case file"
    assert case.interface.width_angstrom == 2.0
    assert case.run.max_events == 200_000_000 and isinstance(case.run.max_events, int)


# --- Resolution ---


def test_given_diffusivity_keeps_default_slope():
    case = parse_case(
        """
        metal = {diffusivity_cm2_s = 5e-11, at_K = 310}
        conditions.temperature_K = 310
        wall = [{name = 'inert'}]
        """
    )
    diffusivity = case.metal_diffusivity
    assert (diffusivity.value_cm2_s, diffusivity.at_K) == (5e-11, 310.0)
    assert diffusivity.activation_energy_eV == METALS["Li"].bulk.activation_energy_eV
    assert case.resolved()["metal"]["diffusivity_cm2_s"] == 5e-11


def test_given_slope_moves_default_value():
    diffusivity = parse_case("surface.activation_energy_eV = 0.3").surface_diffusivity
    assert diffusivity.value_cm2_s == METALS["Li"].surface.value_cm2_s
    assert diffusivity.activation_energy_eV == 0.3
    assert diffusivity.source == METALS["Li"].surface.source + "; slope given in the case file"


@pytest.mark.parametrize(
    ("keys", "at_330"),
    [
        ("activation_energy_eV = 0.3", 2.871e-8),  # 1e-8 exp(0.3 eV / k (1/300 K - 1/330 K))
        ("diffusivity_cm2_s = 3e-8, at_K = 330", 3e-8),
    ],
)
def test_wall_at_another_temperature(keys, at_330):
    case = parse_case(f"conditions.temperature_K = 330\nwall = [{{name = 'LiC6', {keys}}}]")
    assert case.walls[0].diffusivity.at(330) == pytest.approx(at_330, rel=1e-3)


@pytest.mark.parametrize(
    "wall",
    [
        "name = 'inert'",
        "name = 'LiC6', concentration_cm3 = 0",
        "name = 'W', concentration_cm3 = 0, diffusivity_cm2_s = 0",
    ],
)
def test_wall_without_metal_has_no_diffusivity_at_any_temperature(wall):
    case = parse_case(f"conditions.temperature_K = 330\nwall = [{{{wall}}}]")
    assert case.walls[0].concentration_cm3 == 0
    assert case.walls[0].diffusivity is None
    assert "diffusivity_cm2_s" not in case.resolved()["wall"][0]


def test_unknown_wall_with_both_numbers():
    (wall,) = parse_case("wall = [{name = 'mine', diffusivity_cm2_s = 3e-9, concentration_cm3 = 2e22}]").walls
    assert (wall.name, wall.concentration_cm3, wall.diffusivity.value_cm2_s) == ("mine", 2e22, 3e-9)


def test_resolved_is_json_with_units_and_sources():
    resolved = parse_case('tubule.shape = "slab"').resolved()
    assert json.loads(json.dumps(resolved)) == resolved
    assert list(resolved) == ["tubule", "conditions", "metal", "interface", "surface", "exchange", "wall", "run"]
    assert resolved["tubule"]["slab_width_nm"] == 5.0 and "pore" not in resolved["tubule"]
    assert resolved["wall"][0] == {
        "name": "LiC6",
        "concentration_cm3": 1.65e22,
        "vacancy_fraction": 0.01,
        "diffusivity_cm2_s": 1e-8,
        "activation_energy_eV": None,
        "reference_cm2_s": 1e-8,
        "reference_K": 300.0,
        "source": WALLS["LiC6"].diffusivity.source,
    }


def test_digest_tells_cases_apart_and_ignores_what_is_not_used():
    digests = {parse_case(text).digest() for text in ("", "run.seed = 2", "tubule.inner_width_nm = 99")}
    assert len(digests) == 3 and all(re.fullmatch("[0-9a-f]{16}", digest) for digest in digests)
    assert parse_case('tubule = {inner_width_nm = 100, pore = "round"}').digest() == Case().digest()


def test_case_from_python():
    case = Case(tubule={"inner_width_nm": 20}, wall=[{"name": "inert"}])
    assert case.tubule.inner_width_nm == 20.0
    assert Case(**case.model_dump()) == case == pickle.loads(pickle.dumps(case))
    with pytest.raises(ValidationError, match="frozen"):
        case.tubule = case.tubule
    with pytest.raises(ValidationError) as caught:
        Case(tubule={"inner_width_nm": 0.5}, metal={"species": "K"})
    assert "must be 'Li' or 'Na', got 'K'" in str(caught.value)
    with pytest.raises(ValidationError, match=r"at least 1\.053 nm .* got 0\.5"):
        Case(tubule={"inner_width_nm": 0.5})


# --- Faults of single keys ---


@pytest.mark.parametrize(
    ("section", "line", "message"),
    [
        ("[conditions]", "temperature = 3", "unknown key, did you mean 'temperature_K'?"),
        ("[metal]", "temperature_K = 3", "unknown key, it belongs in [conditions]"),
        ("[tubule]", "diffusivity_cm2_s = 3", "unknown key, it belongs in [metal] or [interface] or [surface] or [[wall]] or [[region]]"),
        ("[metal]", "temperature = 3", "unknown key, did you mean 'temperature_K' in [conditions]?"),
        ("[conditions]", "zzz = 3", "unknown key, must be one of 'temperature_K'"),
        ("[tubule]", "inner_width_nm = 'abc'", "must be a number, got 'abc' (a string)"),
        ("[tubule]", "inner_width_nm = true", "must be a number, got true (a boolean)"),
        ("[tubule]", "inner_width_nm = [1]", "must be a number, got an array"),
        ("[tubule]", "inner_width_nm = {}", "must be a number, got a table"),
        ("[tubule]", "inner_width_nm = 1979-05-27", "must be a number, got datetime.date(1979, 5, 27) (a date)"),
        ("[tubule]", "inner_width_nm = nan", "must be a finite number, got nan"),
        ("[tubule]", "inner_width_nm = -inf", "must be a finite number, got -inf"),
        ("[tubule]", "inner_width_nm = -5", "must be > 0 nm, got -5"),
        ("[tubule]", "shape = 'tube'", "must be 'slab', 'single', 'double', 'triple', 'square-array' or 'hexagonal-array', got 'tube'"),
        ("[tubule]", "axis = 110", "must be '110', '100' or '111', got 110 (an integer)"),
        ("[tubule]", "filling = ['metal']", "must be 'metal' or 'empty', got an array"),
        ("[metal]", "species = 'K'", "must be 'Li' or 'Na', got 'K'"),
        ("[metal]", "diffusivity_cm2_s = 0", "must be > 0 cm2/s, got 0"),
        ("[metal]", "diffusivity_cm2_s = -1e-8", "must be > 0 cm2/s, got -1e-8"),
        ("[run]", "replicas = 2.5", "must be a whole number, got 2.5 (a number)"),
        ("[run]", "replicas = true", "must be a whole number, got true (a boolean)"),
        ("[run]", "max_events = inf", "must be a whole number, got inf (a number)"),
        ("[run]", "replicas = 0", "must be a whole number from 1 to 1000, got 0"),
        ("[run]", "replicas = 1001", "must be a whole number from 1 to 1000, got 1001"),
        ("[run]", "seed = -1", f"must be a whole number from 0 to {2**63 - 1}, got -1"),
        ("[run]", f"seed = {2**63}", f"must be a whole number from 0 to {2**63 - 1}, got {2**63}"),
        ("[run]", "seed = 0x" + "f" * 5000, f"must be a whole number from 0 to {2**63 - 1}, got an integer beyond 1e20"),
        ("[run]", "matching = 'both'", "must be 'conductance' or 'tracer', got 'both'"),
        ("[run]", "field_kT = 1.5", "must be at most 1 kT, got 1.5"),
        ("[[wall]]", "name = 3", "must be a string, got 3 (an integer)"),
        ("[[wall]]", "name = ''", "must have 1 to 64 characters, got 0"),
        ("[[wall]]", f"name = '{'a' * 65}'", "must have 1 to 64 characters, got 65"),
        (
            "[[wall]]",
            "name = 'a/b'",
            "must have printable characters only, no '/' and no spaces at its ends (it names files), got 'a/b'",
        ),
        ("[[wall]]", "name = '..'", "must not start with '.' and hold no backslash (it names files), got '..'"),
        ("[[wall]]", "name = 'a\\b'", "must not start with '.' and hold no backslash (it names files), got 'a\\\\b'"),
        (
            "[[wall]]",
            'name = "a\\nb"',
            "must have printable characters only, no '/' and no spaces at its ends (it names files), got 'a\\nb'",
        ),
    ],
)  # fmt: skip
def test_fault_of_one_key(section, line, message):
    assert fault_of(section, line) == message


IN_M2 = "(is it in m2/s or another unit?)"
IN_NM = "(is it in angstrom, m or another unit?)"
IN_PERCENT = "(it is a fraction: is it in percent?)"
IN_M3 = "(is it in m-3, mol/l or another unit?)"


@pytest.mark.parametrize(
    ("section", "line", "message"),
    [
        ("[metal]", "diffusivity_cm2_s = 4e-3", f"must be between 1e-14 and 1e-5 cm2/s, got 4e-3 {IN_M2}"),
        ("[metal]", "diffusivity_cm2_s = 4e-19", f"must be between 1e-14 and 1e-5 cm2/s, got 4e-19 {IN_M2}"),
        ("[interface]", "diffusivity_cm2_s = 20", f"must be between 1e-12 and 1e-3 cm2/s, got 20 {IN_M2}"),
        ("[interface]", "diffusivity_cm2_s = 2e-15", f"must be between 1e-12 and 1e-3 cm2/s, got 2e-15 {IN_M2}"),
        ("[surface]", "diffusivity_cm2_s = 71", f"must be between 1e-12 and 1e-3 cm2/s, got 71 {IN_M2}"),
        ("[surface]", "diffusivity_cm2_s = 7e-15", f"must be between 1e-12 and 1e-3 cm2/s, got 7e-15 {IN_M2}"),
        ("[interface]", "concentration_cm3 = 4.63e28", f"must be between 1e21 and 2e23 cm-3, got 4.63e28 {IN_M3}"),
        ("[interface]", "concentration_cm3 = 0", "must be > 0 cm-3, got 0"),
        ("[interface]", "width_angstrom = 2e8", "must be between 0.5 and 20 angstrom, got 2e8 (is it in nm or another unit?)"),
        ("[interface]", "width_angstrom = 0.2", "must be between 0.5 and 20 angstrom, got 0.2 (is it in nm or another unit?)"),
        ("[interface]", "occupancy = 50", f"must be between 0.01 and 0.99, got 50 {IN_PERCENT}"),
        ("[metal]", "vacancy_fraction = 1", f"must be between 1e-4 and 0.5, got 1 {IN_PERCENT}"),
        ("[metal]", "activation_energy_eV = 51", "must be between 0.01 and 3 eV, got 51 (is it in kJ/mol, meV or another unit?)"),
        ("[metal]", "at_K = 27", "must be between 77 and 3000 K, got 27 (is it in degrees Celsius?)"),
        ("[tubule]", "inner_width_nm = 1e10", f"must be at most 10000 nm, got 1e10 {IN_NM}"),
        ("[tubule]", "wall_thickness_nm = 20000", f"must be at most 10000 nm, got 20000 {IN_NM}"),
        ("[tubule]", "segment_nm = 2e-9", f"must be between 0.1 and 1000 nm, got 2e-9 {IN_NM}"),
        ("[tubule]", "slab_width_nm = 5000", f"must be between 0.1 and 1000 nm, got 5000 {IN_NM}"),
        ("[run]", "target_error = 1", f"must be between 1e-4 and 0.2, got 1 {IN_PERCENT}"),
        (
            "[conditions]",
            "temperature_K = 27",
            "must be at least 77 K and below 453.69 K, where Li melts, got 27 (is it in degrees Celsius?)",
        ),
        ("[conditions]", "temperature_K = 453.69", "must be at least 77 K and below 453.69 K, where Li melts, got 453.69"),
        ("[tubule]", "inner_width_nm = 1e-7", "must be at least 1.053 nm (3 lattice constants of Li), got 1e-7"),
        ("[tubule]", "inner_width_nm = 1.05", "must be at least 1.053 nm (3 lattice constants of Li), got 1.05"),
        (
            "[tubule]",
            "wall_thickness_nm = 0.4",
            "must be at least 0.495 nm (one lattice constant of the Li sites in wall 'LiC6'), got 0.4",
        ),
        (
            "[conditions]",
            "temperature_K = 330",
            "must be 300 K, where diffusivities of the default walls are known, got 330, or give each wall "
            "('LiC6', 'LiC6-optimistic', 'Li9Al4' and 'Li22Si5') as [[wall]] with activation_energy_eV, or with "
            "diffusivity_cm2_s at this temperature together with at_K = 330",
        ),
        (
            "[metal]",
            "at_K = 330",
            "must come with diffusivity_cm2_s, whose temperature it is, got 330 alone",
        ),
    ],
)  # fmt: skip
def test_unit_mistakes_and_sizes(section, line, message):
    assert fault_of(section, line) == message


@pytest.mark.parametrize("factor", [1e8, 1e-8])
def test_no_default_survives_a_factor_of_1e8(factor):
    case = Case()
    numbers = [(name, getattr(case, f"{name}_diffusivity").value_cm2_s) for name in ("metal", "interface", "surface")]
    for section, value in numbers:
        with pytest.raises(ValidationError, match=f"{section}.diffusivity_cm2_s"):
            Case(**{section: {"diffusivity_cm2_s": value * factor}})
    for wall in case.walls:
        for key, value in (
            ("diffusivity_cm2_s", wall.diffusivity.value_cm2_s),
            ("concentration_cm3", wall.concentration_cm3),
        ):
            with pytest.raises(ValidationError, match=key):
                Case(wall=[{"name": wall.name, key: value * factor}])


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("condition.temperature_K = 3", "case.toml:1: condition: unknown section, did you mean 'conditions'?"),
        ("seed = 3", "case.toml:1: seed: unknown key, it belongs in [run]"),
        (
            "[other]\nx = 1",
            "case.toml:1: other: unknown section, must be one of 'plugins', 'tubule', 'conditions', 'metal', 'interface', "
            "'surface', 'exchange', 'wall', 'bonds', 'growth', 'slip', 'experiment', 'creep', 'design', 'diffuse', "
            "'structure', 'region', 'barrier', 'barriers' or 'run'",
        ),
        ("\ntubule = 3", "case.toml:2: tubule: must be a table, got 3 (an integer)"),
        ("[[tubule]]", "case.toml:1: tubule: must be a table, got an array"),
        ("[wall]\nname = 'LiC6'", "case.toml:1: wall: must be given as [[wall]], once for each wall, got a table"),
        ("[growth]\nstep = [{rest = true, time_s = 1.0}, 3]", "case.toml:2: growth.step[2]: must be a table, got 3 (an integer)"),
        ("[growth]\nstep = ['a']", "case.toml:2: growth.step[1]: must be a table, got 'a' (a string)"),
        ("wall = ['LiC6']", "case.toml:1: wall[1]: must be a table, got 'LiC6' (a string)"),
        ('["a b"]', "case.toml:1: 'a b': unknown section, must be one of 'plugins', 'tubule', 'conditions', 'metal', 'interface', "
         "'surface', 'exchange', 'wall', 'bonds', 'growth', 'slip', 'experiment', 'creep', 'design', 'diffuse', "
            "'structure', 'region', 'barrier', 'barriers' or 'run'"),
    ],
)  # fmt: skip
def test_fault_of_a_section(text, fault):
    (found,) = parse_faults(text)
    assert str(found) == fault


def parse_faults(text):
    with pytest.raises(CaseError) as caught:
        parse_case(text, "case.toml")
    return caught.value.faults


def test_long_values_are_cut():
    assert fault_of("[tubule]", f"shape = '{'x' * 500}'").endswith(f"got '{'x' * 39}...{'x' * 19}'")


# --- Faults of walls ---

KNOWN = "('LiC6', 'LiC6-optimistic', 'Li9Al4', 'Li22Si5' or 'inert')"


@pytest.mark.parametrize(
    ("wall", "faults"),
    [
        ("", ["name: is missing: give the wall a name, its own or 'LiC6', 'LiC6-optimistic', 'Li9Al4', 'Li22Si5' or 'inert'"]),
        ("name = 'LiC6', diffusivity_cm2_s = -1e-8", ["diffusivity_cm2_s: must be > 0 cm2/s, got -1e-8"]),
        ("name = 'LiC6', diffusivity_cm2_s = 1", [f"diffusivity_cm2_s: must be between 1e-14 and 1e-4 cm2/s, got 1 {IN_M2}"]),
        (
            "name = 'LiC6', diffusivity_cm2_s = 0",
            ["diffusivity_cm2_s: must be > 0 cm2/s, got 0 (for a wall that takes no metal, give concentration_cm3 = 0)"],
        ),
        ("name = 'LiC6', diffusivity_cm2_s = false", ["diffusivity_cm2_s: must be a number, got false (a boolean)"]),
        ("name = 'LiC6', concentration_cm3 = 1.65e28",
         [f"concentration_cm3: must be 0 or between 1e21 and 2e23 cm-3, got 1.65e28 {IN_M3}"]),
        (
            "name = 'inert', diffusivity_cm2_s = 1e-8",
            [
                "diffusivity_cm2_s: must be left out, or 0, for a wall that takes no metal (its concentration_cm3 is 0), "
                "got 1e-8; or give a concentration_cm3 > 0"
            ],
        ),
        (
            "name = 'mine'",
            [
                f"concentration_cm3: is missing: 'mine' is not a wall known for Li {KNOWN}; give it in cm-3, "
                "0 for a wall that takes no Li",
                f"diffusivity_cm2_s: is missing: 'mine' is not a wall known for Li {KNOWN}; give it in cm2/s",
            ],
        ),
        (
            "name = 'mine', concentration_cm3 = 1e22",
            [f"diffusivity_cm2_s: is missing: 'mine' is not a wall known for Li {KNOWN}; give it in cm2/s"],
        ),
    ],
)  # fmt: skip
def test_fault_of_a_wall(wall, faults):
    assert faults_of(f"wall = [{{{wall}}}]") == [f"case.toml:1: wall[1].{fault}" for fault in faults]


def test_wall_needs_activation_energy():
    assert faults_of(
        """
        [conditions]
        temperature_K = 330

        [[wall]]
        name = "LiC6"
        diffusivity_cm2_s = 1e-8
        """
    ) == [
        "case.toml:4: wall[1].activation_energy_eV: is missing: the diffusivity of 'LiC6' is known at 300 K and the "
        "case is at 330 K; give activation_energy_eV, or diffusivity_cm2_s at this temperature together with "
        "at_K = 330"
    ]


def test_walls_known_for_lithium_are_not_known_for_sodium():
    faults = faults_of("metal.species = 'Na'\nwall = [{name = 'LiC6'}]")
    assert [fault.split(";")[0] for fault in faults] == [
        f"case.toml:2: wall[1].{key}: is missing: 'LiC6' is not a wall known for Na ('inert')"
        for key in ("concentration_cm3", "diffusivity_cm2_s")
    ]


def test_duplicate_wall_names():
    assert faults_of("wall = [{name = 'LiC6'},\n{name = 'inert'},\n{name = 'LiC6'}]") == [
        "case.toml:3: wall[3].name: must differ from wall to wall, got 'LiC6' as in wall[1]"
    ]


def test_inert_wall_is_at_least_one_cell_of_the_metal():
    assert faults_of("tubule.wall_thickness_nm = 0.3\nwall = [{name = 'inert'}]") == [
        "case.toml:1: tubule.wall_thickness_nm: must be at least 0.351 nm (one lattice constant of the Li sites in "
        "wall 'inert'), got 0.3"
    ]


def test_temperature_is_below_the_melting_point_of_the_species():
    assert faults_of("metal.species = 'Na'\nconditions.temperature_K = 400") == [
        "case.toml:2: conditions.temperature_K: must be at least 77 K and below 370.95 K, where Na melts, got 400"
    ]


def test_slope_that_carries_too_far():
    text = "surface = {diffusivity_cm2_s = 1e-4, activation_energy_eV = 2, at_K = 250}"
    assert faults_of(text) == [
        "case.toml:1: surface.activation_energy_eV: must give at most 1e-3 cm2/s at 300 K, got 520 "
        "(carried there from 250 K with 2 eV)"
    ]


# --- All faults at once ---


def test_all_faults_of_a_file_by_line():
    assert faults_of(
        """
        # several things are wrong here
        [[wall]]
        name = "LiC6"
        concentration_cm3 = -1      # cross-field faults of this wall are found all the same
        [[wall]]
        name = 'LiC6'
        diffusivity_cm2_s = "1e-8"

        [tubule]
        wall_thickness_nm = 0.1
        inner_width_nm = 1
        [metal]
        diffusivity_cm2_s = [
            1, 2,
        ]
        [conditions]
        temperature_K = 330
        pressure = 1
        [run]
        "target_error" = 0
        """
    ) == [
        "case.toml:2: wall[1].activation_energy_eV: is missing: the diffusivity of 'LiC6' is known at 300 K and the "
        "case is at 330 K; give activation_energy_eV, or diffusivity_cm2_s at this temperature together with "
        "at_K = 330",
        f"case.toml:4: wall[1].concentration_cm3: must be 0 or between 1e21 and 2e23 cm-3, got -1 {IN_M3}",
        "case.toml:5: wall[2].activation_energy_eV: is missing: the diffusivity of 'LiC6' is known at 300 K and the "
        "case is at 330 K; give activation_energy_eV, or diffusivity_cm2_s at this temperature together with "
        "at_K = 330",
        "case.toml:6: wall[2].name: must differ from wall to wall, got 'LiC6' as in wall[1]",
        "case.toml:7: wall[2].diffusivity_cm2_s: must be a number, got '1e-8' (a string); write 1e-8",
        "case.toml:10: tubule.wall_thickness_nm: must be at least 0.495 nm (one lattice constant of the Li sites in "
        "wall 'LiC6'), got 0.1",
        "case.toml:11: tubule.inner_width_nm: must be at least 1.053 nm (3 lattice constants of Li), got 1",
        "case.toml:13: metal.diffusivity_cm2_s: must be a number, got an array",
        "case.toml:18: conditions.pressure: unknown key, must be one of 'temperature_K'",
        "case.toml:20: run.target_error: must be > 0, got 0",
    ]


def test_checks_do_not_judge_by_faulty_keys():
    # At an unknown temperature no wall lacks an activation energy, and of an unknown metal nothing is too narrow.
    faults = parse_faults("conditions.temperature_K = 'hot'\nmetal.species = 'K'\ntubule.inner_width_nm = 0.1")
    assert [fault.key for fault in faults] == ["conditions.temperature_K", "metal.species"]


def test_fault_without_a_line():
    assert str(Fault("case.toml", None, "run.seed", "is odd")) == "case.toml: run.seed: is odd"


def test_case_error_can_be_pickled():
    error = CaseError([Fault("case.toml", 3, "run.seed", "is odd")])
    assert str(pickle.loads(pickle.dumps(error))) == "case.toml:3: run.seed: is odd"
    assert isinstance(error, ValueError)


# --- Files ---


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"[tubule\n", ":1: must be TOML: Expected ']' at the end of a table declaration"),
        (b"[tubule]\n\nshape = \n", ":3: must be TOML: Invalid value"),
        (b'[tubule]\nshape = """x\n', ":2: must be TOML: Unterminated string"),
        (b"[run]\nseed = 1\nseed = 2\n", ":3: must be TOML: Cannot overwrite a value"),
        (b"x = " + b"9" * 5000, ": must not have integers of thousands of digits"),
        (b"x = " + b"[" * 5000 + b"]" * 5000, ": must not nest hundreds of arrays or tables"),
        (b"[run]\n# \xff\n", ":2: must be UTF-8 text, got the byte 0xff"),
    ],
)
def test_text_that_cannot_be_read(tmp_path, content, fault):
    path = tmp_path / "case.toml"
    path.write_bytes(content)
    with pytest.raises(CaseError) as caught:
        load_case(path)
    assert str(caught.value) == f"{path}{fault}"


def test_missing_file_and_directory(tmp_path):
    for path, message in (
        (tmp_path / "none.toml", "no such file; `coble init` writes one to start from"),
        (tmp_path, "must be a file, got a directory"),
    ):
        with pytest.raises(CaseError) as caught:
            load_case(path)
        assert str(caught.value) == f"{path}: {message}"


def test_file_without_permission(tmp_path, monkeypatch):
    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    (tmp_path / "case.toml").write_text("")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(
        "coble.inputs.files.reading.open", refuse, raising=False
    )  # root may read everything, so pretend
    with pytest.raises(CaseError, match=r"case\.toml: cannot be read: Permission denied"):
        load_case("case.toml")


def test_byte_order_mark_and_dos_lines(tmp_path):
    path = tmp_path / "case.toml"
    path.write_bytes(b"\xef\xbb\xbf[run]\r\nseed = 7\r\n")
    assert load_case(str(path)).run.seed == 7


# --- Lines ---


def test_key_lines():
    text = dedent(
        '''\
        a.b = 1
        "c d" = """
        x = 1
        [not.a.table] \\""" """""  # an escaped quote, and two quotes before the closing three
        [t . 'u']  # comment
        v = { w = 1, x.y = [ 2, { z = 3 } ] }
        list = [   # [
          1,
          { k = "]" },

          '#',
        ]
        when = 1979-05-27 07:32:00
        [[n]]
        m = 1
        [n.sub]
        k = \'\'\'
        \'\'\'\'
        [[n]]
        [[n.deep]]
        k = 1
        '''
    )
    lines = KeyLines(text)
    assert lines == {
        ("a",): 1, ("a", "b"): 1, ("c d",): 2, ("t",): 5, ("t", "u"): 5, ("t", "u", "v"): 6,
        ("t", "u", "v", "w"): 6, ("t", "u", "v", "x"): 6, ("t", "u", "v", "x", "y"): 6,
        ("t", "u", "v", "x", "y", 0): 6, ("t", "u", "v", "x", "y", 1): 6, ("t", "u", "v", "x", "y", 1, "z"): 6,
        ("t", "u", "list"): 7, ("t", "u", "list", 0): 8, ("t", "u", "list", 1): 9,
        ("t", "u", "list", 1, "k"): 9, ("t", "u", "list", 2): 11, ("t", "u", "when"): 13,
        ("n",): 14, ("n", 0): 14, ("n", 0, "m"): 15, ("n", 0, "sub"): 16, ("n", 0, "sub", "k"): 17,
        ("n", 1): 19, ("n", 1, "deep"): 20, ("n", 1, "deep", 0): 20, ("n", 1, "deep", 0, "k"): 21,
    }  # fmt: skip
    assert set(lines) == set(paths(tomllib.loads(text)))


def paths(value, path=()):
    """Path of everything in the data of a TOML text."""
    if path:
        yield path
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in members:
        yield from paths(member, (*path, key))


def test_line_of_a_missing_key_is_that_of_its_table():
    lines = KeyLines("x = 1\n[run]\nseed = 1\n")
    assert line_of(("run", "replicas"), lines) == 2
    assert line_of(("tubule", "axis"), lines) is None
