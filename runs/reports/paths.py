"""Tables of a report: what every path, or every mechanism, did.

Made from the content of result.json alone.
"""

import numpy as np

from coble.kinds.campaign import tables as report_campaign
from coble.kinds.discriminate.network_table import network_table
from coble.kmc.estimates.estimate import ratio_estimate
from coble.render.names import LABELS
from coble.render.numbers import many, number_of, plain
from coble.render.table import Table, blocks_of, columns_of, spread
from coble.render.numbers import scientific, with_error
from coble.reports import tabled as report_tabled


def mechanism_tables(content):
    """What every path, or every mechanism, did: list of `Table`."""
    return MECHANISMS[content["kind"]](content)


MECHANISMS = {
    "discriminate": _discriminate,
    "plate": _plate,
    "experiment": _experiment,
    "tune": _tune,
    **dict.fromkeys(report_tabled.PRINTED, report_tabled.tables),
    "campaign": report_campaign.tables,
}
