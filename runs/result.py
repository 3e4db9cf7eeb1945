"""The answer of a run, as it is stored: what it says, its tables, figures, atoms and files."""

import html
import io
import shutil
import weakref
from collections.abc import Sequence
from functools import cached_property
from math import nan
from os import PathLike
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any, TypeAlias

from coble.kinds.kind import Kind
from coble.kinds.registry import kind_of, read
from coble.render.meant import meant
from coble.render.printable import WIDE

if TYPE_CHECKING:
    import ase
    import networkx
    import pandas
    import xarray
    from matplotlib.figure import Figure
    from pydantic import BaseModel

    from coble.inputs.case import Case
    from coble.render.table import Table

STRUCTURE, RATES = "result.h5", "rates.toml"
AnyPath: TypeAlias = str | PathLike[str]


class Result:
    """What a run gave: the numbers that are stored, and all that is made from them.

    The verbs of this package return it, and `coble.load` reads it from a folder.  Everything in result.json is an
    attribute (docs/results.md has them, `model` is all of it), and `result["LiC6"]` is what there is about one wall.
    Two results are equal when their stored content is.

    Parameters
    ----------
    folder : path-like
        That holds the files of the result.
    temporary : path-like, optional
        Of a folder that is removed with the result.

    Attributes
    ----------
    folder : Path
        Where its files are; a temporary folder until they are saved.
    content : dict
        Of result.json.
    """

    def __init__(self, folder: AnyPath, temporary: AnyPath | None = None) -> None:
        self.folder = Path(folder)
        if temporary is not None:
            weakref.finalize(self, shutil.rmtree, temporary, ignore_errors=True)
        self.content: dict[str, Any] = read(self.folder)

    # ---- what it says ----------------------------------------------------------------------------------

    @property
    def kind(self) -> str:
        """Of run: "discriminate", "growth", "creep", ..."""
        return str(self.content["kind"])

    @property
    def _kind(self) -> Kind:
        return kind_of(self.content)

    @cached_property
    def model(self) -> "BaseModel":
        """The content, validated, with attributes."""
        model: BaseModel = self._kind.model().model_validate(self.content)
        return model

    @cached_property
    def case(self) -> "Case | None":
        """The case that was run, with its rate table if there was one; None where a file of another kind was run.

        Plug-ins that it names are not executed.
        """
        from coble.inputs.case import load_case
        from coble.inputs.files.plugins import asleep
        from coble.inputs.rate_table import read_rates
        from coble.models.rates import case_with

        path, table = self.folder / "case.toml", self.folder / RATES
        if not path.exists():
            return None
        with asleep():
            case = load_case(path)
        return case_with(case, read_rates(table), str(table)) if table.exists() else case

    @property
    def headline(self) -> str:
        """The answer in a sentence, or one for every wall."""
        return str(self._kind.headline(self.content))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or "content" not in self.__dict__:
            raise AttributeError(name)
        try:
            return getattr(self.model, name)
        except AttributeError:
            raise AttributeError(f"a result of kind {self.kind!r} has no {name!r}") from None

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *type(self.model).model_fields})

    def __getitem__(self, name: str) -> Any:
        walls = {wall.name: wall for wall in getattr(self.model, "walls", ())}
        if name not in walls:
            there = meant(name, walls) if walls else f"a result of kind {self.kind!r} has none by name"
            raise KeyError(f"no wall {name!r}; {there}")
        return walls[name]

    def __eq__(self, other: object) -> bool:
        return self.content == other.content if isinstance(other, Result) else NotImplemented

    def __hash__(self) -> int:
        return hash((self.kind, self.content["provenance"].get("digest")))

    # ---- shown -----------------------------------------------------------------------------------------

    def __repr__(self) -> str:
        first, *rest = self.headline.splitlines() or [""]
        cut = f"{first[:100]}…" if len(first) > 100 else first + (" …" if rest else "")
        return f"<coble.Result of {self.kind}: {cut}>"

    def __str__(self) -> str:
        from coble.render.console import terminal
        from coble.render.terminal import answer

        text = io.StringIO()
        console = terminal(width=shutil.get_terminal_size((WIDE, 50)).columns, file=text)
        for part in answer(self._kind, self.content):
            console.print(part, highlight=False)
        return "\n".join(line.rstrip() for line in text.getvalue().splitlines()).rstrip("\n")

    def _repr_html_(self) -> str:
        from coble.render.numbers import typeset

        parts = [_html_of(table) for table in self._kind.tables(self.content) if table.rows]
        parts += [f"<p>{html.escape(typeset(sentence))}</p>" for sentence in self._kind.said(self.content)]
        parts += [f"<p><b>{html.escape(typeset(line))}</b></p>" for line in self.headline.splitlines()]
        return "\n".join(parts)

    # ---- made from it ----------------------------------------------------------------------------------

    @cached_property
    def tables(self) -> "dict[str, Table]":
        """All tables, the answer first, by name: of the CSV file in a report, else the title."""
        kind = self._kind
        listed = [kind.series(self.content), *kind.tables(self.content), *kind.details(self.content)]
        return {table.name or table.title: table for table in listed if table is not None}

    def to_pandas(self, name: str | None = None) -> "pandas.DataFrame":
        """A table with its unrounded numbers.

        Parameters
        ----------
        name : str, optional
            Of `tables`; the first when left out: the answer, or where metal grows the series against time.

        Returns
        -------
        pandas.DataFrame
            Columns have their unit in the name.
        """
        import pandas

        if name is not None and name not in self.tables:
            raise ValueError(f"there is no table {name!r}; {meant(name, self.tables)}")
        table = self.tables[name] if name else next(iter(self.tables.values()))
        headings, rows = table.numbers or (table.headings, table.rows)
        known = [[nan if value is None else value for value in row] for row in rows]
        return pandas.DataFrame(known, columns=headings)

    def to_xarray(self) -> "xarray.DataTree":
        """All that result.h5 holds, in memory: counters and block series, maps, sites and frames, with their axes."""
        import xarray

        with xarray.open_datatree(self._file(STRUCTURE), engine="h5netcdf") as tree:
            loaded: xarray.DataTree = tree.load()
        return loaded

    def to_networkx(self, wall: str | None = None) -> "networkx.DiGraph":
        """The exact currents between regions and slabs of a wall's tubule.

        Parameters
        ----------
        wall : str, optional
            Its name; not needed where there is one.

        Returns
        -------
        networkx.DiGraph
            Edges have the attribute `current`, a part of the whole [1].
        """
        import networkx

        walls = {each["name"]: each for each in self.content.get("walls", ()) if "network" in each}
        if not walls:
            raise ValueError(f"a result of kind {self.kind!r} has no network")
        if wall is None and len(walls) > 1 or wall is not None and wall not in walls:
            raise ValueError(f"wall: must be one of {', '.join(walls)}, got {wall!r}")
        graph = networkx.DiGraph()
        for edge in walls[wall or next(iter(walls))]["network"]:
            graph.add_edge(tuple(edge["from"]), tuple(edge["to"]), current=edge["current"])
        return graph

    def frames(
        self,
        which: str | int = ":",
        *,
        atoms: Sequence[str] | None = None,
        cuts: Sequence[str] = (),
        fixed_n: bool = False,
        wall: str | None = None,
    ) -> "list[ase.Atoms]":
        """Atoms of the result, frame by frame; parameters are those of `coble.frames`."""
        from coble.structures.export import frames

        found: list[ase.Atoms] = frames(self.folder, which, atoms=atoms or None, cuts=cuts, fixed_n=fixed_n, wall=wall)
        return found

    def view(
        self,
        which: str | int = "last",
        *,
        program: str | None = None,
        atoms: Sequence[str] | None = None,
        cuts: Sequence[str] = (),
        wall: str | None = None,
    ) -> Any:
        """Show the atoms in a notebook with nglview, chemiscope or OVITO.

        Parameters
        ----------
        which, atoms, cuts, wall
            As of `frames`; several frames have the same sites, X where one is empty.
        program : str, optional
            "nglview", "chemiscope" or "ovito"; the first that is installed when left out.

        Returns
        -------
        The widget of that program.

        Raises
        ------
        ValueError
            When it, or every one of them, is not installed.
        """
        from coble.structures.viewers import view

        return view(self.folder, which, program=program, atoms=atoms or None, cuts=cuts, wall=wall)

    def plot(self, name: str | None = None) -> "Figure | dict[str, Figure]":
        """Figures of the result.

        Parameters
        ----------
        name : str, optional
            Which, as for `coble plot --what`; all that can be made when left out.

        Returns
        -------
        matplotlib.figure.Figure, or dict of str → Figure
            A dict where there are several: one for each wall, or all.
        """
        from coble.reports.plots import figures_of

        found: dict[str, Figure] = dict(figures_of(self.folder, name and [name]))
        return next(iter(found.values())) if name and len(found) == 1 else found

    def report(self, path: AnyPath) -> None:
        """Write an HTML file with everything in it, which opens without a network."""
        report(self, path)

    # ---- kept ------------------------------------------------------------------------------------------

    def save(self, folder: AnyPath) -> None:
        """Write the files that the command would have written, pictures too.

        Raises
        ------
        FileExistsError
            When the folder holds a result already; nothing is changed then.
        """
        from coble.store.files import existing, whole, write_figure

        folder, kind = Path(folder), self._kind
        if there := existing(folder, [*kind.files, kind.file]):
            names = ", ".join(path.name for path in there)
            raise FileExistsError(f"{folder}: already holds {names}; name another folder (nothing was changed)")
        for name in self._files():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            whole(folder / name, lambda part, name=name: shutil.copyfile(self.folder / name, part))
        figures = kind.figures() if self.content.get("walls") != [] else {}
        for name in kind.files:
            if name.endswith(".png") and Path(name).stem in figures and not (folder / name).exists():
                for _, figure in figures[Path(name).stem](self.folder, self.content):
                    write_figure(folder / name, figure)

    def _files(self) -> list[str]:
        """Names of the files, the content first; of a campaign those in its folders, too."""
        if self._kind.files:
            from coble.inputs.files.given_files import names_beside

            names = [*self._kind.files, *names_beside(self.content)]
        else:
            names = sorted(str(path.relative_to(self.folder)) for path in self.folder.rglob("*") if path.is_file())
        return [self._kind.file, *(name for name in names if name != self._kind.file and (self.folder / name).exists())]

    def _file(self, name: str) -> Path:
        path = self.folder / name
        if not path.exists():
            raise ValueError(f"a result of kind {self.kind!r} has no {name}")
        return path

    def __getstate__(self) -> dict[str, bytes]:
        return {name: (self.folder / name).read_bytes() for name in self._files()}

    def __setstate__(self, state: dict[str, bytes]) -> None:
        folder = mkdtemp(prefix="coble-")
        for name, data in state.items():
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        self.__init__(folder, folder)  # type: ignore[misc]


