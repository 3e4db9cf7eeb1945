"""What a case says of growth at constant current, in steps, and behind walls that fill."""
