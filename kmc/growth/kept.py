"""What a part of a growing tubule keeps in a checkpoint."""


class Kept:
    """Attributes that are named in `KEPT`, as plain values."""

    KEPT = ()

    @property
    def state(self):
        """Plain values by name, for a checkpoint."""
        return {name: getattr(self, name) for name in self.KEPT}

    def restore(self, state):
        """Go back to a state."""
        for name, value in state.items():
            setattr(self, name, value)
