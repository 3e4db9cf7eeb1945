"""The layout of result.json of experiment."""

from typing import Literal

from coble.store.schema import Estimate, Model, Quantiles, ResultModel, of


class ObservableResult(Model):
    name: str
    label: str
    unit: str
    range: of(tuple[float, float], "of values that it may have, in its unit")
    resolution: of(float, "what can be told apart, in its unit")
    predicted: of(dict[str, Estimate | None], "by mechanism")
    exact: of(dict[str, float | None], "by mechanism")
    observed: of(Estimate | None, "given or simulated")


class Named(Model):
    named: of(str | None, "mechanism, or null")
    sentence: str


class SpeedResult(Model):
    measured: of(Estimate, "of the tip [nm/s]")
    exact: of(float, "[nm/s]; an upper bound where occupancies differ")
    exact_low: of(float | None, "lower bound [nm/s]; the same where the network is exact") = None
    slip: of(float, "part of it that is slip of the plug [nm/s]")
    events: int


class NumberAfter(Quantiles):
    """Of a number that is not known: 5, 50 and 95 % of it lie below."""

    ties: of(list[str], "other numbers of the case that are the same as this one") = []


class PosteriorResult(Model):
    """Over all hypotheses: the case itself with all paths in parallel, every mechanism alone, none of these.

    Numbers are those if all paths are in parallel.
    """

    dominant: of(dict[str, float], "that each path moves more than half of the metal, and that none is known to [1]")
    dominant_before: of(dict[str, float], "the same without the observations [1]")
    dominant_if_case: of(dict[str, float], "the same if all paths are in parallel, with the observations [1]")
    mechanism: of(dict[str, float], "of the case itself, of every mechanism alone, and of none of these [1]")
    parameters: of(dict[str, NumberAfter], "of numbers that were not known, by key of the case")
    parameters_before: of(dict[str, NumberAfter], "the same without the observations")
    samples: of(float, "of the prior that count after the observations [1]")


class NextMeasurement(Model):
    experiment: str
    precision: of(float, "relative standard error of every speed, or diffusivity, that is measured [1]")
    bits: of(float, "expected information about which path dominates [bit]")


class Experiment(ResultModel):
    """Of coble discriminate --experiment."""

    kind: Literal["experiment"]
    experiments: list[str]
    truth: of(str | None, "what was behind the simulated observation; null when it was given")
    observables: list[ObservableResult]
    probability: of(dict[str, float], "of every mechanism, and of none of these [1]")
    posterior: of(PosteriorResult | None, "with unknown numbers integrated over") = None
    next: of(
        list[NextMeasurement], "what to measure next, the best first; measurements that are known to be possible alone"
    ) = []
    truth_values: of(dict[str, float] | None, "numbers drawn for a simulated observation, by key of the case") = None
    stands: of(str, "where the pressure of the overpotential stands beside measured strengths") = ""
    verdict: Named
    speeds_nm_s: of(dict[str, dict[str, SpeedResult]], "by mechanism and condition [nm/s]")
    seconds: of(float, "[s]")
