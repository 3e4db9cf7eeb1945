"""Shares over the prior beside simulations: `coble discriminate --check-knowledge`."""

from math import sqrt
from zlib import crc32

import numpy as np

from coble.kmc.estimates.measure import measure
from coble.kmc.kernel.lowering import RateRangeError
from coble.kmc.knowledge.priors import factors_of, unit_cube, values_at
from coble.models.structures.fault import StructureFault

POINTS = 16  # of the prior
FEWEST_BLOCKS = 4  # of which an error has a spread of its own
PURPOSE = 70  # of the random streams, plus the number of the point
SEED = 71  # of the points


def checked(
    knowledge,
    host,
    settings,
    *,
    points=POINTS,
    workers=1,
    pool=None,
    should_stop=lambda: False,
    report=lambda *_: None,
):
    """Simulate points of the prior, and see how far shares are from what the knowledge says they are there.

    Sizes of the tubule stay as they are: what is checked is how currents answer to diffusivities and densities.

    Parameters
    ----------
    knowledge : Knowledge
    host : TubuleHost or StructureHost
    settings : dict
        seed, replicas, target_error, max_events: of each point.
    points : int
        A power of two.
    workers, pool, should_stop
        As of `coble.kmc.estimates.measure.measure`.
    report : callable (number of the point, Progress)

    Returns
    -------
    dict
        `points`, those that were simulated; `rms_z`, root mean square of (simulated - stated) / standard error of the
        share of the path that carries most, one number a point, over that of Student's t; None when stopped before the
        first.
    """
    z = []
    for number, (share, expected) in enumerate(
        each_point(knowledge, host, settings, points, should_stop, report, workers=workers, pool=pool), 1
    ):
        z.append((share.value - expected) / share.stderr / _spread(share.n_eff))
        if number == points or should_stop():
            break
    return {"points": len(z), "rms_z": sqrt(np.mean(np.square(z)))} if z else None


def _spread(blocks):
    """Standard deviation of Student's t: of few blocks the errors are themselves uncertain."""
    freedom = blocks - 1
    return sqrt(freedom / (freedom - 2))


def each_point(knowledge, host, settings, points, should_stop, report, **threads):
    """Yields (share measured, share stated) of the path that carries most, for points whose rates fit one table."""
    currents = knowledge.currents
    unknowns = currents.unknowns
    still = {key for key in unknowns.factors if key.startswith("tubule.")} | {*unknowns.factors} - {*knowledge.movers}
    prior = {key: each for key, each in unknowns.prior.items() if getattr(each, "key", key) not in still}
    cube = unit_cube(len(factors_of(prior)), points, SEED)
    key = crc32(host.name.encode())
    for number, point in enumerate(cube):
        values = {name: float(each[0]) for name, each in values_at(prior, point[None]).items()}
        try:
            segment = currents.segment_of(host, values)
        except (RateRangeError, StructureFault):
            continue
        found = measure(
            segment,
            seed=settings["seed"],
            key=(key, PURPOSE + number),
            replicas=settings["replicas"],
            target_error=settings["target_error"],
            max_events=settings["max_events"],
            **threads,
            should_stop=should_stop,
            report=lambda progress, number=number: report(number, progress),
        )
        if found.n_block < FEWEST_BLOCKS:
            if should_stop():
                return
            continue
        shares = {path: float(np.ravel(share)[0]) for path, share in currents.shares(values).items()}
        most = max(shares, key=shares.get)
        share = found.share(currents.region[most])
        if share.stderr > 0:  # else a single path carried all, and there is nothing to compare
            yield share, shares[most]
