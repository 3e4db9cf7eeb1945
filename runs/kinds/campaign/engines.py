"""Where the tasks of a campaign run: in this process, in a pool of our own, on Dask.

All are `concurrent.futures.Executor`s, and any other one will do: what a task gives does not depend on where or in
which order it runs.
"""

import logging
import multiprocessing
import os
import pickle
import signal
import threading
from collections import deque
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from multiprocessing.connection import wait
from time import sleep

RETRIES = 3  # of a task whose worker died
LAST_S = 3.0  # that a worker has to put its work away when the process that hired it is gone
ENGINES = ("process", "pool", "dask")


class WorkerDied(Exception):
    """The processes that ran a task died, every time."""


def engine_for(workers=2, address=None):
    """Name of the engine that is taken when none is named."""
    return "dask" if address else "pool" if workers > 1 else "process"


def engine(name, workers=2, address=None):
    """The executor of that name.

    Parameters
    ----------
    name : str
        One of `ENGINES`.
    workers : int
    address : str, optional
        Of a running Dask scheduler; without it one is started on this machine.

    Raises
    ------
    ValueError
        When Dask is not installed, or no scheduler answers at the address.
    """
    if name == "process":
        return ThreadPoolExecutor(1)  # not this thread: it has to notice Ctrl-C
    return SupervisedPool(workers) if name == "pool" else _dask(workers, address)


class SupervisedPool(Executor):
    """A pool of processes that survives the death of any of them: the task is given to a new one.

    (In the standard library's pool one killed worker breaks the tasks of all.)
    """

    def __init__(self, workers):
        self._context = multiprocessing.get_context("spawn")
        self._jobs, self._lock = deque(), threading.Lock()
        self._asked, self._ask = self._context.Pipe(duplex=False)
        self._workers, self._n_worker, self._open = [], workers, True
        self._supervisor = threading.Thread(target=self._supervise, daemon=True)
        self._supervisor.start()

    def submit(self, work, /, *arguments):
        if not self._open:
            raise RuntimeError("the pool was shut down")
        job = _Job(work, arguments, Future())
        with self._lock:
            self._jobs.append(job)
        self._ask.send(None)
        return job.future

    def shutdown(self, wait=True, *, cancel_futures=False):
        if cancel_futures:
            with self._lock:
                while self._jobs:
                    self._jobs.popleft().future.cancel()
        if self._open:
            self._open = False
            self._ask.send(None)
        if wait:
            self._supervisor.join()

    def _supervise(self):
        """Give jobs to idle workers, take in results, replace the dead, until shut down and all is done."""
        while self._open or self._jobs or any(worker.job for worker in self._workers):
            self._assign()
            pipes = {worker.pipe: worker for worker in self._workers}
            ends = {worker.process.sentinel: worker for worker in self._workers}
            for ready in wait([self._asked, *pipes, *ends]):
                if ready is self._asked:
                    self._asked.recv()
                elif ready in pipes:
                    self._take(pipes[ready])
                elif ends[ready] in self._workers:  # not one whose pipe told of its end already
                    self._bury(ends[ready])
        for worker in self._workers:
            worker.pipe.close()  # a worker whose pipe is closed at the other end stops
            worker.process.join()

    def _assign(self):
        with self._lock:
            idle = [worker for worker in self._workers if not worker.job]
            while self._jobs and (idle or len(self._workers) < self._n_worker):
                job = self._jobs.popleft()
                if not job.future.running() and not job.future.set_running_or_notify_cancel():
                    continue
                worker = idle.pop() if idle else self._hire()
                worker.job = job
                try:
                    worker.pipe.send((job.work, job.arguments))
                except OSError:  # it has just died: its sentinel will tell
                    pass
                except Exception as error:  # the task cannot be sent
                    worker.job = None
                    job.future.set_exception(error)

    def _hire(self):
        here, there = self._context.Pipe()
        process = self._context.Process(target=_serve, args=(there,), daemon=True)
        process.start()
        there.close()
        worker = _Worker(process, here)
        self._workers.append(worker)
        return worker

    def _take(self, worker):
        try:
            done, value = worker.pipe.recv()
        except (EOFError, OSError):
            self._bury(worker)
            return
        job, worker.job = worker.job, None
        (job.future.set_result if done else job.future.set_exception)(value)

    def _bury(self, worker):
        """A worker is dead: its task goes to the head of the queue."""
        self._workers.remove(worker)
        worker.pipe.close()
        worker.process.join()
        job = worker.job
        if job is None:
            return
        job.deaths += 1
        if job.deaths > RETRIES:
            code = worker.process.exitcode
            how = f"signal {-code}" if code < 0 else f"status {code}"
            job.future.set_exception(WorkerDied(f"{job.deaths} processes that ran it died, the last with {how}"))
            return
        with self._lock:
            self._jobs.appendleft(job)


