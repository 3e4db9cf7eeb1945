"""`coble init`, `check` and `run`: which command a file is for, what is said of it, and what is refused."""

import json
import re

import pytest
from cases import GROWS
from command import BAD_CASE, OK, USAGE, invoke, told

import coble
from coble.inputs.case import CaseError, load_case, parse_case, shipped, templates
from coble.inputs.file_kinds import kind_of
from coble.inputs.sections import EXPERIMENTS as NAMES
from coble.kinds.experiment.run import EXPERIMENTS
from coble.kinds.jobs import read_job
from coble.kinds.registry import command_of
from coble.models.host import hosts_of
from coble.models.tubules.tubule import sites_by_wall

pytestmark = pytest.mark.usefixtures("here")

GROWTH = (
    GROWS
    + """\
depth_nm = 6.0
until_front_nm = 3.0
until_left_nm = 1.2
records = 20
frames = 0
"""
)
TARGETS = """\
case = "case.toml"
free = ["interface"]
[[target]]
kind = "tracer_diffusivity"
region = "interface"
value = 2e-7
error = 0.5e-7
unit = "cm2/s"
"""


CAMPAIGN = """\
case = "case.toml"
replicas = 1
events = 1e5
[[axis]]
key = "tubule.inner_width_nm"
values = [3.0, 4.0]
"""


def written(here, text, name="mine.toml"):
    (here / name).write_text(text)
    return name


@pytest.fixture(autouse=True)
def short_trial(monkeypatch):
    monkeypatch.setattr("coble.kinds.growth.asked.TRIAL_S", 0.1)


# --- init ---


@pytest.mark.parametrize("name", [*shipped(), "targets", "campaign"])
def test_every_file_to_start_from_is_good_and_has_its_command(here, name):
    assert invoke("init", name).exit_code == OK
    text = (here / f"{name}.toml").read_text()
    assert text == templates()[name].read_text()
    commands = {
        "campaign": "sweep",
        "paper": "discriminate",
        "mechanisms": "discriminate",
        "observations": "discriminate",
        "structure": "discriminate",
        "creep": "creep",
        "targets": "tune",
        "cycle": "cycle",
        "design": "design",
    }
    strips = {"strip", "void"}
    assert read_job(here / f"{name}.toml").command == commands.get(name, "strip" if name in strips else "plate")


def test_init_overwrites_nothing_and_can_write_elsewhere(here):
    (here / "taken.toml").write_text("precious")
    found = invoke("init", "plate", "-o", "taken.toml")
    assert found.exit_code == BAD_CASE and "exists" in found.stderr and found.stdout == ""
    assert (here / "taken.toml").read_text() == "precious"
    assert invoke("init", "plate", "-o", "nowhere/mine.toml").exit_code == BAD_CASE
    found = invoke("init", "plate", "-o", "-")
    assert found.stdout == shipped("plate").read_text() and not (here / "plate.toml").exists()


def test_init_lists_what_there_is(here):
    found = invoke("init", "--list")
    lines = [line.split() for line in found.stdout.splitlines() if line[0] != " "]  # the others go on
    assert [name for name, *_ in lines] == list(templates())
    assert all(len(line) > 3 for line in lines)
    found = invoke("init", "plat")
    assert found.exit_code == USAGE and "did you mean 'plate'?" in found.stderr


# --- Which command ---


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("", ("discriminate", ())),
        ("[slip]\nexponent = 5.0", ("discriminate", ())),
        ("[experiment]", ("discriminate", ("void",))),
        ('[experiment]\nwhich = ["width", "void"]', ("discriminate", ("width", "void"))),
        ("[growth]", ("plate", ())),
        ("[growth]\noverpotential_V = -0.1", ("strip", ())),
        ("[growth]\ncycles = 3", ("cycle", ())),
        ("[growth]\nsteps_V = [-0.1, 0.1]\nsteps_s = [1e-6, 1e-6]", ("strip", ())),
        ("[growth]\n[experiment]", ("plate", ())),
        ("[design]", ("design", ())),
        ("[design]\n[experiment]", ("discriminate", ("void",))),
    ],
)
def test_command_of_a_case(text, command):
    case = parse_case(text)
    kind, name = command_of(case)
    assert (name, tuple(kind.options(case).get("experiment", ()))) == command


