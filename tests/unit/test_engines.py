"""Engines of campaigns: answers, errors, and workers that die."""

import importlib.util
import os
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import wait

import pytest
from tasks import die, die_at_first, fail, pid_after, square

from coble.kinds.campaign.engines import LAST_S, RETRIES, SupervisedPool, WorkerDied, engine
from coble.store.files import is_alive


@pytest.mark.parametrize("name", ["process", "pool"])
def test_answers_and_errors(name):
    with engine(name, 2) as executor:
        futures = [executor.submit(square, n) for n in range(20)]
        wrong = executor.submit(fail, "not this one")
        assert [future.result(30) for future in futures] == [n * n for n in range(20)]
        with pytest.raises(ValueError, match="not this one"):
            wrong.result(30)


def test_a_killed_worker_breaks_nothing(tmp_path):
    with SupervisedPool(2) as pool:
        struck = pool.submit(die_at_first, str(tmp_path / "tries"))
        others = [pool.submit(square, n) for n in range(10)]
        assert struck.result(60) == 3
        assert [future.result(60) for future in others] == [n * n for n in range(10)]


def test_a_task_that_kills_every_worker_is_given_up():
    with SupervisedPool(1) as pool:
        hopeless, fine = pool.submit(die), pool.submit(square, 3)
        with pytest.raises(WorkerDied, match=f"{RETRIES + 1} processes that ran it died, the last with signal 9"):
            hopeless.result(60)
        assert fine.result(60) == 9


def test_what_cannot_be_sent_is_an_error_and_not_a_hang():
    with SupervisedPool(1) as pool:
        with pytest.raises((AttributeError, TypeError, RuntimeError), match="pickle|lambda"):
            pool.submit(lambda: 1).result(30)
        with pytest.raises(RuntimeError, match="pickle"):
            pool.submit(open, os.devnull).result(30)
        assert pool.submit(square, 4).result(30) == 16


def test_two_workers_work_at_the_same_time():
    with SupervisedPool(2) as pool:
        wait([pool.submit(square, 1), pool.submit(square, 2)])
        pids = {future.result(30) for future in [pool.submit(pid_after, 0.3) for _ in range(4)]}
    assert len(pids) == 2 and os.getpid() not in pids


def test_shut_down_without_waiting_tasks():
    pool = SupervisedPool(1)
    first = pool.submit(pid_after, 0.2)
    rest = [pool.submit(square, n) for n in range(5)]
    time.sleep(0.05)
    pool.shutdown(cancel_futures=True)
    assert first.done() and all(future.done() for future in rest)
    with pytest.raises(RuntimeError, match="shut down"):
        pool.submit(square, 1)


ORPHANS = """\
import sys, time
sys.path.insert(0, sys.argv[1])
from tasks import pid_after
from coble.kinds.campaign.engines import SupervisedPool

if __name__ == "__main__":
    pool = SupervisedPool(1)
    print(pool.submit(pid_after, 0).result(), flush=True)
    pool.submit(pid_after, 600)
    time.sleep(600)
"""


def test_workers_end_with_a_command_that_was_killed_also_in_the_middle_of_a_task(tmp_path):
    (tmp_path / "orphans.py").write_text(ORPHANS)
    command = [sys.executable, tmp_path / "orphans.py", os.path.dirname(sys.modules["tasks"].__file__)]
    parent = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    worker = int(parent.stdout.readline())
    time.sleep(0.5)  # it has its second task
    assert is_alive(worker)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    until = time.monotonic() + LAST_S + 10
    while running(worker) and time.monotonic() < until:
        time.sleep(0.1)
    assert not running(worker)


def running(process):
    """Whether a process runs, and is not only a name that nobody has taken away."""
    try:
        with open(f"/proc/{process}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def test_dask_of_our_own_opens_no_port_for_a_dashboard():
    pytest.importorskip("distributed")
    with engine("dask", 1) as executor:
        assert executor.submit(square, 7).result(60) == 49
        scheduler = executor._cluster.scheduler
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", scheduler.http_server.port), timeout=5)
        encrypted = importlib.util.find_spec("cryptography") is not None
        assert scheduler.address.startswith("tls://127.0.0.1:" if encrypted else "tcp://127.0.0.1:")
