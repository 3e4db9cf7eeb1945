"""Several tunings side by side."""

from coble.render.numbers import plain
from coble.render.table import Table


def compared(results):
    names = list(dict.fromkeys(rate for _, c in results for rate in c["rates"]))
    rows = [[name, *(_found_rate(c["rates"].get(rate)) for rate in names)] for name, c in results]
    return Table("Rates that were found", ["result", *(f"{rate} [1/s]" for rate in names)], rows)


def _found_rate(rate):
    return "not identifiable" if rate and rate["ln_rate_stderr"] is None else plain(rate)
