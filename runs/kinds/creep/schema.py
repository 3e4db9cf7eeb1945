"""The layout of result.json of creep."""

from typing import Literal

from coble.store.schema import Estimate, Model, ResultModel, of


class CreepPoint(Model):
    edge_cells: of(int, "edge of the grain, in lattice constants")
    edge_nm: of(float, "edge of the grain [nm]")
    tension_MPa: of(float, "[MPa]")
    tension_kT: of(float, "tension times atomic volume [k_B T]")
    strain_rate_1_s: of(Estimate, "[1/s]")
    exact_1_s: of(float, "of the network [1/s]")
    continuum_1_s: of(float, "by the formula [1/s]")
    atoms_to_ends: of(int, "net")
    atoms_from_sides: of(int, "net")
    sites: int
    events: int


class FittedLaw(Model):
    measured: of(Estimate, "fit to the runs")
    exact: of(float, "the same fit to the network's values, in its unit")
    theory: of(float, "by the continuum, in its unit")


class Creep(ResultModel):
    """Of coble creep."""

    kind: Literal["creep"]
    series: of(dict[str, list[CreepPoint]], "interface, bulk, both, tensions")
    exponents: of(dict[str, FittedLaw], "of grain size, and of tension in the series tensions [1]")
    crossover_nm: of(FittedLaw | None, "grain size at which both paths are equal, in the series both [nm]")
    own_crossover_nm: of(float, "the same with the metal's own bulk, by theory [nm]")
    bulk_diffusivity_cm2_s: of(dict[str, float], "by series [cm2/s]")
    worst_sigmas: of(float | None, "largest distance of a strain rate from the network's, in standard errors [1]")
    seconds: of(float, "[s]")
