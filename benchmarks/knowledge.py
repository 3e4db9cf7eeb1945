"""Are probabilities over what is not known reliable, and are shares over the prior those of simulations?

    python benchmarks/knowledge.py calibration   1,000 truths from the prior × experiments, twice, three minutes
    python benchmarks/knowledge.py simulated     KMC at 50 points of the prior, ten minutes
    python benchmarks/knowledge.py network       the exact network of the paper's tubule at corners of the prior
    python benchmarks/knowledge.py observations  the table of docs/observations.md

Each writes its numbers to benchmarks/results/knowledge.json.
"""

import json
import sys
from math import sqrt
from pathlib import Path
from time import perf_counter, process_time

import numpy as np
from scipy.stats import chi2

import coble.kmc.estimates.measure
from coble import Case
from coble.inputs.case import load_case, shipped
from coble.kinds.discriminate.knowledge.shares import knowledge_of
from coble.kinds.discriminate.knowledge.simulated import checked
from coble.kinds.experiment.hypotheses.drawn import drawn
from coble.kinds.experiment.hypotheses.forecasts import forecast
from coble.kinds.experiment.hypotheses.judging import posterior
from coble.kinds.experiment.known import given_observations
from coble.kinds.experiment.run import EXPERIMENTS, plan
from coble.kmc.estimates.estimate import Estimate
from coble.kmc.estimates.mechanisms import NONE, rank_mechanisms
from coble.kmc.knowledge.evidence import effective
from coble.kmc.network.exact import solve
from coble.kmc.rates.materials import INTERFACE_PRIORS
from coble.models.host import TubuleHost
from coble.models.tubules.experiment_tubule import CASE, MECHANISMS
from coble.models.tubules.knowledge import of_shares
from coble.models.tubules.tubule import exchange

RESULTS = Path(__file__).parent / "results" / "knowledge.json"
TRUTHS, BINS = 1000, 10
SETS = (("void",), ("width",), ("wall-swap",), ("temperature",), ("void", "wall-swap"), tuple(EXPERIMENTS))
NOISE = {"marker": 0.02, "log10_speed": 0.1, "void_ratio": 0.1, "obstacle_ratio": 0.1, "wall_ratio": 0.1}
NOISE |= {"width_exponent": 0.2, "activation_energy_eV": 0.03}
WIDTH = {"inner_width_nm": 10.0, "wall_thickness_nm": 6.6, "segment_nm": 4.0}
WALLS = [{"name": "Li9Al4", "activation_energy_eV": 0.4}, {"name": "Li22Si5", "activation_energy_eV": 0.4}]


def calibration():
    """Forecasts of the path that dominates against truths: of every hypothesis as often, and all paths in parallel."""
    return _calibrated((CASE, *MECHANISMS, NONE), "dominant") | {"case": _calibrated((CASE,), "dominant_if_case")}


