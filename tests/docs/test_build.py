"""The pages become HTML without a warning, with the help of every command and the functions of the API."""

import re
import subprocess
import sys
from html.parser import HTMLParser
from importlib.util import find_spec

import pytest
from pages import PAGES, ROOT

missing = [name for name in ("sphinx", "myst_nb", "furo") if find_spec(name) is None]
needed = pytest.mark.skipif(bool(missing), reason='pip install ".[docs]"')  # nothing is imported to see that
ELSEWHERE = re.compile(r"[a-z]+:")  # a link that is not looked up: no network is needed


SPHINX = """
import gc, sys
from sphinx.cmd.build import main
gc.set_threshold(50_000, 20, 100)  # its trees stay: a sixth of the time went into looking for garbage
sys.exit(main(sys.argv[1:]))
"""


class Links(HTMLParser):
    """Targets and names of a page."""

    def __init__(self, text):
        super().__init__()
        self.to, self.names = [], set()
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        for key, value in attributes:
            if key in ("href", "src"):
                self.to.append(value)
            elif key in ("id", "name"):
                self.names.add(value)


@pytest.fixture(scope="module")
def html(tmp_path_factory):
    tmp_path = tmp_path_factory.mktemp("docs")
    build = [sys.executable, "-c", SPHINX, "-q", "-W", "--keep-going", "-d", str(tmp_path / "doctrees")]
    done = subprocess.run([*build, str(ROOT / "docs"), str(tmp_path / "html")], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return tmp_path / "html"


@needed
def test_the_pages_are_built_without_a_warning(html):
    commands = (html / "commands.html").read_text(encoding="utf-8")
    assert "Usage: coble export [OPTIONS]" in commands
    assert "fixed_n" in (html / "api.html").read_text(encoding="utf-8")
    keys = (html / "case-keys.html").read_text(encoding="utf-8")
    assert "inner_width_nm" in keys and "diffusivity_cm2_s" in keys
    assert "dominant" in (html / "result-keys.html").read_text(encoding="utf-8")


@needed
def test_every_link_between_the_pages_leads_somewhere(html):
    pages = {path: Links(path.read_text(encoding="utf-8")) for path in html.rglob("*.html")}
    lost = []
    for path, page in pages.items():
        for link in (each for each in page.to if each and not ELSEWHERE.match(each)):
            name, _, part = link.partition("#")
            target = (path.parent / name.partition("?")[0]).resolve() if name else path
            if not target.exists() or (part and target in pages and part not in pages[target].names):
                lost.append((path.name, link))
    assert len(pages) > 30 and not lost


def test_files_that_markdown_links_to_are_there():
    others = [ROOT / name for name in ("CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "benchmarks/README.md")]
    lost = [
        (page.name, link)
        for page in [*PAGES, *others]
        for link in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8"))
        if not ELSEWHERE.match(link) and not (page.parent / link).exists()
    ]
    assert not lost
