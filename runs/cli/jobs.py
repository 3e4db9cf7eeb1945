"""Which kind of file this is, and which command runs it: decided here, from what is in the file.

| it has | kind | `coble run` makes |
|---|---|---|
| [[axis]], or a key of campaigns | campaign | coble sweep |
| [[target]], `free` or `case` | targets | coble tune |
| [hop.NAME] | rates | nothing by itself: every command takes it with --rates |
| [growth] with cycles > 0 | case | coble cycle |
| [growth] with overpotential_V, or the first of steps_V, < 0 | case | coble strip |
| [growth] | case | coble plate |
| [experiment] | case | coble discriminate, with the experiments that its `which` names |
| [creep] | case | coble creep |
| [design] | case | coble design |
| none of these | case | coble discriminate |
"""

from dataclasses import dataclass
from pathlib import Path

from coble.inputs.case import load_case, parse_toml, read_text
from coble.inputs.file_kinds import CAMPAIGN, RATES, TARGETS, kind_of

WHY_MEANT = {
    "cycle": "growth.cycles is not 0",
    "strip": "growth.overpotential_V, or the first of growth.steps_V, is negative",
    "plate": "growth.overpotential_V, or the first of growth.steps_V, is positive, and growth.cycles is 0",
}


@dataclass(frozen=True)
class Job:
    """What a file asks for.

    Attributes
    ----------
    path : Path
    kind : str
        "case", "targets", "rates" or "campaign".
    command : str or None
        That runs it; None for a rate table.
    content : Case, tuple, RateFile or Campaign
        What `load_case`, `coble.kinds.tune.targets.load_targets`, `coble.inputs.rate_table.read_rates` or `coble.kinds.campaign.settings.load_campaign`
        returns.
    experiments : tuple of str
        Of `coble discriminate`.
    """

    path: Path
    kind: str
    command: str | None
    content: object
    experiments: tuple = ()


def command_of(case):
    """The command that runs a case, and the experiments for it."""
    asked, growth = case.model_fields_set, case.growth
    if case.grows:
        drive = growth.steps_V[0] if growth.steps_V else growth.overpotential_V
        return ("cycle" if growth.cycles else "strip" if drive < 0 else "plate"), ()
    if "creep" in asked and "experiment" not in asked:
        return "creep", ()
    if "design" in asked and "experiment" not in asked:
        return "design", ()
    return "discriminate", case.experiment.which if "experiment" in asked else ()


def read_job(path):
    """What the file at `path` asks for.

    Raises
    ------
    CaseError
        With what is wrong with it.
    """
    path = Path(path)
    kind = kind_of(parse_toml(read_text(path, "`coble init` writes one to start from"), str(path))[0])
    if kind == TARGETS:
        from coble.kinds.tune.targets import load_targets  # scipy, which a case does not need

        return Job(path, kind, "tune", load_targets(path))
    if kind == RATES:
        from coble.inputs.rate_table import read_rates

        return Job(path, kind, None, read_rates(path))
    if kind == CAMPAIGN:
        from coble.kinds.campaign.settings import load_campaign

        return Job(path, kind, "sweep", load_campaign(path))
    case = load_case(path)
    command, experiments = command_of(case)
    return Job(path, kind, command, case, experiments)


def refusals(case, command, experiments=()):
    """Why a command refuses a case that is good in itself, before any work: list of str."""
    from coble.models.tubule import too_large

    if command == "creep":
        from coble.kinds.creep.run import refusal

        return _given(refusal(case))
    if command == "discriminate" and not experiments:
        return _given(too_large(case))
    if command == "discriminate":
        from coble.kinds.experiment.run import plan

        found = []
        for name in experiments:
            try:
                sizes = ((each.name, too_large(each.case)) for each in plan(case, (name,))[2])
                found += [f"{condition}: {reason}" for condition, reason in sizes if reason]
            except ValueError as error:
                found.append(str(error))
        return list(dict.fromkeys(found))
    if command == "design":
        from coble.kinds.design.run import refusals as of_design

        return of_design(case)
    if command == "sensitivity":
        return _given(too_large(case, *((case.growth.depth_nm,) if case.grows else ())))
    meant = command_of(case)[0]
    if case.grows and command != meant:
        return [f"is a case for `coble {meant}`: {WHY_MEANT[meant]}"]
    if len(case.wall) > 1:
        return [f"wall: metal grows into a tubule with one wall, got {len(case.wall)}: leave one"]
    return _given(too_large(case, case.growth.depth_nm))


def _given(reason):
    return [reason] if reason else []
