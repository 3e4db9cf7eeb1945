"""A report: one HTML file that opens without a network, made from stored results alone.

What goes in is untrusted text: names of walls, folders and sources may be anything.  The template escapes all of it,
figures take names as text, and the page forbids itself to load anything or to run any script but its own.
"""

import json
from base64 import b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

from coble.inputs.case import Case, CaseError, load_case
from coble.inputs.files.plugins import asleep
from coble.kinds.registry import kind_of
from coble.kinds.registry import read as read_result
from coble.render.conditions import conditions_of
from coble.render.lights import chance, overall, stated, summary
from coble.render.numbers import power, typeset
from coble.reports.again import command, downloads, provenance_rows, sections, used
from coble.reports.checks import check_table, checks_of
from coble.reports.compare import compared_figure, compared_tables
from coble.store.contents import FAULTS

MOST_BYTES = 3_000_000  # of a report
ATOMS, FILES_INSIDE, FIGURES = 700_000, 300_000, 1_100_000  # bytes of them, all results together
FOUND = {"green": "pass", "amber": "are doubtful", "red": "fail", "grey": "are none"}  # of checks, by their light
HALF_PX, HALF_LETTERS = 700, 78  # a figure and a table that are no wider share a row with another one
HALF_GAP, HALF_BAR, HALF_PROSE = (
    2,
    26,
    52,
)  # letters between columns, of a bar with its number, of a column of sentences
HERE = Path(__file__).parent / "report_files"


class ReportError(ValueError):
    """No report can be made, for one reason or several."""

    def __init__(self, *reasons):
        super().__init__("\n".join(reasons))
        self.reasons = reasons

    def lines(self) -> tuple[str, ...]:
        """The reasons, for a terminal."""
        return self.reasons


@dataclass
class Stored:
    """A result as it is stored.

    Attributes
    ----------
    name : str
        Of the folder, made different from those of the others.
    folder : Path
    content : dict
        Of result.json, or of campaign.json.
    case : Case or None
        Beside it, with the rate table if there is one; None when it is missing or not that of the result, and for a
        campaign, which has many.
    notes : list of str
        What could not be read.
    """

    name: str
    folder: Path
    content: dict
    case: Case | None = None
    notes: list = field(default_factory=list)


# ---- reading -----------------------------------------------------------------------------------------------------


def read(folders):
    """The results in these folders.

    Returns
    -------
    list of Stored

    Raises
    ------
    ReportError
        With a line for every folder that holds no such result.
    """
    found, faults = [], []
    for folder in map(Path, folders):
        try:
            found.append(Stored(folder.resolve().name, folder, read_result(folder)))
        except ValueError as error:
            faults.append(str(error))
    if faults:
        raise ReportError(*faults)
    names = [stored.name for stored in found]
    for stored in found:
        if names.count(stored.name) > 1:
            stored.name = str(stored.folder)
        stored.case = _case(stored)
    return found


def _case(stored):
    """The case beside a result as it was run, or None with a note that says why."""
    from coble.inputs.rate_table import read_rates
    from coble.models.rates import case_with

    if special := kind_of(stored.content).stored_case:
        case, note = special(stored.folder, stored.content)
        stored.notes += [note] if note else []
        return case
    path, table = stored.folder / "case.toml", stored.folder / "rates.toml"
    try:
        with asleep():
            case = load_case(path)
        if table.exists():
            case = case_with(case, read_rates(table), str(table))
        if case.digest(used(stored.content)) == stored.content["provenance"]["case_digest"]:
            return case
        stored.notes.append("case.toml is not the case of this result: it was changed, or another version made it.")
    except (CaseError, KeyError) as error:
        stored.notes.append(f"The case beside the result cannot be read: {error}")
    return None


# ---- putting together --------------------------------------------------------------------------------------------


def report(folders):
    """The report of results.

    Parameters
    ----------
    folders : sequence of path-like
        What a command that runs has written: `coble discriminate`, `plate`, `sweep` and others.

    Returns
    -------
    str
        HTML.

    Raises
    ------
    ReportError
        When a folder holds no result, a result is damaged, or there are too many for one file.
    """
    from coble.reports.figures import drawn

    stored = read(folders)
    articles = [_whole(each, f"r{number}", 1 / len(stored)) for number, each in enumerate(stored, 1)]
    together = None
    if len(stored) > 1:  # each alone was found whole
        figure = compared_figure([(each.name, each.content) for each in stored])
        said = "Shares, tips and probabilities of the results in one figure; the numbers are in the table above."
        together = {
            "title": _counted(articles),
            "rows": [_row(article) for article in articles],
            "tables": list(compared_tables([(each.name, each.content) for each in stored])),
            "figure": figure and drawn("all", figure, "Side by side", said),
        }
    html = _rendered(articles, together)
    if len(html.encode()) >= MOST_BYTES:
        raise ReportError(f"{len(stored)} results do not fit into 3 MB: give fewer, or one report each")
    return html


def _whole(stored, name, part):
    """`_article`, with the name of a result that is damaged."""
    from coble.store.files import result_file

    try:
        return _article(stored, name, part)
    except FAULTS as error:
        what = f"{type(error).__name__}: {error}"
        raise ReportError(f"{result_file(stored.folder)}: is damaged or made by another version ({what})") from None


