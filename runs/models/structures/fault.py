"""What is wrong with a structure, and the key of the case it stands in."""

from coble.inputs.files.faults import CaseError, dotted

KEPT = 4  # lattices that are kept in memory: a case is checked, and then run


class StructureFault(ValueError):
    """What is wrong with a structure or its rates.

    Attributes
    ----------
    path : tuple
        Of the key of the case.
    """

    def __init__(self, path, message):
        super().__init__(f"{dotted(path)}: {message}")
        self.path, self.message = path, message


class at:
    """Gives a ValueError the key of the case."""

    def __init__(self, *path):
        self.path = path

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if isinstance(error, ValueError) and not isinstance(error, StructureFault | CaseError):
            raise StructureFault(self.path, str(error)) from None
