"""The face: one verb for every kind of run, and what a result can do."""

import ast
import html
import inspect
import pickle
import re
import subprocess
import sys
from math import isnan

import ase.io
import chromium
import networkx
import numpy as np
import overlaps
import pytest
import units
from cases import GROWS, TRACER, TUBULE
from command import SMALL, invoke
from matplotlib.figure import Figure
from pages import ROOT, blocks
from stored import quickly

import coble
from coble.inputs.case import Case, load_case, parse_case, shipped
from coble.inputs.case_text import case_text
from coble.kinds.registry import kinds
from coble.render.numbers import typeset

METAL = """\
depth_nm = 55.0
metal_to_nm = 2.0
until_front_nm = 3.0
overpotential_V = 0.3
records = 40
frames = 4
[run]
seed = 3
"""
PLATE = GROWS + METAL
STRIP = GROWS + METAL.replace("until_front_nm = 3.0\n", "until_left_nm = 1.0\n").replace("V = 0.3", "V = -0.3").replace(
    "= 40", "= 10"
)
CYCLE = GROWS + METAL.replace("until_front_nm = 3.0\n", "until_front_nm = 2.5\nuntil_left_nm = 1.5\ncycles = 1\n")
CREEP = """\
[metal]
vacancy_fraction = 0.5
[creep]
grains_cells = [6, 12, 18]
tensions_MPa = [100.0, 200.0, 400.0]
[run]
target_error = 0.2
"""
CELL = '[[wall]]\nname = "LiC6"\n[design]\nsamples = 2e4\n'
CAMPAIGN = (
    'case = "case.toml"\nreplicas = 2\nevents = 1e5\n[[axis]]\nkey = "tubule.inner_width_nm"\nvalues = [3.0, 4.0]\n'
)
VERBS = ("discriminate", "experiment", "plate", "strip", "cycle", "creep", "design", "tune", "sensitivity", "sweep")
SHAPE = ("seed", "workers", "progress", "should_stop", "rates", "attach")
ALL_SECTIONS = ("bonds", "growth", "slip", "experiment", "creep", "design")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Files that verbs take."""
    place = tmp_path_factory.mktemp("face")
    for name, text in (
        ("tubule", TUBULE),
        ("targets", TRACER),
        ("case", SMALL),
        ("campaign", CAMPAIGN),
    ):
        (place / f"{name}.toml").write_text(text)
    return place


@pytest.fixture(scope="module")
def made(folder):
    """The result of a verb, run once."""
    known = {}
    ask = {
        "discriminate": lambda: coble.discriminate(parse_case(SMALL), quick=True, target_error=0.2),
        "experiment": lambda: coble.experiment(folder / "tubule.toml", which=["void"], observed={"marker": (0, 0.05)}),
        "plate": lambda: coble.plate(parse_case(PLATE)),
        "strip": lambda: coble.strip(parse_case(STRIP)),
        "cycle": lambda: coble.cycle(parse_case(CYCLE)),
        "creep": lambda: coble.creep(parse_case(CREEP)),
        "design": lambda: coble.design(parse_case(CELL)),
        "tune": lambda: coble.tune(folder / "targets.toml"),
        "sensitivity": lambda: coble.sensitivity(folder / "tubule.toml"),
        "sweep": lambda: coble.sweep(folder / "campaign.toml"),
    }

    def of(verb):
        if verb not in known:
            with quickly():
                known[verb] = ask[verb]()
        return known[verb]

    return of


@pytest.fixture(params=VERBS)
def result(request, made):
    return made(request.param)


# ---- the names ---------------------------------------------------------------------------------------------------


def test_every_name_is_there_and_listed():
    for name in coble.__all__:
        assert getattr(coble, name).__name__ == name or name == "Region"
        assert name in dir(coble)
    with pytest.raises(AttributeError, match="has no attribute 'disciminate'"):
        _ = coble.disciminate


def test_names_for_type_checkers_are_those_that_are_there():
    source = inspect.getsource(coble)
    typed = re.findall(r"import \w+ as (\w+)", source)
    assert sorted(typed) == coble.__all__


@pytest.mark.parametrize("verb", VERBS)
def test_verbs_have_one_shape(verb):
    taken = inspect.signature(getattr(coble, verb)).parameters
    first, *rest = taken.values()
    assert first.kind is first.POSITIONAL_OR_KEYWORD and tuple(each.name for each in rest[: len(SHAPE)]) == SHAPE
    assert all(each.kind is each.KEYWORD_ONLY and each.default is not each.empty for each in rest)
    defaults = {each.name: each.default for each in rest[: len(SHAPE)]}
    assert defaults == dict(zip(SHAPE, (None, 1, "auto", None, None, ()), strict=True))
    assert inspect.signature(getattr(coble, verb)).return_annotation in (coble.Result, "Result")


def test_every_command_that_runs_something_is_a_verb():
    for kind in kinds().values():
        for command in kind.commands_by_name():
            assert command in coble.__all__, f"{command} of kind {kind.name}"


def test_importing_is_cheap():
    """At most 0.1 s more than Python's own, in CPU seconds, the best of three; nothing heavy comes along."""
    code = "import sys, time; a = time.process_time(); import coble; print(time.process_time() - a, *sys.modules)"
    found = [
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
        for _ in range(3)
    ]
    assert min(float(seconds) for seconds, *_ in found) < 0.1
    assert not {"numpy", "scipy", "pydantic", "matplotlib", "ase", "typer", "rich"} & set(found[0])


