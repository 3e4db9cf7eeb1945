"""Compiled passes over rows of edges do what plain Python does, row by row."""

from types import SimpleNamespace

import numpy as np
import pytest

from coble.kmc.network._bonds import Bonds
from coble.lattices.graph._rows import check_rows, kept_rows, placed_rows, repeat_rows, row_types
from coble.lattices.graph.packing import SITE_BITS, SITE_MASK, pack, starts

N_REGION, STEPS = 3, np.array([-2.0, -0.5, 0.0, 0.5, 2.0])


@pytest.fixture(params=(1, 2, 3))
def graph(request):
    """Thirty sites with up to eight neighbours each, some with none; edges need no reverse here."""
    rng = np.random.default_rng(request.param)
    degree = rng.integers(0, 9, 30)
    target, step = rng.integers(0, 30, degree.sum()), rng.integers(0, len(STEPS), degree.sum())
    edge, region = pack(target, step), rng.integers(0, N_REGION, 30).astype(np.uint8)
    rows = np.split(edge, np.cumsum(degree)[:-1])
    return SimpleNamespace(rng=rng, indptr=starts(degree), edge=edge, region=region, rows=rows, step=step)


def ends(row):
    return [(int(edge & SITE_MASK), int(edge >> SITE_BITS)) for edge in row]


def by_row(indptr, edge):
    return [ends(row) for row in np.split(edge, indptr[1:-1])]


def test_kept_rows_are_those_among_the_sites_that_stay(graph):
    keep = graph.rng.random(30) < 0.6
    number = {int(site): k for k, site in enumerate(np.flatnonzero(keep))}
    wanted = [
        [(number[site], step) for site, step in ends(row) if site in number]
        for row, stays in zip(graph.rows, keep, strict=True)
        if stays
    ]
    assert by_row(*kept_rows(graph.indptr, graph.edge, keep.view(np.uint8))) == wanted


def test_no_site_need_stay(graph):
    indptr, edge = kept_rows(graph.indptr, graph.edge, np.zeros(30, dtype=np.uint8))
    assert indptr.tolist() == [0] and not len(edge)


def test_placed_rows_have_the_own_region_first_and_keep_their_order(graph):
    site = np.argsort(graph.region, kind="stable").astype(np.uint32)
    place = np.argsort(site).astype(np.uint32)
    region = graph.region[site]
    indptr, edge, own, outside = placed_rows(graph.indptr, graph.edge, site, place, region)
    wanted, others = [], []
    for here, number in enumerate(site):
        row = [(int(place[there]), step) for there, step in ends(graph.rows[number])]
        wanted.append(sorted(row, key=lambda edge, here=here: region[edge[0]] != region[here]))  # stable
        others += [(here, int(region[there])) for there, _ in row if region[there] != region[here]]
        assert own[here] == sum(region[there] == region[here] for there, _ in row)
    assert by_row(indptr, edge) == wanted
    assert list(map(tuple, outside.T.tolist())) == others


def test_types_are_rows_that_are_the_same_from_their_sites(graph):
    header = graph.rng.integers(0, 2, 30).astype(np.uint32)
    graph.edge[:] = pack(0, graph.step % 2) + np.repeat(np.arange(30, dtype=np.uint32), np.diff(graph.indptr))
    seen = {}
    key = lambda site: (header[site], tuple((graph.rows[site] - np.uint32(site)).tolist()))  # noqa: E731
    graph.rows = np.split(graph.edge, graph.indptr[1:-1])
    wanted = [seen.setdefault(key(site), len(seen)) for site in range(30)]
    found, first = row_types(graph.indptr, graph.edge, header, 30)
    assert found.tolist() == wanted and len(seen) < 30
    assert first.tolist() == [wanted.index(number) for number in range(len(seen))]
    assert row_types(graph.indptr, graph.edge, header, len(seen))[0].tolist() == wanted
    assert row_types(graph.indptr, graph.edge, header, len(seen) - 1) == (None, None)


def test_columns_are_repeated_along_the_axis():
    source, target, shift = (np.array(each, np.int32) for each in ([0, 0, 2], [2, 0, 1], [-1, 1, 0]))
    step, cells, first = np.array([3, 1, 4], np.uint32), 4, 5
    degree = np.zeros(first + 3 * cells, dtype=int)
    np.add.at(degree, first + source[:, None] * cells + np.arange(cells), 1)
    degree += 1  # room at the end of each row, for edges of other kinds
    indptr, edge = starts(degree), np.full(degree.sum(), 7, dtype=np.uint32)
    repeat_rows(indptr, edge, first, cells, source, target, shift, step)
    wanted = [[] for _ in degree]
    for a, b, s, k in zip(source, target, shift, step, strict=True):
        for cell in range(cells):
            wanted[first + a * cells + cell].append((int(first + b * cells + (cell + s) % cells), int(k)))
    assert by_row(indptr, edge) == [[*row, (7, 0)] for row in wanted]


