"""Numbers that are not known exactly: the forms of a case file, priors, ties, and ranges of the materials."""

import copy
import pickle
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import kstest, lognorm, loguniform, truncnorm
from tunings import tuned

from coble.inputs.case import Case, CaseError, load_case, parse_case, shipped
from coble.inputs.case_text import case_text
from coble.inputs.numbers.uncertain import Uncertain, prior_of
from coble.inputs.rate_table import RateFile, read_rates, written
from coble.kinds.discriminate.knowledge.shares import derived, knowledge_of, over_prior
from coble.kinds.discriminate.knowledge.tables import deciding
from coble.kinds.experiment.changes import EXPERIMENTS
from coble.kinds.experiment.hypotheses.forecasts import forecast
from coble.kinds.tune.correlation import with_correlation
from coble.kinds.tune.result import _sourced
from coble.kmc.knowledge.priors import (
    Joint,
    LogNormal,
    LogUniform,
    Normal,
    SameAs,
    Uniform,
    correlations,
    followed,
    groups_of,
    joint,
    unit_cube,
    values_at,
)
from coble.kmc.rates.materials import INTERFACE_PRIORS, METALS, WALLS
from coble.models.host import TubuleHost
from coble.models.rates import case_with, rates_of
from coble.models.tubules.knowledge import of_currents, of_shares, unknowns_of

FORMS = """
[interface]
diffusivity_cm2_s = { value = 2e-7, factor = 2.5 }
width_angstrom = { low = 2.0, high = 5.0, value = 2.0 }
occupancy = { low = 0.1, high = 0.9 }
activation_energy_eV = { value = 0.35, stderr = 0.05, source = "NEB" }

[surface]
diffusivity_cm2_s = { same_as = "interface.diffusivity_cm2_s" }

[[wall]]
name = "LiC6"
diffusivity_cm2_s = { low = 1e-8, high = 1e-7 }
"""


def test_every_form_is_a_number_and_a_prior():
    case = parse_case(FORMS)
    found = case.interface
    assert found.diffusivity_cm2_s == 2e-7
    assert prior_of(found.diffusivity_cm2_s) == LogNormal(2e-7, 2.5, "given in the case file", 1e-12, 1e-3)
    assert found.width_angstrom == 2.0 and isinstance(prior_of(found.width_angstrom), LogUniform)
    assert found.occupancy == 0.5 and isinstance(prior_of(found.occupancy), Uniform)  # no scale
    assert found.activation_energy_eV == 0.35
    assert prior_of(found.activation_energy_eV).source == "NEB"
    assert case.surface.diffusivity_cm2_s == 2e-7
    assert prior_of(case.surface.diffusivity_cm2_s) == SameAs("interface.diffusivity_cm2_s", "as the case says")
    assert case.walls[0].diffusivity.value_cm2_s == pytest.approx(10**-7.5)  # the median
    assert case.walls[0].diffusivity.prior.low == 1e-8


def test_uncertain_numbers_survive_writing_copying_and_pickling():
    case = parse_case(FORMS)
    for again in (parse_case(case_text(case)), copy.deepcopy(case), pickle.loads(pickle.dumps(case))):
        assert again == case
        assert type(again.interface.diffusivity_cm2_s) is Uncertain
        assert prior_of(again.interface.diffusivity_cm2_s).factor == 2.5
        assert prior_of(again.surface.diffusivity_cm2_s).key == "interface.diffusivity_cm2_s"


