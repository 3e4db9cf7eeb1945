"""Files of a tuning: rates.toml, result.json and tune.png; and what the targets say, in words.

Figure and table are made from the content of result.json alone.
"""

from math import exp, isfinite

import numpy as np

from coble.inputs.rate_table import BETWEEN, written
from coble.kinds.tune import KIND
from coble.kinds.tune.correlation import errors_of_hop, with_correlation
from coble.kinds.tune.targets import said_of_repeats
from coble.kmc.constants import BOLTZMANN_EV_K
from coble.kmc.estimates.estimate import Estimate
from coble.kmc.estimates.fit import KNOWN
from coble.models.rates import rates_of
from coble.store.files import RESULT, save
from coble.store.provenance import provenance

NOT_IDENTIFIABLE = "not identifiable"
SMALL = 0.1  # part of a unit vector that is left out of a combination
SLOPPY = 0.3  # standard error, in ln of rates, from which on a combination is told as badly known
FILES = ("rates.toml", RESULT, "tune.png", "targets.toml")
STREAMS = (
    "numpy SeedSequence(seed, spawn_key=(replica, episode, group of targets, batch, 40)); batch 9 is the fresh one"
)


def as_dict(found, command=None):
    """The content of result.json.

    Parameters
    ----------
    found : Tuning
    command : list of str, optional
        Command line that made the result; default that of this process.
    """
    result, start, end = found.fit, rates_of(found.start), rates_of(found.case)
    kT = BOLTZMANN_EV_K * found.start.conditions.temperature_K
    rates, barriers, moved = {}, {}, dict(zip(found.free, map(float, result.parameter), strict=True))
    for name, error in zip(found.free, result.error, strict=True):
        base = name.removesuffix(" barrier")
        if name != base:
            energy = end.hop[base].activation_energy_eV
            barriers[base] = Estimate(energy, error * kT, len(found.targets), "fit").as_dict()
            continue
        rate = end.hop[name].rate_1_s
        rates[name] = Estimate(rate, rate * error, len(found.targets), "fit").as_dict() | {
            "start": start.hop[name].rate_1_s,
            "ln_rate_stderr": float(error) if isfinite(error) else None,
        }
    residuals = []
    for target, value, error, sigmas in zip(
        found.targets, result.fresh.value, result.fresh.error, _sigmas(found.targets, result.fresh), strict=True
    ):
        model = exp(value) if target.logarithm else value
        residuals.append(
            {
                "target": target.label,
                "unit": target.unit,
                "measured": target.value,
                "measured_error": target.error,
                "model": Estimate(
                    float(model), float(error * (model if target.logarithm else 1)), 2, "fresh run"
                ).as_dict(),
                "sigmas": float(sigmas),
            }
        )
    return {
        "kind": KIND.name,
        "schema": KIND.version,
        "interrupted": found.interrupted,
        "converged": result.converged,
        "rates": rates,
        "barriers_eV": barriers,
        "residuals": residuals,
        "unidentifiable": [name for name, unknown in zip(found.free, result.unknown, strict=True) if unknown],
        "haven_ratio": {region: each.as_dict() for region, each in found.haven_ratio.items()},
        "correlation": {"names": list(found.free), "matrix": result.correlation.tolist()},
        "directions": [
            {
                "stderr_ln": float(width) if isfinite(width) else None,
                "parts": dict(zip(found.free, map(float, direction), strict=True)),
            }
            for width, direction in zip(result.width, result.direction, strict=True)
        ],
        "combinations": [
            {
                "text": combination_text(names, powers),
                "stderr_ln": error,
                "factor": exp(sum(power * moved[name] for name, power in zip(names, powers, strict=True))),
                "powers": dict(zip(names, powers, strict=True)),
            }
            for names, powers, error in combinations(found)
        ],
        "batches": len(result.batches) + 1,
        "chi2_by_batch": list(result.objectives),
        "objective_fresh": result.objective_fresh,
        "degrees_of_freedom": float(result.degrees_of_freedom),
        "p_value": result.p_value,
        "words": words(found),
        "seconds": round(found.seconds, 3),
        "provenance": provenance(found.start, found.settings, STREAMS, command)
        | {"targets": [target.model_dump(exclude_defaults=True) for target in found.targets]},
    }


def _sigmas(targets, batch):
    """Model less measured, in standard errors of both, float array (n_target,)."""
    data, spread = np.array([target.fitted for target in targets]).T
    return (batch.value - data) / np.hypot(spread, batch.error)


def combinations(found):
    """What the targets determine of rates that they do not determine one by one.

    Returns
    -------
    list of (names, powers, float)
        Free parameters, their powers, the largest first, and the standard error of ln of the product.  Powers are ±1
        where two have the same weight, so that a ratio is one; else they make a unit vector.
    """
    listed = []
    for vector, error in found.fit.combinations:
        order = [index for index in range(len(vector)) if abs(vector[index]) > SMALL]
        order.sort(key=lambda index: round(-abs(vector[index]), 1))  # equal weights stay in the order of the file
        powers = vector[order] * np.sign(vector[order[0]])
        if len(order) == 2 and abs(abs(powers[0]) - abs(powers[1])) < SMALL:
            error, powers = error / float(np.abs(powers).mean()), np.sign(powers)
        listed.append((tuple(found.free[index] for index in order), tuple(map(float, powers)), float(error)))
    return listed


