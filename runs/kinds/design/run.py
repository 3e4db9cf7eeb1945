"""From tubule to cell: what conductances of paths mean for a device.

For every wall of a case: its conductivity, the walls and pitches that carry the wanted current at the allowed
overpotential, the depth that does, speed of the tip and time to fill, and a matrix of very many tubules that are not
alike: overpotential as it fills, currents, pressures, and the wall that bursts first.  Formulas are in
`coble.kmc.devices.cell`, `coble.kmc.growth.law` and `coble.kmc.devices.tubule_matrix`; what is assumed in
docs/design.md.
"""

from dataclasses import replace
from math import floor, inf, log

import numpy as np

from coble.inputs.case import DESIGN, load_case, shipped
from coble.kinds.design.answer import Burst, Design, MatrixDesign, Tip, WallDesign
from coble.kinds.design.filling import filling_factor, wall_response
from coble.kinds.design.measured_paths import by_formula
from coble.kinds.design.packings import PACKINGS, packing_named, packing_of_case
from coble.kinds.design.paper_numbers import claims as paper_claims
from coble.kmc.constants import BOLTZMANN_EV_K
from coble.kmc.devices import cell
from coble.kmc.devices.importance_sampling import likeliest_point, radius_of, radius_reaching, tail
from coble.kmc.devices.tubule_matrix import (
    DIMENSIONS,
    Matrix,
    Scatter,
    at_charge,
    mean_over,
    overpotential_V,
    sample,
    usable_charge,
)
from coble.kmc.estimates.estimate import Estimate, exactly, propagate
from coble.kmc.growth.law import response, speed_nm_s, time_to_reach_s
from coble.kmc.growth.power_law_creep import pressure_MPa
from coble.kmc.kernel.segment import Stopped

UM_IN_NM = 1e3
CURVE = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.88, 0.9, 0.92, 0.94, 0.96, 0.97, 0.98, 0.99, 0.995)
TAIL_DRAWS, TAIL = 200_000, 52  # and the purpose of its random stream
HEAT_RATIOS = (1.4, 5 / 3)  # ratio of the heat capacities of two- and one-atomic gases
# Chance that the largest of all is smaller: its 95 % range and median.
LARGEST = (0.025, 0.5, 0.975)


def refusals(case, command="design"):
    """Why a case cannot be designed: list of str."""
    found = []
    if case.tubule.filling != "metal":
        found.append(f"tubule.filling: must be 'metal', whose interface feeds the tip, got {case.tubule.filling!r}")
    setup = case.design
    per_volume = cell.metal_mAh_cm3(case.metal_material.atomic_volume_A3)
    porosity = _matrix(case, packing_of_case(case), 0.0, 1.0).porosity
    least = cell.depth_for_um(setup.capacity_mAh_cm2, per_volume, porosity)
    if least >= setup.depth_um:
        fault = (
            f"design.depth_um: must be more than {least:.2f} um to hold {setup.capacity_mAh_cm2:g} mAh/cm2 in "
            f"{100 * porosity:.1f} % of its volume, got {setup.depth_um:g}"
        )
        if "depth_um" not in setup.model_fields_set:
            fault += f" by default; in [design] write: depth_um = {floor(1.1 * least) + 1}"
        found.append(fault)
    return found


def design(
    case,
    paths=None,
    *,
    seed=None,
    workers=1,
    should_stop=lambda: False,
    report=lambda stage, note="", **numbers: None,
):
    """Carry conductances to device numbers.

    Parameters
    ----------
    case : Case
    paths : tuple of Paths, optional
        As measured, one for each wall; default by the formula.
    seed : int, optional
        Instead of the case's.
    workers : int
        Threads; the numbers do not depend on it.
    should_stop : callable
        When it turns true, the walls done so far are returned.
    report : callable (stage, note, done)
        As `coble.console.progress.Live.say`.

    Returns
    -------
    Design or None
        None when it was stopped before the first wall was done.

    Raises
    ------
    ValueError
        When the bore is empty or the matrix too shallow.
    """
    if reasons := refusals(case):
        raise ValueError("; ".join(reasons))
    packing, setup = packing_of_case(case), case.design
    needed = cell.needed_mS_cm(setup.current_mA_cm2, setup.overpotential_V, setup.depth_um)
    seed = case.run.seed if seed is None else seed
    walls = []
    all_paths = paths or by_formula(case)
    for number, each in enumerate(all_paths):
        stage = f"wall {number + 1} of {len(all_paths)}, {each.wall}"
        report(stage, f"a matrix of {setup.tubules:.0e} tubules", done=number / len(all_paths))
        try:
            walls.append(_wall(case, packing, each, number, needed, seed, workers, should_stop))
        except Stopped:
            break
    if not walls:
        return None
    packings = tuple(_packed(case, packing_named(name), walls[0].paths.sheet.value) for name in PACKINGS)
    claims = () if paths or not _of_paper(case) else paper_claims()
    stopped = len(walls) < len(all_paths)
    return Design(case, packing, needed, _common(case, packing), packings, tuple(walls), seed, claims, stopped)


