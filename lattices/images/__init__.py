"""Lattices from labelled voxels, and the smooth surfaces between labels."""
