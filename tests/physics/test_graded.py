"""A channel in cells: equilibria, mean currents and transients against exact answers."""

from math import comb

import numpy as np
import pytest
from graded_devices import LANES, arguments, cells_before, network
from scipy.linalg import expm

from coble.kmc.growth.grading import doubling, from_both_ends, merged, onto_sites, refined, split
from coble.kmc.kernel._kernel import GradedKernel, GroupKernel
from coble.kmc.kernel.cells import CELL, cells

FIRST, LAST = 0.85, 0.35  # occupancies of the reservoirs
N_ROW, FINE = 40, 4


def device(seed, root, last, lengths, occupancy=None):
    """A kernel of cells and fine rows, every site and cell as full as `occupancy` at random."""
    rng = np.random.default_rng(seed)
    occupancy = root if occupancy is None else occupancy
    atoms = [int(rng.binomial(length * LANES, occupancy)) for length in lengths]
    kernel = GradedKernel(*arguments(FINE, rng.random(FINE * LANES) < occupancy, None, last), np.random.SFC64(seed))
    kernel.set_cells(cells_before(lengths, atoms, root))
    return kernel


def mean_current(system):
    """Atoms per time into the last reservoir of a steady network."""
    matrix, source, sink, _ = system
    mean = np.linalg.solve(matrix, source)
    return float(mean @ sink - LAST * sink.sum())


@pytest.mark.parametrize("first", [1, 2, 3, 8])
def test_mean_current_is_that_of_the_sites_for_any_grading(first):
    whole = mean_current(network(N_ROW, FIRST, LAST))
    lengths = doubling(N_ROW - FINE, first)
    graded = mean_current(network(FINE, None, LAST, cells_before(lengths, [0] * len(lengths), FIRST)))
    assert graded == pytest.approx(whole, rel=1e-9)
    assert whole == pytest.approx(LANES * (FIRST - LAST) / (N_ROW + 1), rel=1e-9)


@pytest.mark.parametrize("lengths", [[36], [1] * 36, [5, 1, 17, 2, 11], [30, 6]])
def test_mean_current_of_odd_gradings(lengths):
    graded = mean_current(network(FINE, None, LAST, cells_before(lengths, [0] * len(lengths), FIRST)))
    assert graded == pytest.approx(mean_current(network(N_ROW, FIRST, LAST)), rel=1e-9)


def test_detailed_balance_of_a_link():
    """N_i (m_j - N_j) against the products of binomials: exact but for quanta."""
    some = cells([(CELL, 0, 7, ()), (CELL, 0, 5, ())], [(0, 1, 2.0**40, 2.0**40)], 1.0)
    kernel = GradedKernel(*arguments(2, np.zeros(2 * LANES), None, None), np.random.SFC64(1))
    weight = {}
    for n in range(8):
        for k in range(6):
            kernel.set_cells(some.at(np.array([n, k]), some.contact))
            there, back = kernel.crossing_propensities()[0].tolist()
            weight[n, k] = comb(7, n) * comb(5, k), there, back
    for (n, k), (pi, there, _) in weight.items():
        if n and k < 5:
            other, _, back = weight[n - 1, k + 1]
            assert pi * there == pytest.approx(other * back, rel=1e-11)


def test_equal_potentials_give_binomial_cells_without_covariance():
    """Many samples, far apart beside the slowest relaxation; seed fixed."""
    rho, lengths = 0.3, doubling(12, 2)
    matrix = network(FINE, None, rho, cells_before(lengths, [0] * len(lengths), rho))[0]
    apart = 1.5 / np.linalg.eigvals(matrix).real.min()
    kernel, n = device(3, rho, rho, lengths), 4000
    found = np.empty((n, len(lengths) + 1))
    for k in range(n):
        kernel.advance((k + 1) * apart)
        found[k] = [*kernel.cells.atoms[: len(lengths)], (kernel.codes % 2).sum()]
    room = np.array([*(length * LANES for length in lengths), FINE * LANES])
    z = (found - room * rho) / np.sqrt(room * rho * (1 - rho))
    correlated = 1.3  # exp(-1.5) from sample to sample
    assert (np.abs(z.mean(axis=0)) < 4 * np.sqrt(correlated * 1.3 / n)).all()
    second = z.T @ z / n
    off = second[~np.eye(len(room), dtype=bool)]
    assert (np.abs(off) < 4 * np.sqrt(correlated / n)).all()
    assert (np.abs(np.diag(second) - 1) < 4 * np.sqrt(correlated * 2 / n)).all()
    # The third moment tells a binomial from a normal distribution: (1 - 2ρ)³ ... of the smallest cell.
    skew = (1 - 2 * rho) / np.sqrt(room * rho * (1 - rho))
    least = np.argmin(room)
    assert abs((z[:, least] ** 3).mean() - skew[least]) < 4 * np.sqrt(15 * correlated / n)
    assert skew[least] > 2 * np.sqrt(15 / n)