def _of_paper(case):
    """Whether a case is the built-in one of the paper's cell."""
    return case.digest(DESIGN) == load_case(shipped("design")).digest(DESIGN)


def drive_kT(case):
    """eU / k_B T at the allowed overpotential."""
    return case.design.overpotential_V / (BOLTZMANN_EV_K * case.conditions.temperature_K)


def _common(case, packing):
    """What does not depend on the wall."""
    setup, metal = case.design, case.metal_material
    volume, x = metal.atomic_volume_A3, drive_kT(case)
    size = (case.tubule.inner_width_nm, case.tubule.wall_thickness_nm)
    porosity, per_volume = packing.porosity(*size), cell.metal_mAh_cm3(volume)
    density = cell.metal_g_cm3(volume, metal.molar_mass_g_mol)
    shares = np.round(np.linspace(0.3, 0.95, 14), 2)
    gas = cell.gas_MPa(setup.gas_compression)
    return {
        "needed_S_cm2": cell.areal_S_cm2(
            cell.needed_mS_cm(setup.current_mA_cm2, setup.overpotential_V, setup.depth_um), setup.depth_um
        ),
        "porosity": porosity,
        "tubules_per_cm2": 1e14 / packing.footprint_nm2(*size) if packing.dimensions == 2 else None,
        "capacity_mAh_cm2": cell.matrix_mAh_cm2(per_volume, porosity, setup.depth_um),
        "capacity_mAh_cm3": per_volume * porosity,
        "capacity_mAh_g": cell.full_mAh_g(per_volume, density, setup.wall_density_g_cm3, porosity),
        "capacity_curve": {
            "porosity": [float(p) for p in shares],
            "mAh_cm3": [float(per_volume * p) for p in shares],
            "mAh_g": [float(cell.full_mAh_g(per_volume, density, setup.wall_density_g_cm3, p)) for p in shares],
        },
        "mean_tip_speed_nm_s": cell.tip_speed_of_current_nm_s(setup.current_mA_cm2, porosity, volume),
        "pressure_MPa": pressure_MPa(setup.overpotential_V, volume),
        "drive_kT": x,
        "response_over_drive": {
            "linear": 1.0,
            "channel": response(case.interface.occupancy, x) / x,
            "vacancies, plating": response(1.0, x) / x,
            "vacancies, stripping": response(0.0, x) / x,
        },
        "gas_MPa": {
            "isothermal": gas,
            **{f"adiabatic, {r:.2f}": cell.gas_MPa(setup.gas_compression, r) for r in HEAT_RATIOS},
        },
        "gas_V": cell.overpotential_of_pressure_V(gas, volume),
        "hoop_factor": cell.hoop_factor(*size),
    }


def _packed(case, packing, sheet):
    """The case's tubule in a packing, with its interface alone."""
    setup, size = case.design, (case.tubule.inner_width_nm, case.tubule.wall_thickness_nm)
    porosity = packing.porosity(*size)
    per_volume = cell.metal_mAh_cm3(case.metal_material.atomic_volume_A3)
    interface = cell.matrix_mS_cm(packing, 0.0, sheet, *size)
    return {
        "packing": packing.name,
        "fill": 1 - porosity,
        "capacity_mAh_cm2": cell.matrix_mAh_cm2(per_volume, porosity, setup.depth_um),
        "depth_for_capacity_um": cell.depth_for_um(setup.capacity_mAh_cm2, per_volume, porosity),
        "interface_depth_limit_um": cell.depth_limit_um(interface, setup.current_mA_cm2, setup.overpotential_V),
        "interface_needed_V": cell.needed_V(interface, setup.current_mA_cm2, setup.depth_um),
    }


