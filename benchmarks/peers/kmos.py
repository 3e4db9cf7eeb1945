"""kmos and kmcos: Fortran generated for the model, `local_smart` backend, one site in the primitive bcc cell."""

import builtins
import importlib
import shutil
import subprocess
import sys
from pathlib import Path
from time import process_time

from workload import NotFound

from peers.python_package import python_with

HEAD = """<?xml version="1.0" ?>
<kmc version="(0, 3)">
<meta author="benchmark" debug="0" email="none@example.org" model_dimension="3" model_name="gas"/>
<species_list default_species="empty">
<species color="#000000" name="atom" representation="" tags=""/>
<species color="#ffffff" name="empty" representation="" tags=""/>
</species_list>
<parameter_list><parameter adjustable="False" max="0.0" min="0.0" name="k" scale="linear" value="1.0"/></parameter_list>
<lattice cell_size="1.0 0.0 0.0 0.0 1.0 0.0 0.0 0.0 1.0" default_layer="bulk" representation="" substrate_layer="bulk">
<layer color="#ffffff" name="bulk"><site default_species="default_species" pos="0.5 0.5 0.5" tags="" type="a"/></layer>
</lattice>
<process_list>
"""
LINE = '<{what} coord_layer="bulk" coord_name="a" coord_offset="{offset}" species="{species}"/>'
# First neighbours of bcc in its primitive cell: three edges and the body diagonal, both ways.
NEIGHBOURS = [tuple(s * x for x in v) for v in ((1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 1)) for s in (1, -1)]


def model():
    """The lattice gas as a kmos project."""
    processes = []
    for number, vector in enumerate(NEIGHBOURS):
        there = " ".join(map(str, vector))
        lines = [
            LINE.format(what=what, offset=offset, species=species)
            for what, offset, species in (
                ("condition", "0 0 0", "atom"),
                ("condition", there, "empty"),
                ("action", "0 0 0", "empty"),
                ("action", there, "atom"),
            )
        ]
        processes.append(f'<process enabled="True" name="hop{number}" rate_constant="k">{"".join(lines)}</process>')
    return HEAD + "\n".join(processes) + "\n</process_list>\n<output_list/>\n</kmc>\n"


def import_package(name):
    """Import without an answer to the question that kmos asks when it has no tables of gases."""
    builtins.input = lambda *_: "n"
    return importlib.import_module(name)


class Kmos:
    """The original."""

    title = "kmos"
    most_sites = 11_000_000
    package, distribution, variable = "kmos", "python-kmos", "COBLE_KMOS_PYTHON"

    @classmethod
    def find(cls):
        found = python_with(cls.distribution, cls.variable)
        if not shutil.which("gfortran"):
            raise NotFound("gfortran is missing")
        return found

    @classmethod
    def prepare(cls, scratch):
        folder = Path(scratch) / cls.package
        if not list(folder.glob("kmc_model*.so")):
            Path(scratch, "gas.xml").write_text(model())
            command = [sys.executable, "-m", "peers.kmos", cls.package, scratch]
            done = subprocess.run(command, cwd=Path(__file__).parent.parent, capture_output=True, text=True)
            if not list(folder.glob("kmc_model*.so")):
                raise RuntimeError(f"{cls.title} could not compile its model: {(done.stdout + done.stderr)[-400:]}")
        sys.path.insert(0, str(folder))
        import_package(f"{cls.package}.run")

    def __init__(self, workload, scratch=None):
        import numpy as np

        cells = (workload.cells, workload.cells, 2 * workload.cells)
        self.model = import_package(f"{self.package}.run").KMC_Model(size=cells, banner=False, print_rates=False)
        rng = np.random.default_rng(1)
        put = self.model.proclist.put_atom_bulk_a  # faster than to place all and look for their events afterwards
        for x in range(cells[0]):
            for y, z in np.argwhere(rng.random(cells[1:]) < workload.occupancy).tolist():
                put([x, y, z, 1])
        self.model.base.update_accum_rate()

    def advance(self, n):
        time = float(self.model.base.get_kmc_time())
        started = process_time()
        self.model.do_steps(n)
        return n, process_time() - started, float(self.model.base.get_kmc_time()) - time


class Kmcos(Kmos):
    """Its successor."""

    title = "kmcos"
    most_sites = 1_100_000
    package, distribution, variable = "kmcos", "kmcos", "COBLE_KMCOS_PYTHON"


if __name__ == "__main__":
    package, scratch = sys.argv[1:]
    import_package(f"{package}.cli").main(f"export {scratch}/gas.xml {scratch}/{package}")
