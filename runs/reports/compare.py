"""Several results side by side: a table and a panel for each kind of them that has one."""

from coble.kinds.registry import kinds
from coble.render.names import shortened


def compared_tables(results):
    """Several results in one table for each kind of them.

    Parameters
    ----------
    results : list of (name, content)

    Yields
    ------
    Table
    """
    for kind, found in _by_kind(results):
        if kind.compared:
            yield kind.compared(found)


def compared_figure(results):
    """One figure of several results: shares of the walls, tips against time, probabilities of mechanisms.

    Parameters
    ----------
    results : list of (name, content)

    Returns
    -------
    matplotlib.figure.Figure or None
        None when there is nothing to be drawn side by side.
    """
    from matplotlib.figure import Figure

    short = [(shortened(name), content) for name, content in results]
    panels = [(kind.compared_panel, found) for kind, found in _by_kind(short) if kind.compared_panel]
    if not panels:
        return None
    figure = Figure(figsize=(4.9 * len(panels) + 1.0, 4.2), layout="constrained")
    for ax, (draw, found) in zip(figure.subplots(1, len(panels), squeeze=False)[0], panels, strict=True):
        draw(ax, found)
        ax.spines[["top", "right"]].set_visible(False)
    return figure


def _by_kind(results):
    """(`Kind`, its results) for every kind that is among them."""
    for name, kind in kinds().items():
        if of_kind := [(label, content) for label, content in results if content["kind"] == name]:
            yield kind, of_kind
