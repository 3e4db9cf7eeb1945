"""What one asks: cases, runs, results, and the command line.

>>> import runs
>>> result = runs.discriminate(runs.paper_case(), workers=2)  # doctest: +SKIP
>>> print(result["LiC6"].verdict.sentence)  # doctest: +SKIP
"""

from runs.case import Case, CaseError, load_case, paper_case, parse_case

__all__ = ["Case", "CaseError", "discriminate", "load_case", "paper_case", "parse_case"]


def discriminate(case, **settings):
    """Answer the question for every wall of a case; see `runs.discrimination.discriminate`."""
    from runs.discrimination import discriminate as run  # scipy and ASE take a second to import

    return run(case, **settings)
