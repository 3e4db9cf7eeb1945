"""Where what is made from a result goes: into the working folder, under the name of the result.

The folder of a result stays as its run left it, and one that cannot be written to will do.
"""

from itertools import chain, count
from os.path import exists, isdir, isfile
from pathlib import Path

from coble.console.common import BAD_CASE, fail


def named_after(result, ending):
    """Path in the working folder: the name of a result's folder, and an ending.

    Parameters
    ----------
    result : Path
        The folder, or a file in it.
    ending : str
        As ".gif".
    """
    folder = result.resolve()
    return Path((folder.parent if isfile(folder) else folder).name + ending)


def free(path):
    """The path, or the first of NAME-2, NAME-3, ... that is not there."""
    tries = (path.with_stem(f"{path.stem}-{number}") for number in count(2))
    return next(each for each in chain([path], tries) if not exists(each))


def refuse_existing(out):
    """Fail when there is such a file, or no folder for it."""
    if exists(out):
        fail(f"--out {out}: exists; name another file (nothing was changed)", BAD_CASE)
    if not isdir(out.absolute().parent):
        fail(f"--out {out}: {out.parent} is no folder; name a file in one that exists", BAD_CASE)
