"""Diffusion in a crystal: tensors of tracer and collective diffusion at one or more temperatures, and their fits."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from math import isfinite, prod
from time import perf_counter
from zlib import crc32

import numpy as np

from coble.kmc.devices.crystal import Crystal, rotation
from coble.kmc.estimates.arrhenius_fit import ArrheniusFit, arrhenius_fit
from coble.kmc.estimates.estimate import exactly
from coble.kmc.estimates.measure import EVENT_LIMIT, INTERRUPTED, TARGET_MET
from coble.kmc.estimates.tensors import Transport, transport
from coble.kmc.kernel.lowering import RateRangeError
from coble.kmc.kernel.segment import Stopped
from coble.kmc.network.tracer_exact import equal_cells, one_vacancy
from coble.models.structures.structure import structure_rates

FIRST = 4  # episodes before the first look, of all replicas together
GROWTH = 3  # a round has at most so many times the episodes before it
MOST_PAIRS = 20_000  # of places of tracer and vacancy, up to which the tracer is solved exactly: a second
AXES = ("xx", "yy", "zz")


@dataclass(frozen=True)
class Point:
    """Diffusion at one temperature; lengths in Å.

    Attributes
    ----------
    temperature_K : float
    measured : Transport
    lone, network : float array (3, 3)
        D of a lone carrier, and D_σ per atom by the network [Å²/s].
    exact_collective, exact_tracer : float array (3, 3) or None
        Of this very box, where they can be had [Å²/s].
    vacancies : bool
        Whether vacancies carry.
    moving : list of str
        Which of xx, yy, zz are not zero.
    n_atom, n_carrier : float
        In the mean.
    n_site, n_event : int
    seconds : float
    reason : str
        Why it ended.
    """

    temperature_K: float
    measured: Transport
    lone: np.ndarray
    network: np.ndarray
    exact_collective: np.ndarray | None
    exact_tracer: np.ndarray | None
    vacancies: bool
    moving: list
    n_atom: float
    n_carrier: float
    n_site: int
    n_event: int
    seconds: float
    reason: str


@dataclass(frozen=True)
class DiffuseResult:
    """Attributes
    ----------
    points : list of Point
        Of the temperatures that were finished, in their order.
    arrhenius : dict of str → dict of str → ArrheniusFit
        "tracer" and "collective", each of the "mean" over directions and of xx, yy, zz; None with fewer than two
        temperatures.
    lone_arrhenius : ArrheniusFit or None
        The same of the lone carrier's mean.
    """

    case: object
    settings: dict
    points: list
    arrhenius: dict | None
    lone_arrhenius: ArrheniusFit | None
    interrupted: bool
    seconds: float = field(compare=False)


def temperatures_of(case):
    """Temperatures of a case, ascending [K]: its own list, or the one of its conditions."""
    return sorted(case.diffuse.temperatures_K) or [case.conditions.temperature_K]


def refusals(case, command="diffuse"):
    """Why a case is refused, list of str."""
    if not case.has_structure:
        return ["structure: is missing: diffuse takes a crystal, as a section [structure] with the file of its sites"]
    if len(temperatures_of(case)) > 1:
        for number, region in enumerate(case.region):
            if region.diffusivity_cm2_s is not None and region.activation_energy_eV is None:
                return [
                    f"region.{number}.activation_energy_eV: is missing: the diffusivity is known at {region.at_K:g} K, "
                    "and [diffuse] asks for several temperatures"
                ]
    return []


def crystal_of(case, temperature_K):
    """The `Crystal` of a case at a temperature.

    Raises
    ------
    ValueError
        Where nothing can diffuse, or rates lie too far apart.
    """
    found = structure_rates(case, temperature_K=temperature_K)
    try:
        return Crystal(found.lattice, found.rates)
    except RateRangeError as error:
        raise RateRangeError(f"at {temperature_K:g} K: {error}") from None


def diffuse(
    case,
    *,
    seed=None,
    replicas=None,
    workers=2,
    target_error=None,
    should_stop=lambda: False,
    report=lambda stage, note="", **numbers: None,
):
    """Tracer and collective diffusion of a case's crystal at all its temperatures.

    Parameters
    ----------
    case : Case
        With [structure]; sections `diffuse` and `run`.
    seed, replicas : int, optional
        Instead of the case's.
    workers : int
        Threads; the numbers do not depend on it.
    target_error : float, optional
        Relative standard error of D* and D_σ, each averaged over the directions, instead of the case's.
    should_stop : callable
        When true, what is measured is returned.
    report : callable (stage, note, done)
        As `coble.console.progress.Live.say`.

    Returns
    -------
    DiffuseResult

    Raises
    ------
    ValueError
        For a case without structure, or one in which nothing can diffuse.
    """
    if reasons := refusals(case):
        raise ValueError(reasons[0])
    started, temperatures = perf_counter(), temperatures_of(case)
    settings = {
        "seed": case.run.seed if seed is None else seed,
        "replicas": case.run.replicas if replicas is None else replicas,
        "target_error": case.diffuse.target_error if target_error is None else target_error,
        "max_events": case.run.max_events,
    }
    points = []
    with ThreadPoolExecutor(workers) as pool:
        for place, temperature_K in enumerate(temperatures):
            if should_stop():
                break
            stage = f"temperature {place + 1} of {len(temperatures)}, {temperature_K:g} K"

            def tell(note, part, stage=stage, place=place):
                report(stage, note, done=(place + part) / len(temperatures))

            point = _measured(case, temperature_K, settings, pool, should_stop, tell)
            if point:
                points.append(point)
    fits = _fits(points)
    return DiffuseResult(
        case=case,
        settings=settings,
        points=points,
        arrhenius=fits,
        lone_arrhenius=_lone_fit(points) if fits else None,
        interrupted=len(points) < len(temperatures) or any(point.reason == INTERRUPTED for point in points),
        seconds=perf_counter() - started,
    )


def _measured(case, temperature_K, settings, pool, should_stop, tell):
    """The `Point` of a temperature; None when it was stopped before there were two episodes."""
    started = perf_counter()
    crystal = crystal_of(case, temperature_K)
    name, episodes, found, wanted = crc32(f"{temperature_K:g} K".encode()), [], None, FIRST
    wanted += -wanted % settings["replicas"]
    most = max(wanted, int(settings["max_events"] / crystal.episode_hops))

    def one(number):
        replica, episode = number % settings["replicas"], number // settings["replicas"]
        try:
            return crystal.episode(settings["seed"], (replica, episode, name), should_stop)
        except Stopped:
            return None

    reason = ""
    while not reason:
        ran = list(pool.map(one, range(len(episodes), wanted)))
        episodes += [episode for episode in ran if episode]
        if len(episodes) < 2:
            return None
        found = transport(crystal, episodes)
        error = found.worst_error
        asked = settings["target_error"]
        tell(f"relative error {error:.2g}, asked {asked:g}; {found.hops:.1e} hops", min(1.0, (asked / error) ** 2))
        if error <= settings["target_error"]:
            reason = TARGET_MET
        elif None in ran or should_stop():
            reason = INTERRUPTED
        elif wanted >= most:
            reason = EVENT_LIMIT
        else:
            more = (error / settings["target_error"]) ** 2 if isfinite(error) else GROWTH
            wanted = min(most, int(np.ceil(len(episodes) * min(GROWTH, max(1.1, 1.1 * more)))))
    return Point(
        temperature_K=temperature_K,
        measured=found,
        lone=crystal.lone.tensor,
        network=crystal.network.tensor,
        exact_collective=crystal.exact_collective,
        exact_tracer=_exact_tracer(crystal),
        vacancies=crystal.vacancies,
        moving=[axis for axis, moves in zip(AXES, crystal.moving, strict=True) if moves],
        n_atom=crystal.n_atom,
        n_carrier=crystal.n_carrier,
        n_site=crystal.lattice.n_site,
        n_event=int(len(episodes) * crystal.episode_hops),
        seconds=perf_counter() - started,
        reason=reason,
    )


def _exact_tracer(crystal):
    """D* of this very box [Å²/s], where one solve gives it: with one atom, or with one vacancy in a small box."""
    if abs(crystal.n_carrier - 1) > 1e-9:
        return None
    if not crystal.vacancies:
        return crystal.lone.tensor
    cells = equal_cells(crystal.lattice, crystal.rates)
    if crystal.lattice.n_site**2 / prod(cells) > MOST_PAIRS:
        return None
    return one_vacancy(crystal.lattice, crystal.rates, cells).turned(rotation(crystal.lattice)).tensor


def _fits(points):
    """Arrhenius fits of tracer and collective diffusion; None when none can be made."""
    temperatures = [point.temperature_K for point in points]
    found = {
        which: {
            name: fit
            for name in ("mean", *AXES)
            if (fit := arrhenius_fit(temperatures, [getattr(p.measured, which)[name] for p in points]))
        }
        for which in ("tracer", "collective")
    }
    return found if "mean" in found["tracer"] else None


def _lone_fit(points):
    """Arrhenius fit of the lone carrier's D, averaged over the directions in which it moves."""
    means = [np.mean([point.lone[i, i] for i in range(3) if AXES[i] in point.moving]) for point in points]
    return arrhenius_fit([point.temperature_K for point in points], [exactly(mean) for mean in means])