def test_priors_count_for_the_digest_and_plain_cases_keep_theirs():
    plain = Case()
    assert "priors" not in plain.resolved()
    ranged = Case(interface={"diffusivity_cm2_s": {"value": 2e-7, "factor": 2.0}})
    other = Case(interface={"diffusivity_cm2_s": {"value": 2e-7, "factor": 3.0}})
    assert len({each.digest() for each in (plain, ranged, other)}) == 3
    assert ranged.resolved()["priors"]["interface.diffusivity_cm2_s"]["form"] == "log-normal"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("diffusivity_cm2_s = { low = 2e-7, high = 1e-7 }", "low: must be below high, got 2e-7 and 1e-7"),
        ("diffusivity_cm2_s = { low = 2e-7, high = 2e-7 }", "low: must be below high"),
        ("diffusivity_cm2_s = { value = 2e-7, factor = 1 }", "factor: must be > 1"),
        ("diffusivity_cm2_s = { value = 2e-7, factor = 0.5 }", "factor: must be > 1"),
        ("diffusivity_cm2_s = { low = 1e-20, high = 1e-7 }", "low: must be between 1e-12 and 1e-3 cm2/s"),
        ("diffusivity_cm2_s = { value = 1e-12, factor = 3 }", "value / factor: must be between"),
        ("diffusivity_cm2_s = { value = 5e-7, low = 1e-8, high = 1e-7 }", "value: must lie between low and high"),
        ("diffusivity_cm2_s = { same_as = 'interface.diffusivity_cm2_s' }", "must name another number"),
        ("diffusivity_cm2_s = { same_as = 'nothing' }", "must name a number of the case"),
        ("diffusivity_cm2_s = { same_as = 'interface.occupancy' }", "in the same unit"),
        ("diffusivity_cm2_s = { same_as = 3 }", "must name a number"),
        ("diffusivity_cm2_s = { value = 2e-7 }", "must be a number, { value, factor }"),
        ("diffusivity_cm2_s = { value = 2e-7, stderr = 0 }", "stderr: must be > 0"),
        ("diffusivity_cm2_s = { value = 'x', factor = 2 }", "value: must be a number"),
        ("diffusivity_cm2_s = { valeu = 2e-7, factor = 2 }", "got the key 'valeu'"),
        ("diffusivity_cm2_s = {}", "must be a number, got a table"),
        ("diffusivity_cm2_s = { low = nan, high = 1e-7 }", "low: must be a finite number, got nan"),
        (f"diffusivity_cm2_s = {{ value = 2e-7, factor = 1{'0' * 400} }}", "factor: must be a finite number"),
        ("diffusivity_cm2_s = { same_as = 'slip.prefactor_1_s' }", "in the same unit"),
        ("occupancy = { value = 0.5, stderr = 0.6 }", "value - stderr: must be between 0.01 and 0.99, got -0.1"),
        ("occupancy = { low = 0, high = 0.9 }", "low: must be between 0.01 and 0.99, got 0"),
        ("diffusivity_cm2_s = { low = 0, high = 1e-7 }", "low: must be between 1e-12 and 1e-3 cm2/s, got 0"),
        (
            "diffusivity_cm2_s = { value = 2e-7, factor = 2, same_as = 'surface.diffusivity_cm2_s' }",
            "same_as: must stand by itself, got 'value' and 'factor' beside it",
        ),
        ("prior = 'guess'", "must be 'paper' or 'grain-boundaries'"),
    ],
)
def test_bad_forms_are_one_line_each(given, said):
    with pytest.raises(CaseError) as caught:
        parse_case(f"[interface]\n{given}\n", "mine.toml")
    (fault,) = caught.value.faults
    assert (fault.line, fault.key) == (2, f"interface.{given.split(' =')[0]}")
    assert said in fault.message and "\n" not in fault.message


OF_SIGMA = "[conditions]\ntemperature_K = 301\n[[wall]]\nname = 'inert'\n"


