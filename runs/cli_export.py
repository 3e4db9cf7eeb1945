"""The command export."""

from pathlib import Path
from typing import Annotated

import typer

from runs.cli_common import BAD_CASE, INTERRUPTED, NUMERICAL, USAGE, fail


def export(
    result: Annotated[Path, typer.Argument(help="Folder that plate, strip, cycle or discriminate has written.")],
    to: Annotated[
        str,
        typer.Option(help="extxyz, traj, lammps-data, vasp, cif, db, or another format that ASE writes, by its name."),
    ] = "extxyz",
    out: Annotated[Path | None, typer.Option(help="File to write; default RESULT.ENDING here.")] = None,
    frame: Annotated[
        str, typer.Option(help="Which of the frames: a number from 0, A:B (B not included), A:B:STEP, : or last.")
    ] = "last",
    atoms: Annotated[
        str,
        typer.Option(
            help="metal, interface, surface, wall, with commas between; vacancies adds the empty sites of these "
            "(symbol X), or all empty sites when it stands alone."
        ),
    ] = "metal,interface,surface,wall",
    cut: Annotated[
        list[str] | None,
        typer.Option(
            help="Take a part, lengths in nm: x:A:B, y:A:B, z:A:B (the root at 0), slab:T (|y| < T/2), wedge:A:B "
            "(azimuth in degrees; wedge alone takes a quarter out), shell:A:B (off the axis; shell alone is the edge "
            "of the bore). May be given several times: what all of them leave."
        ),
    ] = None,
):
    """Structures of a result as files for ASE, OVITO, LAMMPS and others.

    Tags are kinds of sites: 0 metal, 1 interface, 2 wall, 3 surface. Nothing is run again.

    Examples:

      coble export mine                         the last frame, as mine.extxyz

      coble export mine --frame : --to traj     all frames, as mine.traj

      coble export mine --atoms metal --cut z:0:5 --cut wedge --out inside.extxyz

      coble export mine --atoms interface,vacancies --cut slab:1 --to lammps-data
    """
    from runs.cuts import cut_of
    from runs.export import each_frame, ending_of, format_of, kinds_of, slice_of, write_structures

    names, cuts, sizes = atoms.split(","), cut or [], []
    for option, check, values in (
        ("--to", format_of, [to]),
        ("--frame", slice_of, [frame]),
        ("--atoms", kinds_of, [names]),
        ("--cut", cut_of, cuts),
    ):
        try:
            for value in values:
                check(value)
        except ValueError as error:
            fail(f"{option} {str(error).partition(' ')[2]}", USAGE)  # the library calls it by its own name
    file = format_of(to)
    out = out or Path(f"{result.resolve().name}.{ending_of(file)}")
    if out.exists():
        fail(f"--out {out}: exists; name another file (nothing was changed)", BAD_CASE)
    if not out.absolute().parent.is_dir():
        fail(f"--out {out}: {out.parent} is no folder; name a file in one that exists", BAD_CASE)

    def counted():
        for each in each_frame(result, frame, atoms=names, cuts=cuts):
            sizes.append(len(each))
            yield each
        if not any(sizes):
            raise ValueError(f"{result}: no atom is left; take other --atoms or another --cut")

    try:
        write_structures(out, counted(), file)
    except MemoryError:
        fail("not enough memory: take fewer frames, or a part with --cut", NUMERICAL)
    except KeyboardInterrupt:
        fail("Dropped: nothing was written.", INTERRUPTED)
    except OSError as error:
        fail(f"--out {out}: cannot be written ({error.strerror or error})", BAD_CASE)
    except ValueError as error:
        fail(str(error), BAD_CASE)
    least, most = min(sizes), max(sizes)
    print(f"Written to {out}: {len(sizes)} frame{'s'[: len(sizes) > 1]}, {least}{f' to {most}' * (most > least)} atoms")
