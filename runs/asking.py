"""What all verbs have in common: the case that is asked for, who is told how it goes, and how the answer is stored."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from os import PathLike
from os.path import isfile
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, TypeAlias

from coble.errors import CaseError, Fault, NothingMeasured
from coble.inputs.case import Case, load_case, read_text, shipped
from coble.inputs.case_text import case_text
from coble.kinds.kind import Kind
from coble.models.structures.structure import refuse_structure
from coble.result import RATES, AnyPath, Result
from coble.showing import Attached, Listeners, Show, shown

AnyCase: TypeAlias = Case | str | PathLike[str]
Stop: TypeAlias = Callable[[], bool]


@dataclass(frozen=True)
class Job:
    """What is run: `text` is that of the file to keep, `rates` the table beside it."""

    kind: Kind
    name: str
    case: Any
    text: str
    rates: str | None = None


def asked(kind: Kind, command: str, case: AnyCase, rates: AnyPath | None, *more: Any) -> Job:
    """A case to run, checked as the command does."""
    if isinstance(case, Case):
        name, given, text = "case", case, case_text(case)
    else:
        path = case if isfile(case) else shipped(str(case)) or case
        name, given = Path(path).stem, load_case(path)
        text = read_text(path, "")
    refuse_structure(given, name if isinstance(case, Case) else path, kind.structures)
    table = None if rates is None else read_text(rates, "`coble rates` writes one")
    if rates is not None:
        from coble.inputs.rate_table import read_rates
        from coble.models.rates import case_with

        given = case_with(given, read_rates(rates), str(rates))
    refuse(name, kind.refusals(given, command, *more))
    return Job(kind, name, given, text, table)


def refuse(name: str, reasons: Sequence[str]) -> None:
    if reasons:
        raise CaseError([Fault(name, None, "", reason) for reason in reasons])


def never() -> bool:
    return False


@contextmanager
def telling(display: Any, progress: Show, attach: Attached) -> Iterator[Any]:
    """A display whose reports are heard by what is attached."""
    listeners = Listeners(attach)
    with shown(display, progress, listeners.hear) as tell:
        yield tell


def stored(job: Job, found: object) -> Result:
    """What was found, written as the command writes it, without pictures."""
    if found is None:
        raise NothingMeasured(f"{job.name}: stopped before there was anything to keep")
    place = mkdtemp(prefix="coble-")
    folder = Path(place, job.name)
    written(job, folder, found)
    return Result(folder, place)


def written(job: Job, folder: Path, found: object, pictures: bool = False) -> None:
    """The files of a result, with the rate table."""
    from coble.store.files import write_text

    assert job.kind.write is not None
    job.kind.write(folder, found, job.text, pictures=pictures)
    if job.rates is not None:
        write_text(folder / RATES, job.rates)


def known_names(what: str, names: Iterable[str], known: Iterable[str]) -> None:
    """Refuse a name that is not among those that are known."""
    for name in names:
        if name not in known:
            raise ValueError(f"{what}: must be of {', '.join(known)}, got {name!r}")