@pytest.mark.parametrize(
    ("text", "key", "said"),
    [
        (
            "[tubule]\ninner_width_nm = { low = 0.01, high = 900 }",
            "tubule.inner_width_nm",
            "low: must be at least 1.053 nm (3 lattice constants of Li), got 0.01",
        ),
        (
            "[tubule]\nwall_thickness_nm = { low = 0.05, high = 9 }",
            "tubule.wall_thickness_nm",
            "low: must be at least 0.4",
        ),
        (
            "[tubule]\nwall_thickness_nm = { value = 1, factor = 50 }",
            "tubule.wall_thickness_nm",
            "value / factor: must be at least 0.495 nm (one lattice constant of the Li sites in wall 'LiC6'), got 0.02",
        ),
        (
            "[tubule]\nwall_thickness_nm = { value = 1, stderr = 0.6 }",
            "tubule.wall_thickness_nm",
            "value - stderr: must be at least 0.495 nm (one lattice constant of the Li sites in wall 'LiC6'), got 0.4",
        ),
        (
            "[tubule]\ninner_width_nm = { same_as = 'tubule.wall_thickness_nm' }\n"
            "wall_thickness_nm = { low = 0.9, high = 9 }",
            "tubule.inner_width_nm",
            "low: must be at least 1.053 nm (3 lattice constants of Li), got 0.9",
        ),
        (
            f"{OF_SIGMA}[interface]\ndiffusivity_cm2_s = {{ low = 1e-6, high = 9.9e-4 }}",
            "interface.diffusivity_cm2_s",
            "high: must give at most 1e-3 cm2/s at 301 K, got 1e-3 (9.9e-4 cm2/s carried there from 300 K with 0.3",
        ),
        (
            f"{OF_SIGMA}[surface]\nactivation_energy_eV = {{ low = 0.1, high = 0.2 }}\nat_K = 200\n"
            "diffusivity_cm2_s = 5e-5",
            "surface.activation_energy_eV",
            "high: must give at most 1e-3 cm2/s at 301 K, got 2.5e-3 (carried there from 200 K with 0.2 eV)",
        ),
        (
            "[metal]\ndiffusivity_cm2_s = { same_as = 'interface.diffusivity_cm2_s' }\n"
            "[interface]\ndiffusivity_cm2_s = { low = 1e-7, high = 3e-5 }",
            "metal.diffusivity_cm2_s",
            "same_as: high: must be between 1e-14 and 1e-5 cm2/s, got 3e-5",
        ),
        (
            "[[wall]]\nname = 'inert'\ndiffusivity_cm2_s = { low = 1e-8, high = 3e-8 }",
            "wall[1].diffusivity_cm2_s",
            "got 1e-8 to 3e-8; or give a concentration_cm3 > 0",
        ),
        (
            "[structure]\nfile = 'mine.xyz'\nbond_cutoff_angstrom = 3\n[[barrier]]\nbetween = ['a', 'b']\n"
            "prefactor_1_s = { low = 1e12, high = 1e14 }\nrate_1_s = { value = 1e11, factor = 30 }",
            "barrier[1].rate_1_s",
            "value × factor: must be at most prefactor_1_s = 1e12 (low): the barrier would be negative, got 3e12",
        ),
        (
            "[interface]\nprior = 'grain-boundaries'\ndiffusivity_cm2_s = 2e-7",
            "interface.prior",
            "must not stand beside diffusivity_cm2_s, got 'grain-boundaries' and 2e-7 cm2/s: give one of the two",
        ),
    ],
)
def test_ranges_pass_what_a_plain_number_passes_beside_other_keys(text, key, said):
    """At both ends, with the number that was written."""
    with pytest.raises(CaseError) as caught:
        parse_case(text, "mine.toml")
    (fault,) = (each for each in caught.value.faults if each.key == key)
    assert said in fault.message and "\n" not in fault.message


def test_a_range_that_passes_everywhere_is_taken():
    """Control of the refusals: just inside; and a rate table may be used with a prior that was chosen by name."""
    case = parse_case(
        "[tubule]\ninner_width_nm = { low = 1.06, high = 900 }\nwall_thickness_nm = { value = 1, factor = 2 }"
    )
    assert prior_of(case.tubule.inner_width_nm).low == 1.06
    small = {"inner_width_nm": 3.0, "wall_thickness_nm": 1.0}
    named = Case(tubule=small, interface={"prior": "grain-boundaries"}, wall=[{"name": "LiC6"}])
    rates = rates_of(named)
    found = case_with(named, RateFile(temperature_K=300.0, hop={"wall": rates.hop["wall"]}))
    assert found.interface_diffusivity.prior.high == 4e-5


