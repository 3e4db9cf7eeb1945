"""What a run of creep would be."""


def outlook(job, name, found):
    """Add grains, tensions and sites to an `Outlook`."""
    case = job.content
    creep, run, a = case.creep, case.run, case.metal_material.lattice_constant_A
    largest = max(creep.grains_cells)
    sizes = ", ".join(f"{(cells + 0.5) * a / 10:.1f}" for cells in creep.grains_cells)
    tensions = ", ".join(f"{tension:g}" for tension in creep.tensions_MPa)
    found.facts += [
        ("grains", f"d = {sizes} nm at {creep.tension_MPa:g} MPa; one at {tensions} MPa"),
        ("size", f"at most {largest**3 + (largest + 1) ** 3:.1e} sites"),
        (
            "ends",
            f"when every strain rate is known to {100 * run.target_error:g} %, "
            f"or after {run.max_events:.0e} events each",
        ),
    ]
