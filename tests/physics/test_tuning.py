"""Rates from measured numbers: recovery of known rates, calibrated errors, what cannot be known, contradictions."""

import numpy as np
import pytest

import coble.kmc.estimates.measure
from coble import Case
from coble.inputs.rate_table import INSIDE
from coble.kinds.tune.run import Model, tune
from coble.kinds.tune.targets import Target
from coble.kmc.estimates.fit import Batch, fit

FREE = ("interface", "surface", "bulk", "wall", "interface barrier")
UNITS = {"diffusivity": "cm2/s", "tracer_diffusivity": "cm2/s", "share": "", "speed": "nm/s", "conductance": "S.m"}


def small_case():
    """A tubule in which bulk and wall carry enough to be seen, in four times the usual field."""
    return Case(
        tubule={"inner_width_nm": 2.4, "wall_thickness_nm": 1.0, "segment_nm": 4.0},
        wall=[{"name": "LiC6", "diffusivity_cm2_s": 5e-8, "activation_energy_eV": 0.4}],
        metal={"diffusivity_cm2_s": 1e-8},
        exchange={"wall": 0.3},
        run={"field_kT": 0.2},
    )


def target(kind, value=1.0, error=0.05, **keys):
    return Target(kind=kind, value=value, error=error * value, unit=UNITS[kind], **keys)


TARGETS = (
    *(target("diffusivity", region=name) for name in ("interface", "surface", "wall")),
    target("conductance", path="bulk"),
    target("speed", void_fraction=0.5),
    target("speed", temperature_K=250.0),
    target("diffusivity", region="interface", temperature_K=400.0),
    target("share", path="wall", value=0.5),
)


# Behind a void whose surface is slow the current takes the wall: there its exchange with the interface matters.
RATES = ("interface", "surface", "bulk", "wall", "interface-wall")
BYPASSED = (
    *(target("diffusivity", region=name) for name in ("interface", "surface", "wall")),
    target("conductance", path="bulk"),
    *(target("speed", void_fraction=part, error=0.01) for part in (0.25, 0.5, 0.75)),
    target("share", path="wall", value=0.5, error=0.04),
)


def bypassed_case():
    """A small tubule whose surface is slow, and its exchange with the wall slow enough to limit."""
    return Case(
        tubule={"inner_width_nm": 2.4, "wall_thickness_nm": 1.0, "segment_nm": 6.0},
        wall=[{"name": "LiC6", "diffusivity_cm2_s": 5e-8}],
        metal={"diffusivity_cm2_s": 1e-8},
        surface={"diffusivity_cm2_s": 1e-9},
        exchange={"wall": 0.1},
    )


BENCHES = {}  # the same tubules, which do not depend on the rates, for all seeds of a test


class ExactModel(Model):
    """The network instead of runs, with the noise that runs would have."""

    def __init__(self, *arguments, seed):
        super().__init__(*arguments, seed, 1, lambda: False)
        self.rng = np.random.default_rng(seed)
        self._benches = BENCHES.setdefault(repr(self.case), {})

    def __call__(self, parameter, part, number):
        value, slope = self.exact(parameter)
        error = part * self.data_error
        return Batch(np.array(parameter), value + error * self.rng.normal(size=len(value)), error, slope)


def synthetic(seed, free=FREE, targets=TARGETS, case=None):
    """A model whose data come from rates drawn at random, within a factor of a few of the start."""
    model = ExactModel(targets, case or small_case(), free, {}, seed=seed)
    truth = model.rng.normal(size=len(free)) * 0.7
    exact, _ = model.exact(truth)
    model.data_error = np.array([each.error / each.value if each.logarithm else 0.02 for each in targets])
    model.data = exact + model.data_error * model.rng.normal(size=len(exact))
    return model, truth


def test_slopes_are_derivatives():
    model, truth = synthetic(1, (*FREE, "interface-wall", "interface-bulk"))
    _, slope = model.exact(truth)
    for column in range(7):
        step = np.eye(7)[column] * 1e-3
        up, down = (model.exact(truth + sign * step)[0] for sign in (1, -1))
        np.testing.assert_allclose(slope[:, column], (up - down) / 2e-3, atol=2e-4)


def test_barriers_move_rates_at_other_temperatures_alone():
    series = [target("speed", temperature_K=t) for t in (270.0, 300.0, 340.0)]
    model = ExactModel(series, small_case(), ("interface barrier", "wall barrier"), {}, seed=3)
    value, slope = model.exact(np.array([0.3, -0.2]))
    for column in (0, 1):
        step = np.eye(2)[column] * 1e-3
        up, down = (model.exact(np.array([0.3, -0.2]) + sign * step)[0] for sign in (1, -1))
        np.testing.assert_allclose(slope[:, column], (up - down) / 2e-3, atol=2e-4)
    assert slope[0].max() < 0 < slope[2].max() and np.abs(slope[1]).max() < 1e-12
    assert np.all(np.isfinite(value))


