"""The figures of a result, each made from its files, so it can be made again without running again."""

from coble.kinds.kind import NotHere
from coble.kinds.registry import kinds, read
from coble.render.meant import meant
from coble.store.contents import FAULTS
from coble.store.files import result_file


def names_of(content):
    """Names of the figures that a result of this kind may have, list of str."""
    return list(kinds()[content["kind"]].figures())


def figures_of(folder, what=None, skipped=None):
    """The figures of a result, one at a time.

    Parameters
    ----------
    folder : path-like
        That a command has written.
    what : sequence of str, optional
        Which of `names_of`; all that can be made when left out.
    skipped : list, optional
        Takes a sentence for each reason why figures cannot be made, when `what` is left out; none for those that
        results of such a case never have.

    Yields
    ------
    name : str
    figure : matplotlib.figure.Figure

    Raises
    ------
    ValueError
        For a folder without a result, a figure that its kind does not have, or files that are missing.
    """
    content = read(folder)
    known = kinds()[content["kind"]].figures()
    for name in what or ():
        if name not in known:
            kind = content["kind"]
            raise ValueError(f"{folder}: a result of kind {kind!r} has no figure {name!r}; {meant(name, known)}")
    left_out = {}
    for name in what or known:
        try:
            yield from known[name](folder, content)
        except FAULTS as error:
            if not isinstance(error, ValueError):
                error = ValueError(f"{result_file(folder)}: is damaged, or of another version ({error!r})")
            if what:
                raise error from None
            if isinstance(error, NotHere):
                continue
            left_out.setdefault(str(error), []).append(name)
    if skipped is not None:
        skipped += [f"{', '.join(names)}: {reason}" for reason, names in left_out.items()]
