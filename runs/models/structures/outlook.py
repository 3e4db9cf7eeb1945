"""What a run on a structure would be: its size, regions and energies, what a hop costs, and what will not move."""

import resource
import sys
from time import perf_counter

from coble.kmc.estimates.measure import FEWEST_BLOCKS, episode_events
from coble.kmc.kernel.segment import Segment
from coble.kmc.network.driven import events_for_shares
from coble.kmc.rates.idle import duration_text, idle
from coble.lattices.graph.packing import MOST_SITES, MOST_STEPS
from coble.lattices.graph.percolation import percolating_regions, stuck
from coble.lattices.graph.soundness import footprint
from coble.models.structures.image import image_warnings
from coble.models.structures.lattice import seconds_to_build
from coble.models.structures.structure import structure_rates
from coble.models.tubules.tubule import memory_bytes

TRIAL_EVENTS = 100_000
RECONCILED = 1e-9  # eV; less is rounding of floating-point numbers


def structure(case, found, host=None, solution=None):
    """Add a structure to an `Outlook`.

    Parameters
    ----------
    case : Case
    found : Outlook
    host : coble.models.host.StructureHost, optional
        Of a driven segment, whose cost is said; else that of a diffusivity.
    solution : coble.kmc.network.exact.NetworkSolution, optional
        Of the host.

    Raises
    ------
    RateRangeError
        For rates that lie too far apart for one table.
    """
    own = host.found if host else structure_rates(case)
    lattice, rates = own.lattice, own.rates
    axis, size = case.structure.axis, footprint(lattice)
    found.facts += [
        (
            "structure",
            f"{case.structure.given}: {size['sites']:,} sites (of {MOST_SITES:,} at most), {size['bonds']:,} bonds; "
            f"period {lattice.length:.6g} Å along {axis}; {case.conditions.temperature_K:g} K",
        ),
        ("classes", f"{size['classes']:,} of hops{_memory_of(lattice)}"),
        *_regions(lattice, rates, axis),
        ("site energies", f"0 to {most:.3g} eV" if (most := own.energy_eV.max()) > RECONCILED else "all equal"),
        ("balance", _balance(own)),
    ]
    open_rates = rates.edge_rates(lattice)
    open_rates = open_rates[open_rates > 0]
    found.facts.append(("rates", f"{open_rates.min():.3g} to {open_rates.max():.3g} 1/s of an atom to an empty site"))
    speed = _events_per_s(case, lattice, rates)
    stands = idle(lattice, rates, potential=solution and solution.potential)
    found.facts += [
        (
            "size",
            f"{size['bytes'] / 2**20:.3g} MiB of lattice, made in {seconds_to_build(case):.2g} s",
        ),
        ("memory", f"at most {_peak_bytes() / 2**30:.2g} of {memory_bytes() / 2**30:.0f} GiB in this check"),
        ("speed", f"{speed:.1e} events/s here"),
        ("cost", _cost(case, stands, host, solution, speed)),
    ]
    if stands.classes:
        found.warnings.append(stands.sentences(speed)[0])
    found.warnings += stuck(lattice)
    if case.has_image:
        found.warnings += image_warnings(case)


def _cost(case, stands, host, solution, speed):
    """Events until what is asked for is known, and how long they take."""
    if host is None:
        events = stands.events_needed
        return f"{100 * stands.relative_error:g} % error of D: at least {_taking(events, speed)}"
    conductance, error = host.rates.edge_conductance(host.graph), case.run.target_error
    events = events_for_shares(host.graph, conductance, solution, host.field_kT_per_A, error)
    episode = episode_events(Segment(host.graph, host.rates, field_kT_per_A=host.field_kT_per_A))
    least = FEWEST_BLOCKS * sum(episode)
    return f"error of {error:g} of every share: about {_taking(max(events, least), speed)}"


def _taking(events, speed):
    return f"{events:.0e} events, {duration_text(events / speed)}"


def _memory_of(lattice):
    """What many classes cost."""
    return f": more than {MOST_STEPS}, which takes more memory" if lattice.wide else ""


def _regions(lattice, rates, axis):
    """Name, sites, occupancy and percolation of every region: pairs of (name, value)."""
    x, through = rates.site_occupancy(lattice), percolating_regions(lattice)
    for index, name in enumerate(lattice.regions):
        if not (count := lattice.count(index)):
            continue
        here = x[lattice.region == index]
        full = f"{here.mean():.4g}" + (f" ({here.min():.3g} to {here.max():.3g})" if here.max() > here.min() else "")
        goes = f"percolates along {axis}" if through[name] else f"does not percolate along {axis} by itself"
        yield f"region {name}", f"{count:,} sites, occupancy {full}, {goes}"


def _balance(own):
    if own.reconciled_max_eV <= RECONCILED:
        return "detailed balance holds as given"
    return (
        f"reconciled: differences of barriers changed by {own.reconciled_max_eV:.2g} eV at most, "
        f"{own.reconciled_rms_eV:.2g} eV rms"
    )


def _events_per_s(case, lattice, rates):
    """Speed of the kernel on this structure, from a short run that is thrown away."""
    segment = Segment(lattice, rates, field_kT_per_A=case.run.field_kT / float(lattice.steps_A.max()))
    replica = segment.start(case.run.seed, (0, 0))
    replica.run_events(TRIAL_EVENTS // 10)
    start = perf_counter()
    replica.run_events(TRIAL_EVENTS)
    return TRIAL_EVENTS / (perf_counter() - start)


def _peak_bytes():
    """Most memory that this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
