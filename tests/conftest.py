"""Small results that several test files read."""

from small_results import discriminated, plate, plated, shares  # noqa: F401
