"""What is not known of a structure of a user's own: the priors of its numbers, and the structure at any values of them.

Numbers are named by their keys in a case file, as "region[1].diffusivity_cm2_s" and "barrier[2].barrier_eV".
"""

from dataclasses import dataclass

from coble.inputs.numbers.uncertain import prior_of
from coble.inputs.numbers.words import E
from coble.kmc.knowledge.priors import SameAs
from coble.models.tubules.knowledge import Factors

SECTIONS = ("region", "barrier")  # one or several of each


@dataclass(frozen=True)
class StructureUnknowns(Factors):
    """The numbers of a structure that are not known exactly.

    Attributes
    ----------
    case : Case
    nominal : dict of key → float
    prior : dict of key → prior of `coble.kmc.knowledge.priors`
    """

    case: object
    nominal: dict
    prior: dict

    def case_at(self, values):
        """The case with other numbers, which have no priors; not checked again.

        Parameters
        ----------
        values : dict of key → float
        """
        changed = {f"{name}[{n}]": {} for name in SECTIONS for n in range(1, len(getattr(self.case, name)) + 1)}
        changed["barriers"] = {}
        for key, value in values.items():
            home, name = key.split(".")
            changed[home][name] = float(value)
        updates = {"barriers": self.case.barriers.model_copy(update=changed["barriers"])}
        for name in SECTIONS:
            sections = enumerate(getattr(self.case, name), 1)
            updates[name] = tuple(each.model_copy(update=changed[f"{name}[{n}]"]) for n, each in sections)
        return self.case.model_copy(update=updates)


def unknowns_of_structure(case):
    """The `StructureUnknowns` of a case with [structure]; `prior` is empty when the case takes all as exact."""
    nominal, prior = {}, {}
    homes = {f"{name}[{n}]": each for name in SECTIONS for n, each in enumerate(getattr(case, name), 1)}
    for home, section in (homes | {"barriers": case.barriers}).items():
        for key, value in section:
            found = prior_of(value)
            idle = key == E and section.at_K == case.conditions.temperature_K
            if found is not None and not idle:
                nominal[f"{home}.{key}"] = float(value)
                prior[f"{home}.{key}"] = found
    prior = {key: each for key, each in prior.items() if not isinstance(each, SameAs) or each.key in prior}
    return StructureUnknowns(case, nominal, prior)