AnyResult: TypeAlias = Result | str | PathLike[str]


def load(folder: AnyPath) -> Result:
    """The result in a folder that a command, or `Result.save`, has written.

    Raises
    ------
    ValueError
        With a sentence: when there is none, it is damaged, or of another version.
    """
    return Result(folder)


def frames(
    result: AnyResult,
    which: str | int = ":",
    *,
    atoms: Sequence[str] | None = None,
    cuts: Sequence[str] = (),
    fixed_n: bool = False,
    wall: str | None = None,
) -> "list[ase.Atoms]":
    """Atoms of a result, frame by frame.

    Parameters
    ----------
    result : Result or path-like
        Or its folder.
    which : str or int
        A number, "A:B", "A:B:STEP" or "last", counted from 0, or from the end when negative.
    atoms : sequence of str, optional
        Regions, and "vacancies" for empty sites; default all atoms.
    cuts : sequence of str
        What to leave, as `coble export --cut`: "z:0:5", "slab:1", "wedge".
    fixed_n : bool
        The same number of atoms in every frame: those that are not there lie outside the box.
    wall : str, optional
        Name of a crystal to show in place of the wall's sites, or "case".

    Returns
    -------
    list of ase.Atoms
    """
    return _result(result).frames(which, atoms=atoms, cuts=cuts, fixed_n=fixed_n, wall=wall)