def test_a_bare_wall_has_one_density():
    """A density or a coverage, as a number or a range; both are refused.  Either counts for the digest."""
    densities = ("concentration_cm3 = 4e22", "concentration_cm3 = { low = 2e22, high = 4e22 }")
    exact, ranged = (unknowns_of(parse_case(f"[surface]\n{given}"), 0).prior for given in densities)
    assert not any(key.startswith("surface.co") for key in exact)
    assert "surface.coverage" not in ranged and "surface.concentration_cm3" in ranged
    for coverage, one in (("0.5", "0.5"), ("{ low = 0.25, high = 1.0 }", "0.25 to 1")):
        for density, other in zip(densities, ("4e22", "2e22 to 4e22"), strict=True):
            with pytest.raises(CaseError) as caught:
                parse_case(f"[surface]\n{density}\ncoverage = {coverage}\n", "mine.toml")
            (fault,) = caught.value.faults
            assert (fault.line, fault.key) == (3, "surface.coverage")
            assert f"beside concentration_cm3, got {one} and {other} cm-3: give one" in fault.message
    metal = Case().metal_material.concentration_cm3
    given = ({}, {"coverage": 0.5}, {"coverage": 0.7}, {"concentration_cm3": 0.7 * metal})
    digests = [Case(surface=each).digest() for each in given]
    assert len(set(digests)) == 3 and digests[2] == digests[3]


def test_a_number_that_is_tied_to_another_wall_has_its_prior():
    """Both ways: a wall that follows the other, and an interface that follows the wall that is not in question."""
    ranged = {"name": "LiC6", "diffusivity_cm2_s": {"low": 1e-8, "high": 1e-7}}
    tied = {"name": "Li9Al4", "diffusivity_cm2_s": {"same_as": "wall[1].diffusivity_cm2_s"}}
    follows = {"diffusivity_cm2_s": {"same_as": "wall[1].diffusivity_cm2_s"}}
    case = Case(wall=[ranged, tied], interface=follows)
    for wall in (0, 1):
        unknowns = of_shares(unknowns_of(case, wall))
        values = unknowns.at(unit_cube(len(unknowns.factors), 64))
        for key in ("wall.diffusivity_cm2_s", "interface.diffusivity_cm2_s"):
            assert 1e-8 <= values[key].min() < 2e-8 and 9e-8 < values[key].max() <= 1e-7, (wall, key)
        assert np.array_equal(values["wall.diffusivity_cm2_s"], values["interface.diffusivity_cm2_s"]), wall
    second = {"diffusivity_cm2_s": {"same_as": "wall[2].diffusivity_cm2_s"}}
    both = Case(wall=[{"name": "Li22Si5"}, ranged], interface=second)
    values = forecast(both, {"wall-swap": EXPERIMENTS["wall-swap"](both)}, n_sample=64).values
    assert np.array_equal(values["wall[2].diffusivity_cm2_s"], values["interface.diffusivity_cm2_s"])
    assert not np.array_equal(values["wall.diffusivity_cm2_s"], values["interface.diffusivity_cm2_s"])
    exact = Case(
        interface={"diffusivity_cm2_s": {"same_as": "surface.diffusivity_cm2_s"}}, surface={"diffusivity_cm2_s": 1e-7}
    )
    assert "interface.diffusivity_cm2_s" not in unknowns_of(exact, 0).prior


def test_ties_that_lead_on_are_refused():
    text = "[interface]\ndiffusivity_cm2_s = { same_as = 'surface.diffusivity_cm2_s' }\n"
    with pytest.raises(CaseError, match="not tied itself"):
        parse_case(text + "[surface]\ndiffusivity_cm2_s = { same_as = 'interface.diffusivity_cm2_s' }\n")
    assert parse_case(text).interface.diffusivity_cm2_s == METALS["Li"].surface.value_cm2_s  # that of the material


def test_materials_carry_ranges_with_sources():
    li = METALS["Li"]
    paper, boundaries = map(li.interface_prior, INTERFACE_PRIORS)
    assert (paper.low, paper.high, boundaries.low, boundaries.high) == (4e-8, 7e-7, 4e-8, 4e-5)
    for prior in (paper, boundaries, li.bulk.prior, li.surface.prior):
        assert prior.source
    for wall in WALLS.values():
        assert wall.diffusivity is None or wall.diffusivity.prior.low <= wall.diffusivity.value_cm2_s
    case = Case(interface={"prior": "grain-boundaries"})
    assert case.interface_diffusivity.prior.high == 4e-5
    assert case.interface_diffusivity.value_cm2_s == Case().interface_diffusivity.value_cm2_s  # the nominal one stays
    with pytest.raises(ValueError, match="must be 'paper' for Na"):
        Case(metal={"species": "Na"}, interface={"prior": "grain-boundaries"})