@pytest.mark.parametrize(
    ("command", "case", "meant"),
    [("strip", "plate", "plate"), ("cycle", "strip", "strip"), ("plate", "cycle", "cycle")],
)
def test_metal_that_grows_is_not_stripped(here, command, case, meant):
    found = invoke(command, case)
    assert found.exit_code == BAD_CASE and f"is a case for `coble {meant}`: growth." in found.stderr
    assert [path.name for path in here.iterdir()] == ["case.toml"]


@pytest.mark.parametrize("words", [("--target-error", "0,05"), ("--target-error=0,05",)])
def test_a_decimal_comma_of_an_option_is_answered_with_a_point(words):
    found = invoke("discriminate", *words)
    assert found.exit_code == USAGE and found.stderr.rstrip().endswith("number; write 0.05"), found.stderr


@pytest.mark.parametrize("command", ["strip", "cycle"])
def test_a_case_without_growth_is_not_plated_by_another_name(here, command):
    """The defaults of [growth] plate at 0.1 V."""
    written(here, "[tubule]\ninner_width_nm = 3\n[[wall]]\nname = 'inert'\n", "mine.toml")
    found = invoke(command, "mine.toml")
    said = f"mine.toml: has no [growth]; `coble init {command}` writes a case with one"
    assert found.exit_code == BAD_CASE and said in " ".join(found.stderr.split())
    assert not (here / "coble-runs").exists()
    with pytest.raises(CaseError, match=r"has no \[growth\]"):
        getattr(coble, command)(here / "mine.toml")


@pytest.mark.parametrize(
    ("key", "says"), [("inner_width_nm = 4,5", "write 4.5"), ("inner_width_nm = '4,5'", "(a string); write 4.5")]
)
def test_a_decimal_comma_is_answered_with_a_point(here, key, says):
    written(here, f"[tubule]\n{key}\n", "mine.toml")
    found = invoke("check", "mine.toml")
    assert found.exit_code == BAD_CASE and says in " ".join(found.stderr.split())


@pytest.mark.parametrize(
    ("command", "text", "message"),
    [
        ("tune", "[tubule]\ninner_width_nm = 3.0\n", "is a case, not a target file: `coble run` knows its command"),
        ("sweep", "[tubule]\ninner_width_nm = 3.0\n", "is a case, not a campaign: `coble run` knows its command"),
        ("discriminate", "case = 'paper'\n[[target]]\n", "is a target file, not a case: `coble run` knows its command"),
        ("plate", "case = 'plate'\n[[axis]]\n", "is a campaign, not a case: `coble run` knows its command"),
        ("rates", "[hop.wall]\nrate_1_s = 1.0\n", "is a rate table, not a case: give it to a command with --rates"),
        ("discriminate", "[tubule]\n[[axis]]\n", "axis: unknown section"),  # some of it fits
        ("tune", "[tubul]\n", "tubul: unknown"),
    ],
)
def test_a_file_of_another_kind_is_called_what_it_is(here, command, text, message):
    (here / "mine.toml").write_text(text)
    found = invoke(command, "mine.toml")
    assert found.exit_code == BAD_CASE and message in found.stderr, found.output
    assert found.stderr.count("\n") == 1 or not message.startswith("is ")


def test_kind_of_a_file_even_of_a_faulty_one():
    assert kind_of({"target": 3}) == kind_of({"free": []}) == "targets"
    assert kind_of({"hop": {}, "temperature_K": "cold"}) == "rates"
    assert kind_of({"axis": 3, "case": ""}) == kind_of({"case": "", "replicas": "many"}) == "campaign"
    assert kind_of({"tubul": {}}) == kind_of({}) == "case"