class ClosedForm:
    """The bypassed tubule by hand: paths in parallel along the metal, and past a void the surface beside the wall.

    What is compared is that of `BYPASSED`; derivatives are those of a complex step, exact to rounding.
    """

    start = np.array([1.0, 0.05, 0.05, 0.25, 0.1])  # interface, surface, bulk, wall, exchange
    data_error = np.array([0.05, 0.05, 0.05, 0.05, 0.01, 0.01, 0.01, 0.02])

    def __init__(self, seed):
        self.rng = np.random.default_rng(seed)

    def value(self, parameter):
        interface, surface, bulk, wall, exchange = np.exp(parameter) * self.start
        covered = interface + bulk + wall
        speeds = []
        for void in (0.25, 0.5, 0.75):
            past = surface + wall * exchange * void / (wall + exchange * void)
            speeds.append(-np.log((1 - void) / covered + void / past))
        return np.array([*np.log([interface, surface, wall, bulk]), *speeds, wall / covered])

    def __call__(self, parameter, part, number):
        step = 1e-20
        slope = np.array([self.value(parameter + 1j * step * unit).imag / step for unit in np.eye(5)]).T
        error = part * self.data_error
        value = self.value(parameter) + error * self.rng.normal(size=len(error))
        return Batch(np.array(parameter), value, error, slope)


def by_hand(seed):
    """As `synthetic`, in closed form."""
    model = ClosedForm(seed)
    truth = model.rng.normal(size=5) * 0.7
    model.data = model.value(truth) + model.data_error * model.rng.normal(size=len(model.data_error))
    return model, truth


def recovered(models):
    """(found - true) / error of every rate, float array (n_seed, n_rate); each fit is held to what all must do."""
    z = []
    for model, truth in models:
        found = fit(model, model.data, model.data_error, len(truth))
        assert not found.unknown.any() and not found.contradictory
        assert found.error.max() < 0.6 and len(found.batches) + 1 <= 10
        z.append((found.parameter - truth) / found.error)
    return np.array(z)


def assert_calibrated(z):
    """Part of z within two standard errors, and rms of all and of each rate, in standard errors of what they are."""
    seeds, n = len(z), z.size
    assert abs(np.sqrt((z**2).mean()) - 1) < 3.1 / np.sqrt(2 * n)
    assert (np.abs(z) < 2).mean() > 0.954 - 2.6 * np.sqrt(0.954 * 0.046 / n)
    assert (np.sqrt((z**2).mean(axis=0)) < 1 + 5 / np.sqrt(2 * seeds)).all()


def test_five_rates_are_recovered_in_closed_form_with_calibrated_errors():
    """100 seeds."""
    assert_calibrated(recovered(map(by_hand, range(100))))


@pytest.mark.parametrize(
    ("free", "targets", "case"),
    [(RATES, BYPASSED, bypassed_case()), (FREE, TARGETS, small_case())],
    ids=["five rates", "four rates and a barrier"],
)
def test_rates_are_recovered_with_calibrated_errors(free, targets, case, seeds):
    """From the network's slopes: 12 seeds, and 100 with --all-seeds."""
    assert_calibrated(recovered(synthetic(seed, free, targets, case) for seed in range(seeds(12, 100))))


def test_a_rate_without_influence_is_unknown_and_nothing_converges():
    """The surface of a tubule without a void; and the exchange of wall and interface, which hardly matters."""
    few = tuple(each for each in TARGETS if each.region != "surface" and not each.void_fraction)
    model, truth = synthetic(5, ("interface", "surface", "wall"), few)
    exchange, _ = synthetic(5, (*FREE, "interface-wall"))
    found = fit(exchange, exchange.data, exchange.data_error, 6)
    assert found.unknown.tolist() == [False] * 5 + [True] and not found.converged
    found = fit(model, model.data, model.data_error, 3)
    assert found.unknown.tolist() == [False, True, False]
    assert not found.converged and np.isinf(found.error[1]) and found.parameter[1] == 0
    assert np.all(np.abs(found.parameter - truth)[[0, 2]] < 4 * found.error[[0, 2]])


def test_contradictory_targets_are_noticed():
    twice = (*TARGETS, TARGETS[0])
    model, truth = synthetic(6, targets=twice)
    model.data[-1] = model.data[0] + 1.0  # the same number, measured as 2.7 times as much: 14 standard errors apart
    found = fit(model, model.data, model.data_error, len(FREE))
    assert found.contradictory
    assert truth is not None


