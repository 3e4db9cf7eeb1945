"""The command export."""

from pathlib import Path
from typing import Annotated

import typer

from coble.console.common import BAD_CASE, INTERRUPTED, NUMERICAL, USAGE, fail
from coble.console.outputs import named_after, refuse_existing
from coble.render.printable import say, wrapped


def export(
    result: Annotated[
        Path, typer.Argument(help="Folder that plate, strip, cycle or discriminate has written, or its result.h5.")
    ],
    to: Annotated[
        str | None,
        typer.Option(
            help="extxyz, traj, lammps-data, lammps-dump-text, vasp, cif, db, or another that ASE writes; default what "
            "the name of --out says, else extxyz."
        ),
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="File to write; default RESULT.ENDING here.")] = None,
    frame: Annotated[
        str, typer.Option(help="Which of the frames: a number from 0, A:B (B not included), A:B:STEP, : or last.")
    ] = "last",
    atoms: Annotated[
        str | None,
        typer.Option(
            help="bulk, interface, surface, wall, or regions of a structure, with commas between, default all of them; "
            "vacancies adds the empty sites of these (symbol X), or all empty sites when it stands alone; frozen those "
            "atoms of a structure."
        ),
    ] = None,
    cut: Annotated[
        list[str] | None,
        typer.Option(
            help="Take a part, lengths in nm: x:A:B, y:A:B, z:A:B (the root at 0), slab:T (|y| < T/2), wedge:A:B "
            "(azimuth in degrees; wedge alone takes a quarter out), shell:A:B (off the axis; shell alone is the edge "
            "of the bore). May be given several times: several cuts are intersected."
        ),
    ] = None,
    fixed_n: Annotated[
        bool, typer.Option("--fixed-n", help="The same sites in every frame, X where empty, for programs that need it.")
    ] = False,
    rates: Annotated[
        bool,
        typer.Option("--rates", help="The hop rates instead, one row for each class of hops, as RESULT-rates.csv."),
    ] = False,
    series: Annotated[
        bool,
        typer.Option(
            "--series",
            help="The records of plate, strip or cycle instead: tip, voltage, charge, currents, ... against time, as "
            "RESULT-series.csv.",
        ),
    ] = False,
    wall_crystal: Annotated[
        str | None,
        typer.Option(
            help="The wall as a published crystal, frozen, instead of its sites in the model: LiC6, Li9Al4, Li22Si5, "
            "or case for that of the case's wall."
        ),
    ] = None,
):
    """Structures of a result as files for ASE, OVITO, LAMMPS and others.

    Tags are regions: 0 bulk, 1 interface, 2 wall, 3 surface, or those of a structure in their order. Nothing is run
    again.

    Examples:

      coble export mine                         the last frame, as mine.extxyz

      coble export mine --frame : --to traj     all frames, as mine.traj

      coble export mine --frame : --out a.traj  the same as a.traj

      coble export mine --atoms bulk --cut z:0:5 --cut wedge --to traj

      coble export mine --atoms interface,vacancies --to lammps-data

      coble export mine --wall-crystal case --cut wedge --out picture.extxyz

      coble export mine --frame : --fixed-n --to lammps-dump-text --atoms bulk

      coble export mine --rates                 classes of hops and their rates, as mine-rates.csv

      coble export mine --series                voltage, charge, tip, ... against time, as mine-series.csv
    """
    if rates or series:
        atoms_only = {"--to": to, "--frame": frame != "last", "--atoms": atoms, "--cut": cut, "--fixed-n": fixed_n}
        beside = {"--rates": rates, "--series": series, **atoms_only, "--wall-crystal": wall_crystal}
        first, *others = [option for option, given in beside.items() if given]
        if others:
            fail(f"{others[0]} does not go with {first}, which writes one CSV file: leave one of them out", USAGE)
        return _export_csv(result, out, series)
    from coble.structures.crystal_fit import LONGEST, fitting_segment
    from coble.structures.cuts import cut_of
    from coble.structures.export import (
        case_of,
        each_frame,
        ending_of,
        format_for,
        format_of,
        refuse_unknown,
        slice_of,
        write_structures,
    )
    from coble.structures.species_blocks import GROUPED, ROWS
    from coble.structures.wall_crystal import CASE, FITS, crystal_name, described

    names, cuts, sizes, info = None if atoms is None else atoms.split(","), cut or [], [], {}
    for option, check, values in (
        ("--to", format_of, [to] if to else []),
        ("--frame", slice_of, [frame]),
        ("--atoms", lambda names: refuse_unknown(result, names), [names] if atoms is not None else []),
        ("--cut", cut_of, cuts),
        ("--wall-crystal", lambda name: name == CASE or crystal_name(name, ""), [wall_crystal] if wall_crystal else []),
    ):
        try:
            for value in values:
                check(value)
        except ValueError as error:
            fail(f"{option} '" + str(error).partition("'")[2], USAGE)  # the library calls it by its own name
    out = out or named_after(result, f".{ending_of(format_of(to or 'extxyz'))}")
    refuse_existing(out)
    try:
        file = format_of(to) if to else format_for(out)
    except ValueError as error:
        fail(f"--out {error}; --to takes these and others", USAGE)

    def counted():
        for each in each_frame(result, frame, atoms=names, cuts=cuts, fixed_n=fixed_n, wall=wall_crystal):
            sizes.append(len(each))
            info.update(each.info)
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
        fail(error, BAD_CASE)
    least, most = min(sizes), max(sizes)
    say(f"Written to {out}: {len(sizes)} frame{'s'[: len(sizes) > 1]}, {least}{f' to {most}' * (most > least)} atoms")
    if file.name in GROUPED:
        say(ROWS + ", whose number ends the row" * (file.name == "vasp"))
    if wall_crystal:
        say(*wrapped(described(info)).splitlines())
        if abs(info.get("wall_strain", 0.0)) > FITS:
            better = fitting_segment(case_of(result), info["wall"].removeprefix("wall-"), info["wall_crystal"])
            if better:
                say(f"With segment_nm = {better[0]:.2f} in the case it would be {better[1]:+.1%}.")
            else:
                say(f"No segment_nm up to {LONGEST} times as long brings it below {FITS:.0%}.")


def _export_csv(result, out, series):
    """Write the hop rates of a result, or its records, as CSV."""
    from coble.reports.csv_files import rates_csv, series_csv
    from coble.reports.page import ReportError
    from coble.store.files import whole

    out = out or named_after(result, "-series.csv" if series else "-rates.csv")
    refuse_existing(out)
    result = result.parent if result.is_file() else result
    try:
        text = series_csv(result) if series else rates_csv(result)
        whole(out, lambda part: part.write_text(text, encoding="utf-8"))
    except OSError as error:
        fail(f"--out {out}: cannot be written ({error.strerror or error})", BAD_CASE)
    except (ReportError, ValueError) as error:
        fail(error, BAD_CASE)
    say(f"Written to {out}: {text.count(chr(10)) - 1} {'records' if series else 'classes of hops'}")
