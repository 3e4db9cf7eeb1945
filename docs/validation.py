"""Writes the table of docs/validation.md: runs the tests of every oracle and notes the numbers that they compare.

    pip install ".[test,clients]"
    python docs/validation.py                 about two minutes on one core
    python docs/validation.py --error-bars    the table of error bars alone: 11 minutes of a core, on two of them
    python docs/validation.py --knowledge     that of probabilities over what is not known alone: three minutes

No number is typed in: a test's own comparisons are caught while it runs, those of `assert_within` (measured ± error
against exact), of `pytest.approx` and `numpy.testing.assert_allclose` (value against exact, and what is allowed), and
plain bounds.  The tests are those of the suite, with their seeds, so the same version gives the same table.
"""

import re
import sys
import tempfile
from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[1]
BENCHMARKS = ROOT / "benchmarks"
PAGE = Path(__file__).with_name("validation.md")
BEGIN, END = "<!-- measured: python docs/validation.py writes what follows -->\n", "<!-- end -->\n"
BARS = "<!-- measured: python docs/validation.py --error-bars writes what follows -->\n"
KNOWN = "<!-- measured: python docs/validation.py --knowledge writes what follows -->\n"
NUMBER = r"(?:np\.float64\()?(-?\d+(?:\.\d*)?(?:e[-+]?\d+)?)\)?"


@dataclass(frozen=True)
class Oracle:
    """What is compared, with what, and in which tests (a file below tests/ and the name of its function)."""

    what: str
    against: str
    tests: tuple


