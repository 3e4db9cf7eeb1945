"""Rates that a tuning found, as a table."""

from coble.inputs.rate_table import read_rates
from coble.models.rate_numbers import COLUMNS, rows_of
from coble.render.numbers import number_of
from coble.render.table import Table


def rates(content, case, folder):
    """The rate table beside the result: list of `Table`."""
    return [_found_rates(read_rates(folder / "rates.toml"), case.wall[0].name if case else "")]


def _found_rates(rates, wall):
    rows = []
    for name, hop in rates.hop.items():
        back = number_of(hop.reverse_rate_1_s) if hop.reverse_rate_1_s else "–"
        energy = "–" if hop.activation_energy_eV is None else f"{hop.activation_energy_eV:.4f}"
        if hop.barrier_uncertainty_eV is not None:
            energy = f"{energy} ± {hop.barrier_uncertainty_eV:.2g}"
        spread = "–" if hop.uncertainty is None else f"± {hop.uncertainty:.3g}"
        rows.append([name, number_of(hop.rate_1_s), spread, back, energy, hop.source])
    return Table(
        f"Hop rates at {rates.temperature_K:g} K, as found",
        ["class", "rate [1/s]", "error of ln rate", "back [1/s]", "barrier [eV]", "source"],
        rows,
        note="Rate of the hop of an atom to one empty neighbour; what comes back follows from detailed balance.",
        name="rates",
        numbers=(COLUMNS, rows_of(rates, wall)),
    )
