"""Tubules, from a case to physics: their sites, rates, and what is not known of them."""
