"""Where a run stands, said in a terminal or in a notebook, and told to functions of the user."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from inspect import signature
from time import perf_counter
from typing import Any, Literal, TypeAlias

Show: TypeAlias = bool | Literal["auto"]
Attached: TypeAlias = Sequence[tuple[Callable[..., Any], int]] | tuple[Callable[..., Any], int]


@dataclass(frozen=True)
class Standing:
    """Where a run stands.

    Attributes
    ----------
    stage, note : str
        What is being done, and what is special to it.
    numbers : dict of str → float
        As far as they are known: `done` (part of the whole), `simulated_s`, `events`, `events_per_s`, `seconds_left`.
    """

    stage: str
    note: str = ""
    numbers: dict[str, float | None] = field(default_factory=dict)


class Listeners:
    """Functions that are called while a run goes on.

    Parameters
    ----------
    attached : (function, interval), or a sequence of such pairs
    """

    def __init__(self, attached: Attached = ()) -> None:
        single = len(attached) == 2 and callable(attached[0])
        self._pairs: list[Any] = [attached] if single else list(attached)
        for pair in self._pairs:
            if not isinstance(pair, tuple | list) or len(pair) != 2 or not callable(pair[0]):
                raise ValueError(f"attach: must be (function, interval), or a list of such pairs, got {pair!r}")
            if not isinstance(pair[1], int) or pair[1] < 1:
                raise ValueError(f"attach: the interval must be an integer from 1, got {pair[1]!r}")
        self._called = [0] * len(self._pairs)
        self._number = 0

    def at(self, number: int, what: object) -> None:
        """Call those whose interval has gone by since they were called, `number` counting up."""
        for i, (function, interval) in enumerate(self._pairs):
            if number // interval > self._called[i]:
                self._called[i] = number // interval
                _call(function, what)

    def hear(self, stage: str, note: str, numbers: dict[str, float | None]) -> None:
        """One more report."""
        self._number += 1
        self.at(self._number, Standing(stage, note, numbers))


def _call(function: Callable[..., Any], what: object) -> None:
    """Call a function with what it may look at, or with nothing when it takes nothing."""
    try:
        signature(function).bind(what)
    except TypeError:
        function()
    except ValueError:  # a builtin that says nothing of its arguments
        function(what)
    else:
        function(what)


class Notebook:
    """Stands for a console in a notebook: what is said becomes the text of a bar."""

    is_terminal = True
    width = 1000  # a bar takes the whole line

    def __init__(self) -> None:
        self._bar: Any = None
        self._since = perf_counter()

    def status(self, text: str) -> "Notebook":
        """As that of a console of rich."""
        from tqdm.auto import tqdm

        self._bar = tqdm(total=1.0, desc=text, bar_format="{desc} {bar} {elapsed}")
        return self

    def __enter__(self) -> "Notebook":
        return self

    def __exit__(self, *error: object) -> None:
        self._bar.close()

    def update(self, text: object) -> None:
        """Say something else."""
        self._bar.set_description_str(str(text))

    def part(self, numbers: dict[str, float | None]) -> None:
        """How far the bar has come: what is done of the whole, or by the time that is left of a stage."""
        done, left, gone = numbers.get("done"), numbers.get("seconds_left"), perf_counter() - self._since
        if done is None and left is not None and gone + left > 0:
            done = gone / (gone + left)
        if done is not None:
            self._bar.n = done


def console_for(progress: Show) -> Any:
    """Where progress is said: a console of rich, a `Notebook`, or None to be silent."""
    if progress not in ("auto", True, False):
        raise ValueError(f"progress: must be 'auto', True or False, got {progress!r}")
    if progress is False:
        return None
    if in_notebook() and find_spec("tqdm") and find_spec("ipywidgets"):
        return Notebook()
    from coble.render.console import terminal

    console = terminal(error=True)
    return console if progress is True or console.is_terminal else None


def in_notebook() -> bool:
    """Whether this process is the kernel of a notebook."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return type(shell).__name__ == "ZMQInteractiveShell"


@contextmanager
def shown(display: Any, progress: Show, hear: Callable[..., None] | None = None) -> Iterator[Any]:
    """A display of `coble.console.progress`, in a terminal, in a notebook, or silent.

    Parameters
    ----------
    display : type
    progress : "auto", True or False
    hear : callable (stage, note, numbers), optional
        Called with everything that is said.
    """
    console = console_for(progress)

    def listen(stage: str, note: str, numbers: dict[str, float | None]) -> None:
        if isinstance(console, Notebook):
            console.part(numbers)
        if hear:
            hear(stage, note, numbers)

    with display(console, listen=listen) as found:
        yield found
