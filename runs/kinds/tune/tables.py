"""Tables of a tuning, made from the content of result.json alone."""

from coble.kmc.estimates.fit import KNOWN
from coble.render.numbers import number_of, plain
from coble.render.table import Table


def details(content):
    """How the batches went."""
    batches = content["chi2_by_batch"]
    yield Table(
        "Batches",
        ["batch", "χ²"],
        [[f"{number + 1}", number_of(chi2)] for number, chi2 in enumerate(batches)],
        note=f"And one with fresh random numbers, whose χ² is quoted; {content['seconds']:.0f} s in all.",
    )


def tables(content):
    """Rates that were found, the targets beside the model, and what the targets determine: list of `Table`."""
    rows, numbers = [], []
    for name, rate in content["rates"].items():
        error = _error(rate["ln_rate_stderr"])
        rows.append([f"{name} [1/s]", number_of(rate["start"]), number_of(rate["value"]), error])
        numbers.append([name, "1/s", rate["start"], rate["value"], rate["stderr"], rate["ln_rate_stderr"]])
    for name, energy in content["barriers_eV"].items():
        spread = energy["stderr"]
        error = f"± {spread:.4f} eV" if spread else "not identifiable"
        rows.append([f"barrier of {name} [eV]", "–", f"{energy['value']:.4f}", error])
        numbers.append([f"{name} barrier", "eV", None, energy["value"], spread, None])
    yield Table(
        "Rates that were found",
        ["class of hops", "start", "found", "standard error"],
        rows,
        name="rates-found",
        numbers=(["class", "unit", "start", "value", "stderr", "stderr_ln"], numbers),
    )
    rows, numbers = [], []
    for each in content["residuals"]:
        label = each["target"] + (f" [{each['unit'].replace('cm2', 'cm²')}]" if each["unit"] else "")
        measured = {"value": each["measured"], "stderr": each["measured_error"]}
        rows.append([label, plain(measured), plain(each["model"]), f"{each['sigmas']:+.1f}"])
        numbers.append(
            [each["target"], each["unit"], each["measured"], each["measured_error"]]
            + [each["model"]["value"], each["model"]["stderr"], each["sigmas"]]
        )
    yield Table(
        "Targets, simulated with fresh random numbers",
        ["target", "measured", "model", "off by [σ]"],
        rows,
        note=f"χ² = {content['objective_fresh']:.1f} where {content['degrees_of_freedom']:.1f} are expected.",
        name="targets",
        numbers=(["target", "unit", "measured", "measured_error", "model", "model_stderr", "sigmas"], numbers),
    )
    names = content["correlation"]["names"]
    rows = []
    for each in content["directions"]:
        width = each["stderr_ln"]
        error = _error(None if width is None or width > KNOWN else width)
        rows.append([error, *(f"{each['parts'][name]:+.2f}" for name in names)])
    yield Table(
        "What the targets determine, stiffest first",
        ["standard error", *names],
        rows,
        note="Each row is a combination of the logarithms of the rates, with the part of every class; its standard "
        "error is that of the combination.",
    )


def _error(of_ln):
    """A standard error of a rate, or of a combination of rates, from that of its logarithm, or None."""
    return "not identifiable" if of_ln is None else f"± {100 * of_ln:.1f} %"
