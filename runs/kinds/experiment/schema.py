"""The layout of result.json of experiment."""

from typing import Literal

from coble.store.schema import Estimate, Model, ResultModel, of


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


class Experiment(ResultModel):
    """Of coble discriminate --experiment."""

    kind: Literal["experiment"]
    experiments: list[str]
    truth: of(str | None, "what was behind the simulated observation; null when it was given")
    observables: list[ObservableResult]
    probability: of(dict[str, float], "of every mechanism, and of none of these [1]")
    verdict: Named
    speeds_nm_s: of(dict[str, dict[str, SpeedResult]], "by mechanism and condition [nm/s]")
    seconds: of(float, "[s]")
