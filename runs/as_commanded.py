"""Options of a verb, checked as the command of the same name checks its own: its bounds are the only ones."""

from collections.abc import Callable
from functools import cache, wraps
from importlib import import_module
from typing import Any, ParamSpec, TypeVar, get_type_hints

from coble.errors import CaseError, Fault

P, R = ParamSpec("P"), TypeVar("R")


def as_commanded(module: str, command: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """A verb whose numbers are within the bounds of a command's options, and plain ones where NumPy's are given.

    Parameters
    ----------
    module : str
        Where the command is, below `coble.kinds`.
    command : str

    Raises
    ------
    CaseError
        When the verb is called, for an option out of its bounds.
    """

    def of(verb: Callable[P, R]) -> Callable[P, R]:
        @wraps(verb)
        def call(*args: P.args, **options: P.kwargs) -> R:
            plain: Any = {name: _plain(value) for name, value in options.items()}
            bounds = _bounds(f"coble.kinds.{module}", command)
            reasons = [_reason(name, value, *bounds[name]) for name, value in plain.items() if name in bounds]
            if any(reasons):
                raise CaseError([Fault(verb.__name__, None, "", reason) for reason in reasons if reason])
            return verb(*args, **plain)

        return call

    return of


@cache
def _bounds(module: str, command: str) -> dict[str, tuple[float | None, float | None]]:
    """Least and greatest value by option; None where there is none."""
    hints = get_type_hints(getattr(import_module(module), command), include_extras=True)
    found = {}
    for name, hint in hints.items():
        for option in getattr(hint, "__metadata__", ()):
            if getattr(option, "min", None) is not None or getattr(option, "max", None) is not None:
                found[name] = option.min, option.max
    return found


def _plain(value: object) -> object:
    """Python's number of one of NumPy's, which JSON does not know."""
    return value.item() if type(value).__module__ == "numpy" and getattr(value, "ndim", 1) == 0 else value  # type: ignore[attr-defined]


def _reason(name: str, value: object, low: float | None, high: float | None) -> str:
    """Why an option cannot be; nothing where it can."""
    if value is None:
        return ""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if number and (low is None or value >= low) and (high is None or value <= high):  # type: ignore[operator]
        return ""
    bounds = " and ".join(
        f"at {word} {bound:g}" for word, bound in (("least", low), ("most", high)) if bound is not None
    )
    return f"{name} must be a number, {bounds}, got {value!r}"
