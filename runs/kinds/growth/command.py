"""The commands plate, strip and cycle."""

import sys
from functools import partial
from os.path import exists

from coble.console.carry_out import carry_out, held, held_folder, keep_case, keep_rates
from coble.console.common import (
    BAD_CASE,
    CASE,
    OUT,
    RATES,
    RATES_FILE,
    RESUME,
    SEED,
    USAGE,
    case_in,
    fail,
    failing,
    path_of,
    refuse,
    refuse_running,
    settings_of,
    stop_flag,
)
from coble.kinds.growth import KIND


def plate(case: CASE = None, out: OUT = None, seed: SEED = None, rates: RATES = None, resume: RESUME = None):
    """Grow metal into a tubule from an electrolyte at its root, atom by atom.

    Writes the position of the tip, the current of every path and frames of all atoms against time. Ctrl-C stops and
    keeps a checkpoint, from which coble resume continues bit for bit; one is also written every minute. To extend a
    run, change in its folder's case.toml when it stops (until_front_nm, time_s, ...), and resume it.

    Examples:

      coble plate                               W = 5 nm, 20 nm of growth at 0.1 V (a minute)

      coble init plate -o mine.toml             a commented case file to start from

      coble plate mine.toml --out mine --seed 7

      coble plate --resume mine                 the same as coble resume mine
    """
    _grow("plate", case, out, seed, rates, resume)


def strip(case: CASE = None, out: OUT = None, seed: SEED = None, rates: RATES = None, resume: RESUME = None):
    """Strip metal out of a tubule; `coble strip void` starts with a void between metal and electrolyte.

    Like `coble plate`. Without a case: 10 nm of metal at -0.1 V.

    Examples:

      coble strip                               W = 5 nm, 10 nm of metal (ten seconds)

      coble strip void                          with a void in front of the metal

      coble strip --resume mine
    """
    _grow("strip", case, out, seed, rates, resume)


def cycle(case: CASE = None, out: OUT = None, seed: SEED = None, rates: RATES = None, resume: RESUME = None):
    """Plate and strip alternately; without a case, 100 cycles in a short tubule.

    Like `coble plate`. Atoms are conserved exactly: the tubule gains what the electrolyte gave less what it took.

    Examples:

      coble cycle                               W = 3 nm, 100 cycles (two minutes)

      coble cycle mine.toml --out mine          a case with cycles > 0 in [growth]; coble init cycle writes one
    """
    _grow("cycle", case, out, seed, rates, resume)


def _grow(name, case, out, seed, rates, resume):
    """What `plate`, `strip` and `cycle` have in common; `name` is the case that is run when none is given."""
    stop = stop_flag()

    from coble.kinds.growth.asked import refusals

    if resume is not None:
        if not (case is out is seed is rates is None):
            fail("--resume goes on with a folder as it is: give no case, --out, --seed or --rates", USAGE)
        rates = resume / RATES_FILE if exists(resume / RATES_FILE) else None
        refuse_running("folder", resume)
        case = case_in(resume)
    else:
        case = path_of(case, name)
    settings = settings_of(case, rates)
    refuse(case, refusals(settings, name))

    from coble.kinds.growth.going_on import done, restored
    from coble.kinds.growth.result import FILES, write
    from coble.kinds.growth.setup import prepare
    from coble.kinds.growth.state.checkpoints import Keeper

    say = partial(print, file=sys.stderr)
    from coble.console.progress import GrowthDisplay

    text = case.read_text(encoding="utf-8")
    holding = held("folder", resume) if resume else held_folder(out, case.stem, (*FILES, RATES_FILE))
    with holding as folder:
        with failing(case):
            run = restored(settings, resume, say) if resume else prepare(settings, seed)
        if resume and (why := done(run, folder)):
            fail(f"{resume}: {why}", BAD_CASE)

        def beside():
            keep_case(folder, settings, text)
            keep_rates(folder, rates)

        keep = Keeper(folder, say, beside)

        def written(place, run, left_out):
            return write(place, run, text, left_out=left_out, keep=keep if place == folder else None)

        def work(display):
            run.run(stop.is_set, display.show, keep)
            return run

        carry_out(
            KIND,
            case,
            folder,
            work,
            written,
            display=GrowthDisplay,
            rates=rates,
            kept=f"to go on: coble resume {folder}",
            dropped="only the last checkpoint is kept.",
        )


COMMANDS = (
    plate,
    strip,
    cycle,
)