CLOSED, SOLVED, PUBLISHED, PROGRAM = "Closed forms", "Exact solutions", "Published numbers", "Other programs"
HALF = "Laws that take a number from the run"
NETWORK, DIFFUSION, SMALL = "physics/test_network.py", "physics/test_diffusion.py", "physics/test_small_systems.py"
CREEP, CELL = "physics/test_grain_creep.py", "physics/test_cell.py"
GRADED, FILLING = "physics/test_graded.py", "physics/test_filling_walls.py"
TRANSPORT, GROWTH, CONTINUUM = "physics/test_transport.py", "physics/test_growth.py", "physics/test_continuum.py"
ORACLES = {
    CLOSED: (
        Oracle(
            "walker alone, bcc, sc, fcc, square, every axis", "D = Γa²", ((NETWORK, "test_lone_walker_on_a_lattice"),)
        ),
        Oracle("slabs of 1 to 4 layers", "D/Γa² = (n − 1)/n, 1 − 1/2n, 1", ((NETWORK, "test_slabs_of_n_layers"),)),
        Oracle(
            "layers in parallel and in series",
            "arithmetic, harmonic mean",
            ((NETWORK, "test_layers_in_parallel_add"), (NETWORK, "test_layers_in_series_share_the_tension")),
        ),
        Oracle("chain of two rates, from hops", "D = a² 2g₁g₂/(g₁ + g₂)", ((DIFFUSION, "test_alternating_chain"),)),
        Oracle("collective diffusion, from hops", "Γa² (N − n)/(N − 1)", ((DIFFUSION, "test_collective_diffusion"),)),
        Oracle("single file, from hops", "⟨x²⟩ = ((1 − c)/c) a √(4Γa²t/π)", ((DIFFUSION, "test_single_file"),)),
        Oracle(
            "chain between two reservoirs, from hops",
            "J = (ρ_a − ρ_b)/(N + 1/(α+γ) + 1/(β+δ) − 1)",
            ((SMALL, "test_chain_between_reservoirs"),),
        ),
        Oracle(
            "waits between events times the propensity before them, both kernels",
            "exponential with mean 1",
            (("physics/test_waits.py", "test_waits_are_exponential"),),
        ),
        Oracle(
            "hops that a lone walker undoes at once: bcc, sc, fcc, square, ring, bonds of two rates",
            "1/z; Σ (w/W)²",
            (
                ("physics/test_flicker.py", "test_a_lone_walker_undoes_one_hop_in_z"),
                ("physics/test_flicker.py", "test_on_a_ring_every_second_hop"),
                ("physics/test_flicker.py", "test_fast_bonds_flicker"),
            ),
        ),
        Oracle(
            "first passage, from hops",
            "N(N + 1)/2Γ",
            ((SMALL, "test_first_passage_takes_n_times_n_plus_one_over_two_hops"),),
        ),
        Oracle("occupancies at a reservoir, from hops", "Langmuir", ((SMALL, "test_langmuir_occupancies"),)),
        Oracle(
            "occupancy of channel and wall, from hops",
            "Langmuir",
            ((GROWTH, "test_channel_and_wall_fill_like_langmuir"),),
        ),
        Oracle(
            "a wall that fills: lithiation against U, 280 and 330 K; one site energy",
            "its open-circuit curve; Nernst's slope k_BT/e",
            (
                (FILLING, "test_sites_follow_their_curve_to_one_per_cent"),
                (FILLING, "test_one_site_energy_has_the_slope_of_nernst"),
            ),
        ),
        Oracle(
            "a wall that fills at four potentials, from hops",
            "its open-circuit curve",
            ((FILLING, "test_hops_and_exchange_bring_the_wall_to_its_curve"),),
        ),
        Oracle(
            "occupancy and potential of a fed root, from hops",
            "ρ = x + jx(1 − x), eU/k_BT = ln[1 + j(1 − x)] − ln[1 − jx]",
            (
                ("unit/test_constant_current.py", "test_potential_of_a_half_full_channel_is_an_artanh"),
                ("unit/test_constant_current.py", "test_the_root_s_potential_is_that_of_the_channel"),
            ),
        ),
        Oracle(
            "charge transfer in series with the root",
            "I = I₀ [exp(eη/2k_BT) − exp(−eη/2k_BT)]",
            (("unit/test_contact.py", "test_charge_transfer_takes_what_butler_and_volmer_say"),),
        ),
        Oracle(
            "mean current through cells of any lengths",
            "that of the sites",
            (
                (GRADED, "test_mean_current_is_that_of_the_sites_for_any_grading"),
                (GRADED, "test_mean_current_of_odd_gradings"),
            ),
        ),
        Oracle(
            "flat walls, from hops",
            "eq. (3) of Chen 2020",
            (("acceptance/test_small_tubules.py", "test_slab_is_equation_3"),),
        ),
        Oracle(
            "speed past a void",
            "1/(1 − φ + φD_i/D_s)",
            (
                (GROWTH, "test_a_void_carries_more_by_the_series_law"),
                ("physics/test_experiments.py", "test_exact_speed_past_a_void"),
            ),
        ),
        Oracle(
            "adhesion over cohesion on flat facets",
            "Young: (1 + cos θ)/2 = χ",
            (("physics/test_contact_angle.py", "test_adhesion_over_cohesion_on_a_flat_wall"),),
        ),
        Oracle(
            "creep of grains: network and its factors",
            "Coble's and Nabarro's laws in the continuum",
            ((CREEP, "test_factors_of_the_continuum"), (CREEP, "test_network_comes_near_the_continuum")),
        ),
        Oracle(
            "creep of grains: exponent of the size",
            "−3 (Coble), −2 (Nabarro–Herring)",
            ((CREEP, "test_exact_exponents"),),
        ),
    ),
    SOLVED: (
        Oracle(
            "network of bonds",
            "master equation of all states of small gases",
            ((NETWORK, "test_network_is_exact_at_equal_occupancies"),),
        ),
        Oracle(
            "currents by path, rate ratios 1 to 10⁵, from hops",
            "network",
            ((TRANSPORT, "test_conductances_equal_those_of_the_network"),),
        ),
        Oracle(
            "conductance of a crooked tubule, from hops",
            "network",
            ((TRANSPORT, "test_conductance_of_a_crooked_tubule"),),
        ),
        Oracle(
            "zero field, Einstein's relation, from hops",
            "driven conductance",
            ((TRANSPORT, "test_einstein_and_field_agree"),),
        ),
        Oracle(
            "stationary occupancies and currents, from hops",
            "master equation",
            ((SMALL, "test_stationary_occupancies"), (SMALL, "test_stationary_current")),
        ),
        Oracle(
            "occupancies on the way to equilibrium, from hops",
            "matrix exponential",
            ((SMALL, "test_transient_is_that_of_the_matrix_exponential"),),
        ),
        Oracle(
            "every hop of growing metal between all states of 12 sites",
            "detailed balance, energies from all pairs of sites",
            (("physics/test_bonds.py", "test_every_hop_between_all_states_is_balanced"),),
        ),
        Oracle(
            "growing metal at equilibrium, from hops",
            "Boltzmann's sum over all states",
            (
                ("physics/test_bonds.py", "test_the_kernel_samples_the_boltzmann_distribution"),
                (GROWTH, "test_the_kernel_samples_the_grand_canonical_distribution"),
            ),
        ),
        Oracle(
            "current past a void with growing metal's rates, from hops",
            "network",
            ((GROWTH, "test_the_kernel_carries_the_exact_current_past_a_void"),),
        ),
        Oracle(
            "cells after a step of the root's potential, from hops",
            "matrix exponential of the sites",
            ((GRADED, "test_a_step_at_the_root_goes_as_the_matrix_exponential"),),
        ),
        Oracle(
            "what cells with a closed end give after a step of the tip's potential",
            "matrix exponential of the sites",
            ((GRADED, "test_a_closed_end_takes_from_the_tip_what_its_sites_would"),),
        ),
        Oracle("creep of grains, from hops", "network", ((CREEP, "test_hops_give_the_network_at_any_tension"),)),
    ),
    HALF: (
        Oracle(
            "growing tip: B over that of the law corrected with the run's own tip potential",
            "L² = L₀² + 2Bt with Stefan's storage; over the law as it is printed B is 0.91",
            ((GROWTH, "test_the_front_squared_grows_linearly_in_time"),),
        ),
    ),
    PUBLISHED: (
        Oracle(
            "one vacancy in N sites of bcc, solved",
            "f(N), f = 0.7272 for N → ∞",
            ((DIFFUSION, "test_exact_one_vacancy_factor_of_bcc"),),
        ),
        Oracle(
            "correlation factor, solved, N → ∞",
            "bcc 0.7272, sc 0.6531, fcc 0.7815, square 0.4669",
            ((DIFFUSION, "test_one_vacancy_factors_tend_to_the_known_ones"),),
        ),
        Oracle(
            "correlation factor, from hops",
            "the same in a finite box",
            ((DIFFUSION, "test_one_vacancy_tracer_factor"),),
        ),
        Oracle(
            "correlation factor of dense bcc, from hops",
            "0.8864 at ½, 0.7627 at 0.9",
            ((DIFFUSION, "test_tracer_factor_of_dense_bcc"),),
        ),
        Oracle(
            "dilute vacancies in a tubule's metal: f and D*/D_σ",
            "f = 0.7272",
            (("acceptance/test_tracers.py", "test_correlation_factor_of_dilute_vacancies"),),
        ),
        Oracle(
            "Γa²/D of the interface, radius 5 to 50 nm, three axes",
            "1.07 … 0.98",
            ((NETWORK, "test_calibration_factor_of_the_shell"),),
        ),
        Oracle(
            "network of calibrated tubules, every shape",
            "continuum",
            ((NETWORK, "test_calibrated_tubule_conducts_like_the_continuum"),),
        ),
        Oracle(
            "conductance of wall over interface, 28 tubules",
            "areas and D of Chen 2020",
            ((CONTINUUM, "test_wall_to_interface"),),
        ),
        Oracle(
            "κ of four walls",
            "table 2 and eq. (3) of Chen 2020",
            ((CONTINUUM, "test_conductivity_of_the_mixed_conductor"),),
        ),
        Oracle(
            "numbers of the paper's cell",
            "the same, recomputed by another script",
            ((CELL, "test_number_of_the_paper"),),
        ),
        Oracle(
            "reflections of metal that has grown",
            "{110} at 2.481 Å, 60° apart",
            (("physics/test_diffraction.py", "test_one_grain_with_every_110_reflection"),),
        ),
    ),
    PROGRAM: (
        Oracle(
            "kernels: every event, clock and random word",
            "plain Python twins, bit for bit",
            (("twin/test_twin.py", "test_random_gases"),),
        ),
        Oracle(
            "files read back",
            "OVITO, pymatgen, MDAnalysis, LAMMPS",
            (
                ("clients/test_ovito.py", None),
                ("clients/test_pymatgen.py", None),
                ("clients/test_mdanalysis.py", None),
                ("clients/test_lammps.py", None),
            ),
        ),
    ),
}


