"""Metal that grows or shrinks: `coble plate`, `coble strip` and `coble cycle`."""

from coble.kinds.kind import Kind, late

KIND = Kind(
    name="growth",
    title="metal that grows or shrinks",
    version=2,
    model=late("coble.kinds.growth.schema", "Growth"),
    commands=late("coble.kinds.growth.command", "COMMANDS"),
    place=2,
    write=late("coble.kinds.growth.result", "write"),
    files=("result.json", "result.h5", "trajectory.extxyz", "growth.png", "case.toml", "rates.toml", "checkpoint.h5"),
    sections=("bonds", "growth", "slip"),
    claims=late("coble.kinds.growth.asked", "command_for"),
    refusals=late("coble.kinds.growth.asked", "refusals"),
    outlook=late("coble.kinds.growth.asked", "outlook"),
    headline=late("coble.kinds.growth.words", "headline"),
    sentences=late("coble.kinds.growth.words", "sentences"),
    accelerated=late("coble.kinds.growth.words", "accelerated"),
    tables=late("coble.kinds.growth.tables", "tables"),
    details=late("coble.kinds.growth.tables", "details"),
    checks=late("coble.kinds.growth.checks", "checks"),
    series=late("coble.kinds.growth.tables", "series"),
    again=late("coble.kinds.growth.words", "again"),
    effort=late("coble.kinds.growth.tables", "effort"),
    compared=late("coble.kinds.growth.tables", "compared"),
    compared_panel=late("coble.kinds.growth.tables", "compared_panel"),
    rates=late("coble.kinds.growth.tables", "rates"),
    atoms=late("coble.kinds.growth.figures", "view"),
    figures=late("coble.kinds.growth.figures", "FIGURES"),
    movie=late("coble.kinds.growth.movie", "draw"),
    captions=late("coble.kinds.growth.figures", "CAPTIONS"),
)
