"""Atoms handed to a viewer of a notebook: nglview, chemiscope or OVITO, the first that is installed.

None of them is needed for anything else.  Each is imported when it is asked for.
"""

from importlib.util import find_spec

from coble.structures.export import frames, slice_of, structure_of


def _nglview(images):
    import nglview

    view = nglview.show_asetraj(images) if len(images) > 1 else nglview.show_ase(images[0])
    view.add_unitcell()
    return view


def _chemiscope(images):
    import chemiscope

    return chemiscope.show(structures=images, mode="structure")


def _ovito(images):
    from ovito.gui import create_ipywidget
    from ovito.io.ase import ase_to_ovito
    from ovito.pipeline import Pipeline, PipelineSourceInterface, PythonSource
    from ovito.vis import Viewport

    class Frames(PipelineSourceInterface):
        def compute_trajectory_length(self, **_):
            return len(images)

        def create(self, data, *, frame, **_):
            ase_to_ovito(images[frame], data)

    Pipeline(source=PythonSource(delegate=Frames())).add_to_scene()
    viewport = Viewport(type=Viewport.Type.Ortho)
    viewport.zoom_all()
    return create_ipywidget(viewport)


VIEWERS = {"nglview": _nglview, "chemiscope": _chemiscope, "ovito": _ovito}


def view(result, which="last", *, program=None, **chosen):
    """A widget that shows the atoms of a result in a notebook.

    Parameters
    ----------
    result : path-like
        Folder of the result.
    which : str or int
        Frames, as of `frames`.  Several have the same sites in every frame, X where one is empty.
    program : str, optional
        One of `VIEWERS`; the first that is installed when left out.
    chosen
        As of `frames`: `atoms`, `cuts`, `wall`.

    Returns
    -------
    The widget of that program.

    Raises
    ------
    ValueError
        For another program, or when it, or every one, is not installed.
    """
    if program is not None and program not in VIEWERS:
        raise ValueError(f"program {program!r}: must be one of {', '.join(VIEWERS)}")
    there = [name for name in ([program] if program else VIEWERS) if find_spec(name)]
    if not there:
        what = f"{program} is not installed" if program else f"none of {', '.join(VIEWERS)} is installed"
        raise ValueError(f"{what}; `pip install {program or next(iter(VIEWERS))}` brings one, `ase gui` needs none")
    several = len(range(structure_of(result).n_frame)[slice_of(which)]) > 1
    return VIEWERS[there[0]](frames(result, which, fixed_n=several, **chosen))
