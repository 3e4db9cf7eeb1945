"""Sites in the order of their regions, edges to the own region first: what is seen from outside knows nothing of it."""

import numpy as np
from random_gases import random_arguments, twins
from small_graphs import random_graph

from coble.kmc.kernel._kernel import BinKernel
from coble.kmc.kernel.arrangement import CLASS_BIT, arranged
from coble.kmc.kernel.neighbours import neighbours_of
from coble.lattices import SITE_BITS, bcc, build_box, build_tubule, make_shape


def lattices():
    yield build_tubule(make_shape("single", 14.0, 8.0), bcc(3.5, "111"), wall_density=1.65e-2, segment=5.0)
    halves = build_box(bcc(1.0, "100"), (12, 6, 6))
    halves.region[halves.positions[:, 0] > 6] = 1
    yield halves
    for seed in range(20):
        rng = np.random.default_rng(seed)
        yield random_graph(rng, 60, int(rng.integers(0, 200)), [-1, 0, 1], 1 + seed % 4)


def row_at(found, place):
    """Number of edges, class, and edges by place."""
    if found.row_type is None:
        row, base = found.rows[found.first[place] :], 0
    else:
        row, base = found.rows[found.row_type[place]], place
    degree, site_class = int(row[0]) & ((1 << CLASS_BIT) - 1), int(row[0]) >> CLASS_BIT
    return site_class, row[1 : 1 + degree] + np.uint32(base)


def test_rows_hold_the_edges_of_the_table_with_the_own_region_first():
    with_types = 0
    for lattice in lattices():
        neighbours = neighbours_of(lattice)
        found = arranged(neighbours.indptr, neighbours.edge, lattice.region)
        with_types += found.row_type is not None
        place = np.arange(lattice.n_site) if found.place is None else found.place
        classes, most = found.classes, {}
        for site in range(lattice.n_site):
            table = neighbours.edge[neighbours.indptr[site] : neighbours.indptr[site + 1]]
            there = lattice.region[table & ((1 << SITE_BITS) - 1)]
            outside = there != lattice.region[site]
            table = np.concatenate([table[~outside], table[outside]])
            site_class, row = row_at(found, int(place[site]))
            by_place = (table >> SITE_BITS << SITE_BITS) + place[table & ((1 << SITE_BITS) - 1)].astype(np.uint32)
            assert row.tolist() == by_place.tolist()
            assert classes.region[site_class] == lattice.region[site]
            assert classes.own[site_class] == (~outside).sum()
            assert (classes.others[site_class] > 0) == outside.any()
            assert classes.leads_to[site_class, there[outside]].all()
            most[site_class] = max(most.get(site_class, 0), int(outside.sum()))
        assert [most[number] for number in range(len(most))] == classes.others.tolist()
        assert classes.number.sum() == lattice.n_site
    assert with_types == 1


def test_particles_are_named_by_their_sites():
    renumbered = 0
    for seed in range(40):
        arguments = random_arguments(seed, BinKernel)
        steps = np.ones(arguments[2].n_step, dtype=np.int64)
        kernel, twin = twins(arguments, seed, which=BinKernel, step_of_particle=steps)
        kernel.advance(max_events=200), twin.advance(max_events=200)
        particle, hops = np.arange(kernel.n_site), np.zeros(kernel.n_site, dtype=int)
        for _, site, target in twin.events:
            hops[particle[site]] += 1
            particle[[site, target]] = particle[[target, site]]
        np.testing.assert_array_equal(kernel.particles, particle)
        np.testing.assert_array_equal(kernel.displacements, hops)
        np.testing.assert_array_equal(kernel.squared_steps, hops)
        sites = np.random.default_rng(seed).permutation(kernel.n_site)[:5]
        np.testing.assert_array_equal(kernel.codes_of(sites), np.array(twin.code)[sites])
        region = arguments[1] >> 1
        renumbered += bool((np.sort(region) != region).any() and twin.events)
    assert renumbered > 10
