"""One task of a campaign: the exact answer of a point, or one replica of it, from the start or from where it was left.

A task may be run any number of times, anywhere: what is done already is read, and numbers depend only on the case, the
campaign's seed and the replica's number.  An episode that was cut is run again from its own random stream, metal that
grows goes on from its checkpoint, bit for bit; so a replica that was killed ends as one that was not.
"""

import json
import multiprocessing
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from time import perf_counter

import numpy as np

from coble.inputs.case import Case
from coble.kinds.campaign.folders import Damaged, point_folder, read_stamped, replica_folder, set_aside, stamped
from coble.kinds.campaign.settings import FLOW, GROWS, with_replicas
from coble.lattices import REGIONS
from coble.store.digests import digest_of
from coble.store.files import RESULT, remove_parts, whole, write_json
from coble.store.lock import locked

EXACT_FILE = "exact.json"
EXACT = -1  # number of the "replica" that is the exact answer
N_REGION = len(REGIONS)  # of a tubule
PART_EPISODES = 4  # in a file: a second or so
LOOK_S = 0.3  # between looks for the file that asks to stop
SEED_PURPOSE = 50  # of the random streams of growth, and of kinds that give replicas of their own
GROWTH_NUMBERS = ("mean_speed_nm_s", "incubation_s", "filled_behind_tip")


class Interrupted(Exception):
    """The campaign was asked to stop; what the replica has counted is kept."""


@dataclass(frozen=True)
class Task:
    """What a worker needs to know.

    Attributes
    ----------
    folder : str
        Of the campaign.
    kind : str
        See `coble.kinds.campaign.settings.Campaign`.
    digest : str
        Of the case.
    case : str
        Data of the case with every key of the point, as JSON.
    replica : int
        From 0; `EXACT` for the exact answer.
    seed : int
        Of the campaign.
    events : float
        About how many a replica of `FLOW` runs.
    stop : str
        Name of the file in the folder that asks this task to stop.
    """

    folder: str
    kind: str
    digest: str
    case: str
    replica: int
    seed: int
    events: float
    stop: str

    @property
    def owner(self):
        """Whose the files of this task are."""
        return owner_of(self.digest, self.replica, self.seed, self.events)

    @property
    def own_seed(self):
        """Seed of this replica."""
        return int(np.random.SeedSequence(self.seed, spawn_key=(self.replica, SEED_PURPOSE)).generate_state(1)[0])


def owner_of(point, replica, seed, events):
    """What a replica's files say of whose they are; the exact answer of a point depends on the point alone."""
    return (
        {"point": point} if replica == EXACT else {"point": point, "replica": replica, "seed": seed, "events": events}
    )


def run(task):
    """Run a task, or go on with it.

    Returns
    -------
    dict
        Content of its result.json.

    Raises
    ------
    Interrupted
        When there is the file that asks for it in the campaign's folder, or the process that sent the task is gone.
    coble.kinds.campaign.folders.Busy
        When another worker has it.
    """
    folder = replica_folder(task.folder, task.digest, task.replica)
    if task.replica == EXACT:
        return _exact(task)
    with suppress(Damaged):  # set aside below, by the one who holds the replica
        found = read_result(folder, task.kind, task.owner)
        if found is not None:
            return found
    with locked(folder):
        remove_parts(folder)
        try:
            found = read_result(folder, task.kind, task.owner)  # another may have finished it meanwhile
        except Damaged:
            set_aside(folder / RESULT)
            found = None
        if found is None:
            one = {FLOW: _flow, GROWS: _growth}.get(task.kind, _other)
            found = one(task, folder, _stopper(Path(task.folder) / task.stop))
            found = stamped(found, task.owner)
            write_json(folder / RESULT, found)
            for part in folder.glob("part-*.npz"):
                part.unlink()
    return found


def read_result(folder, kind, owner):
    """The result of a replica in its folder, or None; `Damaged` when it is not as it was written."""
    if kind == FLOW:
        return read_stamped(folder / RESULT, owner, _flow_is_sound)
    return read_stamped(folder / RESULT, owner, partial(_is_sound, averaged(kind)))


def read_exact(folder, owner):
    """The exact answer in the folder of a point; None and `Damaged` as of `read_result`."""
    return read_stamped(folder / EXACT_FILE, owner, _exact_is_sound)


def _flow_is_sound(found):
    names = regions_in(found)
    rows = np.reshape(np.array(found["conductance_A_s"], dtype=float), (-1, len(names)))
    numbers = [found["S_m_per_A_s"], found["events"], found["block_duration_s"] or 0.0]
    return bool(np.isfinite(rows).all() and np.isfinite(numbers).all()) and [names[kind] for kind in found["kinds"]]


