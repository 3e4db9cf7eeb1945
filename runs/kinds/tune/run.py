"""Find the rates that give what was measured: batches of simulations, exact derivatives, and what is not identifiable.

Every batch builds the tubules of the targets at the present rates and measures them as `coble discriminate` does: net
displacement in a driven segment, squared displacements of tracers in a region by itself.  Derivatives are exact: those
of the network (`coble.kmc.network.exact.responses`) for what flows through a tubule, and scaling for a region by
itself, whose diffusivities are proportional to its rate.  Metal that really grows has neither: there they are
differences over a wide step, of runs with the same random numbers.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from math import ceil
from time import perf_counter

import numpy as np

from coble.inputs.rate_table import INSIDE
from coble.kinds.tune.targets import condition, correlation
from coble.kmc.constants import BOLTZMANN_EV_K
from coble.kmc.digits import SOLVED_BITS, exp, rounded
from coble.kmc.estimates.fit import MOST_BATCHES, Batch, Fit, fit
from coble.kmc.estimates.measure import episode_mean, measure
from coble.kmc.estimates.tracer import trace
from coble.kmc.kernel.segment import Segment, Stopped
from coble.kmc.rates.table import rate_table
from coble.lattices import Region
from coble.models.rates import diffusivity_of, with_factors
from coble.models.tubules.experiment_tubule import build
from coble.models.tubules.rated_tubule import RatedTubule
from coble.models.tubules.tubule import field_kT_per_A

GROWTHS, MOST_GROWTHS = 8, 64  # runs in which metal grows: at a time, and at most
WIDE = 0.5  # step in ln of a rate for their derivatives; 8 seeds give those to a tenth
TRACER_HOPS = 12.0  # per atom, of one replica
MOST_REPLICAS = 400
FARTHEST = 1e4  # a target that is so many times what the first rates give has another unit
OBSTACLE_SEED = 0  # there are none
PURPOSE = 40  # of the random streams


@dataclass
class Tuning:
    """What `tune` found.

    Attributes
    ----------
    targets : tuple of Target
    free : tuple of str
        Names of the parameters; "interface barrier" is the activation energy of the interface.
    fit : Fit
    start, case : Case
        At the rates of the start, and at those that were found.
    haven_ratio : dict of region → Estimate
        D* / D_σ of the regions whose tracers were followed.
    settings : dict
    seconds : float
    interrupted : bool
    """

    targets: tuple
    free: tuple
    fit: Fit
    start: object
    case: object
    haven_ratio: dict
    settings: dict
    seconds: float
    interrupted: bool


def tune(targets, case, free, ties=None, *, seed=None, workers=1, should_stop=lambda: False, report=None):
    """Fit the free rates of a case to targets.

    Parameters
    ----------
    targets : sequence of Target
    case : Case
        At the rates to start from.
    free : sequence of str
    ties : dict of class → class, optional
        Classes whose rates keep their ratio to another's.
    seed : int, optional
        Instead of the case's.
    workers : int
        Threads; the numbers do not depend on it.
    should_stop : callable
    report : callable (stage, note, done), optional
        As `coble.console.progress.Live.say`.

    Returns
    -------
    Tuning
        None when stopped before the first batch.

    Raises
    ------
    ValueError
        When a target cannot be reached from these rates: it probably has another unit.
    """
    started = perf_counter()
    settings = {"seed": case.run.seed if seed is None else seed, "free": list(free), "ties": ties or {}}
    model = Model(targets, case, free, ties or {}, settings["seed"], workers, should_stop)
    model.check_units()
    numbers = iter(range(1, MOST_BATCHES + 1))

    def tell(batch, chi2, done):
        if report:
            report(
                f"batch {next(numbers)} of at most {MOST_BATCHES}",
                f"χ² {chi2:.3g}",
                done=done,
            )

    found = fit(
        model,
        model.data,
        model.data_error,
        len(free),
        correlation=correlation(targets),
        should_stop=should_stop,
        report=tell,
    )
    if found is None:
        return None
    return Tuning(
        tuple(targets),
        tuple(free),
        found,
        case,
        model.case_at(found.parameter),
        model.haven_ratio,
        settings,
        perf_counter() - started,
        should_stop(),
    )


class Model:
    """The simulations behind one set of targets, as `coble.kmc.estimates.fit` calls them.

    What is compared is the logarithm of positive quantities, and shares and Haven ratios as they are.
    """

    def __init__(self, targets, case, free, ties, seed, workers, should_stop):
        self.targets, self.case, self.free, self.ties = tuple(targets), case, tuple(free), ties
        self.seed, self.workers, self.should_stop = seed, workers, should_stop
        self.temperature = case.conditions.temperature_K
        self.logarithm = np.array([target.logarithm for target in targets])
        self.data, self.data_error = np.array([target.fitted for target in targets]).T
        self.haven_ratio = {}  # of the last batch, by region
        self._benches = {}

    # ---- parameters ------------------------------------------------------------------------------------

    def case_at(self, parameter):
        """The case at other rates: a parameter is ln of a rate over that of the start, or a barrier's change / k_BT."""
        factors, barriers = {}, {}
        kT = BOLTZMANN_EV_K * self.temperature
        for name, value in zip(self.free, parameter, strict=True):
            if name.endswith(" barrier"):
                base = name.removesuffix(" barrier")
                barriers[base] = diffusivity_of(self.case, base).activation_energy_eV + value * kT
            else:
                factors |= dict.fromkeys(self._moved_by(name), rounded(exp(value), SOLVED_BITS))
        return with_factors(self.case, factors, barriers)

    def _moved_by(self, name):
        """The class and those that are tied to it."""
        return [name, *(tied for tied, to in self.ties.items() if to == name)]

    def _chain(self, by_class, temperature):
        """∂ / ∂ parameter from ∂ / ∂ ln of every class's rates at a temperature, float array (n_parameter,)."""
        colder = self.temperature / temperature - 1  # ln k(T) = ln k(T₀) - (E / k_BT₀)(T₀/T - 1)
        return np.array(
            [
                -colder * by_class.get(name.removesuffix(" barrier"), 0.0)
                if name.endswith(" barrier")
                else sum(by_class.get(moved, 0.0) for moved in self._moved_by(name))
                for name in self.free
            ]
        )

    # ---- batches ---------------------------------------------------------------------------------------

    def _places(self, case):
        """The `RatedTubule` of a target at the rates of `case`, as a function; graphs are built and calibrated once."""
        there = {}

        def place(target):
            graph = (target.void_fraction, target.inner_width_nm)
            if graph not in self._benches:
                self._benches[graph] = build(condition(self.case, target, warm=False), OBSTACLE_SEED)
            key = (*graph, target.temperature_K)
            if key not in there:
                there[key] = RatedTubule(self._benches[graph], condition(case, target).case)
            return there[key]

        return place

    def __call__(self, parameter, part, number):
        """Batch `number`, its Monte-Carlo errors about `part` of the data's; None when stopped."""
        place_of, groups = self._places(self.case_at(parameter)), {}
        for index, target in enumerate(self.targets):
            groups.setdefault(target.run, []).append(index)
        value, error = np.zeros((2, len(self.targets)))
        for order, indices in enumerate(groups.values()):
            place = place_of(self.targets[indices[0]])
            first = self.targets[indices[0]]
            measured = self._region if first.region else self._growth if first.kind == "tip_speed" else self._tubule
            wanted = part * self.data_error[indices]
            found = measured(place, [self.targets[i] for i in indices], wanted, (order, number, PURPOSE))
            if found is None:
                return None
            for index, (v, e) in zip(indices, found, strict=True):
                log = self.logarithm[index]
                value[index] = np.log(max(v, 1e-300)) if log else v
                error[index] = abs(e / v) if log else e
        slope = self.exact(parameter)[1]
        for index, target in enumerate(self.targets):
            if target.kind == "tip_speed":
                if self.should_stop():
                    return None
                slope[index] = self._growth_slope(parameter, target, (number, PURPOSE))
        return Batch(np.array(parameter), value, error, slope)

    def exact(self, parameter):
        """What the network gives for the targets, without running anything, and its derivatives.

        Returns
        -------
        value : float array (n_target,)
            Logarithms where those are fitted.  Of a tracer, the diffusivity of the current, which is a little larger;
            nan for Haven ratios and for metal that grows.
        slope : float array (n_target, n_parameter)
        """
        place_of, value = self._places(self.case_at(parameter)), np.full(len(self.targets), np.nan)
        slope = np.zeros((len(self.targets), len(self.free)))
        for index, target in enumerate(self.targets):
            if target.kind == "tip_speed":
                continue
            place = place_of(target)
            if target.region:
                if target.kind != "haven_ratio":  # diffusivities of a region by itself go as its rate
                    value[index] = np.log(place.regions[INSIDE[target.region]].diffusivity_cm2_s)
                    slope[index] = self._chain({target.region: 1.0}, place.temperature_K)
                continue
            v, by_class = place.read(target)
            log = self.logarithm[index]
            value[index] = np.log(max(v, 1e-300)) if log else v
            slope[index] = self._chain(by_class, place.temperature_K) / (v if log else 1.0)
        return value, slope

    def check_units(self):
        """Refuse targets that the rates of the start miss by more than a wrong guess explains."""
        start, _ = self.exact(np.zeros(len(self.free)))
        for target, far, log in zip(self.targets, self.data - start, self.logarithm, strict=True):
            if log and abs(far) > np.log(FARTHEST):  # not so for nan
                raise ValueError(
                    f"target '{target.label}': {target.value:.3g} {target.unit} is {np.exp(far):.1e} times what the "
                    "first rates give: is it in another unit?  If not, start from rates that are closer"
                )

    # ---- what is measured ------------------------------------------------------------------------------

    def _region(self, place, targets, wanted, stream):
        """A region by itself: tracers, or the current in a field; list of (value, error) or None."""
        kind = INSIDE[targets[0].region]
        # A surface is the shell of the interface, with other rates.
        shell = Region.INTERFACE if kind == Region.SURFACE else kind
        region, bond = replace(place.regions[kind], kind=shell), place.every_bond[kind]
        part = place.graph.subgraph(place.graph.region == shell)
        rates = rate_table({shell: bond}, {shell: region.occupancy})
        if targets[0].kind == "diffusivity":
            total = region.flux_conductance
            measured = self._measure(place, part, rates, stream, wanted.min(), lambda found: found.total.stderr / total)
            if measured.n_block < 2:
                return None
            d = measured.total.scaled(region.diffusivity_cm2_s / total)
            return [(d.value, d.stderr)] * len(targets)
        wanted = float(wanted.min())
        try:
            tracer = self._trace(part, region, rates, wanted, stream)
        except Stopped:
            return None
        self.haven_ratio[targets[0].region] = tracer.haven_ratio
        by_kind = {"tracer_diffusivity": tracer.diffusivity_cm2_s, "haven_ratio": tracer.haven_ratio}
        return [(by_kind[target.kind].value, by_kind[target.kind].stderr) for target in targets]

    def _trace(self, part, region, rates, wanted, stream):
        """Tracers with as many replicas as the wanted relative error needs, guessed from two."""
        running = {"seed": self.seed, "workers": self.workers, "hops_per_atom": TRACER_HOPS}
        running |= {"should_stop": self.should_stop}
        first = trace(part, region, rates, key=(*stream, 0), replicas=2, **running)
        relative = first.haven_ratio.stderr / first.haven_ratio.value
        replicas = int(np.clip(ceil(2 * (relative / wanted) ** 2), 2, MOST_REPLICAS))
        if replicas == 2:
            return first
        return trace(part, region, rates, key=(*stream, 1), replicas=replicas, **running)

    def _growth(self, place, targets, wanted, stream):
        """Mean speed of the tip over as many seeds as its error needs: list of (value, error) or None."""
        speeds = []
        while len(speeds) < MOST_GROWTHS:
            found = self._tip_speeds(place.case, range(len(speeds), len(speeds) + GROWTHS), stream)
            if found is None:
                return None
            speeds += found
            mean, error = np.mean(speeds), np.std(speeds, ddof=1) / len(speeds) ** 0.5
            if error <= wanted.min() * mean:
                break
        return [(float(mean), float(error))] * len(targets)

    def _tip_speeds(self, case, numbers, stream):
        """Mean speed of the tip in some runs [nm/s]; None when stopped."""
        from coble.kinds.growth.setup import prepare

        seeds = [np.random.SeedSequence(self.seed, spawn_key=(n, *stream)).generate_state(1)[0] for n in numbers]
        runs = [prepare(case, int(seed)) for seed in seeds]  # one after the other: ASE's crystals are not for threads
        with ThreadPoolExecutor(self.workers) as pool:
            list(pool.map(lambda run: run.run(self.should_stop), runs))
        if not all(run.reason for run in runs):
            return None
        return [run.mean_speed_nm_s() for run in runs]

    def _growth_slope(self, parameter, target, stream):
        """∂ ln speed / ∂ parameter, float array (n_parameter,), from runs at ± `WIDE` with the same seeds."""
        slope = np.zeros(len(self.free))
        for column in range(len(self.free)):
            ends = []
            for sign in (1, -1):
                moved = np.array(parameter)
                moved[column] += sign * WIDE
                speeds = self._tip_speeds(condition(self.case_at(moved), target).case, range(GROWTHS), stream)
                if speeds is None:
                    return slope
                ends.append(np.log(np.mean(speeds)))
            slope[column] = (ends[0] - ends[1]) / (2 * WIDE)
        return slope

    def _measure(self, place, graph, rates, stream, target_error, error_of):
        """A driven segment, until `error_of` it is small enough."""
        return measure(
            Segment(graph, rates, field_kT_per_A=field_kT_per_A(place.case)),
            seed=self.seed,
            key=stream,
            replicas=place.case.run.replicas,
            workers=self.workers,
            target_error=float(target_error),
            error_of=error_of,
            max_events=place.case.run.max_events,
            should_stop=self.should_stop,
        )

    def _tubule(self, place, targets, wanted, stream):
        """All paths of one tubule in a field: list of (value, error) or None."""
        needs = list(zip(targets, wanted, strict=True))

        def worst(found):
            """Largest error over what is wanted."""
            return max(self._of_tubule(place, found, target)[1] / want for target, want in needs)

        measured = self._measure(place, place.graph, place.rates, stream, 1.0, worst)
        if measured.n_block < 2:
            return None
        return [self._of_tubule(place, measured, target, relative=False) for target in targets]

    def _of_tubule(self, place, measured, target, relative=True):
        """A target's value and its error, relative where its logarithm is fitted."""
        kind = target.path and INSIDE[target.path]
        if target.kind == "share":
            each = measured.share(kind)
        elif target.kind == "conductance" and kind is not None:
            each = measured.path(kind)
        elif target.kind == "kappa":
            each = episode_mean([c.sum(axis=1) - c[:, Region.BULK] for c in measured.conductance])
        else:
            each = measured.total
        each = each.scaled(place.scale(target))
        logarithm = relative and target.logarithm
        return each.value, each.stderr / (max(each.value, 1e-300) if logarithm else 1.0)
