"""Shared cores, and walls that are run side by side: order, what is said, what is kept when one fails or is stopped."""

from threading import Event
from types import SimpleNamespace

import numpy as np
import pytest

import coble.kmc.estimates.measure
import coble.kmc.estimates.switched_off
from coble import parse_case
from coble.kinds.discriminate.run import discriminate, in_order
from coble.kmc.estimates.cores import Cores
from coble.models.host import hosts_of

HOSTS = [SimpleNamespace(name=name) for name in "abcd"]
TUBULE = """\
[tubule]
inner_width_nm = 2.5
wall_thickness_nm = 1.0
[run]
target_error = 0.1
max_events = 1e5
"""
WALLS = '[[wall]]\nname = "LiC6"\n[[wall]]\nname = "Li9Al4"\n'


def test_what_is_urgent_comes_first():
    done, began, go = [], Event(), Event()
    with Cores(1) as cores:
        cores.at(0).submit(lambda: (began.set(), go.wait()))
        began.wait()  # what comes now has to wait
        later = [cores.at(urgency).submit(done.append, (urgency, n)) for n in range(2) for urgency in (2, 0, 1)]
        go.set()
        for each in later:
            each.result()
    assert done == [(0, 0), (0, 1), (1, 0), (1, 1), (2, 0), (2, 1)]


def test_a_failure_is_for_whoever_asks():
    with Cores(2) as cores:
        share = cores.at(0)
        assert list(share.map(str, range(5))) == list("01234")
        with pytest.raises(ZeroDivisionError):
            share.do(lambda: 1 / 0)
        with share:  # as the pool of a measurement, which does not close it
            pass
        assert share.do(sum, [1, 2]) == 3


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_walls_are_found_and_heard_in_their_order(workers):
    heard = []

    def run(host, cores, stopped, say):
        for stage in ("begins", "ends"):
            cores.do(say, host.name, stage)
        return host.name

    found = in_order(HOSTS, run, workers, lambda: False, lambda *words: heard.append(words))
    assert found == list("abcd")
    assert [name for name, _ in heard] == sorted(name for name, _ in heard)
    assert [name for name, stage in heard if stage == "ends"] == list("abcd")


def test_after_a_stop_nothing_is_said_of_walls_that_do_not_run_any_more():
    """But verdicts are: of what was measured until then."""
    heard, aside, stop = [], [], Event()

    def run(host, cores, stopped, say):
        say(host.name, "begins")
        if host.name == "b":
            stop.set()
        stop.wait()
        say(host.name, "goes on")
        if host.name in "ab":
            say(host.name, "verdict: " + host.name)

    in_order(HOSTS, run, 2, stop.is_set, lambda *words: heard.append(words), lambda *words: aside.append(words))
    assert [words for words in heard if words[1].startswith("verdict")] == [("a", "verdict: a"), ("b", "verdict: b")]
    assert {name for name, stage in heard + aside} <= {"a", "b"}
    assert not [words for words in heard + aside if words[1] == "goes on"]


def test_the_next_wall_runs_while_the_first_waits():
    second = Event()

    def run(host, cores, stopped, say):
        cores.do(second.wait if host.name == "a" else second.set)
        return host.name

    assert in_order(HOSTS[:2], run, 2, lambda: False, lambda *_: None) == ["a", "b"]


def test_a_wall_that_fails_ends_the_others():
    def run(host, cores, stopped, say):
        if host.name == "a":
            raise ArithmeticError("a")
        while not stopped():
            pass

    with pytest.raises(ArithmeticError):
        in_order(HOSTS, run, 2, lambda: False, lambda *_: None)


def test_walls_of_one_density_share_a_lattice_and_all_share_the_bore():
    first, same, other = hosts_of(parse_case(TUBULE))[:3]  # LiC6, LiC6-optimistic, Li9Al4
    assert first.graph is same.graph and first.graph is not other.graph
    assert first.calibration != other.calibration
    alone = hosts_of(parse_case(TUBULE))[2]
    assert other.calibration == alone.calibration  # whoever comes first


def test_numbers_do_not_depend_on_who_runs_beside(monkeypatch):
    monkeypatch.setattr(coble.kmc.estimates.measure, "LEAST_EVENTS", 500)
    monkeypatch.setattr(coble.kmc.estimates.measure, "CARRIER_EVENTS", 1)
    monkeypatch.setattr(coble.kmc.estimates.switched_off, "FEWEST_BLOCKS", 4)
    case = parse_case(TUBULE + WALLS)
    one, two = (discriminate(case, workers=workers, knowledge=False) for workers in (1, 2))
    assert [wall.name for wall in two.walls] == [wall.name for wall in one.walls]
    for a, b in zip(one.walls, two.walls, strict=True):
        np.testing.assert_array_equal(a.measurement.hops, b.measurement.hops)
        assert {k: path.lost_if_off for k, path in a.paths.items()} == {k: p.lost_if_off for k, p in b.paths.items()}
        assert {k: t.haven_ratio for k, t in a.tracer.items()} == {k: t.haven_ratio for k, t in b.tracer.items()}
        assert a.exact_shares == b.exact_shares
