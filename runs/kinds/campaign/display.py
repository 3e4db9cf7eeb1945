"""Progress of a campaign."""

from coble.console.progress import Live
from coble.kinds.campaign import KIND


class CampaignDisplay(Live):
    """Shows where a campaign stands."""

    def __init__(self, console, folder=None, listen=None):
        super().__init__(console, folder, listen)
        self._first = None  # seconds, and replicas that were there, when it became known what is left

    def show(self, sweep):
        """`campaign · 3 of 8 points · 41 % · 1.2e+07 events · 40 s left of the whole`.

        The part is that of the replicas, known once all points have their exact answers.  The time counts replicas of
        this process alone.
        """
        counts = sweep.counts()
        done = counts["done"] + counts["failed"]
        note = f"{done} of {sum(counts.values())} points" + (f", {counts['failed']} failed" if counts["failed"] else "")
        left, numbers = sweep.replicas_left(), {"seconds_left": None}
        if left is not None:
            self._first = self._first or (sweep.seconds, sweep.n_replica)
            since, here = sweep.seconds - self._first[0], sweep.n_replica - self._first[1]
            numbers["done"] = sweep.n_replica / (sweep.n_replica + left) if left else 1.0
            if here:
                numbers["seconds_left"] = since * left / here
        self.say(KIND.name, note, events=int(sweep.n_event), **numbers)
