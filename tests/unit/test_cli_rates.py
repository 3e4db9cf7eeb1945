"""`coble rates`, `tune`, `sensitivity` and `discriminate --experiment`: what they print, write and refuse."""

import json
import tomllib

import pytest
from cases import GROWS, TRACER, TUBULE
from command import BAD_CASE, OK, USAGE, invoke
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

import coble.kmc.estimates.fit
from coble.inputs.rate_table import RateFile
from coble.kinds.sensitivity.figures import plot_sensitivity
from coble.render.numbers import typeset
from coble.render.palette import STYLES


@pytest.fixture(autouse=True)
def tubule(here):
    (here / "tubule.toml").write_text(TUBULE)
    return here


def written(folder, text, name="targets.toml"):
    (folder / name).write_text(text)
    return name


def test_rates_are_printed_written_and_taken_back(tubule):
    found = invoke("rates", "tubule.toml", "--out", "rates.toml")
    assert found.exit_code == OK
    for word in ("interface-wall", "barrier", "detailed balance", "D·δ"):
        assert word.lower() in found.stdout.lower(), word
    rates = RateFile.model_validate(tomllib.loads((tubule / "rates.toml").read_text()))
    assert set(rates.hop) == {"interface", "surface", "bulk", "wall", "interface-wall", "interface-bulk"}
    changed = (
        (tubule / "rates.toml").read_text().replace("activation_energy_eV = 0.4\n", "activation_energy_eV = 0.5\n")
    )
    (tubule / "changed.toml").write_text(changed)
    again = invoke("rates", "tubule.toml", "--rates", "changed.toml")
    assert again.exit_code == OK and "0.5000" in again.stdout
    assert invoke("rates", "tubule.toml", "--out", "rates.toml").exit_code == BAD_CASE  # nothing is overwritten