@pytest.fixture(scope="module")
def ensembles():
    """Atoms after a step of the root's reservoir, site by site and graded, at some times: (n_run, n_time) each."""
    times, runs, lengths = np.array([20.0, 60.0, 120.0]), 250, doubling(N_ROW - FINE, 2)
    graded, whole = np.empty((runs, 3)), np.empty((runs, 3))
    for k in range(runs):
        kernel = device(k, FIRST, LAST, lengths, occupancy=LAST)
        occupied = np.random.default_rng(k).random(N_ROW * LANES) < LAST
        other = GroupKernel(*arguments(N_ROW, occupied, FIRST, LAST), np.random.SFC64(k))
        for column, time in enumerate(times):
            kernel.advance(time)
            other.advance(time)
            graded[k, column] = kernel.cells.atoms[: len(lengths)].sum() + (kernel.codes % 2).sum()
            whole[k, column] = (other.codes % 2).sum()
    return times, lengths, graded, whole


def transient(system, start, times):
    """Mean number of atoms at some times, from the matrix exponential."""
    matrix, source, _, room = system
    steady = np.linalg.solve(matrix, source)
    return np.array([(steady + expm(-matrix * time) @ (room * start - steady)).sum() for time in times])


def test_a_step_at_the_root_goes_as_the_matrix_exponential(ensembles):
    times, lengths, graded, whole = ensembles
    exact = transient(network(FINE, None, LAST, cells_before(lengths, [0] * len(lengths), FIRST)), LAST, times)
    of_sites = transient(network(N_ROW, FIRST, LAST), LAST, times)
    for found, wanted in ((graded, exact), (whole, of_sites)):
        error = found.std(axis=0, ddof=1) / np.sqrt(len(found))
        assert (error < 0.012 * wanted).all()
        assert (np.abs(found.mean(axis=0) - wanted) < 4 * error).all()


def test_local_equilibrium_costs_little_and_less_with_cells_fine_at_the_step():
    """The mean of what comes in after a step, cells against sites, exact against exact."""
    times, n = np.array([20.0, 80.0, 320.0]), N_ROW - FINE
    of_sites = transient(network(N_ROW, FIRST, LAST), LAST, times)
    gained, missed = of_sites - LAST * N_ROW * LANES, {}
    for name, lengths in (("tip", doubling(n, 2)), ("both", from_both_ends(n, 2))):
        system = network(FINE, None, LAST, cells_before(lengths, [0] * len(lengths), FIRST))
        missed[name] = np.abs(transient(system, LAST, times) - of_sites) / gained
    assert (missed["tip"] < [0.25, 0.07, 0.02]).all()
    assert (missed["both"] < 0.6 * missed["tip"]).all()


def test_a_closed_end_takes_from_the_tip_what_its_sites_would():
    """Cells that lead nowhere, as ahead of a tip whose potential changes: means, exact against exact."""
    times, n = np.array([20.0, 80.0, 320.0, 1280.0]), N_ROW - FINE
    gained = transient(network(N_ROW, None, LAST), FIRST, times) - FIRST * N_ROW * LANES
    lengths = doubling(n, 2)
    system = network(FINE, None, LAST, cells_before(lengths, [0] * len(lengths), None))
    graded = transient(system, FIRST, times) - FIRST * N_ROW * LANES
    assert graded.tolist() == pytest.approx(gained.tolist(), rel=0.01)
    assert gained[-1] < -0.6 * (FIRST - LAST) * N_ROW * LANES, "most of what can leave has left"


