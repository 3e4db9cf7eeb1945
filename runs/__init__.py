"""What one asks: cases, runs, results, and the command line.

>>> import runs
>>> result = runs.discriminate(runs.paper_case(), workers=2)  # doctest: +SKIP
>>> print(result["LiC6"].verdict.sentence)  # doctest: +SKIP
"""

from runs.case import Case, CaseError, load_case, paper_case, parse_case
from runs.discriminate import discriminate

__all__ = ["Case", "CaseError", "discriminate", "load_case", "paper_case", "parse_case"]
