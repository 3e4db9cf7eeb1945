"""What one asks: cases, runs, results, and the command line.

>>> import coble
>>> result = coble.discriminate(coble.paper_case(), workers=2)  # doctest: +SKIP
>>> print(result["LiC6"].verdict.sentence)  # doctest: +SKIP
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from coble.inputs.case import Case, CaseError, load_case, paper_case, parse_case

__all__ = ["Case", "CaseError", "discriminate", "load_case", "paper_case", "parse_case"]


def __getattr__(name):
    """The names of `coble.inputs.case`, when they are asked for.

    ASE imports this package to know our files, and pydantic is half of what `coble --help` would take.
    """
    if name not in __all__:
        raise AttributeError(f"module 'runs' has no attribute {name!r}")
    from coble.inputs import case

    return getattr(case, name)


def discriminate(case, **settings):
    """Answer the question for every wall of a case; see `coble.kinds.discriminate.run.discriminate`."""
    from coble.kinds.discriminate.run import discriminate as run  # scipy and ASE take a second to import

    return run(case, **settings)