def regions_in(found):
    """Names of the regions of a replica of `FLOW`: those of a tubule, unless it says others."""
    return found.get("regions", REGIONS)


def averaged(kind):
    """Names of the numbers that are averaged over replicas."""
    return GROWTH_NUMBERS if kind == GROWS else with_replicas()[kind].averaged


def _is_sound(names, found):
    numbers = [found[name] for name in ("events", *names)]
    return bool(np.isfinite([number for number in numbers if number is not None]).all())


def _exact_is_sound(found):
    shares = [*found["shares"].values(), *found["formula"].values()]
    return bool(found["shares"] and np.isfinite([*shares, found["conductance_A_s"]]).all())


def _stopper(stop):
    """Function that says whether to stop; it looks for the file a few times per second."""
    parent, last = multiprocessing.parent_process(), -LOOK_S  # None in the process of the command itself
    said = False

    def should_stop():
        nonlocal last, said
        now = perf_counter()
        if not said and now - last > LOOK_S:
            last, said = now, stop.exists() or not (parent is None or parent.is_alive())
        return said

    return should_stop


# ---- what flows through a tubule ---------------------------------------------------------------------------


@lru_cache(maxsize=2)
def _bench(case):
    """Graph and calibration of a case: points that differ in temperature alone share them."""
    from coble.models.tubules.experiment_tubule import Condition, build

    return build(Condition("", Case.model_validate(json.loads(case))), 0)


def _place(case):
    """Graph and rates of a case: a `RatedTubule` of coble.models.tubules, or a `StructureHost`."""
    from coble.models.host import StructureHost
    from coble.models.tubules.rated_tubule import RatedTubule

    data = json.loads(case)
    settings = Case.model_validate(data)
    if settings.has_structure:
        return StructureHost(settings)
    data.get("conditions", {}).pop("temperature_K", None)
    return RatedTubule(_bench(json.dumps(data)), settings)


@lru_cache(maxsize=1)
def _segment(case):
    """The driven segment of a case: replicas of a point that meet in one worker share it."""
    from coble.kmc.kernel.segment import Segment
    from coble.models.tubules.tubule import field_kT_per_A

    place = _place(case)
    if not place.case.has_structure:
        return Segment(place.graph, place.rates, field_kT_per_A=field_kT_per_A(place.case))
    start = place.start_of(place.graph, place.rates)
    return Segment(place.graph, place.rates, field_kT_per_A=place.field_kT_per_A, start=start)


def _temperature_K(case):
    return Case.model_validate(json.loads(case)).conditions.temperature_K


def _exact(task):
    """The network's answer, and the continuum's: shares by path, total conductance [Å/s]."""
    from coble.kmc.network.continuum import siemens_metre

    path = point_folder(task.folder, task.digest) / EXACT_FILE
    try:
        found = read_exact(path.parent, task.owner)
    except Damaged:
        set_aside(path)
        found = None
    if found is None:
        place = _place(task.case)
        solution, formula, limits, alone = _answers(place)
        names, to_S_m = place.graph.regions, siemens_metre(1.0, _temperature_K(task.case))
        found = {
            "shares": {names[kind]: float(value) for kind, value in solution.shares.items()},
            "formula": {names[kind]: float(value) for kind, value in formula.items()},
            "conductance_A_s": float(solution.total),
            "total_lies_between": [float(limit / solution.total) for limit in limits],
        }
        if alone is not None:
            found["alone_conductance_S_m"] = {names[kind]: float(value * to_S_m) for kind, value in alone.items()}
        found = stamped(found, task.owner)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_json(path, found)
    return found


def _answers(place):
    """Exact network of a place, shares by the formula and rigorous bounds; of a structure what its regions conduct."""
    from coble.kmc.network.continuum import shares
    from coble.kmc.network.exact import bounds, solve

    if place.case.has_structure:
        solution = place.solve()
        return solution, {}, place.bounds(solution), place.alone
    solution = solve(place.graph, place.bonds, place.between)
    formula = shares({kind: region for kind, region in place.regions.items() if place.graph.count(kind)})
    alone = {kind: place.regions[kind].flux_conductance for kind in place.bonds}  # so they were calibrated
    limits = bounds(solution, alone, {kind: place.regions[kind].occupancy for kind in place.bonds})
    return solution, formula, limits, None


