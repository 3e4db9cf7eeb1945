"""Tubules, particles and grains of metal sites, and the wall's sites beside them."""
