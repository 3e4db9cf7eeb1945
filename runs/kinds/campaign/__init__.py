"""Many runs: `coble sweep` and `coble resume`."""

from coble.kinds.kind import Kind, late

KIND = Kind(
    name="campaign",
    title="campaign",
    version=2,
    model=late("coble.kinds.campaign.schema", "Campaign"),
    commands=late("coble.kinds.campaign.command", "COMMANDS"),
    run=late("coble.kinds.campaign.run", "sweep"),
    write=late("coble.kinds.campaign.result", "write"),
    file="campaign.json",
    outlook=late("coble.kinds.campaign.outlook", "outlook"),
    headline=late("coble.kinds.campaign.tables", "headline"),
    sentences=late("coble.kinds.campaign.tables", "sentences"),
    accelerated=late("coble.kinds.campaign.tables", "accelerated"),
    tables=late("coble.kinds.campaign.tables", "tables"),
    details=late("coble.kinds.campaign.tables", "work"),
    checks=late("coble.kinds.campaign.tables", "checks"),
    again=lambda content: ["sweep", "campaign.toml"],
    effort=late("coble.kinds.campaign.tables", "effort"),
    figures=late("coble.kinds.campaign.figures", "FIGURES"),
    captions=late("coble.kinds.campaign.figures", "CAPTIONS"),
)