def test_experiments_of_a_case_are_those_that_there_are():
    assert tuple(EXPERIMENTS) == NAMES
    assert load_case(shipped("mechanisms")).experiment.which == ("void",)


# --- check ---


def test_check_says_what_a_run_would_be(here):
    found = invoke("check", written(here, GROWTH))
    assert found.exit_code == OK and "coble plate mine.toml" in found.stdout
    (sites,) = re.findall(r"about (\S+) sites", found.stdout)
    (events,) = re.findall(r"about (\d)×10(\S) events|$", found.stdout)[:1]
    assert invoke("run", "mine.toml", "--out", "o").exit_code == OK
    content = json.loads((here / "o/result.json").read_text())
    assert float(sites) == pytest.approx(content["run"]["sites"], rel=0.2)
    if any(events):  # else it was over within the trial
        assert 0.3 < float(events[0]) * 10 ** "⁰¹²³⁴⁵⁶⁷⁸⁹".index(events[1]) / content["events"] < 3
    assert sorted(path.name for path in here.iterdir()) == ["case.toml", "mine.toml", "o"], "check wrote something"


def test_check_names_no_limit_that_a_run_cannot_keep(here):
    """Every replica runs an episode, of some 300,000 events."""
    for limit, ends in ((1, "6×10⁵"), (2_000_000, "2×10⁶")):
        text = f'[tubule]\ninner_width_nm = 3\n[[wall]]\nname = "inert"\n[run]\nmax_events = {limit}\n'
        (here / "mine.toml").write_text(text)
        assert f"or after {ends} events per wall" in " ".join(invoke("check", "mine.toml").stdout.split())


def test_check_says_all_faults_of_all_files(here):
    written(here, "[tubule]\ninner_width = 3\n[run]\nseed = 1.5\n", "bad.toml")
    written(here, GROWTH + '[[wall]]\nname = "LiC6"\n', "walls.toml")
    written(
        here, TARGETS.replace('["interface"]', '["interface", "wall"]') + "temperature_K = 1000.0\n", "targets.toml"
    )
    written(here, "temperature_K = 20.0\n[hop.interface]\nrate = 1\n", "rates.toml")
    found = invoke("check", "case.toml", "bad.toml", "walls.toml", "targets.toml", "rates.toml", "missing.toml")
    assert found.exit_code == BAD_CASE
    starts = (
        "bad.toml:2: tubule.inner_width:", "bad.toml:4: run.seed:", "walls.toml: wall: metal grows into",
        "targets.toml:2: free: more free", "targets.toml:3: target[1]: must be at", "rates.toml:1: temperature_K:",
        "rates.toml:3: hop.interface.rate:", "missing.toml: no such file",
    )  # fmt: skip
    lines = told(found)
    assert len(lines) == len(starts), found.stderr
    assert all(line.startswith(start) for line, start in zip(lines, starts, strict=True)), found.stderr
    assert "case.toml: good" in found.stdout and "bad.toml" not in found.stdout


@pytest.mark.parametrize(
    ("change", "warning"),
    [
        (("frames = 0", "overpotential_V = 0.5"), "3.7 GPa on Li"),  # 7.4 GPa per volt
        (("frames = 0", "max_events = 1000"), "max_events"),
        (("[growth]", "[bonds]\nwetting = 0.4\n[growth]"), "does not wet"),
        (("[growth]", "[metal]\ndiffusivity_cm2_s = 1e-6\n[growth]"), "faster"),
        (("frames = 0", "depth_nm_"), None),
    ],
)
def test_check_warns_of_odd_physics(here, change, warning):
    if warning is None:
        assert "warning" not in invoke("check", written(here, GROWTH)).stdout
        return
    found = invoke("check", written(here, GROWTH.replace(*change)))
    said = " ".join(found.stdout.split())
    assert found.exit_code == OK and "warning" in said and warning in said


