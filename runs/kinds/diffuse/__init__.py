"""Diffusion in a crystal: `coble diffuse`."""

from coble.kinds.kind import Kind, late

KIND = Kind(
    name="diffuse",
    title="diffusion in a crystal",
    version=2,
    model=late("coble.kinds.diffuse.schema", "Diffuse"),
    commands=late("coble.kinds.diffuse.command", "COMMANDS"),
    write=late("coble.kinds.diffuse.result", "write"),
    files=("result.json", "diffusion.png", "case.toml"),
    sections=("diffuse",),
    claims=lambda case: "diffuse" if "diffuse" in case.asked else None,
    structures=True,
    replica=late("coble.kinds.diffuse.replica", "replica"),
    averaged=("tracer_cm2_s", "collective_cm2_s", "haven_ratio", "lone_carrier_cm2_s"),
    refusals=late("coble.kinds.diffuse.run", "refusals"),
    outlook=late("coble.kinds.diffuse.outlook", "outlook"),
    headline=late("coble.kinds.diffuse.words", "headline"),
    sentences=late("coble.kinds.diffuse.words", "sentences"),
    unreached=late("coble.kinds.diffuse.words", "unreached"),
    tables=late("coble.kinds.diffuse.tables", "tables"),
    details=late("coble.kinds.diffuse.tables", "details"),
    checks=late("coble.kinds.diffuse.checks", "checks"),
    rates=late("coble.kinds.diffuse.tables", "rates"),
    again=lambda content: ["diffuse", "case.toml"],
    effort=late("coble.kinds.diffuse.tables", "effort"),
    figures=late("coble.kinds.diffuse.figures", "FIGURES"),
    captions=late("coble.kinds.diffuse.figures", "CAPTIONS"),
)
