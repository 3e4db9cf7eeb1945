"""The tutorials run as notebooks, in a kernel of their own, and the stored ones are made of their pages."""

import sys

import pytest
from pages import ROOT

for module in ("jupytext", "nbclient", "ipykernel"):
    pytest.importorskip(module, reason='pip install ".[notebooks]"')
sys.path.insert(0, str(ROOT / "docs"))
import nbformat  # noqa: E402
import notebooks  # noqa: E402

NAMES = [page.stem for page in notebooks.PAGES]
pytestmark = pytest.mark.filterwarnings("default")  # of Jupyter, on its way to other interfaces


def test_all_tutorials_are_there():
    assert [name[0] for name in NAMES] == list("1234567")


@pytest.mark.parametrize("page", notebooks.PAGES, ids=NAMES)
def test_a_notebook_has_the_cells_of_its_page_and_their_outputs(page):
    """`python docs/notebooks.py` makes it anew."""
    stored = nbformat.read(page.with_suffix(".ipynb"), as_version=4)
    wanted = notebooks.notebook(page)
    assert [(cell.cell_type, cell.source) for cell in stored.cells] == [
        (cell.cell_type, cell.source) for cell in wanted.cells
    ]
    pictures = [out for cell in stored.cells for out in cell.get("outputs", ()) if "image/png" in out.get("data", {})]
    errors = [out for cell in stored.cells for out in cell.get("outputs", ()) if out.output_type == "error"]
    assert pictures and not errors and page.with_suffix(".ipynb").stat().st_size < 500_000


@pytest.fixture(scope="module")
def kernel():
    with notebooks.kernel() as found:
        yield found


@pytest.mark.parametrize("page", notebooks.PAGES, ids=NAMES)
def test_a_tutorial_runs(page, tmp_path, kernel):
    """Cells that fail raise; every cell that shows something in the stored notebook does so."""
    found = notebooks.run(notebooks.notebook(page), tmp_path, *kernel)
    stored = nbformat.read(page.with_suffix(".ipynb"), as_version=4)
    silent = [bool(cell.get("outputs")) for cell in stored.cells]
    assert [bool(cell.get("outputs")) for cell in found.cells] == silent and any(silent)
