"""The seeds that there are: one range for case files, campaigns and the option."""

MOST_SEED = 2**63 - 1  # the largest whole number that every reader of TOML takes
