"""The tutorials as notebooks: `python docs/notebooks.py` runs docs/tutorials/*.md and writes a .ipynb beside each.

The Markdown is the source.  jupytext makes cells of its blocks, and nbclient runs them
(`pip install ".[notebooks]"`).
"""

import os
import re
import sys
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import jupytext
import nbformat
from jupyter_client.manager import start_new_kernel
from nbclient import NotebookClient

TUTORIALS = Path(__file__).parent / "tutorials"
PAGES = sorted(TUTORIALS.glob("*.md"))
SECONDS = 300  # that a cell may take
_PAGE = re.compile(r"\((\d-[\w-]+)\.md\)")


def notebook(page):
    """A tutorial as a notebook that was not run.

    Parameters
    ----------
    page : Path
        Of the Markdown.

    Returns
    -------
    nbformat.NotebookNode
        Links to other tutorials lead to notebooks.
    """
    found = jupytext.reads(page.read_text(encoding="utf-8"), fmt="md")
    first = next(cell for cell in found.cells if cell.cell_type == "code")
    first.source = f"%matplotlib inline\n{first.source}"
    for number, cell in enumerate(found.cells):
        cell.id = f"cell-{number}"  # nbformat draws them at random
        cell.source = _PAGE.sub(r"(\1.ipynb)", cell.source)
    found.metadata = nbformat.from_dict(
        {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        }
    )
    return found


@contextmanager
def kernel():
    """A process that runs notebooks one after the other: (manager, client) of Jupyter."""
    os.environ.setdefault("PYDEVD_DISABLE_FILE_VALIDATION", "1")  # else it warns of frozen modules
    quiet = ["--IPKernelApp.log_level=40"]  # it warns of its own sockets on this machine
    manager, client = start_new_kernel(kernel_name="python3", extra_arguments=quiet)
    try:
        yield manager, client
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def run(found, folder, manager, client):
    """Run a notebook in a folder, its outputs in place; nothing is left of the one before.

    Raises
    ------
    nbclient.exceptions.CellExecutionError
    """
    fresh = f"%reset -f\n__spec__ = None  # processes that are started ask for it\nimport os\nos.chdir({str(folder)!r})"
    client.execute_interactive(fresh, silent=True)
    runner = NotebookClient(found, km=manager, timeout=SECONDS, record_timing=False)
    runner.kc = client
    runner.execute()
    for number, cell in enumerate((cell for cell in found.cells if cell.cell_type == "code"), 1):
        cell.execution_count = number
        for out in cell.outputs:
            if "execution_count" in out:
                out.execution_count = number
    return found


def main(names):
    """Run the tutorials whose names begin so, default all, and write them."""
    with kernel() as (manager, client), TemporaryDirectory() as folder:
        for page in PAGES:
            if not names or any(page.stem.startswith(name) for name in names):
                place = Path(folder, page.stem)
                place.mkdir()
                nbformat.write(run(notebook(page), place, manager, client), page.with_suffix(".ipynb"))
                print(f"{page.stem}.ipynb: {page.with_suffix('.ipynb').stat().st_size / 1e3:.0f} kB")


if __name__ == "__main__":
    main(sys.argv[1:])