def export(
    result: AnyResult,
    path: AnyPath,
    which: str | int = "last",
    *,
    format: str | None = None,
    atoms: Sequence[str] | None = None,
    cuts: Sequence[str] = (),
    fixed_n: bool = False,
    wall: str | None = None,
) -> None:
    """Write structures of a result for ASE, OVITO, LAMMPS and others.

    Parameters
    ----------
    result : Result or path-like
    path : path-like
        File to write.
    which, atoms, cuts, fixed_n, wall
        As of `frames`.
    format : str, optional
        "extxyz", "traj", "lammps-data", "lammps-dump-text", "vasp", "cif", "db", or another that ASE writes; default
        what the name of the file says.

    Raises
    ------
    FileExistsError
        When it is there already.
    """
    from coble.structures.export import format_for, format_of, write_structures

    _refuse_existing(path)
    images = frames(result, which, atoms=atoms, cuts=cuts, fixed_n=fixed_n, wall=wall)
    write_structures(Path(path), images, format_of(format) if format else format_for(Path(path)))


def movie(result: AnyResult, path: AnyPath, which: str = ":", *, fps: float = 8) -> int:
    """Write a movie of metal that grows or shrinks, .gif, or .mp4 with ffmpeg; the number of frames."""
    from coble.reports.movies import write_movie

    _refuse_existing(path)
    return int(write_movie(Path(path), _result(result).folder, which, fps=fps))


