"""Tables of a report: where events and time went.  Made from the content of result.json alone."""

from coble.kinds.campaign import tables as report_campaign
from coble.render.names import LABELS
from coble.render.numbers import many, number_of, power
from coble.render.table import Table
from coble.render.numbers import with_error
from coble.reports import tabled as report_tabled


def work_tables(content):
    """Where events and time went: list of `Table`."""
    return WORK[content["kind"]](content) if content["kind"] in WORK else []


WORK = {
    "discriminate": _work_of_walls,
    "plate": _work_of_growth,
    "experiment": _work_of_experiments,
    "tune": _work_of_tuning,
    "creep": report_tabled.creep_work,
    "campaign": report_campaign.work,
}