def test_a_plain_number_is_exact():
    assert Case(interface={"diffusivity_cm2_s": 2e-7}).interface_diffusivity.prior is None


def test_templates_print_the_ranges():
    text = shipped("paper").read_text(encoding="utf-8")
    for wanted in ("4e-8", "7e-7", "grain-boundaries", "coverage", "same_as", "factor"):
        assert wanted in text, wanted
    assert load_case(shipped("paper")).digest() == Case().digest()


NUMBERS = {  # every number that may be uncertain, by section
    "metal": {"diffusivity_cm2_s": 4e-11, "activation_energy_eV": 0.53},
    "interface": {
        **{"diffusivity_cm2_s": 2e-7, "activation_energy_eV": 0.35, "width_angstrom": 2.0},
        **{"occupancy": 0.5, "concentration_cm3": 4e22},
    },
    "surface": {"diffusivity_cm2_s": 7e-7, "activation_energy_eV": 0.25, "concentration_cm3": 2e22, "coverage": 0.6},
    "wall": {"diffusivity_cm2_s": 1e-8, "activation_energy_eV": 0.4, "concentration_cm3": 2e22},
    "tubule": {"inner_width_nm": 20.0, "wall_thickness_nm": 5.0},
    "slip": {"prefactor_1_s": 4e4, "exponent": 6.6, "activation_energy_eV": 0.4, "stress_MPa": 1.0},
}
FORMS_OF = (
    lambda x: {"value": x, "factor": 1.3},
    lambda x: {"low": 0.8 * x, "high": 1.2 * x},
    lambda x: {"value": x, "stderr": 0.1 * x},
)


@pytest.mark.parametrize(("section", "key"), [(name, key) for name, keys in NUMBERS.items() for key in keys])
def test_every_number_may_have_every_form_and_moves_what_follows_from_it(section, key):
    """At 320 K, so that energies count: conductances of the case, and speeds past a void, slip included."""
    for form in FORMS_OF:
        own = {"name": "LiC6", "activation_energy_eV": 0.4} if section == "wall" else {}
        own |= {key: form(NUMBERS[section][key])}
        sections = {
            "wall": [{"name": "LiC6", "activation_energy_eV": 0.4}],
            section: [own] if section == "wall" else own,
        }
        case = Case(conditions={"temperature_K": 320.0}, **sections)
        name = f"{section}.{key}"
        of_shares(unknowns_of(case, 0))
        forecasts = forecast(case, {"void": EXPERIMENTS["void"](case)}, n_sample=64)
        assert np.ptp(forecasts.values[name]) > 0.1 * NUMBERS[section][key]
        alone = replace(forecasts, values={name: forecasts.values[name]})
        speeds = [sum(alone.speeds("case", condition)) for condition in alone.conditions]
        assert max(np.ptp(np.broadcast_to(each, 64)) / np.mean(each) for each in speeds) > 1e-9


@pytest.fixture(scope="module")
def small():
    """A tubule, and what is known of it: (host, Knowledge)."""
    host = TubuleHost(Case(tubule={"inner_width_nm": 4.0, "wall_thickness_nm": 1.5}, wall=[{"name": "LiC6"}]), 0)
    return host, knowledge_of(host, host.solve(), 64)


@pytest.mark.parametrize("temperature_K", [300.0, 320.0])
@pytest.mark.parametrize(("section", "key"), [(name, key) for name, keys in NUMBERS.items() for key in keys])
def test_what_moves_a_printed_number_is_in_the_prior_and_nothing_else(small, section, key, temperature_K):
    """Shares, conductivity, conductance and speed of the tip at both ends of the range, all else as stated."""
    host, known = small
    value, wall = NUMBERS[section][key], {"name": "LiC6", "activation_energy_eV": 0.4}

    def currents(given):
        own = [wall | {key: given}] if section == "wall" else {key: given}
        case = Case(conditions={"temperature_K": temperature_K}, **{"wall": [wall]} | {section: own})
        return replace(known.currents, unknowns=of_currents(unknowns_of(case, 0)))

    low, high = (
        {**found.shares({}), **derived(host, found, {})} for found in map(currents, (0.99 * value, 1.01 * value))
    )
    moved = any(abs(low[name] / high[name] - 1) > 1e-9 for name in low)
    prior = currents({"low": 0.99 * value, "high": 1.01 * value}).unknowns.prior
    assert (f"{section}.{key}" in prior) == moved


