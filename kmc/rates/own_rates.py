"""Rates of every directed edge become what a run needs: a lattice whose edges are sorted into classes, with rates."""

from dataclasses import dataclass

import numpy as np

from coble.kmc.rates.balance import TOLERANCE_EV, balanced
from coble.kmc.rates.class_rates import ClassRates
from coble.kmc.rates.occupancies import lowest_alike, site_occupancies
from coble.lattices.atoms.labels import labelled, ranked
from coble.lattices.bond_names import vectors_order
from coble.lattices.lattice import Lattice


@dataclass(frozen=True)
class OwnRates:
    """A lattice with rates in detailed balance.

    Attributes
    ----------
    lattice : Lattice
        Its edges sorted by their rates; narrow where 32 classes suffice.
    rates : ClassRates
    energy_eV : float array (n_site,)
        The lowest of each connected part is 0 [eV].
    component : int array (n_site,)
        Number of the connected part of every site.
    reconciled_max_eV, reconciled_rms_eV : float
        By how much differences of energy along bonds were changed [eV].
    """

    lattice: Lattice
    rates: ClassRates
    energy_eV: np.ndarray
    component: np.ndarray
    reconciled_max_eV: float
    reconciled_rms_eV: float


def own_rates(lattice, rate, *, temperature_K, occupancy=None, mean=0.5, tolerance_eV=TOLERANCE_EV):
    """Rates of a lattice from rates of its edges.

    Parameters
    ----------
    lattice : Lattice
    rate : float array (n_edge,)
        Of a lone atom along every directed edge [1/s].
    temperature_K : float
    occupancy : dict of int → float, optional
        Mean occupancy of regions; see `coble.kmc.rates.occupancies`.
    mean : float
        Mean occupancy where no region is stated.
    tolerance_eV : float
        Affinities up to it are reconciled; larger ones are refused [eV].

    Returns
    -------
    OwnRates

    Raises
    ------
    Unbalanced
        For rates without site energies.
    Contradiction
        For occupancies that the barriers exclude.
    ValueError
        For bonds without a rate, and for rates and occupancies that cannot be.
    """
    source, target = lattice.sources(), lattice.target
    unknown = np.flatnonzero(np.isnan(rate))
    if len(unknown):
        i, j = int(source[unknown[0]]), int(target[unknown[0]])
        a, b = (lattice.regions[lattice.region[site]] for site in (i, j))
        raise ValueError(
            f"{len(unknown):,} hops have no rate, the first from site {i} ('{a}') to site {j} ('{b}'): give a barrier "
            f"between ['{a}', '{b}'], or a row of the table of barriers"
        )
    reverse = lattice.reverse_edges()
    found = balanced(
        lattice.n_site,
        source,
        target,
        rate,
        reverse,
        temperature_K=temperature_K,
        shift=None if lattice.shift is None else lattice.shift[:, np.argsort(vectors_order(lattice))],
        tolerance_eV=tolerance_eV,
    )
    x = site_occupancies(
        lattice,
        found.energy_eV,
        found.component,
        temperature_K=temperature_K,
        stated=occupancy,
        mean=mean,
        tolerance_eV=tolerance_eV,
    )
    with np.errstate(divide="ignore"):
        alike = lowest_alike(np.log(found.rate))
    one_rate = found.rate[alike]
    sorted_lattice = labelled(lattice, rate_labels(lattice, one_rate, reverse))
    if sorted_lattice.wide:
        sorted_lattice = labelled(lattice, rate_labels(lattice, one_rate, reverse, apart=True))
    return OwnRates(
        sorted_lattice,
        ClassRates(_by_class(sorted_lattice, one_rate), x),
        found.energy_eV,
        found.component,
        found.reconciled_max_eV,
        found.reconciled_rms_eV,
    )


def rate_labels(lattice, rate, reverse, *, apart=False):
    """Labels that tell rates apart which regions and axial step do not: as few as do.

    The label of a reverse edge is the negative, so that the classes of `labelled` are symmetric as axial steps are: the
    reverse of the first is the last.

    Parameters
    ----------
    lattice : Lattice
    rate : float array (n_edge,)
        Equal where rates are, in any unit.
    reverse : int array (n_edge,)
    apart : bool
        Different labels for different regions and steps, too.

    Returns
    -------
    int array (n_edge,)
    """
    here, there = lattice.region[lattice.sources()], lattice.region[lattice.target]
    step, rank = lattice.step_class.astype(np.int64), np.unique(rate, return_inverse=True)[1]
    # Of both directions of a bond: up, or to the later region, or the faster, or the one that is listed first.
    ways = [each.astype(np.int64) - each[reverse] for each in (step, -here.astype(int), rank, -np.arange(len(step)))]
    sense = np.zeros(len(step), dtype=np.int64)
    for way in ways:
        sense = np.where(sense == 0, np.sign(way), sense)
    ahead = sense > 0
    back = reverse[ahead]
    kind = _numbered(step[ahead], here[ahead], there[ahead])
    level = (step[ahead] == step[back]) & (here[ahead] == there[ahead])
    uneven = (level & (rank[ahead] != rank[back])).astype(np.int64)
    both = _numbered(kind, uneven, rank[ahead], rank[back])
    number = both + 1
    if not apart:
        # The first of each kind is 0, unless its two directions would then be the same edge with different rates.
        first = np.full(int(kind.max(initial=-1)) + 1, len(both))
        np.minimum.at(first, kind, both)
        unlike, lowest = np.zeros(len(first), dtype=np.int64), both == first[kind]
        unlike[kind[lowest]] = uneven[lowest]
        number = both - first[kind] + unlike[kind]
    label = np.empty(len(step), dtype=np.int64)
    label[ahead], label[back] = number, -number
    return label


def _numbered(*columns):
    """Number of every distinct row of these columns, in the order of the rows: int array (n_row,)."""
    number = np.zeros(len(columns[0]), dtype=np.int64)
    for column in columns:
        _, dense = ranked(column)
        _, number = ranked(number * (int(dense.max(initial=0)) + 1) + dense)
    return number


def _by_class(lattice, rate):
    """Rates by class: float array (n_class,), or (n_class, n_region, n_region) of a narrow lattice."""
    if lattice.wide:
        hop = np.zeros(lattice.n_class)
        hop[lattice.classes] = rate
        return hop
    hop = np.zeros((lattice.n_class, lattice.n_region, lattice.n_region))
    hop[lattice.classes, lattice.region[lattice.sources()], lattice.region[lattice.target]] = rate
    return hop