def test_rates_at_a_temperature_are_those_of_a_case_there(tubule):
    """Also between two regions, each with its barrier; what comes back, too.  Without a barrier there is none."""
    one = TUBULE.replace('[[wall]]\nname = "Li22Si5"\n', "")
    warmer = one.replace("[run]", "[conditions]\ntemperature_K = 330.0\n[run]")
    numbers = []
    for case, at in ((one, ("--temperature", "330")), (warmer, ())):
        found = invoke("rates", written(tubule, case, "case.toml"), *at)
        rows = [line.split() for line in found.stdout.splitlines() if line.startswith(("interface", "bulk", "wall"))]
        numbers.append([row[:4] for row in rows[: len(rows) // 2]])
        assert found.exit_code == OK and {"interface-wall", "interface-bulk"} <= {row[0] for row in rows}
    carried, there = numbers
    assert carried == there and "–" not in {cell for row in carried for cell in row[:3]}
    written(tubule, TUBULE.replace("activation_energy_eV", "# activation_energy_eV"), "unknown.toml")
    found = invoke("rates", "unknown.toml", "--temperature", "330")
    assert "no barrier known" in found.stdout and "a region without a known barrier" in found.stdout


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (
            "temperature_K = 310.0\n[hop.wall]\nrate_1_s = 1e8",
            "temperature_K: must be that of the case, 300 K, got 310",
        ),
        ("temperature_K = 300.0\n[hop.wall]\nrate_1_s = -1", "hop.wall.rate_1_s: must be > 0 1/s, got -1"),
        (
            "temperature_K = 300.0\n[hop.interface-wall]\nrate_1_s = 1e8\nreverse_rate_1_s = 1e8",
            "hop.interface-wall.reverse_rate_1_s: must be 1.01e6 1/s by detailed balance",
        ),
        (
            "temperature_K = 300.0\n[hop.wall]\nrate_1_s = 1e8\nprefactor_1_s = 1e13\nactivation_energy_eV = 0.4",
            "hop.wall: prefactor_1_s and activation_energy_eV give 1.91e6 1/s at 300 K, but rate_1_s is 1e8",
        ),
        ('temperature_K = 300.0\n[hop.wall]\nrate_1_s = 1e8\ntie = "bulk"', "tie must name another class of this file"),
    ],
)
def test_a_rate_table_that_breaks_a_rule_is_refused(tubule, text, fault):
    (tubule / "bad.toml").write_text(text)
    found = invoke("rates", "tubule.toml", "--rates", "bad.toml")
    assert found.exit_code == BAD_CASE
    assert found.stderr.startswith("bad.toml") and fault in found.stderr and found.stdout == ""


def test_tune_writes_rates_that_the_next_run_takes(tubule):
    found = invoke("tune", written(tubule, TRACER), "--out", "tuned", "--seed", 3)
    assert found.exit_code == OK, found.stderr
    content = json.loads((tubule / "tuned/result.json").read_text())
    assert content["kind"] == "tune" and content["schema"] == 2
    assert content["batches"] <= 10 and content["unidentifiable"] == []
    rate = content["rates"]["wall"]
    assert rate["value"] / rate["start"] == pytest.approx(2 / 0.727, rel=0.4)  # D* = f D
    assert abs(content["residuals"][0]["sigmas"]) < 4
    assert {path.name for path in (tubule / "tuned").iterdir()} == {
        "rates.toml", "result.json", "targets.toml", "tune.png",
    }  # fmt: skip
    again = invoke("rates", "tubule.toml", "--rates", "tuned/rates.toml")
    assert again.exit_code == OK and typeset(f"{rate['value']:.4g}") in typeset(again.stdout)
    assert invoke("tune", "targets.toml", "--out", "tuned").exit_code == BAD_CASE


def test_what_the_targets_do_not_say_is_said_in_words(tubule, monkeypatch):
    monkeypatch.setattr(coble.kmc.estimates.fit, "MOST_BATCHES", 3)
    text = TRACER.replace('free = ["wall"]', 'free = ["wall", "bulk"]') + TRACER.partition("[[target]]")[2].join(
        ["[[target]]", ""]
    )
    found = invoke("tune", written(tubule, text), "--out", "tuned")
    content = json.loads((tubule / "tuned/result.json").read_text())
    assert content["unidentifiable"] == ["bulk"] and not content["converged"]
    assert content["rates"]["bulk"]["stderr"] is None
    assert "The targets say nothing about 'bulk'" in " ".join(found.stdout.split())


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (('["wall"]', '["wall", "bulk"]'), "free: more free rates than data: 2 are free and 1 targets are given"),
        (('["wall"]', '["wal"]'), "free[1]: must be 'interface', 'surface'"),
        (("2e-9", "0"), "target[1].error: must be > 0, got 0"),
        (('"cm2/s"', '"m2/s"'), "unit of a tracer_diffusivity must be 'cm2/s', got 'm2/s'"),
        (("2e-8", "2e-3"), "is it in another unit"),
        (('region = "wall"', ""), "a tracer_diffusivity is that of a region"),
        (("tubule.toml", "nowhere.toml"), "no such file"),
        (('["wall"]', '["wall barrier"]'), ""),
    ],
)
def test_faulty_targets_are_refused_before_any_work(tubule, change, fault):
    found = invoke("tune", written(tubule, TRACER.replace(*change)), "--out", "tuned")
    if not fault:
        return  # a barrier that a single temperature cannot give: said in words, not refused
    assert found.exit_code == BAD_CASE and fault in found.stderr, found.stderr
    assert not (tubule / "tuned").exists() and "Traceback" not in found.stderr


def test_sensitivity_sums_to_one(tubule):
    found = invoke("sensitivity", "tubule.toml", "--void-fraction", 0.5)
    assert found.exit_code == OK
    rows = [line.split() for line in found.stdout.splitlines()]  # the table stands in two parts
    cells = [float(cell) for row in rows if row[:1] == ["sum"] for cell in row[1:]]
    assert cells == pytest.approx([1.0] * 5, abs=2e-4)


def test_experiment_prints_and_writes_a_verdict(tubule):
    seen = ["--observed", "void_ratio=0+-0.1", "--observed", "marker=1.0+-0.1"]
    found = invoke("discriminate", "tubule.toml", "--experiment", "void", "--out", "e", *seen)
    assert found.exit_code == OK, found.stderr
    assert "Slip, with probability" in found.stdout
    content = json.loads((tubule / "e/result.json").read_text())
    assert content["kind"] == "experiment" and content["verdict"]["named"] == "slip" and content["truth"] is None
    assert [each["name"] for each in content["observables"]] == ["void_ratio", "marker", "log10_speed"]
    assert sum(content["probability"].values()) == pytest.approx(1)
    assert {path.name for path in (tubule / "e").iterdir()} == {"case.toml", "experiment.png", "result.json"}


