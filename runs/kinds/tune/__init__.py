"""Rates from measured numbers: `coble tune`."""

from coble.kinds.kind import Kind, late

KIND = Kind(
    name="tune",
    title="rates from measured numbers",
    version=2,
    model=late("coble.kinds.tune.schema", "Tune"),
    commands=late("coble.kinds.tune.command", "COMMANDS"),
    write=late("coble.kinds.tune.result", "write"),
    files=("rates.toml", "result.json", "tune.png", "targets.toml"),
    main_command="tune",
    file_kind="targets",
    file_model=late("coble.kinds.tune.targets", "TargetFile"),
    load=late("coble.kinds.tune.targets", "load_targets"),
    refusals=late("coble.kinds.tune.refusals", "refusals"),
    outlook=late("coble.kinds.tune.outlook", "outlook"),
    headline=late("coble.kinds.tune.words", "headline"),
    sentences=late("coble.kinds.tune.words", "sentences"),
    accelerated=late("coble.kinds.tune.words", "accelerated"),
    tables=late("coble.kinds.tune.tables", "tables"),
    details=late("coble.kinds.tune.tables", "details"),
    checks=late("coble.kinds.tune.checks", "checks"),
    own_options=True,
    missing=late("coble.kinds.tune.targets", "missing"),
    stored_case=lambda folder, content: (None, ""),
    inputs=("targets.toml", "rates.toml"),
    again=lambda content: ["tune", "targets.toml"],
    compared=late("coble.kinds.tune.compared", "compared"),
    rates=late("coble.kinds.tune.rates", "rates"),
    figures=late("coble.kinds.tune.figures", "FIGURES"),
    captions=late("coble.kinds.tune.figures", "CAPTIONS"),
)
