"""The floor (floor.pyx) as an engine: what an event costs when nothing is kept.  Compiled when first needed."""

import subprocess
import sys
from pathlib import Path
from time import process_time

import uniform

HERE = Path(__file__).parent


def compile_into(folder):
    """Build the extension as the kernel is built: same compiler, same flags."""
    import numpy as np
    from Cython.Build import cythonize
    from setuptools import Extension, setup

    extension = Extension(
        "floor_loop",
        [str(HERE / "floor.pyx")],
        include_dirs=[np.get_include()],
        extra_compile_args=["-O3", "-ffp-contract=off"],
    )
    modules = cythonize([extension], build_dir=folder, include_path=[str(HERE.parent)])
    setup(
        name="floor_loop",
        packages=[],  # whatever lies in the working folder
        ext_modules=modules,
        script_args=["--quiet", "build_ext", "--build-lib", folder, "--build-temp", folder],
    )


class Floor:
    """A bare loop over the same lattice gas."""

    title = "floor"
    most_sites = uniform.Offsets.most_sites

    @staticmethod
    def find():
        return sys.executable, ""

    @staticmethod
    def prepare(scratch):
        if not list(Path(scratch).glob("floor_loop*.so")):
            subprocess.run([sys.executable, __file__, scratch], check=True, stdout=subprocess.DEVNULL)
        sys.path.insert(0, scratch)
        import floor_loop  # noqa: F401

        uniform.Offsets.prepare(scratch)

    def __init__(self, workload, scratch=None):
        import numpy as np

        from coble.lattices import bcc, uniform_lattice

        lattice = uniform_lattice(bcc(1.0, "100"), (workload.cells,) * 3)
        self.offset = lattice.offset.astype(np.int64)
        rng = np.random.Generator(np.random.SFC64(1))
        part = min(workload.occupancy, 1 - workload.occupancy)
        self.carries = (rng.random(lattice.n_site, dtype=np.float32) < part).astype(np.uint8)
        self.carrier = np.flatnonzero(self.carries).astype(np.uint32)
        self.stream = np.random.SFC64(2)
        self.rate = workload.hops_per_time

    def advance(self, n):
        from floor_loop import advance

        started = process_time()
        time, _ = advance(self.carries, self.carrier, self.offset, self.stream, n)
        return n, process_time() - started, time / self.rate


if __name__ == "__main__":
    compile_into(sys.argv[1])
