"""What every hypothesis predicts over the ranges of unknown numbers: samples of every observable.

The general hypothesis is the case itself: all paths in parallel, each with its own range, and slip.  Single mechanisms
are its limits.  Speeds are those of c D A of every path.  Past a void the current lies between two bounds: every path
goes on by itself, or plug and void are in series,

    K = 1 / ((1 - φ) / ΣK_plug + φ / ΣK_void),

because atoms change freely between wall and channel.  How freely is one more unknown: the logarithm of K lies a uniform
part of the way from one to the other.  Two things are in the ranges and
not in the simulated predictions: how the channel's occupancy makes the speed deviate from linear response, and how much
stronger narrow metal is than the specimens on which creep was measured.
"""

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from coble.inputs.numbers.uncertain import prior_of
from coble.inputs.numbers.words import E
from coble.kmc.constants import BOLTZMANN_EV_K
from coble.kmc.growth.power_law_creep import PowerLaw, pressure_MPa
from coble.kmc.growth.strength import strengthening
from coble.kmc.knowledge.priors import SameAs, Uniform, unit_cube, values_at
from coble.kmc.knowledge.shares import dominance, dominant_of, shares_of
from coble.models.tubules.experiment_tubule import CASE, MECHANISMS, Condition, speed_per_conductance
from coble.models.tubules.knowledge import SECTION, rectification, unknowns_of
from coble.models.tubules.tubule import shape_of

SAMPLES = 2**14
STRENGTHENING = "slip.strengthening"
STRENGTH_PRIOR = Uniform(0.0, 1.0, "exponent: 0 as in specimens of millimetres, 1 as strong as pillars of that width")
VOID_EXCHANGE = "void.exchange"
EXCHANGE_PRIOR = Uniform(0.0, 1.0, "0: each path goes on by itself past the void, 1: atoms change freely between them")
PATHS = ("interface", "wall", "bulk", "slip")  # that share the motion of the tip
OBSTRUCTED = {"bulk": lambda part: (1 - part) / (1 + part / 2)}  # Maxwell: spheres that do not conduct