def test_check_knows_built_in_campaigns_and_goes_on_after_a_file_that_is_not_there(here):
    found = invoke("check", "missing.toml", "mechanism-map")
    assert found.exit_code == BAD_CASE and found.stderr.startswith("missing.toml: no such file")
    assert found.stdout.startswith("mechanism-map: good, a campaign")


def test_a_file_that_is_not_there_is_answered_with_the_one_that_was_meant(here):
    written(here, GROWTH)
    for given in ("min.toml", "mine.tom"):
        found = invoke("run", given)
        assert found.exit_code == BAD_CASE and found.stderr == f"{given}: no such file; did you mean 'mine.toml'?\n"


def test_messages_name_a_built_in_case_as_it_was_named(here):
    """And not its folder, which nobody typed."""
    for words, said in (
        (["plate", "paper"], "built-in paper.toml: wall: metal grows into a tubule with one wall"),
        (["creep", "structure"], "built-in structure.toml:11: structure: is not for this kind of run"),
        (["discriminate", "--experiment", "void", "--observed", "x=1+-0.1"], "--observed x: not an observable"),
        (["discriminate", "--next", "--observed", "x=1+-0.1"], "--observed x: not an observable"),
    ):
        found = invoke(*words)
        assert found.exit_code == BAD_CASE and found.stderr.startswith(said), found.stderr


@pytest.mark.parametrize(
    "tubule",
    [
        "inner_width_nm = 3.0\nwall_thickness_nm = 1.0",  # its period is 2.48 nm, and not the 2 nm that were asked for
        'inner_width_nm = 5.0\nwall_thickness_nm = 2.0\nfilling = "empty"',
        'inner_width_nm = 5.0\nwall_thickness_nm = 2.0\nshape = "hexagonal-array"',
        'inner_width_nm = 3.0\nwall_thickness_nm = 1.0\nshape = "slab"',
        'inner_width_nm = 3.0\nwall_thickness_nm = 1.0\naxis = "100"',
    ],
)
def test_the_sites_that_check_says_are_those_that_are_built(tubule):
    case = parse_case(f"[tubule]\n{tubule}\n[[wall]]\nname = 'Li9Al4'\n[[wall]]\nname = 'inert'")
    built = [host.graph.n_site for host in hosts_of(case)]
    assert sites_by_wall(case) == pytest.approx(built, rel=0.06)


def test_check_of_a_large_case_builds_nothing(here):
    found = invoke("check", written(here, GROWTH.replace("2.5", "20").replace("6.0", "200")))
    assert found.exit_code == OK and "not tried" in found.stdout
    found = invoke("check", written(here, GROWTH.replace("2.5", "900").replace("6.0", "900")))
    assert found.exit_code == BAD_CASE and "do not fit" in found.stderr


def test_check_and_run_say_all_that_experiments_lack(here):
    written(here, '[experiment]\nwhich = ["wall-swap", "temperature"]\n[[wall]]\nname = "LiC6"\n')
    for words in (["check", "mine.toml"], ["run", "mine.toml"]):
        found = invoke(*words)
        first, second = found.stderr.splitlines()
        assert found.exit_code == BAD_CASE and found.stdout == ""
        assert "wall-swap compares" in first and "wall[1].activation_energy_eV: is missing" in second


