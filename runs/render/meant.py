"""The name that was meant, for one that there is not."""

CLOSE = 0.7  # part of the letters that two names share; a wall that is called "mine" is not "inert"
ALIKE = str.maketrans("- ", "__")  # between words


def near(name, known):
    """The known name that is close to another, or that has it as one of its words; None when none does.

    Parameters
    ----------
    name : str
    known : iterable of str
    """
    from difflib import get_close_matches  # late: only a fault needs it

    name, known = str(name), {each.translate(ALIKE): each for each in known}
    close = get_close_matches(name.translate(ALIKE), known, n=1, cutoff=CLOSE)
    return next(iter([known[each] for each in close] or (e for e in known.values() if f"_{name}_" in f"_{e}_")), None)


def meant(name, known, otherwise=None):
    """What to say of an unknown name: the known one that is near, `otherwise`, or all that there are."""
    known = list(known)
    if close := near(name, known):
        return f"did you mean '{close}'?"
    return otherwise or f"there are {', '.join(known)}"


class ByName(dict):
    """A dict whose `KeyError` says which name was meant."""

    def __missing__(self, name):
        raise KeyError(f"no {name!r}; {meant(name, self)}")
