"""What a run of diffuse would be."""

from coble.kinds.diffuse.run import temperatures_of
from coble.models.structure import lattice_of


def outlook(job, name, found):
    """Add temperatures, size and end to an `Outlook`."""
    case = job.content
    temperatures = ", ".join(f"{temperature:g}" for temperature in temperatures_of(case))
    lattice = lattice_of(case)
    found.facts += [
        ("temperatures", f"{temperatures} K"),
        ("size", f"{lattice.n_site:,} sites, {lattice.n_edge // 2:,} bonds"),
        (
            "ends",
            f"when D* and D_sigma are known to {case.diffuse.target_error:g} at a temperature, or after "
            f"{case.run.max_events:.0e} events there",
        ),
    ]
