"""Experiments that tell mechanisms apart: `coble discriminate --experiment`."""

from coble.kinds.kind import Kind, late

KIND = Kind(
    name="experiment",
    title="experiment that tells mechanisms apart",
    version=2,
    model=late("coble.kinds.experiment.schema", "Experiment"),
    called="coble discriminate --experiment void",
    write=late("coble.kinds.experiment.result", "write"),
    files=("result.json", "experiment.png", "case.toml", "rates.toml"),
    sections=("slip", "experiment"),
    claims=lambda case: "discriminate" if "experiment" in case.asked and not case.grows else None,
    options=lambda case: {"experiment": list(case.experiment.which)},
    refusals=late("coble.kinds.experiment.run", "refusals"),
    outlook=late("coble.kinds.experiment.outlook", "outlook"),
    headline=lambda content: content["verdict"]["sentence"],
    unreached=late("coble.kinds.experiment.tables", "unreached"),
    tables=late("coble.kinds.experiment.tables", "tables"),
    details=late("coble.kinds.experiment.tables", "details"),
    checks=late("coble.kinds.experiment.checks", "checks"),
    again=late("coble.kinds.experiment.again", "again"),
    effort=late("coble.kinds.experiment.tables", "effort"),
    compared=late("coble.kinds.experiment.compared", "compared"),
    compared_panel=late("coble.kinds.experiment.compared", "compared_panel"),
    rates=late("coble.models.rate_rows", "tables_of_case"),
    figures=late("coble.kinds.experiment.figures", "FIGURES"),
    captions=late("coble.kinds.experiment.figures", "CAPTIONS"),
)
