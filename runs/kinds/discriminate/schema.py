"""The layout of result.json of discriminate."""

from typing import Annotated, Any, Literal

from pydantic import Field

from coble.kinds.discriminate.knowledge.schema import KnowledgeResult
from coble.store.schema import Estimate, Model, ResultModel, of


class Agreement(Model):
    """Whether the blocks of a share agree; null for what cannot be told."""

    replicas: of(float | None, "probability of so large a difference between replicas, by analysis of variance [1]")
    halves: of(float | None, "the same between the first half of the blocks and the second [1]")


class Path(Model):
    share: of(Estimate, "part of the current [1]; a hop between two regions counts half for each")
    conductance_S_m: of(Estimate, "axial conductance, conductivity times area, per tubule or repeat unit [S m]")
    hops: of(int, "hops that touched the region")
    expected_share: of(
        Estimate | None, "part of the current from the rates of all hops instead of their counts [1]"
    ) = None
    control: of(Estimate, "d ln J / d ln D of the path [1]")
    lost_if_off: of(Estimate | None, "part of the current that was missing in a run without the path [1]")
    agreement: Agreement | None = None


class Exact(Model):
    shares: of(dict[str, float], "part of the current by path [1]")
    kappa_mS_cm: of(float | None, "conductivity of wall and interface over the wall [mS/cm]; null for a structure")
    conductance_S_m: of(dict[str, float], "axial conductance by path, as measured in `paths` [S m]") = {}
    alone_conductance_S_m: of(dict[str, float], "of each region by itself [S m]") = {}
    regions_over_total: of(float | None, "conductance without hops between regions over the network's [1]") = None
    total_lies_between: of(
        tuple[float, float],
        "bounds of the interacting gas's conductance over the network's [1]; 1 and 1 at equal occupancies",
    )


class Formula(Model):
    shares: of(dict[str, float], "part of the current by path [1]")
    kappa_mS_cm: of(float | None, "conductivity of wall and interface over the wall [mS/cm]; null for an image")


class Verdict(Model):
    dominant: of(str | None, "path that carries more than half; null unless the probability is above 0.975")
    probability: of(float, "of that [1]")
    sentence: str


class Route(Model):
    regions: list[str]
    share: of(float, "part of the exact current [1]")


class Current(Model):
    from_: Annotated[tuple[str, int], Field(alias="from", description="region, and slab of the axis from the root")]
    to: of(tuple[str, int], "region, and slab of the axis")
    current: of(float, "exact, part of the whole [1]")


class WallRun(Model):
    reason: of(str, "why it ended")
    events: int
    seconds: of(float, "of the driven segment [s]")
    blocks: int
    block_duration_s: of(float, "simulated [s]")
    sites: int
    segment_A: of(float, "period along the axis [angstrom]")
    seconds_by_stage: of(dict[str, float], "[s]")
    imbalance: of(float | None, "largest relative violation of detailed balance in the rate table [1]") = None
    lattice: dict[str, Any]


class Lags(Model):
    """Of tracers in one region."""

    hops_per_atom: of(list[float], "up to each time at which displacements were looked at [1]")
    correlation_factor: of(list[Estimate], "between that time and the one before [1]; the last is the result")


class WaitingTimes(Model):
    """Between events of the driven segment, each times the total propensity before it: exponential, with mean 1."""

    events: int
    mean_s: of(float, "mean wait [s]")
    times_total_propensity: of(Estimate, "mean of wait times propensity, to be 1 [1]")
    edges: of(list[float], "of the bins, in mean waits [1]")
    counts: of(list[int], "waits by bin")
    beyond: of(int, "waits longer than the last edge")
    probability: of(float, "of so large a deviation from exp(-x), Kolmogorov and Smirnov [1]")


class Wall(Model):
    name: of(str, "of the wall, or of the file of a structure")
    paths: of(dict[str, Path], "by region: bulk, interface, wall, surface of a tubule; those of a structure")
    kappa_mS_cm: of(
        Estimate | None,
        "conductivity of wall and interface over the wall's cross-section [mS/cm]; null for a structure",
    )
    total_conductance_S_m: of(Estimate | None, "measured axial conductance of all paths [S m]") = None
    tracer_cm2_s: of(dict[str, Estimate], "D* along the axis by region, each by itself [cm2/s]")
    haven_ratio: of(dict[str, Estimate], "D* over D of the current [1]")
    correlation_factor: of(dict[str, Estimate], "mean squared way over that of uncorrelated hops [1]")
    tracer_lags: of(dict[str, Lags], "how the correlation factor settles, by region") = {}
    undone_hops: of(
        dict[str, Estimate], "part of a region's hops that the same atom undoes before all else at their sites [1]"
    ) = {}
    waiting_times: WaitingTimes | None = None
    exact: of(Exact, "the network solved exactly")
    formula: of(
        Formula | None, "the continuum formula of the shape, or of a section in an image; null for other structures"
    )
    calibration: of(dict[str, float] | None, "hop rate times a squared over D, by region [1]; null for a structure")
    verdict: Verdict
    knowledge: of(KnowledgeResult | None, "over the ranges of unknown numbers") = None
    routes: list[Route]
    limiting_cut: of(dict[str, float], "minimum cut: part of its conductance by region [1]")
    network: of(list[Current], "exact currents between regions and slabs, none below 0.001")
    run: WallRun
    colours: of(dict[str, str], "of the regions of a structure, where the case gives one: #rrggbb") = {}


class Discriminate(ResultModel):
    """Of coble discriminate."""

    kind: Literal["discriminate"]
    seconds: of(float | None, "that the run took, all walls together [s]") = None
    walls: list[Wall]
