"""The list that `benchmarks/mutants.py` tries is in order: each mutant applies, and names tests that exist."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def mutants():
    if not (ROOT / "benchmarks").is_dir():
        pytest.skip("no benchmarks beside the tests: an sdist has none")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT / "benchmarks"))
        import mutants

        yield mutants
        for name in ("mutants", "mutant_list"):
            sys.modules.pop(name, None)


def test_every_mutant_applies_once(mutants):
    wrong, texts = [], {}
    for mutant in mutants.MUTANTS:
        path = ROOT / mutants.path_of(mutant)
        text = texts.setdefault(path, path.read_text(encoding="utf-8"))
        try:
            assert mutants.mutated(mutant, text) != text, mutant.name
        except mutants.NotFound as error:
            wrong.append(str(error))
    assert not wrong, "\n".join(wrong)


def test_there_are_a_hundred_with_names_of_their_own(mutants):
    names = [mutant.name for mutant in mutants.MUTANTS]
    assert len(set(names)) == len(names) >= 100
    changes = {(mutant.module, mutant.old, mutant.new) for mutant in mutants.MUTANTS}
    assert len(changes) == len(names)


def test_every_mutant_names_tests_that_exist(mutants):
    for mutant in mutants.MUTANTS:
        tests = mutants.tests_of(mutant)
        assert tests and all((ROOT / test).is_file() for test in tests), mutant.name


def test_a_text_that_is_missing_or_twice_there_is_an_error(mutants):
    one = replace(mutants.MUTANTS[0], old="nothing of the kind")
    with pytest.raises(mutants.NotFound, match="stands 0 times"):
        mutants.mutated(one, "text")
    with pytest.raises(mutants.NotFound, match="stands 2 times"):
        mutants.mutated(replace(one, old="a"), "a a")


def test_compiled_mutants_share_one_job(mutants):
    few = [*mutants.MUTANTS[:3], *[mutant for mutant in mutants.MUTANTS if not mutants.is_compiled(mutant)][:5]]
    first, *rest = mutants.shares(few, 3)
    assert all(map(mutants.is_compiled, first)) and not any(mutants.is_compiled(m) for some in rest for m in some)
    assert sorted(m.name for some in (first, *rest) for m in some) == sorted(m.name for m in few)
    assert len(mutants.shares(few, 1)) == 1