def _wall(case, packing, paths, number, needed, seed, workers, should_stop):
    """The `WallDesign` of the wall of this number; raises `Stopped`."""
    setup, volume = case.design, case.metal_material.atomic_volume_A3
    width, thickness = size = (case.tubule.inner_width_nm, case.tubule.wall_thickness_nm)
    both, alone = (paths.wall_mS_cm, paths.sheet), (paths.wall_mS_cm, exactly(0.0))
    porosity, drive, section = packing.porosity(*size), drive_kT(case), case.wall[number]
    responses = wall_response(case, section, drive), response(case.interface.occupancy, drive)
    slower = filling_factor(case, case.walls[number], section, porosity, drive)

    def of(function, estimates=both):
        return propagate(function, estimates, paths.source)

    matrix = of(lambda k, s: cell.matrix_mS_cm(packing, k, s, *size))
    voltage = of(
        lambda k, s: cell.needed_V(cell.matrix_mS_cm(packing, k, s, *size), setup.current_mA_cm2, setup.depth_um)
    )

    def grown(k, s):
        """B: each path feeds the tip with what its own carriers make of the drive, as in `coble plate`."""
        fed = (cell.feed_mS_cm(packing, k, 0.0, *size), cell.feed_mS_cm(packing, 0.0, s, *size))
        return slower * sum(
            cell.growth_constant_of_feed_nm2_s(feed, volume, case.conditions.temperature_K, made)
            for feed, made in zip(fed, responses, strict=True)
        )

    interface, both_grown = of(lambda s: grown(0.0, s), [paths.sheet]), of(grown)
    return WallDesign(
        paths,
        matrix.scaled(1 / (1 - porosity)),
        matrix,
        of(lambda k: needed / k if k else inf, [paths.wall_mS_cm]),
        _bounds(packing, alone, width, needed, paths.source),
        _bounds(packing, both, width, needed, paths.source),
        _known(of(lambda s: cell.widest_pitch_nm(packing, s, width, needed), [paths.sheet])),
        of(lambda k, s: cell.areal_S_cm2(cell.matrix_mS_cm(packing, k, s, *size), setup.depth_um)),
        voltage,
        matrix.scaled(cell.depth_limit_um(1.0, setup.current_mA_cm2, setup.overpotential_V)),
        voltage.scaled(pressure_MPa(1.0, volume)),
        interface,
        both_grown,
        _tips(setup, interface),
        _tips(setup, both_grown),
        _matrix_design(case, packing, paths, seed, workers, should_stop),
    )


def _bounds(packing, paths, width, needed, source):
    """Thinnest and thickest wall, an Estimate each or None for no bound; None when no wall does."""
    found = cell.wall_range_nm(packing, *(each.value for each in paths), width, needed)
    if found is None:
        return None

    def bound(end):
        at = lambda *values: (cell.wall_range_nm(packing, *values, width, needed) or (np.nan, np.nan))[end]  # noqa: E731
        return _known(propagate(at, paths, source)) if 0 < found[end] < inf else None

    return bound(0), bound(1)


def _known(estimate):
    """The estimate, or None when it has no value."""
    return estimate if np.isfinite(estimate.value) else None


def _tips(setup, growth):
    """A `Tip` for every depth that is asked for and lies beyond the start."""
    start = setup.start_um * UM_IN_NM
    return tuple(
        Tip(
            depth,
            growth.scaled(speed_nm_s(1.0, depth * UM_IN_NM)),
            propagate(lambda b, end=depth * UM_IN_NM: time_to_reach_s(b, end, start), [growth], growth.method),
        )
        for depth in setup.depths_um
        if depth > setup.start_um
    )


# ---- the matrix ------------------------------------------------------------------------------------------------


def _matrix(case, packing, wall_mS_cm, sheet):
    setup = case.design
    spread = Scatter(
        setup.scatter_inner_width, setup.scatter_wall_thickness, setup.scatter_diffusivity, setup.scatter_strength
    )
    size = (case.tubule.inner_width_nm, case.tubule.wall_thickness_nm)
    return Matrix(packing, *size, wall_mS_cm, sheet, setup.depth_um, setup.series_ohm_cm2, spread)