def test_check_puts_faults_of_targets_and_rates_into_our_words(here):
    written(here, TARGETS.replace("value", "valu") + "path = 3\n[other]\n", "t.toml")
    written(here, "temperature = 300.0\n[hop.interfaces]\nrate_1_s = 1e9\n", "r.toml")
    written(here, "hop = 3\ntemperature_K = 300.0\n", "h.toml")
    lines = told(invoke("check", "t.toml", "r.toml", "h.toml"))
    assert sorted(lines) == sorted([
        "t.toml:3: target[1].value: is missing",
        "t.toml:6: target[1].valu: unknown key, did you mean 'value'?",
        "t.toml:9: target[1].path: must be 'interface', 'surface', 'bulk' or 'wall', got 3 (an integer)",
        "t.toml:10: other: unknown key, must be one of " + lines[3].rpartition(" of ")[2],
        "r.toml: temperature_K: is missing",
        "r.toml:1: temperature: unknown key, did you mean 'temperature_K'?",
        "r.toml:2: hop.interfaces: must be 'interface', 'surface', 'bulk', 'wall', 'interface-wall' or "
        "'interface-bulk', got 'interfaces'; did you mean 'interface'?",
        "h.toml:1: hop: must be a table, got 3 (an integer)",
    ])  # fmt: skip


def test_check_says_which_word_of_a_target_file_was_meant(here):
    text = TARGETS.replace('region = "interface"', 'region = "interfase"').replace('["interface"]', '["wal"]')
    written(here, text.replace("tracer_diffusivity", "tracer_difusivity"), "t.toml")
    meant = [line.partition("; did you mean ")[2] for line in told(invoke("check", "t.toml"))]
    assert meant == ["'wall'?", "'tracer_diffusivity'?", "'interface'?"]


# --- run ---


def test_run_takes_the_right_command(here):
    written(here, GROWTH.replace("frames = 0", "metal_to_nm = 3.0\noverpotential_V = -0.1"))
    assert invoke("run", "mine.toml", "--out", "s", "--seed", 5).exit_code == OK
    content = json.loads((here / "s/result.json").read_text())
    assert content["reason"].startswith("length of the metal fell to until_left_nm")
    assert content["provenance"]["settings"]["seed"] == 5
    written(here, TARGETS)
    assert invoke("run", "mine.toml", "--out", "t", "--workers", 1).exit_code == OK
    assert json.loads((here / "t/result.json").read_text())["kind"] == "tune"
    (here / "case.toml").write_text((here / "case.toml").read_text() + "max_events = 2e5\n")
    assert invoke("run", "case.toml", "--out", "d").exit_code == OK
    assert json.loads((here / "d/result.json").read_text())["kind"] == "discriminate"


def test_run_makes_a_campaign_and_goes_on_with_it(here):
    written(here, CAMPAIGN)
    found = invoke("check", "mine.toml")
    assert found.exit_code == OK and "2, over tubule.inner_width_nm" in found.stdout
    assert invoke("run", "mine.toml", "--out", "c", "--workers", 1).exit_code == OK
    found = invoke("status", "c")
    assert found.stdout.split()[1] == "done" and "2 of 2 points" in found.stdout
    assert not (here / "c/status.json").exists()
    assert invoke("run", "--resume", "c", "--workers", 1).exit_code == OK
    found = invoke("run", "mine.toml", "--seed", 3)
    assert found.exit_code == USAGE and "--seed: means nothing to `coble sweep`" in found.stderr


@pytest.mark.parametrize(
    ("words", "status", "message"),
    [
        ([], USAGE, "give a CASE"),
        (["missing.toml"], BAD_CASE, "missing.toml: no such file"),
        (["plate", "--workers", "2"], USAGE, "--workers: means nothing to `coble plate`"),
        (["mine.toml", "--rates", "r.toml"], USAGE, "--rates: means nothing to `coble tune`"),
        (["--resume", "."], USAGE, "is a run of `coble discriminate`, and only runs of"),
        (["plate", "--resume", "."], USAGE, "--resume"),
        (["rates.toml"], USAGE, "is a rate table, which no command runs"),
    ],
)
def test_run_refuses(here, words, status, message):
    written(here, TARGETS)
    written(here, templates()["rates"].read_text(), "rates.toml")
    found = invoke("run", *words)
    assert found.exit_code == status and message in found.stderr and found.stdout == ""
    assert not (here / "coble-runs").exists()
