"""What a kernel says of itself, and that it gives up cleanly when memory runs out."""

import os
import subprocess
import sys
from textwrap import dedent

import numpy as np
import pytest
from ase.build import bulk
from gas import KERNELS, gas
from small_graphs import chain

from coble.kmc.kernel import _kernel
from coble.kmc.kernel.neighbours import neighbours_of
from coble.lattices import Lattice


@pytest.mark.parametrize("which", KERNELS)
def test_number_of_sites(which):
    assert gas(chain(7), 1.0).kernel([1] * 3 + [0] * 4, 1, which=which).n_site == 7


def test_base_class_is_of_no_use():
    with pytest.raises(TypeError, match="use BinKernel or GroupKernel"):
        _kernel._Kernel(*gas(chain(3), 1.0).arguments([1, 0, 0]), np.random.SFC64(1))


SETUP = """
    import resource
    import numpy as np
    from coble.kmc.kernel._kernel import BinKernel, GroupKernel
    from coble.kmc.kernel.lowering import NeighbourOffsets, Tables

    n = 1 << 20
    ring = NeighbourOffsets(np.array([[1, -1]], dtype=np.int32), np.zeros((1, 2), dtype=np.uint32))
    rate, unary = np.zeros((1, 4, 4), dtype=np.uint64), np.zeros(4, dtype=np.uint64)
    tables = Tables(rate, unary, np.zeros((4, 4), dtype=np.uint8), 1.0, True, 1)

    def leave(megabytes):
        held = next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmSize"))
        resource.setrlimit(resource.RLIMIT_AS, ((held << 10) + (megabytes << 20),) * 2)

    def kernel(which, code):
        return which(ring, code, tables, np.random.SFC64(1))

    def fails(call, message):
        try:
            call()
        except MemoryError as error:
            assert message in str(error), error
        else:
            raise AssertionError("there was memory enough")
"""
CASES = {  # codes, 1 byte for each of a million sites; in lists 4 bytes for every carrier, or 9.5 for every site
    "bins, building": """
        rate[0, 1, 0] = 1
        code = np.ones(n, dtype=np.uint8)
        leave(3)
        fails(lambda: kernel(BinKernel, code), "")  # counting the codes takes more than the lists
    """,
    "groups, building": """
        unary[1] = 1
        code = np.ones(n, dtype=np.uint8)
        leave(9)  # the arrays of the sites take 4, the propensities 8; on the way nothing more is asked for
        fails(lambda: kernel(GroupKernel, code), "")
    """,
    "bins, running": """
        rate[0, 1, 2] = 1
        code = np.tile(np.array([1, 2], dtype=np.uint8), n // 2)  # all carriers walk over to the other kind
        run = kernel(BinKernel, code)
        leave(1)
        fails(lambda: run.advance(max_events=n), "no memory for the lists of carriers")
    """,
    "groups, running": """
        unary[0], unary[1] = 1, 2  # empty sites fill, and blocks of full ones stand in another group
        run = kernel(GroupKernel, np.zeros(n, dtype=np.uint8))
        leave(0)
        run.advance(max_events=n)
        assert run.n_event == n
    """,
}


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits memory as Linux does")
@pytest.mark.parametrize("name", CASES)
def test_no_memory_is_an_error(name, tmp_path):
    script = dedent(SETUP) + dedent(CASES[name])
    # Large arrays go back to the system at once, so that what is left is what `leave` says.
    env = os.environ | {"MALLOC_MMAP_THRESHOLD_": "65536", "MALLOC_TRIM_THRESHOLD_": "65536"}
    command = [sys.executable, "-c", script]
    found = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=tmp_path, env=env)
    assert found.returncode == 0, found.stderr


def test_a_site_bound_to_its_own_image_is_refused():
    """A box one cell thick: the kernel would wait for ever for a hop that cannot happen."""
    flat = Lattice.from_atoms(bulk("Po", "sc", a=3.0) * (4, 4, 1), cutoff=3.1)
    with pytest.raises(ValueError, match="site 0 is bound to its own image: repeat the cell"):
        neighbours_of(flat)


@pytest.mark.parametrize("which", KERNELS)
def test_codes_of_some_sites(which):
    kernel = gas(chain(7), 1.0).kernel([1] * 3 + [0] * 4, 1, which=which)
    kernel.advance(max_events=20)
    sites = np.array([6, 0, 3])
    np.testing.assert_array_equal(kernel.codes_of(sites), kernel.codes[sites])
    with pytest.raises(IndexError):
        kernel.codes_of(np.array([7]))
