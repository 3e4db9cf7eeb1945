"""xarray opens our HDF5 files: every axis has a dimension scale, and none fits two."""

import warnings

import h5py
import numpy as np
import pytest
from command import SMALL
from stored import quickly

import coble
from coble.lattices import REGIONS
from coble.store.hdf5 import open_results

xarray = pytest.importorskip("xarray", reason='pip install ".[dataframes]"')
pytest.importorskip("h5netcdf", reason='pip install ".[dataframes]"')


@pytest.fixture(scope="module")
def carried(tmp_path_factory):
    """Two walls, with tracers and paths that were switched off."""
    case = coble.parse_case(SMALL.replace("[run]", '[[wall]]\nname = "Li9Al4"\n[run]'))
    with quickly():
        result = coble.discriminate(case, target_error=0.2)
    folder = tmp_path_factory.mktemp("carried") / "run"
    result.save(folder)
    return folder


@pytest.fixture(params=["plate", "carried"])
def stored(request):
    """A folder with a result.h5."""
    return request.getfixturevalue(request.param)


def test_every_axis_has_a_scale(stored):
    datasets, bare = [], []

    def look(name, item):
        if isinstance(item, h5py.Dataset) and not item.is_scale:
            datasets.append(name)
            bare.extend((name, i) for i, dimension in enumerate(item.dims) if not len(dimension))

    with open_results(stored / "result.h5") as file:
        file.visititems(look)
    assert len(datasets) > 5 and bare == []


def test_xarray_opens_the_file_without_a_warning(stored):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with xarray.open_datatree(stored / "result.h5", engine="h5netcdf") as tree:
            assert tree.attrs["kind"] == coble.load(stored).kind and tree.attrs["schema"] == 2
        assert coble.load(stored).to_xarray().equals(coble.load(stored).to_xarray())
    with h5py.File(stored / "result.h5") as file:
        held = []
        file.visititems(lambda name, item: held.append(name) if isinstance(item, h5py.Dataset) else None)
        tree = coble.load(stored).to_xarray()
        for name in held:
            if not file[name].is_scale:
                group, _, last = name.rpartition("/")
                assert np.array_equal(tree[group][last].values, file[name][()]), name


def test_frames_have_a_time_axis(plate):
    tree, result = coble.load(plate).to_xarray(), coble.load(plate)
    sites = tree["structure"]
    assert sites["occupied"].dims == ("time", "byte") and sites["positions"].dims == ("site", "xyz")
    assert sites["time"].attrs["units"] == "s"
    assert sites["time"].values.tolist() == [atoms.info["time"] for atoms in result.frames()]
    full = np.unpackbits(sites["occupied"].values, axis=1, count=sites.sizes["site"]).sum(axis=1)
    assert full.tolist() == [len(atoms) for atoms in result.frames()]


def test_counters_have_named_axes(carried):
    tree, result = coble.load(carried).to_xarray(), coble.load(carried)
    for wall in result.walls:
        group = tree[wall.name]
        assert [name.decode() for name in group["region"].values] == list(REGIONS)
        hops = sum(group[f"replica_{i}"]["hops"] for i in range(result.case.run.replicas))
        assert hops.dims == ("path_class", "axial_step") and group["axial_step"].attrs["units"] == "angstrom"
        touched = [name for name in group["path_class"].values if b"interface" in name.split(b"|")]
        assert int(hops.sel(path_class=touched).sum()) == wall.paths["interface"].hops
        assert group["replica_0"]["flux_conductance"].dims == ("block", "region")
        assert group["tracers"]["wall"].dims == ("displacement_and_step", "replica", "group_wall")
        assert group["off"]["wall"]["replica_1"].dims == ("block_1",)


def test_a_result_without_arrays_says_so():
    exact = coble.sensitivity(coble.parse_case(SMALL))
    with pytest.raises(ValueError, match="a result of kind 'sensitivity' has no result.h5"):
        exact.to_xarray()