def _matrix_design(case, packing, paths, seed, workers, should_stop):
    """The `MatrixDesign` of one wall; raises `Stopped`."""
    setup, volume = case.design, case.metal_material.atomic_volume_A3
    matrix = _matrix(case, packing, paths.wall_mS_cm.value, paths.sheet.value)
    part = setup.capacity_mAh_cm2 / cell.matrix_mAh_cm2(cell.metal_mAh_cm3(volume), matrix.porosity, setup.depth_um)
    samples, current = matrix.scrambles(seed), setup.current_mA_cm2

    def at_part(tubules, at):
        return overpotential_V(tubules, at_charge(tubules, at), current)

    def estimated(function):
        """Mean over the samples; its error is that of sampling and of the conductances."""
        found = mean_over(samples, function)
        of_paths = lambda k, sheet: function(_matrix(case, packing, k, sheet).scrambles(seed, 1)[0])  # noqa: E731
        carried = propagate(of_paths, [paths.wall_mS_cm, paths.sheet], paths.source)
        if not carried.stderr:
            return found
        return Estimate(found.value, float(np.hypot(found.stderr, carried.stderr)), carried.n_eff, carried.method)

    voltage = estimated(lambda t: at_part(t, part))
    alike = replace(matrix, scatter=Scatter()).tubules(np.zeros((1, DIMENSIONS)))
    s = float(np.mean([at_charge(t, part) for t in samples]))
    curve = tuple((at, *np.mean([_state(t, at, current) for t in samples], axis=0)) for at in sorted({*CURVE, part}))
    sampled = sample(matrix, s, setup.samples, seed, workers, should_stop)
    pressure = pressure_MPa(voltage.value, volume)
    return MatrixDesign(
        part,
        voltage,
        overpotential_V(alike, at_charge(alike, part), current),
        estimated(lambda t: usable_charge(t, current, setup.overpotential_V)),
        curve,
        sampled,
        current * 1e9 * matrix.mean_footprint_nm2 * 1e-14,
        pressure,
        _burst(case, matrix, s, voltage, sampled, seed),
    )


def _state(tubules, part, current_mA_cm2):
    """Overpotential [V] and part of the tubules that are full at a state of charge."""
    s = at_charge(tubules, part)
    return overpotential_V(tubules, s, current_mA_cm2), float((tubules.filled(s) >= 1).mean())


def _burst(case, matrix, s, voltage, sampled, seed):
    """The `Burst` of a matrix at s [Ω cm²] under a voltage (an Estimate)."""
    setup = case.design
    pressure = pressure_MPa(voltage.value, case.metal_material.atomic_volume_A3)

    def log_burden(z):
        tubules = matrix.tubules(z)
        return np.log(tubules.burden * tubules.left(tubules.filled(s)) * pressure)

    # Between these two it jumps where a tubule is full.
    def as_if_full(z):
        return np.log(matrix.tubules(z).burden * pressure)

    def as_if_open(z):
        tubules = matrix.tubules(z)
        return np.log(tubules.burden * tubules.left_in_open(tubules.lengthened(s)) * pressure)

    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(0, TAIL)))
    smooth, radius = (as_if_full, as_if_open), radius_of(1 / setup.tubules)
    centres = [likeliest_point(each, DIMENSIONS, radius) for each in smooth]
    drawn = tail(log_burden, centres, TAIL_DRAWS, rng)
    blocked = tail(as_if_full, centres[:1], TAIL_DRAWS, rng) if setup.series_ohm_cm2 else drawn
    level = drawn.level(1 / setup.tubules)
    needed = float(np.exp(level.value))
    error = needed * float(np.hypot(level.stderr, voltage.stderr / voltage.value))
    low, median, high = (float(np.exp(drawn.level(-log(p) / setup.tubules).value)) for p in LARGEST)
    width, wall, strength = matrix.sizes(drawn.mean_above(level.value))
    expected = None
    if setup.wall_strength_MPa:
        target = log(setup.wall_strength_MPa)
        reaching = [likeliest_point(each, DIMENSIONS, radius_reaching(each, DIMENSIONS, target)) for each in smooth]
        expected = tail(log_burden, reaching, TAIL_DRAWS, rng).probability_above(target).scaled(setup.tubules)
    levels = np.geomspace(1e-3 / setup.tubules, min(1e4 / setup.tubules, 1e-3), 25)
    curve = tuple((float(np.exp(drawn.level(p).value)), float(p)) for p in levels)
    return Burst(
        Estimate(needed, error, level.n_eff, level.method),
        low,
        median,
        high,
        float(np.exp(blocked.level(1 / setup.tubules).value)),
        sampled.burden.quantile(0.5) * pressure,
        float(width),
        float(wall),
        float(strength),
        expected,
        curve,
    )