@dataclass
class Comparisons:
    """Of one oracle: (measured, error, exact) and (value, exact, allowed difference); tests that passed or failed."""

    measured: list = field(default_factory=list)
    equal: list = field(default_factory=list)
    below: list = field(default_factory=list)
    passed: int = 0
    failed: int = 0

    def figures(self):
        """In words, for the table."""
        said = []
        if self.measured:
            value, error, exact = min(self.measured, key=lambda c: c[1] / (abs(c[2]) or 1))
            worst = max(abs(v - e) / s for v, s, e in self.measured)
            said.append(f"{value:.5g} ± {error:.2g} against {exact:.5g}; {_count(self.measured)} within {worst:.1f} σ")
        if self.equal:
            value, exact, allowed = max(self.equal, key=lambda c: abs(c[0] - c[1]) / c[2])
            digits = max(4, min(9, round(-np.log10(max(allowed, 1e-300) / (abs(exact) or 1))) + 1))
            off, allowed = abs(value - exact) / (abs(exact) or 1), allowed / (abs(exact) or 1)
            pair = f"{value:.{digits}g} against {exact:.{digits}g}"
            said.append(f"{pair}: off by {off:.1g}, allowed {allowed:.1g}{_worst(self.equal)}")
        if self.below and not said:
            value, bound = max(self.below, key=lambda c: c[0] / c[1])
            said.append(f"{value:.2g} < {bound:.2g}{_worst(self.below)}")
        if not self.passed:
            return "not installed where this was written"
        return "; ".join(said) or ("1 case agrees" if self.passed == 1 else f"{self.passed} cases agree")


