"""A lattice from any atoms: their bonds, heights, regions, and classes of edges."""