def test_fluctuations_of_the_number_of_atoms_are_those_of_the_sites(ensembles):
    _, _, graded, whole = ensembles
    ratio = graded.std(axis=0, ddof=1) / whole.std(axis=0, ddof=1)
    assert (np.abs(ratio - 1) < 4 / np.sqrt(len(graded))).all()


def test_atoms_are_conserved_to_the_last():
    """With a closed far end, atoms are those at the start and those that crossed from the root's reservoir."""
    lengths = doubling(60, 2)
    kernel = device(5, 0.7, None, lengths)
    before = int(kernel.cells.atoms[: len(lengths)].sum() + (kernel.codes % 2).sum())
    kernel.advance(max_events=200_000)
    after = int(kernel.cells.atoms[: len(lengths)].sum() + (kernel.codes % 2).sum())
    through = kernel.crossings[len(lengths) - 1]  # the joints of cells, then the reservoir
    assert through.sum() > 100
    assert after - before == through[0] - through[1]


def test_events_per_time_hardly_grow_with_length():
    """Sites: in proportion to the rows; cells: as the logarithm."""

    def events(n_row):
        kernel = device(1, 0.5, 0.5, doubling(n_row - FINE, 2))
        kernel.advance(20.0)
        return kernel.n_event / 20.0

    assert events(10 * N_ROW) < 1.3 * events(N_ROW)


def test_merging_is_a_binary_counter():
    lengths, atoms = [], []
    for k in range(100):
        lengths, atoms = merged([*lengths, 2], [*atoms, k])
        assert sum(lengths) == 2 * (k + 1) and sum(atoms) == k * (k + 1) // 2
        assert lengths == sorted(lengths, reverse=True)
    assert len(lengths) <= 2 * np.log2(100)


def test_splitting_is_unbiased_and_exact():
    rng, n = np.random.default_rng(1), 4000
    near = np.empty(n)
    for k in range(n):
        (a, first), (b, second) = split(5, 17, LANES, rng)
        assert (a, b, first + second) == (3, 2, 17)
        near[k] = first
    wanted, variance = 17 * 3 / 5, 17 * 0.6 * 0.4 * (40 - 17) / 39
    assert abs(near.mean() - wanted) < 4 * np.sqrt(variance / n)
    assert abs(near.var() / variance - 1) < 4 * np.sqrt(2 / n)
    assert onto_sites(5, 16, rng).sum() == 5


def test_refining_keeps_every_atom_and_is_unbiased():
    """Short cells at the fine end, each at most twice as long as the one before; means as each site were as likely."""
    rng, n, extra = np.random.default_rng(2), 3000, 5
    held = np.empty((n, 4))
    for k in range(n):
        lengths, atoms = refined([4, 8, 7], [12, 50, 20], LANES, rng, extra)
        assert lengths == [2, 2, 4, 4, 7] and atoms[0] + atoms[1] == 12 and atoms[2] + atoms[3] == 50
        held[k] = atoms[:4]
    wanted = np.array([6.0, 6.0, 25.0, 25.0])
    error = held.std(axis=0, ddof=1) / np.sqrt(n)
    assert (np.abs(held.mean(axis=0) - wanted) < 4 * error).all() and (error < 0.05).all()
    lengths, atoms = refined([9], [60], LANES, rng, extra)  # the last cell has more sites: 5 rows of 9, and 4 and extra
    assert sum(lengths) == 9 and sum(atoms) == 60 and lengths[0] <= 2
    assert all(b <= 2 * a for a, b in zip(lengths[:-1], lengths[1:], strict=True))
    near = np.array([sum(refined([9], [60], LANES, rng, extra, 5)[1][:1]) for _ in range(n)])
    variance = 60 * (40 / 77) * (37 / 77) * (77 - 60) / 76
    assert abs(near.mean() - 60 * 40 / 77) < 4 * np.sqrt(variance / n)
