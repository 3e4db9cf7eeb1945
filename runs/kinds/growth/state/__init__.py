"""A run as it stands: where it is in its steps, what it recorded, and what a checkpoint keeps of it."""
