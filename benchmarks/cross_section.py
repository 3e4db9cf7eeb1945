"""The paper's cross-section: events per second, and seconds until every share of the current is known to 0.01."""

from time import perf_counter, process_time

WALL = "Li9Al4"
LOOP_EVENTS = 2_000_000  # to time the event loop by itself


def paper_segment(name=WALL):
    """The paper's case, and the driven segment of its tubule with one wall."""
    import coble
    from coble.kmc.kernel.segment import Segment
    from coble.kmc.rates.calibration import calibrate
    from coble.kmc.rates.table import rate_table
    from coble.models.tubules.tubule import graph_of, lattice_constants, regions

    case = coble.paper_case()
    wall, section = next((w, s) for w, s in zip(case.walls, case.wall, strict=True) if w.name == name)
    graph = graph_of(case, wall)
    parts = regions(case, wall, section, graph.shape)
    bonds = {kind: c.bond_conductance for kind, c in calibrate(graph, parts, lattice_constants(case, wall)).items()}
    rates = rate_table(bonds, {kind: region.occupancy for kind, region in parts.items()})
    step = case.metal_material.lattice_constant_A / 2**0.5  # along [110]
    return case, Segment(graph, rates, field_kT_per_A=case.run.field_kT / step)


def cross_section(target_error=0.01, *, workers=1, say):
    """Run the driven segment of the paper's case with one wall, in one thread unless `workers` says otherwise.

    Returns
    -------
    dict
        Plain numbers.
    """
    from coble.kmc.estimates.measure import measure

    say(f"cross-section: building the paper's tubule with {WALL}")
    started = perf_counter()
    case, segment = paper_segment()
    built = perf_counter() - started
    kernel = segment.start(case.run.seed, (0, 0)).kernel
    kernel.advance(max_events=LOOP_EVENTS // 4)
    loop = process_time()
    kernel.advance(max_events=LOOP_EVENTS)
    loop = process_time() - loop
    say("cross-section: running until the shares are known")
    cpu = process_time()
    found = measure(
        segment,
        seed=case.run.seed,
        replicas=case.run.replicas,
        workers=workers,
        target_error=target_error,
        max_events=case.run.max_events,
    )
    cpu = process_time() - cpu
    return {
        "wall": WALL,
        "n_site": segment.graph.n_site,
        "kernel": type(kernel).__name__,
        "target_error": target_error,
        "worst_error": found.worst_share_error,
        "reason": found.reason,
        "shares": {kind.name.lower(): share.value for kind, share in found.shares().items()},
        "workers": workers,
        "n_event": found.n_event,
        "loop_hops_per_cpu_s": LOOP_EVENTS / loop,
        "hops_per_cpu_s": found.n_event / cpu,
        "measure_cpu_s": cpu,
        "measure_wall_s": found.seconds,
        "build_wall_s": built,
    }
