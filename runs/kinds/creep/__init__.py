"""Creep of grains by diffusion: `coble creep`."""

from coble.kinds.kind import Kind, late

KIND = Kind(
    name="creep",
    title="creep of grains",
    version=2,
    model=late("coble.kinds.creep.schema", "Creep"),
    commands=late("coble.kinds.creep.command", "COMMANDS"),
    write=late("coble.kinds.creep.result", "write"),
    files=("result.json", "creep.png", "case.toml", "rates.toml"),
    sections=("creep",),
    claims=lambda case: "creep" if "creep" in case.asked and "experiment" not in case.asked else None,
    refusals=late("coble.kinds.creep.run", "refusals"),
    outlook=late("coble.kinds.creep.outlook", "outlook"),
    headline=late("coble.kinds.creep.words", "headline"),
    subject=late("coble.kinds.creep.words", "subject"),
    unreached=late("coble.kinds.creep.words", "unreached"),
    tables=late("coble.kinds.creep.tables", "tables"),
    details=late("coble.kinds.creep.tables", "details"),
    checks=late("coble.kinds.creep.checks", "checks"),
    again=lambda content: ["creep", "case.toml"],
    effort=late("coble.kinds.creep.tables", "effort"),
    figures=late("coble.kinds.creep.figures", "FIGURES"),
    captions=late("coble.kinds.creep.figures", "CAPTIONS"),
)
