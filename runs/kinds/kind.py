"""What a kind of run is: one description, of which command line, reports, plots, status, schemas and campaigns ask all.

A kind has a folder in this room whose `__init__.py` holds `KIND`.  Its parts import what they need when they are
called (`late`), so that the descriptions of all kinds cost nothing at start-up.  Everything that a user sees is made
from the stored content alone, so it can be made again without running again.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module


def late(module, name):
    """A function that is imported when it is first called.

    Parameters
    ----------
    module : str
        Dotted name.
    name : str
        Of the function, class or constant in it; what is no function is handed out by a call without arguments.
    """

    def call(*arguments, **named):
        found = getattr(import_module(module), name)
        return found(*arguments, **named) if callable(found) and not isinstance(found, type) else found

    return call


def nothing(*_):
    """Of a kind that has no such part."""
    return ()


class NotHere(ValueError):
    """A figure that results of such a case never have: said when it is asked for, and left out of all."""


@dataclass(frozen=True)
class AtomsView:
    """How a page shows the atoms of a result.

    Attributes
    ----------
    cuts : callable (content) → lists of cuts
        To try, each leaving less than the one before; see `coble.structures.cuts`.
    label : callable (content, structure, number) → str
        What is said of a frame.
    along : bool
        Whether the axis lies on the page, as that of a long tubule.
    sites : callable (content) → int
        How many there are.
    """

    cuts: Callable
    label: Callable
    along: bool
    sites: Callable


@dataclass(frozen=True)
class Kind:
    """One kind of run.

    `content` is that of result.json, a dict; `Table`, `Check` and `Figure` are those of `coble.render` and matplotlib.

    Attributes
    ----------
    name : str
        `kind` in result.json; also the name of its folder's part in docs.
    title : str
        What it is, in words.
    version : int
        Of the layout of its result.json: `schema` there.  Files with another number are refused with a sentence.
    model : callable () → pydantic model
        Of result.json: checked before it is written and after it is read; also its JSON schema.
    commands : callable () → functions
        For the command line, each with its options; empty for a kind that is run in Python only.
    called : str
        Command line that makes such a run, where the name of the kind is no command.
    place : int
        Of the commands in the help: lower numbers come first, equal ones in the order of the registry.
    write : callable (folder, run, case_text, left_out=…, pictures=…) → content
        Writes all files, numbers first and pictures last.
    files : tuple of str
        That a run may write; a folder that has one of them is refused.
    file : str
        The one with the content.
    sections : tuple of str
        Sections of the case that only such runs have; they count for its digest.
    claims : callable (case) → str or None
        The command that runs a case of this kind; None for a case of another.
    main_command : str
        The one that takes a file of this kind which is no case.
    file_model : callable () → pydantic model
        Of such a file.
    file_kind : str
        Name of such a file, as of `coble.inputs.file_kinds`; "" for a kind that is run from cases.
    load : callable (path) → content
        Reads it.
    built_in : callable (name) → Path or None
        Of such a file that comes with Coble.
    options : callable (case) → dict of parameter → list of str
        Options of the command that follow from the case.
    refusals : callable (case, command) → list of str
        Why a case that is good in itself is refused before any work.
    outlook : callable (job, name, outlook)
        Adds what a run would be to a `coble.models.tubules.outlook.Outlook`.
    standing : callable (content) → str
        How far a run came, in a line; None for what its events and seconds say.
    headline : callable (content) → str
    sentences : callable (content) → list of str
        What else there is to say.
    unreached : callable (content) → list of str
        What an interrupted run did not reach: walls, replicas, stages.
    accelerated : callable (content) → str
        What was made faster than hop by hop.
    tables : callable (content) → Tables
        The answer, on the terminal and on a page.
    details : callable (content) → Tables
        For a page only: where events and time went, exact currents.
    checks : callable (content) → Checks
        What was measured beside what is exact, and what has to be so.
    figures : callable () → dict of str → function (folder, content) → pairs (name, Figure)
        Names are those of `coble plot --what`.
    movie : callable (folder, content, frames) → (Figure, list of callable ()), or None
        For `coble movie`: each call changes the figure to the next frame.
    captions : callable () → dict of str → (title, what it shows)
        By the same names.
    series : callable (content) → Table or None
        Against time, for a CSV file.
    again : callable (content) → list of str
        Words of the command that makes it again from its files, options of its own included.
    own_options : bool
        Whether `again` says everything: no option is added for seed, replicas, error or rates.
    missing : callable (content, folder) → str
        What that command needs beside the files of a report, in a sentence.
    stored_case : callable (folder, content) → (case or None, note), or None
        The case beside a result; None for the case.toml whose digest stands in the result.
    effort : callable (content) → (events, seconds)
        None for what is not known.
    compared : callable (list of (name, content)) → Table, or None
        Several results of this kind side by side.
    compared_panel : callable (axes, list of (name, content)), or None
    rates : callable (content, case, folder) → Tables
        Of the hop rates that were used.
    atoms : callable () → AtomsView, or None
        For a kind whose result.h5 holds frames of atoms.
    inputs : tuple of str
        Files beside the result that the run was made from.
    input_name : callable (content, name) → str
        What such a file has to be called for the command that makes the result again.
    structures : bool
        Whether it takes cases with [structure].
    replica : callable (case, seed, should_stop) → dict, or None
        One replica of a campaign: its numbers, `events` among them; None when it was stopped.
    averaged : tuple of str
        Which of these numbers a campaign averages over replicas.
    varied : callable (content) → dict of key → str
        Values of the case's keys that take several, in words.
    subject : callable (content) → str
        Shape and sizes of what was simulated, where it is not the tubule or the structure of the case.
    """

    name: str
    title: str
    version: int
    model: Callable
    commands: Callable = nothing
    called: str = ""
    place: int = 3
    write: Callable | None = None
    files: tuple[str, ...] = ()
    file: str = "result.json"
    sections: tuple[str, ...] = ()
    claims: Callable = lambda case: None
    main_command: str = ""
    file_kind: str = ""
    file_model: Callable | None = None
    load: Callable | None = None
    built_in: Callable = lambda name: None
    options: Callable = lambda case: {}
    refusals: Callable = nothing
    outlook: Callable = nothing
    standing: Callable | None = None
    headline: Callable = lambda content: ""
    sentences: Callable = nothing
    unreached: Callable = nothing
    accelerated: Callable = lambda content: "Nothing: every hop was simulated, none rejected."
    tables: Callable = nothing
    details: Callable = nothing
    checks: Callable = nothing
    figures: Callable = dict
    movie: Callable | None = None
    captions: Callable = dict
    series: Callable = lambda content: None
    again: Callable = nothing
    own_options: bool = False
    missing: Callable = lambda content, folder: ""
    stored_case: Callable | None = None
    effort: Callable = lambda content: (content.get("events"), content.get("seconds"))
    compared: Callable | None = None
    compared_panel: Callable | None = None
    rates: Callable = nothing
    atoms: Callable | None = None
    inputs: tuple[str, ...] = ("case.toml", "rates.toml")
    input_name: Callable = lambda content, name: name
    structures: bool = False
    replica: Callable | None = None
    averaged: tuple[str, ...] = ()
    varied: Callable = lambda content: {}
    subject: Callable = lambda content: ""

    def commands_by_name(self):
        """Dict of name → function of the command line."""
        return {function.__name__: function for function in self.commands()}

    def rest(self, content):
        """What an interrupted result did not reach, in a clause; empty for one that is whole."""
        left = list(self.unreached(content)) if content.get("interrupted", True) else []
        return f"not reached: {'; '.join(left)}" if left else ""

    def not_reached(self, content):
        """The same as a sentence."""
        rest = self.rest(content)
        return f"Interrupted. N{rest[1:]}." if rest else ""

    def said(self, content):
        """All sentences of a result besides its headline, list of str."""
        return [*self.sentences(content), *filter(None, [self.not_reached(content)])]

    def checked(self, content):
        """The content, if the model of this kind holds for it.

        Raises
        ------
        ValueError
            With the first key that is wrong, what came and what would do.
        """
        from pydantic import ValidationError

        try:
            self.model().model_validate(content)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"])) or "the whole"
            came = repr(first.get("input"))
            raise ValueError(f"{where}: {first['msg']}, got {came[:60]}") from None
        return content
