"""Which path carries the lithium: `coble discriminate`."""

from coble.kinds.kind import Kind, late

KIND = Kind(
    name="discriminate",
    title="shares of the paths",
    version=2,
    model=late("coble.kinds.discriminate.schema", "Discriminate"),
    commands=late("coble.kinds.discriminate.command", "COMMANDS"),
    place=1,
    write=late("coble.kinds.discriminate.result", "write"),
    files=("result.json", "result.h5", "shares.png", "case.toml", "rates.toml"),
    claims=lambda case: None if case.grows or case.asked & {"creep", "design", "experiment"} else "discriminate",
    structures=True,
    refusals=late("coble.kinds.discriminate.run", "refusals"),
    outlook=late("coble.kinds.discriminate.outlook", "outlook"),
    headline=late("coble.kinds.discriminate.words", "headline"),
    sentences=late("coble.kinds.discriminate.words", "sentences"),
    unreached=late("coble.kinds.discriminate.words", "unreached"),
    tables=late("coble.kinds.discriminate.tables", "tables"),
    details=late("coble.kinds.discriminate.tables", "details"),
    checks=late("coble.kinds.discriminate.checks", "checks"),
    again=late("coble.kinds.discriminate.knowledge.run", "again"),
    effort=late("coble.kinds.discriminate.tables", "effort"),
    compared=late("coble.kinds.discriminate.tables", "compared"),
    compared_panel=late("coble.kinds.discriminate.tables", "compared_panel"),
    rates=late("coble.kinds.discriminate.rate_tables", "rates"),
    atoms=late("coble.kinds.discriminate.figures", "view"),
    figures=late("coble.kinds.discriminate.figures", "FIGURES"),
    captions=late("coble.kinds.discriminate.figures", "CAPTIONS"),
)
