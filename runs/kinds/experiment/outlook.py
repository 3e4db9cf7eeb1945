"""What experiments would be."""

from coble.models.tubules.outlook import drive, odd_rates, tubule


def outlook(job, name, found):
    """Add the tubules of experiments, each run until its error is met, to an `Outlook`."""
    case = job.content
    found.warnings += odd_rates(case)
    found.facts += tubule(case)
    run = case.run
    ends = f"when every speed is known to {100 * run.target_error:g} %, or after {run.max_events:.0e} events"
    found.facts.append(("ends", f"{ends} of each mechanism and tubule"))
    drive(case, case.experiment.overpotential_V, "experiment.overpotential_V", found)
