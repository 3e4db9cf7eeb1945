"""What growth says in words, made from the content of result.json alone."""

from coble.kinds.growth.tables import carried
from coble.render.names import LABELS, phrase
from coble.render.numbers import counted, duration, listed, plain, typeset, with_error

BESIDE = ("wall", "bulk")  # paths that are no part of the channel
SEEN, LEAST = 2.0, 0.05  # standard errors, and part of the current, from which on such a path is named


def headline(content):
    """What grew or shrank and along which path, in one sentence."""
    if not content["series"]["time_s"][-1]:
        return f"{moved(content)}."
    said, shares = moved(content), carried(content)
    best = max(shares, key=lambda path: shares[path].value, default=None)
    setup = content["provenance"]["case"]["growth"]
    if not _cycles(setup) and best and shares[best].value > 0.5 and shares[best].stderr < 0.2:
        said += f"; the {LABELS[best]} carried {with_error(shares[best].as_dict(), 100)} % of the net current"
    return f"{said}{', until it was interrupted' if content['interrupted'] else ''}."


def _cycles(setup):
    """Whether metal was plated and stripped alternately."""
    return bool(setup["cycles"] and not setup.get("step"))


def moved(content):
    """What grew or shrank, without a stop at its end."""
    series, setup = content["series"], content["provenance"]["case"]["growth"]
    species = content["provenance"]["case"]["metal"]["species"]
    if not series["time_s"][-1]:
        return "Interrupted before anything moved"
    time, gained = duration(series["time_s"][-1]), series["atoms"][-1] - series["atoms"][0]
    if _cycles(setup):
        verb = "lost" if gained < 0 else "gained"
        halves = f"{content['half_cycles']} half cycle{'s'[: content['half_cycles'] != 1]}"
        return f"{halves} in {time}; the tubule {verb} {abs(gained):,} atoms of {species}"
    front, void = series["front_nm"], series["void_nm"]
    if setup["overpotential_V"] < 0:
        return f"{species} was stripped: the void grew from {void[0]:.1f} to {void[-1]:.1f} nm in {time}"
    what = f"A film of {species}" if setup["side"] == "outside" else species
    return f"{what} grew from {front[0]:.1f} to {front[-1]:.1f} nm in {time}"


def sentences(content):
    """How it ended, and beside which law."""
    said = [] if content["interrupted"] else [f"Stopped: {content['reason']}."]
    b, law = content["fit"]["b_nm2_s"], content["law"]["b_nm2_s"]
    if b:
        ratio = {"value": b["value"] / law, "stderr": (b["stderr"] or 0.0) / law}
        said.append(
            f"B of L² = L₀² + 2Bt is {typeset(plain(b))} nm²/s, {with_error(ratio)} of what the channel's conductance "
            f"gives.{_beside(carried(content))}"
        )
    if content["incubation_s"]:
        said.append(f"Metal nucleated after {typeset(format(content['incubation_s'], '.3g'))} s.")
    if content["provenance"]["case"]["wall"][0].get("ocv_V"):
        theta = content["series"]["wall_lithiation"]
        most = f"at most it was {max(theta):.2f}"
        said.append(f"The lithiation of the wall went from {theta[0]:.2f} to {theta[-1]:.2f}; {most}.")
    if any(content["series"]["atoms_outside"]):
        said.append(f"{content['series']['atoms_outside'][-1]:,} atoms are outside of the tubule.")
    if limiting := content.get("limiting_current_pA"):
        given = content["law"]["limiting_pA_nm"]
        said.append(
            f"The root took {abs(limiting):.3g} pA and no more.  By the channel's conductance it takes {given:.3g} pA "
            "nm over the length of the way of the atoms."
        )
    if content["slips"]:
        said.append(f"The plug slipped {content['slips']:,} times.")
    return said


def _beside(shares):
    """That paths besides the channel carried part of B, a sentence; empty where none is known to."""
    beside = [path for path, share in shares.items() if path in BESIDE and share.value > SEEN * share.stderr]
    beside = [path for path in beside if shares[path].value > LEAST]
    if not beside:
        return ""
    others = listed([phrase(path) for path in beside])
    verb = "carries" if len(beside) == 1 else "carry"
    return f" That law is of the channel alone; {others} {verb} current beside it."


def unreached(content):
    """The rule that would have stopped the run, beside what was reached."""
    setup, series = content["provenance"]["case"]["growth"], content["series"]
    front, void = series["front_nm"][-1], series["void_nm"][-1]
    if setup["time_s"]:
        yield f"time_s = {setup['time_s']:g} s, after {series['time_s'][-1]:.3g} s"
    if setup.get("step"):
        yield f"the end of a program of {counted(len(setup['step']), 'step')}"
    elif setup["cycles"]:
        yield f"{2 * setup['cycles']} half cycles, after {content['half_cycles']}"
    elif setup["until_outside_atoms"]:
        yield f"until_outside_atoms = {setup['until_outside_atoms']}, after {series['atoms_outside'][-1]}"
    elif setup["overpotential_V"] > 0:
        yield f"until_front_nm = {setup['until_front_nm']:g} nm, the tip is at {front:.1f} nm"
    elif setup["overpotential_V"] < 0:
        yield f"until_left_nm = {setup['until_left_nm']:g} nm, {front - void:.1f} nm of metal are left"


def accelerated(content):
    """What was made faster than hop by hop."""
    return content["accelerated"] or "Nothing: every hop was simulated."


def again(content):
    """Words of the command."""
    called = content["provenance"]["command"]
    verb = next((word for word in ("plate", "strip", "cycle") if word in called[1:3]), "plate")
    return [verb, "case.toml"]
