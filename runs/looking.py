"""What can be said of a file before it is run: what a run would be, and the hop rates of a case."""

from os.path import isfile
from pathlib import Path
from typing import TYPE_CHECKING

from coble.asking import AnyCase, asked, refuse
from coble.inputs.case import Case, shipped
from coble.result import AnyPath

if TYPE_CHECKING:
    from coble.inputs.rate_table import RateFile
    from coble.models.tubules.outlook import Outlook


def check(file: AnyCase) -> "Outlook":
    """What a run of a case, or of another file that a command takes, would be; as `coble check` says.

    Parameters
    ----------
    file : Case, path-like or str

    Returns
    -------
    Outlook
        `facts`, pairs of words, and `warnings`, sentences on odd physics.

    Raises
    ------
    CaseError
        With everything that is wrong with it.
    """
    from coble.inputs.file_kinds import CASE
    from coble.kinds.jobs import Job, read_job
    from coble.kinds.registry import command_of

    if isinstance(file, Case):
        name, (kind, command) = "case", command_of(file)
        job = Job(Path(name), CASE, kind, command, file)
    else:
        path = file if isfile(file) else shipped(str(file)) or file
        name, job = str(file), read_job(path)
    refuse(name, job.refusals())
    found: Outlook = job.outlook(name)
    return found


def rates(case: AnyCase = "mechanisms", *, rates: AnyPath | None = None, path: AnyPath | None = None) -> "RateFile":
    """Hop rates of a case, class by class.

    Parameters
    ----------
    case : Case, path-like or str
    rates : path-like, optional
        Rate table to use instead of the case's diffusivities.
    path : path-like, optional
        Write them to this file, which all verbs take as `rates`.

    Returns
    -------
    RateFile
        `hop` has the classes by name: `hop["interface"].rate_1_s`.

    Raises
    ------
    FileExistsError
        When there is a file at `path`.
    """
    from coble.inputs.rate_table import written
    from coble.kinds.sensitivity import KIND
    from coble.models.rates import rates_of

    job = asked(KIND, KIND.name, case, rates)
    found: RateFile = rates_of(job.case)
    if path is not None:
        with open(path, "x", encoding="utf-8") as file:
            file.write(written(found, [f"Hop rates of {job.name}; `coble rates` prints what they imply."]))
    return found
