"""What a tuning says in words, made from the content of result.json alone."""

from coble.models.tubules.freezing import frozen
from coble.render.numbers import counted, listed, plain, typeset


def _tuned(content):
    """Sentences about a tuning, a contradiction first; those of result.json end with two spaces."""
    words = sorted(content["words"], key=lambda word: not word.startswith("The targets contradict"))
    said = [part.strip().rstrip(".") + "." for word in words for part in word.split(".  ")]
    return [typeset(part.replace("chi2", "χ²")) for part in said] or [
        "These are the rates that give what was measured."
    ]


def headline(content):
    """The rates that were found, or what is wrong with them."""
    first, known = _tuned(content)[0], set(content["rates"]) - set(content["unidentifiable"])
    if not (content["converged"] and known and first.startswith("Converged")):
        return first
    rates = [f"{name.replace('-', '–')} {typeset(plain(content['rates'][name]))} 1/s" for name in sorted(known)]
    return f"{first.rstrip('.')}: {listed(rates)}."


def sentences(content):
    """What else the targets say."""
    return _tuned(content)[1:]


def unreached(content):
    """That the batches were stopped."""
    done = counted(len(content["chi2_by_batch"]), "batch")
    yield f"convergence, after {done}; the batch with fresh random numbers"


def accelerated(content):
    """What was made faster than hop by hop."""
    ahead_nm = content["provenance"]["case"].get("growth", {}).get("ahead_nm")
    if ahead_nm:
        return frozen(ahead_nm)
    return "Nothing: every hop of every batch was simulated; derivatives come from the exact network."