class _Job:
    def __init__(self, work, arguments, future):
        self.work, self.arguments, self.future, self.deaths = work, arguments, future, 0


class _Worker:
    def __init__(self, process, pipe):
        self.process, self.pipe, self.job = process, pipe, None


def _serve(pipe):
    """A worker's life: tasks from the pipe, one after the other, until nobody is at the other end."""
    for name in ("SIGINT", "SIGHUP"):  # Ctrl-C and a lost connection are for the one who sends tasks
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    while True:
        try:
            sent = pipe.recv_bytes()
        except (EOFError, OSError):
            return
        try:
            work, arguments = pickle.loads(sent)  # what cannot be imported here is an error; the worker goes on
            answer = True, work(*arguments)
        except Exception as error:
            answer = False, error
        try:
            pipe.send(answer)
        except (OSError, EOFError):
            return
        except Exception as error:  # an answer, or an error, that cannot be pickled
            pipe.send((False, RuntimeError(f"{type(answer[1]).__name__}: {answer[1]} ({error})")))


def _end_with_parent():
    """End this worker when the process that hired it is gone, killed perhaps, in the middle of a task if need be.

    A task that looks whether to stop does so by itself, and keeps what it has counted.  Files are whole or not there.
    """
    wait([multiprocessing.parent_process().sentinel])
    sleep(LAST_S)
    os._exit(1)


def _dask(workers, address):
    """An executor on Dask: a scheduler at an address, or one on this machine."""
    try:
        from distributed import Client
    except ImportError:
        raise ValueError('--engine dask: Dask is not installed; pip install "coble[dask]"') from None
    if address is None:
        cluster = _dask_cluster(workers)
        return DaskExecutor(Client(cluster), cluster)
    try:
        return DaskExecutor(Client(address, timeout=10))
    except (OSError, ValueError) as error:
        raise ValueError(f"--address {address}: no Dask scheduler answers there ({error})") from None


def _dask_cluster(workers):
    """Dask on this machine, for this process alone: encrypted, and without its web pages.

    Whoever reaches a Dask scheduler may run anything in the name of its owner.  Ours listen on 127.0.0.1, where all
    users of the machine can; so both sides show a certificate that lasts as long as the process.  Without the package
    `cryptography` there are none, and the cluster is open to other users of this machine, which a sentence states.
    """
    import dask
    from distributed import LocalCluster
    from distributed.security import Security

    try:
        security = Security.temporary()
    except ImportError:
        security = None
        logging.getLogger("coble").warning(
            "Dask runs without encryption: other users of this machine could use it; pip install cryptography"
        )
    with dask.config.set({"distributed.scheduler.http.routes": [], "distributed.worker.http.routes": []}):
        cluster = LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None, security=security)
    cluster.scheduler.http_server.stop()  # without a dashboard it listens all the same
    return cluster


class DaskExecutor(Executor):
    """Tasks on a Dask client; also for one of your own, as of `dask_jobqueue`: `DaskExecutor(Client(cluster))`."""

    def __init__(self, client, cluster=None):
        self.client, self._cluster = client, cluster
        self._executor = client.get_executor(pure=False, retries=RETRIES)

    def submit(self, work, /, *arguments):
        return self._executor.submit(work, *arguments)

    def shutdown(self, wait=True, *, cancel_futures=False):
        self._executor.shutdown(wait=wait)
        self.client.close()
        if self._cluster is not None:
            self._cluster.close()