class Recorder:
    """Plugin of pytest that notes what tests compare."""

    def __init__(self):
        self.found, self.now = {}, None

    def pytest_configure(self):
        import checks

        within, close = checks.assert_within, np.testing.assert_allclose

        def assert_within(value, stderr, exact, *arguments, **settings):
            within(value, stderr, exact, *arguments, **settings)
            self.now.measured.append((float(value), float(stderr), float(exact)))

        def assert_allclose(actual, desired, rtol=1e-7, atol=0.0, **settings):
            close(actual, desired, rtol=rtol, atol=atol, **settings)
            actual, desired = np.broadcast_arrays(np.asarray(actual, float), np.asarray(desired, float))
            allowed = np.maximum(atol + rtol * np.abs(desired), 1e-300)
            if actual.size and self.now is not None:
                worst = np.argmax(np.abs(actual - desired) / allowed)
                self.now.equal.append((actual.flat[worst], desired.flat[worst], allowed.flat[worst]))

        checks.assert_within, np.testing.assert_allclose = assert_within, assert_allclose

    def pytest_runtest_setup(self, item):
        key = (str(item.path.relative_to(ROOT / "tests")), item.originalname)
        self.now = self.found.setdefault(key, Comparisons())

    def pytest_assertion_pass(self, item, lineno, orig, expl):
        line = expl.splitlines()[0]
        if found := re.match(rf"{NUMBER} == {NUMBER} ± {NUMBER}$", line):
            self.now.equal.append(tuple(map(float, found.groups())))
        elif found := re.match(rf"{NUMBER} <=? {NUMBER}$", line):
            value, bound = map(float, found.groups())
            if "e-" in found[2] or bound < 1:  # a bound on a difference, not a count
                self.now.below.append((value, bound))

    def pytest_runtest_logreport(self, report):
        if report.when == "call" and not report.skipped:
            self.now.passed += report.passed
            self.now.failed += report.failed


