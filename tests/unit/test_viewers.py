"""`Result.view` hands the atoms of a result to the viewer that is installed."""

import sys
from importlib.machinery import ModuleSpec
from types import ModuleType, SimpleNamespace

import pytest
import stored

import coble


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    return coble.load(stored.plate(tmp_path_factory.mktemp("viewers") / "plate"))


@pytest.fixture
def installed(monkeypatch):
    """Pretend that only these programs are installed."""

    def only(**modules):
        for name in ("nglview", "chemiscope", "ovito"):
            monkeypatch.delitem(sys.modules, name, raising=False)
        for name, parts in modules.items():
            module = ModuleType(name)
            module.__spec__ = ModuleSpec(name, None)
            vars(module).update(parts)
            monkeypatch.setitem(sys.modules, name, module)
        monkeypatch.setattr(
            "coble.structures.viewers.find_spec", lambda name: vars(sys.modules.get(name, object)).get("__spec__")
        )

    return only


def test_one_frame_goes_to_nglview_as_it_is(result, installed):
    shown = []

    def show_ase(atoms):
        shown.append(atoms)
        return SimpleNamespace(add_unitcell=lambda: shown.append("cell"))

    installed(nglview={"show_ase": show_ase}, chemiscope={"show": None})
    result.view(atoms=["bulk"])
    (atoms, cell), (expected,) = shown, result.frames("last", atoms=["bulk"])
    assert cell == "cell" and len(atoms) == len(expected) > 0
    assert (atoms.positions == expected.positions).all()


def test_frames_of_a_trajectory_have_the_same_sites(result, installed):
    installed(chemiscope={"show": lambda structures, mode: (structures, mode)})
    images, mode = result.view(":")
    assert mode == "structure" and len(images) > 1 and len({len(image) for image in images}) == 1
    assert "X" in images[0].get_chemical_symbols()


def test_what_is_not_installed_is_named(result, installed):
    installed()
    with pytest.raises(ValueError, match="none of nglview, chemiscope, ovito is installed; `pip install nglview`"):
        result.view()
    with pytest.raises(ValueError, match="ovito is not installed"):
        result.view(program="ovito")
    with pytest.raises(ValueError, match="must be one of nglview, chemiscope, ovito"):
        result.view(program="jmol")
