"""Why targets are refused before any work."""

from coble.kinds.tune.run import Model
from coble.kinds.tune.targets import condition
from coble.models.tubules.tubule import sites_in, unbuildable

QUICK_SITES = 2e5  # of which a network is solved in seconds, for a look ahead


def refusals(content, command="tune"):
    """Targets for which there is no tubule, or that are far from what the first rates give: list of str."""
    targets, case, free, ties = content
    there = [(target.label, condition(case, target).case) for target in targets]
    found = [f"target '{label}': {reason}" for label, each in there if (reason := unbuildable(each))]
    if not found and max(sites_in(each) for _, each in there) < QUICK_SITES:
        try:
            Model(targets, case, free, ties, case.run.seed, 1, lambda: False).check_units()
        except ValueError as error:
            found.append(str(error))
    return found
