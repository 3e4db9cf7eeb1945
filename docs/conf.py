"""How the pages of this folder become HTML: `sphinx-build -W docs docs/_build`."""

import sys
from pathlib import Path

from docutils import nodes
from docutils.parsers.rst import Directive

sys.path.append(str(Path(__file__).parent.parent))  # for a build in place; an installed package comes first
sys.path.append(str(Path(__file__).parent))

project = "Coble"
author = "The Coble developers"
copyright = author
extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build", "tutorials/*.md"]  # the notebooks that notebooks.py makes of them are pages
nb_execution_mode = "off"  # they hold their outputs
html_theme = "furo"
html_title = "Coble"
html_show_sourcelink = False
html_static_path = ["_static"]
html_css_files = ["coble.css"]
myst_heading_anchors = 3
default_role = "literal"
pygments_dark_style = "monokai"
autodoc_member_order = "bysource"
autodoc_typehints = "none"
napoleon_google_docstring = False
napoleon_use_ivar = True
napoleon_use_rtype = False
COLUMNS = 96  # of the help on the page


class Commands(Directive):
    """A section for every command: its own help, word by word."""

    def run(self):
        from typer.testing import CliRunner

        from coble.cli.app import COMMANDS, app

        def section(title, *content):
            found = nodes.section(ids=[nodes.make_id(title)], names=[nodes.fully_normalize_name(title)])
            found += [nodes.title(title, title), *content]
            return found

        def help_of(*command):
            runner = CliRunner(env={"COLUMNS": str(COLUMNS), "TERMINAL_WIDTH": str(COLUMNS), "NO_COLOR": "1"})
            said = runner.invoke(app, [*command, "--help"], prog_name="coble").output.strip("\n")
            return nodes.literal_block(said, said, language="text")

        groups = [
            section(title, *(section(f"coble {each.__name__}", help_of(each.__name__)) for each in group))
            for title, group in COMMANDS.items()
        ]
        return [section("coble", help_of()), *groups]


def setup(app):
    from reference import DIRECTIVES

    app.add_directive("commands", Commands)
    for name, directive in DIRECTIVES.items():
        app.add_directive(name, directive)
