"""CSV of hop rates, with every class of hops in detailed balance and the diffusivities asked; CSV of records."""

import csv
import json
from math import exp
from pathlib import Path

import pytest
from ase import Atoms
from ase.io import write
from cases import GROWS, OWN_WALL
from command import BAD_CASE, OK, USAGE, invoke
from stored import quickly

from coble import load_case, parse_case
from coble.kmc.constants import BOLTZMANN_EV_K
from coble.models.rate_numbers import COLUMNS

TUBULE = f"""\
{OWN_WALL}[interface]
occupancy = 0.2
[run]
target_error = 0.1
"""
FED = GROWS + "depth_nm = 8.0\nuntil_front_nm = 3.0\nrecords = 40\nframes = 0\ncurrent_pA = 70.0\n"
CHAIN = """\
[structure]
file = "chain.extxyz"
[barriers]
file = "neb.csv"
prefactor_1_s = 1e13
[[region]]
name = "0"
occupancy = 0.5
"""


def exported(folder, *words):
    """The rows of the file that `coble export --rates` writes: list of dict."""
    out = folder / "rates.csv"
    done = invoke("export", folder / "run", "--rates", "--out", out, *words)
    assert done.exit_code == OK, done.stderr
    with open(out, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert f"{len(rows)} classes of hops" in done.stdout and tuple(rows[0]) == COLUMNS
    return rows


def number(row, key):
    return float(row[key]) if row[key] else None


def in_balance(rows):
    """Whether what goes and what comes back between two regions is equal in every pair."""
    found = {}
    for row in rows:
        x, y = number(row, "occupancy_from"), number(row, "occupancy_to")
        found.setdefault((row["from"], row["to"]), 0.0)
        found[row["from"], row["to"]] += number(row, "rate_1_s") * x * (1 - y) * (number(row, "hops") or 1)
    pairs = [pair for pair in found if pair[0] != pair[1]]
    assert all(found[pair] == pytest.approx(found[pair[::-1]]) for pair in pairs)
    return len(pairs)


@pytest.fixture(scope="module")
def tubule(tmp_path_factory):
    folder = tmp_path_factory.mktemp("rates")
    (folder / "case.toml").write_text(TUBULE)
    with quickly():
        done = invoke("discriminate", folder / "case.toml", "--quick", "--out", folder / "run")
    assert done.exit_code == OK, done.stderr
    return folder


def test_every_class_of_hops_of_a_tubule_is_there(tubule):
    rows = exported(tubule)
    assert {row["wall"] for row in rows} == {"my-wall"}
    assert in_balance(rows) == 4  # interface to wall and bulk, and back
    (wall,) = (row for row in rows if row["from"] == row["to"] == "wall")
    case = parse_case(TUBULE)
    assert number(wall, "temperature_K") == case.conditions.temperature_K
    assert number(wall, "barrier_eV") == case.wall[0].activation_energy_eV
    kT = BOLTZMANN_EV_K * number(wall, "temperature_K")
    again = number(wall, "prefactor_1_s") * exp(-number(wall, "barrier_eV") / kT)
    assert again == pytest.approx(number(wall, "rate_1_s"))
    (sheet,) = (row for row in rows if row["from"] == row["to"] == "interface")
    assert number(sheet, "occupancy_from") == case.interface.occupancy


def test_every_class_of_hops_of_a_structure_is_there(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert invoke("init", "structure").exit_code == OK
    with quickly():
        assert invoke("discriminate", "structure.toml", "--quick", "--out", "run").exit_code == OK
    rows = exported(tmp_path)
    assert sum(int(row["hops"]) for row in rows) == 2 * 1536  # both ways of the bonds that `coble check` counts
    assert in_balance(rows) == 2 and {row["from"] for row in rows} == {"bulk", "sheet"}
    case = load_case("structure.toml")
    stated = {rule.between: (f"{rule.barrier_eV:g}", f"{rule.prefactor_1_s:g}") for rule in case.barrier}
    for row in rows:  # hops back follow from detailed balance: nobody gave them a barrier
        given = stated.get((row["from"], row["to"]), ("", ""))
        assert (row["barrier_eV"], row["prefactor_1_s"]) == given
    (full,) = (region.occupancy for region in case.region if region.name == "bulk")
    assert {row["occupancy_from"] for row in rows if row["from"] == "bulk"} == {str(full)}


def test_hops_of_a_table_have_its_barriers_both_ways(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write("chain.extxyz", Atoms("Li3", [(0, 0, z) for z in (0, 2, 4)], cell=[9, 9, 6], pbc=True))
    table = [(0, 1, 0.5, 0.4), (1, 2, 0.45, 0.45), (2, 0, 0.4, 0.5)]
    text = "".join(f"{i},{j},0,0,{int(j < i)},{there},{back}\n" for i, j, there, back in table)
    Path("neb.csv").write_text(f"site_i,site_j,shift_x,shift_y,shift_z,forward_eV,backward_eV\n{text}")
    Path("case.toml").write_text(CHAIN)
    with quickly():
        done = invoke("discriminate", "case.toml", "--quick", "--target-error", "0.2", "--out", "run")
    assert done.exit_code == OK, done.stderr
    rows = exported(tmp_path)
    found = sorted(row["barrier_eV"] for row in rows for _ in range(int(row["hops"])))
    assert found == sorted(f"{each:g}" for row in table for each in row[2:])
    assert {row["prefactor_1_s"] for row in rows} == {"1e+13"}


def test_what_cannot_be_written_is_refused_in_a_sentence(tubule):
    out = tubule / "there.csv"
    out.write_text("mine")
    done = invoke("export", tubule / "run", "--rates", "--out", out)
    assert done.exit_code == BAD_CASE and "exists" in done.stderr and out.read_text() == "mine"
    done = invoke("export", tubule, "--rates", "--out", tubule / "other.csv")
    assert done.exit_code == BAD_CASE and not (tubule / "other.csv").exists()


def test_the_records_of_growth_are_a_file(tmp_path, monkeypatch, tubule):
    """Voltage and charge of a run at constant current, as in its result; what has no records is refused."""
    monkeypatch.chdir(tmp_path)
    Path("case.toml").write_text(FED)
    assert invoke("plate", "case.toml", "--out", "run").exit_code == OK
    done = invoke("export", "run", "--series")
    assert done.exit_code == OK, done.stderr
    with open("run-series.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    series = json.loads(Path("run/result.json").read_text())["series"]
    assert f"{len(rows)} records" in done.stdout and len(rows) == len(series["time_s"]) > 5
    for name in ("time_s", "overpotential_V", "charge_fC", "front_nm"):
        assert [float(row[name]) for row in rows] == pytest.approx(series[name], rel=1e-12)
    assert [float(row["current_interface_A"]) for row in rows] == pytest.approx(series["current_A"]["interface"])
    done = invoke("export", tubule / "run", "--series", "--out", "none.csv")
    assert done.exit_code == BAD_CASE and "no records against time" in done.stderr
    for others in (("--rates",), ("--to", "traj"), ("--frame", "0"), ("--cut", "wedge"), ("--fixed-n",)):
        done = invoke("export", "run", "--series", *others, "--out", "none.csv")
        assert done.exit_code == USAGE and "one CSV file" in done.stderr and not Path("none.csv").exists()
    done = invoke("export", "run/result.h5", "--series", "--out", "same.csv")
    assert done.exit_code == OK and Path("same.csv").read_text() == Path("run-series.csv").read_text()
