"""A channel of lanes between two reservoirs, site by site or with cells, and its one-body network."""

import numpy as np
from small_graphs import graph_of

from coble.kmc.growth.grading import Channel, as_cells
from coble.kmc.kernel.cells import CONTACT, RESERVOIR
from coble.kmc.kernel.lowering import Tables, neighbours_of

RATE, QUANTUM = 1 << 36, 2.0**-36  # of every hop: one in a second
LANES = 8


def lanes(n_row, lanes=LANES):
    """Rows of sites round a tube; regions 1 and 2 are the first and the last row."""
    site = np.arange(n_row * lanes).reshape(n_row, lanes)
    around = [(a, b, 0) for row in site for a, b in zip(row, np.roll(row, -1), strict=True)]
    along = [(a, b, 1) for low, high in zip(site[:-1], site[1:], strict=True) for a, b in zip(low, high, strict=True)]
    kind = np.zeros(site.size, dtype=int)
    kind[site[0]], kind[site[-1]] = 1, 2
    positions = np.column_stack([np.zeros((site.size, 2)), np.repeat(np.arange(n_row), lanes)])
    return graph_of(site.size, around + along, kind=kind, positions=positions, steps=[-1, 0, 1])


def tables_of(first, last):
    """Every hop at one rate; the first and last rows meet reservoirs at these occupancies, or none."""
    rate = np.zeros((1, 6, 6), dtype=np.uint64)
    rate[0, 1::2, 0::2] = RATE
    unary = np.zeros(6, dtype=np.uint64)
    for kind, rho in ((1, first), (2, last)):
        if rho is not None:
            unary[2 * kind], unary[2 * kind + 1] = round(RATE * rho), RATE - round(RATE * rho)
    return Tables(rate, unary, np.zeros((6, 6), dtype=np.uint8), QUANTUM, True, n_path=1, n_step=3)


def arguments(n_row, occupied, first, last):
    """What kernels take, up to the random stream."""
    graph = lanes(n_row)
    return neighbours_of(graph), (2 * graph.region + occupied).astype(np.uint16), tables_of(first, last)


def cells_before(lengths, atoms, root, n_lane=LANES):
    """Cells before the first row of such a channel; the root's reservoir is one hop off, as it is from sites."""
    channel = Channel(conductance=float(n_lane), sites=n_lane)
    half = channel.resistance(0.5)  # from a middle of a row to its end: the reservoir is a hop from the middle
    return as_cells([channel.chain(lengths, atoms, root=root, root_resistance=half, plane=np.arange(n_lane))], QUANTUM)


def network(n_row, first, last, cells=None):
    """The one-body network d⟨N⟩/dt = source - matrix ⟨N⟩ of sites and then cells.

    Returns
    -------
    matrix : float array (n, n), source : float array (n,), sink : float array (n,), room : float array (n,)
        ⟨N⟩ @ sink is the rate at which atoms leave through the last row; its reservoir gives source at a rate of its
        own, which is 0 where `last` is 0.
    """
    graph = lanes(n_row)
    n = graph.n_site
    bonds = [(a, b, 1.0) for a, b in zip(graph.sources(), graph.target, strict=True) if a < b]
    room = np.ones(n)
    source, out, sink = np.zeros(n), np.zeros(n), np.zeros(n)
    for kind, rho in ((1, first), (2, last)):
        if rho is not None:
            source[graph.region == kind], out[graph.region == kind] = rho, 1.0
    sink[graph.region == 2] = last is not None
    if cells is not None:
        index = {h: n + k for k, h in enumerate(np.flatnonzero(cells.role == 0).tolist())}
        more = len(index)
        room = np.concatenate([room, cells.room[list(index)]])
        source, out, sink = (np.concatenate([each, np.zeros(more)]) for each in (source, out, sink))
        g = cells.factor[:, 0].astype(float) * 2.0 ** (cells.shift - 64.0) * QUANTUM
        for (i, j), rate in zip(cells.link.tolist(), g, strict=True):
            whole = rate * cells.room[i] * cells.room[j]
            if RESERVOIR in (cells.role[i], cells.role[j]):
                tank, cell = (i, j) if cells.role[i] == RESERVOIR else (j, i)
                source[index[cell]] += whole * cells.atoms[tank] / cells.room[tank]
                out[index[cell]] += whole
            elif CONTACT in (cells.role[i], cells.role[j]):
                plane, cell = (i, j) if cells.role[i] == CONTACT else (j, i)
                sites = cells.contact[cells.contact_from[plane] : cells.contact_from[plane + 1]]
                bonds += [(index[cell], site, whole / len(sites)) for site in sites.tolist()]
            else:
                bonds.append((index[i], index[j], whole))
    matrix = np.diag(out)  # of occupancies: conductances
    for a, b, whole in bonds:
        matrix[[a, b, a, b], [a, b, b, a]] += [whole, whole, -whole, -whole]
    return matrix / room[None, :], source, sink, room