def _flow(task, folder, should_stop):
    """Block series of the paths' conductances, episode by episode."""
    from coble.kmc.estimates.measure import durations, episode_events, episodes
    from coble.kmc.kernel.observables import path_conductance
    from coble.kmc.network.continuum import siemens_metre

    segment = _segment(task.case)
    burn_in, duration = durations(segment, task.seed)
    wanted = max(2, round(task.events / sum(episode_events(segment)))) if duration else 0
    rows, hops, n_event = [], 0, 0
    for first in range(0, wanted, PART_EPISODES):
        numbers = range(first, min(first + PART_EPISODES, wanted))
        path = folder / f"part-{first:06d}.npz"
        owner = task.owner | {"first": first}
        part = read_part(path, len(numbers), owner, segment.graph.n_region)
        if part is None:
            blocks, events, _ = episodes(segment, task.seed, task.replica, numbers, (), burn_in, duration, should_stop)
            if len(blocks) < len(numbers):
                raise Interrupted
            counted = [path_conductance(block.hops, block.duration, segment) for block in blocks]
            part = {"rows": np.array(counted), "hops": sum(b.hops for b in blocks), "events": np.array(events)}
            whole(path, lambda there, part=part, owner=owner: save_part(there, part, owner))
        rows += part["rows"].tolist()
        hops, n_event = hops + part["hops"], n_event + int(part["events"])
    kinds = list(segment.graph.present)
    own = segment.graph.regions != REGIONS
    return {
        "replica": task.replica,
        "kinds": kinds,
        **({"regions": list(segment.graph.regions)} if own else {}),
        "conductance_A_s": rows,
        "hops": np.asarray(hops).tolist(),
        "events": n_event,
        "block_duration_s": duration,
        "S_m_per_A_s": siemens_metre(1.0, _temperature_K(task.case)),
    }


def save_part(path, part, owner):
    """Write the arrays of a part, with the digest of them and of whose they are."""
    part = {name: np.asarray(value) for name, value in part.items()}
    with open(path, "wb") as file:  # to a name without .npz numpy would append it
        np.savez(file, **part, digest=np.array(digest_of(part, owner)))


def read_part(path, n, owner, n_region=N_REGION):
    """Arrays of a part of n episodes; None when it is missing, damaged or another's: then it is run again."""
    try:
        with open(path, "rb") as opened, np.load(opened, allow_pickle=False) as file:
            part, digest = {name: file[name] for name in ("rows", "hops", "events")}, str(file["digest"])
    except Exception:  # a damaged archive raises whatever zipfile, zlib and numpy stumble over
        return None
    if digest != digest_of(part, owner) or part["rows"].shape != (n, n_region) or not np.isfinite(part["rows"]).all():
        return None
    return part


# ---- metal that grows or shrinks ---------------------------------------------------------------------------


def _growth(task, folder, should_stop):
    """A run of the case's [growth]; its files lie beside result.json of the replica."""
    from coble.kinds.growth.result import as_dict
    from coble.kinds.growth.setup import prepare
    from coble.kinds.growth.state.checkpoints import (
        Keeper,
        drop_checkpoints,
        has_checkpoint,
        read_checkpoint,
        set_aside,
    )

    case = Case.model_validate(json.loads(task.case))
    grown = prepare(case, task.own_seed)

    def note(text):
        with suppress(OSError):  # a full disk is no reason to stop a run
            (folder / "note.txt").write_text(f"{text}\n", encoding="utf-8")

    keep = Keeper(folder, note)
    if has_checkpoint(folder):
        try:
            grown.restore(*read_checkpoint(folder, note))
        except ValueError as error:
            set_aside(folder)
            note(f"{error}; it was set aside, and the run began again.")
            grown = prepare(case, task.own_seed)
    grown.run(should_stop, keep=keep)
    if not grown.reason:
        keep(grown)
        raise Interrupted
    found = as_dict(grown, [])
    # What a machine or a day says does not belong to the numbers: they are the same however the run was cut.
    kept = {key: found[key] for key in found if key not in ("run", "provenance", "events_per_s", "interrupted")}
    drop_checkpoints(folder)
    return kept | {"replica": task.replica, "mean_speed_nm_s": grown.mean_speed_nm_s()}


# ---- other kinds of run ------------------------------------------------------------------------------------


def _other(task, folder, should_stop):
    """A replica of a kind of run that gives its own."""
    found = with_replicas()[task.kind].replica(Case.model_validate(json.loads(task.case)), task.own_seed, should_stop)
    if found is None:
        raise Interrupted
    return found | {"replica": task.replica}
