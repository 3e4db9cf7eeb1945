"""The commands plot and movie."""

import re
from pathlib import Path
from typing import Annotated

import typer

from coble.console.common import BAD_CASE, INTERRUPTED, USAGE, fail, output_folder, remove
from coble.console.outputs import named_after, refuse_existing
from coble.render.meant import meant
from coble.render.printable import say

FORMATS = ("png", "svg")


def plot(
    result: Annotated[Path, typer.Argument(help="Folder that a command has written.")],
    what: Annotated[
        list[str] | None,
        typer.Option(
            help="Which figure; may be given several times; default all. Of discriminate: shares, knowledge, maps, "
            "side, routes, convergence, diffusivities, tracers, waits, image; of plate, strip and cycle: growth, "
            "voltage, side, profile, convergence. Other commands have one figure."
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Folder for the figures; default RESULT-plots here.")
    ] = None,
    format: Annotated[str, typer.Option(help="png or svg.")] = "png",
):
    """Figures of a result, made from its files. Nothing is run again.

    shares: part of each path, measured, exact, by formula. knowledge: shares over the ranges of unknown numbers.
    maps: occupancy, hops and current over the cross-section. side: atoms, cut along the axis. routes: exact current
    between regions. convergence: estimates against the number of blocks. diffusivities, tracers: of every region
    alone. waits: waiting times between events. image: current along a stack of images. growth: tip, void and currents
    against time. voltage: potential against charge. profile: occupancy, off the axis and along it.

    Examples:

      coble plot mine                           all figures, into mine-plots/

      coble plot mine --what maps --what side --format svg --out figures
    """
    if format not in FORMATS:
        fail(f"--format {format}: must be {' or '.join(FORMATS)}", USAGE)
    from coble.kinds.registry import read
    from coble.reports.plots import figures_of, names_of
    from coble.store.contents import FAULTS

    try:
        known = names_of(read(result))
    except ValueError as error:
        fail(error, BAD_CASE)
    for name in what or ():
        if name not in known:
            fail(f"--what {name}: {meant(name, known)}", USAGE)
    names = list(dict.fromkeys(what or known))
    out = out or named_after(result, "-plots")
    there = [path.name for name in names for path in sorted(out.glob(f"{name}*.{format}"))]
    if there:
        fail(f"--out {out}: already holds {', '.join(there)}; name another folder (nothing was changed)", BAD_CASE)
    _, made = output_folder(out, "", ())

    from coble.store.files import write_figure

    written, skipped = [], []
    try:
        for name, figure in figures_of(result, what and names, skipped):
            path = out / (re.sub(r"[^\w.+-]", "_", name) + f".{format}")  # walls may have any name
            write_figure(path, figure)
            written.append(path.name)
    except ValueError as error:
        remove(made)
        fail(error, BAD_CASE)
    except OSError as error:
        fail(f"--out {out}: cannot be written ({error.strerror or error})", BAD_CASE)
    except FAULTS as error:  # some are drawn only when they are written
        remove(made)
        fail(f"{result}: is damaged, it cannot be drawn ({error!r})", BAD_CASE)
    except KeyboardInterrupt:
        remove(made)
        fail("Interrupted.", INTERRUPTED)
    for sentence in skipped:
        say(f"Left out: {sentence}", error=True)
    if not written:
        remove(made)
        raise typer.Exit(BAD_CASE)
    say(f"Written to {out}/: {', '.join(written)}")


def movie(
    result: Annotated[Path, typer.Argument(help="Folder that plate, strip or cycle has written.")],
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="File to write, .gif, or .mp4 with ffmpeg; default RESULT.gif here."),
    ] = None,
    frame: Annotated[str, typer.Option(help="Which frames: A:B (B not included), A:B:STEP, or : for all.")] = ":",
    fps: Annotated[float, typer.Option(min=0.1, max=60, help="Frames per second.")] = 8,
):
    """A movie of metal that grows or shrinks: atoms, cut along the axis, beside the position of the tip.

    Frames are those of the trajectory; `frames` in the case says how many it has.

    Examples:

      coble movie mine                          mine.gif

      coble movie mine --frame ::2 --fps 4 --out slow.mp4
    """
    from coble.reports.movies import refuse, write_movie
    from coble.store.contents import FAULTS
    from coble.structures.export import slice_of

    out = out or named_after(result, ".gif")
    try:
        slice_of(frame)
    except ValueError as error:
        fail(f"--frame {str(error).partition(' ')[2]}", USAGE)
    try:
        refuse(out)
    except ValueError as error:
        fail(f"--out {error}", USAGE)
    refuse_existing(out)
    try:
        number = write_movie(out, result, frame, fps=fps)
    except ValueError as error:
        fail(error, BAD_CASE)
    except OSError as error:
        fail(f"--out {out}: cannot be written ({error.strerror or error})", BAD_CASE)
    except FAULTS as error:
        fail(f"{result}: is damaged, it cannot be drawn ({error!r})", BAD_CASE)
    except KeyboardInterrupt:
        fail("Dropped: nothing was written.", INTERRUPTED)
    say(f"Written to {out}: {number} frame{'s'[: number > 1]}, {out.stat().st_size / 1e6:.1f} MB")