@pytest.mark.parametrize("change", ("edges", "falling", "length", "beyond"))
def test_rows_that_do_not_fit_are_refused(graph, change):
    indptr, edge = graph.indptr.copy(), graph.edge.copy()
    check_rows(indptr, edge, 30)
    if change == "edges":
        edge = edge[:-1]
    elif change == "falling":
        indptr[10] = indptr[12] + 1
    elif change == "length":
        indptr = np.append(indptr, indptr[-1])
    else:
        edge[3] = 30
    with pytest.raises(ValueError, match="beyond the 30 sites" if change == "beyond" else "must divide all"):
        check_rows(indptr, edge, 30)
    with pytest.raises(ValueError):
        kept_rows(indptr, edge, np.ones(30, dtype=np.uint8))


@pytest.fixture(params=("by region", "by edge", "wide"))
def network(graph, request):
    """The same as resistors: `Bonds`, and source, target, step and conductance of every edge."""
    wide = request.param == "wide"
    lattice = SimpleNamespace(
        indptr=graph.indptr,
        edge=graph.edge & SITE_MASK if wide else graph.edge,
        bond_class=graph.step.astype(np.uint32),
        wide=wide,
        region=graph.region,
        n_site=30,
        n_edge=len(graph.edge),
        n_region=N_REGION,
        steps_A=STEPS,
        step_of_class=np.arange(len(STEPS)),
    )
    source = np.repeat(np.arange(30), np.diff(graph.indptr))
    target = (graph.edge & SITE_MASK).astype(int)
    given = graph.rng.random((N_REGION, N_REGION) if request.param == "by region" else len(target))
    g = given[graph.region[source], graph.region[target]] if given.ndim == 2 else given
    return SimpleNamespace(
        bonds=Bonds(lattice, given), lattice=lattice, source=source, target=target, step=STEPS[graph.step], g=g
    )


def close(found, wanted):
    np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-12)


def test_sums_over_the_bonds_of_every_site(network, graph):
    n, part = network, graph.rng.random(len(network.g))
    total, driven = n.bonds.sums()
    close(total, np.bincount(n.source, n.g, 30))
    close(driven, np.bincount(n.source, n.g * n.step, 30))
    close(n.bonds.sums(part)[1], np.bincount(n.source, n.g * n.step * part, 30))
    x, out = graph.rng.random(30), np.empty(30)
    power = n.bonds.out_of(total, x, out)
    close(out, np.bincount(n.source, n.g * (x[n.source] - x[n.target]), 30))
    close(power, x @ out)


def test_currents_by_regions_sites_and_slabs(network, graph):
    n, psi, z = network, graph.rng.random(30), graph.rng.random(30) * 12
    tension = n.step + psi[n.target] - psi[n.source]
    here, there = graph.region[n.source], graph.region[n.target]
    carried, power = n.bonds.by_regions(psi)
    close(carried.ravel(), np.bincount(here * N_REGION + there, n.g * tension * n.step, N_REGION**2))
    close(power.ravel(), np.bincount(here * N_REGION + there, n.g * tension**2, N_REGION**2))
    close(n.bonds.by_sites(psi), np.bincount(n.source, n.g * tension * n.step, 30))
    slab = (z // 4).astype(np.int32)
    current, capacity = n.bonds.by_slabs(psi, z, slab, 3, 4.0)
    wanted = np.zeros((2, *current.shape))
    for e in range(len(n.g)):
        a, rise = slab[n.source[e]], int((z[n.source[e]] + n.step[e]) // 4) - slab[n.source[e]]
        if rise == 1 or (rise == 0 and here[e] < there[e]):
            through = n.step[e] / 4 if rise else 1.0
            wanted[:, a, rise, here[e], there[e]] += n.g[e] * tension[e], n.g[e] * through
    close([current, capacity], wanted)


def test_conductances_of_another_number_are_refused(network):
    for wrong in (np.ones(len(network.g) + 1), np.ones((N_REGION + 1, N_REGION + 1))):
        with pytest.raises(ValueError, match="conductances must be of"):
            Bonds(network.lattice, wrong)
