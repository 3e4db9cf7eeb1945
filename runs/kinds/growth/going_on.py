"""Going on with a run in its folder: the run as its checkpoint left it, and why there may be nothing to go on with."""

import warnings
from pathlib import Path

from coble.kinds.growth.setup import prepare
from coble.kinds.growth.state.checkpoints import read_checkpoint
from coble.kinds.growth.state.kept import STOPS_NAMED
from coble.store.files import RESULT
from coble.store.status import FILE


def restored(case, folder, say=warnings.warn):
    """The run of a folder, as its newest good checkpoint left it.

    Parameters
    ----------
    case : Case
        Of the folder; keys that only say when to stop may be others than before.
    folder : path-like
    say : callable (str)
        Told when the newest checkpoint is damaged.

    Returns
    -------
    coble.kinds.growth.run.Plating

    Raises
    ------
    ValueError
        Without a good checkpoint, or for one of another case.
    """
    arrays, plain = read_checkpoint(folder, say)
    run = prepare(case, plain["seed"])
    run.restore(arrays, plain)
    return run


def done(run, folder):
    """Why there is nothing to go on with, in a sentence; "" when there is: events to run, or files to write."""
    folder = Path(folder)
    if not run.reason or not (folder / RESULT).exists() or (folder / FILE).exists():
        return ""
    extended = f"To extend it, change in {folder / 'case.toml'} when it stops: {STOPS_NAMED}"
    return f"the run is done, stopped: {run.reason}. {extended}"
