"""Units on the axes of figures."""

import re

PLAIN = re.compile(
    "share of|measured occupancy$|occupancy$|number of|wait × total propensity|probability|hops per atom|"
    "correlation factor|v with |marker / tip|log₁₀|over the median|porosity$|state of charge|"
    "current of a tubule over the mean|part of the |standard error of ln|d ln X / d ln k"
)  # a number without a unit has no brackets


def missing(figure):
    """Labels of axes that have no unit in brackets though they need one, or [1], which nobody writes: list of str."""
    labels = [label for ax in figure.axes for label in (ax.get_xlabel(), ax.get_ylabel()) if label]
    assert labels
    return [label for label in labels if "[1]" in label or not (re.search(r"\[.+\]", label) or PLAIN.match(label))]
