"""JSON schemas of the files that people write, and of result.json, for editors and other programs.

Types, ranges and defaults come from the models that check the files; what each key means is the comment beside it in
the files to start from, so it is said in one place.
"""

import re
from typing import Annotated, Union

from pydantic import Field, TypeAdapter

from coble.inputs.case import Case, templates
from coble.inputs.file_kinds import CASE, RATES
from coble.inputs.rate_table import RateFile
from coble.kinds.registry import kinds

RESULT = "result"
EXPLAINED = (
    "paper",
    "plate",
    "mechanisms",
    "design",
    "creep",
    "structure",
    "filling-wall",
)  # built-in cases whose comments say what keys mean
DRAFT = "https://json-schema.org/draft/2020-12/schema"


def schema_of(kind):
    """JSON schema of a kind of file.

    Parameters
    ----------
    kind : str
        "case", "rates", "result", or another file that a kind of run reads, see `file_models`.

    Returns
    -------
    dict
    """
    if kind == RESULT:
        models = [of_run.model() for of_run in kinds().values()]
        found = TypeAdapter(Annotated[Union[tuple(models)], Field(discriminator="kind")]).json_schema()  # noqa: UP007
        return {"$schema": DRAFT, "title": "coble result"} | found
    explained = EXPLAINED if kind == CASE else (kind,)
    model = {CASE: lambda: Case, RATES: lambda: RateFile}.get(kind) or file_models()[kind]
    model = model()
    found = _tidy(model.model_json_schema())
    for name in explained:
        for path, text in comments(templates()[name].read_text(encoding="utf-8")).items():
            _explain(found, path, text)
    return {"$schema": DRAFT, "title": f"coble {kind}"} | found


def file_models():
    """Models of the files that kinds of run read beside cases, by name: dict of str → callable."""
    return {kind.file_kind: kind.file_model for kind in kinds().values() if kind.file_model}


def comments(text):
    """What the comments of a file to start from say of its keys.

    Parameters
    ----------
    text : str
        TOML, with comments as in `runs/cases`: beside a key, going on in the lines below.

    Returns
    -------
    dict of tuple to str
        (section,) or (section, key) to comment; of tables in tables, the outermost counts as the section.
    """
    found, section, path = {}, (), None
    for line in text.splitlines():
        if header := re.fullmatch(r"(?:# )?\[+(\w+)[\w.]*\]+\s*(?:# (.*))?", line):
            section = path = (header[1],)
            said = header[2]
        elif key := re.fullmatch(r"(?:# )?(\w+) = [^#]*(?:# (.*))?", line):
            path, said = (*section, key[1]), key[2]
        elif path and (more := re.fullmatch(r"\s+# (.*)", line)):
            said = more[1]
        else:
            path = None
            continue
        if said:
            found[path] = f"{found[path]} {said}" if path in found else said
    return found


def _tidy(node):
    """A schema without what TOML has not (null) and what says nothing (titles)."""
    if isinstance(node, list):
        return [_tidy(each) for each in node]
    if not isinstance(node, dict):
        return node
    node = {key: _tidy(value) for key, value in node.items() if not (key == "title" and isinstance(value, str))}
    if isinstance(node.get("default"), dict):
        del node["default"]  # of a section: its keys have theirs
    if node.get("default", "") is None:
        del node["default"]
        node["anyOf"] = [each for each in node.get("anyOf", []) if each != {"type": "null"}]
        if len(node["anyOf"]) <= 1:
            node |= (node.pop("anyOf") or [{}])[0]
    return node


def _explain(schema, path, text):
    """Put `text` at a key that has no description of its own yet."""
    node = schema
    for name in path:
        node = _inside(node, schema).get("properties", {}).get(name)
        if node is None:
            return
    node.setdefault("description", text.rstrip(", ."))


def _inside(node, schema):
    """What a reference, an array or a table of tables holds."""
    while True:
        if "$ref" in node:
            node = schema["$defs"][node["$ref"].rpartition("/")[2]]
        elif "items" in node or isinstance(node.get("additionalProperties"), dict):
            node = node.get("items") or node["additionalProperties"]
        else:
            return node
