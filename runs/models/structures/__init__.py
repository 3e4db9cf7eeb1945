"""Structures and images of the user's own, from a case to physics."""
