"""Pages that are made from the program: keys of a case, keys of a result (directives of `docs/conf.py`)."""

from docutils import nodes
from docutils.parsers.rst import Directive

TYPES = {"number": "number", "integer": "whole number", "string": "text", "boolean": "true or false", "null": "nothing"}


def table(headings, rows):
    """A table of docutils from plain texts, list of list of str; keys, in the first column, as code."""
    found = nodes.table(classes=["reference-keys"])
    group = nodes.tgroup(cols=len(headings))
    found += group
    group += [nodes.colspec(colwidth=width) for width in (30, 15, 15, 60)[: len(headings)]]

    def row(cells, of_code):
        made = nodes.row()
        for column, cell in enumerate(cells):
            content = nodes.literal(cell, cell) if of_code and column == 0 else nodes.Text(cell)
            made += nodes.entry("", nodes.paragraph("", "", content))
        return made

    group += nodes.thead("", row(headings, False))
    group += nodes.tbody("", *(row(cells, True) for cells in rows))
    return found


def section(title, *content):
    """A section whose title is a link target."""
    found = nodes.section(ids=[nodes.make_id(title)], names=[nodes.fully_normalize_name(title)])
    found += [nodes.title(title, title), *content]
    return found


def paragraph(text):
    return nodes.paragraph("", "", nodes.Text(text))


def kind_of(schema, definitions):
    """What a value may be, in words: a type, one of some words, or the name of another model.

    Parameters
    ----------
    schema : dict
        JSON schema of the value.
    definitions : dict
        Its models by name.
    """
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[1]
        return name if definitions[name].get("type") == "object" else kind_of(definitions[name], definitions)
    if "const" in schema:
        return repr(schema["const"])
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    if "anyOf" in schema or "oneOf" in schema:
        options = [kind_of(each, definitions) for each in schema.get("anyOf") or schema["oneOf"]]
        return " or ".join(dict.fromkeys(options))
    if schema.get("type") == "array":
        item = schema.get("items")
        return f"list of {kind_of(item, definitions)}" if isinstance(item, dict) and item else "list"
    if schema.get("type") == "object":
        inner = schema.get("additionalProperties")
        if isinstance(inner, dict):
            return f"name → {kind_of(inner, definitions)}"
        has = set(schema.get("properties", {}))
        return "range" if {"factor", "low", "stderr"} & has else "tie" if "same_as" in has else "table"
    return TYPES.get(schema.get("type"), "any")


def default_of(schema):
    """The default as it would stand in a file; empty where there is none."""
    value = schema.get("default")
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def said(text):
    """The first paragraph of a description, on one line."""
    return " ".join((text or "").split("\n\n")[0].split())


class CaseKeys(Directive):
    """Every key of a case file with its type, default and meaning."""

    def run(self):
        from coble.kinds.schemas import schema_of

        schema = schema_of("case")
        definitions, sections = schema["$defs"], []
        for name, value in schema["properties"].items():
            refs = [value, value.get("items", {}), *value.get("anyOf", [])]
            model = next((definitions[each["$ref"].rsplit("/", 1)[1]] for each in refs if "$ref" in each), None)
            if model is None:
                continue
            many = value.get("type") == "array"
            rows = [
                [key, kind_of(each, definitions), default_of(each), said(each.get("description"))]
                for key, each in model.get("properties", {}).items()
            ]
            heading = f"[[{name}]]" if many else f"[{name}]"
            about = said(value.get("description") or model.get("description"))
            sections.append(section(heading, paragraph(about), table(["key", "value", "default", "meaning"], rows)))
        return sections


class ResultKeys(Directive):
    """Every key of result.json, kind of run by kind of run, with its unit."""

    def run(self):
        from coble.kinds.schemas import schema_of

        schema = schema_of("result")
        definitions = schema["$defs"]
        first = [each["$ref"].rsplit("/", 1)[1] for each in schema["oneOf"]]
        sections = []
        for name in [*first, *(other for other in definitions if other not in first)]:
            model = definitions[name]
            if model.get("type") != "object":
                continue
            rows = [
                [key, kind_of(each, definitions), said(each.get("description"))]
                for key, each in model.get("properties", {}).items()
            ]
            sections.append(
                section(name, paragraph(said(model.get("description"))), table(["key", "value", "meaning"], rows))
            )
        return sections


DIRECTIVES = {"case-keys": CaseKeys, "result-keys": ResultKeys}