def test_samples_stay_within_what_a_number_may_be():
    case = Case(surface={"coverage": {"value": 0.9, "factor": 1.1}}, interface={"occupancy": {"low": 0.2, "high": 0.9}})
    values = unknowns_of(case, 0).at(unit_cube(len(unknowns_of(case, 0).factors), 256))
    assert values["surface.coverage"].max() <= 1.0 and values["surface.coverage"].min() < 0.8


class Between:
    """A distribution of scipy.stats cut off at two ends."""

    def __init__(self, whole, low, high):
        self.whole, self.low, self.high = whole, whole.cdf(low), whole.cdf(high)

    def cdf(self, x):
        return (self.whole.cdf(x) - self.low) / (self.high - self.low)


@pytest.mark.parametrize(
    ("prior", "reference"),
    [
        (LogNormal(2.0, 2.5), lognorm(np.log(2.5), scale=2.0)),
        (LogNormal(0.6, 1.5, "", 0.3, 1.0), Between(lognorm(np.log(1.5), scale=0.6), 0.3, 1.0)),
        (LogUniform(0.5, 8.0), loguniform(0.5, 8.0)),
        (Normal(1.0, 0.5, 0.0, 3.0), truncnorm(-2, 4, 1.0, 0.5)),
    ],
)
def test_samples_have_the_distribution_that_scipy_gives(prior, reference):
    samples = prior.ppf(unit_cube(1, 1024)[:, 0])
    assert kstest(samples, reference.cdf).statistic < 0.005
    assert reference.cdf(float(prior.ppf(0.5))) == pytest.approx(0.5)
    if not isinstance(reference, Between):
        assert float(prior.ppf(0.5)) == pytest.approx(prior.median)


def test_joint_numbers_have_their_covariance():
    mix = np.linalg.cholesky(np.array([[0.3, 0.25], [0.25, 0.4]]))
    priors = {"a": Joint(1.0, {"a": mix[0, 0]}), "b": Joint(2.0, {"a": mix[1, 0], "b": mix[1, 1]})}
    found = values_at(priors, unit_cube(2, 4096))
    covariance = np.cov(np.log(found["a"]), np.log(found["b"] / 2.0))
    assert covariance == pytest.approx(np.array([[0.3, 0.25], [0.25, 0.4]]), abs=0.01)


def test_joint_numbers_keep_their_covariance_when_another_one_is_left_out():
    """Three of a fit, of which a case needs two; what is stored says so."""
    covariance = np.array([[0.3, 0.25, -0.2], [0.25, 0.4, -0.1], [-0.2, -0.1, 0.5]])
    three = joint({"a": 1.0, "b": 2.0, "c": 3.0}, covariance)
    two = {key: three[key] for key in ("b", "c")}
    found = values_at(two, unit_cube(2, 4096))
    assert np.cov(np.log(found["b"]), np.log(found["c"])) == pytest.approx(covariance[1:, 1:], abs=0.01)
    assert correlations(two) == {"b": {"c": pytest.approx(-0.1 / 0.2**0.5)}, "c": {"b": pytest.approx(-0.1 / 0.2**0.5)}}
    alone = values_at({"c": three["c"]}, unit_cube(1, 4096))["c"]
    assert np.std(np.log(alone)) == pytest.approx(0.5**0.5, abs=0.01)


def test_tied_numbers_are_one_factor():
    priors = {"a": LogUniform(1.0, 2.0), "b": SameAs("a")}
    found = values_at(priors, unit_cube(1, 16))
    assert np.array_equal(found["a"], found["b"])