# ---- cases -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", shipped())
def test_a_case_is_written_as_one_that_is_equal(name, monkeypatch):
    monkeypatch.chdir(shipped(name).parent)  # files that it names lie beside it
    case = load_case(shipped(name))
    again = parse_case(case_text(case))
    assert again.digest(ALL_SECTIONS) == case.digest(ALL_SECTIONS) and again.asked == case.asked


def test_strings_and_lists_of_a_case_are_written():
    wall = {"name": 'Zwei "Wände" #1', "concentration_cm3": 3e22, "diffusivity_cm2_s": 1e-12}
    case = Case(wall=[wall, {"name": "LiC6"}], growth={"steps_V": [0.1, -0.2], "steps_s": [1e-7, 2e-7]})
    again = parse_case(case_text(case))
    assert again.digest(ALL_SECTIONS) == case.digest(ALL_SECTIONS)
    assert again.wall[0].name == wall["name"] and again.growth.steps_V == case.growth.steps_V


def test_the_version_is_that_of_the_command():
    assert invoke("--version").stdout.split()[-1] == coble.__version__


def test_a_bad_case_is_refused_as_by_the_command(tmp_path):
    two = GROWS + METAL.replace("[run]", '[[wall]]\nname = "LiC6"\n[run]')
    (tmp_path / "two.toml").write_text(two)
    for case in (tmp_path / "two.toml", parse_case(two)):
        with pytest.raises(coble.CaseError, match="metal grows into a tubule with one wall, got 2"):
            coble.plate(case)
    with pytest.raises(coble.CaseError, match="is a case for `coble strip`"):
        coble.plate("strip")
    with pytest.raises(coble.CaseError, match="no such file; `coble init` writes one"):
        coble.creep("nothing.toml")
    with pytest.raises(coble.CaseError, match="no such file"):
        coble.discriminate("paper", rates=tmp_path / "none.toml")
    assert invoke("plate", tmp_path / "two.toml").stderr.count("metal grows into a tubule with one wall, got 2") == 1


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda: coble.experiment("mechanisms", which=["gravity"]), "which: must be of void, obstacles"),
        (lambda: coble.experiment("mechanisms", truth="magic"), "truth: must be of"),
        (lambda: coble.experiment("mechanisms", truth="slip", observed={"marker": (0, 1)}), "give one of the two"),
        (lambda: coble.experiment("mechanisms", observed={"marker": (0.0, 0.0)}), "the error must be > 0"),
        (lambda: coble.experiment("mechanisms", which=["void"], observed={"x": (1, 1)}), "x: not an observable"),
        (lambda: coble.sensitivity("plate", void_fraction=0.5), "metal_from_nm in the case says where it starts"),
        (lambda: coble.tune("t.toml", rates="rates.toml"), "stands in the target file"),
        (lambda: coble.sweep("mechanism-map", rates="rates.toml"), "takes no table"),
        (lambda: coble.sweep("mechanism-map", engine="steam"), "engine: must be of process, pool, dask"),
        (lambda: coble.creep(parse_case(CREEP), progress="loud"), "progress: must be 'auto', True or False"),
        (lambda: coble.creep(parse_case(CREEP), attach=[print]), r"attach: must be \(function, interval\)"),
        (lambda: coble.creep(parse_case(CREEP), attach=(print, 0)), "interval must be an integer from 1, got 0"),
    ],
)
def test_wrong_options_are_refused_in_a_sentence(ask, words):
    with pytest.raises(ValueError, match=words):
        ask()


