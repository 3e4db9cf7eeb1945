"""What the shares of a wall are over the ranges of unknown numbers."""