def plot(result: AnyResult, name: str | None = None) -> "Figure | dict[str, Figure]":
    """Figures of a result, or of its folder; see `Result.plot`."""
    return _result(result).plot(name)


def report(results: AnyResult | Sequence[AnyResult], path: AnyPath) -> None:
    """Write one HTML file of results, which opens without a network; several stand side by side.

    Parameters
    ----------
    results : Result or path-like, or a sequence of them
    path : path-like
        File to write.

    Raises
    ------
    FileExistsError
        When it is there already.
    ReportError
        When a result is damaged, or there are too many for one file.
    """
    from coble.reports.page import report as made
    from coble.store.files import write_text

    _refuse_existing(path)
    listed = [results] if isinstance(results, Result | str | PathLike) else list(results)
    write_text(Path(path), made([_result(each).folder for each in listed]))


def _refuse_existing(path: AnyPath) -> None:
    if Path(path).exists():
        raise FileExistsError(f"{path}: exists; name another file (nothing was changed)")


def _result(result: AnyResult) -> Result:
    return result if isinstance(result, Result) else load(result)


def _html_of(table: "Table") -> str:
    """A table as HTML."""
    sides = ["left" if table.is_words(i) else "right" for i, _ in enumerate(table.headings)]

    def cell(text: str, side: str, tag: str) -> str:
        return f'<{tag} style="text-align: {side}">{html.escape(text)}</{tag}>'

    def row(cells: Sequence[str], tag: str) -> str:
        return "<tr>" + "".join(map(cell, cells, sides, [tag] * len(cells))) + "</tr>"

    head = row(table.headings, "th") if any(table.headings) else ""
    body = "\n".join(row(cells, "td") for cells in table.shown)
    note = f"<p><small>{html.escape(table.legend)}</small></p>" if table.legend else ""
    return f"<table><caption>{html.escape(table.title)}</caption>\n{head}\n{body}\n</table>{note}"
