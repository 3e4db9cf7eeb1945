"""Tables of a report: several results side by side.  Made from the content of their result.json alone."""

from coble.render.names import LABELS
from coble.render.numbers import number_of, plain
from coble.render.table import Table
from coble.render.numbers import with_error


def compared_tables(results):
    """Several results in one table for each kind of them.

    Parameters
    ----------
    results : list of (name, content)

    Yields
    ------
    Table
    """
    for kind, table in COMPARED.items():
        if of_kind := [(name, content) for name, content in results if content["kind"] == kind]:
            yield table(of_kind)


COMPARED = {"discriminate": _walls, "plate": _growths, "experiment": _experiments, "tune": _tunings}