@dataclass(frozen=True)
class Forecast:
    """Samples of what is not known, and what every hypothesis predicts at each.

    Attributes
    ----------
    case : Case
    experiments : dict of name → Experiment
    values : dict of key → float array (n_sample,)
        Those of the second wall are "wall[2].…".
    unknowns : list of Unknowns
        Of the first wall, and of the second where the experiment wall-swap is among them.
    anchors : dict of (mechanism, condition name) → float
        Exact speed of the simulated tubule over the formula, at the stated numbers; 1 where it is left out.
    prior : dict of key → prior
    """

    case: object
    experiments: dict
    values: dict = field(repr=False)
    unknowns: list
    prior: dict
    anchors: dict = field(default_factory=dict)

    @property
    def n_sample(self):
        return len(next(iter(self.values.values()))) if self.values else 1

    @cached_property
    def observed_by(self):
        """Every observable as samples: dict of hypothesis → dict of observable name → float array (n_sample,)."""
        return {name: self._observables(name) for name in (CASE, *MECHANISMS)}

    @cached_property
    def shares(self):
        """Parts of the tip's motion in the tubule as it is, all paths together: dict of path → float array."""
        return shares_of({path: each + 1e-300 for path, each in self.motion.items()})

    @cached_property
    def motion(self):
        """Speed by each path in the tubule as it is [nm/s], dict of path → float array."""
        condition = self.conditions[0]
        carried = self.carried(condition)
        per = self._per(condition)
        found = {path: carried[path] * per for path in PATHS if path in carried}
        return found | {"slip": self.slip(condition)}

    @property
    def dominant(self):
        """Index of the path that carries more than half, by the order of `shares`; -1 for none."""
        return dominant_of(self.shares)

    def dominance(self, weight=None):
        return dominance(self.shares, weight)

    def speeds(self, hypothesis, condition):
        """(diffusion, slip) of the tip under a hypothesis in a tubule [nm/s], float arrays (n_sample,)."""
        carried, void = self.carried(condition), condition.void
        channel, surface = carried["interface"], carried["surface"]
        wall, bulk = carried.get("wall", np.zeros_like(channel)), carried["bulk"]
        if hypothesis == CASE and condition.obstacles:  # their faces lead round them, as the simulated tubules say
            given = {path: self.anchors.get((path, condition.name), 1.0) for path in ("interface", "wall", "bulk")}
            found = channel * given["interface"] + wall * given["wall"] + bulk * given["bulk"]
        elif hypothesis == CASE:
            free = _series(channel + wall + bulk, surface + wall, void)
            cut = _series(channel, surface, void) + wall + (0.0 if void else bulk)
            share = self.values.get(VOID_EXCHANGE, 1.0)
            found = free**share * cut ** (1 - share)
        else:
            found = {
                "interface": lambda: _series(channel, surface, void),
                "wall": lambda: wall,
                "bulk": lambda: bulk if not void else np.zeros_like(bulk),
                "surface": lambda: surface,
                "slip": lambda: np.zeros_like(bulk),
            }[hypothesis]()
        found = found * self._per(condition) * self.anchors.get((hypothesis, condition.name), 1.0)
        slips = hypothesis in (CASE, "slip")
        return found, self.slip(condition) if slips else np.zeros_like(found)

    def _observables(self, hypothesis):
        speeds = {each.name: self.speeds(hypothesis, each) for each in self.conditions}
        total = {name: diffusion + slip for name, (diffusion, slip) in speeds.items()}
        here, slip = total[self.conditions[0].name], speeds[self.conditions[0].name][1]
        nominal = replace(self, values={}, anchors={})
        reference = nominal.speeds("interface", self.conditions[0])[0]
        with np.errstate(divide="ignore", invalid="ignore"):
            found = {"marker": slip / here, "log10_speed": np.log10(here / reference)}
            for each in self.experiments.values():
                names = [self.conditions[0].name, *(condition.name for condition in each.conditions)]
                found[each.observable.name] = each.curve([total[name] for name in names])
        return {name: np.where(np.isfinite(each) & (here > 0), each, np.nan) for name, each in found.items()}

    @cached_property
    def conditions(self):
        """The tubule as it is, then those of the experiments."""
        changed = [condition for each in self.experiments.values() for condition in each.conditions]
        return [Condition("as it is", self.case), *changed]

    def carried(self, condition):
        """c D A of every path in a tubule [Å/s], dict of path → float array (n_sample,)."""
        if condition.name not in self._known:
            self._known[condition.name] = self._carry(condition)
        return self._known[condition.name]

    @cached_property
    def _known(self):
        """Conductances by the name of the condition, as they become known."""
        return {}

    def _carry(self, condition):
        unknowns, values = self._of_wall(condition)
        case = condition.case
        temperature, width = case.conditions.temperature_K, float(case.tubule.inner_width_nm)
        paths = [*(path for path in SECTION if path in unknowns.paths), "surface"]
        found = unknowns.conductances(values, temperature, width, paths)
        if "interface.occupancy" in values:
            drive = case.experiment.overpotential_V / (BOLTZMANN_EV_K * temperature)
            bend = rectification(values["interface.occupancy"], drive)
            found |= {path: found[path] * bend for path in ("interface", "surface")}
        if condition.obstacles:
            part = case.experiment.obstacle_fraction
            found |= {path: found[path] * left(part) for path, left in OBSTRUCTED.items()}
        return {path: np.broadcast_to(each, self.n_sample) for path, each in found.items()}

    def _of_wall(self, condition):
        """`Unknowns` and values of the wall in a tubule, with its own keys."""
        if len(self.unknowns) < 2 or condition.case.wall[0].name != self.case.wall[1].name:
            return self.unknowns[0], self.values
        own = {key: value for key, value in self.values.items() if not key.startswith("wall.")}
        return self.unknowns[1], {key.replace("wall[2].", "wall."): value for key, value in own.items()}

    def _per(self, condition):
        """Speed over conductance [(nm/s) / (Å/s)]; an unknown width moves it."""
        shape, (unknowns, values) = shape_of(condition.case), self._of_wall(condition)
        bore = unknowns.sizes(values, float(condition.case.tubule.inner_width_nm))[1]
        return speed_per_conductance(condition.case, shape) * shape.bore_area / bore

    def slip(self, condition):
        """Speed by slip of the plug [nm/s], float array (n_sample,); 0 where it cannot move."""
        if condition.void or condition.obstacles:
            return np.zeros(self.n_sample)
        case, setup = condition.case, condition.case.experiment
        width = float(case.tubule.inner_width_nm)
        pressure = pressure_MPa(setup.overpotential_V, case.metal_material.atomic_volume_A3)
        names = ("prefactor_1_s", "exponent", "activation_energy_eV", "stress_MPa")

        def speed(numbers):
            law = {name: numbers.get(f"slip.{name}", getattr(case.slip, name)) for name in names}
            law["stress_MPa"] *= strengthening(width) ** numbers.get(STRENGTHENING, 0.0)
            return PowerLaw(**law).plug_speed_nm_s(
                width / 2, setup.plug_length_nm, pressure, case.conditions.temperature_K
            )

        varied = {key: each for key, each in self.values.items() if key.startswith("slip.")}
        if f"slip.{E}" not in varied:
            return np.broadcast_to(speed(varied), self.n_sample)
        rows = zip(*varied.values(), strict=True)  # the exponential of a barrier takes one number at a time
        return np.array([speed(dict(zip(varied, row, strict=True))) for row in rows])