def test_a_target_in_other_units_is_refused():
    wrong = [target("diffusivity", region="interface", value=2e-11)]  # m²/s
    model = ExactModel([wrong[0]], small_case(), ("interface",), {}, seed=1)
    model.check_units()
    worse = ExactModel([target("speed", value=3e-12)], small_case(), ("interface",), {}, seed=1)
    with pytest.raises(ValueError, match="is it in another unit"):
        worse.check_units()


def test_tied_rates_move_together():
    model = ExactModel(TARGETS, small_case(), ("interface",), {"surface": "interface"}, seed=1)
    moved = model.case_at(np.array([np.log(2.0)]))
    start = small_case()
    assert moved.interface_diffusivity.value_cm2_s == pytest.approx(2 * start.interface_diffusivity.value_cm2_s)
    assert moved.surface_diffusivity.value_cm2_s == pytest.approx(2 * start.surface_diffusivity.value_cm2_s)
    assert moved.metal_diffusivity.value_cm2_s == start.metal_diffusivity.value_cm2_s


@pytest.fixture
def short_blocks(monkeypatch):
    """A tubule of 2,000 sites forgets its start within ten hops a site."""
    monkeypatch.setattr(coble.kmc.estimates.measure, "BLOCK_EVENTS", 20_000)
    monkeypatch.setattr(coble.kmc.estimates.measure, "BURN_IN_EVENTS", 20_000)


def test_rates_from_real_runs(short_blocks):
    """From tracers, a driven region and a speed past a void, all simulated: two rates, within their errors."""
    case = small_case()
    truth = {"interface": 3e-7, "wall": 3e-8}
    there = Case(
        **dict(case)
        | {
            "interface": {"diffusivity_cm2_s": 3e-7},
            "wall": [{"name": "LiC6", "diffusivity_cm2_s": 3e-8, "activation_energy_eV": 0.4}],
        }
    )
    kinds = [target("tracer_diffusivity", region="wall", error=0.06), target("speed", void_fraction=0.5, error=0.06)]
    kinds.append(target("diffusivity", region="interface", error=0.06))
    measured = Model(kinds, there, ("interface",), {}, 77, 2, lambda: False)(np.zeros(1), 0.5, 0)
    targets = [
        Target(**each.model_dump() | {"value": float(np.exp(v)), "error": 0.06 * float(np.exp(v))})
        for each, v in zip(kinds, measured.value, strict=True)
    ]
    found = tune(targets, case, ("interface", "wall"), seed=2, workers=2)
    assert found.fit.converged and not found.fit.contradictory
    start = {"interface": 2e-7, "wall": 5e-8}
    for name, value, error in zip(found.free, found.fit.parameter, found.fit.error, strict=True):
        assert error < 0.08
        assert abs(value - np.log(truth[name] / start[name])) < 4 * error
    assert set(found.free) <= set(INSIDE)


def test_interface_diffusivity_from_the_speed_past_a_void(short_blocks):
    """One number, simulated at D = 3e-7 cm²/s, gives it back; the start is 2e-7."""
    past = target("speed", void_fraction=0.5, error=0.05)
    there = Case(**dict(small_case()) | {"interface": {"diffusivity_cm2_s": 3e-7}})
    seen = np.exp(Model([past], there, ("interface",), {}, 5, 2, lambda: False)(np.zeros(1), 0.5, 0).value[0])
    past = past.model_copy(update={"value": float(seen), "error": 0.05 * float(seen)})
    found = tune([past], small_case(), ("interface",), seed=6, workers=2)
    assert found.fit.converged and found.fit.error[0] < 0.12
    assert abs(found.fit.parameter[0] - np.log(1.5)) < 4 * found.fit.error[0]


def test_speed_of_growing_metal_answers_to_the_interface(monkeypatch):
    """d ln v / d ln D is close to 1: the tip is fed through the interface."""
    case = Case(
        tubule={"inner_width_nm": 2.5, "wall_thickness_nm": 1.0},
        wall=[{"name": "inert"}],
        growth={"depth_nm": 5.0, "metal_to_nm": 2.0, "until_front_nm": 3.5, "records": 20, "frames": 0},
    )
    monkeypatch.setattr("coble.kinds.tune.run.GROWTHS", 4)
    grown = Target(kind="tip_speed", value=8e6, error=2e6, unit="nm/s")
    batch = Model([grown], case, ("interface", "bulk"), {}, 4, 2, lambda: False)(np.zeros(2), 1.0, 0)
    assert np.exp(batch.value[0]) == pytest.approx(1.0e7, rel=0.5) and 0 < batch.error[0] < 0.25
    assert 0.5 < batch.slope[0, 0] < 1.3
    assert abs(batch.slope[0, 1]) < 0.25  # with bulk diffusion off nothing changes
