"""What a file asks for: which kind of run takes it, and with which command.

docs/cli.md has the rules; each kind says for itself which cases, or which other files, it takes.
"""

from dataclasses import dataclass
from pathlib import Path

from coble.inputs.case import load_case, parse_toml, read_text
from coble.inputs.file_kinds import CALLED, CASE, RATES, kind_of
from coble.kinds.kind import Kind
from coble.kinds.registry import command_of, kinds
from coble.models.structures.structure import refuse_structure
from coble.models.tubules.outlook import Outlook


@dataclass(frozen=True)
class Job:
    """What a file asks for.

    Attributes
    ----------
    path : Path
    file_kind : str
        "case", "rates", or what else the kind of run reads.
    kind : Kind or None
        None for a rate table, which nothing runs by itself.
    command : str or None
        That runs it.
    content : Case, RateFile, or what `Kind.load` returns
    """

    path: Path
    file_kind: str
    kind: Kind | None
    command: str | None
    content: object

    @property
    def options(self):
        """Options of the command that follow from the file, dict of parameter → value."""
        return self.kind.options(self.content) if self.file_kind == CASE else {}

    def refusals(self):
        """Why the command refuses a file that is good in itself, before any work: list of str."""
        return list(self.kind.refusals(self.content, self.command)) if self.kind else []

    def outlook(self, name):
        """What a run would be, an `Outlook`; `name` is what the user calls the file.

        Raises
        ------
        ValueError
            When the tubule of a case in which metal grows cannot be prepared.
        """
        found = Outlook(CALLED[self.file_kind])
        if self.kind is None:
            found.facts = [("holds at", f"{self.content.temperature_K:g} K"), ("classes", ", ".join(self.content.hop))]
            found.facts.append(("use it", f"coble plate --rates {name}, or with any other command that takes a case"))
            return found
        words = "".join(f" --{key} {each}" for key, values in self.options.items() for each in values)
        found.facts = [("run it", f"coble {self.command} {name}{words}")]
        self.kind.outlook(self, name, found)
        return found


def read_job(path):
    """What the file at `path` asks for.

    Raises
    ------
    CaseError
        With what is wrong with it.
    """
    path = Path(path)
    file_kind = kind_of(parse_toml(read_text(path, "`coble init` writes one to start from"), str(path))[0])
    if file_kind == RATES:
        from coble.inputs.rate_table import read_rates

        return Job(path, file_kind, None, None, read_rates(path))
    for kind in kinds().values():
        if kind.file_kind == file_kind:
            return Job(path, file_kind, kind, kind.main_command, kind.load(path))
    case = load_case(path)
    kind, command = command_of(case)
    refuse_structure(case, path, kind.structures)
    return Job(path, file_kind, kind, command, case)
