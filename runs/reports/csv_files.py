"""Numbers of a result as one CSV file, for other programs: `coble export --rates` and `--series`."""

from coble.kinds.registry import kind_of
from coble.models.rate_numbers import COLUMNS
from coble.render.table import Table
from coble.reports.page import read


def rates_csv(folder):
    """Every class of hops of a result: a line of headings with units, then one row for each.

    Parameters
    ----------
    folder : path-like
        Of the result.

    Returns
    -------
    str

    Raises
    ------
    ReportError
        When the folder holds no result.
    ValueError
        When it has no hop rates, or the case beside it is not its own.
    """
    (stored,) = read([folder])
    tables = kind_of(stored.content).rates(stored.content, stored.case, stored.folder)
    rows = [[_short(value) for value in row] for table in tables for row in table.numbers[1]]
    if not rows:
        why = " ".join(stored.notes) or f"a result of kind {stored.content['kind']!r} has no rates"
        raise ValueError(f"{folder}: {why}")
    return Table("Hop rates", list(COLUMNS), rows).csv()


def series_csv(folder):
    """The records of a result against time: a line of headings with units, then one row for each.

    Parameters
    ----------
    folder : path-like
        Of the result.

    Returns
    -------
    str

    Raises
    ------
    ReportError
        When the folder holds no result.
    ValueError
        When it has no records.
    """
    (stored,) = read([folder])
    table = kind_of(stored.content).series(stored.content)
    if table is None:
        raise ValueError(f"{folder}: a result of kind {stored.content['kind']!r} has no records against time")
    return table.csv()


def _short(value):
    """The shortest text of a float to twelve digits: 0.99, not 0.9900000000000001; anything else as it is."""
    return f"{value:.12g}" if isinstance(value, float) else value
