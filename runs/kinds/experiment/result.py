"""Files of experiments that tell mechanisms apart: result.json and experiment.png, each written whole or not at all.

Table and figure are made from the content of result.json alone.
"""

from coble.inputs.files.given_files import kept_files
from coble.kinds.experiment import KIND
from coble.kmc.growth.power_law_creep import pressure_MPa
from coble.kmc.growth.strength import standing
from coble.store.files import RESULT, save
from coble.store.provenance import provenance

FILES = (RESULT, "experiment.png", "case.toml")
STREAMS = (
    "numpy SeedSequence(seed, spawn_key=(replica, episode, crc32(condition, mechanism), purpose)); purpose 30 "
    "predicted, 31 seen; waits between slips (crc32, purpose), obstacles (33,)"
)


def as_dict(found, command=None):
    """The content of result.json.

    Parameters
    ----------
    found : Experiments
    command : list of str, optional
        Command line that made the result; default that of this process.
    """
    by_name = lambda values: {key: each and each.as_dict() for key, each in values.items()}  # noqa: E731
    judgement = found.judgement
    return {
        "kind": KIND.name,
        "schema": KIND.version,
        "interrupted": found.interrupted,
        "experiments": list(found.names),
        "truth": found.truth,
        "observables": [
            {
                "name": each.name,
                "label": each.label,
                "unit": each.unit,
                "range": [each.low, each.high],
                "resolution": each.resolution,
                "predicted": by_name({mechanism: value[each.name] for mechanism, value in found.predicted.items()}),
                "exact": {
                    mechanism: value[each.name].value if value[each.name] else None
                    for mechanism, value in found.exact.items()
                },
                "observed": by_name({"": found.observed.get(each.name)})[""],
            }
            for each in found.observables
        ],
        "probability": judgement.probability,
        **({"posterior": found.posterior.as_dict(), "next": found.next} if found.posterior else {}),
        "stands": _stands(found.case),
        **({"truth_values": found.truth_values} if found.truth_values else {}),
        "verdict": {"named": judgement.named, "sentence": judgement.sentence},
        "speeds_nm_s": {
            mechanism: {
                condition: {
                    "measured": measured.total.as_dict(),
                    "exact": exact.total.value,
                    "exact_low": exact.low,
                    "slip": measured.slip.value,
                    "events": events,
                }
                for condition, (measured, exact, events) in by_condition.items()
            }
            for mechanism, by_condition in found.speeds.items()
        },
        "seconds": round(found.seconds, 3),
        "provenance": provenance(found.case, found.settings, STREAMS, command, used=KIND.sections),
    }


def _stands(case):
    """Where the pressure of the overpotential stands beside measured strengths, in a sentence."""
    pressure = pressure_MPa(case.experiment.overpotential_V, case.metal_material.atomic_volume_A3)
    return standing(pressure, float(case.tubule.inner_width_nm))


def write(folder, found, case_text, command=None, left_out=None, pictures=True):
    """Write every file into `folder`, see `coble.store.files.save`; returns the content of result.json."""
    content = as_dict(found, command)
    drawn = {"experiment.png": lambda: _figure(content)} if pictures else {}
    return save(folder, content, kept_files(found.case, case_text), drawn, left_out, check=KIND.checked)


def _figure(content):
    from coble.kinds.experiment.figures import draw_experiment  # matplotlib takes half a second to import

    return draw_experiment(content)
