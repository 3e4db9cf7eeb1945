"""What a run of diffuse would be."""

from coble.kinds.diffuse.run import temperatures_of
from coble.models.structures.outlook import structure


def outlook(job, name, found):
    """Add temperatures, size and end to an `Outlook`."""
    case = job.content
    temperatures = ", ".join(f"{temperature:g}" for temperature in temperatures_of(case))
    structure(case, found)
    found.facts += [
        ("temperatures", f"{temperatures} K"),
        (
            "ends",
            f"when D* and D_sigma are known to {100 * case.diffuse.target_error:g} % at a temperature, or after "
            f"{case.run.max_events:.0e} events there",
        ),
    ]
