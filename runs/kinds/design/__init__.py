"""From tubule to cell: `coble design`."""

from coble.kinds.kind import Kind, late

KIND = Kind(
    name="design",
    title="from tubule to cell",
    version=2,
    model=late("coble.kinds.design.schema", "Design"),
    commands=late("coble.kinds.design.command", "COMMANDS"),
    write=late("coble.kinds.design.result", "write"),
    files=("result.json", "design.png", "case.toml", "rates.toml"),
    sections=("design",),
    claims=lambda case: "design" if "design" in case.asked and not case.asked & {"creep", "experiment"} else None,
    refusals=late("coble.kinds.design.run", "refusals"),
    outlook=late("coble.kinds.design.outlook", "outlook"),
    headline=late("coble.kinds.design.words", "headline"),
    sentences=late("coble.kinds.design.words", "sentences"),
    unreached=late("coble.kinds.design.words", "unreached"),
    accelerated=late("coble.kinds.design.words", "accelerated"),
    tables=late("coble.kinds.design.tables", "tables"),
    checks=late("coble.kinds.design.checks", "checks"),
    missing=late("coble.kinds.design.again", "missing"),
    again=late("coble.kinds.design.again", "again"),
    figures=late("coble.kinds.design.figures", "FIGURES"),
    captions=late("coble.kinds.design.figures", "CAPTIONS"),
)
