"""What the documentation shows is true: every command and option is there, every import works, and marked blocks run.

A comment before a block says what becomes of it:

    <!-- run -->          run here, the blocks of a page one after the other in one folder
    <!-- run with plate as NAME -->   the same, with a small result there: of `coble plate`, or `shares` of discriminate
    <!-- run apart -->    Python in a process of its own
    <!-- file: NAME -->   the text of a file in that folder

All other blocks are read only: commands go through the parser of the command line, Python is compiled and
its imports made.
"""

import ast
import re
import shutil
import subprocess
import sys
from importlib import import_module

import pytest
import typer
from command import invoke
from pages import PAGES, Block, blocks, mentioned

import coble.kmc.estimates.measure
from coble.cli import app as cli

GROUP = typer.main.get_command(cli.app)
CONTEXT = GROUP.make_context("coble", ["doctor"])  # reads what stands before a command, and runs nothing
SOURCES = ("runs", "kmc", "lattices")  # folders, which no program can import
RUN = {page.name: page for page in PAGES if any(block.mark.startswith("run") for block in blocks(page))}


def parse(words, place):
    """Let the command line read the words, and run nothing."""
    if words and words[0].startswith("-"):
        return
    try:
        name, command, rest = GROUP.resolve_command(CONTEXT, list(words))
        command.make_context(name, rest, parent=CONTEXT)
    except typer.Exit:  # --help and the like
        pass
    except Exception as error:
        if not hasattr(error, "format_message"):  # typer brings a click of its own, or takes the one that is there
            raise
        pytest.fail(f"{place}: coble {' '.join(words)}: {error.format_message()}")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_are_those_of_the_command_line(page):
    for block in blocks(page):
        if block.language == "sh":
            for words in block.commands():
                parse(words, block.place)
    for words, place in mentioned(page):
        options = {option for command in GROUP.commands.values() for each in command.params for option in each.opts}
        options |= {"--help", "--version", "--install-completion", "--show-completion"}
        if words and words[0] in GROUP.commands:
            options = {option for each in GROUP.commands[words[0]].params for option in each.opts} | {"--help"}
        else:
            assert words and (words[0].startswith("-") or words[0].isupper()), f"{place}: coble {' '.join(words)}"
        unknown = [word for word in words if word.startswith("-") and word[1:2].isalpha() + word.startswith("--")]
        unknown = [word for word in unknown if word.split("=")[0] not in options]
        assert not unknown, f"{place}: coble {' '.join(words)}: no option {', '.join(unknown)}"


def test_a_wrong_option_is_seen():
    """The negative control."""
    with pytest.raises(pytest.fail.Exception, match="No such option: --colour"):
        parse(["plate", "--colour"], "somewhere")
    with pytest.raises(pytest.fail.Exception, match="No such command"):
        parse(["paint"], "somewhere")


def test_examples_in_the_help_of_commands():
    for name, command in GROUP.commands.items():
        _, _, examples = (command.help or "").partition("\nExamples:\n")
        for line in examples.splitlines():
            for words in Block("sh", line.strip().split("  ")[0], "", "").commands():
                parse(words, f"coble {name} --help")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_python_blocks_import_is_there(page):
    for block in blocks(page):
        if block.language != "python":
            continue
        for node in ast.walk(ast.parse(block.text, block.place)):
            if isinstance(node, ast.ImportFrom):
                assert node.module.split(".")[0] not in SOURCES, f"{block.place}: {node.module}"
            if isinstance(node, ast.ImportFrom) and node.module.split(".")[0] == "coble":
                module = import_module(node.module)
                missing = [each.name for each in node.names if not hasattr(module, each.name)]
                assert not missing, f"{block.place}: {node.module} has no {', '.join(missing)}"
            if isinstance(node, ast.Import):
                for each in node.names:
                    assert each.name.split(".")[0] not in SOURCES, f"{block.place}: {each.name}"
                    if each.name.split(".")[0] == "coble":
                        import_module(each.name)


@pytest.mark.parametrize("name", RUN)
def test_marked_blocks_run(name, tmp_path, monkeypatch, request):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("matplotlib.pyplot.show", lambda: None)
    monkeypatch.setattr(
        coble.kmc.estimates.measure, "BLOCK_EVENTS", 5000
    )  # short blocks: the pages show how, not how exact
    monkeypatch.setattr(coble.kmc.estimates.measure, "BURN_IN_EVENTS", 5000)
    space = {"__name__": "example"}
    for block in blocks(RUN[name]):
        if block.mark.startswith("file: "):
            (tmp_path / block.mark.removeprefix("file: ")).write_text(block.text, encoding="utf-8")
            continue
        mark, _, given = block.mark.partition(" with ")
        if given:
            result, _, folder = given.partition(" as ")
            if folder == "." or not (tmp_path / folder).exists():
                shutil.copytree(request.getfixturevalue(result), tmp_path / folder, dirs_exist_ok=True)
        if mark == "run" and block.language == "sh":
            for words in block.commands():
                done = invoke(*words)
                assert done.exit_code == 0, f"{block.place}: coble {' '.join(words)}: {done.output}"
        elif mark == "run" and block.language == "python":
            exec(compile(block.text, block.place, "exec"), space)
        elif mark == "run apart":
            (tmp_path / "example.py").write_text(block.text, encoding="utf-8")
            done = subprocess.run([sys.executable, "example.py"], capture_output=True, text=True, cwd=tmp_path)
            assert done.returncode == 0, f"{block.place}: {done.stderr}"
        else:
            assert block.mark in ("", "test command"), f"{block.place}: what is <!-- {block.mark} -->?"


def test_pages_lead_to_pages_that_are_there():
    """Links to files, in README.md and between pages; Sphinx sees those between pages only when it runs."""
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8")):
            if "://" not in target:
                assert (page.parent / target).exists(), f"{page.name}: no {target}"