def _series(plug, void, part):
    """Conductance of plug and void one behind the other, `part` of the length is void."""
    return plug if not part else 1 / ((1 - part) / plug + part / void)


def forecast(case, experiments, *, known=False, n_sample=SAMPLES, anchors=None):
    """The `Forecast` of experiments with a case.

    Parameters
    ----------
    case : Case
    experiments : dict of name → Experiment
        By `coble.kinds.experiment.run.EXPERIMENTS`.
    known : bool
        Whether all numbers are taken as exact.
    n_sample : int
        A power of two.
    anchors : dict, optional
        As of `Forecast`.
    """
    prior, unknowns = priors(case, experiments)
    prior = {} if known else prior
    drawn = [key for key, each in prior.items() if not isinstance(each, SameAs)]
    values = values_at(prior, unit_cube(len(drawn), n_sample)) if prior else {}
    return Forecast(case, experiments, values, unknowns, prior, anchors or {})


def anchors_of(forecasts, speeds):
    """Exact speeds of the simulated tubules over the formula, at the stated numbers.

    Parameters
    ----------
    forecasts : Forecast
    speeds : dict of mechanism → dict of condition name → (measured, exact, n_event)

    Returns
    -------
    dict of (mechanism, condition name) → float
    """
    stated, found = replace(forecasts, values={}, anchors={}), {}
    for condition in stated.conditions:
        for mechanism in MECHANISMS:
            known = speeds.get(mechanism, {}).get(condition.name)
            formula = float(stated.speeds(mechanism, condition)[0][0])
            if known and formula > 0:
                found[mechanism, condition.name] = known[1].diffusion.value / formula
    return found


def priors(case, experiments):
    """Priors by key of all that experiments depend on, and the `Unknowns` of each wall in question."""
    unknowns = [unknowns_of(case, 0)]
    swapped = "wall-swap" in experiments and len(case.wall) > 1
    prior = dict(unknowns[0].prior)
    if swapped:
        unknowns.append(unknowns_of(case, 1))
        prior |= {f"wall[2].{key[5:]}": p for key, p in unknowns[1].prior.items() if key.startswith("wall.")}
        prior |= dict(_tied(case, prior))
    temperatures = {c.case.conditions.temperature_K for each in experiments.values() for c in each.conditions}
    temperatures.add(case.conditions.temperature_K)
    kept = {key: p for key, p in prior.items() if not (key.endswith(E) and _at_rest(key, unknowns, temperatures))}
    kept |= {STRENGTHENING: STRENGTH_PRIOR}
    if any(condition.void for each in experiments.values() for condition in each.conditions):
        kept[VOID_EXCHANGE] = EXCHANGE_PRIOR
    return kept, unknowns


def _tied(case, prior):
    """Numbers of either wall, or of all walls, that are the same as another one of these."""
    names = {"wall[1]": "wall"}  # as the forecasts call it
    sections = {"metal": case.metal, "interface": case.interface, "surface": case.surface, "slip": case.slip}
    sections |= {"tubule": case.tubule, "wall": case.wall[0], "wall[2]": case.wall[1]}
    for name, section in sections.items():
        for key, value in section:
            tied = prior_of(value)
            if f"{name}.{key}" in prior and isinstance(tied, SameAs):
                home, other = tied.key.split(".")
                other = f"{names.get(home, home)}.{other}"
                if other in prior:
                    yield f"{name}.{key}", SameAs(other, tied.source)


def _at_rest(key, unknowns, temperatures):
    """Whether an activation energy plays no role, because D is known where it is used."""
    section = key.split(".")[0]
    of_wall = unknowns[1] if section == "wall[2]" else unknowns[0]
    at_K = of_wall.nominal.get(f"{section.replace('wall[2]', 'wall')}.at_K")
    return key != f"slip.{E}" and temperatures == {at_K}
