"""A few of the damages of `benchmarks/damages.py`, to results of which only quick readers are asked."""

import os
import random
import shutil
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
import damages

N = 24


@pytest.mark.parametrize("kind", ["plate", "shares"])
@pytest.mark.parametrize(
    ("name", "commands"),
    [("result.json", (damages.status,)), ("result.h5", (damages.export, damages.ase))],
)
def test_no_damage_is_silent_or_a_traceback(request, tmp_path, monkeypatch, kind, name, commands):
    whole_folder, count = request.getfixturevalue(kind), 0
    whole = {command: answer(whole_folder, tmp_path / "whole" / command.__name__, command) for command in commands}
    for n in range(N):
        command = commands[n % len(commands)]
        place = tmp_path / str(n)
        found = answer(whole_folder, place, command, lambda path, n=n: damages.damage(path, random.Random(n)), name)
        word = damages.judged(found, whole[command])
        count += word != "same"
        assert word not in damages.BAD, (n, command.__name__, found[:2])
    assert count > N / 2


def answer(folder, place, command, change=None, name=None):
    """What a command says of a copy of a result, damaged or not."""
    shutil.copytree(folder, place / "run", ignore=shutil.ignore_patterns("*.png", "*.extxyz"))
    if change:
        change(place / "run" / name)
    before = os.getcwd()
    os.chdir(place)
    try:
        return command(Path("run"))
    except ValueError as error:
        return 3, str(error), None
    finally:
        os.chdir(before)