# ---- results -----------------------------------------------------------------------------------------------------


def test_a_result_is_what_was_saved(result, tmp_path):
    result.save(tmp_path / "run")
    again = coble.load(tmp_path / "run")
    assert again == result and hash(again) == hash(result)
    there = {path.name for path in (tmp_path / "run").iterdir()}
    assert there >= {name for name in kinds()[result.kind].files if name != "rates.toml"}
    before = (tmp_path / "run" / kinds()[result.kind].file).read_bytes()
    with pytest.raises(FileExistsError, match="name another folder \\(nothing was changed\\)"):
        result.save(tmp_path / "run")
    assert (tmp_path / "run" / kinds()[result.kind].file).read_bytes() == before


def test_a_result_is_pickled_with_its_files(result):
    again = pickle.loads(pickle.dumps(result))
    assert again == result and again.folder != result.folder
    assert sorted(path.name for path in again.folder.iterdir()) == sorted(result._files()) or result.kind == "campaign"
    assert str(again) == str(result)


def test_a_result_is_shown(result):
    assert repr(result).startswith("<coble.Result of ") and repr(result).count("\n") <= 1 and len(repr(result)) < 200
    folded, told = (" ".join(text.split()) for text in (typeset(result.headline), str(result)))
    assert folded in told
    page = result._repr_html_()
    for table in kinds()[result.kind].tables(result.content):
        assert html.escape(table.title) in page
    assert page.count("<table>") == page.count("</table>") > 0


def test_a_result_has_what_is_stored_as_attributes(result):
    for name in type(result.model).model_fields:
        assert getattr(result, name) == getattr(result.model, name) and name in dir(result)
    with pytest.raises(AttributeError, match="has no 'colour'"):
        _ = result.colour
    if result.kind != "tune":
        assert isinstance(result.case, Case)


def test_tables_are_data_frames(result):
    pandas = pytest.importorskip("pandas", reason='pip install ".[dataframes]"')
    for name, table in result.tables.items():
        frame = result.to_pandas(name)
        assert list(frame.columns) == (table.numbers or (table.headings,))[0] and len(frame) > 0
    assert isinstance(result.to_pandas(), pandas.DataFrame)
    with pytest.raises(ValueError, match="there is no table 'x'; there are"):
        result.to_pandas("x")


def test_figures_and_a_report_are_made(result, tmp_path):
    figures = result.plot()
    assert figures and all(isinstance(figure, Figure) for figure in figures.values())
    assert not {name: said for name, figure in figures.items() if (said := overlaps.faults(figure))}
    assert not [name for name, figure in figures.items() if not figure.get_suptitle()]
    assert {name: units.missing(figure) for name, figure in figures.items() if units.missing(figure)} == {}
    first = next(iter(figures))
    assert isinstance(coble.plot(result, first), Figure)
    with pytest.raises(ValueError, match="has no figure 'x'"):
        result.plot("x")
    result.report(tmp_path / "r.html")
    assert (tmp_path / "r.html").read_text().startswith("<!DOCTYPE html>")
    with pytest.raises(FileExistsError, match="name another file"):
        coble.report(result, tmp_path / "r.html")


