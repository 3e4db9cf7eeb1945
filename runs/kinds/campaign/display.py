"""Progress of a campaign."""

from coble.console.progress import Live
from coble.kinds.campaign import KIND


class CampaignDisplay(Live):
    """Shows where a campaign stands."""

    def __init__(self, console, folder=None, listen=None):
        super().__init__(console, folder, listen)
        self._first = {}  # seconds, and what was there, when points, and then replicas, were first counted
        self._most = 0.0

    def show(self, sweep):
        """`campaign · 3 of 8 points done · 41 % · 1.2×10⁷ events · 40 s left of the whole`.

        Part and time left are those of the points, and of the replicas once all points have their exact answers.  The
        time counts what was done since this process began.
        """
        counts = sweep.counts()
        done = counts["done"] + counts["failed"]
        note = f"{counts['done']} of {sum(counts.values())} points done" + (
            f", {counts['failed']} failed" if counts["failed"] else ""
        )
        left, there = sweep.replicas_left(), sweep.n_replica
        if exact := left is None:
            left, there = sum(counts.values()) - done, done
            solved = sum(state.exact is not None for state in sweep.states.values())
            note += f", {solved} solved exactly" if solved else ""
        seconds, first = self._first.setdefault(exact, (sweep.seconds, there))
        here = there - first
        self._most = max(self._most, there / (there + left) if left else 1.0)
        self.say(
            KIND.name,
            note,
            done=self._most,
            events=int(sweep.n_event),
            seconds_left=(sweep.seconds - seconds) * left / here if here else None,
        )
