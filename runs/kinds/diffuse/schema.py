"""The layout of result.json of diffuse."""

from typing import Literal

from coble.store.schema import Estimate, Model, ResultModel, of


class Tensor(Model):
    xx: Estimate
    yy: Estimate
    zz: Estimate
    xy: Estimate
    xz: Estimate
    yz: Estimate


class ExactTensor(Model):
    xx: of(float, "component xx, in its unit")
    yy: of(float, "component yy, in its unit")
    zz: of(float, "component zz, in its unit")
    xy: of(float, "component xy, in its unit")
    xz: of(float, "component xz, in its unit")
    yz: of(float, "component yz, in its unit")


class Along(Estimate):
    """Of the mean over the directions in which carriers move; and along each axis, null where nothing moves."""

    xx: Estimate
    yy: Estimate
    zz: Estimate


class Lag(Model):
    lag_s: of(float, "time between origin and end, and again to the second end [s]")
    mean_cm2_s: of(Estimate, "slope of the mean square from this time to twice it, averaged over directions [cm2/s]")


class Temperature(Model):
    temperature_K: of(float, "[K]")
    tracer_cm2_s: of(Tensor, "D* of the atoms, in the frame of the structure [cm2/s]")
    collective_cm2_s: of(Tensor, "D_sigma: mean square of the summed displacement over 2 N t, N atoms [cm2/s]")
    haven_ratio: of(Along, "D* / D_sigma [1]")
    correlation_factor: of(Along, "D* over that of uncorrelated hops, as many as were counted [1]")
    lone_carrier_cm2_s: of(ExactTensor, "exact D of one carrier alone [cm2/s]")
    tracer_mean_cm2_s: of(Estimate, "averaged over the directions in which carriers move [cm2/s]")
    collective_mean_cm2_s: of(Estimate, "averaged over the same directions [cm2/s]")
    network_cm2_s: of(ExactTensor, "D_sigma by the network; exact when all sites are equally full, else at most this")
    exact_collective_cm2_s: of(ExactTensor | None, "D_sigma of this box; null where it is not known [cm2/s]")
    exact_tracer_cm2_s: of(ExactTensor | None, "D* of this box; null where it is not known [cm2/s]")
    directions: of(list[str], "those of xx, yy, zz in which carriers move")
    carrier: of(Literal["atom", "vacancy"], "whichever are fewer")
    carriers: of(float, "in the box, in the mean [1]")
    atoms: of(float, "in the box, in the mean [1]")
    sites: int
    lags: of(dict[str, list[Lag]], "tracer, collective: D by time, the one that was taken among them")
    settled: of(dict[str, bool], "tracer, collective: whether longer times agree with the one that was taken")
    reason: of(str, "why it ended")
    events: int
    seconds: of(float, "[s]")


class Fit(Model):
    activation_energy_eV: of(Along, "[eV]")
    d0_cm2_s: of(Along, "[cm2/s]")
    chi2: of(float, "chi squared of the mean over directions: squares of what is left, in standard errors [1]")
    degrees_of_freedom: int
    p_value: of(float, "probability of so large a chi2 by chance")


class Arrhenius(Fit):
    """Of the tracer; and of collective diffusion and of the lone carrier."""

    collective: Fit | None
    lone_carrier_eV: of(float | None, "activation energy of the lone carrier's exact D, averaged over directions [eV]")
    lone_carrier_d0_cm2_s: of(float | None, "its D0 [cm2/s]")


class Diffuse(ResultModel):
    """Of coble diffuse."""

    kind: Literal["diffuse"]
    temperatures: list[Temperature]
    arrhenius: of(Arrhenius | None, "straight line through ln D of the tracer; null with fewer than two temperatures")
    seconds: of(float, "[s]")
