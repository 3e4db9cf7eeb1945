"""Files of `coble sensitivity`: result.json, written whole or not at all; the table is made from its content."""

from coble.inputs.case import EXPERIMENT, GROWTH
from coble.inputs.files.given_files import kept_files
from coble.kinds.sensitivity import KIND
from coble.store.files import RESULT, save
from coble.store.provenance import provenance

FILES = (RESULT, "case.toml")
STREAMS = (
    "numpy SeedSequence(seed, spawn_key=...): of driven segments (replica, episode, class, 0 slower or 2 faster, 41), "
    "of growth words of (class, 41), one per run, faster runs first; nothing is drawn where the answer is exact"
)


def as_dict(found, command=None):
    """The content of result.json.

    Parameters
    ----------
    found : Sensitivities
    command : list of str, optional
        Command line that made the result; default that of this process.
    """
    case, settings = found.case, {"seed": found.case.run.seed} | found.settings
    return {
        "kind": KIND.name,
        "schema": KIND.version,
        "interrupted": found.interrupted,
        "void_fraction": found.void_fraction,
        "classes": list(found.classes),
        "not_reached": list(found.not_reached),
        "control": {
            name: {c: each.as_dict() for c, each in zip(found.classes, values, strict=True)}
            for name, values in found.control.items()
        },
        "sum": {name: found.sum(name).as_dict() for name in found.control},
        "rule": found.rule,
        "total_lies_between": list(found.between),
        "settings": found.settings,
        "provenance": provenance(case, settings, STREAMS, command, used=GROWTH if "runs" in settings else EXPERIMENT),
    }


def write(folder, found, case_text, command=None, left_out=None, pictures=True):
    """Write the files into `folder`, see `coble.store.files.save`; returns the content of result.json.

    There is no picture among them: `coble plot` draws it.
    """
    return save(folder, as_dict(found, command), kept_files(found.case, case_text), check=KIND.checked)