def _calibrated(hypotheses, forecast_by):
    """Truths drawn from the prior of hypotheses in turn; beside, a judge with exact numbers."""
    case, rng = Case(tubule=WIDTH, wall=WALLS), np.random.default_rng(19)
    paths, stated, judged, truth = [*MECHANISMS, "none"], [], [], []
    for number in range(TRUTHS):
        names = SETS[number % len(SETS)]
        behind = hypotheses[number // len(SETS) % len(hypotheses)]
        forecasts, exact, observables = _forecasts(case, names)
        real, observed = drawn(forecasts, 1, number), {}
        for each in observables:
            value = rng.uniform(each.low, each.high) if behind == NONE else real.observed_by[behind][each.name][0]
            noise = NOISE[each.name]
            if np.isfinite(value):
                value += sqrt(noise**2 + each.resolution**2) * rng.standard_normal()
                observed[each.name] = Estimate(float(value), noise, 9, "drawn")
        found = getattr(posterior(forecasts, observables, observed), forecast_by)
        before = rank_mechanisms(observables, exact, observed).probability
        stated.append([found.get(path, 0.0) for path in paths])
        judged.append([before[NONE if path == "none" else path] for path in paths])
        leads = [*forecasts.shares, NONE][real.dominant[0]] if behind == CASE else behind  # -1, none, is the last
        truth.append([path == leads for path in (*MECHANISMS, NONE)])
    stated, judged, truth = (np.array(each, dtype=float) for each in (stated, judged, truth))
    bins = []
    for low in np.linspace(0, 1, BINS + 1)[:-1]:
        inside = (stated >= low) & (stated < low + 1 / BINS + (low > 0.89))
        p, right = stated[inside], truth[inside]
        error = sqrt(np.sum(p * (1 - p))) / max(len(p), 1)
        bins.append(
            {"from": float(low), "number": len(p), "forecast": float(p.mean()), "frequency": float(right.mean())}
        )
        bins[-1] |= {"stderr": error, "z": float((right.mean() - p.mean()) / error) if error else 0.0}
    brier = {"unknown numbers": stated, "exact numbers": judged}
    return {
        "truths": TRUTHS,
        "bins": bins,
        "within_2": sum(abs(each["z"]) < 2 for each in bins),
        "brier": {name: float(np.mean(np.sum((each - truth) ** 2, axis=1))) for name, each in brier.items()},
        "confidently_wrong": {
            name: float(np.mean((each.max(axis=1) > 0.95) & (each.argmax(axis=1) != truth.argmax(axis=1))))
            for name, each in brier.items()
        },
    }


_known = {}


def _forecasts(case, names):
    """Forecast, predictions with exact numbers as a judge of today takes them, and observables; made once each."""
    if names not in _known:
        made = {name: EXPERIMENTS[name](case) for name in names}
        found, exact = forecast(case, made), forecast(case, made, known=True).observed_by
        point = {
            mechanism: {
                key: Estimate(float(np.ravel(each)[0]), 0.0, np.inf, "exact")
                if np.isfinite(np.ravel(each)[0])
                else None
                for key, each in exact[mechanism].items()
            }
            for mechanism in MECHANISMS
        }
        _known[names] = found, point, plan(case, names)[1]
    return _known[names]


def simulated(points=64, least=50):
    """KMC at points of the prior: root mean square of z of the leading share."""
    coble.kmc.estimates.measure.BLOCK_EVENTS, coble.kmc.estimates.measure.BURN_IN_EVENTS = 50_000, 100_000
    tubule = {"inner_width_nm": 8.0, "wall_thickness_nm": 2.0}
    found = []
    for name in ("LiC6", "Li9Al4"):
        host = TubuleHost(Case(tubule=tubule, wall=[{"name": name}]), 0)
        settings = {"seed": 4, "replicas": 2, "target_error": 0.01, "max_events": 2.5e7}
        result = checked(knowledge_of(host, host.solve()), host, settings, points=points // 2, workers=2)
        found.append({"wall": name} | result | {"p_value": _chance(result)})
    total = sum(each["points"] for each in found)
    rms = sqrt(sum(each["points"] * each["rms_z"] ** 2 for each in found) / total)
    together = {"points": total, "rms_z": rms}
    return {"walls": found, **together, "p_value": _chance(together), "enough": total >= least}


def _chance(found):
    """Probability of a sum of squares farther from the number of points than this, either way, by chance."""
    below = float(chi2.cdf(found["points"] * found["rms_z"] ** 2, found["points"]))
    return 2 * min(below, 1 - below)


def network():
    """The paper's tubule: CPU seconds of knowledge, and shares beside the exact network at a corner of the prior."""
    found = []
    for index, section in enumerate(Case().wall):
        host = TubuleHost(Case(), index)
        solution = host.solve()
        started = process_time()
        known = knowledge_of(host, solution)
        seconds, unknowns = process_time() - started, of_shares(known.currents.unknowns)
        values = unknowns.at(np.array([[0.5, 0.05, 0.95]]))  # slow interface, fast wall: farthest from the stated
        nominal, moved = unknowns.conductances({}), unknowns.conductances(values)
        bonds = {
            kind: g * float(moved[region.name][0] / nominal[region.name])
            for (kind, g), region in zip(host.bonds.items(), host.regions.values(), strict=True)
        }
        exact = solve(host.graph, bonds, exchange(host.case)).shares
        stated = {path: float(share[0]) for path, share in known.currents.shares(values).items()}
        off = max(abs(exact[kind] - stated[region.name]) for kind, region in host.regions.items())
        found.append({"wall": section.name, "seconds": round(seconds, 3), "off_at_corner": off, "bound": known.error})
        found[-1] |= {"probability": known.probability, "sentence": known.sentence}
        print(found[-1], flush=True)
    return found


def observations():
    """What the published observations say together, wall by wall: which path moves more than half."""
    case, found = load_case(shipped("observations")), []
    for wall, other in (("LiC6", "Li22Si5"), ("Li9Al4", "Li22Si5"), ("Li22Si5", "LiC6")):
        for thickness in (10.0, 20.0, 40.0, 60.0):
            for prior in INTERFACE_PRIORS:
                tubule = case.tubule.model_copy(update={"wall_thickness_nm": thickness})
                walls = [{"name": wall}, {"name": other}]
                here = Case(tubule=tubule, wall=walls, experiment=case.experiment, interface={"prior": prior})
                names = case.experiment.which
                forecasts = forecast(here, {name: EXPERIMENTS[name](here) for name in names}, n_sample=2**15)
                after = posterior(forecasts, plan(here, names)[1], given_observations(here))
                found.append({"wall": wall, "w_nm": thickness, "prior": prior, "samples": effective(after.weight)})
                found[-1] |= {"dominant": after.dominant, "mechanism": after.mechanism}
                found[-1] |= {"if_case_before": forecasts.dominance(), "if_case": after.dominant_if_case}
                print(_row(found[-1]))
    return found


def _row(found):
    """Line of the table: of the mixture, then of what it is made of."""
    before, after = found["if_case_before"], found["if_case"]
    cells = [_p(found["dominant"][path]) for path in ("interface", "wall", "surface", "none")]
    cells += [
        _p(found["mechanism"][CASE]),
        *(f"{_p(before[path])} → {_p(after[path])}" for path in ("interface", "wall")),
    ]
    return f"| {found['wall']} | {found['w_nm']:g} | {found['prior']} | {' | '.join(cells)} |"


def _p(probability):
    return "> 0.99" if probability >= 0.995 else f"{probability:.2f}"


def reliable(kept):
    """Whether every bin is within 2 standard errors, and simulations scatter as their errors say: bool."""
    known, simulations = kept["calibration"], kept["simulated"]
    within = all(each["within_2"] == len(each["bins"]) for each in (known, known["case"]))
    return within and all(0.8 <= w["rms_z"] <= 1.2 for w in simulations["walls"])


def table(kept):
    """Lines of the tables of docs/validation.md."""
    found, lines = kept["calibration"], []
    sets = {"of every hypothesis": found, "all paths in parallel": found["case"]}
    for truths, known in sets.items():
        lines += [f"| truths: {truths}, forecast of a path | forecasts | mean forecast | came true | z |"]
        lines.append("|---|---|---|---|---|")
        for each in known["bins"]:
            low, z = each["from"], f"{each['z']:+.1f}".replace("-", "−")
            right = f"{each['frequency']:.3f} ± {each['stderr']:.3f}"
            lines.append(
                f"| {low:.1f} to {low + 0.1:.1f} | {each['number']} | {each['forecast']:.3f} | {right} | {z} |"
            )
        lines.append("")
    lines.append("| truths | judged with | Brier score | more than 0.95 given to a wrong path |")
    lines.append("|---|---|---|---|")
    for truths, known in sets.items():
        for name, score in known["brier"].items():
            lines.append(f"| {truths} | {name} | {score:.3f} | {100 * known['confidently_wrong'][name]:.1f} % |")
    lines += ["", "| KMC at points of the prior | points | rms z | chance of one so far from 1 |", "|---|---|---|---|"]
    for each in (*kept["simulated"]["walls"], kept["simulated"] | {"wall": "together"}):
        lines.append(f"| {each['wall']} | {each['points']} | {each['rms_z']:.2f} | {each['p_value']:.2f} |")
    return lines


def kept():
    """What was measured until now, dict by what."""
    return json.loads(RESULTS.read_text()) if RESULTS.is_file() else {}


def keep(what):
    """Measure, and keep the numbers."""
    found = globals()[what]()
    RESULTS.write_text(json.dumps(kept() | {what: found}, indent=1) + "\n")
    return found


if __name__ == "__main__":
    started = perf_counter()
    print(json.dumps(keep(sys.argv[1]), indent=1), f"{perf_counter() - started:.0f} s")
