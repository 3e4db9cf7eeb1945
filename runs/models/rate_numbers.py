"""Hop rates as numbers: the rows of the CSV file of `coble export --rates`, one layout for all kinds of run."""

from math import exp

from coble.kmc.constants import BOLTZMANN_EV_K

COLUMNS = (
    *("wall", "from", "to", "hops", "temperature_K", "rate_1_s", "barrier_eV", "prefactor_1_s"),
    *("occupancy_from", "occupancy_to", "source"),
)


def row(wall, ends, temperature_K, rate_1_s, *, barrier_eV=None, occupancies=(None, None), hops=None, source=""):
    """One row, in the order of `COLUMNS`; a prefactor where there is a barrier.

    Parameters
    ----------
    wall : str
        Name of the wall, or of the structure.
    ends : (str, str)
        Regions that a hop leads from and to.
    temperature_K, rate_1_s : float
        Of one atom to one empty neighbour.
    barrier_eV : float, optional
    occupancies : (float, float), optional
        Mean occupancy of the two regions [1].
    hops : int, optional
        How many such hops the lattice has.
    source : str
    """
    prefactor = None if barrier_eV is None else rate_1_s * exp(barrier_eV / (BOLTZMANN_EV_K * temperature_K))
    return [wall, *ends, hops, temperature_K, rate_1_s, barrier_eV, prefactor, *occupancies, source]


def rows_of(rates, wall, occupancy=None):
    """Rows of a rate table; hops between two regions in both directions.

    Parameters
    ----------
    rates : RateFile
    wall : str
    occupancy : dict of str → float, optional
        Of regions by name [1].

    Returns
    -------
    list of list
    """
    found, x = [], occupancy or {}
    for name, hop in rates.hop.items():
        ends = name.split("-") if "-" in name else [name, name]
        ways = [(ends, hop.rate_1_s)]
        if hop.reverse_rate_1_s:
            ways.append((ends[::-1], hop.reverse_rate_1_s))
        for way, rate in ways:
            occupancies = tuple(map(x.get, way))
            energy = hop.activation_energy_eV
            found.append(
                row(
                    wall,
                    way,
                    rates.temperature_K,
                    rate,
                    barrier_eV=energy,
                    occupancies=occupancies,
                    source=hop.source,
                )
            )
    return found
