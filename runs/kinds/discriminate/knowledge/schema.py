"""The layout of `knowledge` in result.json of discriminate."""

from pydantic import ConfigDict

from coble.store.schema import Model, Quantiles, of


class PriorOfNumber(Model):
    """What is known of a number of the case; keys of its form besides."""

    model_config = ConfigDict(extra="allow")

    form: of(str, "log-normal, log-uniform, uniform or normal")
    nominal: of(float | None, "at which the case is simulated, in `unit`")
    unit: str
    source: str
    ties: of(list[str], "other numbers of the case that are the same as this one") = []
    correlation: of(dict[str, float], "with other numbers of a fit, of logarithms where they are scales [1]") = {}


class Sobol(Model):
    first: of(float, "part of the variance of the share that the number moves by itself [1]")
    total: of(float, "the same, together with others [1]")
    together_with: of(list[str], "numbers that are correlated with this one: one factor, whose indices these are") = []


class Sides(Model):
    below: of(str, "path that carries more than half below the value, or none")
    above: of(str, "the same above it")


class Checked(Model):
    points: of(int, "of the prior that were simulated")
    rms_z: of(float, "root mean square of (simulated - stated share) / standard error [1]")


class KnowledgeResult(Model):
    """Of one wall: over the ranges of unknown numbers, not at the stated numbers."""

    prior: of(dict[str, PriorOfNumber], "of all that moves a number below, by key of the case; the wall's own as wall")
    regions: of(list[str], "names of a structure's regions in the order of the case: of region[1], region[2], …") = []
    probability: of(dict[str, float], "that each path carries more than half, and that none does [1]")
    shares: of(dict[str, Quantiles], "part of the current by path [1]")
    kappa_mS_cm: of(Quantiles | None, "conductivity of wall and interface over the wall [mS/cm]") = None
    conductance_S_m: of(Quantiles, "of all paths [S m]")
    tip_speed_nm_s: of(Quantiles | None, "of a plug as in [experiment], at its overpotential [nm/s]") = None
    sobol: of(dict[str, Sobol], "of the share of the path that leads at the stated numbers")
    sobol_by_path: of(dict[str, dict[str, Sobol]], "of every share")
    sobol_by_quantity: of(dict[str, dict[str, Sobol]], "of conductivity, conductance and speed of the tip") = {}
    turns_at: of(
        dict[str, float | None],
        "value at which the verdict turns when all others stay, correlated ones follow; null for none",
    )
    turns: of(dict[str, Sides | None], "what dominates on either side of it")
    decides: of(str | None, "number with the largest total index")
    histogram: of(dict[str, list[int]], "samples by share, bins of equal width from 0 to 1")
    interpolation_error: of(float, "bound, for 95 % of the samples, of what is left out, as a part of the current [1]")
    samples: int
    sentence: str
    checked: of(Checked | None, "by simulation; null when that was not asked")