def of(found, tests):
    """Comparisons of several tests together; a test is left out where nothing of it ran."""
    together = Comparisons()
    for file, name in tests:
        for key, each in found.items():
            if key[0] == file and name in (None, key[1]):
                for what in ("measured", "equal", "below"):
                    numbers = getattr(each, what)
                    getattr(together, what).extend(c for c in numbers if all(map(isfinite, c)))
                together.passed += each.passed
                together.failed += each.failed
    return together


def run(oracles):
    """Run the tests of some oracles; dict of (file, name) → Comparisons."""
    ids = [f"tests/{file}" + (f"::{name}" if name else "") for each in oracles for file, name in each.tests]
    recorder = Recorder()
    options = [
        "-q",
        "-n=0",  # the recorder reads tests of its own process
        "-p",
        "no:cacheprovider",
        "-o",
        "enable_assertion_pass_hook=true",
        "-o",
        "verbosity_assertions=2",
        f"--rootdir={ROOT}",
    ]
    with tempfile.TemporaryDirectory() as folder:
        sys.pycache_prefix = folder  # tests compiled without the hook are of no use
        sys.path.insert(0, str(ROOT / "tests" / "helpers"))
        pytest.main([*options, *(str(ROOT / each) for each in ids)], plugins=[recorder])
    return recorder.found


def table(oracles, found):
    """Lines of the table of some oracles."""
    lines = ["| what | against | measured | test |", "|---|---|---|---|"]
    for each in oracles:
        tests = "<br>".join(f"`{file}`" + (f"<br>`{name}`" if name else "") for file, name in each.tests)
        lines.append(f"| {each.what} | {each.against} | {of(found, each.tests).figures()} | {tests} |")
    return lines


def page(text, found):
    """The page with new tables."""
    lines = []
    for title, oracles in ORACLES.items():
        lines += [f"\n## {title}\n", *table(oracles, found)]
    return between(BEGIN, text, lines)


def between(begin, text, lines):
    """The page with new lines between one of its marks and the end of that part."""
    head, _, rest = text.partition(begin)
    _, _, tail = rest.partition(END)
    return head + begin + "\n".join(lines) + "\n\n" + END + tail


def write_error_bars():
    """Run the study of error bars, and write its table."""
    sys.path[:0] = [str(ROOT), str(BENCHMARKS)]
    import error_bars

    found = error_bars.rows()
    if not all(row.calibrated for row in found):
        sys.exit("\n".join([*error_bars.table(found), "Error bars are off: the table stays as it was."]))
    lines = ["", *error_bars.table(found)]
    PAGE.write_text(between(BARS, PAGE.read_text(encoding="utf-8"), lines), encoding="utf-8")


def write_knowledge():
    """Forecast truths that are drawn from the prior, and write the table of how reliable that was."""
    sys.path[:0] = [str(ROOT), str(BENCHMARKS)]
    import knowledge

    knowledge.keep("calibration")
    kept = knowledge.kept()
    if not knowledge.reliable(kept):
        sys.exit("\n".join([*knowledge.table(kept), "Forecasts are off: the table stays as it was."]))
    PAGE.write_text(between(KNOWN, PAGE.read_text(encoding="utf-8"), ["", *knowledge.table(kept)]), encoding="utf-8")


def _worst(comparisons):
    """How many were compared, behind the pair that is farthest apart."""
    return "" if len(comparisons) == 1 else f"; the worst of {_count(comparisons)}"


def _count(comparisons):
    return "1 comparison" if len(comparisons) == 1 else f"{len(comparisons)} comparisons"


if __name__ == "__main__":
    if "--error-bars" in sys.argv:
        sys.exit(write_error_bars())
    if "--knowledge" in sys.argv:
        sys.exit(write_knowledge())
    found = run(sum(ORACLES.values(), ()))
    if any(each.failed for each in found.values()):
        sys.exit("Some tests fail: the table stays as it was.")
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8"), found), encoding="utf-8")
