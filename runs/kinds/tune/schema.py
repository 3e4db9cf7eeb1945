"""The layout of result.json of tune."""

from typing import Literal

from coble.store.schema import Estimate, Model, ResultModel, of


class RateFound(Estimate):
    start: of(float, "[1/s]")
    ln_rate_stderr: of(float | None, "standard error of ln rate [1]; null: not identifiable")


class Residual(Model):
    target: str
    unit: of(str, "of the numbers beside it")
    measured: float
    measured_error: float
    model: Estimate
    sigmas: of(float, "model less measured, in standard errors of both [1]")


class Correlation(Model):
    names: list[str]
    matrix: list[list[float]]


class Direction(Model):
    stderr_ln: of(float | None, "standard error along it [1]; null: not known at all")
    parts: of(dict[str, float], "of every free rate [1]")


class Combination(Model):
    text: of(str, "as ratio k_interface / k_wall")
    stderr_ln: of(float, "standard error of its logarithm [1]")
    factor: of(float, "found over start [1]")
    powers: of(dict[str, float], "of the rates in it [1]")


class Tune(ResultModel):
    """Of coble tune."""

    kind: Literal["tune"]
    converged: bool
    rates: of(dict[str, RateFound], "[1/s]")
    barriers_eV: of(dict[str, Estimate], "[eV]")
    residuals: list[Residual]
    unidentifiable: of(list[str], "free rates that the targets do not determine, each by itself")
    haven_ratio: of(dict[str, Estimate], "by region [1]")
    correlation: of(Correlation, "of the found rates' logarithms")
    directions: of(list[Direction], "of rate space, the best known first")
    combinations: of(list[Combination], "what is determined of the unidentifiable rates; powers of rates") = []
    batches: int
    chi2_by_batch: list[float]
    objective_fresh: of(float, "chi squared of a run with fresh random numbers")
    degrees_of_freedom: float
    p_value: float
    words: of(list[str], "what the targets say, and what they cannot say")
    seconds: of(float, "[s]")