# ---- rates that were fitted ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def fitted():
    """A case, and a table in which interface and wall were fitted together, the bulk could not be determined."""
    case = Case(tubule={"inner_width_nm": 5.0, "wall_thickness_nm": 2.0}, wall=[{"name": "LiC6"}])
    rates = rates_of(case)
    hops = {name: rates.hop[name] for name in ("interface", "wall", "bulk")}
    for name, error in (("interface", 0.2), ("wall", 0.3)):
        hops[name] = hops[name].model_copy(update={"uncertainty": error, "rate_1_s": 2 * hops[name].rate_1_s})
    hops["bulk"] = hops["bulk"].model_copy(update={"free": True})
    together = {"names": ("interface", "wall"), "matrix": ((1.0, 0.8), (0.8, 1.0))}
    return case, RateFile(temperature_K=300.0, hop=hops, correlation=together)


def test_fitted_rates_are_the_prior_of_the_next_case(fitted, tmp_path):
    case, rates = fitted
    path = tmp_path / "rates.toml"
    path.write_text(written(rates), encoding="utf-8")
    found = case_with(case, read_rates(path))
    unknowns = of_shares(unknowns_of(found, 0))
    values = unknowns.at(unit_cube(len(unknowns.factors), 4096))
    logs = np.log([values["interface.diffusivity_cm2_s"] / 4e-7, values["wall.diffusivity_cm2_s"] / 2e-8])
    assert np.cov(logs) == pytest.approx(np.array([[0.04, 0.048], [0.048, 0.09]]), abs=0.002)
    assert abs(logs.mean(axis=1)).max() < 0.01
    rho = correlations(unknowns.prior)
    assert rho["interface.diffusivity_cm2_s"] == {"wall.diffusivity_cm2_s": pytest.approx(0.8)}
    assert found.metal_diffusivity.prior == case.metal_diffusivity.prior  # not determined: as known as before
    assert found.interface_diffusivity.energy_prior == case.interface_diffusivity.energy_prior


def test_correlated_numbers_are_one_factor_of_what_decides(small):
    """Interface and wall alike, correlation 0.9: equal indices whichever the table names first, as of one factor."""
    host, known = small
    found = {}
    for names in (("interface", "wall"), ("wall", "interface")):
        rates = rates_of(host.case)
        hops = {name: rates.hop[name].model_copy(update={"uncertainty": 0.8}) for name in names}
        hops["bulk"] = rates.hop["bulk"]
        together = {"names": names, "matrix": ((1.0, 0.9), (0.9, 1.0))}
        case = case_with(host.case, RateFile(temperature_K=300.0, hop=hops, correlation=together))
        unknowns = of_currents(unknowns_of(case, 0))
        found[names[0]] = over_prior(host, replace(known.currents, unknowns=unknowns), 64)
    interface, wall = "interface.diffusivity_cm2_s", "wall.diffusivity_cm2_s"
    for each in found.values():
        content = each.as_dict()
        sobol = content["sobol"]
        assert sobol[interface]["first"] == sobol[wall]["first"] > 0.95
        assert sobol[interface]["total"] == sobol[wall]["total"] > 0.95
        assert sobol[interface]["together_with"] == [wall] and sobol[wall]["together_with"] == [interface]
        assert "together_with" not in sobol["interface.occupancy"]
        assert content["decides"] in (interface, wall)
        for p, verb in ((0.9999, "matter most"), (0.75, "decide")):
            said = replace(each, probability={"interface": p, "bulk": 0.0, "wall": 1 - p, "none": 0.0}).sentence
            assert "D of the wall" in said and said.endswith(f", correlated 0.90, {verb} together.")
        assert "D of the interface" in deciding(content) and "D of the wall" in deciding(content)
        # Of two that move together the ratio does not turn: alone, D of the wall would turn the verdict.
        values = each.currents.unknowns.moved(wall, np.array([1e-8, 1e-7]))
        assert values[interface][1] / values[interface][0] == pytest.approx(10**0.9)


def test_groups_are_joined_through_others():
    """a with c and c with b are one group, though a and b are not correlated."""
    covariance = np.array([[1.0, 0.0, 0.5, 0.0], [0.0, 1.0, 0.5, 0.0], [0.5, 0.5, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0]])
    priors = joint(dict.fromkeys("abcd", 1.0), covariance) | {"e": LogUniform(1.0, 2.0), "f": SameAs("e")}
    assert sorted(map(sorted, groups_of(priors))) == [["a", "b", "c"], ["d"], ["e"]]
    assert followed(priors, "c", np.array([np.e])) == {"a": pytest.approx(np.e**0.5), "b": pytest.approx(np.e**0.5)}
    assert followed(priors, "d", np.array([2.0])) == followed(priors, "e", np.array([2.0])) == {}


