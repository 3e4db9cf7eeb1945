"""Files of experiments that tell mechanisms apart: result.json and experiment.png, each written whole or not at all.

Table and figure are made from the content of result.json alone.
"""

import json
from math import isfinite
from pathlib import Path

from runs.case import EXPERIMENT
from runs.provenance import provenance
from runs.results import whole

SCHEMA = 1
FILES = ("result.json", "experiment.png", "case.toml")
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
        "kind": "experiment",
        "schema": SCHEMA,
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
        "verdict": {"named": judgement.named, "sentence": judgement.sentence},
        "speeds_nm_s": {
            mechanism: {
                condition: {
                    "measured": measured.total.as_dict(),
                    "exact": exact.total.value,
                    "slip": measured.slip.value,
                    "events": events,
                }
                for condition, (measured, exact, events) in by_condition.items()
            }
            for mechanism, by_condition in found.speeds.items()
        },
        "seconds": round(found.seconds, 3),
        "provenance": provenance(found.case, found.settings, STREAMS, command, used=EXPERIMENT),
    }


def write(folder, found, case_text, command=None):
    """Write every file into `folder`; returns the content of result.json."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    content = as_dict(found, command)
    whole(folder / "case.toml", lambda path: path.write_text(case_text, encoding="utf-8"))
    whole(folder / "result.json", lambda path: path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8"))
    whole(folder / "experiment.png", lambda path: draw(content).savefig(path, dpi=150, format="png"))
    return content


COLOURS = {
    "interface": "#0072B2",
    "wall": "#D55E00",
    "bulk": "#009E73",
    "surface": "#CC79A7",
    "slip": "#E69F00",
    "none of these": "0.6",
}


def draw(content):
    """What every mechanism predicts, beside what was seen; and the probability of each.

    Parameters
    ----------
    content : dict
        Of result.json.

    Returns
    -------
    matplotlib.figure.Figure
    """
    from matplotlib.figure import Figure  # half a second to import

    observables = content["observables"]
    figure = Figure(figsize=(2.2 + 2.4 * (len(observables) + 1), 3.6), layout="constrained")
    axes = figure.subplots(1, len(observables) + 1, sharey=True)
    rows = {mechanism: -row for row, mechanism in enumerate(content["probability"])}
    for ax, observable in zip(axes, observables, strict=False):
        _panel(ax, observable, rows)
    for mechanism, probability in content["probability"].items():
        axes[-1].barh(rows[mechanism], probability, 0.6, color=COLOURS[mechanism])
        axes[-1].text(probability + 0.02, rows[mechanism], _percent(probability), va="center", fontsize=9)
    axes[-1].set_xlim(0, 1.3)
    axes[-1].set_xticks([0, 0.5, 1])
    axes[-1].axvline(0.95, color="0.4", linewidth=0.8, linestyle="--")
    axes[-1].set_xlabel("probability")
    axes[0].set_yticks(list(rows.values()), list(rows), fontsize=10)
    for ax in axes:
        ax.spines[["top", "right"]].set_visible(False)
    behind = {"case": "of the whole case", "none": "with nothing that moves"}
    truth = content["truth"]
    seen = "given" if truth is None else f"simulated: {behind.get(truth, f'of {truth} alone')}"
    figure.suptitle(f"{', '.join(content['experiments'])}; observation {seen}", fontsize=11)
    figure.supxlabel(
        "points: measured, 95 % interval;  open squares: exact;  band: observed, 95 % interval", fontsize=9, color="0.3"
    )
    return figure


def _panel(ax, observable, rows):
    for mechanism, value in observable["predicted"].items():
        if value is None:
            ax.text(0.5, rows[mechanism], "not defined", transform=ax.get_yaxis_transform(), fontsize=8, **_CENTRED)
            continue
        colour = COLOURS[mechanism]
        spread = 1.96 * value["stderr"]
        ax.errorbar(value["value"], rows[mechanism], xerr=spread, color=colour, marker="o", markersize=5, capsize=3)
        exact = observable["exact"][mechanism]
        if exact is not None:
            ax.plot(exact, rows[mechanism], marker="s", markersize=10, markerfacecolor="none", color=colour)
    seen = observable["observed"]
    if seen:
        wide = 1.96 * (seen["stderr"] ** 2 + observable["resolution"] ** 2) ** 0.5
        ax.axvspan(seen["value"] - wide, seen["value"] + wide, color="0.85", zorder=0)
        ax.axvline(seen["value"], color="0.4", linewidth=1.0, zorder=0)
    ax.set_xlabel(observable["label"] + (f" [{observable['unit']}]" if observable["unit"] else ""))
    ax.margins(x=0.12)


_CENTRED = {"ha": "center", "va": "center", "color": "0.5"}


def _percent(probability):
    return f"{100 * probability:.0f} %" if isfinite(probability) and probability >= 0.005 else "0"
