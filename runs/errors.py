"""What `coble` raises, in one place.

Everything is a `ValueError` but `NotWritten`, an `OSError`, and `NothingMeasured`.
"""

from coble.inputs.files.faults import CaseError, Fault
from coble.kmc.kernel.lowering import RateRangeError
from coble.reports.page import ReportError
from coble.store.contents import OtherVersion, Unreadable, WrongKind
from coble.store.files import NotWritten

__all__ = [
    "CaseError",
    "Fault",
    "NothingMeasured",
    "NotWritten",
    "OtherVersion",
    "RateRangeError",
    "ReportError",
    "Unreadable",
    "WrongKind",
]


class NothingMeasured(RuntimeError):
    """A run was stopped before there was anything to keep."""
