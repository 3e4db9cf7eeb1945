"""Many runs: `coble sweep`."""

from coble.kinds.kind import Kind, late

KIND = Kind(
    name="campaign",
    title="campaign",
    version=2,
    model=late("coble.kinds.campaign.schema", "Campaign"),
    commands=late("coble.kinds.campaign.command", "COMMANDS"),
    file="campaign.json",
    main_command="sweep",
    file_kind="campaign",
    file_model=late("coble.kinds.campaign.settings", "CampaignFile"),
    load=late("coble.kinds.campaign.settings", "load_campaign"),
    outlook=late("coble.kinds.campaign.outlook", "outlook"),
    headline=late("coble.kinds.campaign.tables", "headline"),
    sentences=late("coble.kinds.campaign.tables", "sentences"),
    accelerated=late("coble.kinds.campaign.tables", "accelerated"),
    tables=late("coble.kinds.campaign.tables", "tables"),
    details=late("coble.kinds.campaign.tables", "work"),
    checks=late("coble.kinds.campaign.tables", "checks"),
    own_options=True,
    standing=late("coble.kinds.campaign.standing", "standing"),
    missing=late("coble.kinds.campaign.standing", "missing"),
    stored_case=late("coble.kinds.campaign.standing", "stored_case"),
    inputs=("campaign.toml", "case.toml"),
    input_name=late("coble.kinds.campaign.standing", "input_name"),
    varied=late("coble.kinds.campaign.tables", "varied"),
    again=lambda content: ["sweep", "campaign.toml"],
    effort=late("coble.kinds.campaign.tables", "effort"),
    figures=late("coble.kinds.campaign.figures", "FIGURES"),
    captions=late("coble.kinds.campaign.figures", "CAPTIONS"),
)
