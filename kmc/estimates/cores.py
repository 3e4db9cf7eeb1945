"""Cores that several jobs share: of all pieces of work that wait, the most urgent comes next, whoever asked for it."""

from concurrent.futures import Executor, Future
from functools import partial
from itertools import count
from math import inf
from queue import PriorityQueue
from threading import Thread


class Cores:
    """So many threads, until the block ends.

    Parameters
    ----------
    number : int
    """

    def __init__(self, number):
        self._waiting, self._order = PriorityQueue(), count()
        self._threads = [Thread(target=self._work, daemon=True) for _ in range(number)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *exception):
        for _ in self._threads:
            self._waiting.put((inf, next(self._order), None, None))
        for thread in self._threads:
            thread.join()

    def at(self, urgency):
        """These cores for one job, a `Share`; of two pieces of work, that with the smaller urgency comes first."""
        return Share(self, urgency)

    def put(self, urgency, work):
        """Have a function of no arguments called; a `concurrent.futures.Future`."""
        found = Future()
        self._waiting.put((urgency, next(self._order), found, work))
        return found

    def _work(self):
        while self._one():  # which keeps nothing of it
            pass

    def _one(self):
        """Do what is most urgent, as soon as there is anything; false for the end."""
        *_, future, work = self._waiting.get()
        if future is not None and future.set_running_or_notify_cancel():
            try:
                future.set_result(work())
            except BaseException as error:  # for whoever asks for the result
                future.set_exception(error)
        return future is not None


class Share(Executor):
    """Shared cores as one job sees them: an executor that stays open."""

    def __init__(self, cores, urgency):
        self._cores, self._urgency = cores, urgency

    def submit(self, function, /, *arguments, **named):
        """See `concurrent.futures.Executor`."""
        return self._cores.put(self._urgency, partial(function, *arguments, **named))

    def do(self, function, *arguments):
        """What a function returns that one of the cores calls; never called by such a function itself."""
        return self.submit(function, *arguments).result()
