"""The pages become HTML without a warning, with the help of every command and the functions of the API."""

import subprocess
import sys
from importlib.util import find_spec

import pytest
from pages import ROOT

missing = [name for name in ("sphinx", "myst_nb", "furo") if find_spec(name) is None]
pytestmark = pytest.mark.skipif(bool(missing), reason='pip install ".[docs]"')  # nothing is imported to see that


SPHINX = """
import gc, sys
from sphinx.cmd.build import main
gc.set_threshold(50_000, 20, 100)  # its trees stay: a sixth of the time went into looking for garbage
sys.exit(main(sys.argv[1:]))
"""


def test_the_pages_are_built_without_a_warning(tmp_path):
    build = [sys.executable, "-c", SPHINX, "-q", "-W", "--keep-going", "-d", str(tmp_path / "doctrees")]
    done = subprocess.run([*build, str(ROOT / "docs"), str(tmp_path / "html")], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    commands = (tmp_path / "html" / "commands.html").read_text(encoding="utf-8")
    assert "Usage: coble export [OPTIONS]" in commands
    assert "fixed_n" in (tmp_path / "html" / "api.html").read_text(encoding="utf-8")
    keys = (tmp_path / "html" / "case-keys.html").read_text(encoding="utf-8")
    assert "inner_width_nm" in keys and "diffusivity_cm2_s" in keys
    assert "dominant" in (tmp_path / "html" / "result-keys.html").read_text(encoding="utf-8")
