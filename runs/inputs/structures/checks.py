"""Checks between the keys of a case on a structure; the manner is that of `coble.inputs.case_checks`.

What needs the structure itself is checked where the lattice is made: `coble.models.structures.structure`.
"""

from itertools import combinations
from math import exp, log

from coble.inputs.files.faults import dotted, listed, number_text
from coble.inputs.numbers.section import LOWEST_K
from coble.inputs.numbers.uncertain import ends_of, of_end
from coble.inputs.structures.image_sections import image_checks, no_image
from coble.kmc.constants import BOLTZMANN_EV_K

OF_STRUCTURES = frozenset(("structure", "region", "barrier", "barriers"))
OF_TUBULES = frozenset(
    ("tubule", "metal", "interface", "surface", "exchange", "wall", "bonds", "growth", "slip")
    + ("experiment", "creep", "design")
)
AGREE = 0.01  # rate, prefactor and barrier may differ by this part
PARTS = ("rate_1_s", "prefactor_1_s", "barrier_eV")


def structure_checks(draft, given):
    """All checks of a draft that has one of these sections; `given` are the names of all that it has."""
    yield _whole(draft, given)
    if "structure" not in given:
        return
    yield _temperature(draft)
    has_image = not draft.structure.lacks("image")
    if has_image:
        yield from image_checks(draft, given)
    else:
        yield no_image(draft)
        yield _bonds_known(draft, given)
        yield _table(draft, given)
    for region in draft.region:
        yield _diffuses(draft, region)
    yield _different(draft)
    if has_image:
        return
    for rule in draft.barrier:
        yield _enough(draft, rule)
    yield _one_rule_each(draft)


def _whole(draft, given):
    """A structure takes the tubule's place; nothing of it is used without one."""
    if "structure" not in given:
        for name in sorted(OF_STRUCTURES & given):
            yield draft, name, "belongs to a structure: give [structure] with the file that has its sites"
        return
    for name in sorted(OF_TUBULES & given):
        yield draft, name, "cannot stand beside [structure]: it belongs to a tubule that is built in"
    if draft.structure.lacks("file") and draft.structure.lacks("image"):
        yield draft.structure, "file", "is missing: name the file that has the sites, what ASE reads, or an image"


def _temperature(draft):
    temperature_K = draft.conditions.temperature_K
    if temperature_K < LOWEST_K:
        yield (
            draft.conditions,
            "temperature_K",
            f"must be at least {LOWEST_K:g} K, got {number_text(temperature_K)} (is it in degrees Celsius?)",
        )


def _bonds_known(draft, given):
    """Bonds have one source: a cut-off, or the table of barriers."""
    from coble.inputs.structures.structure_file import is_lattice

    cutoff, file = draft.structure.bond_cutoff_angstrom, draft.structure.file
    if file is not None and is_lattice(file):
        for key in ("bond_cutoff_angstrom", "mobile"):
            if getattr(draft.structure, key) is not None:
                yield draft.structure, key, "must be left out: a lattice has its bonds"
        return
    if cutoff is not None and "barriers" in given:
        yield (
            draft.structure,
            "bond_cutoff_angstrom",
            "must be left out beside [barriers]: the table says what is bound, give one of the two",
        )
    if cutoff is None and "barriers" not in given:
        yield (
            draft.structure,
            "bond_cutoff_angstrom",
            "is missing: give the longest bond in angstrom, or [barriers] with a table of pairs of sites",
        )


def _table(draft, given):
    if "barriers" in given and draft.barriers.lacks("file"):
        yield draft.barriers, "file", "is missing: name the table of pairs of sites (CSV)"


def _diffuses(draft, region):
    """A slope belongs to a diffusivity, and a diffusivity from another temperature needs one."""
    temperature_K = draft.conditions.temperature_K
    if region.lacks("diffusivity_cm2_s"):
        if region.activation_energy_eV is not None:
            yield (
                region,
                "activation_energy_eV",
                "must come with diffusivity_cm2_s; the barrier of a rule stands in [[barrier]] as barrier_eV",
            )
    elif region.activation_energy_eV is None and region.at_K != temperature_K:
        wanted = number_text(temperature_K)
        yield (
            region,
            "activation_energy_eV",
            f"is missing: the diffusivity of '{region.name}' is known at {number_text(region.at_K)} K and the case is "
            f"at {wanted} K; give it, or at_K = {wanted} with the diffusivity there",
        )


def _different(draft):
    first = {}
    for region in draft.region:
        other = first.setdefault(region.name, region)
        if other is not region:
            yield region, "name", f"must differ from region to region, got '{region.name}' as in {dotted(other.path)}"


def _enough(draft, rule):
    """Any two of rate, prefactor and barrier determine the third."""
    given = [key for key in PARTS if getattr(rule, key) is not None]
    missing = [key for key in PARTS if key not in given]
    if len(given) < 2:
        have = f", got {listed(given)} alone" if given else ""
        yield rule, missing[-1], f"is missing: give two of {listed(PARTS, 'and')}{have}"
        return
    kT = BOLTZMANN_EV_K * (draft.conditions.temperature_K if rule.at_K is None else rule.at_K)
    if rule.at_K is not None and rule.rate_1_s is None:
        yield rule, "at_K", "must come with rate_1_s, whose temperature it is"
    if len(given) == 3:
        implied = rule.prefactor_1_s * exp(-rule.barrier_eV / kT)
        if not implied or abs(log(implied / rule.rate_1_s)) > AGREE:
            yield (
                rule,
                "rate_1_s",
                f"contradicts prefactor_1_s and barrier_eV, which give {implied:.3g} 1/s at "
                f"{kT / BOLTZMANN_EV_K:g} K, got {number_text(rule.rate_1_s)}: leave one of the three out",
            )
    elif rule.barrier_eV is None:
        (of_rate, rate), (of_most, most) = _highest(rule.rate_1_s), _lowest(rule.prefactor_1_s)
        if rate > most:
            bound = f"{number_text(most)}{f' ({of_most})' if of_most else ''}"
            fault = f"must be at most prefactor_1_s = {bound}: the barrier would be negative, got {number_text(rate)}"
            yield rule, "rate_1_s", of_end(of_rate, fault)
    elif rule.prefactor_1_s is None and _highest(rule.barrier_eV)[1] / kT + log(_highest(rule.rate_1_s)[1]) > log(1e30):
        yield rule, "rate_1_s", "and barrier_eV give a prefactor beyond 1e30 1/s: is the barrier in eV?"
    if rule.direction is not None and getattr(rule, "class") is not None:
        yield rule, "class", "must be left out beside direction: give one of the two"


def _lowest(value):
    """(what it is called, number) of the lower end of a number, see `ends_of`."""
    return next(iter(ends_of(value).items()))


def _highest(value):
    """The same of the upper end."""
    return list(ends_of(value).items())[-1]


def _one_rule_each(draft):
    """No two rules speak of the same hops."""
    for one, other in combinations(draft.barrier, 2):
        same = all(getattr(one, key) == getattr(other, key) for key in ("between", "direction", "class"))
        if same:
            yield other, "between", f"must differ from rule to rule, got the hops of {dotted(one.path)} again"