def test_fitted_barriers_are_the_prior_of_the_next_case_together_with_the_rates(fitted, tmp_path):
    """What `coble tune` writes, to a file and back: ln of the rate and the energy with their covariance."""
    case, _ = fitted
    found = tuned(("interface", "wall", "interface barrier"), [[1, 0, 0.5], [0, 1, 0], [0.3, 0, 1]], error=0.2)
    found = replace(found, start=case, case=case)
    path = tmp_path / "rates.toml"
    path.write_text(written(with_correlation(_sourced(rates_of(case), found), found)), encoding="utf-8")
    again = read_rates(path)
    assert again.correlation.names == found.free and again.hop["interface"].free == "both"
    kT = 8.617333e-5 * 300
    assert again.hop["interface"].barrier_uncertainty_eV == pytest.approx(found.fit.error[2] * kT, rel=1e-6)
    next_case = case_with(case, again)
    assert next_case.walls[0].diffusivity.energy_prior is None and prior_of(next_case.interface.activation_energy_eV)
    unknowns = unknowns_of(next_case, 0)
    values = unknowns.at(unit_cube(len(unknowns.factors), 4096))
    D, energy = values["interface.diffusivity_cm2_s"], values["interface.activation_energy_eV"]
    moved = np.array([np.log(D / next_case.interface_diffusivity.value_cm2_s), (energy - 0.348) / kT])
    moved[1] -= moved[1].mean()
    expected = found.fit.covariance[[0, 2]][:, [0, 2]]
    assert abs(expected[0, 1]) > 0.2 * expected[0, 0]
    assert np.cov(moved) == pytest.approx(expected, abs=0.02 * expected.max())
    assert parse_case(case_text(next_case)).interface.activation_energy_eV == next_case.interface.activation_energy_eV
    text = written(again).replace("barrier_uncertainty_eV = ", "barrier_uncertainty_eV = 9")
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CaseError, match="barrier_uncertainty_eV: must be between 1e-6 and 1 eV"):
        read_rates(path)


def test_a_barrier_that_was_not_determined_keeps_its_range(fitted):
    case, _ = fitted
    found = replace(tuned(("interface", "interface barrier"), [[1.0, 0.0]]), start=case, case=case)
    rates = with_correlation(_sourced(rates_of(case), found), found)
    hop = rates.hop["interface"]
    assert hop.uncertainty and hop.barrier_uncertainty_eV is None and rates.correlation is None
    assert "not identifiable" in hop.source
    assert case_with(case, rates).interface_diffusivity.energy_prior == case.interface_diffusivity.energy_prior


def test_a_rate_that_somebody_wrote_is_exact(fitted):
    case, rates = fitted
    hop = rates.hop["interface"].model_copy(update={"uncertainty": None})
    found = case_with(case, rates.model_copy(update={"hop": {"interface": hop}, "correlation": None}))
    assert found.interface_diffusivity.prior is None
    assert found.walls[0].diffusivity.prior == case.walls[0].diffusivity.prior  # not in the table: as it was


@pytest.mark.parametrize(
    ("matrix", "said"),
    [
        ([[1.0, 0.5]], "a row and a column"),
        ([[1.0, 0.5], [0.4, 1.0]], "symmetric"),
        ([[1.0, 2.0], [2.0, 1.0]], "no negative eigenvalue"),
        ([[2.0, 0.0], [0.0, 1.0]], "1 on its diagonal"),
    ],
)
def test_correlations_that_are_none_are_refused(fitted, tmp_path, matrix, said):
    _, rates = fitted
    path = tmp_path / "rates.toml"
    text = written(rates).split("matrix = ")[0] + f"matrix = {matrix}\n\n[hop." + written(rates).split("[hop.", 1)[1]
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CaseError, match=said):
        read_rates(path)
