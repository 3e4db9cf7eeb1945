"""An interrupted result says what is missing: walls, temperatures, grains, classes of hops, points."""

import os
import subprocess
import sys
from threading import current_thread, main_thread

import pytest
from cases import GROWS, TWO_WALLS

from coble import parse_case
from coble.kinds.discriminate.result import as_dict
from coble.kinds.discriminate.run import discriminate
from coble.kinds.growth.result import as_dict as grown
from coble.kinds.growth.setup import prepare
from coble.kinds.registry import kinds
from coble.kmc.estimates.mechanisms import NONE as NOTHING_KNOWN
from coble.render.terminal import answer
from coble.reports.checks import checks_of
from coble.reports.standing import state_of
from coble.store.files import write_json

GROWING = f"""\
{GROWS}depth_nm = 6.0
metal_to_nm = 2.0
until_front_nm = 5.5
overpotential_V = 0.3
"""
PARTS = {  # of contents, by kind → sentence
    "creep": (
        {
            "provenance": {"case": {"creep": {"tensions_MPa": [1, 2], "grains_cells": [3, 4, 5]}}},
            "series": {"interface": [{}], "bulk": [{}, {}, {}], "interface and bulk": [], "tensions": [{}]},
        },
        "2 of 3 grains of the series interface; 3 of 3 grains of the series interface and bulk; 1 of 2 grains of the "
        "series tensions",
    ),
    "diffuse": (
        {
            "provenance": {"case": {"diffuse": {"temperatures_K": [500, 400, 300]}, "conditions": {}}},
            "temperatures": [{"temperature_K": 300, "reason": "target error met"}]
            + [{"temperature_K": 400, "reason": "interrupted"}],
        },
        "400 K: the requested accuracy; 500 K",
    ),
    "design": (
        {"provenance": {"case": {"wall": [{"name": "a"}, {"name": "b"}, {"name": "c"}]}}, "walls": [{"name": "a"}]},
        "wall b; wall c",
    ),
    "sensitivity": ({"not_reached": ["wall", "surface"]}, "hops of wall and surface"),
    "tune": ({"chi2_by_batch": [9.0, 4.0]}, "convergence, after 2 batches; the batch with fresh random numbers"),
    "experiment": (
        {"observables": [{"label": "void", "predicted": {"wall": {"value": 1.0}, "surface": None, "bulk": None}}]},
        "void if the lithium moves through the surface and bulk",
    ),
    "campaign": (
        {
            "setup": {"replicas": 4, "axis": [{"key": "a", "values": list(range(1, 9)), "spacing": "linear"}]},
            "points": [
                {"state": "done", "values": {"a": 1.0}, "replicas": [1, 2, 3, 4]},
                {"state": "running", "values": {"a": 2.0}, "replicas": [1]},
                *({"state": "waiting", "values": {"a": float(n)}, "replicas": []} for n in range(3, 9)),
            ],
        },
        "a = 2 (replicas: 1 of 4); a = 3; a = 4; a = 5; a = 6; 2 further points",
    ),
}


@pytest.mark.parametrize("name", PARTS)
def test_what_is_missing_is_named(name):
    content, missing = PARTS[name]
    kind = kinds()[name]
    assert kind.not_reached(content | {"interrupted": True}) == f"Interrupted. Not reached: {missing}."
    assert kind.not_reached(content | {"interrupted": False}) == ""


def test_every_kind_that_can_be_interrupted_says_what_is_missing():
    assert not [name for name, kind in kinds().items() if kind.unreached is type(kind).unreached]


def test_walls_and_stages_of_the_shares(tmp_path):
    calls = []

    def should_stop():
        if current_thread() is not main_thread():  # who measures; the other one looks as often as it hears something
            calls.append(1)
        return len(calls) > 6

    found = discriminate(parse_case(TWO_WALLS), quick=True, knowledge=False, should_stop=should_stop)
    content = as_dict(found, command=["coble"])
    assert content["interrupted"] and [wall["name"] for wall in content["walls"]] == ["LiC6"]
    sentence = "Interrupted. Not reached: LiC6: the requested accuracy; wall Li9Al4."
    said = list(answer(kinds()["discriminate"], content))
    assert any(getattr(part, "plain", "") == sentence for part in said)
    assert checks_of(content)[0].said == sentence
    write_json(tmp_path / "result.json", content)
    assert "; not reached: LiC6: the requested accuracy; wall Li9Al4" in state_of(tmp_path).detail


def test_growth_says_how_far_it_came():
    run = prepare(parse_case(GROWING), 1)
    calls = iter(range(10**9))
    run.run(lambda: next(calls) > 3)
    content = grown(run, command=["coble"])
    tip = content["series"]["front_nm"][-1]
    assert kinds()["growth"].said(content)[-1] == (
        f"Interrupted. Not reached: until_front_nm = 5.5 nm, the tip is at {tip:.1f} nm."
    )
    assert tip < 5.5


def test_a_run_that_was_stopped_at_once_shows_no_empty_row_or_table(tmp_path):
    run = prepare(parse_case(GROWING), 1)
    run.run(lambda: True)
    content = grown(run, command=["coble"])
    assert content["events"] == 0
    kind = kinds()["growth"]
    assert kind.headline(content) == "Interrupted before anything moved."
    (result,) = (part.table for part in answer(kind, content) if hasattr(part, "table"))
    assert all(all(row) for row in result.rows) and "events by path" not in [row[0] for row in result.rows]


def test_experiments_that_saw_nothing_tell_no_posterior():
    """They would be the prior; predictions that were simulated are told, and what was not is named."""
    each = {"name": "void_ratio", "label": "void", "unit": "", "exact": {"wall": 1.0}, "observed": None}
    content = {
        "observables": [each | {"predicted": {"wall": None}}],
        "probability": {"wall": 0.5, NOTHING_KNOWN: 0.5},
        "posterior": {"samples": 9.0},
        "speeds_nm_s": {},
        "truth": "case",
        "interrupted": True,
    }
    (predictions,) = kinds()["experiment"].tables(content)
    assert [row[0] for row in predictions.rows] == ["void", "exact"]
    assert "osterior" not in predictions.note and "prior" not in predictions.note
    assert kinds()["experiment"].not_reached(content).endswith("void if the lithium moves through the wall.")


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_ctrl_c_during_the_imports_of_the_command_leaves_no_traceback():
    code = (
        "import os, signal, sys, types\n"
        "class Slow(types.ModuleType):\n"
        "    def __getattr__(self, name): os.kill(os.getpid(), signal.SIGINT); raise AttributeError(name)\n"
        "sys.modules['typer'] = Slow('typer')\n"
        "from coble.__main__ import main\n"
        "main()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (130, "")
