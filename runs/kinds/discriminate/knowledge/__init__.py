"""What the shares of a wall are over the ranges of what is not known."""