def _article(stored, name, part):
    """Everything about one result, for the template, which knows it by `name`; `part` of the bytes are its own."""
    content, kind = stored.content, kind_of(stored.content)
    tables, rates = list(kind.tables(content)), _rates(stored)  # first: what cannot be read becomes a note
    checks = checks_of(content)
    if kind.stored_case is None or stored.notes:
        note = stored.notes[0] if stored.notes else "yes"
        checks.append(stated("the files beside the result are its own", not stored.notes, note, "amber"))
    view, structure, note = _structure(stored, part)
    taken = (len(json.dumps(view["data"])) if view else 0) + (4 * len(structure[0]) // 3 if structure else 0)
    figures, skipped = _figures(stored, name, int((ATOMS + FILES_INSIDE + FIGURES) * part) - taken)
    details, (events, seconds) = list(kind.details(content)), kind.effort(content)
    headline, rest = _parted(typeset(kind.headline(content)))
    return {
        "id": name,
        "name": stored.name,
        "kind": kind.title,
        "headline": headline,
        "conditions": conditions_of(content, kind.varied(content), kind.subject(content)),
        "sentences": [*filter(None, [rest]), *map(typeset, kind.said(content))],
        "light": overall(checks),
        "summary": summary(checks),
        "chance": chance(checks),
        "checks": checks,
        "tables": [each.filled() for each in tables if each.rows],
        "figures": figures,
        "no_figures": skipped,
        "view": view,
        "no_view": note,
        "work": [each for each in details if each.rows],
        "accelerated": kind.accelerated(content),
        "rates": rates,
        "case": sections(content),
        "provenance": provenance_rows(content),
        "command": command(content, (stored.folder / "rates.toml").exists()),
        "missing": kind.missing(content, stored.folder),
        "downloads": downloads(
            stored.folder, content, [*tables, *details, *rates, check_table(checks), kind.series(content)], structure
        ),
        "seconds": seconds,
        "events": events,
    }


def _parted(text):
    """The first sentence of a headline, and the others."""
    first, end, rest = text.partition(". ")
    return (first + ".", rest) if end else (text, "")


def _counted(articles):
    """`3 results: checks of 2 pass, of 1 are doubtful`."""
    lights = [article["light"] for article in articles]
    told = [f"of {lights.count(light)} {said}" for light, said in FOUND.items() if light in lights]
    return f"{len(lights)} results: checks {', '.join(told)}"


def _row(article):
    """A result in the table of all."""
    events, seconds = article["events"], article["seconds"]
    return {
        **{key: article[key] for key in ("id", "name", "kind", "headline", "light", "summary")},
        "events": "–" if events is None else power(events),
        "seconds": "–" if seconds is None else f"{seconds:.3g}",
    }


def _rates(stored):
    """Rate tables, or none with a note."""
    try:
        return list(kind_of(stored.content).rates(stored.content, stored.case, stored.folder))
    except (CaseError, ValueError) as error:
        stored.notes.append(f"The rate table cannot be made: {error}")
        return []


def _structure(stored, part):
    """The view of the atoms, the file of them, and why there is none."""
    from coble.reports.viewer import picture, structure_file

    atoms = kind_of(stored.content).atoms
    if atoms is None:
        return None, None, ""
    try:
        found = picture(stored.folder, stored.content, atoms(), int(ATOMS * part))
    except (ValueError, OSError) as error:
        return None, None, f"The atoms cannot be shown: {error}"
    file = structure_file(found, int(FILES_INSIDE * part))
    shown = f"{found.data['n']:,} of the {atoms().sites(stored.content):,} sites, those that are ever full"
    if found.cuts:
        options = " ".join(f"--cut {cut}" for cut in found.cuts)
        shown += f" and that a cut leaves ({options}, as coble export takes it)"
    frames = f"{len(found.numbers)} of {found.n_frame} frames" if found.n_frame > 1 else "the end state"
    return {"data": found.data, "kinds": found.data["kinds"], "shown": shown, "frames": frames}, file, ""


def _figures(stored, name, most_bytes):
    """The figures that fit into so many bytes, what atoms and files have left, and what is said of the others."""
    from coble.reports.figures import drawn, figures_of

    found, left_out, skipped, size = [], [], [], 0
    if stored.content.get("walls") == []:  # interrupted before there was anything to draw
        return found, skipped
    for number, (title, said, figure) in enumerate(figures_of(stored.folder, skipped)):
        each = drawn(f"{name}-{number}", figure, title, said)
        if found and size + len(each["markup"]) > most_bytes:
            left_out.append(title)
            continue
        size += len(each["markup"])
        found.append(each)
    if left_out:
        skipped.append(f"{', '.join(left_out)}, to keep the file small; coble plot draws them")
    return found, [sentence.replace(f"{stored.folder}: ", "") for sentence in skipped]


def is_narrow(table):
    """Whether a table fits into half of the page's width, beside another one."""
    cells = [[heading, *(row[i] for row in table.shown)] for i, heading in enumerate(table.headings)]
    longest = [max(len(cell) for cell in column) + HALF_GAP for column in cells]
    longest = [min(n, HALF_PROSE) if table.is_prose(i) else n for i, n in enumerate(longest)]  # its lines wrap
    bars = HALF_BAR if table.parts else 0
    return not table.is_long and sum(longest) + bars <= HALF_LETTERS


# ---- the page ----------------------------------------------------------------------------------------------------


def _rendered(articles, together):
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    script, style = ((HERE / name).read_text(encoding="utf-8") for name in ("viewer.js", "report.css"))
    digest = b64encode(sha256(script.encode()).digest()).decode()
    return environment.get_template("report.html.j2").render(
        articles=articles,
        together=together,
        script=Markup(script),
        style=Markup(style),
        digest=digest,
        markup=Markup,
        citation=(HERE / "cite.bib").read_text(encoding="utf-8"),
        version=version("coble"),
        typeset=typeset,
        narrow=is_narrow,
        half=HALF_PX,
    )