def combination_text(names, powers):
    """Free parameters with their powers: "ratio k_interface / k_wall", "combination k_interface^0.94 · k_wall^0.35"."""
    symbols = [_symbol(name) for name in names]
    if powers == (1.0, -1.0):
        return f"ratio {symbols[0]} / {symbols[1]}"
    if powers == (1.0, 1.0):
        return f"product {symbols[0]} · {symbols[1]}"
    return "combination " + " · ".join(f"{s}^{power:.2f}" for s, power in zip(symbols, powers, strict=True))


def _symbol(name):
    """k_wall, or exp(E_wall/kT) for a barrier."""
    base = name.removesuffix(" barrier")
    return f"k_{base}" if base == name else f"exp(E_{base}/kT)"


def words(found):
    """What the targets say, and what they cannot say: list of sentences."""
    result, said = found.fit, []
    determined = combinations(found)
    together = {name for names, _, _ in determined for name in names}
    lost = [name for name, unknown in zip(found.free, result.unknown, strict=True) if unknown]
    for names, powers, error in determined:
        said.append(f"Only the {combination_text(names, powers)} is determined, to {_percent(error)}.")
    if alone := [name for name in lost if name in together]:
        said.append(
            f"Not identifiable by themselves: {', '.join(alone)}.  All other combinations of them stay where they "
            "started.  Fix one, tie them, or measure something that tells them apart."
        )
    for name in lost:
        if name in together:
            continue
        stays = "it stays where it started"
        if name in BETWEEN:
            stays = "its factor on the harmonic mean of the two regions stays what it was, its rate moves with them"
        said.append(
            f"The targets say nothing about '{name}': {stays}, and any value near there would do as well.  Fix it, "
            "tie it, or measure something that depends on it."
        )
    if found.interrupted:
        said.insert(0, "Interrupted: these are the rates of the last complete batch.")
    elif result.converged:
        said.insert(0, f"Converged after {len(result.batches)} batches.")
    elif lost:
        said.append(
            f"Not converged: {len(lost)} of {len(found.free)} free rates {'is' if len(lost) == 1 else 'are'} not "
            "identifiable."
        )
    else:
        said.append(f"Not converged after {len(result.batches)} batches: the last steps are larger than their errors.")
    said += said_of_repeats(found.targets)
    if result.contradictory:
        sigmas = _sigmas(found.targets, result.fresh)
        worst = int(np.argmax(np.abs(sigmas)))
        said.append(
            f"The targets contradict each other, or the model: chi2 = {result.objective_fresh:.0f} where "
            f"{result.degrees_of_freedom:.1f} are expected (probability {result.p_value:.0e}).  Farthest off is "
            f"'{found.targets[worst].label}', by {sigmas[worst]:+.1f} sigma.  Errors of the rates mean nothing then."
        )
    for width, direction in zip(result.width, result.direction, strict=True):
        main = [index for index in np.argsort(-np.abs(direction), kind="stable") if abs(direction[index]) > 0.4]
        if SLOPPY < width < KNOWN and len(main) > 1 and not result.unknown[main].any():
            powers = tuple(map(float, direction[main] * np.sign(direction[main[0]])))
            what = combination_text([found.free[index] for index in main], powers)
            said.append(f"The least known is the {what}: to a factor of {exp(width):.1f}.")
    return said


def _percent(error):
    """A standard error of a logarithm, in words."""
    if error > SLOPPY:
        return f"a factor of {exp(error):.1f}"
    return f"{100 * error:.{0 if error > 0.02 else 1}f} %"


def write(folder, found, targets_text, command=None, left_out=None, pictures=True):
    """Write every file into `folder`, see `coble.store.files.save`; returns the content of result.json."""
    content = as_dict(found, command)
    head = ["Rates found by `coble tune`; their errors are in result.json.", *content["words"]]
    text = written(with_correlation(_sourced(rates_of(found.case), found), found), head)
    files = {"rates.toml": text, "targets.toml": targets_text}
    drawn = {"tune.png": lambda: _figure(content)} if pictures else {}
    return save(folder, content, files, drawn, left_out, check=KIND.checked)


def _figure(content):
    from coble.kinds.tune.figures import draw_tuning  # matplotlib takes half a second to import

    return draw_tuning(content)


def _sourced(rates, found):
    """The rates, those that were found with their errors and source."""
    together = {name for names, _, _ in combinations(found) for name in names}
    hops = {}
    for name, hop in rates.hop.items():
        keys, own = errors_of_hop(name, found), {name, f"{name} barrier"} & set(found.free)
        if not own:
            source = "as at the start"
        elif len(keys) == 1 + len(own):
            source = "coble tune"
        else:
            lost = f"{NOT_IDENTIFIABLE}: " + ("only in combination" if own & together else "as at the start")
            source = lost if len(keys) == 1 else f"coble tune; in part {lost}"
        hops[name] = hop.model_copy(update=keys | {"source": source})
    return rates.model_copy(update={"hop": hops})
