"""What one asks: cases, runs, results, and the command line.

>>> import runs
>>> result = runs.discriminate(runs.paper_case(), workers=2)  # doctest: +SKIP
>>> print(result["LiC6"].verdict.sentence)  # doctest: +SKIP
"""

__all__ = ["Case", "CaseError", "discriminate", "load_case", "paper_case", "parse_case"]


def __getattr__(name):
    """What `runs.case` has of these, when it is asked for: ASE imports this package to know our files."""
    if name not in __all__:
        raise AttributeError(f"module 'runs' has no attribute {name!r}")
    from runs import case  # pydantic takes a sixth of a second to import

    return getattr(case, name)


def discriminate(case, **settings):
    """Answer the question for every wall of a case; see `runs.discrimination.discriminate`."""
    from runs.discrimination import discriminate as run  # scipy and ASE take a second to import

    return run(case, **settings)