@pytest.mark.parametrize(
    ("words", "status", "fault"),
    [
        (["--experiment", "gravity"], USAGE, "--experiment gravity: there are void"),
        (["--experiment", "void", "--truth", "x"], USAGE, "--truth x: must be one of"),
        (["--experiment", "void", "--observed", "void_ratio=1"], USAGE, "must be NAME=VALUE+-ERROR"),
        (["--experiment", "void", "--observed", "void_ratio=1+-0"], USAGE, "the error must be > 0"),
        (
            ["--experiment", "void", "--observed", "marker=1+-1", "--observed", "marker=2+-1"],
            USAGE,
            "--observed marker: is given twice",
        ),
        (["--experiment", "void", "--observed", "wall_ratio=1+-1"], BAD_CASE, "not an observable of these"),
        (["--experiment", "void", "--truth", "slip", "--observed", "marker=1+-1"], USAGE, "give one of the two"),
        (["--truth", "slip"], USAGE, "belong to an --experiment"),
        (["--observed", "marker=1+-1"], USAGE, "belong to an --experiment"),
    ],
)
def test_a_wrong_experiment_is_refused(tubule, words, status, fault):
    found = invoke("discriminate", "tubule.toml", "--out", "e", *words)
    assert found.exit_code == status and fault in found.stderr
    assert not (tubule / "e").exists() and found.stdout == ""


GROWTH = (
    GROWS
    + """\
depth_nm = 4.0
until_front_nm = 2.5
frames = 0
"""
)


@pytest.mark.parametrize("command", ["discriminate", "plate"])
def test_a_rate_table_stays_beside_the_results_that_it_gave(tubule, command):
    case = "tubule.toml" if command == "discriminate" else written(tubule, GROWTH, "growth.toml")
    invoke("rates", case, "--out", "mine.toml")
    found = invoke(command, case, "--rates", "mine.toml", "--out", "run")
    assert found.exit_code == OK, found.stderr
    assert (tubule / "run/rates.toml").read_text() == (tubule / "mine.toml").read_text()


@pytest.mark.parametrize("words", [["rates"], ["sensitivity"], ["discriminate", "--experiment", "void"]])
def test_an_empty_tubule_is_refused(tubule, words):
    name = written(tubule, TUBULE.replace("segment_nm", 'filling = "empty"\nsegment_nm'), "empty.toml")
    found = invoke(words[0], name, *words[1:])
    assert found.exit_code == BAD_CASE and "tubule.filling: must be 'metal'" in found.stderr
    assert "Traceback" not in found.stderr and found.stdout == ""


def test_measured_sensitivity_is_written_with_errors(tubule):
    words = ["tubule.toml", "--measured", "--error", 0.3, "--out", "s", "--seed", 3]
    found = invoke("sensitivity", *words)
    assert found.exit_code == OK, found.stderr
    content = json.loads((tubule / "s/result.json").read_text())
    assert content["kind"] == "sensitivity" and content["settings"]["seed"] == 3
    bars = {drawn.get_label(): drawn for drawn in plot_sensitivity(content, Figure().subplots()).containers}
    interface = bars["current of interface"]  # in the colour of the path, as in every other figure
    assert {to_rgb(bar.get_facecolor()[:3]) for bar in interface} == {to_rgb(STYLES["interface"].colour)}
    found = [content["control"]["current of interface"][name]["value"] for name in content["classes"]]
    assert [bar.get_width() for bar in interface] == found
    assert content["classes"] == ["interface", "bulk", "wall", "interface-bulk", "interface-wall"]
    for control in content["control"].values():
        assert all(each["stderr"] is None or each["stderr"] > 0 for each in control.values())
    assert content["rule"]["total current"] == 1.0 and 0 < content["sum"]["total current"]["stderr"] < 1
    again = invoke("sensitivity", *words)
    assert again.exit_code == BAD_CASE and "already holds" in again.stderr


def test_sensitivity_of_growth_takes_no_void_fraction(tubule):
    (tubule / "grow.toml").write_text(
        TUBULE.replace('[[wall]]\nname = "Li22Si5"\n', "[growth]\ndepth_nm = 5.0\nuntil_front_nm = 3.0\n")
    )
    found = invoke("sensitivity", "grow.toml", "--void-fraction", 0.5)
    assert found.exit_code == USAGE and "metal_from_nm" in found.stderr
