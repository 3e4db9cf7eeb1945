"""A metal tip with bonds in a tubule: hops that change coordination, and so the codes of two shells of neighbours."""

from time import process_time

INNER_WIDTH_A, WALL_A, LENGTH_A, LATTICE_CONSTANT_A = 50.0, 15.0, 200.0, 3.509
WALL_DENSITY = 4e-2  # Li per Å³: Li9Al4
FIRST_EV, SECOND_EV = 0.027, 0.063  # a third of the bonds that fit lithium's surface energies: a lively tip
RATES = {"bulk": 1e5, "metal_surface": 6e8, "interface": 1.6e8, "surface": 6e8, "wall": 1e6}  # 1/s
EVENTS = 3_000_000


def tip():
    """A half-filled tubule: its sites with their bonds, and where the atoms are."""
    import numpy as np

    from coble.kmc.rates.bonds import classify
    from coble.lattices import Region, bcc, build_tubule, make_shape

    shape = make_shape("single", INNER_WIDTH_A, WALL_A)
    crystal = bcc(LATTICE_CONSTANT_A, "110")
    graph = build_tubule(shape, crystal, wall_density=WALL_DENSITY, segment=LENGTH_A).opened()
    sites = classify(graph, LATTICE_CONSTANT_A)
    rng = np.random.default_rng(1)
    part = np.where(graph.region == Region.WALL, 0.99, 0.5)
    occupied = np.where(graph.region == Region.BULK, graph.z < LENGTH_A / 2, rng.random(graph.n_site) < part)
    return sites, occupied


def tip_tables(sites, rates=RATES):
    """Tables of its hops, from rates by path [1/s]."""
    from coble.kmc.rates.bonds import BondModel, Mobilities, bond_tables

    return bond_tables(sites, BondModel(FIRST_EV, SECOND_EV, 300.0), Mobilities(**rates))


def metal_tip(repeats=3, *, say):
    """Events per second of a half-filled tubule: all hops, hops of metal only, and hops that change no coordination.

    Returns
    -------
    dict
        Plain numbers.
    """
    import numpy as np

    from coble.kmc.kernel._kernel import GroupKernel
    from coble.kmc.rates.bonds import PATH_PAIRS

    say("metal tip: building")
    sites, occupied = tip()
    metal = ("bulk", "metal_surface")
    work = {
        "all hops": RATES,
        "metal only": {path: rate if path in metal else 0.0 for path, rate in RATES.items()},
        "no metal": {path: 0.0 if path in metal else rate for path, rate in RATES.items()},
    }
    counts = np.array([any("metal" in path or path == "bulk" for path in pair) for pair in PATH_PAIRS])
    rows = []
    for name, rates in work.items():
        kernel = GroupKernel(sites.neighbours, sites.code(occupied), tip_tables(sites, rates), np.random.SFC64(1))
        kernel.advance(max_events=EVENTS // 2)
        before, turns = kernel.hops, []
        for turn in range(repeats):
            say(f"metal tip, {name}: turn {turn + 1} of {repeats}")
            started = process_time()
            kernel.advance(max_events=EVENTS)
            turns.append(EVENTS / (process_time() - started))
        hops = (kernel.hops - before).sum(axis=1)
        rows.append(
            {
                "work": name,
                "hops_per_cpu_s": sorted(turns)[repeats // 2],
                "turns": turns,
                "changes_coordination": float(hops[counts].sum() / hops.sum()),
                "held_bytes_per_site": kernel.nbytes() / sites.graph.n_site,
            }
        )
    return {"n_site": sites.graph.n_site, "n_code": sites.codes.n_code, "rows": rows}
