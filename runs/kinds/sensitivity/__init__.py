"""Degree of rate control: `coble sensitivity`."""

from coble.kinds.kind import Kind, late

KIND = Kind(
    name="sensitivity",
    title="degree of rate control",
    version=2,
    model=late("coble.kinds.sensitivity.schema", "Sensitivity"),
    commands=late("coble.kinds.sensitivity.command", "COMMANDS"),
    write=late("coble.kinds.sensitivity.result", "write"),
    files=("result.json", "case.toml", "rates.toml"),
    sections=("slip", "experiment"),
    refusals=late("coble.kinds.sensitivity.run", "refusals"),
    headline=late("coble.kinds.sensitivity.words", "headline"),
    sentences=late("coble.kinds.sensitivity.words", "sentences"),
    unreached=late("coble.kinds.sensitivity.words", "unreached"),
    accelerated=late("coble.kinds.sensitivity.words", "accelerated"),
    tables=late("coble.kinds.sensitivity.tables", "tables"),
    checks=late("coble.kinds.sensitivity.checks", "checks"),
    again=late("coble.kinds.sensitivity.again", "again"),
    rates=late("coble.models.rate_rows", "tables_of_case"),
    figures=late("coble.kinds.sensitivity.figures", "FIGURES"),
    captions=late("coble.kinds.sensitivity.figures", "CAPTIONS"),
)
