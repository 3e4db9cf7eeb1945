"""What makes ASE read a result.h5: `ase.io.read("result.h5", ":")`, `ase gui result.h5`, `ase convert`.

ASE finds it by the entry point `ase.ioformats` of this distribution.  It tells our files from other HDF5 files by
their first bytes, not by their name.
"""

from ase.utils.plugins import ExternalIOFormat

coble_format = ExternalIOFormat(
    desc="Coble result",
    code="+S",  # several structures, opened by name
    module="coble.structures.ase_format",
    magic_regex=rb"\x89HDF\r\n\x1a\n.{0,4000}coble structure",
)


def read_coble(filename, index=-1):
    """The chosen frames of a result.h5, `ase.Atoms`, one at a time; see `coble.structures.structure_file`."""
    from coble.structures.structure_file import read_structure

    structure = read_structure(filename)
    chosen = range(structure.n_frame)[index]
    for number in [chosen] if isinstance(chosen, int) else chosen:
        yield structure.atoms(number)
