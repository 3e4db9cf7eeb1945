"""Correlations of what a tuning found, for the rate table that it writes: the next case takes them as its prior."""

from coble.inputs.rate_table import Correlation


def with_correlation(rates, found):
    """The rate table with the correlation of the errors of those rates that have one.

    Parameters
    ----------
    rates : RateFile
    found : Tuning
    """
    names = [name for name in found.free if name in rates.hop and rates.hop[name].uncertainty is not None]
    if len(names) < 2:
        return rates
    at = [found.free.index(name) for name in names]
    part = found.fit.correlation[at][:, at]
    matrix = tuple(tuple(1.0 if i == j else float(part[i, j]) for j in range(len(at))) for i in range(len(at)))
    return rates.model_copy(update={"correlation": Correlation(names=tuple(names), matrix=matrix)})
