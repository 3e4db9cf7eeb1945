"""Which path carries the lithium?  Everything that the command line does, in Python.

>>> import coble
>>> result = coble.discriminate("paper", workers=2)  # doctest: +SKIP
>>> print(result["LiC6"].verdict.sentence)  # doctest: +SKIP

Names are imported when they are asked for: ASE imports this package to know our files.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    __version__: str
    from coble.errors import CaseError as CaseError
    from coble.errors import NothingMeasured as NothingMeasured
    from coble.errors import NotWritten as NotWritten
    from coble.errors import RateRangeError as RateRangeError
    from coble.errors import ReportError as ReportError
    from coble.inputs.case import Case as Case
    from coble.inputs.case import load_case as load_case
    from coble.inputs.case import paper_case as paper_case
    from coble.inputs.case import parse_case as parse_case
    from coble.kmc.estimates.estimate import Estimate as Estimate
    from coble.lattices import Lattice as Lattice
    from coble.lattices import Region as Region
    from coble.looking import check as check
    from coble.looking import rates as rates
    from coble.result import Result as Result
    from coble.result import export as export
    from coble.result import frames as frames
    from coble.result import load as load
    from coble.result import movie as movie
    from coble.result import plot as plot
    from coble.result import report as report
    from coble.resumable import cycle as cycle
    from coble.resumable import plate as plate
    from coble.resumable import resume as resume
    from coble.resumable import strip as strip
    from coble.resumable import sweep as sweep
    from coble.showing import Standing as Standing
    from coble.verbs import creep as creep
    from coble.verbs import design as design
    from coble.verbs import diffuse as diffuse
    from coble.verbs import discriminate as discriminate
    from coble.verbs import experiment as experiment
    from coble.verbs import sensitivity as sensitivity
    from coble.verbs import tune as tune

_WHERE = {
    "coble.errors": ("CaseError", "NothingMeasured", "NotWritten", "RateRangeError", "ReportError"),
    "coble.inputs.case": ("Case", "load_case", "paper_case", "parse_case"),
    "coble.kmc.estimates.estimate": ("Estimate",),
    "coble.lattices": ("Region", "Lattice"),
    "coble.looking": ("check", "rates"),
    "coble.result": ("Result", "load", "export", "frames", "movie", "plot", "report"),
    "coble.showing": ("Standing",),
    "coble.resumable": ("plate", "strip", "cycle", "sweep", "resume"),
    "coble.verbs": ("discriminate", "experiment", "creep", "diffuse", "design", "tune", "sensitivity"),
}
_MODULE = {name: module for module, names in _WHERE.items() for name in names}

__all__ = sorted(_MODULE)  # noqa: PLE0605


def __getattr__(name: str) -> object:
    """A name of the face, from the module that has it; the version is read when it is asked for."""
    if name == "__version__":
        from importlib.metadata import version

        return version("coble")
    if name not in _MODULE:
        raise AttributeError(f"module 'coble' has no attribute {name!r}")
    return getattr(import_module(_MODULE[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_MODULE})
