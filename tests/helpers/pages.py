"""The pages of the documentation: their blocks of code, and what stands in the comment before each."""

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("**/*.md"))]
_BLOCK = re.compile(r"(?:^<!-- (?P<mark>[^\n]*?) -->\n)?^```(?P<language>\w+)\n(?P<text>.*?)^```$", re.M | re.S)
_INLINE = re.compile(r"`(coble [^`]+)`")


@dataclass(frozen=True)
class Block:
    """Code on a page.

    Attributes
    ----------
    language, text : str
    mark : str
        "run" where a test runs it, "run with RESULT as FOLDER", "run apart" in a process of its own,
        "file: NAME" where it is a file, or "".
    place : str
        Page and line, for messages.
    """

    language: str
    text: str
    mark: str
    place: str

    def commands(self):
        """Words of every line of a shell block that calls coble, without `coble` itself."""
        for line in self.text.replace("\\\n", " ").splitlines():
            for part in re.split(r"&&|;|\||>", _without_comment(line)):
                words = part.split()
                if words[:1] == ["coble"] and "$" not in part:
                    yield shlex.split(part)[1:]


def blocks(page):
    """All blocks of a page, in their order: list of Block."""
    text, found = page.read_text(encoding="utf-8"), []
    for match in _BLOCK.finditer(text):
        line = text.count("\n", 0, match.start("text"))
        found.append(Block(match["language"], match["text"], match["mark"] or "", f"{page.name}:{line}"))
    return found


def mentioned(page):
    """Words of every `coble …` in the text and the tables of a page, without `coble` itself, and its line."""
    text = page.read_text(encoding="utf-8")
    prose = _BLOCK.sub(lambda match: "\n" * match[0].count("\n"), text)
    for match in _INLINE.finditer(prose):
        words = re.sub(r"[\[\]…\\]|\.\.\.|\|", " ", match[1]).split()[1:]
        yield words, f"{page.name}:{prose.count(chr(10), 0, match.start()) + 1}"


def _without_comment(line):
    """A shell line up to its comment."""
    return re.split(r"(?:^|\s)#", line, maxsplit=1)[0]