@pytest.fixture(scope="module")
def page(made, tmp_path_factory):
    """A report of one result of every verb, and of both commands on a structure."""
    base = tmp_path_factory.mktemp("page")
    structure = load_case(shipped("structure"))
    with quickly():
        more = [coble.discriminate(structure, quick=True, target_error=0.2), coble.diffuse(structure, target_error=0.2)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("coble.reports.page._figures", lambda *_: ([], []))  # texts of figures have a test of their own
        coble.report([*map(made, VERBS), *more], base / "all.html")
    return base / "all.html"


def test_nothing_leaves_the_page_of_any_kind_and_all_of_it_is_seen(browser, page):
    chromium.opened(browser, page)
    for name, look in chromium.LOOKS.items():
        chromium.look(browser, *look)
        assert chromium.faults(browser) == [], name


def test_what_leaves_a_page_or_is_hardly_seen_is_found(browser, tmp_path):
    """The negative control."""
    cell = "<table style='table-layout: fixed; width: 40px'><tr><td style='white-space: nowrap'>a long cell</table>"
    text = f"<p style='color: #ddd'>pale</p>{cell}<p style='margin-left: -9px'>left</p><p>good</p>"
    (tmp_path / "page.html").write_text(f"<!DOCTYPE html><meta charset=utf-8><body style='margin: 0'>{text}")
    found = chromium.faults(chromium.opened(browser, tmp_path / "page.html"))
    assert found == ["hardly seen: P pale", "beyond its cell: TD a long cell", "beyond the page: P left"]


def test_results_of_another_content_differ(made):
    assert made("plate") != made("strip") and made("plate") != "plate"


def test_names_of_walls_are_escaped(made):
    plain = made("discriminate")
    wall = Case(
        tubule=parse_case(SMALL).tubule,
        wall=[{"name": "<b>&x", "concentration_cm3": 3e22, "diffusivity_cm2_s": 1e-12}],
    )
    with quickly():
        odd = coble.discriminate(wall, quick=True, target_error=0.2)
    assert "<b>&x" not in odd._repr_html_() and "&lt;b&gt;&amp;x" in odd._repr_html_()
    assert typeset(odd["<b>&x"].verdict.sentence) in str(odd).replace("\n", " ") and plain["LiC6"].name == "LiC6"
    with pytest.raises(KeyError, match="no wall 'LiC6'; there are <b>&x"):
        odd["LiC6"]


def test_a_network_of_a_wall(made):
    graph = made("discriminate").to_networkx("LiC6")
    assert isinstance(graph, networkx.DiGraph) and graph.number_of_edges() == len(made("discriminate")["LiC6"].network)
    assert all(0 < current <= 1.001 for _, _, current in graph.edges(data="current"))
    with pytest.raises(ValueError, match="wall: must be one of LiC6, got 'Na'"):
        made("discriminate").to_networkx("Na")
    with pytest.raises(ValueError, match="a result of kind 'creep' has no network"):
        made("creep").to_networkx()


def test_frames_are_atoms_of_ase(made, tmp_path):
    grown, carried = made("plate"), made("discriminate")
    assert len(grown.frames()) == len(coble.frames(grown, ":")) >= 4
    first, last = grown.frames(f"0::{len(grown.frames()) - 1}")
    assert len(last) - len(first) == grown.series.atoms[-1] - grown.series.atoms[0]
    assert len(carried.frames("last", atoms=["interface"])[0]) < len(carried.frames("last")[0])
    grown.save(tmp_path / "g")
    assert coble.frames(tmp_path / "g", 0) == grown.frames(0)
    with pytest.raises(ValueError, match="holds no result.h5"):
        made("creep").frames()


def test_structures_and_movies_are_written(made, tmp_path):
    grown = made("plate")
    coble.export(grown, tmp_path / "a.extxyz", ":", atoms=["bulk"], fixed_n=True)
    read = ase.io.read(tmp_path / "a.extxyz", ":")
    assert len(read) == len(grown.frames()) and len({len(atoms) for atoms in read}) == 1
    coble.export(grown.folder, tmp_path / "a", format="vasp")
    assert len(ase.io.read(tmp_path / "a", format="vasp")) == len(grown.frames("last")[0])
    assert coble.movie(grown, tmp_path / "a.gif", "0:2") == 2
    assert (tmp_path / "a.gif").read_bytes().startswith(b"GIF8")
    for write in (coble.export, coble.movie):
        with pytest.raises(FileExistsError, match="nothing was changed"):
            write(grown, tmp_path / "a.gif")


def test_what_a_run_would_be(folder):
    facts = dict(coble.check(parse_case(CREEP)).facts)
    assert facts["run it"] == "coble creep case"
    assert dict(coble.check("plate").facts)["run it"] == "coble plate plate"
    assert max(map(len, str(coble.check("mechanisms")).splitlines())) <= 80
    assert "coble tune" in dict(coble.check(folder / "targets.toml").facts)["run it"]
    with pytest.raises(coble.CaseError, match="design.depth_um: must be more than"):
        coble.check(parse_case(CELL + "depth_um = 5.0\n"))


def test_hop_rates_of_a_case(folder, tmp_path):
    found = coble.rates(folder / "tubule.toml", path=tmp_path / "r.toml")
    again = coble.rates(folder / "tubule.toml", rates=tmp_path / "r.toml")
    assert set(found.hop) == set(again.hop) >= {"interface", "wall", "bulk"}
    for name, hop in found.hop.items():
        assert again.hop[name].rate_1_s == pytest.approx(hop.rate_1_s, rel=1e-6)
    with pytest.raises(FileExistsError):
        coble.rates(folder / "tubule.toml", path=tmp_path / "r.toml")


def test_the_series_against_time(made):
    pytest.importorskip("pandas", reason='pip install ".[dataframes]"')
    frame, series = made("plate").to_pandas(), made("plate").series
    assert np.array_equal(frame["time_s"], series.time_s) and np.array_equal(frame["front_nm"], series.front_nm)
    lost = made("discriminate").to_pandas()["lost_if_off_value"]
    assert all(isnan(value) for value in lost)  # was not measured: quick


def test_numbers_have_their_errors_in_a_text(made):
    share = made("discriminate")["LiC6"].paths["interface"].share
    assert re.fullmatch(r"\d\.\d+ ± \d\.\d+", str(share))


# ---- while it runs -----------------------------------------------------------------------------------------------


def test_functions_are_called_at_records_of_growth():
    seen, without = [], []
    result = coble.plate(
        parse_case(PLATE), attach=[(lambda run: seen.append(run.n_record), 5), (lambda: without.append(1), 20)]
    )
    records = len(result.series.time_s)
    assert records // 5 - 1 <= len(seen) <= records // 5 + 1 and np.all(np.diff(seen) >= 5)
    assert seen == [5 * (i + 1) + 1 for i in range(len(seen))]
    assert len(without) == max(seen[-1] - 1, records - 2) // 20


def test_functions_are_called_at_reports():
    seen, every = [], []
    coble.creep(parse_case(CREEP), attach=[(seen.append, 2), (every.append, 1)])
    assert len(every) > 3 and len(seen) == len(every) // 2 and seen == every[1::2]
    assert all(isinstance(each, coble.Standing) and each.stage for each in every)


def test_what_a_function_raises_ends_the_run():
    def fail():
        raise ZeroDivisionError("enough")

    with pytest.raises(ZeroDivisionError, match="enough"):
        coble.discriminate(parse_case(SMALL), quick=True, target_error=0.2, attach=(fail, 1))


def test_a_run_that_is_stopped_keeps_what_it_has(tmp_path):
    asked = iter([False] * 3)
    result = coble.plate(parse_case(PLATE), should_stop=lambda: next(asked, True))
    assert result.interrupted and result.reason == "interrupted"
    result.save(tmp_path / "g")
    on = coble.resume(tmp_path / "g")
    whole = coble.plate(parse_case(PLATE))
    assert not on.interrupted and on.series == whole.series
    with pytest.raises(ValueError, match="the run is done"):
        coble.resume(tmp_path / "g")
    with pytest.raises(coble.NothingMeasured, match="stopped before there was anything to keep"):
        coble.sensitivity(parse_case(TUBULE), measured=True, should_stop=lambda: True)


def test_a_sweep_is_resumed_in_its_folder(folder, made, tmp_path):
    with quickly():
        cut = coble.sweep(folder / "campaign.toml", folder=tmp_path / "s", should_stop=lambda: True)
        assert sum(point.state == "done" for point in cut.points) < 2
        with pytest.raises(FileExistsError, match="resume it"):
            coble.sweep(folder / "campaign.toml", folder=tmp_path / "s")
        on = coble.resume(tmp_path / "s")
    assert [point.estimates for point in on.points] == [point.estimates for point in made("sweep").points]


def test_progress_is_said_when_it_is_asked_for(capsys):
    coble.plate(parse_case(PLATE))
    assert capsys.readouterr() == ("", "")  # no terminal here
    coble.plate(parse_case(PLATE), progress=False)
    assert capsys.readouterr() == ("", "")
    coble.plate(parse_case(PLATE), progress=True)
    out, err = capsys.readouterr()
    assert out == "" and "plating" in err


def test_a_notebook_has_a_bar(monkeypatch):
    from types import ModuleType, SimpleNamespace

    import coble.showing as showing

    bars = []

    class Bar:
        def __init__(self, **options):
            self.options, self.said, self.n, self.closed = options, [], 0.0, False
            bars.append(self)

        def set_description_str(self, text):
            self.said.append(text)

        def close(self):
            self.closed = True

    shell = type("ZMQInteractiveShell", (), {})()
    tqdm, auto = ModuleType("tqdm"), ModuleType("tqdm.auto")
    auto.tqdm = Bar
    monkeypatch.setitem(sys.modules, "tqdm", tqdm)
    monkeypatch.setitem(sys.modules, "tqdm.auto", auto)
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    monkeypatch.setattr(showing, "find_spec", lambda name: True)
    coble.plate(parse_case(PLATE))
    (bar,) = bars
    assert bar.closed and any("plating" in text for text in bar.said) and 0 <= bar.n <= 1


# ---- the same as the command -------------------------------------------------------------------------------------


def test_numbers_are_those_of_the_command(made, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for verb, text, options in (
        ("discriminate", SMALL, ["--quick", "--target-error", "0.2"]),
        ("plate", PLATE, []),
        ("creep", CREEP, []),
        ("design", CELL, []),
    ):
        (tmp_path / "c.toml").write_text(text)
        with quickly():
            assert invoke(verb, "c.toml", "--out", verb, *options).exit_code == 0
        command, face = coble.load(verb).content, made(verb).content
        changing = {"provenance", "run", "events_per_s", "seconds"}
        if verb == "discriminate":
            command, face = ({k: v for k, v in each["walls"][0].items()} for each in (command, face))
        assert {k: v for k, v in command.items() if k not in changing} == {
            k: v for k, v in face.items() if k not in changing
        }


def test_rates_of_a_table_are_used_and_kept(folder, made, tmp_path):
    table = made("tune").folder / "rates.toml"
    result = coble.sensitivity(folder / "tubule.toml", rates=table)
    assert result != made("sensitivity")
    result.save(tmp_path / "s")
    assert (tmp_path / "s" / "rates.toml").read_text() == table.read_text()
    assert coble.load(tmp_path / "s").case.digest(("experiment",)) == result.case.digest(("experiment",))


def test_a_design_takes_what_was_measured(made):
    with quickly():
        cell = parse_case(SMALL + "[design]\ndepth_um = 60.0\nsamples = 2e4\n")
        carried = coble.discriminate(cell, quick=True, target_error=0.1)
    result = coble.design(source=carried)
    assert result["LiC6"].source.startswith("measured, ") and result.paper == []
    assert made("design")["LiC6"].source == "formula"


def test_everything_that_is_exported_is_annotated():
    """Functions, and methods of classes that have no underscore in front; py.typed says so to type checkers."""
    bare = []
    for name in coble.__all__:
        thing = getattr(coble, name)
        own = {name: thing} if inspect.isfunction(thing) else {**vars(thing)} if thing.__module__[:5] == "coble" else {}
        for key, function in own.items():
            function = getattr(function, "fget", None) or getattr(function, "func", function)
            if key.startswith("_") or not inspect.isfunction(function):
                continue
            signature = inspect.signature(function)
            taken = [each for each in signature.parameters.values() if each.name not in ("self", "cls")]
            if (
                any(each.annotation is each.empty for each in (*taken,))
                or signature.return_annotation is signature.empty
            ):
                bare.append(f"{name}.{key}" if name != key else name)
    assert bare == []


@pytest.mark.parametrize("page", ["README.md", "docs/api.md"])
def test_pages_use_the_face_alone(page):
    used = [
        node
        for block in blocks(ROOT / page)
        if block.language == "python"
        for node in ast.walk(ast.parse(block.text))
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert {ast.unparse(node) for node in used} == {"import coble"}
    listed = re.findall(r"^\.\. auto\w+:: ([\w.]+)", (ROOT / page).read_text(encoding="utf-8"), re.M)
    assert all(name.count(".") == 1 and name.split(".")[1] in coble.__all__ for name in listed)
    missing = set(coble.__all__) - {name.split(".")[1] for name in listed}
    assert page == "README.md" or missing == set()
